//! `cargo xtask serve`: the page on this machine.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::thread;

use anyhow::{Context as _, Result, bail};
use axum::Router;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use tokio::net::TcpListener;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate as _};
use tower_http::services::{ServeDir, ServeFile};
use tower_http::set_header::SetResponseHeaderLayer;

use crate::build;
use crate::context::Context;
use crate::process;
use crate::report::{Problems, step};
use crate::setup::{self, ToolchainChoice, steps};
use crate::weights::{self, Choice, Patience};

/// How many ports are tried before giving up.
const PORTS: u16 = 20;

/// Sets up, builds and serves until the program is ended.
pub(crate) fn run(context: &mut Context, port: u16, open: bool, first_build: bool) -> Result<()> {
    let mut problems = Problems::default();
    if first_build {
        problems.extend(setup::page(context, ToolchainChoice::Auto));
        let tools = [steps::TARGET, steps::BINDGEN, steps::PACK];
        let without_tools = tools.iter().any(|name| problems.of(name).is_some());
        if without_tools {
            problems.note(
                "pkg",
                "a tool of the build is missing (see above)",
                "An older build, where there is one, is served as it is.",
            );
        } else {
            let optimise = problems.of(steps::NPM).is_none();
            build::run(context, optimise)?;
        }
        match weights::run(context, &Choice::Small, Patience::Brief) {
            Ok(more) => problems.extend(more),
            Err(error) => problems.note(
                "weights",
                format!("{error:#}"),
                "The page is served, but its networks have no weights. Run `cargo xtask weights` to see why.",
            ),
        }
    }
    if !context.root.join("pkg/convscope.js").is_file() {
        problems.into_result("set-up")?;
        bail!("pkg holds no build of the page; run `cargo xtask build`");
    }

    let server = Server::start(&context.root, port)?;
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
    server.wait()
}

/// A server in a thread of its own.
pub(crate) struct Server {
    address: SocketAddr,
    thread: thread::JoinHandle<Result<()>>,
}

impl Server {
    /// Serves the page of that repository at the first free port from `port` on; 0 takes any.
    pub(crate) fn start(root: &Path, port: u16) -> Result<Self> {
        Self::with(page(root), port)
    }

    /// Serves what the race needs, nothing compressed on the way: what that takes would be a runtime's time.
    pub(crate) fn race(root: &Path, export: &Path) -> Result<Self> {
        let mut routes = Router::new().nest_service("/export", ServeDir::new(export));
        for folder in ["bench/page", "www", "pkg", "node_modules"] {
            routes = routes.nest_service(&format!("/{folder}"), ServeDir::new(root.join(folder)));
        }
        Self::with(routes, 0)
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

/// The page and nothing else of the repository.
fn page(root: &Path) -> Router {
    let index = root.join("index.html");
    // Weights are noise to a compressor, and a shard is resumed by a byte range of the plain file.
    let worth_compressing = DefaultPredicate::new().and(NotForContentType::const_new("application/octet-stream"));
    Router::new()
        .route_service("/", ServeFile::new(&index))
        .route_service("/index.html", ServeFile::new(&index))
        .nest_service("/www", files(root.join("www")))
        .nest_service("/pkg", files(root.join("pkg")))
        .fallback(async || StatusCode::NOT_FOUND)
        .layer(CompressionLayer::new().compress_when(worth_compressing))
}

fn with_headers(routes: Router) -> Router {
    routes
        // Cross-origin isolation: precise clocks, and threads one day.
        .layer(header("cross-origin-opener-policy", "same-origin"))
        .layer(header("cross-origin-embedder-policy", "require-corp"))
        .layer(header("cross-origin-resource-policy", "same-origin"))
        .layer(header("x-content-type-options", "nosniff"))
        // The browser asks each time, and is told "not modified": a rebuilt page is seen at once.
        .layer(header("cache-control", "no-cache"))
}

fn files(folder: impl AsRef<Path>) -> ServeDir {
    ServeDir::new(folder).append_index_html_on_directories(false).precompressed_br().precompressed_gzip()
}

fn header(name: &'static str, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::overriding(HeaderName::from_static(name), HeaderValue::from_static(value))
}
