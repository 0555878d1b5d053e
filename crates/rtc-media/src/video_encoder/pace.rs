//! How large pictures may be so that the processor keeps up with them.

use std::time::{Duration, Instant};

/// By what width and height are divided, step by step.
const STEPS: [f64; 5] = [1.0, 4.0 / 3.0, 2.0, 8.0 / 3.0, 4.0];
/// Rows below which a smaller picture helps nobody.
const SMALLEST: u32 = 180;
/// What is looked at together.
const WINDOW: Duration = Duration::from_secs(1);
/// A new encoder's first pictures are the dearest: how long they are not looked at.
const SETTLING: Duration = Duration::from_secs(1);
/// Fewer pictures in a window than this say nothing.
const FEWEST: u32 = 8;
/// Left out in a window, as a share of all: more means the encoder does not keep up.
const TOO_MANY: f64 = 0.2;
/// Left out in a window at most, as a share of all, if all is well.
const FEW: f64 = 0.05;
/// Share of the time between two pictures that encoding the next larger one may take.
const ROOM: f64 = 0.6;
/// How long all has to be well before larger pictures are tried.
const PATIENCE: Duration = Duration::from_secs(10);
/// The same after they turned out to be too large again and again.
const MOST_PATIENCE: Duration = Duration::from_secs(160);

/// What an encoder did with the pictures of a layer since it began; only ever grows.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Work {
    /// Pictures that were to be encoded.
    pub(super) wanted: u32,
    /// Of these, left out because the encoder was busy.
    pub(super) skipped: u32,
    /// Pictures encoded.
    pub(super) encoded: u32,
    /// How long that took in all.
    pub(super) encode_time: Duration,
}

/// Shrinks the pictures of a layer that its encoder does not keep up with, and lets them grow when
/// there is room again: what W3C's mst-content-hint section 4 calls `maintain-framerate`.
#[derive(Debug)]
pub(super) struct Pace {
    step: usize,
    /// Pictures encoded before the encoder began anew, if it has not given out one since.
    idle: Option<u32>,
    /// When the encoder has found its feet.
    settled: Option<Instant>,
    window: Option<(Instant, Work)>,
    /// Since when all is well.
    well_since: Option<Instant>,
    grown: Option<Instant>,
    patience: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            step: 0,
            idle: Some(0),
            settled: None,
            window: None,
            well_since: None,
            grown: None,
            patience: PATIENCE,
        }
    }
}

impl Pace {
    /// By what width and height are to be divided, 1.0 or more.
    pub(super) fn divisor(&self) -> f64 {
        STEPS[self.step]
    }

    /// The encoder begins anew, after so many pictures.
    pub(super) fn restart(&mut self, encoded: u32) {
        self.idle = Some(encoded);
        self.window = None;
        self.well_since = None;
    }

    /// Looks at what was done until `now`. `height` is that of a whole picture in rows, `period`
    /// the time between two pictures. Whether [`Self::divisor`] has changed.
    pub(super) fn look(&mut self, now: Instant, work: Work, height: u32, period: Duration) -> bool {
        // Starting an encoder takes a while, which says nothing about its pace.
        if self.idle.is_some_and(|before| work.encoded == before) {
            return false;
        }
        if self.idle.take().is_some() {
            self.settled = Some(now + SETTLING);
        }
        if self.settled.is_some_and(|at| now < at) {
            return false;
        }
        let Some((start, before)) = self.window else {
            self.window = Some((now, work));
            return false;
        };
        if now.saturating_duration_since(start) < WINDOW {
            return false;
        }
        self.window = Some((now, work));
        let wanted = work.wanted.saturating_sub(before.wanted);
        if wanted < FEWEST {
            return false;
        }
        let skipped = f64::from(work.skipped.saturating_sub(before.skipped)) / f64::from(wanted);
        if skipped > TOO_MANY {
            self.well_since = None;
            return self.shrink(now, skipped, height);
        }
        let encoded = work.encoded.saturating_sub(before.encoded);
        let spent = work.encode_time.saturating_sub(before.encode_time);
        if skipped > FEW || encoded == 0 || !self.room(spent / encoded, period) {
            self.well_since = None;
            return false;
        }
        self.grow(now)
    }

    /// One step, or two if most pictures are left out.
    fn shrink(&mut self, now: Instant, skipped: f64, height: u32) -> bool {
        // It had just grown: that was too early.
        if let Some(grown) = self.grown.take()
            && now.saturating_duration_since(grown) < PATIENCE
        {
            self.patience = (self.patience * 2).min(MOST_PATIENCE);
        }
        let steps = if skipped > 0.5 { 2 } else { 1 };
        let large = |divisor: f64| f64::from(height) / divisor >= f64::from(SMALLEST);
        let fits = STEPS.iter().rposition(|divisor| large(*divisor));
        let step = (self.step + steps).min(fits.unwrap_or(0)).max(self.step);
        let shrunk = step != self.step;
        self.step = step;
        shrunk
    }

