//! Processor time and memory of a process and all its descendants.

use std::collections::HashSet;

use anyhow::Result;
use procfs::process::{Process, all_processes};

/// Of a whole tree.
#[derive(Clone, Copy, Debug, Default, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Usage {
    /// Processes.
    pub processes: usize,
    /// Proportional set size, bytes.
    pub pss: u64,
    /// Processor time so far, seconds.
    pub cpu: f64,
}

/// Measures the tree under these processes, themselves included.
///
/// # Errors
/// If `/proc` cannot be read.
pub fn measure(roots: &[u32]) -> Result<Usage> {
    let all: Vec<_> = all_processes()?
        .flatten()
        .filter_map(|process| process.stat().ok())
        .collect();
    let mut tree: HashSet<i32> = roots.iter().map(|id| id.cast_signed()).collect();
    loop {
        let before = tree.len();
        let children = all
            .iter()
            .filter(|stat| tree.contains(&stat.ppid))
            .map(|stat| stat.pid);
        tree.extend(children.collect::<Vec<_>>());
        if tree.len() == before {
            break;
        }
    }
    let ticks = procfs::ticks_per_second() as f64;
    let mut usage = Usage::default();
    for stat in all.iter().filter(|stat| tree.contains(&stat.pid)) {
        usage.processes += 1;
        usage.cpu += (stat.utime + stat.stime) as f64 / ticks;
        let rollup = Process::new(stat.pid).and_then(|process| process.smaps_rollup());
        if let Ok(rollup) = rollup {
            let maps = rollup.memory_map_rollup.0.iter();
            usage.pss += maps
                .filter_map(|map| map.extension.map.get("Pss"))
                .sum::<u64>();
        }
    }
    Ok(usage)
}
