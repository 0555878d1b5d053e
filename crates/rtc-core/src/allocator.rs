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
            // The layer below is brought to a decent rate before another one is started.
            let decent = below
                .min
                .max(below.max / 2)
                .saturating_sub(share[level - 1]);
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
