//! Writes pickles of numpy arrays as Python does: `layer → [kernel, bias]`, kernels `[height, width, inputs, outputs]`.

use super::caffe::Tensor;
use super::pytorch::text;

/// How the arrays are written.
#[derive(Clone, Copy)]
pub(crate) struct Style {
    /// Of pickle: 3, or 4 with its own instructions for names, texts and what is named again.
    pub(crate) protocol: u8,
    /// The first dimension runs fastest.
    pub(crate) fortran: bool,
    /// Of numpy's type: `f4`, `f8`, …
    pub(crate) kind: &'static str,
    /// `<` or `>`.
    pub(crate) order: &'static str,
}

/// As the official file is written.
pub(crate) const OFFICIAL: Style = Style { protocol: 3, fortran: false, kind: "f4", order: "<" };

/// The pickle of a dictionary of layers; `extra` are further instructions, before the items are set.
pub(crate) fn pickle(tensors: &[Tensor], style: Style, extra: &[u8]) -> Vec<u8> {
    let mut pickle = vec![0x80, style.protocol];
    if style.protocol == 4 {
        // Of a frame whose length nobody needs.
        pickle.extend(b"\x95\0\0\0\0\0\0\0\0");
    }
    pickle.extend(b"}(");
    for parts in tensors.chunk_by(|(one, ..), (other, ..)| layer(one) == layer(other)) {
        pickle.extend(text(layer(&parts[0].0)));
        pickle.extend(b"](");
        pickle.extend(parts.iter().flat_map(|tensor| array(tensor, style)));
        pickle.extend(b"e");
    }
    pickle.extend(extra);
    pickle.extend(b"u.");
    pickle
}

fn layer(name: &str) -> &str {
    name.rsplit_once('.').unwrap().0
}

/// A call of `_reconstruct` and its state.
fn array((_, shape, values): &Tensor, style: Style) -> Vec<u8> {
    let (shape, values) = in_numpys_order(shape, values, style.fortran);
    let module = if style.protocol == 4 { "numpy._core.multiarray" } else { "numpy.core.multiarray" };
    let mut array = [name(module, "_reconstruct", style), name("numpy", "ndarray", style)].concat();
    // Named again as the first time, and again: (0,) and b"b".
    array.extend(b"K\0\x85q\x05C\x01b\x87Rr\0\x01\0\0");
    array.extend(b"(K\x01(");
    array.extend(shape.iter().flat_map(|&dimension| [b"J", &(dimension as i32).to_le_bytes()[..]].concat()));
    array.extend(b"t");
    array.extend(name("numpy", "dtype", style));
    array.extend([&text(style.kind)[..], b"\x89\x88\x87R(K\x03", &text(style.order)].concat());
    array.extend(b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb");
    array.push(if style.fortran { 0x88 } else { 0x89 });
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    array.extend(match bytes.len() {
        length @ 0..256 => vec![b'C', length as u8],
        length => [b"B", &(length as u32).to_le_bytes()[..]].concat(),
    });
    array.extend(bytes);
    array.extend(b"tb");
    array
}

fn name(module: &str, name: &str, style: Style) -> Vec<u8> {
    match style.protocol {
        4 => [
            &[0x8c, module.len() as u8],
            module.as_bytes(),
            &[0x94, 0x8c, name.len() as u8],
            name.as_bytes(),
            b"\x93\x94",
        ]
        .concat(),
        _ => format!("c{module}\n{name}\n").into_bytes(),
    }
}

/// A kernel's `[outputs, inputs, height, width]` → `[height, width, inputs, outputs]`, the last or first running fastest.
fn in_numpys_order(shape: &[usize], values: &[f32], fortran: bool) -> (Vec<usize>, Vec<f32>) {
    let &[outputs, inputs, height, width] = shape else { return (shape.to_vec(), values.to_vec()) };
    let lengths = [height, width, inputs, outputs];
    let ordered = (0..values.len()).map(|place| {
        let mut at = [0; 4];
        let mut rest = place;
        let fastest_first: [usize; 4] = if fortran { [0, 1, 2, 3] } else { [3, 2, 1, 0] };
        for axis in fastest_first {
            at[axis] = rest % lengths[axis];
            rest /= lengths[axis];
        }
        let [y, x, input, output] = at;
        values[((output * inputs + input) * height + y) * width + x]
    });
    (lengths.to_vec(), ordered.collect())
}
