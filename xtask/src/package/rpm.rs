//! The packages of Fedora and its kin, by `rpmbuild`, which finds the libraries itself.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use super::tree::Tree;
use super::{Product, Stage, filled};
use crate::process::run;

/// What is loaded by name, as Fedora and as openSUSE call it.
const BY_NAME: [&str; 6] = [
    "ca-certificates",
    "(gstreamer1-plugins-base or gstreamer-plugins-base)",
    "(gstreamer1-plugins-good or gstreamer-plugins-good)",
    "hicolor-icon-theme",
    "(libayatana-appindicator-gtk3 or libayatana-appindicator3-1)",
    "xdg-utils",
];
/// Where the sign-in is kept.
const BETTER_WITH: &str = "(gnome-keyring or kwallet)";
/// What screens are shared with on Wayland.
const SCREENS_WITH: &str = "(pipewire-gstreamer or gstreamer-plugin-pipewire)";

/// Writes the package and the one with its symbols into a folder.
///
/// # Errors
/// If rpmbuild is missing or finds a fault.
pub(crate) fn write(stage: &Stage, product: &Product, folder: &Path) -> Result<Vec<PathBuf>> {
    let program = &product.brand.program;
    let tree = Tree::new(stage.folder.join("rpm"))?;
    tree.add(&stage.tree)?;
    tree.add(&stage.symbols)?;
    tree.put(
        &format!("usr/share/zsh/site-functions/_{program}"),
        &product.completions.zsh,
    )?;
    for (name, text) in &product.licences {
        tree.put(&format!("usr/share/licenses/{program}/{name}"), text)?;
    }
    tree.put_packed(
        &format!("usr/share/licenses/{program}/third-party.gz"),
        &product.third_party,
    )?;
    let documents = format!("usr/share/doc/{program}");
    tree.put(&format!("{documents}/NOTICE"), &product.notice)?;
    let work = Tree::new(stage.folder.join("rpmbuild"))?;
    let name = format!("{program}.spec");
    work.put(&name, spec(&tree, product, stage.quick)?)?;
    let top = work.folder().display();
    let architecture = std::env::consts::ARCH;
    let mut build = Command::new("rpmbuild");
    build
        .args([
            "-bb",
            "--quiet",
            "--target",
            &format!("{architecture}-linux"),
        ])
        .args(["--define", &format!("_topdir {top}")])
        .args(["--define", &format!("_rpmdir {}", folder.display())])
        .args([
            "--define",
            "_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm",
        ])
        .args(["--define", &format!("tree {}", tree.folder().display())])
        .env("SOURCE_DATE_EPOCH", product.moment.as_second().to_string());
    run(build.arg(work.at(&name))).context("rpmbuild")?;
    let version = product.release.version();
    let file = |name: &str| folder.join(format!("{name}-{version}-1.{architecture}.rpm"));
    Ok(vec![file(program), file(&format!("{program}-debuginfo"))])
}

fn spec(tree: &Tree, product: &Product, quick: bool) -> Result<String> {
    let brand = &product.brand;
    let program = &brand.program;
    let (mut files, mut symbols) = (String::new(), String::new());
    for path in tree.files()? {
        let attribute = match path.as_str() {
            path if path.starts_with("usr/share/licenses/") => "%license ",
            path if path.starts_with("usr/share/doc/") || path.starts_with("usr/share/man/") => {
                "%doc "
            }
            _ => "",
        };
        let list = if path.starts_with("usr/lib/debug/") {
            &mut symbols
        } else {
            &mut files
        };
        list.push_str(&format!("{attribute}\"/{path}\"\n"));
    }
    let requires: String = BY_NAME
        .iter()
        .map(|name| format!("Requires: {name}\n"))
        .collect();
    let paragraphs: Vec<_> = brand
        .description
        .iter()
        .map(|text| filled(text, 78))
        .collect();
    Ok(format!(
        "# Written by `./x package`.\n\
         %global debug_package %{{nil}}\n\
         %global __os_install_post %{{nil}}\n\
         %global _build_id_links none\n\
         %global _binary_payload {payload}\n\
         %global use_source_date_epoch_as_buildtime 1\n\
         %global clamp_mtime_to_source_date_epoch 1\n\
         %global source_date_epoch_from_changelog 0\n\
         %global _buildhost localhost\n\
         Name: {program}\n\
         Version: {version}\n\
         Release: 1\n\
         Summary: {summary}\n\
         License: MIT OR Apache-2.0\n\
         URL: {website}\n\
         Group: Productivity/Networking/Other\n\
         Vendor: {maker}\n\
         Packager: {packager}\n\
         {requires}\
         Recommends: {BETTER_WITH}\n\
         Recommends: {SCREENS_WITH}\n\
         \n%description\n{description}\n\
         \n%package debuginfo\n\
         Summary: Debug information for {program}\n\
         Group: Development/Debug\n\
         Requires: {program} = %{{version}}-%{{release}}\n\
         AutoReqProv: no\n\
         \n%description debuginfo\nWhat a backtrace of {program} is read with.\n\
         \n%install\ncp -a \"%{{tree}}/.\" \"%{{buildroot}}\"\n\
         \n%files\n%defattr(-,root,root)\n%dir \"/usr/share/licenses/{program}\"\n\
         %dir \"/usr/share/doc/{program}\"\n{files}\
         \n%files debuginfo\n%defattr(-,root,root)\n{symbols}\
         \n%changelog\n{changelog}",
        payload = if quick { "w1.gzdio" } else { "w9.xzdio" },
        version = product.release.version(),
        summary = literal(&brand.summary),
        website = literal(&brand.website),
        maker = literal(brand.maintainer_name()),
        packager = literal(&brand.maintainer),
        description = literal(&paragraphs.join("\n\n")),
        changelog = product.release.rpm(brand),
    ))
}

/// In a specification a `%` begins a macro, and some of them run a program.
fn literal(text: &str) -> String {
    text.replace('%', "%%")
}
