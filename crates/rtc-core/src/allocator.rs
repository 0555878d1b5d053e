//! Shares the bandwidth estimate among the layers that are to be sent.

/// A layer that wants bandwidth.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerDemand {
    /// Bits per second below which it is of no use.
    pub min: u64,
    /// Bits per second that it may use.
    pub max: u64,
    /// It is being sent now: turned on more readily than one that is not.
    pub running: bool,
}

/// One sender: its active layers from the smallest picture to the largest.
#[derive(Clone, Debug, PartialEq)]
pub struct SenderDemand {
    /// Its share against others is proportional to this, from 1.
    pub weight: u64,
    /// Layers.
    pub layers: Vec<LayerDemand>,
}

/// What a layer needs in excess of its minimum before it is turned on, so that a small dip does
/// not turn it off again: one fifth.
fn threshold(layer: &LayerDemand) -> u64 {
    if layer.running {
        layer.min
    } else {
        layer.min + layer.min / 5
    }
}

/// Shares out `available` bits per second.
///
/// Each sender's lowest layer is always on, if need be below its minimum: something must be sent
/// for the estimate to recover. Then layers are turned on from the lowest up, all senders in
/// turn, each layer only if the one below it runs well; what is left fills the layers up to their
/// maxima. The answer has the shape of `senders`, 0 for layers that are off, and never sums up to
/// more than `available` unless the lowest layers alone need it.
pub fn allocate(available: u64, senders: &[SenderDemand]) -> Vec<Vec<u64>> {
    let mut shares: Vec<Vec<u64>> = senders.iter().map(|s| vec![0; s.layers.len()]).collect();
    let mut left = available;
    // Lowest layers first, in proportion to weight if there is not enough for all of them.
    let lowest_needs: u64 = senders
        .iter()
        .filter_map(|s| s.layers.first())
        .map(|l| l.min)
        .sum();
    let weights: u64 = senders
        .iter()
        .filter(|s| !s.layers.is_empty())
        .map(|s| s.weight.max(1))
        .sum();
    for (sender, share) in senders.iter().zip(&mut shares) {
        let Some(lowest) = sender.layers.first() else {
            continue;
        };
        let fair = available.saturating_mul(sender.weight.max(1)) / weights.max(1);
        let grant = if lowest_needs <= available {
            lowest.min
        } else {
            fair.min(lowest.min)
        };
        share[0] = grant.max(FLOOR.min(lowest.max));
        left = left.saturating_sub(share[0]);
    }
    // Upper layers.
    let depth = senders.iter().map(|s| s.layers.len()).max().unwrap_or(0);
    for level in 1..depth {
        for (sender, share) in senders.iter().zip(&mut shares) {
            let Some(layer) = sender.layers.get(level) else {
                continue;
            };
            if share[level - 1] == 0 {
                continue;
            }
            let below = &sender.layers[level - 1];
            let decent = decent_rate(below).saturating_sub(share[level - 1]);
            if left >= decent + threshold(layer) {
                share[level - 1] += decent;
                share[level] = layer.min;
                left -= decent + layer.min;
            }
        }
    }
    fill(left, senders, &mut shares);
    shares
}

/// What a layer is brought to before the one above it is turned on.
fn decent_rate(layer: &LayerDemand) -> u64 {
    layer.min.max(layer.max / 2)
}

/// The bits per second that have to be on the wire before the estimate can tell that one more layer
/// fits, given what [`allocate`] shared out; 0 if nothing is off. An estimate does not grow far
/// beyond what is sent, so a sender that leaves a layer off fills up to this with padding, as
/// libwebrtc does.
pub(crate) fn next_step(senders: &[SenderDemand], shares: &[Vec<u64>]) -> u64 {
    let sent: u64 = shares.iter().flatten().sum();
    let missing = senders.iter().zip(shares).filter_map(|(sender, share)| {
        let off = share.iter().position(|rate| *rate == 0)?;
        let below = off.checked_sub(1)?;
        let decent = decent_rate(&sender.layers[below]).saturating_sub(share[below]);
        Some(decent + threshold(&sender.layers[off]))
    });
    missing.min().map_or(0, |missing| sent + missing)
}

/// Less than this and not even a thumbnail comes through.
const FLOOR: u64 = 30_000;

