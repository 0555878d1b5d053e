//! Processor time and memory of a process and all its descendants.

use std::collections::HashSet;
use std::time::{Duration, SystemTime};

use anyhow::Result;
use procfs::process::{Process, Stat, all_processes};
use procfs::{Current, Uptime};

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
    let ticks = procfs::ticks_per_second() as f64;
    let mut usage = Usage::default();
    for stat in tree(roots)? {
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

/// Whether a process runs behind a filter of system calls (seccomp), from which nothing leads back.
///
/// # Errors
/// If `/proc` cannot be read.
pub fn is_confined(id: u32) -> Result<bool> {
    /// `SECCOMP_MODE_FILTER` of `linux/seccomp.h`.
    const FILTER: u32 = 2;
    let status = Process::new(i32::try_from(id)?)?.status()?;
    Ok(status.seccomp == Some(FILTER))
}

/// A process and when it began.
#[derive(Clone, Copy, Debug)]
pub struct Started {
    /// Process id.
    pub id: u32,
    /// To a hundredth of a second.
    pub at: SystemTime,
}

/// The oldest process below `root` whose program is called so.
///
/// # Errors
/// If `/proc` cannot be read.
pub fn find(root: u32, program: &str) -> Result<Option<Started>> {
    let found = tree(&[root])?
        .into_iter()
        .filter(|stat| stat.comm == program);
    let Some(stat) = found.min_by_key(|stat| stat.starttime) else {
        return Ok(None);
    };
    let age = Uptime::current()?.uptime - stat.starttime as f64 / procfs::ticks_per_second() as f64;
    let at = SystemTime::now() - Duration::from_secs_f64(age.max(0.0));
    Ok(Some(Started {
        id: stat.pid.cast_unsigned(),
        at,
    }))
}

/// All processes below `root` whose program is called so.
///
/// # Errors
/// If `/proc` cannot be read.
pub fn find_all(root: u32, program: &str) -> Result<Vec<u32>> {
    let tree = tree(&[root])?.into_iter();
    let found = tree.filter(|stat| stat.comm == program);
    Ok(found.map(|stat| stat.pid.cast_unsigned()).collect())
}

/// The processes with these ids and all below them.
fn tree(roots: &[u32]) -> Result<Vec<Stat>> {
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
            return Ok(all
                .into_iter()
                .filter(|stat| tree.contains(&stat.pid))
                .collect());
        }
    }
}
