//! The sandbox around the process that runs the page and decodes what other participants send.
//! `docs/decisions/web-process-sandbox.md` says how it is reached and what it holds.

use std::path::Path;
use std::process::{Command, Stdio};

/// Makes WebKitGTK start its web processes in a sandbox.
const FORCE: &str = "WEBKIT_FORCE_SANDBOX";
/// Forbids it to, whatever else is said.
const FORBID: &str = "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS";
/// What WebKitGTK starts them with. Where one is missing it does not start them at all.
const BUBBLEWRAP: &str = "/usr/bin/bwrap";
const BUS_PROXY: &str = "/usr/bin/xdg-dbus-proxy";

/// Whether the page's process is in a sandbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sandbox {
    /// It is.
    On,
    /// Why it is not.
    Off(String),
    /// As the system's webview sees fit (not Linux).
    System,
}

impl Sandbox {
    /// The variable that switches it on.
    pub(crate) fn variable(&self) -> Option<(&'static str, &'static str)> {
        (*self == Self::On).then_some((FORCE, "1"))
    }
}

/// On wherever it can be.
pub(crate) fn choose_sandbox() -> Sandbox {
    let set = |name| std::env::var_os(name).is_some_and(|value| value != "0");
    choose(cfg!(target_os = "linux"), set(FORBID), || {
        tried(Path::new(BUBBLEWRAP), Path::new(BUS_PROXY))
    })
}

fn choose(linux: bool, forbidden: bool, tried: impl FnOnce() -> Result<(), String>) -> Sandbox {
    if !linux {
        return Sandbox::System;
    }
    if forbidden {
        return Sandbox::Off(format!("{FORBID} is set"));
    }
    match tried() {
        Ok(()) => Sandbox::On,
        Err(why) => Sandbox::Off(why),
    }
}

/// Whether a program runs in namespaces of its own: some systems forbid it, in containers above all.
fn tried(bubblewrap: &Path, bus_proxy: &Path) -> Result<(), String> {
    if !bus_proxy.is_file() {
        return Err(format!("there is no {}", bus_proxy.display()));
    }
    let ran = Command::new(bubblewrap)
        .args(["--unshare-pid", "--unshare-uts", "--unshare-net"])
        .args(["--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev"])
        .args(["--", "/bin/true"])
        .stdin(Stdio::null())
        .output();
    match ran {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            Err(said.lines().next().unwrap_or("bwrap fails").to_owned())
        }
        Err(error) => Err(format!("{}: {error}", bubblewrap.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_on_wherever_it_can_be() {
        assert_eq!(choose(true, false, || Ok(())), Sandbox::On);
        let off = choose(true, false, || Err("no namespaces".into()));
        assert_eq!(off, Sandbox::Off("no namespaces".into()));
        assert_eq!(off.variable(), None);
        assert_eq!(choose(false, false, || Ok(())), Sandbox::System);
    }

    #[test]
    fn who_forbids_it_has_it_off() {
        let off = choose(true, true, || panic!("nobody tries"));
        assert!(matches!(off, Sandbox::Off(why) if why.contains(FORBID)));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_is_missing_or_fails_is_said() {
        let (no, yes, sh) = (
            Path::new("/nonexistent"),
            Path::new("/bin/false"),
            Path::new("/bin/sh"),
        );
        assert_eq!(tried(sh, no), Err("there is no /nonexistent".into()));
        assert!(tried(no, yes).unwrap_err().contains("/nonexistent"));
        assert_eq!(tried(yes, yes), Err("bwrap fails".into()));
        assert_ne!(tried(sh, yes).unwrap_err(), "");
    }
}
