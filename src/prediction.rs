//! Logits → probabilities → the most probable classes with their names.

use std::sync::LazyLock;

/// The classes that a network tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Labels {
    /// The 1000 classes of ILSVRC 2012, in the order of the official weights.
    ImageNet,
    /// The ten digits.
    Mnist,
}

impl Labels {
    /// The classes' names, in the order of the logits.
    pub fn names(self) -> &'static [&'static str] {
        static IMAGENET: LazyLock<Vec<&str>> = LazyLock::new(|| include_str!("labels/imagenet.txt").lines().collect());
        static MNIST: LazyLock<Vec<&str>> = LazyLock::new(|| include_str!("labels/mnist.txt").lines().collect());
        match self {
            Self::ImageNet => &IMAGENET,
            Self::Mnist => &MNIST,
        }
    }

    /// The number of classes.
    pub fn count(self) -> usize {
        self.names().len()
    }

    /// The name of class number `index`; empty beyond the last class.
    pub fn name(self, index: usize) -> &'static str {
        self.names().get(index).copied().unwrap_or_default()
    }
}

/// The names of the classes of loaded weights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClassNames {
    /// Those of the official weights.
    Official(Labels),
    /// Those of weights of one's own, in the order of the logits.
    Own(Vec<String>),
}

impl ClassNames {
    /// The number of classes.
    pub fn count(&self) -> usize {
        match self {
            Self::Official(labels) => labels.count(),
            Self::Own(names) => names.len(),
        }
    }

    /// The name of class number `index`; empty beyond the last class.
    pub fn name(&self, index: usize) -> &str {
        match self {
            Self::Official(labels) => labels.name(index),
            Self::Own(names) => names.get(index).map_or("", String::as_str),
        }
    }

    /// All names, in the order of the logits.
    pub fn to_vec(&self) -> Vec<String> {
        (0..self.count()).map(|index| self.name(index).into()).collect()
    }
}

/// A class and the probability that the network gives it.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction<'a> {
    /// Index of the class among the network's classes.
    pub index: usize,
    /// Its name.
    pub label: &'a str,
    /// Between 0 and 1; the probabilities of all classes add up to 1.
    pub probability: f32,
}

/// The indices of the `k` greatest values, the greatest first; of equal ones the lower index first.
///
/// They are kept in order while the values are gone through: `k` is small, and the library's sorting would add five kilobytes to
/// what a visitor downloads.
pub fn greatest(values: &[f32], k: usize) -> Vec<usize> {
    let mut order: Vec<usize> = Vec::new();
    for (index, value) in values.iter().enumerate() {
        let place = order.partition_point(|&other| values[other].total_cmp(value).is_ge());
        if place < k {
            order.truncate(k - 1);
            order.insert(place, index);
        }
    }
    order
}

/// The `k` most probable classes, the most probable first; of equal ones the lower index first.
///
/// `probabilities` holds one for each class, in the order of `names`. There are fewer than `k` where there are fewer classes.
pub fn top_k<'a>(probabilities: &[f32], names: &'a ClassNames, k: usize) -> Vec<Prediction<'a>> {
    let prediction = |index| Prediction { index, label: names.name(index), probability: probabilities[index] };
    greatest(probabilities, k).into_iter().map(prediction).collect()
}

/// The probability of each class, `exp(x) / Σ exp(x)`. The greatest logit is subtracted first, so that nothing overflows.
pub fn softmax(logits: &[f32]) -> Vec<f32> {
    let greatest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f32> = logits.iter().map(|logit| (logit - greatest).exp()).collect();
    let sum: f32 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}

/// The weighted mean of several outputs' probabilities, class by class; there are as many weights as outputs.
pub fn vote(outputs: &[Vec<f32>], weights: &[f32]) -> Vec<f32> {
    let all: f32 = weights.iter().sum();
    let mut mean = vec![0.0; outputs.first().map_or(0, Vec::len)];
    for (output, weight) in outputs.iter().zip(weights) {
        mean.iter_mut().zip(output).for_each(|(sum, probability)| *sum += probability * weight / all);
    }
    mean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_add_up_and_are_ordered() {
        let logits = [1.0, 3.0, 2.0, 3.0, 1e4, -1e4, 0.0, 0.0, 0.0, 0.0];
        let names = ClassNames::Official(Labels::Mnist);
        let top = top_k(&softmax(&logits), &names, 10);
        assert_eq!(top[0], Prediction { index: 4, label: "4", probability: 1.0 });
        let even = top_k(&softmax(&[0.0; 10]), &names, 3);
        assert_eq!(even.iter().map(|p| p.index).collect::<Vec<_>>(), [0, 1, 2]);
        assert!((even[0].probability - 0.1).abs() < 1e-7);
    }

    #[test]
    fn the_greatest_are_those_of_a_whole_sort() {
        let values: Vec<f32> = (0..500).map(|i| ((i * 37 % 101) as f32 - 50.0) * 0.5).collect();
        let mut sorted: Vec<usize> = (0..values.len()).collect();
        sorted.sort_by(|&a, &b| values[b].total_cmp(&values[a]).then(a.cmp(&b)));
        for k in [0, 1, 5, 499, 500, 501] {
            assert_eq!(greatest(&values, k), sorted[..k.min(500)], "{k}");
        }
        assert_eq!(greatest(&[], 5), [0; 0]);
    }

    #[test]
    fn few_classes_are_all_there_are() {
        let names = ClassNames::Own(vec!["cat".into(), "dog".into()]);
        let top = top_k(&softmax(&[1.0, 2.0]), &names, 5);
        assert_eq!(top.iter().map(|p| (p.index, p.label)).collect::<Vec<_>>(), [(1, "dog"), (0, "cat")]);
        assert_eq!(top_k(&softmax(&[7.0]), &ClassNames::Own(vec!["all".into()]), 5)[0].probability, 1.0);
        assert_eq!((names.count(), names.name(2), names.to_vec()), (2, "", vec!["cat".into(), "dog".into()]));
    }

    #[test]
    fn a_vote_weighs_its_outputs() {
        let outputs = [vec![1.0, 0.0], vec![0.0, 1.0], vec![0.25, 0.75]];
        let mean = vote(&outputs, &[0.3, 0.3, 1.0]);
        assert!((mean[0] - (0.3 + 0.25) / 1.6).abs() < 1e-6 && (mean[0] + mean[1] - 1.0).abs() < 1e-6);
    }

    #[test]
    fn labels_are_the_official_ones() {
        use sha2::{Digest, Sha256};
        let names = Labels::ImageNet.names();
        assert_eq!(names.len(), 1000);
        let hash: String = Sha256::digest(names.join("\n")).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hash, "0b0f9fee7c952f257418d62aa701f023a9da13b443a14f5c4291e5724d92967c");
    }
}
