//! Downloads a file: resumes it where a connection was cut, and keeps it only if its hash is right.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use convscope_manifest::Hash;
use ureq::http::{Response, Uri};
use ureq::{Agent, Body, Proxy};

use super::progress::Progress;

/// Limits of the time for each part of a request.
const RESOLVE: Duration = Duration::from_secs(5);
const CONNECT: Duration = Duration::from_secs(10);
const READ: Duration = Duration::from_secs(30);
/// The pause before a download is tried a second time, which is the last.
const BACK_OFF: Duration = Duration::from_secs(2);
const BLOCK: usize = 1 << 16;

/// Fetches files, and remembers which hosts could not be reached, so that each is waited for only once.
pub(super) struct Downloads {
    agent: Agent,
    back_off: Duration,
    /// The reason, by host.
    unreachable: BTreeMap<String, String>,
}

/// Why an attempt failed.
enum Failure {
    /// There is no connection, so that other files of the host cannot be fetched either.
    Host(String),
    /// Something that another attempt may not meet.
    Passing(String),
    /// Something that every attempt would meet.
    Lasting(anyhow::Error),
}

impl Downloads {
    /// Downloads through the proxy of the environment, where it names one.
    pub(super) fn new() -> Self {
        Self::through(Proxy::try_from_env(), BACK_OFF)
    }

    fn through(proxy: Option<Proxy>, back_off: Duration) -> Self {
        let agent = Agent::config_builder()
            .proxy(proxy)
            .timeout_resolve(Some(RESOLVE))
            .timeout_connect(Some(CONNECT))
            .timeout_per_read(Some(READ))
            // The answer decides whether to go on.
            .http_status_as_error(false)
            .build()
            .into();
        Self { agent, back_off, unreachable: BTreeMap::new() }
    }

    /// Connects to the hosts of these addresses, to all at the same time. A host that does not answer within `limit` is remembered
    /// as one that cannot be reached.
    pub(super) fn probe(&mut self, urls: &[&str], limit: Duration) -> Result<()> {
        let mut one_each = BTreeMap::new();
        for url in urls {
            one_each.entry(host(url)?).or_insert(*url);
        }
        let agent = &self.agent;
        let silent = thread::scope(|scope| {
            let asked: Vec<_> = one_each
                .into_iter()
                .map(|(host, url)| (host, scope.spawn(move || sign_of_life(agent, url, limit))))
                .collect();
            // A thread that ended early proves nothing about its host.
            asked
                .into_iter()
                .filter_map(|(host, thread)| Some((host, thread.join().ok()?.err()?)))
                .collect::<BTreeMap<_, _>>()
        });
        self.unreachable.extend(silent);
        Ok(())
    }

    /// Fetches a file of `about` so many bytes to `to`, where it is only put whole and with the right hash.
    ///
    /// What was fetched before a failure is kept beside it as a `.part` file, which the next call continues.
    pub(super) fn fetch(&mut self, url: &str, hash: &Hash, about: u64, to: &Path) -> Result<()> {
        let host = host(url)?;
        if let Some(why) = self.unreachable.get(&host) {
            bail!("{host} cannot be reached: {why}");
        }
        println!("    fetching {url}");
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        let part = part(to);
        let before = size(&part);
        let mut result = self.attempt(url, about, &part);
        if let Err(Failure::Passing(why)) = &result {
            println!("    {why}; trying once more");
            thread::sleep(self.back_off);
            result = self.attempt(url, about, &part);
        }
        match result {
            Ok(()) => {}
            // Neither attempt received a byte: every further file from this host would take as long to fail.
            Err(Failure::Passing(why)) if size(&part) == before => return Err(self.give_up(host, why)),
            Err(Failure::Host(why)) => return Err(self.give_up(host, why)),
            Err(Failure::Passing(why)) => bail!("{url} was cut off twice: {why}; the next run goes on from there"),
            Err(Failure::Lasting(error)) => return Err(error),
        }
        if let Some(fault) = hash.fault(&part)? {
            fs::remove_file(&part)?;
            bail!("what {url} gave is not the official file, and was deleted: {fault}");
        }
        fs::rename(&part, to)?;
        Ok(())
    }

    fn give_up(&mut self, host: String, why: String) -> anyhow::Error {
        let error = anyhow!("{host} cannot be reached: {why}");
        self.unreachable.insert(host, why);
        error
    }

