//! What the user reads, and what must not be read anywhere.

use proptest::prelude::*;
use salon_base::{Code, Fault};
use secrecy::ExposeSecret as _;

use super::support::{Mood, SHORT, World, parameter, state};
use crate::{Account, Credentials as _};

fn sentence(fault: &Fault) -> &'static str {
    &fault.code.words().unwrap().sentence
}

#[tokio::test]
async fn keyring_locked() {
    let mut world = World::new().await;
    world.limits.keyring = SHORT;
    world.vault.mood.send_replace(Mood::Silent);
    let account = world.account();
    account.paste("opaque-0123456789-abcdef").await.unwrap();
    let fault = state(&account).fault.unwrap();
    assert_eq!(fault.code, Code::KeyringLocked);
    assert_eq!(
        sentence(&fault),
        "The keyring is locked, so your sign-in is kept until Salon ends."
    );
}

#[tokio::test]
async fn sign_in_expired_in_mid_call() {
    let mut world = World::new().await;
    let account = world.account();
    world.sign_in(&account).await;
    let held = account.credential().await.unwrap();
    // Taken back at the server; the call's next token is asked for with what is left.
    assert_eq!(world.refresh(&world.vault.field("refresh")).await, 200);
    let fault = account.replace(&held).await.unwrap_err();
    assert_eq!(fault.code, Code::SignInExpired);
    assert_eq!(sentence(&fault), "Your sign-in has expired.");
    assert_eq!(state(&account).fault.unwrap().code, Code::SignInExpired);
}

#[tokio::test]
async fn refused_sign_in() {
    let mut world = World::new().await;
    let account = world.account();
    let signing_in = tokio::spawn({
        let account = account.clone();
        async move { account.sign_in_browser().await }
    });
    let opened = world.opened().await;
    let back = format!(
        "{}?error=unauthorized_client&state={}&iss={}",
        parameter(&opened, "redirect_uri"),
        parameter(&opened, "state"),
        world.base.as_str().trim_end_matches('/'),
    );
    world.get(back.parse().unwrap()).await;
    let fault = signing_in.await.unwrap().unwrap_err();
    assert_eq!(fault.code, Code::SignInFailed);
    assert_eq!(fault.detail, "unauthorized_client");
    assert_eq!(sentence(&fault), "Signing in did not work.");
}

#[tokio::test]
async fn forged_state() {
    let world = World::new().await;
    let account = world.account();
    let forged = format!("salon://sign-in?backend={}&state=x&token=t", world.base);
    let fault = account.link(&forged).unwrap_err();
    assert_eq!(fault.code, Code::SignInNotAsked);
    assert_eq!(
        sentence(&fault),
        "A link tried to sign you in without you having asked for it."
    );
}

#[tokio::test]
async fn nothing_that_is_shown_has_a_secret_in_it() {
    let mut world = World::new().await;
    let account = world.account();
    world.sign_in(&account).await;
    let access = account.credential().await.unwrap();
    let secrets = [
        access.expose_secret().to_owned(),
        world.vault.field("refresh"),
    ];
    let state = state(&account);
    let shown = format!(
        "{account:?} {:?} {state:?} {}",
        world.means(),
        serde_json::to_string(&state).unwrap()
    );
    for secret in &secrets {
        assert!(secret.len() > 20 && !shown.contains(secret));
    }
    world.advance(std::time::Duration::from_secs(700));
    assert_eq!(world.refresh(&secrets[1]).await, 200);
    let fault = account.credential().await.unwrap_err();
    assert!(!format!("{fault:?}").contains(&secrets[1]), "{fault}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn no_pasted_secret_is_shown(secret in "[A-Za-z0-9_-]{17,40}", bad in "[ -~]{0,10}") {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let means = crate::Means {
                vault: std::sync::Arc::new(crate::vault::MemoryVault::new()),
                clock: std::sync::Arc::new(crate::SystemClock),
                http: reqwest::Client::new(),
                open: std::sync::Arc::new(|_| Ok(())),
                limits: crate::Limits::default(),
                given: None,
            };
            let product = crate::Product {
                info: crate::BackendInfo {
                    profile: "p".into(),
                    title: "P".into(),
                    host: "p.example".into(),
                },
                base: "https://p.example".parse().unwrap(),
                auth: salon_profile::Auth::Bearer,
                sign_in: salon_profile::SignIn { paste: true, ..Default::default() },
            };
            let account = Account::new(Some(product), means);
            for text in [secret.clone(), format!("{secret}{bad} {secret}"), format!("eyJ{secret}.x")] {
                let pasted = account.paste(&text).await;
                let linked = account.link(&format!("salon://sign-in?token={secret}&state={secret}"));
                let shown = format!("{pasted:?} {linked:?} {account:?} {:?}", state(&account));
                assert!(!shown.contains(&secret), "{shown}");
            }
        });
    }
}
