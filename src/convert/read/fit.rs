//! Which network a file's tensors are: by their names and shapes.
//!
//! Names are tried as they are and as the card's `rename` and [`Card::namings`](crate::networks::Card) translate them. The number
//! of classes is the file's. What is in the way of the names is removed:
//!
//! | in the file | why | becomes |
//! |---|---|---|
//! | `module.conv1.weight`, `features.module.0.weight` | `DataParallel`, around all or a part | without `module` |
//! | `_orig_mod.conv1.weight` | `torch.compile` | without `_orig_mod` |
//! | `model.conv1.weight`, `backbone.conv1.weight`, … for all | the network is a part of another object | without that part |
//! | the same, with other tensors beside it | as of a loss with weights | the network's tensors, the others left aside |
//! | `fc.1.weight` for `fc.weight` | a dropout in front of the last layer | `fc.weight` |
//!
//! Auxiliary outputs, which only training needs, may be missing.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};

use super::listing::{Format, Listing};
use super::{Official, OfficialTensors};
use crate::graph::Graph;
use crate::graph::tensors::{TensorSpec, tensor_specs};
use crate::networks::{Card, Naming, Rename, SAME_NAME, Source};

/// Parts of names that a wrapper puts in front of the part's own names.
const WRAPPERS: [&str; 2] = ["module", "_orig_mod"];
/// Tensors of each kind that a sentence names.
const NAMED: usize = 3;
/// Longest name that a sentence repeats, in characters.
const LONGEST_NAME: usize = 60;

/// How a file's tensors become those of a network.
pub(super) struct Fit {
    /// The network's graph, with the file's number of classes.
    pub(super) graph: Graph,
    pub(super) classes: usize,
    /// From each of the graph's tensors to the file's name of it.
    pub(super) names: BTreeMap<String, String>,
    /// What was left aside or taken for something else, a sentence each.
    pub(super) notes: Vec<String>,
}

/// Why a file is not a network.
pub(super) struct Misfit {
    /// How many of the graph's tensors the file has, in their shapes.
    pub(super) matching: usize,
    /// Number of the graph's tensors.
    pub(super) needed: usize,
    pub(super) reason: String,
}

impl Misfit {
    /// The share of the graph's tensors that the file has.
    pub(super) fn share(&self) -> f64 {
        self.matching as f64 / self.needed.max(1) as f64
    }
}

/// The tensors of a file without what wrappers put into their names, and what was removed, a sentence each.
pub(super) fn unwrapped(listing: &mut Listing) -> Result<(), String> {
    let tensors = std::mem::take(&mut listing.tensors);
    let mut removed = BTreeSet::new();
    let mut plain = OfficialTensors::new();
    for (name, tensor) in tensors {
        let parts = name.split('.').filter(|part| {
            let wrapper = WRAPPERS.contains(part);
            if wrapper {
                removed.insert(format!("“{part}.”"));
            }
            !wrapper
        });
        let short = parts.collect::<Vec<_>>().join(".");
        if plain.contains_key(&short) {
            return Err(format!("{} occurs twice, with and without what wraps it", clipped(&short)));
        }
        plain.insert(short, tensor);
    }
    // A part that is in front of all of them; what is left must have a layer and a part.
    while let Some(front) = common_front(&plain) {
        removed.insert(format!("“{}”", clipped(&front)));
        plain = plain.into_iter().map(|(name, tensor)| (name[front.len()..].to_string(), tensor)).collect();
    }
    if !removed.is_empty() {
        let removed: Vec<String> = removed.into_iter().collect();
        listing.notes.push(format!("Removed from the tensors' names: {}.", removed.join(", ")));
    }
    listing.tensors = plain;
    Ok(())
}

/// The first part of all names with its dot, where it is the same and leaves a layer's name and a part's.
fn common_front(tensors: &OfficialTensors) -> Option<String> {
    let (first, _) = tensors.first_key_value()?;
    let front = format!("{}.", first.split_once('.')?.0);
    let stripped = |name: &String| name.strip_prefix(&front).is_some_and(|rest| rest.contains('.'));
    (tensors.len() > 1 && tensors.keys().all(stripped)).then_some(front)
}

/// A network that a file's tensors are compared with.
struct Network {
    published: Graph,
    /// The name of the layer with an output for each class.
    last: String,
    /// The number of classes of the published weights.
    classes: usize,
    /// Number of tensors without those of auxiliary outputs.
    least: usize,
}

impl Network {
    fn of(card: &Card) -> Result<Self> {
        let published = (card.graph)();
        let last = published.classifiers().last().map(|&index| published.layers()[index].name.clone());
        let last = last.with_context(|| format!("{} has no layer for its classes", card.name))?;
        let least = tensor_specs(&published.without_heads())?.len();
        Ok(Self { published, last, classes: card.labels.count(), least })
    }
}

