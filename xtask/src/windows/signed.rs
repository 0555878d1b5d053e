//! `./x release sign-windows`: the installers of a program that was built, with a signature on all that Windows asks for
//! one: the program, what takes it away, and the installers themselves.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::installers::Payload;
use super::sign::Signer;
use super::{program, resources};
use crate::build;
use crate::release::VERSION;
use crate::setup;

/// The variable with key and certificate: PKCS#12, in Base64.
const CERTIFICATE: &str = "SALON_WINDOWS_CERTIFICATE";
/// What that is locked with; where it is missing, nothing.
const PASSPHRASE: &str = "SALON_WINDOWS_PASSPHRASE";
/// The address of who says when it was signed (RFC 3161). Without, a signature ends with its certificate.
const CLOCK: &str = "SALON_WINDOWS_TIMESTAMP";

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