/// Brings the running layers up to their maxima, lowest first, senders by weight.
fn fill(mut left: u64, senders: &[SenderDemand], shares: &mut [Vec<u64>]) {
    let depth = senders.iter().map(|s| s.layers.len()).max().unwrap_or(0);
    for level in 0..depth {
        let mut open: Vec<usize> = (0..senders.len())
            .filter(|s| shares[*s].get(level).is_some_and(|v| *v > 0))
            .collect();
        while !open.is_empty() && left > 0 {
            let weights: u64 = open.iter().map(|s| senders[*s].weight.max(1)).sum();
            let round = left;
            let mut still = Vec::new();
            for &index in &open {
                let fair = round.saturating_mul(senders[index].weight.max(1)) / weights;
                let room = senders[index].layers[level]
                    .max
                    .saturating_sub(shares[index][level]);
                let grant = fair.min(room).min(left);
                shares[index][level] += grant;
                left -= grant;
                if grant < room && grant > 0 {
                    still.push(index);
                }
            }
            if still.len() == open.len() {
                // Nobody was satisfied: everything that divides evenly is given out.
                break;
            }
            open = still;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn camera(running: [bool; 3]) -> SenderDemand {
        let layer = |(max, running): (u64, bool)| LayerDemand {
            min: max / 4,
            max,
            running,
        };
        let maxima = [150_000, 500_000, 1_700_000];
        SenderDemand {
            weight: 2,
            layers: maxima.into_iter().zip(running).map(layer).collect(),
        }
    }

    fn total(shares: &[Vec<u64>]) -> u64 {
        shares.iter().flatten().sum()
    }

    #[test]
    fn plenty_gives_every_layer_its_maximum() {
        let shares = allocate(10_000_000, &[camera([false; 3])]);
        assert_eq!(shares, [[150_000, 500_000, 1_700_000]]);
    }

    #[test]
    fn starvation_turns_layers_off_from_the_top() {
        let one = |available| allocate(available, &[camera([true; 3])]).remove(0);
        assert!(one(1_000_000).iter().all(|s| *s > 0));
        let [low, middle, top] = one(400_000)[..] else {
            panic!()
        };
        assert!(low > 0 && middle > 0 && top == 0);
        let [low, middle, top] = one(100_000)[..] else {
            panic!()
        };
        assert!(low == 100_000 && middle == 0 && top == 0);
    }

    #[test]
    fn the_lowest_layer_is_sent_even_with_nothing_to_spare() {
        let shares = allocate(0, &[camera([true; 3])]);
        assert_eq!(shares, [[FLOOR, 0, 0]]);
    }

    #[test]
    fn a_layer_that_is_off_needs_more_to_come_on() {
        let lowest = 75_000;
        let just_enough = lowest + 125_000;
        let on = allocate(just_enough, &[camera([true, true, false])]);
        let off = allocate(just_enough, &[camera([true, false, false])]);
        assert!(on[0][1] > 0);
        assert_eq!(off[0][1], 0);
    }

    #[test]
    fn the_next_step_is_what_turns_one_more_layer_on() {
        let senders = [camera([true, false, false])];
        let shares = allocate(120_000, &senders);
        assert_eq!(shares, [[120_000, 0, 0]]);
        let step = next_step(&senders, &shares);
        let [low, middle, _] = allocate(step, &senders).remove(0)[..] else {
            panic!()
        };
        assert!(low > 0 && middle > 0, "{step} turns nothing on");
        let full = allocate(10_000_000, &senders);
        assert_eq!(next_step(&senders, &full), 0);
        assert_eq!(next_step(&[], &[]), 0);
    }

    #[test]
    fn weight_decides_between_equal_senders() {
        let single = |weight| SenderDemand {
            weight,
            layers: vec![LayerDemand {
                min: 30_000,
                max: 2_000_000,
                running: true,
            }],
        };
        let shares = allocate(1_060_000, &[single(1), single(4)]);
        assert_eq!(shares, [[230_000], [830_000]]);
    }

    #[test]
    fn nothing_is_given_out_twice() {
        for available in (0..4_000_000).step_by(37_000) {
            let senders = [camera([false; 3]), camera([true; 3])];
            let shares = allocate(available, &senders);
            assert!(
                total(&shares) <= available.max(2 * FLOOR),
                "{available}: {shares:?}"
            );
            for (sender, share) in senders.iter().zip(&shares) {
                for (layer, share) in sender.layers.iter().zip(share) {
                    assert!(*share <= layer.max);
                }
            }
        }
    }

    #[test]
    fn nobody_wants_anything() {
        assert!(allocate(1_000_000, &[]).is_empty());
        assert_eq!(
            allocate(
                1_000_000,
                &[SenderDemand {
                    weight: 1,
                    layers: vec![]
                }]
            ),
            [[0u64; 0]]
        );
    }
}
