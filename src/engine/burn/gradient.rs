//! The gradient of a class's logit with respect to a layer's output.

use burn::tensor::Tensor;

use super::{Network, download, run};
use crate::error::{Error, Result};
use crate::frame::Input;
use crate::graph::Node;

impl Network {
    /// The gradient of a logit with respect to the value `node`, times that value, summed over its channels: `[height,
    /// width]`. `choose` gets the logits, and gives the class whose logit it is; it comes back with the result.
    ///
    /// Only what the value's readers compute is recorded for the gradient. The layers before it, and those on the way past
    /// it, run as usual.
    ///
    /// # Errors
    /// What `choose` gives, and as [`Network::run`].
    pub async fn gradient_times(
        &self,
        input: &Input,
        node: Node,
        choose: impl FnOnce(&[f32]) -> Result<usize>,
    ) -> Result<(usize, Vec<f32>)> {
        let input = self.upload(input);
        let one = |mut values: Vec<Tensor<4>>| {
            values.pop().ok_or_else(|| Error::Internal("a value that was asked for was not computed".into()))
        };
        let value = one(run::run(&self.graph, &self.parameters, input.clone(), &[node])?)?;
        let tracked = value.clone().autodiff().require_grad();
        let given = vec![(Node::INPUT, input), (node, tracked.clone())];
        let logits = one(run::continued(&self.graph, &self.parameters, given, &[self.graph.output()])?)?;
        let class = choose(&download(logits.clone().inner()).await?)?;
        let gradients = logits.narrow(1, class, 1).backward();
        let gradient = tracked.grad(&gradients);
        let gradient = gradient.ok_or_else(|| Error::Internal("the output does not depend on this layer".into()))?;
        Ok((class, download((gradient * value).sum_dim(1)).await?))
    }
}
