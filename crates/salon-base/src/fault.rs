//! What the user is told when something fails: a code, which the page turns into words.

use std::fmt;

use serde::Serialize;

/// Stable codes; the page's catalogues (`ui/src/words/*/errors.ftl`) have a sentence for each, and for codes of the
/// page alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ts_rs::TS)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the page's table says it in words")]
pub enum Code {
    TokenNotJwt,
    TokenExpired,
    TokenNotYetValid,
    TokenGrantsMissing,
    TokenGrantsEmpty,
    TokenRoomMissing,
    TokenOtherRoom,
    TokenIdentityMissing,
    TokenIdentityMismatch,
    TokenOtherKind,
    TokenWrongAlgorithm,
    TokenIssuerMissing,
    TokenKeyUnknown,
    TokenSignatureWrong,
    TokenPublishMissing,
    TokenEndless,
    BackendUnreachableDns,
    BackendUnreachableRefused,
    BackendUnreachableTls,
    BackendUnreachableProxy,
    BackendTimeout,
    BackendError,
    BackendAnswerNotJson,
    BackendAnswerNoToken,
    BackendAnswerTooLarge,
    BackendNotSignedIn,
    BackendRateLimited,
    BackendInsecure,
    BackendEndpointMissing,
    SignInExpired,
    SignInFailed,
    SignInCancelled,
    SignInNotAsked,
    SignOutNotTold,
    CredentialInvalid,
    KeyringMissing,
    KeyringLocked,
    KeyringNotErased,
    ProfileInvalid,
    ProfileUnknown,
    ProviderMissing,
    MeetingCompleted,
    MeetingCancelled,
    MeetingNotFound,
    MediaBlocked,
    MediaUdpBlocked,
    ServerUnreachableDns,
    ServerUnreachableRefused,
    ServerUnreachableTls,
    ServerUnreachableProxy,
    ServerTimeout,
    ServerRefused,
    ServerError,
    ServerMissing,
    ServerNotAllowed,
    ServerNeedsDevMode,
    StreamKeyMissing,
    ClockSkew,
    LinkInvalid,
    LinkServerNotAllowed,
    LinkOtherSite,
    RoomNameInvalid,
    DevModeOff,
    DevSecretMissing,
    SettingsInvalid,
    SettingsUnknownKey,
    SettingsLocked,
    SettingsNotSaved,
    PolicyInvalid,
    HistoryUnavailable,
    HistoryNewer,
    HistoryDamaged,
    HistoryExportFailed,
    DisplayMissing,
    UpdateUnreachable,
    UpdateNotTrusted,
    UpdateDamaged,
    UpdateOlder,
    UpdateOutOfDate,
    UpdateNotInstalled,
    UpdateOff,
    UpdateInCall,
    UpdateBySystem,
    WebviewMissing,
    Internal,
}

/// A failure on its way to the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct Fault {
    /// What failed.
    pub code: Code,
    /// What the other side said, or what is wrong, without secrets; may be empty.
    pub detail: String,
}

impl Fault {
    /// A fault with what is known of it. Tokens are taken out of the detail.
    pub fn new(code: Code, detail: impl AsRef<str>) -> Self {
        Self {
            code,
            detail: crate::redact::redact(detail.as_ref()).into_owned(),
        }
    }
}

impl From<Code> for Fault {
    fn from(code: Code) -> Self {
        Self {
            code,
            detail: String::new(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.code)?;
        if !self.detail.is_empty() {
            write!(f, ": {}", self.detail)?;
        }
        Ok(())
    }
}

impl std::error::Error for Fault {}
