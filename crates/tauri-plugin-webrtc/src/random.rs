//! Names that nobody can guess.

/// So many random bytes, as hexadecimal digits.
///
/// # Errors
/// If the system gives no random numbers.
pub(crate) fn hex<const BYTES: usize>() -> Result<String, getrandom::Error> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
