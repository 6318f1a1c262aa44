//! `cargo xtask build`: the crate as WebAssembly, optimised and compressed, in pkg.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result};

use crate::context::Context;
use crate::process;
use crate::report::{megabytes, seconds, step};
use crate::setup;

/// Of all native builds: another set would compile burn once more.
pub(crate) const NATIVE_FEATURES: &str = "convert,train,native-gpu";

/// What decides over the built bytes, besides the tools.
const INPUTS: [&str; 4] = ["src", "Cargo.toml", "Cargo.lock", ".cargo/config.toml"];

/// WebAssembly features that wasm-opt may use. All of them would be too many: it would then emit imports that
/// browsers refuse.
const FEATURES: [&str; 8] = [
    "--enable-simd",
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// Speed of the CPU kernels first, which the compiler's own opt-level 3 has shaped; -Os would be a little smaller.
const LEVEL: &str = "-O2";

const WASM: &str = "convscope_bg.wasm";

/// Builds pkg, unless it stands for the inputs as they are.
pub(crate) fn run(context: &Context, optimise: bool) -> Result<()> {
    let package = context.root.join("pkg");
    let stamp = package.join(".inputs.sha256");
    let inputs = inputs(context, optimise)?;
    let wasm = package.join(WASM);
    if wasm.is_file() && fs::read_to_string(&stamp).is_ok_and(|found| found == inputs) {
        step("pkg", format_args!("up to date ({})", sizes(&wasm)?));
        return Ok(());
    }

    // Half a build must not pass for a whole one.
    if stamp.exists() {
        fs::remove_file(&stamp)?;
    }
    let started = Instant::now();
    println!("    compiling the WebAssembly (about 10 minutes the first time on two cores)");
    process::run(context.command("wasm-pack").args([
        "build",
        "--mode",
        "no-install",
        "--target",
        "web",
        "--profile",
        "web",
        "--no-opt",
        "--out-dir",
        "pkg",
    ]))?;
    step(
        "wasm-pack",
        format_args!("built {} in {}", megabytes(fs::metadata(&wasm)?.len()), seconds(started.elapsed())),
    );

    if optimise {
        let started = Instant::now();
        let smaller = package.join("optimised.wasm");
        process::run(
            context
                .command("node")
                .arg("node_modules/binaryen/bin/wasm-opt")
                .arg(LEVEL)
                .args(FEATURES)
                .arg(&wasm)
                .arg("-o")
                .arg(&smaller),
        )?;
        fs::rename(&smaller, &wasm)?;
        step(
            "wasm-opt",
            format_args!("left {} in {}", megabytes(fs::metadata(&wasm)?.len()), seconds(started.elapsed())),
        );
    }

    let started = Instant::now();
    compress(&wasm)?;
    step("compression", format_args!("done in {}", seconds(started.elapsed())));
    fs::write(&stamp, &inputs)?;
    step("pkg", format_args!("built ({})", sizes(&wasm)?));
    Ok(())
}

/// Builds the native programs, the converter and the trainer, unless they are up to date.
pub(crate) fn native_programs(context: &Context) -> Result<()> {
    process::run(context.command("cargo").args(["build", "--release", "--features", NATIVE_FEATURES, "--bins"]))
}

/// A hash over the inputs' names and bytes, and over the tools' versions.
fn inputs(context: &Context, optimise: bool) -> Result<String> {
    let mut files = Vec::new();
    for input in INPUTS {
        collect(&context.root.join(input), &mut files)?;
    }
    files.sort();
    let mut text = String::new();
    for file in files {
        let name = file.strip_prefix(&context.root).unwrap_or(&file).display().to_string();
        let hash = setup::sha256_of(&fs::read(&file).with_context(|| format!("{name} cannot be read"))?);
        text += &format!("{hash} {name}\n");
    }
    text += &process::output(context.command("rustc").arg("-V"))?;
    if optimise {
        text += &fs::read_to_string(context.root.join("node_modules/binaryen/package.json"))
            .context("wasm-opt is not here: `cargo xtask setup` gets it, `--no-opt` does without it")?;
        text += LEVEL;
    }
    Ok(setup::sha256_of(text.as_bytes()))
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            collect(&entry?.path(), files)?;
        }
    } else if path.is_file() {
        files.push(path.to_owned());
    }
    Ok(())
}

fn beside(wasm: &Path, extension: &str) -> PathBuf {
    wasm.with_extension(format!("wasm.{extension}"))
}

/// Writes the wasm beside itself as .gz and .br: a static server need not compress 12 MB at each visit.
fn compress(wasm: &Path) -> Result<()> {
    let bytes = fs::read(wasm)?;
    std::thread::scope(|scope| {
        let gzip = scope.spawn(|| gzip(&bytes));
        let brotli = brotli(&bytes)?;
        fs::write(beside(wasm, "br"), brotli)?;
        let gzip = gzip.join().map_err(|_| anyhow::anyhow!("gzip ended early"))??;
        fs::write(beside(wasm, "gz"), gzip)?;
        Ok(())
    })
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    // Quality 10 and above take minutes for a file of this size.
    let parameters = brotli::enc::BrotliEncoderParams { quality: 9, lgwin: 24, ..Default::default() };
    let mut out = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut out, &parameters)?;
    Ok(out)
}

fn sizes(wasm: &Path) -> Result<String> {
    let size = |file: &Path| -> Result<String> {
        Ok(megabytes(fs::metadata(file).with_context(|| format!("{} is missing", file.display()))?.len()))
    };
    Ok(format!("{} wasm, {} gzip, {} brotli", size(wasm)?, size(&beside(wasm, "gz"))?, size(&beside(wasm, "br"))?))
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
}
