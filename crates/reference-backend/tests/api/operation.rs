use reference_backend::{AccountProblem, Config, NewAccount, StartError, start};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Backend, LIVEKIT_SECRET, PASSWORD, STREAM_SECRET, answer, text};

#[tokio::test]
async fn health_answers_without_a_sign_in() {
    let backend = Backend::start().await;
    for path in ["/health/live", "/health/ready"] {
        let ok = (StatusCode::OK, json!({ "status": "ok" }));
        assert_eq!(answer(backend.request(Method::GET, path)).await, ok);
    }
}

#[tokio::test]
async fn metrics_count_by_pattern_and_show_no_secret() {
    let backend = Backend::start().await;
    let (ann, ben) = (backend.person("Ann").await, backend.person("Ben").await);
    backend.login(&ann.email, PASSWORD).await;
    backend.login(&ann.email, "not the password").await;
    let id = backend.accept(&ann, &backend.offer(&ann, &ben).await).await;
    backend
        .get(&ann, &format!("/api/v1/meeting-sessions/{id}?secret=x"))
        .await;
    let response = backend
        .request(Method::GET, "/metrics")
        .send()
        .await
        .unwrap();
    let text = response.text().await.unwrap();
    for wanted in [
        "salon_sign_ins_total{outcome=\"accepted\"} 1",
        "salon_sign_ins_total{outcome=\"refused\"} 1",
        "salon_meeting_sessions_total{outcome=\"created\"} 1",
        "route=\"/api/v1/meeting-sessions/{id}\"",
        "salon_live_lists 0",
    ] {
        assert!(text.contains(wanted), "{wanted} is not in\n{text}");
    }
    for secret in [
        id.as_str(),
        "secret=x",
        PASSWORD,
        LIVEKIT_SECRET,
        STREAM_SECRET,
        &ann.token,
    ] {
        assert!(!text.contains(secret));
    }
}

#[tokio::test]
async fn every_answer_has_headers_that_protect() {
    let backend = Backend::start().await;
    for path in [
        "/health/live",
        "/nowhere",
        "/oauth/authorize",
        "/sign-in/salon",
    ] {
        let response = backend.request(Method::GET, path).send().await.unwrap();
        let headers = response.headers();
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(headers["x-frame-options"], "DENY", "{path}");
        assert!(headers.contains_key("content-security-policy"), "{path}");
        assert_eq!(headers["cache-control"], "no-store", "{path}");
        assert!(!headers.contains_key("strict-transport-security"), "{path}");
    }
    let https = Backend::start_with(|config| {
        config.public_url = Some("https://meet.example/".parse().unwrap());
    })
    .await;
    let response = https
        .request(Method::GET, "/health/live")
        .send()
        .await
        .unwrap();
    let year = &response.headers()["strict-transport-security"];
    assert_eq!(year, "max-age=31536000");
    let ann = https.person("Ann").await;
    let body = json!({ "email": ann.email, "password": PASSWORD });
    let login = https
        .request(Method::POST, "/api/v1/auth/login")
        .json(&body);
    let response = login.send().await.unwrap();
    let cookie = response.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.ends_with("; Secure"), "{cookie}");
    let with_others = Backend::start_with(|config| {
        config.public_url = Some("https://meet.example/".parse().unwrap());
        config.hsts_include_subdomains = true;
    })
    .await;
    let request = with_others.request(Method::GET, "/health/live");
    let response = request.send().await.unwrap();
    let year = &response.headers()["strict-transport-security"];
    assert_eq!(year, "max-age=31536000; includeSubDomains");
}

#[tokio::test]
async fn the_document_describes_every_endpoint() {
    let backend = Backend::start().await;
    let (_, document) = answer(backend.request(Method::GET, "/api/openapi.json")).await;
    assert!(text(&document["openapi"]).starts_with("3."));
    for (path, method) in [
        ("/api/v1/auth/login", "post"),
        ("/api/v1/auth/refresh", "post"),
        ("/api/v1/auth/logout", "post"),
        ("/api/v1/auth/me", "get"),
        ("/oauth/authorize", "get"),
        ("/oauth/authorize", "post"),
        ("/oauth/token", "post"),
        ("/sign-in/salon", "get"),
        ("/sign-in/salon", "post"),
        ("/oauth/revoke", "post"),
        ("/oauth/userinfo", "get"),
        ("/.well-known/openid-configuration", "get"),
        ("/api/v1/stream/token", "post"),
        ("/api/video-call/token", "post"),
        ("/api/video-call", "get"),
        ("/api/video-call", "post"),
        ("/api/reading-clubs/meetings/token", "post"),
        ("/api/v1/requests", "get"),
        ("/api/v1/requests", "post"),
        ("/api/v1/requests/{id}/offers", "post"),
        ("/api/v1/offers", "get"),
        ("/api/v1/offers/{id}", "patch"),
        ("/api/v1/meeting-sessions", "get"),
        ("/api/v1/meeting-sessions/events", "get"),
        ("/api/v1/meeting-sessions/{id}", "get"),
        ("/api/v1/meeting-sessions/{id}/end", "post"),
        ("/api/v1/meeting-sessions/{id}/cancel", "post"),
        ("/api/v1/meeting-sessions/{id}/token", "post"),
        ("/health/live", "get"),
        ("/health/ready", "get"),
        ("/metrics", "get"),
    ] {
        let operation = &document["paths"][path][method];
        assert!(operation["responses"].is_object(), "{method} {path}");
    }
    let mut references = Vec::new();
    collect_references(&document, &mut references);
    for reference in references {
        let pointer = reference.trim_start_matches('#');
        assert!(
            document.pointer(pointer).is_some(),
            "{reference} leads nowhere"
        );
    }
    let session = &document["components"]["schemas"]["MeetingSessionJson"]["properties"];
    assert!(session["otherPartyName"].is_object(), "{session}");
}

