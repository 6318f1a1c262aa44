//! Where the units of a layer's output lie in the network's input.

use crate::error::Result;
use crate::graph::{Graph, Node, Sees};

/// The centres of the windows of a layer's units, along each axis: unit `i` is centred on pixel `centre + i · step` of the
/// network's input. All networks have square inputs, so that rows and columns are alike.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grid {
    /// The first unit's centre, in pixels: 0 is the centre of the first pixel.
    pub centre: f32,
    /// Distance between neighbouring centres, in pixels.
    pub step: f32,
}

/// The places of a value's units.
///
/// They are the centres of the receptive fields
/// ([`receptive_fields`](crate::graph::receptive_field::receptive_fields)), except that the factors of a scaling are left
/// out. These depend on all pixels, and with them every unit behind the first block of EfficientNet-B0 would be said to lie
/// in the middle of the input; which pixels a unit's own windows cover stays the same.
///
/// # Errors
/// As [`Graph::shapes`].
pub fn grid(graph: &Graph, node: Node) -> Result<Grid> {
    let shapes = graph.shapes()?;
    let (mut centre, mut step) = (0.0, 1.0);
    let mut node = node;
    // Backwards: the unit at place `p` lies at `centre + step · p` of the value that was reached.
    while let Some(layer) = node.layer() {
        let layer = &graph.layers()[layer];
        // Branches have windows around the same centres, and a scaling reads its value first.
        node = layer.inputs[0];
        if let Sees::Window { kernel, stride, left, .. } = layer.op.sees(shapes[node.index()]) {
            let middle = (kernel as f32 - 1.0) / 2.0 - left as f32;
            centre = centre * stride as f32 + middle;
            step *= stride as f32;
        }
    }
    Ok(Grid { centre, step })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::graph::receptive_field::receptive_fields;
    use crate::networks::{CARDS, card};

    #[test]
    fn units_lie_in_the_middle_of_their_receptive_fields() {
        let mut compared = 0;
        for card in CARDS {
            let graph = card.inference();
            let fields = receptive_fields(&graph).unwrap();
            for (index, field) in fields.iter().enumerate().filter(|(_, field)| field.columns.step > 0) {
                let (columns, node) = (field.columns, Node(index));
                let expected = columns.start as f32 + (columns.size - 1) as f32 / 2.0;
                let found = grid(&graph, node).unwrap();
                let name = graph.name(node);
                assert_eq!((found.centre, found.step), (expected, columns.step as f32), "{}: {name}", card.id);
                compared += 1;
            }
        }
        assert!(compared > 900, "{compared} layers");
    }

    #[test]
    fn a_scaling_leaves_units_where_they_are() {
        let graph = card("efficientnet_b0").unwrap().inference();
        let last = grid(&graph, graph.node("conv_head").unwrap()).unwrap();
        assert_eq!((last.centre, last.step), (0.0, 32.0));
    }
}
