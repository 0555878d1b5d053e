//! Links from the product's web site, asked for and not.

use salon_base::{Code, Fault};
use tokio::task::JoinHandle;
use url::Url;

use super::support::{EMAIL, PASSWORD, World, parameter, state};
use crate::{Account, Credentials as _};

const TOKEN: &str = "opaque-0123456789-abcdef";

fn begin(account: &Account) -> JoinHandle<Result<(), Fault>> {
    let account = account.clone();
    tokio::spawn(async move { account.sign_in_link().await })
}

fn link(backend: &str, state: &str, token: &str) -> String {
    let mut link = Url::parse("salon://sign-in").unwrap();
    link.query_pairs_mut()
        .append_pair("backend", backend)
        .append_pair("state", state)
        .append_pair("token", token);
    link.into()
}

#[tokio::test]
async fn a_link_that_was_asked_for_signs_in_once() {
    let mut world = World::of_tokens().await;
    let account = world.account();
    let signing_in = begin(&account);
    let page = world.opened().await;
    assert_eq!(page.origin(), world.base.origin());
    assert_eq!(page.path(), "/sign-in/salon");
    assert!(state(&account).waiting);
    let link = link(world.base.as_str(), &parameter(&page, "state"), TOKEN);
    account.link(&link).unwrap();
    signing_in.await.unwrap().unwrap();
    assert!(state(&account).user.is_some() && !state(&account).waiting);
    assert_eq!(world.vault.field("access"), TOKEN);
    account.sign_out().await.unwrap();
    assert_eq!(account.link(&link).unwrap_err().code, Code::SignInNotAsked);
    assert!(state(&account).user.is_none());
}

#[tokio::test]
async fn a_link_that_nobody_asked_for_does_nothing() {
    let mut world = World::of_tokens().await;
    let account = world.account();
    account.paste(TOKEN).await.unwrap();
    let forged = link(world.base.as_str(), "guessed", "evil-0123456789-abcdef");
    assert_eq!(
        account.link(&forged).unwrap_err().code,
        Code::SignInNotAsked
    );
    assert_eq!(
        account
            .link("salon://auth?code=c&state=s")
            .unwrap_err()
            .code,
        Code::SignInNotAsked
    );
    assert_eq!(
        account.link("salon://join?room=r").unwrap_err().code,
        Code::LinkInvalid
    );
    assert_eq!(world.vault.field("access"), TOKEN);
    // Nor does one while another is waited for, and the right one still works.
    let signing_in = begin(&account);
    let page = world.opened().await;
    let right = parameter(&page, "state");
    for (backend, state) in [
        (world.base.as_str(), "guessed"),
        ("https://evil.example", right.as_str()),
        ("https://evil.example@", right.as_str()),
        ("", right.as_str()),
    ] {
        let forged = link(backend, state, "evil-0123456789-abcdef");
        assert_eq!(
            account.link(&forged).unwrap_err().code,
            Code::SignInNotAsked
        );
    }
    assert_eq!(world.vault.field("access"), TOKEN);
    assert!(state(&account).waiting);
    let next = link(world.base.as_str(), &right, "next-0123456789-abcdef");
    account.link(&next).unwrap();
    signing_in.await.unwrap().unwrap();
    assert_eq!(world.vault.field("access"), "next-0123456789-abcdef");
}

#[tokio::test]
async fn a_link_cannot_answer_for_the_browser() {
    let mut world = World::new().await;
    let account = world.account();
    let signing_in = tokio::spawn({
        let account = account.clone();
        async move { account.sign_in_browser().await }
    });
    let page = world.opened().await;
    let state = parameter(&page, "state");
    for forged in [
        link(world.base.as_str(), &state, TOKEN),
        format!("salon://auth?code=c&state={state}"),
    ] {
        assert_eq!(
            account.link(&forged).unwrap_err().code,
            Code::SignInNotAsked
        );
    }
    let back = world.fill_in(&page).await;
    assert_eq!(world.get(back).await, 200);
    signing_in.await.unwrap().unwrap();
    assert_eq!(world.works(&account).await, 200);
}

#[tokio::test]
async fn a_link_with_a_token_that_is_none_says_so() {
    let mut world = World::of_tokens().await;
    let account = world.account();
    for (token, code) in [
        ("", Code::CredentialInvalid),
        ("short", Code::CredentialInvalid),
    ] {
        let signing_in = begin(&account);
        let page = world.opened().await;
        let link = link(world.base.as_str(), &parameter(&page, "state"), token);
        account.link(&link).unwrap();
        assert_eq!(signing_in.await.unwrap().unwrap_err().code, code);
        assert!(account.credential().await.is_err());
    }
}

