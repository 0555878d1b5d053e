//! The settings of a running app, some of which change while it runs.

use std::sync::Arc;

use parking_lot::Mutex;
use salon_base::{Code, Fault};
use serde_json::Value as Json;
use tokio::sync::watch;

use super::{Applies, Key, Settings, SettingsReport, Sources, UserFile};

/// The settings in force. Changes are written to the user's file, and those that can count at once
/// do so.
#[derive(Debug)]
pub struct LiveSettings {
    sources: Sources,
    started: Arc<Settings>,
    /// As the files say now. Also keeps two changes of the file apart.
    read: Mutex<Arc<Settings>>,
    in_force: watch::Sender<Arc<Settings>>,
}

impl LiveSettings {
    /// Those that the app starts with.
    pub fn start(sources: Sources) -> Self {
        let started = Arc::new(Settings::load(&sources));
        Self {
            sources,
            read: Mutex::new(started.clone()),
            in_force: watch::Sender::new(started.clone()),
            started,
        }
    }

    /// The settings in force.
    pub fn now(&self) -> Arc<Settings> {
        self.in_force.borrow().clone()
    }

    /// Tells of changes; begins with the settings in force.
    pub fn subscribe(&self) -> watch::Receiver<Arc<Settings>> {
        self.in_force.subscribe()
    }

    /// Reads the files again: what an administrator has rolled out since counts, as far as it can at once.
    pub fn read_again(&self) {
        self.reload(&mut self.read.lock());
    }

    /// What is set and where from, read afresh.
    pub fn report(&self) -> SettingsReport {
        let mut read = self.read.lock();
        self.reload(&mut read);
        let mut settings = read.explain();
        for setting in &mut settings {
            let running = self.started.settled.get(&setting.key);
            setting.after_restart = setting.applies == Applies::Restart
                && running.is_some_and(|running| running.value != setting.value);
        }
        let user_file = self.sources.places.user.as_ref();
        let (_, of_profiles) = read.profiles(&self.sources.places);
        SettingsReport {
            settings,
            problems: [read.problems.clone(), of_profiles].concat(),
            user_file: user_file.map_or_else(String::new, |file| file.display().to_string()),
        }
    }

    /// Writes a value to the user's file.
    ///
    /// # Errors
    /// Those of [`UserFile::set`]; [`Code::SettingsInvalid`] for what the page may not change.
    pub fn set(&self, key: Key, value: &Json) -> Result<(), Fault> {
        self.change(key, |file| file.set(key, value))
    }

    /// Takes a value out of the user's file.
    ///
    /// # Errors
    /// Those of [`LiveSettings::set`].
    pub fn unset(&self, key: Key) -> Result<(), Fault> {
        self.change(key, |file| file.unset(key))
    }

    /// Takes a value out of the user's file, if there is one and the administrator decides nothing
    /// else.
    ///
    /// # Errors
    /// Those of [`LiveSettings::set`].
    pub fn forget(&self, key: Key) -> Result<(), Fault> {
        let file = self.sources.places.user.as_ref();
        if self.now().is_locked(key) || !file.is_some_and(|file| file.exists()) {
            return Ok(());
        }
        self.unset(key)
    }

    fn change(
        &self,
        key: Key,
        change: impl FnOnce(&UserFile<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        if !key.is_changed_in_app() {
            let detail = format!("{} is changed in the file only", key.name());
            return Err(Fault::new(Code::SettingsInvalid, detail));
        }
        let Some(path) = &self.sources.places.user else {
            return Err(Fault::new(
                Code::SettingsNotSaved,
                "there is no place for it",
            ));
        };
        let mut read = self.read.lock();
        // The administrator may have locked it since.
        self.reload(&mut read);
        change(&UserFile::new(path, &read))?;
        self.reload(&mut read);
        Ok(())
    }

    fn reload(&self, read: &mut Arc<Settings>) {
        let fresh = Settings::load(&self.sources);
        let next = self.with_what_counts_at_once(&fresh);
        self.in_force.send_if_modified(|in_force| {
            let changed = in_force.settled != next.settled
                || in_force.updates_unknown != next.updates_unknown;
            if changed {
                *in_force = Arc::new(next);
            }
            changed
        });
        *read = Arc::new(fresh);
    }

    /// The settings that the app was started with, but for those that can be exchanged.
    fn with_what_counts_at_once(&self, fresh: &Settings) -> Settings {
        let mut settled = self.started.settled.clone();
        for (key, fresh) in &fresh.settled {
            if key.applies() == Applies::Now {
                settled.insert(*key, fresh.clone());
            }
        }
        Settings {
            problems: fresh.problems.clone(),
            updates_unknown: fresh.updates_unknown.clone(),
            ..Settings::of(settled, &self.sources)
        }
    }
}
