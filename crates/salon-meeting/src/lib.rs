//! Meetings: which one a link or a session means, on which server, when it rings, and how it ends.
//!
//! It may depend on accounts, settings and profiles. It must never know: how a backend is asked (it says
//! with [`live::LiveBackend`] what it wants of one), the desktop, the page.
//!
//! A link names a room, and for Stream the type of its call; it cannot choose the backend, nor Stream's
//! app or coordinator, and a server only where the user has none set and dev mode is on, on this very
//! computer.

pub mod feed;
pub mod held;
pub mod live;
mod meeting;
mod resolve;
pub mod ring;
pub mod server;
pub mod session;
pub mod stream;

pub use meeting::{Meeting, Source};
pub use resolve::resolve;
