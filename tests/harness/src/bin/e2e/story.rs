//! The whole story: A asks, B offers, A accepts, B's app rings, both meet, hanging up completes.
//! Two apps, each on a desktop of its own, and a product's backend. No screenshots: WebKit's driver does
//! not answer when asked for one of an app that has an icon in a tray.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use salon_harness::browser::Page;
use salon_harness::desktop::{Desktop, Notification};
use salon_harness::memory;
use salon_harness::product::{OFFERER, Product, REQUESTER_SIGN_IN, TITLE};
use salon_harness::report::Report;
use salon_harness::usage::{find, find_all};
use salon_harness::world::{AppOptions, Driven, World};
use serde_json::{Value, json};

use crate::call::GUEST_TILE;

const LIMIT: Duration = Duration::from_secs(30);
/// How soon what happens at the backend has to be seen.
const PROMPT: Duration = Duration::from_secs(2);
const LOBBY: &str = "[data-testid=lobby-join]";
const SIGNED_IN: &str = "[data-testid=account]";
const RING: &str = "[data-testid=ring]";
const MEETING: &str = "[data-testid=meeting]";

/// One of the two, with what belongs to them.
struct Party {
    app: Driven,
    desktop: Desktop,
}

impl Party {
    fn page(&self) -> &Page {
        &self.app.page
    }
}

pub(crate) async fn run(world: &mut World, report: &mut Report) -> Result<()> {
    let folder = world.folder().to_owned();
    let mut product = Product::start(&folder, &world.server_url()).await?;
    let mut amina = party(world, &product, "amina").await?;
    let mut bruno = party(world, &product, "bruno").await?;

    let card = "[data-testid=sign-in]";
    amina.page().wait(card, true, LIMIT).await?;
    by_browser(world, &amina, report).await?;
    by_pasting(&product, &bruno, report).await?;

    let id = accepted(&mut product, &amina, &mut bruno, report).await?;
    by_notification(&mut bruno, report).await?;
    both_meet(&amina, &bruno, report).await?;
    the_last_one_completes(&product, &id, &amina, &bruno, report).await?;
    cancelled(&mut product, &amina, &mut bruno, report).await?;
    ended_for_everyone(&mut product, &amina, &bruno, report).await?;
    secrets(&product, &amina, world, report)?;
    started_again(world, &product, &mut amina, report).await?;
    closed(world, &mut amina, &bruno, report).await?;
    signed_out(&amina, report).await
}

async fn party(world: &mut World, product: &Product, name: &str) -> Result<Party> {
    let mut desktop = Desktop::start(&world.folder().join(name)).await?;
    desktop.unlock_keyring().await?;
    let app = app(world, product, desktop.environment()).await?;
    Ok(Party { app, desktop })
}

async fn app(
    world: &mut World,
    product: &Product,
    environment: Vec<(String, String)>,
) -> Result<Driven> {
    let arguments = [
        "--backend",
        &product.url(),
        "--profile",
        "salon",
        "--fake-devices=only",
    ];
    let options = AppOptions {
        arguments: arguments.map(String::from).to_vec(),
        environment,
        ..AppOptions::default()
    };
    world.app(options).await
}

/// The requester signs in in the system's browser.
async fn by_browser(world: &mut World, amina: &Party, report: &mut Report) -> Result<()> {
    amina
        .page()
        .press("[data-testid=sign-in] button.primary")
        .await?;
    let url = amina.desktop.opened(LIMIT).await?;
    let browser = world.chromium_at(&url).await?;
    let (email, password) = REQUESTER_SIGN_IN;
    let form = &browser.page;
    form.send_keys("input[name=email]", email).await?;
    form.send_keys("input[name=password]", password).await?;
    form.press("form button").await?;
    let signed_in = amina.page().wait(SIGNED_IN, true, LIMIT).await;
    report.check(
        "story: signing in in the browser",
        signed_in.is_ok(),
        json!(signed_in.ok()),
    );
    let who = amina.page().text(SIGNED_IN).await?;
    report.check(
        "story: it is said who is signed in",
        who.contains("Amina"),
        json!(who),
    );
    Ok(())
}

