//! `salon update` as a program: what it says, how it ends, and which version is there afterwards.

#![allow(clippy::unwrap_used, reason = "a test that gets nothing has failed")]
#![cfg(target_os = "linux")]

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use minisign::KeyPair;
use salon_update::{Artifact, Manifest, TARGET};

/// What a new version consists of, and what makes its SHA-256.
const NEW: &[u8] = b"#!/bin/sh\necho new\n";

/// Answers each request with what is offered under its name; its address.
fn site(files: BTreeMap<&'static str, Vec<u8>>) -> String {
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
            let body = &files[name.trim_start_matches('/')];
            let length = body.len();
            let head =
                format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
            let _ = stream.write_all(&[head.as_bytes(), body].concat());
        }
    });
    address
}

/// A new version, signed; what is in its file is `content`.
fn offer(keys: &KeyPair, content: &[u8]) -> String {
    let sha256 = sha256(NEW);
    let artifact = Artifact {
        url: "Salon.AppImage".to_owned(),
        sha256,
        size: NEW.len() as u64,
    };
    let manifest = Manifest {
        channel: "stable".to_owned(),
        version: "99.0.0".parse().unwrap(),
        published: "2026-11-01T00:00:00Z".parse().unwrap(),
        files: BTreeMap::from([(TARGET.to_owned(), artifact)]),
    };
    let text = serde_json::to_vec(&manifest).unwrap();
    let signature = minisign::sign(None, &keys.sk, &text[..], None, None).unwrap();
    site(BTreeMap::from([
        ("stable.json", text),
        ("stable.json.minisig", signature.into_string().into_bytes()),
        ("Salon.AppImage", content.to_vec()),
    ]))
}

fn sha256(content: &[u8]) -> String {
    use sha2::Digest as _;
    let digest = sha2::Sha256::digest(content);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A file that says "old" when it is started.
fn old(folder: &Path) -> std::path::PathBuf {
    let file = folder.join("Salon.AppImage");
    std::fs::write(&file, "#!/bin/sh\necho old\n").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
    file
}

/// Which version is there.
fn there(file: &Path) -> String {
    let started = Command::new(file).output().unwrap();
    String::from_utf8(started.stdout).unwrap()
}

/// `salon update`, from within the AppImage `file`.
fn update(file: &Path, address: &str, keys: &KeyPair, arguments: &[&str]) -> Output {
    let home = tempfile::tempdir().unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_salon"));
    Command::new(program)
        .arg("update")
        .args(arguments)
        .env_clear()
        .env("HOME", home.path())
        .env("APPIMAGE", file)
        .env("APPDIR", program.parent().unwrap())
        .env("SALON_UPDATE_URL", address)
        .env("SALON_UPDATE_KEY", keys.pk.to_base64())
        .output()
        .unwrap()
}

#[test]
fn an_appimage_updates_itself_without_a_window() {
    let folder = tempfile::tempdir().unwrap();
    let (file, keys) = (
        old(folder.path()),
        KeyPair::generate_unencrypted_keypair().unwrap(),
    );
    let address = offer(&keys, NEW);
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
    let (file, keys) = (
        old(folder.path()),
        KeyPair::generate_unencrypted_keypair().unwrap(),
    );
    let tampered = b"#!/bin/sh\necho bad\n";
    let output = update(&file, &offer(&keys, tampered), &keys, &[]);
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
    let (file, keys) = (
        old(folder.path()),
        KeyPair::generate_unencrypted_keypair().unwrap(),
    );
    let gone = folder.path().join("another.AppImage");
    let output = update(&gone, &offer(&keys, NEW), &keys, &[]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("Use the system's package manager"), "{said}");
    assert_eq!(there(&file), "old\n");
}
