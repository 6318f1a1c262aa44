//! Storages: the stretches of a file in which the elements of tensors are. Several tensors may share one.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use anyhow::{Context, Result, bail, ensure};

use super::super::elements::{Element, Stretch, blocks};
use super::super::file::{CUT_SHORT, Cursor, ReadAt};
use super::super::pickle::values::{Id, Value, Values};

pub(super) const BIG_ENDIAN: &str = "it was written by a big-endian machine; only little-endian elements are read";

/// Where a storage's bytes are.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub(super) start: u64,
    pub(super) length: u64,
    /// The CRC-32 of the bytes, where the file has one.
    pub(super) checksum: Option<u32>,
}

impl Entry {
    /// Compares the bytes with their checksum.
    pub(super) fn check(&self, file: &dyn ReadAt) -> Result<()> {
        let Some(checksum) = self.checksum else { return Ok(()) };
        let mut hasher = crc32fast::Hasher::new();
        blocks(file, self.start, self.start + self.length, |bytes| hasher.update(bytes))?;
        ensure!(hasher.finalize() == checksum, "it is damaged: its checksum is another");
        Ok(())
    }
}

/// The storages of a file, by their keys.
pub(super) struct Storages {
    file: Rc<dyn ReadAt>,
    entries: HashMap<String, Entry>,
    /// Keys of those that were compared with their checksums.
    checked: RefCell<HashSet<String>>,
}

/// What a pickle says about a storage.
pub(super) struct Storage<'a> {
    pub(super) kind: Kind,
    pub(super) key: &'a str,
    /// Number of elements.
    pub(super) count: u64,
    /// Where it begins in the storage of this key, in elements.
    pub(super) offset: u64,
}

/// The kind of a storage's elements.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Float(Element),
    /// Its name, and its size in bytes.
    Other(&'static str, u64),
}

impl Kind {
    pub(super) fn size(self) -> u64 {
        match self {
            Self::Float(element) => element.size(),
            Self::Other(_, size) => size,
        }
    }
}

/// PyTorch's classes of storages, and what they hold.
const TYPES: [(&str, Kind); 17] = [
    ("torch.FloatStorage", Kind::Float(Element::F32)),
    ("torch.HalfStorage", Kind::Float(Element::F16)),
    ("torch.BFloat16Storage", Kind::Float(Element::BF16)),
    ("torch.DoubleStorage", Kind::Float(Element::F64)),
    ("torch.LongStorage", Kind::Other("I64", 8)),
    ("torch.IntStorage", Kind::Other("I32", 4)),
    ("torch.ShortStorage", Kind::Other("I16", 2)),
    ("torch.CharStorage", Kind::Other("I8", 1)),
    ("torch.ByteStorage", Kind::Other("U8", 1)),
    ("torch.BoolStorage", Kind::Other("Bool", 1)),
    ("torch.ComplexFloatStorage", Kind::Other("Complex64", 8)),
    ("torch.ComplexDoubleStorage", Kind::Other("Complex128", 16)),
    ("torch.QInt8Storage", Kind::Other("QInt8", 1)),
    ("torch.QUInt8Storage", Kind::Other("QUInt8", 1)),
    ("torch.QInt32Storage", Kind::Other("QInt32", 4)),
    ("torch.QUInt4x2Storage", Kind::Other("QUInt4x2", 1)),
    ("torch.QUInt2x4Storage", Kind::Other("QUInt2x4", 1)),
];

pub(super) fn is_type(name: &str) -> bool {
    TYPES.iter().any(|(known, _)| *known == name)
}

