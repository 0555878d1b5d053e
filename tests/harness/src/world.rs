//! Everything a call needs, started and owned.

use std::io::Read;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use crate::backend::serve_page;
use crate::browser::{Page, wait_for_port};
use crate::desktop::Desktop;
use crate::port::free_port;
use crate::process::Owned;
use crate::relay::{self, Relay};
use crate::screen::Screen;
use crate::sound_server;
use crate::token::{self, KEY, SECRET};
use crate::windows::{self, wait_for_windows, windows, windows_of};

pub use crate::sound_server::{APP_SINK, CHROMIUM_SINK, SECOND_SINK};

/// Lines of a log that are shown when a check failed.
const LAST_LINES: usize = 120;
/// Bytes of a driver's log that are part of an error.
const LAST_BYTES: usize = 1_000;
/// How long a start that only hands something over may take.
const HANDING_OVER: Duration = Duration::from_secs(60);
/// The app's own devices give tones, which are what it would take for noise. Whoever tries what is done to
/// sound switches it on.
const SOUND_AS_IT_IS: bool = false;
/// Room of a test.
pub const ROOM: &str = "meeting";

/// Screen, sound server, media server and page of one run.
#[derive(Debug)]
pub struct World {
    folder: TempDir,
    server: Option<Owned>,
    server_ports: (u16, u16, u16),
    page: String,
    logs: u32,
    screen: Screen,
    /// What the media server tells its clients of relays, as lines of its configuration.
    relays: String,
    _windows: Owned,
    _sound: Owned,
}

/// A page with the driver and browser behind it. The page comes first: it ends before them.
#[derive(Debug)]
pub struct Driven {
    /// What is driven.
    pub page: Page,
    /// The driver's process; the browser is below it.
    pub driver: Owned,
}

/// The app as a test wants it.
#[derive(Clone, Debug, Default)]
pub struct AppOptions {
    /// Command line, after the program's name.
    pub arguments: Vec<String>,
    /// Environment.
    pub environment: Vec<(String, String)>,
    /// There is no sound server.
    pub without_sound: bool,
    /// Another build of it.
    pub program: Option<PathBuf>,
    /// The group that it runs in, for [`Wall`](crate::wall::Wall); only root may choose one.
    pub group: Option<u32>,
}

/// The program that a variable of the environment names.
///
/// # Errors
/// If it names none.
pub fn required(variable: &str) -> Result<PathBuf> {
    let path = std::env::var_os(variable).map(PathBuf::from);
    path.filter(|path| path.is_file())
        .with_context(|| format!("{variable} names no program"))
}

/// What has the app take echo and noise out of its microphone, and even its loudness out, or not.
pub fn sound_processing(on: bool) -> [(String, String); 3] {
    [
        "ECHO_CANCELLATION",
        "NOISE_SUPPRESSION",
        "AUTO_GAIN_CONTROL",
    ]
    .map(|name| (format!("SALON_{name}"), on.to_string()))
}

impl World {
    /// Starts all of it.
    ///
    /// # Errors
    /// If a part does not start.
    pub async fn start() -> Result<Self> {
        let folder = TempDir::with_prefix("salon-e2e-")?;
        let screen = Screen::start(folder.path())?;
        let windows = Owned::start(
            Command::new("openbox").env("DISPLAY", screen.display()),
            &folder.path().join("openbox.log"),
        )?;
        let sound = sound_server::start(folder.path())?;
        let server_ports = (free_port()?, free_port()?, free_port()?);
        let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/dist");
        let page = serve_page(&dist).await?;
        let mut world = Self {
            folder,
            server: None,
            server_ports,
            page,
            logs: 0,
            screen,
            relays: String::new(),
            _windows: windows,
            _sound: sound,
        };
        world.start_server().await?;
        Ok(world)
    }

    /// The screen of this run.
    pub fn screen(&self) -> &Screen {
        &self.screen
    }

    /// Where everything of this run lies.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Port of the media server, on the loopback interface.
    pub fn server_port(&self) -> u16 {
        self.server_ports.0
    }

    /// The port at which it takes TCP connections for media.
    pub fn media_tcp_port(&self) -> u16 {
        self.server_ports.1
    }

    /// The UDP port that its media come from.
    pub fn media_port(&self) -> u16 {
        self.server_ports.2
    }

