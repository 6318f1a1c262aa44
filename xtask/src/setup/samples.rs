//! The sample photos of the page, named with their licences in www/samples.json.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use super::{pip, steps};
use crate::context::Context;
use crate::report::{plural, step};

const PACKAGE: &str = "scikit-image";
const VERSION: &str = "0.25.2";
/// One fixed wheel, whatever this machine is: only its pictures are used.
const WHEEL: [&str; 9] = [
    "--only-binary=:all:",
    "--platform",
    "manylinux_2_17_x86_64",
    "--python-version",
    "3.11",
    "--implementation",
    "cp",
    "--abi",
    "cp311",
];

#[derive(Deserialize)]
struct Sample {
    id: String,
    file: String,
    sha256: String,
}

/// Puts the photos into www/samples.
pub(super) fn ensure(context: &Context) -> Result<()> {
    let samples = list(context)?;
    let folder = context.root.join("www/samples");
    let missing: Vec<&Sample> =
        samples.iter().filter(|sample| !pip::is_there(&folder.join(&sample.file), &sample.sha256)).collect();
    if missing.is_empty() {
        step(steps::SAMPLES, format_args!("found ({})", plural(samples.len(), "photo")));
        return Ok(());
    }
    let wheel = wheel(context)?;
    for sample in &missing {
        let inner = format!("skimage/data/{}", sample.file);
        pip::extract(&wheel, &inner, &sample.sha256, &folder.join(&sample.file))?;
    }
    step(steps::SAMPLES, format_args!("fetched ({})", plural(missing.len(), "photo")));
    Ok(())
}

/// The ids of the photos in www/samples.json.
pub(super) fn ids(context: &Context) -> Result<Vec<String>> {
    Ok(list(context)?.into_iter().map(|sample| sample.id).collect())
}

fn list(context: &Context) -> Result<Vec<Sample>> {
    let bytes = fs::read(context.root.join("www/samples.json"))?;
    serde_json::from_slice(&bytes).context("www/samples.json is not a list of samples")
}

/// The package's photographs; its drawings, printed pages and microscope pictures show nothing that a network knows.
const PHOTOGRAPHS: [&str; 14] = [
    "astronaut.png",
    "brick.png",
    "camera.png",
    "chelsea.png",
    "clock_motion.png",
    "coffee.png",
    "coins.png",
    "grass.png",
    "gravel.png",
    "hubble_deep_field.jpg",
    "moon.png",
    "motorcycle_left.png",
    "motorcycle_right.png",
    "rocket.jpg",
];

/// All photographs, unpacked into one folder: more than the page offers, for measuring.
pub(super) fn all(context: &Context) -> Result<PathBuf> {
    let folder = context.data().join("photos");
    fs::create_dir_all(&folder)?;
    let wheel = wheel(context)?;
    for name in PHOTOGRAPHS {
        fs::write(folder.join(name), pip::read_inner(&wheel, &format!("skimage/data/{name}"))?)?;
    }
    Ok(folder)
}

fn wheel(context: &Context) -> Result<PathBuf> {
    pip::wheel(context, PACKAGE, VERSION, &WHEEL)
}
