//! `salon doctor` as a program: what it prints, and how it ends.

#![allow(clippy::unwrap_used, reason = "a test that gets nothing has failed")]

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Command, Output, Stdio};

use salon_support::convex::Config;
use salon_support::stream::{Config as Service, User};
use salon_support::{ConvexDouble, StreamDouble};
use serde_json::Value;

/// The program with these arguments, in an environment of its own.
fn doctor(arguments: &[&str], credential: Option<&str>) -> Output {
    let given = credential.map(|credential| ("SALON_BACKEND_TOKEN", credential));
    doctor_in(arguments, given.as_slice())
}

/// The same with these variables.
fn doctor_in(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_salon"));
    command.arg("doctor").args(arguments).env_clear();
    command
        .env("HOME", home.path())
        .env("XDG_CONFIG_HOME", home.path());
    command.envs(["SystemRoot", "PATH"].iter().filter_map(|name| {
        let value = std::env::var_os(name)?;
        Some((*name, value))
    }));
    command.envs(variables.iter().copied());
    command.stdin(Stdio::null()).output().unwrap()
}

/// Answers each request with this status and body; its address.
fn backend(status: &'static str, body: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let _ = stream.read(&mut [0; 8192]);
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
            );
            let _ = stream.write_all((head + body).as_bytes());
        }
    });
    format!("http://{address}/")
}

#[test]
fn a_way_without_a_fault_ends_with_0() {
    let backend = backend("401 Unauthorized", "{}");
    let output = doctor(&["--profile", "stream-rest", "--backend", &backend], None);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains("it is there and wants a sign-in"), "{text}");
    assert!(text.contains("nobody is signed in"), "{text}");
}

#[test]
fn a_way_that_breaks_ends_with_1_and_says_where() {
    let backend = backend(
        "401 Unauthorized",
        r#"{"message":"planted-credential is no sign-in"}"#,
    );
    let arguments = ["--profile", "stream-rest", "--backend", &backend, "--json"];
    let output = doctor(&arguments, Some("planted-credential"));
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains("planted-credential"), "{text}");
    let steps: Vec<Value> = serde_json::from_str(&text).unwrap();
    let failed: Vec<_> = steps
        .iter()
        .filter(|step| step["status"] == "failed")
        .collect();
    assert_eq!(failed.len(), 1, "{text}");
    assert_eq!(
        (&failed[0]["name"], &failed[0]["code"]),
        (&"token".into(), &"sign-in-expired".into())
    );
}

#[test]
fn what_cannot_be_walked_ends_with_2() {
    for arguments in [
        &[
            "--profile",
            "nothing-of-this-name",
            "--backend",
            "https://a.example",
        ][..],
        &["--profile", "salon"],
        &["--profile", "salon", "--backend", "http://a.example"],
    ] {
        let output = doctor(arguments, None);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(
            !output.stderr.is_empty() && output.stdout.is_empty(),
            "{arguments:?}"
        );
    }
}

/// Each step of the way to a call of Stream's, from a marketplace on Convex: name, how it went, code.
async fn steps_to_a_call(signs_with: impl Fn(&StreamDouble) -> String) -> (i32, Vec<[String; 3]>) {
    let bruno = User {
        id: "bruno".into(),
        name: "Bruno".into(),
        role: "user".into(),
    };
    let stream = StreamDouble::start(Service {
        users: vec![bruno],
        ..Service::default()
    });
    let stream = stream.await.unwrap();
    let marketplace = ConvexDouble::start(Config {
        stream_secret: signs_with(&stream),
        ..Config::default()
    });
    let marketplace = marketplace.await.unwrap();
    let (backend, token) = (marketplace.url.clone(), marketplace.user_token("bruno"));
    let (url, key) = (stream.url.clone(), stream.key().to_owned());
    let output = tokio::task::spawn_blocking(move || {
        let arguments = ["--profile", "convex", "--backend", &backend, "--json"];
        let variables = [
            ("SALON_BACKEND_TOKEN", &token),
            ("SALON_DEV", &"true".to_owned()),
            ("SALON_STREAM_URL", &url),
            ("STREAM_API_KEY", &key),
        ];
        doctor_in(
            &arguments,
            &variables.map(|(name, value)| (name, value.as_str())),
        )
    });
    let output = output.await.unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let steps: Vec<Value> =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {said}"));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let told = |step: &Value| ["name", "status", "code"].map(|field| text(&step[field]));
    (
        output.status.code().unwrap(),
        steps.iter().map(told).collect(),
    )
}

#[tokio::test]
async fn the_way_to_a_call_of_streams_is_named_step_by_step() {
    let steps = |media: [&str; 3], coordinator: [&str; 3]| {
        let walked = [
            ["name (DNS)", "ok", ""],
            ["connection", "ok", ""],
            ["encryption (TLS)", "skipped", ""],
            ["endpoint", "skipped", ""],
            ["token", "ok", ""],
            ["what it says", "ok", ""],
            coordinator,
            media,
        ];
        walked.map(|step| step.map(str::to_owned)).to_vec()
    };
    let (status, walked) = steps_to_a_call(|stream| stream.secret().to_owned()).await;
    let well = steps(["media server", "ok", ""], ["coordinator", "ok", ""]);
    assert_eq!((status, walked), (0, well));
    let other = "another-secret-0123456789abcdef0123";
    let (status, walked) = steps_to_a_call(|_| other.to_owned()).await;
    let broken = steps(
        ["media server", "skipped", ""],
        ["coordinator", "failed", "token-signature-wrong"],
    );
    assert_eq!((status, walked), (1, broken));
}
