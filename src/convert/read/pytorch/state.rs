//! Where a network's weights are in what a training program saved.
//!
//! | what is saved | what is taken |
//! |---|---|
//! | `{"conv1.weight": …}` | all of it |
//! | `{"state_dict": {…}, "epoch": 7, "optimizer": {…}}` | what is under the key; the keys are [`PLAIN`] |
//! | the same with averaged weights, `{"state_dict": {…}, "state_dict_ema": {…}}` | the averaged ones; the keys are [`AVERAGED`] |
//! | `{"features": {"0": {"weight": …}}}` | the tensors, with the keys on their way joined by dots |
//!
//! Averaged weights are chosen because training programs keep them for answers: timm's `load_state_dict` prefers them, and
//! torchvision's reference training evaluates them.

use anyhow::{Context, Result, ensure};

use super::super::listing::{ensure_few, ensure_short};
use super::super::pickle::values::{Id, Value, Values};
use super::tensors::is_tensor;

/// Keys of weights that were averaged over steps of the training, those of timm and of torchvision's reference training first.
const AVERAGED: [&str; 7] =
    ["state_dict_ema", "model_ema", "ema_state_dict", "model_ema_state_dict", "ema_model", "params_ema", "ema"];
/// Keys of the weights as the last step left them.
const PLAIN: [&str; 10] = [
    "state_dict",
    "model_state_dict",
    "model_state",
    "model",
    "network",
    "net",
    "weights",
    "params",
    "module",
    "backbone",
];
/// Parts of keys under which the state of something else is: of the optimiser, the learning rate, the scaling of the loss.
const ASIDE: [&str; 6] = ["optim", "sched", "scaler", "amp", "criterion", "loss"];
/// A key that says which network it is.
const ARCHITECTURE: [&str; 3] = ["arch", "architecture", "model_name"];

/// Dictionaries inside one another.
const DEEPEST: usize = 8;
/// Most values that are looked at: dictionaries may refer to the same values as often as they like.
const MOST_VISITS: usize = 1_000_000;
/// Longest key that is repeated to people, in characters.
const LONGEST_KEY: usize = 64;

/// A network's weights.
pub(super) struct State {
    /// Their names, with the values that describe them.
    pub(super) tensors: Vec<(String, Id)>,
    /// What was unwrapped and left aside, a sentence each.
    pub(super) notes: Vec<String>,
    /// What the file says that the network is.
    pub(super) claims: Vec<String>,
}

/// Finds the weights.
///
/// # Errors
/// If the values hold no dictionary with tensors.
pub(super) fn weights(values: &Values) -> Result<State> {
    let mut search = Search { values, visits: 0 };
    let mut state = State { tensors: Vec::new(), notes: Vec::new(), claims: Vec::new() };
    let mut children = search.children(values.root())?.context("it holds no dictionary of tensors")?;
    for _ in 0..DEEPEST {
        let claims = children.iter().filter(|(key, _)| ARCHITECTURE.contains(&key.as_str()));
        state.claims.extend(claims.filter_map(|&(_, value)| values.text(value).map(shortened)));
        let Some(chosen) = search.chosen(&children)? else { break };
        let (key, inner) = children.swap_remove(chosen);
        let aside = search.keys_with_tensors(&children)?;
        let averaged = if AVERAGED.contains(&key.as_str()) { ", averaged over the training," } else { "" };
        state.notes.push(format!("The weights{averaged} are those under “{key}”.{}", left(&aside)));
        children = search.children(inner)?.context("it holds no dictionary of tensors")?;
    }
    let aside: Vec<(String, Id)> =
        children.extract_if(.., |(key, value)| is_aside(key) && !is_tensor(values, *value)).collect();
    let aside = search.keys_with_tensors(&aside)?;
    if !aside.is_empty() {
        state.notes.push(left(&aside).trim_start().into());
    }
    search.flatten("", &children, 0, &mut state.tensors)?;
    ensure!(!state.tensors.is_empty(), "it holds no tensors under names");
    Ok(state)
}

/// A sentence about keys that are left aside, behind a space; nothing where there are none.
fn left(keys: &[String]) -> String {
    let shown: Vec<String> = keys.iter().take(4).map(|key| format!("“{}”", shortened(key))).collect();
    let more = if keys.len() > shown.len() { format!(" and {} more", keys.len() - shown.len()) } else { String::new() };
    if keys.is_empty() { String::new() } else { format!(" Left aside: {}{more}.", shown.join(", ")) }
}

fn shortened(text: &str) -> String {
    text.chars().take(LONGEST_KEY).collect()
}

fn is_aside(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    key == "opt" || ASIDE.iter().any(|part| key.contains(part))
}

struct Search<'a> {
    values: &'a Values,
    visits: usize,
}

impl Search<'_> {
    /// Keys and values of a dictionary; none of another value. Keys that are numbers become text, others are left aside.
    fn children(&mut self, id: Id) -> Result<Option<Vec<(String, Id)>>> {
        let Some(pairs) = self.values.pairs(id) else { return Ok(None) };
        self.visits += pairs.len() + 1;
        ensure!(self.visits <= MOST_VISITS, "it holds more than a file of weights needs");
        let key = |&(key, value): &(Id, Id)| match self.values.get(key) {
            Value::Text(text) => Some((text.clone(), value)),
            Value::Int(number) => Some((number.to_string(), value)),
            _ => None,
        };
        Ok(Some(pairs.iter().filter_map(key).collect()))
    }

    /// The place of the dictionary under the first known key.
    fn chosen(&mut self, children: &[(String, Id)]) -> Result<Option<usize>> {
        for known in AVERAGED.iter().chain(&PLAIN) {
            let place = children.iter().position(|(key, _)| key == known);
            if let Some(place) = place
                && self.has_tensors(children[place].1, 0)?
            {
                return Ok(Some(place));
            }
        }
        Ok(None)
    }

    /// Whether a value is a dictionary with a tensor in it.
    fn has_tensors(&mut self, id: Id, depth: usize) -> Result<bool> {
        if depth > DEEPEST {
            return Ok(false);
        }
        for (_, child) in self.children(id)?.unwrap_or_default() {
            if is_tensor(self.values, child) || self.has_tensors(child, depth + 1)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn keys_with_tensors(&mut self, children: &[(String, Id)]) -> Result<Vec<String>> {
        let mut keys = Vec::new();
        for (key, value) in children {
            if is_tensor(self.values, *value) || self.has_tensors(*value, 0)? {
                keys.push(key.clone());
            }
        }
        Ok(keys)
    }

    /// All tensors, with the keys on their way joined by dots.
    fn flatten(
        &mut self,
        front: &str,
        children: &[(String, Id)],
        depth: usize,
        tensors: &mut Vec<(String, Id)>,
    ) -> Result<()> {
        ensure!(depth <= DEEPEST, "its dictionaries lie more than {DEEPEST} deep in one another");
        for (key, value) in children {
            ensure_short(front.len() + key.len())?;
            if is_tensor(self.values, *value) {
                ensure_few(tensors.len() + 1)?;
                tensors.push((format!("{front}{key}"), *value));
            } else if let Some(children) = self.children(*value)?
                && !children.is_empty()
            {
                self.flatten(&format!("{front}{key}."), &children, depth + 1, tensors)?;
            }
        }
        Ok(())
    }
}
