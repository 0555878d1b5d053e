mod erasing;

use std::fs;

use icalendar::parser::{read_calendar, unfold};
use icalendar::{Calendar, Component as _};
use proptest::prelude::*;
use salon_base::Provider;
use tempfile::TempDir;

use super::export::{HEADINGS, guarded};
use super::*;

/// 21 November 2026, 10:00 UTC.
const TEN: i64 = 1_795_255_200_000;
const MINUTE: i64 = 60_000;

struct Kept {
    folder: TempDir,
    history: History,
}

impl Kept {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let history = History::open(&folder.path().join("h.sqlite3"), TEN).unwrap();
        Self { folder, history }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("h.sqlite3")
    }

    /// As if the app had crashed and been started again.
    fn again(self) -> Self {
        let Self { folder, history } = self;
        drop(history);
        let history = History::open(&folder.path().join("h.sqlite3"), TEN).unwrap();
        Self { folder, history }
    }

    fn all(&self) -> Vec<HistoryEntry> {
        self.history.list("", None, 200).unwrap().entries
    }

    fn meeting(&self, title: &str, at: i64, names: &[&str]) -> i64 {
        let id = self.history.begin(&new(title, at)).unwrap();
        let names: Vec<_> = names.iter().map(|&name| name.to_owned()).collect();
        self.history.update(id, at, &names, None).unwrap();
        self.history
            .finish(id, at + 25 * MINUTE, "left", None)
            .unwrap();
        id
    }

    fn found(&self, search: &str) -> Vec<String> {
        let page = self.history.list(search, None, 200).unwrap();
        page.entries.into_iter().map(|entry| entry.title).collect()
    }

    fn export(&self, format: Format) -> String {
        let mut text = Vec::new();
        self.history.export(format, "", &mut text).unwrap();
        String::from_utf8(text).unwrap()
    }

    /// Whether any file of the history contains the text.
    fn contains(&self, text: &str) -> bool {
        fs::read_dir(self.folder.path()).unwrap().any(|file| {
            let bytes = fs::read(file.unwrap().path()).unwrap();
            bytes
                .windows(text.len())
                .any(|part| part == text.as_bytes())
        })
    }
}

fn new(title: &str, started_at: i64) -> NewEntry {
    NewEntry {
        title: title.into(),
        room: "tea-room".into(),
        provider: Provider::Stream,
        profile: Some("market".into()),
        session_id: Some("ms-1".into()),
        started_at,
    }
}

fn quality() -> QualitySummary {
    QualitySummary {
        reconnections: 2,
        round_trip_ms: Some(41.25),
        loss_percent: Some(0.5),
        received_height: Some(720),
        freezes: Some(1),
        frozen_ms: Some(900.0),
    }
}

#[test]
fn a_meeting_is_kept() {
    let kept = Kept::new();
    let id = kept.history.begin(&new("Tea time", TEN)).unwrap();
    let going_on = kept.all();
    assert_eq!(
        (going_on[0].ended_at, &going_on[0].end_reason),
        (None, &None)
    );
    let names = |names: &[&str]| names.iter().map(|&n| n.to_owned()).collect::<Vec<_>>();
    kept.history
        .update(id, TEN + MINUTE, &names(&["Amina"]), None)
        .unwrap();
    // Somebody who has gone was there all the same.
    kept.history
        .update(id, TEN + MINUTE, &names(&["Bruno", "Amina"]), None)
        .unwrap();
    kept.history
        .finish(id, TEN + 25 * MINUTE, "left", Some(&quality()))
        .unwrap();
    // The first end counts.
    kept.history
        .finish(id, TEN + 30 * MINUTE, "removed", None)
        .unwrap();
    kept.history
        .update(id, TEN + 40 * MINUTE, &names(&["Ghost"]), None)
        .unwrap();
    let kept = kept.again();
    assert_eq!(
        kept.all(),
        [HistoryEntry {
            id,
            title: "Tea time".into(),
            room: "tea-room".into(),
            provider: Provider::Stream,
            profile: Some("market".into()),
            session_id: Some("ms-1".into()),
            participants: names(&["Amina", "Bruno"]),
            started_at: TEN,
            ended_at: Some(TEN + 25 * MINUTE),
            end_reason: Some("left".into()),
            quality: Some(quality()),
        }]
    );
}

