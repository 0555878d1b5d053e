//! What a remote participant's packets of sound do to the decoder: libopus, which is C.

use rtc_media::AudioDecoder;

/// At most this many packets count, as in `records`.
const MOST: usize = 64;

/// Decodes packets with one decoder. Each has its length before it, two bytes, big-endian: they
/// may be longer than a record.
pub fn opus(data: &[u8]) {
    let mut decoder = AudioDecoder::new().unwrap();
    for packet in packets(data).take(MOST) {
        // What has no length is as if lost, and what is lost is not decoded.
        let Some(samples_in) = AudioDecoder::samples_in(packet) else {
            continue;
        };
        let Ok(samples) = decoder.decode(packet) else {
            continue;
        };
        // Both channels.
        assert_eq!(samples.len(), 2 * samples_in);
        // What is lost after it is made up, or taken from it.
        let made_up = decoder.conceal(480).unwrap();
        let recovered = decoder.recover(packet, samples_in.next_multiple_of(120));
        AudioDecoder::has_previous(packet);
        for value in samples
            .into_iter()
            .chain(made_up)
            .chain(recovered.unwrap_or_default())
        {
            assert!((-1.0..=1.0).contains(&value), "{value}");
        }
    }
}

fn packets(mut data: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (length, rest) = data.split_first_chunk()?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (packet, rest) = rest.split_at(rest.len().min(length));
        data = rest;
        Some(packet)
    })
}
