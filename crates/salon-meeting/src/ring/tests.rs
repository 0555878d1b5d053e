use std::collections::{HashMap, HashSet};

use proptest::prelude::*;

use super::*;

const START: u64 = 1_800_000_000_000;

/// A clock that the tests move.
struct Time {
    zero: Instant,
    passed: Duration,
}

impl Time {
    fn start() -> Self {
        Self {
            zero: Instant::now(),
            passed: Duration::ZERO,
        }
    }

    fn now(&self) -> Moment {
        Moment {
            instant: self.zero + self.passed,
            unix_ms: START + u64::try_from(self.passed.as_millis()).unwrap(),
        }
    }

    fn pass(&mut self, by: Duration) {
        self.passed += by;
    }
}

fn session(id: &str, role: Role, created_at: u64) -> MeetingSession {
    MeetingSession {
        id: id.into(),
        offer_id: format!("offer-{id}"),
        request_id: format!("request-{id}"),
        requester_id: "amina".into(),
        offerer_id: "bruno".into(),
        call_id: format!("call-{id}"),
        status: Status::Active,
        created_at,
        ended_at: None,
        title: "Help with a hedge".into(),
        other_party: "Amina".into(),
        role,
    }
}

fn ended(mut session: MeetingSession, status: Status) -> MeetingSession {
    session.status = status;
    session.ended_at = Some(session.created_at + 1);
    session
}

fn stop(id: &str, why: StopReason) -> RingEvent {
    RingEvent::Stop { id: id.into(), why }
}

/// After an empty first list.
fn running(time: &Time) -> Ring {
    let mut ring = Ring::new(time.now());
    assert_eq!(ring.heard(&[], &[], time.now()), []);
    ring
}

#[test]
fn the_offerer_is_rung_once_and_the_requester_goes_to_the_lobby() {
    let mut time = Time::start();
    let mut ring = running(&time);
    time.pass(Duration::from_secs(5));
    let offered = session("a", Role::Offerer, time.now().unix_ms);
    let asked = session("b", Role::Requester, time.now().unix_ms);
    let list = [offered.clone(), asked.clone()];
    assert_eq!(
        ring.heard(&list, &[], time.now()),
        [
            RingEvent::Ring(offered.clone()),
            RingEvent::OpenLobby(asked.clone())
        ]
    );
    assert_eq!(ring.ringing(), ["a"]);
    assert_eq!(ring.audible().as_deref(), Some("a"));
    assert_eq!(ring.heard(&list, &[], time.now()), []);
    // A list that lost it for a moment.
    assert_eq!(
        ring.heard(&[], &[], time.now()),
        [stop("a", StopReason::Gone)]
    );
    assert_eq!(ring.heard(&list, &[], time.now()), []);
    assert_eq!(ring.active(), [asked, offered]);
}

#[test]
fn at_first_only_what_is_new_rings() {
    let time = Time::start();
    let mut ring = Ring::new(time.now());
    let minutes = |n: u64| START - n * 60_000;
    let young = session("young", Role::Offerer, minutes(2));
    let list = [
        session("old", Role::Offerer, minutes(10)),
        young.clone(),
        session("mine", Role::Requester, minutes(2)),
        ended(
            session("over", Role::Offerer, minutes(1)),
            Status::Completed,
        ),
    ];
    assert_eq!(ring.heard(&list, &[], time.now()), [RingEvent::Ring(young)]);
    let shown: Vec<_> = ring.active().iter().map(|s| s.id.as_str()).collect();
    assert_eq!(shown, ["young", "mine", "old"]);
}

#[test]
fn a_request_answered_between_start_and_the_first_list_opens_the_lobby() {
    let mut time = Time::start();
    let mut ring = Ring::new(time.now());
    time.pass(Duration::from_secs(3));
    let asked = session("a", Role::Requester, START + 1_000);
    assert_eq!(
        ring.heard(std::slice::from_ref(&asked), &[], time.now()),
        [RingEvent::OpenLobby(asked)]
    );
}