#[test]
fn what_a_crash_left_open_ends_when_it_was_last_heard_of() {
    let kept = Kept::new();
    let id = kept.history.begin(&new("Tea", TEN)).unwrap();
    kept.history
        .update(id, TEN + 7 * MINUTE, &[], Some(&quality()))
        .unwrap();
    let kept = kept.again();
    let entry = kept.all().remove(0);
    assert_eq!(entry.ended_at, Some(TEN + 7 * MINUTE));
    assert_eq!(entry.end_reason.as_deref(), Some(INTERRUPTED));
    assert_eq!(entry.quality, Some(quality()));

    // It was no crash: another copy of the app was started while the meeting went on.
    kept.history
        .update(id, TEN + 9 * MINUTE, &["Amina".into()], None)
        .unwrap();
    assert_eq!(kept.all()[0].ended_at, Some(TEN + 9 * MINUTE));
    assert_eq!(kept.found("amina"), ["Tea"]);
    kept.history
        .finish(id, TEN + 10 * MINUTE, "ended", None)
        .unwrap();
    let entry = kept.all().remove(0);
    assert_eq!(entry.ended_at, Some(TEN + 10 * MINUTE));
    assert_eq!(entry.end_reason.as_deref(), Some("ended"));
}

#[test]
fn what_only_stands_in_the_log_survives_a_crash() {
    let kept = Kept::new();
    let id = kept.history.begin(&new("Tea", TEN)).unwrap();
    kept.history
        .update(id, TEN + MINUTE, &["Amina".into()], None)
        .unwrap();
    // What a crash leaves: the log, and not even its index.
    let folder = tempfile::tempdir().unwrap();
    for name in ["h.sqlite3", "h.sqlite3-wal"] {
        fs::copy(kept.folder.path().join(name), folder.path().join(name)).unwrap();
    }
    let history = History::open(&folder.path().join("h.sqlite3"), TEN).unwrap();
    assert_eq!(history.set_aside(), None);
    let entry = history.list("amina", None, 1).unwrap().entries.remove(0);
    assert_eq!(entry.ended_at, Some(TEN + MINUTE));
}

#[test]
fn times_that_cannot_be_are_made_possible() {
    let kept = Kept::new();
    let id = kept.history.begin(&new("Odd", i64::MAX)).unwrap();
    kept.history.update(id, i64::MIN, &[], None).unwrap();
    kept.history.finish(id, -5, "left", None).unwrap();
    let entry = kept.all().remove(0);
    assert_eq!(entry.ended_at, Some(entry.started_at));
    assert!(kept.export(Format::Csv).contains("9999-12-30T22:00:00Z"));
    let nowhere = QualitySummary {
        round_trip_ms: Some(f64::NAN),
        loss_percent: Some(250.0),
        frozen_ms: Some(-1.0),
        ..QualitySummary::default()
    };
    let id = kept.history.begin(&new("Odd", TEN)).unwrap();
    kept.history
        .finish(id, TEN, "left", Some(&nowhere))
        .unwrap();
    let measured = kept.all()[1].quality.clone().unwrap();
    assert_eq!(measured.loss_percent, Some(100.0));
    assert_eq!((measured.round_trip_ms, measured.frozen_ms), (None, None));
}

#[test]
fn no_token_is_kept() {
    let kept = Kept::new();
    let token = "eyJhbGciOiJIUzI1NiJ9.eyJ2aWRlbyI6e319.c2lnbmF0dXJl";
    let mut entry = new(&format!("Tea {token}"), TEN);
    entry.room = token.into();
    entry.profile = Some(token.into());
    entry.session_id = Some(format!("id {token}"));
    let id = kept.history.begin(&entry).unwrap();
    kept.history.update(id, TEN, &[token.into()], None).unwrap();
    kept.history.finish(id, TEN, token, None).unwrap();
    assert!(!kept.contains("eyJ"));
    assert!(!kept.contains("c2lnbmF0dXJl"));
    assert_eq!(kept.all()[0].participants, ["[token]"]);
}

