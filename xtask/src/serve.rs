//! `cargo xtask serve`: builds the page and serves it on this machine.

mod ready;

use std::fs;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::thread;

use anyhow::{Context as _, Result, bail};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use convscope_manifest::Manifest;
use tokio::net::TcpListener;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate as _};
use tower_http::services::{ServeDir, ServeFile};
use tower_http::set_header::SetResponseHeaderLayer;

use crate::build::{self, Build};
use crate::context::Context;
use crate::digits::{self, DIGITS};
use crate::process;
use crate::progress::{Announced, Progress, Task};
use crate::report::{Problems, step};
use crate::setup::{self, ToolchainChoice, steps};
use crate::shell::{self, Serving};
use crate::weights::{self, Choice, Patience};

/// The list of weights, from the repository's root.
const MANIFEST: &str = "www/weights/manifest.json";

/// How many ports are tried before giving up.
const PORTS: u16 = 20;

/// The network that is converted before the page is served, because the page opens with it. LeNet-5 is part of the repository.
const FIRST: &str = "efficientnet_lite0";

/// The steps until everything is built, besides those of [`build`]. The page is served after the fourth of all.
const SETUP: Announced = Announced { name: "set-up", what: "npm packages and sample photos", about: 15 };
/// Only cargo knows whether there is something to compile, so that these words do not say it.
const CONVERTER: Announced = Announced { what: "the program that converts weights", ..build::CONVERTER };
const WEIGHTS: Announced = Announced { name: "weights", what: "fetching and converting EfficientNet-Lite0", about: 30 };
const FURTHER: Announced =
    Announced { name: "further networks", what: "fetching and converting further networks", about: 90 };

/// The builds that are made while the page is served, and what the page lacks without them.
const LATER: [(Build, &str); 2] =
    [(Build::Reader, "the opening of weight files in the browser"), (Build::Burn, "“Computed by: burn”")];

/// Sets up, builds and serves until the program is ended.
pub(crate) fn run(context: &mut Context, port: u16, open: bool, first_build: bool) -> Result<()> {
    let progress = Progress::new(
        &context.target,
        &[SETUP, build::ENGINE, CONVERTER, WEIGHTS, FURTHER, DIGITS, build::READER, build::BURN],
    );
    let progress = Arc::new(progress);
    let (plan, problems) = match first_build {
        true => prepare(context, &progress),
        false => (Plan { optimise: true, can_build: false, can_convert: false }, Problems::default()),
    };
    if !context.root.join("pkg/convscope.js").is_file() {
        problems.into_result("set-up")?;
        bail!("pkg holds no build of the page; run `cargo xtask build`");
    }

    let server = Server::with(page(&context.root, first_build.then(|| progress.clone())), port)?;
    if server.address.port() != port {
        println!("    port {port} is taken");
    }
    let url = server.url();
    step("page", format_args!("served at {url} (Ctrl-C ends it)"));
    if open {
        let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
        if let Err(error) = process::output(context.command(opener).arg(&url)) {
            println!("    it could not be opened: {error:#}");
        }
    }
    if first_build {
        go_on(context, &progress, plan, problems, url);
    }
    server.wait()
}

/// What is possible on this machine.
#[derive(Clone, Copy)]
struct Plan {
    optimise: bool,
    can_build: bool,
    can_convert: bool,
}

