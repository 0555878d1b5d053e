//! What the page shows of the account.

use salon_base::Fault;
use serde::Serialize;

/// Somebody that a backend knows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// The backend's name for them; empty: not known.
    pub id: String,
    /// What the others see; empty: not known.
    pub name: String,
}

/// Where a credential is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "lowercase")]
#[ts(rename = "CredentialPlace")]
pub enum Place {
    /// In the system's keyring.
    Keyring,
    /// In this program's memory only: it is asked for again at each start.
    #[default]
    Memory,
}

/// Ways of signing in that the page can offer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct SignInWays {
    /// Pasting a token or session.
    pub paste: bool,
    /// A link from the product's web site.
    pub link: bool,
    /// The system's browser.
    pub browser: bool,
}

/// The backend that the settings choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct BackendInfo {
    /// The profile's name.
    pub profile: String,
    /// What the user sees.
    pub title: String,
    /// The backend's host, with its port if it is not the usual one.
    pub host: String,
}

/// What the page shows of the account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct AccountState {
    /// Absent: no backend is set.
    pub backend: Option<BackendInfo>,
    /// Absent: nobody is signed in.
    pub user: Option<User>,
    /// How one can sign in.
    pub ways: SignInWays,
    /// Where the credential is kept, or would be.
    pub kept: Place,
    /// The browser has been opened and is waited for.
    pub waiting: bool,
    /// Why nobody is signed in any more, or why it is kept in memory only.
    pub fault: Option<Fault>,
    /// Counts those who were signed in one after the other: who looks late sees that it is somebody
    /// else, even if neither's name is known.
    #[serde(skip)]
    #[ts(skip)]
    pub turn: u64,
}
