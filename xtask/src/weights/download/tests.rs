//! Downloads from a server of the test.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use super::*;

/// How the server of a test answers, one connection after the other.
#[derive(Clone, Copy)]
enum Answer {
    /// The bytes asked for.
    Whole,
    /// The same, but the connection is cut after so many bytes.
    Cut(usize),
    /// All bytes, whatever range is asked for.
    NoRanges,
    /// A status and nothing else.
    Status(u16),
    /// To the same file under another path.
    Elsewhere,
}

/// A server that ends after its answers, and the ranges it was asked for.
struct Server {
    url: String,
    asked: Arc<Mutex<Vec<Option<usize>>>>,
}

impl Server {
    fn start(body: Vec<u8>, answers: &[Answer]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/folder/file.pth", listener.local_addr().expect("an address"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (answers, log) = (answers.to_vec(), Arc::clone(&asked));
        thread::spawn(move || {
            for answer in answers {
                let (stream, _) = listener.accept().expect("a connection");
                let range = read_request(&stream);
                log.lock().expect("a log").push(range);
                write_answer(stream, answer, &body, range);
            }
        });
        Self { url, asked }
    }

    fn asked(&self) -> Vec<Option<usize>> {
        self.asked.lock().expect("a log").clone()
    }
}

fn read_request(stream: &TcpStream) -> Option<usize> {
    let mut range = None;
    for line in BufReader::new(stream).lines() {
        let line = line.expect("a line").to_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(text) = line.strip_prefix("range: bytes=") {
            range = Some(text.trim_end_matches('-').parse().expect("a number"));
        }
    }
    range
}

fn write_answer(mut stream: TcpStream, answer: Answer, body: &[u8], range: Option<usize>) {
    let close = "connection: close\r\n";
    let from = if matches!(answer, Answer::NoRanges) { 0 } else { range.unwrap_or(0) };
    let rest = body.get(from..).unwrap_or_default();
    let head = match answer {
        Answer::Status(status) => format!("HTTP/1.1 {status} No\r\ncontent-length: 0\r\n{close}\r\n"),
        Answer::Elsewhere => {
            format!("HTTP/1.1 302 Found\r\nlocation: /elsewhere.pth\r\ncontent-length: 0\r\n{close}\r\n")
        }
        _ if from > 0 && rest.is_empty() => format!("HTTP/1.1 416 No\r\ncontent-length: 0\r\n{close}\r\n"),
        _ if from > 0 => format!(
            "HTTP/1.1 206 Partial\r\ncontent-range: bytes {from}-{}/{}\r\ncontent-length: {}\r\n{close}\r\n",
            body.len() - 1,
            body.len(),
            rest.len()
        ),
        _ => format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n{close}\r\n", rest.len()),
    };
    let sent = match answer {
        Answer::Status(_) | Answer::Elsewhere => &[],
        Answer::Cut(after) => &rest[..after.min(rest.len())],
        Answer::Whole | Answer::NoRanges => rest,
    };
    stream.write_all(head.as_bytes()).expect("a head");
    stream.write_all(sent).expect("a body");
}

