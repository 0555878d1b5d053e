//! Bytes as text.

/// `None` for what is not UTF-8: those who read text never see it.
pub(crate) fn text(data: &[u8]) -> Option<&str> {
    std::str::from_utf8(data).ok()
}
