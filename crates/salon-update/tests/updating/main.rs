//! A copy of one file, a server on this computer, and what is in the copy's place afterwards: a program,
//! which is started to see which version it is.

#![allow(clippy::unwrap_used, reason = "a test that gets nothing has failed")]
#![cfg(unix)]

mod age;

use std::collections::{BTreeMap, HashMap};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use minisign::KeyPair;
use salon_base::{Code, Fault};
use salon_update::{
    Artifact, Calls, InstalledCopy, Manifest, Outcome, Policy, Release, Seen, Source, TARGET,
    Updater,
};
use semver::Version;
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc, watch};
use url::Url;

/// What the server does when a file is asked for.
#[derive(Clone)]
enum Answer {
    Whole(Vec<u8>),
    /// This much of it, then the end.
    CutAfter(usize, Vec<u8>),
    /// This much of it, and the rest when it is let go.
    HeldAfter(usize, Vec<u8>, Arc<Notify>),
}

/// What is offered, by name.
type Site = Arc<Mutex<HashMap<String, Answer>>>;

struct World {
    folder: tempfile::TempDir,
    /// Where Salons tell each other of calls.
    shared: tempfile::TempDir,
    keys: KeyPair,
    site: Site,
    address: Url,
    /// When what is offered is signed.
    signed: Timestamp,
    /// What the server was asked for.
    heard: mpsc::UnboundedReceiver<String>,
}

