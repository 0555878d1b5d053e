//! `./x release sign-macos`: the disk image of a program that was built, signed, and notarised by Apple, without which no
//! Mac starts it unasked.

#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use salon_brand::Brand;
use serde_json::Value;

use super::image;
use super::keychain::Keychain;
use super::system::Tools;
use crate::build;
use crate::process::{output, run};

/// Key and certificate: PKCS#12, in Base64.
const CERTIFICATE: &str = "SALON_APPLE_CERTIFICATE";
/// What that is locked with; where it is missing, nothing.
const PASSPHRASE: &str = "SALON_APPLE_PASSPHRASE";
/// In place of them: who signs, as `security find-identity` names them, with a key in a keychain of the user's.
const IDENTITY: &str = "SALON_APPLE_IDENTITY";
/// The key to Apple's notary: the text of the file `AuthKey_ID.p8`.
const NOTARY_KEY: &str = "SALON_APPLE_NOTARY_KEY";
/// What that key is called.
const NOTARY_KEY_ID: &str = "SALON_APPLE_NOTARY_KEY_ID";
/// Whose it is.
const NOTARY_ISSUER: &str = "SALON_APPLE_NOTARY_ISSUER";
/// In place of the three: what `xcrun notarytool store-credentials` has stored the access under.
const NOTARY_PROFILE: &str = "SALON_APPLE_NOTARY_PROFILE";
const ALL: [&str; 7] = [
    CERTIFICATE,
    PASSPHRASE,
    IDENTITY,
    NOTARY_KEY,
    NOTARY_KEY_ID,
    NOTARY_ISSUER,
    NOTARY_PROFILE,
];
/// For how long Apple is waited for, as `notarytool` has it. It takes minutes.
const PATIENCE: &str = "1h";

/// Who signs.
enum Holder {
    Certificate { key: Vec<u8>, passphrase: String },
    Identity(String),
}

/// How Apple's notary is asked.
enum Access {
    Key {
        key: String,
        id: String,
        issuer: String,
    },
    Profile(String),
}

/// Makes the signed image of the program that `./x package-macos` has built, into a folder, if there is a key; `file`: of
/// the product's names, if it is not Salon itself. A command of its own: whatever is compiled does not see the key.
///
/// # Errors
/// If no program was built, a variable is missing, or Apple refuses.
pub(crate) fn of_a_release(file: Option<&Path>, into: &Path) -> Result<()> {
    let Some((holder, access)) = wanted(|name| std::env::var(name).ok())? else {
        println!("{CERTIFICATE} is not set: the disk image stays unsigned");
        return Ok(());
    };
    if !cfg!(target_os = "macos") {
        bail!("a disk image for macOS is signed on a Mac");
    }
    let brand = build::brand(file)?;
    let program = image::program(&brand);
    ensure!(
        program.is_file(),
        "there is no {}: `./x package-macos` builds it",
        program.display()
    );
    let tools = Tools {
        path: None,
        without: &ALL,
    };
    let folder = image::folder(&brand);
    let made = make(&tools, &brand, &program, &folder, &holder, &access)?;
    fs::create_dir_all(into)?;
    let copy = into.join(made.file_name().context("a file without a name")?);
    fs::copy(made, &copy)?;
    println!("{}", copy.display());
    Ok(())
}

/// Who signs and how the notary is asked, if the variables say anything.
///
/// # Errors
/// If they do not say all of it: with what is missing.
fn wanted(given: impl Fn(&str) -> Option<String>) -> Result<Option<(Holder, Access)>> {
    // One that a forge has no secret for is empty.
    let given = |name| given(name).filter(|value| !value.trim().is_empty());
    if ALL.into_iter().all(|name| given(name).is_none()) {
        return Ok(None);
    }
    let mut missing = Vec::new();
    let mut need = |name| {
        let value = given(name);
        if value.is_none() {
            missing.push(name);
        }
        value.unwrap_or_default()
    };
    let holder = match given(IDENTITY) {
        Some(identity) => Holder::Identity(identity),
        None => {
            let key: String = need(CERTIFICATE).split_whitespace().collect();
            let key = STANDARD.decode(key);
            Holder::Certificate {
                key: key.with_context(|| format!("{CERTIFICATE} is no Base64"))?,
                passphrase: given(PASSPHRASE).unwrap_or_default(),
            }
        }
    };
    let access = match given(NOTARY_PROFILE) {
        Some(profile) => Access::Profile(profile),
        None => Access::Key {
            key: need(NOTARY_KEY),
            id: need(NOTARY_KEY_ID),
            issuer: need(NOTARY_ISSUER),
        },
    };
    if !missing.is_empty() {
        bail!("to sign for macOS {} must be set, too", missing.join(", "));
    }
    Ok(Some((holder, access)))
}

