//! New versions: what is wrong with an offer, a file, or the place of the old one.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use minisign::KeyPair;
use salon_base::Code::*;
use salon_base::Fault;
use salon_update::{
    Artifact, Calls, InstalledCopy, Manifest, Outcome, Policy, Release, Seen, Source, TARGET,
    Updater,
};

use super::{Row, row};
use crate::servers::{Act, http, nobody, server};

const GROUP: &str = "New versions";
/// SHA-256 of the three bytes "new".
const SHA256_OF_NEW: &str = "11507a0e2f5e69d5dfa40a62a1bd7b6ee57e6bcd85c67c9b8431b36fff21c437";

pub(super) fn rows() -> Vec<Row> {
    let told = |fault, by, code, detail, how: How| {
        row(GROUP, (fault, by), code, detail, move || look(how))
    };
    vec![
        row(
            GROUP,
            ("nobody hands them out", "a port that was just closed"),
            UpdateUnreachable,
            "",
            || async {
                let address = format!("http://{}/", nobody().await);
                let keys = KeyPair::generate_unencrypted_keypair().unwrap();
                let (folder, place) = place();
                let fault = try_it(&address, &keys, place, true).await;
                drop(folder);
                fault
            },
        ),
        told(
            "somebody else has signed the offer",
            "an offer signed with another key",
            UpdateNotTrusted,
            "signature",
            How::OtherKey,
        ),
        told(
            "the file is another than was signed",
            "three other bytes",
            UpdateDamaged,
            "SHA-256",
            How::OtherFile,
        ),
        told(
            "an older version is offered",
            "a signed offer of version 0.0.1",
            UpdateOlder,
            "0.0.1 after 0.1.0",
            How::Older,
        ),
        told(
            "an old offer is shown again",
            "an offer, and after it one that was signed a day before",
            UpdateOutOfDate,
            "one that was seen",
            How::Again,
        ),
        told(
            "nothing new is offered, and the offer is old",
            "a signed offer of the version that is there, 40 days old",
            UpdateOutOfDate,
            "over 30 days ago",
            How::StandsStill,
        ),
        told(
            "the old version cannot be replaced",
            "an app whose folder is gone",
            UpdateNotInstalled,
            "",
            How::NoPlace,
        ),
        told(
            "they are switched off",
            "the setting `updates`",
            UpdateOff,
            "",
            How::Off,
        ),
        row(
            GROUP,
            (
                "a call goes on in another window",
                "a lock of the file by which Salons know of each other's calls",
            ),
            UpdateInCall,
            "",
            || async {
                let keys = KeyPair::generate_unencrypted_keypair().unwrap();
                let (folder, place) = place();
                let call = calls(&place).mark().unwrap();
                let fault = try_it("https://updates.example/", &keys, place, true).await;
                drop((call, folder));
                fault
            },
        ),
        row(
            GROUP,
            (
                "they are the package manager's",
                "a copy that is no AppImage",
            ),
            UpdateBySystem,
            "",
            || async {
                let keys = KeyPair::generate_unencrypted_keypair().unwrap();
                updater(&keys, InstalledCopy::OfSystem).unwrap_err()
            },
        ),
    ]
}

/// What is wrong.
#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    OtherKey,
    OtherFile,
    Older,
    Again,
    StandsStill,
    NoPlace,
    Off,
}

fn place() -> (tempfile::TempDir, InstalledCopy) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("Salon.AppImage");
    std::fs::write(&file, "old").unwrap();
    (folder, InstalledCopy::AppImage(file))
}

/// Looks at a server that offers three bytes.
async fn look(how: How) -> Fault {
    let keys = KeyPair::generate_unencrypted_keypair().unwrap();
    let other = KeyPair::generate_unencrypted_keypair().unwrap();
    let signs = if how == How::OtherKey { &other } else { &keys };
    let version = match how {
        How::Older => "0.0.1",
        How::Again | How::StandsStill => "0.1.0",
        _ => "0.2.0",
    };
    let signed = |days: i64| Timestamp::now() - SignedDuration::from_hours(days * 24);
    let artifact = Artifact {
        url: "new".to_owned(),
        sha256: SHA256_OF_NEW.to_owned(),
        size: 3,
    };
    let mut manifest = Manifest {
        channel: "stable".to_owned(),
        signed: signed(if how == How::StandsStill { 40 } else { 0 }),
        newest: Release {
            version: version.parse().unwrap(),
            published: "2026-11-01T00:00:00Z".parse().unwrap(),
            files: BTreeMap::from([(TARGET.to_owned(), artifact)]),
        },
        earlier: Vec::new(),
    };
    let file: &[u8] = if how == How::OtherFile {
        b"odd"
    } else {
        b"new"
    };
    let mut bodies = signed_offer(&manifest, signs).to_vec();
    if how == How::Again {
        manifest.signed = signed(1);
        bodies.extend(signed_offer(&manifest, signs));
    } else {
        bodies.push(file.to_vec());
    }
    let acts: Vec<Act> = bodies.iter().map(|body| http("200 OK", "", body)).collect();
    let address = format!("http://{}/", server(acts).await);
    let (folder, place) = place();
    if how == How::NoPlace {
        drop(folder);
        return try_it(&address, &keys, place, true).await;
    }
    if how == How::Again {
        let mut updater = updater(&keys, place).unwrap();
        let policy = policy(&address, true);
        let first = updater.look(&policy, Timestamp::now()).await;
        assert_eq!(first, Ok(Outcome::Current));
        return updater.look(&policy, Timestamp::now()).await.unwrap_err();
    }
    let fault = try_it(&address, &keys, place, how != How::Off).await;
    let old = std::fs::read(folder.path().join("Salon.AppImage")).unwrap();
    if old == b"old" {
        fault
    } else {
        Fault::new(Internal, "the old version is gone")
    }
}

fn updater(keys: &KeyPair, copy: InstalledCopy) -> Result<Updater, Fault> {
    let key = keys.pk.to_box().unwrap().into_string();
    let source = Source::new(&key)?;
    let calls = calls(&copy);
    let version = "0.1.0".parse().unwrap();
    Updater::new(copy, version, source, calls, Seen::default())
}

/// The offer and its signature, as they are answered.
fn signed_offer(manifest: &Manifest, keys: &KeyPair) -> [Vec<u8>; 2] {
    let text = serde_json::to_vec(manifest).unwrap();
    let signature = minisign::sign(None, &keys.sk, &text[..], None, None).unwrap();
    [text, signature.into_string().into_bytes()]
}

/// By a file beside the copy.
fn calls(copy: &InstalledCopy) -> Calls {
    let InstalledCopy::AppImage(file) = copy else {
        return Calls::at(None);
    };
    Calls::at(Some(file.with_file_name("call.lock")))
}

fn policy(address: &str, on: bool) -> Policy {
    Policy {
        refused: (!on).then(|| UpdateOff.into()),
        folder: Some(address.parse().unwrap()),
        channel: "stable".to_owned(),
        delay_days: 0,
    }
}

async fn try_it(address: &str, keys: &KeyPair, copy: InstalledCopy, on: bool) -> Fault {
    let mut updater = updater(keys, copy).unwrap();
    let looked = updater.look(&policy(address, on), Timestamp::now()).await;
    looked.unwrap_err()
}