/// A program that says which version it is.
fn program(version: &str) -> Vec<u8> {
    // Longer than what a socket holds back, so that being cut off is noticed.
    format!("#!/bin/sh\necho {version}\nexit\n{}", "#".repeat(1 << 22)).into_bytes()
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("Salon.AppImage");
        std::fs::write(&place, program("0.1.0")).unwrap();
        std::fs::set_permissions(&place, std::fs::Permissions::from_mode(0o755)).unwrap();
        let site = Site::default();
        let (hears, heard) = mpsc::unbounded_channel();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/new/", listener.local_addr().unwrap());
        tokio::spawn(serve(listener, site.clone(), hears));
        Self {
            folder,
            shared: tempfile::tempdir().unwrap(),
            keys: KeyPair::generate_unencrypted_keypair().unwrap(),
            site,
            address: address.parse().unwrap(),
            signed: Timestamp::now(),
            heard,
        }
    }

    fn place(&self) -> PathBuf {
        self.folder.path().join("Salon.AppImage")
    }

    /// Which version is there: what it says when it is started. Nothing else may be in its folder.
    fn there(&self) -> String {
        let names: Vec<_> = std::fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(names, ["Salon.AppImage"]);
        let mode = std::fs::metadata(self.place())
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o111, 0o111);
        // Read by a shell: where other tests start programs at this moment, a file that was just written
        // counts as open for writing (`ETXTBSY`).
        let mut shell = std::process::Command::new("sh");
        let started = shell.arg(self.place()).output().unwrap();
        String::from_utf8(started.stdout).unwrap().trim().to_owned()
    }

    /// Its first quarter is sent, and the rest when it is let go.
    fn hold_back(&self, version: &str) -> Arc<Notify> {
        let held = Arc::<Notify>::default();
        let answer = Answer::HeldAfter(1 << 20, program(version), held.clone());
        self.put("Salon.AppImage", answer);
        held
    }

    /// Waits until something of a new version lies beside the old one.
    async fn is_half_there(&self) {
        self.until_beside(|others| others.iter().any(|size| *size > 0))
            .await;
    }

    /// Waits until nothing does any more: it was given up, or is in its place.
    async fn is_decided(&self) {
        self.until_beside(<[u64]>::is_empty).await;
    }

    /// Until the sizes of what is beside it are so. Nothing tells of that.
    async fn until_beside(&self, so: impl Fn(&[u64]) -> bool) {
        let others = || {
            let entries = std::fs::read_dir(self.folder.path()).unwrap();
            let others = entries
                .map(Result::unwrap)
                .filter(|entry| entry.file_name() != "Salon.AppImage");
            // It may be gone by now.
            let sizes = others.filter_map(|entry| Some(entry.metadata().ok()?.len()));
            sizes.collect::<Vec<_>>()
        };
        let looking = async {
            while !so(&others()) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(LIMIT, looking).await.unwrap();
    }

    fn put(&self, name: &str, answer: Answer) {
        self.site.lock().unwrap().insert(name.to_owned(), answer);
    }

    /// Offers a version on a channel, and the file as it should be.
    fn offer(&self, channel: &str, version: &str) {
        self.offer_all(channel, &[(version, "2026-11-01T00:00:00Z")]);
        self.put("Salon.AppImage", Answer::Whole(program(version)));
    }

    /// Offers versions with the time of their publication, the newest first, each with a file of its own; the
    /// newest one's is `Salon.AppImage`.
    fn offer_all(&self, channel: &str, versions: &[(&str, &str)]) {
        let mut releases = versions
            .iter()
            .enumerate()
            .map(|(index, (version, published))| {
                let content = program(version);
                let url = match index {
                    0 => "Salon.AppImage".to_owned(),
                    _ => format!("Salon-{version}.AppImage"),
                };
                let artifact = Artifact {
                    url: url.clone(),
                    sha256: Sha256::digest(&content)
                        .iter()
                        .map(|byte| format!("{byte:02x}"))
                        .collect(),
                    size: content.len() as u64,
                };
                self.put(&url, Answer::Whole(content));
                Release {
                    version: version.parse().unwrap(),
                    published: published.parse().unwrap(),
                    files: BTreeMap::from([(TARGET.to_owned(), artifact)]),
                }
            });
        let manifest = Manifest {
            channel: channel.to_owned(),
            signed: self.signed,
            newest: releases.next().unwrap(),
            earlier: releases.collect(),
        };
        self.sign(channel, &manifest);
    }

    fn sign(&self, name: &str, manifest: &Manifest) {
        let text = serde_json::to_vec(manifest).unwrap();
        let signature = minisign::sign(None, &self.keys.sk, &text[..], None, None).unwrap();
        self.put(&format!("{name}.json"), Answer::Whole(text));
        self.put(
            &format!("{name}.json.minisig"),
            Answer::Whole(signature.into_string().into_bytes()),
        );
    }

    fn updater(&self) -> Updater {
        let copy = InstalledCopy::AppImage(self.place());
        self.updater_of(copy).unwrap()
    }

    fn updater_of(&self, copy: InstalledCopy) -> Result<Updater, Fault> {
        let key = self.keys.pk.to_box().unwrap().into_string();
        let source = Source::new(&key).unwrap();
        let version = "0.1.0".parse().unwrap();
        Updater::new(copy, version, source, self.calls(), self.seen())
    }

    fn seen(&self) -> Seen {
        Seen::at(Some(self.shared.path().join("offers.json")))
    }

    /// What the server was asked for since the last time.
    fn asked(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.heard.try_recv().ok()).collect()
    }

    fn calls(&self) -> Calls {
        Calls::at(Some(self.shared.path().join("call.lock")))
    }

    fn policy(&self) -> Policy {
        Policy {
            refused: None,
            folder: Some(self.address.clone()),
            channel: "stable".to_owned(),
            delay_days: 0,
        }
    }

    async fn look(&self) -> Result<Outcome, Fault> {
        self.updater().look(&self.policy(), Timestamp::now()).await
    }

    /// Looks in vain, and finds the old version still there and able to start.
    async fn refused(&self) -> Code {
        let fault = self.look().await.unwrap_err();
        assert_eq!(self.there(), "0.1.0", "{fault}");
        fault.code
    }
}

