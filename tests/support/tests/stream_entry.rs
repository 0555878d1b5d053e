//! Who is let in to the Stream double, and what goes wrong on the way.

#![allow(clippy::unwrap_used, reason = "these are tests")]

mod stream_common;

use std::time::{Duration, SystemTime};

use reqwest::Method;
use salon_support::StreamDouble;
use salon_support::stream::{Config, Fault, Refusal, Seen};
use serde_json::{Value, json};
use stream_common::{
    CALL, Client, answer, double, double_with, heard, http, introduce, request, soon,
};

fn now() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.unwrap().as_secs()
}

/// Each way in which a token can be wrong, with the code that says so.
fn wrong_tokens(double: &StreamDouble) -> Vec<(&'static str, String, u64)> {
    let now = now();
    let other = {
        let token = double.token("amina");
        let (rest, _) = token.rsplit_once('.').unwrap();
        format!("{rest}.c2lnbmVkLWJ5LXNvbWVib2R5LWVsc2U")
    };
    let with = |claims: Value| double.token_with(&claims);
    vec![
        ("none", String::new(), 5),
        ("not a token", "opaque".into(), 5),
        ("nobody's", with(json!({ "exp": now + 60 })), 5),
        (
            "expired",
            with(json!({ "user_id": "amina", "exp": now - 1 })),
            40,
        ),
        (
            "not yet valid",
            with(json!({ "user_id": "amina", "nbf": now + 60 })),
            41,
        ),
        (
            "of the future",
            with(json!({ "user_id": "amina", "iat": now + 60 })),
            42,
        ),
        ("of another secret", other, 43),
    ]
}

#[tokio::test]
async fn each_wrong_token_has_its_own_code_over_http_and_when_connecting() {
    let double = double().await;
    for (what, token, code) in wrong_tokens(&double) {
        let request = request(&double, Method::GET, &format!("call/{CALL}"), &token);
        let (status, body) = answer(request).await;
        assert_eq!(
            (status, &body["code"]),
            (401, &json!(code)),
            "{what}: {body}"
        );
        let (mut socket, first) = introduce(&double, double.key(), &token, "amina").await;
        assert_eq!(first["type"], "connection.error", "{what}: {first}");
        assert_eq!(first["error"]["code"], code, "{what}: {first}");
        assert_eq!(
            heard(&mut socket).await,
            Value::Null,
            "{what} stays connected"
        );
    }
}

#[tokio::test]
async fn another_apps_key_and_another_users_token_are_refused() {
    let double = double().await;
    let token = double.token("amina");
    let (_, first) = introduce(&double, "another", &token, "amina").await;
    assert_eq!(first["error"]["code"], 2, "{first}");
    let (_, first) = introduce(&double, double.key(), &token, "bruno").await;
    assert_eq!(first["error"]["code"], 5, "{first}");
    let refused = double.seen();
    assert_eq!(refused, [Seen::Refused(2), Seen::Refused(5)]);
}

#[tokio::test]
async fn whoever_has_never_connected_is_not_known() {
    let double = double().await;
    let asked = request(
        &double,
        Method::POST,
        &format!("call/{CALL}"),
        &double.token("carla"),
    );
    let (status, body) = answer(asked.json(&json!({}))).await;
    assert_eq!((status, &body["code"]), (404, &json!(16)), "{body}");
    let carla = Client::connect(&double, "carla").await;
    carla.post(&format!("call/{CALL}"), json!({})).await;
}

#[tokio::test]
async fn pages_of_the_app_and_of_browsers_may_ask() {
    let double = double().await;
    for origin in ["tauri://localhost", "http://localhost:5173"] {
        let preflight = request(&double, Method::OPTIONS, &format!("call/{CALL}/join"), "")
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header(
                "access-control-request-headers",
                "authorization,x-stream-client",
            );
        let preflight = preflight.send().await.unwrap();
        let header = |name: &str| preflight.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(preflight.status(), 204);
        assert_eq!(header("access-control-allow-origin"), origin);
        let allowed = header("access-control-allow-headers");
        assert_eq!(allowed, "authorization,x-stream-client");

        // Refusals too, or the page would not see why.
        let path = format!("call/{CALL}");
        let refused = request(&double, Method::GET, &path, "").header("origin", origin);
        let refused = refused.send().await.unwrap();
        assert_eq!(refused.status(), 401);
        assert_eq!(refused.headers()["access-control-allow-origin"], origin);
    }
}

#[tokio::test]
async fn a_page_can_read_where_it_is() {
    let double = double().await;
    let asked = http()
        .head(&double.hint_url)
        .header("origin", "tauri://localhost");
    let answer = asked.send().await.unwrap();
    assert!(answer.headers().contains_key("x-amz-cf-pop"));
    let exposed = &answer.headers()["access-control-expose-headers"];
    assert!(exposed.to_str().unwrap().contains("x-amz-cf-pop"));
}

