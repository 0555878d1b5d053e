//! What the screens look like in both themes, at the usual and at the smallest size of the window:
//! whether their words can be read, as axe measures it in the real page, and are there whole.

mod room;
mod stream;

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use salon_harness::browser::Page;
use salon_harness::product::{Product, Who};
use salon_harness::report::Report;
use salon_harness::stream::is_sdk_installed;
use salon_harness::world::World;
use serde_json::json;

use self::room::Others;
use crate::call::shoot;
use crate::story::party::Party;

const LIMIT: Duration = Duration::from_secs(110);
const CONNECTED: &str = "[data-testid=call-state][data-state=connected]";
const HOME: &str = "[data-testid=home-input]";
const ASK: &str = "[data-testid=ask]";
/// What GTK calls them, and what the page's media query does.
const THEMES: [(&str, &str); 2] = [("Adwaita", "light"), ("Adwaita:dark", "dark")];
/// The window as it comes, and as small as it can be.
const SIZES: [(&str, u32, u32); 2] = [("", 1180, 760), ("-small", 720, 480)];

pub(crate) async fn run(
    world: &mut World,
    report: &mut Report,
    screenshots: Option<&Path>,
) -> Result<()> {
    let mut looks = Looks {
        theme: "",
        report,
        screenshots,
    };
    let mut others = Others::come(world).await?;
    for (theme, name) in THEMES {
        looks.theme = name;
        let app = room::start(world, theme).await?;
        let page = &app.page;
        looks.themed(page).await?;
        others.meet(world, page, &mut looks).await?;
        looks.after_a_call(world, page).await?;
        app.page.end().await?;
    }
    drop(others);
    if is_sdk_installed() {
        stream::run(world, &mut looks).await?;
    }
    signed_in(world, &mut looks).await
}

/// The home of somebody with an account. WebKit's driver takes no picture of an app with an icon in a
/// tray, so it is the whole screen's.
async fn signed_in(world: &mut World, looks: &mut Looks<'_>) -> Result<()> {
    let folder = world.folder().to_owned();
    let site = Product::start(&folder, &world.server_url()).await?;
    let mut amina = Party::start(world, &site, Who::Requester).await?;
    amina.paste(&site).await?;
    // The app is ended next: the sign-in has to outlive it.
    amina.desktop.keeps_something(LIMIT).await?;
    for (theme, name) in THEMES {
        looks.theme = name;
        amina
            .start_again(world, &site, &[("GTK_THEME", theme)])
            .await?;
        let page = amina.page();
        page.wait("[data-testid=account]", true, LIMIT).await?;
        looks.at_screen(world, page, "signed-in").await?;
        page.click("account").await?;
        page.wait("[data-testid=sign-out-and-erase]", true, LIMIT)
            .await?;
        looks.at_screen(world, page, "account-menu").await?;
        page.click("sign-out-and-erase").await?;
        page.wait(ASK, true, LIMIT).await?;
        looks.at_screen(world, page, "sign-out").await?;
        page.press(&format!("{ASK} .quiet")).await?;
    }
    Ok(())
}

/// How the screens are looked at.
struct Looks<'a> {
    theme: &'static str,
    report: &'a mut Report,
    screenshots: Option<&'a Path>,
}

