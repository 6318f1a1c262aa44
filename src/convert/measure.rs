//! What quantisation does to a network's answers on photos.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use burn::tensor::Device;
use serde::{Deserialize, Serialize};

use crate::engine::Network;
use crate::frame::{Frame, Input};
use crate::graph::Graph;
use crate::networks::Card;
use crate::weights::Weights;

/// The quantised network against the same in single precision.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Agreement {
    /// How many pictures were compared.
    pub pictures: usize,
    /// Lowest cosine of the logits.
    pub lowest_cosine: f32,
    /// Share of the pictures with the same most probable class, 0 to 1.
    pub top1_agreement: f32,
}

/// Compares two sets of weights on every picture in `folder`.
///
/// # Errors
/// If there is no picture, or one cannot be read.
pub fn agreement(card: &Card, graph: &Graph, exact: &Weights, rounded: &Weights, folder: &Path) -> Result<Agreement> {
    let device = Device::flex();
    let exact = Network::new(graph.clone(), exact, &device)?;
    let rounded = Network::new(graph.clone(), rounded, &device)?;
    let pictures = pictures(folder)?;
    ensure!(!pictures.is_empty(), "there is no picture in {}", folder.display());
    let mut lowest_cosine = 1.0f32;
    let mut same = 0;
    for picture in &pictures {
        let input = input(card, picture)?;
        let before = pollster::block_on(exact.logits(input.clone()))?;
        let after = pollster::block_on(rounded.logits(input))?;
        lowest_cosine = lowest_cosine.min(cosine(&before, &after));
        same += usize::from(greatest(&before) == greatest(&after));
    }
    Ok(Agreement { pictures: pictures.len(), lowest_cosine, top1_agreement: same as f32 / pictures.len() as f32 })
}

/// A card's input from a picture file.
///
/// # Errors
/// If the file is no picture that can be decoded.
pub fn input(card: &Card, picture: &Path) -> Result<Input> {
    let picture = image::open(picture).with_context(|| format!("{} is no picture", picture.display()))?.to_rgba8();
    let (width, height) = picture.dimensions();
    let frame = Frame::new(picture.as_raw(), width as usize, height as usize)?;
    Ok(Input::from_frame(&frame, card))
}

fn pictures(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("{} cannot be listed", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    let endings = ["png", "jpg", "jpeg", "bmp"];
    paths.retain(|path| path.extension().is_some_and(|ending| endings.iter().any(|known| ending == *known)));
    paths.sort();
    Ok(paths)
}

/// Cosine of the angle between two vectors.
pub fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
    (dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()) as f32
}

/// The greatest value's index.
pub fn greatest(values: &[f32]) -> Option<usize> {
    (0..values.len()).max_by(|&a, &b| values[a].total_cmp(&values[b]))
}
