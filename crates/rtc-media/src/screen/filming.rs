//! When a picture of a screen is due.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::Limits;
use crate::VideoFrame;
use crate::outlet::Outlet;

/// How often a picture that has not changed is handed on.
const STILL_EVERY: Duration = Duration::from_millis(200);

/// What is there to be looked at.
pub(super) trait Subject: Send {
    /// Whether anything has changed since the last picture.
    fn news(&mut self) -> Result<bool, Gone>;
    /// Pixels.
    fn size(&self) -> (u32, u32);
    /// A picture of that size; none while there is nothing to be seen, as of a minimised window.
    fn picture(&mut self, size: (u32, u32), now: Instant) -> Result<Option<VideoFrame>, Gone>;
}

/// Window, monitor or display server is no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gone;

/// Looks at a subject, and hands on what there is to be seen.
pub(super) struct Filming<S> {
    subject: S,
    out: Arc<Outlet>,
    limits: Arc<Mutex<Limits>>,
    /// Of the last picture, for others.
    size: Arc<Mutex<(u32, u32)>>,
    last: Option<VideoFrame>,
    /// There is something new that was not seen yet.
    dirty: bool,
    /// When the last picture was handed on.
    sent: Option<Instant>,
}

impl<S: Subject> Filming<S> {
    pub(super) fn new(
        subject: S,
        out: Arc<Outlet>,
        limits: Arc<Mutex<Limits>>,
        size: Arc<Mutex<(u32, u32)>>,
    ) -> Self {
        Self {
            subject,
            out,
            limits,
            size,
            last: None,
            dirty: true,
            sent: None,
        }
    }

    /// To be called again and again.
    pub(super) fn look(&mut self, now: Instant) {
        if self.out.ended.is_over() {
            return;
        }
        if self.try_look(now) == Err(Gone) {
            tracing::info!("what was captured is gone");
            self.out.ended.end();
        }
    }

    fn try_look(&mut self, now: Instant) -> Result<(), Gone> {
        self.dirty |= self.subject.news()?;
        let limits = *self.limits.lock();
        let since = self.sent.map(|sent| now.saturating_duration_since(sent));
        // A tenth of tolerance: beats tremble.
        let due = |period: Duration| since.is_none_or(|since| since + period / 10 >= period);
        let size = limits.fit(self.subject.size());
        let other = self
            .last
            .as_ref()
            .is_some_and(|last| (last.width(), last.height()) != size);
        if (self.dirty || other)
            && due(limits.period())
            && let Some(frame) = self.subject.picture(size, now)?
        {
            *self.size.lock() = size;
            self.dirty = false;
            self.hand_on(frame, now);
        } else if due(STILL_EVERY)
            && let Some(last) = &self.last
        {
            self.hand_on(last.again_at(now), now);
        }
        Ok(())
    }

    fn hand_on(&mut self, frame: VideoFrame, now: Instant) {
        self.last = Some(frame.clone());
        self.sent = Some(now);
        self.out.send(frame);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A surface that changes when told to.
    #[derive(Clone, Default)]
    struct Board(Arc<Mutex<State>>);

    #[derive(Default)]
    struct State {
        news: bool,
        gone: bool,
        minimised: bool,
        size: (u32, u32),
        grabbed: u32,
    }

    impl Subject for Board {
        fn news(&mut self) -> Result<bool, Gone> {
            let mut state = self.0.lock();
            if state.gone {
                return Err(Gone);
            }
            Ok(std::mem::take(&mut state.news))
        }

        fn size(&self) -> (u32, u32) {
            self.0.lock().size
        }

        fn picture(&mut self, size: (u32, u32), now: Instant) -> Result<Option<VideoFrame>, Gone> {
            let mut state = self.0.lock();
            if state.minimised {
                return Ok(None);
            }
            state.grabbed += 1;
            Ok(VideoFrame::black(size.0, size.1, now))
        }
    }

    struct Test {
        board: Board,
        filming: Filming<Board>,
        seen: Arc<Mutex<Vec<Arc<VideoFrame>>>>,
        ended: Arc<Mutex<u32>>,
        limits: Arc<Mutex<Limits>>,
        now: Instant,
        _held: [crate::Subscription; 2],
    }

    impl Test {
        fn new(rate: u32) -> Self {
            let board = Board::default();
            board.0.lock().size = (640, 360);
            let limits = Limits {
                width: 1920,
                height: 1920,
                rate,
            };
            let (out, limits) = (Arc::<Outlet>::default(), Arc::new(Mutex::new(limits)));
            let (seen, ended): (Arc<Mutex<Vec<_>>>, Arc<Mutex<u32>>) = Default::default();
            let (see, end) = (seen.clone(), ended.clone());
            let held = [
                out.frames
                    .subscribe(move |frame: &Arc<VideoFrame>| see.lock().push(frame.clone())),
                out.ended.subscribe(move || *end.lock() += 1),
            ];
            let size = Arc::default();
            Self {
                filming: Filming::new(board.clone(), out, limits.clone(), size),
                board,
                seen,
                ended,
                limits,
                now: Instant::now(),
                _held: held,
            }
        }

        /// Looks 30 times a second; what was handed on.
        fn run(&mut self, seconds: f64, mut each: impl FnMut(&mut State)) -> Vec<Arc<VideoFrame>> {
            for _ in 0..(seconds * 30.0) as u32 {
                each(&mut self.board.0.lock());
                self.filming.look(self.now);
                self.now += Duration::from_micros(33_333);
            }
            std::mem::take(&mut *self.seen.lock())
        }
    }

    #[test]
    fn what_moves_comes_at_the_rate_asked_for() {
        for (rate, pictures) in [(30, 28..=30), (15, 14..=15), (5, 5..=6)] {
            let mut test = Test::new(rate);
            let seen = test.run(1.0, |state| state.news = true);
            assert!(pictures.contains(&seen.len()), "{rate}: {}", seen.len());
        }
    }

    #[test]
    fn what_stands_still_is_grabbed_once_and_handed_on_now_and_then() {
        let mut test = Test::new(30);
        let seen = test.run(2.0, |_| ());
        assert_eq!(test.board.0.lock().grabbed, 1);
        assert!((8..=11).contains(&seen.len()), "{}", seen.len());
        for pair in seen.windows(2) {
            assert!(pair[0].is_same(&pair[1]));
            assert!(pair[0].captured() < pair[1].captured());
        }
        let before = seen[0].clone();
        let seen = test.run(0.5, |state| state.news = state.grabbed == 1);
        assert_eq!(test.board.0.lock().grabbed, 2);
        assert!(!seen.last().unwrap().is_same(&before));
    }

    #[test]
    fn a_minimised_window_stands_still_and_one_of_another_size_is_news() {
        let mut test = Test::new(30);
        test.run(1.0, |_| ());
        let seen = test.run(1.0, |state| {
            state.minimised = true;
            state.news = true;
        });
        assert!(seen.iter().all(|frame| frame.is_same(&seen[0])) && seen.len() > 3);
        let seen = test.run(0.5, |state| {
            state.minimised = false;
            state.size = (320, 200);
        });
        assert_eq!((seen[0].width(), seen[0].height()), (320, 200));
        test.limits.lock().width = 160;
        let seen = test.run(0.5, |_| ());
        assert_eq!((seen[0].width(), seen[0].height()), (160, 100));
    }

    #[test]
    fn what_is_gone_ends_once_and_gives_nothing_more() {
        let mut test = Test::new(30);
        test.run(0.5, |_| ());
        assert!(test.run(1.0, |state| state.gone = true).is_empty());
        assert_eq!(*test.ended.lock(), 1);
    }
}
