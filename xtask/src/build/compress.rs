//! Files compressed once, beside themselves: a static server need not do it at each visit.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Result;

/// gzip's and Brotli's.
pub(crate) const ENDINGS: [&str; 2] = ["gz", "br"];

/// Where the compressed file lies.
pub(crate) fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

/// Compresses the folder's WebAssembly, JavaScript and JSON, several files at a time.
pub(super) fn all(folder: &Path) -> Result<()> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "wasm" || ending == "js" || ending == "json") {
            files.push(path);
        }
    }
    self::files(&files)
}

/// Compresses files, several at a time.
pub(crate) fn files(files: &[PathBuf]) -> Result<()> {
    let at_once = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..at_once)
            .map(|first| scope.spawn(move || files.iter().skip(first).step_by(at_once).try_for_each(|file| one(file))))
            .collect();
        running.into_iter().try_for_each(|one| one.join().map_err(|_| anyhow::anyhow!("compression ended early"))?)
    })
}

fn one(file: &Path) -> Result<()> {
    let bytes = fs::read(file)?;
    fs::write(beside(file, "gz"), gzip(&bytes)?)?;
    fs::write(beside(file, "br"), brotli(&bytes)?)?;
    Ok(())
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    // The best quality takes a minute for 10 MB, a second for the engine.
    let quality = if bytes.len() < 2_000_000 { 11 } else { 9 };
    let parameters = brotli::enc::BrotliEncoderParams { quality, lgwin: 24, ..Default::default() };
    let mut out = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut out, &parameters)?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compressed_bytes_come_back() {
        let bytes: Vec<u8> = (0..20_000_u32).flat_map(|n| (n % 251).to_le_bytes()).collect();
        let mut back = Vec::new();
        std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&gzip(&bytes).expect("gzip")[..]), &mut back)
            .expect("gunzip");
        assert_eq!(back, bytes);
        back.clear();
        brotli::BrotliDecompress(&mut &brotli(&bytes).expect("brotli")[..], &mut back).expect("unbrotli");
        assert_eq!(back, bytes);
    }

    #[test]
    fn the_ending_is_added_to_the_name() {
        assert_eq!(beside(Path::new("a/b_bg.wasm"), "br"), Path::new("a/b_bg.wasm.br"));
    }
}
