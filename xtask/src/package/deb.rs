//! Debian's packages, by its own tools: `dpkg-shlibdeps` says what the program needs, `dpkg-deb` packs.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use super::tree::Tree;
use super::{Product, Stage};
use crate::process::{output, run};

/// What is loaded by name, and so is not found in the program: GStreamer's elements, the tray's library, the
/// roots of trust, and what opens the browser to sign in.
const BY_NAME: &str = "ca-certificates, gstreamer1.0-plugins-base, gstreamer1.0-plugins-good, \
                       gstreamer1.0-pulseaudio, libayatana-appindicator3-1, xdg-utils";
/// Where the sign-in is kept, and who shows that a meeting rings: there is more than one of each; and what
/// screens are shared with on Wayland. The app says what is missing.
const BETTER_WITH: &str =
    "gnome-keyring | kwalletmanager | keepassxc, notification-daemon, gstreamer1.0-pipewire";

/// How much trouble dpkg-deb takes: for what is shipped, for what few people fetch, and for what is only tried.
const SMALL: [&str; 2] = ["-Zxz", "-z9"];
const SYMBOLS: [&str; 2] = ["-Zxz", "-z1"];
const QUICK: [&str; 2] = ["-Zgzip", "-z1"];

/// Writes the package and the one with its symbols into a folder.
///
/// # Errors
/// If a tool is missing or finds a fault.
pub(crate) fn write(stage: &Stage, product: &Product, folder: &Path) -> Result<Vec<PathBuf>> {
    let program = &product.brand.program;
    let architecture = architecture()?;
    let libraries = libraries(stage, product, &architecture)?;
    let tree = Tree::new(stage.folder.join("deb"))?;
    tree.add(&stage.tree)?;
    let documents = format!("usr/share/doc/{program}");
    tree.put(&format!("{documents}/copyright"), copyright(product))?;
    tree.put_packed(
        &format!("{documents}/changelog.gz"),
        product.release.debian(&product.brand),
    )?;
    tree.put(&format!("{documents}/NOTICE"), &product.notice)?;
    tree.put_packed(&format!("{documents}/third-party.gz"), &product.third_party)?;
    tree.put(
        &format!("usr/share/zsh/vendor-completions/_{program}"),
        &product.completions.zsh,
    )?;
    tree.put(
        &format!("usr/share/lintian/overrides/{program}"),
        overrides(program),
    )?;
    let fields = format!(
        "Section: comm\nPriority: optional\nHomepage: {}\nDepends: {libraries}, {BY_NAME}\n\
         Recommends: {BETTER_WITH}\nDescription: {}\n{}",
        product.brand.website,
        product.brand.summary,
        description(&product.brand.description),
    );
    let (effort, of_symbols) = if stage.quick {
        (QUICK, QUICK)
    } else {
        (SMALL, SYMBOLS)
    };
    let app = pack(&tree, program, product, effort, &fields, folder)?;

    let symbols = Tree::new(stage.folder.join("deb-symbols"))?;
    symbols.add(&stage.symbols)?;
    symbols.link(&format!("usr/share/doc/{program}-dbgsym"), program)?;
    let fields = format!(
        "Section: debug\nPriority: optional\nAuto-Built-Package: debug-symbols\nBuild-Ids: {}\n\
         Depends: {program} (= {})\nDescription: debug symbols for {program}\n",
        stage.build_id,
        product.release.version(),
    );
    let name = format!("{program}-dbgsym");
    let symbols = pack(&symbols, &name, product, of_symbols, &fields, folder)?;
    Ok(vec![app, symbols])
}

fn pack(
    tree: &Tree,
    name: &str,
    product: &Product,
    effort: [&str; 2],
    fields: &str,
    folder: &Path,
) -> Result<PathBuf> {
    let version = product.release.version();
    let architecture = architecture()?;
    let mut sums = String::new();
    for path in tree.files()? {
        if tree.at(&path).is_symlink() {
            continue;
        }
        let sum = output(Command::new("md5sum").arg("--binary").arg(tree.at(&path)));
        let sum = sum.context("no md5sum")?;
        let sum = sum.split(' ').next().unwrap_or_default();
        let _ = writeln!(sums, "{sum}  {path}");
    }
    let control = format!(
        "Package: {name}\nVersion: {version}\nArchitecture: {architecture}\nMaintainer: {}\n\
         Installed-Size: {}\n{fields}",
        product.brand.maintainer,
        tree.bytes()?.div_ceil(1024),
    );
    tree.put("DEBIAN/control", control)?;
    tree.put("DEBIAN/md5sums", sums)?;
    let file = folder.join(format!("{name}_{version}_{architecture}.deb"));
    let mut pack = packer(effort);
    pack.env("SOURCE_DATE_EPOCH", product.moment.as_second().to_string());
    run(pack.arg(tree.folder()).arg(&file))?;
    Ok(file)
}

