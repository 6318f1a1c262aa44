//! The sample photos as the page loads them: smaller copies of the photos that set-up fetched.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, ImageReader};
use serde::Deserialize;

/// Longest side, in pixels: the page makes every picture as small.
const LONGER_SIDE: u32 = 1024;
/// JPEG's quality, on a scale up to 100, of a photo that is small enough with it. Others get the best one that makes them so: the four
/// photos of the page have 79 to 90, at which no network's first class changes, and its probability by 0.04 at most.
const QUALITY: u8 = 90;
/// Bytes of a photo: a third of a second over bad Wi-Fi.
const LARGEST: usize = 60_000;
/// Side of the square picture on a button, in pixels: twice as many as the page draws, for fine screens.
const THUMBNAIL: u32 = 80;
const THUMBNAIL_QUALITY: u8 = 80;

#[derive(Deserialize)]
struct Sample {
    id: String,
    file: String,
}

/// Writes `<id>.jpg` and `<id>.thumbnail.jpg` for each photo of the list `samples.json` in `www` into `www/samples/page`.
///
/// # Errors
/// If the list or a photo cannot be read, or a file cannot be written; the other photos are written all the same.
pub fn write(www: &Path) -> Result<()> {
    let list = fs::read(www.join("samples.json")).context("samples.json cannot be read")?;
    let samples: Vec<Sample> = serde_json::from_slice(&list).context("samples.json is no list of samples")?;
    let folder = www.join("samples/page");
    fs::create_dir_all(&folder)?;
    // The others are written although one cannot be read.
    let faults: Vec<String> = samples
        .iter()
        .filter_map(|sample| one(sample, &www.join("samples"), &folder).err())
        .map(|error| format!("{error:#}"))
        .collect();
    ensure!(faults.is_empty(), "{}", faults.join("; "));
    Ok(())
}

fn one(Sample { id, file }: &Sample, from: &Path, to: &Path) -> Result<()> {
    let photo = ImageReader::open(from.join(file)).with_context(|| format!("{file} is missing"))?;
    let photo = photo.with_guessed_format()?.decode().with_context(|| format!("{file} is no picture"))?;
    let thumbnail = photo.resize_to_fill(THUMBNAIL, THUMBNAIL, FilterType::Triangle);
    let large = photo.width().max(photo.height()) > LONGER_SIDE;
    let photo = if large { photo.resize(LONGER_SIDE, LONGER_SIDE, FilterType::CatmullRom) } else { photo };
    put(&small_enough(&photo)?, &to.join(format!("{id}.jpg")))?;
    put(&jpeg(&thumbnail, THUMBNAIL_QUALITY)?, &to.join(format!("{id}.thumbnail.jpg")))
}

/// The picture in the best quality with which it has at most [`LARGEST`] bytes.
fn small_enough(picture: &DynamicImage) -> Result<Vec<u8>> {
    let mut quality = QUALITY;
    loop {
        let bytes = jpeg(picture, quality)?;
        if bytes.len() <= LARGEST || quality == 1 {
            return Ok(bytes);
        }
        quality -= 1;
    }
}

fn jpeg(picture: &DynamicImage, quality: u8) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, quality).encode_image(&picture.to_rgb8())?;
    Ok(bytes)
}

fn put(bytes: &[u8], to: &Path) -> Result<()> {
    // A page that is open never sees half a file.
    let unfinished = to.with_extension("part");
    fs::write(&unfinished, bytes)?;
    fs::rename(&unfinished, to)?;
    Ok(())
}
