//! The command line that this program was started with, which every user of the computer can read in
//! the list of processes for as long as it runs.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};

use salon_account::is_sign_in;

/// Put in place of each byte of a link.
const HIDDEN: u8 = b'-';

/// Overwrites sign-in links in it. Whoever reads the arguments of this process from now on, in it or
/// from outside, finds none.
///
/// # Errors
/// If the kernel does not let a process see or change itself.
pub(super) fn hide_sign_in() -> io::Result<()> {
    let (start, end) = place()?;
    let mut memory = File::options()
        .read(true)
        .write(true)
        .open("/proc/self/mem")?;
    let mut arguments = Vec::new();
    memory.seek(SeekFrom::Start(start))?;
    (&mut memory)
        .take(end - start)
        .read_to_end(&mut arguments)?;
    let mut at = start;
    for argument in arguments.split(|byte| *byte == 0) {
        if std::str::from_utf8(argument).is_ok_and(is_sign_in) {
            memory.seek(SeekFrom::Start(at))?;
            memory.write_all(&vec![HIDDEN; argument.len()])?;
        }
        at += argument.len() as u64 + 1;
    }
    Ok(())
}

/// Where in this process's memory the arguments begin and end (proc(5): `arg_start`, `arg_end`).
fn place() -> io::Result<(u64, u64)> {
    /// Fields after the program's name, of which `arg_start` is the 48th of all.
    const BEFORE: usize = 45;
    let stat = fs::read_to_string("/proc/self/stat")?;
    // The name, in parentheses, may have blanks and parentheses itself.
    let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
    let mut fields = after.split_ascii_whitespace().skip(BEFORE);
    let mut next = || fields.next()?.parse::<u64>().ok();
    match (next(), next()) {
        (Some(start), Some(end)) if start > 0 && end > start => Ok((start, end)),
        _ => Err(io::ErrorKind::Unsupported.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STARTED: &str = "SALON_TEST_STARTED_WITH_LINK";

    /// In a process of its own, as it changes that process.
    #[test]
    fn a_sign_in_link_that_started_the_app_is_not_in_the_list_of_processes() {
        let name = std::thread::current().name().unwrap().to_owned();
        if std::env::var_os(STARTED).is_some() {
            let shown = || fs::read("/proc/self/cmdline").unwrap();
            let has = |text: &str| {
                let shown = shown();
                shown
                    .windows(text.len())
                    .any(|part| part == text.as_bytes())
            };
            assert!(has("planted") && has("room=tea"));
            let length = shown().len();
            hide_sign_in().unwrap();
            assert!(!has("planted") && !has("sign-in") && !has("salon://auth"));
            assert!(has("room=tea") && has(&name));
            assert_eq!(shown().len(), length);
            return;
        }
        let ran = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", &name])
            .arg("salon://sign-in?state=s&token=planted-0123456789")
            .arg("salon://join?room=tea")
            .arg(" SALON://auth?code=planted")
            .env(STARTED, "")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&ran.stdout);
        assert!(ran.status.success() && said.contains("1 passed"), "{said}");
    }
}
