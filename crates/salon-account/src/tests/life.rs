//! What becomes of a sign-in: renewed, refused, lost, ended.

use std::time::Duration;

use salon_base::Code;
use secrecy::{ExposeSecret as _, SecretString};

use super::support::{Mood, World, state};
use crate::{Account, Credentials as _, Place};

/// A sign-in lasts for ten minutes and is renewed in the last two.
const DUE: Duration = Duration::from_secs(500);
const ENDED: Duration = Duration::from_secs(700);

async fn signed_in() -> (World, Account) {
    let mut world = World::new().await;
    let account = world.account();
    world.sign_in(&account).await;
    (world, account)
}

async fn credential(account: &Account) -> SecretString {
    account.credential().await.unwrap()
}

fn same(one: &SecretString, other: &SecretString) -> bool {
    one.expose_secret() == other.expose_secret()
}

#[tokio::test]
async fn it_is_renewed_before_its_end() {
    let (world, account) = signed_in().await;
    let first = credential(&account).await;
    assert!(same(&first, &credential(&account).await));
    let refresh = world.vault.field("refresh");
    for _ in 0..3 {
        let before = credential(&account).await;
        world.advance(DUE);
        let after = credential(&account).await;
        assert!(!same(&before, &after));
        assert_eq!(world.me(&after).await, 200);
        assert_eq!(world.vault.field("access"), after.expose_secret());
    }
    assert_ne!(world.vault.field("refresh"), refresh);
    assert_eq!(state(&account).user.unwrap().name, "Amina");
}

#[tokio::test]
async fn it_is_renewed_without_being_asked_for() {
    let (world, account) = signed_in().await;
    let running = tokio::spawn(account.clone().run());
    let mut asked = world.vault.asked.subscribe();
    for round in 2..5 {
        world.advance(DUE);
        asked.wait_for(|asked| *asked == round).await.unwrap();
        // Kept first, used then.
        while world.vault.field("access") != credential(&account).await.expose_secret() {
            tokio::task::yield_now().await;
        }
    }
    assert_eq!(world.works(&account).await, 200);
    running.abort();
}

#[tokio::test]
async fn many_at_once_renew_once() {
    let (world, account) = signed_in().await;
    for forced in [false, true] {
        let before = credential(&account).await;
        if !forced {
            world.advance(DUE);
        }
        let asking = (0..8).map(|_| {
            let (account, before) = (account.clone(), before.clone());
            tokio::spawn(async move {
                match forced {
                    true => account.replace(&before).await.unwrap(),
                    false => account.credential().await.unwrap(),
                }
            })
        });
        let mut given = Vec::new();
        for one in asking.collect::<Vec<_>>() {
            given.push(one.await.unwrap());
        }
        // A second use of the refresh token would have ended the sign-in.
        assert!(
            given
                .iter()
                .all(|one| same(one, &given[0]) && !same(one, &before))
        );
        assert_eq!(world.me(&given[0]).await, 200);
    }
    assert_eq!(*world.vault.asked.borrow(), 3);
}

#[tokio::test]
async fn what_is_refused_is_replaced_once() {
    let (world, account) = signed_in().await;
    let first = credential(&account).await;
    let second = account.replace(&first).await.unwrap();
    assert!(!same(&first, &second));
    assert!(same(&second, &account.replace(&first).await.unwrap()));
    assert_eq!(world.me(&second).await, 200);
}

#[tokio::test]
async fn a_refused_renewal_ends_the_sign_in() {
    let (world, account) = signed_in().await;
    // Somebody else has used it: the server takes the whole sign-in back.
    let stolen = world.vault.field("refresh");
    assert_eq!(world.refresh(&stolen).await, 200);
    world.advance(DUE);
    for _ in 0..2 {
        let fault = account.credential().await.unwrap_err();
        assert_eq!(fault.code, Code::SignInExpired, "{fault}");
    }
    let now = state(&account);
    assert_eq!(now.user, None);
    assert_eq!(now.fault.unwrap().code, Code::SignInExpired);
    assert!(world.vault.held().is_empty());
}

#[tokio::test]
async fn it_survives_a_restart() {
    let (mut world, account) = signed_in().await;
    world.advance(DUE);
    credential(&account).await;
    drop(account);
    let account = world.account();
    assert_eq!(world.works(&account).await, 200);
    let now = state(&account);
    assert_eq!(
        (now.user.unwrap().name.as_str(), now.kept),
        ("Amina", Place::Keyring)
    );
    drop(account);
    // Also one that ended while nothing ran,
    world.advance(ENDED);
    let account = world.account();
    assert_eq!(world.works(&account).await, 200);
    // but not at another backend.
    let mut product = world.product();
    product.base = "https://other.example".parse().unwrap();
    let other = Account::new(Some(product), world.means());
    assert_eq!(
        other.credential().await.unwrap_err().code,
        Code::BackendNotSignedIn
    );
    world.sign_in(&account).await;
}

