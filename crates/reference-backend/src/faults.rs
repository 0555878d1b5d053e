//! Faults on purpose, for tests of clients: what real backends get wrong, on demand.

/// What the backend gets wrong. Nothing unless a test says so; no flag or variable sets it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// In all tokens for LiveKit.
    pub livekit_token: TokenFault,
    /// Tokens for Stream are for `not-` and the signed-in account, which the answer names.
    pub stream_for_another: bool,
}

/// What is wrong with a token for LiveKit. It is signed with the right secret in any case, and the
/// rest of the answer is as if it were right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TokenFault {
    /// Nothing.
    #[default]
    None,
    /// `"video": {}`, the known fault of contract P4's backends.
    EmptyGrants,
    /// Its room is `not-` and the one that the answer names.
    OtherRoom,
    /// It expired an hour ago.
    Expired,
    /// Its subject is `not-` and the signed-in account.
    OtherIdentity,
    /// It has the claims of a Stream user token.
    StreamKind,
}
