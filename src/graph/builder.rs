//! Adding layers to a graph. Each kind's own method stands in the kind's file in `ops/`.

use super::{Activation, Graph, Layer, Node, Op};

/// A layer that was just added to a graph, to be described further. `K` holds the parameters of the layer's kind.
///
/// Only what the kind has can be set:
///
/// ```
/// # use convscope::graph::{Graph, Shape};
/// let mut g = Graph::new(Shape::rgb(32));
/// g.conv("conv", 8, 3).stride(2).groups(1).same().no_bias().relu();
/// g.max_pool("pool", 3, 2).pad(1).ceil();
/// ```
///
/// The stride of pooling is an argument of [`Graph::max_pool`]; there is nothing to set afterwards:
///
/// ```compile_fail,E0599
/// # use convscope::graph::{Graph, Shape};
/// let mut g = Graph::new(Shape::rgb(32));
/// g.max_pool("pool", 3, 2).stride(1);
/// ```
///
/// A convolution has no window that reaches beyond its padding:
///
/// ```compile_fail,E0599
/// # use convscope::graph::{Graph, Shape};
/// let mut g = Graph::new(Shape::rgb(32));
/// g.conv("conv", 8, 3).ceil();
/// ```
///
/// A linear layer has no padding:
///
/// ```compile_fail,E0599
/// # use convscope::graph::{Graph, Shape};
/// let mut g = Graph::new(Shape::rgb(32));
/// g.linear("linear", 10).pad(1);
/// ```
///
/// Pooling has no bias:
///
/// ```compile_fail,E0599
/// # use convscope::graph::{Graph, Shape};
/// let mut g = Graph::new(Shape::rgb(32));
/// g.avg_pool("pool", 2, 2).no_bias();
/// ```
#[derive(Debug)]
pub struct LayerMut<'a, K> {
    layer: &'a mut Layer,
    node: Node,
    parameters: K,
    op: fn(K) -> Op,
}

impl<K> LayerMut<'_, K> {
    /// The layer's output.
    pub fn node(&self) -> Node {
        self.node
    }

    /// Applies `max(0, x)` to the layer's output.
    pub fn relu(self) -> Self {
        self.activation(Activation::Relu)
    }

    /// Applies an activation function to the layer's output.
    pub fn activation(self, activation: Activation) -> Self {
        self.layer.activation = activation;
        self
    }
}

impl<K: Copy> LayerMut<'_, K> {
    /// Changes the parameters of the layer's kind.
    pub(super) fn change(mut self, change: impl FnOnce(&mut K)) -> Self {
        change(&mut self.parameters);
        self.layer.op = (self.op)(self.parameters);
        self
    }
}

impl Graph {
    /// Adds a layer that reads `inputs`; the next layer reads this one's output. `op` makes the layer's operation of its
    /// kind's parameters.
    pub(super) fn push<K: Copy>(
        &mut self,
        name: impl Into<String>,
        inputs: Vec<Node>,
        parameters: K,
        op: fn(K) -> Op,
    ) -> LayerMut<'_, K> {
        let index = self.layers.len();
        let layer = Layer { name: name.into(), op: op(parameters), inputs, activation: Activation::Identity };
        self.layers.push(layer);
        self.cursor = Node(index + 1);
        LayerMut { layer: &mut self.layers[index], node: self.cursor, parameters, op }
    }
}
