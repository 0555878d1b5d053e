//! Every screen and state of the page in pictures, which are compared with those that were accepted
//! (docs/gallery.md). What is shown is in `ui/gallery`.

mod browser;
mod sheet;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use anyhow::{Context as _, Result, bail};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Value, json};

use self::browser::{Browser, Glass};
use crate::build::{npm_command, page, target};
use crate::process::{root, run};

/// The pictures that were accepted.
const ACCEPTED: &str = "ui/gallery/pictures";
/// What is in the gallery's page and nowhere else.
const MARK: &str = "salon-gallery";
/// Looked at this often at most until it stands still.
const LOOKS: usize = 8;
/// How many browsers take pictures at once.
const BROWSERS: usize = 2;

/// What is done.
#[derive(Debug, Default)]
pub(crate) struct Wish {
    /// What differs is taken over.
    pub(crate) accept: bool,
    /// Only pictures with this in their names.
    pub(crate) only: Option<String>,
}

/// One of the pictures, as the page lists them.
#[derive(Clone, Debug)]
struct Picture {
    name: String,
    address: String,
    glass: Glass,
}

/// What became of one.
#[derive(Debug)]
struct Outcome {
    name: String,
    /// Points that differ.
    different: u64,
    /// It was there before.
    known: bool,
    /// Rules of accessibility that it breaks.
    broken: Vec<String>,
}

/// Takes the pictures and compares them.
///
/// # Errors
/// If one differs from what was accepted, a rule of accessibility is broken, or a scene does not come.
pub(crate) fn run_task(wish: &Wish) -> Result<()> {
    run(&mut npm_command(&root().join("ui"), "gallery:build"))?;
    let folder = target().join("gallery");
    let shown = folder.join("page/gallery.html");
    let address = format!("file://{}", shown.display());
    fresh(&folder.join("pictures"))?;
    let browser = Browser::start()?;
    let all = listed(&browser, &address)?;
    let wanted: Vec<Picture> = all
        .iter()
        .filter(|each| {
            wish.only
                .as_ref()
                .is_none_or(|only| each.name.contains(only))
        })
        .cloned()
        .collect();
    let compared = root().join(ACCEPTED).is_dir();
    // While nobody takes it over: whether a changed colour would be found.
    if compared && !wish.accept {
        find_planted(&browser, &all)?;
    }
    let outcomes = take(browser, &folder, wanted, wish.accept)?;
    if wish.accept && wish.only.is_none() {
        drop_others(&all)?;
    }
    let sheet = sheet::write(&folder, &outcomes)?;
    println!("{} pictures: {}", outcomes.len(), sheet.display());
    if !compared && !wish.accept {
        println!(
            "no picture was accepted yet: what is shown is examined, and compared with nothing"
        );
    }
    verdict(&outcomes, compared && !wish.accept)
}

/// Fails unless the page that is shipped has nothing of the gallery.
///
/// # Errors
/// If it has.
pub(crate) fn nothing_shipped() -> Result<()> {
    page()?;
    if !mentions(&target().join("gallery/page"))? {
        bail!("the gallery does not have {MARK}, by which it would be found");
    }
    if mentions(&root().join("ui/dist"))? {
        bail!("the page that is shipped has the gallery in it");
    }
    Ok(())
}

/// Whether a file of a folder has the mark in it.
fn mentions(folder: &Path) -> Result<bool> {
    for entry in fs::read_dir(folder).with_context(|| format!("no {}", folder.display()))? {
        let path = entry?.path();
        let found = if path.is_dir() {
            mentions(&path)?
        } else {
            fs::read(&path)?
                .windows(MARK.len())
                .any(|part| part == MARK.as_bytes())
        };
        if found {
            return Ok(true);
        }
    }
    Ok(false)
}

/// An empty folder.
fn fresh(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    Ok(fs::create_dir_all(folder)?)
}

fn accepted(name: &str) -> PathBuf {
    root().join(ACCEPTED).join(format!("{name}.png"))
}

/// What the page says is to be taken.
fn listed(browser: &Browser, address: &str) -> Result<Vec<Picture>> {
    browser.go(address)?;
    let list = browser.eval("gallery.pictures", &[])?;
    let list = list.as_array().context("the page lists no pictures")?;
    list.iter().map(|each| read(each, address)).collect()
}

fn read(each: &Value, address: &str) -> Result<Picture> {
    let text = |key: &str| each[key].as_str().with_context(|| format!("no {key}"));
    let (width, height, scale) = match text("size")? {
        "360" => (360, 740, 1.0),
        "1280" => (1280, 800, 1.0),
        "2560" => (2560, 1440, 1.0),
        "200-percent" => (640, 400, 2.0),
        other => bail!("what size is {other}?"),
    };
    let look = text("look")?;
    Ok(Picture {
        name: text("name")?.to_owned(),
        address: format!(
            "{address}#scene={}&direction={}",
            text("scene")?,
            text("direction")?
        ),
        glass: Glass {
            width,
            height,
            scale,
            dark: look.starts_with("dark"),
            contrast: look.ends_with("contrast"),
        },
    })
}

