//! Winograd's convolutions: the transforms around the products, which are a convolution of 1×1 with weights of its own
//! for each row.

use std::fmt::Write as _;

use super::shader::{ActivationForm, Precision, Shader};
use crate::engine::kernels::winograd::Winograd;

/// Threads of a workgroup, along channels and along tiles.
pub(super) const WORKGROUP: [u32; 3] = [8, 8, 1];

/// The transform of inputs or of products.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TransformShader {
    /// Input → factors of the products. Bindings: shapes, input, output.
    Input { form: Winograd },
    /// Products → output. Bindings: shapes, input, output, bias, what is added.
    Output { form: Winograd, activation: ActivationForm },
}

impl TransformShader {
    pub(super) fn text(self, precision: Precision) -> String {
        let mut b = String::new();
        let mut shader = Shader::new(precision).reads("input", "h4").writes("output", "h4");
        // Writing to a String cannot fail.
        let _ = match self {
            Self::Input { form } => input(&mut b, form),
            Self::Output { form, activation } => {
                shader = shader.reads("bias", "vec4f").reads("residual", "h4");
                output(&mut b, form, activation)
            }
        };
        shader.main(WORKGROUP, &b)
    }
}

/// A thread transforms a tile's input for four channels. Rows and columns behind the halo count as zeros.
fn input(b: &mut String, form: Winograd) -> std::fmt::Result {
    let (side, step) = (form.inputs(), form.outputs());
    writeln!(b, "let c = id.x; let t = id.y; if (c >= s.ins || t >= s.width) {{ return; }}")?;
    writeln!(b, "let y = t / s.tiles * {step}u; let x = t % s.tiles * {step}u;")?;
    writeln!(b, "let first = s.in_start + y * s.in_row + x * s.in_pixel + c;")?;
    for column in 0..side {
        writeln!(b, "let c{column} = x + {column}u < s.in_width;")?;
    }
    for row in 0..side {
        writeln!(b, "let r{row} = y + {row}u < s.in_height;")?;
        for column in 0..side {
            let at = format!("first + {row}u * s.in_row + {column}u * s.in_pixel");
            writeln!(b, "let d{row}{column} = select(vec4f(0), vec4f(input[{at}]), r{row} && c{column});")?;
        }
    }
    for column in 0..side {
        let rows: Vec<String> = (0..side).map(|row| format!("d{row}{column}")).collect();
        for (row, value) in input_transform(form, &rows).iter().enumerate() {
            writeln!(b, "let e{row}{column} = {value};")?;
        }
    }
    writeln!(b, "let o = t * s.out_pixel + c;")?;
    for row in 0..side {
        let columns: Vec<String> = (0..side).map(|column| format!("e{row}{column}")).collect();
        for (column, value) in input_transform(form, &columns).iter().enumerate() {
            writeln!(b, "output[o + {}u * s.out_row] = h4({value});", row * side + column)?;
        }
    }
    Ok(())
}

/// A thread transforms a tile's products for four channels.
fn output(b: &mut String, form: Winograd, activation: ActivationForm) -> std::fmt::Result {
    let (side, step) = (form.inputs(), form.outputs());
    writeln!(b, "let c = id.x; let t = id.y; if (c >= s.outs || t >= s.in_width) {{ return; }}")?;
    writeln!(b, "let y = t / s.tiles * {step}u; let x = t % s.tiles * {step}u;")?;
    writeln!(b, "let i = t * s.in_pixel + c; let b = bias[c];")?;
    for column in 0..side {
        for row in 0..side {
            writeln!(b, "let d{row}{column} = vec4f(input[i + {}u * s.in_row]);", row * side + column)?;
        }
        let rows: Vec<String> = (0..side).map(|row| format!("d{row}{column}")).collect();
        for (row, value) in output_transform(form, &rows).iter().enumerate() {
            writeln!(b, "let e{row}{column} = {value};")?;
        }
    }
    writeln!(b, "let o = s.out_start + y * s.out_row + x * s.out_pixel + c;")?;
    writeln!(b, "let r = s.residual_start + y * s.residual_row + x * s.residual_pixel + c;")?;
    for row in 0..step {
        let columns: Vec<String> = (0..side).map(|column| format!("e{row}{column}")).collect();
        for (column, value) in output_transform(form, &columns).iter().enumerate() {
            writeln!(b, "if (y + {row}u < s.height && x + {column}u < s.width) {{ var sum = {value} + b;")?;
            let residual = format!("residual[r + {row}u * s.residual_row + {column}u * s.residual_pixel]");
            writeln!(b, "if (s.add != 0) {{ sum += vec4f({residual}); }}")?;
            let value = activation.text("sum");
            writeln!(b, "output[o + {row}u * s.out_row + {column}u * s.out_pixel] = h4({value}); }}")?;
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
