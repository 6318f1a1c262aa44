//! The JavaScript API: the only folder that JavaScript sees. Plain typed objects go in and out, and every error has one form.
//!
//! | file | what |
//! |---|---|
//! | `types.d.ts` | the types of all objects, for TypeScript |
//! | `engine` | `Engine`, the class that everything is asked of |
//! | `layers` | what is known of a network's layers without weights |
//! | `attention` | where a network looks |
//! | `profile` | the time of each layer |
//! | `activations`, `filters` | what layers gave, and what the first convolution looks for |
//! | `progress` | how a longer computation tells how far it is |
//! | `answer`, `card` | what is handed out |
//! | `frame` | what is handed in |
//! | `lab`, `lab.d.ts` | `Lab`, the gradient lab's class, and its types (feature "burn") |
//! | `device` | devices in a browser, for this project's kernels and for burn |
//! | `arguments.js` | checks what the engine's methods are called with |
//! | `threads`, `threads.js`, `thread.js`, `memory.js` | the threads of an engine on the CPU, and the memory that they share |
//! | `reader`, `reader.d.ts` | `Checkpoint`, which converts files of weights, and its types: all that the build with the feature "reader" has |

use js_sys::Reflect;
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::error::Error;

#[cfg(not(feature = "reader"))]
mod activations;
#[cfg(not(feature = "reader"))]
mod answer;
#[cfg(not(feature = "reader"))]
mod attention;
#[cfg(not(feature = "reader"))]
mod card;
#[cfg(not(feature = "reader"))]
pub mod device;
#[cfg(not(feature = "reader"))]
pub mod engine;
#[cfg(not(feature = "reader"))]
mod filters;
#[cfg(not(feature = "reader"))]
pub mod frame;
#[cfg(all(feature = "burn", not(feature = "reader")))]
pub mod lab;
#[cfg(not(feature = "reader"))]
mod layers;
#[cfg(not(feature = "reader"))]
mod profile;
#[cfg(not(feature = "reader"))]
mod progress;
#[cfg(feature = "reader")]
pub mod reader;
#[cfg(all(not(feature = "burn"), not(feature = "reader")))]
mod threads;

#[cfg(not(feature = "reader"))]
pub use attention::{JsAttentionMap, JsAttentionOptions, JsDeletionOptions};
#[cfg(not(feature = "reader"))]
pub use engine::Engine;
#[cfg(not(feature = "reader"))]
pub use frame::JsFrame;

#[cfg(not(feature = "reader"))]
#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("web/types.d.ts");

/// What JavaScript gets: a value, or an `Error` object with a stable `code`.
type JsResult<T> = Result<T, JsValue>;

/// Runs when the module is started; shows a panic in the console instead of a bare "unreachable".
#[wasm_bindgen(start)]
pub fn start() {
    #[cfg(all(feature = "burn", not(feature = "reader")))]
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
    coded(&error.to_string(), error.code())
}

/// An `Error` object with this message and this code.
fn coded(message: &str, code: &str) -> JsValue {
    let object = js_sys::Error::new(message);
    // Setting a property of a fresh object cannot fail.
    let _ = Reflect::set(&object, &"code".into(), &code.into());
    object.into()
}
