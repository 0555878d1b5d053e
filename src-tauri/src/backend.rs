//! A product's backend, asked as its profile says: tokens, and the user's meeting sessions.

pub mod convex;

pub use convex::ConvexBackend;

/// What a token is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenRequest<'a> {
    /// The room, or the call's id; empty: the backend says.
    pub room: &'a str,
    /// The backend's meeting session, if it is one.
    pub session: Option<&'a str>,
    /// What the others are to see.
    pub display_name: &'a str,
    /// The media server, if the answer does not name it.
    pub server: Option<&'a str>,
}