    /// Requests what `part` lacks, and appends it.
    fn attempt(&self, url: &str, about: u64, part: &Path) -> Result<(), Failure> {
        let have = size(part);
        let mut request = self.agent.get(url);
        if have > 0 {
            request = request.header("range", format!("bytes={have}-"));
        }
        let mut response = request.call().map_err(Failure::from)?;
        let start = match response.status().as_u16() {
            200 => 0,
            206 if first_byte(&response) == Some(have) => have,
            // Nothing lies behind what is here: its hash decides.
            416 if have > 0 => return Ok(()),
            206 => {
                fs::remove_file(part).map_err(lasting)?;
                return Err(Failure::Passing("the server sent another range than asked for".to_owned()));
            }
            status @ (408 | 429 | 500..) => return Err(Failure::Passing(format!("the server answers {status}"))),
            status => return Err(Failure::Lasting(anyhow!("{url} cannot be had: the server answers {status}"))),
        };
        // A server that ignores the range starts over.
        let mut file = if start == 0 { File::create(part) } else { OpenOptions::new().append(true).open(part) }
            .with_context(|| format!("{} cannot be written", part.display()))
            .map_err(Failure::Lasting)?;
        let length = response.body().content_length();
        let name = url.rsplit('/').next().unwrap_or(url);
        let mut progress = Progress::new(name, start, length.map_or(about, |length| start + length));
        let copied = copy(&mut response, &mut file, &mut progress);
        progress.end();
        match (copied?, length) {
            (copied, Some(length)) if copied < length => {
                Err(Failure::Passing(format!("the connection ended {} bytes early", length - copied)))
            }
            _ => Ok(()),
        }
    }
}

fn copy(response: &mut Response<Body>, file: &mut File, progress: &mut Progress) -> Result<u64, Failure> {
    let mut reader = response.body_mut().as_reader();
    let mut block = vec![0; BLOCK];
    let mut copied = 0;
    loop {
        let count = match reader.read(&mut block) {
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(Failure::Passing(format!("the connection broke ({error})"))),
        };
        if count == 0 {
            return Ok(copied);
        }
        file.write_all(&block[..count]).context("the download cannot be written").map_err(Failure::Lasting)?;
        copied += count as u64;
        progress.add(count as u64);
    }
}

/// Whether a host answers at all; else why not.
fn sign_of_life(agent: &Agent, url: &str, limit: Duration) -> Result<(), String> {
    match agent.head(url).config().timeout_global(Some(limit)).build().call() {
        Err(ureq::Error::Timeout(_)) => Err(format!("no answer within {} s", limit.as_secs_f32())),
        Err(error) => match Failure::from(error) {
            Failure::Host(why) => Err(why),
            // The host answers; whatever it answers is handled when the file is fetched.
            Failure::Passing(_) | Failure::Lasting(_) => Ok(()),
        },
        Ok(_) => Ok(()),
    }
}

impl From<ureq::Error> for Failure {
    fn from(error: ureq::Error) -> Self {
        use ureq::Error as E;
        match error {
            E::Timeout(ureq::Timeout::Resolve) => {
                Self::Host(format!("its name was not resolved within {} s", RESOLVE.as_secs()))
            }
            E::Timeout(ureq::Timeout::Connect) => Self::Host(format!("no connection within {} s", CONNECT.as_secs())),
            E::Timeout(_) => Self::Passing(format!("no answer within {} s", READ.as_secs())),
            E::Io(error) if passes(error.kind()) => Self::Passing(format!("the connection broke ({error})")),
            E::Io(error) => Self::Host(in_few_words(&error)),
            E::HostNotFound
            | E::ConnectionFailed
            | E::ConnectProxyFailed(_)
            | E::InvalidProxyUrl
            | E::Tls(_)
            | E::Rustls(_) => Self::Host(error.to_string()),
            error => lasting(error),
        }
    }
}

/// An unknown name has no error kind of its own, only the standard library's long words.
fn in_few_words(error: &std::io::Error) -> String {
    let text = error.to_string();
    if text.starts_with("failed to lookup address") { "its name is not resolved".to_owned() } else { text }
}

fn passes(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::UnexpectedEof
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe
            | ErrorKind::TimedOut
            | ErrorKind::Interrupted
    )
}

fn lasting(error: impl Into<anyhow::Error>) -> Failure {
    Failure::Lasting(error.into())
}

/// Host and port, as the address names them.
fn host(url: &str) -> Result<String> {
    let uri: Uri = url.parse().with_context(|| format!("'{url}' is no address"))?;
    uri.authority().map(ToString::to_string).with_context(|| format!("'{url}' names no host"))
}

/// N of `Content-Range: bytes N-M/SIZE`.
fn first_byte(response: &Response<Body>) -> Option<u64> {
    response.headers().get("content-range")?.to_str().ok()?.strip_prefix("bytes ")?.split('-').next()?.parse().ok()
}

fn part(to: &Path) -> PathBuf {
    let mut name = to.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

fn size(file: &Path) -> u64 {
    fs::metadata(file).map_or(0, |data| data.len())
}

#[cfg(test)]
mod tests;
