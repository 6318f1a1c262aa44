//! Where each network's official file is to be had, for `cargo xtask weights`, which fetches it.

use anyhow::Result;
use convscope_manifest as manifest;

use super::packed::CONVERTER;
use crate::networks::{CARDS, Card, Distribution, Hash, Source};

/// Every network's source, oldest network first.
///
/// # Errors
/// As [`crate::graph::Graph::hash`].
pub fn sources() -> Result<Vec<manifest::Source>> {
    let source = |card: &&Card| {
        Ok(manifest::Source {
            id: card.id.into(),
            graph: card.inference().hash()?,
            converter: CONVERTER,
            origin: origin(&card.source),
        })
    };
    CARDS.iter().map(source).collect()
}

fn origin(source: &Source) -> manifest::Origin {
    match *source {
        Source::Trained { .. } => manifest::Origin::Trained,
        Source::PythonPackage { package, version, distribution, file, sha256, bytes, .. } => {
            let (package, version, file, sha256) = (package.into(), version.into(), file.into(), sha256.into());
            match distribution {
                Distribution::Wheel => manifest::Origin::Wheel { package, version, file, sha256, bytes },
                Distribution::Source { sha256: archive } => {
                    manifest::Origin::Sdist { package, version, archive_sha256: archive.into(), file, sha256, bytes }
                }
            }
        }
        Source::Download { url, hash, bytes, .. } => {
            let hash = match hash {
                Hash::Sha256Prefix(digits) => manifest::Hash::Sha256Prefix(digits.into()),
                Hash::Sha1(digits) => manifest::Hash::Sha1(digits.into()),
            };
            manifest::Origin::Http { url: url.into(), hash, bytes }
        }
    }
}
