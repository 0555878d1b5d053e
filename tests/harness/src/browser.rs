//! Driving pages by WebDriver: the app's and Chromium's.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use fantoccini::actions::{InputSource as _, MouseActions, PointerAction};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value, json};

/// What is put into each page.
const PAGE: &str = include_str!("../js/page.js");
/// Longest script.
const SCRIPT_LIMIT: Duration = Duration::from_secs(120);
/// How long a driver may take to listen.
const DRIVER_LIMIT: Duration = Duration::from_secs(60);

/// A page under control.
#[derive(Clone, Debug)]
pub struct Page(Client);

impl Page {
    /// Opens a session at a driver, waiting until it listens.
    ///
    /// # Errors
    /// If there is none.
    pub async fn open(port: u16, capabilities: Map<String, Value>) -> Result<Self> {
        wait_for_port(port).await?;
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .context("no WebDriver session")?;
        let timeouts = fantoccini::wd::TimeoutConfiguration::new(
            Some(SCRIPT_LIMIT),
            Some(Duration::from_secs(60)),
            Some(Duration::ZERO),
        );
        client.update_timeouts(timeouts).await?;
        Ok(Self(client))
    }

    /// Goes to an address.
    ///
    /// # Errors
    /// As the driver says.
    pub async fn go(&self, url: &str) -> Result<()> {
        Ok(self.0.goto(url).await?)
    }

    /// A new window, which is the current one from then on; its handle.
    ///
    /// # Errors
    /// As the driver says.
    pub async fn new_window(&self) -> Result<fantoccini::wd::WindowHandle> {
        let handle = self.0.new_window(true).await?.handle;
        self.0.switch_to_window(handle.clone()).await?;
        Ok(handle)
    }

    /// The current window's handle.
    ///
    /// # Errors
    /// As the driver says.
    pub async fn window(&self) -> Result<fantoccini::wd::WindowHandle> {
        Ok(self.0.window().await?)
    }

