//! The tensors of a graph on a burn device. Only the path that computes with burn's operations uses them; the kernels pack
//! theirs in `engine/kernels/`.

use burn::tensor::{Device, Tensor, TensorData};

use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::graph::tensors::{TensorSpec, specs_by_layer};

/// The tensors of one layer. Each is kept as a vector of all its elements, in the order of its specification, and gets its
/// shape when it is read: burn changes the shape without copying the elements.
#[derive(Clone, Debug)]
pub struct Parameters {
    layer: String,
    tensors: Vec<(TensorSpec, Tensor<1>)>,
}

impl Parameters {
    /// The name of the layer.
    pub(crate) fn layer(&self) -> &str {
        &self.layer
    }

    /// The tensors with their specifications. Each has all its elements in one dimension.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &(TensorSpec, Tensor<1>)> {
        self.tensors.iter()
    }

    /// The tensor `<layer>.<part>` in the shape of its specification, which has `D` dimensions.
    ///
    /// # Errors
    /// [`Error::Internal`] if the layer has no such tensor or if its shape does not have `D` dimensions.
    pub(crate) fn tensor<const D: usize>(&self, part: &str) -> Result<Tensor<D>> {
        let is_it =
            |spec: &TensorSpec| spec.name.strip_prefix(&self.layer).and_then(|end| end.strip_prefix('.')) == Some(part);
        let found = self.tensors.iter().find(|(spec, _)| is_it(spec));
        let missing = || Error::Internal(format!("there is no tensor {}.{part}", self.layer));
        let (TensorSpec { name, shape, .. }, values) = found.ok_or_else(missing)?;
        let shape = <[usize; D]>::try_from(shape.as_slice())
            .map_err(|_| Error::Internal(format!("{name} is {shape:?}, not of {D} dimensions")))?;
        Ok(values.clone().reshape(shape))
    }

    /// Row `output` of the weight `[outputs, inputs]` of a linear layer.
    ///
    /// # Errors
    /// As [`Parameters::tensor`].
    pub(crate) fn row(&self, output: usize) -> Result<Tensor<2>> {
        Ok(self.tensor::<2>("weight")?.narrow(0, output, 1))
    }

    /// Replaces every tensor by what `change` makes of it. `change` gets the tensor's specification and all its elements.
    #[must_use]
    pub fn map(self, mut change: impl FnMut(&TensorSpec, Tensor<1>) -> Tensor<1>) -> Self {
        let change = |(spec, values)| {
            let values = change(&spec, values);
            (spec, values)
        };
        Self { layer: self.layer, tensors: self.tensors.into_iter().map(change).collect() }
    }

    /// The tensors with their specifications. Each has all its elements in one dimension.
    pub fn into_tensors(self) -> impl Iterator<Item = (TensorSpec, Tensor<1>)> {
        self.tensors.into_iter()
    }
}

/// Uploads the tensors of every layer and gives one entry for each layer, in order. `values` is asked for one tensor at a
/// time, and gives all its elements.
///
/// # Errors
/// What `values` gives, or [`Error::BadGraph`] if the graph's layers do not fit.
pub fn upload(
    graph: &Graph,
    mut values: impl FnMut(&TensorSpec) -> Result<Vec<f32>>,
    device: &Device,
) -> Result<Vec<Parameters>> {
    let mut layers = Vec::new();
    for (layer, specs) in graph.layers().iter().zip(specs_by_layer(graph)?) {
        let tensors = specs.into_iter().map(|spec| {
            let data = TensorData::new(values(&spec)?, [spec.shape.iter().product::<usize>()]);
            Ok((spec, Tensor::from_data(data, device)))
        });
        layers.push(Parameters { layer: layer.name.clone(), tensors: tensors.collect::<Result<_>>()? });
    }
    Ok(layers)
}
