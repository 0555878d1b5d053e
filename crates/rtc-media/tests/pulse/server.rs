//! A sound server of the test's own, whose devices come and go as the test likes.

use std::io::{BufRead, BufReader};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// For what has to come: far longer than any machine takes, since nothing depends on it.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

const FOLDER: &str = "RTC_MEDIA_TEST_SOUND";

pub(crate) struct SoundServer {
    folder: PathBuf,
    process: Option<Child>,
    /// What `pactl subscribe` says.
    events: Option<(Child, Receiver<String>)>,
}

/// Runs a test where a sound server is the only one: which one it is, GStreamer learns from the
/// environment, so the test runs in a process of its own.
pub(crate) fn with_sound_server(test: &str, run: impl FnOnce(&mut SoundServer)) {
    if let Some(folder) = std::env::var_os(FOLDER) {
        let mut server = SoundServer {
            folder: PathBuf::from(folder),
            process: None,
            events: None,
        };
        server.start();
        return run(&mut server);
    }
    let folder = std::env::temp_dir().join(format!("rtc-media-{}-{test}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let socket = folder.join("socket");
    let outcome = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(FOLDER, &folder)
        .env("PULSE_SERVER", format!("unix:{}", socket.display()))
        .env("HOME", &folder)
        .env("XDG_RUNTIME_DIR", &folder)
        .status();
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(outcome.unwrap().success());
}

impl SoundServer {
    pub(crate) fn start(&mut self) {
        let socket = self.folder.join("socket");
        let load = format!(
            "--load=module-native-protocol-unix socket={} auth-anonymous=1",
            socket.display()
        );
        let process = Command::new("pulseaudio")
            .args(["-n", "--daemonize=no", "--exit-idle-time=-1"])
            .args(["--use-pid-file=no", "--log-target=null", &load])
            .spawn()
            .expect("PulseAudio is needed for this test");
        self.process = Some(process);
        wait_for(&socket);
        let mut events = Command::new("pactl")
            .arg("subscribe")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(events.stdout.take().unwrap()).lines();
        let (send, said) = channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let _ = send.send(line);
            }
        });
        self.events = Some((events, said));
    }

    pub(crate) fn stop(&mut self) {
        for mut child in [
            self.process.take(),
            self.events.take().map(|(child, _)| child),
        ]
        .into_iter()
        .flatten()
        {
            child.kill().unwrap();
            child.wait().unwrap();
        }
        // What it leaves behind would look like a server.
        let _ = std::fs::remove_file(self.folder.join("socket"));
    }

    pub(crate) fn pactl(&self, arguments: &[&str]) -> String {
        let output = Command::new("pactl").args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Plugs something in; its number, to pull it out with.
    pub(crate) fn plug(&self, module: &[&str]) -> String {
        self.pactl(&[&["load-module"], module].concat())
    }

    pub(crate) fn pull(&self, module: &str) {
        self.pactl(&["unload-module", module]);
    }

    /// Waits until something is so, looking again whenever something happens on the server.
    pub(crate) fn until<T>(&self, what: &str, look: impl Fn(&Self) -> Option<T>) -> T {
        let (_, said) = self.events.as_ref().unwrap();
        loop {
            if let Some(found) = look(self) {
                return found;
            }
            said.recv_timeout(LIMIT)
                .unwrap_or_else(|error| panic!("{what}: {error}"));
        }
    }
}

impl Drop for SoundServer {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Waits until somebody takes calls there; the system tells nobody when that begins.
fn wait_for(socket: &Path) {
    let deadline = Instant::now() + LIMIT;
    while UnixStream::connect(socket).is_err() {
        assert!(Instant::now() < deadline, "PulseAudio does not start");
        std::thread::sleep(Duration::from_millis(10));
    }
}
