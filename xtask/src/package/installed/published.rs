//! The repositories as an administrator's systems meet them: ours, ours with a package that somebody changed,
//! and one of the same form that somebody else signed.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use salon_brand::Brand;

use super::super::repositories::{BETA, STABLE, Signer, gpg_folder, publish, renewed};
use super::{On, rpm};
use crate::build::{EXAMPLE, own_brand};
use crate::process::{output, root, run, succeeds};
use crate::release::VERSION;

/// As a system that does it by itself.
const UPGRADE: &str = "#!/bin/sh\nset -e\nexport DEBIAN_FRONTEND=noninteractive\napt-get --quiet update\n\
                       apt-get --quiet --yes upgrade\n";

/// In folders, each with `apt` and `rpm`.
#[derive(Debug)]
pub(super) struct Published {
    /// The version before alone.
    older: PathBuf,
    /// The new one, too.
    pub(super) newer: PathBuf,
    /// The same, with a package that is not what the list says.
    changed: PathBuf,
    /// The same as `newer`, signed with a key that nobody trusts.
    foreign: PathBuf,
    /// The same as `newer`, and nobody has signed it anew since.
    late: PathBuf,
    /// The new version's package.
    pub(super) package: PathBuf,
}

/// A secret key for these tests.
fn key() -> Result<String> {
    let home = gpg_folder()?;
    let gpg = || {
        let mut gpg = Command::new("gpg");
        gpg.arg("--homedir").arg(home.path());
        gpg.args(["--batch", "--quiet", "--passphrase", ""]);
        gpg
    };
    let whose = "Packages <packages@example.invalid>";
    run(gpg().args(["--quick-generate-key", whose, "rsa3072", "sign", "never"]))?;
    let key = output(gpg().args(["--armor", "--export-secret-keys"]));
    let _ = Command::new("gpgconf")
        .arg("--homedir")
        .arg(home.path())
        .args(["--kill", "all"])
        .status();
    key.context("gpg exports no key")
}

/// What package managers call the version before.
fn early() -> String {
    format!("{VERSION}~{}", super::EARLY)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    // The same files: nobody writes into one, but puts another in its place.
    run(Command::new("cp").arg("-al").arg(from).arg(to))
}

/// Makes the repositories of the example of another product, and looks what they say.
///
/// # Errors
/// If a tool fails, or a name is not that product's.
pub(super) fn of_another_product(packages: &[PathBuf], folder: &Path) -> Result<()> {
    let brand = Brand::read(&root().join(EXAMPLE))?;
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    publish(packages, false, &brand, &Signer::new(&key()?)?, folder)?;
    let read = |path: &str| {
        let file = folder.join(path);
        fs::read_to_string(&file).with_context(|| format!("no {}", file.display()))
    };
    read(&format!("{}.asc", brand.program))?;
    let release = read("apt/dists/stable/Release")?;
    for field in ["Origin", "Label"] {
        let line = format!("{field}: {}", brand.name);
        if !release.lines().any(|found| found == line) {
            bail!("there is no {line:?} in {release}");
        }
    }
    let files = output(Command::new("find").arg(folder)).context("find failed")?;
    let lists = Command::new("grep")
        .args(["-rhE", "^(Package|Maintainer|Homepage|Filename):"])
        .arg(folder.join("apt/dists/stable"))
        .output()?;
    let lists = String::from_utf8(lists.stdout)?;
    if !lists.contains(&format!("Package: {}\n", brand.program)) {
        bail!("the list of apt has no package of it: {lists}");
    }
    let salons = [
        release,
        files.replace(&folder.display().to_string(), ""),
        lists,
    ];
    if let Some(text) = salons
        .iter()
        .find(|text| text.to_lowercase().contains("salon"))
    {
        bail!("it has Salon's name: {text}");
    }
    Ok(())
}

