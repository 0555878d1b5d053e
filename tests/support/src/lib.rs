//! Doubles of what tests cannot have. What can be had (the media server, a browser, the app) takes
//! part in the tests itself; see `tests/harness`.

#![forbid(unsafe_code)]

mod clock;
pub mod convex;
mod ending;
mod served;
pub mod stream;
pub mod token;
pub mod turn;

pub use convex::ConvexDouble;
pub use ending::asked_to_end;
pub use stream::StreamDouble;
