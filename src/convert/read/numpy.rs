//! Arrays of numpy in a pickle: a dictionary of `layer → [kernel, bias]`, in the layout of TensorFlow and Keras.
//!
//! The pickle is never executed. A numpy array is pickled as a call of `_reconstruct`, which would make an empty one, and
//! the state that this is given: version, shape, type, whether the first dimension runs fastest (Fortran's order), bytes.
//! A type is a call of `dtype` with a state of its own, which holds the order of bytes.

use anyhow::{Context, Result, bail, ensure};
use prost::bytes::Bytes;

use super::pickle::values::{Id, Value, Values};
use super::{Official, OfficialTensors, ReadAt, read_whole, singles};
use crate::networks::Rename;

/// Makes an empty array. Under the second name since numpy 2.
const RECONSTRUCT: [&str; 2] = ["numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct"];
const DTYPE: &str = "numpy.dtype";
/// What a file of weights may name.
const ALLOWED: [&str; 4] = [RECONSTRUCT[0], RECONSTRUCT[1], "numpy.ndarray", DTYPE];
/// Longest name of a layer, in bytes.
const LONGEST_NAME: usize = 256;
/// What the arrays of a layer are, in the order in which they are listed.
const PARTS: [&str; 2] = ["weight", "bias"];

/// Lists a file's tensors under the names that `rename` gives to `<layer>.weight` and `<layer>.bias`. Kernels, which
/// are `[height, width, inputs, outputs]` in the file, become `[outputs, inputs, height, width]`.
///
/// # Errors
/// If the file is damaged, if its pickle is not such a dictionary, or if it wants to call anything but what makes arrays. The
/// error names every tensor whose elements are not little-endian 32-bit floats or do not fill its shape.
pub fn read(file: &dyn ReadAt, rename: Rename) -> Result<OfficialTensors> {
    tensors(file, rename).with_context(|| format!("{} cannot be read as a pickle of numpy arrays", file.name()))
}

fn tensors(file: &dyn ReadAt, rename: Rename) -> Result<OfficialTensors> {
    let file = Bytes::from(read_whole(file)?);
    let values = Values::read(&file, &ALLOWED)?;
    let Value::Dictionary(layers) = values.root() else { bail!("it holds no dictionary of layers") };
    let mut tensors = OfficialTensors::new();
    let mut faults = Vec::new();
    for &(layer, arrays) in layers {
        let layer = values.text(layer).context("it holds no dictionary of layers' names")?;
        // Names are repeated in messages, and a pickle may repeat one text as often as it likes.
        ensure!(layer.len() <= LONGEST_NAME, "a layer's name has {} bytes", layer.len());
        let arrays = values.items(arrays).filter(|arrays| arrays.len() <= PARTS.len());
        let arrays = arrays.with_context(|| format!("{layer} is no list of a kernel and a bias"))?;
        for (part, &array) in PARTS.iter().zip(arrays) {
            let name = format!("{layer}.{part}");
            match Array::of(&values, array).and_then(|array| array.official(&file)) {
                Ok(_) if tensors.contains_key(&rename(&name)) => faults.push(format!("{name} occurs twice")),
                Ok(official) => _ = tensors.insert(rename(&name), official),
                Err(fault) => faults.push(format!("{name} {fault}")),
            }
        }
    }
    ensure!(faults.is_empty(), "{}", faults.join(", "));
    ensure!(!tensors.is_empty(), "it holds no weights");
    Ok(tensors)
}

/// An array as the file has it.
struct Array<'a> {
    shape: Vec<usize>,
    /// The first dimension runs fastest, not the last.
    fortran: bool,
    bytes: &'a [u8],
}

