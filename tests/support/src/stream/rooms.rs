//! What media servers tell of their rooms becomes the call's session.

use std::time::Duration;

use serde_json::json;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use super::orders::{Audience, Orders};
use super::sfu::Event;
use super::{Seen, Shared};

/// Follows the media servers until the double is closed.
pub(crate) async fn follow(shared: Shared, mut events: Receiver<Event>) {
    loop {
        let event = tokio::select! {
            event = events.recv() => event,
            () = shared.running.closed() => return,
        };
        match event {
            Ok(event) => {
                heed(&shared, &event);
                shared.running.see(Seen::Media(event));
            }
            Err(RecvError::Lagged(missed)) => tracing::error!(missed, "events were lost"),
            Err(RecvError::Closed) => return,
        }
    }
}

fn heed(shared: &Shared, event: &Event) {
    match event {
        Event::Joined { cid, user, session } => arrived(shared, cid, user, session),
        Event::Left { cid, session, .. } => departed(shared, cid, session),
        Event::Published { .. } | Event::Unpublished { .. } => {}
    }
}

fn arrived(shared: &Shared, cid: &str, user: &str, session: &str) {
    let mut orders = Orders::new(cid);
    {
        let mut world = shared.world.lock();
        let Ok((current, _)) = world.session(cid) else {
            return;
        };
        let (id, first) = (current.id.clone(), current.present.is_empty());
        if !world.arrive(cid, user, session) {
            return;
        }
        if first {
            let fields = json!({ "call": world.call_json(cid), "session_id": id });
            orders.tell(Audience::Call, "call.session_started", fields);
        }
        let session = world.call(cid).ok().and_then(|call| call.session.as_ref());
        let newest = session.and_then(|session| session.present.last());
        if let Some(newest) = newest {
            let participant = world.present_json(cid, newest);
            let fields = json!({ "participant": participant, "session_id": id });
            orders.tell(Audience::Call, "call.session_participant_joined", fields);
        }
    }
    shared.carry_out(orders);
}

fn departed(shared: &Shared, cid: &str, session: &str) {
    let mut orders = Orders::new(cid);
    let mut over = None;
    {
        let mut world = shared.world.lock();
        let Some(gone) = world.depart(cid, session) else {
            return;
        };
        let Some(current) = world.call(cid).ok().and_then(|call| call.session.as_ref()) else {
            return;
        };
        let id = current.id.clone();
        if current.present.is_empty() {
            let settings = world.call(cid).map(|call| &call.settings["session"]);
            let wait = settings
                .ok()
                .and_then(|all| all["inactivity_timeout_seconds"].as_u64());
            over = Some((id.clone(), Duration::from_secs(wait.unwrap_or_default())));
        }
        let fields = json!({
            "participant": world.present_json(cid, &gone), "session_id": id,
            "duration_seconds": 0, "reason": "left",
        });
        orders.tell(Audience::Call, "call.session_participant_left", fields);
    }
    shared.carry_out(orders);
    if let Some((id, wait)) = over {
        tokio::spawn(end_if_empty(shared.clone(), cid.to_owned(), id, wait));
    }
}

/// A session ends some time after the last has gone, unless somebody comes back.
async fn end_if_empty(shared: Shared, cid: String, id: String, wait: Duration) {
    tokio::select! {
        () = tokio::time::sleep(wait) => {}
        () = shared.running.closed() => return,
    }
    let mut orders = Orders::new(&cid);
    {
        let mut world = shared.world.lock();
        let Ok(call) = world.call_mut(&cid) else {
            return;
        };
        let empty =
            |session: &mut super::world::Session| session.id == id && session.present.is_empty();
        if call.session.take_if(empty).is_none() {
            return;
        }
        let fields = json!({ "call": world.call_json(&cid), "session_id": id });
        orders.tell(Audience::Call, "call.session_ended", fields);
    }
    shared.carry_out(orders);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::{Config, StreamDouble, User};

    const CID: &str = "default:meeting";

    async fn double() -> StreamDouble {
        let amina = User {
            id: "amina".into(),
            name: "Amina".into(),
            role: "user".into(),
        };
        let users = vec![amina];
        let config = Config {
            users,
            ..Config::default()
        };
        let double = StreamDouble::start(config).await.unwrap();
        let settings = json!({ "session": { "inactivity_timeout_seconds": 0 } });
        let data = json!({ "created_by_id": "amina", "settings_override": settings });
        double.ask("POST", CID, json!({ "data": data })).unwrap();
        double
    }

    fn told(double: &StreamDouble) -> Vec<String> {
        let name = |seen| match seen {
            Seen::Told { event, .. } => Some(event),
            _ => None,
        };
        double.seen().into_iter().filter_map(name).collect()
    }

    fn joined(session: &str) -> Event {
        Event::Joined {
            cid: CID.into(),
            user: "amina".into(),
            session: session.into(),
        }
    }

    fn left(session: &str) -> Event {
        Event::Left {
            cid: CID.into(),
            user: "amina".into(),
            session: session.into(),
        }
    }

    #[tokio::test]
    async fn who_is_in_is_part_of_the_call_until_the_last_has_gone() {
        let double = double().await;
        let present = || double.call(CID).unwrap()["call"]["session"]["participants"].clone();
        heed(&double.shared, &joined("first"));
        heed(&double.shared, &joined("second"));
        // Somebody who joins again with the same connection is nobody new.
        heed(&double.shared, &joined("second"));
        let sessions = present();
        assert_eq!(sessions[0]["user_session_id"], "first");
        assert_eq!(sessions[1]["user_session_id"], "second");
        assert_eq!(sessions[0]["user"]["name"], "Amina");
        assert_eq!(sessions.as_array().unwrap().len(), 2);
        heed(&double.shared, &left("first"));
        heed(&double.shared, &left("first"));
        assert_eq!(present().as_array().unwrap().len(), 1);
        heed(&double.shared, &left("second"));
        let over = |seen: &[Seen]| {
            let ended = "call.session_ended";
            seen.iter()
                .any(|each| matches!(each, Seen::Told { event, .. } if event == ended))
        };
        double.wait_until(over).await;
        assert_eq!(
            told(&double),
            [
                "call.created",
                "call.session_started",
                "call.session_participant_joined",
                "call.session_participant_joined",
                "call.session_participant_left",
                "call.session_participant_left",
                "call.session_ended",
            ]
        );
        assert!(present().is_null());
    }
}
