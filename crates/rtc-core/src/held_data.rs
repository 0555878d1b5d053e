//! Data that waits in the network: what its receiver cannot take yet stays with its sender, while
//! everything else of the association goes on.
//!
//! The stack hands a message out as soon as it is whole and has no way to leave it, and a filter
//! before the stack sees nothing but DTLS records. So the filter sits where the records have been
//! deciphered: between the stack's DTLS and its SCTP.

use std::cell::Cell;
use std::sync::{Arc, LazyLock};
use std::time::Instant;

use str0m::crypto::dtls::{
    DtlsCert, DtlsImplError, DtlsInstance, DtlsOutput, DtlsProvider, DtlsVersion, ProtocolVersion,
};
use str0m::crypto::{CryptoError, CryptoProvider, from_feature_flags};

thread_local! {
    /// The stack creates its DTLS by itself and asks it without a word about the connection: this is
    /// the argument that it does not hand on.
    static HELD: Cell<bool> = const { Cell::new(false) };
}

/// Polls a stack. While `held`, SCTP gets no packet with data in it: nothing of it is acknowledged,
/// and the remote side sends it again, ever more slowly (RFC 9260 section 6.3).
pub(crate) fn polled<T>(held: bool, poll: impl FnOnce() -> T) -> T {
    HELD.set(held);
    let polled = poll();
    HELD.set(false);
    polled
}

/// The stack's cryptography with the filter in it.
pub(crate) fn crypto() -> Arc<CryptoProvider> {
    static CRYPTO: LazyLock<Arc<CryptoProvider>> = LazyLock::new(|| {
        Arc::new(CryptoProvider {
            dtls_provider: &Provider,
            ..STACK.clone()
        })
    });
    CRYPTO.clone()
}

static STACK: LazyLock<CryptoProvider> = LazyLock::new(from_feature_flags);

#[derive(Debug)]
struct Provider;

impl DtlsProvider for Provider {
    fn generate_certificate(&self) -> Option<DtlsCert> {
        STACK.dtls_provider.generate_certificate()
    }

    fn new_dtls(
        &self,
        cert: &DtlsCert,
        now: Instant,
        version: DtlsVersion,
        mtu: Option<usize>,
    ) -> Result<Box<dyn DtlsInstance>, CryptoError> {
        let dtls = STACK.dtls_provider.new_dtls(cert, now, version, mtu)?;
        Ok(Box::new(Filtered(dtls)))
    }

    fn is_test(&self) -> bool {
        STACK.dtls_provider.is_test()
    }
}

#[derive(Debug)]
struct Filtered(Box<dyn DtlsInstance>);

impl DtlsInstance for Filtered {
    fn poll_output<'a>(&mut self, buf: &'a mut [u8]) -> DtlsOutput<'a> {
        match self.0.poll_output(buf) {
            // SCTP takes an empty packet for none.
            DtlsOutput::ApplicationData(packet) if HELD.get() && carries_data(packet) => {
                DtlsOutput::ApplicationData(&[])
            }
            output => output,
        }
    }

    fn set_active(&mut self, active: bool) {
        self.0.set_active(active);
    }

    fn handle_packet(&mut self, packet: &[u8]) -> Result<(), DtlsImplError> {
        self.0.handle_packet(packet)
    }

    fn handle_timeout(&mut self, now: Instant) -> Result<(), DtlsImplError> {
        self.0.handle_timeout(now)
    }

    fn send_application_data(&mut self, data: &[u8]) -> Result<usize, DtlsImplError> {
        self.0.send_application_data(data)
    }

    fn is_active(&self) -> bool {
        self.0.is_active()
    }

    fn protocol_version(&self) -> Option<ProtocolVersion> {
        self.0.protocol_version()
    }

    fn is_closing(&self) -> bool {
        self.0.is_closing()
    }

    fn is_closed(&self) -> bool {
        self.0.is_closed()
    }

    fn close(&mut self) -> Result<(), DtlsImplError> {
        self.0.close()
    }
}

/// Whether an SCTP packet has a chunk of data: DATA (RFC 9260 section 3.3.1) or I-DATA (RFC 8260
/// section 2.1) behind the common header of 12 bytes.
fn carries_data(packet: &[u8]) -> bool {
    let mut rest = packet.get(12..).unwrap_or_default();
    while let [kind, _, high, low, ..] = *rest {
        if matches!(kind, 0 | 64) {
            return true;
        }
        let length = usize::from(u16::from_be_bytes([high, low]));
        // Padded to four bytes; never less than its own header.
        rest = rest
            .get(length.max(4).next_multiple_of(4)..)
            .unwrap_or_default();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(chunks: &[&[u8]]) -> Vec<u8> {
        [&[0; 12][..], &chunks.concat()].concat()
    }

    #[test]
    fn data_is_found_among_other_chunks_and_in_nothing_else() {
        let (sack, padded) = ([3, 0, 0, 8, 0, 0, 0, 0], [6, 0, 0, 5, 0, 0, 0, 0]);
        let (data, interleaved) = ([0, 3, 0, 17], [64, 3, 0, 21]);
        for with in [
            packet(&[&data]),
            packet(&[&sack, &data]),
            packet(&[&padded, &interleaved]),
        ] {
            assert!(carries_data(&with));
        }
        for without in [
            packet(&[&sack]),
            packet(&[&padded, &sack]),
            packet(&[]),
            packet(&[&[3, 0, 255, 255]]),
            packet(&[&[3, 0, 0, 0], &[3, 0]]),
            vec![0; 5],
            Vec::new(),
        ] {
            assert!(!carries_data(&without));
        }
    }
}
