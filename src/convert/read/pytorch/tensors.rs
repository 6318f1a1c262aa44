//! Tensors: what the calls that rebuild them say.

use std::rc::Rc;

use anyhow::{Context, Result, ensure};

use super::super::Official;
use super::super::elements::count;
use super::super::listing::Found;
use super::super::pickle::values::{Id, Values};
use super::storages::{Kind, Storage, Storages};

const TENSOR: [&str; 2] = ["torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor"];
/// Each has the tensor as its first argument.
const PARAMETER: [&str; 3] =
    ["torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state", "torch.nn.parameter.Parameter"];
/// A tensor with attributes: the function that rebuilds it, its class, and the function's arguments.
const WITH_ATTRIBUTES: &str = "torch._tensor._rebuild_from_type_v2";

/// What rebuilds tensors.
pub(super) const REBUILD: [&str; 7] =
    [TENSOR[0], TENSOR[1], PARAMETER[0], PARAMETER[1], PARAMETER[2], WITH_ATTRIBUTES, "torch.Tensor"];

/// Most dimensions of a tensor.
const MOST_DIMENSIONS: usize = 8;
/// Calls around a tensor: a parameter of a tensor with attributes has three.
const MOST_CALLS: usize = 4;

/// The arguments of the call that rebuilds a tensor, without the calls around it; none if the value is no tensor.
fn rebuilt(values: &Values, mut id: Id) -> Option<&[Id]> {
    for _ in 0..MOST_CALLS {
        let (function, arguments) = values.call(id)?;
        if TENSOR.contains(&function) {
            return Some(arguments);
        }
        if PARAMETER.contains(&function) {
            id = *arguments.first()?;
        } else if function == WITH_ATTRIBUTES {
            let &[function, _, arguments, ..] = arguments else { return None };
            let (function, arguments) = (values.name(function)?, values.items(arguments)?);
            if TENSOR.contains(&function) {
                return Some(arguments);
            }
            id = *PARAMETER.contains(&function).then_some(arguments.first()?)?;
        } else {
            return None;
        }
    }
    None
}

/// Whether a value is a tensor.
pub(super) fn is_tensor(values: &Values, id: Id) -> bool {
    rebuilt(values, id).is_some()
}

/// A tensor of weights; the error goes behind its name.
pub(super) fn official(values: &Values, id: Id, storages: &Rc<Storages>) -> Result<Found> {
    const DAMAGED: &str = "is damaged: it is described in no way that PyTorch does";
    let &[storage, offset, shape, strides] =
        rebuilt(values, id).and_then(|parts| parts.first_chunk()).context(DAMAGED)?;
    let storage = Storage::of(values, storage).context(DAMAGED)?;
    let offset = values.number(offset).context(DAMAGED)?;
    let numbers = |id| -> Option<Vec<u64>> {
        let items = values.items(id).filter(|items| items.len() <= MOST_DIMENSIONS)?;
        items.iter().map(|&item| values.number(item)).collect()
    };
    let shape = numbers(shape).context(DAMAGED)?;
    let strides = numbers(strides).filter(|strides| strides.len() == shape.len()).context(DAMAGED)?;
    let element = match storage.kind {
        Kind::Float(element) => element,
        Kind::Other(name, _) => return Ok(Found::Other { elements: name.into(), scalar: shape.is_empty() }),
    };
    let view = View { shape: shape.iter().map(|&side| usize::try_from(side)).collect::<Result<_, _>>()?, strides };
    let length = count(&view.shape).context("has more elements than can be counted")?;
    // An expanded tensor repeats elements: weights that are trained never are.
    ensure!(length <= storage.count, "has {length} elements, and its storage {}", storage.count);
    let span = view
        .span()
        .filter(|&span| span <= storage.count)
        .with_context(|| format!("lies outside storage {}", storage.key))?;
    let stretch = storages.stretch(&storage, element, offset, span)?;
    let (shape, storages, key) = (view.shape.clone(), Rc::clone(storages), storage.key.to_string());
    let read = move || {
        storages.check(&key)?;
        let elements = stretch.read()?;
        if view.is_contiguous() { Ok(elements) } else { view.gathered(&elements) }
    };
    Ok(Found::Weights(Official { shape, read: Box::new(read) }))
}

/// Elements of a storage, by steps for each dimension.
struct View {
    shape: Vec<usize>,
    strides: Vec<u64>,
}

impl View {
    /// How many elements of the storage lie from the first to the last.
    fn span(&self) -> Option<u64> {
        if self.shape.contains(&0) {
            return Some(0);
        }
        let steps = self.shape.iter().zip(&self.strides).map(|(&side, &stride)| (side as u64 - 1).checked_mul(stride));
        steps.into_iter().try_fold(1u64, |span, step| span.checked_add(step?))
    }

    /// Whether the elements follow one another, the last dimension running fastest.
    fn is_contiguous(&self) -> bool {
        let mut expected = 1;
        for (&side, &stride) in self.shape.iter().zip(&self.strides).rev() {
            if side != 1 && stride != expected {
                return false;
            }
            expected *= side as u64;
        }
        true
    }

    /// The elements, the last dimension running fastest.
    fn gathered(&self, elements: &[f32]) -> Result<Vec<f32>> {
        let mut gathered = Vec::with_capacity(elements.len());
        let mut index = vec![0; self.shape.len()];
        let mut place = 0;
        for _ in 0..self.shape.iter().product() {
            let element = usize::try_from(place).ok().and_then(|place| elements.get(place));
            gathered.push(*element.context("its strides lead out of its storage")?);
            // The next place: one step along the last dimension, and back to the start of those that are at their end.
            for axis in (0..index.len()).rev() {
                index[axis] += 1;
                place += self.strides[axis];
                if index[axis] < self.shape[axis] {
                    break;
                }
                place -= self.strides[axis] * index[axis] as u64;
                index[axis] = 0;
            }
        }
        Ok(gathered)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    fn view(shape: &[usize], strides: &[u64]) -> View {
        View { shape: shape.to_vec(), strides: strides.to_vec() }
    }

    #[test]
    fn elements_are_gathered_along_their_strides() {
        let storage: Vec<f32> = (0..12u8).map(f32::from).collect();
        let transposed = view(&[3, 2], &[1, 3]);
        assert!(!transposed.is_contiguous());
        assert_eq!(transposed.span(), Some(6));
        assert_eq!(transposed.gathered(&storage).unwrap(), [0., 3., 1., 4., 2., 5.]);
        let every_second = view(&[2, 2], &[6, 2]);
        assert_eq!((every_second.span(), every_second.is_contiguous()), (Some(9), false));
        assert_eq!(every_second.gathered(&storage).unwrap(), [0., 2., 6., 8.]);
        // Channels last: [outputs, inputs, height, width] with the inputs running fastest.
        let channels_last = view(&[1, 3, 2, 2], &[12, 1, 6, 3]);
        assert_eq!(channels_last.gathered(&storage).unwrap(), [0., 3., 6., 9., 1., 4., 7., 10., 2., 5., 8., 11.]);
        // PyTorch gives a dimension of one any stride.
        assert!(view(&[1, 4], &[99, 1]).is_contiguous());
        assert!(view(&[], &[]).is_contiguous());
        assert_eq!(view(&[], &[]).span(), Some(1));
        assert_eq!(view(&[0, 4], &[4, 1]).span(), Some(0));
        assert_eq!(view(&[3], &[u64::MAX]).span(), None);
        assert!(transposed.gathered(&storage[..5]).is_err());
    }
}
