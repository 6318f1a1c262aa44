//! The parameters of a shader, declared once: as a struct from which come both its WGSL declaration and its bytes.
//!
//! A struct is a list of scalars of 32 bits, so that in WGSL the offset of a scalar is four times its index.

/// A scalar of a uniform struct.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Scalar {
    /// `u32`
    U32(u32),
    /// `f32`
    F32(f32),
}

/// A field of a uniform struct: one or several scalars.
pub(super) trait Field {
    /// The scalars of the field `name`, each with its name in WGSL.
    fn scalars(&self, name: &str) -> Vec<(String, Scalar)>;
}

impl Field for u32 {
    fn scalars(&self, name: &str) -> Vec<(String, Scalar)> {
        vec![(name.into(), Scalar::U32(*self))]
    }
}

impl Field for f32 {
    fn scalars(&self, name: &str) -> Vec<(String, Scalar)> {
        vec![(name.into(), Scalar::F32(*self))]
    }
}

/// Where a value lies in its buffer, in vectors of channels: in WGSL `<name>_start`, `<name>_row` and `<name>_pixel`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Position {
    /// Offset of the first pixel.
    pub(super) start: u32,
    /// Step from a row to the next.
    pub(super) row: u32,
    /// Step from a pixel to the next.
    pub(super) pixel: u32,
}

impl Field for Position {
    fn scalars(&self, name: &str) -> Vec<(String, Scalar)> {
        let scalars = [("start", self.start), ("row", self.row), ("pixel", self.pixel)];
        scalars.map(|(part, value)| (format!("{name}_{part}"), Scalar::U32(value))).into()
    }
}

/// What limits the results of an activation function that only limits: in WGSL `<name>_least` and `<name>_greatest`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Limits {
    /// The least result.
    pub(super) least: f32,
    /// The greatest result.
    pub(super) greatest: f32,
}

impl Limits {
    /// All finite numbers.
    pub(super) const NONE: Self = Self { least: f32::MIN, greatest: f32::MAX };
}

impl Field for Limits {
    fn scalars(&self, name: &str) -> Vec<(String, Scalar)> {
        let scalars = [("least", self.least), ("greatest", self.greatest)];
        scalars.map(|(part, value)| (format!("{name}_{part}"), Scalar::F32(value))).into()
    }
}

/// A uniform struct, which [`uniforms!`] declares.
pub(super) trait Uniforms {
    /// All scalars in order, each with its name in WGSL.
    fn scalars(&self) -> Vec<(String, Scalar)>;

    /// The declaration in WGSL: the struct, and a variable `shape` at binding 0.
    fn declaration(&self) -> String {
        let scalars = self.scalars();
        let fields: Vec<String> = scalars
            .iter()
            .map(|(name, scalar)| match scalar {
                Scalar::U32(_) => format!("{name}: u32"),
                Scalar::F32(_) => format!("{name}: f32"),
            })
            .collect();
        format!("struct Shape {{ {} }}\n@group(0) @binding(0) var<uniform> shape: Shape;\n", fields.join(", "))
    }

    /// The contents of the uniform buffer.
    fn bytes(&self) -> Vec<u8> {
        let bits = self.scalars().into_iter().map(|(_, scalar)| match scalar {
            Scalar::U32(value) => value,
            Scalar::F32(value) => value.to_bits(),
        });
        let mut bytes: Vec<u8> = bits.flat_map(u32::to_le_bytes).collect();
        bytes.resize(bytes.len().next_multiple_of(16), 0);
        bytes
    }
}

/// Declares a struct of [`Field`]s that are the uniforms of a shader.
macro_rules! uniforms {
    ($(#[$attribute:meta])* $name:ident { $($(#[$field_attribute:meta])* $field:ident: $type:ty,)+ }) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug)]
        pub(super) struct $name {
            $($(#[$field_attribute])* pub(super) $field: $type,)+
        }

        impl $crate::engine::kernels::webgpu::uniforms::Uniforms for $name {
            fn scalars(&self) -> Vec<(String, $crate::engine::kernels::webgpu::uniforms::Scalar)> {
                use $crate::engine::kernels::webgpu::uniforms::Field as _;
                [$(self.$field.scalars(stringify!($field))),+].concat()
            }
        }
    };
}
pub(super) use uniforms;

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
        let (text, ..) = Shader::new(Precision::Single, &EVERY).main([1; 3], "let used = shape.last;\n").into_parts();
        let module = wgpu::naga::front::wgsl::parse_str(&text).unwrap();
        let variables = || module.global_variables.iter();
        let (_, variable) =
            variables().find(|(_, variable)| variable.space == wgpu::naga::AddressSpace::Uniform).unwrap();
        assert_eq!(variable.binding, Some(wgpu::naga::ResourceBinding { group: 0, binding: 0 }));
        let wgpu::naga::TypeInner::Struct { members, span } = &module.types[variable.ty].inner else {
            panic!("the uniforms are no struct")
        };
        let (scalars, bytes) = (EVERY.scalars(), EVERY.bytes());
        assert_eq!(members.len(), scalars.len());
        assert!(bytes.len() >= *span as usize, "{} bytes for a struct of {span}", bytes.len());
        for (member, (name, scalar)) in members.iter().zip(&scalars) {
            assert_eq!(member.name.as_ref(), Some(name));
            let at = member.offset as usize;
            let bits = u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
            let (kind, expected) = match scalar {
                Scalar::U32(value) => (wgpu::naga::ScalarKind::Uint, *value),
                Scalar::F32(value) => (wgpu::naga::ScalarKind::Float, value.to_bits()),
            };
            assert_eq!(bits, expected, "{name} at byte {at}");
            let inner = &module.types[member.ty].inner;
            assert_eq!(*inner, wgpu::naga::TypeInner::Scalar(wgpu::naga::Scalar { kind, width: 4 }), "{name}");
        }
    }
}
