//! Salon and a product that ships it under its own name (`packaging/brands/example`), side by side on one
//! desktop, with one user's folders and one keyring: neither notices the other.

use std::collections::HashMap;
use std::path::Path;

use anyhow::Result;
use salon_harness::desktop::Desktop;
use salon_harness::product::{Product, Site, Who};
use salon_harness::report::Report;
use salon_harness::world::{AppOptions, Driven, World, required};
use serde_json::json;
use zbus::zvariant::Value;

use crate::story::party::{LIMIT, LOBBY, SIGNED_IN, paste};

/// The other product's program.
const BRANDED: &str = "SALON_BRANDED_APP";
const HOME: &str = "[data-testid=home-input]";
/// A product and what `packaging/brands` says of it.
struct Named {
    name: &'static str,
    program: &'static str,
    id: &'static str,
    who: Who,
}
const SALON: Named = Named {
    name: "Salon",
    program: "salon",
    id: "app.salon.desktop",
    who: Who::Requester,
};
const TALK: Named = Named {
    name: "Garden Talk",
    program: "garden-talk",
    id: "org.example.GardenTalk",
    who: Who::Offerer,
};

pub(crate) async fn run(
    world: &mut World,
    report: &mut Report,
    pictures: Option<&Path>,
) -> Result<()> {
    let mut desktop = Desktop::start(&world.folder().join("desktop")).await?;
    desktop.unlock_keyring().await?;
    let site = Product::start(world.folder(), &world.server_url()).await?;
    let salon = start(world, &desktop, &site, &SALON).await?;
    let talk = start(world, &desktop, &site, &TALK).await?;
    let both = [(&salon, &SALON), (&talk, &TALK)];
    for (app, named) in both {
        looks(app, named, report).await?;
        paste(&app.page, &site, named.who).await?;
    }
    if let Some(folder) = pictures {
        std::fs::create_dir_all(folder)?;
        world.screen().look()?.write(&folder.join("brands.png"))?;
    }
    let names = zbus::fdo::DBusProxy::new(desktop.bus())
        .await?
        .list_names()
        .await?;
    for (_, Named { name, id, .. }) in both {
        let single = format!("{id}.SingleInstance");
        let owned = [*id, &single]
            .iter()
            .all(|one| names.iter().any(|name| name.as_str() == *one));
        report.check(
            &format!("brands: {name} has its own names on the bus"),
            owned,
            json!(owned),
        );
    }
    links(&desktop, &salon, &talk, report).await?;
    files(world, report);

    let entries = desktop.secrets().await?;
    report.check(
        "brands: each has its own entries in the keyring",
        entries.len() >= 2,
        json!(entries),
    );
    // Signing out of one is no business of the other's.
    salon.page.click("account").await?;
    salon
        .page
        .wait("[data-testid=sign-out]", true, LIMIT)
        .await?;
    salon.page.click("sign-out").await?;
    salon.page.wait(SIGNED_IN, false, LIMIT).await?;
    let left = desktop
        .forgets(entries.len().saturating_sub(1), LIMIT)
        .await?;
    talk.page.press("[data-testid=back]").await?;
    let stays = talk.page.wait(SIGNED_IN, true, LIMIT).await;
    report.check(
        "brands: who signs out of one stays signed in to the other",
        stays.is_ok() && !left.is_empty() && left.len() < entries.len(),
        json!(left),
    );
    for app in [salon, talk] {
        app.page.end().await?;
    }
    Ok(())
}

async fn start(
    world: &mut World,
    desktop: &Desktop,
    site: &impl Site,
    named: &Named,
) -> Result<Driven> {
    let mut environment = desktop.environment();
    for place in ["DATA", "CONFIG", "STATE", "CACHE"] {
        let folder = home(world).join(place.to_lowercase());
        environment.push((format!("XDG_{place}_HOME"), folder.display().to_string()));
    }
    let url = site.url();
    let salons = ["--profile", site.profile()];
    // The other knows its backend's profile itself.
    let profile = if named.name == SALON.name {
        &salons[..]
    } else {
        &[]
    };
    let arguments = ["--fake-devices=only", "--backend", &url].into_iter();
    let options = AppOptions {
        program: (named.name != SALON.name)
            .then(|| required(BRANDED))
            .transpose()?,
        arguments: arguments
            .chain(profile.iter().copied())
            .map(String::from)
            .collect(),
        environment,
        ..AppOptions::default()
    };
    world.app(options).await
}

fn home(world: &World) -> std::path::PathBuf {
    world.folder().join("user")
}

