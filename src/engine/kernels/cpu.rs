//! The CPU: a plan's steps one after the other, on vectors of four elements, in memory that stays between runs.

use std::borrow::Cow;

use crate::error::{Error, Result};
use crate::frame::Input;
use crate::graph::tensors::TensorSpec;
use crate::graph::{Graph, Layer, Node, Shape};
use crate::weights::Tensor;

use super::parameters::{self, Tensors};
use super::plan::{Geometry, Kind, Plan, Step, View};
use super::winograd::Form;

mod conv;
mod depthwise;
mod gemm;
mod linear;
mod lrn;
mod pool;
mod vector;
mod winograd;

use conv::{Direct, Epilogue, Reading, offsets};
use gemm::Panels;
use linear::LinearWeights;
use pool::{Source, Target};
use vector::Aligned;
pub use vector::fuses;
use winograd::{Scratch, Tiles};

/// Where F(4×4, 3×3) gives way to F(2×2, 3×3): on a smaller output its tiles hang over the edge, and its weights,
/// four times those of the file, take longer to come from memory than they save.
const FOUR_FROM: usize = 12;
/// A network in the CPU's memory.
#[derive(Debug)]
pub struct CpuNetwork {
    graph: Graph,
    layers: Vec<Packed>,
    /// Made for the values that were outputs last.
    ready: Option<Ready>,
}

/// A layer's weights as its kernel reads them.
#[derive(Debug, Default)]
enum Packed {
    #[default]
    None,
    Conv {
        panels: Vec<Panels>,
        bias: Vec<f32>,
    },
    Depthwise {
        weights: Vec<f32>,
        bias: Vec<f32>,
    },
    Linear {
        matrix: LinearWeights,
        bias: Vec<f32>,
    },
}

/// A plan with its memory.
#[derive(Debug)]
struct Ready {
    outputs: Vec<Node>,
    plan: Plan,
    buffers: Vec<Aligned>,
    steps: Vec<ReadyStep>,
    scratch: Scratch,
    squares: Vec<f32>,
}

/// What a step needs besides its weights.
#[derive(Debug)]
enum ReadyStep {
    Direct { direct: Direct, lanes: usize, at: Offsets },
    Winograd { tiles: Tiles, at: Offsets },
    Depthwise { at: Offsets },
    Other,
}

/// Where a step's output pixels begin.
#[derive(Debug)]
struct Offsets {
    output: Vec<u32>,
    residual: Option<(usize, Vec<u32>)>,
}

impl CpuNetwork {
    /// Packs the weights of a folded graph; `values` is asked for one tensor at a time.
    ///
    /// # Errors
    /// What `values` gives, or [`Error::BadGraph`] for a graph that has no plan.
    pub fn new<'v>(graph: Graph, values: impl FnMut(&TensorSpec) -> Result<Cow<'v, Tensor>>) -> Result<Self> {
        let plan = Plan::new(&graph, &parameters::outputs(&graph), true)?;
        let pack = |_: &Layer, step: &Step, tensors: Tensors<'_>| Ok(packed(step, &plan.buffers, tensors));
        let layers = parameters::each(&graph, &plan, values, pack)?;
        Ok(Self { graph, layers, ready: None })
    }

    /// Makes memory for `outputs` values, so that the first run need not.
    ///
    /// # Errors
    /// [`Error::BadGraph`] for values that have no plan.
    pub fn prepare(&mut self, outputs: &[Node]) -> Result<()> {
        ready(&mut self.ready, &self.graph, outputs).map(|_| ())
    }

    /// Runs the network; each outputs value comes channel by channel.
    ///
    /// # Errors
    /// [`Error::BadGraph`] for values that have no plan.
    pub fn run(&mut self, input: &Input, outputs: &[Node]) -> Result<Vec<Vec<f32>>> {
        let ready = ready(&mut self.ready, &self.graph, outputs)?;
        ready.write(input);
        ready.run(&self.layers)?;
        Ok(ready.plan.outputs.iter().map(|&view| ready.read(view)).collect())
    }
}

