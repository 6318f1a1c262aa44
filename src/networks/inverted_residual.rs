//! The block of MobileNetV2, of which EfficientNet consists, too. (Sandler et al. 2018, arXiv:1801.04381, Table 1)

use crate::graph::{Activation, Graph, Padding};

/// A block's layers: a 1×1 convolution widens, a depthwise one filters each channel, and a 1×1 convolution narrows again,
/// without an activation function. The input is added where the shape stays.
#[derive(Clone, Copy)]
pub(super) struct InvertedResidual {
    /// Number of input channels.
    pub(super) input: usize,
    /// How many times as many channels there are inside the block; for 1 there is no convolution that widens.
    pub(super) expand: usize,
    /// Number of output channels.
    pub(super) output: usize,
    /// Side of the depthwise convolution's kernel, in pixels.
    pub(super) kernel: usize,
    /// Stride of the depthwise convolution, in pixels.
    pub(super) stride: usize,
    /// Padding of the depthwise convolution.
    pub(super) padding: Padding,
    /// Applied after widening and after the depthwise convolution.
    pub(super) activation: Activation,
    /// The epsilon of the batch normalisations.
    pub(super) epsilon: f32,
}

/// The names of a block's layers: those of a convolution and of its batch normalisation.
pub(super) struct Names {
    pub(super) expand: [String; 2],
    pub(super) depthwise: [String; 2],
    pub(super) project: [String; 2],
    pub(super) add: String,
}

impl InvertedResidual {
    /// Number of channels inside the block.
    pub(super) fn wide(&self) -> usize {
        self.input * self.expand
    }

    /// Adds the block to a graph; `inside` adds what stands before the convolution that narrows.
    pub(super) fn add_to(&self, g: &mut Graph, names: Names, inside: impl FnOnce(&mut Graph)) {
        let Self { activation, epsilon, .. } = *self;
        let shortcut = g.cursor();
        let wide = self.wide();
        if self.expand > 1 {
            let [conv, norm] = names.expand;
            g.conv(conv, wide, 1).no_bias();
            g.batch_norm(norm, epsilon).activation(activation);
        }
        let [conv, norm] = names.depthwise;
        g.conv(conv, wide, self.kernel).groups(wide).stride(self.stride).padding(self.padding).no_bias();
        g.batch_norm(norm, epsilon).activation(activation);
        inside(g);
        let [conv, norm] = names.project;
        g.conv(conv, self.output, 1).no_bias();
        g.batch_norm(norm, epsilon);
        if self.stride == 1 && self.input == self.output {
            g.add(names.add, shortcut);
        }
    }
}

/// A layer of a block under timm's name: the block's number in the network, the layer, and the tensor's part. timm counts stages,
/// which have so many `repeats`, and the blocks in each; the first stage's blocks do not widen. Layers are called here
/// `expand_conv`, `bn0`, `depthwise_conv`, `bn1`, `se_reduce`, `se_expand`, `project_conv` and `bn2`.
/// (timm, `_efficientnet_blocks.py`: `DepthwiseSeparableConv`, `InvertedResidual`, `SqueezeExcite`)
pub(super) fn timm_layer<'a>(official: &'a str, repeats: &[usize]) -> Option<(usize, &'static str, &'a str)> {
    let mut parts = official.strip_prefix("blocks.")?.splitn(3, '.');
    let (stage, block): (usize, usize) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let (layer, part) = parts.next()?.rsplit_once('.')?;
    (block < *repeats.get(stage)?).then_some(())?;
    let layer = match (stage, layer) {
        (_, "conv_dw") => "depthwise_conv",
        (_, "se.conv_reduce") => "se_reduce",
        (_, "se.conv_expand") => "se_expand",
        (0, "bn1") => "bn1",
        (0, "conv_pw") => "project_conv",
        (0, "bn2") => "bn2",
        (_, "conv_pw") => "expand_conv",
        (_, "bn1") => "bn0",
        (_, "bn2") => "bn1",
        (_, "conv_pwl") => "project_conv",
        (_, "bn3") => "bn2",
        _ => return None,
    };
    Some((repeats[..stage].iter().sum::<usize>() + block, layer, part))
}
