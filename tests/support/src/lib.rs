//! Doubles of what tests cannot have. What can be had (the media server, a browser, the app) takes
//! part in the tests itself; see `tests/harness`.

#![forbid(unsafe_code)]

pub mod convex;
pub mod stream;

pub use convex::ConvexDouble;
