//! Opens the zip archives that PyTorch writes.
//!
//! PyTorch's archives have ZIP64 records between the list of their entries and the last record, even where the last record says
//! all. The crate zip then looks for the list in front of the last record, 76 bytes too late, and takes what begins there for the
//! first entry. That is an entry indeed where the first one's record has 76 bytes, as it has with a root folder of 21 letters: the
//! list seems to lack one entry, and the archive to be damaged.

use std::fs::{self, File};
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result};
use zip::ZipArchive;
use zip::read::{ArchiveOffset, Config};

/// Bytes of the last record, behind which PyTorch writes no comment.
const LAST: usize = 22;

/// An archive that the crate zip can open: the file itself, or a copy without what misleads the crate.
pub(super) enum Readable<'a> {
    Itself(&'a Path),
    /// Deleted when it is dropped; what is open can still be read.
    Copy(PathBuf),
}

impl Readable<'_> {
    pub(super) fn path(&self) -> &Path {
        match self {
            Self::Itself(path) => path,
            Self::Copy(path) => path,
        }
    }
}

impl Drop for Readable<'_> {
    fn drop(&mut self) {
        if let Self::Copy(path) = self {
            // A system that keeps open files leaves it in its folder for temporary files.
            let _ = fs::remove_file(path);
        }
    }
}

/// Opens an archive, or says why it cannot be opened.
pub(super) fn readable(path: &Path) -> Result<Readable<'_>> {
    let Err(error) = ZipArchive::new(BufReader::new(File::open(path)?)) else { return Ok(Readable::Itself(path)) };
    let whole = Config { archive_offset: ArchiveOffset::Known(0) };
    // The archive begins with the file: where it can be opened by that, it is whole.
    if ZipArchive::with_config(whole, BufReader::new(File::open(path)?)).is_err() {
        return Err(error).context("it is damaged or cut short");
    }
    static COPIES: AtomicUsize = AtomicUsize::new(0);
    let name = format!("convscope-{}-{}.pth", std::process::id(), COPIES.fetch_add(1, Ordering::Relaxed));
    let copy = Readable::Copy(std::env::temp_dir().join(name));
    without_zip64(path, copy.path()).context("it cannot be copied for reading")?;
    Ok(copy)
}

/// Copies an archive's entries, their list and the last record.
fn without_zip64(path: &Path, to: &Path) -> io::Result<()> {
    let mut file = File::open(path)?;
    let mut last = [0; LAST];
    file.seek(SeekFrom::End(-(LAST as i64)))?;
    file.read_exact(&mut last)?;
    let word = |at: usize| u64::from(u32::from_le_bytes([last[at], last[at + 1], last[at + 2], last[at + 3]]));
    let (length, start) = (word(12), word(16));
    file.rewind()?;
    let mut copy = File::create(to)?;
    io::copy(&mut file.take(start + length), &mut copy)?;
    io::copy(&mut last.as_slice(), &mut copy)?;
    Ok(())
}
