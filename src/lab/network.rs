//! The graph of an experiment.

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