impl Published {
    /// Makes all of them of the packages of two versions.
    ///
    /// # Errors
    /// If a tool fails.
    pub(super) fn make(older: &[PathBuf], newer: &[PathBuf], folder: &Path) -> Result<Self> {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        fs::create_dir_all(folder)?;
        let place = |name: &str| folder.join(name);
        let made = Self {
            older: place("older"),
            newer: place("newer"),
            changed: place("changed"),
            foreign: place("foreign"),
            late: place("late"),
            package: newer[0].clone(),
        };
        let brand = own_brand()?;
        let (mut ours, theirs) = (Signer::new(&key()?)?, Signer::new(&key()?)?);
        publish(older, true, &brand, &ours, &made.older)?;
        copy(&made.older, &made.newer)?;
        publish(newer, false, &brand, &ours, &made.newer)?;
        copy(&made.newer, &made.changed)?;
        for (package, pool) in [(newer[0].as_path(), "apt/pool"), (rpm(newer)?, "rpm")] {
            let name = package.file_name().context("a package without a name")?;
            let file = made.changed.join(pool).join(BETA).join(name);
            let mut content = fs::read(&file)?;
            // In the middle of what is packed, and as long as before.
            let middle = content.len() / 2;
            content[middle] ^= 1;
            fs::remove_file(&file)?;
            fs::write(file, content)?;
        }
        publish(newer, false, &brand, &theirs, &made.foreign)?;
        // Signed anew, they are as good.
        renewed(&brand, &ours, &made.newer)?;
        copy(&made.newer, &made.late)?;
        ours.out_of_date();
        renewed(&brand, &ours, &made.late)?;
        Ok(made)
    }

    /// What dnf and rpm make of them.
    ///
    /// # Errors
    /// If they refuse ours, or take what somebody changed.
    pub(super) fn are_right_for_rpm(&self, newer: &[PathBuf]) -> Result<()> {
        let brand = own_brand()?;
        let key = self.newer.join(format!("{}.asc", brand.program));
        // Who waits for releases is not offered what came before this one.
        let both = BTreeSet::from([early(), VERSION.to_owned()]);
        let released = BTreeSet::from([VERSION.to_owned()]);
        for (suite, wanted) in [(BETA, both), (STABLE, released)] {
            let found = versions(&brand, &self.newer, suite, &key);
            if found != wanted {
                bail!("of {suite}, dnf finds {found:?}, not {wanted:?}");
            }
        }
        let found = versions(&brand, &self.foreign, BETA, &key);
        if !found.is_empty() {
            bail!("dnf takes what somebody else signed: {found:?}");
        }
        let database = tempfile::tempdir()?;
        let rpmkeys = || {
            let mut rpmkeys = Command::new("rpmkeys");
            rpmkeys.arg("--dbpath").arg(database.path());
            rpmkeys
        };
        run(rpmkeys().arg("--import").arg(&key))?;
        let name = rpm(newer)?
            .file_name()
            .context("a package without a name")?;
        let checked = |folder: &Path| {
            let package = folder.join("rpm").join(BETA).join(name);
            succeeds(
                rpmkeys()
                    .args(["--define", "_pkgverify_level all", "--checksig"])
                    .arg(package),
            )
        };
        let checked = [&self.newer, &self.changed, &self.foreign].map(|folder| checked(folder));
        if checked != [true, false, false] {
            bail!("ours, changed and of somebody else: rpm takes {checked:?}");
        }
        Ok(())
    }
}

/// The versions that dnf finds in a repository where it has this key: none where it does not trust it.
fn versions(brand: &Brand, folder: &Path, suite: &str, key: &Path) -> BTreeSet<String> {
    let Ok(system) = tempfile::tempdir() else {
        return BTreeSet::new();
    };
    let mut ask = Command::new("dnf");
    let place = |name: &str| system.path().join(name).display().to_string();
    ask.args([
        "--quiet",
        "--assumeyes",
        "--releasever",
        "1",
        "--installroot",
    ])
    .arg(system.path())
    .args(["--setopt", &format!("reposdir={}", place("none"))])
    .args(["--setopt", &format!("cachedir={}", place("cache"))])
    .arg("--repofrompath")
    .arg(format!(
        "ours,file://{}",
        folder.join("rpm").join(suite).display()
    ))
    .args(["--setopt", "ours.repo_gpgcheck=1"])
    .args(["--setopt", &format!("ours.gpgkey=file://{}", key.display())])
    .args(["repoquery", "--queryformat", "%{version}", &brand.program]);
    let said = output(ask.stdin(Stdio::null())).unwrap_or_default();
    said.lines().map(str::to_owned).collect()
}

