//! Names of the things that a connection owns.

use std::fmt;

/// The first id that the connection allocates itself. Ids below it are the caller's.
pub const FIRST_OWN_ID: u32 = 0x8000_0000;

/// A transceiver. The caller names those it adds; those that a remote description creates are
/// named from [`FIRST_OWN_ID`] up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransceiverId(pub u32);

/// A data channel. The caller names those it creates; those that the remote side opens are named
/// from [`FIRST_OWN_ID`] up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DataChannelId(pub u32);

impl fmt::Display for TransceiverId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for DataChannelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
