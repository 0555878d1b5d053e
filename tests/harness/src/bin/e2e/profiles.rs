//! The built-in profiles whose calls are Stream's (contracts P1, P2, P3), to a token that is right, and to
//! the word that nobody says whose app it is for; of P2 the backend says so.

use anyhow::Result;
use base64::Engine as _;
use salon_backend::Faults;
use salon_harness::marketplace::Marketplace;
use salon_harness::product::{Product, Site, Who};
use salon_harness::report::Report;
use salon_harness::token::{now, sign};
use salon_harness::world::World;
use serde_json::{Value, json};

use crate::story::party::{LIMIT, LOBBY, Party, RING};

/// What the page says where neither backend nor settings name the app.
const SENTENCE: &str = "It is not known which Stream app the meeting is of.";
/// What it says of a token for somebody else.
const ANOTHER: &str = "The meeting token is for another user.";

pub(crate) async fn run(world: &mut World, report: &mut Report) -> Result<()> {
    for profile in ["stream-rest", "next-video-call"] {
        let folder = world.folder().join(profile);
        std::fs::create_dir(&folder)?;
        let mut site = Product::start(&folder, &world.server_url()).await?;
        site.serve_as(profile);
        one(world, site, "demo_bruno", report, |site, wrong| {
            site.set_faults(Faults {
                stream_for_another: wrong,
                ..Faults::default()
            });
            Ok(())
        })
        .await?;
    }
    let site = Marketplace::start("convex", &world.server_url()).await?;
    one(world, site, "bruno", report, |site, wrong| {
        if wrong {
            let claims = json!({ "user_id": "amina", "iat": now(), "exp": now() + 600 });
            let answer = json!({ "token": sign(&claims, "of-no-importance")? });
            site.answer_next_of("stream:generateStreamToken", answer);
        }
        Ok(())
    })
    .await
}

/// Signed in, rung, and told what is wrong: first the token, then, when that is right, that its app is not
/// known.
async fn one<S: Site>(
    world: &mut World,
    mut site: S,
    user: &str,
    report: &mut Report,
    set_wrong: impl Fn(&S, bool) -> Result<()>,
) -> Result<()> {
    let profile = site.profile();
    let mut bruno = Party::start(world, &site, Who::Offerer).await?;
    let pasted = bruno.paste(&site).await;
    let figures = json!(pasted.as_ref().err().map(ToString::to_string));
    report.check(&format!("{profile}: signed in"), pasted.is_ok(), figures);
    site.accept().await?;
    let rung = format!("{profile}: rung");
    bruno.sees(report, &rung, RING, true).await;
    bruno
        .page()
        .press(&format!("{RING} button.primary"))
        .await?;
    let lobby = format!("{profile}: in the lobby");
    bruno.sees(report, &lobby, LOBBY, true).await;

    set_wrong(&site, true)?;
    bruno.join().await?;
    let check = format!("{profile}: a token for somebody else is found before all else");
    said(&bruno, &check, "token-identity-mismatch", ANOTHER, report).await?;
    set_wrong(&site, false)?;
    let fetched = of_stream(&site, user);
    report.check(
        &format!("{profile}: no right token so far"),
        fetched == 0,
        json!(fetched),
    );
    if profile != "next-video-call" {
        bruno.join().await?;
        let check = format!("{profile}: it is said that nobody names the app");
        said(&bruno, &check, "stream-key-missing", SENTENCE, report).await?;
        let fetched = of_stream(&site, user);
        report.check(
            &format!("{profile}: after the token was fetched and found right"),
            fetched > 0,
            json!(fetched),
        );
    }
    let shown = bruno.page().eval("document.body.innerText").await?;
    let shown = shown.as_str().is_some_and(|text| text.contains("eyJ"));
    report.check(
        &format!("{profile}: no token is shown"),
        !shown,
        Value::Null,
    );
    let closed = bruno
        .desktop
        .notifications(LIMIT, |all| all.iter().all(|one| one.closed));
    let figures = json!(closed.await.err().map(|error| error.to_string()));
    let check = format!("{profile}: the system's notification is gone");
    report.check(&check, figures.is_null(), figures);
    bruno.app.page.end().await
}

/// Waits for a code and its sentence.
async fn said(
    party: &Party,
    check: &str,
    code: &str,
    sentence: &str,
    report: &mut Report,
) -> Result<()> {
    let note = format!("[data-testid=error][data-code={code}]");
    let waited = party.page().wait(&note, true, LIMIT).await;
    let error = "[data-testid=error]";
    let shown = party.page().attribute(error, "data-code").await?;
    let words = party.page().text(error).await?;
    let right = waited.is_ok() && words.contains(sentence);
    report.check(check, right, json!({ "code": shown, "words": words }));
    Ok(())
}

/// How many tokens for Stream and this user went to the app.
fn of_stream(site: &impl Site, user: &str) -> usize {
    let claims = |token: &str| -> Option<Value> {
        let part = token.split('.').nth(1)?;
        let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part);
        serde_json::from_slice(&bytes.ok()?).ok()
    };
    let tokens = site.tokens();
    let users = tokens.iter().filter_map(|token| claims(token));
    users.filter(|claims| claims["user_id"] == user).count()
}
