//! While the program runs, or another installer is at work: no call is cut off, and nobody undoes what somebody
//! else has done meanwhile.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};

use super::run_command;
use super::{IN_USE, LINKER, NOT_WRITTEN, OVERTAKEN, PLACE, Trial, UNINSTALL, WEBVIEW2_MISSING};
use crate::windows::wine::{LONGEST, Wine, content, running};

/// Bytes of a file that can be written where the disk is as good as full: far less than the program has.
const ROOM: u32 = 1 << 20;
/// Holds what installers hold that are at work, until its input ends; says so first.
const HOLDER: &str = r#"
#include <stdio.h>
#include <windows.h>
int main(int count, char **given)
{
    WCHAR name[600] = L"Global\\app.salon.desktop.installer";
    DWORD room = 256;
    if (count > 1 && given[1][0] == 'u') {
        lstrcatW(name, L".");
        GetUserNameW(name + lstrlenW(name), &room);
    }
    if (WaitForSingleObject(CreateMutexW(NULL, FALSE, name), 0) != WAIT_OBJECT_0)
        return 1;
    puts("held");
    fflush(stdout);
    while (getchar() != EOF)
        ;
    return 0;
}
"#;

/// A program that goes on by itself, or until its input ends.
struct Running<'a> {
    wine: &'a Wine,
    child: Child,
    called: String,
    /// What it says on standard error; a file, as Wine's own services may keep it.
    said: File,
}

impl<'a> Running<'a> {
    fn begin(wine: &'a Wine, command: &mut Command) -> Result<Self> {
        let called = format!("{command:?}");
        let said = tempfile::tempfile()?;
        let child = command.stdin(Stdio::piped()).stderr(said.try_clone()?);
        Ok(Self {
            wine,
            child: child.spawn()?,
            called,
            said,
        })
    }

    fn goes_on(&mut self) -> Result<bool> {
        Ok(self.child.try_wait()?.is_none())
    }

    /// Ends its input, and waits for its end.
    fn end(mut self) -> Result<ExitStatus> {
        drop(self.child.stdin.take());
        let child = &mut self.child;
        self.wine
            .within(LONGEST, &self.called, || Ok(child.wait()?))
    }

    /// Looks again and again whether something has come, where nobody tells of it, as long as it goes on.
    fn until(&mut self, what: &str, mut came: impl FnMut() -> Result<bool>) -> Result<()> {
        let start = Instant::now();
        while !came()? {
            if let Some(status) = self.child.try_wait()? {
                let said = content(&mut self.said)?;
                let said = String::from_utf8_lossy(&said);
                bail!(
                    "{what}: {} ended before, with {status}: {said}",
                    self.called
                );
            }
            if start.elapsed() > LONGEST {
                let (ran, longest) = (running().join("\n"), LONGEST.as_secs());
                bail!("{what}: not after {longest} s; what ran:\n{ran}");
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(())
    }
}

/// Salon, once it is there.
fn salon<'a>(wine: &'a Wine, program: &str) -> Result<Running<'a>> {
    let mut salon = wine.program(program);
    salon.args(["doctor", "--token", "-"]).stdout(Stdio::null());
    let mut running = Running::begin(wine, &mut salon)?;
    running.until("until salon.exe runs", || {
        let tasks = wine.output(wine.command().arg("tasklist"))?;
        Ok(String::from_utf8_lossy(&tasks.stdout).contains("salon.exe"))
    })?;
    Ok(running)
}

/// With Salon running, what this ends with; and whether Salon went on.
pub(super) fn beside<T>(
    wine: &Wine,
    program: &str,
    done: impl FnOnce() -> Result<T>,
) -> Result<(T, bool)> {
    let mut salon = salon(wine, program)?;
    let came = done();
    let goes_on = salon.goes_on()?;
    salon.end()?;
    Ok((came?, goes_on))
}

