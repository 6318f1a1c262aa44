//! `Checkpoint`, the class of the reader build: a file of weights that somebody has, and the weights that the engine loads. For
//! workers, which alone have `FileReaderSync`.

use std::io;
use std::rc::Rc;

use anyhow::{Result, ensure};
use convscope_manifest::{ManifestRow, OfficialFile};
use js_sys::{Array, Function, Object, Reflect, Uint8Array};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use web_sys::{Blob, FileReaderSync};

use super::{JsResult, coded, plain};
use crate::convert::export::own::Own;
use crate::convert::export::packed::{Offer, Packed, packed};
use crate::convert::quantise::unseen::quantised;
use crate::convert::quantise::variant::Variant;
use crate::convert::read::{self, Fitting, ReadAt, inspect, open};
use crate::networks::card;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("reader.d.ts");
#[wasm_bindgen(typescript_custom_section)]
const MANIFEST_TYPES: &str = include_str!("../../www/pure/manifest.d.ts");

/// The code of every error here.
const BAD_CHECKPOINT: &str = "bad-checkpoint";

#[wasm_bindgen]
extern "C" {
    /// How a checkpoint is converted.
    #[wasm_bindgen(typescript_type = "ConvertOptions")]
    pub type JsConvertOptions;
    #[wasm_bindgen(method, getter)]
    fn name(this: &JsConvertOptions) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    fn variant(this: &JsConvertOptions) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    fn labels(this: &JsConvertOptions) -> Option<Vec<String>>;
    #[wasm_bindgen(method, getter)]
    fn framing(this: &JsConvertOptions) -> Option<String>;
}

/// A file of the browser.
struct BlobFile {
    name: String,
    blob: Blob,
    reader: FileReaderSync,
}

impl ReadAt for BlobFile {
    fn name(&self) -> &str {
        &self.name
    }

    fn length(&self) -> u64 {
        self.blob.size() as u64
    }

    fn read_at(&self, start: u64, buffer: &mut [u8]) -> io::Result<()> {
        let end = start + buffer.len() as u64;
        let part = self.blob.slice_with_f64_and_f64(start as f64, end as f64);
        // The browser says no more than a name, such as "NotReadableError" for a file that has been moved.
        let bytes = part.and_then(|part| self.reader.read_as_array_buffer(&part));
        let bytes = bytes
            .map_err(|error| io::Error::other(js_sys::Error::from(error).name().as_string().unwrap_or_default()))?;
        let bytes = Uint8Array::new(&bytes);
        if bytes.length() as usize != buffer.len() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        bytes.copy_to(buffer);
        Ok(())
    }
}

#[derive(Serialize)]
struct SummaryJs<'a> {
    format: &'static str,
    notes: &'a [String],
    tensors: usize,
    parameters: u64,
    networks: Vec<FitJs>,
    misfit: &'a str,
}

#[derive(Serialize)]
struct FitJs {
    id: &'static str,
    classes: usize,
    official: bool,
}

/// A file of weights that somebody has.
#[wasm_bindgen]
pub struct Checkpoint {
    file: Rc<dyn ReadAt>,
    found: read::Checkpoint,
}

#[wasm_bindgen]
impl Checkpoint {
    /// Looks into a file: which format it has, and which networks it fits. `name` is its name, for messages. No tensor is kept
    /// in memory.
    ///
    /// Throws "bad-checkpoint" for a file that is damaged, cannot be read, or is of no known format.
    #[wasm_bindgen(constructor)]
    pub fn new(file: Blob, name: String) -> JsResult<Checkpoint> {
        let file = BlobFile { name, blob: file, reader: FileReaderSync::new()? };
        let file: Rc<dyn ReadAt> = Rc::new(file);
        let found = inspect(file.clone()).map_err(|error| refusal(&error))?;
        Ok(Self { file, found })
    }

    /// What it holds.
    #[wasm_bindgen(unchecked_return_type = "CheckpointSummary")]
    pub fn summary(&self) -> JsResult<JsValue> {
        let read::Checkpoint { format, notes, tensors, parameters, networks, misfit } = &self.found;
        let fit = |fit: &Fitting| FitJs { id: fit.card.id, classes: fit.classes, official: fit.official };
        let networks = networks.iter().map(fit).collect();
        plain(&SummaryJs { format: format.name(), notes, tensors: *tensors, parameters: *parameters, networks, misfit })
    }

    /// The weights as the engine loads them, in 8 and 16 bits, with their row of the manifest. `progress` is called after each
    /// tensor, with the number of elements that are done and that of all.
    ///
    /// Throws "bad-checkpoint" for a network that the file does not fit, options that do not fit it, and tensors that cannot be
    /// read; and what `progress` throws.
    #[allow(clippy::needless_pass_by_value, reason = "JavaScript's functions come by value")]
    #[wasm_bindgen(unchecked_return_type = "ConvertedWeights")]
    pub fn convert(
        &self,
        network: &str,
        options: &JsConvertOptions,
        #[wasm_bindgen(unchecked_optional_param_type = "(done: number, total: number) => void")] progress: Option<
            Function,
        >,
    ) -> JsResult<JsValue> {
        let mut thrown = None;
        let report = |done: usize, total: usize| {
            let Some(progress) = &progress else { return Ok(()) };
            let told = progress.call2(&JsValue::NULL, &done.into(), &total.into());
            told.map(drop).map_err(|error| {
                thrown = Some(error);
                anyhow::anyhow!("it was given up")
            })
        };
        let converted = self.converted(network, options, report);
        if let Some(error) = thrown {
            return Err(error);
        }
        let Packed { row, shards } = converted.map_err(|error| refusal(&error))?;
        handed_out(&row, &shards)
    }
}

impl Checkpoint {
    fn converted(
        &self,
        network: &str,
        options: &JsConvertOptions,
        progress: impl FnMut(usize, usize) -> Result<()>,
    ) -> Result<Packed> {
        let card = card(network)?;
        let fit = self.found.networks.iter().find(|fit| fit.card.id == network);
        let name = options.name().unwrap_or_default();
        let is_official = name.is_empty() && fit.is_some_and(|fit| fit.official);
        ensure!(
            is_official || !name.is_empty(),
            "Weights that are not the official ones of {} need a name.",
            card.name
        );
        let file = open(card, self.file.clone())?;
        let own = Own::new(card, &name, file.classes()?, options.labels(), options.framing().as_deref());
        let own = match is_official {
            true => None,
            false => Some(own?.kept_as(options.variant().as_deref())?),
        };
        // Its hash would take seconds more.
        let source = OfficialFile { from: self.file.name().into(), hash: String::new() };
        let offer = match &own {
            None => Offer::official(card, Variant::Q8),
            Some(own) => Offer::own(card, own, source),
        };
        let (weights, measured) = quantised(&file, progress)?;
        packed(&offer, &file.graph, &weights, measured)
    }
}

/// `{ row, shards }`
fn handed_out(row: &ManifestRow, shards: &[Vec<u8>]) -> JsResult<JsValue> {
    let files = Array::new();
    for shard in shards {
        files.push(&Uint8Array::from(shard.as_slice()));
    }
    let object = Object::new();
    Reflect::set(&object, &"row".into(), &plain(row)?)?;
    Reflect::set(&object, &"shards".into(), &files)?;
    Ok(object.into())
}

/// An `Error` object with [`BAD_CHECKPOINT`] and a sentence.
fn refusal(error: &anyhow::Error) -> JsValue {
    let text = format!("{error:#}");
    coded(&format!("{}.", text.trim_end_matches('.')), BAD_CHECKPOINT)
}