#[tokio::test]
async fn what_was_ordered_to_go_wrong_does_so_once() {
    let double = double().await;
    let client = Client::connect(&double, "amina").await;
    let path = format!("call/{CALL}");
    let full = Refusal::new(503, 101, "no server").for_good();
    double.fail_next_of("create", Fault::Refuse(full));
    let (status, body) = client.ask(Method::POST, &path, json!({})).await;
    assert_eq!(status, 503);
    assert_eq!(
        (&body["code"], &body["unrecoverable"]),
        (&json!(101), &json!(true))
    );
    client.post(&path, json!({})).await;

    double.fail_next(Fault::Garbage("<html>".into()));
    let garbage = request(&double, Method::GET, &path, &double.token("amina"));
    assert_eq!(
        garbage.send().await.unwrap().text().await.unwrap(),
        "<html>"
    );

    double.fail_next(Fault::Drop);
    let cut = request(&double, Method::GET, &path, &double.token("amina"));
    // Before the answer's head or after it.
    if let Ok(answer) = cut.send().await {
        assert!(answer.bytes().await.is_err());
    }

    double.fail_next_of("get", Fault::Slow(Duration::from_millis(1)));
    let slow = request(&double, Method::GET, &path, &double.token("amina"));
    assert_eq!(answer(slow).await.0, 200);

    double.fail_next_of("join", Fault::Silent);
    double.heal();
    client
        .post(&format!("{path}/join"), json!({ "location": "LO5" }))
        .await;
}

#[tokio::test]
async fn connecting_can_be_cut_refused_and_left_unanswered() {
    let double = double().await;
    let token = double.token("amina");
    double.fail_next_of("connect", Fault::Drop);
    let (_, first) = introduce(&double, double.key(), &token, "amina").await;
    assert_eq!(first, Value::Null);
    double.fail_next_of("connect", Fault::Refuse(Refusal::new(429, 9, "too many")));
    let (_, first) = introduce(&double, double.key(), &token, "amina").await;
    assert_eq!(first["error"]["code"], 9);
    double.fail_next_of("connect", Fault::Garbage("?".into()));
    let (_, first) = introduce(&double, double.key(), &token, "amina").await;
    assert_eq!(first, json!("?"));
    Client::connect(&double, "amina").await;
}

#[tokio::test]
async fn the_coordinator_says_that_it_is_there_until_it_falls_silent() {
    let health = Duration::from_millis(20);
    let double = double_with(Config {
        health,
        ..Config::default()
    })
    .await;
    let mut client = Client::connect(&double, "amina").await;
    client.hears("health.check").await;
    client.hears("health.check").await;
    double.fail_next_of("health", Fault::Silent);
    let silent = |seen: &[Seen]| seen.contains(&Seen::FellSilent("amina".into()));
    soon(double.wait_until(silent)).await;
    let moderation = "call.moderation_warning";
    client.post(&format!("call/{CALL}"), json!({})).await;
    double.tell("default:meeting", moderation, json!({}));
    // What was said before it fell silent may still come.
    double.drop_connections();
    loop {
        let event = heard(&mut client.socket).await;
        assert_ne!(event["type"], moderation);
        if event.is_null() {
            break;
        }
    }
}

#[tokio::test]
async fn whoever_says_nothing_for_too_long_is_given_up() {
    let patience = Duration::from_millis(50);
    let double = double_with(Config {
        patience,
        ..Config::default()
    })
    .await;
    let mut client = Client::connect(&double, "amina").await;
    assert_eq!(heard(&mut client.socket).await, Value::Null);
    let gone = |seen: &[Seen]| seen.contains(&Seen::Disconnected("amina".into()));
    soon(double.wait_until(gone)).await;
}

#[tokio::test]
async fn connections_can_be_cut_and_ended_with_a_reason() {
    let double = double().await;
    let mut amina = Client::connect(&double, "amina").await;
    let mut bruno = Client::connect(&double, "bruno").await;
    let expired = Refusal::new(401, 40, "token is expired");
    double.refuse_connected("amina", &expired);
    let error = amina.hears("connection.error").await;
    assert_eq!(error["error"]["code"], 40);
    assert_eq!(heard(&mut amina.socket).await, Value::Null);
    double.drop_connections();
    assert_eq!(heard(&mut bruno.socket).await, Value::Null);
}

#[tokio::test]
async fn a_double_that_is_stopped_leaves_its_port_and_its_clients() {
    let double = double().await;
    let port: u16 = double
        .url
        .rsplit(':')
        .next()
        .unwrap()
        .split('/')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    let token = double.token("amina");
    let (mut socket, _) = introduce(&double, double.key(), &token, "amina").await;
    soon(double.stop()).await;
    assert_eq!(heard(&mut socket).await, Value::Null);
    let again = Config {
        port,
        ..Config::default()
    };
    double_with(again).await;
}

#[cfg(unix)]
#[tokio::test]
async fn the_program_says_how_to_reach_it_and_ends_when_asked() {
    use tokio::io::{AsyncBufReadExt, BufReader};

    let mut program = tokio::process::Command::new(env!("CARGO_BIN_EXE_stream-double"))
        .args(["--user", "amina"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(program.stdout.take().unwrap()).lines();
    let line = soon(lines.next_line()).await.unwrap().unwrap();
    let about: Value = serde_json::from_str(&line).unwrap();
    let text = |name: &str| about[name].as_str().unwrap().to_owned();
    let call = http()
        .post(format!("{}/call/{CALL}", text("url")))
        .query(&[("api_key", text("api_key"))])
        .header("authorization", about["tokens"]["amina"].as_str().unwrap())
        .json(&json!({}));
    let (status, answer) = answer(call).await;
    assert_eq!(
        (status, &answer["created"]),
        (200, &json!(true)),
        "{answer}"
    );
    let id = i32::try_from(program.id().unwrap()).unwrap();
    let id = rustix::process::Pid::from_raw(id).unwrap();
    rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
    assert!(soon(program.wait()).await.unwrap().success());
}
