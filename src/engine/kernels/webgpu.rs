//! WebGPU: a plan's steps as compute shaders. Pipelines, buffers and bind groups are made once; a run is one submission.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use crate::error::{Error, Result};
use crate::frame::Input;
use crate::graph::tensors::TensorSpec;
use crate::graph::{Graph, Layer, Node};
use crate::weights::Tensor;

use super::parameters::{self, Tensors};
use super::plan::{Geometry, Kind, LANES, Plan, Step, View, Window};
use super::winograd::{Form, Winograd};

mod channelwise;
mod conv;
mod device;
mod linear;
mod mapped;
#[cfg(not(target_family = "wasm"))]
mod profile;
mod shader;
mod winograd;

pub use device::Gpu;
#[cfg(not(target_family = "wasm"))]
pub use profile::{LayerTime, peak};

use channelwise::Channelwise;
use conv::Tile;
use shader::{ActivationForm, Precision, Shapes};
use winograd::TransformShader;

/// Where F(4×4, 3×3) gives way to F(2×2, 3×3): its weights are four times those of the file, and hardware waits for
/// memory where a software adapter waits for arithmetic.
const FOUR_FROM: usize = 24;
const FOUR_FROM_IN_SOFTWARE: usize = 12;
/// A network in the device's memory.
#[derive(Debug)]
pub struct WebGpuNetwork {
    gpu: Rc<Gpu>,
    graph: Graph,
    layers: Vec<Packed>,
    /// Made for the values that were outputs last.
    ready: RefCell<Option<Rc<Ready>>>,
}

/// A layer's weights as its shaders read them.
#[derive(Debug, Default)]
enum Packed {
    #[default]
    None,
    Conv {
        form: Form,
        tile: Tile,
        weights: wgpu::Buffer,
        bias: wgpu::Buffer,
    },
    Depthwise {
        weights: wgpu::Buffer,
        bias: wgpu::Buffer,
    },
    Linear {
        format: linear::Format,
        tile: linear::Tile,
        weights: wgpu::Buffer,
        scales: Option<wgpu::Buffer>,
        bias: wgpu::Buffer,
    },
}

/// A plan with its memory and its dispatches.
#[derive(Debug)]
struct Ready {
    outputs: Vec<Node>,
    plan: Plan,
    buffers: Vec<wgpu::Buffer>,
    /// For Winograd's factors and products.
    scratch: [wgpu::Buffer; 3],
    dispatches: Vec<Dispatch>,
    /// The input as it is written.
    input: RefCell<Vec<f32>>,
    /// Buffers that the results are read from; one that is being read is not here.
    staging: RefCell<Vec<wgpu::Buffer>>,
}

#[derive(Debug)]
struct Dispatch {
    /// The graph's layer; only the profile asks.
    #[cfg_attr(target_family = "wasm", expect(dead_code, reason = "there is no profile in a browser yet"))]
    layer: usize,
    pipeline: wgpu::ComputePipeline,
    bind_group: wgpu::BindGroup,
    workgroups: [u32; 3],
}

/// A dispatch whose shader may not be compiled yet.
struct Draft {
    layer: usize,
    text: String,
    buffers: Vec<wgpu::Buffer>,
    workgroups: [u32; 3],
}

