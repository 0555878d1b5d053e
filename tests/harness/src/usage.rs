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

/// Whether any process below `root` has a thread of that name.
///
/// # Errors
/// If `/proc` cannot be read.
pub fn has_thread(root: u32, name: &str) -> Result<bool> {
    let threads = tree(&[root])?
        .into_iter()
        .filter_map(|stat| Process::new(stat.pid).ok()?.tasks().ok())
        .flatten();
    let mut names = threads.filter_map(|task| Some(task.ok()?.stat().ok()?.comm));
    Ok(names.any(|each| each == name))
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

/// What `read` says of each process below `root` whose program is called so. Processes end when they
/// like: one that has ended before it was read to its end is not among them.
///
/// # Errors
/// If `/proc` cannot be read, or the first error of `read` about a process that still runs.
pub fn read_all<T>(root: u32, program: &str, read: impl Fn(u32) -> Result<T>) -> Result<Vec<T>> {
    read_each(find_all(root, program)?, read)
}

fn read_each<T>(processes: Vec<u32>, read: impl Fn(u32) -> Result<T>) -> Result<Vec<T>> {
    let read = processes.into_iter().filter_map(|process| {
        let read = read(process);
        // Asked afterwards: before, it would say nothing of the time between.
        runs(process).then_some(read)
    });
    read.collect()
}

/// Whether it is there, and more than the entry that its parent has not read yet.
fn runs(process: u32) -> bool {
    let stat = Process::new(process.cast_signed()).and_then(|process| process.stat());
    stat.is_ok_and(|stat| !has_ended(&stat))
}

/// Ended and not yet waited for: its memory and environment are gone.
fn has_ended(stat: &Stat) -> bool {
    matches!(stat.state, 'Z' | 'X')
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
                .filter(|stat| tree.contains(&stat.pid) && !has_ended(stat))
                .collect());
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use std::process::{Child, Command, Stdio};

    use super::*;

    fn waiting() -> Child {
        let mut command = Command::new("cat");
        command.stdin(Stdio::piped()).stdout(Stdio::null());
        command.spawn().unwrap()
    }

    fn environment(process: u32) -> Result<usize> {
        Ok(std::fs::read(format!("/proc/{process}/environ"))?.len())
    }

    #[test]
    fn a_process_that_ends_while_it_is_looked_at_is_left_out() {
        let [mut stays, mut goes] = [waiting(), waiting()];
        let ids = vec![goes.id(), stays.id()];
        let going = std::cell::RefCell::new(&mut goes);
        let found = read_each(ids, |process| {
            let mut going = going.borrow_mut();
            if process == going.id() {
                going.kill()?;
                going.wait()?;
            }
            environment(process)?;
            Ok(process)
        });
        assert_eq!(found.unwrap(), [stays.id()]);
        stays.kill().unwrap();
        stays.wait().unwrap();
    }

    #[test]
    fn one_that_has_ended_and_was_not_waited_for_counts_as_ended() {
        let mut child = waiting();
        let id = child.id();
        // Other tests have theirs.
        let cats = || find_all(std::process::id(), "cat").unwrap();
        assert!(runs(id));
        assert!(cats().contains(&id));
        child.kill().unwrap();
        let ended = rustix::process::WaitIdOptions::EXITED | rustix::process::WaitIdOptions::NOWAIT;
        let pid = rustix::process::Pid::from_raw(id.cast_signed()).unwrap();
        rustix::process::waitid(rustix::process::WaitId::Pid(pid), ended).unwrap();
        assert!(!runs(id));
        assert!(!cats().contains(&id));
        child.wait().unwrap();
    }

    #[test]
    fn what_cannot_be_read_of_one_that_runs_is_an_error() {
        let own = vec![std::process::id()];
        let refused = read_each(own, |_| -> Result<()> { anyhow::bail!("refused") });
        assert!(refused.is_err());
    }
}
