//! `salon update` as a program: what it says, how it ends, and which version is there afterwards.

#![allow(clippy::unwrap_used, reason = "a test that gets nothing has failed")]
#![cfg(target_os = "linux")]

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use minisign::KeyPair;
use salon_update::{Artifact, Calls, Manifest, Release, TARGET};

/// What a new version consists of.
const NEW: &[u8] = b"#!/bin/sh\necho new\n";

/// How a file is answered with.
enum Answer {
    Whole(Vec<u8>),
    /// All but its last byte; then it is told, and who asked is kept waiting.
    HeldBack(Vec<u8>, mpsc::Sender<()>),
}

/// Answers each request with what is offered under its name; its address.
fn site(files: BTreeMap<&'static str, Answer>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let mut request = [0; 8192];
            let Ok(length) = stream.read(&mut request) else {
                continue;
            };
            let request = String::from_utf8_lossy(&request[..length]).into_owned();
            let name = request.split(' ').nth(1).unwrap_or_default();
            let (body, told) = match &files[name.trim_start_matches('/')] {
                Answer::Whole(body) => (body, None),
                Answer::HeldBack(body, told) => (body, Some(told)),
            };
            let length = body.len();
            let head =
                format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
            let sent = if told.is_some() { length - 1 } else { length };
            let _ = stream.write_all(&[head.as_bytes(), &body[..sent]].concat());
            if let Some(told) = told {
                let _ = told.send(());
                // Until who asked is gone.
                let _ = stream.read(&mut [0]);
            }
        }
    });
    address
}

/// The file `new` as a new version, signed, and what is answered to who fetches it.
fn offer(keys: &KeyPair, new: &[u8], answer: Answer) -> String {
    let artifact = Artifact {
        url: "Salon.AppImage".to_owned(),
        sha256: sha256(new),
        size: new.len() as u64,
    };
    let manifest = Manifest {
        channel: "stable".to_owned(),
        signed: jiff::Timestamp::now(),
        newest: Release {
            version: "99.0.0".parse().unwrap(),
            published: "2026-11-01T00:00:00Z".parse().unwrap(),
            files: BTreeMap::from([(TARGET.to_owned(), artifact)]),
        },
        earlier: Vec::new(),
    };
    let text = serde_json::to_vec(&manifest).unwrap();
    let signature = minisign::sign(None, &keys.sk, &text[..], None, None).unwrap();
    let signature = signature.into_string().into_bytes();
    site(BTreeMap::from([
        ("stable.json", Answer::Whole(text)),
        ("stable.json.minisig", Answer::Whole(signature)),
        ("Salon.AppImage", answer),
    ]))
}

/// A new version that comes as it was signed.
fn sound_offer(keys: &KeyPair, new: &[u8]) -> String {
    offer(keys, new, Answer::Whole(new.to_vec()))
}

