//! What is changed in the process's own environment, before any thread is started: the only place
//! where it may be, as other threads could read it meanwhile. `docs/decisions/secrets-in-the-environment.md`
//! says why secrets leave it.

use salon_settings::Environment;

use crate::paint::{self, PaintPath};
use crate::sandbox::{self, Sandbox};

/// What the app begins with.
#[derive(Debug)]
pub struct Prepared {
    pub(crate) paint_path: PaintPath,
    pub(crate) sandbox: Sandbox,
    pub(crate) environment: Environment,
}

/// Reads the environment, takes the secrets out of it, and chooses the painting path and the sandbox.
/// Must be called first thing in `main`: the webview's processes inherit what is left.
///
/// Also limits core dumps, for this process and those that inherit it: memory has tokens.
#[allow(unsafe_code, reason = "changing the environment, before threads exist")]
pub fn prepare() -> Prepared {
    #[cfg(windows)]
    crate::console::attach();
    let environment = Environment::of_process();
    for name in Environment::SECRETS {
        // SAFETY: nothing else runs yet, so no other thread can read the environment meanwhile.
        unsafe { std::env::remove_var(name) };
    }
    #[cfg(unix)]
    no_core_dumps();
    let paint_path = paint::choose_paint_path();
    let sandbox = sandbox::choose_sandbox();
    for (name, value) in [paint_path.variable(), sandbox.variable()]
        .into_iter()
        .flatten()
    {
        // SAFETY: as above.
        unsafe { std::env::set_var(name, value) };
    }
    #[cfg(windows)]
    if let Some(runtime) = crate::before_webview::of_program() {
        // SAFETY: as above.
        unsafe { std::env::set_var(crate::before_webview::VARIABLE, runtime) };
    }
    Prepared {
        paint_path,
        sandbox,
        environment,
    }
}

/// One byte is less than a core dump takes; and for Linux, which hands a dump to a program whatever
/// the limit is, this very one means that it does not (core(5), `RLIMIT_CORE` in the kernel's
/// `coredump.c`). The hard limit stays, for whoever looks for a fault in a program started from here.
#[cfg(unix)]
fn no_core_dumps() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let Rlimit { maximum, .. } = getrlimit(Resource::Core);
    let limit = Rlimit {
        current: Some(maximum.map_or(1, |maximum| maximum.min(1))),
        maximum,
    };
    // Nothing is lost but this precaution; lowering a limit is always allowed.
    let _ = setrlimit(Resource::Core, limit);
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::{Command, Stdio};

    use rustix::process::{Resource, getrlimit, setrlimit};

    const CRASHES: &str = "SALON_TEST_CRASHES";
    /// `SIGABRT`
    const ABORTED: i32 = 6;

    /// In a process of its own, which would leave a core dump, and so would its child.
    #[test]
    fn a_crash_leaves_no_memory_behind() {
        match std::env::var(CRASHES).as_deref() {
            Ok("child") => std::process::abort(),
            Ok(_) => {
                let mut limit = getrlimit(Resource::Core);
                limit.current = limit.maximum;
                setrlimit(Resource::Core, limit).unwrap();
                super::no_core_dumps();
                let limits = std::fs::read_to_string("/proc/self/limits").unwrap();
                let core = limits.lines().find(|line| line.starts_with("Max core"));
                let soft = core.and_then(|line| line.split_whitespace().nth(4));
                assert!(matches!(soft, Some("0" | "1")), "{limits}");
                assert_eq!(crashing("child"), (Some(ABORTED), false));
                std::process::abort();
            }
            Err(_) => assert_eq!(crashing("itself"), (Some(ABORTED), false)),
        }
    }

    /// The signal that it ended by, and whether its memory was written out.
    fn crashing(who: &str) -> (Option<i32>, bool) {
        let folder = tempfile::tempdir().unwrap();
        let name = std::thread::current().name().unwrap().to_owned();
        let status = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", &name])
            .env(CRASHES, who)
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap();
        let written = std::fs::read_dir(folder.path()).unwrap().count();
        (status.signal(), status.core_dumped() || written > 0)
    }
}