#[test]
fn what_was_created_while_the_computer_slept_for_long_does_not_ring() {
    let mut time = Time::start();
    let mut ring = running(&time);
    time.pass(Duration::from_secs(3 * 3600));
    let list = [
        session("a", Role::Offerer, START + 1_000),
        session("b", Role::Requester, START + 1_000),
    ];
    assert_eq!(ring.heard(&list, &[], time.now()), []);
    assert_eq!(ring.active().len(), 2);
}

#[test]
fn it_stops_for_each_reason_at_once() {
    let time = Time::start();
    let ringing = || {
        let mut ring = running(&time);
        let a = session("a", Role::Offerer, START);
        ring.heard(std::slice::from_ref(&a), &[], time.now());
        assert_eq!(ring.ringing(), ["a"]);
        (ring, a)
    };
    for (status, why) in [
        (Status::Cancelled, StopReason::Cancelled),
        (Status::Completed, StopReason::Completed),
    ] {
        let (mut ring, a) = ringing();
        let list = [ended(a.clone(), status)];
        assert_eq!(ring.heard(&list, &[], time.now()), [stop("a", why)]);
        assert!(ring.active().is_empty() && ring.deadline().is_none());

        let (mut ring, a) = ringing();
        assert_eq!(ring.ended("a", status), Some(stop("a", why)));
        assert!(ring.active().is_empty());
        // The list is late.
        assert_eq!(ring.heard(&[a], &[], time.now()), []);
        assert!(ring.active().is_empty());
    }
    let (mut ring, a) = ringing();
    let elsewhere = stop("a", StopReason::AnsweredElsewhere);
    assert_eq!(ring.heard(&[a], &["a".into()], time.now()), [elsewhere]);
    assert_eq!(ring.active().len(), 1);

    let (mut ring, a) = ringing();
    let dismissed = stop("a", StopReason::Dismissed);
    assert_eq!(ring.dismissed("a"), Some(dismissed));
    assert_eq!(ring.dismissed("a"), None);
    // As after a reconnect.
    assert_eq!(ring.heard(&[a], &[], time.now()), []);

    let (mut ring, _) = ringing();
    assert_eq!(ring.joined("a"), Some(stop("a", StopReason::Joined)));
    let (mut ring, _) = ringing();
    assert_eq!(ring.sign_out(), [stop("a", StopReason::SignedOut)]);
    assert!(ring.active().is_empty());
}

#[test]
fn what_nobody_answers_is_missed_after_a_minute() {
    let mut time = Time::start();
    let mut ring = running(&time);
    let a = session("a", Role::Offerer, START);
    ring.heard(std::slice::from_ref(&a), &[], time.now());
    assert_eq!(ring.deadline(), Some(time.now().instant + RINGS_FOR));
    time.pass(RINGS_FOR - Duration::from_millis(1));
    assert_eq!(ring.tick(time.now().instant), []);
    time.pass(Duration::from_millis(1));
    let missed = stop("a", StopReason::Missed);
    assert_eq!(ring.tick(time.now().instant), [missed]);
    assert_eq!(ring.deadline(), None);
    assert_eq!(ring.active(), [a]);
}

#[test]
fn what_was_answered_or_dismissed_anywhere_is_not_missed() {
    let time = Time::start();
    let offered = |id: &str| session(id, Role::Offerer, START);
    let all: Vec<_> = [
        "dismissed",
        "joined",
        "phone",
        "over",
        "ended",
        "called-off",
    ]
    .map(offered)
    .into();
    let mut ring = running(&time);
    ring.heard(&all, &[], time.now());
    ring.dismissed("dismissed");
    ring.joined("joined");
    ring.ended("ended", Status::Cancelled);
    let mut next = all.clone();
    next[3] = ended(offered("over"), Status::Completed);
    next[5] = ended(offered("called-off"), Status::Cancelled);
    // It was short, and is over by the time it is heard of.
    let answered = ["phone", "over"].map(str::to_owned);
    ring.heard(&next, &answered, time.now());
    assert!(ring.ringing().is_empty());
    assert_eq!(ring.missed(), ["called-off"]);
}

