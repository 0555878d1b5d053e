//! Bytes as a sequence of records: what to do, and with which bytes.

/// One record: a byte for what to do, a byte for the length, and so many bytes or what is left.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record<'a> {
    pub(crate) what: u8,
    pub(crate) bytes: &'a [u8],
}

impl Record<'_> {
    /// A big-endian number at a place; 0 where there is nothing.
    pub(crate) fn number(&self, at: usize) -> u16 {
        let byte = |at: usize| self.bytes.get(at).copied().unwrap_or_default();
        u16::from_be_bytes([byte(at), byte(at + 1)])
    }

    /// What follows a place.
    pub(crate) fn rest(&self, at: usize) -> &[u8] {
        self.bytes.get(at..).unwrap_or_default()
    }
}

/// At most this many records count: an input that does a little often is no news.
const MOST: usize = 64;

pub(crate) fn records(mut data: &[u8]) -> impl Iterator<Item = Record<'_>> {
    std::iter::from_fn(move || {
        let ([what, length], rest) = data.split_first_chunk()?;
        let (bytes, rest) = rest.split_at(rest.len().min(usize::from(*length)));
        data = rest;
        Some(Record { what: *what, bytes })
    })
    .take(MOST)
}