async fn serve(listener: TcpListener, site: Site, hears: mpsc::UnboundedSender<String>) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let (site, hears) = (site.clone(), hears.clone());
        tokio::spawn(async move {
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                let mut part = [0; 1024];
                match stream.read(&mut part).await {
                    Ok(count @ 1..) => request.extend_from_slice(&part[..count]),
                    _ => return,
                }
            }
            let request = String::from_utf8(request).unwrap();
            let path = request.split(' ').nth(1).unwrap();
            let name = path.trim_start_matches("/new/").to_owned();
            let _ = hears.send(name.clone());
            let answer = site.lock().unwrap().get(&name).cloned();
            let Some(answer) = answer else {
                let _ = stream
                    .write_all(
                        b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                    )
                    .await;
                return;
            };
            let (content, until, held) = match answer {
                Answer::Whole(content) => (content.clone(), content.len(), None),
                Answer::CutAfter(until, content) => (content, until, None),
                Answer::HeldAfter(until, content, held) => (content, until, Some(held)),
            };
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                content.len()
            );
            let sent = async {
                stream.write_all(head.as_bytes()).await?;
                stream.write_all(&content[..until]).await?;
                if let Some(held) = held {
                    tokio::select! {
                        biased;
                        gone = stream.read_u8() => drop(gone?),
                        () = held.notified() => stream.write_all(&content[until..]).await?,
                    }
                }
                std::io::Result::Ok(())
            };
            // Whoever asked may have gone before it had everything.
            let _ = sent.await;
        });
    }
}

#[tokio::test]
async fn a_new_version_is_in_the_place_of_the_old_one_and_starts() {
    let world = World::new().await;
    world.offer("stable", "0.2.0");
    let outcome = world.look().await.unwrap();
    assert_eq!(outcome, Outcome::Installed("0.2.0".parse().unwrap()));
    assert_eq!(world.there(), "0.2.0");
}

#[tokio::test]
async fn one_that_was_tampered_with_is_not_installed() {
    let world = World::new().await;
    world.offer("stable", "0.2.0");
    let mut content = program("6.6.6");
    content.truncate(program("0.2.0").len());
    world.put("Salon.AppImage", Answer::Whole(content));
    assert_eq!(world.refused().await, Code::UpdateDamaged);
    // The offer itself: signed by somebody else, not at all, or with another text.
    let world = World::new().await;
    world.offer("stable", "0.2.0");
    let Answer::Whole(genuine) = world.site.lock().unwrap()["stable.json"].clone() else {
        unreachable!("it is put there whole")
    };
    let text = String::from_utf8(genuine)
        .unwrap()
        .replace("0.2.0", "9.9.9");
    world.put("stable.json", Answer::Whole(text.into_bytes()));
    assert_eq!(world.refused().await, Code::UpdateNotTrusted);
    let mut world = World::new().await;
    world.offer("stable", "0.2.0");
    world.keys = KeyPair::generate_unencrypted_keypair().unwrap();
    assert_eq!(world.refused().await, Code::UpdateNotTrusted);
    let world = World::new().await;
    world.offer("stable", "0.2.0");
    world.put("stable.json.minisig", Answer::Whole(Vec::new()));
    assert_eq!(world.refused().await, Code::UpdateNotTrusted);
}

#[tokio::test]
async fn one_of_another_channel_is_not_installed() {
    let world = World::new().await;
    world.offer("beta", "0.2.0");
    let site = world.site.lock().unwrap().clone();
    for (name, answer) in site {
        world.put(&name.replace("beta", "stable"), answer);
    }
    assert_eq!(world.refused().await, Code::UpdateNotTrusted);
}

#[tokio::test]
async fn one_that_is_cut_off_or_of_another_length_is_not_installed() {
    let world = World::new().await;
    world.offer("stable", "0.2.0");
    let content = program("0.2.0");
    world.put("Salon.AppImage", Answer::CutAfter(1 << 20, content.clone()));
    assert_eq!(world.refused().await, Code::UpdateUnreachable);
    world.put("Salon.AppImage", Answer::Whole(content[..1 << 20].to_vec()));
    assert_eq!(world.refused().await, Code::UpdateDamaged);
    world.put("Salon.AppImage", Answer::Whole([content, vec![0]].concat()));
    assert_eq!(world.refused().await, Code::UpdateDamaged);
}

