//! A frame as JavaScript hands it over → a network's input.

use js_sys::Uint8ClampedArray;
use wasm_bindgen::prelude::*;

use crate::error::{Error, Result};
use crate::frame::{self, Input, Layout, MatrixCoefficients, Planes, Preprocessing};

#[wasm_bindgen]
extern "C" {
    /// Pixels or planes as JavaScript holds them.
    #[wasm_bindgen(typescript_type = "Frame")]
    pub type JsFrame;
    #[wasm_bindgen(method, getter)]
    fn data(this: &JsFrame) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn width(this: &JsFrame) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn height(this: &JsFrame) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn format(this: &JsFrame) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn matrix(this: &JsFrame) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = fullRange)]
    fn full_range(this: &JsFrame) -> JsValue;
}

/// The input that a network reads, cut out of a frame.
///
/// # Errors
/// [`Error::BadFrame`] for sides that are not whole numbers, for data of another type, and as [`frame::Frame::new`] and
/// [`Planes::new`].
pub(super) fn input(preprocessing: Preprocessing, frame: &JsFrame) -> Result<Input> {
    let side = |value: JsValue| value.as_f64().filter(|side| side.fract() == 0.0 && *side >= 0.0);
    let (Some(width), Some(height)) = (side(frame.width()), side(frame.height())) else {
        return Err(Error::BadFrame("its width and height must be whole numbers".into()));
    };
    // What is greater than a `usize` becomes the greatest of them, and is refused too.
    let (width, height) = (width as usize, height as usize);
    // Before anything is copied.
    frame::check_size(width, height)?;
    let data = match frame.data().dyn_into::<Uint8ClampedArray>() {
        Ok(data) => data.to_vec(),
        Err(_) => return Err(Error::BadFrame("its data must be a Uint8ClampedArray".into())),
    };
    let layout = match frame.format().as_string().as_deref() {
        Some("I420") => Layout::I420,
        Some("NV12") => Layout::Nv12,
        Some("RGBA") | None => return Ok(Input::from_frame(&frame::Frame::new(&data, width, height)?, preprocessing)),
        Some(_) => return Err(Error::BadFrame("its format must be RGBA, I420 or NV12".into())),
    };
    let matrix = match frame.matrix().as_string().as_deref() {
        Some("bt709") => MatrixCoefficients::Bt709,
        _ => MatrixCoefficients::Bt601,
    };
    let planes = Planes::new(&data, width, height, layout, matrix, frame.full_range().is_truthy())?;
    Ok(Input::from_planes(&planes, preprocessing))
}