/// What is there for `outputs` values, or made now.
fn ready<'r>(ready: &'r mut Option<Ready>, graph: &Graph, outputs: &[Node]) -> Result<&'r mut Ready> {
    let found = match ready.take() {
        Some(found) if found.outputs == outputs => found,
        _ => Ready::new(graph, outputs)?,
    };
    Ok(ready.insert(found))
}

fn packed(step: &Step, buffers: &[Geometry], tensors: Tensors<'_>) -> Packed {
    let (input, output) = (step.input.shape.channels, step.output.shape.channels);
    let bias = tensors.filled_bias(output);
    match step.kind {
        Kind::Conv { window, groups, .. } => {
            let weights = tensors.weight.dequantise();
            let panels = match form(step) {
                Form::Direct => {
                    let reading = Reading::new(&buffers[step.input.buffer], step.input, groups);
                    conv::pack(&weights, output, input, window.kernel, groups, reading.lanes)
                }
                Form::Winograd(form) => winograd::pack(form, &weights, output, input, groups),
            };
            Packed::Conv { panels, bias }
        }
        Kind::Depthwise { window, .. } => Packed::Depthwise { weights: tensors.by_tap(output, window.kernel), bias },
        Kind::Linear => Packed::Linear { matrix: LinearWeights::new(tensors.weight.into_owned(), input), bias },
        _ => Packed::None,
    }
}

fn form(step: &Step) -> Form {
    let Kind::Conv { window, groups, .. } = step.kind else { return Form::Direct };
    let (input, output) = (step.input.shape, step.output.shape);
    Form::choose(window, input.channels / groups, output.channels / groups, output, FOUR_FROM)
}

impl Ready {
    fn new(graph: &Graph, outputs: &[Node]) -> Result<Self> {
        let plan = Plan::new(graph, outputs, true)?;
        let buffers = plan.buffers.iter().map(|geometry| Aligned::zeros(geometry.elements())).collect();
        let mut scratch = Scratch::default();
        let steps = plan.steps.iter().map(|step| ready_step(step, &plan.buffers, &mut scratch)).collect();
        Ok(Self { outputs: outputs.into(), plan, buffers, steps, scratch, squares: Vec::new() })
    }

    /// Copies the input to where the plan wants it.
    fn write(&mut self, input: &Input) {
        self.plan.write_input(&input.values, &mut self.buffers[self.plan.input.buffer]);
    }

    /// A value, channel by channel.
    fn read(&self, view: View) -> Vec<f32> {
        let geometry = &self.plan.buffers[view.buffer];
        let elements = &self.buffers[view.buffer];
        let Shape { channels, height, width } = view.shape;
        let mut values = Vec::with_capacity(view.shape.len());
        for channel in view.first_channel..view.first_channel + channels {
            for y in 0..height {
                let first = geometry.at(y as isize, 0) + channel;
                // One by one: an input's pixel may have fewer elements than a vector.
                values.extend(elements[first..].iter().step_by(geometry.pixel).take(width));
            }
        }
        values
    }

