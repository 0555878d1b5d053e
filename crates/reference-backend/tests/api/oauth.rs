use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::Url;

use crate::support::{Backend, PASSWORD, Person, answer, text};

const VERIFIER: &str = "a-verifier-of-at-least-forty-three-characters-0123";
const REDIRECT: &str = "http://127.0.0.1:49152/back";

fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER))
}

fn query(redirect: &str) -> Vec<(&'static str, String)> {
    vec![
        ("response_type", "code".into()),
        ("client_id", "salon".into()),
        ("redirect_uri", redirect.into()),
        ("state", "a&b=\"c\"".into()),
        ("code_challenge", challenge()),
        ("code_challenge_method", "S256".into()),
    ]
}

fn with(
    mut form: Vec<(&'static str, String)>,
    name: &'static str,
    value: &str,
) -> Vec<(&'static str, String)> {
    form.retain(|(field, _)| *field != name);
    form.push((name, value.into()));
    form
}

async fn sign_in(backend: &Backend, who: &Person, redirect: &str, password: &str) -> Response {
    let form = with(query(redirect), "email", &who.email);
    let form = with(form, "password", password);
    let request = backend
        .request(Method::POST, "/oauth/authorize")
        .form(&form);
    request.send().await.unwrap()
}

fn back(response: &Response) -> Vec<(String, String)> {
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let location = response.headers()["location"].to_str().unwrap();
    Url::parse(location)
        .unwrap()
        .query_pairs()
        .into_owned()
        .collect()
}

fn field<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = pairs.iter().find(|(key, _)| key == name);
    found.map(|(_, value)| value.as_str())
}

async fn code_for(backend: &Backend, who: &Person) -> String {
    let response = sign_in(backend, who, REDIRECT, PASSWORD).await;
    field(&back(&response), "code").unwrap().to_owned()
}

fn exchange(code: &str) -> Vec<(&'static str, String)> {
    vec![
        ("grant_type", "authorization_code".into()),
        ("code", code.into()),
        ("redirect_uri", REDIRECT.into()),
        ("client_id", "salon".into()),
        ("code_verifier", VERIFIER.into()),
    ]
}

