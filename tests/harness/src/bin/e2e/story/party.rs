//! One of the two, with what belongs to them.

use std::time::Duration;

use anyhow::{Result, ensure};
use salon_harness::browser::Page;
use salon_harness::desktop::Desktop;
use salon_harness::product::{Site, Who};
use salon_harness::report::Report;
use salon_harness::world::{AppOptions, Driven, World};
use serde_json::json;

/// For whatever has an end that can be waited for. The machine may be busy.
pub(crate) const LIMIT: Duration = Duration::from_secs(110);
pub(crate) const LOBBY: &str = "[data-testid=lobby-join]";
pub(crate) const SIGN_IN: &str = "[data-testid=sign-in]";
pub(crate) const SIGNED_IN: &str = "[data-testid=account]";
pub(crate) const RING: &str = "[data-testid=ring]";
pub(crate) const MEETING: &str = "[data-testid=meeting]";

/// An app on a desktop of its own.
pub(crate) struct Party {
    pub(crate) who: Who,
    pub(crate) app: Driven,
    pub(crate) desktop: Desktop,
}

impl Party {
    /// With an unlocked keyring, and nobody signed in.
    pub(crate) async fn start(world: &mut World, site: &impl Site, who: Who) -> Result<Self> {
        Self::start_with(world, site, who, &[]).await
    }

    /// The same with these variables.
    pub(crate) async fn start_with(
        world: &mut World,
        site: &impl Site,
        who: Who,
        variables: &[(&str, &str)],
    ) -> Result<Self> {
        let folder = format!("{}-{}", site.profile(), who.name());
        let mut desktop = Desktop::start(&world.folder().join(folder)).await?;
        desktop.unlock_keyring().await?;
        let app = app(world, site, &desktop, variables).await?;
        Ok(Self { who, app, desktop })
    }

    /// Ends the app and starts it on the same desktop, with these variables.
    pub(crate) async fn start_again(
        &mut self,
        world: &mut World,
        site: &impl Site,
        variables: &[(&str, &str)],
    ) -> Result<()> {
        self.page().clone().end().await?;
        self.start_app(world, site, variables).await
    }

    /// Starts it on the same desktop once it has ended.
    pub(crate) async fn start_app(
        &mut self,
        world: &mut World,
        site: &impl Site,
        variables: &[(&str, &str)],
    ) -> Result<()> {
        self.app = app(world, site, &self.desktop, variables).await?;
        Ok(())
    }

    pub(crate) fn page(&self) -> &Page {
        &self.app.page
    }

    /// Waits for something on the page, and reports whether it came or went.
    pub(crate) async fn sees(
        &self,
        report: &mut Report,
        name: &str,
        selector: &str,
        present: bool,
    ) -> bool {
        let waited = self.page().wait(selector, present, LIMIT).await;
        let figures = match &waited {
            Ok(milliseconds) => json!(milliseconds),
            Err(error) => json!(error.to_string()),
        };
        report.check(name, waited.is_ok(), figures);
        waited.is_ok()
    }

    /// Signs in with what the web site gave to copy; the token.
    pub(crate) async fn paste(&self, site: &impl Site) -> Result<String> {
        paste(self.page(), site, self.who).await
    }

    /// From the lobby into the room. Not every sign-in says a name.
    pub(crate) async fn join(&self) -> Result<()> {
        self.named().await?;
        self.page().click("lobby-join").await
    }

    /// Types the name in the lobby unless it is there.
    pub(crate) async fn named(&self) -> Result<()> {
        let field = "[data-testid=lobby-name]";
        self.page().wait(field, true, LIMIT).await?;
        let value = format!("document.querySelector({}).value", json!(field));
        if self.page().eval(&value).await? == json!("") {
            self.page().type_into("lobby-name", self.who.name()).await?;
        }
        Ok(())
    }
}

/// Signs in with what the web site gave to copy; the token.
pub(crate) async fn paste(page: &Page, site: &impl Site, who: Who) -> Result<String> {
    let buttons = "[...document.querySelectorAll('[data-testid=sign-in] button')]";
    page.wait(&format!("{SIGN_IN} button:not(:disabled)"), true, LIMIT)
        .await?;
    let pressed = page
            .eval(&format!(
                "{buttons}.filter((one) => one.innerText.includes('Paste')).map((one) => one.click()).length"
            ))
            .await?;
    ensure!(pressed == json!(1), "there is no way to paste: {pressed}");
    let token = site.token(who).await?;
    page.type_into("paste-input", &token).await?;
    page.press("[data-testid=paste] button[type=submit]")
        .await?;
    page.wait(SIGNED_IN, true, LIMIT).await?;
    Ok(token)
}

async fn app(
    world: &mut World,
    site: &impl Site,
    desktop: &Desktop,
    variables: &[(&str, &str)],
) -> Result<Driven> {
    let url = site.url();
    let arguments = ["--backend", &url, "--profile", site.profile()];
    let arguments = arguments.into_iter().chain(["--fake-devices=only"]);
    let options = AppOptions {
        arguments: arguments.map(String::from).collect(),
        environment: [desktop.environment(), owned(variables)].concat(),
        ..AppOptions::default()
    };
    world.app(options).await
}

fn owned(variables: &[(&str, &str)]) -> Vec<(String, String)> {
    let variables = variables.iter();
    variables
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}