/// Puts the app together in a folder, signs and notarises it. The image is the answer.
fn make(
    tools: &Tools,
    brand: &Brand,
    program: &Path,
    folder: &Path,
    holder: &Holder,
    access: &Access,
) -> Result<PathBuf> {
    // Of this user alone.
    let secrets = tempfile::tempdir()?;
    let keychain = match holder {
        Holder::Identity(_) => None,
        Holder::Certificate { key, passphrase } => {
            let keychain = Keychain::with(tools, secrets.path(), key, passphrase);
            let cannot =
                || format!("{CERTIFICATE} cannot be used, or is not what {PASSPHRASE} unlocks");
            Some(keychain.with_context(cannot)?)
        }
    };
    let identity = match (holder, &keychain) {
        (Holder::Identity(identity), _) => identity.clone(),
        (_, Some(keychain)) => keychain.identity().context(CERTIFICATE)?,
        _ => bail!("nobody signs"),
    };
    let content = folder.join("signed");
    let app = image::bundle(brand, program, &content)?;
    run(&mut image::sign(
        tools.command("codesign"),
        &app,
        Some(&identity),
    ))?;
    let strictly = ["--verify", "--deep", "--strict", "--verbose=2"];
    run(tools.command("codesign").args(strictly).arg(&app))?;
    let made = folder.join(image::image_name(brand, true));
    image::image_of(tools.command("hdiutil"), brand, &content, &made)?;
    let mut sign = tools.command("codesign");
    sign.args(["--force", "--timestamp", "--sign", &identity]);
    run(sign.arg(&made))?;
    notarised(tools, &made, access, secrets.path())?;
    for verb in ["staple", "validate"] {
        run(tools.command("xcrun").args(["stapler", verb]).arg(&made))?;
    }
    // What a Mac says that it was downloaded to.
    let asked = ["--assess", "--type", "open", "--context"];
    let mut assess = tools.command("spctl");
    assess.args(asked).arg("context:primary-signature");
    run(assess.arg("--verbose=2").arg(&made))?;
    Ok(made)
}

/// Has Apple look at an image, and says what it objects to.
fn notarised(tools: &Tools, image: &Path, access: &Access, secrets: &Path) -> Result<()> {
    let words: Vec<OsString> = match access {
        Access::Profile(profile) => vec!["--keychain-profile".into(), profile.into()],
        Access::Key { key, id, issuer } => {
            let file = secrets.join("notary.p8");
            fs::write(&file, key)?;
            let mut words: Vec<OsString> = vec!["--key".into(), file.into()];
            words.extend(["--key-id", id, "--issuer", issuer].map(OsString::from));
            words
        }
    };
    let mut submit = tools.command("xcrun");
    submit.args(["notarytool", "submit"]).arg(image);
    submit.args(["--wait", "--timeout", PATIENCE]);
    let answer = submit
        .args(["--output-format", "json"])
        .args(&words)
        .output()
        .context("no xcrun")?;
    // It succeeds as well where Apple refuses.
    let said: Value = serde_json::from_slice(&answer.stdout).unwrap_or_default();
    if answer.status.success() && said["status"] == "Accepted" {
        return Ok(());
    }
    let why = String::from_utf8_lossy(&answer.stderr).into_owned();
    let why = match said["id"].as_str() {
        None => why,
        Some(id) => {
            let mut log = tools.command("xcrun");
            log.args(["notarytool", "log", id]).args(&words);
            output(&mut log).unwrap_or(why)
        }
    };
    bail!(
        "Apple does not notarise {}: {} {}",
        image.display(),
        said["status"].as_str().unwrap_or("no answer"),
        why.trim()
    )
}
