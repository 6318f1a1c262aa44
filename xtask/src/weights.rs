//! `cargo xtask weights`: fetches official files and has them converted into www/weights.
//!
//! The converter (`src/bin/convert.rs`) knows the networks and where their official files are published. This command fetches
//! the files and makes the page's manifest of the rows that the converter writes.

mod download;
mod manifest;
mod official;
mod progress;
mod source;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use convscope_manifest::{Source, variant_of};

use crate::context::Context;
use crate::progress::{Announced, Task, single};
use crate::report::{Problems, megabytes, plural, step};
use crate::{build, process, setup};
use official::Officials;
pub(crate) use official::Patience;
pub(crate) use source::Choice;

/// Fetching and converting, as a step of a command.
const WEIGHTS: Announced = Announced { name: "weights", what: "fetching and converting networks", about: 120 };

/// What still works where a network has no weights.
const SPEED_ONLY: &str = "The page runs it with random weights: speed only.";

/// Fetches and converts those of the chosen networks whose row is missing or out of date. The converter must have been built
/// ([`build::converter`]).
pub(crate) fn run(context: &Context, choice: &Choice, patience: Patience, task: &Task) -> Result<Problems> {
    context.alone(WEIGHTS.name, || run_alone(context, choice, patience, task))
}

fn run_alone(context: &Context, choice: &Choice, patience: Patience, task: &Task) -> Result<Problems> {
    let mut problems = Problems::default();
    problems.attempt("photos for the page", "The page offers no sample photos.", || page_photos(context));
    let sources = source::all(context)?;
    let folder = weights_folder(context);
    let mut due = Vec::new();
    for source in choice.of(&sources)? {
        match manifest::read_row(&folder, &source.id) {
            Ok(row) if manifest::is_current(&row, source) => {
                step(&step_name(source), format_args!("found ({})", megabytes(row.bytes)));
            }
            _ => due.push(source),
        }
    }

    let mut absent = Absent::default();
    let mut officials = Officials::new(context, patience);
    officials.announce(&due)?;
    for (index, &source) in due.iter().enumerate() {
        task.say(&format!("fetching and converting {}", source.id));
        task.left(due[index..].iter().map(|source| step_name(source)).collect());
        match officials.get(source) {
            Ok(file) => {
                // A page that is open takes each network as it comes.
                let work = || convert(context, &source.id, &file, &[]).and_then(|()| list(&folder));
                problems.attempt(&step_name(source), SPEED_ONLY, work);
            }
            Err(error) => {
                let row = manifest::read_row(&folder, &source.id);
                absent.add(&source.id, format!("{error:#}"), row.is_ok_and(|row| manifest::is_usable(&row, source)));
            }
        }
    }
    absent.note(&mut problems);
    tell_outdated(context)?;
    assemble(&folder)?;
    Ok(problems)
}

/// Whether [`run`] has networks to fetch and convert.
pub(crate) fn is_due(context: &Context, choice: &Choice) -> Result<bool> {
    let folder = weights_folder(context);
    let is_current =
        |source: &Source| manifest::read_row(&folder, &source.id).is_ok_and(|row| manifest::is_current(&row, source));
    Ok(!choice.of(&source::all(context)?)?.into_iter().all(is_current))
}

/// How many of the chosen networks the page runs with random weights.
pub(crate) fn random(context: &Context, choice: &Choice) -> Result<usize> {
    let folder = weights_folder(context);
    let is_usable =
        |source: &Source| manifest::read_row(&folder, &source.id).is_ok_and(|row| manifest::is_usable(&row, source));
    Ok(choice.of(&source::all(context)?)?.into_iter().filter(|source| !is_usable(source)).count())
}

fn weights_folder(context: &Context) -> PathBuf {
    context.root.join("www/weights")
}