    /// Whether the next larger picture would leave room for everything else.
    fn room(&self, each: Duration, period: Duration) -> bool {
        let Some(larger) = self.step.checked_sub(1) else {
            return false;
        };
        let area = (STEPS[self.step] / STEPS[larger]).powi(2);
        each.mul_f64(area) < period.mul_f64(ROOM)
    }

    fn grow(&mut self, now: Instant) -> bool {
        let since = *self.well_since.get_or_insert(now);
        if now.saturating_duration_since(since) < self.patience {
            return false;
        }
        self.well_since = None;
        self.grown = Some(now);
        self.step = self.step.saturating_sub(1);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERIOD: Duration = Duration::from_micros(33_333);

    /// A processor that needs some time for a picture of 720 rows, and less for a smaller one.
    struct Machine {
        /// How long a new encoder takes to begin.
        start: Duration,
        pace: Pace,
        work: Work,
        now: Instant,
        busy_until: Instant,
        height: u32,
    }

    impl Machine {
        fn new(height: u32) -> Self {
            let now = Instant::now();
            Self {
                start: Duration::from_millis(400),
                pace: Pace::default(),
                work: Work::default(),
                now,
                busy_until: now,
                height,
            }
        }

        /// Runs for some seconds; the rows of the last picture, and pictures a second.
        fn run(&mut self, seconds: u32, whole: Duration) -> (u32, f64) {
            let before = self.work.encoded;
            for _ in 0..seconds * 30 {
                self.now += PERIOD;
                self.work.wanted += 1;
                if self.busy_until > self.now {
                    self.work.skipped += 1;
                } else {
                    let takes = whole.div_f64(self.pace.divisor().powi(2));
                    self.busy_until = self.now + takes;
                    self.work.encoded += 1;
                    self.work.encode_time += takes;
                }
                if self.pace.look(self.now, self.work, self.height, PERIOD) {
                    self.pace.restart(self.work.encoded);
                    self.busy_until = self.now + self.start;
                }
            }
            let rows = f64::from(self.height) / self.pace.divisor();
            let rate = f64::from(self.work.encoded - before) / f64::from(seconds);
            (rows.round() as u32, rate)
        }
    }

    fn milliseconds(each: u64) -> Duration {
        Duration::from_millis(each)
    }

    #[test]
    fn a_processor_that_keeps_up_gets_whole_pictures() {
        let (rows, rate) = Machine::new(720).run(60, milliseconds(25));
        assert_eq!((rows, rate.round()), (720, 30.0));
    }

    #[test]
    fn a_slow_processor_gets_smaller_pictures_until_it_keeps_up() {
        let mut machine = Machine::new(720);
        machine.run(5, milliseconds(90));
        let (rows, rate) = machine.run(20, milliseconds(90));
        assert_eq!((rows, rate.round()), (360, 30.0));
    }

    #[test]
    fn pictures_grow_again_when_there_is_room_for_long_enough() {
        let mut machine = Machine::new(720);
        assert_eq!(machine.run(5, milliseconds(90)).0, 360);
        assert_eq!(machine.run(8, milliseconds(15)).0, 360);
        assert_eq!(machine.run(30, milliseconds(15)).0, 720);
    }

    #[test]
    fn they_do_not_grow_when_the_larger_ones_would_be_too_much() {
        let mut machine = Machine::new(720);
        machine.run(5, milliseconds(90));
        // 360 rows take half of the time between two pictures, 540 would take more than all of it.
        assert_eq!(machine.run(300, milliseconds(66)).0, 360);
    }

    #[test]
    fn who_grew_too_early_waits_longer_each_time() {
        let mut machine = Machine::new(720);
        machine.run(5, milliseconds(90));
        let mut changes = 0;
        let mut last = 360;
        // Between the pictures all is well; whenever they have grown, something else gets busy.
        for _ in 0..600 {
            let whole = if last > 360 { 200 } else { 15 };
            let (rows, _) = machine.run(1, milliseconds(whole));
            changes += u32::from(rows != last);
            last = rows;
        }
        assert!((4..30).contains(&changes), "{changes}");
    }

    #[test]
    fn no_picture_gets_smaller_than_what_is_of_use() {
        assert_eq!(Machine::new(720).run(30, milliseconds(5000)).0, 180);
        assert_eq!(Machine::new(360).run(30, milliseconds(5000)).0, 180);
        assert_eq!(Machine::new(180).run(30, milliseconds(5000)).0, 180);
        assert_eq!(Machine::new(90).run(30, milliseconds(5000)).0, 90);
    }
}
