//! The file that says under which name a product ships Salon: [`Brand::read`] reads one and checks
//! everything in it that a system or a browser would refuse later, or understand as something else.
//!
//! For whoever builds: the program itself has what was read in it, see `salon-product`. It must never
//! know how anything is built.

#![forbid(unsafe_code)]

mod colour;
mod error;
mod icons;
mod names;

use std::path::{Path, PathBuf};

use serde::Deserialize;

pub use colour::{Colour, Colours, Palette};
pub use error::Error;

use error::refuse;

/// Files that a folder of icons has, as `cargo tauri icon` makes them of one picture, and `icon.svg`.
pub const ICONS: [&str; 9] = [
    "32x32.png",
    "48x48.png",
    "64x64.png",
    "128x128.png",
    "128x128@2x.png",
    "icon.png",
    "icon.svg",
    "icon.ico",
    "icon.icns",
];

/// Under which name a product ships Salon. Paths are whole ones.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Brand {
    /// As people read it. On Windows and macOS folders are called so, too.
    pub name: String,
    /// The program and the package; on Linux folders are called so, too.
    pub program: String,
    /// By which desktops, the session bus and keyrings know it: a domain name turned round.
    pub id: String,
    /// Links that begin so are for it (RFC 3986, section 3.1).
    pub scheme: String,
    /// What it is, in a line without a full stop.
    pub summary: String,
    /// What it is, in paragraphs.
    pub description: Vec<String>,
    /// Words that it is looked for by.
    pub keywords: Vec<String>,
    /// Where it is at home on the web, without a slash at the end.
    pub website: String,
    /// Who answers for its packages: `name <address>`.
    pub maintainer: String,
    /// The folder with [`ICONS`].
    pub icons: PathBuf,
    /// Its backend, as a file of a backend profile. It is asked where neither settings nor policy name
    /// another; absent: Salon's own choice.
    #[serde(default)]
    pub profile: Option<PathBuf>,
    /// Its accent; absent: Salon's.
    #[serde(default)]
    pub colours: Option<Colours>,
    /// Calls over Stream, whose SDK has a licence of its own (`NOTICE`).
    #[serde(default)]
    pub stream: bool,
    /// Where copies that look for new versions themselves find them; absent: they do not look.
    #[serde(default)]
    pub updates: Option<Updates>,
}

/// Where new versions are.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Updates {
    /// The folder with the signed offers, `https`, with a slash at the end.
    pub url: String,
    /// What offers have to be signed with: a public key of minisign, the line without the comment.
    pub key: String,
}

impl Brand {
    /// Reads a file, and whether all is there that it names.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn read(file: &Path) -> Result<Self, Error> {
        let unreadable = |path: &Path| {
            let path = path.to_owned();
            move |error| Error::Unreadable { path, error }
        };
        let file = &std::path::absolute(file).map_err(unreadable(file))?;
        let text = std::fs::read_to_string(file).map_err(unreadable(file))?;
        let mut brand: Self = toml::from_str(&text).map_err(|error| Error::Syntax {
            path: file.clone(),
            error,
        })?;
        brand.check()?;
        let folder = file.parent().unwrap_or(Path::new("/"));
        brand.icons = folder.join(&brand.icons);
        for icon in ICONS {
            let icon = brand.icons.join(icon);
            let bytes = std::fs::read(&icon).map_err(unreadable(&icon))?;
            icons::check(&icon, &bytes)?;
        }
        if let Some(profile) = &mut brand.profile {
            *profile = folder.join(&profile);
            profile.metadata().map_err(unreadable(profile))?;
        }
        Ok(brand)
    }

    /// Which of what tells two products apart on one computer is the same in both.
    pub fn shared_with(&self, other: &Self) -> [(&'static str, bool); 4] {
        let folder = |name: &str| name.to_lowercase();
        [
            ("name", folder(&self.name) == folder(&other.name)),
            ("program", self.program == other.program),
            ("id", self.id.eq_ignore_ascii_case(&other.id)),
            ("scheme", self.scheme == other.scheme),
        ]
    }

    /// Who answers for its packages, without the address.
    pub fn maintainer_name(&self) -> &str {
        let name = self.maintainer.split(" <").next();
        name.unwrap_or(&self.maintainer)
    }

    fn check(&self) -> Result<(), Error> {
        names::name(&self.name)?;
        names::program(&self.program)?;
        names::id(&self.id)?;
        names::scheme(&self.scheme)?;
        names::line("summary", &self.summary)?;
        if self.summary.ends_with('.') {
            return Err(refuse("summary", "ends with a full stop"));
        }
        for (field, lines) in [
            ("description", &self.description),
            ("keywords", &self.keywords),
        ] {
            if lines.is_empty() {
                return Err(refuse(field, "says nothing"));
            }
            for line in lines {
                names::line(field, line)?;
            }
        }
        if self.keywords.iter().any(|word| word.contains(';')) {
            return Err(refuse("keywords", "has a semicolon"));
        }
        names::website("website", &self.website)?;
        if self.website.ends_with('/') {
            return Err(refuse("website", "ends with a slash"));
        }
        names::maintainer(&self.maintainer)?;
        if let Some(colours) = &self.colours {
            colours.check()?;
        }
        if let Some(updates) = &self.updates {
            names::website("updates.url", &updates.url)?;
            if !updates.url.ends_with('/') {
                return Err(refuse("updates.url", "does not end with a slash"));
            }
            names::key(&updates.key)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
