//! The binary, as an operator runs it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

const PASSWORD: &str = "planted password";

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_salon-backend"));
    // Whoever runs this may have keys in the environment.
    command.env_clear().current_dir(folder).args(arguments);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn run(folder: &Path, arguments: &[&str], input: &str) -> Output {
    let mut child = command(folder, arguments).spawn().unwrap();
    // A command that does not read may have ended.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap().trim_end()
}

/// Waits for the URL that `serve` prints, ends it, and gives the URL and what was logged.
fn serve(mut command: Command) -> (String, String) {
    let mut child: Child = command.spawn().unwrap();
    let mut url = String::new();
    let printed = child.stdout.take().unwrap();
    BufReader::new(printed).read_line(&mut url).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let mut log = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut log)
        .unwrap();
    (url.trim_end().to_owned(), log)
}

#[test]
fn an_account_is_made_with_the_password_from_standard_input() {
    let folder = tempfile::tempdir().unwrap();
    let add = [
        "user",
        "add",
        "--email",
        "ann@salon.example",
        "--name",
        "Ann",
    ];
    let added = run(folder.path(), &add, &format!("{PASSWORD}\nnot read"));
    assert!(added.status.success());
    assert!(stdout(&added).starts_with("acc_"));
    let again = run(folder.path(), &add, PASSWORD);
    assert!(!again.status.success());
    let log = String::from_utf8(again.stderr).unwrap();
    assert!(log.contains("taken") && !log.contains(PASSWORD), "{log}");
    assert!(!run(folder.path(), &add, "too short").status.success());
}

#[test]
fn it_serves_with_keys_from_the_environment_and_logs_none_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let key = run(folder.path(), &["key", "new"], "");
    let key = stdout(&key);
    let mut command = command(folder.path(), &["serve", "--listen", "127.0.0.1:0"]);
    let secrets = [
        ("SALON_BACKEND_SIGNING_KEYS", key),
        ("LIVEKIT_API_SECRET", "planted-livekit-secret"),
        ("STREAM_API_SECRET", "planted-stream-secret"),
    ];
    command.envs(secrets);
    command.env("LIVEKIT_URL", "wss://livekit.example");
    command
        .env("LIVEKIT_API_KEY", "key")
        .env("STREAM_API_KEY", "key");
    command.env("RUST_LOG", "trace");
    let (url, log) = serve(command);
    assert!(url.starts_with("http://127.0.0.1:"), "{url}\n{log}");
    for (_, secret) in secrets {
        assert!(!log.contains(secret), "{log}");
    }
}

#[test]
fn the_demo_needs_no_keys_and_takes_the_published_ones_on_loopback_only() {
    let folder = tempfile::tempdir().unwrap();
    let demo = [
        "serve",
        "--demo",
        "--listen",
        "127.0.0.1:0",
        "--livekit-url",
    ];
    let at = |url| command(folder.path(), &[&demo[..], &[url]].concat());
    let (url, log) = serve(at("ws://127.0.0.1:7880"));
    assert!(url.starts_with("http://127.0.0.1:"), "{url}\n{log}");
    let elsewhere = at("wss://livekit.example").output().unwrap();
    assert!(!elsewhere.status.success());
}

#[tokio::test]
async fn an_access_token_lasts_as_long_as_the_environment_says() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = command(
        folder.path(),
        &["serve", "--demo", "--listen", "127.0.0.1:0"],
    );
    command.env("SALON_BACKEND_ACCESS_SECONDS", "120");
    command.env("RUST_LOG", "error");
    let mut child = command.spawn().unwrap();
    let mut url = String::new();
    let printed = child.stdout.take().unwrap();
    BufReader::new(printed).read_line(&mut url).unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let login = client
        .post(format!("{}/api/v1/auth/login", url.trim_end()))
        .json(&serde_json::json!({
            "email": "amina@salon.example",
            "password": "amina-demo",
        }));
    let answer = async { login.send().await?.json::<serde_json::Value>().await };
    let answer = answer.await;
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(answer.unwrap()["expiresIn"], 120);
}

#[test]
fn it_does_not_serve_half_configured() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [
        &["serve"][..],
        &["serve", "--signing-keys", "short=AAAA"],
        &["serve", "--demo", "--listen", "0.0.0.0:0"],
        &["serve", "--demo", "--livekit-key", "key"],
        &["serve", "--demo", "--public-url", "http://meet.example"],
    ] {
        let refused = run(folder.path(), arguments, "");
        assert!(!refused.status.success(), "{arguments:?}");
        assert!(stdout(&refused).is_empty(), "{arguments:?}");
    }
}
