//! Arrays of numpy in a pickle: a dictionary of `layer → [kernel, bias]`, in the layout of TensorFlow and Keras.
//!
//! The pickle is never executed. A numpy array is pickled as a call of `_reconstruct`, which would make an empty one, and
//! the state that this is given: version, shape, type, whether the first dimension runs fastest (Fortran's order), bytes.
//! A type is a call of `dtype` with a state of its own, which holds the order of bytes.

use std::ops::Range;
use std::rc::Rc;

use anyhow::{Context, Result, bail, ensure};

use super::Official;
use super::elements::{Element, Stretch, count};
use super::file::{Cursor, ReadAt};
use super::listing::{Format, Found, LONGEST_NAME, Listing};
use super::pickle::values::{Id, Rules, Value, Values};

/// Makes an empty array. Under the second name since numpy 2.
const RECONSTRUCT: [&str; 2] = ["numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct"];
const DTYPE: &str = "numpy.dtype";
/// What a file of weights may name.
const ALLOWED: [&str; 4] = [RECONSTRUCT[0], RECONSTRUCT[1], "numpy.ndarray", DTYPE];
/// A file of weights needs about fifty instructions for each layer.
const RULES: Rules = Rules { allowed: |name| ALLOWED.contains(&name), newest_protocol: 4, most_instructions: 100_000 };
/// What the arrays of a layer are, in the order in which they are listed.
const PARTS: [&str; 2] = ["weight", "bias"];

/// Lists a file's tensors, as `<layer>.weight` and `<layer>.bias`. Kernels, which are `[height, width, inputs, outputs]` in the
/// file, become `[outputs, inputs, height, width]`.
///
/// # Errors
/// If the file is damaged, if its pickle is not such a dictionary, or if it wants to call anything but what makes arrays. The
/// error names every tensor whose elements are not little-endian 32-bit floats or do not fill its shape.
pub(super) fn read(file: &Rc<dyn ReadAt>) -> Result<Listing> {
    let mut pickle = Cursor::new(file, 0);
    let values = Values::read(&mut pickle, &RULES)?;
    ensure!(pickle.position() == file.length(), "something stands behind the end of its pickle");
    let Value::Dictionary(layers) = values.get(values.root()) else { bail!("it holds no dictionary of layers") };
    let mut listing = Listing::new(Format::Numpy);
    for &(layer, arrays) in layers {
        let layer = values.text(layer).context("it holds no dictionary of layers' names")?;
        ensure!(layer.len() <= LONGEST_NAME, "a layer's name has {} bytes", layer.len());
        let arrays = values.items(arrays).filter(|arrays| arrays.len() <= PARTS.len());
        let arrays = arrays.with_context(|| format!("{layer} is no list of a kernel and a bias"))?;
        for (part, &array) in PARTS.iter().zip(arrays) {
            let found = Array::of(&values, array).and_then(|array| array.official(file));
            listing.add(format!("{layer}.{part}"), found);
        }
    }
    Ok(listing)
}

/// An array as the file has it.
struct Array {
    shape: Vec<usize>,
    /// The first dimension runs fastest, not the last.
    fortran: bool,
    bytes: Range<u64>,
}

impl Array {
    /// The array that a value describes; the error goes behind its name.
    fn of(values: &Values, id: Id) -> Result<Self> {
        let state = state(values, id, &RECONSTRUCT).and_then(|(_, state)| state.first_chunk::<5>());
        let &[_, shape, dtype, fortran, bytes] = state.context(NO_ARRAY)?;
        check_type(values, dtype)?;
        let dimension = |&id: &Id| values.number(id).and_then(|length| usize::try_from(length).ok());
        let shape = values.items(shape).and_then(|shape| shape.iter().map(dimension).collect()).context(NO_ARRAY)?;
        let fortran = match *values.get(fortran) {
            Value::Bool(fortran) => fortran,
            Value::Int(fortran) => fortran != 0,
            _ => bail!(NO_ARRAY),
        };
        let Value::Bytes(bytes) = values.get(bytes) else { bail!(NO_ARRAY) };
        Ok(Self { shape, fortran, bytes: bytes.clone() })
    }

    /// A kernel or a bias, read when it is needed.
    fn official(self, file: &Rc<dyn ReadAt>) -> Result<Found> {
        let count = count(&self.shape).unwrap_or(u64::MAX);
        let filled = count.checked_mul(Element::F32.size()) == Some(self.bytes.end - self.bytes.start);
        ensure!(filled, "does not have as many elements as its shape says");
        let stretch = Stretch { file: Rc::clone(file), element: Element::F32, start: self.bytes.start, count };
        let official = match self.shape[..] {
            [length] => Official { shape: vec![length], read: Box::new(move || stretch.read()) },
            [height, width, inputs, outputs] => {
                let kernel = Kernel { height, width, inputs, outputs, fortran: self.fortran };
                let shape = vec![outputs, inputs, height, width];
                Official { shape, read: Box::new(move || Ok(kernel.outputs_first(&stretch.read()?))) }
            }
            _ => bail!("has {} dimensions; a kernel has 4 and a bias 1", self.shape.len()),
        };
        Ok(Found::Weights(official))
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
fn state<'v>(values: &'v Values, id: Id, functions: &[&str]) -> Option<(&'v [Id], &'v [Id])> {
    let &Value::Call { function, arguments, state } = values.get(id) else { return None };
    let Value::Name(name) = values.get(function) else { return None };
    functions.contains(&name.as_str()).then_some(())?;
    Some((values.items(arguments)?, values.items(state?)?))
}

/// Refuses all but 32-bit floats, least byte first.
fn check_type(values: &Values, id: Id) -> Result<()> {
    let (arguments, state) = state(values, id, &[DTYPE]).context(NO_ARRAY)?;
    let kind = arguments.first().and_then(|&kind| values.text(kind)).context(NO_ARRAY)?;
    // The second is none where the type is a record or an array of others.
    let order = state.get(1).and_then(|&order| values.text(order)).context(NO_ARRAY)?;
    let shown: String = kind.chars().take(16).collect();
    ensure!(kind == "f4", "has elements of numpy's type {shown}; only 32-bit floats (f4) are weights");
    ensure!(order == "<", "is big-endian; only little-endian elements are read");
    Ok(())
}

const NO_ARRAY: &str = "is no array of numpy's";