fn sha256(content: &[u8]) -> String {
    use sha2::Digest as _;
    let digest = sha2::Sha256::digest(content);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A file that says "old" when it is started, and the keys that new versions of it are signed with.
fn installed(folder: &Path) -> (std::path::PathBuf, KeyPair) {
    let file = folder.join("Salon.AppImage");
    std::fs::write(&file, "#!/bin/sh\necho old\n").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
    (file, KeyPair::generate_unencrypted_keypair().unwrap())
}

/// Which version is there.
fn there(file: &Path) -> String {
    let mode = std::fs::metadata(file).unwrap().permissions().mode();
    assert_eq!(mode & 0o111, 0o111);
    // Read by a shell: where other tests start programs at this moment, a file that was just written
    // counts as open for writing (`ETXTBSY`).
    let started = Command::new("sh").arg(file).output().unwrap();
    String::from_utf8(started.stdout).unwrap()
}

/// `salon update`, from within the AppImage `file`.
fn update(file: &Path, address: &str, keys: &KeyPair, arguments: &[&str]) -> Output {
    let home = tempfile::tempdir().unwrap();
    let mut update = command(file, address, keys, home.path());
    update.args(arguments).output().unwrap()
}

fn command(file: &Path, address: &str, keys: &KeyPair, home: &Path) -> Command {
    let program = Path::new(env!("CARGO_BIN_EXE_salon"));
    let mut command = Command::new(program);
    command
        .arg("update")
        .env_clear()
        .env("HOME", home)
        .env("APPIMAGE", file)
        .env("APPDIR", program.parent().unwrap())
        .env("SALON_UPDATE_URL", address)
        .env("SALON_UPDATE_KEY", keys.pk.to_base64());
    command
}

#[test]
fn an_appimage_updates_itself_without_a_window() {
    let folder = tempfile::tempdir().unwrap();
    let (file, keys) = installed(folder.path());
    let address = sound_offer(&keys, NEW);
    let off = update(&file, &address, &keys, &["--updates=false"]);
    assert_eq!((off.status.code(), there(&file).trim()), (Some(1), "old"));
    let output = update(&file, &address, &keys, &[]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert_eq!(
        said,
        "Version 99.0.0 is installed and runs from the next start.\n"
    );
    assert_eq!(there(&file), "new\n");
}

#[test]
fn what_was_tampered_with_is_named_and_the_old_version_starts() {
    let folder = tempfile::tempdir().unwrap();
    let (file, keys) = installed(folder.path());
    let tampered = Answer::Whole(b"#!/bin/sh\necho bad\n".to_vec());
    let output = update(&file, &offer(&keys, NEW, tampered), &keys, &[]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.starts_with("The new version arrived damaged."),
        "{said}"
    );
    assert_eq!(there(&file), "old\n");
}

#[test]
fn what_the_system_installed_is_left_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let (file, keys) = installed(folder.path());
    let gone = folder.path().join("another.AppImage");
    let output = update(&gone, &sound_offer(&keys, NEW), &keys, &[]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("Use the system's package manager"), "{said}");
    assert_eq!(there(&file), "old\n");
}

#[test]
fn asked_for_in_a_call_of_another_window_it_says_so_and_the_old_version_stays() {
    let folder = tempfile::tempdir().unwrap();
    let home = tempfile::tempdir().unwrap();
    let (file, keys) = installed(folder.path());
    let address = sound_offer(&keys, NEW);
    let shared = home.path().join(".local/share/salon");
    let call = Calls::at(Some(shared.join("call.lock"))).mark().unwrap();
    let update = || {
        command(&file, &address, &keys, home.path())
            .output()
            .unwrap()
    };
    let output = update();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.starts_with("Somebody is in a call"), "{said}");
    assert_eq!(there(&file), "old\n");
    drop(call);
    assert_eq!(update().status.code(), Some(0));
    assert_eq!(there(&file), "new\n");
}

#[test]
fn with_a_slip_of_the_pen_in_the_policy_nothing_is_installed_and_it_says_where() {
    let folder = tempfile::tempdir().unwrap();
    let home = tempfile::tempdir().unwrap();
    let (file, keys) = installed(folder.path());
    let address = sound_offer(&keys, NEW);
    let policy = home.path().join("policy.toml");
    let update = |text: &str| {
        std::fs::write(&policy, text).unwrap();
        let mut update = command(&file, &address, &keys, home.path());
        update.env("SALON_POLICY_FILE", &policy).output().unwrap()
    };
    let output = update("[values]\nupdates = fasle\n");
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("policy.toml:2:"), "{said}");
    assert_eq!(there(&file), "old\n");
    let output = update("[values]\nof_a_later_version = 1\n");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(there(&file), "new\n");
}

#[test]
fn killed_in_the_middle_of_an_update_the_old_version_starts_and_the_next_try_succeeds() {
    let folder = tempfile::tempdir().unwrap();
    let home = tempfile::tempdir().unwrap();
    let (file, keys) = installed(folder.path());
    // Longer than what sockets hold: once it is sent, much of it has been written.
    let new = [NEW, b"exit\n", &vec![b'#'; 1 << 24]].concat();
    let (tells, told) = mpsc::channel();
    let address = offer(&keys, &new, Answer::HeldBack(new.clone(), tells));
    let mut updating = command(&file, &address, &keys, home.path());
    let mut updating = updating.stdout(Stdio::null()).spawn().unwrap();
    let sent = told.recv_timeout(Duration::from_secs(60));
    updating.kill().unwrap();
    let ended = updating.wait().unwrap();
    assert_eq!((sent, ended.signal()), (Ok(()), Some(9)), "{ended}");
    // So far it had come.
    let entries = std::fs::read_dir(folder.path()).unwrap();
    let mut others = entries.map(|entry| entry.unwrap().path());
    let half = others.find(|path| *path != file).unwrap();
    assert!(half.metadata().unwrap().len() > 0);
    assert_eq!(there(&file), "old\n");
    let again = update(&file, &sound_offer(&keys, &new), &keys, &[]);
    assert_eq!((again.status.code(), there(&file).trim()), (Some(0), "new"));
}
