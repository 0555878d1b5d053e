//! `./x demo`: a meeting on this machine, with somebody waiting in it.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::checks::{build_page, target};
use crate::process::{self, command};
use crate::tools;

const ROOM: &str = "demo";
/// Name of the key that tokens are signed with.
const KEY: &str = "demo";
/// How long the server may take to listen.
const SERVER_LIMIT: Duration = Duration::from_secs(20);

/// A child that ends with us.
struct Owned(Child);

impl Drop for Owned {
    fn drop(&mut self) {
        // Its standard input first: the guest leaves the meeting properly when that ends.
        drop(self.0.stdin.take());
        let deadline = Instant::now() + Duration::from_secs(2);
        while Instant::now() < deadline {
            if matches!(self.0.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        // It may have ended meanwhile.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs until the app's window is closed or Ctrl-C.
pub(crate) fn run() -> Result<()> {
    println!("Building the page");
    build_page()?;
    println!("Building the app (the first time takes some minutes)");
    process::run(command("cargo").args(["build", "--release", "--package", "salon"]))?;
    let app = target()
        .join("release")
        .join(format!("salon{}", std::env::consts::EXE_SUFFIX));

    let interrupted = interruptions()?;
    println!("Starting the LiveKit server on this machine");
    let secret = secret()?;
    let (_server, url) = server(&secret)?;
    println!("A guest joins the meeting \"{ROOM}\"");
    let guest = ["guest", "--dev", "--server", &url, "--room", ROOM];
    let _guest = Owned(
        signing(Command::new(&app), &secret)
            .args(guest)
            .args(["--name", "Guest", "--fake-sound", "speech"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("the guest does not start")?,
    );
    println!("Opening the app. Close its window, or press Ctrl-C here, to end everything.");
    let mut window = open(&app, &url, &secret)?;
    loop {
        if let Some(status) = window.0.try_wait()? {
            if !status.success() {
                bail!("the app ended: {status}");
            }
            return Ok(());
        }
        if interrupted.recv_timeout(Duration::from_millis(100)).is_ok() {
            println!("Ending.");
            return Ok(());
        }
    }
}

/// Of this demo's own server, made up anew each time: others on this machine cannot join.
fn secret() -> Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("no random numbers: {error}"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The app, able to sign tokens for the server.
fn signing(mut app: Command, secret: &str) -> Command {
    app.env("LIVEKIT_API_KEY", KEY)
        .env("LIVEKIT_API_SECRET", secret);
    app
}

fn open(app: &Path, url: &str, secret: &str) -> Result<Owned> {
    let child = signing(Command::new(app), secret)
        .args(["--dev", "--server", url, "--room", ROOM, "--lobby"])
        .stdin(Stdio::null())
        .spawn()
        .context("the app does not start")?;
    Ok(Owned(child))
}

/// One message for each Ctrl-C or request to end.
fn interruptions() -> Result<Receiver<()>> {
    let (sender, receiver) = channel();
    #[cfg(unix)]
    {
        let mut signals = signal_hook::iterator::Signals::new([
            signal_hook::consts::SIGINT,
            signal_hook::consts::SIGTERM,
            signal_hook::consts::SIGHUP,
        ])?;
        std::thread::spawn(move || {
            for _ in signals.forever() {
                if sender.send(()).is_err() {
                    return;
                }
            }
        });
    }
    // Elsewhere the console ends all processes that it started.
    #[cfg(not(unix))]
    drop(sender);
    Ok(receiver)
}

/// LiveKit on free ports of the loopback interface; its address once it listens.
fn server(secret: &str) -> Result<(Owned, String)> {
    let tcp = |listener: &TcpListener| listener.local_addr().map(|address| address.port());
    let (signal, media) = (
        TcpListener::bind("127.0.0.1:0")?,
        TcpListener::bind("127.0.0.1:0")?,
    );
    let datagrams = UdpSocket::bind("127.0.0.1:0")?;
    let (port, tcp_port) = (tcp(&signal)?, tcp(&media)?);
    let udp_port = datagrams.local_addr()?.port();
    drop((signal, media, datagrams));
    let configuration = format!(
        "port: {port}\nbind_addresses: [127.0.0.1]\nrtc:\n  tcp_port: {tcp_port}\n  \
         udp_port: {udp_port}\n  use_external_ip: false\n  enable_loopback_candidate: true\n\
         keys:\n  {KEY}: {secret}\nlogging:\n  level: warn\n"
    );
    let program = tools::livekit_server().context("the LiveKit server is not installed")?;
    let child = Command::new(program)
        .arg("--config-body")
        .arg(configuration)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("the LiveKit server does not start")?;
    let mut server = Owned(child);
    // Kept off the terminal unless something is wrong, and read so that it never blocks.
    for output in [
        server
            .0
            .stdout
            .take()
            .map(|pipe| Box::new(pipe) as Box<dyn std::io::Read + Send>),
        server
            .0
            .stderr
            .take()
            .map(|pipe| Box::new(pipe) as Box<dyn std::io::Read + Send>),
    ] {
        let Some(output) = output else { continue };
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if line.contains("ERROR") {
                    let _ = writeln!(std::io::stderr(), "LiveKit: {line}");
                }
            }
        });
    }
    let deadline = Instant::now() + SERVER_LIMIT;
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if let Some(status) = server.0.try_wait()? {
            bail!("the LiveKit server ended: {status}");
        }
        if Instant::now() > deadline {
            bail!("the LiveKit server does not listen");
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok((server, format!("ws://127.0.0.1:{port}")))
}