/// Does all that comes before the page can answer with its first networks.
fn prepare(context: &mut Context, progress: &Progress) -> (Plan, Problems) {
    let mut problems = setup::target(context, ToolchainChoice::Auto);
    let can_build = problems.of(steps::TARGET).is_none();
    let context = &*context;

    let mut set_up = Problems::default();
    let done = progress.run(SETUP.name, |_| {
        let npm = thread::scope(|scope| {
            let npm = scope.spawn(|| setup::npm(context));
            set_up.extend(setup::samples(context));
            npm.join().map_err(|_| anyhow::anyhow!("the installation of npm packages ended early"))
        })?;
        set_up.extend(npm);
        Ok(set_up.or_done())
    });
    problems.extend(set_up);
    if let Err(error) = done {
        problems.note(SETUP.name, format!("{error:#}"), "The page may lack charts and sample photos.");
    }
    let optimise = problems.of(steps::NPM).is_none();

    // Before the other step begins beside it: the numbers then come in order.
    if can_build && !build::is_current(context, Build::Engine, optimise).unwrap_or(false) {
        progress.announce(build::ENGINE.name);
    }
    // Side by side: where there are cores, both compilations take them.
    let (engine, converter) = thread::scope(|scope| {
        let engine = scope.spawn(|| match can_build {
            true => progress.carry_out(build::ENGINE.name, |task| build::run(context, Build::Engine, optimise, task)),
            false => {
                progress.skip(build::ENGINE.name);
                bail!("a tool of the build is missing (see above)")
            }
        });
        let converter = progress.run(CONVERTER.name, |task| build::converter(context, task));
        let engine = engine.join().unwrap_or_else(|_| bail!("the build ended early"));
        (engine, converter)
    });
    if let Err(error) = engine {
        let remedy = "An older build, where there is one, is served as it is.";
        problems.note(build::ENGINE.name, format!("{error:#}"), remedy);
    }
    let can_convert = converter.is_ok();
    let first = converter.and_then(|()| {
        let choice = Choice::Named(vec![FIRST.to_owned()]);
        if weights::is_due(context, &choice).unwrap_or(true) {
            progress.announce(WEIGHTS.name);
        }
        progress.carry_out(WEIGHTS.name, |task| {
            let more = weights::run(context, &choice, Patience::Brief, task)?;
            let outcome = more.or_done();
            problems.extend(more);
            Ok(outcome)
        })
    });
    if let Err(error) = first {
        progress.skip(WEIGHTS.name);
        let remedy = "The page has those weights that were there before, and LeNet-5's, and may lack its sample photos. \
                      `cargo xtask weights` tries again and says more.";
        problems.note(WEIGHTS.name, format!("{error:#}"), remedy);
        if let Err(error) = weights::assemble_what_is_there(context) {
            problems.note("www/weights/manifest.json", format!("{error:#}"), "The page finds no network.");
        }
    }
    // What is built already, or cannot be, nobody waits for.
    for (later, _) in LATER {
        if !can_build || build::is_current(context, later, optimise).unwrap_or(false) {
            progress.skip(later.announced().name);
        }
    }
    (Plan { optimise, can_build, can_convert }, problems)
}

/// Marks the work that goes on while the page is served as ended when its thread ends, in whatever way it ends, so that open
/// pages do not wait for it.
struct Skipped(Arc<Progress>);

impl Drop for Skipped {
    fn drop(&mut self) {
        self.0.skip(FURTHER.name);
        self.0.skip(DIGITS.name);
        LATER.iter().for_each(|(later, _)| self.0.skip(later.announced().name));
    }
}

/// Runs a step that ends with problems of its own, and which the caller has announced where it has something to do. Where it fails,
/// the page goes on as `remedy` says.
fn attempt(
    progress: &Progress,
    name: &str,
    problems: &mut Problems,
    remedy: &str,
    work: impl FnOnce(&Task) -> Result<Problems>,
) {
    let done = progress.carry_out(name, |task| {
        let more = work(task)?;
        let outcome = more.or_done();
        problems.extend(more);
        Ok(outcome)
    });
    if let Err(error) = done {
        problems.note(name, format!("{error:#}"), remedy);
    }
}

