//! Pictures that come again and again because nothing changes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::VideoFrame;

/// How often a picture that stands still is encoded again: each time it gets sharper, and after so
/// often there is nothing left to be seen of its bitrate.
const REFINEMENTS: u32 = 10;

/// From then on it is encoded once in so long, which is little: receivers that get no picture for
/// three seconds believe that one was lost, and ask for a key frame.
const REPEATED_EVERY: Duration = Duration::from_secs(1);

/// The picture that came last.
#[derive(Debug, Default)]
pub(super) struct Still(Option<Last>);

#[derive(Debug)]
struct Last {
    frame: Arc<VideoFrame>,
    /// How often it was encoded,
    encoded: u32,
    /// and as it was captured when.
    at: Option<Instant>,
}

impl Still {
    /// Whether there is anything to be gained from a picture. `anew`: nothing that was encoded before
    /// counts, since a key frame is wanted.
    pub(super) fn gains(&mut self, frame: &Arc<VideoFrame>, anew: bool) -> bool {
        let before = self.0.take_if(|last| last.frame.is_same(frame));
        let (encoded, at) = match before {
            Some(last) if !anew => (last.encoded, last.at),
            _ => (0, None),
        };
        self.0 = Some(Last {
            frame: frame.clone(),
            encoded,
            at,
        });
        let due = at.is_none_or(|at| frame.captured() >= at + REPEATED_EVERY);
        encoded <= REFINEMENTS || due
    }

    /// The last one is encoded.
    pub(super) fn encoded(&mut self) {
        if let Some(last) = &mut self.0 {
            last.encoded = last.encoded.saturating_add(1);
            last.at = Some(last.frame.captured());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_still_is_encoded_until_it_is_sharp_and_again_for_who_comes_late() {
        let mut still = Still::default();
        let now = Instant::now();
        let picture = || Arc::new(VideoFrame::black(64, 64, now).unwrap());
        let one = picture();
        let mut count = |frame: &Arc<VideoFrame>, anew: bool| {
            let mut encoded = 0;
            for number in 0..100 {
                let again = Arc::new(frame.again_at(now));
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

    #[test]
    fn what_goes_on_standing_still_is_repeated_once_a_second() {
        let mut still = Still::default();
        let now = Instant::now();
        let picture = VideoFrame::black(64, 64, now).unwrap();
        let mut encoded = Vec::new();
        for number in 0..100 {
            let at = now + Duration::from_millis(200) * number;
            if still.gains(&Arc::new(picture.again_at(at)), false) {
                still.encoded();
                encoded.push(number);
            }
        }
        let first = 0..=REFINEMENTS;
        let then = (REFINEMENTS..100).step_by(5).skip(1);
        assert_eq!(encoded, first.chain(then).collect::<Vec<_>>());
    }
}
