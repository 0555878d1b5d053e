//! A Chromium that paints the same everywhere, by WebDriver.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use crate::process::command;

/// Longest script, milliseconds.
const SCRIPT_LIMIT: u64 = 60_000;
/// Nothing of the machine's graphics, fonts' hints or colours; and no network.
const ARGUMENTS: [&str; 14] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    "--allow-file-access-from-files",
    "--font-render-hinting=none",
    "--disable-lcd-text",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
    "--lang=en-US",
];

/// What a page is looked at with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Glass {
    /// Of the page, CSS pixels.
    pub(super) width: u32,
    pub(super) height: u32,
    /// Device pixels of one.
    pub(super) scale: f64,
    pub(super) dark: bool,
    pub(super) contrast: bool,
}

/// A browser with one page; it ends with this.
#[derive(Debug)]
pub(super) struct Browser {
    agent: ureq::Agent,
    /// Of the session.
    address: String,
    /// Kept for its folder.
    _profile: tempfile::TempDir,
    _driver: Driver,
}

#[derive(Debug)]
struct Driver(Child);

impl Drop for Driver {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Browser {
    /// Starts it.
    ///
    /// # Errors
    /// If it or its driver is missing or does not start.
    pub(super) fn start() -> Result<Self> {
        let mut driver = start_driver()?;
        let port = port_of(&mut driver)?;
        let agent = ureq::Agent::config_builder()
            .proxy(None)
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_millis(2 * SCRIPT_LIMIT)))
            .build()
            .new_agent();
        let base = format!("http://127.0.0.1:{port}/session");
        let profile = tempfile::tempdir()?;
        let mut arguments = ARGUMENTS.map(String::from).to_vec();
        arguments.push(format!("--user-data-dir={}", profile.path().display()));
        let wish = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": { "args": arguments },
            "timeouts": { "script": SCRIPT_LIMIT, "pageLoad": SCRIPT_LIMIT },
        }}});
        let session = send(&agent, &base, &wish).context("Chromium does not start")?;
        let id = session["sessionId"].as_str().context("no session")?;
        Ok(Self {
            agent,
            address: format!("{base}/{id}"),
            _profile: profile,
            _driver: driver,
        })
    }

    /// Sets what the page is looked at with, from the next one on.
    ///
    /// # Errors
    /// As the browser says.
    pub(super) fn look_with(&self, glass: Glass) -> Result<()> {
        let metrics = json!({
            "width": glass.width,
            "height": glass.height,
            "deviceScaleFactor": glass.scale,
            "mobile": false,
        });
        self.devtools("Emulation.setDeviceMetricsOverride", &metrics)?;
        let feature = |name: &str, value: &str| json!({ "name": name, "value": value });
        let scheme = if glass.dark { "dark" } else { "light" };
        let contrast = if glass.contrast {
            "more"
        } else {
            "no-preference"
        };
        let features = json!({ "features": [
            feature("prefers-color-scheme", scheme),
            feature("prefers-contrast", contrast),
            feature("prefers-reduced-motion", "reduce"),
        ]});
        self.devtools("Emulation.setEmulatedMedia", &features)?;
        Ok(())
    }

    /// Goes to an address, as to another page even where only its fragment differs.
    ///
    /// # Errors
    /// As the browser says.
    pub(super) fn go(&self, address: &str) -> Result<()> {
        for address in ["about:blank", address] {
            self.ask("url", &json!({ "url": address }))?;
        }
        Ok(())
    }

    /// What an expression resolves with; `arguments` are given to it by that name.
    ///
    /// # Errors
    /// What the page throws.
    pub(super) fn eval(&self, expression: &str, arguments: &[Value]) -> Result<Value> {
        let script = format!(
            "const done = arguments[arguments.length - 1];\n\
             (async () => ({expression}))().then(\
             (value) => done({{ value: value === undefined ? null : value }}),\
             (error) => done({{ error: String(error) }}));"
        );
        let wish = json!({ "script": script, "args": arguments });
        let mut answer = self.ask("execute/async", &wish)?;
        if let Some(error) = answer["error"].as_str() {
            bail!("{error}");
        }
        Ok(answer["value"].take())
    }

    /// A picture of the page as it is: a PNG in base64.
    ///
    /// # Errors
    /// As the browser says.
    pub(super) fn picture(&self) -> Result<String> {
        let wish = json!({ "format": "png", "optimizeForSpeed": true });
        let answer = self.devtools("Page.captureScreenshot", &wish)?;
        let picture = answer["data"].as_str().context("no picture")?;
        Ok(picture.to_owned())
    }

    fn devtools(&self, command: &str, parameters: &Value) -> Result<Value> {
        let wish = json!({ "cmd": command, "params": parameters });
        self.ask("goog/cdp/execute", &wish)
    }

    fn ask(&self, what: &str, wish: &Value) -> Result<Value> {
        send(&self.agent, &format!("{}/{what}", self.address), wish)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The driver ends the browser with the session; without an answer both are gone already.
        let _ = self.agent.delete(&self.address).call();
    }
}

fn send(agent: &ureq::Agent, address: &str, wish: &Value) -> Result<Value> {
    let mut answer = agent.post(address).send_json(wish)?;
    let mut answer: Value = answer
        .body_mut()
        .with_config()
        .limit(64 * 1024 * 1024)
        .read_json()?;
    let value = answer["value"].take();
    if let Some(error) = value["error"].as_str() {
        let message = value["message"].as_str().unwrap_or_default();
        bail!("{error}: {}", message.lines().next().unwrap_or_default());
    }
    Ok(value)
}

fn start_driver() -> Result<Driver> {
    let mut driver: Command = command("chromedriver");
    driver
        .arg("--port=0")
        .env("TZ", "UTC")
        .env("LC_ALL", "C.UTF-8")
        .env("LANGUAGE", "en_US")
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let child = driver.spawn().context("chromedriver does not start")?;
    Ok(Driver(child))
}

/// Where it listens, which it says once it does.
fn port_of(driver: &mut Driver) -> Result<u16> {
    let output = driver.0.stdout.take().context("it has no output")?;
    let mut lines = BufReader::new(output).lines().map_while(Result::ok);
    let port = lines.find_map(|line| {
        let (_, port) = line.split_once("started successfully on port ")?;
        port.trim_end_matches('.').parse().ok()
    });
    // Of what it says later nobody wants to know, but it must not wait for a reader.
    std::thread::spawn(move || lines.for_each(drop));
    port.context("chromedriver does not listen")
}
