use std::sync::Arc;
use std::sync::mpsc::channel;

use keyring_core::api::CredentialStoreApi;
use keyring_core::mock;
use salon_base::Code;

use super::*;

const NAME: &str = "account p https://a.example";

struct Mock {
    store: Arc<mock::Store>,
    vault: KeyringVault,
}

fn mock(largest: usize) -> Mock {
    let store = mock::Store::new().unwrap();
    let opened = store.clone();
    let open = move |name: &str| opened.build(KEYRING_SERVICE, name, None);
    Mock {
        store,
        vault: KeyringVault::with(Box::new(open), largest),
    }
}

impl Mock {
    fn fail_next(&self, name: &str, error: Error) {
        let entry = self.store.build(KEYRING_SERVICE, name, None).unwrap();
        let cred: &mock::Cred = entry.as_any().downcast_ref().unwrap();
        cred.set_error(error);
    }

    /// All that the keyring holds.
    fn held(&self) -> Vec<Vec<u8>> {
        let creds = self.store.inner.lock().unwrap();
        let creds = creds.borrow();
        let secret = |cred: &Arc<mock::Cred>| cred.inner.lock().unwrap().borrow().secret.clone();
        creds.iter().filter_map(secret).collect()
    }

    async fn read(&self) -> Option<String> {
        let read = self.vault.read(NAME).await.unwrap();
        read.map(|secret| secret.expose_secret().to_owned())
    }
}

#[tokio::test]
async fn what_is_written_is_read_and_erased() {
    let keyring = mock(usize::MAX);
    assert_eq!(keyring.read().await, None);
    keyring.vault.write(NAME, "one".into()).await.unwrap();
    keyring.vault.write(NAME, "two".into()).await.unwrap();
    assert_eq!(keyring.read().await.as_deref(), Some("two"));
    keyring.vault.erase(NAME).await.unwrap();
    assert_eq!(keyring.read().await, None);
    keyring.vault.erase(NAME).await.unwrap();
    assert_eq!(keyring.held(), Vec::<Vec<u8>>::new());
}

#[tokio::test]
async fn a_secret_that_is_too_long_for_an_entry_is_split_and_leaves_nothing_behind() {
    let keyring = mock(100);
    let (long, longer) = ("ä".repeat(333), "o".repeat(1000));
    for secret in [&long, &longer, &long] {
        keyring
            .vault
            .write(NAME, secret.as_str().into())
            .await
            .unwrap();
        assert_eq!(keyring.read().await.as_ref(), Some(secret));
    }
    assert_eq!(keyring.held().len(), 1 + 666_usize.div_ceil(100));
    keyring.vault.write(NAME, "short".into()).await.unwrap();
    assert_eq!(keyring.held(), [b"short".to_vec()]);
    keyring
        .vault
        .write(NAME, longer.as_str().into())
        .await
        .unwrap();
    keyring.vault.erase(NAME).await.unwrap();
    assert_eq!(keyring.held(), Vec::<Vec<u8>>::new());
}

#[tokio::test]
async fn a_write_that_fails_leaves_the_old_secret() {
    let keyring = mock(10);
    keyring
        .vault
        .write(NAME, "the old secret".into())
        .await
        .unwrap();
    keyring.fail_next(NAME, Error::PlatformFailure("planted".into()));
    let written = keyring.vault.write(NAME, "the new secret".into()).await;
    assert!(written.is_err());
    assert_eq!(keyring.read().await.as_deref(), Some("the old secret"));
}

#[tokio::test]
async fn too_long_altogether_is_refused() {
    let keyring = mock(1);
    let written = keyring.vault.write(NAME, "x".repeat(65).into()).await;
    assert!(matches!(written, Err(VaultError::Missing(_))));
}

#[tokio::test]
async fn locked_is_told_from_missing() {
    let keyring = mock(usize::MAX);
    for (error, code) in [
        (
            Error::NoStorageAccess("planted".into()),
            Code::KeyringLocked,
        ),
        (
            Error::PlatformFailure("object locked".into()),
            Code::KeyringLocked,
        ),
        (
            Error::PlatformFailure("no bus".into()),
            Code::KeyringMissing,
        ),
        (Error::NoDefaultStore, Code::KeyringMissing),
        (Error::BadEncoding(vec![1]), Code::KeyringMissing),
        (Error::TooLong("x".into(), 1), Code::KeyringMissing),
    ] {
        keyring.fail_next(NAME, error);
        let fault = keyring.vault.read(NAME).await.unwrap_err().fault();
        assert_eq!(fault.code, code, "{fault}");
    }
    // The errors were the keyring's, not the thread's.
    keyring.vault.write(NAME, "fine".into()).await.unwrap();
}

#[tokio::test]
async fn errors_that_carry_what_was_read_do_not_show_it() {
    let keyring = mock(usize::MAX);
    let planted = || b"planted".to_vec();
    for error in [
        Error::BadEncoding(planted()),
        Error::BadDataFormat(planted(), "planted".into()),
        Error::BadStoreFormat("planted".into()),
    ] {
        keyring.fail_next(NAME, error);
        let error = keyring.vault.read(NAME).await.unwrap_err();
        assert!(!format!("{error:?} {error} {:?}", error.fault()).contains("planted"));
    }
}

#[tokio::test]
async fn a_keyring_that_waits_for_the_user_does_what_it_was_asked_later_in_order() {
    let store = mock::Store::new().unwrap();
    let (opened, (unlock, locked)) = (store.clone(), channel::<()>());
    let open = move |name: &str| {
        let _ = locked.recv();
        opened.build(KEYRING_SERVICE, name, None)
    };
    let vault = KeyringVault::with(Box::new(open), usize::MAX);
    drop(vault.write(NAME, "first".into()));
    drop(vault.write(NAME, "second".into()));
    let erased = vault.erase("another");
    let waiting = vault.read(NAME);
    drop(unlock);
    erased.await.unwrap();
    let read = waiting.await.unwrap().unwrap();
    assert_eq!(read.expose_secret(), "second");
}

#[tokio::test]
async fn a_keyring_that_never_answers_is_not_asked_without_end() {
    let (_unlock, locked) = channel::<()>();
    let open = move |_: &str| {
        let _ = locked.recv();
        Err(Error::NoDefaultStore)
    };
    let vault = KeyringVault::with(Box::new(open), usize::MAX);
    // One is taken out of the queue at some time.
    for _ in 0..LONGEST_QUEUE + 2 {
        drop(vault.erase(NAME));
    }
    let refused = vault.erase(NAME).await;
    assert!(matches!(refused, Err(VaultError::Locked(_))), "{refused:?}");
}