#[tokio::test]
async fn where_nobody_answers_the_old_one_stays() {
    let mut world = World::new().await;
    assert_eq!(world.refused().await, Code::UpdateUnreachable);
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = closed.local_addr().unwrap();
    drop(closed);
    world.address = format!("http://{nobody}/").parse().unwrap();
    assert_eq!(world.refused().await, Code::UpdateUnreachable);
    // Unencrypted to another computer, nobody is asked.
    world.address = "http://updates.invalid/".parse().unwrap();
    assert_eq!(world.refused().await, Code::UpdateNotTrusted);
}

#[tokio::test]
async fn an_app_that_ends_while_it_fetches_leaves_the_old_one() {
    let world = World::new().await;
    world.offer("stable", "0.2.0");
    let _held = world.hold_back("0.2.0");
    let (mut updater, policy) = (world.updater(), world.policy());
    let looking = tokio::spawn(async move { updater.look(&policy, Timestamp::now()).await });
    world.is_half_there().await;
    looking.abort();
    assert!(looking.await.unwrap_err().is_cancelled());
    world.is_decided().await;
    assert_eq!(world.there(), "0.1.0");
}

#[tokio::test]
async fn switched_off_or_the_systems_nobody_is_asked() {
    let mut world = World::new().await;
    world.offer("stable", "0.2.0");
    let off = Policy {
        refused: Some(Code::UpdateOff.into()),
        ..world.policy()
    };
    let fault = world.updater().look(&off, Timestamp::now()).await;
    assert_eq!(fault.unwrap_err().code, Code::UpdateOff);
    let fault = world.updater_of(InstalledCopy::OfSystem).unwrap_err();
    assert_eq!(fault.code, Code::UpdateBySystem);
    assert!(world.heard.try_recv().is_err());
    assert_eq!(world.there(), "0.1.0");
}

/// Who is told of new versions, and what of.
fn telling() -> (impl FnMut(&Version), mpsc::UnboundedReceiver<Version>) {
    let (tells, told) = mpsc::unbounded_channel();
    let tell = move |version: &Version| {
        let _ = tells.send(version.clone());
    };
    (tell, told)
}

/// What takes longer than this does not come any more.
const LIMIT: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_call_is_never_disturbed_by_an_update() {
    let mut world = World::new().await;
    world.offer("stable", "0.2.0");
    let held = world.hold_back("0.2.0");
    let (_keeps, policies) = watch::channel(world.policy());
    let (in_call, calls) = watch::channel(true);
    let (tell, mut told) = telling();
    let keeping = world.updater().keep(|| {}, policies, calls, tell);
    let mut keeping = Box::pin(keeping);
    // In a call from the beginning: polled until it waits, it has asked nobody.
    assert!(futures_now(&mut keeping).await.is_none());
    assert!(world.asked().is_empty());
    let keeping = tokio::spawn(keeping);
    in_call.send_replace(false);
    world.is_half_there().await;
    // A call begins in the middle: what else comes is left.
    in_call.send_replace(true);
    held.notify_one();
    world.is_decided().await;
    assert_eq!(world.there(), "0.1.0");
    // After the call, what is offered then is fetched.
    world.offer("stable", "0.3.0");
    in_call.send_replace(false);
    assert_eq!(told.recv().await.unwrap(), "0.3.0".parse().unwrap());
    assert_eq!(world.there(), "0.3.0");
    keeping.abort();
}

