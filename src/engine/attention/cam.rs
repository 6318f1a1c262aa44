//! Class activation maps. Zhou, Khosla, Lapedriza, Oliva & Torralba 2016, "Learning deep features for discriminative
//! localization", arXiv:1512.04150, section 2.

use super::grid::{Grid, grid};
use super::{AttentionMap, Cells, Method, chosen};
use crate::engine::Network;
use crate::error::{Error, Result};
use crate::frame::Input;
use crate::graph::{Activation, Graph, Node, Op, Shape};

/// The end of a network whose logits are sums over the pixels of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ending {
    /// The value that is averaged over its pixels, `[channels, height, width]`.
    pub averaged: Node,
    /// The linear layer behind the averages; none where the averages themselves are the logits, one channel a class.
    pub linear: Option<usize>,
}

/// How the main output of a graph is made, where it is the mean over all pixels of a layer's output, or a linear layer of
/// such means. None for other networks.
///
/// # Errors
/// As [`Graph::shapes`].
pub fn ending(graph: &Graph) -> Result<Option<Ending>> {
    let shapes = graph.shapes()?;
    let averaged = |node: Node| -> Option<Node> {
        let layer = &graph.layers()[node.layer()?];
        let value = layer.inputs[0];
        let is_mean = averages_all(&layer.op, shapes[value.index()], shapes[node.index()]);
        (is_mean && layer.activation == Activation::Identity).then_some(value)
    };
    let Some(last) = graph.output().layer() else { return Ok(None) };
    let layer = &graph.layers()[last];
    Ok(match layer.op {
        Op::Linear(_) if layer.activation == Activation::Identity => {
            averaged(layer.inputs[0]).map(|averaged| Ending { averaged, linear: Some(last) })
        }
        _ => averaged(graph.output()).map(|averaged| Ending { averaged, linear: None }),
    })
}

/// Whether a layer gives the mean of each channel of all pixels of `value`.
fn averages_all(op: &Op, value: Shape, output: Shape) -> bool {
    match op {
        Op::GlobalAvgPool => true,
        // One window, which begins in the padding and covers all; padding is left out of the mean.
        Op::AvgPool(pool) => {
            let is_one = (output.height, output.width) == (1, 1);
            is_one && pool.kernel >= pool.padding + value.height.max(value.width)
        }
        _ => false,
    }
}

/// `map[y, x] = Σ_c weight[class, c] · value[c, y, x] / (height · width)`.
///
/// With the paper's sum divided by the number of pixels, as the network's average divides it, the cells add up to the
/// class's logit without its bias: exactly, but for rounding. Where the averages themselves are the logits, as in
/// SqueezeNet, the map is the class's own channel, divided in the same way, and its cells add up to the logit.
pub(super) async fn map(
    network: &Network,
    input: &Input,
    class: Option<usize>,
    mut pause: impl AsyncFnMut(usize, usize) -> Result<()>,
) -> Result<AttentionMap> {
    let graph = network.graph();
    let none =
        "it does not average its last layer over all pixels; ask for an occlusion map, or let burn compute a hirescam";
    let Ending { averaged, linear } = ending(graph)?.ok_or_else(|| Error::NoMap(none.into()))?;
    pause(0, 1).await?;
    let values = network.activations(input, &[averaged, graph.output()]).await?;
    let [value, logits] = values.as_slice() else { return Err(Error::Internal("two values were asked for".into())) };
    let class = chosen(class, logits)?;
    let Shape { height, width, .. } = graph.shapes()?[averaged.index()];
    let pixels = height * width;
    let mut data = vec![0.0; pixels];
    match linear {
        Some(layer) => {
            let weights = network.linear_row(layer, class).await?;
            for (channel, weight) in value.chunks_exact(pixels).zip(weights) {
                data.iter_mut().zip(channel).for_each(|(sum, value)| *sum += weight * value);
            }
        }
        None => data.copy_from_slice(&value[class * pixels..][..pixels]),
    }
    data.iter_mut().for_each(|sum| *sum /= pixels as f32);
    let Grid { centre, step } = grid(graph, averaged)?;
    let cells = Cells { width, height, data, centre, step };
    Ok(AttentionMap { method: Method::Cam, layer: graph.name(averaged).into(), class, cells })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::networks::CARDS;

    #[test]
    fn networks_that_average_their_last_layer_are_known_by_their_layers() {
        let averaged: Vec<_> = CARDS
            .iter()
            .filter_map(|card| {
                let graph = card.inference();
                let ending = ending(&graph).unwrap()?;
                Some((card.id, graph.name(ending.averaged).to_string(), ending.linear.is_some()))
            })
            .collect();
        let averaged: Vec<_> = averaged.iter().map(|(id, layer, linear)| (*id, layer.as_str(), *linear)).collect();
        let expected = [
            ("googlenet", "inception_5b/output", true),
            ("resnet18", "layer4.1.add", true),
            ("resnet34", "layer4.2.add", true),
            ("resnet50", "layer4.2.add", true),
            ("resnet101", "layer4.2.add", true),
            ("resnet152", "layer4.2.add", true),
            ("squeezenet1_1", "conv10", false),
            ("mobilenet_v2", "features.18.0", true),
            ("efficientnet_b0", "conv_head", true),
            ("efficientnet_lite0", "conv_head", true),
            ("efficientnet_lite1", "conv_head", true),
            ("efficientnet_lite2", "conv_head", true),
        ];
        assert_eq!(averaged, expected);
    }

    #[test]
    fn an_average_that_is_not_linear_or_not_of_all_pixels_has_no_map() {
        let end = |build: fn(&mut Graph)| {
            let mut graph = Graph::new(Shape::rgb(4));
            build(&mut graph);
            ending(&graph).unwrap().is_some()
        };
        assert!(end(|g| {
            g.avg_pool("mean", 4, 1);
            g.linear("fc", 2);
        }));
        assert!(!end(|g| {
            g.avg_pool("mean", 3, 1);
            g.linear("fc", 2);
        }));
        assert!(!end(|g| {
            g.avg_pool("mean", 3, 2);
            g.linear("fc", 2);
        }));
        assert!(!end(|g| {
            g.max_pool("most", 4, 1);
            g.linear("fc", 2);
        }));
        assert!(!end(|g| {
            g.global_avg_pool("mean").relu();
            g.linear("fc", 2);
        }));
        assert!(!end(|g| {
            g.global_avg_pool("mean");
            g.linear("fc", 2).relu();
        }));
        assert!(!end(|_| ()));
    }
}
