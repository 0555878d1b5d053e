//! How a copy of Salon that nobody else keeps up to date does so itself: what is offered, whether it is
//! taken, and how it comes to where the old one is. `docs/decisions/updates.md` says why it is not the
//! plugin's work.
//!
//! It may depend on HTTP and on files. It must never know: settings, the page, what a call is (only that there is one).

#![forbid(unsafe_code)]

mod calls;
mod copy;
mod decide;
mod fetch;
mod manifest;
mod place;
mod round;
mod seen;

pub use calls::{Calls, Mark};
pub use copy::InstalledCopy;
pub use decide::{Policy, Verdict, judge};
pub use fetch::Source;
pub use manifest::{Artifact, Manifest, Release, TARGET};
pub use place::Fetched;
pub use round::{Outcome, Updater};
pub use seen::Seen;
