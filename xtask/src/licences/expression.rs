//! SPDX's expressions of licences, as far as crates and npm packages use them.

use anyhow::{Result, bail, ensure};

/// The expression in one form: earlier crates write `MIT/Apache-2.0` for `MIT OR Apache-2.0`.
pub(super) fn tidied(text: &str) -> String {
    let text = text.replace('/', " OR ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether somebody who accepts only these licences may use what is under the expression.
pub(super) fn is_allowed(text: &str, allowed: &[&str]) -> Result<bool> {
    let spaced = text.replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Reader { words: &words, allowed };
    let fits = reader.any()?;
    ensure!(reader.words.is_empty(), "the licence `{text}` is no expression of SPDX");
    Ok(fits)
}

struct Reader<'a> {
    words: &'a [&'a str],
    allowed: &'a [&'a str],
}

impl Reader<'_> {
    fn takes(&mut self, word: &str) -> bool {
        let found = self.words.first() == Some(&word);
        if found {
            self.words = &self.words[1..];
        }
        found
    }

    /// `a OR b`; AND binds more closely.
    fn any(&mut self) -> Result<bool> {
        let mut fits = self.every()?;
        while self.takes("OR") {
            fits |= self.every()?;
        }
        Ok(fits)
    }

    fn every(&mut self) -> Result<bool> {
        let mut fits = self.one()?;
        while self.takes("AND") {
            fits &= self.one()?;
        }
        Ok(fits)
    }

    fn one(&mut self) -> Result<bool> {
        if self.takes("(") {
            let fits = self.any()?;
            ensure!(self.takes(")"), "a licence has an open bracket");
            return Ok(fits);
        }
        let Some((&name, rest)) = self.words.split_first() else { bail!("a licence is missing") };
        ensure!(!["OR", "AND", "WITH", ")"].contains(&name), "a licence is missing before `{name}`");
        self.words = rest;
        if !self.takes("WITH") {
            return Ok(self.allowed.contains(&name));
        }
        let Some((&exception, rest)) = self.words.split_first() else { bail!("an exception is missing") };
        self.words = rest;
        Ok(self.allowed.contains(&format!("{name} WITH {exception}").as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_read() {
        let allowed = ["MIT", "Apache-2.0", "Unicode-3.0", "Apache-2.0 WITH LLVM-exception"];
        for (text, fits) in [
            ("MIT", true),
            ("GPL-3.0", false),
            ("GPL-3.0 OR MIT", true),
            ("GPL-3.0 AND MIT", false),
            ("(MIT OR GPL-3.0) AND Unicode-3.0", true),
            ("MIT OR GPL-3.0 AND Unicode-3.0", true),
            ("GPL-3.0 OR MIT AND LGPL-3.0", false),
            ("Apache-2.0 WITH LLVM-exception", true),
            ("MIT WITH LLVM-exception", false),
        ] {
            assert_eq!(is_allowed(text, &allowed).expect(text), fits, "{text}");
        }
        assert_eq!(tidied("MIT / Apache-2.0 "), "MIT OR Apache-2.0");
        for wrong in ["", "MIT OR", "(MIT", "MIT Apache-2.0", "AND MIT"] {
            assert!(is_allowed(wrong, &allowed).is_err(), "{wrong}");
        }
    }
}