impl WebGpuNetwork {
    /// Packs and uploads the weights of a folded graph; `values` is asked for one tensor at a time.
    ///
    /// # Errors
    /// What `values` gives, or [`Error::BadGraph`] for a graph that has no plan.
    pub fn new<'v>(
        graph: Graph,
        values: impl FnMut(&TensorSpec) -> Result<Cow<'v, Tensor>>,
        gpu: &Rc<Gpu>,
    ) -> Result<Self> {
        let plan = Plan::new(&graph, &parameters::outputs(&graph), false)?;
        let pack = |layer: &Layer, step: &Step, tensors: Tensors<'_>| packed(gpu, layer, step, &tensors);
        let layers = parameters::each(&graph, &plan, values, pack)?;
        Ok(Self { gpu: gpu.clone(), graph, layers, ready: RefCell::new(None) })
    }

    /// Makes pipelines and memory for `outputs` values, so that the first run need not. `compile` is given all shaders
    /// that are new on the device, to compile them side by side before they are used one by one.
    ///
    /// # Errors
    /// [`Error::BadGraph`] for values that have no plan.
    pub async fn prepare(&self, outputs: &[Node], compile: impl AsyncFnOnce(Vec<String>)) -> Result<()> {
        let unfinished = Unfinished::new(self, outputs)?;
        let mut texts: Vec<&String> = unfinished.drafts.iter().map(|draft| &draft.text).collect();
        texts.sort();
        texts.dedup();
        compile(texts.into_iter().filter(|text| !self.gpu.has_pipeline(text)).cloned().collect()).await;
        *self.ready.borrow_mut() = Some(Rc::new(unfinished.finish(&self.gpu)));
        Ok(())
    }

    fn ready(&self, outputs: &[Node]) -> Result<Rc<Ready>> {
        let mut ready = self.ready.borrow_mut();
        match &*ready {
            Some(found) if found.outputs == outputs => Ok(found.clone()),
            _ => Ok(ready.insert(Rc::new(Unfinished::new(self, outputs)?.finish(&self.gpu))).clone()),
        }
    }

    /// Runs the network; each outputs value comes channel by channel.
    ///
    /// # Errors
    /// [`Error::BadGraph`] for values that have no plan, [`Error::DeviceLost`] where they cannot be read back.
    pub async fn run(&self, input: &Input, outputs: &[Node]) -> Result<Vec<Vec<f32>>> {
        let ready = self.ready(outputs)?;
        ready.write(&self.gpu, input);
        let staging = ready.submit(&self.gpu);
        let bytes = mapped::read(&self.gpu.device, &staging).await?;
        ready.staging.borrow_mut().push(staging);
        let mut rest = bytes.as_slice();
        let mut values = Vec::new();
        for &view in &ready.plan.outputs {
            let geometry = &ready.plan.buffers[view.buffer];
            let (elements, behind) = rest.split_at(geometry.elements() * self.gpu.precision.size());
            rest = behind;
            values.push(channel_by_channel(&self.gpu.precision.elements(elements), geometry, view));
        }
        Ok(values)
    }
}

/// A browser frees a buffer when it collects its garbage, which it does when its own memory is short, not the device's.
impl Drop for WebGpuNetwork {
    fn drop(&mut self) {
        for layer in &self.layers {
            match layer {
                Packed::None => {}
                Packed::Conv { weights, bias, .. } | Packed::Depthwise { weights, bias } => {
                    weights.destroy();
                    bias.destroy();
                }
                Packed::Linear { weights, scales, bias, .. } => {
                    [Some(weights), scales.as_ref(), Some(bias)].into_iter().flatten().for_each(wgpu::Buffer::destroy);
                }
            }
        }
    }
}

impl Drop for Ready {
    fn drop(&mut self) {
        let staging = self.staging.borrow();
        self.buffers.iter().chain(&self.scratch).chain(staging.iter()).for_each(wgpu::Buffer::destroy);
    }
}

fn channel_by_channel(elements: &[f32], geometry: &Geometry, view: View) -> Vec<f32> {
    let shape = view.shape;
    let indices = (0..shape.channels).flat_map(|channel| {
        let pixels = (0..shape.height as isize).flat_map(|y| (0..shape.width as isize).map(move |x| (y, x)));
        pixels.map(move |(y, x)| geometry.at(y, x) + view.first_channel + channel)
    });
    indices.map(|index| elements[index]).collect()
}

