//! A meeting that can be joined.

use salon_base::Provider;
use serde::Serialize;

/// A meeting that can be joined with a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct Meeting {
    /// Whose call it is.
    pub provider: Provider,
    /// The room's name.
    pub room: String,
    /// What to call it.
    pub title: String,
    /// The media server; empty: the backend names it with the token, or the SDK knows it.
    pub server_url: String,
    /// Where its token comes from.
    pub source: Source,
    /// The backend's meeting session, if it is one.
    pub session: Option<String>,
    /// The type of a call of Stream's that its link names. The page need not know.
    #[serde(skip)]
    pub call_type: Option<String>,
}

/// Where tokens come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// Signed here (contract P5).
    Dev,
    /// From the backend, as its profile says.
    Backend,
}
