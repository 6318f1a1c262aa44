//! The JavaScript API: the only folder that JavaScript sees. Plain typed objects go in and out, and every error has one form.
//!
//! | file | what |
//! |---|---|
//! | `types.d.ts` | the types of all objects, for TypeScript |
//! | [`engine`] | `Engine`, the class that everything is asked of |
//! | `layers` | what is known of a network's layers without weights |
//! | `attention` | where a network looks |
//! | `profile` | the time of each layer |
//! | `activations`, `filters` | what layers gave, and what the first convolution looks for |
//! | `progress` | how a longer computation tells how far it is |
//! | `answer`, `card` | what is handed out |
//! | [`frame`] | what is handed in |
//! | `lab`, `lab.d.ts` | `Lab`, the gradient lab's class, and its types (feature "burn") |
//! | [`device`] | devices in a browser, for this project's kernels and for burn |

use js_sys::Reflect;
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::error::Error;

mod activations;
mod answer;
mod attention;
mod card;
pub mod device;
pub mod engine;
mod filters;
pub mod frame;
#[cfg(feature = "burn")]
pub mod lab;
mod layers;
mod profile;
mod progress;

pub use attention::{JsAttentionMap, JsAttentionOptions, JsDeletionOptions};
pub use engine::Engine;
pub use frame::JsFrame;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("web/types.d.ts");

/// What JavaScript gets: a value, or an `Error` object with a stable `code`.
type JsResult<T> = Result<T, JsValue>;

/// Runs when the module is started; shows a panic in the console instead of a bare "unreachable".
#[wasm_bindgen(start)]
pub fn start() {
    #[cfg(feature = "burn")]
    device::burn::construct_statics();
    console_error_panic_hook::set_once();
}

/// Plain objects, arrays and numbers.
fn plain(value: &impl Serialize) -> JsResult<JsValue> {
    value
        .serialize(&serde_wasm_bindgen::Serializer::new().serialize_missing_as_null(true))
        .map_err(|error| to_js(Error::Internal(error.to_string())))
}

/// An `Error` object with `code`.
#[expect(clippy::needless_pass_by_value, reason = "map_err hands it over")]
fn to_js(error: Error) -> JsValue {
    let object = js_sys::Error::new(&error.to_string());
    // Setting a property of a fresh object cannot fail.
    let _ = Reflect::set(&object, &"code".into(), &error.code().into());
    object.into()
}
