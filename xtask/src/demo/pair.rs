//! `./x demo`: Amina asks, Bruno offers, Amina accepts, Bruno's app rings, both meet, and hanging up
//! completes the meeting. Each has a window of their own and nothing of whoever runs this.

use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use anyhow::{Result, bail};

use super::backend::{AMINA, Account, BRUNO, Backend};
use super::calls::Calls;
use super::children::{Owned, Scratch, program};
use super::input::{self, Input};
use super::round::{Fate, Meeting, Offer, ending};

/// How often the backend is asked, and windows are looked after.
const TICK: Duration = Duration::from_millis(500);
/// Ctrl-C ends the backend as well: how long we may hear of it later.
const LATER: Duration = Duration::from_millis(500);
/// What Amina asks for, one after the other.
const TITLES: [&str; 4] = [
    "Planning a small garden",
    "Repairing a bicycle",
    "Reading an old letter",
    "Choosing a first telescope",
];

/// Runs until both windows are closed or Ctrl-C. `built`: the folder with the programs.
pub(super) fn run(built: &Path, on_stream: bool) -> Result<()> {
    let (sender, inputs) = input::ends()?;
    // Ended and removed from the last to the first.
    let scratch = Scratch::new()?;
    let calls = Calls::start(on_stream, built)?;
    let backend = Backend::start(built, &scratch, &calls)?;
    println!("Opening two windows: Amina, who asks, and Bruno, who offers");
    let mut windows = Windows::open(built, &scratch, &backend, &calls)?;
    input::read_enter(sender);
    let mut story = Story::begin(&backend)?;
    loop {
        match next(&mut story, &mut windows, &inputs) {
            Ok(true) => {}
            Ok(false) => return windows.outcome(),
            Err(error) => match inputs.recv_timeout(LATER) {
                Ok(Input::End) => {
                    println!("Ending.");
                    return Ok(());
                }
                _ => return Err(error),
            },
        }
    }
}

/// Whether it goes on.
fn next(
    story: &mut Story<'_>,
    windows: &mut Windows<'_>,
    inputs: &Receiver<Input>,
) -> Result<bool> {
    match inputs.recv_timeout(TICK) {
        Ok(Input::Enter) => story.enter()?,
        Ok(Input::End) => {
            println!("Ending.");
            return Ok(false);
        }
        // Without a handler there would be no demo, so there is a sender.
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
    }
    if !windows.look()? {
        return Ok(false);
    }
    story.look()?;
    Ok(true)
}

/// Both windows, as long as they are open.
struct Windows<'a> {
    scratch: &'a Scratch,
    open: Vec<(&'static str, Owned)>,
    failed: Option<(&'static str, ExitStatus)>,
}

impl<'a> Windows<'a> {
    fn open(built: &Path, scratch: &'a Scratch, backend: &Backend, calls: &Calls) -> Result<Self> {
        let mut windows = Self {
            scratch,
            open: Vec::new(),
            failed: None,
        };
        // Your own camera and microphone, if there are such.
        let devices = ["--fake-devices=when-none", "--fake-sound", "speech"];
        windows.add(built, backend, calls, (&AMINA, &backend.amina), &devices)?;
        // One camera and one microphone do for one person: Amina is to see and hear another.
        let devices = ["--fake-devices=only", "--fake-sound", "speech"];
        windows.add(built, backend, calls, (&BRUNO, &backend.bruno), &devices)?;
        Ok(windows)
    }

    fn add(
        &mut self,
        built: &Path,
        backend: &Backend,
        calls: &Calls,
        (account, token): (&Account, &str),
        devices: &[&str],
    ) -> Result<()> {
        let log = self.scratch.log(account.name)?;
        let app = format!("salon{}", std::env::consts::EXE_SUFFIX);
        let mut command = program(built.join(app));
        command
            .arg("--beside")
            .arg(self.scratch.join(account.name))
            .args(["--backend", &backend.url, "--name", account.name])
            .args(devices)
            // For its life only; a command line could be read by others.
            .env("SALON_BACKEND_TOKEN", token)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log);
        calls.set_up(&mut command);
        self.open.push((account.name, Owned::start(&mut command)?));
        Ok(())
    }

    /// Whether one is open still.
    fn look(&mut self) -> Result<bool> {
        let mut open = Vec::new();
        for (name, mut window) in self.open.drain(..) {
            let Some(status) = window.0.try_wait()? else {
                open.push((name, window));
                continue;
            };
            if status.success() {
                println!("{name}'s window is closed.");
            } else {
                println!("{name}'s app ended: {status}");
                println!("{}", self.scratch.failure(name));
                self.failed = Some((name, status));
            }
        }
        self.open = open;
        Ok(!self.open.is_empty())
    }

    fn outcome(&self) -> Result<()> {
        match self.failed {
            Some((name, status)) => bail!("{name}'s app ended: {status}"),
            None => Ok(()),
        }
    }
}

/// Where the story is.
enum Scene {
    /// An offer waits for Amina.
    Offered(Offer),
    /// She has accepted.
    Meeting(Meeting),
}

/// The story, told again and again.
struct Story<'a> {
    backend: &'a Backend,
    scene: Scene,
    round: usize,
}

impl<'a> Story<'a> {
    fn begin(backend: &'a Backend) -> Result<Self> {
        println!(
            "The backend is at {}. Both have accounts there:",
            backend.url
        );
        for account in [AMINA, BRUNO] {
            println!("  {}, password {}", account.email, account.password);
        }
        Ok(Self {
            backend,
            scene: offered(backend, 0)?,
            round: 0,
        })
    }

    fn enter(&mut self) -> Result<()> {
        match &self.scene {
            Scene::Offered(offer) => {
                let meeting = self.backend.accept(offer)?;
                self.meet(meeting);
            }
            Scene::Meeting(_) => println!("The meeting goes on. Leave it in both windows first."),
        }
        Ok(())
    }

    fn look(&mut self) -> Result<()> {
        match &self.scene {
            Scene::Offered(offer) => {
                let offers = self.backend.offers()?;
                match offer.fate(&offers, &self.backend.meetings()?) {
                    Fate::Waits => {}
                    Fate::Accepted(meeting) => self.meet(meeting),
                    Fate::Over => self.again()?,
                }
            }
            Scene::Meeting(meeting) => {
                let meeting = self.backend.meeting(meeting)?;
                if let Some(how) = ending(&meeting) {
                    println!("\nThe meeting is {how}. The history of each window tells of it.");
                    self.again()?;
                }
            }
        }
        Ok(())
    }

    fn meet(&mut self, meeting: Meeting) {
        println!(
            "\nAmina has accepted. Her window is at the door of the meeting, and Bruno's rings.\n\
             Join in both; headphones keep you from hearing yourself. Then leave in both: the last one\n\
             to leave completes the meeting, and so does \"End for everyone\"."
        );
        self.scene = Scene::Meeting(meeting);
    }

    fn again(&mut self) -> Result<()> {
        self.round += 1;
        self.scene = offered(self.backend, self.round)?;
        Ok(())
    }
}

fn offered(backend: &Backend, round: usize) -> Result<Scene> {
    let offer = backend.offer(TITLES[round % TITLES.len()])?;
    println!(
        "\nAmina has asked for \"{}\", and Bruno has made her an offer.\n\
         Press Enter here, and she accepts it. Closing both windows, or Ctrl-C here, ends everything.",
        offer.title
    );
    Ok(Scene::Offered(offer))
}
