//! What runs this project's chores where nobody watches: the commands that it names are commands of this program.

use std::fs;
use std::path::Path;

use clap::Parser as _;

use super::{Arguments, Command};

/// The workflow that publishes the page.
const PAGES: &str = ".github/workflows/pages.yml";

/// The text of a file of the repository, without comments.
fn text(name: &str) -> String {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name)).expect(name);
    text.lines().filter(|line| !line.trim_start().starts_with('#')).map(|line| format!("{line}\n")).collect()
}

/// The lines of a text that call `cargo xtask`, from these words on.
fn calls(text: &str) -> Vec<&str> {
    text.lines().filter_map(|line| line.find("cargo xtask ").map(|start| line[start..].trim_end())).collect()
}

/// This program's understanding of such a line.
fn parsed(call: &str) -> Result<Command, clap::Error> {
    let words = call.strip_prefix("cargo ").unwrap_or(call).split_whitespace();
    Arguments::try_parse_from(words).map(|arguments| arguments.command)
}

#[test]
fn the_commands_that_they_name_are_there() {
    let mut files: Vec<String> = vec![];
    for folder in [".github/workflows", ".ci"] {
        let entries = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder)).expect(folder);
        files.extend(entries.map(|entry| format!("{folder}/{}", entry.expect(folder).file_name().display())));
    }
    assert!(files.contains(&PAGES.to_owned()), "{files:?}");
    for file in files {
        let text = text(&file);
        let calls = calls(&text);
        assert!(!calls.is_empty(), "{file} calls no command");
        for call in calls {
            assert!(
                parsed(call).is_ok(),
                "{file}: `{call}`: {}",
                parsed(call).err().map(|error| error.to_string()).unwrap_or_default()
            );
        }
    }
    assert!(parsed("cargo xtask publish").is_err() && parsed("cargo xtask dist --nowhere").is_err());
}

#[test]
fn the_page_is_tested_before_it_is_published_and_the_folder_that_is_published_is_the_one_that_is_made() {
    let text = text(PAGES);
    let commands: Vec<Command> = calls(&text).into_iter().filter_map(|call| parsed(call).ok()).collect();
    let [Command::Test { suites }, Command::Dist(options)] = &commands[..] else { panic!("other commands in {PAGES}") };
    assert!(suites.is_empty(), "all suites run");
    let published = text.split_once("actions/upload-pages-artifact").expect("the folder is published").1;
    let path = published.lines().find_map(|line| line.trim().strip_prefix("path: ")).expect("the folder is named");
    assert_eq!(Path::new(path), options.out());
}

#[test]
fn the_files_that_they_name_are_there() {
    let text = text(PAGES);
    let files = [".cargo/config.toml", "Cargo.lock", "package-lock.json", "tests/bundlers/package-lock.json"];
    for file in files {
        assert!(text.contains(file), "{PAGES} does not name {file}");
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file).is_file(), "{file} is missing");
    }
}