    /// Address of the media server.
    pub fn server_url(&self) -> String {
        format!("ws://127.0.0.1:{}", self.server_ports.0)
    }

    /// Address of the sound server.
    pub fn sound_server(&self) -> String {
        format!("unix:{}", self.folder.path().join("pulse").display())
    }

    /// Address of the built page, for browsers.
    pub fn page_url(&self) -> &str {
        &self.page
    }

    /// Starts the media server, on the same ports each time.
    ///
    /// # Errors
    /// If it does not listen in time.
    pub async fn start_server(&mut self) -> Result<()> {
        let (port, tcp, udp) = self.server_ports;
        let relays = &self.relays;
        let configuration = format!(
            "port: {port}\nbind_addresses: [127.0.0.1]\nrtc:\n  tcp_port: {tcp}\n  \
             udp_port: {udp}\n  use_external_ip: false\n  enable_loopback_candidate: true\n{relays}\
             keys:\n  {KEY}: {SECRET}\nroom:\n  enable_remote_unmute: true\n\
             logging:\n  level: info\n"
        );
        let log = self.log("livekit");
        let mut command = Command::new(required("LIVEKIT_SERVER")?);
        command.arg("--config-body").arg(configuration);
        self.server = Some(Owned::start(&mut command, &log)?);
        wait_for_port(port).await
    }