/// Finds a file's tensors in a network.
///
/// # Errors
/// If the network's graph is not one.
pub(super) fn fit(card: &Card, listing: &Listing) -> Result<Result<Fit, Misfit>> {
    let network = Network::of(card)?;
    let whole: Shapes<'_> =
        listing.tensors.iter().map(|(name, tensor)| (name.as_str(), tensor.shape.as_slice())).collect();
    let mut nearest: Option<Misfit> = None;
    for (front, shapes) in fronts(&whole, network.least) {
        for (rename, naming) in renames(card) {
            let mut fit = match compared(&network, &shapes, rename)? {
                Ok(fit) => fit,
                Err(misfit) => {
                    if front.is_empty() && nearest.as_ref().is_none_or(|nearest| misfit.matching > nearest.matching) {
                        nearest = Some(misfit);
                    }
                    continue;
                }
            };
            if let Some(reason) = other_computation(card, listing, naming) {
                let needed = fit.names.len();
                return Ok(Err(Misfit { matching: needed, needed, reason }));
            }
            fit.notes.extend(naming.map(|naming| format!("Its tensors have the names of {}.", naming.publisher)));
            if !front.is_empty() {
                let aside = whole.len() - shapes.len();
                let plural = if aside == 1 { "" } else { "s" };
                let shown = clipped(&front);
                fit.notes
                    .push(format!("The network is what is under “{shown}”. Left aside: {aside} other tensor{plural}."));
                fit.names.values_mut().for_each(|name| name.insert_str(0, &front));
            }
            return Ok(Ok(fit));
        }
    }
    Ok(Err(nearest.unwrap_or(Misfit { matching: 0, needed: network.least, reason: String::new() })))
}

/// Names with shapes.
type Shapes<'a> = BTreeMap<&'a str, &'a [usize]>;

/// The tensors as they are, and then those under each first part of their names without it, where they are at least as many as a
/// network has.
fn fronts<'a>(whole: &Shapes<'a>, least: usize) -> Vec<(String, Shapes<'a>)> {
    let mut groups: BTreeMap<&str, Shapes<'_>> = BTreeMap::new();
    for (&name, &shape) in whole {
        if let Some((front, rest)) = name.split_once('.')
            && rest.contains('.')
        {
            groups.entry(front).or_default().insert(rest, shape);
        }
    }
    let groups = groups.into_iter().filter(|(_, group)| group.len() >= least);
    let groups = groups.map(|(front, group)| (format!("{front}."), group));
    [(String::new(), whole.clone())].into_iter().chain(groups).collect()
}

/// The ways to translate a file's names into those of the graph: the official file's, the graph's own, and other publishers'.
fn renames(card: &Card) -> Vec<(Rename, Option<&Naming>)> {
    let official = match card.source {
        Source::PythonPackage { rename, .. } | Source::Download { rename, .. } => Some(rename),
        Source::Trained { .. } => None,
    };
    let own = official.into_iter().chain([SAME_NAME]).map(|rename| (rename, None));
    own.chain(card.namings.iter().map(|naming| (naming.rename, Some(naming)))).collect()
}

/// Why tensors of the right names and shapes may be those of a network that computes otherwise.
fn other_computation(card: &Card, listing: &Listing, naming: Option<&Naming>) -> Option<String> {
    if listing.format == Format::Caffe && card.source.file_name().is_some_and(|name| name.ends_with(".pth")) {
        return Some(format!(
            "it has {}'s tensors, but Caffe's networks expect other colours than those of the official file, which is PyTorch's",
            card.name
        ));
    }
    let twin = naming?.twin?;
    let said = listing
        .claims
        .iter()
        .any(|claim| claim.match_indices(twin.same).any(|(place, _)| !claim[..place].ends_with("tf_")));
    (!said).then(|| {
        format!(
            "{publisher} has two networks with {}'s tensors, and only {publisher}'s {same} computes as it does here, not {other}; if it \
             is {same}, have the file's name say so",
            card.name,
            publisher = naming.map_or("", |naming| naming.publisher),
            same = twin.same,
            other = twin.other,
        )
    })
}

