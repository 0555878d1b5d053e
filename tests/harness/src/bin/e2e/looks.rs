//! What the screens look like in both themes: whether their words can be read, as axe measures it in
//! the real page.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use salon_harness::browser::Page;
use salon_harness::report::Report;
use salon_harness::world::{AppOptions, World};
use serde_json::json;

use crate::call::{GUEST, SCREEN, shoot};

const LIMIT: Duration = Duration::from_secs(60);
const CONNECTED: &str = "[data-testid=call-state][data-state=connected]";
const HOME: &str = "[data-testid=home-input]";

pub(crate) async fn run(
    world: &mut World,
    report: &mut Report,
    screenshots: Option<&Path>,
) -> Result<()> {
    let chromium = world.chromium().await?;
    world.guest(&chromium.page, GUEST).await?;
    for (theme, name) in [("Adwaita", "light"), ("Adwaita:dark", "dark")] {
        let arguments = world.dev_arguments("Ann");
        let environment = vec![("GTK_THEME".to_owned(), theme.to_owned())];
        let app = world
            .app(AppOptions {
                arguments,
                environment,
                ..AppOptions::default()
            })
            .await?;
        let mut look = Look {
            page: &app.page,
            guest: &chromium.page,
            theme: name,
            report,
            screenshots,
        };
        look.walk().await?;
        app.page.end().await?;
    }
    Ok(())
}

struct Look<'a> {
    page: &'a Page,
    guest: &'a Page,
    theme: &'static str,
    report: &'a mut Report,
    screenshots: Option<&'a Path>,
}

impl Look<'_> {
    async fn walk(&mut self) -> Result<()> {
        let page = self.page;
        page.wait("[data-testid=lobby-join]:not(:disabled)", true, LIMIT)
            .await?;
        let scheme = format!(
            "matchMedia('(prefers-color-scheme: {})').matches",
            self.theme
        );
        let themed = page.eval(&scheme).await?;
        let name = format!("looks: the page is {}", self.theme);
        self.report.check(&name, themed == json!(true), themed);
        self.at("lobby").await?;
        page.click("lobby-join").await?;
        page.wait(CONNECTED, true, LIMIT).await?;
        page.click("control-chat").await?;
        page.type_into("chat-input", "Hello").await?;
        page.click("chat-send").await?;
        page.wait("[data-testid=chat-message]", true, LIMIT).await?;
        page.click("control-mic").await?;
        page.wait("[data-testid=tile][data-mic=off]", true, LIMIT)
            .await?;
        self.at("room").await?;
        self.guest.eval("guest.setScreen(true)").await?;
        let shared = format!("{SCREEN}[data-picture=on]");
        page.wait(&shared, true, LIMIT).await?;
        self.at("screen").await?;
        self.guest.eval("guest.setScreen(false)").await?;
        page.wait(SCREEN, false, LIMIT).await?;
        let squeezed = page
            .eval(
                "(() => { const label = document.querySelector('[data-testid=tile] footer'); \
                 label.querySelector('bdi').textContent = 'long'.repeat(50); \
                 const tile = label.parentElement.getBoundingClientRect(); \
                 const sign = label.querySelector('svg').getBoundingClientRect(); \
                 return { sign: sign.width, inside: label.getBoundingClientRect().right <= tile.right }; })()",
            )
            .await?;
        self.report.check(
            "looks: a name of 200 letters leaves the muted sign in sight",
            squeezed == json!({ "sign": 16, "inside": true }),
            squeezed,
        );
        page.click("control-leave").await?;
        page.wait(HOME, true, LIMIT).await?;
        self.at("home").await?;
        page.type_into("home-input", "ftp://elsewhere").await?;
        page.click("home-join").await?;
        page.wait("[data-testid=error]", true, LIMIT).await?;
        self.at("failure").await?;
        page.click("home-history").await?;
        page.wait("[data-testid=history-entry]", true, LIMIT)
            .await?;
        self.at("history").await?;
        page.press("main footer .danger").await?;
        page.wait("[data-testid=ask]", true, LIMIT).await?;
        self.at("question").await?;
        page.press("[data-testid=ask] .quiet").await?;
        page.press("main .bar button").await?;
        page.click("home-settings").await?;
        page.wait("[data-testid=setting-name]", true, LIMIT).await?;
        self.at("settings").await?;
        page.press("main header button").await?;
        page.click("home-doctor").await?;
        page.send_keys("[data-testid=doctor-token]", "nonsense")
            .await?;
        page.click("doctor-examine").await?;
        page.wait("[data-testid=doctor-diagnosis]", true, LIMIT)
            .await?;
        self.at("doctor").await
    }

    /// Measures the contrast of all words that are on the screen.
    async fn at(&mut self, screen: &str) -> Result<()> {
        let file =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/node_modules/axe-core/axe.min.js");
        let axe = std::fs::read_to_string(&file).context("axe is not there")?;
        self.page
            .eval(&format!("(() => {{ {axe}\n return true; }})()"))
            .await?;
        let found = self
            .page
            .eval(
                "axe.run(document, { runOnly: ['color-contrast'] }).then(({ violations, passes }) \
                 => ({ bad: violations.flatMap(({ nodes }) => nodes.map((node) => \
                 `${node.html} ${node.failureSummary}`)), \
                 measured: passes.flatMap(({ nodes }) => nodes).length }))",
            )
            .await?;
        let readable = found["bad"] == json!([]) && found["measured"] != json!(0);
        let name = format!("looks: {screen} can be read in the {} theme", self.theme);
        self.report.check(&name, readable, found);
        shoot(
            self.page,
            self.screenshots,
            &format!("{screen}-{}", self.theme),
        )
        .await
    }
}