/// `dpkg-deb`, to be given a folder and a file.
fn packer(effort: [&str; 2]) -> Command {
    let mut pack = Command::new("dpkg-deb");
    pack.arg("--root-owner-group").args(effort).arg("--build");
    // One thread: what is packed is the same on every machine. As an option, dpkg before 1.21.9 (Ubuntu 22.04)
    // would refuse it.
    pack.env("DPKG_DEB_THREADS_MAX", "1");
    pack
}

fn architecture() -> Result<String> {
    output(Command::new("dpkg").arg("--print-architecture")).context("no dpkg")
}

/// The packages with the libraries that the program is linked with, in versions that have what it calls.
fn libraries(stage: &Stage, product: &Product, architecture: &str) -> Result<String> {
    let folder = Tree::new(stage.folder.join("shlibdeps"))?;
    // It wants to know whose dependencies these are.
    let program = &product.brand.program;
    folder.put(
        "debian/control",
        format!("Source: {program}\n\nPackage: {program}\nArchitecture: {architecture}\n"),
    )?;
    let mut ask = Command::new("dpkg-shlibdeps");
    ask.arg("-O")
        .arg(format!("-e{}", stage.program(product).display()));
    let said = output(ask.current_dir(folder.folder()))
        .context("dpkg-shlibdeps does not find the packages of the program's libraries")?;
    let depends = said
        .lines()
        .find_map(|line| line.strip_prefix("shlibs:Depends="));
    Ok(depends.context("the program has no libraries")?.to_owned())
}

/// Whose code it is, whoever ships it: as LICENSE-MIT says.
const HOLDER: &str = "The Salon authors";

/// In the form that the policy asks for (copyright-format 1.0).
fn copyright(product: &Product) -> String {
    let brand = &product.brand;
    let mit = paragraph(&product.licence_mit);
    format!(
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\
         Upstream-Name: {}\nUpstream-Contact: {}\nSource: {}\n\
         Comment: The program contains parts that others wrote. They are named, with their licences\n \
         and the texts of these, in third-party.gz beside this file.\n\n\
         Files: *\nCopyright: {}\nLicense: Expat or Apache-2.0\n\n\
         License: Expat\n{mit}\n\
         License: Apache-2.0\n On Debian systems, the text of the Apache License 2.0 is in\n \
         /usr/share/common-licenses/Apache-2.0.\n",
        brand.name, brand.maintainer, brand.website, HOLDER,
    )
}

/// As the value of a field.
fn paragraph(text: &str) -> String {
    let lines = text.trim().lines().map(|line| match line.trim_end() {
        "" => " .\n".to_owned(),
        line => format!(" {line}\n"),
    });
    lines.collect()
}

/// Paragraphs below the line of the description.
fn description(paragraphs: &[String]) -> String {
    let paragraphs: Vec<_> = paragraphs
        .iter()
        .map(|text| paragraph(&super::filled(text, 76)))
        .collect();
    paragraphs.join(" .\n")
}

/// What lintian takes for a fault and is meant.
fn overrides(program: &str) -> String {
    format!(
        "# SQLite comes with the program: one file of past meetings has to be read by every version of it,\n\
         # on every system.\n\
         {program}: embedded-library *libsqlite3* [usr/bin/{program}]\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Those of dpkg-deb 1.21.1, which Ubuntu 22.04 has and releases are built on.
    #[test]
    fn packing_asks_nothing_that_an_old_dpkg_does_not_know() {
        const KNOWN: [&str; 6] = [
            "--build",
            "--root-owner-group",
            "-Zgzip",
            "-Zxz",
            "-z1",
            "-z9",
        ];
        for effort in [SMALL, SYMBOLS, QUICK] {
            let pack = packer(effort);
            let unknown: Vec<_> = pack
                .get_args()
                .filter(|argument| !KNOWN.iter().any(|known| argument == known))
                .collect();
            assert!(unknown.is_empty(), "{unknown:?}");
        }
    }

    #[test]
    fn an_empty_line_does_not_end_a_field() {
        assert_eq!(paragraph("One.\n\nTwo.\n"), " One.\n .\n Two.\n");
        let text = description(&["One.".into(), "Two.".into()]);
        assert_eq!(text, " One.\n .\n Two.\n");
    }
}