impl<'a> Array<'a> {
    /// The array that a value describes; the error goes behind its name.
    fn of(values: &Values<'a>, id: Id) -> Result<Self> {
        let state = state(values, id, &RECONSTRUCT).and_then(|(_, state)| state.first_chunk::<5>());
        let &[_, shape, dtype, fortran, bytes] = state.context(NO_ARRAY)?;
        check_type(values, dtype)?;
        let dimension = |&id: &Id| match *values.get(id) {
            Value::Int(length) => usize::try_from(length).ok(),
            _ => None,
        };
        let shape = values.items(shape).and_then(|shape| shape.iter().map(dimension).collect()).context(NO_ARRAY)?;
        let fortran = match *values.get(fortran) {
            Value::Bool(fortran) => fortran,
            Value::Int(fortran) => fortran != 0,
            _ => bail!(NO_ARRAY),
        };
        let Value::Bytes(bytes) = *values.get(bytes) else { bail!(NO_ARRAY) };
        Ok(Self { shape, fortran, bytes })
    }

    /// A kernel or a bias, read when it is needed: its bytes stay in `file`, which they are a part of.
    fn official(self, file: &Bytes) -> Result<Official> {
        let length = self.shape.iter().try_fold(size_of::<f32>(), |length, &dimension| length.checked_mul(dimension));
        ensure!(length == Some(self.bytes.len()), "does not have as many elements as its shape says");
        let bytes = file.slice_ref(self.bytes);
        match self.shape[..] {
            [length] => Ok(Official { shape: vec![length], read: Box::new(move || Ok(singles(&bytes))) }),
            [height, width, inputs, outputs] => {
                let kernel = Kernel { height, width, inputs, outputs, fortran: self.fortran };
                let shape = vec![outputs, inputs, height, width];
                Ok(Official { shape, read: Box::new(move || Ok(kernel.outputs_first(&singles(&bytes)))) })
            }
            _ => bail!("has {} dimensions; a kernel has 4 and a bias 1", self.shape.len()),
        }
    }
}

/// A convolution's kernel as the file has it.
#[derive(Clone, Copy)]
struct Kernel {
    height: usize,
    width: usize,
    inputs: usize,
    outputs: usize,
    fortran: bool,
}

impl Kernel {
    /// `[height, width, inputs, outputs]` → `[outputs, inputs, height, width]`.
    fn outputs_first(self, elements: &[f32]) -> Vec<f32> {
        if elements.is_empty() {
            return Vec::new(); // whatever the other sides are
        }
        let Self { height, width, inputs, outputs, fortran } = self;
        let offset = |y: usize, x: usize, input: usize, output: usize| match fortran {
            false => ((y * width + x) * inputs + input) * outputs + output,
            true => y + height * (x + width * (input + inputs * output)),
        };
        let mut reordered = Vec::with_capacity(elements.len());
        for output in 0..outputs {
            for input in 0..inputs {
                for y in 0..height {
                    reordered.extend((0..width).map(|x| elements[offset(y, x, input, output)]));
                }
            }
        }
        reordered
    }
}

/// Arguments and state of a call of one of these functions.
fn state<'v>(values: &'v Values<'_>, id: Id, functions: &[&str]) -> Option<(&'v [Id], &'v [Id])> {
    let &Value::Call { function, arguments, state } = values.get(id) else { return None };
    let Value::Name(name) = values.get(function) else { return None };
    functions.contains(&name.as_str()).then_some(())?;
    Some((values.items(arguments)?, values.items(state?)?))
}

/// Refuses all but 32-bit floats, least byte first.
fn check_type(values: &Values<'_>, id: Id) -> Result<()> {
    let (arguments, state) = state(values, id, &[DTYPE]).context(NO_ARRAY)?;
    let kind = arguments.first().and_then(|&kind| values.text(kind)).context(NO_ARRAY)?;
    // The second is none where the type is a record or an array of others.
    let order = state.get(1).and_then(|&order| values.text(order)).context(NO_ARRAY)?;
    ensure!(kind == "f4", "has elements of numpy's type {kind}; only 32-bit floats (f4) are weights");
    ensure!(order == "<", "is big-endian; only little-endian elements are read");
    Ok(())
}

const NO_ARRAY: &str = "is no array of numpy's";
