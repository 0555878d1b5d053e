use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::{Method, Response, StatusCode};
use sha2::{Digest, Sha256};
use url::Url;

use crate::support::{Backend, PASSWORD, Person, answer, text};

const PATH: &str = "/sign-in/salon";
/// As long as the app's.
const STATE: &str = "OfZ-93_bRtq0123456789abcdefghijklmnopqrstuv";

/// A form that is shown in some browser.
struct Form {
    cookie: String,
    key: String,
    html: String,
}

async fn get(backend: &Backend, query: &[(&str, &str)]) -> Response {
    let request = backend.request(Method::GET, PATH).query(query);
    request.send().await.unwrap()
}

fn between<'a>(html: &'a str, start: &str, end: &str) -> &'a str {
    let (_, rest) = html.split_once(start).unwrap_or_else(|| panic!("{html}"));
    rest.split_once(end).unwrap_or_else(|| panic!("{html}")).0
}

async fn read(response: Response) -> Form {
    let cookie = response.headers()["set-cookie"].to_str().unwrap();
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let html = response.text().await.unwrap();
    Form {
        cookie,
        key: between(&html, "name=\"form\" value=\"", "\"").to_owned(),
        html,
    }
}

async fn shown(backend: &Backend) -> Form {
    let response = get(backend, &[("state", STATE)]).await;
    assert_eq!(response.status(), StatusCode::OK);
    read(response).await
}

async fn fill_in(
    backend: &Backend,
    form: &Form,
    who: &Person,
    change: impl FnOnce(&mut Vec<(&str, String)>),
) -> Response {
    let mut fields = vec![
        ("state", STATE.to_owned()),
        ("form", form.key.clone()),
        ("email", who.email.clone()),
        ("password", PASSWORD.to_owned()),
    ];
    change(&mut fields);
    let request = backend.request(Method::POST, PATH).form(&fields);
    request.header("cookie", &form.cookie).send().await.unwrap()
}

/// The first link to the app in a page.
fn link(html: &str) -> Url {
    let written = between(html, "href=\"salon:", "\"").replace("&amp;", "&");
    format!("salon:{written}").parse().unwrap()
}

fn parameter(link: &Url, name: &str) -> Option<String> {
    let mut pairs = link.query_pairs();
    pairs.find_map(|(key, value)| (key == name).then(|| value.into_owned()))
}

#[tokio::test]
async fn the_page_leads_back_to_the_app_with_a_sign_in_of_its_own() {
    let backend = Backend::start().await;
    let ann = backend.person("Ann").await;
    let form = shown(&backend).await;
    let refused = link(&form.html);
    assert_eq!(
        parameter(&refused, "error").as_deref(),
        Some("access_denied")
    );
    assert_eq!(parameter(&refused, "token"), None);

    let response = fill_in(&backend, &form, &ann, |_| {}).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["cache-control"], "no-store");
    let cookie = response.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("salon_form=; ") && cookie.contains("Max-Age=0"));
    let html = response.text().await.unwrap();
    assert!(html.contains("signed in as Ann"), "{html}");
    let link = link(&html);
    assert!(link.as_str().starts_with("salon://sign-in?"), "{link}");
    assert_eq!(link.fragment(), None);
    assert_eq!(parameter(&link, "state").as_deref(), Some(STATE));
    assert_eq!(
        parameter(&link, "backend").as_deref(),
        Some(backend.running.url.as_str())
    );
    let token = parameter(&link, "token").unwrap();
    assert_ne!(token, ann.token, "it is made for this");
    let me = backend.request(Method::GET, "/api/v1/auth/me");
    let (status, user) = answer(me.bearer_auth(&token)).await;
    assert_eq!((status, text(&user["name"])), (StatusCode::OK, "Ann"));
    // It is short, and nothing in the page renews it.
    backend.clock.advance(std::time::Duration::from_secs(661));
    let me = backend.request(Method::GET, "/api/v1/auth/me");
    let (status, _) = answer(me.bearer_auth(&token)).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_state_that_no_app_makes_is_neither_shown_nor_sent_on() {
    let backend = Backend::start().await;
    let ann = backend.person("Ann").await;
    let script = "\"><script>alert(1)</script>";
    let long = "s".repeat(129);
    for query in [
        vec![],
        vec![("state", "")],
        vec![("state", "short")],
        vec![("state", script)],
        vec![("state", "0123456789abcdef&token=evil")],
        vec![("state", long.as_str())],
        vec![("state", STATE), ("state", STATE)],
        vec![("state", STATE), ("code_challenge", STATE)],
        vec![("state", STATE), ("code_challenge_method", "S256")],
        vec![
            ("state", STATE),
            ("code_challenge", STATE),
            ("code_challenge_method", "plain"),
        ],
        vec![
            ("state", STATE),
            ("code_challenge", script),
            ("code_challenge_method", "S256"),
        ],
    ] {
        let response = get(&backend, &query).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{query:?}");
        assert!(response.headers().get("set-cookie").is_none());
        let html = response.text().await.unwrap();
        assert!(!html.contains("salon:") && !html.contains("<script"));
    }
    let form = shown(&backend).await;
    let response = fill_in(&backend, &form, &ann, |fields| fields[0].1 = script.into()).await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    let html = response.text().await.unwrap();
    assert!(!html.contains("salon:") && !html.contains("<script"));
}