#[test]
fn the_newest_is_first_and_pages_follow_each_other() {
    let kept = Kept::new();
    for index in 0..7 {
        // Some begin at the same time.
        kept.meeting(&format!("m{index}"), TEN + index / 2 * MINUTE, &[]);
    }
    let mut titles = Vec::new();
    let mut before = None;
    loop {
        let page = kept.history.list("m", before, 3).unwrap();
        titles.extend(page.entries.iter().map(|entry| entry.title.clone()));
        before = page.next;
        // What comes and goes meanwhile moves nothing.
        kept.meeting("m new", TEN + 60 * MINUTE, &[]);
        kept.history
            .delete(page.entries.last().unwrap().id)
            .unwrap();
        if before.is_none() {
            break;
        }
    }
    assert_eq!(titles, ["m6", "m5", "m4", "m3", "m2", "m1", "m0"]);
}

#[test]
fn a_full_last_page_has_none_after_it() {
    let kept = Kept::new();
    for index in 0..3 {
        kept.meeting("m", TEN + index, &[]);
    }
    assert_eq!(kept.history.list("", None, 3).unwrap().next, None);
    assert!(kept.history.list("", None, 2).unwrap().next.is_some());
    // At least one, or the list would never end.
    assert_eq!(kept.history.list("", None, 0).unwrap().entries.len(), 1);
}

#[test]
fn every_word_of_a_search_has_to_occur() {
    let kept = Kept::new();
    kept.meeting("Tea time", TEN, &["Amina Zoë"]);
    kept.meeting("100% \"done\"_*", TEN + 1, &["Bruno"]);
    assert_eq!(kept.found("  TIME zOË "), ["Tea time"]);
    assert_eq!(kept.found("time bruno"), [""; 0]);
    assert_eq!(kept.found("TEA-room").len(), 2);
    for exact in ["100%", "\"done\"", "_*", "%", "_", "\""] {
        assert_eq!(kept.found(exact), ["100% \"done\"_*"], "{exact}");
    }
    // Not from the end of one text into the beginning of the next.
    assert_eq!(kept.found("timetea"), [""; 0]);
    for odd in [
        "' OR 1=1 --",
        "\0",
        "NEAR(",
        "a AND",
        "\u{202e}",
        "{}",
        "[\"a\"]",
    ] {
        kept.history.list(odd, None, 10).unwrap();
    }
    assert_eq!(kept.found("\0").len(), 2);
}

#[cfg(unix)]
#[test]
fn only_the_user_can_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/b/h.sqlite3");
    let history = History::open(&path, TEN).unwrap();
    history.begin(&new("Tea", TEN)).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    for file in fs::read_dir(path.parent().unwrap()).unwrap() {
        let file = file.unwrap().path();
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
    drop(history);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    drop(History::open(&path, TEN).unwrap());
    assert_eq!(mode(&path), 0o600);
}

#[test]
fn the_file_of_a_later_version_is_left_alone() {
    let kept = Kept::new();
    kept.meeting("Tea", TEN, &[]);
    let path = kept.path();
    let Kept { folder, history } = kept;
    history
        .connection
        .lock()
        .pragma_update(None, "user_version", 99)
        .unwrap();
    drop(history);
    let before = fs::read(&path).unwrap();
    let fault = History::open(&path, TEN).unwrap_err();
    assert_eq!(fault.code, Code::HistoryNewer);
    assert!(fault.detail.contains("99"), "{fault}");
    assert_eq!(fs::read(&path).unwrap(), before);
    drop(folder);
}