#[test]
fn what_was_missed_stays_so_until_it_is_joined_and_only_the_last_are_told_of() {
    let mut time = Time::start();
    let mut ring = running(&time);
    for turn in 0..MOST_MISSED + 2 {
        let id = format!("s{turn}");
        ring.heard(
            &[session(&id, Role::Offerer, time.now().unix_ms)],
            &[],
            time.now(),
        );
        time.pass(RINGS_FOR);
        assert_eq!(ring.tick(time.now().instant).len(), 1);
    }
    let missed = ring.missed();
    assert_eq!(missed.len(), MOST_MISSED);
    assert_eq!(missed.first().unwrap(), "s2");
    assert_eq!(ring.joined("s5"), None);
    assert!(!ring.missed().contains(&"s5".to_owned()));
    // Or on another device, which only a list tells.
    let late = session("s9", Role::Offerer, time.now().unix_ms);
    ring.heard(&[late], &["s9".to_owned()], time.now());
    assert!(!ring.missed().contains(&"s9".to_owned()));
}

#[test]
fn what_ended_does_not_come_back() {
    let time = Time::start();
    let mut ring = running(&time);
    let a = session("a", Role::Offerer, START);
    ring.heard(&[ended(a.clone(), Status::Completed)], &[], time.now());
    assert_eq!(ring.heard(std::slice::from_ref(&a), &[], time.now()), []);
    ring.heard(&[ended(a, Status::Cancelled)], &[], time.now());
    assert_eq!(ring.status("a"), Some(Status::Completed));
    assert!(ring.active().is_empty());
}

#[test]
fn what_is_listed_no_more_has_not_ended_by_that() {
    let time = Time::start();
    let mut ring = running(&time);
    let [one, other] = ["a", "b"].map(|id| session(id, Role::Offerer, START));
    ring.heard(&[one.clone(), other.clone()], &[], time.now());
    let cancelled = ended(other, Status::Cancelled);
    ring.heard(&[one.clone(), cancelled], &[], time.now());
    let ended_as = |ring: &Ring| ["a", "b"].map(|id| ring.ended_as(id));
    assert_eq!(ended_as(&ring), [None, Some(Status::Cancelled)]);
    ring.heard(&[], &[], time.now());
    assert_eq!(ended_as(&ring), [None, Some(Status::Cancelled)]);
    assert!(!ring.lists("a"));
    ring.heard(&[one], &[], time.now());
    assert!(ring.lists("a"));
}

#[test]
fn one_is_heard_and_none_during_a_call() {
    let mut time = Time::start();
    let mut ring = running(&time);
    for id in ["a", "b"] {
        let list: Vec<_> = ["a", "b"]
            .iter()
            .filter(|other| **other <= id)
            .map(|id| session(id, Role::Offerer, START))
            .collect();
        ring.heard(&list, &[], time.now());
        time.pass(Duration::from_secs(1));
    }
    assert_eq!(ring.ringing(), ["a", "b"]);
    assert_eq!(ring.audible().as_deref(), Some("a"));
    ring.dismissed("a");
    assert_eq!(ring.audible().as_deref(), Some("b"));
    ring.set_in_call(true);
    assert_eq!(ring.audible(), None);
    // Nobody is taken out of a call.
    let asked = session("c", Role::Requester, time.now().unix_ms);
    let rung = ring.heard(std::slice::from_ref(&asked), &[], time.now());
    assert!(rung.contains(&RingEvent::Ring(asked)), "{rung:?}");
    assert_eq!(ring.audible(), None);
    ring.set_in_call(false);
    assert_eq!(ring.audible().as_deref(), Some("c"));
}

#[test]
fn a_flood_is_bounded() {
    let time = Time::start();
    let mut ring = running(&time);
    let flood = |round: usize| -> Vec<_> {
        (0..200)
            .map(|n| session(&format!("{round}-{n}"), Role::Offerer, START))
            .collect()
    };
    for round in 0..50 {
        ring.heard(&flood(round), &[], time.now());
        assert!(ring.ringing().len() <= MOST_RINGING);
    }
    assert!(ring.known.len() <= REMEMBERED + 200);
    assert_eq!(ring.known.len(), ring.order.len());
}

