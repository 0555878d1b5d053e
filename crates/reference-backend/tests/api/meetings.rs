use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::contracts::{claims, is_right_livekit_token};
use crate::support::{Backend, LIVEKIT_SECRET, Person, busy, code, text};

const SESSIONS: &str = "/api/v1/meeting-sessions";

async fn session(backend: &Backend, who: &Person, id: &str) -> (StatusCode, Value) {
    backend.get(who, &format!("{SESSIONS}/{id}")).await
}

async fn act(backend: &Backend, who: &Person, id: &str, action: &str) -> (StatusCode, Value) {
    backend
        .post(who, &format!("{SESSIONS}/{id}/{action}"), Value::Null)
        .await
}

async fn active(backend: &Backend, who: &Person) -> Vec<Value> {
    let (status, body) = backend.get(who, SESSIONS).await;
    assert_eq!(status, StatusCode::OK);
    body["sessions"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_request_an_offer_a_meeting_and_its_end() {
    let backend = Backend::start().await;
    let (ann, ben) = (backend.person("Ann").await, backend.person("Ben").await);
    let title = json!({ "title": " Help with a hedge " });
    let (status, request) = backend.post(&ann, "/api/v1/requests", title).await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(request["title"], "Help with a hedge");
    assert_eq!(request["demandeurId"], "Club.Ann");
    let (_, seen) = backend.get(&ben, "/api/v1/requests").await;
    assert_eq!(seen["requests"], json!([request]));

    let path = format!("/api/v1/requests/{}/offers", text(&request["id"]));
    let (status, offer) = backend.post(&ben, &path, json!({})).await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(offer["status"], "pending");
    let (status, again) = backend.post(&ben, &path, json!({})).await;
    assert_eq!(
        (status, code(&again)),
        (StatusCode::CONFLICT, "offer-pending")
    );
    let (status, own) = backend.post(&ann, &path, json!({})).await;
    assert_eq!(
        (status, code(&own)),
        (StatusCode::CONFLICT, "offer-own-request")
    );
    for who in [&ann, &ben] {
        assert_eq!(
            backend.get(who, "/api/v1/offers").await.1["offers"],
            json!([offer])
        );
    }

    assert!(active(&backend, &ann).await.is_empty());
    let path = format!("/api/v1/offers/{}", text(&offer["id"]));
    let accept = json!({ "status": "accepted" });
    let (status, decided) = backend.patch(&ann, &path, accept.clone()).await;
    assert_eq!(status, StatusCode::OK, "{decided}");
    assert_eq!(decided.as_object().unwrap().len(), 2);
    let id = text(&decided["meetSessionId"]);

    let (_, hers) = session(&backend, &ann, id).await;
    let created = hers["createdAt"].as_i64().unwrap();
    let expected = json!({
        "id": id,
        "offreId": offer["id"],
        "demandeId": request["id"],
        "demandeurId": "Club.Ann",
        "offreurId": "Club.Ben",
        "callId": decided["callId"],
        "status": "active",
        "createdAt": created,
        "title": "Help with a hedge",
        "otherPartyName": "Ben",
        "role": "requester",
    });
    assert_eq!(hers, expected);
    assert_eq!(active(&backend, &ann).await, [expected]);
    let his = active(&backend, &ben).await.remove(0);
    assert_eq!(
        (&his["role"], &his["otherPartyName"]),
        (&json!("offerer"), &json!("Ann"))
    );

    // A lost answer may be asked for again; another decision comes too late.
    assert_eq!(
        backend.patch(&ann, &path, accept).await,
        (StatusCode::OK, decided.clone())
    );
    let (status, late) = backend
        .patch(&ann, &path, json!({ "status": "rejected" }))
        .await;
    assert_eq!(
        (status, code(&late)),
        (StatusCode::CONFLICT, "offer-decided")
    );

    let (status, ended) = act(&backend, &ben, id, "end").await;
    assert_eq!(
        (status, text(&ended["status"])),
        (StatusCode::OK, "completed")
    );
    assert!(ended["endedAt"].as_i64().unwrap() >= created);
    assert!(active(&backend, &ann).await.is_empty());
    assert!(active(&backend, &ben).await.is_empty());
    assert_eq!(
        session(&backend, &ann, id).await.1["endedAt"],
        ended["endedAt"]
    );
}

#[tokio::test]
async fn each_accepted_offer_has_a_call_of_its_own() {
    let backend = Backend::start().await;
    let (ann, ben) = (backend.person("Ann").await, backend.person("Ben").await);
    let mut calls = std::collections::HashSet::new();
    for _ in 0..5 {
        let offer = backend.offer(&ann, &ben).await;
        let id = backend.accept(&ann, &offer).await;
        let (_, session) = session(&backend, &ben, &id).await;
        assert!(calls.insert(text(&session["callId"]).to_owned()));
    }
    // The newest first.
    let listed = active(&backend, &ben).await;
    assert_eq!(listed.len(), 5);
    let created: Vec<i64> = listed
        .iter()
        .map(|s| s["createdAt"].as_i64().unwrap())
        .collect();
    assert!(created.is_sorted_by(|a, b| a >= b));
}

#[tokio::test]
async fn nothing_leads_back_from_an_end() {
    let backend = Backend::start().await;
    let (ann, ben) = (backend.person("Ann").await, backend.person("Ben").await);
    for (ending, code_after) in [
        ("end", "session-completed"),
        ("cancel", "session-cancelled"),
    ] {
        let id = backend.accept(&ann, &backend.offer(&ann, &ben).await).await;
        assert_eq!(act(&backend, &ann, &id, ending).await.0, StatusCode::OK);
        let before = session(&backend, &ann, &id).await;
        for who in [&ann, &ben] {
            for action in ["end", "cancel", "token"] {
                let (status, body) = act(&backend, who, &id, action).await;
                assert_eq!((status, code(&body)), (StatusCode::CONFLICT, code_after));
            }
        }
        assert_eq!(session(&backend, &ann, &id).await, before);
    }
}

#[tokio::test]
async fn both_hanging_up_at_once_ends_it_once() {
    let backend = Backend::start().await;
    let (ann, ben) = (backend.person("Ann").await, backend.person("Ben").await);
    let id = backend.accept(&ann, &backend.offer(&ann, &ben).await).await;
    let (hers, his) = tokio::join!(
        act(&backend, &ann, &id, "end"),
        act(&backend, &ben, &id, "end")
    );
    let mut statuses = [hers.0, his.0];
    statuses.sort();
    assert_eq!(statuses, [StatusCode::OK, StatusCode::CONFLICT]);
}

#[tokio::test]
async fn others_see_nothing_and_end_nothing() {
    let backend = Backend::start().await;
    let (ann, ben) = (backend.person("Ann").await, backend.person("Ben").await);
    let cem = backend.person("Cem").await;
    let offer = backend.offer(&ann, &ben).await;
    let path = format!("/api/v1/offers/{offer}");
    for who in [&ben, &cem] {
        let (status, body) = backend
            .patch(who, &path, json!({ "status": "accepted" }))
            .await;
        assert_eq!((status, code(&body)), (StatusCode::NOT_FOUND, "not-found"));
    }
    assert_eq!(
        backend.get(&cem, "/api/v1/offers").await.1["offers"],
        json!([])
    );
    let id = backend.accept(&ann, &offer).await;
    assert!(active(&backend, &cem).await.is_empty());
    let unknown = session(&backend, &cem, "meet_unknown").await;
    assert_eq!(unknown.0, StatusCode::NOT_FOUND);
    assert_eq!(session(&backend, &cem, &id).await, unknown);
    for action in ["end", "cancel", "token"] {
        assert_eq!(act(&backend, &cem, &id, action).await, unknown, "{action}");
    }
    assert_eq!(session(&backend, &ann, &id).await.1["status"], "active");
}

#[tokio::test]
async fn a_rejected_offer_gives_no_meeting_and_leaves_room_for_another() {
    let backend = Backend::start().await;
    let (ann, ben) = (backend.person("Ann").await, backend.person("Ben").await);
    let offer = backend.offer(&ann, &ben).await;
    let path = format!("/api/v1/offers/{offer}");
    let reject = json!({ "status": "rejected" });
    let nothing = json!({ "meetSessionId": null, "callId": null });
    for _ in 0..2 {
        let answer = backend.patch(&ann, &path, reject.clone()).await;
        assert_eq!(answer, (StatusCode::OK, nothing.clone()));
    }
    let (status, body) = backend
        .patch(&ann, &path, json!({ "status": "accepted" }))
        .await;
    assert_eq!(
        (status, code(&body)),
        (StatusCode::CONFLICT, "offer-decided")
    );
    assert!(active(&backend, &ben).await.is_empty());
    let offers = backend.get(&ben, "/api/v1/offers").await.1;
    let request = text(&offers["offers"][0]["demandeId"]);
    let again = format!("/api/v1/requests/{request}/offers");
    assert_eq!(
        backend.post(&ben, &again, json!({})).await.0,
        StatusCode::CREATED
    );
}

#[tokio::test]
async fn requests_offers_and_decisions_are_limited_for_each_account() {
    let backend = Backend::start_with(|config| {
        config.limits.requests_per_minute = 2;
        config.limits.offers_per_minute = 2;
        config.limits.decisions_per_minute = 2;
    })
    .await;
    let (ann, ben) = (backend.person("Ann").await, backend.person("Ben").await);
    let mut offers = Vec::new();
    for _ in 0..2 {
        offers.push(backend.offer(&ann, &ben).await);
    }
    let title = json!({ "title": "One more" });
    let limited = (StatusCode::TOO_MANY_REQUESTS, "rate-limited");
    let (status, body) = backend.post(&ann, "/api/v1/requests", title.clone()).await;
    assert_eq!((status, code(&body)), limited);
    let (status, request) = backend.post(&ben, "/api/v1/requests", title).await;
    assert_eq!(status, StatusCode::CREATED);
    let path = format!("/api/v1/requests/{}/offers", text(&request["id"]));
    let (status, body) = backend.post(&ben, &path, json!({})).await;
    assert_eq!((status, code(&body)), limited);
    let decision = json!({ "status": "accepted" });
    for (offer, expected) in [
        (&offers[0], StatusCode::OK),
        (&offers[1], StatusCode::OK),
        (&offers[0], StatusCode::TOO_MANY_REQUESTS),
    ] {
        let path = format!("/api/v1/offers/{offer}");
        let (status, _) = backend.patch(&ann, &path, decision.clone()).await;
        assert_eq!(status, expected);
    }
}

#[tokio::test]
async fn a_list_of_meetings_that_nobody_ends_does_not_grow_for_ever() {
    let backend = Backend::start_with(busy).await;
    let (ann, ben) = (backend.person("Ann").await, backend.person("Ben").await);
    let mut last = String::new();
    for _ in 0..100 {
        last = backend.accept(&ann, &backend.offer(&ann, &ben).await).await;
    }
    let offer = format!("/api/v1/offers/{}", backend.offer(&ann, &ben).await);
    let decision = json!({ "status": "accepted" });
    let (status, body) = backend.patch(&ann, &offer, decision.clone()).await;
    assert_eq!(
        (status, code(&body)),
        (StatusCode::CONFLICT, "too-many-sessions")
    );
    assert_eq!(active(&backend, &ben).await.len(), 100);
    // The offer waits until there is room again.
    assert_eq!(act(&backend, &ben, &last, "end").await.0, StatusCode::OK);
    let (status, _) = backend.patch(&ann, &offer, decision).await;
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn both_parties_get_tokens_for_the_same_room() {
    let backend = Backend::start().await;
    let (ann, ben) = (backend.person("Ann").await, backend.person("Ben").await);
    let id = backend.accept(&ann, &backend.offer(&ann, &ben).await).await;
    let (_, seen) = session(&backend, &ann, &id).await;
    for (who, name) in [(&ann, "Ann"), (&ben, "Ben")] {
        let (status, body) = act(&backend, who, &id, "token").await;
        assert_eq!(status, StatusCode::OK, "{body}");
        assert_eq!(body["url"], "wss://livekit.example/");
        assert_eq!(body["room"], seen["callId"]);
        assert_eq!(body["identity"], who.id.to_string());
        assert_eq!(body["participantName"], name);
        let claims = claims(text(&body["token"]), LIVEKIT_SECRET);
        is_right_livekit_token(&claims, who.id.as_ref(), name, text(&body["room"]));
        let expires: jiff::Timestamp = text(&body["expiresAt"]).parse().unwrap();
        assert_eq!(claims["exp"], expires.as_second());
    }
}

#[tokio::test]
async fn what_is_not_right_is_refused_with_a_code() {
    let backend = Backend::start().await;
    let (ann, ben) = (backend.person("Ann").await, backend.person("Ben").await);
    let offer = backend.offer(&ann, &ben).await;
    let long = "a".repeat(201);
    for (title, expected) in [
        (json!({ "title": "" }), "title-invalid"),
        (json!({ "title": long }), "title-invalid"),
        (json!({ "title": "a\nb" }), "title-invalid"),
        (json!({ "title": 1 }), "body-invalid"),
        (json!([]), "body-invalid"),
    ] {
        let (status, body) = backend.post(&ann, "/api/v1/requests", title).await;
        assert_eq!((status, code(&body)), (StatusCode::BAD_REQUEST, expected));
    }
    for status in ["pending", "Accepted", ""] {
        let path = format!("/api/v1/offers/{offer}");
        let (status, body) = backend
            .patch(&ann, &path, json!({ "status": status }))
            .await;
        assert_eq!(
            (status, code(&body)),
            (StatusCode::BAD_REQUEST, "body-invalid")
        );
    }
    let unknown = "/api/v1/requests/req_unknown/offers";
    assert_eq!(
        backend.post(&ben, unknown, json!({})).await.0,
        StatusCode::NOT_FOUND
    );
}