#[test]
fn a_damaged_file_is_set_aside_and_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("h.sqlite3");
    for (round, damage) in ["not a database at all, but long enough", "second"]
        .iter()
        .enumerate()
    {
        fs::write(&path, damage.repeat(100)).unwrap();
        let history = History::open(&path, TEN).unwrap();
        let aside = history.set_aside().unwrap().to_owned();
        assert_eq!(fs::read_to_string(&aside).unwrap(), damage.repeat(100));
        let name = aside.file_name().unwrap().to_str().unwrap();
        let number = if round == 0 { "" } else { "-2" };
        assert_eq!(
            name,
            format!("history-damaged-2026-11-21T100000Z{number}.sqlite3")
        );
        let page = history.list("", None, 10).unwrap();
        let notice = page.notice.unwrap();
        assert_eq!(notice.code, Code::HistoryDamaged);
        assert!(notice.detail.contains(name), "{notice}");
        history.begin(&new("Tea", TEN)).unwrap();
    }
}

#[test]
fn damage_in_the_middle_is_found() {
    let kept = Kept::new();
    for index in 0..200 {
        kept.meeting(&"Long title ".repeat(10), TEN + index, &["Amina"]);
    }
    let path = kept.path();
    let Kept { folder, history } = kept;
    drop(history);
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 8192 * 4096;
    bytes[middle..middle + 4096].fill(0xa5);
    fs::write(&path, &bytes).unwrap();
    let history = History::open(&path, TEN).unwrap();
    assert_eq!(fs::read(history.set_aside().unwrap()).unwrap(), bytes);
    drop(folder);
}

#[test]
fn a_file_without_the_table_is_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("h.sqlite3");
    let other = Connection::open(&path).unwrap();
    other
        .execute_batch("CREATE TABLE t (a); PRAGMA user_version = 1")
        .unwrap();
    drop(other);
    assert!(History::open(&path, TEN).unwrap().set_aside().is_some());
}

#[test]
fn what_cannot_be_a_file_is_unavailable() {
    let folder = tempfile::tempdir().unwrap();
    let taken = folder.path().join("taken");
    fs::write(&taken, "").unwrap();
    for path in [taken.join("h.sqlite3"), folder.path().to_owned()] {
        let fault = History::open(&path, TEN).unwrap_err();
        assert_eq!(fault.code, Code::HistoryUnavailable, "{fault}");
    }
}

#[test]
fn csv_has_a_line_for_each_meeting() {
    let kept = Kept::new();
    let id = kept
        .history
        .begin(&new("=HYPERLINK(\"http://x\")", TEN))
        .unwrap();
    let names = ["@Amina".to_owned(), "Bruno, \"B\"".into(), "-1+1".into()];
    kept.history.update(id, TEN, &names, None).unwrap();
    kept.history
        .finish(id, TEN + 90_500, "left", Some(&quality()))
        .unwrap();
    let text = kept.export(Format::Csv);
    assert_eq!(text.matches("\r\n").count(), 2);
    assert!(text.starts_with(&HEADINGS.join(",")));
    let line = "\"'=HYPERLINK(\"\"http://x\"\")\",\"'@Amina; Bruno, \"\"B\"\"; '-1+1\",\
                2026-11-21T10:00:00Z,2026-11-21T10:01:30Z,90,left,tea-room,stream,market,\
                2,41.2,0.5,720,1,900.0";
    assert_eq!(text.lines().nth(1), Some(line));
}

