//! What can go wrong with a device.

/// Why a device could not be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MediaError {
    /// No device of that kind.
    #[error("no {0} was found")]
    NotFound(&'static str),
    /// The device exists but gives nothing, most often because another program uses it.
    #[error("the {device} cannot be used: {reason}")]
    NotReadable {
        /// `camera`, `microphone` or `loudspeaker`.
        device: &'static str,
        /// What the system says.
        reason: String,
    },
    /// No device satisfies a mandatory constraint.
    #[error("no device satisfies the constraint {0}")]
    Overconstrained(&'static str),
    /// A codec is missing or refused its settings.
    #[error("the {codec} codec cannot be used: {reason}")]
    Codec {
        /// `VP8` or `Opus`.
        codec: &'static str,
        /// What it says.
        reason: String,
    },
}

impl MediaError {
    /// Name of the `DOMException` that `getUserMedia` rejects with (mediacapture-main 10.3).
    pub fn w3c_name(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "NotFoundError",
            Self::NotReadable { .. } => "NotReadableError",
            Self::Overconstrained(_) => "OverconstrainedError",
            Self::Codec { .. } => "OperationError",
        }
    }
}
