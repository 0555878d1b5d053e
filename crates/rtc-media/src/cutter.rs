//! From what a microphone gives, in whatever sizes, to blocks at an even pace.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use crate::AudioBlock;
use crate::capture_clock::{CaptureClock, Place, length};
use crate::microphone::BLOCK_SAMPLES;

/// Longer pieces than this are handed on bit by bit. The others are kept waiting by nothing.
const COARSE: Duration = Duration::from_millis(40);
/// Blocks waiting for their turn at most: ten seconds, more than a device is fetched in.
const WAITING: usize = 1000;

/// Cuts sound into blocks.
#[derive(Debug, Default)]
pub(crate) struct Cutter {
    clock: CaptureClock,
    rest: VecDeque<f32>,
}

impl Cutter {
    /// Takes a piece that arrives now; gives out the blocks that it completes.
    pub(crate) fn cut(
        &mut self,
        now: Instant,
        piece: impl ExactSizeIterator<Item = f32>,
        mut give: impl FnMut(AudioBlock),
    ) {
        let Place { first, surplus } = self.clock.place(now, piece.len());
        // What is left over was captured before it.
        let begin = first.checked_sub(length(self.rest.len())).unwrap_or(first);
        self.rest.extend(piece.skip(surplus));
        let mut done = 0;
        while self.rest.len() >= BLOCK_SAMPLES {
            let mut block = AudioBlock {
                samples: [0.0; BLOCK_SAMPLES],
                captured: begin + length(done),
            };
            for (to, from) in block
                .samples
                .iter_mut()
                .zip(self.rest.drain(..BLOCK_SAMPLES))
            {
                *to = from;
            }
            done += BLOCK_SAMPLES;
            give(block);
        }
    }
}

/// Takes a block; false if nobody is left to take another.
pub(crate) type Give = Arc<dyn Fn(&AudioBlock) -> bool + Send + Sync>;

/// Hands blocks on as they come, or, once a piece was coarse, each so long after its capture as
/// the longest piece lasts: those who hear it would have to wait for the piece's last sample
/// anyway, and a hundred packets at once are lost or thrown away by those who expect one.
pub(crate) struct Pace {
    give: Give,
    longest: Duration,
    /// Blocks, each with when it is due.
    waiting: Option<SyncSender<(Instant, AudioBlock)>>,
}

impl Pace {
    pub(crate) fn new(give: Give) -> Self {
        Self {
            give,
            longest: Duration::ZERO,
            waiting: None,
        }
    }

    /// The blocks that come next are from a piece of this length.
    pub(crate) fn piece(&mut self, length: Duration) {
        if length <= self.longest.max(COARSE) {
            return;
        }
        self.longest = length;
        if self.waiting.is_none() {
            let (send, waiting) = sync_channel(WAITING);
            let give = self.give.clone();
            let spawned = std::thread::Builder::new()
                .name("microphone-pace".into())
                .spawn(move || hand_on(&waiting, &give));
            match spawned {
                Ok(_) => self.waiting = Some(send),
                Err(error) => tracing::warn!(%error, "sound goes out in bursts"),
            }
        }
    }

    /// Hands a block on, now or when it is due.
    pub(crate) fn hand_on(&self, block: AudioBlock) {
        let Some(waiting) = &self.waiting else {
            (self.give)(&block);
            return;
        };
        if waiting
            .try_send((block.captured + self.longest, block))
            .is_err()
        {
            tracing::debug!("10 ms of sound were too many");
        }
    }
}

/// Ends when the microphone closes, with what waits unheard.
fn hand_on(waiting: &Receiver<(Instant, AudioBlock)>, give: &Give) {
    while let Ok((due, block)) = waiting.recv() {
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        if !give(&block) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    /// A sawtooth, so that each sample has its place.
    fn piece(from: usize, samples: usize) -> impl ExactSizeIterator<Item = f32> {
        (from..from + samples).map(|sample| sample as f32)
    }

    #[test]
    fn pieces_of_any_size_become_whole_blocks_with_their_times() {
        let (mut cutter, start) = (Cutter::default(), Instant::now());
        let (mut blocks, mut samples) = (Vec::new(), 0);
        for _ in 0..300 {
            let now = start + length(samples + 317);
            cutter.cut(now, piece(samples, 317), |block| blocks.push(block));
            samples += 317;
        }
        assert_eq!(blocks.len(), 300 * 317 / BLOCK_SAMPLES);
        for (number, block) in blocks.iter().enumerate() {
            let first = number * BLOCK_SAMPLES;
            assert_eq!(block.samples[0], first as f32);
            let truth = start + length(first);
            let off = block.captured.max(truth) - block.captured.min(truth);
            assert!(off < Duration::from_millis(1), "{off:?}");
        }
    }

    #[test]
    fn blocks_of_a_coarse_piece_come_one_by_one_and_none_is_lost() {
        let (send, given) = channel();
        let mut pace = Pace::new(Arc::new(move |block: &AudioBlock| {
            send.send((Instant::now(), block.captured, block.samples[0]))
                .is_ok()
        }));
        let (mut cutter, half) = (Cutter::default(), 24_000);
        for number in 0..2 {
            // The second piece is here at once, where a device would take its time.
            let now = Instant::now() + length(half) * number;
            pace.piece(length(half));
            let from = number as usize * half;
            cutter.cut(now, piece(from, half), |block| pace.hand_on(block));
        }
        for number in 0..100 {
            let (at, captured, first) = given.recv().unwrap();
            assert_eq!(first, (number * BLOCK_SAMPLES) as f32);
            assert!(
                at >= captured + length(half),
                "block {number} was too early"
            );
        }
    }
}
