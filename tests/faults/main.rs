//! The fault table: each fault that can be had without a person is provoked for real, against
//! servers on this computer, and has to give its code. `docs/faults.md` is printed from it.

#![allow(clippy::unwrap_used, reason = "a test that gets nothing has failed")]

mod asking;
mod coordinator;
mod reference;
mod rows;
mod servers;

use std::fmt::Write as _;
use std::sync::Arc;

use rows::Row;
use salon_base::Code;
use tokio::sync::Semaphore;

/// Rows that are provoked at the same time.
const AT_ONCE: usize = 8;

/// Nothing that is said of a fault may have any of these.
const SECRETS: [&str; 3] = ["eyJ", asking::CREDENTIAL, "c2ln"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_fault_is_told_as_the_table_says() {
    // All at once would be a test of how much this computer can do at once.
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let running: Vec<_> = rows::all()
        .into_iter()
        .map(|row| {
            let (provoke, turns) = ((row.provoke)(), turns.clone());
            let turn = async move {
                let _turn = turns.acquire_owned().await.unwrap();
                provoke.await
            };
            (tokio::spawn(turn), row)
        })
        .collect();
    let mut wrong = Vec::new();
    for (
        provoked,
        Row {
            fault: what,
            code,
            detail,
            ..
        },
    ) in running
    {
        let fault = provoked
            .await
            .unwrap_or_else(|error| panic!("{what}: {error}"));
        if fault.code != code || !fault.detail.contains(detail) {
            wrong.push(format!("{what}: {fault}, not {code:?}: {detail}"));
        }
        if SECRETS.iter().any(|secret| fault.detail.contains(secret)) {
            wrong.push(format!("{what}: a secret is told: {fault}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A table of faults says nothing if nothing works.
#[tokio::test]
async fn the_reference_backend_is_joined_by_each_profile() {
    let club = ["Club.Ben", "reading-club-1", "wss://elsewhere.example"].map(str::to_owned);
    for (profile, alone) in [
        ("livekit-meetings", Ok(club)),
        ("salon", Err(Code::MeetingNotFound)),
        (
            "stream-rest",
            Ok(["club_ben", "reading-club-1", "key"].map(str::to_owned)),
        ),
        (
            "next-video-call",
            Ok(["club_ben", "reading-club-1", "key"].map(str::to_owned)),
        ),
    ] {
        let [told, together] = reference::good_tokens(profile).await;
        assert_eq!(told.map_err(|fault| fault.code), alone, "{profile}");
        let [identity, room, server] = together.unwrap();
        if profile == "salon" || profile == "livekit-meetings" {
            assert_eq!(
                (identity.as_str(), server.as_str()),
                ("Club.Ben", "wss://media.example")
            );
            assert!(!room.is_empty());
        } else {
            assert_eq!((identity.as_str(), server.as_str()), ("club_ben", "key"));
            assert!(!room.is_empty());
        }
    }
}

#[test]
fn every_row_is_told_apart() {
    let rows = rows::all();
    assert!(rows.len() >= 40, "{}", rows.len());
    for (index, row) in rows.iter().enumerate() {
        let same = |other: &Row| (other.group, other.fault) == (row.group, row.fault);
        assert!(
            !rows[..index].iter().any(same),
            "{}: {}",
            row.group,
            row.fault
        );
    }
}

#[test]
fn page_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/faults.md");
    generated_files::assert_up_to_date(path, &page());
}

#[test]
fn the_readme_counts_as_many() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    let said = format!("lists {} faults", rows::all().len());
    assert!(readme.contains(&said), "README.md does not say: {said}");
}

fn page() -> String {
    let rows = rows::all();
    let count = rows.len();
    let mut page = format!(
        "<!-- Generated from tests/faults by `./x types`. Do not edit. -->\n\n\
         # What users are told\n\n\
         Each of these {count} faults is provoked by a test (`cargo test --test faults`), for real: \
         over sockets, TLS and proxies on one computer (what only one system can have, on that system). It \
         has to give the code and with it the sentence, and nothing secret.\n"
    );
    let mut group = "";
    for row in rows {
        if row.group != group {
            group = row.group;
            let _ = write!(
                page,
                "\n## {group}\n\n| fault | provoked by | code | the user is told |\n|---|---|---|---|\n"
            );
        }
        let words = row.code.words().unwrap();
        let _ = writeln!(
            page,
            "| {} | {} | `{}` | {} {} |",
            row.fault,
            row.provoked_by,
            row.code.name(),
            words.sentence,
            words.next
        );
    }
    page
}
