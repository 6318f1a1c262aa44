//! Gradient times activation, element by element. Draelos & Carin 2020, "Use HiResCAM instead of Grad-CAM for faithful
//! explanations of convolutional neural networks", arXiv:2011.08891, section 3.3.

use super::grid::{Grid, grid};
use super::{AttentionMap, Cells, Method, chosen};
use crate::engine::Network;
use crate::error::{Error, Result};
use crate::frame::Input;
use crate::graph::{Graph, Node, Shape};

/// `map[y, x] = Σ_c ∂logit / ∂value[c, y, x] · value[c, y, x]`, where `value` is the output of the layer.
///
/// Of the last layer of a network that ends in global average pooling, it is the class activation map. Where only linear
/// layers and rectifiers follow, the logit is the sum of the cells and of what the biases contribute.
pub(super) async fn map(
    network: &Network,
    input: &Input,
    class: Option<usize>,
    layer: Option<&str>,
    mut pause: impl AsyncFnMut(usize, usize) -> Result<()>,
) -> Result<AttentionMap> {
    let graph = network.graph();
    let node = match layer {
        Some(name) => named(graph, name)?,
        None => last_with_pixels(graph)?,
    };
    pause(0, 1).await?;
    let (class, data) = network.gradient_times(input, node, |logits| chosen(class, logits)).await?;
    let Shape { height, width, .. } = graph.shapes()?[node.index()];
    let Grid { centre, step } = grid(graph, node)?;
    let cells = Cells { width, height, data, centre, step };
    Ok(AttentionMap { method: Method::HiResCam, layer: graph.name(node).into(), class, cells })
}

/// The output of the layer of this name, where it has a map.
fn named(graph: &Graph, name: &str) -> Result<Node> {
    let node = graph.node(name).ok_or_else(|| Error::UnknownLayer(name.into()))?;
    if has_map(graph, node)? {
        return Ok(node);
    }
    Err(Error::NoMap(format!(
        "the layer “{name}” has one pixel, or only an auxiliary output needs it; choose a layer with several pixels that \
         leads to the main output"
    )))
}

/// The last value with more than one pixel on the way to the main output.
fn last_with_pixels(graph: &Graph) -> Result<Node> {
    for layer in (0..graph.layers().len()).rev() {
        let node = Node(layer + 1);
        if has_map(graph, node)? {
            return Ok(node);
        }
    }
    Err(Error::NoMap("none of its layers has more than one pixel; ask for an occlusion map".into()))
}

/// Whether a value has more than one pixel and the main output depends on it.
fn has_map(graph: &Graph, node: Node) -> Result<bool> {
    let Shape { height, width, .. } = graph.shapes()?[node.index()];
    let needed = graph.needed(&[graph.output()]);
    Ok(height * width > 1 && node.layer().is_some_and(|layer| needed[layer]))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::networks::card;

    #[test]
    fn the_last_layer_with_pixels_is_found() {
        for (id, expected) in [
            ("lenet5", "s4"),
            ("alexnet", "pool5"),
            ("vgg16", "pool5"),
            ("resnet18", "layer4.1.add"),
            ("squeezenet1_1", "conv10"),
            ("googlenet", "inception_5b/output"),
        ] {
            let graph = card(id).unwrap().inference();
            assert_eq!(graph.name(last_with_pixels(&graph).unwrap()), expected);
        }
    }

    #[test]
    fn a_layer_without_pixels_or_beside_the_main_output_is_refused() {
        let graph = card("googlenet").unwrap().inference();
        assert!(named(&graph, "inception_3a/1x1").is_ok());
        for layer in ["loss3/classifier", "loss1/conv"] {
            assert!(matches!(named(&graph, layer), Err(Error::NoMap(_))), "{layer}");
        }
        assert!(matches!(named(&graph, "conv99"), Err(Error::UnknownLayer(_))));
    }
}