    fn run(&mut self, layers: &[Packed]) -> Result<()> {
        for (step, ready) in self.plan.steps.iter().zip(&self.steps) {
            let mut output = std::mem::take(&mut self.buffers[step.output.buffer]);
            let geometry = |view: View| &self.plan.buffers[view.buffer];
            let source = |view: View| Source { elements: &self.buffers[view.buffer], geometry: geometry(view), view };
            let input = source(step.input);
            match (step.kind, ready, &layers[step.layer]) {
                (Kind::Conv { .. }, ReadyStep::Direct { direct, lanes, at }, Packed::Conv { panels, bias }) => {
                    direct.run(input.elements, panels, *lanes, at.epilogue(&mut output, bias, &self.buffers, step));
                }
                (Kind::Conv { .. }, ReadyStep::Winograd { tiles, at }, Packed::Conv { panels, bias }) => {
                    let mut epilogue = at.epilogue(&mut output, bias, &self.buffers, step);
                    tiles.run(input.elements, panels, &mut self.scratch, &mut epilogue);
                }
                (Kind::Depthwise { window, .. }, ReadyStep::Depthwise { at }, Packed::Depthwise { weights, bias }) => {
                    let mut epilogue = at.epilogue(&mut output, bias, &self.buffers, step);
                    let shape = step.output.shape;
                    depthwise::run(input.elements, input.geometry, step.input, window, shape, weights, &mut epilogue);
                }
                (Kind::Linear, _, Packed::Linear { matrix, bias }) => {
                    let outputs = &mut output[step.output.first_channel..][..step.output.shape.channels];
                    for (index, output) in outputs.iter_mut().enumerate() {
                        *output = matrix.row(index, input.elements) + bias[index];
                    }
                    vector::activate_all(outputs, step.activation);
                }
                (Kind::Flatten, ..) => pool::flatten(input, &mut output),
                (kind, ..) => {
                    let geometry = geometry(step.output);
                    let elements = &mut output;
                    let mut target = Target { elements, geometry, view: step.output, activation: step.activation };
                    match kind {
                        Kind::MaxPool(window) => pool::max(input, &mut target, window),
                        Kind::AvgPool(window) => pool::average(input, &mut target, window),
                        Kind::GlobalAvgPool => pool::global_average(input, &mut target),
                        Kind::Lrn(lrn) => lrn::run(input, &mut target, &lrn, &mut self.squares),
                        Kind::Add(other) => {
                            let other = source(other);
                            target.fill(|y, x, cells| {
                                cells.copy_from_slice(input.pixel(y, x));
                                vector::merge(cells, other.pixel(y, x), |a, b| a + b);
                            });
                        }
                        Kind::Scale(factors) => {
                            let factors = source(factors);
                            target.fill(|y, x, cells| {
                                cells.copy_from_slice(input.pixel(y, x));
                                vector::merge(cells, factors.pixel(0, 0), |value, factor| value * factor);
                            });
                        }
                        _ => return Err(Error::Internal(format!("step {} lacks its weights", step.layer))),
                    }
                }
            }
            self.buffers[step.output.buffer] = output;
        }
        Ok(())
    }
}

impl Offsets {
    fn new(step: &Step, buffers: &[Geometry], residual: Option<View>) -> Self {
        let of = |view: View| offsets(&buffers[view.buffer], view, 0);
        Self { output: of(step.output), residual: residual.map(|view| (view.buffer, of(view))) }
    }

    fn epilogue<'a>(
        &'a self,
        output: &'a mut [f32],
        bias: &'a [f32],
        buffers: &'a [Aligned],
        step: &Step,
    ) -> Epilogue<'a> {
        let residual = self.residual.as_ref();
        Epilogue {
            output,
            offsets: &self.output,
            bias,
            residual: residual.map(|(buffer, offsets)| (&buffers[*buffer][..], offsets.as_slice())),
            activation: step.activation,
        }
    }
}

fn ready_step(step: &Step, buffers: &[Geometry], scratch: &mut Scratch) -> ReadyStep {
    let geometry = buffers[step.input.buffer];
    let shape = step.output.shape;
    match step.kind {
        Kind::Conv { window, groups, residual } => {
            let at = Offsets::new(step, buffers, residual);
            match form(step) {
                Form::Direct => {
                    let reading = Reading::new(&geometry, step.input, groups);
                    let direct = Direct::new(&geometry, step.input, window, shape, reading);
                    ReadyStep::Direct { direct, lanes: reading.lanes, at }
                }
                Form::Winograd(form) => {
                    let tiles = Tiles::new(form, geometry, step.input, window, shape, groups, scratch);
                    ReadyStep::Winograd { tiles, at }
                }
            }
        }
        Kind::Depthwise { residual, .. } => ReadyStep::Depthwise { at: Offsets::new(step, buffers, residual) },
        _ => ReadyStep::Other,
    }
}
