//! What a product is called, and looks like, wherever a system shows it.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::process::root;

/// A product. Whoever makes packages takes every name from here.
#[derive(Clone, Debug)]
pub(crate) struct Brand {
    /// As people read it.
    pub(crate) name: String,
    /// The program, the package, and the folders that carry its name.
    pub(crate) program: String,
    /// By which desktops know it: the names of its entry, its icon and its metadata.
    pub(crate) id: String,
    /// Links that begin so are for it.
    pub(crate) scheme: String,
    /// What it is, in a line without a full stop.
    pub(crate) summary: String,
    /// What it is, in paragraphs.
    pub(crate) description: Vec<String>,
    /// Words that it is looked for by.
    pub(crate) keywords: Vec<String>,
    /// Where it is at home on the web, without a slash at the end; the picture of its room is shown from
    /// `screenshots/room.png` there.
    pub(crate) website: String,
    /// Who answers for the packages: name and address.
    pub(crate) maintainer: String,
    /// The folder with the icon: `icon.svg` and squares of PNG.
    pub(crate) icons: PathBuf,
}

impl Brand {
    /// The one that `tauri.conf.json` is about.
    ///
    /// # Errors
    /// If that file does not say what it is called.
    pub(crate) fn own() -> Result<Self> {
        let text = std::fs::read_to_string(root().join("tauri.conf.json"))?;
        let configuration: Value = serde_json::from_str(&text)?;
        let word = |place: &str| {
            let word = configuration.pointer(place).and_then(Value::as_str);
            let word = word.with_context(|| format!("tauri.conf.json has no {place}"));
            word.map(str::to_owned)
        };
        let name = word("/productName")?;
        Ok(Self {
            program: name.to_lowercase(),
            id: word("/identifier")?,
            scheme: word("/plugins/deep-link/desktop/schemes/0")?,
            summary: "Join video meetings".into(),
            description: vec![
                format!(
                    "{name} is a desktop client for the meetings of a product. It signs in at the \
                     product's backend, shows what is planned, rings when a meeting begins, and \
                     joins the call, on LiveKit or on Stream."
                ),
                "Calls run in the system's own webview. Where something goes wrong it says what, \
                 and what to do next."
                    .into(),
            ],
            keywords: ["meeting", "call", "video", "conference"]
                .map(String::from)
                .to_vec(),
            website: "https://salon.app".into(),
            maintainer: format!("{name} contributors <packages@salon.app>"),
            icons: root().join("icons"),
            name,
        })
    }

    /// Who answers for the packages, without the address.
    pub(crate) fn maintainer_name(&self) -> &str {
        let name = self.maintainer.split(" <").next();
        name.unwrap_or(&self.maintainer)
    }
}
