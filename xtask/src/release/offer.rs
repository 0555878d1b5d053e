//! The signed offer that copies which keep themselves up to date look for: what it has, and when it was signed.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use jiff::{SignedDuration, Timestamp};
use minisign::{PublicKey, SecretKey, SecretKeyBox, SignatureBox};
use semver::Version;
use serde_json::{Value, json};

use super::{VERSION, files, name_of, sha256};

/// The secret half of the key that is built in, as minisign's file has it, and its password.
const KEY: &str = "SALON_UPDATE_SECRET_KEY";
const PASSWORD: &str = "SALON_UPDATE_SECRET_PASSWORD";

/// Versions behind the newest one that stay on offer. With one each workday, that is more than two months.
const KEPT: usize = 50;
/// Bytes that the app reads.
const LARGEST_MANIFEST: usize = 64 * 1024;
/// What was signed further ahead of their own clock copies do not believe (`salon-update`, `seen.rs`).
const BELIEVED: SignedDuration = SignedDuration::from_hours(24);

/// What time it is for who signs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    now: Timestamp,
    /// Somebody has made sure of it.
    is_right: bool,
}

impl Clock {
    /// This computer's; `is_right`: whoever asks has looked that it is, and that an earlier one was ahead.
    pub(crate) fn here(is_right: bool) -> Self {
        let now = Timestamp::now();
        Self { now, is_right }
    }

    /// When what follows an offer of `before` is signed. Copies refuse what was signed before an offer that they have
    /// seen: by a clock that went back they would be locked out of every version until it has caught up.
    ///
    /// # Errors
    /// If the clock went back, unless it is right.
    fn after(self, before: Option<Timestamp>) -> Result<Timestamp> {
        let Some(before) = before.filter(|before| *before > self.now) else {
            return Ok(self.now);
        };
        ensure!(
            self.is_right,
            "this computer's clock says {}, and what is offered now was signed {before}: copies that have seen it would \
             refuse this one. Set the clock; if it is right, and an earlier one was ahead, add --clock-is-right",
            self.now
        );
        // Of one from further ahead no copy has taken note.
        if before.duration_since(self.now) <= BELIEVED {
            return Ok(before + SignedDuration::from_secs(1));
        }
        Ok(self.now)
    }
}

/// What a folder offers.
#[derive(Debug, Default)]
struct Offered {
    /// The newest first.
    releases: Vec<Value>,
    signed: Option<Timestamp>,
}

/// Writes what a channel offers and its signature, if there is a key to sign with. What the folder offered before
/// stays on offer behind it, for those who take no version before others have tried it.
///
/// # Errors
/// If there is nothing to offer, something newer is, or the clock went back.
pub(crate) fn offer(folder: &Path, channel: &str, clock: Clock) -> Result<()> {
    match key()? {
        Some(key) => sign(folder, channel, VERSION, &key, clock),
        None => {
            println!("{KEY} is not set: no copy is told of this version");
            Ok(())
        }
    }
}

/// Takes a version from what a channel offers, the newest one, too; the one before it is the newest then, and as old
/// as it is.
///
/// # Errors
/// Without a key, if nothing would be left, or the clock went back.
pub(crate) fn withdraw(folder: &Path, channel: &str, version: &str, clock: Clock) -> Result<()> {
    let key = key()?.with_context(|| format!("{KEY} is not set"))?;
    without(folder, channel, version, &key, clock)
}

/// Signs what a channel offers anew. Copies tell of an offer that was signed more than 30 days ago: somebody may keep
/// newer ones from them.
///
/// # Errors
/// Without a key, if nothing is offered that was signed with it, or the clock went back.
pub(crate) fn renew(folder: &Path, channel: &str, clock: Clock) -> Result<()> {
    let key = key()?.with_context(|| format!("{KEY} is not set"))?;
    renewed(folder, channel, &key, clock)
}

fn renewed(folder: &Path, channel: &str, key: &SecretKey, clock: Clock) -> Result<()> {
    write(folder, channel, offered(folder, channel, key)?, key, clock)
}

fn without(
    folder: &Path,
    channel: &str,
    version: &str,
    key: &SecretKey,
    clock: Clock,
) -> Result<()> {
    let mut offered = offered(folder, channel, key)?;
    let of_it = |release: &Value| release["version"] == version;
    if !offered.releases.iter().any(of_it) {
        bail!("{channel} does not offer {version}");
    }
    offered.releases.retain(|release| !of_it(release));
    write(folder, channel, offered, key, clock)
}

fn key() -> Result<Option<SecretKey>> {
    let Ok(key) = std::env::var(KEY) else {
        return Ok(None);
    };
    let key = SecretKeyBox::from_string(&key)?;
    Ok(Some(match std::env::var(PASSWORD) {
        Ok(password) => key.into_secret_key(Some(password))?,
        Err(_) => key.into_unencrypted_secret_key()?,
    }))
}

