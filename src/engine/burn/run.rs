//! Runs a graph with burn's operations, for one input or a batch, with or without gradients. This is the reference that
//! the kernels in `engine/kernels/` are tested against, and what training differentiates.

use burn::tensor::Tensor;

use super::mode::{Mode, Training};
use super::parameters::Parameters;
use crate::error::{Error, Result};
use crate::graph::{Graph, Node};

/// Computes the values `outputs` for an input of `[batch, channels, height, width]`; each value has that form, too.
///
/// `parameters` has one entry for each layer, as [`upload`](super::parameters::upload) gives them. Layers that no output
/// needs do not run, and a value is freed as soon as the last layer that reads it has run.
///
/// # Errors
/// [`Error::Internal`] if `parameters` belong to another graph.
pub fn run(graph: &Graph, parameters: &[Parameters], input: Tensor<4>, outputs: &[Node]) -> Result<Vec<Tensor<4>>> {
    compute(graph, parameters, vec![(Node::INPUT, input)], outputs, &Mode::Inference)
}

/// As [`run`], from values that are there already, of which one may be the input. The layers that compute them do not run.
///
/// # Errors
/// [`Error::Internal`] if `parameters` belong to another graph, or if the values do not suffice.
pub fn continued(
    graph: &Graph,
    parameters: &[Parameters],
    given: Vec<(Node, Tensor<4>)>,
    outputs: &[Node],
) -> Result<Vec<Tensor<4>>> {
    compute(graph, parameters, given, outputs, &Mode::Inference)
}

/// As [`run`], as it is computed while the network is trained.
///
/// # Errors
/// As [`run`].
pub fn in_training(
    graph: &Graph,
    parameters: &[Parameters],
    input: Tensor<4>,
    outputs: &[Node],
    training: &Training,
) -> Result<Vec<Tensor<4>>> {
    compute(graph, parameters, vec![(Node::INPUT, input)], outputs, &Mode::Training(training))
}

fn compute(
    graph: &Graph,
    parameters: &[Parameters],
    given: Vec<(Node, Tensor<4>)>,
    outputs: &[Node],
    mode: &Mode<'_>,
) -> Result<Vec<Tensor<4>>> {
    let nodes: Vec<Node> = given.iter().map(|(node, _)| *node).collect();
    let needed = graph.needed_behind(&nodes, outputs);
    let mut last_reader = vec![0; graph.layers().len() + 1];
    for (index, layer) in graph.layers().iter().enumerate().filter(|(index, _)| needed[*index]) {
        layer.inputs.iter().for_each(|node| last_reader[node.0] = index);
    }
    outputs.iter().for_each(|node| last_reader[node.0] = usize::MAX);

    let missing = |node: Node| Error::Internal(format!("the value of {} was not computed", graph.name(node)));
    let mut values: Vec<Option<Tensor<4>>> = vec![None; graph.layers().len() + 1];
    for (node, value) in given {
        values[node.0] = Some(value);
    }
    for (index, (layer, parameters)) in graph.layers().iter().zip(parameters).enumerate() {
        if !needed[index] {
            continue;
        }
        let mut inputs = Vec::new();
        for (position, &node) in layer.inputs.iter().enumerate() {
            let again = layer.inputs[position + 1..].contains(&node);
            let value = &mut values[node.0];
            let value = if last_reader[node.0] == index && !again { value.take() } else { value.clone() };
            inputs.push(value.ok_or_else(|| missing(node))?);
        }
        let x = inputs.remove(0);
        values[index + 1] = Some(layer.activation.forward(layer.op.forward(x, inputs, parameters, mode)?));
    }
    outputs.iter().map(|&node| values[node.0].clone().ok_or_else(|| missing(node))).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::super::parameters::upload;
    use super::*;
    use crate::graph::Shape;

    fn values(graph: &Graph, outputs: &[Node]) -> Vec<Vec<f32>> {
        let device = Device::flex();
        let parameters = upload(graph, |spec| Ok(vec![2.0; spec.shape.iter().product()]), &device).unwrap();
        let input = Tensor::from_data(TensorData::new(vec![1.0f32, 2.0, 3.0, 4.0], [1, 1, 2, 2]), &device);
        let values = run(graph, &parameters, input, outputs).unwrap();
        values.into_iter().map(|value| value.into_data().try_to_vec().unwrap()).collect()
    }

    #[test]
    fn a_layer_may_read_a_value_twice() {
        let mut g = Graph::new(Shape::new(1, 2, 2));
        let doubled = g.add("doubled", Node::INPUT).node();
        let both = g.concat("both", &[doubled, doubled]).node();
        assert_eq!(values(&g, &[both]), [[2.0, 4.0, 6.0, 8.0, 2.0, 4.0, 6.0, 8.0]]);
    }

    #[test]
    fn outputs_come_in_the_order_asked_for_and_may_be_the_input() {
        let mut g = Graph::new(Shape::new(1, 2, 2));
        g.at(Node::INPUT).linear("unused", 3);
        let conv = g.at(Node::INPUT).conv("conv", 1, 1).node();
        let pool = g.max_pool("pool", 2, 2).node();
        let found = values(&g, &[pool, Node::INPUT, conv, pool]);
        assert_eq!(found, [vec![10.0], vec![1.0, 2.0, 3.0, 4.0], vec![4.0, 6.0, 8.0, 10.0], vec![10.0]]);
    }

    #[test]
    fn another_graphs_parameters_are_refused() {
        let device = Device::flex();
        let (mut g, mut other) = (Graph::new(Shape::new(1, 2, 2)), Graph::new(Shape::new(1, 2, 2)));
        g.conv("conv", 1, 1);
        other.max_pool("pool", 2, 2);
        let parameters = upload(&other, |_| Ok(vec![]), &device).unwrap();
        let error = run(&g, &parameters, Tensor::zeros([1, 1, 2, 2], &device), &[g.output()]).unwrap_err();
        assert!(error.to_string().contains("there is no tensor pool."), "{error}");
    }
}