/// Several at once: painting is the processor's work here.
fn take(first: Browser, folder: &Path, wanted: Vec<Picture>, accept: bool) -> Result<Vec<Outcome>> {
    let queue = Mutex::new(wanted.into_iter());
    let next = || queue.lock().ok()?.next();
    let work = |browser: Browser| -> Result<Vec<Outcome>> {
        let mut outcomes = Vec::new();
        while let Some(picture) = next() {
            let outcome = one(&browser, folder, &picture, accept);
            outcomes.push(outcome.with_context(|| picture.name)?);
        }
        Ok(outcomes)
    };
    let mut outcomes = std::thread::scope(|scope| -> Result<Vec<Outcome>> {
        let others: Vec<_> = (1..BROWSERS)
            .map(|_| scope.spawn(|| work(Browser::start()?)))
            .collect();
        let mut all = work(first)?;
        for other in others {
            let Ok(outcomes) = other.join() else {
                bail!("a browser was given up");
            };
            all.extend(outcomes?);
        }
        Ok(all)
    })?;
    outcomes.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(outcomes)
}

fn one(browser: &Browser, folder: &Path, picture: &Picture, accept: bool) -> Result<Outcome> {
    browser.look_with(picture.glass)?;
    browser.go(&picture.address)?;
    ready(browser)?;
    let shown = still(browser)?;
    let name = &picture.name;
    let pictures = folder.join("pictures");
    fs::write(
        pictures.join(format!("{name}.png")),
        BASE64_STANDARD.decode(&shown)?,
    )?;
    let path = accepted(name);
    let before = fs::read(&path).ok();
    let verdict = judged(browser, &shown, before.as_deref().unwrap_or_default())?;
    let different = verdict["different"].as_u64().context("no verdict")?;
    let decoded = |key: &str| BASE64_STANDARD.decode(verdict[key].as_str().unwrap_or_default());
    if different > 0 {
        let difference = decoded("difference")?;
        if !difference.is_empty() {
            fs::write(pictures.join(format!("{name}.difference.png")), difference)?;
        }
        if accept {
            fs::create_dir_all(root().join(ACCEPTED))?;
            fs::write(&path, decoded("fresh")?)?;
        }
    }
    let broken = browser.eval("gallery.broken()", &[])?;
    let broken = broken.as_array().into_iter().flatten();
    Ok(Outcome {
        name: name.clone(),
        different,
        known: before.is_some(),
        broken: broken
            .filter_map(|each| each.as_str().map(String::from))
            .collect(),
    })
}

/// The picture that a changed colour is planted in.
const PLANTED: &str = "lobby.1280.";

/// Fails unless one changed colour is found.
fn find_planted(browser: &Browser, all: &[Picture]) -> Result<()> {
    let picture = all.iter().find(|each| each.name.starts_with(PLANTED));
    let picture = picture.context("there is no picture to plant a colour in")?;
    let Ok(before) = fs::read(accepted(&picture.name)) else {
        // It is told as one that was never accepted.
        return Ok(());
    };
    browser.look_with(picture.glass)?;
    browser.go(&format!("{}&planted", picture.address))?;
    ready(browser)?;
    let verdict = judged(browser, &still(browser)?, &before)?;
    if verdict["different"] == 0 {
        bail!("one changed colour is not found");
    }
    Ok(())
}

/// Waits for the scene.
fn ready(browser: &Browser) -> Result<()> {
    let trouble = browser.eval("gallery.ready", &[])?;
    match trouble.as_str() {
        Some("") => Ok(()),
        Some(trouble) => bail!("{trouble}"),
        None => bail!("the page is not the gallery's"),
    }
}

/// What the page says of a picture, a PNG in base64, and what was accepted, if anything was.
fn judged(browser: &Browser, shown: &str, before: &[u8]) -> Result<Value> {
    let before = BASE64_STANDARD.encode(before);
    browser.eval(
        "gallery.judge(arguments[0], arguments[1])",
        &[json!(shown), json!(before)],
    )
}

/// The page once two pictures of it are one: what a scene waits for may be painted a moment later.
fn still(browser: &Browser) -> Result<String> {
    let mut before = browser.picture()?;
    for _ in 1..LOOKS {
        let now = browser.picture()?;
        if now == before {
            return Ok(now);
        }
        before = now;
    }
    bail!("it does not stand still");
}

/// Takes away what is no picture of any scene's any more.
fn drop_others(all: &[Picture]) -> Result<()> {
    let names: BTreeSet<PathBuf> = all.iter().map(|each| accepted(&each.name)).collect();
    for entry in fs::read_dir(root().join(ACCEPTED))? {
        let path = entry?.path();
        if !names.contains(&path) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

fn verdict(outcomes: &[Outcome], compared: bool) -> Result<()> {
    let mut failed = 0;
    for each in outcomes {
        if each.different > 0 && compared {
            failed += 1;
            if each.known {
                println!("{}: {} points differ", each.name, each.different);
            } else {
                println!("{}: was never accepted", each.name);
            }
        }
        for rule in &each.broken {
            failed += 1;
            println!("{}: {rule}", each.name);
        }
    }
    if failed > 0 {
        bail!("{failed} findings; look at the pictures, and take them with `./x gallery --accept`");
    }
    Ok(())
}
