//! The graph of a run.

use super::config::{Config, Family, Function};
use crate::graph::{Activation, Graph, Node, Shape};
use crate::networks::lenet5::lenet5;
use crate::train::digits::SIDE;

/// Number of classes.
const CLASSES: usize = 10;
/// Of the losses of auxiliary classifiers. (Szegedy et al. 2014, arXiv:1409.4842, section 5)
const HEAD_WEIGHT: f32 = 0.3;
/// Added to variances in batch normalisation. (Ioffe & Szegedy 2015, arXiv:1502.03167)
const EPSILON: f32 = 1e-5;

/// Builds the graph: `depth` hidden layers "layer1", "layer2" and so on, and "output".
pub fn graph(config: &Config) -> Graph {
    match config.family {
        Family::Lenet5 => lenet5(),
        Family::Linear | Family::Convolutional => hidden_layers(config),
    }
}

fn hidden_layers(config: &Config) -> Graph {
    let mut g = Graph::new(Shape::new(1, SIDE, SIDE));
    let mut next = 1;
    while next <= config.depth {
        // The first layer changes the shape, so that nothing can be added to what it makes.
        let has_shortcut = config.shortcuts && next > 1 && next < config.depth;
        if has_shortcut {
            block(&mut g, config, next);
        } else {
            hidden_layer(&mut g, config, next, config.activation.into());
        }
        let before = next;
        next += if has_shortcut { 2 } else { 1 };
        for (head, share) in [("head1", 1), ("head2", 2)] {
            if config.auxiliary && (before..next).contains(&(config.depth * share / 3)) {
                auxiliary(&mut g, config, head);
            }
        }
    }
    classifier(&mut g, config, "output");
    g
}

/// A layer, normalised and dropped where that is chosen.
fn hidden_layer(g: &mut Graph, config: &Config, number: usize, activation: Activation) {
    let name = format!("layer{number}");
    let own = if config.batch_norm { Activation::Identity } else { activation };
    match config.family {
        Family::Convolutional => {
            let stride = if number == 1 { 2 } else { 1 };
            g.conv(&name, config.width, 3).stride(stride).pad(1).activation(own);
        }
        Family::Linear | Family::Lenet5 => {
            g.linear(&name, config.width).activation(own);
        }
    }
    if config.batch_norm {
        g.batch_norm(format!("{name}.norm"), EPSILON).activation(activation);
    }
    if config.dropout > 0.0 {
        g.dropout(format!("{name}.dropout"), config.dropout);
    }
}

/// Two layers, to whose output their input is added before the last activation function. (He et al. 2015, arXiv:1512.03385,
/// figure 2)
fn block(g: &mut Graph, config: &Config, first: usize) {
    let input: Node = g.cursor();
    hidden_layer(g, config, first, config.activation.into());
    hidden_layer(g, config, first + 1, Activation::Identity);
    g.add(format!("layer{}.add", first + 1), input).activation(config.activation.into());
}

/// An auxiliary classifier on the value that the next layer reads.
fn auxiliary(g: &mut Graph, config: &Config, name: &str) {
    let trunk = g.cursor();
    classifier(g, config, name);
    g.head(HEAD_WEIGHT);
    g.at(trunk);
}

fn classifier(g: &mut Graph, config: &Config, name: &str) {
    if config.family == Family::Convolutional {
        g.global_avg_pool(format!("{name}.pool"));
    }
    g.linear(name, CLASSES);
}

impl From<Function> for Activation {
    fn from(function: Function) -> Self {
        match function {
            Function::Sigmoid => Self::Sigmoid,
            Function::Tanh => Self::Tanh,
            Function::Relu => Self::Relu,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use serde_json::{Value, json};

    use super::super::config::tests::config;
    use super::*;
    use crate::graph::Op;

    fn built(changes: &Value) -> Graph {
        graph(&config(changes).unwrap())
    }

    fn names(graph: &Graph) -> Vec<&str> {
        graph.layers().iter().map(|layer| layer.name.as_str()).collect()
    }

    #[test]
    fn layers_are_numbered() {
        assert_eq!(names(&built(&json!({ "depth": 3 }))), ["layer1", "layer2", "layer3", "output"]);
        let all = json!({ "depth": 2, "batchNorm": true, "dropout": 0.5, "family": "convolutional" });
        let expected = [
            "layer1",
            "layer1.norm",
            "layer1.dropout",
            "layer2",
            "layer2.norm",
            "layer2.dropout",
            "output.pool",
            "output",
        ];
        let graph = built(&all);
        assert_eq!(names(&graph), expected);
        assert_eq!(graph.shapes().unwrap()[1], Shape::new(64, 14, 14));
        let activations: Vec<Activation> = graph.layers()[..2].iter().map(|layer| layer.activation).collect();
        assert_eq!(
            activations,
            [Activation::Identity, Activation::Relu],
            "the function stands behind the normalisation"
        );
    }

    #[test]
    fn heads_stand_at_a_third_and_at_two_thirds() {
        for (depth, shortcuts, expected) in [
            (20, false, ["layer6", "layer13"]),
            (3, false, ["layer1", "layer2"]),
            (9, true, ["layer3.add", "layer7.add"]),
        ] {
            let graph = built(&json!({ "depth": depth, "auxiliary": true, "shortcuts": shortcuts }));
            let layers = graph.layers();
            let read = graph.heads().iter().map(|head| {
                let classifier = &layers[head.node.layer().unwrap()];
                (layers[classifier.inputs[0].layer().unwrap()].name.as_str(), head.weight)
            });
            assert_eq!(read.collect::<Vec<_>>(), expected.map(|name| (name, HEAD_WEIGHT)), "{depth}");
            assert_eq!(layers[graph.output().layer().unwrap()].name, "output");
        }
    }

    #[test]
    fn shortcuts_pass_two_layers_and_every_layer_is_there_once() {
        for (depth, expected) in [
            (2, vec![]),
            (3, vec![("layer1", "layer3.add")]),
            (4, vec![("layer1", "layer3.add")]),
            (7, vec![("layer1", "layer3.add"), ("layer3.add", "layer5.add"), ("layer5.add", "layer7.add")]),
        ] {
            let graph = built(&json!({ "depth": depth, "shortcuts": true, "width": 8 }));
            let adds = graph.layers().iter().filter(|layer| matches!(layer.op, Op::Add));
            let ends = adds.map(|layer| {
                let from = layer.inputs.iter().map(|node| graph.layers()[node.layer().unwrap()].name.as_str());
                (from.min().unwrap(), layer.name.as_str())
            });
            // The sum reads the second layer and the shortcut; the shortcut comes from further up.
            let from =
                |layer: &str| layer.trim_start_matches("layer").trim_end_matches(".add").parse::<usize>().unwrap();
            let ends: Vec<(usize, &str)> = ends.map(|(first, name)| (from(first), name)).collect();
            assert_eq!(ends, expected.iter().map(|(first, name)| (from(first), *name)).collect::<Vec<_>>(), "{depth}");
            let linear = graph.layers().iter().filter(|layer| matches!(layer.op, Op::Linear(_))).count();
            assert_eq!(linear, depth + 1, "{depth}");
            graph.shapes().unwrap();
        }
    }

    #[test]
    fn lenet5_is_the_gallerys() {
        assert_eq!(names(&built(&json!({ "family": "lenet5" }))), names(&lenet5()));
    }
}