#[tokio::test]
async fn the_page_of_the_reference_backend_makes_a_link_that_signs_in() {
    let mut world = World::new().await;
    let account = world.account();
    let signing_in = begin(&account);
    let page = world.opened().await;
    let link = signed_in_on(&world, &page, |_| true).await;
    // Nothing that anybody else could use.
    assert!(link.contains("code=") && !link.contains("token="), "{link}");
    account.link(&link).unwrap();
    signing_in.await.unwrap().unwrap();
    assert_eq!(state(&account).user.unwrap().id, "u1");
    assert_eq!(world.works(&account).await, 200);
    assert_eq!(account.link(&link).unwrap_err().code, Code::SignInNotAsked);
    // It goes on by itself.
    world.advance(std::time::Duration::from_secs(3600));
    assert_eq!(world.works(&account).await, 200);
}

#[tokio::test]
async fn a_page_that_knows_tokens_only_is_not_asked_for_a_code() {
    let mut world = World::of_tokens().await;
    let account = world.account();
    let signing_in = begin(&account);
    let page = world.opened().await;
    let names: Vec<_> = page
        .query_pairs()
        .map(|(name, _)| name.into_owned())
        .collect();
    assert_eq!(names, ["state"]);
    let link = signed_in_on(&world, &page, |_| true).await;
    assert!(link.contains("token=") && !link.contains("code="), "{link}");
    account.link(&link).unwrap();
    signing_in.await.unwrap().unwrap();
    assert_eq!(state(&account).user.unwrap().id, "u1");
    assert_eq!(world.works(&account).await, 200);
    assert_eq!(world.vault.field("refresh"), "");
}

#[tokio::test]
async fn where_a_code_was_asked_for_a_token_does_not_sign_in() {
    let mut world = World::new().await;
    let account = world.account();
    let signing_in = begin(&account);
    let page = world.opened().await;
    // As somebody would who has seen the state, or a page that leaves the challenge aside.
    let with_token = signed_in_on(&world, &page, |name| !name.starts_with("code_challenge")).await;
    assert!(with_token.contains("token="), "{with_token}");
    let refused = account.link(&with_token).unwrap_err();
    assert_eq!(refused.code, Code::SignInNotAsked);
    assert!(state(&account).waiting && state(&account).user.is_none());
    let with_code = signed_in_on(&world, &page, |_| true).await;
    account.link(&with_code).unwrap();
    signing_in.await.unwrap().unwrap();
    assert_eq!(world.works(&account).await, 200);
}

#[tokio::test]
async fn a_code_of_another_sign_in_is_no_good() {
    let mut world = World::new().await;
    let (account, other) = (world.account(), world.account());
    let others = begin(&other);
    let others_page = world.opened().await;
    let signing_in = begin(&account);
    let page = world.opened().await;
    // Signed in by the attacker, who knows the state but not what the challenge was made of.
    let link = signed_in_on(&world, &others_page, |_| true).await;
    let own = parameter(&page, "state");
    let forged = link.replace(&parameter(&others_page, "state"), &own);
    account.link(&forged).unwrap();
    let refused = signing_in.await.unwrap().unwrap_err();
    assert_eq!(refused.code, Code::SignInFailed);
    assert!(state(&account).user.is_none());
    other.cancel();
    let cancelled = others.await.unwrap().unwrap_err();
    assert_eq!(cancelled.code, Code::SignInCancelled);
}

#[tokio::test]
async fn to_say_no_on_that_page_is_no_sign_in() {
    let mut world = World::new().await;
    let account = world.account();
    let signing_in = begin(&account);
    let page = world.opened().await;
    let shown = world.http.get(page).send().await.unwrap();
    let link = link_in(&shown.text().await.unwrap(), "error=access_denied");
    account.link(&link).unwrap();
    let refused = signing_in.await.unwrap().unwrap_err();
    assert_eq!(refused.code, Code::SignInCancelled);
    assert!(state(&account).user.is_none());
}

/// The page's link to the app, as a browser reads it.
fn link_in(html: &str, with: &str) -> String {
    let (_, rest) = html.split_once("href=\"salon:").expect(html);
    let link = rest.split_once('"').unwrap().0.replace("&amp;", "&");
    assert!(link.contains(with), "{html}");
    format!("salon:{link}")
}

/// Signs in on the reference backend's page; the link to the app. `keeps` names of the address.
async fn signed_in_on(world: &World, page: &Url, keeps: impl Fn(&str) -> bool) -> String {
    let kept: Vec<(String, String)> = page
        .query_pairs()
        .into_owned()
        .filter(|(name, _)| keeps(name))
        .collect();
    let mut shown = page.clone();
    shown.query_pairs_mut().clear().extend_pairs(&kept);
    let shown = world.http.get(shown).send().await.unwrap();
    let cookie = shown.headers()["set-cookie"].to_str().unwrap().to_owned();
    let html = shown.text().await.unwrap();
    let key = html.split_once("name=\"form\" value=\"").expect(&html).1;
    let key = key.split_once('"').unwrap().0;
    let filled = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&kept)
        .extend_pairs([("form", key), ("email", EMAIL), ("password", PASSWORD)])
        .finish();
    let mut address = page.clone();
    address.set_query(None);
    let signed_in = world
        .http
        .post(address)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("cookie", cookie.split(';').next().unwrap())
        .body(filled)
        .send()
        .await
        .unwrap();
    link_in(&signed_in.text().await.unwrap(), "backend=")
}
