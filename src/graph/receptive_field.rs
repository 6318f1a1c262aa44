//! Receptive fields: the pixels of the network's input on which a unit of a layer's output depends.
//!
//! The arithmetic is that of Araujo, Norris & Sim 2019, "Computing receptive fields of convolutional neural networks",
//! Distill, section "Arbitrary computation graphs".

use super::{Graph, Sees, Shape};
use crate::error::Result;

/// The receptive fields of all units of a layer's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReceptiveField {
    /// From top to bottom.
    pub rows: Extent,
    /// From left to right.
    pub columns: Extent,
}

/// The pixels that units depend on, along one axis: number `i` sees `size` pixels, of which the first is number
/// `start + i · step` of the network's input.
///
/// Pixels before the first and behind the last pixel of the input are padding. They are counted, as is usual, so that a
/// receptive field can be larger than the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// The first pixel that the first unit sees; negative in the padding before the input.
    pub start: i64,
    /// Number of pixels that a unit sees.
    pub size: i64,
    /// Distance between the first pixels of neighbouring units, in pixels; 0 where all units see the same pixels.
    pub step: i64,
}

impl Extent {
    /// Each pixel of the network's input by itself.
    const PIXEL: Self = Self { start: 0, size: 1, step: 1 };

    /// What windows of this many units see that begin `before` units before the first one.
    fn windows(self, kernel: usize, stride: usize, before: usize) -> Self {
        let Self { start, size, step } = self;
        let (kernel, stride, before) = (kernel as i64, stride as i64, before as i64);
        Self { start: start - before * step, size: size + (kernel - 1) * step, step: step * stride }
    }

    /// What all of `units` units see together.
    fn all(self, units: usize) -> Self {
        Self { step: 0, ..self.windows(units, 1, 0) }
    }

    /// What units see that read both of two values, of which they have `units` units along the axis.
    fn and(self, other: Self, units: usize) -> Self {
        if self.step != other.step && units > 1 {
            // One of the two does not move. Together they see at most what all units of both see.
            return self.all(units).and(other.all(units), 1);
        }
        let start = self.start.min(other.start);
        let end = (self.start + self.size).max(other.start + other.size);
        Self { start, size: end - start, step: self.step.min(other.step) }
    }
}

/// The receptive field of every value: first the input's own, then one for each layer.
///
/// # Errors
/// As [`Graph::shapes`].
pub fn receptive_fields(graph: &Graph) -> Result<Vec<ReceptiveField>> {
    let shapes = graph.shapes()?;
    let mut fields = vec![ReceptiveField { rows: Extent::PIXEL, columns: Extent::PIXEL }];
    for (layer, output) in graph.layers().iter().zip(&shapes[1..]) {
        let seen = |index: usize| {
            let node = layer.inputs[index];
            seen_in(&fields[node.0], shapes[node.0], layer.op.sees(shapes[node.0]), *output)
        };
        let others = (1..layer.inputs.len()).map(seen);
        let field = others.fold(seen(0), |field, other| ReceptiveField {
            rows: field.rows.and(other.rows, output.height),
            columns: field.columns.and(other.columns, output.width),
        });
        fields.push(field);
    }
    Ok(fields)
}

/// What the units of an output of the shape `output` see in a value whose units have the receptive field `field`.
fn seen_in(field: &ReceptiveField, value: Shape, sees: Sees, output: Shape) -> ReceptiveField {
    let ReceptiveField { rows, columns } = *field;
    match sees {
        // One factor for each channel is the factor of all places.
        Sees::Place if (value.height, value.width) != (output.height, output.width) => {
            ReceptiveField { rows: rows.all(value.height), columns: columns.all(value.width) }
        }
        Sees::Place => *field,
        Sees::Window { kernel, stride, top, left } => {
            ReceptiveField { rows: rows.windows(kernel, stride, top), columns: columns.windows(kernel, stride, left) }
        }
        Sees::All => ReceptiveField { rows: rows.all(value.height), columns: columns.all(value.width) },
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::graph::Node;

    fn columns(graph: &Graph) -> Vec<(i64, i64, i64)> {
        let fields = receptive_fields(graph).unwrap();
        fields.iter().map(|field| (field.columns.start, field.columns.size, field.columns.step)).collect()
    }

    #[test]
    fn windows_widen_what_their_layers_see() {
        let mut g = Graph::new(Shape::rgb(32));
        g.conv("a", 4, 7).stride(2).pad(3);
        g.max_pool("b", 3, 2).pad(1);
        g.conv("c", 4, 3).pad(1);
        g.global_avg_pool("d");
        g.linear("e", 2);
        // c has 8 units, 4 pixels apart.
        let all = (-9, 19 + 7 * 4, 0);
        assert_eq!(columns(&g), [(0, 1, 1), (-3, 7, 2), (-5, 11, 4), (-9, 19, 4), all, all]);
    }

    #[test]
    fn branches_see_what_any_of_them_sees() {
        let mut g = Graph::new(Shape::rgb(8));
        let one = g.conv("one", 4, 1).node();
        let five = g.at(Node::INPUT).conv("five", 4, 5).pad(2).node();
        g.concat("both", &[one, five]);
        assert_eq!(columns(&g)[3], (-2, 5, 1));
    }

    #[test]
    fn a_factor_of_a_channel_sees_what_it_was_made_of() {
        let mut g = Graph::new(Shape::rgb(8));
        let value = g.conv("value", 4, 3).pad(1).node();
        g.global_avg_pool("squeeze");
        g.scale("excite", value);
        g.conv("after", 4, 3).pad(1);
        let all = (-1, 10, 0);
        assert_eq!(columns(&g)[1..], [(-1, 3, 1), all, all, all]);
    }

    #[test]
    fn rows_and_columns_differ_where_the_input_does() {
        let mut g = Graph::new(Shape::new(1, 4, 9));
        g.conv("a", 2, 3).stride(2).same();
        let field = receptive_fields(&g).unwrap()[1];
        assert_eq!(field.rows, Extent { start: 0, size: 3, step: 2 });
        assert_eq!(field.columns, Extent { start: -1, size: 3, step: 2 });
    }
}
