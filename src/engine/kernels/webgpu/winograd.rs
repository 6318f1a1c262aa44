//! Winograd's convolutions: the transforms around the products, which are a convolution of 1×1 with weights of its own
//! for each row.

use std::fmt::Write as _;

use super::WebGpuKernel;
use super::conv::{self, ConvBuffers, ConvUniforms, ConvWeights, Tile, bias_bytes, packed_elements};
use super::device::{Gpu, buffer_bytes};
use super::dispatch::{Recorder, vectors};
use super::shader::{ActivationForm, Element, Precision, Shader};
use super::uniforms::{Limits, Position, uniforms};
use crate::engine::LinearFormat;
use crate::engine::kernels::parameters::{Packed, Tensors};
use crate::engine::kernels::plan::{LANES, Step, Window};
use crate::engine::kernels::winograd::Winograd;
use crate::error::Result;

/// Threads of a workgroup, along channels and along tiles.
const WORKGROUP: [u32; 3] = [8, 8, 1];

/// A convolution of 3×3 by Winograd's algorithm for one step, in three dispatches: the transform of the inputs
/// `[height, width, in]` → `[products, tiles, in]`, for each product `[tiles, in] × [in, out]`, and the transform of the
/// products `[products, tiles, out]` → `[height', width', out]`.
pub(super) struct WinogradConv {
    form: Winograd,
    window: Window,
    /// Channels in and out.
    channels: (usize, usize),
    /// Tiles across and down the output.
    tiles: (usize, usize),
    /// What a thread of the products' shader computes.
    tile: Tile,
}

impl WinogradConv {
    pub(super) fn new(step: &Step, gpu: &Gpu, window: Window, form: Winograd) -> Self {
        let (input, output) = (step.input.shape, step.output.shape);
        let (across, down) = form.tiles(output);
        let deep = output.channels.div_ceil(LANES);
        let tile = Tile::choose(form.products(), across * down, deep, 1, (gpu, true));
        Self { form, window, channels: (input.channels, output.channels), tiles: (across, down), tile }
    }
}

impl WebGpuKernel for WinogradConv {
    fn weight_buffers(&self, gpu: &Gpu, _: LinearFormat) -> [u64; 3] {
        let (inputs, outputs) = self.channels;
        let elements = self.form.products() * packed_elements(outputs, inputs, 1, self.tile.vectors);
        [buffer_bytes((elements * gpu.precision.size()) as u64), bias_bytes(outputs), 0]
    }

    /// `[out, in, 3, 3]` → for each product the order of [`conv::pack`].
    fn pack(&self, gpu: &Gpu, tensors: &Tensors<'_>) -> Packed {
        let (inputs, outputs) = self.channels;
        let all = tensors.weight.dequantise();
        let weights = gpu.upload_parts(self.form.products(), |product| {
            let factors = self.form.factors(&all, product);
            conv::pack(outputs, inputs, 1, self.tile.vectors, |output, input, _| factors[output * inputs + input])
        });
        let bias = gpu.upload(&Precision::Single.bytes(&tensors.padded_bias(outputs)));
        Packed::new(ConvWeights { weights, bias })
    }

    /// The transformed inputs, the products, and the bias of a product, which stays zero.
    fn scratch(&self) -> [usize; 3] {
        let (across, down) = self.tiles;
        let (inputs, outputs) = self.channels;
        let each = |channels: usize| self.form.products() * across * down * channels.next_multiple_of(LANES);
        // A bias is in single precision: each of its elements takes two elements of half precision.
        [each(inputs), each(outputs), 2 * outputs.next_multiple_of(LANES)]
    }

