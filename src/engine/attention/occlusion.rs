//! What is lost without a square of the input. Zeiler & Fergus 2013, "Visualizing and understanding convolutional networks",
//! arXiv:1311.2901, section 4.2.

use super::squares::Squares;
use super::{AttentionMap, Cells, Method, chosen, probability};
use crate::engine::Network;
use crate::error::Result;
use crate::frame::Input;
use crate::graph::Shape;
use crate::prediction::softmax;

/// The probability of a class minus what is left of it when a square of the input is covered, for each place of the square.
///
/// The square is twice as wide as the distance to the next place, so that a cell is seen by its neighbours too: 32 pixels,
/// 16 pixels apart, for inputs of 224. It is covered with the mean colour of this input. The paper covers with grey; a
/// colour that the picture does not have would bring an object of its own into it, and the mean has the least contrast
/// with what surrounds it.
pub(super) async fn map(
    network: &Network,
    input: &Input,
    class: Option<usize>,
    mut pause: impl AsyncFnMut(usize, usize) -> Result<()>,
) -> Result<AttentionMap> {
    let squares = Squares::of(input.shape.width);
    let places = places(squares);
    let total = 1 + places.len() * places.len();
    pause(0, total).await?;
    let logits = network.logits(input.clone()).await?;
    let class = chosen(class, &logits)?;
    let whole = softmax(&logits)[class];
    let colour = mean_colour(input);
    let mut data = Vec::with_capacity(total - 1);
    for &top in &places {
        for &left in &places {
            pause(1 + data.len(), total).await?;
            let covered = covered(input, [top, left], 2 * squares.side, &colour);
            data.push(whole - probability(network, covered, class).await?);
        }
    }
    let (width, step) = (places.len(), squares.side as f32);
    let centre = places[0] as f32 + (2.0 * step - 1.0) / 2.0;
    let cells = Cells { width, height: width, data, centre, step };
    Ok(AttentionMap { method: Method::Occlusion, layer: "input".into(), class, cells })
}

/// The first row, or column, of each place of the cover, so that all places together are centred in the input. The first and
/// the last one reach beyond it.
fn places(squares: Squares) -> Vec<isize> {
    let Squares { pixels, side, across } = squares;
    let all = (across + 1) * side;
    let first = (pixels as isize - all as isize).div_euclid(2);
    (0..across).map(|index| first + (index * side) as isize).collect()
}

/// The mean of each channel.
fn mean_colour(input: &Input) -> Vec<f32> {
    let pixels = input.shape.height * input.shape.width;
    input.values.chunks_exact(pixels).map(|channel| channel.iter().sum::<f32>() / pixels as f32).collect()
}

/// The input with a square of one colour, whose sides have `side` pixels, at a row and a column.
fn covered(input: &Input, [top, left]: [isize; 2], side: usize, colour: &[f32]) -> Input {
    let Shape { height, width, .. } = input.shape;
    let inside = |first: isize, pixels: usize| {
        let end = (first + side as isize).clamp(0, pixels as isize);
        first.clamp(0, pixels as isize) as usize..end as usize
    };
    let (rows, columns) = (inside(top, height), inside(left, width));
    let mut values = input.values.clone();
    for (channel, colour) in values.chunks_exact_mut(height * width).zip(colour) {
        for row in channel.chunks_exact_mut(width).skip(rows.start).take(rows.len()) {
            row[columns.clone()].fill(*colour);
        }
    }
    Input { values, shape: input.shape }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn covers_lie_around_every_square_and_reach_beyond_the_edge() {
        let photo = places(Squares::of(224));
        assert_eq!((photo.len(), photo[0], photo[13]), (14, -8, 200));
        let digit = places(Squares::of(32));
        assert_eq!((digit.len(), digit[0], digit[15]), (16, -1, 29));
    }

    #[test]
    fn a_square_has_the_mean_colour_and_the_rest_stays() {
        let shape = Shape::new(2, 4, 4);
        let input = Input { values: (0..32).map(|value| value as f32).collect(), shape };
        let colour = mean_colour(&input);
        assert_eq!(colour, [7.5, 23.5]);
        let covered = covered(&input, [-1, 2], 3, &colour);
        for (index, (found, before)) in covered.values.iter().zip(&input.values).enumerate() {
            let (channel, y, x) = (index / 16, index / 4 % 4, index % 4);
            let expected = if y < 2 && x >= 2 { colour[channel] } else { *before };
            assert_eq!(*found, expected, "channel {channel}, row {y}, column {x}");
        }
    }
}