#[tokio::test]
async fn a_call_in_another_salon_is_not_disturbed_either() {
    let mut world = World::new().await;
    world.offer("stable", "0.2.0");
    // Asked for by hand, it says so.
    let call = world.calls().mark().unwrap();
    assert_eq!(world.refused().await, Code::UpdateInCall);
    assert!(world.heard.try_recv().is_err());
    drop(call);
    // One begins while the new version comes: the rest of it is left.
    let held = world.hold_back("0.2.0");
    let (keeps, policies) = watch::channel(world.policy());
    let (_in_call, calls) = watch::channel(false);
    let (tell, mut told) = telling();
    let keeping = world.updater().keep(|| {}, policies, calls, tell);
    let keeping = tokio::spawn(keeping);
    world.is_half_there().await;
    let call = world.calls().mark().unwrap();
    held.notify_one();
    world.is_decided().await;
    assert_eq!(world.there(), "0.1.0");
    let each_once = ["stable.json", "stable.json.minisig", "Salon.AppImage"];
    assert_eq!(world.asked(), each_once);
    // Nobody is asked again before it is over, whatever the settings say, and then at once: each file once.
    world.offer("stable", "0.3.0");
    keeps.send_modify(|policy| policy.delay_days = 1);
    assert!(told.try_recv().is_err());
    drop(call);
    assert_eq!(told.recv().await.unwrap(), "0.3.0".parse().unwrap());
    assert_eq!(world.there(), "0.3.0");
    assert_eq!(world.asked(), each_once);
    keeping.abort();
}

#[tokio::test]
async fn what_an_administrator_has_rolled_out_meanwhile_counts_before_the_next_look() {
    let mut world = World::new().await;
    world.offer("stable", "0.2.0");
    let (says, policies) = watch::channel(world.policy());
    let (_in_call, calls) = watch::channel(false);
    // It is in the files only: nobody has told of it before they are read.
    let off = Policy {
        refused: Some(Code::PolicyInvalid.into()),
        ..world.policy()
    };
    let read_again = move || {
        says.send_replace(off.clone());
    };
    let mut keeping = Box::pin(world.updater().keep(read_again, policies, calls, |_| {}));
    // Polled until it waits for the next day.
    assert!(futures_now(&mut keeping).await.is_none());
    assert!(world.heard.try_recv().is_err());
    assert_eq!(world.there(), "0.1.0");
}

#[tokio::test]
async fn switched_off_in_the_middle_nothing_more_is_fetched_or_installed() {
    let world = World::new().await;
    world.offer("stable", "0.2.0");
    let held = world.hold_back("0.2.0");
    let (switch, policies) = watch::channel(world.policy());
    let (_in_call, calls) = watch::channel(false);
    let keeping = world.updater().keep(|| {}, policies, calls, |_| {});
    let keeping = tokio::spawn(keeping);
    world.is_half_there().await;
    switch.send_modify(|policy| policy.refused = Some(Code::UpdateOff.into()));
    held.notify_one();
    // It ends with whoever has the settings, once it is through with what it does.
    drop(switch);
    tokio::time::timeout(LIMIT, keeping).await.unwrap().unwrap();
    world.is_decided().await;
    assert_eq!(world.there(), "0.1.0");
}

#[tokio::test]
async fn what_somebody_else_put_there_meanwhile_is_not_replaced() {
    let mut world = World::new().await;
    world.offer("stable", "0.2.0");
    let mut updater = world.updater();
    let by_hand = world.folder.path().join("by-hand");
    std::fs::copy(world.place(), &by_hand).unwrap();
    std::fs::write(&by_hand, program("0.3.0")).unwrap();
    std::fs::rename(&by_hand, world.place()).unwrap();
    let outcome = updater
        .look(&world.policy(), Timestamp::now())
        .await
        .unwrap();
    assert_eq!(outcome, Outcome::Replaced);
    assert!(world.heard.try_recv().is_err());
    assert_eq!(world.there(), "0.3.0");
}

/// What a future gives at once, if it does.
async fn futures_now<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    std::future::poll_fn(|context| {
        std::task::Poll::Ready(match std::pin::Pin::new(&mut *future).poll(context) {
            std::task::Poll::Ready(output) => Some(output),
            std::task::Poll::Pending => None,
        })
    })
    .await
}