/// The page says whose it is, and has its colours.
async fn looks(app: &Driven, named: &Named, report: &mut Report) -> Result<()> {
    let page = &app.page;
    page.wait("[data-testid=sign-in]", true, LIMIT).await?;
    let seen = page
        .eval(
            "(() => { const accent = getComputedStyle(document.documentElement)\
             .getPropertyValue('--accent').trim(); \
             return { title: document.title, text: document.body.innerText, accent, \
             pictures: [...document.images].map((one) => [one.alt, one.naturalWidth > 0]) }; })()",
        )
        .await?;
    let Named { name, .. } = named;
    let other = if *name == SALON.name {
        TALK.name
    } else {
        SALON.name
    };
    let text = seen["text"].as_str().unwrap_or_default();
    report.check(
        &format!("brands: the page of {name} says so, and nothing of the other"),
        seen["title"] == json!(name) && text.contains(name) && !text.contains(other),
        json!(text),
    );
    report.check(
        &format!("brands: {name} shows its picture"),
        seen["pictures"]
            .to_string()
            .contains(&json!([name, true]).to_string()),
        seen["pictures"].clone(),
    );
    let green = ["#7fd08a", "#1f7a34"].contains(&seen["accent"].as_str().unwrap_or_default());
    report.check(
        &format!("brands: {name} has its own accent"),
        green == (*name == TALK.name),
        seen["accent"].clone(),
    );
    Ok(())
}

/// A link of one is nothing to the other, whoever hands it over.
async fn links(
    desktop: &Desktop,
    salon: &Driven,
    talk: &Driven,
    report: &mut Report,
) -> Result<()> {
    let open = |named: &'static Named, link: &'static str| async move {
        let path = format!("/{}", named.id.replace('.', "/"));
        let app = zbus::Proxy::new(desktop.bus(), named.id, path, "org.freedesktop.Application");
        let nothing = HashMap::<&str, Value<'_>>::new();
        app.await?
            .call_method("Open", &(&[link][..], &nothing))
            .await?;
        anyhow::Ok(())
    };
    let refused = "[data-testid=error][data-code=link-invalid]";
    open(&TALK, "salon://join?room=cake&title=Cake").await?;
    let told = talk.page.wait(refused, true, LIMIT).await;
    report.check(
        "brands: a link of Salon's is none of the other's",
        told.is_ok(),
        json!(told.ok()),
    );
    open(&TALK, "garden-talk://join?room=roses&title=Roses").await?;
    let shown = talk.page.wait(LOBBY, true, LIMIT).await;
    let title = talk.page.text("main h1").await?;
    report.check(
        "brands: its own leads to its lobby",
        shown.is_ok() && title == "Roses",
        json!(title),
    );
    // One for signing in goes to who signs in, and not to the page: nobody asked for it here.
    let not_asked = "[data-testid=error][data-code=sign-in-not-asked]";
    for link in [
        "garden-talk://sign-in?state=guessed&token=planted",
        "garden-talk://auth?state=guessed&code=planted",
    ] {
        open(&TALK, link).await?;
        let told = talk.page.wait(not_asked, true, LIMIT).await;
        let what = link.split('?').next().unwrap_or_default();
        report.check(
            &format!("brands: {what} is taken for a sign-in"),
            told.is_ok(),
            json!(told.ok()),
        );
        talk.page
            .eval("document.querySelector('[data-testid=error] button')?.click()")
            .await?;
        talk.page.wait(not_asked, false, LIMIT).await?;
    }
    let still = salon.page.wait(HOME, true, LIMIT).await;
    report.check(
        "brands: Salon is where it was",
        still.is_ok(),
        json!(still.ok()),
    );
    open(&SALON, "garden-talk://join?room=roses").await?;
    let told = salon.page.wait(refused, true, LIMIT).await;
    report.check(
        "brands: and the other way round",
        told.is_ok(),
        json!(told.ok()),
    );
    Ok(())
}

/// Whose folders there are.
fn files(world: &World, report: &mut Report) {
    let mut found = Vec::new();
    for place in ["data", "config", "state"] {
        let entries = std::fs::read_dir(home(world).join(place))
            .into_iter()
            .flatten();
        found.extend(
            entries
                .flatten()
                .map(|entry| format!("{place}/{}", entry.file_name().to_string_lossy())),
        );
    }
    found.sort();
    for Named {
        name, program, id, ..
    } in [&SALON, &TALK]
    {
        let own = [format!("data/{id}"), format!("state/{program}")];
        let there = own.iter().all(|one| found.contains(one));
        report.check(
            &format!("brands: {name} has folders of its own"),
            there,
            json!(found),
        );
    }
}