async fn token(backend: &Backend, form: &[(&'static str, String)]) -> (StatusCode, Value) {
    answer(backend.request(Method::POST, "/oauth/token").form(form)).await
}

#[tokio::test]
async fn the_metadata_leads_through_the_whole_flow() {
    let backend = Backend::start().await;
    let ann = backend.person("Ann").await;
    let path = "/.well-known/openid-configuration";
    let (_, metadata) = answer(backend.request(Method::GET, path)).await;
    assert_eq!(metadata["issuer"], backend.running.url.as_str());
    assert_eq!(
        metadata["code_challenge_methods_supported"],
        json!(["S256"])
    );

    let page = backend
        .client
        .get(text(&metadata["authorization_endpoint"]))
        .query(&query(REDIRECT))
        .send()
        .await
        .unwrap();
    assert_eq!(page.status(), StatusCode::OK);
    let policy = page.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    let html = page.text().await.unwrap();
    assert!(html.contains("value=\"a&amp;b=&quot;c&quot;\""), "{html}");

    for redirect in [REDIRECT, "salon://auth"] {
        let response = sign_in(&backend, &ann, redirect, PASSWORD).await;
        let location = response.headers()["location"].to_str().unwrap();
        assert!(location.starts_with(&format!("{redirect}?")), "{location}");
        let pairs = back(&response);
        assert_eq!(field(&pairs, "state"), Some("a&b=\"c\""));
        assert_eq!(field(&pairs, "iss"), Some(backend.running.url.as_str()));
        let form = with(
            exchange(field(&pairs, "code").unwrap()),
            "redirect_uri",
            redirect,
        );
        let request = backend.client.post(text(&metadata["token_endpoint"]));
        let response = request.form(&form).send().await.unwrap();
        assert_eq!(response.headers()["cache-control"], "no-store");
        let tokens: Value = response.json().await.unwrap();
        assert_eq!(tokens["token_type"], "Bearer");
        assert_eq!(tokens["expires_in"], 600);
        let me = backend.request(Method::GET, "/api/v1/auth/me");
        let (status, user) = answer(me.bearer_auth(text(&tokens["access_token"]))).await;
        assert_eq!((status, text(&user["name"])), (StatusCode::OK, "Ann"));
    }
}

#[tokio::test]
async fn a_refresh_token_from_there_rotates_as_all_do() {
    let backend = Backend::start().await;
    let ann = backend.person("Ann").await;
    let (_, first) = token(&backend, &exchange(&code_for(&backend, &ann).await)).await;
    let renewal = |tokens: &Value| {
        vec![
            ("grant_type", "refresh_token".to_owned()),
            ("refresh_token", text(&tokens["refresh_token"]).to_owned()),
        ]
    };
    let (status, second) = token(&backend, &renewal(&first)).await;
    assert_eq!(status, StatusCode::OK, "{second}");
    for tokens in [&first, &second] {
        let (status, body) = token(&backend, &renewal(tokens)).await;
        assert_eq!(
            (status, text(&body["error"])),
            (StatusCode::BAD_REQUEST, "invalid_grant")
        );
    }
}

#[tokio::test]
async fn what_was_given_back_is_worth_nothing_and_says_who_it_was_for_until_then() {
    let backend = Backend::start().await;
    let ann = backend.person("Ann").await;
    let (_, tokens) = token(&backend, &exchange(&code_for(&backend, &ann).await)).await;
    let who = backend.request(Method::GET, "/oauth/userinfo");
    let (status, who) = answer(who.bearer_auth(text(&tokens["access_token"]))).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(who["sub"], ann.id.to_string());
    assert_eq!(
        (text(&who["name"]), text(&who["email"])),
        ("Ann", ann.email.as_str())
    );
    let refresh = text(&tokens["refresh_token"]);
    // The second time it is not valid any more, which is no error (RFC 7009, section 2.2).
    for _ in 0..2 {
        let form = [("token", refresh), ("token_type_hint", "refresh_token")];
        let request = backend.request(Method::POST, "/oauth/revoke").form(&form);
        assert_eq!(answer(request).await.0, StatusCode::OK);
    }
    let renewal = [
        ("grant_type", "refresh_token".to_owned()),
        ("refresh_token", refresh.to_owned()),
    ];
    assert_eq!(token(&backend, &renewal).await.0, StatusCode::BAD_REQUEST);
    let anybody = backend.request(Method::GET, "/oauth/userinfo");
    assert_eq!(answer(anybody).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn giving_a_refresh_token_back_ends_access_tokens_and_live_lists_at_once() {
    let backend = Backend::start().await;
    let ann = backend.person("Ann").await;
    let (_, tokens) = token(&backend, &exchange(&code_for(&backend, &ann).await)).await;
    let access = text(&tokens["access_token"]);
    let events = backend.request(Method::GET, "/api/v1/meeting-sessions/events");
    let mut live = events.bearer_auth(access).send().await.unwrap();
    assert!(live.chunk().await.unwrap().is_some());
    let form = [("token", text(&tokens["refresh_token"]))];
    let request = backend.request(Method::POST, "/oauth/revoke").form(&form);
    assert_eq!(answer(request).await.0, StatusCode::OK);
    assert_eq!(live.chunk().await.unwrap(), None);
    let who = backend.request(Method::GET, "/oauth/userinfo");
    let (status, _) = answer(who.bearer_auth(access)).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    // Her other sign-in goes on.
    let who = backend.request(Method::GET, "/oauth/userinfo");
    let (status, _) = answer(who.bearer_auth(&ann.token)).await;
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn a_code_works_once_and_a_second_use_takes_back_what_it_gave() {
    let backend = Backend::start().await;
    let ann = backend.person("Ann").await;
    let form = exchange(&code_for(&backend, &ann).await);
    let (status, tokens) = token(&backend, &form).await;
    assert_eq!(status, StatusCode::OK);
    let (status, body) = token(&backend, &form).await;
    assert_eq!(
        (status, text(&body["error"])),
        (StatusCode::BAD_REQUEST, "invalid_grant")
    );
    let body = json!({ "refreshToken": tokens["refresh_token"] });
    let (status, _) = backend.send("/api/v1/auth/refresh", body).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    let request = backend.request(Method::GET, "/api/v1/auth/me");
    let (status, _) = answer(request.bearer_auth(text(&tokens["access_token"]))).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_code_lasts_a_minute_and_is_bound_to_verifier_address_and_client() {
    let backend = Backend::start().await;
    let ann = backend.person("Ann").await;
    let other = "another-verifier-of-at-least-forty-three-characters";
    for (name, value) in [
        ("code_verifier", other),
        ("code_verifier", ""),
        ("redirect_uri", "salon://auth"),
        ("client_id", "other"),
        ("code", "made-up"),
    ] {
        let form = exchange(&code_for(&backend, &ann).await);
        let (status, body) = token(&backend, &with(form.clone(), name, value)).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{name}");
        assert_eq!(body["error"], "invalid_grant", "{name}");
        // Whoever tried with the right code has used it up.
        let (status, _) = token(&backend, &form).await;
        let expected = if name == "code" {
            StatusCode::OK
        } else {
            StatusCode::BAD_REQUEST
        };
        assert_eq!(status, expected, "{name}");
    }
    let form = exchange(&code_for(&backend, &ann).await);
    backend.clock.advance(Duration::from_secs(61));
    assert_eq!(token(&backend, &form).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn who_cannot_be_sent_back_gets_a_page_and_others_are_told_through_the_browser() {
    let backend = Backend::start().await;
    let ask = async |form: Vec<(&'static str, String)>| {
        let request = backend
            .request(Method::GET, "/oauth/authorize")
            .query(&form);
        request.send().await.unwrap()
    };
    for (name, value) in [
        ("client_id", "other"),
        ("redirect_uri", "https://evil.example/"),
        ("redirect_uri", "salon://join"),
        ("redirect_uri", ""),
    ] {
        let response = ask(with(query(REDIRECT), name, value)).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{name}");
        assert!(response.headers().get("location").is_none());
    }
    for (name, value, error) in [
        ("response_type", "token", "unsupported_response_type"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("code_challenge_method", "", "invalid_request"),
        ("code_challenge", "short", "invalid_request"),
    ] {
        let pairs = back(&ask(with(query(REDIRECT), name, value)).await);
        assert_eq!(field(&pairs, "error"), Some(error), "{name}");
        assert_eq!(field(&pairs, "state"), Some("a&b=\"c\""));
        assert_eq!(field(&pairs, "code"), None);
    }
}

#[tokio::test]
async fn a_wrong_password_shows_the_form_again_and_not_for_ever() {
    let backend = Backend::start_with(|config| config.limits.sign_ins_per_minute = 1).await;
    let ann = backend.person("Ann").await;
    let response = sign_in(&backend, &ann, REDIRECT, "<wrong password>").await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    let html = response.text().await.unwrap();
    assert!(
        html.contains("role=\"alert\"") && html.contains("name=\"state\""),
        "{html}"
    );
    assert!(!html.contains("wrong password>"), "{html}");
    let response = sign_in(&backend, &ann, REDIRECT, PASSWORD).await;
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(response.headers().contains_key("retry-after"));
}

#[tokio::test]
async fn what_is_no_exchange_is_told_in_the_words_of_the_protocol() {
    let backend = Backend::start().await;
    for (form, error) in [
        (
            vec![("grant_type", "password".to_owned())],
            "unsupported_grant_type",
        ),
        (
            vec![("grant_type", "authorization_code".to_owned())],
            "invalid_request",
        ),
        (vec![], "invalid_request"),
    ] {
        let (status, body) = token(&backend, &form).await;
        assert_eq!(
            (status, text(&body["error"])),
            (StatusCode::BAD_REQUEST, error)
        );
    }
}