/// Converts further networks, makes the gradient lab's digits and then builds the reader and burn, at low priority, while the
/// page is served.
/// A failure is reported, and the page stays. The last line says that nothing goes on any more, and has the page's address, which
/// the lines before have moved out of sight.
fn go_on(context: &Context, progress: &Arc<Progress>, plan: Plan, mut problems: Problems, url: String) {
    let context = context.clone();
    let progress = progress.clone();
    thread::spawn(move || {
        let ended = Skipped(progress.clone());
        if plan.can_convert {
            let remedy = "The page goes on with the networks that it has.";
            if weights::is_due(&context, &Choice::Small).unwrap_or(true) {
                progress.announce(FURTHER.name);
            }
            attempt(&progress, FURTHER.name, &mut problems, remedy, |task| {
                weights::run(&context, &Choice::Small, Patience::Brief, task)
            });
        }
        progress.skip(FURTHER.name);
        if plan.can_convert {
            let remedy = "The gradient lab may lack its digits. `cargo xtask weights` tries again.";
            if digits::is_due(&context) {
                progress.announce(DIGITS.name);
            }
            attempt(&progress, DIGITS.name, &mut problems, remedy, |_| Ok(digits::run(&context)));
        }
        progress.skip(DIGITS.name);
        problems.extend(setup::validation(&context));
        for (later, missing) in LATER {
            let name = later.announced().name;
            if plan.can_build && !progress.waits(name) {
                progress.tell(name, "up to date");
            } else if plan.can_build {
                let built = progress.run(name, |task| build::run(&context, later, plan.optimise, task));
                if let Err(error) = built {
                    let remedy = format!(
                        "The page goes on without it: only {missing} is missing. `cargo xtask build {name}` tries again."
                    );
                    problems.note(name, format!("{error:#}"), &remedy);
                }
            }
        }
        drop(ended);
        let random = plan.can_convert.then(|| weights::random(&context, &Choice::Small).ok()).flatten();
        println!("{}", ready::line(&url, &problems, random));
    });
}

/// A server that runs in a thread of its own.
pub(crate) struct Server {
    address: SocketAddr,
    thread: thread::JoinHandle<Result<()>>,
}

impl Server {
    /// Serves the page of the repository `root` at any free port.
    pub(crate) fn start(root: &Path) -> Result<Self> {
        Self::with(page(root, None), 0)
    }

    /// Serves what the race needs, with the user's own `models`, where there are any. Nothing is compressed while it is served:
    /// that would count as time of the runtimes.
    pub(crate) fn race(root: &Path, export: &Path, models: Option<&Path>) -> Result<Self> {
        let mut routes = Router::new().nest_service("/export", ServeDir::new(export));
        if let Some(models) = models {
            routes = routes.nest_service("/models", ServeDir::new(models));
        }
        for folder in ["bench/page", "www", "pkg", "node_modules"] {
            routes = routes.nest_service(&format!("/{folder}"), ServeDir::new(root.join(folder)));
        }
        Self::with(routes, 0)
    }

    /// Serves the page, and beside it the pages that have its engine at work for a long time.
    pub(crate) fn endurance(root: &Path) -> Result<Self> {
        Self::with(page(root, None).nest_service("/bench/page", ServeDir::new(root.join("bench/page"))), 0)
    }

    fn with(routes: Router, port: u16) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let listener = runtime.block_on(bind(port))?;
        let address = listener.local_addr()?;
        let routes = with_headers(routes);
        let thread = thread::spawn(move || Ok(runtime.block_on(axum::serve(listener, routes).into_future())?));
        Ok(Self { address, thread })
    }

    /// The page's address.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Serves until the program is ended.
    fn wait(self) -> Result<()> {
        self.thread.join().map_err(|_| anyhow::anyhow!("the server's thread ended early"))?
    }
}

async fn bind(port: u16) -> Result<TcpListener> {
    for candidate in port..=port.saturating_add(PORTS) {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, candidate)).await {
            Ok(listener) => return Ok(listener),
            Err(error) if error.kind() == ErrorKind::AddrInUse => {}
            Err(error) => {
                return Err(error).with_context(|| format!("port {candidate} cannot be opened"));
            }
        }
    }
    bail!("the ports {port} to {} are all taken; name another one with --port", port.saturating_add(PORTS))
}

/// The routes of the page; nothing else of the repository is served. With `progress`, the manifest says what is still being
/// built.
fn page(root: &Path, progress: Option<Arc<Progress>>) -> Router {
    let index = root.join("index.html");
    // Weights are noise to a compressor, and a shard is resumed by a byte range of the plain file. The digits are compressed
    // already, and unpacked by the page.
    let worth_compressing = DefaultPredicate::new()
        .and(NotForContentType::const_new("application/octet-stream"))
        .and(NotForContentType::const_new("application/gzip"));
    let mut routes = Router::new();
    if let Some(progress) = progress {
        let file = root.join(MANIFEST);
        routes = routes.route(&format!("/{MANIFEST}"), get(async move || manifest(&file, &progress)));
    }
    let listed = root.to_owned();
    routes
        .route_service("/", ServeFile::new(&index))
        .route_service("/index.html", ServeFile::new(&index))
        .route_service("/sw.js", ServeFile::new(root.join("sw.js")))
        .route(&format!("/{}", shell::FILE), get(async move || live_shell(&listed)))
        .nest_service("/www", files(root.join("www")))
        .nest_service("/pkg", files(root.join("pkg")))
        .fallback(async || StatusCode::NOT_FOUND)
        .layer(CompressionLayer::new().compress_when(worth_compressing))
}

