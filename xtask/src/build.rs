//! `cargo xtask build`: the crate as WebAssembly, with and without relaxed SIMD, optimised and compressed, in pkg.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result};

use crate::context::Context;
use crate::plain_simd;
use crate::process;
use crate::report::{megabytes, seconds, step};
use crate::setup;

/// Of all native builds: another set would compile burn once more.
pub(crate) const NATIVE_FEATURES: &str = "convert,train,native-gpu";

/// What decides over the built bytes, besides the tools.
const INPUTS: [&str; 6] =
    ["src", "Cargo.toml", "Cargo.lock", ".cargo/config.toml", "xtask/src/build.rs", "xtask/src/plain_simd.rs"];

/// WebAssembly features that wasm-opt may use. All of them would be too many: it would then emit imports that
/// browsers refuse.
const FEATURES: [&str; 9] = [
    "--enable-simd",
    "--enable-relaxed-simd",
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// Speed of the CPU kernels first, which the compiler's own opt-level 3 has shaped; -Os would be a little smaller. What is
/// worth inlining the compiler has inlined: to inline every function with one caller would make the compressed file a tenth
/// larger, and take kernels out of functions where their numbers stay in registers.
const LEVEL: [&str; 2] = ["-O2", "--one-caller-inline-max-function-size=20"];

/// The binary for every browser: wasm-bindgen's own name, which its code asks for unless it is told another one.
const PLAIN: &str = "convscope_bg.wasm";

/// The binary for browsers with relaxed SIMD.
const RELAXED: &str = "convscope_relaxed_bg.wasm";

/// What tells the two apart in the browser, beside them in the package.
const CHOICE: [&str; 2] = ["binary.js", "binary.d.ts"];

/// Builds pkg, unless it stands for the inputs as they are.
pub(crate) fn run(context: &Context, optimise: bool) -> Result<()> {
    let package = context.root.join("pkg");
    let stamp = package.join(".inputs.sha256");
    let inputs = inputs(context, optimise)?;
    let [plain, relaxed] = [PLAIN, RELAXED].map(|name| package.join(name));
    if plain.is_file() && relaxed.is_file() && fs::read_to_string(&stamp).is_ok_and(|found| found == inputs) {
        step("pkg", format_args!("up to date ({})", sizes(&relaxed)?));
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
        format_args!("built {} in {}", megabytes(fs::metadata(&plain)?.len()), seconds(started.elapsed())),
    );
    fs::rename(&plain, &relaxed)?;

    if optimise {
        let started = Instant::now();
        let smaller = package.join("optimised.wasm");
        process::run(
            context
                .command("node")
                .arg("node_modules/binaryen/bin/wasm-opt")
                .args(LEVEL)
                .args(FEATURES)
                .arg(&relaxed)
                .arg("-o")
                .arg(&smaller),
        )?;
        fs::rename(&smaller, &relaxed)?;
        step(
            "wasm-opt",
            format_args!("left {} in {}", megabytes(fs::metadata(&relaxed)?.len()), seconds(started.elapsed())),
        );
    }

    let started = Instant::now();
    fs::write(&plain, plain_simd::lowered(&fs::read(&relaxed)?)?)?;
    step("plain SIMD", format_args!("for browsers without the relaxed one, in {}", seconds(started.elapsed())));

    let started = Instant::now();
    std::thread::scope(|scope| {
        let plain = scope.spawn(|| compress(&plain));
        compress(&relaxed)?;
        plain.join().map_err(|_| anyhow::anyhow!("compression ended early"))?
    })?;
    step("compression", format_args!("done in {}", seconds(started.elapsed())));
    complete(context, &package)?;
    fs::write(&stamp, &inputs)?;
    step("pkg", format_args!("built ({})", sizes(&relaxed)?));
    Ok(())
}

/// Adds to wasm-pack's package what it does not know of, and takes away the page's libraries, which it takes for the
/// package's.
fn complete(context: &Context, package: &Path) -> Result<()> {
    for name in CHOICE {
        fs::copy(context.root.join("src/web").join(name), package.join(name))?;
    }
    let manifest = package.join("package.json");
    let mut json: serde_json::Value = serde_json::from_str(&fs::read_to_string(&manifest)?)?;
    let files = json["files"].as_array_mut().context("wasm-pack's package.json names no files")?;
    files.extend([RELAXED].into_iter().chain(CHOICE).map(serde_json::Value::from));
    json.as_object_mut().context("wasm-pack's package.json is no object")?.remove("dependencies");
    fs::write(&manifest, serde_json::to_string_pretty(&json)?)?;
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
    fs::write(beside(wasm, "br"), brotli(&bytes)?)?;
    fs::write(beside(wasm, "gz"), gzip(&bytes)?)?;
    Ok(())
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