fn sign(folder: &Path, channel: &str, version: &str, key: &SecretKey, clock: Clock) -> Result<()> {
    let version: Version = version.parse()?;
    let files = json!(files_of(&version, folder)?);
    let mut published = json!(clock.now.to_string());
    let mut releases = Vec::new();
    let before = offered(folder, channel, key)?;
    for release in before.releases {
        let before: Version = release["version"].as_str().unwrap_or_default().parse()?;
        match before.cmp_precedence(&version) {
            Ordering::Greater => bail!("{before} is on offer, and {version} is older"),
            // Offered again: whoever waits has waited for it already.
            Ordering::Equal if release["files"] == files => {
                published.clone_from(&release["published"]);
            }
            Ordering::Equal => {}
            Ordering::Less if urls(&release).all(|url| folder.join(url).is_file()) => {
                releases.push(release);
            }
            Ordering::Less => println!("{before} is withdrawn: not all of its files are there"),
        }
    }
    releases.truncate(KEPT);
    let newest = json!({
        "version": version.to_string(),
        "published": published,
        "files": files,
    });
    releases.insert(0, newest);
    let offered = Offered { releases, ..before };
    write(folder, channel, offered, key, clock)
}

/// Writes and signs an offer of these, after the one that is there.
fn write(
    folder: &Path,
    channel: &str,
    offered: Offered,
    key: &SecretKey,
    clock: Clock,
) -> Result<()> {
    let signed = clock.after(offered.signed)?;
    let mut releases = offered.releases;
    if releases.is_empty() {
        bail!("nothing would be left on offer: take {channel}.json away instead");
    }
    for release in &mut releases {
        // By a clock that was ahead, nobody would take it before then.
        if time(&release["published"])? > clock.now {
            release["published"] = json!(clock.now.to_string());
        }
    }
    let mut manifest = releases.remove(0);
    let version = manifest["version"].as_str().unwrap_or_default().to_owned();
    manifest["channel"] = json!(channel);
    manifest["signed"] = json!(signed.to_string());
    manifest["earlier"] = json!(releases);
    let text = serde_json::to_vec(&manifest)?;
    if text.len() > LARGEST_MANIFEST {
        bail!(
            "{} bytes of {channel}.json are more than the app reads",
            text.len()
        );
    }
    let comment = format!("Salon {version} {channel}");
    let signature = minisign::sign(None, key, Cursor::new(&text), Some(&comment), None)?;
    std::fs::write(folder.join(format!("{channel}.json")), text)?;
    let beside = folder.join(format!("{channel}.json.minisig"));
    std::fs::write(beside, signature.into_string())?;
    Ok(())
}

fn time(value: &Value) -> Result<Timestamp> {
    let text = value.as_str().context("a time is missing")?;
    text.parse().with_context(|| format!("{text:?} is no time"))
}

/// What the folder offers.
fn offered(folder: &Path, channel: &str, key: &SecretKey) -> Result<Offered> {
    let place = folder.join(format!("{channel}.json"));
    if !place.exists() {
        return Ok(Offered::default());
    }
    let text = std::fs::read(&place)?;
    let signature = SignatureBox::from_file(folder.join(format!("{channel}.json.minisig")))?;
    // What is signed again was ours before.
    let public = PublicKey::from_secret_key(key)?;
    minisign::verify(&public, &signature, Cursor::new(&text), true, false, false)
        .with_context(|| format!("{} is not signed with this key", place.display()))?;
    let Value::Object(mut newest) = serde_json::from_slice(&text)? else {
        bail!("{} is no offer", place.display());
    };
    if newest.remove("channel") != Some(json!(channel)) {
        bail!("{} is of another channel", place.display());
    }
    let signed = newest.remove("signed");
    let signed = signed.map(|signed| time(&signed)).transpose()?;
    let earlier = match newest.remove("earlier") {
        Some(Value::Array(earlier)) => earlier,
        _ => Vec::new(),
    };
    let all = std::iter::once(Value::Object(newest)).chain(earlier);
    Ok(Offered {
        releases: all.collect(),
        signed,
    })
}

/// Where the files of a version are.
fn urls(release: &Value) -> impl Iterator<Item = &str> {
    let files = release["files"].as_object().into_iter().flatten();
    files.filter_map(|(_, artifact)| artifact["url"].as_str())
}

/// The files of a version. Those of others are told by their names, and stay for whoever takes them later.
fn files_of(version: &Version, folder: &Path) -> Result<BTreeMap<&'static str, Value>> {
    let mut offered = BTreeMap::new();
    for file in files(folder)? {
        let name = name_of(&file)?;
        let Some(target) = target(&name, version) else {
            continue;
        };
        let content = std::fs::read(&file)?;
        let artifact = json!({ "url": name, "sha256": sha256(&content), "size": content.len() });
        if offered.insert(target, artifact).is_some() {
            bail!("{} has two files for {target}", folder.display());
        }
    }
    if offered.is_empty() {
        bail!(
            "{} has no NAME-{version}-MACHINE.AppImage",
            folder.display()
        );
    }
    Ok(offered)
}

/// The system that a file is for, as the app names it, if it is of this version and copies of it keep themselves
/// up to date.
fn target(name: &str, version: &Version) -> Option<&'static str> {
    let stem = name.strip_suffix(".AppImage")?;
    let of = |target, machines: [&str; 2]| {
        let ours = machines
            .iter()
            .any(|machine| stem.ends_with(&format!("-{version}-{machine}")));
        ours.then_some(target)
    };
    of("linux-x86_64", ["x86_64", "amd64"]).or_else(|| of("linux-aarch64", ["aarch64", "arm64"]))
}

#[cfg(test)]
mod tests;