/// The manifest as it is now. Its field `building` lists the steps that have not ended; a static server's manifest has no such
/// field.
fn manifest(file: &Path, progress: &Progress) -> Result<Json<Manifest>, StatusCode> {
    // Asked before the file is read: a step that ends in between is still listed, and no longer the next time.
    let building = progress.unfinished();
    let text = fs::read(file).map_err(|_| StatusCode::NOT_FOUND)?;
    let manifest: Manifest = serde_json::from_slice(&text).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(Json(Manifest { building: (!building.is_empty()).then_some(building), ..manifest }))
}

/// The files that there are now, for the service worker, which asks this server first whenever it answers: what is changed is seen
/// at once.
fn live_shell(root: &Path) -> Result<impl IntoResponse + use<>, StatusCode> {
    let list = shell::list(root, Serving::Live).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(([(header::CONTENT_TYPE, "text/javascript")], list))
}

fn with_headers(routes: Router) -> Router {
    routes
        // Cross-origin isolation: precise clocks, and threads.
        .layer(named("cross-origin-opener-policy", "same-origin"))
        .layer(named("cross-origin-embedder-policy", "require-corp"))
        .layer(named("cross-origin-resource-policy", "same-origin"))
        .layer(named("x-content-type-options", "nosniff"))
        // The browser asks each time, and is told "not modified": a rebuilt page is seen at once.
        .layer(named("cache-control", "no-cache"))
}

fn files(folder: impl AsRef<Path>) -> ServeDir {
    ServeDir::new(folder).append_index_html_on_directories(false).precompressed_br().precompressed_gzip()
}

