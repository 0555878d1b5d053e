//! Numbers that tell products apart where systems ask for some that nobody else has.

use salon_brand::Brand;
use sha2::{Digest as _, Sha256};

/// The same in each build of a product, another for each product and purpose: a UUID of version 8 (RFC 9562, section
/// 5.8), in capitals, as Windows and macOS write it.
pub(crate) fn guid(brand: &Brand, purpose: &str) -> String {
    let digest = Sha256::digest(format!("{}\0{purpose}", brand.id));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    bytes[6] = 0x80 | bytes[6] & 0x0f;
    bytes[8] = 0x80 | bytes[8] & 0x3f;
    let hex = |part: &[u8]| -> String { part.iter().map(|byte| format!("{byte:02X}")).collect() };
    let parts = [
        &bytes[..4],
        &bytes[4..6],
        &bytes[6..8],
        &bytes[8..10],
        &bytes[10..],
    ];
    parts.map(hex).join("-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::own_brand;

    #[test]
    fn what_windows_knows_salon_by_stays() {
        // Another one would be installed beside what is there, and not over it.
        let own = own_brand().unwrap();
        let known = guid(&own, "package for Windows");
        assert_eq!(known, "25A7813C-A7A9-887E-A699-73787DB74C6F");
        assert_ne!(known, guid(&own, "program for Windows"));
        let shape: Vec<_> = known.split('-').map(str::len).collect();
        assert_eq!(shape, [8, 4, 4, 4, 12]);
    }
}
