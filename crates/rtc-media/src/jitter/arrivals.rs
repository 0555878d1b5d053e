//! How late packets come, and the delay that makes up for it.

use std::collections::VecDeque;

use super::{SAMPLES_PER_MS, Samples};

/// The fastest packet is one of so many milliseconds, so that the clock of a sender may drift and a
/// route may change.
const FASTEST_OF: Samples = 2_000 * SAMPLES_PER_MS;
/// Of the packets of so many milliseconds only the latest counts: else one gap among fifty packets
/// would be no more than a rare exception.
const PERIOD: Samples = 500 * SAMPLES_PER_MS;
/// Resolution of the delay.
const BUCKET: Samples = 5 * SAMPLES_PER_MS;
/// Longest delay is two seconds.
const BUCKETS: usize = 400;
/// Share of the periods whose latest packet is to come in time.
const IN_TIME: f32 = 0.95;
/// What remains of the weight of a period with the next one: half of it after 14 s.
const REMAINS: f32 = 0.976;
/// And of that of a packet that was overtaken, with each packet: half of it after 14 s.
const OVERTAKEN_REMAINS: f32 = 0.999;
/// One lost packet in a hundred is as bad as so many milliseconds more.
const MS_PER_CENT_LOST: f32 = 20.0;
/// Milliseconds while nothing is known yet.
const AT_FIRST: Samples = 40 * SAMPLES_PER_MS;

/// Arrivals of one track.
///
/// A packet's transit is when it came less when its sound was, on two clocks that have nothing to do
/// with each other; its lateness is by how much that is more than the least of the last seconds.
#[derive(Debug)]
pub(super) struct Arrivals {
    /// When, and the transit; transits rise from front to back, so the front is the fastest.
    fastest: VecDeque<(Samples, Samples)>,
    /// When the current period ends, and the lateness of its latest packet.
    period: Option<(Samples, Samples)>,
    /// Share of the periods by the lateness of their latest packet.
    histogram: Vec<f32>,
    periods: u32,
    /// Share of the packets by the lateness of those that others overtook; the others are in time.
    overtaken: Vec<f32>,
    in_time: Samples,
    recovered: Samples,
}

impl Arrivals {
    pub(super) fn new() -> Self {
        Self {
            fastest: VecDeque::new(),
            period: None,
            histogram: vec![0.0; BUCKETS],
            periods: 0,
            overtaken: vec![0.0; BUCKETS],
            in_time: AT_FIRST,
            recovered: 0,
        }
    }

    /// The transit of the fastest packet.
    pub(super) fn base(&self) -> Option<Samples> {
        self.fastest.front().map(|(_, transit)| *transit)
    }

    /// Another clock begins; how late packets are stays known.
    pub(super) fn begin(&mut self) {
        self.fastest.clear();
        self.period = None;
    }

    /// A packet came. `overtaken` by one whose sound is later.
    pub(super) fn arrived(&mut self, at: Samples, transit: Samples, overtaken: bool) {
        while let Some((since, _)) = self.fastest.front()
            && at - since > FASTEST_OF
        {
            self.fastest.pop_front();
        }
        while let Some((_, slower)) = self.fastest.back()
            && *slower >= transit
        {
            self.fastest.pop_back();
        }
        self.fastest.push_back((at, transit));
        let lateness = transit - self.base().unwrap_or(transit);
        self.weigh_overtaken(if overtaken { lateness } else { 0 });
        if overtaken {
            // Sent again, or on another way: for the packets that come as usual it says nothing.
            return;
        }
        match &mut self.period {
            Some((ends, latest)) if at < *ends => *latest = lateness.max(*latest),
            period => {
                if let Some((_, latest)) = period.replace((at + PERIOD, lateness)) {
                    self.weigh(latest);
                }
            }
        }
    }

    fn weigh(&mut self, latest: Samples) {
        self.periods += 1;
        // The first ones weigh the same, else the very first would for long.
        let remains = REMAINS.min(1.0 - 1.0 / self.periods as f32);
        add(&mut self.histogram, latest, remains);
        let mut sum = 0.0;
        let reached = self.histogram.iter().position(|share| {
            sum += share;
            sum >= IN_TIME
        });
        self.in_time = (reached.unwrap_or(BUCKETS - 1) + 1) as Samples * BUCKET;
    }