fn packed(gpu: &Gpu, layer: &Layer, step: &Step, tensors: &Tensors<'_>) -> Result<Packed> {
    let output = step.output.shape;
    let (inputs, outputs) = (step.input.shape.channels, output.channels);
    let bias = || gpu.upload(&Precision::Single.bytes(&tensors.filled_bias(outputs)));
    let elements = |elements: &[f32]| gpu.upload(&gpu.precision.bytes(elements));
    Ok(match step.kind {
        Kind::Conv { window, groups, .. } => {
            let all = tensors.weight.dequantise();
            let (inputs, each) = (inputs / groups, outputs / groups);
            let taps = window.kernel * window.kernel;
            let form = form(gpu, window, groups, step);
            let (rows, width) = match form {
                Form::Direct => (output.height, output.width),
                Form::Winograd(form) => {
                    let (across, down) = form.tiles(output);
                    (form.products(), across * down)
                }
            };
            let tile = Tile::choose(rows, width, each.div_ceil(LANES), groups, gpu.software);
            let weights = match form {
                Form::Direct => elements(&conv::pack(outputs, inputs, taps, tile.vectors, |output, input, tap| {
                    all[(output * inputs + input) * taps + tap]
                })),
                Form::Winograd(form) => gpu.upload_parts(form.products(), |product| {
                    let factors = form.factors(&all, product);
                    conv::pack(outputs, inputs, 1, tile.vectors, |output, input, _| factors[output * inputs + input])
                }),
            };
            Packed::Conv { form, tile, weights, bias: bias() }
        }
        Kind::Depthwise { window, .. } => {
            Packed::Depthwise { weights: elements(&tensors.by_tap(outputs, window.kernel)), bias: bias() }
        }
        Kind::Linear => {
            let tile = linear::Tile::of(gpu.software);
            let packed = linear::pack(&tensors.weight, outputs, inputs, tile, gpu.precision);
            Packed::Linear {
                format: packed.format,
                tile,
                weights: gpu.upload(&packed.weights),
                scales: (packed.format != linear::Format::Float)
                    .then(|| gpu.upload(&Precision::Single.bytes(&packed.scales))),
                bias: bias(),
            }
        }
        _ => return Err(Error::BadGraph { layer: layer.name.clone(), reason: "it has tensors but no kernel".into() }),
    })
}

fn form(gpu: &Gpu, window: Window, groups: usize, step: &Step) -> Form {
    let four_from = match (gpu.precision, gpu.software) {
        // Its factors leave half precision's range of exact sums.
        (Precision::Half, _) => usize::MAX,
        (_, true) => FOUR_FROM_IN_SOFTWARE,
        (_, false) => FOUR_FROM,
    };
    match groups {
        1 => Form::choose(window, step.input.shape.channels, step.output.shape.channels, step.output.shape, four_from),
        // The products' weights know no groups.
        _ => Form::Direct,
    }
}

/// A view's start and steps, in vectors.
fn steps(geometry: &Geometry, view: View, y: isize, x: isize) -> [u32; 3] {
    [geometry.at(y, x) + view.first_channel, geometry.row(), geometry.pixel].map(|elements| (elements / LANES) as u32)
}

/// A plan with its memory, whose shaders may not be compiled yet.
struct Unfinished {
    outputs: Vec<Node>,
    plan: Plan,
    buffers: Vec<wgpu::Buffer>,
    scratch: [wgpu::Buffer; 3],
    drafts: Vec<Draft>,
}

impl Unfinished {
    fn new(network: &WebGpuNetwork, outputs: &[Node]) -> Result<Self> {
        let gpu = &network.gpu;
        let plan = Plan::new(&network.graph, outputs, false)?;
        let buffers: Vec<_> = plan.buffers.iter().map(|geometry| gpu.buffer(geometry.elements())).collect();
        let mut maker = Maker { gpu, plan: &plan, buffers: &buffers, drafts: Vec::new() };
        // The last one stays zero: what is added to products.
        let scratch = maker.scratch_sizes(&network.layers).map(|elements| gpu.buffer(elements.max(LANES)));
        for step in &plan.steps {
            maker.step(step, &network.layers[step.layer], &scratch)?;
        }
        let drafts = maker.drafts;
        Ok(Self { outputs: outputs.into(), plan, buffers, scratch, drafts })
    }

