//! Another number of classes: the layers whose outputs are the logits get as many outputs.

use super::{Conv, Graph, Linear, Node, Op};

impl Graph {
    /// The graph for `classes` classes: the layers of [`Graph::classifiers`] get so many outputs. It is the graph as it was where
    /// it has that number of classes already.
    #[must_use]
    pub fn with_classes(mut self, classes: usize) -> Self {
        for index in self.classifiers() {
            let layer = &mut self.layers[index];
            layer.op = counting(layer.op, classes).unwrap_or(layer.op);
        }
        self
    }

    /// The layers with one output for each class, those of the auxiliary outputs first: going back from each output, the first
    /// convolution or linear layer. Layers behind it, such as SqueezeNet's pooling, keep the number of its channels.
    pub fn classifiers(&self) -> Vec<usize> {
        let outputs = self.heads.iter().map(|head| head.node).chain([self.output()]);
        outputs.filter_map(|output| self.classifier(output)).collect()
    }

    fn classifier(&self, mut node: Node) -> Option<usize> {
        loop {
            let index = node.layer()?;
            let layer = &self.layers[index];
            if counting(layer.op, 1).is_some() {
                return Some(index);
            }
            node = layer.inputs[0];
        }
    }
}

/// The operation with another number of outputs; none where that number is not its own but its input's.
fn counting(op: Op, outputs: usize) -> Option<Op> {
    match op {
        Op::Conv(conv) => Some(Op::Conv(Conv { channels: outputs, ..conv })),
        Op::Linear(_) => Some(Op::Linear(Linear { outputs })),
        Op::BatchNorm(_)
        | Op::InstanceNorm(_)
        | Op::MaxPool(_)
        | Op::AvgPool(_)
        | Op::GlobalAvgPool
        | Op::Lrn(_)
        | Op::Dropout(_)
        | Op::Add
        | Op::Scale
        | Op::Concat => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use crate::graph::fold::fold;
    use crate::graph::tensors::tensor_specs;
    use crate::networks::{CARDS, card};

    #[test]
    fn every_network_takes_any_number_of_classes() {
        for card in CARDS {
            let published = (card.graph)();
            let count = card.labels.count();
            assert_eq!(published.clone().with_classes(count), published, "{}: its own number changes nothing", card.id);
            for classes in [1, 2, 7, 1001] {
                let graph = (card.graph)().with_classes(classes);
                let shapes = graph.shapes().unwrap();
                for output in graph.heads().iter().map(|head| head.node).chain([graph.output()]) {
                    assert_eq!(shapes[output.index()].elements(), classes, "{}: {}", card.id, graph.name(output));
                }
                assert_eq!(fold(&graph).0, card.inference().with_classes(classes), "{}: folded first or last", card.id);
                assert_ne!(graph.hash().unwrap(), published.hash().unwrap());
            }
        }
    }

    #[test]
    fn nothing_but_the_classifiers_tensors_change() {
        for (id, classifiers) in [
            ("squeezenet1_1", &["conv10"][..]),
            ("googlenet", &["loss1/classifier", "loss2/classifier", "loss3/classifier"]),
            ("lenet5", &["output"]),
        ] {
            let published = card(id).unwrap().inference();
            let (before, after) =
                (tensor_specs(&published).unwrap(), tensor_specs(&published.with_classes(3)).unwrap());
            let changed: Vec<&str> =
                before.iter().zip(&after).filter(|(a, b)| a != b).map(|(a, _)| a.name.as_str()).collect();
            let expected: Vec<String> =
                classifiers.iter().flat_map(|layer| [format!("{layer}.weight"), format!("{layer}.bias")]).collect();
            assert_eq!(changed, expected);
        }
    }
}
