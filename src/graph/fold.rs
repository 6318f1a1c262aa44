//! Folds batch normalisation into the convolution before it: the same function with fewer layers.

use super::{Graph, Head, Layer, Node, Op};

/// A convolution that took over the batch normalisation behind it.
#[derive(Clone, Debug, PartialEq)]
pub struct Folding {
    /// The convolution's name; it keeps it.
    pub conv: String,
    /// The name of the batch normalisation that is gone.
    pub batch_norm: String,
    /// Added to the variance.
    pub epsilon: f32,
    /// Output channels.
    pub channels: usize,
    /// Whether the convolution had a bias of its own.
    pub had_bias: bool,
}

/// The graph for inference, and how its weights come from the original's.
///
/// Only a batch normalisation that directly follows a convolution without activation, and is its only reader, is
/// folded; each convolution that takes one over has a bias afterwards.
pub fn fold(graph: &Graph) -> (Graph, Vec<Folding>) {
    let mut folded = Graph::new(graph.input());
    let mut foldings = Vec::new();
    // Old node → new node.
    let mut moved = vec![Node::INPUT];
    for layer in graph.layers() {
        let inputs: Vec<Node> = layer.inputs.iter().map(|node| moved[node.0]).collect();
        if let (Op::BatchNorm { epsilon }, Some(conv)) = (layer.op, foldable(graph, layer)) {
            let target = inputs[0];
            if let Some(layer_index) = target.layer() {
                let merged = &mut folded.layers[layer_index];
                merged.activation = layer.activation;
                if let Op::Conv(parameters) = &mut merged.op {
                    foldings.push(Folding {
                        conv: conv.name.clone(),
                        batch_norm: layer.name.clone(),
                        epsilon,
                        channels: parameters.channels,
                        had_bias: parameters.bias,
                    });
                    parameters.bias = true;
                }
            }
            moved.push(target);
            continue;
        }
        folded.layers.push(Layer { inputs, ..layer.clone() });
        moved.push(Node(folded.layers.len()));
    }
    folded.cursor = moved[graph.cursor().0];
    folded.heads = graph.heads.iter().map(|head| Head { node: moved[head.node.0], ..*head }).collect();
    (folded, foldings)
}

/// The convolution into which `layer` can be folded.
fn foldable<'a>(graph: &'a Graph, layer: &Layer) -> Option<&'a Layer> {
    let source = layer.inputs[0];
    let conv = &graph.layers()[source.layer()?];
    let readers = graph.layers().iter().filter(|other| other.inputs.contains(&source)).count();
    let plain = conv.activation == super::Activation::Identity;
    (matches!(conv.op, Op::Conv(_)) && plain && readers == 1).then_some(conv)
}
