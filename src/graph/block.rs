//! Blocks: groups of layers that the papers draw as one, found by the layers' names.

use super::Graph;

/// The name of the block that each layer belongs to; none for a layer that stands alone.
///
/// Layers of a block have names that begin alike: `inception_3a/1x1`, `layer1.0.conv2`, `blocks.3.add`, `conv4_1`. A
/// beginning that only one layer has is not a block.
pub fn blocks(graph: &Graph) -> Vec<Option<&str>> {
    let named: Vec<Option<&str>> = graph.layers().iter().map(|layer| beginning(&layer.name)).collect();
    let is_shared = |block: &&str| named.iter().filter(|other| **other == Some(*block)).count() > 1;
    named.iter().map(|block| block.filter(is_shared)).collect()
}

/// The part of a layer's name that names its block, if it has such a part.
fn beginning(layer: &str) -> Option<&str> {
    if let Some((block, _)) = layer.split_once('/') {
        return Some(block);
    }
    // A word and a number: `layer1.0`, `blocks.3`.
    if let Some((word, rest)) = layer.split_once('.') {
        let (number, _) = rest.split_once('.')?;
        return is_number(number).then(|| &layer[..word.len() + 1 + number.len()]);
    }
    // VGG's `conv4_1`.
    layer
        .split_once('_')
        .filter(|(stage, number)| stage.starts_with("conv") && is_number(number))
        .map(|(stage, _)| stage)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::networks::card;

    /// The block of a layer of a network for inference.
    fn block(network: &str, layer: &str) -> Option<String> {
        let graph = card(network).unwrap().inference();
        let index = graph.node(layer).unwrap().layer().unwrap();
        blocks(&graph)[index].map(String::from)
    }

    #[test]
    fn blocks_are_those_of_the_papers() {
        for (network, layer, expected) in [
            ("lenet5", "c1", None),
            ("alexnet", "conv2", None),
            ("vgg16", "conv4_3", Some("conv4")),
            ("vgg16", "pool4", None),
            ("googlenet", "inception_3a/pool_proj", Some("inception_3a")),
            ("googlenet", "loss1/classifier", Some("loss1")),
            ("googlenet", "loss3/classifier", None),
            ("googlenet", "conv1/7x7_s2", None),
            ("resnet50", "layer3.5.add", Some("layer3.5")),
            ("resnet18", "layer2.0.downsample.0", Some("layer2.0")),
            ("resnet18", "fc", None),
            ("squeezenet1_1", "fire9/concat", Some("fire9")),
            ("squeezenet1_1", "conv10", None),
            ("mobilenet_v2", "features.4.conv.0.0", Some("features.4")),
            ("mobilenet_v2", "features.18.0", None),
            ("mobilenet_v2", "classifier.1", None),
            ("efficientnet_b0", "blocks.15.excite", Some("blocks.15")),
            ("efficientnet_b0", "conv_stem", None),
        ] {
            assert_eq!(block(network, layer).as_deref(), expected, "{network}: {layer}");
        }
    }
}