impl Trial<'_> {
    fn set_aside(&self) -> PathBuf {
        self.installed().join(".app.salon.desktop.before")
    }

    /// An installer that goes on by itself.
    fn begin(&self, installer: &Path) -> Result<Running<'_>> {
        Running::begin(self.wine, &mut self.silent(installer, &[])?)
    }

    /// Until an installer that is at work has looked whether the program runs: what was set aside and has ended it
    /// takes away just before.
    fn until_it_has_looked(&self, installer: &mut Running<'_>) -> Result<()> {
        let aside = self.set_aside();
        std::fs::create_dir_all(aside.join("by-the-trial"))?;
        installer.until("until the installer looks whether the program runs", || {
            Ok(!aside.exists())
        })
    }

    /// An upgrade while the program runs: not with /NOWAIT, and otherwise once it has ended.
    pub(super) fn upgrades(&self) -> Result<()> {
        let mut salon = salon(self.wine, &self.program())?;
        let is_old = || anyhow::Ok(self.version()? == self.versions[0]);
        let ended = self.install(&["/NOWAIT"])?;
        ensure!(
            ended == IN_USE && is_old()?,
            "with the program running and /NOWAIT, installing ended with {ended}"
        );
        // Where it is, it finds out itself.
        let mut upgrade = self.begin(self.installer)?;
        // The second time it has already seen that the program runs.
        self.until_it_has_looked(&mut upgrade)?;
        self.until_it_has_looked(&mut upgrade)?;
        ensure!(
            upgrade.goes_on()? && is_old()? && salon.goes_on()?,
            "it did not wait for the running program"
        );
        salon.end()?;
        let status = upgrade.end()?;
        ensure!(
            status.code() == Some(WEBVIEW2_MISSING) && self.version()? == self.versions[1],
            "upgrading ended with {status}"
        );
        let shown = self.salon(&["config"])?;
        let shown = String::from_utf8_lossy(&shown.stdout);
        ensure!(shown.contains("Amina"), "the settings are gone: {shown}");
        Ok(())
    }

    /// A later version stays: for who comes too late, and for who has waited while it came.
    pub(super) fn is_not_overtaken(&self) -> Result<()> {
        let late = self.wine.ended(&mut self.silent(self.earlier, &[])?)?;
        ensure!(
            late == OVERTAKEN && self.version()? == self.versions[1],
            "an earlier version ended with {late}"
        );
        self.uninstall()?;
        let place = format!("/D={PLACE}");
        let mut again = self.silent(self.earlier, &["/AUTOSTART", &place])?;
        let again = self.wine.ended(&mut again)?;
        ensure!(
            again == WEBVIEW2_MISSING,
            "the earlier one ended with {again}"
        );
        let salon = salon(self.wine, &self.program())?;
        let mut waits = self.begin(self.earlier)?;
        self.until_it_has_looked(&mut waits)?;
        let forced = self.install(&["/FORCE"])?;
        let status = waits.end()?;
        salon.end()?;
        ensure!(
            forced == WEBVIEW2_MISSING
                && status.code() == Some(OVERTAKEN)
                && self.version()? == self.versions[1],
            "overtaken by one that ended with {forced}, it ended with {status}"
        );
        self.what_was_set_aside_goes()
    }

    /// What cannot go on ends, and all is as it was.
    pub(super) fn leaves_what_runs_alone(&self) -> Result<()> {
        let mut salon = salon(self.wine, &self.program())?;
        // Where it is, so that it has a code; it takes away all but itself.
        let mut uninstall = self.wine.program(&format!("{PLACE}\\uninstall.exe"));
        let here = format!("_?={PLACE}");
        let uninstalled = self.wine.ended(uninstall.args(["/S", &here]))?;
        let all_there = || anyhow::Ok(self.salon(&["config", "--path"])?.status.success());
        ensure!(
            uninstalled == IN_USE && all_there()? && self.registry(UNINSTALL, "")?.is_some(),
            "with the program running, uninstalling ended with {uninstalled}"
        );
        // No room for the new one: the one that runs is still in its place.
        let mut full = Command::new("sh");
        // In units of 512 bytes; without the signal Wine gets an error.
        let limit = format!("trap '' XFSZ; ulimit -f {}; exec \"$@\"", ROOM / 512);
        let install = self.silent(self.installer, &["/FORCE"])?;
        full.args(["-c", &limit, "sh"]).arg(install.get_program());
        let no_room = self.wine.ended(full.args(install.get_args()))?;
        let left = [".app.salon.desktop.new", ".app.salon.desktop.before"]
            .map(|name| self.installed().join(name).exists());
        ensure!(
            no_room == NOT_WRITTEN && all_there()? && left == [false; 2],
            "without room, installing ended with {no_room}, and left {left:?}"
        );
        ensure!(salon.goes_on()?, "what ran was ended");
        salon.end()?;
        self.waits_for_others()?;
        self.tells_what_it_cannot_find_out()
    }

    /// One installer is at work at a time.
    fn waits_for_others(&self) -> Result<()> {
        let folder = self.installer.parent().context("no folder")?;
        let (source, program) = (folder.join("holder.c"), folder.join("holder.exe"));
        std::fs::write(&source, HOLDER)?;
        run_command(Command::new(LINKER).arg(&source).arg("-o").arg(&program))?;
        let whose = if self.root == "HKCU" {
            "user"
        } else {
            "machine"
        };
        let mut holder = self.wine.program(&Wine::path_of(&program)?);
        let holder = holder.arg(whose).stdout(Stdio::piped());
        let mut holder = Running::begin(self.wine, holder)?;
        let mut said = [0; 4];
        let mut out = holder.child.stdout.take().context("no output")?;
        self.wine
            .within(LONGEST, "until what installers hold is held", || {
                Ok(out.read_exact(&mut said)?)
            })?;
        let ended = self.install(&["/NOWAIT"]);
        let mut force = self.silent(self.installer, &["/FORCE", "/NOWAIT"])?;
        let forced = self.wine.ended(&mut force);
        holder.end()?;
        std::fs::remove_file(source)?;
        std::fs::remove_file(program)?;
        let (ended, forced) = (ended?, forced?);
        ensure!(
            ended == IN_USE && forced == IN_USE,
            "beside another installer, it ended with {ended} and {forced}"
        );
        Ok(())
    }

    /// Whether a program runs that cannot be opened, nobody knows: silently it neither waits for ever nor goes on.
    fn tells_what_it_cannot_find_out(&self) -> Result<()> {
        let odd = self.wine.drive_c().join("Trial/Odd");
        std::fs::create_dir_all(odd.join("salon.exe"))?;
        let mut install = self.silent(self.installer, &["/D=C:\\Trial\\Odd"])?;
        let ended = self.wine.ended(&mut install)?;
        let left = std::fs::read_dir(&odd)?.count();
        std::fs::remove_dir_all(&odd)?;
        ensure!(
            ended == NOT_WRITTEN && left == 1,
            "where nobody knows whether it runs, it ended with {ended}"
        );
        Ok(())
    }

    /// With /FORCE it does not wait, and what runs goes on.
    pub(super) fn goes_beside_a_running_one(&self) -> Result<()> {
        let notice = self.installed().join("NOTICE");
        std::fs::write(&notice, "of an older version")?;
        let (ended, goes_on) = beside(self.wine, &self.program(), || self.install(&["/FORCE"]))?;
        ensure!(
            ended == WEBVIEW2_MISSING && std::fs::read_to_string(&notice)? != "of an older version",
            "with /FORCE, installing ended with {ended}"
        );
        ensure!(goes_on, "what ran was ended");
        ensure!(
            self.salon(&["config", "--path"])?.status.success(),
            "the new one does not start"
        );
        self.what_was_set_aside_goes()
    }

    /// At the next start of the computer, or at the next signing in of who may not ask Windows for that.
    fn what_was_set_aside_goes(&self) -> Result<()> {
        ensure!(self.set_aside().exists(), "nothing was set aside");
        if self.root == "HKCU" {
            let once = self.registry(&format!("{}Once", super::RUN), "Salon before")?;
            let command = format!("\"{PLACE}\\uninstall.exe\" /S /BEFORE");
            ensure!(
                once.as_ref().is_some_and(|once| once.contains(&command)),
                "nothing takes away at signing in what was set aside: {once:?}"
            );
            let mut sign_in = self.wine.program(&format!("{PLACE}\\uninstall.exe"));
            self.wine.run(sign_in.args(["/S", "/BEFORE"]))?;
            // It goes on in a copy of itself.
            self.wine.until_idle()?;
        } else {
            self.wine.until_idle()?;
            self.wine.boot()?;
        }
        ensure!(
            !self.set_aside().exists() && self.installed().join("salon.exe").is_file(),
            "what was set aside is still there"
        );
        Ok(())
    }
}
