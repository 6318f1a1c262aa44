//! Dense and grouped convolutions as implicit matrix products: a thread makes a tile of pixels × output channels.

use std::fmt::Write as _;

use super::shader::{ActivationForm, Precision, Shader};
use crate::engine::kernels::plan::LANES;

/// Threads of a workgroup, along pixels and along output channels.
pub(super) const WORKGROUP: [u32; 3] = [16, 4, 1];

/// What a thread makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tile {
    /// Neighbouring output pixels of a row.
    pub(super) pixels: usize,
    /// Vectors of output channels.
    pub(super) vectors: usize,
}

/// Neighbouring pixels to choose from. More gain little and take long to compile, and so would more choice: the second
/// element is what a tile must save to be another shader. All widths of a network for 224 pixels divide by 7.
const PIXELS: [(usize, f64); 5] = [(7, 1.0), (8, 1.1), (4, 1.1), (2, 1.1), (1, 1.1)];
/// The same of vectors.
const VECTORS: [(usize, f64); 3] = [(4, 1.0), (2, 1.1), (1, 1.1)];
/// Threads that a graphics chip needs to be busy; a software adapter is busy with any element.
const BUSY: f64 = 16_384.0;

impl Tile {
    /// The quickest tile for `rows` of `width` pixels with `vectors` of output channels in each of `groups`.
    ///
    /// A pixel's time for each vector is about `16 + 102 / pixels + 26 / vectors`: arithmetic, loading weights, loading
    /// inputs; fitted to 14 tiles on SwiftShader. Hardware also wants enough threads.
    pub(super) fn choose(rows: usize, width: usize, vectors: usize, groups: usize, software: bool) -> Self {
        let time = |tile: Self| {
            let (across, deep) = (width.div_ceil(tile.pixels), vectors.div_ceil(tile.vectors));
            let threads = (rows * across * deep * groups) as f64;
            let work = (tile.pixels * tile.vectors) as f64;
            let each = 16.0 + 102.0 / tile.pixels as f64 + 26.0 / tile.vectors as f64;
            let idle = if software { 0.0 } else { BUSY / threads };
            threads * work * each * (1.0 + idle)
        };
        let mut best = (Self { pixels: 1, vectors: 1 }, f64::INFINITY);
        for (pixels, rare) in PIXELS {
            // A tile does not reach into the next group.
            for (deep, rarer) in VECTORS.into_iter().filter(|(deep, _)| groups == 1 || vectors.is_multiple_of(*deep)) {
                let tile = Self { pixels, vectors: deep };
                let time = time(tile) * rare * rarer;
                if time < best.1 {
                    best = (tile, time);
                }
            }
        }
        best.0
    }
}

/// The text of a convolution's shader, one for all kernels and strides. Bindings: shapes, input, output, weights, bias,
/// what is added.
pub(super) fn text(tile: Tile, activation: ActivationForm, precision: Precision) -> String {
    let shader = Shader::new(precision).reads("input", "h4").writes("output", "h4").reads("weights", "h4");
    let shader = shader.reads("bias", "vec4f").reads("residual", "h4");
    let mut b = String::new();
    // Writing to a String cannot fail.
    let _ = body(&mut b, tile, activation);
    shader.main(WORKGROUP, &b)
}

fn body(b: &mut String, tile: Tile, activation: ActivationForm) -> std::fmt::Result {
    let Tile { pixels, vectors } = tile;
    let step = vectors * LANES;
    writeln!(b, "let y = id.x / s.tiles; let x = (id.x % s.tiles) * {pixels}u; let first = id.y * {vectors}u;")?;
    writeln!(b, "if (y >= s.height || first >= s.outs) {{ return; }}")?;
    for p in 0..pixels {
        for v in 0..vectors {
            writeln!(b, "var a{p}_{v} = vec4f(0);")?;
        }
    }
    writeln!(b, "var w = id.y * s.ins * s.kernel * s.kernel * {step}u + y * s.row_weights;")?;
    writeln!(b, "let next = s.stride * s.in_pixel;")?;
    writeln!(b, "let corner = s.in_start + y * s.stride * s.in_row + x * next + first / s.group * s.ins;")?;
    writeln!(b, "for (var ky = 0u; ky < s.kernel; ky++) {{ for (var kx = 0u; kx < s.kernel; kx++) {{")?;
    writeln!(b, "let start = corner + ky * s.in_row + kx * s.in_pixel;")?;
    writeln!(b, "for (var c = 0u; c < s.ins; c++) {{")?;
    for p in 0..pixels {
        writeln!(b, "let x{p} = input[start + {p}u * next + c];")?;
    }
    for v in 0..vectors {
        let at = |lane: usize| format!("weights[w + {}u]", v * LANES + lane);
        writeln!(b, "let m{v} = h44({}, {}, {}, {});", at(0), at(1), at(2), at(3))?;
        for p in 0..pixels {
            writeln!(b, "a{p}_{v} += vec4f(m{v} * x{p});")?;
        }
    }
    writeln!(b, "w += {step}u; }} }} }}")?;
    writeln!(b, "let o = s.out_start + y * s.out_row + x * s.out_pixel + first;")?;
    writeln!(b, "let r = s.residual_start + y * s.residual_row + x * s.residual_pixel + first;")?;
    for v in 0..vectors {
        writeln!(b, "if (first + {v}u < s.outs) {{ let b = bias[first + {v}u];")?;
        for p in 0..pixels {
            writeln!(b, "if (x + {p}u < s.width) {{ var sum = a{p}_{v} + b;")?;
            writeln!(b, "if (s.add != 0) {{ sum += vec4f(residual[r + {p}u * s.residual_pixel + {v}u]); }}")?;
            writeln!(b, "output[o + {p}u * s.out_pixel + {v}u] = h4({}); }}", activation.text("sum"))?;
        }
        writeln!(b, "}}")?;
    }
    Ok(())
}

/// Weights in the shader's order: tile of output channels, tap, vector of inputs, vector of outputs, input.
///
/// `weight(output, input, tap)` is asked for each; groups of output channels that a tile covers only in part are filled
/// up with zeros.
pub(super) fn pack(
    outputs: usize,
    inputs: usize,
    taps: usize,
    vectors: usize,
    weight: impl Fn(usize, usize, usize) -> f32,
) -> Vec<f32> {
    let (tiles, ins) = (outputs.div_ceil(vectors * LANES), inputs.div_ceil(LANES));
    let mut elements = Vec::with_capacity(tiles * taps * ins * vectors * LANES * LANES);
    for tile in 0..tiles {
        for tap in 0..taps {
            for vector_in in 0..ins {
                for vector in 0..vectors {
                    for lane in 0..LANES {
                        let input = vector_in * LANES + lane;
                        let output = (tile * vectors + vector) * LANES;
                        let inside = |output: usize| input < inputs && output < outputs;
                        elements.extend(
                            (output..output + LANES).map(
                                |output| {
                                    if inside(output) { weight(output, input, tap) } else { 0.0 }
                                },
                            ),
                        );
                    }
                }
            }
        }
    }
    elements
}