/// The offerer pastes what the web site gave.
async fn by_pasting(product: &Product, bruno: &Party, report: &mut Report) -> Result<()> {
    let page = bruno.page();
    page.press("[data-testid=sign-in] button.quiet").await?;
    let token = product.token(OFFERER).await?;
    page.type_into("paste-input", &token).await?;
    page.press("[data-testid=paste] button[type=submit]")
        .await?;
    let signed_in = page.wait(SIGNED_IN, true, LIMIT).await;
    report.check(
        "story: signing in by pasting",
        signed_in.is_ok(),
        json!(signed_in.ok()),
    );
    let left = page
        .eval(&format!(
            "document.documentElement.outerHTML.includes({0}) || \
             [...document.querySelectorAll('input')].some((input) => input.value.includes({0})) || \
             JSON.stringify(localStorage).includes({0})",
            json!(token)
        ))
        .await?;
    report.check(
        "story: nothing of it stays in the page",
        left == json!(false),
        left,
    );
    Ok(())
}

/// The requester accepts: straight into the lobby; the offerer is rung.
async fn accepted(
    product: &mut Product,
    amina: &Party,
    bruno: &mut Party,
    report: &mut Report,
) -> Result<String> {
    let id = product.accept().await?;
    let lobby = amina.page().wait(LOBBY, true, PROMPT).await;
    report.check(
        "story: the requester goes straight into the lobby",
        lobby.is_ok(),
        json!(lobby.ok()),
    );
    let ring = bruno.page().wait(RING, true, PROMPT).await;
    report.check("story: the offerer is rung", ring.is_ok(), json!(ring.ok()));
    let words = bruno.page().text(RING).await?;
    let said = [
        "Your offer was accepted!",
        TITLE,
        "Amina",
        "Join the meeting",
    ];
    report.check(
        "story: in the words of the contract",
        said.iter().all(|part| words.contains(part)),
        json!(words),
    );
    let shown = bruno.desktop.notifications(PROMPT, |all| !all.is_empty());
    let shown = shown.await.unwrap_or_default();
    let right = shown.last().is_some_and(|notification| {
        notification.summary.contains("Your offer was accepted!")
            && notification.body.contains(TITLE)
            && notification.body.contains("Amina")
            && notification
                .actions
                .iter()
                .any(|label| label == "Join the meeting")
    });
    report.check(
        "story: the system shows it as well",
        right,
        json!(format!("{shown:?}")),
    );
    Ok(id)
}

/// The key of the action with this label.
fn action<'a>(notification: &'a Notification, label: &str) -> Option<&'a str> {
    let pairs = notification.actions.chunks(2);
    let mut found = pairs.filter(|pair| pair.get(1).is_some_and(|one| one == label));
    Some(found.next()?.first()?.as_str())
}

/// The offerer joins from the system's notification.
async fn by_notification(bruno: &mut Party, report: &mut Report) -> Result<()> {
    let shown = bruno
        .desktop
        .notifications(PROMPT, |all| !all.is_empty())
        .await?;
    let notification = shown.last().context("no notification")?;
    let join = action(notification, "Join the meeting").context("no such action")?;
    bruno.desktop.press(notification.id, join).await?;
    let lobby = bruno.page().wait(LOBBY, true, PROMPT).await;
    report.check(
        "story: its button leads into the lobby",
        lobby.is_ok(),
        json!(lobby.ok()),
    );
    // What he pasted does not say his name.
    bruno.page().type_into("lobby-name", "Bruno").await?;
    let silent = bruno.page().wait(RING, false, PROMPT).await;
    report.check(
        "story: and it rings no longer",
        silent.is_ok(),
        json!(silent.ok()),
    );
    Ok(())
}

async fn meet(amina: &Party, bruno: &Party) -> Result<()> {
    for party in [amina, bruno] {
        party.page().click("lobby-join").await?;
        let connected = "[data-testid=call-state][data-state=connected]";
        party.page().wait(connected, true, LIMIT).await?;
    }
    for party in [amina, bruno] {
        let tile = format!("{GUEST_TILE}[data-camera=on] canvas");
        party.page().wait(&tile, true, LIMIT).await?;
    }
    Ok(())
}

async fn both_meet(amina: &Party, bruno: &Party, report: &mut Report) -> Result<()> {
    meet(amina, bruno).await?;
    for (name, party) in [("Bruno", amina), ("Amina", bruno)] {
        let look = format!(
            "harness.pictures({}, 3000)",
            json!(format!("{GUEST_TILE} video"))
        );
        let seen = party.page().eval(&look).await?;
        // Two apps encode and paint on the cores of one machine here: that it moves is the point.
        let moving = seen["perSecond"].as_f64().is_some_and(|rate| rate >= 5.0);
        let named = party.page().text(GUEST_TILE).await?;
        report.check(
            &format!("story: {name} is seen by the other"),
            moving && named.contains(name),
            json!({ "seen": seen, "name": named }),
        );
    }
    Ok(())
}