#[derive(Clone, Debug)]
enum Step {
    List(Vec<(u8, Status, Role, u16)>, Vec<u8>),
    Dismiss(u8),
    Join(u8),
    End(u8, Status),
    Call(bool),
    Pass(u16),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let status = prop_oneof![
        4 => Just(Status::Active),
        1 => Just(Status::Completed),
        1 => Just(Status::Cancelled)
    ];
    let role = prop_oneof![Just(Role::Offerer), Just(Role::Requester)];
    let entry = (0..6_u8, status.clone(), role, 0..900_u16);
    let list = (
        prop::collection::vec(entry, 0..6),
        prop::collection::vec(0..6_u8, 0..2),
    );
    let step = prop_oneof![
        6 => list.prop_map(|(list, answered)| Step::List(list, answered)),
        1 => (0..6_u8).prop_map(Step::Dismiss),
        1 => (0..6_u8).prop_map(Step::Join),
        1 => (0..6_u8, status).prop_map(|(id, status)| Step::End(id, status)),
        1 => any::<bool>().prop_map(Step::Call),
        2 => (0..90_u16).prop_map(Step::Pass),
    ];
    prop::collection::vec(step, 0..40)
}

proptest! {
    #[test]
    fn nothing_rings_twice_or_after_its_end_and_all_stops(steps in steps()) {
        let mut time = Time::start();
        let mut ring = Ring::new(time.now());
        let mut rung = HashMap::<String, bool>::new();
        let mut over = HashSet::<String>::new();
        for step in steps {
            let events = match step {
                Step::List(list, answered) => {
                    let list: Vec<_> = list
                        .into_iter()
                        .map(|(id, status, role, age)| {
                            let created = time.now().unix_ms - u64::from(age) * 1000;
                            let session = session(&id.to_string(), role, created);
                            match status {
                                Status::Active => session,
                                status => ended(session, status),
                            }
                        })
                        .collect();
                    let answered: Vec<_> = answered.iter().map(u8::to_string).collect();
                    let events = ring.heard(&list, &answered, time.now());
                    let mut seen = HashSet::new();
                    for session in list.iter().filter(|s| seen.insert(s.id.clone())) {
                        if session.status != Status::Active {
                            over.insert(session.id.clone());
                        }
                        // What is not listed any more must not ring.
                    }
                    for id in ring.ringing() {
                        prop_assert!(seen.contains(&id) && !answered.contains(&id));
                    }
                    events
                }
                Step::Dismiss(id) => ring.dismissed(&id.to_string()).into_iter().collect(),
                Step::Join(id) => ring.joined(&id.to_string()).into_iter().collect(),
                Step::End(id, status) => {
                    let id = id.to_string();
                    if status != Status::Active && ring.status(&id).is_some() {
                        over.insert(id.clone());
                    }
                    ring.ended(&id, status).into_iter().collect()
                }
                Step::Call(on) => {
                    ring.set_in_call(on);
                    Vec::new()
                }
                Step::Pass(seconds) => {
                    time.pass(Duration::from_secs(seconds.into()));
                    ring.tick(time.now().instant)
                }
            };
            for event in events {
                match event {
                    RingEvent::Ring(session) => {
                        prop_assert_eq!(session.status, Status::Active);
                        prop_assert!(!over.contains(&session.id));
                        prop_assert_eq!(rung.insert(session.id, true), None, "twice");
                    }
                    RingEvent::OpenLobby(session) => {
                        prop_assert!(!over.contains(&session.id));
                        prop_assert_eq!(rung.insert(session.id, false), None, "twice");
                    }
                    RingEvent::Stop { id, .. } => {
                        prop_assert_eq!(rung.insert(id, false), Some(true), "was not ringing");
                    }
                }
            }
            let mut still: Vec<_> = rung.iter().filter(|(_, on)| **on).map(|(id, _)| id).collect();
            still.sort();
            let mut ringing = ring.ringing();
            ringing.sort();
            prop_assert_eq!(still, ringing.iter().collect::<Vec<_>>());
            for id in &ringing {
                prop_assert!(!over.contains(id));
            }
            for session in ring.active() {
                prop_assert!(!over.contains(&session.id));
            }
        }
        time.pass(RINGS_FOR);
        ring.tick(time.now().instant);
        prop_assert!(ring.ringing().is_empty() && ring.deadline().is_none());
    }
}
