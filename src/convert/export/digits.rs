//! The digits that the gradient lab learns: a part of MNIST, or of another set in its format, small enough for a page.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use flate2::Compression;
use flate2::write::GzEncoder;
use safetensors::Dtype;
use safetensors::tensor::{TensorView, serialize};
use sha2::{Digest, Sha256};

use crate::convert::read::idx;

/// How many digits there are to train with, and how many to test with.
pub const TRAINING: usize = 6000;
/// See [`TRAINING`].
pub const TEST: usize = 1000;
/// Another one would choose other digits.
const SEED: u64 = 1;
/// Side of a picture, in pixels.
const SIDE: usize = 28;

/// Writes the chosen digits of the IDX files in a folder into `to`: the file of [`safetensors`], compressed with gzip.
///
/// # Errors
/// As [`safetensors`], or if `to` cannot be written.
pub fn write(folder: &Path, to: &Path) -> Result<()> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&safetensors(folder)?)?;
    let cannot = || format!("{} cannot be written", to.display());
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent).with_context(cannot)?;
    }
    // A page that is open never sees half a file, and two programs that write it do not disturb one another.
    let unfinished = to.with_extension(format!("{}.part", std::process::id()));
    fs::write(&unfinished, encoder.finish()?).with_context(cannot)?;
    fs::rename(&unfinished, to).with_context(cannot)
}

/// A safetensors file with the chosen digits: "train.pictures", `[6000, 28, 28]`, "train.labels", `[6000]`, "test.pictures",
/// `[1000, 28, 28]`, and "test.labels", `[1000]`, all U8. They come in a random order, so that the first ones of them have all
/// classes, too.
///
/// # Errors
/// If one of the four files cannot be read, or holds too few digits.
pub fn safetensors(folder: &Path) -> Result<Vec<u8>> {
    let sets = [("train", "train", TRAINING), ("test", "t10k", TEST)];
    let sets = sets.iter().map(|&(name, files, count)| Ok((name, chosen(folder, files, count)?)));
    let sets = sets.collect::<Result<Vec<_>>>()?;
    let tensors = sets.iter().flat_map(|(name, (pictures, labels))| {
        [
            (format!("{name}.pictures"), vec![labels.len(), SIDE, SIDE], pictures),
            (format!("{name}.labels"), vec![labels.len()], labels),
        ]
    });
    let views = tensors.map(|(name, shape, bytes)| Ok((name, TensorView::new(Dtype::U8, shape, bytes)?)));
    Ok(serialize(views.collect::<Result<Vec<_>>>()?, None)?)
}

/// The pictures and the classes of `count` digits.
fn chosen(folder: &Path, files: &str, count: usize) -> Result<(Vec<u8>, Vec<u8>)> {
    let pictures = idx::read(folder, &format!("{files}-images-idx3-ubyte"), 3)?;
    let labels = idx::read(folder, &format!("{files}-labels-idx1-ubyte"), 1)?;
    ensure!(
        pictures.len() == labels.len() * SIDE * SIDE && labels.len() >= count,
        "{}: {} classes and {} bytes of pictures are not {count} digits or more",
        folder.display(),
        labels.len(),
        pictures.len()
    );
    let order = order(labels.len());
    let indices = &order[..count];
    let picture = |&index: &usize| &pictures[index * SIDE * SIDE..][..SIDE * SIDE];
    Ok((indices.iter().flat_map(picture).copied().collect(), indices.iter().map(|&index| labels[index]).collect()))
}

/// The numbers below `count` in a random order, by the hash of each: the same one with every version of every library.
fn order(count: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by_cached_key(|index| {
        let mut digest = Sha256::new();
        digest.update(SEED.to_le_bytes());
        digest.update((*index as u64).to_le_bytes());
        digest.finalize()
    });
    order
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use ::safetensors::SafeTensors;
    use flate2::read::GzDecoder;

    use super::*;

    /// IDX files of so many digits: picture number n is full of n % 251, and its class is n % 10. Those to test with are
    /// compressed, as Debian packs them.
    fn folder(name: &str, counts: [usize; 2]) -> std::path::PathBuf {
        let folder = std::env::temp_dir().join(format!("convscope-digits-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        for (files, count) in ["train", "t10k"].into_iter().zip(counts) {
            let mut pictures = [&[0, 0, 8, 3][..], &[0; 12]].concat();
            pictures.extend((0..count).flat_map(|n| [(n % 251) as u8; SIDE * SIDE]));
            let mut labels = [&[0, 0, 8, 1][..], &[0; 4]].concat();
            labels.extend((0..count).map(|n| (n % 10) as u8));
            for (name, bytes) in [("images-idx3", pictures), ("labels-idx1", labels)] {
                let path = folder.join(format!("{files}-{name}-ubyte"));
                if files == "train" {
                    fs::write(path, bytes).unwrap();
                } else {
                    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
                    encoder.write_all(&bytes).unwrap();
                    fs::write(path.with_extension("gz"), encoder.finish().unwrap()).unwrap();
                }
            }
        }
        folder
    }

    #[test]
    fn chosen_digits_are_mixed_and_keep_their_classes() {
        let folder = folder("mixed", [7000, 1200]);
        let to = folder.join("data/made.safetensors.gz");
        write(&folder, &to).unwrap();
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut GzDecoder::new(fs::File::open(&to).unwrap()), &mut bytes).unwrap();
        let tensors = SafeTensors::deserialize(&bytes).unwrap();
        for (set, count, all) in [("train", TRAINING, 7000), ("test", TEST, 1200)] {
            let pictures = tensors.tensor(&format!("{set}.pictures")).unwrap();
            let labels = tensors.tensor(&format!("{set}.labels")).unwrap();
            assert_eq!((pictures.shape(), labels.shape()), (&[count, SIDE, SIDE][..], &[count][..]));
            let mut seen: Vec<usize> = order(all)[..count].to_vec();
            for (index, (picture, &label)) in seen.iter().zip(pictures.data().chunks(SIDE * SIDE).zip(labels.data())) {
                assert!(
                    picture.iter().all(|&value| usize::from(value) == index % 251) && usize::from(label) == index % 10
                );
            }
            seen.sort_unstable();
            seen.dedup();
            assert_eq!(seen.len(), count, "{set}: no digit comes twice");
            // The first hundred, too, have all classes.
            assert!((0..10).all(|class| labels.data()[..100].contains(&class)), "{set}");
        }
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn too_few_digits_are_refused() {
        let folder = folder("few", [20, 1200]);
        let error = safetensors(&folder).unwrap_err().to_string();
        assert!(error.contains("are not 6000 digits or more"), "{error}");
        fs::remove_file(folder.join("train-labels-idx1-ubyte")).unwrap();
        let error = safetensors(&folder).unwrap_err().to_string();
        assert!(error.contains("train-labels-idx1-ubyte cannot be read"), "{error}");
        fs::remove_dir_all(folder).unwrap();
    }
}
