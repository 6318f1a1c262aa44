//! What a file must hash to.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha1::Sha1;
use sha2::{Digest, Sha256};

/// Bytes that are read at once: official files are too large to be held.
const BLOCK: usize = 1 << 16;

/// A hash in lower-case hexadecimal digits, as a file's publisher gives it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hash {
    /// The whole SHA-256.
    Sha256(String),
    /// The first digits of the SHA-256, as in the names of PyTorch's files.
    Sha256Prefix(String),
    /// The whole SHA-1.
    Sha1(String),
}

impl Hash {
    /// The digits, as a row of the manifest has them.
    pub fn digits(&self) -> &str {
        match self {
            Self::Sha256(digits) | Self::Sha256Prefix(digits) | Self::Sha1(digits) => digits,
        }
    }

    /// `None` where the file is the right one, else a clause that says how its hash differs.
    ///
    /// # Errors
    /// If the file cannot be read, which is named.
    pub fn fault(&self, file: &Path) -> io::Result<Option<String>> {
        let fault = File::open(file).and_then(|bytes| self.fault_of(bytes));
        fault.map_err(|error| io::Error::new(error.kind(), format!("{} cannot be read: {error}", file.display())))
    }

    /// As [`Hash::fault`], of bytes from anywhere.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn fault_of(&self, bytes: impl Read) -> io::Result<Option<String>> {
        let (name, found) = match self {
            Self::Sha256(_) | Self::Sha256Prefix(_) => ("SHA-256", digest::<Sha256>(bytes)?),
            Self::Sha1(_) => ("SHA-1", digest::<Sha1>(bytes)?),
        };
        Ok(match self {
            Self::Sha256(digits) | Self::Sha1(digits) if found == *digits => None,
            Self::Sha256Prefix(digits) if found.starts_with(digits.as_str()) => None,
            Self::Sha256Prefix(digits) => Some(format!("its {name} is {found} and does not start with {digits}")),
            Self::Sha256(digits) | Self::Sha1(digits) => Some(format!("its {name} is {found}, not {digits}")),
        })
    }
}

/// The SHA-256 of bytes from anywhere, in hexadecimal digits.
///
/// # Errors
/// If they cannot be read.
pub fn sha256(bytes: impl Read) -> io::Result<String> {
    digest::<Sha256>(bytes)
}

fn digest<D: Digest>(mut input: impl Read) -> io::Result<String> {
    let mut hasher = D::new();
    let mut block = vec![0; BLOCK];
    loop {
        match input.read(&mut block)? {
            0 => return Ok(hexadecimal(&hasher.finalize())),
            count => hasher.update(&block[..count]),
        }
    }
}

/// Two digits for each byte.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_hash_tells_right_from_wrong() {
        let file = std::env::temp_dir().join(format!("convscope-hash-{}", std::process::id()));
        std::fs::write(&file, "abc").expect("a file");
        let fault = |hash: Hash| hash.fault(&file).expect("it can be read");
        let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(fault(Hash::Sha256(sha256.to_owned())), None);
        assert_eq!(fault(Hash::Sha256Prefix("ba7816bf".to_owned())), None);
        assert_eq!(fault(Hash::Sha1("a9993e364706816aba3e25717850c26c9cd0d89d".to_owned())), None);
        let said = fault(Hash::Sha256Prefix("ba7816be".to_owned())).expect("another hash");
        assert_eq!(said, format!("its SHA-256 is {sha256} and does not start with ba7816be"));
        // Digits of the start are no whole hash.
        assert!(fault(Hash::Sha256("ba7816bf".to_owned())).is_some());
        assert!(fault(Hash::Sha1("a9993e36".to_owned())).is_some());
        std::fs::remove_file(&file).expect("a file");
    }
}
