//! `./x release sign-windows`: the installers of a program that was built, with a signature on all that Windows asks for
//! one: the program, what takes it away, and the installers themselves.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tempfile::TempDir;

use super::installers::Payload;
use super::{program, resources};
use crate::build;
use crate::process::run;
use crate::release::VERSION;
use crate::setup;

/// The variable with key and certificate: PKCS#12, in Base64.
const CERTIFICATE: &str = "SALON_WINDOWS_CERTIFICATE";
/// What that is locked with; where it is missing, nothing.
const PASSPHRASE: &str = "SALON_WINDOWS_PASSPHRASE";
/// The address of who says when it was signed (RFC 3161). Without, a signature ends with its certificate.
const CLOCK: &str = "SALON_WINDOWS_TIMESTAMP";

/// Signs a file in its place. One program with one argument, as NSIS calls it, too.
const SCRIPT: &str = r#"#!/bin/sh
set -e
here=$(dirname "$0")
file=$1
set --
if [ -f "$here/clock" ]; then
  set -- -ts "$(cat "$here/clock")"
fi
osslsigncode sign -pkcs12 "$here/key" -readpass "$here/passphrase" -h sha256 "$@" -in "$file" -out "$file.signed"
chmod --reference="$file" "$file.signed"
mv "$file.signed" "$file"
"#;

/// Has a key, in a folder that nobody else reads, until it is dropped.
#[derive(Debug)]
pub(super) struct Signer(TempDir);

impl Signer {
    /// With a key in PKCS#12, what that is locked with, and the address of a clock.
    ///
    /// # Errors
    /// If it cannot be kept, or signs nothing.
    pub(super) fn new(key: &[u8], passphrase: &str, clock: Option<&str>) -> Result<Self> {
        // Of this user alone.
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("key"), key)?;
        fs::write(folder.path().join("passphrase"), passphrase)?;
        if let Some(clock) = clock {
            fs::write(folder.path().join("clock"), clock)?;
        }
        let signer = Self(folder);
        fs::write(signer.script(), SCRIPT)?;
        run(Command::new("chmod").arg("700").arg(signer.script()))?;
        Ok(signer)
    }

    /// One that nobody trusts, and the certificate to know its signatures by.
    ///
    /// # Errors
    /// If openssl makes none.
    pub(super) fn made_up() -> Result<(Self, PathBuf)> {
        let signer = Self::new(b"", "made up", None)?;
        let at = |name: &str| signer.0.path().join(name);
        let mut make = Command::new("openssl");
        make.args([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
        ]);
        make.args([
            "-subj",
            "/CN=Nobody",
            "-addext",
            "extendedKeyUsage=codeSigning",
        ]);
        make.arg("-keyout").arg(at("secret.pem"));
        make.arg("-out").arg(at("certificate.pem"));
        run(make.stderr(Stdio::null()))?;
        let mut pack = Command::new("openssl");
        pack.args(["pkcs12", "-export", "-passout"]);
        pack.arg(format!("file:{}", at("passphrase").display()));
        pack.arg("-inkey").arg(at("secret.pem"));
        pack.arg("-in").arg(at("certificate.pem"));
        run(pack.arg("-out").arg(at("key")))?;
        let certificate = at("certificate.pem");
        Ok((signer, certificate))
    }

    /// The program that signs what it is called with.
    pub(super) fn script(&self) -> PathBuf {
        self.0.path().join("sign")
    }

    /// Signs a file in its place.
    ///
    /// # Errors
    /// If the key or the file is none that osslsigncode takes.
    pub(super) fn sign(&self, file: &Path) -> Result<()> {
        run(Command::new(self.script()).arg(file).stdout(Stdio::null()))
            .with_context(|| format!("{} is not signed", file.display()))
    }
}

/// Fails unless a file is as it was when the holder of a certificate signed it.
///
/// # Errors
/// If it was signed by somebody else, by nobody, or changed since.
pub(super) fn is_signed(file: &Path, certificate: &Path) -> Result<()> {
    let mut verify = Command::new("osslsigncode");
    verify.arg("verify").arg("-CAfile").arg(certificate);
    let said = verify
        .arg("-in")
        .arg(file)
        .output()
        .context("no osslsigncode")?;
    ensure!(
        said.status.success(),
        "the signature of {} is none: {}",
        file.display(),
        String::from_utf8_lossy(&said.stdout)
    );
    Ok(())
}

/// What a variable says; one that a forge has no secret for is empty.
fn given(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Makes the signed installers of the program that `./x package-windows` has built, into a folder, if there is a key;
/// `file`: of the product's names, if it is not Salon itself. A command of its own: whatever is compiled does not see
/// the key.
///
/// # Errors
/// If no program was built, or a tool is missing or fails.
pub(crate) fn of_a_release(file: Option<&Path>, into: &Path, yes: bool) -> Result<()> {
    let Some(key) = given(CERTIFICATE) else {
        println!("{CERTIFICATE} is not set: the installers stay unsigned");
        return Ok(());
    };
    setup::tools_for_installers(yes)?;
    let key: String = key.split_whitespace().collect();
    let key = STANDARD.decode(key);
    let key = key.with_context(|| format!("{CERTIFICATE} is no Base64"))?;
    let passphrase = given(PASSPHRASE).unwrap_or_default();
    let signer = Signer::new(&key, &passphrase, given(CLOCK).as_deref())?;
    let brand = build::brand(file)?;
    let program = program(false);
    ensure!(
        program.is_file(),
        "there is no {}: `./x package-windows` builds it",
        program.display()
    );
    resources::check(&program, &brand)?;
    let mut payload = Payload::gather(&brand, &program, false)?;
    payload.sign(signer)?;
    let installers = payload.installers(&VERSION.parse()?)?;
    fs::create_dir_all(into)?;
    for made in installers.files() {
        let copy = into.join(made.file_name().context("a file without a name")?);
        fs::copy(made, &copy)?;
        println!("{}", copy.display());
    }
    Ok(())
}
