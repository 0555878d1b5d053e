//! What can go wrong, as the page throws it.

/// An error of the connection. [`Error::name`] is the name that W3C gives the exception.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The operation makes no sense in this state.
    #[error("{0}")]
    InvalidState(String),
    /// The operation failed for a reason of its own.
    #[error("{0}")]
    Operation(String),
    /// The parameters contradict the object they are given to.
    #[error("{0}")]
    InvalidAccess(String),
    /// The parameters may not be changed this way.
    #[error("{0}")]
    InvalidModification(String),
    /// A URL or a candidate could not be read.
    #[error("{0}")]
    Syntax(String),
    /// An argument is malformed.
    #[error("{0}")]
    Type(String),
    /// A number is out of range.
    #[error("{0}")]
    Range(String),
    /// The SDP could not be parsed (`RTCError` with the detail `sdp-syntax-error`).
    #[error("line {line} of the description: {message}")]
    SdpSyntax {
        /// Number of the offending line, from 1.
        line: u32,
        /// In plain words.
        message: String,
    },
}

impl Error {
    /// Name of the exception: a `DOMException` name, `TypeError`, `RangeError` or `RTCError`
    /// (WebIDL section 2.8.1, webrtc-pc section 11).
    pub fn name(&self) -> &'static str {
        match self {
            Self::InvalidState(_) => "InvalidStateError",
            Self::Operation(_) => "OperationError",
            Self::InvalidAccess(_) => "InvalidAccessError",
            Self::InvalidModification(_) => "InvalidModificationError",
            Self::Syntax(_) => "SyntaxError",
            Self::Type(_) => "TypeError",
            Self::Range(_) => "RangeError",
            Self::SdpSyntax { .. } => "RTCError",
        }
    }

    /// `RTCError.errorDetail`, for errors that are an `RTCError`.
    pub fn detail(&self) -> Option<&'static str> {
        matches!(self, Self::SdpSyntax { .. }).then_some("sdp-syntax-error")
    }

    /// `RTCError.sdpLineNumber`, from 1.
    pub fn sdp_line(&self) -> Option<u32> {
        match self {
            Self::SdpSyntax { line, .. } => Some(*line),
            _ => None,
        }
    }
}
