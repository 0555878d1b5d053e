//! What is taken away is not on the disk any more.

use super::*;

#[test]
fn what_is_deleted_is_not_in_the_file() {
    let kept = Kept::new();
    let secret = kept.meeting("Xylophone quartet", TEN, &["Wilhelmina Quist"]);
    let stays = kept.meeting("Tea", TEN, &["Bruno"]);
    assert!(kept.contains("Xylophone") && kept.contains("Quist"));
    kept.history.delete(secret).unwrap();
    assert!(!kept.contains("Xylophone") && !kept.contains("xylophone"));
    assert!(!kept.contains("Quist") && !kept.contains("quist"));
    assert_eq!(kept.all()[0].id, stays);
    // It may be gone already.
    kept.history.delete(secret).unwrap();
    kept.history
        .update(secret, TEN, &["Quist".into()], None)
        .unwrap();
    kept.history.finish(secret, TEN, "left", None).unwrap();
    assert_eq!(kept.all().len(), 1);

    kept.history.clear().unwrap();
    assert!(!kept.contains("Bruno") && !kept.contains("bruno"));
    assert_eq!(kept.all(), []);
    assert!(
        kept.meeting("Tea", TEN, &[]) > stays,
        "an id was given twice"
    );
}

#[test]
fn old_entries_can_be_taken_away() {
    let kept = Kept::new();
    kept.meeting("Ancient", TEN - 1000 * MINUTE, &["Quist"]);
    kept.meeting("Recent", TEN, &[]);
    kept.history
        .begin(&new("Still going on", TEN - 2000 * MINUTE))
        .unwrap();
    assert_eq!(kept.history.prune(TEN).unwrap(), 1);
    assert_eq!(kept.found(""), ["Recent", "Still going on"]);
    assert!(!kept.contains("Ancient") && !kept.contains("Quist"));
}

#[test]
fn a_damaged_file_is_not_remembered_for_longer() {
    let kept = Kept::new();
    kept.meeting("Xylophone quartet", TEN, &[]);
    let Kept { folder, history } = kept;
    drop(history);
    let aside = [
        "history-damaged-2026-11-21T100000Z.sqlite3",
        "history-damaged-2.sqlite3-wal",
    ]
    .map(|name| folder.path().join(name));
    let set_aside = || {
        for path in &aside {
            fs::write(path, "Xylophone quartet").unwrap();
        }
    };
    set_aside();
    let history = History::open(&folder.path().join("h.sqlite3"), TEN).unwrap();
    let kept = Kept { folder, history };
    // They were written just now.
    kept.history.prune(TEN + 1000 * MINUTE).unwrap();
    assert!(aside.iter().all(|path| path.exists()));
    kept.history.prune(LAST_TIME).unwrap();
    assert!(!kept.contains("Xylophone"));
    set_aside();
    kept.history.clear().unwrap();
    assert!(!kept.contains("Xylophone"));
}
