//! A page with all pictures, and what differs beside what was accepted.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::{Outcome, accepted};

const STYLE: &str = "body { margin: 24px; background: #888; color: #000; font: 15px sans-serif }
section { display: flex; gap: 12px; margin-bottom: 24px }
figure { margin: 0 } figcaption { padding: 4px 0 } img { max-width: 30vw; max-height: 60vh }
main { display: flex; flex-wrap: wrap; gap: 16px } main img { max-width: 300px; max-height: 260px }";

/// Writes it; the answer is where.
pub(super) fn write(folder: &Path, outcomes: &[Outcome]) -> Result<PathBuf> {
    let mut page = format!("<!doctype html><meta charset=utf-8><style>{STYLE}</style>\n");
    let differ = outcomes.iter().filter(|each| each.different > 0);
    for each in differ.filter(|each| each.known) {
        let name = &each.name;
        let was = accepted(name);
        let _ = writeln!(
            page,
            "<h2>{name}: {} points differ</h2><section>",
            each.different
        );
        figure(&mut page, "accepted", &was.display().to_string());
        figure(&mut page, "now", &format!("pictures/{name}.png"));
        figure(
            &mut page,
            "difference",
            &format!("pictures/{name}.difference.png"),
        );
        let _ = writeln!(page, "</section>");
    }
    let _ = writeln!(page, "<h2>All</h2><main>");
    for Outcome { name, .. } in outcomes {
        figure(&mut page, name, &format!("pictures/{name}.png"));
    }
    let _ = writeln!(page, "</main>");
    let path = folder.join("index.html");
    std::fs::write(&path, page)?;
    Ok(path)
}

/// Names of pictures are our own: small letters, figures, dashes and dots.
fn figure(page: &mut String, caption: &str, picture: &str) {
    let _ = writeln!(
        page,
        "<figure><figcaption>{caption}</figcaption><a href=\"{picture}\"><img loading=lazy src=\"{picture}\"></a></figure>"
    );
}