#[tokio::test]
async fn nothing_that_is_asked_changes_where_the_page_leads() {
    let backend = Backend::start().await;
    for (name, value) in [
        ("backend", "https://evil.example"),
        ("redirect_uri", "https://evil.example/"),
        ("return_to", "//evil.example"),
    ] {
        let response = get(&backend, &[("state", STATE), (name, value)]).await;
        assert!(response.headers().get("location").is_none());
        let policy = response.headers()["content-security-policy"].clone();
        let policy = policy.to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("form-action 'self'"));
        let html = response.text().await.unwrap();
        assert!(!html.contains("evil.example"), "{html}");
        let own = backend.running.url.as_str();
        assert_eq!(parameter(&link(&html), "backend").as_deref(), Some(own));
    }
}

#[tokio::test]
async fn only_the_form_that_this_browser_shows_is_taken() {
    let backend = Backend::start().await;
    let ann = backend.person("Ann").await;
    let (form, other) = (shown(&backend).await, shown(&backend).await);
    assert_ne!(form.key, other.key);
    for (cookie, key) in [
        ("", form.key.as_str()),
        ("salon_form=", ""),
        (other.cookie.as_str(), form.key.as_str()),
        ("other=x", form.key.as_str()),
        (form.cookie.as_str(), "made-up"),
    ] {
        let forged = Form {
            cookie: cookie.into(),
            key: key.into(),
            html: String::new(),
        };
        let response = fill_in(&backend, &forged, &ann, |_| {}).await;
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "{cookie} {key}");
        let again = read(response).await;
        assert!(!again.html.contains("token="), "{}", again.html);
        // With what is shown now, it works.
        let response = fill_in(&backend, &again, &ann, |_| {}).await;
        assert_eq!(response.status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn a_wrong_password_shows_the_form_again_and_not_for_ever() {
    let backend = Backend::start_with(|config| config.limits.sign_ins_per_minute = 1).await;
    let ann = backend.person("Ann").await;
    let form = shown(&backend).await;
    let wrong = fill_in(&backend, &form, &ann, |fields| {
        fields[3].1 = "<wrong password>".into();
    });
    let response = wrong.await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    let again = read(response).await;
    assert!(again.html.contains("role=\"alert\""), "{}", again.html);
    assert!(!again.html.contains("wrong password>") && !again.html.contains("token="));
    let response = fill_in(&backend, &again, &ann, |_| {}).await;
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(response.headers().contains_key("retry-after"));
    assert!(!response.text().await.unwrap().contains("token="));
}

#[tokio::test]
async fn the_page_itself_is_not_there_for_ever_either() {
    let backend = Backend::start_with(|config| config.limits.renewals_per_minute = 1).await;
    shown(&backend).await;
    let response = get(&backend, &[("state", STATE)]).await;
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(response.headers().contains_key("retry-after"));
}

#[tokio::test]
async fn with_https_no_other_host_can_set_the_cookie() {
    let backend = Backend::start_with(|config| {
        config.public_url = Some("https://meet.example/".parse().unwrap());
    })
    .await;
    let ann = backend.person("Ann").await;
    let response = get(&backend, &[("state", STATE)]).await;
    let cookie = response.headers()["set-cookie"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(cookie.starts_with("__Host-salon_form="), "{cookie}");
    for attribute in ["; Path=/;", "; HttpOnly", "; SameSite=Strict", "; Secure"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    let form = read(response).await;
    let response = fill_in(&backend, &form, &ann, |_| {}).await;
    let html = response.text().await.unwrap();
    let origin = Some("https://meet.example".to_owned());
    assert_eq!(parameter(&link(&html), "backend"), origin);
}

#[tokio::test]
async fn with_a_challenge_the_link_has_a_code_that_is_worth_nothing_to_others() {
    const VERIFIER: &str = "a-verifier-of-at-least-forty-three-characters-0123";
    let backend = Backend::start().await;
    let ann = backend.person("Ann").await;
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
    let asked = [
        ("state", STATE),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
    ];
    let code = async || {
        let form = read(get(&backend, &asked).await).await;
        assert!(form.html.contains(&format!("value=\"{challenge}\"")));
        let response = fill_in(&backend, &form, &ann, |fields| {
            fields.push(("code_challenge", challenge.clone()));
            fields.push(("code_challenge_method", "S256".into()));
        });
        let html = response.await.text().await.unwrap();
        let link = link(&html);
        assert_eq!(parameter(&link, "token"), None);
        assert_eq!(parameter(&link, "state").as_deref(), Some(STATE));
        parameter(&link, "code").unwrap()
    };
    let exchange = async |code: &str, verifier: &str, redirect: &str| {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect),
            ("client_id", "salon"),
            ("code_verifier", verifier),
        ];
        answer(backend.request(Method::POST, "/oauth/token").form(&form)).await
    };
    let other = "another-verifier-of-at-least-forty-three-characters";
    for (verifier, redirect) in [(other, "salon://sign-in"), (VERIFIER, "salon://auth")] {
        let (status, _) = exchange(&code().await, verifier, redirect).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
    }
    let late = code().await;
    backend.clock.advance(std::time::Duration::from_secs(301));
    let (status, _) = exchange(&late, VERIFIER, "salon://sign-in").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);

    let right = code().await;
    let (status, tokens) = exchange(&right, VERIFIER, "salon://sign-in").await;
    assert_eq!(status, StatusCode::OK, "{tokens}");
    let me = backend.request(Method::GET, "/api/v1/auth/me");
    let (_, user) = answer(me.bearer_auth(text(&tokens["access_token"]))).await;
    assert_eq!(user["name"], "Ann");
    assert!(!text(&tokens["refresh_token"]).is_empty());
    let (status, _) = exchange(&right, VERIFIER, "salon://sign-in").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}
