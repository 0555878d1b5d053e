//! For how long this computer remembers the user's meetings, and erasing what it knows of the user.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use salon_account::Clock;
use salon_base::{Code, Fault};
use salon_settings::{Key, LiveSettings, Settings};
use tauri::{AppHandle, Manager as _, State};
use tokio::sync::watch;

use crate::kept_history::KeptHistory;
use crate::logging::LogFolder;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Forgets what is older than the settings say: at the start, whenever they change, and daily. A
/// meeting that goes on is forgotten, too, once none is to be remembered. Runs as long as the settings
/// are there.
pub(crate) async fn keep_to_setting(
    history: KeptHistory,
    mut settings: watch::Receiver<Arc<Settings>>,
    clock: Arc<dyn Clock>,
) {
    loop {
        let (days, remembers) = {
            let now = settings.borrow_and_update();
            (now.history_days, now.history)
        };
        if !remembers {
            history.forget_begun().await;
        }
        let now = clock.now();
        // Zero: nothing is ever forgotten.
        if days > 0 && history.is_there() {
            let age = DAY.saturating_mul(days);
            let since = now
                .checked_sub(age)
                .and_then(|limit| limit.duration_since(UNIX_EPOCH).ok());
            let limit = since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(0));
            let forgotten = history.with(move |history| history.prune(limit)).await;
            if let Ok(count @ 1..) = forgotten {
                tracing::info!(count, days, "old meetings were forgotten");
            }
        }
        tokio::select! {
            changed = settings.changed() => if changed.is_err() { return },
            () = clock.until(now + DAY) => {}
        }
    }
}

/// Erases what this computer remembers of the user, who has signed out: past meetings, name and
/// logs. What fails does not keep the rest.
#[tauri::command]
pub async fn erase_traces(app: AppHandle, history: State<'_, KeptHistory>) -> Result<(), Fault> {
    let rest = move || forget_name_and_log(&app.state::<LiveSettings>(), &app.state::<LogFolder>());
    erase(&history, rest).await
}

async fn erase(
    history: &KeptHistory,
    rest: impl FnOnce() -> Result<(), Fault> + Send + 'static,
) -> Result<(), Fault> {
    let meetings = match history.is_there() {
        true => history.with(|history| history.clear()).await,
        false => Ok(()),
    };
    let rest = tauri::async_runtime::spawn_blocking(rest)
        .await
        .map_err(|error| Fault::new(Code::Internal, error.to_string()))?;
    meetings.and(rest)
}