async fn status(product: &Product, id: &str, wanted: &str) -> Result<(bool, Value)> {
    // The backend tells its listeners, of which this is none.
    let deadline = tokio::time::Instant::now() + Duration::from_secs(5);
    loop {
        let status = product.status(id).await?;
        if status == wanted || tokio::time::Instant::now() > deadline {
            return Ok((status == wanted, json!(status)));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn the_last_one_completes(
    product: &Product,
    id: &str,
    amina: &Party,
    bruno: &Party,
    report: &mut Report,
) -> Result<()> {
    leave(bruno.page()).await?;
    bruno.page().wait(SIGNED_IN, true, LIMIT).await?;
    amina.page().wait(GUEST_TILE, false, LIMIT).await?;
    let (active, figures) = status(product, id, "active").await?;
    report.check(
        "story: with one still there the meeting goes on",
        active,
        figures,
    );
    leave(amina.page()).await?;
    let (completed, figures) = status(product, id, "completed").await?;
    report.check(
        "story: hanging up as the last completes it",
        completed,
        figures,
    );
    for party in [amina, bruno] {
        let home = party.page().wait(SIGNED_IN, true, PROMPT).await;
        let gone = party.page().wait(MEETING, false, PROMPT).await;
        report.check(
            "story: and leads home, where it is gone",
            home.is_ok() && gone.is_ok(),
            json!(gone.ok()),
        );
    }
    Ok(())
}

/// Hangs up without ending it for everyone.
async fn leave(page: &Page) -> Result<()> {
    page.click("control-leave").await?;
    page.click("leave-only").await
}

async fn cancelled(
    product: &mut Product,
    amina: &Party,
    bruno: &mut Party,
    report: &mut Report,
) -> Result<()> {
    let id = product.accept().await?;
    bruno.page().wait(RING, true, PROMPT).await?;
    let open = |all: &[Notification]| all.last().is_some_and(|last| !last.closed);
    bruno.desktop.notifications(PROMPT, open).await?;
    product.cancel(&id).await?;
    let silent = bruno.page().wait(RING, false, PROMPT).await;
    report.check(
        "story: a cancelled one stops ringing",
        silent.is_ok(),
        json!(silent.ok()),
    );
    let closed = |all: &[Notification]| all.iter().all(|one| one.closed);
    let closed = bruno.desktop.notifications(PROMPT, closed).await;
    report.check(
        "story: and its notification goes",
        closed.is_ok(),
        json!(closed.err().map(|error| error.to_string())),
    );
    // The requester was led into the lobby of a meeting that is no more.
    amina.page().wait(SIGNED_IN, true, LIMIT).await?;
    Ok(())
}

async fn ended_for_everyone(
    product: &mut Product,
    amina: &Party,
    bruno: &Party,
    report: &mut Report,
) -> Result<()> {
    let id = product.accept().await?;
    bruno
        .page()
        .press("[data-testid=ring] button.primary")
        .await?;
    meet(amina, bruno).await?;
    amina.page().click("control-leave").await?;
    amina.page().click("leave-end").await?;
    let (completed, figures) = status(product, &id, "completed").await?;
    report.check("story: ended for everyone", completed, figures);
    for party in [amina, bruno] {
        let home = party.page().wait(SIGNED_IN, true, LIMIT).await;
        report.check("story: both are home again", home.is_ok(), json!(home.ok()));
    }
    Ok(())
}

/// The requester's tokens went from the backend to the app; none has been near the page.
fn secrets(product: &Product, amina: &Party, world: &World, report: &mut Report) -> Result<()> {
    let tokens: Vec<String> = product
        .tokens()
        .into_iter()
        .filter(|token| !is_media_token(token))
        .collect();
    report.check(
        "story: the tokens are known to the test",
        tokens.len() >= 3,
        json!(tokens.len()),
    );
    let mut seen = 0;
    for program in ["WebKitWebProces", "WebKitNetworkPr"] {
        for process in find_all(amina.app.driver.id(), program)? {
            seen += 1;
            let found = memory::search(process, &tokens)?.len();
            report.check(
                &format!("story: none is in the memory of {program}"),
                found == 0,
                json!(found),
            );
        }
    }
    report.check(
        "story: the page's processes were read",
        seen >= 2,
        json!(seen),
    );
    let logs = world.app_logs()?;
    let logged = tokens.iter().filter(|token| logs.contains(*token)).count();
    report.check("story: none is in a log", logged == 0, json!(logged));
    let mut files = Vec::new();
    let secrets: Vec<&[u8]> = tokens.iter().map(|token| token.as_bytes()).collect();
    search_files(world.folder(), &secrets, &mut files)?;
    report.check("story: none is in a file", files.is_empty(), json!(files));
    Ok(())
}

/// The page needs these to join.
fn is_media_token(token: &str) -> bool {
    use base64::Engine as _;
    let claims = token.split('.').nth(1).and_then(|part| {
        base64::engine::general_purpose::URL_SAFE_NO_PAD
            .decode(part)
            .ok()
    });
    claims.is_some_and(|claims| memory::contains(&claims, b"\"video\""))
}

fn search_files(folder: &Path, words: &[&[u8]], found: &mut Vec<String>) -> Result<()> {
    for entry in std::fs::read_dir(folder)?.flatten() {
        let kind = entry.file_type()?;
        if kind.is_dir() {
            search_files(&entry.path(), words, found)?;
        } else if kind.is_file() {
            let bytes = std::fs::read(entry.path())?;
            if words.iter().any(|word| memory::contains(&bytes, word)) {
                found.push(entry.path().display().to_string());
            }
        }
    }
    Ok(())
}

/// Started again, the app knows its user from the keyring.
async fn started_again(
    world: &mut World,
    product: &Product,
    amina: &mut Party,
    report: &mut Report,
) -> Result<()> {
    amina.app.page.clone().end().await?;
    let stays = ("SALON_CLOSE_TO_TRAY".to_owned(), "true".to_owned());
    let environment = [amina.desktop.environment(), vec![stays]].concat();
    amina.app = app(world, product, environment).await?;
    let signed_in = amina.page().wait(SIGNED_IN, true, LIMIT).await;
    report.check(
        "story: started again, the user is still signed in",
        signed_in.is_ok(),
        json!(signed_in.ok()),
    );
    Ok(())
}

/// Closing the windows of both: only the app that was told to, and has a tray, goes on.
async fn closed(
    world: &World,
    amina: &mut Party,
    bruno: &Party,
    report: &mut Report,
) -> Result<()> {
    amina.desktop.show_tray().await?;
    world.close_windows()?;
    let program = bruno.app.driver.id();
    let ended = until(|| Ok(find(program, "salon")?.is_none())).await?;
    report.check("story: closing the window ends the app", ended, Value::Null);
    let is_it = |one: &Notification| one.summary == "Salon goes on ringing" && !one.closed;
    let told = amina
        .desktop
        .notifications(LIMIT, |posted| posted.iter().any(is_it));
    let told = told.await?.into_iter().find(is_it);
    let runs = find(amina.app.driver.id(), "salon")?.is_some();
    report.check(
        "story: with a tray it goes on without a window, and says so",
        runs && world.windows()?.is_empty(),
        json!({ "runs": runs }),
    );
    if let Some(told) = told {
        amina.desktop.press(told.id, "default").await?;
    }
    let shown = until(|| Ok(world.windows()?.len() == 1)).await?;
    report.check(
        "story: the notification brings the window back",
        shown,
        Value::Null,
    );
    Ok(())
}

/// Whether it is so in time; of other processes nobody tells.
async fn until(so: impl Fn() -> Result<bool>) -> Result<bool> {
    let deadline = tokio::time::Instant::now() + LIMIT;
    while !so()? {
        if tokio::time::Instant::now() > deadline {
            return Ok(false);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(true)
}

async fn signed_out(amina: &Party, report: &mut Report) -> Result<()> {
    amina.page().press(SIGNED_IN).await?;
    amina.page().click("sign-out").await?;
    let card = amina
        .page()
        .wait("[data-testid=sign-in]", true, LIMIT)
        .await;
    report.check("story: signed out", card.is_ok(), json!(card.ok()));
    let left = amina.desktop.secrets().await?;
    report.check(
        "story: and the keyring is empty",
        left.is_empty(),
        json!(left),
    );
    Ok(())
}