    /// Starts the media server anew, with relays that it tells its clients of.
    ///
    /// # Errors
    /// If it does not listen in time.
    pub async fn serve_relays(&mut self, relays: &[Relay<'_>]) -> Result<()> {
        self.stop_server();
        self.relays = relay::lines(relays);
        self.start_server().await
    }

    /// Kills the media server.
    pub fn stop_server(&mut self) {
        self.server = None;
    }

    /// Starts the app under WebDriver.
    ///
    /// # Errors
    /// If it or its driver does not start.
    pub async fn app(&mut self, options: AppOptions) -> Result<Driven> {
        let (port, native) = (free_port()?, free_port()?);
        let log = self.log("app");
        let sound = if options.without_sound {
            "unix:/nonexistent"
        } else {
            &self.sound_server()
        };
        let mut command = Command::new(required("TAURI_DRIVER")?);
        command
            .args([
                "--port",
                &port.to_string(),
                "--native-port",
                &native.to_string(),
            ])
            .envs(self.environment())
            .env("PULSE_SERVER", sound)
            .env("PULSE_SINK", APP_SINK)
            .env("XDG_STATE_HOME", self.folder.path().join("state"))
            // What became of tracks and pictures, should a check fail.
            .env("SALON_LOG", "info,rtc_host=debug")
            .envs(sound_processing(SOUND_AS_IT_IS))
            // Not the settings of whoever runs this.
            .env("XDG_CONFIG_HOME", self.folder.path().join("config"))
            .env(
                "XDG_DATA_HOME",
                self.folder.path().join(format!("data-{port}")),
            )
            .env(
                "XDG_CONFIG_HOME",
                self.folder.path().join(format!("config-{port}")),
            )
            .envs(options.environment);
        if let Some(group) = options.group {
            command.gid(group);
        }
        let driver = Owned::start(&mut command, &log)?;
        let app = match options.program {
            Some(program) => program,
            None => required("SALON_APP")?,
        };
        let application = json!({ "application": app, "args": options.arguments });
        let capabilities = object(json!({ "tauri:options": application }));
        // Both of its ports: it passes on to the other at once.
        wait_for_port(native).await?;
        let page = Page::open(port, capabilities)
            .await
            .with_context(|| said(&driver))?;
        Ok(Driven { page, driver })
    }

    /// Starts the app once more on a desktop where it runs, as the system does for a link; whether it
    /// ended with success.
    ///
    /// # Errors
    /// If it does not start or does not end.
    pub async fn start_again(&mut self, arguments: &[&str], desktop: &Desktop) -> Result<bool> {
        let log = std::fs::File::create(self.log("app"))?;
        let mut child = tokio::process::Command::new(required("SALON_APP")?)
            .args(arguments)
            .envs(self.environment())
            .env("PULSE_SERVER", self.sound_server())
            .env("XDG_STATE_HOME", self.path("state"))
            .env("XDG_CONFIG_HOME", self.path("config-again"))
            .env("XDG_DATA_HOME", self.path("data-again"))
            .envs(desktop.environment())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()?;
        let ended = tokio::time::timeout(HANDING_OVER, child.wait()).await;
        let status = ended.context("the second start goes on running")??;
        Ok(status.success())
    }

    /// Arguments of the app in dev mode with fake devices, at the lobby of the test's room.
    pub fn dev_arguments(&self, name: &str) -> Vec<String> {
        self.dev_arguments_at(name, &self.server_url())
    }

    /// The same at another address of the server.
    pub fn dev_arguments_at(&self, name: &str, server: &str) -> Vec<String> {
        [
            "--dev",
            "--fake-devices=only",
            "--lobby",
            "--server",
            server,
            "--room",
            ROOM,
            "--name",
            name,
        ]
        .map(String::from)
        .to_vec()
    }

    /// A participant that both sides of a comparison meet: the app without a window.
    ///
    /// # Errors
    /// If it does not start.
    pub fn partner(&mut self, options: AppOptions) -> Result<Owned> {
        let log = self.log("partner");
        let mut command = Command::new("sh");
        // The guest ends with its standard input, so it is given one that stays open.
        command
            .args(["-c", "sleep infinity | exec \"$@\"", "sh"])
            .arg(required("SALON_APP")?)
            .arg("guest")
            .args(options.arguments)
            .envs(self.environment())
            .env("PULSE_SERVER", self.sound_server())
            .env("XDG_STATE_HOME", self.folder.path().join("partner-state"))
            .env("XDG_CONFIG_HOME", self.folder.path().join("partner-config"))
            .env("XDG_DATA_HOME", self.folder.path().join("partner-data"))
            .envs(options.environment);
        Owned::start(&mut command, &log)
    }

    /// Starts Chromium under WebDriver, with its own fake devices.
    ///
    /// # Errors
    /// If it or its driver does not start.
    pub async fn chromium(&mut self) -> Result<Driven> {
        self.chromium_at("about:blank").await
    }

    /// The same, with a page to begin with.
    ///
    /// # Errors
    /// If it or its driver does not start.
    pub async fn chromium_at(&mut self, url: &str) -> Result<Driven> {
        self.chromium_playing_to(CHROMIUM_SINK, url).await
    }

    /// The same, with its sound on a sink of its own.
    ///
    /// # Errors
    /// If it or its driver does not start.
    pub async fn chromium_playing_to(&mut self, sink: &str, url: &str) -> Result<Driven> {
        let port = free_port()?;
        let log = self.log("chromium");
        let profile = self.folder.path().join(format!("chromium-{port}"));
        let mut command = Command::new("chromedriver");
        command
            .arg(format!("--port={port}"))
            .envs(self.environment())
            .env("PULSE_SERVER", self.sound_server())
            .env("PULSE_SINK", sink);
        let driver = Owned::start(&mut command, &log)?;
        let profile = format!("--user-data-dir={}", profile.display());
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-background-timer-throttling",
            "--disable-renderer-backgrounding",
            "--disable-backgrounding-occluded-windows",
            "--autoplay-policy=no-user-gesture-required",
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream=fps=30",
            "--window-size=1180,760",
            &profile,
            url,
        ];
        let capabilities = object(json!({
            "browserName": "chrome", "goog:chromeOptions": { "args": arguments },
        }));
        let page = Page::open(port, capabilities)
            .await
            .with_context(|| said(&driver))?;
        // The driver opens a window of its own beside that of the command line.
        if !page.switch_to(url).await? {
            page.go(url).await?;
        }
        Ok(Driven { page, driver })
    }

    /// Lets a page of Chromium join as a participant with made-up devices.
    ///
    /// # Errors
    /// If it cannot join.
    pub async fn guest(&self, page: &Page, name: &str) -> Result<()> {
        let token = token::sign(&token::claims(ROOM, name), SECRET)?;
        let server = self.server_url();
        page.go(&format!(
            "{}/guest.html?server={server}&token={token}",
            self.page
        ))
        .await?;
        let joined = page.eval("guest.ready").await?;
        if joined != json!(name) {
            bail!("the guest joined as {joined}");
        }
        Ok(())
    }

    /// All logs of the apps so far.
    pub fn app_logs(&self) -> Result<String> {
        let mut all = String::new();
        for entry in std::fs::read_dir(self.folder.path())?.flatten() {
            if entry.file_name().to_string_lossy().starts_with("app-") {
                std::fs::File::open(entry.path())?.read_to_string(&mut all)?;
            }
        }
        for entry in std::fs::read_dir(self.folder.path().join("state/salon"))?.flatten() {
            std::fs::File::open(entry.path())?.read_to_string(&mut all)?;
        }
        Ok(all)
    }