#[test]
fn ics_has_an_event_for_each_meeting() {
    let kept = Kept::new();
    kept.meeting("Tea, cake; and more", TEN, &["Amina", "Bruno"]);
    let going_on = kept.history.begin(&new("Now", TEN + 30 * MINUTE)).unwrap();
    let text = kept.export(Format::Ics);
    assert_eq!(text, kept.export(Format::Ics), "it changes by itself");
    assert!(
        text.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Salon//"),
        "{text}"
    );
    assert!(text.ends_with("END:VCALENDAR\r\n"));
    for line in [
        "DTSTART:20261121T100000Z",
        "DTEND:20261121T102500Z",
        "DTSTAMP:20261121T102500Z",
        "SUMMARY:Tea\\, cake\\; and more",
        "CLASS:PRIVATE",
        "TRANSP:TRANSPARENT",
    ] {
        assert!(
            text.contains(&format!("\r\n{line}\r\n")),
            "{line} in {text}"
        );
    }
    let unfolded = unfold(&text);
    assert!(
        unfolded.contains("With: Amina\\, Bruno\\nRoom: tea-room\\nEnd: You left the meeting.")
    );
    // One that has no length has no end, which would have to be later.
    assert_eq!(text.matches("DTEND").count(), 1);
    let uids = |text: &str| {
        let uid = |line: &&str| line.starts_with("UID:");
        text.lines()
            .filter(uid)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let before = uids(&text);
    assert_ne!(before[0], before[1]);
    kept.history
        .finish(going_on, TEN + 50 * MINUTE, "ended", None)
        .unwrap();
    assert_eq!(uids(&kept.again().export(Format::Ics)), before);
}

#[test]
fn exports_search_too_and_say_when_they_cannot_be_written() {
    struct Full;
    impl io::Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let kept = Kept::new();
    kept.meeting("Tea", TEN, &[]);
    kept.meeting("Cake", TEN, &[]);
    let mut csv = Vec::new();
    kept.history.export(Format::Csv, "cake", &mut csv).unwrap();
    let csv = String::from_utf8(csv).unwrap();
    assert!(csv.contains("Cake") && !csv.contains("Tea,"), "{csv}");
    for format in [Format::Csv, Format::Ics] {
        let fault = kept.history.export(format, "", Full).unwrap_err();
        assert_eq!(fault.code, Code::HistoryExportFailed);
    }
}

/// Any text, with what is special somewhere more often.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[=+@\\-\t;,\"'\\\\:%_\r\n nN€ßΣ😀]{0,90}",
        "\\PC{0,200}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_texts_survive(title in texts(), room in texts(), name in texts(), search in texts()) {
        let kept = Kept::new();
        let mut entry = new(&title, TEN);
        entry.room = room;
        let id = kept.history.begin(&entry).unwrap();
        kept.history.update(id, TEN, &[name], None).unwrap();
        kept.history.finish(id, TEN + MINUTE, &title, None).unwrap();
        kept.history.list(&search, None, 10).unwrap();
        let entry = kept.all().remove(0);

        // Whatever is shown is found by any word of it.
        let shown = [&entry.title, &entry.room].into_iter().chain(&entry.participants);
        for word in shown.flat_map(|text| text.split_whitespace()) {
            prop_assert_eq!(kept.found(&word.to_uppercase()).len(), 1, "{:?}", word);
        }

        let csv = kept.export(Format::Csv);
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let line = reader.records().next().unwrap().unwrap();
        prop_assert_eq!(line.len(), HEADINGS.len());
        prop_assert_eq!(&line[0], guarded(&entry.title));
        let names = entry.participants.first().map(|name| guarded(name)).unwrap_or_default();
        prop_assert_eq!(&line[1], &*guarded(&names));
        prop_assert_eq!(&line[6], guarded(&entry.room));
        prop_assert!(!line.iter().any(|cell| cell.starts_with(['=', '+', '-', '@', '\t', '\r'])));

        let ics = kept.export(Format::Ics);
        // Octets; the library leaves the last line of a folded one one longer.
        prop_assert!(ics.split("\r\n").all(|line| line.len() <= 76), "{}", ics);
        let unfolded = unfold(&ics);
        let parsed = Calendar::from(read_calendar(&unfolded).unwrap());
        let event = parsed.events().next().unwrap();
        prop_assert_eq!(event.get_summary().unwrap_or_default(), &entry.title);
        let description = event.get_description().unwrap();
        prop_assert!(description.contains(&entry.room), "{}", description);
        prop_assert_eq!(parsed.events().count(), 1);
    }
}