impl On<'_> {
    /// Points the system to the repository of the version before, as docs/deploy.md says; the package is there
    /// already.
    ///
    /// # Errors
    /// If apt refuses.
    pub(super) fn is_pointed_to(&self, published: &Published) -> Result<()> {
        let program = &self.brand.program;
        self.is_offered(&published.older)?;
        let key = format!("{program}.asc");
        let keys = self.root.at("etc/apt/keyrings");
        fs::create_dir_all(&keys)?;
        fs::copy(published.older.join(&key), keys.join(&key))?;
        self.looks_at(BETA)?;
        self.apt(&["update"])?;
        self.apt(&["install", program])?;
        self.has_version(&early())
    }

    /// Another state of the server.
    pub(super) fn is_offered(&self, folder: &Path) -> Result<()> {
        let place = self.root.at("srv/packages");
        if place.exists() {
            fs::remove_dir_all(&place)?;
        }
        copy(folder, &place)
    }

    /// Where apt looks, in the words of docs/deploy.md.
    fn looks_at(&self, suite: &str) -> Result<()> {
        let program = &self.brand.program;
        let source = format!("etc/apt/sources.list.d/{program}.sources");
        let text = format!(
            "Types: deb\nURIs: file:/srv/packages/apt\nSuites: {suite}\nComponents: main\n\
             Signed-By: /etc/apt/keyrings/{program}.asc\n"
        );
        Ok(fs::write(self.root.at(&source), text)?)
    }

    /// Taken away and installed anew of the suite for who waits for releases, which has no other version; and not
    /// of one that stands still.
    ///
    /// # Errors
    /// If another is installed, or none, or one of a list that is out of date.
    pub(super) fn installs_what_was_released(&self, published: &Published) -> Result<()> {
        let program = &self.brand.program;
        self.apt(&["remove", program])?;
        self.looks_at(STABLE)?;
        let offered = || {
            let mut ask = self.root.enter("apt-cache");
            output(ask.args(["madison", program])).unwrap_or_default()
        };
        self.is_offered(&published.late)?;
        // Whether it fails or only warns is apt's.
        let _ = self.apt(&["update"]);
        if !offered().is_empty() {
            bail!("apt believes what is out of date: {}", offered());
        }
        self.is_offered(&published.newer)?;
        self.apt(&["update"])?;
        if offered().lines().count() != 1 {
            bail!("of {STABLE}, apt finds {:?}", offered());
        }
        self.apt(&["install", program])?;
        self.has_version(VERSION)
    }

    fn apt(&self, words: &[&str]) -> Result<()> {
        let mut apt = self.root.enter("apt-get");
        apt.args(["--quiet", "--quiet", "--yes", "--no-install-recommends"]);
        run(apt.args(words))
    }

    /// # Errors
    /// If a package is installed that is not what was signed.
    pub(super) fn takes_nothing_false(&self, published: &Published) -> Result<()> {
        // In this order: the second's list is ours, and would make the first's package, which is ours as well, true.
        for (what, folder) in [
            ("what somebody else signed", &published.foreign),
            ("a package that somebody changed", &published.changed),
        ] {
            self.is_offered(folder)?;
            // Whether it fails or only warns is apt's: what counts is what is installed.
            let _ = self.apt(&["update"]);
            let _ = self.apt(&["upgrade"]);
            self.has_version(&early()).with_context(|| what)?;
        }
        Ok(())
    }

    /// What lets the system bring it up to date, to be run from outside.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(super) fn is_offered_the_newer(&self, published: &Published) -> Result<PathBuf> {
        self.is_offered(&published.newer)?;
        let upgrade = self.root.at("usr/local/sbin/bring-up-to-date");
        fs::write(&upgrade, UPGRADE)?;
        fs::set_permissions(upgrade, fs::Permissions::from_mode(0o755))?;
        self.root.door("/usr/local/sbin/bring-up-to-date")
    }
}
