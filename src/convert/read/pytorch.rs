//! PyTorch's `torch.save`, in its zip form and the one before 1.6. The pickle inside is parsed, never executed.
//!
//! | file | what |
//! |---|---|
//! | `storages` | where the elements are: entries of the archive, or stretches behind the pickles |
//! | `tensors` | what the calls that rebuild tensors say: storage, shape, strides |
//! | `state` | where in the file the weights of the network are, beside what training saves with them |
//!
//! A pickle may name what rebuilds tensors, and plain values that training programs save beside them, such as their arguments. A
//! file that names anything else is refused: a whole pickled network is a program, and its tensors say nothing without it.

use std::rc::Rc;

use anyhow::{Result, bail, ensure};

use super::file::{self, Cursor, ReadAt};
use super::listing::{Format, Listing};
use super::pickle::values::{Rules, Value, Values};

mod archive;
mod state;
mod storages;
mod tensors;

use storages::Storages;

/// What both forms begin with: a zip archive's first entry, or the pickle of the older form's magic number.
const ZIP: &[u8] = b"PK\x03\x04";
const MAGIC: &[u8] = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";

/// Plain values that training programs save beside the weights, besides numbers, text and what holds them.
const PLAIN: [&str; 38] = [
    "_codecs.encode",
    "argparse.Namespace",
    "builtins.bytearray",
    "builtins.complex",
    "builtins.dict",
    "builtins.float",
    "builtins.frozenset",
    "builtins.int",
    "builtins.list",
    "builtins.range",
    "builtins.set",
    "builtins.slice",
    "builtins.str",
    "builtins.tuple",
    "__builtin__.set",
    "collections.Counter",
    "collections.OrderedDict",
    "collections.defaultdict",
    "collections.deque",
    "datetime.date",
    "datetime.datetime",
    "datetime.timedelta",
    "numpy.core.multiarray._reconstruct",
    "numpy._core.multiarray._reconstruct",
    "numpy.core.multiarray.scalar",
    "numpy._core.multiarray.scalar",
    "numpy.dtype",
    "numpy.ndarray",
    "pathlib.PosixPath",
    "pathlib.WindowsPath",
    "torch.Size",
    "torch.bfloat16",
    "torch.device",
    "torch.float16",
    "torch.float32",
    "torch.float64",
    "torch.int64",
    "types.SimpleNamespace",
];

const RULES: Rules = Rules { allowed, newest_protocol: 5, most_instructions: 2_000_000 };

fn allowed(name: &str) -> bool {
    PLAIN.contains(&name) || tensors::REBUILD.contains(&name) || storages::is_type(name)
}

/// Whether a file begins as one of PyTorch's forms does.
pub(super) fn begins(start: &[u8]) -> bool {
    start.starts_with(ZIP) || start.starts_with(MAGIC)
}

/// Lists the tensors of the network's weights in a file.
///
/// # Errors
/// If the file is damaged or is not a PyTorch file, if its pickle wants to call anything but what rebuilds tensors, or holds no
/// tensors. The error names every tensor that has no floating-point elements, or does not lie inside the file.
pub(super) fn read(file: &Rc<dyn ReadAt>) -> Result<Listing> {
    let start = file::bytes(&**file, 0, file.length().min(MAGIC.len() as u64))?;
    let (values, storages) = if start.starts_with(ZIP) {
        archive::read(file)?
    } else if start.starts_with(MAGIC) {
        older(file)?
    } else {
        bail!("it is neither of the two forms that PyTorch writes")
    };
    let state = state::weights(&values)?;
    let storages = Rc::new(storages);
    let mut listing = Listing::new(Format::PyTorch);
    listing.notes = state.notes;
    listing.claims = state.claims;
    for (name, tensor) in state.tensors {
        let found = tensors::official(&values, tensor, &storages);
        listing.add(name, found);
    }
    Ok(listing)
}

/// The form before 1.6: five pickles (magic number, protocol, system, the values, the storages' order), then the storages.
fn older(file: &Rc<dyn ReadAt>) -> Result<(Values, Storages)> {
    let mut pickles = Cursor::new(file, MAGIC.len() as u64);
    let [_protocol, system] = [Values::read(&mut pickles, &RULES)?, Values::read(&mut pickles, &RULES)?];
    let pairs = system.pairs(system.root()).unwrap_or_default();
    let big = pairs
        .iter()
        .any(|&(key, value)| system.text(key) == Some("little_endian") && *system.get(value) == Value::Bool(false));
    ensure!(!big, storages::BIG_ENDIAN);
    let values = Values::read(&mut pickles, &RULES)?;
    let order = Values::read(&mut pickles, &RULES)?;
    let storages = Storages::older(&values, &order, pickles, file)?;
    Ok((values, storages))
}