#[tokio::test]
async fn two_running_programs_of_one_user_do_not_end_each_others_sign_in() {
    let (world, one) = signed_in().await;
    let other = world.account();
    assert_eq!(world.works(&other).await, 200);
    for _ in 0..2 {
        for account in [&one, &other] {
            world.advance(DUE);
            assert_eq!(world.works(account).await, 200);
        }
    }
    let refused = credential(&other).await;
    let next = other.replace(&refused).await.unwrap();
    assert!(same(&next, &one.replace(&refused).await.unwrap()));
}

#[tokio::test]
async fn without_network_it_is_kept() {
    let (mut world, account) = signed_in().await;
    let first = credential(&account).await;
    world.backend_goes().await;
    world.advance(DUE);
    // Still good, so it is used.
    assert!(same(&first, &credential(&account).await));
    world.advance(ENDED);
    for _ in 0..2 {
        let fault = account.credential().await.unwrap_err();
        assert_eq!(fault.code, Code::BackendUnreachableRefused, "{fault}");
    }
    assert!(state(&account).user.is_some());
    assert_eq!(world.vault.held().len(), 1);
    world.backend_comes_back().await;
    assert_eq!(world.works(&account).await, 200);
}

#[tokio::test]
async fn what_runs_in_the_background_tries_again_after_a_failure() {
    let (mut world, account) = signed_in().await;
    let running = tokio::spawn(account.clone().run());
    world.backend_goes().await;
    world.advance(ENDED);
    assert!(account.credential().await.is_err());
    world.backend_comes_back().await;
    let mut asked = world.vault.asked.subscribe();
    world.advance(Duration::from_secs(600));
    asked.wait_for(|asked| *asked == 2).await.unwrap();
    running.abort();
}

#[tokio::test]
async fn the_next_refresh_token_is_kept_before_what_came_with_it_is_used() {
    let (world, account) = signed_in().await;
    let (first, old) = (credential(&account).await, world.vault.field("refresh"));
    world.advance(DUE);
    world.vault.mood.send_replace(Mood::SlowToWrite);
    let mut asked = world.vault.asked.subscribe();
    let asking = tokio::spawn({
        let account = account.clone();
        async move { account.credential().await }
    });
    asked.wait_for(|asked| *asked == 2).await.unwrap();
    assert!(!asking.is_finished());
    assert_eq!(world.vault.field("refresh"), old);
    // Nobody waits any more; the answer of the server is not lost.
    asking.abort();
    world.vault.mood.send_replace(Mood::Fine);
    let next = credential(&account).await;
    assert!(!same(&first, &next));
    assert_eq!(world.vault.field("access"), next.expose_secret());
    drop(account);
    world.advance(DUE);
    assert_eq!(world.works(&world.account()).await, 200);
}

#[tokio::test]
async fn signing_out_erases_it_here_and_there() {
    let (mut world, account) = signed_in().await;
    let refresh = world.vault.field("refresh");
    account.sign_out().await.unwrap();
    assert!(world.vault.held().is_empty());
    let now = state(&account);
    assert_eq!((now.user, now.fault), (None, None));
    assert_eq!(
        account.credential().await.unwrap_err().code,
        Code::BackendNotSignedIn
    );
    assert_eq!(world.refresh(&refresh).await, 401);
    assert!(world.account().credential().await.is_err());
    account.sign_out().await.unwrap();
    world.sign_in(&account).await;
    assert_eq!(world.works(&account).await, 200);
}

#[tokio::test]
async fn a_sign_out_that_the_server_does_not_hear_of_is_said_and_is_one_all_the_same() {
    let (mut world, account) = signed_in().await;
    world.backend_goes().await;
    let fault = account.sign_out().await.unwrap_err();
    assert_eq!(fault.code, Code::SignOutNotTold);
    assert!(world.vault.held().is_empty());
    let now = state(&account);
    assert_eq!((now.user, now.fault), (None, None));
    assert!(account.credential().await.is_err());
    // Nobody is signed in any more of whom it could be told.
    account.sign_out().await.unwrap();
}

#[tokio::test]
async fn a_sign_out_that_neither_keyring_nor_server_follows_says_both() {
    let (mut world, account) = signed_in().await;
    world.backend_goes().await;
    world.vault.mood.send_replace(Mood::Locked);
    let fault = account.sign_out().await.unwrap_err();
    assert_eq!(fault.code, Code::KeyringNotErased);
    assert!(fault.detail.contains("the server was not told"), "{fault}");
    assert_eq!(state(&account).user, None);
}

#[tokio::test]
async fn signing_out_while_it_is_renewed_leaves_nothing() {
    let (world, account) = signed_in().await;
    world.advance(DUE);
    world.vault.mood.send_replace(Mood::SlowToWrite);
    let mut asked = world.vault.asked.subscribe();
    let (renewing, ending) = (account.clone(), account.clone());
    let renewing = tokio::spawn(async move { renewing.credential().await });
    asked.wait_for(|asked| *asked == 2).await.unwrap();
    let mut states = account.state();
    let ending = tokio::spawn(async move { ending.sign_out().await });
    states.wait_for(|state| state.user.is_none()).await.unwrap();
    world.vault.mood.send_replace(Mood::Fine);
    ending.await.unwrap().unwrap();
    assert_eq!(
        renewing.await.unwrap().unwrap_err().code,
        Code::BackendNotSignedIn
    );
    assert!(world.vault.held().is_empty());
    assert_eq!(state(&account).user, None);
}