    /// Makes the window that shows this address the current one, if there is one.
    ///
    /// # Errors
    /// As the driver says.
    pub async fn switch_to(&self, url: &str) -> Result<bool> {
        for handle in self.0.windows().await? {
            self.0.switch_to_window(handle).await?;
            if self.0.current_url().await?.as_str() == url {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Makes a window the current one.
    ///
    /// # Errors
    /// As the driver says.
    pub async fn switch(&self, handle: fantoccini::wd::WindowHandle) -> Result<()> {
        Ok(self.0.switch_to_window(handle).await?)
    }

    /// Closes the current window.
    ///
    /// # Errors
    /// As the driver says.
    pub async fn close_window(&self) -> Result<()> {
        Ok(self.0.close_window().await?)
    }

    /// Evaluates an expression that may be a promise.
    ///
    /// # Errors
    /// What the page throws.
    pub async fn eval(&self, expression: &str) -> Result<Value> {
        let script = format!(
            "{PAGE}\nconst done = arguments[arguments.length - 1];\n\
             (async () => ({expression}))().then(\
             (value) => done({{ value: value === undefined ? null : value }}),\
             (error) => done({{ error: String(error && error.message || error) }}));"
        );
        let answer = self.0.execute_async(&script, Vec::new()).await?;
        if let Some(error) = answer.get("error").and_then(Value::as_str) {
            bail!("{expression}: {error}");
        }
        Ok(answer.get("value").cloned().unwrap_or_default())
    }

    /// Evaluates to a number.
    ///
    /// # Errors
    /// What the page throws, or if it is none.
    pub async fn number(&self, expression: &str) -> Result<f64> {
        let value = self.eval(expression).await?;
        value
            .as_f64()
            .with_context(|| format!("{expression} gave {value}"))
    }

    /// Milliseconds until a selector matches, or (with `present` false) no longer does.
    ///
    /// # Errors
    /// If that does not happen in time.
    pub async fn wait(&self, selector: &str, present: bool, limit: Duration) -> Result<f64> {
        let limit = limit.as_millis();
        let waited = self
            .number(&format!(
                "harness.waitFor({}, {present}, {limit})",
                json!(selector)
            ))
            .await?;
        if waited < 0.0 {
            let comes = if present { "come" } else { "go" };
            let shown = self.eval("harness.shown()").await?;
            bail!("{selector} did not {comes} within {limit} ms; shown: {shown}");
        }
        Ok(waited)
    }

    /// Milliseconds until something that a selector matches has this in its text.
    ///
    /// # Errors
    /// If that does not happen in time.
    pub async fn wait_for_text(&self, selector: &str, text: &str, limit: Duration) -> Result<f64> {
        let limit = limit.as_millis();
        let waited = self
            .number(&format!(
                "harness.waitForText({}, {}, {limit})",
                json!(selector),
                json!(text)
            ))
            .await?;
        if waited < 0.0 {
            let shown = self.eval("harness.shown()").await?;
            bail!("{selector} did not say {text:?} within {limit} ms; shown: {shown}");
        }
        Ok(waited)
    }

    /// When a User Timing mark was set, in milliseconds of the page's clock; waits for it.
    ///
    /// # Errors
    /// If it is not set in time.
    pub async fn mark(&self, name: &str, limit: Duration) -> Result<f64> {
        let limit = limit.as_millis();
        let at = self
            .number(&format!("harness.mark({}, {limit})", json!(name)))
            .await?;
        if at < 0.0 {
            bail!("the mark {name} was not set within {limit} ms");
        }
        Ok(at)
    }

    /// Clicks what has this test id, once it is there.
    ///
    /// # Errors
    /// If it does not come, or cannot be clicked.
    pub async fn click(&self, test_id: &str) -> Result<()> {
        self.press(&format!("[data-testid={test_id}]:not(:disabled)"))
            .await
    }

    /// Clicks the first thing that this selector matches, once it is there.
    ///
    /// # Errors
    /// If it does not come, or cannot be clicked.
    pub async fn press(&self, selector: &str) -> Result<()> {
        self.wait(selector, true, Duration::from_secs(60)).await?;
        self.eval(&format!("harness.still({})", json!(selector)))
            .await?;
        Ok(self.0.find(Locator::Css(selector)).await?.click().await?)
    }

    /// Loads the page anew.
    ///
    /// # Errors
    /// As the driver says.
    pub async fn reload(&self) -> Result<()> {
        Ok(self.0.refresh().await?)
    }

    /// Points at the first thing that this selector matches, once it is there.
    ///
    /// # Errors
    /// If it does not come, or the driver has no mouse.
    pub async fn point_at(&self, selector: &str) -> Result<()> {
        self.wait(selector, true, Duration::from_secs(60)).await?;
        let element = self.0.find(Locator::Css(selector)).await?;
        let there = PointerAction::MoveToElement {
            element,
            duration: None,
            x: 0.0,
            y: 0.0,
        };
        let mouse = MouseActions::new("mouse".to_owned()).then(there);
        Ok(self.0.perform_actions(mouse).await?)
    }

    /// Presses keys in the first thing that this selector matches, once it is there.
    ///
    /// # Errors
    /// If it does not come, or takes no keys.
    pub async fn send_keys(&self, selector: &str, keys: &str) -> Result<()> {
        self.wait(selector, true, Duration::from_secs(60)).await?;
        let found = self.0.find(Locator::Css(selector)).await?;
        Ok(found.send_keys(keys).await?)
    }

    /// The text of the first thing that this selector matches; empty if there is none.
    ///
    /// # Errors
    /// As the driver says.
    pub async fn text(&self, selector: &str) -> Result<String> {
        let expression = format!("document.querySelector({})?.innerText", json!(selector));
        Ok(self
            .eval(&expression)
            .await?
            .as_str()
            .unwrap_or_default()
            .to_owned())
    }

    /// Types into what has this test id, once it is there.
    ///
    /// # Errors
    /// If it does not come.
    pub async fn type_into(&self, test_id: &str, text: &str) -> Result<()> {
        let selector = format!("[data-testid={test_id}]");
        self.wait(&selector, true, Duration::from_secs(60)).await?;
        self.eval(&format!(
            "harness.type({}, {})",
            json!(selector),
            json!(text)
        ))
        .await?;
        Ok(())
    }

    /// The value of an attribute, if the element is there.
    ///
    /// # Errors
    /// As the driver says.
    pub async fn attribute(&self, selector: &str, name: &str) -> Result<Option<String>> {
        let expression = format!(
            "document.querySelector({})?.getAttribute({})",
            json!(selector),
            json!(name)
        );
        Ok(self.eval(&expression).await?.as_str().map(String::from))
    }

    /// A picture of the page, as PNG.
    ///
    /// WebKit takes it with the next picture that the page paints, and waits for ever where nothing
    /// changes: so something does meanwhile that nobody sees.
    ///
    /// # Errors
    /// As the driver says.
    pub async fn screenshot(&self) -> Result<Vec<u8>> {
        self.eval("harness.keepPainting(true)").await?;
        let picture = self.0.screenshot().await;
        self.eval("harness.keepPainting(false)").await?;
        Ok(picture?)
    }

    /// Ends the session and with it the browser.
    ///
    /// # Errors
    /// As the driver says.
    pub async fn end(self) -> Result<()> {
        Ok(self.0.close().await?)
    }
}

/// Waits until something listens on a port of this machine.
///
/// # Errors
/// If nothing does.
pub async fn wait_for_port(port: u16) -> Result<()> {
    let deadline = tokio::time::Instant::now() + DRIVER_LIMIT;
    // There is no event for another process's socket.
    while tokio::net::TcpStream::connect(("127.0.0.1", port))
        .await
        .is_err()
    {
        if tokio::time::Instant::now() > deadline {
            bail!("nothing listens on port {port}");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}
