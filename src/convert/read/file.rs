//! Where a checkpoint's bytes come from: anything that can be read at any place, a file natively and a `Blob` in a browser.

use std::fs::File;
use std::io::{self, BufRead, Read, Seek, SeekFrom};
use std::path::Path;
use std::rc::Rc;

use anyhow::{Context, Result, ensure};

/// A file of which any part can be read without the rest.
pub trait ReadAt {
    /// Its name, for messages; the ending tells the format where the first bytes do not.
    fn name(&self) -> &str;

    /// Its length in bytes.
    fn length(&self) -> u64;

    /// Fills `buffer` with the bytes from `start` on.
    ///
    /// # Errors
    /// If they cannot be read, or the file ends before.
    fn read_at(&self, start: u64, buffer: &mut [u8]) -> io::Result<()>;
}

/// A file of this machine.
struct Local {
    name: String,
    length: u64,
    file: File,
}

impl ReadAt for Local {
    fn name(&self) -> &str {
        &self.name
    }

    fn length(&self) -> u64 {
        self.length
    }

    fn read_at(&self, start: u64, buffer: &mut [u8]) -> io::Result<()> {
        let mut file = &self.file;
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(buffer)
    }
}

/// Opens a file of this machine.
///
/// # Errors
/// If it cannot be opened; the error names it.
pub fn local(path: &Path) -> Result<Rc<dyn ReadAt>> {
    let opened = || {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        let length = if metadata.is_file() { Ok(metadata.len()) } else { Err(io::Error::other("it is no file")) }?;
        Ok::<_, io::Error>(Local { name: path.display().to_string(), length, file })
    };
    Ok(Rc::new(opened().with_context(|| format!("{} cannot be read", path.display()))?))
}

/// A file's bytes from `start` on, as many as `length`. Memory is taken only where the file has them.
///
/// # Errors
/// If the file has fewer bytes, or they cannot be read.
pub(super) fn bytes(file: &dyn ReadAt, start: u64, length: u64) -> Result<Vec<u8>> {
    let end = start.checked_add(length);
    ensure!(end.is_some_and(|end| end <= file.length()), "it is damaged or cut short");
    let mut bytes = vec![0; usize::try_from(length)?];
    file.read_at(start, &mut bytes)?;
    Ok(bytes)
}

/// Bytes that are read at first, behind a jump. Twice as many are read each time after that.
const LEAST: usize = 1 << 10;
/// Bytes that are read at once at most.
const MOST: usize = 1 << 16;

/// A reader of a file, from any place on.
pub(super) struct Cursor {
    file: Rc<dyn ReadAt>,
    /// The place in the file of what the block does not have yet.
    next: u64,
    block: Vec<u8>,
    /// How much of the block has been read.
    taken: usize,
}

impl Cursor {
    pub(super) fn new(file: &Rc<dyn ReadAt>, start: u64) -> Self {
        Self { file: Rc::clone(file), next: start, block: Vec::new(), taken: 0 }
    }

    /// The place in the file of the byte that is read next.
    pub(super) fn position(&self) -> u64 {
        self.next - (self.block.len() - self.taken) as u64
    }

    /// How many bytes the file still has.
    pub(super) fn left(&self) -> u64 {
        self.file.length().saturating_sub(self.position())
    }

    /// Goes on behind the next `length` bytes, which the file must have. Gives the place of the first of them.
    pub(super) fn skip(&mut self, length: u64) -> Result<u64> {
        let start = self.position();
        let end = start.checked_add(length).filter(|&end| end <= self.file.length());
        self.seek(SeekFrom::Start(end.context(CUT_SHORT)?))?;
        Ok(start)
    }

    /// The next `N` bytes.
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.read_exact(&mut bytes).context(CUT_SHORT)?;
        Ok(bytes)
    }
}

/// The error of a file that ends too early.
pub(super) const CUT_SHORT: &str = "it is cut short";

impl Read for Cursor {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(buffer.len());
        buffer[..count].copy_from_slice(&available[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Cursor {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.taken == self.block.len() {
            let left = self.file.length().saturating_sub(self.next);
            let wanted = (2 * self.block.len()).clamp(LEAST, MOST);
            let count = usize::try_from(left).map_or(wanted, |left| left.min(wanted));
            self.block.resize(count, 0);
            self.file.read_at(self.next, &mut self.block)?;
            self.next += count as u64;
            self.taken = 0;
        }
        Ok(&self.block[self.taken..])
    }

    fn consume(&mut self, count: usize) {
        self.taken += count;
    }
}

impl Seek for Cursor {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::End(by) => self.file.length().checked_add_signed(by),
            SeekFrom::Current(by) => self.position().checked_add_signed(by),
        };
        let place = place.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        let first = self.next - self.block.len() as u64;
        if (first..=self.next).contains(&place) {
            self.taken = (place - first) as usize;
        } else {
            self.block.clear();
            (self.next, self.taken) = (place, 0);
        }
        Ok(place)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    struct Bytes(Vec<u8>);

    impl ReadAt for Bytes {
        fn name(&self) -> &str {
            "bytes"
        }

        fn length(&self) -> u64 {
            self.0.len() as u64
        }

        fn read_at(&self, start: u64, buffer: &mut [u8]) -> io::Result<()> {
            let from = self.0.get(start as usize..).unwrap_or_default();
            let from = from.get(..buffer.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
            buffer.copy_from_slice(from);
            Ok(())
        }
    }

    #[test]
    fn a_cursor_reads_what_the_file_has_wherever_it_jumps() {
        let content: Vec<u8> = (0..300_000u32).map(|i| (i * 7 % 251) as u8).collect();
        let file: Rc<dyn ReadAt> = Rc::new(Bytes(content.clone()));
        let mut all = Vec::new();
        Cursor::new(&file, 0).read_to_end(&mut all).unwrap();
        assert_eq!(all, content);
        let mut cursor = Cursor::new(&file, 10);
        for (place, count) in [(10, 4), (100, 1000), (90, 5), (299_990, 10), (1100, 70_000), (0, 1)] {
            cursor.seek(SeekFrom::Start(place)).unwrap();
            let mut part = vec![0; count];
            cursor.read_exact(&mut part).unwrap();
            assert_eq!(part, content[place as usize..][..count]);
            assert_eq!(cursor.position(), place + count as u64);
        }
        assert_eq!(cursor.skip(99).unwrap(), 1);
        assert_eq!(cursor.array::<2>().unwrap(), content[100..102]);
        assert!(cursor.skip(u64::MAX).is_err() && cursor.skip(300_000).is_err());
        assert_eq!(cursor.position(), 102, "a jump beyond the end is none");
        cursor.seek(SeekFrom::End(-1)).unwrap();
        assert!(cursor.array::<2>().is_err());
        cursor.seek(SeekFrom::Start(400_000)).unwrap();
        assert_eq!(cursor.read(&mut [0]).unwrap(), 0);
    }

    #[test]
    fn memory_is_taken_for_what_the_file_has_alone() {
        let file = Bytes(vec![7; 10]);
        assert_eq!(bytes(&file, 8, 2).unwrap(), [7, 7]);
        for (start, length) in [(8, 3), (0, u64::MAX), (u64::MAX, 2)] {
            assert!(bytes(&file, start, length).is_err());
        }
    }
}
