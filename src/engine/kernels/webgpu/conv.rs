//! Dense and grouped convolutions as implicit matrix products: a thread makes a tile of pixels × output channels.

use std::fmt::Write as _;

use super::shader::{Precision, Shader, activate};
use crate::engine::kernels::plan::LANES;
use crate::graph::Activation;

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

/// Tiles with more pixels gain little and take long to compile.
const PIXELS: usize = 8;
const VECTORS: usize = 4;
/// Threads that a graphics chip needs to be busy; a software adapter is busy with any number.
const BUSY: f64 = 16_384.0;

impl Tile {
    /// The quickest tile for `rows` of `width` pixels with `vectors` of output channels in each of `groups`.
    ///
    /// A pixel's time for each vector is about `16 + 102 / pixels + 26 / vectors`: arithmetic, loading weights, loading
    /// inputs; fitted to 14 tiles on SwiftShader. Hardware also wants enough threads.
    pub(super) fn choose(rows: usize, width: usize, vectors: usize, groups: usize, software: bool) -> Self {
        let tiles = (1..=PIXELS).flat_map(|pixels| (1..=VECTORS).map(move |vectors| Self { pixels, vectors }));
        // A tile does not reach into the next group.
        let tiles = tiles.filter(|tile| groups == 1 || vectors.is_multiple_of(tile.vectors));
        let time = |tile: &Self| {
            let (across, deep) = (width.div_ceil(tile.pixels), vectors.div_ceil(tile.vectors));
            let threads = (rows * across * deep * groups) as f64;
            let work = (tile.pixels * tile.vectors) as f64;
            let each = 16.0 + 102.0 / tile.pixels as f64 + 26.0 / tile.vectors as f64;
            let idle = if software { 0.0 } else { BUSY / threads };
            threads * work * each * (1.0 + idle)
        };
        tiles.min_by(|a, b| time(a).total_cmp(&time(b))).unwrap_or(Self { pixels: 1, vectors: 1 })
    }
}

/// A convolution's shader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ConvShader {
    pub(super) precision: Precision,
    pub(super) tile: Tile,
    pub(super) kernel: usize,
    pub(super) stride: usize,
    pub(super) grouped: bool,
    pub(super) ending: Ending,
}

/// What follows the products.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// Nothing: one of Winograd's products, whose rows have weights of their own.
    Product,
    /// Bias, maybe another value added, and the activation.
    Finish { residual: bool, activation: Activation },
}

impl ConvShader {
    /// Its text. Bindings: shapes, input, output, weights, bias, residual.
    pub(super) fn text(self) -> String {
        let Tile { pixels, vectors } = self.tile;
        let mut shader = Shader::new(self.precision).reads("input", "h4").writes("output", "h4").reads("weights", "h4");
        if let Ending::Finish { residual, .. } = self.ending {
            shader = shader.reads("bias", "vec4f");
            if residual {
                shader = shader.reads("beside", "h4");
            }
        }
        let mut b = String::new();
        // Writing to a String cannot fail.
        let _ = self.write_body(&mut b, pixels, vectors);
        shader.main(WORKGROUP, &b)
    }

    fn write_body(self, b: &mut String, pixels: usize, vectors: usize) -> std::fmt::Result {
        let Self { kernel, stride, .. } = self;
        let tile = || (0..pixels).flat_map(|p| (0..vectors).map(move |v| (p, v)));
        writeln!(b, "let y = id.x / s.tiles; let x = (id.x % s.tiles) * {pixels}u; let first = id.y * {vectors}u;")?;
        writeln!(b, "if (y >= s.height || first >= s.outs) {{ return; }}")?;
        for (p, v) in tile() {
            writeln!(b, "var a{p}_{v} = vec4f(0);")?;
        }
        let step = vectors * LANES;
        writeln!(b, "var w = id.y * s.ins * {}u;", kernel * kernel * step)?;
        writeln!(b, "var row = s.in_start + y * {stride}u * s.in_row + x * {stride}u * s.in_pixel;")?;
        match self.ending {
            Ending::Product => writeln!(b, "w += y * s.skip;")?,
            Ending::Finish { .. } if self.grouped => writeln!(b, "row += first / s.skip * s.ins;")?,
            Ending::Finish { .. } => {}
        }
        writeln!(b, "let next = {stride}u * s.in_pixel;")?;
        if kernel > 1 {
            writeln!(b, "for (var ky = 0u; ky < {kernel}u; ky++) {{ for (var kx = 0u; kx < {kernel}u; kx++) {{")?;
            writeln!(b, "let start = row + ky * s.in_row + kx * s.in_pixel;")?;
        } else {
            writeln!(b, "let start = row;")?;
        }
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
        writeln!(b, "w += {step}u; }}")?;
        if kernel > 1 {
            writeln!(b, "}} }}")?;
        }
        writeln!(b, "let o = s.out_start + y * s.out_row + x * s.out_pixel + first;")?;
        if let Ending::Finish { residual: true, .. } = self.ending {
            writeln!(b, "let r = s.beside_start + y * s.beside_row + x * s.beside_pixel + first;")?;
        }
        for v in 0..vectors {
            writeln!(b, "if (first + {v}u < s.outs) {{")?;
            if let Ending::Finish { .. } = self.ending {
                writeln!(b, "let b = bias[first + {v}u];")?;
            }
            for p in 0..pixels {
                let value = match self.ending {
                    Ending::Product => format!("a{p}_{v}"),
                    Ending::Finish { residual, activation } => {
                        let beside = format!(" + vec4f(beside[r + {p}u * s.beside_pixel + {v}u])");
                        let sum = format!("a{p}_{v} + b{}", if residual { beside.as_str() } else { "" });
                        activate(activation, &sum)
                    }
                };
                writeln!(b, "if (x + {p}u < s.width) {{ output[o + {p}u * s.out_pixel + {v}u] = h4({value}); }}")?;
            }
            writeln!(b, "}}")?;
        }
        Ok(())
    }
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
    let mut numbers = Vec::with_capacity(tiles * taps * ins * vectors * LANES * LANES);
    for tile in 0..tiles {
        for tap in 0..taps {
            for vector_in in 0..ins {
                for vector in 0..vectors {
                    for lane in 0..LANES {
                        let input = vector_in * LANES + lane;
                        let output = (tile * vectors + vector) * LANES;
                        let inside = |output: usize| input < inputs && output < outputs;
                        numbers.extend(
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
    numbers
}
