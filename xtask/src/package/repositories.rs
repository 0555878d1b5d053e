//! `./x release repositories`: what apt, and dnf or zypper, are pointed to, so that the system brings
//! installed copies up to date. Signed: who only controls the server can neither change a package nor make
//! one up.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use salon_brand::Brand;
use tempfile::TempDir;

use crate::build;
use crate::process::{find, output, run};
use crate::release::{VERSION, files};

/// The variable with the secret key, without a passphrase, as `gpg --armor --export-secret-keys` writes it.
const KEY: &str = "SALON_PACKAGES_KEY";
/// Those who wait for releases, and those who try what comes before them; these get both.
pub(crate) const STABLE: &str = "stable";
pub(crate) const BETA: &str = "beta";
/// Seconds that apt believes a list of packages: after that, somebody may keep newer ones from it. For rpm there is
/// nothing of the kind.
const VALID: i32 = 60 * 24 * 60 * 60;

/// GnuPG with one secret key and nothing else, until it is dropped.
#[derive(Debug)]
pub(crate) struct Signer {
    home: TempDir,
    fingerprint: String,
    /// Seconds that apt believes what it signs.
    valid: i32,
}

impl Signer {
    /// With this key.
    ///
    /// # Errors
    /// If it is none.
    pub(crate) fn new(key: &str) -> Result<Self> {
        let home = gpg_folder()?;
        let mut signer = Self {
            home,
            fingerprint: String::new(),
            valid: VALID,
        };
        let mut import = signer.gpg();
        let import = import.args(["--quiet", "--import"]).stdin(Stdio::piped());
        let mut import = import.spawn().context("no gpg")?;
        // It goes nowhere but to gpg: not into an argument, not into a file of ours.
        let mut entry = import.stdin.take().context("gpg takes no key")?;
        entry.write_all(key.as_bytes())?;
        drop(entry);
        if !import.wait()?.success() {
            bail!("the key is none that gpg takes");
        }
        let listed = output(signer.gpg().args(["--with-colons", "--list-secret-keys"]));
        let listed = listed.context("gpg does not list its keys")?;
        signer.fingerprint = fingerprint(&listed).context("there is no secret key")?;
        Ok(signer)
    }

    /// Signs from now on what was believed until yesterday.
    pub(crate) fn out_of_date(&mut self) {
        self.valid = -24 * 60 * 60;
    }

    fn gpg(&self) -> Command {
        let mut gpg = Command::new("gpg");
        gpg.arg("--homedir").arg(self.home.path());
        gpg.args(["--batch", "--yes"]);
        gpg
    }

    /// Writes the half that everybody may have.
    fn public(&self, file: &Path) -> Result<()> {
        remove(file)?;
        let mut export = self.gpg();
        export.args(["--armor", "--output"]).arg(file);
        run(export.args(["--export", &self.fingerprint]))
    }

    /// Signs a file, `how`, into another.
    fn sign(&self, how: &str, file: &Path, into: &Path) -> Result<()> {
        remove(into)?;
        let mut sign = self.gpg();
        sign.args(["--armor", "--local-user", &self.fingerprint, "--output"]);
        run(sign.arg(into).arg(how).arg(file))
    }

    /// Signs packages of rpm, in their place.
    fn sign_packages(&self, packages: &[PathBuf]) -> Result<()> {
        // Debian's rpm looks for it under the name that it had once.
        let gpg = find("gpg").context("no gpg")?;
        let mut sign = Command::new("rpmsign");
        sign.args(["--define", &format!("__gpg {}", gpg.display())])
            .args(["--define", &format!("_gpg_name {}", self.fingerprint)])
            .args([
                "--define",
                &format!("_gpg_path {}", self.home.path().display()),
            ])
            .arg("--addsign")
            .args(packages);
        // There is nobody to be asked for a passphrase.
        run(sign.env("GPG_TTY", "/dev/null").stdout(Stdio::null()))
    }
}

impl Drop for Signer {
    fn drop(&mut self) {
        let mut end = Command::new("gpgconf");
        end.arg("--homedir").arg(self.home.path());
        // The agent ends with its folder as well, only later.
        let _ = end.args(["--kill", "all"]).status();
    }
}

/// Adds the packages in a folder to the repositories in another, if there is a key to sign with; `file`: of the product's
/// names, if it is not Salon itself. A command of its own:
/// whatever is compiled for packages does not see the key.
///
/// # Errors
/// If there is no package, or a tool is missing or fails.
pub(crate) fn of_a_release(file: Option<&Path>, packages: &Path, folder: &Path) -> Result<()> {
    let Ok(key) = std::env::var(KEY) else {
        println!("{KEY} is not set: nobody could trust repositories, and none are made");
        return Ok(());
    };
    let packages: Vec<_> = files(packages)?
        .into_iter()
        .filter(|file| ["deb", "rpm"].iter().any(|kind| is_of(file, kind)))
        .collect();
    if packages.is_empty() {
        bail!("there is no package");
    }
    let early = VERSION.contains('-');
    let brand = build::brand(file)?;
    publish(&packages, early, &brand, &Signer::new(&key)?, folder)
}