    fn record(&self, weights: &Packed, recorder: &mut Recorder<'_>) -> Result<()> {
        let ConvWeights { weights, bias } = weights.get()?;
        let step = recorder.step;
        let [transformed, products, zeros] = recorder.scratch;
        let (across, down) = self.tiles;
        let (tiles, across) = ((across * down) as u32, across as u32);
        let (inputs, outputs) = (vectors(self.channels.0), vectors(self.channels.1));
        // The tiles of a product are a row; the products are rows behind one another.
        let rows = |vectors: u32| Position { start: 0, row: tiles * vectors, pixel: vectors };

        let geometry = recorder.geometry(step.input);
        let Window { top, left, .. } = self.window;
        let uniforms = InputUniforms {
            // The first tile begins in the halo.
            input: recorder.position_at(step.input, -(top as isize), -(left as isize)),
            transformed: rows(inputs),
            vectors: inputs,
            tiles,
            across,
            height: (top + geometry.height + geometry.halo.bottom) as u32,
            width: (left + geometry.width + geometry.halo.right) as u32,
        };
        let mut code = String::new();
        // Writing to a String cannot fail.
        let _ = transform_inputs(&mut code, self.form);
        let shader = Shader::new(recorder.precision(), &uniforms)
            .reads("input", Element::Vector, recorder.buffer(step.input))
            .writes("transformed", Element::Vector, transformed)
            .main(WORKGROUP, &code);
        recorder.dispatch(shader, [inputs, tiles, 1]);

        let uniforms = ConvUniforms {
            input: rows(inputs),
            output: rows(outputs),
            residual: Position::default(),
            height: self.form.products() as u32,
            width: tiles,
            input_vectors: inputs,
            output_vectors: outputs,
            group_vectors: outputs,
            tiles: tiles.div_ceil(self.tile.pixels as u32),
            kernel: 1,
            stride: 1,
            row_weights: outputs.div_ceil(self.tile.vectors as u32) * inputs * (self.tile.vectors * LANES) as u32,
            has_residual: 0,
            activation: Limits::NONE,
        };
        let buffers = ConvBuffers { input: transformed, output: products, weights, bias: zeros, residual: transformed };
        conv::dispatch(recorder, self.tile, ActivationForm::Clamp, &uniforms, &buffers);

        let (residual, residual_buffer) = recorder.residual();
        let (form, activation) = ActivationForm::of(step.activation);
        let uniforms = OutputUniforms {
            products: rows(outputs),
            output: recorder.position(step.output),
            residual,
            vectors: outputs,
            tiles,
            across,
            height: step.output.shape.height as u32,
            width: step.output.shape.width as u32,
            has_residual: step.second_input().is_some().into(),
            activation,
        };
        let mut code = String::new();
        let _ = transform_products(&mut code, self.form, form);
        let shader = Shader::new(recorder.precision(), &uniforms)
            .reads("products", Element::Vector, products)
            .writes("output", Element::Vector, recorder.buffer(step.output))
            .reads("bias", Element::FloatVector, bias)
            .reads("residual", Element::Vector, residual_buffer)
            .main(WORKGROUP, &code);
        recorder.dispatch(shader, [outputs, tiles, 1]);
        Ok(())
    }
}

uniforms!(
    /// The parameters of the transform of inputs.
    InputUniforms {
        /// From the first tile on.
        input: Position,
        transformed: Position,
        /// The input's vectors a pixel.
        vectors: u32,
        /// Tiles of the output.
        tiles: u32,
        /// Tiles across the output.
        across: u32,
        /// Rows that can be read from the first tile on.
        height: u32,
        /// Columns that can be read from the first tile on.
        width: u32,
    }
);

uniforms!(
    /// The parameters of the transform of products.
    OutputUniforms {
        products: Position,
        output: Position,
        residual: Position,
        /// The output's vectors a pixel.
        vectors: u32,
        /// Tiles of the output.
        tiles: u32,
        /// Tiles across the output.
        across: u32,
        /// The output's rows.
        height: u32,
        /// The output's columns.
        width: u32,
        /// 1 if a residual is added, else 0.
        has_residual: u32,
        activation: Limits,
    }
);

/// What both transforms begin with: a thread's tile, and its vector of channels.
fn tile_of_thread(code: &mut String, form: Winograd) -> std::fmt::Result {
    let step = form.outputs();
    writeln!(code, "let channel = id.x; let tile = id.y;")?;
    writeln!(code, "if (channel >= shape.vectors || tile >= shape.tiles) {{ return; }}")?;
    writeln!(code, "let y = tile / shape.across * {step}u; let x = tile % shape.across * {step}u;")
}

/// A thread transforms the input of a tile for four channels: `Bᵀ d B`, `[side, side, 4]` → `[side, side, 4]`. Rows and
/// columns behind the halo count as zeros.
fn transform_inputs(code: &mut String, form: Winograd) -> std::fmt::Result {
    let side = form.inputs();
    tile_of_thread(code, form)?;
    writeln!(code, "let first = shape.input_start + y * shape.input_row + x * shape.input_pixel + channel;")?;
    for column in 0..side {
        writeln!(code, "let has_column{column} = x + {column}u < shape.width;")?;
    }
    for row in 0..side {
        writeln!(code, "let has_row{row} = y + {row}u < shape.height;")?;
        for column in 0..side {
            let at = format!("first + {row}u * shape.input_row + {column}u * shape.input_pixel");
            let inside = format!("has_row{row} && has_column{column}");
            writeln!(code, "let input{row}{column} = select(vec4f(0), vec4f(input[{at}]), {inside});")?;
        }
    }
    for column in 0..side {
        let rows: Vec<String> = (0..side).map(|row| format!("input{row}{column}")).collect();
        for (row, value) in input_transform(form, &rows).iter().enumerate() {
            writeln!(code, "let half{row}{column} = {value};")?;
        }
    }
    writeln!(code, "let transformed_first = tile * shape.transformed_pixel + channel;")?;
    for row in 0..side {
        let columns: Vec<String> = (0..side).map(|column| format!("half{row}{column}")).collect();
        for (column, value) in input_transform(form, &columns).iter().enumerate() {
            let product = row * side + column;
            let at = format!("transformed_first + {product}u * shape.transformed_row");
            writeln!(code, "transformed[{at}] = Vector({value});")?;
        }
    }
    Ok(())
}

