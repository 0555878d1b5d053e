//! Signatures as Windows asks for them (Authenticode), by `osslsigncode`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use tempfile::TempDir;

use crate::process::run;

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
