//! How a picture becomes an input: the network's official preprocessing, or that of weights of one's own, in words.

use super::{Filter, First, Framing, Normalisation, Order};

/// How a frame becomes an input: which part of it, in which size, and with which values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Preprocessing {
    /// Which part of a frame becomes the input, and how it is resized.
    pub framing: Framing,
    /// How pixels are normalised.
    pub normalisation: Normalisation,
}

/// Mean and standard deviation of ImageNet's pixels, as torchvision has them.
pub(crate) const IMAGENET: Normalisation = Normalisation {
    mean: [0.485 * 255.0, 0.456 * 255.0, 0.406 * 255.0],
    std: [0.229 * 255.0, 0.224 * 255.0, 0.225 * 255.0],
    order: Order::Rgb,
};
/// As Caffe's networks: the mean pixel is subtracted, and blue comes first.
pub(crate) const CAFFE: Normalisation = Normalisation { mean: [104.0, 117.0, 123.0], std: [1.0; 3], order: Order::Bgr };
/// From −1 to 1.
const HALF: Normalisation = Normalisation { mean: [127.5; 3], std: [127.5; 3], order: Order::Rgb };
/// From 0 to 1, and nothing else.
const NONE: Normalisation = Normalisation { mean: [0.0; 3], std: [255.0; 3], order: Order::Rgb };

impl Preprocessing {
    /// This preprocessing with what `words` say otherwise: words with commas between them, such as `256/224,half` or
    /// `squash,none,bgr`. What they do not say stays.
    ///
    /// | word | meaning |
    /// |---|---|
    /// | `256/224` | the shorter side is resized to 256 pixels, then the centre square of 224 pixels is cut out |
    /// | `squash` | the whole picture becomes the square, without its proportions |
    /// | `bilinear`, `bicubic` | how pixels are weighed when a picture is resized |
    /// | `imagenet` | ImageNet's mean is subtracted, and the difference divided by its standard deviation |
    /// | `half` | values from −1 to 1: mean and standard deviation of 0.5 |
    /// | `none` | values from 0 to 1 |
    /// | `caffe` | values from 0 to 255 without the mean pixel, and blue first |
    /// | `rgb`, `bgr` | the order of the colours |
    ///
    /// # Errors
    /// A clause that says what is wrong with the first word that cannot be followed.
    pub fn with(mut self, words: &str) -> Result<Self, String> {
        for word in words.split(',') {
            match word {
                "imagenet" => self.normalisation = IMAGENET,
                "half" => self.normalisation = HALF,
                "none" => self.normalisation = NONE,
                "caffe" => self.normalisation = CAFFE,
                "rgb" => self.normalisation = self.normalisation.ordered(Order::Rgb),
                "bgr" => self.normalisation = self.normalisation.ordered(Order::Bgr),
                _ => self.framing = self.framing.with(word)?,
            }
        }
        Ok(self)
    }
}

impl Framing {
    fn with(mut self, word: &str) -> Result<Self, String> {
        let (side, filter) = match &mut self {
            Self::Photo { crop: side, filter, .. } | Self::Squash { side, filter } => (*side, filter),
            Self::Digit => return Err(format!("“{word}” is not for a network that finds digits by itself")),
        };
        match word {
            "bilinear" => *filter = Filter::Bilinear,
            "bicubic" => *filter = Filter::Bicubic,
            "squash" => return Ok(Self::Squash { side, filter: *filter }),
            _ => {
                let number = |digits: &str| digits.parse::<usize>().ok();
                let (resize, crop) =
                    word.split_once('/').ok_or_else(|| format!("“{word}” is not a word that is known"))?;
                let resize = number(resize).filter(|resize| *resize >= side && number(crop) == Some(side));
                let resize = resize.ok_or_else(|| {
                    format!("“{word}” does not fit: the network reads squares of {side} pixels, so that it is {side} or more before the stroke, and {side} behind it")
                })?;
                return Ok(Self::Photo { crop: side, resize, filter: *filter, first: First::Resize });
            }
        }
        Ok(self)
    }
}

impl Normalisation {
    /// The same for each colour, with the colours in this order.
    fn ordered(mut self, order: Order) -> Self {
        if self.order != order {
            self.mean.reverse();
            self.std.reverse();
            self.order = order;
        }
        self
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::networks::card;

    fn of(id: &str, words: &str) -> Result<Preprocessing, String> {
        card(id).unwrap().preprocessing().with(words)
    }

    #[test]
    fn words_change_what_they_name_and_nothing_else() {
        let official = card("resnet18").unwrap().preprocessing();
        assert_eq!(of("resnet18", "imagenet,rgb,256/224").unwrap(), official);
        let squashed = of("resnet18", "squash,half").unwrap();
        assert_eq!(squashed.framing, Framing::Squash { side: 224, filter: Filter::Bilinear });
        assert_eq!(squashed.normalisation, HALF);
        let blue = of("resnet18", "bgr").unwrap();
        assert_eq!(blue.framing, official.framing);
        assert_eq!(blue.normalisation.mean, [0.406 * 255.0, 0.456 * 255.0, 0.485 * 255.0], "means go with colours");
        assert_eq!(of("squeezenet1_1", "rgb").unwrap().normalisation.mean, [123.0, 117.0, 104.0]);
        assert_eq!(
            of("efficientnet_lite0", "232/224,bilinear").unwrap().framing,
            Framing::Photo { crop: 224, resize: 232, filter: Filter::Bilinear, first: First::Resize }
        );
        assert_eq!(of("lenet5", "none").unwrap().normalisation, NONE);
    }

    #[test]
    fn words_that_cannot_be_followed_are_named() {
        for (id, words, said) in [
            ("resnet18", "imagenet,squish", "“squish” is not a word"),
            ("resnet18", "", "“” is not a word"),
            ("resnet18", "256/227", "reads squares of 224 pixels"),
            ("resnet18", "100/224", "reads squares of 224 pixels"),
            ("squeezenet1_1", "256/224", "reads squares of 227 pixels"),
            ("lenet5", "squash", "finds digits by itself"),
        ] {
            let error = of(id, words).unwrap_err();
            assert!(error.contains(said), "{id} {words}: {error}");
        }
    }
}
