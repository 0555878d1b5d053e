//! From what a microphone gives, in whatever sizes, to blocks at an even pace.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use crate::audio_block::{AudioBlock, BLOCK_SAMPLES};
use crate::capture_clock::{CaptureClock, Place, length};

/// Longer pieces than this are handed on bit by bit. The others are kept waiting by nothing.
const COARSE: Duration = Duration::from_millis(40);
/// A coarse piece is forgotten after once to twice this time without another one: more than the pause
/// between two pieces of any device that is listened to.
const REMEMBERED: Duration = Duration::from_secs(10);
/// By so much each block of 10 ms comes sooner when there is less to wait for: a tenth faster than it
/// was spoken, which jitter buffers take without a gap.
const CATCH_UP: Duration = Duration::from_millis(1);
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

/// How long after its capture a block is due: as long as the longest of the last pieces lasts, if
/// that was coarse.
#[derive(Debug, Default)]
struct Delay {
    /// The longest coarse piece since that moment, and the longest of the time before.
    since: Option<Instant>,
    longest: Duration,
    before: Duration,
    /// In force.
    now: Duration,
}

impl Delay {
    /// A piece of this length arrives. Whether it asks for a delay.
    fn piece(&mut self, now: Instant, length: Duration) -> bool {
        let since = *self.since.get_or_insert(now);
        let passed = now.saturating_duration_since(since);
        if passed >= REMEMBERED {
            self.before = if passed < REMEMBERED * 2 {
                self.longest
            } else {
                Duration::ZERO
            };
            (self.longest, self.since) = (Duration::ZERO, Some(now));
        }
        if length > COARSE {
            self.longest = self.longest.max(length);
        }
        self.longest.max(self.before) > Duration::ZERO
    }

    /// That of the next block: more at once, less bit by bit, so that those who hear it catch up
    /// without losing any.
    fn next(&mut self) -> Duration {
        let wanted = self.longest.max(self.before);
        self.now = wanted.max(self.now.saturating_sub(CATCH_UP));
        self.now
    }
}

/// Hands blocks on as they come, or, once a piece was coarse, each so long after its capture as
/// the longest piece lasts: those who hear it would have to wait for the piece's last sample
/// anyway, and a hundred packets at once are lost or thrown away by those who expect one. A piece
/// that was coarse by mischance is forgotten.
pub(crate) struct Pace {
    give: Give,
    delay: Delay,
    /// Blocks, each with when it is due.
    waiting: Option<SyncSender<(Instant, AudioBlock)>>,
}

impl Pace {
    pub(crate) fn new(give: Give) -> Self {
        Self {
            give,
            delay: Delay::default(),
            waiting: None,
        }
    }

    /// The blocks that come next are from a piece of this length, which arrives now.
    pub(crate) fn piece(&mut self, now: Instant, length: Duration) {
        if self.delay.piece(now, length) && self.waiting.is_none() {
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
    pub(crate) fn hand_on(&mut self, block: AudioBlock) {
        let due = block.captured + self.delay.next();
        let Some(waiting) = &self.waiting else {
            (self.give)(&block);
            return;
        };
        if waiting.try_send((due, block)).is_err() {
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
            pace.piece(now, length(half));
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

    /// Lets a microphone run, which gives pieces of that length; the delays of its blocks.
    fn run(
        delay: &mut Delay,
        from: &mut Instant,
        time: Duration,
        piece: Duration,
    ) -> Vec<Duration> {
        let (end, block, mut delays) = (*from + time, length(BLOCK_SAMPLES), Vec::new());
        while *from < end {
            *from += piece;
            delay.piece(*from, piece);
            let blocks = piece.as_millis() / block.as_millis();
            delays.extend((0..blocks).map(|_| delay.next()));
        }
        delays
    }

    #[test]
    fn after_one_hiccup_a_voice_is_soon_on_time_again_and_nothing_of_it_comes_in_a_rush() {
        let (mut delay, mut now) = (Delay::default(), Instant::now());
        let (fine, hiccup) = (Duration::from_millis(10), Duration::from_millis(600));
        let second = Duration::from_secs(1);
        let usual = run(&mut delay, &mut now, second * 15, fine);
        assert!(usual.iter().all(Duration::is_zero));
        let late = run(&mut delay, &mut now, fine, hiccup);
        assert!(late.iter().all(|delay| *delay == hiccup));
        let after = run(&mut delay, &mut now, second * 27, fine);
        assert!(after.last().unwrap().is_zero());
        for pair in after.windows(2) {
            assert!(pair[1] <= pair[0] && pair[0] - pair[1] <= fine / 10);
        }
    }

    #[test]
    fn a_microphone_whose_pieces_are_always_coarse_keeps_its_pace() {
        let (mut delay, mut now) = (Delay::default(), Instant::now());
        for piece in [100, 2_000, 5_000].map(Duration::from_millis) {
            let delays = run(&mut delay, &mut now, Duration::from_secs(60), piece);
            assert!(delays.iter().all(|delay| *delay == piece), "{piece:?}");
        }
        // One that was asleep for long begins anew.
        now += Duration::from_secs(3600);
        let fine = Duration::from_millis(10);
        run(&mut delay, &mut now, Duration::from_secs(51), fine);
        assert!(delay.next().is_zero());
    }
}
