//! `./x package`: what an administrator installs. docs/decisions/packages.md says what was chosen.

pub(crate) mod appdir;
mod changelog;
pub(crate) mod compare;
mod deb;
mod entries;
pub(crate) mod flatpak;
pub(crate) mod installed;
mod licences;
pub(crate) mod repositories;
mod roots;
mod rpm;
mod symbols;
mod tree;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use jiff::Timestamp;
use salon_brand::Brand;

use self::changelog::Entry;
use self::tree::Tree;
use crate::build::{self, target};
use crate::disk::{self, Work};
use crate::process::{command, output, root};
use crate::release::{VERSION, with_size};

/// Side lengths of the icon, and the files that have them.
const ICONS: [(&str, &str); 6] = [
    ("32x32", "32x32.png"),
    ("48x48", "48x48.png"),
    ("64x64", "64x64.png"),
    ("128x128", "128x128.png"),
    ("256x256", "128x128@2x.png"),
    ("512x512", "icon.png"),
];

/// Bytes that the package of the app has at most on Debian: more of them are there for a reason that is written down.
const LARGEST: u64 = 12_000_000;

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wish {
    /// The file of the product's names, if it is not Salon itself.
    pub(crate) brand: Option<PathBuf>,
    /// A program that was built already, of the same brand.
    pub(crate) program: Option<PathBuf>,
    /// The version, where it is not the workspace's.
    pub(crate) version: Option<String>,
    /// Where the packages are written, if not into the build folder.
    pub(crate) folder: Option<PathBuf>,
    /// Packed in a moment, and larger: to be tried, not to be shipped.
    pub(crate) quick: bool,
}

