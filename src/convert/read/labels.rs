//! Names of classes from a file, in the forms in which people keep them.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value};

/// The field of Hugging Face's `config.json` that has the names by index.
const BY_INDEX: &str = "id2label";

/// Reads a file of names, see [`parse`].
///
/// # Errors
/// If the file cannot be read, and as [`parse`].
pub fn read(path: &Path) -> Result<Vec<String>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("{} cannot be read as text", path.display()))?;
    parse(&text).with_context(|| format!("{} is no list of labels", path.display()))
}

/// Names in the order of the classes: one a line; or JSON, which is an array of names, an object from index to name (or to an
/// array whose last element is the name, as Keras has it), an object from name to index (as torchvision's `class_to_idx`), or an
/// object that holds one of these as `id2label`.
///
/// # Errors
/// If JSON has another form, or the indices are not 0, 1, 2 and so on.
pub fn parse(text: &str) -> Result<Vec<String>> {
    let text = text.trim_start_matches('\u{feff}').trim_end();
    match serde_json::from_str(text) {
        Ok(Value::Array(names)) => names.iter().map(name).collect(),
        Ok(Value::Object(object)) => match object.get(BY_INDEX) {
            Some(Value::Object(inner)) => by_index(inner),
            _ => by_index(&object),
        },
        Err(error) if text.starts_with(['{', '[']) => bail!("it begins as JSON does, and is damaged ({error})"),
        // A list of one number or of one word in quotes is a list of one line.
        _ => Ok(text.lines().map(|line| line.trim().to_owned()).collect()),
    }
}

fn by_index(object: &Map<String, Value>) -> Result<Vec<String>> {
    let entry = |(key, value): (&String, &Value)| match value.as_u64() {
        Some(index) => Ok((index, key.clone())),
        None => {
            let index =
                key.parse().ok().with_context(|| format!("“{key}” is no index, and its value is none either"))?;
            Ok((index, name(value)?))
        }
    };
    let named: BTreeMap<u64, String> = object.iter().map(entry).collect::<Result<_>>()?;
    let gap = named.keys().zip(0..).find(|(index, expected)| *index != expected);
    ensure!(gap.is_none() && named.len() == object.len(), "its indices are not 0, 1, 2 and so on, each of them once");
    Ok(named.into_values().collect())
}

fn name(value: &Value) -> Result<String> {
    match value {
        Value::String(name) => Ok(name.trim().to_owned()),
        Value::Array(parts) => name(parts.last().context("a name is missing")?),
        other => bail!("{other} is no name"),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn each_form_gives_the_same_names() {
        for text in [
            "rose\ntulip\nlily, white\n",
            "\u{feff}rose\r\ntulip\r\nlily, white\r\n\r\n",
            r#"["rose", "tulip", "lily, white"]"#,
            r#"{ "2": "lily, white", "0": "rose", "1": "tulip" }"#,
            r#"{ "0": ["n1", "rose"], "1": ["n2", "tulip"], "2": ["n3", "lily, white"] }"#,
            r#"{ "rose": 0, "lily, white": 2, "tulip": 1 }"#,
            r#"{ "architectures": ["ResNet"], "id2label": { "0": "rose", "1": "tulip", "2": "lily, white" } }"#,
        ] {
            assert_eq!(parse(text).unwrap(), ["rose", "tulip", "lily, white"], "{text}");
        }
        // More than ten classes are ordered as numbers.
        let many: Map<String, Value> = (0..12).map(|index| (index.to_string(), format!("c{index}").into())).collect();
        assert_eq!(by_index(&many).unwrap()[10], "c10");
        assert_eq!(parse("7").unwrap(), ["7"]);
    }

    #[test]
    fn what_is_no_list_is_refused() {
        for (text, said) in [
            (r#"["rose", 3]"#, "3 is no name"),
            (r#"{ "0": "rose", "2": "lily" }"#, "its indices are not 0, 1, 2"),
            (r#"{ "rose": 0, "tulip": 0 }"#, "each of them once"),
            (r#"{ "rose": "red" }"#, "“rose” is no index"),
            (r#"["rose", "#, "damaged"),
        ] {
            let error = format!("{:#}", parse(text).unwrap_err());
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
