//! What the user does at the terminal.

use std::io::BufRead as _;
use std::sync::mpsc::{Receiver, Sender, channel};

use anyhow::{Context as _, Result};

/// Something the user does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Input {
    /// Pressed Enter.
    Enter,
    /// Pressed Ctrl-C, or the system wants us to end.
    End,
}

/// Ctrl-C and requests to end, also those of a console on Windows, where it does not reach windows.
/// The sender is for more.
pub(super) fn ends() -> Result<(Sender<Input>, Receiver<Input>)> {
    let (sender, receiver) = channel();
    let ends = sender.clone();
    ctrlc::set_handler(move || {
        // Nobody listens any more: we are ending.
        let _ = ends.send(Input::End);
    })
    .context("Ctrl-C cannot be waited for")?;
    Ok((sender, receiver))
}

/// Enter, until standard input ends.
pub(super) fn read_enter(sender: Sender<Input>) {
    std::thread::spawn(move || {
        for _line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if sender.send(Input::Enter).is_err() {
                return;
            }
        }
    });
}
