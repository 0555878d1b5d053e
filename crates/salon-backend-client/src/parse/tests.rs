use proptest::prelude::*;
use serde_json::json;

use super::*;

fn read(list: &Value, user: &str) -> Parsed {
    Reader::new(SessionFields::default()).read(list, user)
}

/// As contract P3 has it.
fn entry() -> Value {
    json!({
        "id": "s1", "offreId": "o1", "demandeId": "d1", "demandeurId": "ann", "offreurId": "ben",
        "callId": "call-1", "status": "active", "createdAt": 1_735_689_599_000_u64,
        "title": "Help with a hedge", "otherPartyName": "Ann",
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut entry = entry();
    entry[name] = value;
    entry
}

#[test]
fn an_entry_of_the_contract_is_read() {
    let parsed = read(&json!([entry()]), "ben");
    assert!(parsed.answered.is_empty());
    let expected = MeetingSession {
        id: "s1".into(),
        offer_id: "o1".into(),
        request_id: "d1".into(),
        requester_id: "ann".into(),
        offerer_id: "ben".into(),
        call_id: "call-1".into(),
        status: Status::Active,
        created_at: 1_735_689_599_000,
        ended_at: None,
        title: "Help with a hedge".into(),
        other_party: "Ann".into(),
        role: Role::Offerer,
    };
    assert_eq!(parsed.sessions, [expected]);
    let ann = read(&json!([entry()]), "ann").sessions.remove(0);
    assert_eq!(ann.role, Role::Requester);
}

#[test]
fn the_role_may_be_said_and_is_needed() {
    let said = read(&json!([with("role", json!("requester"))]), "");
    assert_eq!(said.sessions[0].role, Role::Requester);
    assert!(read(&json!([entry()]), "").sessions.is_empty());
    assert!(read(&json!([entry()]), "cem").sessions.is_empty());
}

#[test]
fn times_come_in_three_kinds() {
    for time in [
        json!(1_735_689_599_000_u64),
        json!(1_735_689_599_000.25),
        json!(1_735_689_599),
        json!("2024-12-31T23:59:59Z"),
        json!("2025-01-01T00:59:59+01:00"),
    ] {
        let parsed = read(&json!([with("createdAt", time.clone())]), "ben");
        assert_eq!(parsed.sessions[0].created_at, 1_735_689_599_000, "{time}");
    }
}

#[test]
fn bad_entries_are_left_out_and_the_others_stay() {
    let long = "x".repeat(LONGEST_ID + 1);
    let bad = [
        with("id", json!(null)),
        with("id", json!(long)),
        with("id", json!("two words")),
        with("callId", json!("")),
        with("callId", json!({})),
        with("status", json!("paused")),
        with("createdAt", json!("yesterday")),
        with("createdAt", json!(-1)),
        with("createdAt", json!(1e300)),
        json!(null),
        json!([1, 2]),
    ];
    for bad in bad {
        let parsed = read(&json!([bad, entry()]), "ben");
        assert_eq!(parsed.sessions.len(), 1, "{bad}");
    }
    for no_list in [json!({}), json!(null), json!("x"), json!([[]])] {
        assert_eq!(read(&no_list, "ben"), Parsed::default());
    }
}

#[test]
fn lengths_and_numbers_are_bounded() {
    let title = format!("a\nb\u{202e}{}", "x".repeat(10_000));
    let parsed = read(&json!([with("title", json!(title))]), "ben");
    assert!(parsed.sessions[0].title.starts_with("a b x"));
    assert_eq!(parsed.sessions[0].title.chars().count(), LONGEST_TITLE);
    let many: Vec<_> = (0..MOST_ENTRIES + 10)
        .map(|n| with("id", json!(n)))
        .collect();
    let parsed = read(&json!(many), "ben");
    assert_eq!(parsed.sessions.len(), MOST_SESSIONS);
}

#[test]
fn a_backend_may_tell_what_was_answered_elsewhere() {
    let list = json!([
        with("answered", json!(true)),
        with("answered", json!(false)),
        with("answered", json!(null)),
    ]);
    assert_eq!(read(&list, "ben").answered, ["s1"]);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".*".prop_map(Value::from),
        Just(json!("active")),
        Just(json!("ben")),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{0,8}", inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_comes_is_survived_and_what_is_read_is_right(
        replaced in prop::collection::vec((0..12_usize, any_json()), 0..4),
        noise in any_json(),
    ) {
        let names: Vec<_> = entry().as_object().unwrap().keys().cloned().collect();
        let mut odd = entry();
        for (which, value) in replaced {
            odd[names[which % names.len()].as_str()] = value;
        }
        read(&noise, "ben");
        let parsed = read(&json!([odd, noise]), "ben");
        for session in parsed.sessions {
            prop_assert!((1..=LONGEST_ID).contains(&session.id.chars().count()));
            prop_assert!(!session.call_id.is_empty());
            prop_assert!(session.title.chars().count() <= LONGEST_TITLE);
            prop_assert!(session.other_party.chars().count() <= LONGEST_NAME);
            prop_assert!(!session.title.chars().any(char::is_control));
            prop_assert!(session.created_at <= 8_640_000_000_000_000);
        }
    }
}
