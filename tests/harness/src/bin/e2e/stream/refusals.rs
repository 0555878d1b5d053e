//! What the unmodified SDK makes of each refusal.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Result, bail};
use salon_harness::browser::Page;
use salon_harness::report::Report;
use salon_harness::stream::Stream;
use salon_support::stream::sfu::JoinFault;
use salon_support::stream::{Fault, Refusal, Seen};
use serde_json::{Value, json};

/// Of the microphone of whoever is refused.
const HERTZ: f64 = 550.0;

pub(super) async fn run(report: &mut Report, stream: &Stream, page: &Page) -> Result<()> {
    tokens(report, stream, page).await?;
    joins(report, stream, page).await?;
    full(report, stream, page).await
}

/// What joining comes to: nothing, or what the SDK throws.
async fn joining(page: &Page, address: &str) -> Result<Option<String>> {
    page.go(address).await?;
    let thrown = page.eval("guest.ready").await.err();
    Ok(thrown.map(|error| error.to_string()))
}

/// Joining fails, and says this.
async fn refused(
    report: &mut Report,
    page: &Page,
    name: &str,
    address: &str,
    says: &str,
) -> Result<()> {
    let why = joining(page, address).await?;
    let right = why.as_ref().is_some_and(|why| why.contains(says));
    report.check(&format!("stream: refused: {name}"), right, json!(why));
    Ok(())
}

async fn tokens(report: &mut Report, stream: &Stream, page: &Page) -> Result<()> {
    let double = &stream.double;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let with = |claims: Value| double.token_with(&claims);
    let good = double.token("carla");
    let (unsigned, _) = good.rsplit_once('.').unwrap_or_default();
    let forged = format!("{unsigned}.c2lnbmVkLWJ5LXNvbWVib2R5LWVsc2U");
    let early = with(json!({ "user_id": "carla", "nbf": now + 600 }));
    let future = with(json!({ "user_id": "carla", "iat": now + 600 }));
    let expired = with(json!({ "user_id": "carla", "exp": now - 1 }));
    for (name, key, token, says) in [
        ("an unknown key", "another", &good, "\"code\":2,"),
        (
            "a token that is not valid yet",
            double.key(),
            &early,
            "\"code\":41,",
        ),
        (
            "a token of the future",
            double.key(),
            &future,
            "\"code\":42,",
        ),
        ("a forged token", double.key(), &forged, "\"code\":43,"),
        ("an expired token", double.key(), &expired, "\"code\":40,"),
    ] {
        let address = stream.guest_with((key, token), "carla", "default:refused", HERTZ)?;
        refused(report, page, name, &address, says).await?;
    }
    Ok(())
}

async fn joins(report: &mut Report, stream: &Stream, page: &Page) -> Result<()> {
    let unknown = stream.guest("carla", "unheard-of:call", HERTZ)?;
    refused(report, page, "an unknown type", &unknown, "code 16").await?;
    let forbidden = Refusal::new(403, 17, "not allowed").for_good();
    stream.double.fail_next_of("join", Fault::Refuse(forbidden));
    let address = stream.guest("carla", "default:refused", HERTZ)?;
    refused(report, page, "joining at all", &address, "code 17").await
}

/// A media server that is full, for which another one is found, and a call that is.
async fn full(report: &mut Report, stream: &Stream, page: &Page) -> Result<()> {
    let address = stream.guest("carla", "default:full", HERTZ)?;
    let [first, ..] = stream.double.media() else {
        bail!("there is no media server");
    };
    first.fail_next_join(JoinFault::Full);
    let why = joining(page, &address).await?;
    let name = first.name().to_owned();
    let elsewhere = stream.double.seen().iter().any(|each| {
        matches!(each, Seen::Requested { action, cid: Some(cid), body, .. }
            if action == "join" && cid == "default:full" && body.to_string().contains(&name))
    });
    report.check(
        "stream: where a media server is full another one lets in",
        why.is_none() && elsewhere,
        json!({ "why": why, "asked for another one": elsewhere }),
    );
    first.fail_next_join(JoinFault::CallFull);
    refused(report, page, "a full call", &address, "with 301").await
}