/// Signs the repositories in a folder anew, so that apt goes on to believe them.
///
/// # Errors
/// Without a key, or if there are none.
pub(crate) fn renew(file: Option<&Path>, folder: &Path) -> Result<()> {
    let key = std::env::var(KEY).with_context(|| format!("{KEY} is not set"))?;
    renewed(&build::brand(file)?, &Signer::new(&key)?, folder)
}

/// Of all suites that are there.
///
/// # Errors
/// If there is none, or a tool fails.
pub(crate) fn renewed(brand: &Brand, signer: &Signer, folder: &Path) -> Result<()> {
    let there = |place: &str| folder.join(place).is_dir();
    if !["apt", "rpm"].into_iter().any(there) {
        bail!("{} has no repositories", folder.display());
    }
    anew(folder, |folder| {
        for suite in [STABLE, BETA] {
            if folder.join("apt/pool").join(suite).is_dir() {
                index_of_apt(&folder.join("apt"), suite, brand, signer)?;
            }
            let place = folder.join("rpm").join(suite);
            if place.is_dir() {
                index_of_rpm(&place, signer)?;
            }
        }
        Ok(())
    })
}

/// Whether it is a package of this kind.
pub(crate) fn is_of(file: &Path, kind: &str) -> bool {
    file.extension().is_some_and(|found| found == kind)
}

/// A folder for GnuPG, which nobody else may read. Its name is short: the agent's socket lies in there.
pub(crate) fn gpg_folder() -> Result<TempDir> {
    let only_the_owner = fs::Permissions::from_mode(0o700);
    Ok(tempfile::Builder::new()
        .permissions(only_the_owner)
        .tempdir()?)
}

/// The first key's, of what gpg lists for programs (doc/DETAILS of GnuPG).
fn fingerprint(listed: &str) -> Option<String> {
    let mut lines = listed.lines().skip_while(|line| !line.starts_with("sec:"));
    let line = lines.find_map(|line| line.strip_prefix("fpr:"))?;
    let last = line.split(':').rfind(|field| !field.is_empty())?;
    Some(last.to_owned())
}

/// Adds packages to the repositories in a folder, which are begun where they are not there, and signs them.
/// `early`: for whoever tries what comes before a release.
///
/// # Errors
/// If a tool is missing or fails.
pub(crate) fn publish(
    packages: &[PathBuf],
    early: bool,
    brand: &Brand,
    signer: &Signer,
    folder: &Path,
) -> Result<()> {
    anew(folder, |folder| {
        add_to(packages, early, brand, signer, folder)
    })
}

/// Changes a folder as a whole or not at all, in one step: what is served is never half of it. The change is made to
/// a copy that has the same files, so that it puts others in their places and writes into none.
fn anew(folder: &Path, change: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let folder = std::path::absolute(folder)?;
    let name = folder.file_name().context("a folder without a name")?;
    let new = folder.with_file_name(format!(".{}.new", name.display()));
    if new.exists() {
        // What a try has left that was ended.
        fs::remove_dir_all(&new)?;
    }
    if folder.exists() {
        run(Command::new("cp").arg("-al").arg(&folder).arg(&new))?;
    } else {
        fs::create_dir_all(&new)?;
    }
    let changed = change(&new).and_then(|()| {
        if folder.exists() {
            use rustix::fs::{CWD, RenameFlags, renameat_with};
            renameat_with(CWD, &new, CWD, &folder, RenameFlags::EXCHANGE)
                .context("the new folder cannot take the place of the old one")
        } else {
            Ok(fs::rename(&new, &folder)?)
        }
    });
    // The old one, or what has become of the change.
    if new.exists() {
        fs::remove_dir_all(&new)?;
    }
    changed
}

/// So that who writes there writes a file of its own.
fn remove(file: &Path) -> Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

fn add_to(
    packages: &[PathBuf],
    early: bool,
    brand: &Brand,
    signer: &Signer,
    folder: &Path,
) -> Result<()> {
    signer.public(&folder.join(format!("{}.asc", brand.program)))?;
    let suites = if early { &[BETA][..] } else { &[STABLE, BETA] };
    for suite in suites {
        let added = add(packages, "deb", &folder.join("apt/pool").join(suite))?;
        if !added.is_empty() {
            index_of_apt(&folder.join("apt"), suite, brand, signer)?;
        }
        let place = folder.join("rpm").join(suite);
        let added = add(packages, "rpm", &place)?;
        if !added.is_empty() {
            signer.sign_packages(&added)?;
            index_of_rpm(&place, signer)?;
        }
    }
    Ok(())
}