/// All that packages say, whichever form they have.
#[derive(Debug)]
struct Product {
    brand: Brand,
    release: Entry,
    /// When it was made.
    moment: Timestamp,
    completions: Completions,
    /// The pages of the manual, with their names.
    manual: Vec<(String, String)>,
    notice: String,
    licence_mit: String,
    licences: [(&'static str, String); 2],
    third_party: String,
}

/// Of shells.
#[derive(Debug)]
struct Completions {
    bash: String,
    fish: String,
    zsh: String,
}

/// What all packages have.
#[derive(Debug)]
struct Stage {
    folder: PathBuf,
    tree: Tree,
    symbols: Tree,
    build_id: String,
    quick: bool,
}

impl Stage {
    fn program(&self, product: &Product) -> PathBuf {
        self.tree.at(&format!("usr/bin/{}", product.brand.program))
    }
}

/// Warns where there may be too little room on the disk for what is built.
///
/// # Errors
/// If there is hardly any.
pub(crate) fn has_room(wish: &Wish, compare: bool) -> Result<()> {
    match (&wish.program, compare) {
        (_, true) => disk::has_room_for(Work::ComparePackages),
        (None, false) => disk::has_room_for(Work::Package),
        (Some(_), false) => Ok(()),
    }
}

/// Writes the packages, each with the one of its symbols.
///
/// # Errors
/// If something cannot be built, or a tool is missing.
pub(crate) fn run(wish: &Wish) -> Result<Vec<PathBuf>> {
    // What is wrong with a brand is said before anything takes long.
    let product = product(wish)?;
    let built = match &wish.program {
        Some(program) => program.clone(),
        None => build::shipped(wish.brand.as_deref())?,
    };
    let folder = wish
        .folder
        .clone()
        .unwrap_or_else(|| target().join("packages"));
    let folder = std::path::absolute(folder)?;
    std::fs::create_dir_all(&folder)?;
    let said = output(Command::new(&built).arg("--version"));
    let said = said.with_context(|| format!("{} does not run", built.display()))?;
    if !said.starts_with(&format!("{} ", product.brand.program)) {
        bail!("{} is of another brand: it says {said}", built.display());
    }
    let stage = stage(&product, &built, &folder, wish.quick)?;
    let mut files = deb::write(&stage, &product, &folder)?;
    files.extend(rpm::write(&stage, &product, &folder)?);
    for file in &files {
        println!("{}", with_size(file)?);
    }
    // What is packed in a moment, or was built to be tried, is larger.
    if wish.program.is_none() && !wish.quick {
        is_small(&files[0])?;
    }
    Ok(files)
}

fn is_small(package: &Path) -> Result<()> {
    if std::fs::metadata(package)?.len() > LARGEST {
        bail!(
            "{}: at most {} MB are meant for it",
            with_size(package)?,
            LARGEST / 1_000_000
        );
    }
    Ok(())
}

fn product(wish: &Wish) -> Result<Product> {
    let (brand, manual) = match &wish.brand {
        Some(file) => (Brand::read(file)?, build::manual(file)?),
        None => (build::own_brand()?, root().join("docs/man")),
    };
    let moment = moment()?;
    let read = |path: &str| {
        std::fs::read_to_string(root().join(path)).with_context(|| format!("no {path}"))
    };
    let version = wish.version.as_deref().unwrap_or(VERSION);
    let completed = |name: String| {
        std::fs::read_to_string(manual.join(&name)).with_context(|| format!("no {name}"))
    };
    let program = &brand.program;
    Ok(Product {
        completions: Completions {
            bash: completed(format!("{program}.bash"))?,
            fish: completed(format!("{program}.fish"))?,
            zsh: completed(format!("_{program}"))?,
        },
        manual: pages(&manual)?,
        release: Entry::of(&read("CHANGELOG.md")?, version, moment)?,
        moment,
        notice: read("NOTICE")?,
        licence_mit: read("LICENSE-MIT")?,
        licences: [
            ("LICENSE-MIT", read("LICENSE-MIT")?),
            ("LICENSE-APACHE", read("LICENSE-APACHE")?),
        ],
        third_party: licences::all(brand.stream)?,
        brand,
    })
}

fn stage(product: &Product, built: &Path, folder: &Path, quick: bool) -> Result<Stage> {
    let Brand {
        program, id, icons, ..
    } = &product.brand;
    let folder = folder.join("work");
    let (tree, symbols) = (
        Tree::new(folder.join("tree"))?,
        Tree::new(folder.join("symbols"))?,
    );
    let build_id = symbols::apart(built, &format!("usr/bin/{program}"), &tree, &symbols)?;
    tree.put(
        &format!("usr/share/applications/{id}.desktop"),
        entries::desktop_entry(&product.brand, true),
    )?;
    tree.put(
        &format!("usr/share/dbus-1/services/{id}.service"),
        entries::bus_service(&product.brand, "/usr/bin"),
    )?;
    tree.put(
        &format!("usr/share/metainfo/{id}.metainfo.xml"),
        entries::metainfo(&product.brand, &product.release),
    )?;
    let icon = |name: &str| {
        let file = icons.join(name);
        std::fs::read(&file).with_context(|| format!("no {}", file.display()))
    };
    for (size, name) in ICONS {
        tree.put(
            &format!("usr/share/icons/hicolor/{size}/apps/{id}.png"),
            icon(name)?,
        )?;
    }
    tree.put(
        &format!("usr/share/icons/hicolor/scalable/apps/{id}.svg"),
        icon("icon.svg")?,
    )?;
    for (page, text) in &product.manual {
        tree.put_packed(&format!("usr/share/man/man1/{page}.gz"), text)?;
    }
    let Completions { bash, fish, .. } = &product.completions;
    tree.put(
        &format!("usr/share/bash-completion/completions/{program}"),
        bash,
    )?;
    tree.put(
        &format!("usr/share/fish/vendor_completions.d/{program}.fish"),
        fish,
    )?;
    Ok(Stage {
        folder,
        tree,
        symbols,
        build_id,
        quick,
    })
}

/// The pages of the manual, with their names.
fn pages(folder: &Path) -> Result<Vec<(String, String)>> {
    let mut pages = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".1") {
            pages.push((name, std::fs::read_to_string(entry.path())?));
        }
    }
    Ok(pages)
}

/// The time that stands in packages: SOURCE_DATE_EPOCH (seconds since 1970), or that of the last commit.
fn moment() -> Result<Timestamp> {
    let said = std::env::var("SOURCE_DATE_EPOCH").ok();
    let of_commit = || output(command("git").args(["log", "-1", "--format=%ct"]));
    let said = said.or_else(of_commit);
    let said = said.context("neither SOURCE_DATE_EPOCH nor Git says when")?;
    let seconds = said.trim().parse();
    let seconds = seconds.context("SOURCE_DATE_EPOCH is no number")?;
    Ok(Timestamp::from_second(seconds)?)
}

/// The words in lines of at most so many characters.
fn filled(text: &str, width: usize) -> String {
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn a_package_that_became_large_is_told_with_its_size() {
        let folder = tempfile::tempdir().unwrap();
        let package = folder.path().join("salon.deb");
        let file = std::fs::File::create(&package).unwrap();
        file.set_len(LARGEST).unwrap();
        is_small(&package).unwrap();
        file.set_len(LARGEST + 100_000).unwrap();
        let told = is_small(&package).unwrap_err().to_string();
        assert!(told.contains("salon.deb (12.1 MB)"), "{told}");
    }
}
