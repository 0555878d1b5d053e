//! What goes wrong is named, and nothing hangs or falls over.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use salon_harness::backend::Backend;
use salon_harness::browser::Page;
use salon_harness::report::Report;
use salon_harness::token::{SECRET, claims, now, sign, sign_with};
use salon_harness::usage::read_all;
use salon_harness::world::{AppOptions, Driven, ROOM, World};
use salon_memory::{contains, search_environment};
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(110);
/// A bearer token that must not be found anywhere afterwards.
const PLANTED: &str = "planted-bearer-6f1c";
/// And one that signs tokens in dev mode.
const PLANTED_SECRET: &str = "planted-signing-secret-93ae";

pub(crate) async fn run(world: &mut World, report: &mut Report) -> Result<()> {
    bad_tokens(world, report).await?;
    unreachable(world, report).await?;
    started_by_sign_in(world, report).await?;
    without_devices(world, report).await?;
    without_sound(world, report).await?;
    let logs = world.app_logs()?;
    // The very tokens that were handed out, part by part: they need not look like tokens.
    let tokens = tokens()?;
    let parts = tokens.iter().flat_map(|(_, _, token)| token.split('.'));
    let parts = parts.filter(|part| part.len() >= SHORTEST_PART);
    let leaked: Vec<_> = [PLANTED, PLANTED_SECRET, "eyJ", SECRET_SIGN]
        .into_iter()
        .chain(parts)
        .filter(|secret| logs.contains(secret))
        .collect();
    report.check(
        "the logs are there",
        logs.contains("fetching a token") && logs.contains("no token"),
        json!(logs.len()),
    );
    report.check(
        "no token or secret in any log",
        leaked.is_empty(),
        json!(leaked),
    );
    report.check(
        "nothing panicked",
        !logs.contains("panicked"),
        json!(logs.len()),
    );
    Ok(())
}

/// Shorter parts of a token are words that a log may have.
const SHORTEST_PART: usize = 16;

/// Used to sign; not LiveKit's published word, which is an ordinary one.
const SECRET_SIGN: &str = "another-secret-of-32-characters!";

/// Each token that a backend may hand out, and the code it has to give.
fn tokens() -> Result<Vec<(&'static str, &'static str, String)>> {
    let good = || claims(ROOM, "ann");
    let with = |change: &dyn Fn(&mut Value)| {
        let mut claims = good();
        change(&mut claims);
        sign(&claims, SECRET)
    };
    let without = |name: &'static str| {
        with(&move |claims| {
            if let Some(claims) = claims.as_object_mut() {
                claims.remove(name);
            }
        })
    };
    let hs512 = sign_with(&good(), SECRET, jsonwebtoken::Algorithm::HS512)?;
    Ok(vec![
        ("garbage", "token-not-jwt", "garbage".into()),
        (
            "expired",
            "token-expired",
            with(&|c| c["exp"] = json!(now() - 90))?,
        ),
        (
            "not yet valid",
            "token-not-yet-valid",
            with(&|c| c["nbf"] = json!(now() + 90))?,
        ),
        ("HS512", "token-wrong-algorithm", hs512),
        ("without issuer", "token-issuer-missing", without("iss")?),
        (
            "without identity",
            "token-identity-missing",
            without("sub")?,
        ),
        ("without video", "token-grants-missing", without("video")?),
        (
            "video: {}",
            "token-grants-empty",
            with(&|c| c["video"] = json!({}))?,
        ),
        (
            "roomJoin: false",
            "token-grants-empty",
            with(&|c| c["video"]["roomJoin"] = json!(false))?,
        ),
        (
            "roomCreate only",
            "token-grants-empty",
            with(&|c| c["video"] = json!({ "roomCreate": true }))?,
        ),
        (
            "roomJoin without room",
            "token-room-missing",
            with(&|c| c["video"] = json!({ "roomJoin": true }))?,
        ),
        (
            "another room",
            "token-other-room",
            with(&|c| c["video"]["room"] = json!("other"))?,
        ),
        (
            "a Stream token",
            "token-other-kind",
            sign(
                &json!({ "user_id": "ann", "iat": now(), "exp": now() + 600 }),
                SECRET,
            )?,
        ),
        (
            "unknown key",
            "token-key-unknown",
            with(&|c| c["iss"] = json!("nokey"))?,
        ),
        (
            "wrong secret",
            "token-signature-wrong",
            sign(&good(), SECRET_SIGN)?,
        ),
    ])
}