    /// The end of every log, for whoever reads why a check failed.
    pub fn last_words(&self) -> String {
        let state = self.folder.path().join("state/salon");
        let folders = [self.folder.path(), &state];
        let entries = folders.iter().filter_map(|it| std::fs::read_dir(it).ok());
        let mut logs: Vec<PathBuf> = entries
            .flat_map(|it| it.flatten().map(|entry| entry.path()))
            .filter(|path| path.extension().is_some_and(|it| it == "log"))
            .collect();
        logs.sort();
        let mut words = String::new();
        for path in logs {
            let text = std::fs::read(&path).unwrap_or_default();
            let text = String::from_utf8_lossy(&text);
            let lines: Vec<_> = text.lines().collect();
            let last = &lines[lines.len().saturating_sub(LAST_LINES)..];
            words += &format!("--- {}\n{}\n", path.display(), last.join("\n"));
        }
        words
    }

    /// Brings the app's window before the others, with the keyboard.
    ///
    /// # Errors
    /// If there is no such window.
    pub fn bring_forward(&self) -> Result<()> {
        let windows = wait_for_windows(&self.screen, false)?;
        let window = windows.first().context("the app has no window")?;
        self.screen
            .xdotool(&["windowactivate", "--sync", window])
            .map(drop)
    }

    /// Minimises or restores the app's window.
    ///
    /// # Errors
    /// If there is no such window.
    pub fn minimise(&self, minimised: bool) -> Result<()> {
        let action = if minimised {
            "windowminimize"
        } else {
            "windowmap"
        };
        for window in wait_for_windows(&self.screen, true)? {
            self.screen.xdotool(&[action, &window])?;
        }
        Ok(())
    }

    /// Makes the app's window as large as this, in pixels, or as its smallest size where that is larger.
    ///
    /// # Errors
    /// If there is no such window.
    pub fn resize(&self, width: u32, height: u32) -> Result<()> {
        let (width, height) = (width.to_string(), height.to_string());
        for window in wait_for_windows(&self.screen, false)? {
            self.screen
                .xdotool(&["windowsize", &window, &width, &height])?;
        }
        Ok(())
    }

    /// Closes each of the apps' windows, as whoever uses them does.
    ///
    /// # Errors
    /// If there is none.
    pub fn close_windows(&self) -> Result<()> {
        for window in wait_for_windows(&self.screen, false)? {
            self.close(&window)?;
        }
        Ok(())
    }

    /// The same in those of one process.
    ///
    /// # Errors
    /// If there is none.
    pub fn close_windows_of(&self, process: u32) -> Result<()> {
        let windows = self.windows_of(process)?;
        ensure!(!windows.is_empty(), "{process} has no window");
        windows.iter().try_for_each(|window| self.close(window))
    }

    fn close(&self, window: &str) -> Result<()> {
        windows::close(&self.screen, window.parse()?)
    }

    /// The apps' windows that are on the screen.
    ///
    /// # Errors
    /// If the screen cannot be asked.
    pub fn windows(&self) -> Result<Vec<String>> {
        let found = windows(&self.screen, false)?;
        Ok(found.iter().map(ToString::to_string).collect())
    }

    /// Those of one process.
    ///
    /// # Errors
    /// If the screen cannot be asked.
    pub fn windows_of(&self, process: u32) -> Result<Vec<String>> {
        let found = windows_of(&self.screen, process)?;
        Ok(found.iter().map(ToString::to_string).collect())
    }

    fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("DISPLAY", self.screen.display().to_owned()),
            ("XDG_RUNTIME_DIR", self.path("runtime")),
        ]
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn log(&mut self, name: &str) -> PathBuf {
        self.logs += 1;
        self.folder.path().join(format!("{name}-{}.log", self.logs))
    }
}

/// What a driver that gives no page has to say.
fn said(driver: &Owned) -> String {
    let state = if driver.is_running() {
        "runs"
    } else {
        "has ended"
    };
    let log = driver.log();
    let from = log.len().saturating_sub(LAST_BYTES);
    let last = log.get(log.ceil_char_boundary(from)..).unwrap_or_default();
    format!("the driver {state}, and said last: {last}")
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}
