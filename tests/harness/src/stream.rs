//! The double of the Stream service: the app on it, and pages of the unmodified SDK, which know nothing
//! of the app's call layer.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use reqwest::Url;
use salon_support::StreamDouble;
use salon_support::stream::Config;
use serde_json::json;

use crate::backend::serve_page;
use crate::process::Owned;
use crate::world::{AppOptions, ROOM, World};

/// Longest time for building the page.
const BUILDING: Duration = Duration::from_secs(120);

/// The service, and where its pages are.
#[derive(Debug)]
pub struct Stream {
    /// The service.
    pub double: StreamDouble,
    page: String,
}

/// Whether the SDK is installed. It is optional: its licence is not everybody's.
pub fn is_sdk_installed() -> bool {
    ui().join("node_modules/@stream-io/video-client").is_dir()
}

/// The call that the test's room is on a Stream service.
pub fn cid() -> String {
    format!("default:{ROOM}")
}

/// The app in dev mode with fake devices, at the lobby of the test's room on a service.
///
/// # Errors
/// If its settings cannot be written.
pub fn dev_app(world: &World, double: &StreamDouble, name: &str) -> Result<AppOptions> {
    let config = world.folder().join(format!("stream-config-{name}"));
    let settings = config.join("salon");
    std::fs::create_dir_all(&settings)?;
    let text = format!("stream_url = {}\n", json!(double.url));
    std::fs::write(settings.join("settings.toml"), text)?;
    let given = [
        ("XDG_CONFIG_HOME", config.display().to_string()),
        ("STREAM_API_KEY", double.key().to_owned()),
        ("STREAM_API_SECRET", double.secret().to_owned()),
    ];
    let arguments = [
        "--dev",
        "--fake-devices=only",
        "--lobby",
        "--profile",
        "stream-rest",
        "--room",
        ROOM,
        "--name",
        name,
    ];
    Ok(AppOptions {
        arguments: arguments.map(String::from).to_vec(),
        environment: given.map(|(name, value)| (name.into(), value)).to_vec(),
        ..AppOptions::default()
    })
}

/// Where a page of the app's own, in a browser, becomes a participant of a call.
///
/// # Errors
/// If the address is none.
pub fn address(
    page: &str,
    double: &StreamDouble,
    (user, token): (&str, &str),
    cid: &str,
    more: &[(&str, &str)],
) -> Result<String> {
    let given = [
        ("provider", "stream"),
        ("key", double.key()),
        ("base", &double.url),
        ("user", user),
        ("token", token),
        ("call", cid),
    ];
    Ok(Url::parse_with_params(page, given.iter().chain(more))?.into())
}

fn ui() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui")
}

impl Stream {
    /// Starts the service, and builds the page into this folder.
    ///
    /// # Errors
    /// If the page cannot be built.
    pub async fn start(folder: &Path) -> Result<Self> {
        let page = folder.join("stream-page");
        build(&page, &folder.join("vite.log"))?;
        Ok(Self {
            double: StreamDouble::start(Config::default()).await?,
            page: serve_page(&page).await?,
        })
    }

    /// Where a browser becomes a participant of a call, whose microphone hears one tone.
    ///
    /// # Errors
    /// If the address is none.
    pub fn guest(&self, user: &str, cid: &str, hertz: f64) -> Result<String> {
        let (key, token) = (self.double.key(), self.double.token(user));
        self.guest_with((key, &token), user, cid, hertz)
    }

    /// The same, with camera and microphone off until they are switched on.
    ///
    /// # Errors
    /// If the address is none.
    pub fn watcher(&self, user: &str, cid: &str, hertz: f64) -> Result<String> {
        let mut address = Url::parse(&self.guest(user, cid, hertz)?)?;
        address.query_pairs_mut().append_pair("off", "");
        Ok(address.into())
    }

    /// The same with an API key and a token that may be wrong.
    ///
    /// # Errors
    /// If the address is none.
    pub fn guest_with(
        &self,
        (key, token): (&str, &str),
        user: &str,
        cid: &str,
        hertz: f64,
    ) -> Result<String> {
        // Others take `127.0.0.1` for no place where devices may be opened.
        let page = self.page.replace("127.0.0.1", "localhost");
        let frequency = hertz.to_string();
        let given = [
            ("url", self.double.url.as_str()),
            ("hint", &self.double.hint_url),
            ("key", key),
            ("user", user),
            ("token", token),
            ("cid", cid),
            ("frequency", &frequency),
        ];
        Ok(Url::parse_with_params(&format!("{page}/index.html"), given)?.into())
    }
}

/// Writes down what the service has seen, for whoever reads why a check failed.
///
/// # Errors
/// If the file cannot be written.
pub fn write_log(double: &StreamDouble, folder: &Path) -> Result<()> {
    let lines: Vec<_> = double
        .seen()
        .iter()
        .map(|each| format!("{each:?}\n"))
        .collect();
    Ok(std::fs::write(folder.join("stream.log"), lines.concat())?)
}

/// Builds the page with the page's own tools.
fn build(into: &Path, log: &Path) -> Result<()> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("js/stream");
    let mut command = Command::new("node");
    command
        .arg(ui().join("node_modules/vite/bin/vite.js"))
        .arg("build")
        .arg(&source)
        .arg("--config")
        .arg(source.join("vite.config.mjs"))
        .arg("--outDir")
        .arg(into);
    let building = Owned::start(&mut command, log)?;
    let deadline = Instant::now() + BUILDING;
    while building.is_running() {
        if Instant::now() > deadline {
            bail!("the page is not built in time: {}", building.log());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let built = into.join("index.html").is_file();
    built.then_some(()).with_context(|| building.log())
}