/// Writes the sample photos as the page loads them, unless all are there and as new as the converter, which decides over their size.
fn page_photos(context: &Context) -> Result<()> {
    let folder = context.root.join("www/samples/page");
    let ids = setup::sample_ids(context)?;
    let files = |id: &String| [format!("{id}.jpg"), format!("{id}.thumbnail.jpg")];
    if ids.iter().flat_map(files).all(|file| context.is_made_by("convert", &folder.join(file))) {
        return Ok(());
    }
    process::output(context.command(context.native_program("convert")).arg("samples"))?;
    Ok(())
}

/// Compiles the converter and converts the chosen networks, as the steps of a command.
pub(crate) fn alone(context: &Context, choice: &Choice, patience: Patience) -> Result<Problems> {
    converter(context)?;
    let mut problems = Problems::default();
    single(&context.target, WEIGHTS, |task| {
        problems = run(context, choice, patience, task)?;
        Ok(problems.or_done())
    })?;
    Ok(problems)
}

/// Compiles the converter, as the step of a command.
pub(crate) fn converter(context: &Context) -> Result<()> {
    single(&context.target, build::CONVERTER, |task| build::converter(context, task))
}

/// Weights of the user's own, as the arguments describe them.
pub(crate) struct Own {
    /// The name under which the page shows them.
    pub(crate) name: String,
    /// The file with the names of the classes.
    pub(crate) labels: Option<PathBuf>,
    /// How pictures are prepared.
    pub(crate) framing: Option<String>,
}

/// Converts a network from a file that the user names: the official one, or the user's own.
pub(crate) fn run_from(context: &Context, ids: &[String], file: &Path, own: Option<&Own>) -> Result<()> {
    let [id] = ids else {
        bail!("--from FILE converts one network: name exactly one id");
    };
    if let Some(own) = own {
        variant_of(&own.name).map_err(anyhow::Error::msg)?;
    }
    let file = found(file)?;
    let labels = own.and_then(|own| own.labels.as_deref()).map(found).transpose()?;
    converter(context)?;
    let sources = source::all(context)?;
    let source = source::named(&sources, id)?;
    match own {
        None => {
            official::check(source, &file).context(
                "it is not converted as the network's official weights; --own NAME takes a file of your own",
            )?;
            convert(context, &source.id, &file, &[])?;
        }
        Some(own) => {
            let mut more = vec!["--own".into(), OsString::from(&own.name)];
            more.extend(labels.into_iter().flat_map(|labels| ["--labels".into(), labels.into_os_string()]));
            more.extend(own.framing.iter().flat_map(|framing| ["--framing".into(), framing.into()]));
            convert(context, &source.id, &file, &more)?;
        }
    }
    assemble(&weights_folder(context))
}

/// A file's place from the root: the converter runs in the repository's root, wherever this was called.
fn found(file: &Path) -> Result<PathBuf> {
    file.canonicalize().with_context(|| format!("{} cannot be read", file.display()))
}

fn step_name(source: &Source) -> String {
    format!("weights of {}", source.id)
}

/// Has a file converted, with `more` arguments for the converter.
fn convert(context: &Context, id: &str, file: &Path, more: &[OsString]) -> Result<()> {
    println!("    converting {id}");
    let mut converter = context.patient_command(context.native_program("convert"));
    converter.args(["network", id]).arg("--from").arg(file).args(more);
    let report = process::output(converter.args(["--out", "www/weights", "--photos", "www/samples"]))?;
    // Before it stands a line for each tensor.
    println!("    {}", report.trim_end().lines().last().unwrap_or_default());
    let reports = context.data().join("reports");
    fs::create_dir_all(&reports)?;
    let file = reports.join(format!("{id}.txt"));
    fs::write(&file, report)?;
    println!("    each tensor's error: {}", file.display());
    Ok(())
}

/// Writes the documents' tables and the page's types of the manifest.
pub(crate) fn documents(context: &Context) -> Result<()> {
    converter(context)?;
    process::run(context.command(context.native_program("convert")).arg("documents"))
}