/// A thread transforms the products of a tile for four channels: `Aᵀ m A`, `[side, side, 4]` → `[step, step, 4]`.
fn transform_products(code: &mut String, form: Winograd, activation: ActivationForm) -> std::fmt::Result {
    let (side, step) = (form.inputs(), form.outputs());
    tile_of_thread(code, form)?;
    writeln!(code, "let products_first = tile * shape.products_pixel + channel; let channel_bias = bias[channel];")?;
    for column in 0..side {
        for row in 0..side {
            let at = format!("products_first + {}u * shape.products_row", row * side + column);
            writeln!(code, "let product{row}{column} = vec4f(products[{at}]);")?;
        }
        let rows: Vec<String> = (0..side).map(|row| format!("product{row}{column}")).collect();
        for (row, value) in output_transform(form, &rows).iter().enumerate() {
            writeln!(code, "let half{row}{column} = {value};")?;
        }
    }
    for name in ["output", "residual"] {
        let offset = format!("y * shape.{name}_row + x * shape.{name}_pixel + channel");
        writeln!(code, "let {name}_first = shape.{name}_start + {offset};")?;
    }
    for row in 0..step {
        let columns: Vec<String> = (0..side).map(|column| format!("half{row}{column}")).collect();
        for (column, value) in output_transform(form, &columns).iter().enumerate() {
            let at = |name: &str| {
                format!("{name}[{name}_first + {row}u * shape.{name}_row + {column}u * shape.{name}_pixel]")
            };
            writeln!(code, "if (y + {row}u < shape.height && x + {column}u < shape.width) {{")?;
            writeln!(code, "var sum = {value} + channel_bias;")?;
            writeln!(code, "if (shape.has_residual != 0) {{ sum += vec4f({}); }}", at("residual"))?;
            writeln!(code, "{} = Vector({}); }}", at("output"), activation.text("sum"))?;
        }
    }
    Ok(())
}

/// `Bᵀ d`, as expressions of `d`'s names.
fn input_transform(form: Winograd, d: &[String]) -> Vec<String> {
    let terms: &[&[(f32, usize)]] = match form {
        Winograd::Two => {
            &[&[(1.0, 0), (-1.0, 2)], &[(1.0, 1), (1.0, 2)], &[(1.0, 2), (-1.0, 1)], &[(1.0, 1), (-1.0, 3)]]
        }
        Winograd::Four => &[
            &[(4.0, 0), (-5.0, 2), (1.0, 4)],
            &[(1.0, 3), (1.0, 4), (-4.0, 1), (-4.0, 2)],
            &[(4.0, 1), (-4.0, 2), (-1.0, 3), (1.0, 4)],
            &[(2.0, 3), (-2.0, 1), (1.0, 4), (-1.0, 2)],
            &[(2.0, 1), (-2.0, 3), (1.0, 4), (-1.0, 2)],
            &[(4.0, 1), (-5.0, 3), (1.0, 5)],
        ],
    };
    terms.iter().map(|terms| sum(terms, d)).collect()
}

/// `Aᵀ m`, as expressions of `m`'s names.
fn output_transform(form: Winograd, m: &[String]) -> Vec<String> {
    let terms: &[&[(f32, usize)]] = match form {
        Winograd::Two => &[&[(1.0, 0), (1.0, 1), (1.0, 2)], &[(1.0, 1), (-1.0, 2), (-1.0, 3)]],
        Winograd::Four => &[
            &[(1.0, 0), (1.0, 1), (1.0, 2), (1.0, 3), (1.0, 4)],
            &[(1.0, 1), (-1.0, 2), (2.0, 3), (-2.0, 4)],
            &[(1.0, 1), (1.0, 2), (4.0, 3), (4.0, 4)],
            &[(1.0, 1), (-1.0, 2), (8.0, 3), (-8.0, 4), (1.0, 5)],
        ],
    };
    terms.iter().map(|terms| sum(terms, m)).collect()
}

fn sum(terms: &[(f32, usize)], names: &[String]) -> String {
    let mut text = String::new();
    for (index, &(factor, name)) in terms.iter().enumerate() {
        let sign = match (factor < 0.0, index) {
            (true, _) => "-",
            (false, 0) => "",
            (false, _) => "+",
        };
        let name = &names[name];
        let term = if factor.abs() == 1.0 { name.clone() } else { format!("{:.1} * {name}", factor.abs()) };
        text += &format!(" {sign} {term}");
    }
    format!("({})", text.trim())
}
