//! Which files the folder holds.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::build::compress;

/// Beside the page, but not for browsers: photos in full size, of which the page loads smaller ones.
const PHOTOS: &str = "samples";
const PHOTOS_LOADED: &str = "samples/page";

/// Copied one by one, as their list names them.
const WEIGHTS: &str = "weights";

/// Settings of tools.
const SETTINGS: [&str; 1] = ["tsconfig.json"];

/// Endings of files that are worth compressing. Weights, photos and archives are not.
const COMPRESSED: [&str; 9] = ["html", "js", "css", "json", "svg", "txt", "wasm", "webmanifest", "md"];

/// Fewer bytes fit one packet anyway.
const WORTH_COMPRESSING: u64 = 512;

/// Every file of a folder and of those in it, by its name from the folder.
pub(super) fn all(folder: &Path) -> Result<Vec<PathBuf>> {
    fn collect(folder: &Path, below: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
        for entry in fs::read_dir(folder.join(below)).with_context(|| format!("{} cannot be read", folder.display()))? {
            let name = below.join(entry?.file_name());
            if folder.join(&name).is_dir() {
                collect(folder, &name, found)?;
            } else {
                found.push(name);
            }
        }
        Ok(())
    }
    let mut found = Vec::new();
    collect(folder, Path::new(""), &mut found)?;
    Ok(found)
}

/// Makes the folder in which a file is to lie.
pub(super) fn make_room(file: &Path) -> Result<()> {
    let folder = file.parent().context("a file's path names no folder")?;
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))
}

pub(super) fn copy(from: &Path, to: &Path) -> Result<()> {
    make_room(to)?;
    fs::copy(from, to).with_context(|| format!("{} cannot be copied", from.display()))?;
    Ok(())
}

/// Copies the page's code and what it loads, except for weights.
pub(super) fn copy_www(root: &Path, folder: &Path) -> Result<()> {
    let www = root.join("www");
    for name in all(&www)?.iter().filter(|name| is_loaded(name)) {
        copy(&www.join(name), &folder.join("www").join(name))?;
    }
    Ok(())
}

/// Whether browsers load a file of `www`.
fn is_loaded(name: &Path) -> bool {
    let is_type = name.to_string_lossy().ends_with(".d.ts");
    let is_setting = SETTINGS.iter().any(|setting| name == Path::new(setting));
    let is_large_photo = name.starts_with(PHOTOS) && !name.starts_with(PHOTOS_LOADED);
    !is_type && !is_setting && !is_large_photo && !name.starts_with(WEIGHTS) && !is_hidden(name)
}

fn is_hidden(name: &Path) -> bool {
    name.iter().any(|part| part.to_string_lossy().starts_with('.'))
}

/// Copies the npm package as its `package.json` lists it, `package.json` itself, what the page loads besides, and the compressed
/// copies of all of them. Stamps of the build and what an earlier one left stay behind.
pub(super) fn copy_package(package: &Path, folder: &Path) -> Result<()> {
    /// Of the page and not of the package.
    const CARDS: &str = "cards.json";
    #[derive(serde::Deserialize)]
    struct Listed {
        files: Vec<PathBuf>,
    }
    let text = fs::read(package.join("package.json")).context("pkg/package.json cannot be read")?;
    let mut listed = serde_json::from_slice::<Listed>(&text).context("pkg/package.json")?.files;
    listed.extend(["package.json", CARDS].map(PathBuf::from));
    for name in all(package)? {
        let plain = match name.extension() {
            Some(ending) if compress::ENDINGS.iter().any(|known| ending == *known) => name.with_extension(""),
            _ => name.clone(),
        };
        if listed.iter().any(|listed| plain.starts_with(listed)) {
            copy(&package.join(&name), &folder.join(&name))?;
        }
    }
    Ok(())
}

/// The files that are worth compressing and have no compressed copies yet.
pub(super) fn uncompressed(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for name in all(folder)? {
        let file = folder.join(&name);
        let is_text = name.extension().is_some_and(|ending| COMPRESSED.iter().any(|known| ending == *known));
        let is_guide = name == Path::new(super::hosting::GUIDE);
        let has_copies = compress::ENDINGS.iter().all(|ending| compress::beside(&file, ending).is_file());
        if is_text && !is_guide && !has_copies && fs::metadata(&file)?.len() >= WORTH_COMPRESSING {
            found.push(file);
        }
    }
    Ok(found)
}

/// The bytes of each part of the folder: all of it, and what of it are weights and compressed copies.
pub(super) fn sizes(folder: &Path) -> Result<Vec<(String, u64)>> {
    let mut parts = [("all files", 0), ("of them compressed copies", 0), ("of them weights", 0), ("of them pkg", 0)];
    for name in all(folder)? {
        let bytes = fs::metadata(folder.join(&name))?.len();
        let is_copy = name.extension().is_some_and(|ending| {
            compress::ENDINGS.iter().any(|known| ending == *known) && folder.join(name.with_extension("")).is_file()
        });
        let belongs = [true, is_copy, name.starts_with("www/weights") && !is_copy, name.starts_with("pkg") && !is_copy];
        for ((_, sum), belongs) in parts.iter_mut().zip(belongs) {
            *sum += if belongs { bytes } else { 0 };
        }
    }
    Ok(parts.map(|(name, sum)| (name.to_owned(), sum)).into())
}