/// Copies the packages of a kind; where they are then.
fn add(packages: &[PathBuf], kind: &str, place: &Path) -> Result<Vec<PathBuf>> {
    let mut added = Vec::new();
    for package in packages {
        if is_of(package, kind) {
            fs::create_dir_all(place)?;
            let into = place.join(package.file_name().context("a package without a name")?);
            remove(&into)?;
            fs::copy(package, &into)?;
            added.push(into);
        }
    }
    Ok(added)
}

/// What apt reads of a repository (DebianRepository/Format).
fn index_of_apt(folder: &Path, suite: &str, brand: &Brand, signer: &Signer) -> Result<()> {
    let architecture = output(Command::new("dpkg").arg("--print-architecture"));
    let architecture = architecture.context("no dpkg")?;
    let place = folder.join("dists").join(suite);
    // The list names all that lies there, but not itself.
    if place.exists() {
        fs::remove_dir_all(&place)?;
    }
    let list = place.join(format!("main/binary-{architecture}"));
    fs::create_dir_all(&list)?;
    let mut ask = Command::new("apt-ftparchive");
    ask.args(["--arch", &architecture, "packages"]);
    let packages = output(ask.arg(format!("pool/{suite}")).current_dir(folder));
    let packages = packages.context("apt-ftparchive lists nothing")? + "\n";
    fs::write(list.join("Packages"), packages)?;
    run(Command::new("xz").arg("--keep").arg(list.join("Packages")))?;
    let mut ask = Command::new("apt-ftparchive");
    for (field, value) in [
        ("Origin", brand.name.as_str()),
        ("Label", &brand.name),
        ("Suite", suite),
        ("Codename", suite),
        ("Components", "main"),
        ("Architectures", &architecture),
    ] {
        ask.args(["-o", &format!("APT::FTPArchive::Release::{field}={value}")]);
    }
    let valid = signer.valid;
    ask.args([
        "-o",
        &format!("APT::FTPArchive::Release::ValidTime={valid}"),
    ]);
    let release =
        output(ask.arg("release").arg(&place)).context("apt-ftparchive sums nothing up")?;
    let file = place.join("Release");
    fs::write(&file, release + "\n")?;
    signer.sign("--clearsign", &file, &place.join("InRelease"))?;
    signer.sign("--detach-sign", &file, &place.join("Release.gpg"))
}

/// What dnf and zypper read.
fn index_of_rpm(folder: &Path, signer: &Signer) -> Result<()> {
    run(Command::new("createrepo_c").arg("--quiet").arg(folder))?;
    let list = folder.join("repodata/repomd.xml");
    signer.sign("--detach-sign", &list, &list.with_extension("xml.asc"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_else_reads_the_folder_with_the_secret_key() {
        let folder = gpg_folder().unwrap();
        let mode = fs::metadata(folder.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }

    #[test]
    fn a_folder_is_changed_as_a_whole_or_not_at_all() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("repositories");
        let read = |name: &str| fs::read_to_string(folder.join(name)).ok();
        let begun = anew(&folder, |new| {
            assert!(!folder.exists());
            fs::create_dir(new.join("apt"))?;
            Ok(fs::write(new.join("apt/list"), "first")?)
        });
        begun.unwrap();
        assert_eq!(read("apt/list").as_deref(), Some("first"));
        let failed = anew(&folder, |new| {
            remove(&new.join("apt/list"))?;
            fs::write(new.join("apt/list"), "half")?;
            bail!("a tool failed")
        });
        assert!(failed.is_err());
        assert_eq!(read("apt/list").as_deref(), Some("first"));
        let changed = anew(&folder, |new| {
            remove(&new.join("apt/list"))?;
            fs::write(new.join("apt/list"), "second")?;
            // Whoever reads meanwhile has the old one.
            assert_eq!(read("apt/list").as_deref(), Some("first"));
            Ok(())
        });
        changed.unwrap();
        assert_eq!(read("apt/list").as_deref(), Some("second"));
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);
    }

    #[test]
    fn the_key_is_known_by_the_first_fingerprint() {
        let listed = "tru::1:1\nsec:u:3072:1:0011223344556677:1:::u:::scESC:::+:::23::0:\n\
                      fpr:::::::::AABBCCDDEEFF00112233445566778899AABBCCDD:\ngrp:::::::::0:\nuid:u::::1::0::A::::::::::0:\n\
                      ssb:u:3072:1:8899:1::::::e:::+:::23:\nfpr:::::::::0000:\n";
        let found = fingerprint(listed);
        assert_eq!(
            found.as_deref(),
            Some("AABBCCDDEEFF00112233445566778899AABBCCDD")
        );
        assert_eq!(fingerprint("tru::1:1\n"), None);
    }
}
