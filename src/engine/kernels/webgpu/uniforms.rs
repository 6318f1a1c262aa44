//! The parameters of a shader, declared once, as a Rust struct from which come both the WGSL declaration and the
//! contents of the uniform buffer.
//!
//! A uniform struct is a list of scalars of 32 bits, so that in WGSL the offset of a scalar is four times its index.

use crate::engine::kernels::plan::LANES;

/// The declaration of a uniform struct in WGSL and the contents of its buffer, to which each scalar is added once.
#[derive(Default)]
pub(in crate::engine::kernels) struct Layout {
    fields: String,
    bytes: Vec<u8>,
}

impl Layout {
    /// Adds the scalar `<name><part>` with these bits.
    #[inline(never)]
    fn add(&mut self, name: &str, part: &str, scalar: &str, bits: u32) {
        for text in [name, part, ": ", scalar, ", "] {
            self.fields.push_str(text);
        }
        self.bytes.extend(bits.to_le_bytes());
    }

    /// The declaration in WGSL: the struct, and a variable `shape` at binding 0.
    pub(in crate::engine::kernels) fn declaration(&self) -> String {
        format!("struct Shape {{ {}}}\n@group(0) @binding(0) var<uniform> shape: Shape;\n", self.fields)
    }

    /// The contents of the uniform buffer.
    pub(in crate::engine::kernels) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// A field of a uniform struct: one or several scalars.
pub(in crate::engine::kernels) trait Field {
    /// Adds the scalars of the field `name`.
    fn add(self, name: &str, layout: &mut Layout);
}

impl Field for u32 {
    fn add(self, name: &str, layout: &mut Layout) {
        layout.add(name, "", "u32", self);
    }
}

impl Field for f32 {
    fn add(self, name: &str, layout: &mut Layout) {
        layout.add(name, "", "f32", self.to_bits());
    }
}

/// Where a value lies in its buffer, in vectors of channels: in WGSL `<name>_start`, `<name>_row` and `<name>_pixel`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::engine::kernels) struct Position {
    /// Offset of the first pixel.
    pub(in crate::engine::kernels) start: u32,
    /// Step from a row to the next.
    pub(in crate::engine::kernels) row: u32,
    /// Step from a pixel to the next.
    pub(in crate::engine::kernels) pixel: u32,
}

impl Position {
    /// In elements instead of vectors.
    pub(in crate::engine::kernels) fn elements(self) -> Self {
        let Self { start, row, pixel } = self;
        let elements = |vectors: u32| vectors * LANES as u32;
        Self { start: elements(start), row: elements(row), pixel: elements(pixel) }
    }
}

impl Field for Position {
    fn add(self, name: &str, layout: &mut Layout) {
        layout.add(name, "_start", "u32", self.start);
        layout.add(name, "_row", "u32", self.row);
        layout.add(name, "_pixel", "u32", self.pixel);
    }
}

/// The limits of a clamp, in WGSL `<name>_least` and `<name>_greatest`. Identity, ReLU and ReLU6 are all clamps; they share
/// one form and one pipeline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::engine::kernels) struct Limits {
    /// The least result.
    pub(in crate::engine::kernels) least: f32,
    /// The greatest result.
    pub(in crate::engine::kernels) greatest: f32,
}

impl Limits {
    /// All finite numbers.
    pub(in crate::engine::kernels) const NONE: Self = Self { least: f32::MIN, greatest: f32::MAX };
}

impl Field for Limits {
    fn add(self, name: &str, layout: &mut Layout) {
        layout.add(name, "_least", "f32", self.least.to_bits());
        layout.add(name, "_greatest", "f32", self.greatest.to_bits());
    }
}

/// A uniform struct, which [`uniforms!`] declares.
pub(in crate::engine::kernels) trait Uniforms {
    /// All fields in order.
    fn layout(&self) -> Layout;
}

/// Declares a struct of [`Field`]s that are the uniforms of a shader.
macro_rules! uniforms {
    ($(#[$attribute:meta])* $name:ident { $($(#[$field_attribute:meta])* $field:ident: $type:ty,)+ }) => {
        $(#[$attribute])*
        #[derive(Clone, Copy)]
        pub(in crate::engine::kernels) struct $name {
            $($(#[$field_attribute])* pub(in crate::engine::kernels) $field: $type,)+
        }

        impl $crate::engine::kernels::webgpu::uniforms::Uniforms for $name {
            fn layout(&self) -> $crate::engine::kernels::webgpu::uniforms::Layout {
                use $crate::engine::kernels::webgpu::uniforms::Field as _;
                let mut layout = $crate::engine::kernels::webgpu::uniforms::Layout::default();
                $(self.$field.add(stringify!($field), &mut layout);)+
                layout
            }
        }
    };
}
pub(in crate::engine::kernels) use uniforms;

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::super::shader::{Precision, Shader};
    use super::*;

    uniforms!(
        /// Every kind of field, and more scalars than an alignment.
        Every {
            first: u32,
            position: Position,
            factor: f32,
            limits: Limits,
            last: u32,
        }
    );

    const EVERY: Every = Every {
        first: 1,
        position: Position { start: 2, row: 3, pixel: 4 },
        factor: 0.5,
        limits: Limits { least: -1.0, greatest: 6.0 },
        last: 7,
    };

    /// What naga, wgpu's own compiler, makes of the declaration.
    #[test]
    fn each_scalar_lies_where_wgsl_reads_it() {
        let unsigned = |name, value: u32| (name, wgpu::naga::ScalarKind::Uint, value);
        let float = |name, value: f32| (name, wgpu::naga::ScalarKind::Float, value.to_bits());
        let expected = [
            unsigned("first", 1),
            unsigned("position_start", 2),
            unsigned("position_row", 3),
            unsigned("position_pixel", 4),
            float("factor", 0.5),
            float("limits_least", -1.0),
            float("limits_greatest", 6.0),
            unsigned("last", 7),
        ];
        let shader = Shader::new(Precision::Single, &EVERY).main([1; 3], "let used = shape.last;\n");
        let (text, bytes, ..) = shader.into_parts();
        let module = wgpu::naga::front::wgsl::parse_str(&text).unwrap();
        let mut variables = module.global_variables.iter().map(|(_, variable)| variable);
        let variable = variables.find(|variable| variable.space == wgpu::naga::AddressSpace::Uniform).unwrap();
        assert_eq!(variable.binding, Some(wgpu::naga::ResourceBinding { group: 0, binding: 0 }));
        let wgpu::naga::TypeInner::Struct { members, span } = &module.types[variable.ty].inner else {
            panic!("the uniforms are no struct")
        };
        assert_eq!(members.len(), expected.len());
        assert_eq!(bytes.len(), *span as usize);
        for (member, (name, kind, bits)) in members.iter().zip(expected) {
            assert_eq!(member.name.as_deref(), Some(name));
            let inner = &module.types[member.ty].inner;
            assert_eq!(*inner, wgpu::naga::TypeInner::Scalar(wgpu::naga::Scalar { kind, width: 4 }), "{name}");
            let at = member.offset as usize;
            let found = u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
            assert_eq!(found, bits, "{name} at byte {at}");
        }
    }
}
