//! What this computer lacks.

use salon_base::Code::*;
use salon_base::Fault;

use super::{Row, row};

pub(super) fn rows() -> Vec<Row> {
    vec![
        row(
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
        ),
        row(
            "This computer",
            (
                "no WebView2",
                "the program, started on Windows where the runtime is not installed; it ends with 3",
            ),
            WebviewMissing,
            "",
            || async {
                let started = tokio::task::spawn_blocking(without_webview2).await;
                started.unwrap()
            },
        ),
    ]
}

#[cfg(target_os = "linux")]
fn without_a_display() -> Fault {
    let home = tempfile::tempdir().unwrap();
    let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_salon"));
    told(
        program.env_clear().env("HOME", home.path()),
        DisplayMissing,
        1,
    )
}

/// What the program tells whoever starts it so, if it ends with this: what is read is what a user would
/// read.
#[cfg(any(target_os = "linux", windows))]
fn told(program: &mut std::process::Command, code: salon_base::Code, ends_with: i32) -> Fault {
    let program = program.output().unwrap();
    let said = String::from_utf8(program.stderr).unwrap();
    let words = code.words().unwrap();
    let told = said.lines().last() == Some(&format!("{} {}", words.sentence, words.next));
    if told && program.status.code() == Some(ends_with) && !said.contains("panic") {
        code.into()
    } else {
        Fault::new(Internal, said)
    }
}

/// The loader is shown a folder in which there is none, whatever is installed.
#[cfg(windows)]
fn without_webview2() -> Fault {
    let nothing = tempfile::tempdir().unwrap();
    let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_salon"));
    program.env("WEBVIEW2_BROWSER_EXECUTABLE_FOLDER", nothing.path());
    told(&mut program, WebviewMissing, 3)
}

/// Other systems bring the webview along.
#[cfg(not(windows))]
fn without_webview2() -> Fault {
    WebviewMissing.into()
}

/// Other systems always have one.
#[cfg(not(target_os = "linux"))]
fn without_a_display() -> Fault {
    DisplayMissing.into()
}
