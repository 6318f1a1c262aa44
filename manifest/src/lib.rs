//! What the converter of weights, `cargo xtask` and the page tell each other, as one type for each message.
//!
//! | type | written by | read by |
//! |---|---|---|
//! | [`ManifestRow`] | the converter, one file for each installed network | xtask |
//! | [`Manifest`] | xtask, from the rows; `serve` adds what it still builds | the page |
//! | [`Source`] | the converter (`convert sources`) | xtask |
//!
//! A crate of its own, because xtask must compile without the networks, and the networks without xtask.

mod hash;
mod own;
mod source;

use serde::{Deserialize, Serialize};
#[cfg(feature = "typescript")]
use ts_rs::TS;

pub use hash::{Hash, hexadecimal, sha256};
pub use own::{OwnWeights, variant_of};
pub use source::{Origin, SMALL_BYTES, Source};

/// [`Manifest::version`], raised when a page that reads the old form would misread the new one.
pub const VERSION: u32 = 1;

/// The list of all installed weights: `www/weights/manifest.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
pub struct Manifest {
    /// Version of this form.
    pub version: u32,
    /// One row for each network and variant, in the order of their folders' names.
    pub networks: Vec<ManifestRow>,
    /// What the server still builds, in order; missing where everything is built.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub building: Option<Vec<BuildingStep>>,
}

/// One network's weights in one variant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
pub struct ManifestRow {
    /// The network's id, as on its card.
    pub id: String,
    /// Hash of the graph whose tensors the shards hold.
    pub graph: String,
    /// Version of the converter that wrote the shards; raised when the way of quantising changes.
    #[serde(default)]
    pub converter: u32,
    /// "q8": 8 bits, 16 where needed; "q4": the same with linear layers at 4 bits; of weights of one's own, the variant that their
    /// name makes.
    pub variant: String,
    /// What weights of one's own say of themselves; missing for the official ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub own: Option<OwnWeights>,
    /// Size of all shards together, in bytes.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub bytes: u64,
    /// The files, in the order in which the engine takes them.
    pub shards: Vec<Shard>,
    /// The file that was converted.
    pub source: OfficialFile,
    /// What quantisation did to the network's answers.
    pub measured: Measured,
}

/// A file of weights.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
pub struct Shard {
    /// Its path below `www/weights`.
    pub file: String,
    /// Its size in bytes.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal digits.
    pub sha256: String,
}

/// Where weights come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
pub struct OfficialFile {
    /// Address of the file, or the package that holds it, or the data that the network was trained on here; of weights of one's
    /// own, the file's name.
    pub from: String,
    /// The digits of its hash as its publisher gives them, or of its SHA-256; empty for a network that was trained here.
    pub hash: String,
}

/// How a quantised network was compared with the one in single precision.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
#[serde(untagged)]
pub enum Measured {
    /// On photos, by its logits.
    Photos(Agreement),
    /// On labelled digits, by its classes.
    Digits(DigitAccuracy),
    /// Without pictures, by its weights alone.
    Weights(RoundingError),
}

/// How far a quantised network agrees with the one in single precision, on photos and crops of them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
pub struct Agreement {
    /// How many pictures were compared.
    pub pictures: usize,
    /// Lowest cosine of the two networks' logits.
    pub lowest_cosine: f32,
    /// Share of the pictures with the same most probable class, 0 to 1.
    pub top1: f32,
    /// Mean share of one network's five most probable classes that are among the other's five, 0 to 1.
    pub top5: f32,
}

/// How far the rounded weights are from those in single precision, where the network was not run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
pub struct RoundingError {
    /// How many tensors were rounded.
    pub tensors: usize,
    /// The greatest relative error of a tensor, `√(Σ (a − b)² / Σ a²)` over its elements.
    pub greatest_error: f32,
}

