//! Which networks are chosen, and where the converter says that their official files are published.

use anyhow::{Context as _, Result};
use convscope_manifest::{Origin, Source};

use crate::context::Context;
use crate::process;

/// Which networks are chosen.
pub(crate) enum Choice {
    /// Those with these ids.
    Named(Vec<String>),
    /// Those whose official file has at most [`convscope_manifest::SMALL_BYTES`].
    Small,
    /// All.
    All,
    /// Those that the tests classify with. None of them is downloaded from a web server, which may be slow.
    Tested,
}

impl Choice {
    /// The sources of the chosen networks, in the order in which they are named, or in the converter's.
    pub(super) fn of<'a>(&self, sources: &'a [Source]) -> Result<Vec<&'a Source>> {
        Ok(match self {
            Self::Named(ids) => return ids.iter().map(|id| named(sources, id)).collect(),
            Self::Small => sources.iter().filter(|source| source.is_small()).collect(),
            Self::All => sources.iter().collect(),
            Self::Tested => sources.iter().filter(|source| !matches!(source.origin, Origin::Http { .. })).collect(),
        })
    }
}

/// The source of the network with this id.
pub(super) fn named<'a>(sources: &'a [Source], id: &str) -> Result<&'a Source> {
    sources.iter().find(|source| source.id == *id).with_context(|| {
        let known: Vec<&str> = sources.iter().map(|source| source.id.as_str()).collect();
        format!("there is no network '{id}'; there are {}", known.join(", "))
    })
}

/// The sources of all networks, which the converter prints.
pub(super) fn all(context: &Context) -> Result<Vec<Source>> {
    let text = process::output(context.command(context.native_program("convert")).arg("sources"))?;
    serde_json::from_str(&text).context("`convert sources` printed something unexpected")
}

#[cfg(test)]
pub(super) mod tests {
    use convscope_manifest::Hash;

    use super::*;

    /// One network of each kind, as the converter prints them.
    pub(in super::super) fn one_of_each() -> Vec<Source> {
        serde_json::from_str(
            r#"[
                { "id": "digits", "graph": "g1", "converter": 2, "kind": "trained" },
                { "id": "lite", "graph": "g2", "converter": 2, "kind": "wheel", "package": "p", "version": "1",
                  "file": "p/data/lite.pth", "sha256": "abcd", "bytes": 7 },
                { "id": "res", "graph": "g3", "converter": 0, "kind": "http",
                  "url": "https://host.invalid/a/res-f37072fd.pth", "hash": { "sha256_prefix": "f37072fd" }, "bytes": 9 },
                { "id": "alex", "graph": "g4", "converter": 2, "kind": "http",
                  "url": "http://host.invalid/alex.caffemodel", "hash": { "sha1": "9116" }, "bytes": 244000000 },
                { "id": "squeeze", "graph": "g5", "converter": 0, "kind": "sdist", "package": "q", "version": "2",
                  "archive_sha256": "cdef", "file": "q/data/squeeze.pkl", "sha256": "ef01", "bytes": 5 }
            ]"#,
        )
        .expect("sources")
    }

    #[test]
    fn the_converters_rows_are_read() {
        let sources = one_of_each();
        assert_eq!(sources[0].hash(), None);
        assert_eq!(sources[1].hash(), Some(Hash::Sha256("abcd".to_owned())));
        assert_eq!(sources[1].converter, 2);
        assert_eq!(sources[2].hash(), Some(Hash::Sha256Prefix("f37072fd".to_owned())));
        assert_eq!(sources[2].converter, 0);
        assert_eq!(sources[3].hash(), Some(Hash::Sha1("9116".to_owned())));
        assert_eq!(sources[4].hash(), Some(Hash::Sha256("ef01".to_owned())), "of the file, not of the archive");
        let names: Vec<_> = sources.iter().map(Source::file_name).collect();
        let expected = ["lite.pth", "res-f37072fd.pth", "alex.caffemodel", "squeeze.pkl"];
        assert_eq!(names[0], None);
        assert_eq!(names[1..], expected.map(Some));
    }

    #[test]
    fn each_choice_takes_its_networks() {
        let sources = one_of_each();
        let ids = |choice: Choice| -> Vec<&str> {
            choice.of(&sources).expect("known ids").into_iter().map(|source| source.id.as_str()).collect()
        };
        assert_eq!(ids(Choice::Small), ["digits", "lite", "res", "squeeze"]);
        assert_eq!(ids(Choice::All), ["digits", "lite", "res", "alex", "squeeze"]);
        assert_eq!(ids(Choice::Tested), ["digits", "lite", "squeeze"]);
        assert_eq!(ids(Choice::Named(vec!["alex".to_owned(), "lite".to_owned()])), ["alex", "lite"]);
    }

    #[test]
    fn an_unknown_network_is_named_with_the_known_ones() {
        let sources = one_of_each();
        let error = Choice::Named(vec!["z".to_owned()]).of(&sources).expect_err("unknown").to_string();
        assert_eq!(error, "there is no network 'z'; there are digits, lite, res, alex, squeeze");
    }
}
