//! What is changed in the process's own environment, before any thread is started: the only place
//! where it may be, as other threads could read it meanwhile. `docs/decisions/secrets-in-the-environment.md`
//! says why secrets leave it.

use crate::paint::{self, PaintPath};
use crate::settings::Environment;

/// What the app begins with.
#[derive(Debug)]
pub struct Prepared {
    pub(crate) paint_path: PaintPath,
    pub(crate) environment: Environment,
}

/// Reads the environment, takes the secrets out of it, and chooses the painting path. Must be
/// called first thing in `main`: the webview's processes inherit what is left.
#[allow(unsafe_code, reason = "changing the environment, before threads exist")]
pub fn prepare() -> Prepared {
    let environment = Environment::of_process();
    for name in Environment::SECRETS {
        // SAFETY: nothing else runs yet, so no other thread can read the environment meanwhile.
        unsafe { std::env::remove_var(name) };
    }
    let paint_path = paint::choose_paint_path();
    if let Some((name, value)) = paint_path.variable() {
        // SAFETY: as above.
        unsafe { std::env::set_var(name, value) };
    }
    Prepared {
        paint_path,
        environment,
    }
}
