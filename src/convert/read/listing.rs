//! A file's tensors under the names that they have there, whatever the format.

use std::collections::BTreeMap;
use std::rc::Rc;

use anyhow::{Context, Result, bail, ensure};

use super::file::{self, ReadAt};
use super::{Official, OfficialTensors, caffe, numpy, pytorch, safetensors_file};

/// A format in which people save weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `torch.save`.
    PyTorch,
    /// Hugging Face's safetensors.
    Safetensors,
    /// Caffe's `.caffemodel`.
    Caffe,
    /// A pickle of numpy's arrays.
    Numpy,
}

impl Format {
    /// The name that people use.
    pub fn name(self) -> &'static str {
        match self {
            Self::PyTorch => "PyTorch",
            Self::Safetensors => "safetensors",
            Self::Caffe => "Caffe",
            Self::Numpy => "numpy",
        }
    }

    /// The format of a file: by its first bytes, whatever it is called, and else by the ending of its name.
    fn of(file: &dyn ReadAt) -> Result<Self> {
        let start = file::bytes(file, 0, file.length().min(16))?;
        if pytorch::begins(&start) {
            return Ok(Self::PyTorch);
        }
        if safetensors_file::begins(&start, file.length()) {
            return Ok(Self::Safetensors);
        }
        let ending = file.name().rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
        match ending.as_str() {
            "pth" | "pt" => Ok(Self::PyTorch),
            "caffemodel" => Ok(Self::Caffe),
            "pkl" => Ok(Self::Numpy),
            "safetensors" => Ok(Self::Safetensors),
            _ => bail!(
                "{} is of no known format: PyTorch's files (.pth, .pt), safetensors (.safetensors), Caffe's (.caffemodel) \
                 and pickles of numpy's arrays (.pkl) are read",
                file.name()
            ),
        }
    }
}

/// What a file has under a name.
pub(super) enum Found {
    Weights(Official),
    /// Elements of another kind, which has this name.
    Other {
        elements: String,
        /// Whether it is a single number.
        scalar: bool,
    },
}

/// Longest name of a tensor, in bytes: names are repeated in messages.
pub(super) const LONGEST_NAME: usize = 256;
/// Most tensors of a file: the networks here have at most about a thousand, and a training program saves each a few times.
const MOST_TENSORS: usize = 20_000;
/// Faults of one kind that are named in a message.
const NAMED: usize = 8;

/// A file's tensors under the names that they have there.
pub(super) struct Listing {
    pub(super) format: Format,
    pub(super) tensors: OfficialTensors,
    /// What was unwrapped or left aside, a sentence each.
    pub(super) notes: Vec<String>,
    /// What the file says that the network is.
    pub(super) claims: Vec<String>,
    faults: Vec<String>,
    /// Tensors whose elements are no weights, and what they are.
    others: BTreeMap<String, String>,
}

impl Listing {
    pub(super) fn new(format: Format) -> Self {
        Self {
            format,
            tensors: OfficialTensors::new(),
            notes: Vec::new(),
            claims: Vec::new(),
            faults: Vec::new(),
            others: BTreeMap::new(),
        }
    }

    /// Adds what was found under a name. Counters, such as PyTorch's of the batches that it has seen, are left out.
    pub(super) fn add(&mut self, name: String, found: Result<Found>) {
        if let Err(fault) = ensure_short(name.len()) {
            return self.faults.push(fault.to_string());
        }
        match found {
            _ if name.ends_with(".num_batches_tracked") => {}
            Err(fault) => self.faults.push(format!("{name} {fault}")),
            Ok(_) if self.tensors.contains_key(&name) => self.faults.push(format!("{name} occurs twice")),
            Ok(Found::Weights(official)) => _ = self.tensors.insert(name, official),
            Ok(Found::Other { scalar: true, .. }) => {}
            Ok(Found::Other { elements, .. }) => _ = self.others.insert(name, elements),
        }
    }

    /// Refuses a listing with faults, or without weights.
    fn whole(mut self) -> Result<Self> {
        self.faults.sort();
        ensure!(self.faults.is_empty(), "{}", several(&self.faults));
        let others: Vec<String> =
            self.others.iter().map(|(name, elements)| format!("the elements of {name} are {elements}")).collect();
        ensure!(others.is_empty(), "{}; only 16-, 32- and 64-bit floats are weights", several(&others));
        ensure!(!self.tensors.is_empty(), "it holds no weights");
        Ok(self)
    }
}

/// Refuses more tensors than a file of weights has.
///
/// # Errors
/// If there are.
pub(super) fn ensure_few(tensors: usize) -> Result<()> {
    ensure!(tensors <= MOST_TENSORS, "it holds more than {MOST_TENSORS} tensors, which no network here has");
    Ok(())
}

/// Refuses a name that is too long.
///
/// # Errors
/// If it has more than [`LONGEST_NAME`] bytes.
pub(super) fn ensure_short(bytes: usize) -> Result<()> {
    ensure!(bytes <= LONGEST_NAME, "a tensor's name has {bytes} bytes");
    Ok(())
}

/// The first few of a list, and how many more there are.
pub(super) fn several(items: &[String]) -> String {
    let shown = items[..items.len().min(NAMED)].join(", ");
    if items.len() > NAMED { format!("{shown} and {} more", items.len() - NAMED) } else { shown }
}

/// Lists a file's tensors.
///
/// # Errors
/// If the file is of no known format, or is damaged; the error names it.
pub(super) fn list(file: &Rc<dyn ReadAt>) -> Result<Listing> {
    ensure!(file.length() > 0, "{} cannot be read: it is empty", file.name());
    let format = Format::of(&**file)?;
    let listing = match format {
        Format::PyTorch => pytorch::read(file),
        Format::Safetensors => safetensors_file::read(file),
        Format::Caffe => caffe::read(file),
        Format::Numpy => numpy::read(file),
    };
    let what = match format {
        Format::PyTorch => "a PyTorch file",
        Format::Safetensors => "a safetensors file",
        Format::Caffe => "a Caffe file",
        Format::Numpy => "a pickle of numpy arrays",
    };
    let listing = listing.and_then(Listing::whole);
    let mut listing = listing.with_context(|| format!("{} cannot be read as {what}", file.name()))?;
    listing.claims.extend(file.name().rsplit(['/', '\\']).next().map(Into::into));
    Ok(listing)
}