    fn finish(self, gpu: &Gpu) -> Ready {
        let Self { outputs, plan, buffers, scratch, drafts } = self;
        let input = RefCell::new(vec![0.0; plan.buffers[plan.input.buffer].elements()]);
        let dispatches = drafts.into_iter().map(|draft| draft.finish(gpu)).collect();
        Ready { outputs, plan, buffers, scratch, dispatches, input, staging: RefCell::default() }
    }
}

impl Draft {
    fn finish(self, gpu: &Gpu) -> Dispatch {
        let pipeline = gpu.pipeline(&self.text);
        let entries = self.buffers.iter().enumerate().map(|(binding, buffer)| wgpu::BindGroupEntry {
            binding: binding as u32,
            resource: buffer.as_entire_binding(),
        });
        let bind_group = gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: None,
            layout: &pipeline.get_bind_group_layout(0),
            entries: &entries.collect::<Vec<_>>(),
        });
        Dispatch { layer: self.layer, pipeline, bind_group, workgroups: self.workgroups }
    }
}

impl Ready {
    /// Copies the input to where the plan wants it.
    fn write(&self, gpu: &Gpu, input: &Input) {
        let mut elements = self.input.borrow_mut();
        self.plan.write_input(&input.values, &mut elements);
        gpu.queue.write_buffer(&self.buffers[self.plan.input.buffer], 0, &gpu.precision.bytes(&elements));
    }

    /// Submits all dispatches and the copy of the results.
    fn submit(&self, gpu: &Gpu) -> wgpu::Buffer {
        let size = |view: &View| (self.plan.buffers[view.buffer].elements() * gpu.precision.size()) as u64;
        let staging = self.staging.borrow_mut().pop();
        let staging = staging.unwrap_or_else(|| gpu.staging(self.plan.outputs.iter().map(size).sum()));
        let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        encode(&mut encoder, self.dispatches.iter());
        let mut offset = 0;
        for view in &self.plan.outputs {
            encoder.copy_buffer_to_buffer(&self.buffers[view.buffer], 0, &staging, offset, size(view));
            offset += size(view);
        }
        gpu.queue.submit([encoder.finish()]);
        staging
    }
}

fn encode<'a>(encoder: &mut wgpu::CommandEncoder, dispatches: impl Iterator<Item = &'a Dispatch>) {
    let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
    for dispatch in dispatches {
        pass.set_pipeline(&dispatch.pipeline);
        pass.set_bind_group(0, &dispatch.bind_group, &[]);
        let [x, y, z] = dispatch.workgroups;
        pass.dispatch_workgroups(x, y, z);
    }
}

/// Makes dispatches of steps.
struct Maker<'a> {
    gpu: &'a Gpu,
    plan: &'a Plan,
    buffers: &'a [wgpu::Buffer],
    drafts: Vec<Draft>,
}

