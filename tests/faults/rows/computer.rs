//! What this computer lacks.

use salon_base::Code::*;
use salon_base::Fault;

use super::{Row, row};

pub(super) fn rows() -> Vec<Row> {
    vec![row(
        "This computer",
        (
            "no display",
            "the program, started without `DISPLAY` and `WAYLAND_DISPLAY`",
        ),
        DisplayMissing,
        "",
        // Waits for a process.
        || async {
            let started = tokio::task::spawn_blocking(without_a_display).await;
            started.unwrap()
        },
    )]
}

/// What the program tells whoever starts it so: what is read is what a user would read.
#[cfg(target_os = "linux")]
fn without_a_display() -> Fault {
    let home = tempfile::tempdir().unwrap();
    let program = std::process::Command::new(env!("CARGO_BIN_EXE_salon"))
        .env_clear()
        .env("HOME", home.path())
        .output()
        .unwrap();
    let said = String::from_utf8(program.stderr).unwrap();
    let words = DisplayMissing.words().unwrap();
    let told = said.lines().last() == Some(&format!("{} {}", words.sentence, words.next));
    if told && program.status.code() == Some(1) && !said.contains("panic") {
        DisplayMissing.into()
    } else {
        Fault::new(Internal, said)
    }
}

/// Other systems always have one.
#[cfg(not(target_os = "linux"))]
fn without_a_display() -> Fault {
    DisplayMissing.into()
}