/// Compares a file's tensors with a network's, with and without its auxiliary outputs.
fn compared(network: &Network, shapes: &Shapes<'_>, rename: Rename) -> Result<Result<Fit, Misfit>> {
    let mut found: BTreeMap<String, (&str, &[usize])> =
        shapes.iter().map(|(&name, &shape)| (rename.apply(name), (name, shape))).collect();
    let mut notes = Vec::new();
    let last = &network.last;
    if let Some(inner) = wrapped_layer(&found, last) {
        for part in ["weight", "bias"] {
            if let Some(tensor) = found.remove(&format!("{inner}.{part}")) {
                found.insert(format!("{last}.{part}"), tensor);
            }
        }
        notes.push(format!("{} is its last layer.", clipped(&inner)));
    }
    let classes = found.get(&format!("{last}.weight")).and_then(|(_, shape)| shape.first().copied());
    let classes = classes.filter(|&classes| classes > 0).unwrap_or(network.classes);
    let mut graph = network.published.clone().with_classes(classes);
    let mut specs = tensor_specs(&graph)?;
    let mut differences = Differences::between(&specs, &found);
    if !differences.is_empty() && !graph.heads().is_empty() {
        let main = graph.without_heads();
        let main_specs = tensor_specs(&main)?;
        let mut of_main = Differences::between(&main_specs, &found);
        // What is left of the auxiliary outputs is no stranger.
        of_main.unknown.retain(|name| !specs.iter().any(|tensor| tensor.name == *name));
        if of_main.is_empty() {
            notes.push("It lacks auxiliary outputs, which only training needs.".into());
            (graph, specs, differences) = (main, main_specs, of_main);
        }
    }
    if differences.is_empty() {
        let names = specs.into_iter().filter_map(|tensor| {
            let name = found.get(&tensor.name)?.0.to_string();
            Some((tensor.name, name))
        });
        return Ok(Ok(Fit { classes, names: names.collect(), graph, notes }));
    }
    let needed = specs.len();
    let matching = needed - differences.missing.len() - differences.other.len();
    Ok(Err(Misfit { matching, needed, reason: differences.sentence() }))
}

/// The one layer in a sequence that stands for the layer called `last`: `fc.1` for `fc`.
fn wrapped_layer(found: &BTreeMap<String, (&str, &[usize])>, last: &str) -> Option<String> {
    if found.contains_key(&format!("{last}.weight")) {
        return None;
    }
    let front = format!("{last}.");
    let inside: BTreeSet<&str> = found
        .range(front.clone()..)
        .map_while(|(name, _)| name.strip_prefix(&front))
        .filter_map(|rest| Some(rest.rsplit_once('.')?.0))
        .collect();
    let layer = inside.first().filter(|layer| inside.len() == 1 && layer.bytes().all(|byte| byte.is_ascii_digit()))?;
    Some(format!("{front}{layer}"))
}

/// In what a file's tensors differ from those that a graph needs.
struct Differences {
    missing: Vec<String>,
    unknown: Vec<String>,
    /// Tensors of another shape, with both.
    other: Vec<String>,
}

impl Differences {
    fn between(specs: &[TensorSpec], found: &BTreeMap<String, (&str, &[usize])>) -> Self {
        let mut differences = Self { missing: Vec::new(), unknown: Vec::new(), other: Vec::new() };
        for TensorSpec { name, shape, .. } in specs {
            match found.get(name) {
                None => differences.missing.push(name.clone()),
                Some((_, other)) if !same_elements(other, shape) => {
                    let other = clipped(&format!("{other:?}"));
                    differences.other.push(format!("{name} is {other} instead of {shape:?}"));
                }
                Some(_) => {}
            }
        }
        let needed: BTreeSet<&str> = specs.iter().map(|tensor| tensor.name.as_str()).collect();
        differences.unknown.extend(found.keys().filter(|name| !needed.contains(name.as_str())).cloned());
        differences
    }

    fn is_empty(&self) -> bool {
        self.missing.is_empty() && self.unknown.is_empty() && self.other.is_empty()
    }

    /// What differs, a few of each kind.
    fn sentence(&self) -> String {
        let missing = kind(&self.missing, " is missing", "are missing");
        let unknown = kind(&self.unknown, " is not known", "are not known");
        let other = kind(&self.other, "", "have another shape");
        [other, missing, unknown].into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

fn kind(items: &[String], each: &str, all: &str) -> Option<String> {
    let mut clauses: Vec<String> = items.iter().take(NAMED).map(|item| format!("{}{each}", clipped(item))).collect();
    if items.len() > NAMED {
        clauses.push(format!("{} more {all}", items.len() - NAMED));
    }
    (!clauses.is_empty()).then(|| clauses.join(", "))
}

pub(super) fn clipped(text: &str) -> String {
    match text.char_indices().nth(LONGEST_NAME) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into(),
    }
}

/// Whether the elements of one shape, in their order, are those of the other: a convolution over all of its input is a linear
/// layer. timm's VGG has `[4096, 512, 7, 7]` where torchvision's has `[4096, 25088]`.
fn same_elements(found: &[usize], needed: &[usize]) -> bool {
    let linear = |shape: &[usize], convolution: &[usize]| {
        shape.len() == 2
            && convolution.len() == 4
            && shape[0] == convolution[0]
            && convolution[1..].iter().try_fold(1usize, |product, &side| product.checked_mul(side)) == Some(shape[1])
    };
    found == needed || linear(found, needed) || linear(needed, found)
}

/// A file's tensors under the names of a graph, and in its shapes.
pub(super) fn tensors(
    graph: &Graph,
    names: &BTreeMap<String, String>,
    mut found: OfficialTensors,
) -> Result<OfficialTensors> {
    let specs = tensor_specs(graph)?.into_iter();
    let tensors = specs.filter_map(|tensor| {
        let official = found.remove(names.get(&tensor.name)?)?;
        Some((tensor.name, Official { shape: tensor.shape, ..official }))
    });
    Ok(tensors.collect())
}