impl Maker<'_> {
    fn geometry(&self, view: View) -> &Geometry {
        &self.plan.buffers[view.buffer]
    }

    /// Elements for the largest of Winograd's inputs, of its products, and for a product's bias.
    fn scratch_sizes(&self, layers: &[Packed]) -> [usize; 3] {
        let mut sizes = [0; 3];
        for step in &self.plan.steps {
            if let Packed::Conv { form: Form::Winograd(form), .. } = &layers[step.layer] {
                let (across, down) = form.tiles(step.output.shape);
                let each = form.products() * across * down;
                // A bias is in single precision.
                sizes[2] = sizes[2].max(2 * step.output.shape.channels.next_multiple_of(LANES));
                for (size, view) in sizes.iter_mut().zip([step.input, step.output]) {
                    *size = (*size).max(each * view.shape.channels.next_multiple_of(LANES));
                }
            }
        }
        sizes
    }

    fn add(
        &mut self,
        layer: usize,
        text: String,
        shapes: Shapes,
        buffers: &[&wgpu::Buffer],
        threads: [u32; 3],
        workgroup: [u32; 3],
    ) {
        let shapes = self.gpu.uniform(&shapes.bytes());
        let buffers = [shapes].into_iter().chain(buffers.iter().map(|&buffer| buffer.clone())).collect();
        let workgroups = std::array::from_fn(|axis| threads[axis].div_ceil(workgroup[axis]));
        self.drafts.push(Draft { layer, text, buffers, workgroups });
    }

    fn step(&mut self, step: &Step, packed: &Packed, scratch: &[wgpu::Buffer; 3]) -> Result<()> {
        let (from, to) = (step.input.shape, step.output.shape);
        let vectors = |channels: usize| channels.div_ceil(LANES) as u32;
        let window = match step.kind {
            Kind::Conv { window, .. } | Kind::Depthwise { window, .. } => window,
            Kind::MaxPool(window) | Kind::AvgPool(window) => window,
            _ => Window { kernel: 1, stride: 1, top: 0, left: 0 },
        };
        // A convolution's windows begin in the halo; pooling looks whether it is inside.
        let corner = match step.kind {
            Kind::Conv { .. } | Kind::Depthwise { .. } => [window.top, window.left].map(|pixels| -(pixels as isize)),
            _ => [0, 0],
        };
        let residual = step.reads().nth(1);
        let (activation, limits) = ActivationForm::of(step.activation);
        let shapes = Shapes {
            input: steps(self.geometry(step.input), step.input, corner[0], corner[1]),
            output: steps(self.geometry(step.output), step.output, 0, 0),
            residual: residual.map_or([0; 3], |view| steps(self.geometry(view), view, 0, 0)),
            height: to.height as u32,
            width: to.width as u32,
            outs: vectors(to.channels),
            in_height: from.height as u32,
            in_width: from.width as u32,
            ins: vectors(from.channels),
            top: window.top as u32,
            left: window.left as u32,
            kernel: window.kernel as u32,
            stride: window.stride as u32,
            group: vectors(to.channels),
            add: residual.is_some().into(),
            limits,
            ..Shapes::default()
        };
        let (buffers, precision) = (self.buffers, self.gpu.precision);
        let (input, output) = (&buffers[step.input.buffer], &buffers[step.output.buffer]);
        // Where nothing is added the binding takes what is there.
        let residual = residual.map_or(input, |view| &buffers[view.buffer]);
        let mut bound = vec![input, output];
        match (step.kind, packed) {
            (Kind::Conv { groups, .. }, Packed::Conv { form: Form::Direct, tile, weights, bias }) => {
                let shapes = Shapes {
                    ins: vectors(from.channels / groups),
                    tiles: to.width.div_ceil(tile.pixels) as u32,
                    group: vectors(to.channels / groups),
                    ..shapes
                };
                bound.extend([weights, bias, residual]);
                self.conv(step.layer, *tile, activation, shapes, &bound);
            }
            (Kind::Conv { .. }, Packed::Conv { form: Form::Winograd(form), tile, weights, bias }) => {
                self.winograd(*form, *tile, step, shapes, [weights, bias, residual], scratch);
            }
            (Kind::Depthwise { window: Window { kernel, stride, .. }, .. }, Packed::Depthwise { weights, bias }) => {
                let text = channelwise::text(Channelwise::Depthwise { kernel, stride }, activation, precision);
                let shapes = Shapes { tiles: shapes.width.div_ceil(channelwise::DEPTHWISE_PIXELS as u32), ..shapes };
                bound.extend([weights, bias, residual]);
                let threads = [shapes.outs, shapes.tiles * shapes.height, 1];
                self.add(step.layer, text, shapes, &bound, threads, channelwise::WORKGROUP);
            }
            (Kind::Linear, Packed::Linear { format, tile, weights, scales, bias }) => {
                let groups = from.channels.div_ceil(crate::weights::GROUP) as u32;
                let shapes = Shapes { ins: format.reads(from.channels) as u32, group: groups, ..shapes };
                bound.push(weights);
                bound.extend(scales);
                bound.push(bias);
                let text = linear::text(*format, *tile, activation, precision);
                self.add(step.layer, text, shapes, &bound, [tile.workgroups(to.channels), 1, 1], [1; 3]);
            }
            (Kind::Flatten, _) => {
                let text = linear::flatten(precision);
                self.add(step.layer, text, shapes, &bound, [shapes.outs, 1, 1], linear::FLATTEN);
            }
            (kind, _) => {
                let kind = match kind {
                    Kind::MaxPool(_) => Channelwise::MaxPool,
                    Kind::AvgPool(_) => Channelwise::AvgPool,
                    Kind::GlobalAvgPool => Channelwise::GlobalAvgPool,
                    Kind::Lrn(lrn) => Channelwise::Lrn(lrn),
                    Kind::Add(_) => Channelwise::Add,
                    Kind::Scale(_) => Channelwise::Scale,
                    _ => return Err(Error::Internal(format!("step {} lacks its weights", step.layer))),
                };
                if shapes.add != 0 {
                    bound.push(residual);
                }
                let text = channelwise::text(kind, activation, precision);
                let threads = [shapes.outs, shapes.width * shapes.height, 1];
                self.add(step.layer, text, shapes, &bound, threads, channelwise::WORKGROUP);
            }
        }
        Ok(())
    }

    fn conv(&mut self, layer: usize, tile: Tile, activation: ActivationForm, shapes: Shapes, bound: &[&wgpu::Buffer]) {
        let text = conv::text(tile, activation, self.gpu.precision);
        let threads = [shapes.tiles * shapes.height, shapes.outs.div_ceil(tile.vectors as u32), 1];
        self.add(layer, text, shapes, bound, threads, conv::WORKGROUP);
    }

    /// Three dispatches: the input's transform, the products, the output's transform.
    fn winograd(
        &mut self,
        form: Winograd,
        tile: Tile,
        step: &Step,
        shapes: Shapes,
        [weights, bias, residual]: [&wgpu::Buffer; 3],
        [inputs, products, zeros]: &[wgpu::Buffer; 3],
    ) {
        let precision = self.gpu.precision;
        let (across, down) = form.tiles(step.output.shape);
        let count = (across * down) as u32;
        let Shapes { ins, outs, .. } = shapes;
        let geometry = self.geometry(step.input);
        let Kind::Conv { window, .. } = step.kind else { return };
        // What can be read, counted from the first window's corner.
        let readable = |before: usize, pixels: usize, behind: usize| (before + pixels + behind) as u32;
        let before = Shapes {
            output: [0, count * ins, ins],
            width: count,
            tiles: across as u32,
            in_height: readable(window.top, geometry.height, geometry.halo.bottom),
            in_width: readable(window.left, geometry.width, geometry.halo.right),
            ..shapes
        };
        let buffers = self.buffers;
        let (input, output) = (&buffers[step.input.buffer], &buffers[step.output.buffer]);
        let text = TransformShader::Input { form }.text(precision);
        self.add(step.layer, text, before, &[input, inputs], [ins, count, 1], winograd::WORKGROUP);

        let product = Shapes {
            input: [0, count * ins, ins],
            output: [0, count * outs, outs],
            height: form.products() as u32,
            width: count,
            tiles: count.div_ceil(tile.pixels as u32),
            kernel: 1,
            row_weights: outs.div_ceil(tile.vectors as u32) * ins * (tile.vectors * LANES) as u32,
            add: 0,
            limits: [f32::MIN, f32::MAX],
            ..shapes
        };
        self.conv(step.layer, tile, ActivationForm::Limits, product, &[inputs, products, weights, zeros, inputs]);

        let after = Shapes { input: [0, count * outs, outs], in_width: count, tiles: across as u32, ..shapes };
        let text = TransformShader::Output { form, activation: ActivationForm::of(step.activation).0 }.text(precision);
        let bound = [products, output, bias, residual];
        self.add(step.layer, text, after, &bound, [outs, count, 1], winograd::WORKGROUP);
    }
}
