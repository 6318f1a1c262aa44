//! Folds batch normalisation into the convolution before it: fewer layers that compute the same function.

use super::{Activation, BatchNorm, Conv, Graph, Head, Layer, Node, Op};

/// What becomes of a convolution and the batch normalisation behind it.
///
/// With the tensors of the batch normalisation and `s = weight / √(running_var + epsilon)`, the convolution's new weight
/// is `weight · s` for each output channel, and its new bias is `(bias − running_mean) · s + bias of the normalisation`.
#[derive(Clone, Debug, PartialEq)]
pub struct Folding {
    /// The name of the convolution, which stays.
    pub conv: String,
    /// The name of the batch normalisation, which is gone.
    pub batch_norm: String,
    /// Added to the variance.
    pub epsilon: f32,
    /// Number of output channels.
    pub channels: usize,
    /// Whether the convolution had a bias before; it has one afterwards.
    pub had_bias: bool,
}

/// The graph for inference, and how its weights are computed from those of `graph`, which is the graph as published.
///
/// A batch normalisation is folded if it is the only reader of a convolution that has no activation function. Dropout is
/// left out, since it does nothing in inference.
pub fn fold(graph: &Graph) -> (Graph, Vec<Folding>) {
    let mut folded = Graph::new(graph.input());
    let mut foldings = Vec::new();
    // For each node of `graph`, the node of `folded` that has its value.
    let mut moved = vec![Node::INPUT];
    for layer in graph.layers() {
        let inputs: Vec<Node> = layer.inputs.iter().map(|node| moved[node.0]).collect();
        if let Op::Dropout(_) = layer.op
            && layer.activation == Activation::Identity
        {
            moved.push(inputs[0]);
        } else if let Some((conv, norm)) = foldable(graph, layer)
            && let Some(index) = inputs[0].layer()
        {
            let merged = &mut folded.layers[index];
            merged.activation = layer.activation;
            merged.op = Op::Conv(Conv { bias: true, ..conv });
            foldings.push(Folding {
                conv: merged.name.clone(),
                batch_norm: layer.name.clone(),
                epsilon: norm.epsilon,
                channels: conv.channels,
                had_bias: conv.bias,
            });
            moved.push(inputs[0]);
        } else {
            folded.layers.push(Layer { inputs, ..layer.clone() });
            moved.push(Node(folded.layers.len()));
        }
    }
    folded.cursor = moved[graph.cursor().0];
    folded.heads = graph.heads.iter().map(|head| Head { node: moved[head.node.0], ..*head }).collect();
    (folded, foldings)
}

/// The convolution before `layer` and the batch normalisation that `layer` is, if they can become one.
fn foldable(graph: &Graph, layer: &Layer) -> Option<(Conv, BatchNorm)> {
    let Op::BatchNorm(norm) = layer.op else { return None };
    let source = layer.inputs[0];
    let before = &graph.layers()[source.layer()?];
    let Op::Conv(conv) = before.op else { return None };
    let readers = graph.layers().iter().filter(|other| other.inputs.contains(&source)).count();
    (before.activation == Activation::Identity && readers == 1).then_some((conv, norm))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Shape;

    #[test]
    fn dropout_is_left_out() {
        let build = |with_dropout: bool| {
            let mut g = Graph::new(Shape::new(1, 4, 4));
            let conv = g.conv("conv", 2, 3).pad(1).node();
            if with_dropout {
                g.dropout("conv.dropout", 0.5);
            }
            g.add("add", if with_dropout { g.cursor() } else { conv });
            g.linear("output", 3);
            if with_dropout {
                g.dropout("output.dropout", 0.5);
            }
            g
        };
        let (folded, foldings) = fold(&build(true));
        let expected = build(false);
        assert!(foldings.is_empty());
        assert_eq!((folded.layers(), folded.output()), (expected.layers(), expected.output()));
    }

    #[test]
    fn batch_normalisation_is_folded_through_no_dropout() {
        let mut g = Graph::new(Shape::new(1, 4, 4));
        g.conv("conv", 2, 3);
        g.dropout("conv.dropout", 0.5);
        g.batch_norm("norm", 1e-5);
        let (folded, foldings) = fold(&g);
        let names: Vec<&str> = folded.layers().iter().map(|layer| layer.name.as_str()).collect();
        assert_eq!((names, foldings.len()), (vec!["conv", "norm"], 0));
    }
}
