//! What a host should send with the files, and the text that says so.

use super::markup::Weights;

/// The text for whoever serves the folder.
pub(super) const GUIDE: &str = "HOSTING.md";

/// Headers in the form that Netlify, Cloudflare Pages and others read.
pub(super) const HEADERS: &str = "_headers";

/// The headers of all files. The names of files do not change with their contents, so that browsers ask each time whether a file is
/// still the same, which costs a short answer and no download.
pub(super) fn headers(policy: &str) -> String {
    format!(
        "/*
  Cross-Origin-Opener-Policy: same-origin
  Cross-Origin-Embedder-Policy: require-corp
  Cross-Origin-Resource-Policy: same-origin
  X-Content-Type-Options: nosniff
  Cache-Control: no-cache
  Content-Security-Policy: {policy}
"
    )
}

/// The text, for weights at that place.
pub(super) fn guide(weights: &Weights) -> String {
    let place = match weights {
        Weights::Here => "The weights are in this folder, in `www/weights`.".to_owned(),
        Weights::None => "This folder holds no weights. Its networks compute with random weights, which shows how fast they are, and with \
                          weights that visitors open from their own machine."
            .to_owned(),
        Weights::Elsewhere(address) => format!(
            "The weights are not in this folder: the page downloads them from {address}, where the files and folders of \
             `www/weights` have to lie, as the set-up made them. `index.html` names the address twice, as the setting \
             `convscope-weights` and, by its host, in the content security policy; `_headers` names the host once more. The list of \
             the weights lies in this folder, with the SHA-256 of each file, so that the other host cannot change unnoticed what is \
             loaded. That host has to send, with each file,\n\n\
             ```\nAccess-Control-Allow-Origin: *\n```\n\n\
             or this page's origin in place of the star. Without that header browsers refuse the files, and the page says that the \
             download failed. It need not send anything else."
        ),
    };
    include_str!("HOSTING.md").replace("{{weights}}", &place)
}