impl Looks<'_> {
    async fn themed(&mut self, page: &Page) -> Result<()> {
        let scheme = format!(
            "matchMedia('(prefers-color-scheme: {})').matches",
            self.theme
        );
        let themed = page.eval(&scheme).await?;
        let name = format!("looks: the page is {}", self.theme);
        self.report.check(&name, themed == json!(true), themed);
        Ok(())
    }

    /// What there is outside of calls.
    async fn after_a_call(&mut self, world: &World, page: &Page) -> Result<()> {
        self.at(world, page, "home").await?;
        page.type_into("home-input", "ftp://elsewhere").await?;
        page.click("home-join").await?;
        page.wait("[data-testid=error]", true, LIMIT).await?;
        self.at(world, page, "failure").await?;
        page.click("home-history").await?;
        page.wait("[data-testid=history-entry]", true, LIMIT)
            .await?;
        self.at(world, page, "history").await?;
        page.press("main footer .danger").await?;
        page.wait(ASK, true, LIMIT).await?;
        self.at(world, page, "question").await?;
        page.press(&format!("{ASK} .quiet")).await?;
        page.click("back").await?;
        page.click("home-settings").await?;
        page.wait("[data-testid=setting-name]", true, LIMIT).await?;
        self.at(world, page, "settings").await?;
        page.eval("document.querySelector('section[aria-label=Updates]').scrollIntoView()")
            .await?;
        self.at(world, page, "settings-updates").await?;
        page.eval("document.querySelector('main').scrollTo(0, 1e6)")
            .await?;
        self.at(world, page, "settings-end").await?;
        page.click("settings-doctor").await?;
        page.send_keys("[data-testid=doctor-token]", "nonsense")
            .await?;
        page.click("doctor-examine").await?;
        page.wait("[data-testid=doctor-diagnosis]", true, LIMIT)
            .await?;
        self.at(world, page, "doctor").await?;
        let origin = page.eval("location.origin").await?;
        let stopped = format!("{}/stopped.html", origin.as_str().context("no origin")?);
        page.go(&stopped).await?;
        page.wait("a[href=\"/\"]", true, LIMIT).await?;
        self.at(world, page, "stopped").await
    }

    /// Looks at what is on the screen now, at each size.
    async fn at(&mut self, world: &World, page: &Page, screen: &str) -> Result<()> {
        for (size, width, height) in SIZES {
            self.sized(world, page, screen, (size, width, height))
                .await?;
            let name = format!("{screen}{size}-{}", self.theme);
            shoot(page, self.screenshots, &name).await?;
        }
        let (_, width, height) = SIZES[0];
        resize(world, page, width, height).await
    }

    /// The same, with pictures of the whole screen.
    async fn at_screen(&mut self, world: &World, page: &Page, screen: &str) -> Result<()> {
        for (size, width, height) in SIZES {
            self.sized(world, page, screen, (size, width, height))
                .await?;
            let Some(folder) = self.screenshots else {
                continue;
            };
            std::fs::create_dir_all(folder)?;
            // The last change is on the screen after two frames.
            page.eval(
                "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))",
            )
            .await?;
            let file = folder.join(format!("{screen}{size}-{}.png", self.theme));
            world.screen().look()?.write(&file)?;
        }
        let (_, width, height) = SIZES[0];
        resize(world, page, width, height).await
    }

    /// Measures the contrast of all words that are on the screen at one size, and whether all is whole.
    async fn sized(
        &mut self,
        world: &World,
        page: &Page,
        screen: &str,
        (size, width, height): (&str, u32, u32),
    ) -> Result<()> {
        resize(world, page, width, height).await?;
        let file =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/node_modules/axe-core/axe.min.js");
        let axe = std::fs::read_to_string(&file).context("axe is not there")?;
        page.eval(&format!("(() => {{ {axe}\n return true; }})()"))
            .await?;
        let found = page
            .eval(
                "axe.run(document, { runOnly: ['color-contrast'] }).then(({ violations, passes }) \
                 => ({ bad: violations.flatMap(({ nodes }) => nodes.map((node) => \
                 `${node.html} ${node.failureSummary}`)), \
                 measured: passes.flatMap(({ nodes }) => nodes).length }))",
            )
            .await?;
        let readable = found["bad"] == json!([]) && found["measured"] != json!(0);
        let name = format!(
            "looks: {screen}{size} can be read in the {} theme",
            self.theme
        );
        self.report.check(&name, readable, found);
        let faults = page.eval("harness.layoutFaults()").await?;
        let name = format!(
            "looks: all of {screen}{size} is there whole in the {} theme",
            self.theme
        );
        self.report.check(&name, faults == json!([]), faults);
        Ok(())
    }
}

async fn resize(world: &World, page: &Page, width: u32, height: u32) -> Result<()> {
    world.resize(width, height)?;
    page.eval(&format!("harness.sized({width}, {height})"))
        .await?;
    Ok(())
}
