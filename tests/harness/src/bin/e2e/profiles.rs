//! The built-in profiles whose calls are Stream's (contracts P1, P2, P3), to the end: a token that is wrong,
//! an app that nobody names (of P2 the backend does), and then the call of the two, on the double of
//! Stream's service.

mod ends;

use anyhow::Result;
use base64::Engine as _;
use reference_backend::{Faults, StreamApp};
use salon_harness::marketplace::Marketplace;
use salon_harness::product::{Product, Site, Who};
use salon_harness::report::Report;
use salon_harness::stream::{is_sdk_installed, write_log};
use salon_harness::token::{now, sign};
use salon_harness::world::World;
use salon_support::StreamDouble;
use salon_support::stream::Config;
use serde_json::{Value, json};

use crate::near::{OWN, stays_near};
use crate::story::acts::Story;
use crate::story::party::{LIMIT, LOBBY, Party, RING, SIGNED_IN};

/// What the page says where neither backend nor settings name the app.
const SENTENCE: &str = "It is not known which Stream app the meeting is of.";
/// What it says of a token for somebody else.
const ANOTHER: &str = "The meeting token is for another user.";
/// What it says in a build without Stream's SDK.
const WITHOUT: &str = "This build of Salon cannot make calls with this meeting service.";

pub(crate) async fn run(world: &mut World, report: &mut Report) -> Result<()> {
    let double = StreamDouble::start(Config::default()).await?;
    let before = report.failures();
    let outcome = all(world, report, &double).await;
    if outcome.is_err() || report.failures() > before {
        write_log(&double, world.folder())?;
    }
    outcome
}

async fn all(world: &mut World, report: &mut Report, double: &StreamDouble) -> Result<()> {
    for profile in ["stream-rest", "next-video-call"] {
        let folder = world.folder().join(profile);
        std::fs::create_dir(&folder)?;
        let app = StreamApp {
            key: double.key().into(),
            secret: double.secret().into(),
        };
        let named = |config: &mut reference_backend::Config| config.stream = Some(app);
        let mut site = Product::start_with(&folder, &world.server_url(), named).await?;
        site.serve_as(profile);
        one(world, double, site, "demo_bruno", report, |site, wrong| {
            site.set_faults(Faults {
                stream_for_another: wrong,
                ..Faults::default()
            });
            Ok(())
        })
        .await?;
    }
    let signs = |config: &mut salon_support::convex::Config| {
        config.stream_secret = double.secret().into();
    };
    let site = Marketplace::start_with("convex", &world.server_url(), signs).await?;
    one(world, double, site, "bruno", report, |site, wrong| {
        if wrong {
            let claims = json!({ "user_id": "amina", "iat": now(), "exp": now() + 600 });
            let answer = json!({ "token": sign(&claims, "of-no-importance")? });
            site.answer_next_of("stream:generateStreamToken", answer);
        }
        Ok(())
    })
    .await
}

/// An offer is accepted, its offerer is told what is wrong, one thing after the other, and when nothing is
/// any more, the two meet.
async fn one<S: Site>(
    world: &mut World,
    double: &StreamDouble,
    site: S,
    user: &str,
    report: &mut Report,
    set_wrong: impl Fn(&S, bool) -> Result<()>,
) -> Result<()> {
    let profile = site.profile();
    // The double is on this machine, where a coordinator counts in dev mode only.
    let here = [("SALON_DEV", "true"), ("SALON_STREAM_URL", &double.url)];
    let with_key = [here[0], here[1], ("STREAM_API_KEY", double.key())];
    let amina = Party::start_with(world, &site, Who::Requester, &with_key).await?;
    let bruno = Party::start_with(world, &site, Who::Offerer, &here).await?;
    let mut story = Story {
        name: profile,
        site,
        amina,
        bruno,
    };
    for party in [&story.amina, &story.bruno] {
        let pasted = party.paste(&story.site).await;
        let figures = json!(pasted.as_ref().err().map(ToString::to_string));
        let check = format!("{profile}: {} signed in", party.who.name());
        report.check(&check, pasted.is_ok(), figures);
    }
    let session = story.accepted(report).await?;
    answers(&mut story.bruno, profile, report).await?;

    set_wrong(&story.site, true)?;
    story.bruno.join().await?;
    let check = format!("{profile}: a token for somebody else is found before all else");
    let another = ("token-identity-mismatch", ANOTHER);
    said(&story.bruno, &check, another, report).await?;
    set_wrong(&story.site, false)?;
    let fetched = of_stream(&story.site, user);
    report.check(
        &format!("{profile}: no right token so far"),
        fetched == 0,
        json!(fetched),
    );
    if profile != "next-video-call" {
        story.bruno.join().await?;
        let check = format!("{profile}: it is said that nobody names the app");
        said(
            &story.bruno,
            &check,
            ("stream-key-missing", SENTENCE),
            report,
        )
        .await?;
        let fetched = of_stream(&story.site, user);
        report.check(
            &format!("{profile}: after the token was fetched and found right"),
            fetched > 0,
            json!(fetched),
        );
        story
            .bruno
            .start_again(world, &story.site, &with_key)
            .await?;
        let check =
            format!("{profile}: started again with the app's key, the offerer is signed in");
        story.bruno.sees(report, &check, SIGNED_IN, true).await;
        answers(&mut story.bruno, profile, report).await?;
    }
    let shown = story.bruno.page().eval("document.body.innerText").await?;
    let shown = shown.as_str().is_some_and(|text| text.contains("eyJ"));
    report.check(
        &format!("{profile}: no token is shown"),
        !shown,
        Value::Null,
    );
    if is_sdk_installed() {
        story.both_meet(report).await?;
        for party in [&story.amina, &story.bruno] {
            let name = party.who.name();
            let check = format!("{profile}: {name}'s page reaches for nothing else");
            stays_near(party.page(), OWN, report, &check).await?;
        }
        match profile {
            "next-video-call" => story.both_leave_at_once(double, &session, report).await?,
            "convex" => return story.one_dies(&session, report).await,
            _ => story.the_last_one_completes(&session, report).await?,
        }
    } else {
        story.bruno.join().await?;
        let check = format!("{profile}: without the SDK it is said that there is none");
        said(&story.bruno, &check, ("provider-missing", WITHOUT), report).await?;
    }
    story.amina.app.page.end().await?;
    story.bruno.app.page.end().await
}

/// Who is rung goes into the lobby by the card, and is rung no longer.
async fn answers(bruno: &mut Party, profile: &str, report: &mut Report) -> Result<()> {
    bruno.page().wait(RING, true, LIMIT).await?;
    bruno
        .page()
        .press(&format!("{RING} button.primary"))
        .await?;
    let lobby = format!("{profile}: in the lobby");
    bruno.sees(report, &lobby, LOBBY, true).await;
    let closed = bruno
        .desktop
        .notifications(LIMIT, |all| all.iter().all(|one| one.closed));
    let figures = json!(closed.await.err().map(|error| error.to_string()));
    let check = format!("{profile}: the system's notification is gone");
    report.check(&check, figures.is_null(), figures);
    Ok(())
}

/// Waits for a code and its sentence.
async fn said(
    party: &Party,
    check: &str,
    (code, sentence): (&str, &str),
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
