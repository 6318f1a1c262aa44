//! Where a network's official file is to be had, as `convert sources` prints it.

use serde::{Deserialize, Serialize};

use crate::Hash;

/// Official files of at most this size, in bytes, belong to the small set (`cargo xtask weights --small`).
pub const SMALL_BYTES: u64 = 105_000_000;

/// A network's official file, and what the network makes of it now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The network's id.
    pub id: String,
    /// Hash of the network's graph: other layers want another conversion.
    pub graph: String,
    /// Version of the converter, raised when the way of quantising changes.
    pub converter: u32,
    /// How the official file is had.
    #[serde(flatten)]
    pub origin: Origin,
}

/// How an official file is had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Origin {
    /// There is none: the network is trained here.
    Trained,
    /// A file inside a Python package that is published as a wheel.
    Wheel {
        /// Name of the package.
        package: String,
        /// Its exact version.
        version: String,
        /// The file inside the package.
        file: String,
        /// The file's SHA-256.
        sha256: String,
        /// The file's size in bytes.
        bytes: u64,
    },
    /// A file inside a Python package that is published as an archive of sources, which has a hash of its own.
    Sdist {
        /// Name of the package.
        package: String,
        /// Its exact version.
        version: String,
        /// The archive's SHA-256.
        archive_sha256: String,
        /// The file inside the package.
        file: String,
        /// The file's SHA-256.
        sha256: String,
        /// The file's size in bytes.
        bytes: u64,
    },
    /// A file on the web.
    Http {
        /// Its address.
        url: String,
        /// What it must hash to.
        hash: Hash,
        /// Its size in bytes, about.
        bytes: u64,
    },
}

impl Source {
    /// What the official file hashes to; none for a network that is trained here.
    pub fn hash(&self) -> Option<Hash> {
        match &self.origin {
            Origin::Trained => None,
            Origin::Wheel { sha256, .. } | Origin::Sdist { sha256, .. } => Some(Hash::Sha256(sha256.clone())),
            Origin::Http { hash, .. } => Some(hash.clone()),
        }
    }

    /// The official file's own name; none for a network that is trained here.
    pub fn file_name(&self) -> Option<&str> {
        match &self.origin {
            Origin::Trained => None,
            Origin::Wheel { file: path, .. } | Origin::Sdist { file: path, .. } | Origin::Http { url: path, .. } => {
                path.rsplit('/').next().filter(|name| !name.is_empty())
            }
        }
    }

    /// Size of the official file in bytes, about; 0 for a network that is trained here.
    pub fn bytes(&self) -> u64 {
        match self.origin {
            Origin::Trained => 0,
            Origin::Wheel { bytes, .. } | Origin::Sdist { bytes, .. } | Origin::Http { bytes, .. } => bytes,
        }
    }

    /// Whether the network belongs to the small set: its official file has at most [`SMALL_BYTES`].
    pub fn is_small(&self) -> bool {
        self.bytes() <= SMALL_BYTES
    }
}