#[tokio::test]
async fn signing_in_as_somebody_else_takes_the_first_sign_in_back() {
    let (mut world, account) = signed_in().await;
    let refresh = world.vault.field("refresh");
    world.sign_in(&account).await;
    assert_ne!(world.vault.field("refresh"), refresh);
    // In the background; a use of the token in between would have given another answer.
    account.sign_out().await.unwrap();
    while world.refresh(&refresh).await != 401 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn what_was_pasted_works_until_it_ends() {
    let (world, account) = signed_in().await;
    // Of another sign-in: the one that it takes the place of is given back, with its tokens.
    let backend = world.backend.as_ref().unwrap();
    let token = backend.access_token(&"u1".to_owned().into()).await.unwrap();
    let running = tokio::spawn(account.clone().run());
    let pasted = format!("Authorization: Bearer {}", token.expose_secret());
    account.paste(&pasted).await.unwrap();
    assert_eq!(state(&account).user.unwrap().id, "u1");
    assert!(same(&token, &credential(&account).await));
    assert_eq!(world.works(&world.account()).await, 200);
    let mut states = account.state();
    world.advance(ENDED);
    // Without being asked for.
    let ended = states.wait_for(|state| state.user.is_none()).await.unwrap();
    assert_eq!(ended.fault.as_ref().unwrap().code, Code::SignInExpired);
    drop(ended);
    let fault = account.paste(&pasted).await.unwrap_err();
    assert_eq!(fault.code, Code::SignInExpired);
    running.abort();
}

#[tokio::test]
async fn what_was_pasted_and_is_refused_is_over() {
    let (world, account) = signed_in().await;
    let opaque = "opaque-0123456789-abcdef";
    account.paste(opaque).await.unwrap();
    assert_eq!(state(&account).user, Some(crate::User::default()));
    let refused = credential(&account).await;
    assert_eq!(refused.expose_secret(), opaque);
    let fault = account.replace(&refused).await.unwrap_err();
    assert_eq!(fault.code, Code::SignInExpired);
    assert!(world.vault.held().is_empty());
}

#[tokio::test]
async fn garbage_that_was_pasted_leaves_the_sign_in_alone() {
    let (world, account) = signed_in().await;
    for garbage in ["", "hello", "eyJhbGciOiJIUzI1NiJ9.cut-off"] {
        let fault = account.paste(garbage).await.unwrap_err();
        assert_eq!(fault.code, Code::CredentialInvalid);
    }
    assert_eq!(world.works(&account).await, 200);
    assert_eq!(world.vault.held().len(), 1);
}

#[tokio::test]
async fn what_was_given_at_the_start_wins_and_is_not_kept() {
    let (mut world, account) = signed_in().await;
    let kept = world.vault.held();
    let other = credential(&account).await;
    world.given = Some("given-0123456789-abcdef".into());
    let given = world.account();
    assert_eq!(state(&given).kept, Place::Memory);
    let used = credential(&given).await;
    assert_eq!(used.expose_secret(), "given-0123456789-abcdef");
    given.paste(other.expose_secret()).await.unwrap();
    given.sign_out().await.unwrap();
    assert_eq!(world.vault.held(), kept);
}

#[tokio::test]
async fn without_a_backend_there_is_nothing_to_sign_in_to() {
    let world = World::new().await;
    let account = Account::new(None, world.means());
    assert_eq!(state(&account).backend, None);
    let fault = account.credential().await.unwrap_err();
    assert_eq!(fault.code, Code::BackendNotSignedIn);
    assert_eq!(
        account
            .paste("opaque-0123456789-abcdef")
            .await
            .unwrap_err()
            .code,
        Code::CredentialInvalid
    );
    assert!(account.sign_in_browser().await.is_err());
    account.sign_out().await.unwrap();
}

#[tokio::test]
async fn who_looks_late_sees_that_somebody_else_is_signed_in() {
    let mut world = World::new().await;
    let account = world.account();
    let turn = || state(&account).turn;
    let mut turns = vec![turn()];
    account.paste("opaque-0123456789-abcdef").await.unwrap();
    turns.push(turn());
    // Their names are not known: nothing else tells them apart.
    account.paste("other-0123456789-abcdef").await.unwrap();
    turns.push(turn());
    account.sign_out().await.unwrap();
    turns.push(turn());
    world.sign_in(&account).await;
    turns.push(turn());
    assert!(
        turns.is_sorted_by(|before, after| before < after),
        "{turns:?}"
    );
    // Renewed, or signed in once more, it is the same person.
    world.advance(DUE);
    credential(&account).await;
    world.sign_in(&account).await;
    assert_eq!(turn(), turns[4]);
}
