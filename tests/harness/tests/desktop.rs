//! The tests' own desktop does what a real one does.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test")]

use std::collections::HashMap;
use std::time::Duration;

use salon_harness::desktop::Desktop;
use zbus::zvariant::{OwnedObjectPath, Value};

const LIMIT: Duration = Duration::from_secs(10);

#[tokio::test]
async fn a_keyring_is_there_once_it_is_unlocked() {
    let folder = tempfile::tempdir().unwrap();
    let mut desktop = Desktop::start(folder.path()).await.unwrap();
    let client = zbus::connection::Builder::address(desktop.address())
        .unwrap()
        .build()
        .await
        .unwrap();
    let bus = zbus::fdo::DBusProxy::new(&client).await.unwrap();
    let secrets = "org.freedesktop.secrets";
    assert!(
        !bus.name_has_owner(secrets.try_into().unwrap())
            .await
            .unwrap()
    );
    desktop.unlock_keyring().await.unwrap();
    let alias = client
        .call_method(
            Some(secrets),
            "/org/freedesktop/secrets",
            Some("org.freedesktop.Secret.Service"),
            "ReadAlias",
            &("default",),
        )
        .await
        .unwrap();
    let collection: OwnedObjectPath = alias.body().deserialize().unwrap();
    assert_ne!(
        collection.as_str(),
        "/",
        "there is a collection to keep secrets in"
    );
}

#[tokio::test]
async fn notifications_are_shown_pressed_and_closed() {
    let folder = tempfile::tempdir().unwrap();
    let mut desktop = Desktop::start(folder.path()).await.unwrap();
    let client = zbus::connection::Builder::address(desktop.address())
        .unwrap()
        .build()
        .await
        .unwrap();
    let call = |method: &'static str| {
        let client = client.clone();
        async move {
            let name = "org.freedesktop.Notifications";
            let path = "/org/freedesktop/Notifications";
            match method {
                "Notify" => {
                    let hints: HashMap<&str, Value<'_>> = HashMap::new();
                    let body = (
                        "salon",
                        0_u32,
                        "",
                        "Title",
                        "Text",
                        vec!["join", "Join"],
                        hints,
                        -1,
                    );
                    client
                        .call_method(Some(name), path, Some(name), method, &body)
                        .await
                }
                _ => {
                    client
                        .call_method(Some(name), path, Some(name), method, &1_u32)
                        .await
                }
            }
        }
    };
    let id: u32 = call("Notify").await.unwrap().body().deserialize().unwrap();
    assert_eq!(id, 1);
    let shown = desktop
        .notifications(LIMIT, |all| !all.is_empty())
        .await
        .unwrap();
    assert_eq!(
        (shown[0].summary.as_str(), shown[0].closed),
        ("Title", false)
    );
    call("CloseNotification").await.unwrap();
    desktop
        .notifications(LIMIT, |all| all[0].closed)
        .await
        .unwrap();
}
