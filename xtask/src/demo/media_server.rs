//! LiveKit on this machine.

use std::net::{TcpListener, TcpStream, UdpSocket};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use super::children::{Owned, program, secret, show_errors};
use crate::tools;

/// Name of the key that tokens are signed with.
const KEY: &str = "demo";
/// How long the server may take to listen.
const LIMIT: Duration = Duration::from_secs(20);

/// A running server.
pub(super) struct MediaServer {
    _process: Owned,
    /// Its address.
    pub(super) url: String,
    /// Of this demo's own server, made up anew each time: others on this machine cannot join.
    secret: String,
}

impl MediaServer {
    /// Starts it on free ports of the loopback interface, and waits until it listens.
    pub(super) fn start() -> Result<Self> {
        println!("Starting the LiveKit server on this machine");
        let secret = secret()?;
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
        let path = tools::livekit_server().context("the LiveKit server is not installed")?;
        let mut server = Owned::start(
            program(path)
                // The process list is for everybody to read; this is not.
                .env("LIVEKIT_CONFIG", configuration)
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped()),
        )?;
        if let Some(output) = server.0.stdout.take() {
            show_errors("LiveKit", output);
        }
        if let Some(output) = server.0.stderr.take() {
            show_errors("LiveKit", output);
        }
        let deadline = Instant::now() + LIMIT;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if let Some(status) = server.0.try_wait()? {
                bail!("the LiveKit server ended: {status}");
            }
            if Instant::now() > deadline {
                bail!("the LiveKit server does not listen");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(Self {
            _process: server,
            url: format!("ws://127.0.0.1:{port}"),
            secret,
        })
    }

    /// Lets a program sign tokens for it.
    pub(super) fn trust<'a>(&self, program: &'a mut Command) -> &'a mut Command {
        program
            .env("LIVEKIT_API_KEY", KEY)
            .env("LIVEKIT_API_SECRET", &self.secret)
    }
}