/// How many of MNIST's test digits a network that was trained here reads.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
pub struct DigitAccuracy {
    /// How many digits were read.
    pub digits: usize,
    /// Share that the quantised network reads correctly, 0 to 1.
    pub accuracy: f64,
    /// Share that the network in single precision reads correctly, 0 to 1.
    pub accuracy_f32: f64,
    /// Share that both read alike, 0 to 1.
    pub top1: f64,
    /// Seed of the training.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub seed: u64,
    /// How often the training saw every digit.
    pub epochs: usize,
}

/// A step of what the server still builds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(TS))]
pub struct BuildingStep {
    /// What it is called.
    pub name: String,
    /// How far it is, for people.
    pub text: String,
}

/// TypeScript's declarations of [`Manifest`] and all that it holds.
#[cfg(feature = "typescript")]
pub fn typescript() -> String {
    let config = ts_rs::Config::new();
    let mut text = String::from(
        "// Written by `cargo xtask documents` from the structs in manifest/src/lib.rs: what www/weights/manifest.json holds.\n",
    );
    let declarations = [
        declaration::<Manifest>(&config),
        declaration::<ManifestRow>(&config),
        declaration::<OwnWeights>(&config),
        declaration::<Shard>(&config),
        declaration::<OfficialFile>(&config),
        declaration::<Measured>(&config),
        declaration::<Agreement>(&config),
        declaration::<DigitAccuracy>(&config),
        declaration::<RoundingError>(&config),
        declaration::<BuildingStep>(&config),
    ];
    for declaration in declarations {
        text += &format!("\n{declaration}\n");
    }
    text
}

/// A type's declaration with its docstrings, in the layout of the page's code, which the library leaves to a formatter.
#[cfg(feature = "typescript")]
fn declaration<T: TS>(config: &ts_rs::Config) -> String {
    let (docs, body) = (T::docs().unwrap_or_default(), T::decl(config));
    let on_one_line = |text: &str| text.replace("/**\n * ", "/** ").replace("\n */", " */");
    let body = on_one_line(&body).replace("{ \n", "{\n  ").replace(", \n", ",\n  ").replace(" */\n", " */\n  ");
    format!("{}export {}", on_one_line(&docs), body.replace(", };", ",\n};"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_as_they_are_written() {
        let row = |measured| ManifestRow {
            id: "a".into(),
            graph: "0123".into(),
            converter: 2,
            variant: "q8".into(),
            own: None,
            bytes: 4,
            shards: vec![Shard { file: "a/w.safetensors".into(), bytes: 4, sha256: "00".into() }],
            source: OfficialFile { from: "somewhere".into(), hash: "ff".into() },
            measured,
        };
        let photos = Agreement { pictures: 48, lowest_cosine: 0.999_868_45, top1: 1.0, top5: 0.995_833_34 };
        let digits = DigitAccuracy {
            digits: 10_000,
            accuracy: 0.994,
            accuracy_f32: 0.9939,
            top1: 0.9999,
            seed: 1998,
            epochs: 20,
        };
        let weights = RoundingError { tensors: 21, greatest_error: 0.0078 };
        for measured in [Measured::Photos(photos), Measured::Digits(digits), Measured::Weights(weights)] {
            let own = ManifestRow { own: Some(OwnWeights { name: "Flowers".into(), classes: 5 }), ..row(measured) };
            let manifest = Manifest { version: VERSION, networks: vec![row(measured), own], building: None };
            let text = serde_json::to_string(&manifest).expect("JSON");
            assert!(!text.contains("building"), "{text}");
            assert_eq!(text.matches("own").count(), 1, "{text}");
            assert_eq!(serde_json::from_str::<Manifest>(&text).expect("a manifest"), manifest);
        }
    }

    #[test]
    fn a_row_without_the_converters_version_is_of_version_0() {
        let text = r#"{ "id": "a", "graph": "g", "variant": "q8", "bytes": 0, "shards": [], "source": { "from": "", "hash": "" },
                       "measured": { "pictures": 1, "lowest_cosine": 1, "top1": 1, "top5": 1 } }"#;
        assert_eq!(serde_json::from_str::<ManifestRow>(text).expect("a row").converter, 0);
    }
}
