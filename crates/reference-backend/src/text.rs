//! What people write.

/// Text of a person: trimmed, not empty, at most `longest` characters, no control characters.
pub(crate) fn text(input: &str, longest: usize) -> Option<&str> {
    let trimmed = input.trim();
    let fits = !trimmed.is_empty()
        && trimmed.chars().count() <= longest
        && !trimmed.chars().any(char::is_control);
    fits.then_some(trimmed)
}
