//! Digits as other hands would have written them: turned, scaled, slanted and moved a little.

use rand::Rng;
use rand::rngs::StdRng;

use super::digits::SIDE;

/// Greatest turn, in radians (about 11°).
const TURN: f32 = 0.2;
/// Greatest change of size, of the size.
const SCALE: f32 = 0.12;
/// Greatest slant, in pixels sideways a pixel up.
const SLANT: f32 = 0.2;
/// Greatest move, in pixels.
const MOVE: f32 = 2.0;

/// A random variation of a 28×28 picture; pixels from outside are black.
pub(super) fn augment(picture: &[u8], random: &mut StdRng) -> Vec<u8> {
    let mut within = |bound: f32| random.random_range(-bound..bound);
    let (sin, cos) = within(TURN).sin_cos();
    let scale = 1.0 + within(SCALE);
    let slant = within(SLANT);
    let (right, down) = (within(MOVE), within(MOVE));

    let centre = (SIDE as f32 - 1.0) / 2.0;
    let mut varied = Vec::with_capacity(picture.len());
    for y in 0..SIDE {
        for x in 0..SIDE {
            let (dx, dy) = (x as f32 - centre - right, y as f32 - centre - down);
            let (sx, sy) = ((cos * dx + sin * dy) / scale, (cos * dy - sin * dx) / scale);
            varied.push(sample(picture, sx + slant * sy + centre, sy + centre));
        }
    }
    varied
}

/// Bilinear.
fn sample(picture: &[u8], x: f32, y: f32) -> u8 {
    let pixel = |x: f32, y: f32| {
        let inside = (0.0..SIDE as f32).contains(&x) && (0.0..SIDE as f32).contains(&y);
        if inside { f32::from(picture[y as usize * SIDE + x as usize]) } else { 0.0 }
    };
    let (left, top) = (x.floor(), y.floor());
    let (right_share, bottom_share) = (x - left, y - top);
    let across = |y: f32| pixel(left, y) * (1.0 - right_share) + pixel(left + 1.0, y) * right_share;
    (across(top) * (1.0 - bottom_share) + across(top + 1.0) * bottom_share).round() as u8
}