fn named(name: &'static str, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::overriding(HeaderName::from_static(name), HeaderValue::from_static(value))
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;

    use convscope_manifest::BuildingStep;

    use super::*;

    /// The status line, the headers and the body that a browser gets for a path.
    fn answer(server: &Server, path: &str) -> (String, Vec<u8>) {
        answer_in(server, path, "gzip")
    }

    fn answer_in(server: &Server, path: &str, encoding: &str) -> (String, Vec<u8>) {
        let mut stream = TcpStream::connect(server.address).expect("a connection");
        let request =
            format!("GET {path} HTTP/1.1\r\nhost: x\r\naccept-encoding: {encoding}\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("a request");
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).expect("an answer");
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("headers") + 4;
        (String::from_utf8_lossy(&bytes[..end]).to_lowercase(), bytes[end..].to_vec())
    }

    #[test]
    fn digits_are_served_as_they_lie_there() {
        let root = std::env::temp_dir().join(format!("xtask-serve-digits-{}", std::process::id()));
        fs::create_dir_all(root.join("www/data")).expect("a folder");
        let digits = vec![31; 5000];
        fs::write(root.join("www/data/mnist.safetensors.gz"), &digits).expect("a file");
        fs::write(root.join("www/words.css"), "a".repeat(5000)).expect("a file");
        let server = Server::start(&root).expect("a server");
        let (head, body) = answer(&server, "/www/data/mnist.safetensors.gz");
        assert!(head.contains("content-type: application/gzip") && !head.contains("content-encoding"), "{head}");
        assert_eq!(body, digits);
        let (head, _) = answer(&server, "/www/words.css");
        assert!(head.contains("content-encoding: gzip"), "{head}");
        fs::remove_dir_all(&root).expect("the folder");
    }

    #[test]
    fn the_service_worker_gets_a_live_list_and_every_answer_isolates_the_page() {
        let root = std::env::temp_dir().join(format!("xtask-serve-worker-{}", std::process::id()));
        for (name, text) in [("index.html", "page"), ("sw.js", "worker"), ("www/a.js", "a"), ("pkg/b.js", "b")] {
            let file = root.join(name);
            fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
            fs::write(file, text).expect("a file");
        }
        let server = Server::start(&root).expect("a server");
        let (_, body) = answer(&server, "/sw.js");
        assert_eq!(body, b"worker");
        let (head, body) = answer_in(&server, "/www/shell.js", "identity");
        let body = String::from_utf8_lossy(&body);
        assert!(head.contains("content-type: text/javascript"), "{head}");
        assert!(body.contains("\"live\": true") && body.contains("\"www/a.js\": \"\""), "{body}");
        for path in ["/", "/sw.js", "/www/shell.js", "/www/a.js"] {
            let (head, _) = answer(&server, path);
            for line in [
                "cross-origin-opener-policy: same-origin",
                "cross-origin-embedder-policy: require-corp",
                "cross-origin-resource-policy: same-origin",
            ] {
                assert!(head.contains(line), "{path}: {head}");
            }
        }
        fs::remove_dir_all(&root).expect("the folder");
    }

    #[test]
    fn the_race_is_isolated_and_has_the_models_of_the_user() {
        let root = std::env::temp_dir().join(format!("xtask-serve-race-{}", std::process::id()));
        for (file, text) in
            [("export/a.bin", "exported"), ("models/a.tflite", "model"), ("bench/page/index.html", "page")]
        {
            let file = root.join(file);
            fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
            fs::write(file, text).expect("a file");
        }
        let export = root.join("export");
        let server = Server::race(&root, &export, Some(&root.join("models"))).expect("a server");
        for (path, body) in
            [("/export/a.bin", "exported"), ("/models/a.tflite", "model"), ("/bench/page/index.html", "page")]
        {
            let (head, found) = answer(&server, path);
            assert_eq!(found, body.as_bytes(), "{path}");
            // Without these the browser shares no memory among threads.
            assert!(head.contains("cross-origin-opener-policy: same-origin"), "{head}");
            assert!(head.contains("cross-origin-embedder-policy: require-corp"), "{head}");
        }
        let without = Server::race(&root, &export, None).expect("a server");
        assert!(answer(&without, "/models/a.tflite").0.starts_with("http/1.1 404"));
        fs::remove_dir_all(&root).expect("the folder");
    }

    #[test]
    fn long_runs_have_the_page_and_their_own_in_isolation() {
        let root = std::env::temp_dir().join(format!("xtask-serve-endurance-{}", std::process::id()));
        for (file, text) in
            [("index.html", "page"), ("bench/page/endurance.html", "engine"), ("bench/race.mjs", "race")]
        {
            let file = root.join(file);
            fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
            fs::write(file, text).expect("a file");
        }
        let server = Server::endurance(&root).expect("a server");
        for (path, body) in [("/", "page"), ("/bench/page/endurance.html", "engine")] {
            let (head, found) = answer(&server, path);
            assert_eq!(found, body.as_bytes(), "{path}");
            // Without these the browser shares no memory among threads.
            assert!(head.contains("cross-origin-opener-policy: same-origin"), "{head}");
            assert!(head.contains("cross-origin-embedder-policy: require-corp"), "{head}");
        }
        assert!(answer(&server, "/bench/race.mjs").0.starts_with("http/1.1 404"));
        fs::remove_dir_all(&root).expect("the folder");
    }

    #[test]
    fn the_manifest_tells_what_is_being_built_until_it_is() {
        let folder = std::env::temp_dir().join(format!("xtask-serve-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let file = folder.join("manifest.json");
        fs::write(&file, r#"{ "version": 1, "networks": [] }"#).expect("a manifest");
        let progress = Progress::new(&folder, &[FURTHER, build::BURN]);
        progress.skip(FURTHER.name);
        let told = manifest(&file, &progress).expect("a manifest").0;
        assert_eq!(told.version, 1);
        let waiting = BuildingStep { name: "burn".to_owned(), text: "waiting".to_owned() };
        assert_eq!(told.building, Some(vec![waiting]));
        progress.skip(build::BURN.name);
        assert_eq!(manifest(&file, &progress).expect("a manifest").0.building, None);
        fs::remove_dir_all(&folder).expect("the folder");
        assert_eq!(manifest(&file, &progress).err(), Some(StatusCode::NOT_FOUND));
    }
}
