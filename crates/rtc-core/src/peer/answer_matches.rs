//! Codecs that an answer takes from an offer.

use crate::codecs::{LocalCodec, Tables, companions_of};
use crate::sdp::Section;

/// The codecs of the answer, in its order, as far as the offer has them under the same payload
/// type and we know them. Their payload types are fixed from here on.
pub(super) fn matching_codecs(
    tables: &mut Tables,
    offer: &Section,
    answer: &Section,
) -> Vec<LocalCodec> {
    let mut codecs: Vec<LocalCodec> = Vec::new();
    for answered in &answer.codecs {
        let offered = |pt: u8| offer.codecs.iter().any(|c| c.payload_type == pt);
        if !offered(answered.payload_type) {
            continue;
        }
        let with = companions_of(&answer.codecs, answered.payload_type, offered);
        let known = codecs
            .iter()
            .any(|c| c.payload_type == answered.payload_type);
        if !known && let Some(codec) = tables.adopt_codec(answered, with) {
            codecs.push(codec);
        }
    }
    codecs
}
