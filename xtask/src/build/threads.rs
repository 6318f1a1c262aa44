//! What the engine's threads need of the compiler: the standard library compiled anew from its source, with atomic instructions, and a
//! memory that can be shared. Both are in stable Rust's compiler, but not yet among what it promises to keep.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, ensure};

use crate::context::Context;
use crate::process;

/// Settings of the compiler and of the linker. The memory may grow to as much as WebAssembly can address, as it does without threads;
/// what the linker exports is how wasm-bindgen gives each thread a stack and variables of its own.
const FLAGS: [&str; 9] = [
    "-Ctarget-feature=+atomics,+bulk-memory,+mutable-globals,+simd128",
    "-Clink-arg=--shared-memory",
    "-Clink-arg=--import-memory",
    "-Clink-arg=--max-memory=4294967296",
    "-Clink-arg=--export=__wasm_init_tls",
    "-Clink-arg=--export=__tls_size",
    "-Clink-arg=--export=__tls_align",
    "-Clink-arg=--export=__tls_base",
    "-Clink-arg=--export=__heap_base",
];

/// Whether the standard library's source is beside the compiler.
pub(super) fn has_source(context: &Context) -> bool {
    let sysroot = process::output(context.command("rustc").args(["--print", "sysroot"]));
    sysroot.is_ok_and(|path| Path::new(path.trim()).join("lib/rustlib/src/rust/library/Cargo.lock").is_file())
}

/// Gets the source where it is missing.
///
/// # Errors
/// Where it cannot be had. The engine can be compiled without, with one thread.
pub(super) fn source(context: &Context) -> Result<()> {
    if has_source(context) {
        return Ok(());
    }
    ensure!(
        process::which("rustup").is_some(),
        "the standard library's source is not beside the compiler, and rustup was not found"
    );
    process::run_within(context.command("rustup").args(["component", "add", "rust-src"]), Duration::from_secs(120))?;
    ensure!(has_source(context), "rustup added the component rust-src, but the compiler's folder lacks the source");
    Ok(())
}

/// The target folder of what is compiled with threads: cargo would otherwise compile the dependencies of the other builds anew after it.
pub(super) fn target(context: &Context) -> PathBuf {
    context.target.join("threads")
}

/// Has cargo compile for threads.
pub(super) fn set(context: &Context, cargo: &mut Command) {
    let flags = FLAGS.map(|flag| format!("{flag:?}")).join(", ");
    cargo
        // The one way to ask a stable compiler for it.
        .env("RUSTC_BOOTSTRAP", "1")
        .args(["-Z", "build-std=std,panic_abort", "--config"])
        .arg(format!("target.wasm32-unknown-unknown.rustflags=[{flags}]"))
        .arg("--target-dir")
        .arg(target(context));
}
