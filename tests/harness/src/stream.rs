//! The double of the Stream service with pages of the unmodified SDK, which know nothing of the app's
//! call layer.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use reqwest::Url;
use salon_support::StreamDouble;
use salon_support::stream::Config;

use crate::backend::serve_page;
use crate::process::Owned;

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
    let mut building = Owned::start(&mut command, log)?;
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