fn collect_references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(fields) => {
            if let Some(reference) = fields.get("$ref").and_then(Value::as_str) {
                found.push(reference);
            }
            for field in fields.values() {
                collect_references(field, found);
            }
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| collect_references(item, found)),
        _ => {}
    }
}

#[tokio::test]
async fn accounts_are_checked_and_do_not_become_one_at_stream() {
    let backend = Backend::start().await;
    let add = async |id: Option<&str>, email: &str, name: &str, password: &str| {
        let account = NewAccount {
            id: id.map(str::to_owned),
            email: email.into(),
            name: name.into(),
            password: password.into(),
        };
        backend.running.add_account(account).await
    };
    add(Some("A.1"), "a@x.example", "A", PASSWORD)
        .await
        .unwrap();
    let problem =
        async |id, email, name, password| add(id, email, name, password).await.unwrap_err();
    use AccountProblem::{Email, Id, Name, Password, Taken};
    assert_eq!(problem(None, "A@x.example", "B", PASSWORD).await, Taken);
    assert_eq!(
        problem(Some("a_1"), "b@x.example", "B", PASSWORD).await,
        Taken
    );
    assert_eq!(problem(None, "nothing", "B", PASSWORD).await, Email);
    assert_eq!(problem(None, "b@x.example", " ", PASSWORD).await, Name);
    assert_eq!(problem(Some(""), "b@x.example", "B", PASSWORD).await, Id);
    assert_eq!(
        problem(None, "b@x.example", "B", "too short").await,
        Password
    );
    add(None, "b@x.example", "B", PASSWORD).await.unwrap();
}

#[tokio::test]
async fn the_demo_is_ready_to_be_played_as_often_as_it_is_started() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..2 {
        let path = folder.path().join("demo.sqlite3");
        let backend = Backend::start_with(|config| {
            config.database = path;
            config.demo = true;
        })
        .await;
        let (status, amina) = backend.login("amina@salon.example", "amina-demo").await;
        assert_eq!(status, StatusCode::OK, "{amina}");
        let (status, bruno) = backend.login("bruno@salon.example", "bruno-demo").await;
        assert_eq!(status, StatusCode::OK);
        let bearer = |who: &Value| text(&who["accessToken"]).to_owned();
        let request = backend.request(Method::GET, "/api/v1/offers");
        let (_, offers) = answer(request.bearer_auth(bearer(&bruno))).await;
        let offers = offers["offers"].as_array().unwrap();
        assert_eq!(offers.len(), round + 1);
        assert_eq!(offers[0]["status"], "pending");
        let path = format!("/api/v1/offers/{}", text(&offers[0]["id"]));
        let request = backend
            .request(Method::PATCH, &path)
            .bearer_auth(bearer(&amina));
        let (status, _) = answer(request.json(&json!({ "status": "accepted" }))).await;
        assert_eq!(status, StatusCode::OK);
        backend.running.stop().await;
    }
}

#[tokio::test]
async fn what_would_not_be_safe_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    let with = async |change: fn(&mut Config)| {
        let mut config = Config::loopback(folder.path().join("b.sqlite3"));
        change(&mut config);
        start(config).await.map(|running| running.url.clone())
    };
    let everywhere = |config: &mut Config| config.listen = ([0, 0, 0, 0], 0).into();
    let refused = with(everywhere).await.unwrap_err();
    assert!(matches!(refused, StartError::NotHttps), "{refused}");
    let refused = with(|config| {
        config.listen = ([0, 0, 0, 0], 0).into();
        config.public_url = Some("https://meet.example".parse().unwrap());
        config.demo = true;
    });
    assert!(matches!(
        refused.await.unwrap_err(),
        StartError::DemoNotLoopback
    ));
    let refused = with(|config| config.public_url = Some("http://meet.example".parse().unwrap()));
    assert!(matches!(refused.await.unwrap_err(), StartError::NotHttps));
    let refused = with(|config| config.signing_keys.clear());
    assert!(matches!(
        refused.await.unwrap_err(),
        StartError::NoSigningKey
    ));
    let refused = with(|config| config.database = "/".into());
    assert!(matches!(
        refused.await.unwrap_err(),
        StartError::Database(_)
    ));
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_can_read_the_database_and_no_secret_is_in_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("b.sqlite3");
    let at = path.clone();
    let backend = Backend::start_with(|config| config.database = at).await;
    let ann = backend.person("Ann").await;
    let (_, tokens) = backend.login(&ann.email, PASSWORD).await;
    let refresh = text(&tokens["refreshToken"]);
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{:?}", file.path());
        let bytes = std::fs::read(file.path()).unwrap();
        for secret in [
            PASSWORD,
            refresh,
            ann.token.as_str(),
            LIVEKIT_SECRET,
            STREAM_SECRET,
        ] {
            let found = bytes
                .windows(secret.len())
                .any(|part| part == secret.as_bytes());
            assert!(!found, "{secret} is in {:?}", file.path());
        }
    }
    let config = format!("{:?}", Config::loopback(path));
    assert!(config.contains("REDACTED"), "{config}");
}
