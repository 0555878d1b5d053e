//! Keyrings that are locked, missing, or wait for the user.

use salon_base::Code;
use secrecy::ExposeSecret as _;

use super::support::{Mood, SHORT, World, state};
use crate::{Credentials as _, Place};

const PASTED: &str = "opaque-0123456789-abcdef";

#[tokio::test]
async fn without_a_keyring_it_is_kept_in_memory_and_that_is_said() {
    for (mood, code) in [
        (Mood::Locked, Code::KeyringLocked),
        (Mood::Missing, Code::KeyringMissing),
        (Mood::Silent, Code::KeyringLocked),
    ] {
        let mut world = World::new().await;
        world.limits.keyring = SHORT;
        world.vault.mood.send_replace(mood);
        let account = world.account();
        // Known from the start on,
        assert!(account.credential().await.is_err());
        let now = state(&account);
        assert_eq!((now.kept, now.user), (Place::Memory, None), "{mood:?}");
        assert_eq!(now.fault.unwrap().code, code);
        // and after signing in, which works.
        world.sign_in(&account).await;
        let now = state(&account);
        assert_eq!(now.kept, Place::Memory);
        assert_eq!(now.fault.unwrap().code, code, "{mood:?}");
        assert_eq!(world.works(&account).await, 200);
        // Also renewed.
        world.advance(std::time::Duration::from_secs(500));
        assert_eq!(world.works(&account).await, 200);
        assert_eq!(state(&account).fault.unwrap().code, code, "{mood:?}");
        assert!(world.vault.held().is_empty());
    }
}

#[tokio::test]
async fn a_keyring_that_is_unlocked_late_gives_what_it_has() {
    let mut world = World::new().await;
    world.account().paste(PASTED).await.unwrap();
    world.limits.keyring = SHORT;
    world.vault.mood.send_replace(Mood::Silent);
    let account = world.account();
    assert!(account.credential().await.is_err());
    assert_eq!(state(&account).fault.unwrap().code, Code::KeyringLocked);
    let mut states = account.state();
    world.vault.mood.send_replace(Mood::Fine);
    let restored = states.wait_for(|state| state.user.is_some()).await.unwrap();
    assert_eq!((restored.kept, &restored.fault), (Place::Keyring, &None));
    drop(restored);
    assert_eq!(account.credential().await.unwrap().expose_secret(), PASTED);
}

#[tokio::test]
async fn what_the_user_did_meanwhile_counts_more() {
    let mut world = World::new().await;
    world.account().paste(PASTED).await.unwrap();
    world.limits.keyring = SHORT;
    for sign_out in [true, false] {
        world.vault.mood.send_replace(Mood::Silent);
        let account = world.account();
        assert!(account.credential().await.is_err());
        if sign_out {
            let fault = account.sign_out().await.unwrap_err();
            assert_eq!(fault.code, Code::KeyringNotErased);
        } else {
            account.paste("another-0123456789-abcdef").await.unwrap();
        }
        let mut states = account.state();
        world.vault.mood.send_replace(Mood::Fine);
        if sign_out {
            assert!(account.sign_out().await.is_ok());
            assert_eq!(state(&account).user, None);
            assert!(world.vault.held().is_empty());
        } else {
            states
                .wait_for(|state| state.kept == Place::Keyring)
                .await
                .unwrap();
            assert_eq!(state(&account).fault, None);
            assert_eq!(world.vault.field("access"), "another-0123456789-abcdef");
        }
    }
}

#[tokio::test]
async fn a_sign_out_that_the_keyring_does_not_follow_is_said() {
    for mood in [Mood::Locked, Mood::Silent] {
        let mut world = World::new().await;
        world.limits.keyring = SHORT;
        let account = world.account();
        account.paste(PASTED).await.unwrap();
        world.vault.mood.send_replace(mood);
        let fault = account.sign_out().await.unwrap_err();
        assert_eq!(fault.code, Code::KeyringNotErased);
        let now = state(&account);
        assert_eq!(now.user, None, "signed out all the same");
        assert_eq!(now.fault.unwrap().code, Code::KeyringNotErased);
        assert!(account.credential().await.is_err());
        // Once it is unlocked, signing out again helps.
        world.vault.mood.send_replace(Mood::Fine);
        account.sign_out().await.unwrap();
        assert!(world.vault.held().is_empty());
        assert_eq!(state(&account).fault, None);
    }
}

#[tokio::test]
async fn where_nothing_can_be_kept_nothing_has_to_be_erased() {
    let world = World::new().await;
    world.vault.mood.send_replace(Mood::Missing);
    let account = world.account();
    account.paste(PASTED).await.unwrap();
    account.sign_out().await.unwrap();
}

#[tokio::test]
async fn what_is_damaged_is_nobody() {
    let world = World::new().await;
    let account = world.account();
    account.paste(PASTED).await.unwrap();
    let name = format!("account club {}", world.base.origin().ascii_serialization());
    use crate::vault::Vault as _;
    world
        .vault
        .write(&name, "{\"version\":9}".into())
        .await
        .unwrap();
    let account = world.account();
    assert_eq!(
        account.credential().await.unwrap_err().code,
        Code::BackendNotSignedIn
    );
    assert_eq!(state(&account).fault, None);
}