/// A folder of a test, gone with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("xtask-download-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        Self(folder)
    }

    fn to(&self) -> PathBuf {
        self.0.join("file.pth")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn body() -> Vec<u8> {
    (0..200_000_u32).flat_map(|n| (n % 251).to_le_bytes()).collect()
}

fn right() -> Hash {
    Hash::Sha256Prefix(crate::setup::sha256_of(&body())[..8].to_owned())
}

fn downloads() -> Downloads {
    Downloads::through(None, Duration::from_millis(1))
}

fn fetch(server: &Server, folder: &Folder) -> Result<()> {
    downloads().fetch(&server.url, &right(), 0, &folder.to())
}

fn assert_whole(folder: &Folder) {
    assert!(fs::read(folder.to()).expect("a file") == body());
    assert!(!part(&folder.to()).exists());
}

#[test]
fn a_whole_file_arrives() {
    let (folder, server) = (Folder::new("whole"), Server::start(body(), &[Answer::Whole]));
    fetch(&server, &folder).expect("a file");
    assert_whole(&folder);
    assert_eq!(server.asked(), [None]);
}

#[test]
fn a_redirect_is_followed_with_its_range() {
    let folder = Folder::new("redirect");
    let server = Server::start(body(), &[Answer::Elsewhere, Answer::Whole]);
    fs::write(part(&folder.to()), &body()[..1000]).expect("a part");
    fetch(&server, &folder).expect("a file");
    assert_whole(&folder);
    assert_eq!(server.asked(), [Some(1000), Some(1000)]);
}

#[test]
fn a_cut_connection_is_resumed_once_and_by_the_next_run() {
    let folder = Folder::new("cut");
    let server = Server::start(body(), &[Answer::Cut(300_000), Answer::Cut(200_000), Answer::Whole]);
    let error = fetch(&server, &folder).expect_err("cut off twice").to_string();
    assert!(error.contains("cut off twice"), "{error}");
    assert!(!folder.to().exists());
    fetch(&server, &folder).expect("a file");
    assert_whole(&folder);
    assert_eq!(server.asked(), [None, Some(300_000), Some(500_000)]);
}

#[test]
fn a_server_that_ignores_ranges_starts_over() {
    let folder = Folder::new("ranges");
    let server = Server::start(body(), &[Answer::Cut(300_000), Answer::NoRanges]);
    fetch(&server, &folder).expect("a file");
    assert_whole(&folder);
    assert_eq!(server.asked(), [None, Some(300_000)]);
}

#[test]
fn a_part_that_is_whole_already_is_taken() {
    let (folder, server) = (Folder::new("416"), Server::start(body(), &[Answer::Whole]));
    fs::write(part(&folder.to()), body()).expect("a part");
    fetch(&server, &folder).expect("a file");
    assert_whole(&folder);
}

#[test]
fn a_wrong_hash_deletes_the_part_and_says_so() {
    let (folder, server) = (Folder::new("hash"), Server::start(b"something else".to_vec(), &[Answer::Whole]));
    let error = fetch(&server, &folder).expect_err("a wrong hash").to_string();
    assert!(error.contains("was deleted: its SHA-256 is"), "{error}");
    assert!(!folder.to().exists() && !part(&folder.to()).exists());
}

#[test]
fn a_missing_file_is_not_asked_for_again() {
    let (folder, server) = (Folder::new("404"), Server::start(body(), &[Answer::Status(404), Answer::Whole]));
    let error = fetch(&server, &folder).expect_err("no such file").to_string();
    assert_eq!(error, format!("{} cannot be had: the server answers 404", server.url));
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn an_overloaded_server_gets_a_second_chance() {
    let (folder, server) = (Folder::new("503"), Server::start(body(), &[Answer::Status(503), Answer::Whole]));
    fetch(&server, &folder).expect("a file");
    assert_whole(&folder);
}

/// A port where nobody listens.
fn closed_port() -> std::net::SocketAddr {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port")
}

#[test]
fn an_unreachable_host_is_remembered() {
    let (folder, address) = (Folder::new("unreachable"), closed_port());
    let mut downloads = downloads();
    let url = |file: &str| format!("http://{address}/{file}");
    let first = downloads.fetch(&url("a"), &right(), 0, &folder.to()).expect_err("nobody").to_string();
    assert!(first.starts_with(&format!("{address} cannot be reached: ")), "{first}");
    // Whoever listens now is not asked: the same words come without a connection.
    let listener = TcpListener::bind(address).expect("the port");
    listener.set_nonblocking(true).expect("a listener");
    let second = downloads.fetch(&url("b"), &right(), 0, &folder.to()).expect_err("remembered").to_string();
    assert_eq!(second, first);
    assert_eq!(listener.accept().expect_err("no connection").kind(), ErrorKind::WouldBlock);
}

#[test]
fn a_probe_waits_for_all_silent_hosts_at_once() {
    // Their ports are open, but nobody answers.
    let silent: Vec<TcpListener> = (0..3).map(|_| TcpListener::bind("127.0.0.1:0").expect("a port")).collect();
    let mut urls: Vec<String> =
        silent.iter().map(|l| format!("http://{}/f", l.local_addr().expect("an address"))).collect();
    urls.push(Server::start(Vec::new(), &[Answer::Status(405)]).url);
    let mut downloads = downloads();
    let started = Instant::now();
    let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
    downloads.probe(&urls, Duration::from_millis(500)).expect("addresses");
    assert!(started.elapsed() < Duration::from_millis(1200), "{:?}", started.elapsed());
    let silent: BTreeSet<String> = urls[..3].iter().filter_map(|url| host(url).ok()).collect();
    assert!(downloads.unreachable.keys().eq(&silent), "{:?}", downloads.unreachable);
    assert!(downloads.unreachable.values().all(|why| why == "no answer within 0.5 s"));
}
