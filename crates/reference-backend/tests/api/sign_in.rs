use std::time::Duration;

use reference_backend::{Config, SigningKey, start};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Backend, PASSWORD, answer, code, text};

async fn me(backend: &Backend, token: &str) -> (StatusCode, Value) {
    answer(
        backend
            .request(Method::GET, "/api/v1/auth/me")
            .bearer_auth(token),
    )
    .await
}

async fn refresh(backend: &Backend, token: &str) -> (StatusCode, Value) {
    let body = json!({ "refreshToken": token });
    backend.send("/api/v1/auth/refresh", body).await
}

#[tokio::test]
async fn a_password_gives_tokens_that_work() {
    let backend = Backend::start().await;
    let ann = backend.person("Ann").await;
    let (status, body) = backend.login(&ann.email.to_uppercase(), PASSWORD).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    assert_eq!(body["tokenType"], "Bearer");
    assert_eq!(body["expiresIn"], 600);
    assert!(text(&body["expiresAt"]).ends_with('Z'));
    assert_eq!(
        body["user"],
        json!({ "id": ann.id.to_string(), "email": ann.email, "name": "Ann" })
    );
    let header = jsonwebtoken::decode_header(text(&body["accessToken"])).unwrap();
    assert!(header.kid.is_some());
    let (status, user) = me(&backend, text(&body["accessToken"])).await;
    assert_eq!((status, &user), (StatusCode::OK, &body["user"]));
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_account_are_told_alike() {
    let backend = Backend::start().await;
    let ann = backend.person("Ann").await;
    let wrong = backend.login(&ann.email, "not the password").await;
    let unknown = backend.login("nobody@salon.example", PASSWORD).await;
    let no_address = backend.login("", "").await;
    assert_eq!(wrong.0, StatusCode::UNAUTHORIZED);
    assert_eq!(code(&wrong.1), "sign-in-wrong");
    assert_eq!(wrong, unknown);
    assert_eq!(wrong, no_address);
}

#[tokio::test]
async fn an_access_token_ends_and_a_refresh_token_is_used_once() {
    let backend = Backend::start().await;
    let ann = backend.person("Ann").await;
    let (_, first) = backend.login(&ann.email, PASSWORD).await;
    backend.clock.advance(Duration::from_secs(606));
    let (status, body) = me(&backend, text(&first["accessToken"])).await;
    assert_eq!(
        (status, code(&body)),
        (StatusCode::UNAUTHORIZED, "token-expired")
    );

    let (status, second) = refresh(&backend, text(&first["refreshToken"])).await;
    assert_eq!(status, StatusCode::OK, "{second}");
    assert_eq!(second["user"], first["user"]);
    assert_ne!(second["refreshToken"], first["refreshToken"]);
    assert_eq!(
        me(&backend, text(&second["accessToken"])).await.0,
        StatusCode::OK
    );

    // The first comes again: somebody copied it, and who has the second may be the thief.
    let (status, body) = refresh(&backend, text(&first["refreshToken"])).await;
    assert_eq!(
        (status, code(&body)),
        (StatusCode::UNAUTHORIZED, "refresh-reused")
    );
    let (status, body) = refresh(&backend, text(&second["refreshToken"])).await;
    assert_eq!(
        (status, code(&body)),
        (StatusCode::UNAUTHORIZED, "refresh-invalid")
    );

    // Another sign-in of the same account is not touched.
    let (_, other) = backend.login(&ann.email, PASSWORD).await;
    assert_eq!(
        refresh(&backend, text(&other["refreshToken"])).await.0,
        StatusCode::OK
    );
}

#[tokio::test]
async fn signing_out_ends_the_sign_in_and_says_no_more_than_that() {
    let backend = Backend::start().await;
    let ann = backend.person("Ann").await;
    let (_, tokens) = backend.login(&ann.email, PASSWORD).await;
    for token in [text(&tokens["refreshToken"]), "unknown"] {
        let body = json!({ "refreshToken": token });
        let (status, _) = backend.send("/api/v1/auth/logout", body).await;
        assert_eq!(status, StatusCode::NO_CONTENT);
    }
    let (status, body) = refresh(&backend, text(&tokens["refreshToken"])).await;
    assert_eq!(
        (status, code(&body)),
        (StatusCode::UNAUTHORIZED, "refresh-invalid")
    );
}

#[tokio::test]
async fn signing_out_ends_access_tokens_at_once_wherever_they_are_taken() {
    let backend = Backend::start().await;
    let ann = backend.person("Ann").await;
    let (_, tokens) = backend.login(&ann.email, PASSWORD).await;
    let (_, other) = backend.login(&ann.email, PASSWORD).await;
    // A renewed one is of the same sign-in.
    let (_, renewed) = refresh(&backend, text(&tokens["refreshToken"])).await;
    let body = json!({ "refreshToken": renewed["refreshToken"] });
    let (status, _) = backend.send("/api/v1/auth/logout", body).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    let ended = (StatusCode::UNAUTHORIZED, "sign-in-ended");
    for pair in [&tokens, &renewed] {
        let (status, body) = me(&backend, text(&pair["accessToken"])).await;
        assert_eq!((status, code(&body)), ended);
    }
    let (status, body) = answer(
        backend
            .request(Method::GET, "/api/v1/meeting-sessions/events")
            .bearer_auth(text(&tokens["accessToken"])),
    )
    .await;
    assert_eq!((status, code(&body)), ended);
    let cookie = format!("salon_session={}", text(&tokens["accessToken"]));
    let request = backend.request(Method::GET, "/api/video-call");
    let (status, _) = answer(request.header("cookie", cookie)).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        me(&backend, text(&other["accessToken"])).await.0,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_refresh_token_that_comes_twice_ends_the_access_tokens_too() {
    let backend = Backend::start().await;
    let ann = backend.person("Ann").await;
    let (_, first) = backend.login(&ann.email, PASSWORD).await;
    let (_, second) = refresh(&backend, text(&first["refreshToken"])).await;
    assert_eq!(
        me(&backend, text(&second["accessToken"])).await.0,
        StatusCode::OK
    );
    refresh(&backend, text(&first["refreshToken"])).await;
    for pair in [&first, &second] {
        let (status, body) = me(&backend, text(&pair["accessToken"])).await;
        assert_eq!(
            (status, code(&body)),
            (StatusCode::UNAUTHORIZED, "sign-in-ended")
        );
    }
}

#[tokio::test]
async fn a_sign_in_that_ended_stays_ended_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let key = SigningKey::fresh();
    let change = |config: &mut Config| {
        config.database = folder.path().join("b.sqlite3");
        config.public_url = Some("http://127.0.0.1:1".parse().unwrap());
        config.signing_keys = vec![key.clone()];
    };
    let before = Backend::start_with(change).await;
    let ann = before.person("Ann").await;
    let (_, ended) = before.login(&ann.email, PASSWORD).await;
    let body = json!({ "refreshToken": ended["refreshToken"] });
    before.send("/api/v1/auth/logout", body).await;
    before.running.stop().await;

    let after = Backend::start_with(change).await;
    let (status, body) = me(&after, text(&ended["accessToken"])).await;
    assert_eq!(
        (status, code(&body)),
        (StatusCode::UNAUTHORIZED, "sign-in-ended")
    );
    assert_eq!(me(&after, &ann.token).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_refresh_token_that_lay_too_long_is_refused() {
    let backend = Backend::start().await;
    let ann = backend.person("Ann").await;
    let (_, tokens) = backend.login(&ann.email, PASSWORD).await;
    backend.clock.advance(Duration::from_secs(31 * 24 * 3600));
    let (status, body) = refresh(&backend, text(&tokens["refreshToken"])).await;
    assert_eq!(
        (status, code(&body)),
        (StatusCode::UNAUTHORIZED, "refresh-invalid")
    );
}

#[tokio::test]
async fn sign_ins_are_limited_and_told_when_to_come_back() {
    let backend = Backend::start_with(|config| config.limits.sign_ins_per_minute = 3).await;
    let ann = backend.person("Ann").await;
    for _ in 0..3 {
        let (status, _) = backend.login(&ann.email, "not the password").await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
    }
    let body = json!({ "email": ann.email, "password": PASSWORD });
    let request = backend
        .request(Method::POST, "/api/v1/auth/login")
        .json(&body);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    let wait: u64 = response.headers()["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(code(&response.json().await.unwrap()), "rate-limited");
}

#[tokio::test]
async fn one_address_guesses_little_and_locks_nobody_out() {
    let backend = Backend::start_with(|config| {
        config.limits.sign_ins_per_minute = 1000;
        config.trust_forwarded_for = true;
    })
    .await;
    let ann = backend.person("Ann").await;
    let attempt = async |password: &str, from: &str| {
        let body = json!({ "email": ann.email, "password": password });
        let request = backend
            .request(Method::POST, "/api/v1/auth/login")
            .json(&body);
        answer(request.header("x-forwarded-for", from)).await.0
    };
    let looked_at = async |from: &str| {
        let mut looked_at = 0;
        for _ in 0..60 {
            if attempt("not the password", from).await == StatusCode::UNAUTHORIZED {
                looked_at += 1;
            }
        }
        looked_at
    };
    // At once half of what an hour has: a fifth of a hundred for each address.
    assert_eq!(looked_at("192.0.2.1").await, 10);
    assert_eq!(attempt(PASSWORD, "192.0.2.9").await, StatusCode::OK);
    // Many together get no further than a hundred an hour.
    let mut of_all = 10;
    for address in 2..=8 {
        of_all += looked_at(&format!("192.0.2.{address}")).await;
    }
    assert!((49..=100).contains(&of_all), "{of_all}");
}

#[tokio::test]
async fn a_sign_in_that_is_renewed_again_and_again_ends_all_the_same() {
    let backend = Backend::start_with(|config| config.limits.renewals_per_minute = 1000).await;
    let ann = backend.person("Ann").await;
    let (_, mut tokens) = backend.login(&ann.email, PASSWORD).await;
    let mut renewed = 0;
    let refused = loop {
        backend.clock.advance(Duration::from_secs(20 * 24 * 3600));
        let (status, next) = refresh(&backend, text(&tokens["refreshToken"])).await;
        if status != StatusCode::OK {
            break next;
        }
        tokens = next;
        renewed += 1;
        assert!(renewed < 20, "it never ends");
    };
    assert_eq!(code(&refused), "refresh-invalid");
    assert_eq!(renewed, 8);
}

#[tokio::test]
async fn behind_a_proxy_the_address_is_the_last_one_it_wrote() {
    let backend = Backend::start_with(|config| {
        config.limits.sign_ins_per_minute = 1;
        config.trust_forwarded_for = true;
    })
    .await;
    let attempt = async |email: &str, forwarded: &str| {
        let body = json!({ "email": email, "password": "not the password" });
        let request = backend
            .request(Method::POST, "/api/v1/auth/login")
            .json(&body);
        answer(request.header("x-forwarded-for", forwarded)).await.0
    };
    assert_eq!(
        attempt("a@x.example", "192.0.2.1").await,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        attempt("b@x.example", "192.0.2.2").await,
        StatusCode::UNAUTHORIZED
    );
    let pretended = attempt("c@x.example", "192.0.2.3, 192.0.2.1").await;
    assert_eq!(pretended, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_backend_started_with_a_new_key_in_front_accepts_the_old_ones_tokens() {
    let folder = tempfile::tempdir().unwrap();
    let (old, new) = (SigningKey::fresh(), SigningKey::fresh());
    let with = |keys: Vec<SigningKey>| {
        let mut config = Config::loopback(folder.path().join("b.sqlite3"));
        config.public_url = Some("http://127.0.0.1:1".parse().unwrap());
        config.signing_keys = keys;
        config
    };
    let before = start(with(vec![old.clone()])).await.unwrap();
    let account = reference_backend::NewAccount {
        id: None,
        email: "a@x.example".into(),
        name: "A".into(),
        password: PASSWORD.into(),
    };
    let id = before.add_account(account).await.unwrap();
    let token = before.access_token(&id).await.unwrap();
    before.stop().await;

    for (keys, expected) in [
        (vec![new.clone(), old], StatusCode::OK),
        (vec![new], StatusCode::UNAUTHORIZED),
    ] {
        let running = start(with(keys)).await.unwrap();
        let url = format!("http://{}/api/v1/auth/me", running.address);
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let token = secrecy::ExposeSecret::expose_secret(&token);
        let response = client.get(url).bearer_auth(token).send().await.unwrap();
        assert_eq!(response.status(), expected);
        running.stop().await;
    }
}

#[tokio::test]
async fn a_request_without_a_good_token_is_refused_everywhere() {
    let backend = Backend::start().await;
    for (method, path) in [
        (Method::GET, "/api/v1/auth/me"),
        (Method::GET, "/api/v1/requests"),
        (Method::POST, "/api/v1/requests"),
        (Method::POST, "/api/v1/requests/x/offers"),
        (Method::GET, "/api/v1/offers"),
        (Method::PATCH, "/api/v1/offers/x"),
        (Method::GET, "/api/v1/meeting-sessions"),
        (Method::GET, "/api/v1/meeting-sessions/events"),
        (Method::GET, "/api/v1/meeting-sessions/x"),
        (Method::POST, "/api/v1/meeting-sessions/x/end"),
        (Method::POST, "/api/v1/meeting-sessions/x/cancel"),
        (Method::POST, "/api/v1/meeting-sessions/x/token"),
    ] {
        let without = answer(backend.request(method.clone(), path)).await;
        assert_eq!(without.0, StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(code(&without.1), "token-missing");
        let bad = answer(backend.request(method, path).bearer_auth("a.b.c")).await;
        assert_eq!(bad.0, StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(code(&bad.1), "token-invalid");
    }
}