async fn bad_tokens(world: &mut World, report: &mut Report) -> Result<()> {
    let (backend, address) = Backend::start().await?;
    let server = world.server_url();
    let arguments = [
        "--backend",
        &address,
        "--server",
        &server,
        "--name",
        "Ann",
        "--lobby",
    ];
    let arguments = arguments
        .into_iter()
        .chain(["--room", ROOM, "--fake-devices=only"]);
    let app = world
        .app(AppOptions {
            arguments: arguments.map(String::from).collect(),
            environment: [
                ("SALON_BACKEND_TOKEN", PLANTED),
                ("LIVEKIT_API_KEY", "planted-key"),
                ("LIVEKIT_API_SECRET", PLANTED_SECRET),
            ]
            .map(|(name, value)| (name.into(), value.into()))
            .to_vec(),
            ..AppOptions::default()
        })
        .await?;
    bundle(report)?;
    inherited(&app, report)?;
    let page = &app.page;
    for (name, expected, token) in tokens()? {
        backend.hand_out(&token, ROOM);
        page.click("lobby-join").await?;
        let found = page.wait(&error(expected), true, LIMIT).await;
        let shown = page.attribute("[data-testid=error]", "data-code").await?;
        report.check(
            &format!("token {name}"),
            found.is_ok(),
            json!({ "code": shown }),
        );
        let text = page.eval("document.body.innerText").await?;
        let secret = text.as_str().is_some_and(|text| text.contains("eyJ"));
        report.check(&format!("token {name}: not shown"), !secret, Value::Null);
        dismiss(page).await?;
    }
    // After all of that a good one still works.
    backend.hand_out(&sign(&claims(ROOM, "ann"), SECRET)?, ROOM);
    page.click("lobby-join").await?;
    let joined = page
        .wait(
            "[data-testid=call-state][data-state=connected]",
            true,
            LIMIT,
        )
        .await;
    report.check(
        "a good token after all bad ones",
        joined.is_ok(),
        json!(joined.ok()),
    );
    Ok(())
}

/// The page's processes are started by the app, and inherit none of its secrets.
fn inherited(app: &Driven, report: &mut Report) -> Result<()> {
    let secrets = [PLANTED, PLANTED_SECRET];
    let planted = |program: &str| -> Result<Vec<usize>> {
        read_all(app.driver.id(), program, |process| {
            Ok(search_environment(process, &secrets)?.len())
        })
    };
    // What the app was started with stays there to be read: without it, nothing is proven. What it
    // is about to start is called like it for a moment.
    let own = planted("salon")?;
    report.check(
        "the app was given the secrets",
        own.contains(&secrets.len()),
        json!(own),
    );
    for program in ["WebKitWebProces", "WebKitNetworkPr"] {
        let found = planted(program)?;
        report.check(
            &format!("no secret in the environment of {program}"),
            !found.is_empty() && found.iter().all(|count| *count == 0),
            json!(found),
        );
    }
    Ok(())
}

/// What was in the environment of the build is in nothing that was built. `./x e2e` says what it was;
/// whoever runs this program by hand has built by hand.
fn bundle(report: &mut Report) -> Result<()> {
    let Ok(planted) = std::env::var("BUILT_WITH") else {
        return Ok(());
    };
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/dist");
    let mut files = Vec::new();
    for folder in [page.clone(), page.join("assets")] {
        for entry in std::fs::read_dir(folder)?.flatten() {
            files.push(entry.path());
        }
    }
    files.retain(|file| file.is_file());
    files.push(std::env::var_os("SALON_APP").context("SALON_APP")?.into());
    let mut found = Vec::new();
    for file in &files {
        if contains(&std::fs::read(file)?, planted.as_bytes()) {
            found.push(file);
        }
    }
    let figures = json!({ "searched": files.len(), "found": found });
    let passed = files.len() > 3 && found.is_empty();
    report.check("no secret of the build in page or program", passed, figures);
    Ok(())
}

