//! Steps that hang. One that does would cost a whole run its time without a word which one it was.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

use crate::process::passed;

/// No program of a step takes longer, also on a machine of half the speed: the longest takes 25 minutes
/// on one of the usual kind.
const LONGEST: Duration = Duration::from_mins(50);
/// So often is looked for what still runs, before what does not end is left.
const PASSES: u32 = 1000;
const BETWEEN_PASSES: Duration = Duration::from_millis(10);

/// Runs a program of a step to its end and fails if it does; one that does not end is ended with all
/// that it has started, and what that was is told.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    run_until(command, |ended| {
        ended.recv_timeout(LONGEST) == Err(RecvTimeoutError::Timeout)
    })
}

/// `too_long` waits for the program's end, which closes what it is given, and says whether that came
/// too late.
fn run_until(
    command: &mut Command,
    too_long: impl FnOnce(&Receiver<()>) -> bool + Send,
) -> Result<()> {
    let mut child = command
        .spawn()
        .with_context(|| format!("{command:?} does not start"))?;
    let pid = child.id();
    let (running, ended) = mpsc::channel();
    let (status, stopped) = thread::scope(|scope| {
        let watch = scope.spawn(move || too_long(&ended).then(|| stop(pid)));
        let status = child.wait();
        drop(running);
        (status, watch.join())
    });
    if let Ok(Some(ran)) = stopped {
        bail!("{command:?} did not end and was stopped, with what it had started: {ran:?}");
    }
    passed(command, status?)
}

/// Ends a process and all that come from it, and gives their command lines.
fn stop(pid: u32) -> Vec<String> {
    let mut ran = BTreeMap::new();
    // From the lowest ones up, and each only when nothing of it is left: what an ended one has started
    // belongs to somebody else and cannot be found any more.
    for _ in 0..PASSES {
        let (last, below) = running(pid);
        for pid in &last {
            ran.entry(*pid).or_insert_with(|| command_line(*pid));
            kill(*pid);
        }
        if below == 0 {
            break;
        }
        thread::sleep(BETWEEN_PASSES);
    }
    kill(pid);
    ran.into_values().collect()
}

fn kill(pid: u32) {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    if let Some(pid) = pid {
        // One that has ended meanwhile is what is wanted.
        let _ = kill_process(pid, Signal::KILL);
    }
}

/// Of a process and all that come from it and still run, those that nothing comes from, and how many
/// there are beside the first.
fn running(pid: u32) -> (Vec<u32>, usize) {
    let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|n| n.parse().ok()) else {
            continue;
        };
        // `pid (name) state parent …`, where the name may have brackets and blanks of its own.
        let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let mut after_name = stat.rsplit(')').next().unwrap_or_default().split(' ');
        let state = after_name.nth(1);
        let parent = after_name.next().map(str::parse);
        // One that nobody has waited for yet has ended.
        if let (Some(state), Some(Ok(parent))) = (state, parent)
            && state != "Z"
        {
            children.entry(parent).or_default().push(pid);
        }
    }
    let (mut last, mut below, mut next) = (Vec::new(), 0, vec![pid]);
    while let Some(pid) = next.pop() {
        let started = children.remove(&pid).unwrap_or_default();
        below += started.len();
        if started.is_empty() {
            last.push(pid);
        }
        next.extend(started);
    }
    (last, below)
}

fn command_line(pid: u32) -> String {
    let words = fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    words.replace('\0', " ").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hangs_is_ended_with_all_that_it_has_started_and_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let pids = folder.path().join("pids");
        let (begun, script) = (
            pids.clone(),
            "sh -c 'sleep 86401 & echo $! > pids.new; mv pids.new pids; wait' & wait",
        );
        let mut hanging = Command::new("sh");
        hanging.args(["-c", script]).current_dir(folder.path());
        let told = run_until(&mut hanging, |ended| {
            // Nothing tells of a file that appears but looking.
            while !begun.exists() {
                if ended.recv_timeout(Duration::from_millis(10))
                    == Err(RecvTimeoutError::Disconnected)
                {
                    return false;
                }
            }
            true
        })
        .expect_err("ends by itself")
        .to_string();
        assert!(told.contains("sleep 86401"), "{told}");
        let lowest = fs::read_to_string(pids).expect("written");
        let stat = fs::read_to_string(format!("/proc/{}/stat", lowest.trim()));
        // Gone, or ended and not yet waited for by whoever has it now.
        let state = stat.unwrap_or_default();
        assert!(state.is_empty() || state.contains(") Z "), "{state}");
    }

    #[test]
    fn what_ends_by_itself_ends_as_it_does() {
        run(&mut Command::new("true")).expect("passes");
        let failed = run(&mut Command::new("false")).expect_err("fails");
        assert!(failed.to_string().contains("exit status: 1"), "{failed}");
    }
}