impl<'a> Storage<'a> {
    /// What a reference of the pickle says: "storage", its class, its key, its device, its number of elements and, in the older
    /// form, the part that it is of another one.
    pub(super) fn of(values: &'a Values, reference: Id) -> Option<Self> {
        let Value::Reference(identity) = *values.get(reference) else { return None };
        let (&[word, class, key, _, count], view) = values.items(identity)?.split_first_chunk()?;
        (values.text(word)? == "storage").then_some(())?;
        let class = values.name(class)?;
        let (_, kind) = TYPES.iter().find(|(known, _)| *known == class)?;
        let (key, count) = (values.text(key)?, values.number(count)?);
        match view.first().filter(|&&view| *values.get(view) != Value::None) {
            None => Some(Self { kind: *kind, key, count, offset: 0 }),
            Some(&view) => {
                let &[_, offset, count] = values.items(view)? else { return None };
                Some(Self { kind: *kind, key, count: values.number(count)?, offset: values.number(offset)? })
            }
        }
    }
}

impl Storages {
    pub(super) fn new(file: &Rc<dyn ReadAt>, entries: HashMap<String, Entry>) -> Self {
        Self { file: Rc::clone(file), entries, checked: RefCell::default() }
    }

    /// The storages of the older form, which lie behind the pickles in the order in which the last pickle lists them, each behind
    /// its number of elements.
    pub(super) fn older(values: &Values, order: &Values, mut behind: Cursor, file: &Rc<dyn ReadAt>) -> Result<Self> {
        let mut declared = HashMap::new();
        for value in values.all() {
            let Value::Reference(identity) = *value else { continue };
            let Some(&[_, class, key, _, count]) = values.items(identity).and_then(|parts| parts.first_chunk()) else {
                bail!("it is damaged: it refers to something that is no storage")
            };
            let kind = values.name(class).and_then(|class| TYPES.iter().find(|(known, _)| *known == class));
            if let (Some((_, kind)), Some(key), Some(count)) = (kind, values.text(key), values.number(count)) {
                declared.insert(key, (kind.size(), count));
            }
        }
        let keys = order.items(order.root()).context("it is damaged: the list of its storages is missing")?;
        let mut entries = HashMap::new();
        for &key in keys {
            let key = order.text(key).filter(|key| declared.contains_key(key));
            let key = key.context("it is damaged: the list of its storages does not fit its pickle")?;
            let (size, count) = declared[key];
            let found = i64::from_le_bytes(behind.array()?);
            ensure!(
                u64::try_from(found).is_ok_and(|found| found == count),
                "it is damaged: storage {key} has {found} elements, and its pickle declares {count}"
            );
            let length = count.checked_mul(size).context(CUT_SHORT)?;
            entries.insert(key.to_string(), Entry { start: behind.skip(length)?, length, checksum: None });
        }
        Ok(Self::new(file, entries))
    }

    /// `count` elements of a storage from the one with the number `first` on.
    ///
    /// # Errors
    /// If the storage is missing or ends before.
    pub(super) fn stretch(&self, storage: &Storage<'_>, element: Element, first: u64, count: u64) -> Result<Stretch> {
        let entry = self.entries.get(storage.key);
        let entry = entry.with_context(|| format!("lies in storage {}, which the file lacks", storage.key))?;
        let size = element.size();
        let start = storage.offset.checked_add(first).and_then(|first| first.checked_mul(size));
        let end = count.checked_mul(size).and_then(|length| start?.checked_add(length));
        let inside = end.is_some_and(|end| end <= entry.length)
            && first.checked_add(count).is_some_and(|last| last <= storage.count);
        let (true, Some(start)) = (inside, start) else { bail!("lies outside storage {}", storage.key) };
        Stretch { file: Rc::clone(&self.file), element, start: entry.start + start, count }.inside()
    }

    /// Compares a storage with its checksum, when it is first read.
    ///
    /// # Errors
    /// If they differ.
    pub(super) fn check(&self, key: &str) -> Result<()> {
        if let Some(entry) = self.entries.get(key)
            && !self.checked.borrow().contains(key)
        {
            entry.check(&*self.file)?;
            self.checked.borrow_mut().insert(key.into());
        }
        Ok(())
    }
}