fn error(code: &str) -> String {
    format!("[data-testid=error][data-code={code}]")
}

async fn dismiss(page: &Page) -> Result<()> {
    page.wait("[data-testid=lobby-join]:not(:disabled)", true, LIMIT)
        .await?;
    page.eval("document.querySelector('[data-testid=error] button')?.click()")
        .await?;
    page.wait("[data-testid=error]", false, LIMIT)
        .await
        .map(drop)
}

async fn unreachable(world: &mut World, report: &mut Report) -> Result<()> {
    let arguments = [
        "--dev",
        "--fake-devices=only",
        "--lobby",
        "--name",
        "Ann",
        "--room",
        ROOM,
    ];
    // The discard port: nobody listens there.
    let arguments = arguments
        .into_iter()
        .chain(["--server", "ws://127.0.0.1:9"]);
    let arguments = arguments.map(String::from).collect();
    let app = world
        .app(AppOptions {
            arguments,
            ..AppOptions::default()
        })
        .await?;
    app.page.click("lobby-join").await?;
    let found = app
        .page
        .wait(&error("server-unreachable-refused"), true, LIMIT)
        .await;
    let shown = app
        .page
        .attribute("[data-testid=error]", "data-code")
        .await?;
    report.check(
        "media server not reachable",
        found.is_ok(),
        json!({ "code": shown }),
    );
    Ok(())
}

/// The link of a sign-in that nobody asked this app for starts it.
async fn started_by_sign_in(world: &mut World, report: &mut Report) -> Result<()> {
    let link = format!("salon://sign-in?backend=https://a.example&state=s&token={PLANTED}");
    let options = AppOptions {
        arguments: vec!["--dev".into(), link],
        ..AppOptions::default()
    };
    let app = world.app(options).await?;
    let told = app
        .page
        .wait(&error("sign-in-not-asked"), true, LIMIT)
        .await;
    report.check(
        "started by a sign-in link: the user is told what became of it",
        told.is_ok(),
        json!(told.ok()),
    );
    Ok(())
}

async fn without_devices(world: &mut World, report: &mut Report) -> Result<()> {
    let server = world.server_url();
    let arguments = [
        "--dev",
        "--fake-devices=off",
        "--lobby",
        "--name",
        "Ann",
        "--room",
        ROOM,
    ];
    let arguments = arguments
        .into_iter()
        .chain(["--server", &server])
        .map(String::from)
        .collect();
    let app = world
        .app(AppOptions {
            arguments,
            ..AppOptions::default()
        })
        .await?;
    for code in ["no-camera", "no-microphone"] {
        let found = app.page.wait(&error(code), true, LIMIT).await;
        report.check(
            &format!("the lobby says {code}"),
            found.is_ok(),
            json!(found.ok()),
        );
    }
    app.page.click("lobby-join").await?;
    let joined = app
        .page
        .wait(
            "[data-testid=call-state][data-state=connected]",
            true,
            LIMIT,
        )
        .await;
    report.check("joined without devices", joined.is_ok(), json!(joined.ok()));
    Ok(())
}

async fn without_sound(world: &mut World, report: &mut Report) -> Result<()> {
    let chromium = world.chromium().await?;
    world.guest(&chromium.page, "ben").await?;
    let arguments = world.dev_arguments("Ann");
    let options = AppOptions {
        arguments,
        without_sound: true,
        ..AppOptions::default()
    };
    let app = world.app(options).await?;
    app.page.click("lobby-join").await?;
    let tile = "[data-testid=tile][data-local=false][data-camera=on] canvas";
    let shown = app.page.wait(tile, true, LIMIT).await;
    report.check(
        "a call without a sound server",
        shown.is_ok(),
        json!(shown.ok()),
    );
    Ok(())
}
