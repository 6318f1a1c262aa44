//! The browsers of the tests, and the driver that wasm-bindgen's test runner steers Chromium with. Firefox needs none.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::steps;
use crate::context::Context;
use crate::process;
use crate::report::step;

/// A browser and its driver, of the same major version.
pub(crate) struct Browser {
    /// Chromium or Chrome.
    pub(crate) chrome: PathBuf,
    /// ChromeDriver.
    pub(crate) driver: PathBuf,
    version: String,
}

/// Where a machine's own Vulkan drivers announce themselves.
const DRIVERS: [&str; 2] = ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d"];
/// The browser's own driver, in software.
const SOFTWARE_DRIVER: &str = "vk_swiftshader_icd.json";

/// Where the machine has no Vulkan driver, the program finds the browser's, with its loader.
pub(crate) fn lend_vulkan(context: &Context, program: &mut Command) {
    let named = ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"].iter().any(|name| env::var_os(name).is_some());
    if named || DRIVERS.iter().any(|folder| fs::read_dir(folder).is_ok_and(|mut files| files.next().is_some())) {
        return;
    }
    // Debian's program is a script that lies elsewhere.
    let beside = find(context).ok().and_then(|browser| Some(browser.chrome.canonicalize().ok()?.parent()?.to_owned()));
    let folders = beside.into_iter().chain([PathBuf::from("/usr/lib/chromium")]);
    if let Some(folder) = folders.into_iter().find(|folder| folder.join(SOFTWARE_DRIVER).is_file()) {
        program.env("VK_ICD_FILENAMES", folder.join(SOFTWARE_DRIVER)).env("LD_LIBRARY_PATH", &folder);
    }
}

/// Finds them, or installs Debian's.
pub(super) fn ensure(context: &Context) -> Result<()> {
    if let Ok(browser) = find(context) {
        step(steps::BROWSER, format_args!("found ({})", browser.version));
        return Ok(());
    }
    if process::can_apt() {
        process::apt_install(&["chromium", "chromium-driver"])?;
    }
    let browser = find(context)?;
    step(steps::BROWSER, format_args!("installed ({})", browser.version));
    Ok(())
}

/// The browser named in CHROME, or that of the search path, and the same for the driver.
pub(crate) fn find(context: &Context) -> Result<Browser> {
    let chrome = named_or_found("CHROME", &["chromium", "chromium-browser", "google-chrome", "chrome"])?;
    let driver = named_or_found("CHROMEDRIVER", &["chromedriver"])?;
    let version = process::output(context.command(&chrome).arg("--version"))?;
    let driver_version = process::output(context.command(&driver).arg("--version"))?;
    let number = number(&version).context("the browser tells no version")?;
    if major(&version) != major(&driver_version) {
        bail!("the browser's version is {number}, the driver says '{}'; both must be of one", driver_version.trim());
    }
    Ok(Browser { chrome, driver, version: number.to_owned() })
}

/// Finds Firefox, or installs Debian's.
pub(super) fn ensure_firefox(context: &Context) -> Result<()> {
    if let Ok(firefox) = find_firefox(context) {
        step(steps::FIREFOX, format_args!("found ({})", firefox.version));
        return Ok(());
    }
    if process::can_apt() {
        process::apt_install(&["firefox-esr"])?;
    }
    let firefox = find_firefox(context)?;
    step(steps::FIREFOX, format_args!("installed ({})", firefox.version));
    Ok(())
}

/// Firefox, and its version.
pub(crate) struct Firefox {
    pub(crate) program: PathBuf,
    version: String,
}

/// The Firefox named in FIREFOX, or that of the search path. It must tell its version: Ubuntu's `firefox` may be a script that
/// only says how to install one.
pub(crate) fn find_firefox(context: &Context) -> Result<Firefox> {
    let program = named_or_found("FIREFOX", &["firefox-esr", "firefox"])?;
    let version = process::output(context.command(&program).arg("--version"))?;
    let number = number(&version).with_context(|| format!("{} tells no version", program.display()))?;
    Ok(Firefox { version: number.to_owned(), program })
}

fn named_or_found(variable: &str, names: &[&str]) -> Result<PathBuf> {
    if let Some(path) = env::var_os(variable) {
        let path = PathBuf::from(path);
        if !path.is_file() {
            bail!("{variable} names {}, which is not a file", path.display());
        }
        return Ok(path);
    }
    names
        .iter()
        .find_map(|name| process::which(name))
        .with_context(|| format!("none of {} is on the search path", names.join(", ")))
}

/// The first dotted number in a program's words about itself.
fn number(text: &str) -> Option<&str> {
    text.split_whitespace().find(|word| word.contains('.') && word.starts_with(|c: char| c.is_ascii_digit()))
}

fn major(text: &str) -> Option<u32> {
    number(text)?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_every_wording() {
        assert_eq!(major("Chromium 156.0.8078.79 built on Debian GNU/Linux 12 (bookworm)\n"), Some(156));
        assert_eq!(major("ChromeDriver 156.0.8078.79 (a21ce95c-refs/branch-heads/8078@{#1704})"), Some(156));
        assert_eq!(major("Google Chrome 9.1"), Some(9));
        assert_eq!(number("Mozilla Firefox 153.8.0esr\n"), Some("153.8.0esr"));
        assert_eq!(major("no number"), None);
    }
}
