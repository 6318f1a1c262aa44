//! The self-check of a device: whether it computes what the CPU computes. WebGPU is not used before it passes.
//!
//! Where a browser rejects a shader, no call fails, and the result is whatever the memory held before. Therefore a small
//! fixed network with one layer of each expensive kind runs on the device and with this project's kernels on the CPU, and
//! the logits are compared. The tests compare the CPU's kernels with burn and with PyTorch.

use std::borrow::Cow;

use super::{Device, Network};
use crate::error::{Error, Result};
use crate::frame::Input;
use crate::graph::tensors::TensorSpec;
use crate::graph::{Graph, Shape};
use crate::weights::{Tensor, Weights};

/// The greatest difference that is allowed, as a fraction of the greatest magnitude of the CPU's logits.
const TOLERANCE: f32 = 1e-3;
/// As [`TOLERANCE`], for a device that stores and multiplies in half precision, whose relative rounding error is 5e-4.
const HALF_TOLERANCE: f32 = 1e-2;

/// Compares the logits of `device` with those of the CPU's kernels. `compile` is passed on to [`Network::prepare`].
///
/// # Errors
/// [`Error::WrongResults`] if the logits differ, or the error of running the network on the device.
pub async fn check(device: &Device, compile: impl AsyncFnOnce(Vec<String>)) -> Result<()> {
    let expected = logits(&Device::Cpu, async |_| ()).await?;
    let found = logits(device, compile).await?;
    let greatest = expected.iter().fold(0.0f32, |greatest, value| greatest.max(value.abs()));
    let pairs = expected.iter().zip(&found);
    let worst = pairs.map(|(a, b)| (a - b).abs() / greatest).fold(0.0f32, |worst, error| match error.is_nan() {
        true => f32::INFINITY,
        false => worst.max(error),
    });
    let tolerance = if device.is_half() { HALF_TOLERANCE } else { TOLERANCE };
    if found.len() == expected.len() && worst <= tolerance {
        Ok(())
    } else {
        Err(Error::WrongResults(format!("a test network is off by {:.1} %", worst * 100.0)))
    }
}

/// The logits of the fixed network on a device.
async fn logits(device: &Device, compile: impl AsyncFnOnce(Vec<String>)) -> Result<Vec<f32>> {
    let graph = graph();
    let weights = Weights::formula(&graph)?;
    let shape = graph.input();
    let input = Input { values: (0..shape.elements()).map(|i| (i as f32 * 0.37).sin()).collect(), shape };
    let values = |tensor: &TensorSpec| {
        let values = weights.tensor(&tensor.name)?;
        // The linear layer in 8 bits, as weight files have it.
        let quantised = tensor.name == "linear.weight";
        Ok(if quantised {
            Cow::Owned(Tensor::int8(&values.dequantise(), tensor.shape[0]))
        } else {
            Cow::Borrowed(values)
        })
    };
    let network = Network::from_tensors(graph, values, device)?;
    network.prepare(compile).await?;
    network.logits(input).await
}

/// A network with one layer of each expensive kind. Its sides are multiples of 7, as those of networks for 224 pixels are, so that
/// some of its shaders serve them as well.
fn graph() -> Graph {
    let mut g = Graph::new(Shape::rgb(29));
    g.conv("conv", 16, 3).stride(2).relu(); //          16×14×14
    let shortcut = g.conv("winograd", 16, 3).pad(1).relu().node();
    g.conv("residual", 16, 3).pad(1); //                16×14×14
    g.add("sum", shortcut).relu();
    g.max_pool("max", 2, 2); //                         16×7×7
    g.conv("depthwise", 16, 3).groups(16).pad(1); //    16×7×7
    g.conv("pointwise", 24, 1).relu(); //               24×7×7
    g.avg_pool("mean", 2, 2); //                        24×3×3
    g.linear("linear", 10); //                          10
    g
}