fn forget_name_and_log(settings: &LiveSettings, log: &LogFolder) -> Result<(), Fault> {
    let name = settings.forget(Key::Name);
    let log = log.erase().map_err(|error| {
        let detail = format!("the log was not erased: {}", error.kind());
        Fault::new(Code::Internal, detail)
    });
    name.and(log)
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::SystemTime;

    use super::*;
    use salon_account::vault::{MemoryVault, Vault as _};
    use salon_account::{Account, Limits, Means, Product};
    use salon_base::{Later, Provider};
    use salon_history::{History, NewEntry};
    use salon_profile::default_profile;
    use salon_settings::{Places, Sources};

    /// The system's time, plus what a test adds; says how often somebody waits for a later one.
    #[derive(Debug, Default)]
    struct Moved {
        ahead: watch::Sender<Duration>,
        waits: watch::Sender<usize>,
    }

    impl Clock for Moved {
        fn now(&self) -> SystemTime {
            SystemTime::now() + *self.ahead.borrow()
        }

        fn until(&self, time: SystemTime) -> Later<'_, ()> {
            let mut ahead = self.ahead.subscribe();
            self.waits.send_modify(|waits| *waits += 1);
            Box::pin(async move { while self.now() < time && ahead.changed().await.is_ok() {} })
        }
    }

    fn days_ago(days: u32) -> i64 {
        let at = SystemTime::now() - DAY * days;
        let since = at.duration_since(UNIX_EPOCH).unwrap();
        i64::try_from(since.as_millis()).unwrap()
    }

    fn meeting(history: &History, title: &str, days: u32) {
        let at = days_ago(days);
        let entry = NewEntry {
            title: title.into(),
            room: title.to_lowercase(),
            provider: Provider::Livekit,
            profile: None,
            session_id: None,
            started_at: at,
        };
        let id = history.begin(&entry).unwrap();
        history
            .update(id, at, &[format!("{title} Quist")], None)
            .unwrap();
        history.finish(id, at, "left", None).unwrap();
    }

    /// Whether any file of the folder has it, the database's log included.
    fn on_disk(folder: &Path, text: &str) -> bool {
        std::fs::read_dir(folder).unwrap().any(|file| {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            let text = text.as_bytes();
            bytes
                .windows(text.len())
                .any(|part| part.eq_ignore_ascii_case(text))
        })
    }

    /// A computer with meetings of 40, 20 and 5 days ago, as a crash left them: in the log, too.
    fn computer() -> tempfile::TempDir {
        let (before, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let history = History::open(&before.path().join("history.sqlite3"), 0).unwrap();
        for (title, days) in [("Xylophone", 40), ("Harpsichord", 20), ("Bassoon", 5)] {
            meeting(&history, title, days);
        }
        for file in std::fs::read_dir(before.path()).unwrap() {
            let file = file.unwrap();
            std::fs::copy(file.path(), folder.path().join(file.file_name())).unwrap();
        }
        assert!(on_disk(folder.path(), "Xylophone Quist"));
        folder
    }

    fn live_settings(folder: &Path, text: &str) -> LiveSettings {
        let user = folder.join("settings.toml");
        std::fs::write(&user, text).unwrap();
        LiveSettings::start(Sources {
            places: Places {
                user: Some(user),
                ..Places::default()
            },
            ..Sources::default()
        })
    }

    fn kept(folder: &Path) -> KeptHistory {
        KeptHistory::at(Some(folder.join("history.sqlite3")))
    }

    #[tokio::test]
    async fn meetings_older_than_the_setting_are_on_the_disk_no_more() {
        let (folder, own) = (computer(), tempfile::tempdir().unwrap());
        let live = live_settings(own.path(), "history_days = 30\n");
        let clock = Arc::new(Moved::default());
        let keeping = keep_to_setting(kept(folder.path()), live.subscribe(), clock.clone());
        let task = tokio::spawn(keeping);
        let mut waits = clock.waits.subscribe();
        let is_kept = |title| on_disk(folder.path(), title);
        // At the start.
        waits.wait_for(|waits| *waits == 1).await.unwrap();
        assert_eq!(
            ["Xylophone", "Harpsichord", "Bassoon"].map(is_kept),
            [false, true, true]
        );
        // When the setting changes.
        live.set(Key::HistoryDays, &10.into()).unwrap();
        waits.wait_for(|waits| *waits == 2).await.unwrap();
        assert_eq!(["Harpsichord", "Bassoon"].map(is_kept), [false, true]);
        // While the app goes on running.
        clock.ahead.send_replace(DAY * 6);
        waits.wait_for(|waits| *waits == 3).await.unwrap();
        assert!(!is_kept("Bassoon") && !is_kept("Quist"));
        drop(live);
        task.await.unwrap();
    }

    #[tokio::test]
    async fn a_meeting_that_goes_on_is_on_the_disk_no_more_once_none_is_remembered() {
        let (folder, own) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let live = live_settings(own.path(), "");
        let clock = Arc::new(Moved::default());
        let kept = kept(folder.path());
        let keeping = keep_to_setting(kept.clone(), live.subscribe(), clock.clone());
        let task = tokio::spawn(keeping);
        let mut waits = clock.waits.subscribe();
        waits.wait_for(|waits| *waits == 1).await.unwrap();
        let entry = |title: &str| NewEntry {
            title: title.into(),
            room: title.to_lowercase(),
            provider: Provider::Livekit,
            profile: None,
            session_id: None,
            started_at: days_ago(0),
        };
        let begin = |title| kept.begin(entry(title), live.subscribe());
        let with = |id, name: &str| {
            let names = [name.to_owned()];
            kept.with(move |history| history.update(id, days_ago(0), &names, None))
        };
        let before = begin("Zither").await.unwrap();
        kept.finish(before, "left".into(), None).await.unwrap();
        let id = begin("Marimba").await.unwrap();
        with(id, "Quist").await.unwrap();
        assert!(on_disk(folder.path(), "Marimba") && on_disk(folder.path(), "Quist"));
        live.set(Key::History, &false.into()).unwrap();
        waits.wait_for(|waits| *waits == 2).await.unwrap();
        // The page goes on telling of it.
        with(id, "Osterman").await.unwrap();
        kept.finish(id, "left".into(), None).await.unwrap();
        let refused = begin("Celesta").await.unwrap_err();
        assert_eq!(refused.code, Code::HistoryUnavailable);
        for gone in ["Marimba", "Quist", "Osterman", "Celesta"] {
            assert!(!on_disk(folder.path(), gone), "{gone}");
        }
        assert!(on_disk(folder.path(), "Zither"), "past ones stay");
        drop(live);
        task.await.unwrap();
    }

    #[tokio::test]
    async fn with_zero_days_nothing_is_forgotten_and_no_file_is_made_for_forgetting() {
        let (folder, own) = (computer(), tempfile::tempdir().unwrap());
        let live = live_settings(own.path(), "history_days = 0\n");
        let clock = Arc::new(Moved::default());
        let empty = tempfile::tempdir().unwrap();
        for path in [folder.path(), empty.path()] {
            let keeping = keep_to_setting(kept(path), live.subscribe(), clock.clone());
            let task = tokio::spawn(keeping);
            let mut waits = clock.waits.subscribe();
            waits.mark_unchanged();
            waits.changed().await.unwrap();
            task.abort();
        }
        assert!(on_disk(folder.path(), "Xylophone"));
        assert_eq!(std::fs::read_dir(empty.path()).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn who_signs_out_of_a_shared_computer_leaves_nothing_on_its_disk_and_in_its_keyring() {
        const PASTED: &str = "opaque-0123456789-abcdef";
        // Meetings as a crash left them, a name, a log of two days, and a sign-in.
        let folder = computer();
        let live = live_settings(folder.path(), "name = 'Amina Okafor'\nringtone = false\n");
        let program = salon_product::PROGRAM;
        for day in ["2026-11-27", "2026-11-28"] {
            let log = folder.path().join(format!("{program}.{day}.log"));
            std::fs::write(log, "INFO joining, server=wss://orchestra.example\n").unwrap();
        }
        let vault = Arc::new(MemoryVault::new());
        let base: url::Url = "https://orchestra.example/".parse().unwrap();
        let (profiles, _) = live.now().profiles(&Places::default());
        let profile = profiles.require(default_profile()).unwrap();
        let product = Product::new(profile, base.clone());
        let entry = format!(
            "account {} {}",
            product.info.profile,
            base.origin().ascii_serialization()
        );
        let means = Means {
            vault: vault.clone(),
            clock: Arc::new(salon_account::SystemClock),
            http: salon_http::http_client().unwrap(),
            open: Arc::new(|_| Ok(())),
            limits: Limits::default(),
            given: None,
        };
        let account = Account::new(Some(product), means);
        account.paste(PASTED).await.unwrap();
        assert!(vault.read(&entry).await.unwrap().is_some());
        let traces = ["Xylophone", "Harpsichord", "Quist", "Okafor", "orchestra"];
        assert!(traces.iter().all(|trace| on_disk(folder.path(), trace)));
        account.sign_out().await.unwrap();
        let logs = LogFolder(Some(folder.path().to_owned()));
        let live = Arc::new(live);
        let settings = live.clone();
        let rest = move || forget_name_and_log(&settings, &logs);
        erase(&kept(folder.path()), rest).await.unwrap();
        for trace in traces {
            assert!(!on_disk(folder.path(), trace), "{trace}");
        }
        assert!(vault.read(&entry).await.unwrap().is_none());
        assert_eq!(account.state().borrow().user, None);
        // What is no trace of the user stays.
        assert!(!live.now().ringtone);
        assert!(on_disk(folder.path(), "ringtone"));
    }

    #[test]
    fn the_users_name_is_forgotten_and_an_administrators_is_not() {
        let own = tempfile::tempdir().unwrap();
        let live = live_settings(own.path(), "name = 'Amina'\nringtone = false\n");
        live.forget(Key::Name).unwrap();
        assert_eq!(live.now().name, None);
        let file = std::fs::read_to_string(own.path().join("settings.toml")).unwrap();
        assert_eq!(file, "ringtone = false\n");
        let policy = own.path().join("policy.toml");
        std::fs::write(&policy, "[values]\nname = 'Front desk'\n").unwrap();
        let locked = LiveSettings::start(Sources {
            places: Places {
                policy: Some(policy),
                user: Some(own.path().join("none.toml")),
                ..Places::default()
            },
            ..Sources::default()
        });
        locked.forget(Key::Name).unwrap();
        assert_eq!(locked.now().name.as_deref(), Some("Front desk"));
        assert!(!own.path().join("none.toml").exists());
    }
}