    /// A packet that comes again after it was lost is worth waiting for if it is one of many, but
    /// not so long as it takes for one of a thousand.
    fn weigh_overtaken(&mut self, lateness: Samples) {
        add(&mut self.overtaken, lateness, OVERTAKEN_REMAINS);
        if lateness == 0 && self.recovered == 0 {
            return;
        }
        let mut lost: f32 = self.overtaken[1..].iter().sum();
        let (mut best, mut least) = (0, f32::INFINITY);
        for (index, share) in self.overtaken.iter().enumerate() {
            if index > 0 {
                lost -= share;
            }
            let waiting = (index as Samples * BUCKET / SAMPLES_PER_MS) as f32;
            let cost = waiting + MS_PER_CENT_LOST * 100.0 * lost.max(0.0);
            if cost < least {
                (best, least) = (index, cost);
            }
        }
        self.recovered = if best == 0 {
            0
        } else {
            (best + 1) as Samples * BUCKET
        };
    }

    /// The delay that is needed, after the fastest packet.
    pub(super) fn needed(&self) -> Samples {
        self.in_time.max(self.recovered)
    }
}

fn add(histogram: &mut [f32], lateness: Samples, remains: f32) {
    for share in &mut *histogram {
        *share *= remains;
    }
    let bucket = (lateness.max(0) / BUCKET) as usize;
    if let Some(share) = histogram.get_mut(bucket.min(BUCKETS - 1)) {
        *share += 1.0 - remains;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKET: Samples = 20 * SAMPLES_PER_MS;

    /// Delay after so many packets, of which each is late by so much, in milliseconds.
    fn needed(packets: Samples, late: impl Fn(Samples) -> Samples) -> Samples {
        let mut arrivals = Arrivals::new();
        pass(&mut arrivals, 0..packets, late);
        arrivals.needed() / SAMPLES_PER_MS
    }

    fn pass(
        arrivals: &mut Arrivals,
        packets: std::ops::Range<Samples>,
        late: impl Fn(Samples) -> Samples,
    ) {
        for number in packets {
            let late = late(number) * SAMPLES_PER_MS;
            let at = number * PACKET + late;
            arrivals.arrived(at, 77 + late, false);
        }
    }

    #[test]
    fn a_network_without_jitter_needs_next_to_no_delay() {
        assert_eq!(needed(500, |_| 0), 5);
    }

    #[test]
    fn a_packet_in_ten_that_is_late_is_waited_for() {
        let needed = needed(500, |number| if number % 10 == 3 { 60 } else { 0 });
        assert!((60..=65).contains(&needed), "{needed} ms");
    }

    #[test]
    fn what_happens_once_in_a_minute_is_not_waited_for() {
        let needed = needed(6_000, |number| if number % 3_000 == 3 { 400 } else { 0 });
        assert_eq!(needed, 5);
    }

    #[test]
    fn the_delay_falls_again_when_the_network_is_calm() {
        let mut arrivals = Arrivals::new();
        pass(&mut arrivals, 0..1_000, |number| (number * 7) % 100);
        let then = arrivals.needed() / SAMPLES_PER_MS;
        assert!((95..=105).contains(&then), "{then} ms");
        // 75 s of calm: the periods before weigh less than a twentieth after 62 s.
        pass(&mut arrivals, 1_000..4_750, |_| 0);
        assert_eq!(arrivals.needed() / SAMPLES_PER_MS, 5);
    }

    #[test]
    fn a_route_that_gets_longer_is_no_jitter_for_longer_than_the_fastest_packet_is_known() {
        let mut arrivals = Arrivals::new();
        pass(&mut arrivals, 0..500, |_| 0);
        pass(&mut arrivals, 500..800, |_| 300);
        assert_eq!(arrivals.base(), Some(77 + 300 * SAMPLES_PER_MS));
    }

    #[test]
    fn many_packets_that_are_sent_again_are_worth_their_wait_and_few_are_not() {
        let with = |every: Samples| {
            let mut arrivals = Arrivals::new();
            for number in 0..2_000 {
                let again = number % every == 0;
                let late = if again { 80 * SAMPLES_PER_MS } else { 0 };
                arrivals.arrived(number * PACKET + late, late, again);
            }
            arrivals.needed() / SAMPLES_PER_MS
        };
        assert_eq!(with(10), 85);
        assert_eq!(with(200), 5);
    }
}
