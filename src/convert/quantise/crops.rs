//! The pictures to measure with: random crops of a few photos, half of them mirrored, some lighter or darker.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use image::imageops::{brighten, crop_imm, flip_horizontal};
use image::{ImageReader, RgbaImage};

use crate::frame::{Frame, Input, Preprocessing};

/// Side of the smallest crop, as a share of the photo's shorter side.
const SMALLEST: f64 = 0.5;
/// Greatest change of brightness, on a scale from 0 to 255.
const LIGHT: f64 = 40.0;
/// A photo with a shorter side than this, in pixels, is left out.
const SHORTEST_SIDE: u32 = 128;

/// Inputs from every photo in `folders`: for each photo the whole of it first, then `crops` random crops, which are
/// the same on every machine.
///
/// # Errors
/// If a folder cannot be listed, a photo cannot be decoded, or there is no photo at all.
pub fn inputs(preprocessing: Preprocessing, folders: &[PathBuf], crops: usize) -> Result<Vec<Input>> {
    let mut inputs = Vec::new();
    for path in photos(folders)? {
        let photo = open(&path)?;
        if photo.width().min(photo.height()) < SHORTEST_SIDE {
            continue;
        }
        inputs.push(input(preprocessing, &photo)?);
        let mut random = Random(u64::from(photo.width()) << 32 | u64::from(photo.height()));
        for _ in 0..crops {
            inputs.push(input(preprocessing, &vary(&photo, &mut random))?);
        }
    }
    ensure!(!inputs.is_empty(), "there is no photo in {folders:?}");
    Ok(inputs)
}

/// The input from one picture file.
///
/// # Errors
/// If the file is no picture that can be decoded.
pub fn input_of(preprocessing: Preprocessing, picture: &Path) -> Result<Input> {
    input(preprocessing, &open(picture)?)
}

fn input(preprocessing: Preprocessing, picture: &RgbaImage) -> Result<Input> {
    let (width, height) = picture.dimensions();
    let frame = Frame::new(picture.as_raw(), width as usize, height as usize)?;
    Ok(Input::from_frame(&frame, preprocessing))
}

fn open(path: &Path) -> Result<RgbaImage> {
    let reader = ImageReader::open(path).with_context(|| format!("{} cannot be opened", path.display()))?;
    let picture = reader.with_guessed_format()?.decode();
    Ok(picture.with_context(|| format!("{} is no picture", path.display()))?.to_rgba8())
}

fn vary(photo: &RgbaImage, random: &mut Random) -> RgbaImage {
    let shorter = f64::from(photo.width().min(photo.height()));
    let side = (shorter * (SMALLEST + (1.0 - SMALLEST) * random.unit())) as u32;
    let left = random.unit() * f64::from(photo.width() - side);
    let top = random.unit() * f64::from(photo.height() - side);
    let cut = crop_imm(photo, left as u32, top as u32, side, side).to_image();
    let cut = if random.unit() < 0.5 { flip_horizontal(&cut) } else { cut };
    brighten(&cut, ((random.unit() * 2.0 - 1.0) * LIGHT) as i32)
}

fn photos(folders: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for folder in folders {
        let entries = fs::read_dir(folder).with_context(|| format!("{} cannot be listed", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            let endings = ["png", "jpg", "jpeg", "bmp"];
            if path.extension().is_some_and(|ending| endings.iter().any(|known| ending == *known)) {
                paths.push(path);
            }
        }
    }
    paths.sort();
    Ok(paths)
}

/// Knuth's multiplicative generator: the same crops on every machine.
struct Random(u64);

impl Random {
    /// Between 0 and 1.
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
}
