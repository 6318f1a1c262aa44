//! The one setting of the page that the folder's maker chooses, and what it does to the markup.

use std::str::FromStr;

use anyhow::{Context as _, Result};

/// Where weights are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Weights {
    /// In the folder.
    Here,
    /// Nowhere: the page runs networks with random weights, and with those that visitors bring.
    None,
    /// In a folder of another host, whose address ends with a slash.
    Elsewhere(String),
}

impl FromStr for Weights {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        match text {
            "here" => return Ok(Self::Here),
            "none" => return Ok(Self::None),
            _ => {}
        }
        let allowed = |letter: char| letter.is_ascii_alphanumeric() || "-._~:/%@+".contains(letter);
        let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://localhost")).unwrap_or_default();
        if host.trim_matches('/').is_empty() || !text.chars().all(allowed) {
            return Err("it is `here`, `none`, or the address of a folder that begins with https://".to_owned());
        }
        Ok(Self::Elsewhere(format!("{}/", text.trim_end_matches('/'))))
    }
}

/// What stands in the policy before the hosts that scripts may ask.
const CONNECT: &str = "connect-src 'self'";
const POLICY: &str = r#"<meta http-equiv="Content-Security-Policy" content=""#;

/// The page's markup for weights at that place.
pub(super) fn index(html: &str, weights: &Weights) -> Result<String> {
    let Weights::Elsewhere(address) = weights else { return Ok(html.to_owned()) };
    policy(html)?.find(CONNECT).with_context(|| format!("index.html's policy does not say `{CONNECT}`"))?;
    let origin = address.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
    let html = html.replacen(CONNECT, &format!("{CONNECT} {origin}"), 1);
    let setting = format!(r#"<meta name="convscope-weights" content="{address}">"#);
    let end =
        html.find(POLICY).and_then(|start| Some(start + html[start..].find('\n')?)).context("index.html ends early")?;
    Ok(format!("{}\n  {setting}{}", &html[..end], &html[end..]))
}

/// The page's content security policy.
pub(super) fn policy(html: &str) -> Result<&str> {
    let start = html.find(POLICY).context("index.html has no content security policy")? + POLICY.len();
    let length = html[start..].find('"').context("index.html's content security policy does not end")?;
    Ok(&html[start..start + length])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_that_a_policy_can_hold_are_taken() {
        let read = |text: &str| text.parse::<Weights>();
        assert_eq!(read("here"), Ok(Weights::Here));
        assert_eq!(read("none"), Ok(Weights::None));
        let folder = Weights::Elsewhere("https://a.example:8443/b/".to_owned());
        assert_eq!(read("https://a.example:8443/b"), Ok(folder.clone()));
        assert_eq!(read("https://a.example:8443/b//"), Ok(folder));
        for wrong in [
            "",
            "nowhere",
            "https://",
            "http://a.example/",
            "https://a.example/'; script-src *",
            "https://a b/",
            "https://a\"b/",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_policy_of_the_page_can_be_extended() {
        let html = include_str!("../../../index.html");
        let with = index(html, &Weights::Elsewhere("https://a.example:8443/b/".to_owned())).expect("a page");
        assert!(policy(&with).expect("a policy").contains("connect-src 'self' https://a.example:8443;"), "{with}");
        assert_eq!(with.lines().count(), html.lines().count() + 1);
        assert_eq!(index(html, &Weights::Here).expect("a page"), html);
    }
}
