//! Pictures that come again and again because nothing changes.

use std::sync::Arc;

use crate::VideoFrame;

/// How often a picture that stands still is encoded again: each time it gets sharper, and after so
/// often there is nothing left to be seen of its bitrate.
const REFINEMENTS: u32 = 10;

/// The picture that came last, and how often it was encoded.
#[derive(Debug, Default)]
pub(super) struct Still(Option<(Arc<VideoFrame>, u32)>);

impl Still {
    /// Whether there is anything to be gained from a picture. `anew`: nothing that was encoded before
    /// counts, since a key frame is wanted.
    pub(super) fn gains(&mut self, frame: &Arc<VideoFrame>, anew: bool) -> bool {
        let before = self.0.take_if(|(last, _)| last.is_same(frame));
        let encoded = match before {
            Some((_, encoded)) if !anew => encoded,
            _ => 0,
        };
        self.0 = Some((frame.clone(), encoded));
        encoded <= REFINEMENTS
    }

    /// The last one is encoded.
    pub(super) fn encoded(&mut self) {
        if let Some((_, encoded)) = &mut self.0 {
            *encoded += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn what_stands_still_is_encoded_until_it_is_sharp_and_again_for_who_comes_late() {
        let mut still = Still::default();
        let picture = || Arc::new(VideoFrame::black(64, 64, Instant::now()).unwrap());
        let one = picture();
        let mut count = |frame: &Arc<VideoFrame>, anew: bool| {
            let mut encoded = 0;
            for number in 0..100 {
                let again = Arc::new(frame.again_at(Instant::now()));
                if still.gains(&again, anew && number == 0) {
                    still.encoded();
                    encoded += 1;
                }
            }
            encoded
        };
        assert_eq!(count(&one, false), 11);
        assert_eq!(count(&one, false), 0);
        assert_eq!(count(&one, true), 11);
        assert_eq!(count(&picture(), false), 11);
        let moving = (0..50).map(|_| picture()).collect::<Vec<_>>();
        assert!(moving.iter().all(|frame| still.gains(frame, false)));
    }
}
