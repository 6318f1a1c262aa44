//! `thread.js`, whole in one file. A bundler takes the script of a thread for a file of its own and moves it away from the modules
//! beside it, so that it must not import any.

use std::fmt::Write as _;
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, Result, bail};

/// The text of a script, with the text of each module that it imports before it.
pub(super) fn whole(script: &Path, folder: &Path) -> Result<String> {
    let text = fs::read_to_string(script).with_context(|| format!("{} cannot be read", script.display()))?;
    let mut modules = Modules { folder, written: Vec::new(), text: String::new() };
    let module = modules.rewritten(&text, Path::new(""))?;
    Ok(modules.text + &module.text)
}

/// The modules that have been written, each as a function that is called at once and gives what the module exports.
struct Modules<'a> {
    folder: &'a Path,
    written: Vec<PathBuf>,
    text: String,
}

/// A module's text without imports and exports, and what it exports: names outside and inside.
struct Module {
    text: String,
    exports: Vec<(String, String)>,
}

impl Modules<'_> {
    /// The name of a module, which is written unless it has been.
    fn named(&mut self, path: PathBuf) -> Result<String> {
        if let Some(index) = self.written.iter().position(|written| *written == path) {
            return Ok(name(index));
        }
        let text = fs::read_to_string(self.folder.join(&path))
            .with_context(|| format!("{} cannot be read", path.display()))?;
        let module = self.rewritten(&text, path.parent().unwrap_or(Path::new("")))?;
        let exports: Vec<String> =
            module.exports.iter().map(|(outside, inside)| format!("{outside}: {inside}")).collect();
        let name = name(self.written.len());
        write!(self.text, "const {name} = (() => {{\n{}return {{ {} }};\n}})();\n", module.text, exports.join(", "))?;
        self.written.push(path);
        Ok(name)
    }

    /// Takes a module's imports for what has been written, and gathers its exports. They have lines of their own.
    fn rewritten(&mut self, text: &str, folder: &Path) -> Result<Module> {
        let mut module = Module { text: String::new(), exports: Vec::new() };
        for line in text.lines() {
            if let Some(import) = line.strip_prefix("import ") {
                let (names, from) = import.split_once(" from ").with_context(|| format!("`{line}` names no module"))?;
                let names = names
                    .strip_prefix("* as ")
                    .or_else(|| names.starts_with('{').then_some(names))
                    .with_context(|| format!("`{line}` imports what is not understood"))?;
                let from = from.trim_end_matches(';').trim_matches(['"', '\'']);
                let imported = self.named(joined(folder, Path::new(from)))?;
                writeln!(module.text, "const {} = {imported};", names.replace(" as ", ": "))?;
            } else if let Some(list) = line.strip_prefix("export {") {
                let list = list.trim_end_matches([';', ' ', '}']);
                module.exports.extend(list.split(',').map(str::trim).map(|item| {
                    let (inside, outside) = item.split_once(" as ").unwrap_or((item, item));
                    (outside.to_owned(), inside.to_owned())
                }));
            } else if let Some(declaration) = line.strip_prefix("export ") {
                let mut words = declaration.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$');
                let exported = words.find(|word| !["async", "class", "const", "function", "let"].contains(word));
                let Some(exported) = exported.filter(|word| !word.is_empty() && *word != "default") else {
                    bail!("`{line}` exports what is not understood");
                };
                module.exports.push((exported.to_owned(), exported.to_owned()));
                writeln!(module.text, "{declaration}")?;
            } else {
                writeln!(module.text, "{line}")?;
            }
        }
        Ok(module)
    }
}

fn name(index: usize) -> String {
    format!("module{index}")
}

/// A path from a folder, without `.` and `..`.
fn joined(folder: &Path, path: &Path) -> PathBuf {
    let mut joined = folder.to_owned();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                joined.pop();
            }
            Component::CurDir => {}
            part => joined.push(part),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// Node.js runs what has been made of these files.
    fn said_by(script: &str, files: &[(&str, &str)]) -> Result<String> {
        let folder = std::env::temp_dir().join(format!("xtask-whole-{}-{}", std::process::id(), files.len()));
        fs::create_dir_all(folder.join("a/b"))?;
        for (name, text) in files {
            fs::write(folder.join(name), text)?;
        }
        fs::write(folder.join("script.js"), script)?;
        let whole = whole(&folder.join("script.js"), &folder);
        let alone = std::env::temp_dir().join(format!("xtask-whole-{}-{}.mjs", std::process::id(), files.len()));
        fs::remove_dir_all(&folder)?;
        fs::write(&alone, whole?)?;
        let output = crate::process::output(Command::new("node").arg(&alone));
        fs::remove_file(&alone)?;
        output
    }

    #[test]
    fn a_script_runs_without_the_modules_that_it_imports() {
        let own = "const twice = 1;\nexport const one = twice;\nexport function two() {\n  return 2;\n}\nexport async function later() {}\n";
        let other = "import * as all from \"../../own.js\"\nimport { one as first } from '../../own.js';\nexport class Three {}\nfunction sum() {\n  return first + all.two();\n}\nexport { sum as default, first };\n";
        let script = "// A script.\nimport { default as sum, first, Three } from \"./a/b/other.js\";\nimport { later } from \"./own.js\";\nconsole.log(sum(), first, typeof Three, await later());\n";
        let said = said_by(script, &[("own.js", own), ("a/b/other.js", other)]).expect("a script");
        assert_eq!(said, "3 1 function undefined\n");
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for (script, files) in [
            ("import \"./own.js\";\n", &[("own.js", "")][..]),
            ("import own from \"./own.js\";\n", &[("own.js", "const own = 1;\nexport { own as default };\n")]),
            ("import { default as own } from \"./own.js\";\n", &[("own.js", "export default 1;\n")]),
            ("import { own } from \"./missing.js\";\n", &[]),
        ] {
            assert!(said_by(script, files).is_err(), "{script}");
        }
    }
}