/// Makes the page's manifest of the weights that are there, for where nothing can be converted.
pub(crate) fn assemble_what_is_there(context: &Context) -> Result<()> {
    assemble(&weights_folder(context))
}

/// Tells of weights of the user's own that no longer fit, or were quantised in an earlier way: the converter cannot make them anew
/// without their file. They stay where they are, and nothing has failed.
fn tell_outdated(context: &Context) -> Result<()> {
    let text = process::output(context.command(context.native_program("convert")).arg("outdated"))?;
    let sentences: Vec<String> =
        serde_json::from_str(&text).context("`convert outdated` printed something unexpected")?;
    sentences.iter().for_each(|sentence| println!("    {sentence}"));
    Ok(())
}

fn list(folder: &Path) -> Result<()> {
    manifest::write(folder, manifest::rows(folder)?)
}

/// Makes the page's manifest of the rows that are there.
fn assemble(folder: &Path) -> Result<()> {
    let rows = manifest::rows(folder)?;
    let count = rows.len();
    manifest::write(folder, rows)?;
    if count == 0 {
        bail!("no network's weights are there or can be had, so that the page would know nothing");
    }
    step("www/weights/manifest.json", plural(count, "network"));
    Ok(())
}

/// The networks whose official file could not be fetched. They are reported together, because one host that cannot be reached
/// concerns many of them.
#[derive(Default)]
struct Absent {
    /// Each reason with the networks that it concerns.
    reasons: Vec<(String, Vec<String>)>,
    /// The networks that will run with random weights.
    random: Vec<String>,
    /// The networks that will run with weights of an earlier conversion.
    older: Vec<String>,
}

impl Absent {
    fn add(&mut self, id: &str, why: String, has_older: bool) {
        if has_older { &mut self.older } else { &mut self.random }.push(id.to_owned());
        match self.reasons.iter_mut().find(|(reason, _)| *reason == why) {
            Some((_, ids)) => ids.push(id.to_owned()),
            None => self.reasons.push((why, vec![id.to_owned()])),
        }
    }

    fn note(&self, problems: &mut Problems) {
        if self.reasons.is_empty() {
            return;
        }
        // With one reason, the sentence about the consequences names the networks already.
        let why: Vec<String> = match &self.reasons[..] {
            [(reason, _)] => vec![reason.clone()],
            reasons => reasons.iter().map(|(reason, ids)| format!("{reason} ({})", ids.join(", "))).collect(),
        };
        let mut remedy = String::new();
        if !self.random.is_empty() {
            remedy += &format!("{} will run with random weights: speed only. ", self.random.join(", "));
        }
        if !self.older.is_empty() {
            remedy += &format!("{} will run with the weights of an earlier conversion. ", self.older.join(", "));
        }
        remedy += "`cargo xtask weights` tries again; `--from FILE` takes an official file from elsewhere.";
        problems.note("official weights", why.join("; "), &remedy);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_absent_is_told_once_a_reason() {
        let mut absent = Absent::default();
        absent.add("alexnet", "one.invalid cannot be reached: no".to_owned(), false);
        absent.add("resnet18", "two.invalid cannot be reached: no".to_owned(), false);
        absent.add("googlenet", "one.invalid cannot be reached: no".to_owned(), true);
        let mut problems = Problems::default();
        absent.note(&mut problems);
        let problem = problems.of("official weights").expect("one problem");
        assert_eq!(
            problem.why,
            "one.invalid cannot be reached: no (alexnet, googlenet); two.invalid cannot be reached: no (resnet18)"
        );
        assert!(problem.remedy.starts_with("alexnet, resnet18 will run with random weights: speed only. googlenet "));
    }

    #[test]
    fn nothing_absent_is_no_problem() {
        let mut problems = Problems::default();
        Absent::default().note(&mut problems);
        assert!(problems.is_empty());
    }
}
