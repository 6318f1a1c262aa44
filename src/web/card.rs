//! A network's facts, as JavaScript gets them; `types.d.ts` documents each field.

use serde::Serialize;

use crate::frame::Framing;
use crate::networks::{Card, Source};

#[derive(Serialize)]
struct HeadJs {
    name: String,
    weight: f32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CardJs {
    id: &'static str,
    name: &'static str,
    year: u16,
    paper: PaperJs,
    about: &'static str,
    challenge: &'static str,
    challenge_source: Option<&'static str>,
    parameters: usize,
    macs: u64,
    input: crate::graph::Shape,
    frame: FrameJs,
    classes: usize,
    heads: Vec<HeadJs>,
    top1: Option<f64>,
    top5: Option<f64>,
    source: String,
    licence: &'static str,
}

#[derive(Serialize)]
struct PaperJs {
    title: &'static str,
    authors: &'static str,
    url: &'static str,
}

#[derive(Serialize)]
struct FrameJs {
    kind: &'static str,
    side: usize,
}

impl From<&Card> for CardJs {
    fn from(card: &Card) -> Self {
        let source = match card.source {
            Source::Trained { data } => format!("trained by this project on {data}"),
            Source::PythonPackage { package, version, .. } => format!("Python package {package} {version}"),
            Source::Download { url, .. } => url.into(),
        };
        let kind = match card.framing {
            Framing::Photo { .. } | Framing::Squash { .. } => "photo",
            Framing::Digit => "digit",
        };
        let graph = (card.graph)();
        let heads = graph.heads().iter().map(|head| HeadJs { name: graph.name(head.node).into(), weight: head.weight });
        Self {
            id: card.id,
            name: card.name,
            year: card.year,
            paper: PaperJs { title: card.paper.title, authors: card.paper.authors, url: card.paper.url },
            about: card.about,
            challenge: card.challenge.result,
            challenge_source: card.challenge.source,
            parameters: card.parameters,
            macs: card.macs,
            input: graph.input(),
            frame: FrameJs { kind, side: card.framing.side() },
            classes: card.labels.count(),
            heads: heads.collect(),
            top1: card.top1,
            top5: card.top5,
            source,
            licence: card.licence,
        }
    }
}
