//! What computes the steps of a plan: a kernel each, or one for two that are computed together.

use super::memory::{Buffers, Run};
use super::options::LayerOptions;
use super::strips::Strips;
use super::vector::Aligned;
use super::{CpuKernel, Pool, Scratch};
use crate::engine::kernels::kinds::cpu_kernel;
use crate::engine::kernels::parameters::Packed;
use crate::engine::kernels::plan::{Plan, Step};
use crate::error::Result;

/// What computes all steps of a plan.
#[derive(Debug)]
pub(super) struct Units {
    units: Vec<Unit>,
    /// One flag a buffer: whether it is read or written.
    used: Vec<bool>,
}

/// What computes one step, whose index comes first, or it and the one before it.
#[derive(Debug)]
enum Unit {
    Step(usize, Box<dyn CpuKernel>),
    Strips(usize, Box<Strips>),
}

impl Units {
    /// Those of a plan, the quickest; `options` has one entry a layer.
    pub(super) fn new(plan: &Plan, options: &[LayerOptions]) -> Self {
        Self::of(plan, options, |index| Strips::of(plan, index, options))
    }

    /// Those of a plan, one for each step.
    pub(super) fn step_by_step(plan: &Plan, options: &[LayerOptions]) -> Self {
        Self::of(plan, options, |_| None)
    }

    /// Those of a plan; `strips` gives what computes a step and the next one together.
    fn of(plan: &Plan, options: &[LayerOptions], strips: impl Fn(usize) -> Option<Strips>) -> Self {
        let mut units = Vec::with_capacity(plan.steps.len());
        let mut used = vec![false; plan.buffers.len()];
        used[plan.input.buffer] = true;
        let mut index = 0;
        while let Some(step) = plan.steps.get(index) {
            if let Some(strips) = strips(index) {
                let second = &plan.steps[index + 1];
                used[strips.first().input.buffer] = true;
                used[second.output.buffer] = true;
                second.second_input().into_iter().for_each(|view| used[view.buffer] = true);
                units.push(Unit::Strips(index + 1, Box::new(strips)));
                index += 2;
            } else {
                step.reads().chain([step.output]).for_each(|view| used[view.buffer] = true);
                units.push(Unit::Step(index, cpu_kernel(step, plan, options[step.layer])));
                index += 1;
            }
        }
        Self { units, used }
    }

    /// Bytes of the tables of all.
    pub(super) fn table_bytes(&self) -> u64 {
        let bytes = self.units.iter().map(|unit| match unit {
            Unit::Step(_, kernel) => kernel.table_bytes(),
            Unit::Strips(_, strips) => strips.table_bytes(),
        });
        bytes.sum()
    }

    /// Elements of a thread's scratch memory that suffice for all.
    pub(super) fn scratch(&self) -> [usize; 3] {
        self.units.iter().fold([0; 3], |most, unit| {
            let needed = match unit {
                Unit::Step(_, kernel) => kernel.scratch(),
                Unit::Strips(_, strips) => strips.scratch(),
            };
            std::array::from_fn(|part| most[part].max(needed[part]))
        })
    }

    /// Elements of each of the plan's buffers: none of those that nothing uses.
    pub(super) fn elements(&self, plan: &Plan) -> impl Iterator<Item = usize> {
        plan.buffers.iter().zip(&self.used).map(|(buffer, used)| if *used { buffer.elements() } else { 0 })
    }

    /// Runs all steps; `done` is called after each that has a result in a buffer. `weights` has one entry a layer.
    ///
    /// # Errors
    /// What a kernel gives.
    pub(super) fn run(
        &self,
        plan: &Plan,
        weights: &[Packed],
        memory: (&mut [Aligned], &mut [Scratch]),
        pool: &Pool,
        done: &mut dyn FnMut(&Step),
    ) -> Result<()> {
        let (elements, scratch) = memory;
        for unit in &self.units {
            let (Unit::Step(index, _) | Unit::Strips(index, _)) = unit;
            let step = &plan.steps[*index];
            // A step never reads the buffer that it writes.
            let mut output = std::mem::take(&mut elements[step.output.buffer]);
            let run = Run { step, buffers: Buffers { plan, elements }, output: &mut output, scratch, pool };
            let own = &weights[step.layer];
            let result = match unit {
                Unit::Step(_, kernel) => kernel.run(own, run),
                Unit::Strips(_, strips) => strips.run([&weights[strips.first().layer], own], run),
            };
            elements[step.output.buffer] = output;
            result?;
            done(step);
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::engine::kernels::cpu::{CpuOptions, int8};
    use crate::engine::kernels::parameters::all_outputs;
    use crate::graph::{Graph, Node};
    use crate::networks::card;

    /// The names of the layers whose values are never there as a whole.
    fn in_strips(id: &str, asked: impl Fn(&Graph) -> Vec<Node>) -> Vec<String> {
        let graph = card(id).unwrap().inference();
        let plan = Plan::new(&graph, &asked(&graph), true).unwrap();
        let units = Units::new(&plan, &int8::by_layer(&graph, &CpuOptions::default()).unwrap());
        let name = |unit: &Unit| match unit {
            Unit::Step(..) => None,
            Unit::Strips(_, strips) => Some(graph.layers()[strips.first().layer].name.clone()),
        };
        units.units.iter().filter_map(name).collect()
    }

    #[test]
    fn large_values_that_only_a_depthwise_convolution_reads_are_computed_in_strips() {
        let names = ["conv_stem", "blocks.1.expand_conv", "blocks.2.expand_conv", "blocks.3.expand_conv"];
        assert_eq!(in_strips("efficientnet_lite0", all_outputs)[..4], names);
        assert!(in_strips("resnet50", all_outputs).is_empty());
    }

    #[test]
    fn values_that_are_asked_for_have_a_buffer() {
        let every = |graph: &Graph| (1..=graph.layers().len()).map(Node).collect();
        assert!(in_strips("efficientnet_lite0", every).is_empty());
        let stem = |_: &Graph| vec![Node(1), Node(3)];
        assert!(in_strips("efficientnet_lite0", stem).is_empty());
    }
}
