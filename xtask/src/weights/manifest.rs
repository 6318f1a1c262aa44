//! The rows that the converter writes, and the page's manifest made of them.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use convscope_manifest::{Manifest, ManifestRow, Origin, Source, VERSION};

/// The row in the folder `id`, if every shard that it names is there and has the right size.
pub(super) fn read_row(folder: &Path, id: &str) -> Result<ManifestRow> {
    let row: ManifestRow = serde_json::from_slice(&fs::read(folder.join(id).join("manifest.json"))?)
        .with_context(|| format!("{id}/manifest.json is not a row"))?;
    for shard in &row.shards {
        let file = &shard.file;
        let found = fs::metadata(folder.join(file)).with_context(|| format!("{file} is missing"))?.len();
        if found != shard.bytes {
            bail!("{file} has {found} bytes, not {}", shard.bytes);
        }
    }
    Ok(row)
}

/// Whether converting the source now would give the same weights as those of the row.
pub(super) fn is_current(row: &ManifestRow, source: &Source) -> bool {
    // A network that is trained here is not converted: its weights are valid as long as its layers stay the same.
    let same_file = matches!(source.origin, Origin::Trained)
        || source.hash().is_some_and(|hash| row.source.hash == hash.digits()) && row.converter == source.converter;
    same_file && is_usable(row, source)
}

/// Whether the network as it is now can read the row's shards, even if an older converter made them.
pub(super) fn is_usable(row: &ManifestRow, source: &Source) -> bool {
    row.graph == source.graph
}

/// The folder's rows in the order of their folders' names; one whose shards are not all there is named and left out.
pub(super) fn rows(folder: &Path) -> Result<Vec<ManifestRow>> {
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

/// Writes the manifest of these rows.
///
/// A file whose content would stay the same is not written, so that its time stays and a browser's copy remains valid.
pub(super) fn write(folder: &Path, rows: Vec<ManifestRow>) -> Result<()> {
    let file = folder.join("manifest.json");
    let manifest = Manifest { version: VERSION, networks: rows, building: None };
    let text = format!("{}\n", serde_json::to_string_pretty(&manifest)?);
    if fs::read_to_string(&file).is_ok_and(|found| found == text) {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    // The page may ask for it at any moment, and must not get half of it.
    let unfinished = file.with_extension("part");
    fs::write(&unfinished, text)?;
    fs::rename(unfinished, file)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use convscope_manifest::{Agreement, Measured, OfficialFile, OwnWeights, Shard};

    use super::super::source::tests::one_of_each;
    use super::*;

    /// A row of one shard of four bytes.
    fn row(id: &str, graph: &str, hash: &str) -> ManifestRow {
        ManifestRow {
            id: id.to_owned(),
            graph: graph.to_owned(),
            converter: 0,
            variant: "q8".to_owned(),
            own: None,
            bytes: 4,
            shards: vec![Shard { file: format!("{id}/w.safetensors"), bytes: 4, sha256: "x".to_owned() }],
            source: OfficialFile { from: String::new(), hash: hash.to_owned() },
            measured: Measured::Photos(Agreement { pictures: 1, lowest_cosine: 1.0, top1: 1.0, top5: 1.0 }),
        }
    }

    /// A folder of weights with one row a name; `short` gets a shard one byte too small.
    fn folder(name: &str, ids: &[&str], short: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("xtask-weights-{name}-{}", std::process::id()));
        for id in ids {
            fs::create_dir_all(folder.join(id)).expect("a folder");
            let row = serde_json::to_string(&row(id, "g", "s")).expect("JSON");
            fs::write(folder.join(id).join("manifest.json"), row).expect("a row");
            fs::write(folder.join(id).join("w.safetensors"), if *id == short { "abc" } else { "abcd" })
                .expect("a shard");
        }
        folder
    }

    #[test]
    fn the_manifest_holds_whole_rows_in_order_and_as_they_are() {
        let folder = folder("order", &["b", "a", "c"], "b");
        write(&folder, rows(&folder).expect("rows")).expect("a manifest");
        let manifest: Manifest =
            serde_json::from_slice(&fs::read(folder.join("manifest.json")).expect("a manifest")).expect("JSON");
        fs::remove_dir_all(&folder).expect("a folder");
        assert_eq!(manifest.version, 1);
        assert_eq!(manifest.networks, [row("a", "g", "s"), row("c", "g", "s")]);
    }

    #[test]
    fn weights_of_ones_own_stand_beside_the_official_ones() {
        let folder = folder("own", &["res", "res-flowers"], "");
        let file = folder.join("res-flowers/manifest.json");
        let own = ManifestRow {
            id: "res".to_owned(),
            variant: "flowers".to_owned(),
            own: Some(OwnWeights { name: "Flowers".to_owned(), classes: 5 }),
            ..row("res-flowers", "g", "s")
        };
        fs::write(&file, serde_json::to_string(&own).expect("JSON")).expect("a row");
        // The official weights are missing or out of date: what is fetched for them goes into their own folder.
        fs::remove_dir_all(folder.join("res")).expect("a folder");
        let found = rows(&folder).expect("rows");
        assert!(read_row(&folder, "res").is_err());
        fs::remove_dir_all(&folder).expect("a folder");
        assert_eq!(found, [own]);
    }

    #[test]
    fn a_row_of_another_file_graph_or_converter_is_out_of_date() {
        let [digits, lite, res, _, squeeze] = one_of_each().try_into().expect("five sources");
        let row = |graph: &str, hash: &str| row("a", graph, hash);

        assert!(is_current(&row("g3", "f37072fd"), &res));
        assert!(!is_current(&row("g3", "f37072fe"), &res));
        assert!(!is_current(&row("other", "f37072fd"), &res));
        assert!(!is_usable(&row("other", "f37072fd"), &res));

        let mut older = row("g2", "abcd");
        assert!(!is_current(&older, &lite), "the row's converter is 0, and the source's is 2");
        assert!(is_usable(&older, &lite));
        older.converter = 2;
        assert!(is_current(&older, &lite));

        assert!(is_current(&row("g5", "ef01"), &squeeze), "the file's hash is what counts");
        assert!(!is_current(&row("g5", "cdef"), &squeeze));

        assert!(is_current(&row("g1", ""), &digits));
        assert!(!is_current(&row("other", ""), &digits));
    }
}
