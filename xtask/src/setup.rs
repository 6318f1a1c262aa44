//! Making sure of the tools and the data. Each step looks first, and gets only what is missing.

mod browser;
mod debian;
mod fashion;
mod mnist;
mod npm;
mod pip;
mod samples;
mod sdist;
mod toolchain;
mod tools;
mod validation;
mod vendor;

pub(crate) use browser::{find as find_browser, find_firefox, lend_vulkan};
pub(crate) use pip::{extract, sha256_of, wheel};
pub(crate) use sdist::Sdist;
pub(crate) use toolchain::ToolchainChoice;
pub(crate) use vendor::VENDORED;

use crate::context::Context;
use crate::report::Problems;

/// The names of the steps, as other commands ask for their problems.
pub(crate) mod steps {
    pub(crate) const TARGET: &str = "wasm32 target";
    pub(crate) const RUNNER: &str = "wasm-bindgen's test runner";
    pub(crate) const PACK: &str = "wasm-pack";
    pub(crate) const NPM: &str = "npm packages";
    pub(crate) const SAMPLES: &str = "sample photos";
    pub(crate) const BROWSER: &str = "Chromium and ChromeDriver";
    pub(crate) const FIREFOX: &str = "Firefox";
    pub(crate) const MNIST: &str = "MNIST";
    pub(crate) const VALIDATION: &str = "classes of ImageNet's validation pictures";
    pub(crate) const BUNDLERS: &str = "Vite and webpack";
}

/// What the page needs.
pub(crate) fn page(context: &mut Context, choice: ToolchainChoice) -> Problems {
    wasm_tools(context, choice).extended_by(samples(context)).extended_by(validation(context))
}

/// What compiling the page's WebAssembly needs.
pub(crate) fn wasm_tools(context: &mut Context, choice: ToolchainChoice) -> Problems {
    let mut problems = target(context, choice);
    problems.extend(npm(context));
    problems
}

/// The page's tools and libraries from npm.
pub(crate) fn npm(context: &Context) -> Problems {
    let mut problems = Problems::default();
    problems.attempt(
        steps::NPM,
        "The page is built without wasm-opt, and is larger for it; charts, types and page tests are missing. \
         Install Node.js 20 or newer.",
        || context.alone(steps::NPM, || npm::page(context).and_then(|()| vendor::ensure(context))),
    );
    problems
}

/// What the npm package is tested with.
pub(crate) fn bundlers(context: &Context) -> Problems {
    let mut problems = Problems::default();
    problems.attempt(steps::BUNDLERS, "The page tests of the file bundlers.test.mjs fail; all others can run.", || {
        context.alone(steps::BUNDLERS, || npm::bundlers(context))
    });
    problems
}

/// What runs the crate's tests in a browser.
pub(crate) fn test_runner(context: &Context) -> Problems {
    let mut problems = Problems::default();
    problems.attempt(
        steps::RUNNER,
        "All but the suite `wasm` can run. Try `cargo install wasm-bindgen-cli` by hand.",
        || tools::bindgen(context),
    );
    problems
}

/// What `wasm-pack test` needs beside the tests' own tools.
pub(crate) fn wasm_pack(context: &Context) -> Problems {
    let mut problems = Problems::default();
    problems.attempt(
        steps::PACK,
        "`cargo xtask` does without it; `wasm-pack test` does not. Try `cargo install wasm-pack` by hand.",
        || tools::wasm_pack(context),
    );
    problems
}

/// What compiles WebAssembly.
pub(crate) fn target(context: &mut Context, choice: ToolchainChoice) -> Problems {
    let mut problems = Problems::default();
    problems.attempt(
        steps::TARGET,
        "Native builds and tests still work. To compile the page, install Rust's target wasm32-unknown-unknown.",
        || toolchain::ensure(context, choice),
    );
    problems
}

/// The photos that the page offers and the converter checks itself on.
pub(crate) fn samples(context: &Context) -> Problems {
    let mut problems = Problems::default();
    problems.attempt(
        steps::SAMPLES,
        "The page works with the camera and with files of the visitor's; `weights` cannot check new conversions.",
        || context.alone(steps::SAMPLES, || samples::ensure(context)),
    );
    problems
}

/// The ids of the photos that the page offers.
pub(crate) fn sample_ids(context: &Context) -> anyhow::Result<Vec<String>> {
    samples::ids(context)
}

/// A folder with all photos that can be had, to measure with.
pub(crate) fn photos(context: &Context) -> anyhow::Result<std::path::PathBuf> {
    samples::all(context)
}

/// What only the tests need.
pub(crate) fn tests(context: &Context) -> Problems {
    browser(context)
        .extended_by(firefox(context))
        .extended_by(mnist(context))
        .extended_by(test_runner(context))
        .extended_by(bundlers(context))
}

/// A browser that can be steered.
pub(crate) fn browser(context: &Context) -> Problems {
    let mut problems = Problems::default();
    problems.attempt(
        steps::BROWSER,
        "The suites `wasm` and `page` and the race cannot run. Install Chromium and the ChromeDriver of the same version, or name \
         them in the variables CHROME and CHROMEDRIVER.",
        || browser::ensure(context),
    );
    problems
}

/// A second browser for the page's tests.
fn firefox(context: &Context) -> Problems {
    let mut problems = Problems::default();
    problems.attempt(
        steps::FIREFOX,
        "The page tests of the file firefox.test.mjs are skipped; all others can run. Install Firefox, or name it in the variable \
         FIREFOX.",
        || browser::ensure_firefox(context),
    );
    problems
}

/// The folder of Fashion-MNIST's four files, where it can be had.
pub(crate) fn fashion_mnist() -> anyhow::Result<std::path::PathBuf> {
    fashion::ensure()
}

/// MNIST, for the gradient lab, and for LeNet-5's trainer and tests.
pub(crate) fn mnist(context: &Context) -> Problems {
    let mut problems = Problems::default();
    problems.attempt(
        steps::MNIST,
        "The native tests that read MNIST (LeNet-5's accuracy) fail, and LeNet-5 cannot be trained. \
         The gradient lab has no digits. To go on, put the four original ubyte files into target/data/mnist.",
        || context.alone(steps::MNIST, || mnist::ensure(context)),
    );
    problems
}

/// What tells the page the classes of ImageNet's validation pictures by their names.
pub(crate) fn validation(context: &Context) -> Problems {
    let mut problems = Problems::default();
    problems.attempt(
        steps::VALIDATION,
        "The page knows the classes of these pictures only by folders or by a table of labels. `cargo xtask setup` tries again.",
        || context.alone(steps::VALIDATION, || validation::ensure(context)),
    );
    problems
}
