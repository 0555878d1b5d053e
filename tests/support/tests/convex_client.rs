//! The unmodified `convex` crate against the double.

#![allow(clippy::unwrap_used, reason = "these are tests")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use convex::{AuthenticationToken, ConvexClient, FunctionResult, QuerySubscription, Value};
use futures_util::StreamExt;
use salon_support::ConvexDouble;
use salon_support::convex::{Config, Fault, Seen};
use serde_json::json;

/// Longer than anything here takes; a test that waits for it has failed.
const LIMIT: Duration = Duration::from_secs(20);
const ACTIVE: &str = "meetSessions:getUserActiveMeetSessions";

async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(LIMIT, future).await.expect("in time")
}

async fn double() -> ConvexDouble {
    ConvexDouble::start(Config::default()).await.unwrap()
}

async fn signed_in(double: &ConvexDouble, account: &str) -> ConvexClient {
    let mut client = ConvexClient::new(&double.url).await.unwrap();
    client.set_auth(Some(double.user_token(account))).await;
    client
}

fn args<const N: usize>(args: [(&str, &str); N]) -> BTreeMap<String, Value> {
    BTreeMap::from(args.map(|(name, value)| (name.to_owned(), value.into())))
}

fn value(result: FunctionResult) -> serde_json::Value {
    match result {
        FunctionResult::Value(value) => value.export(),
        other => panic!("no value but {other:?}"),
    }
}

async fn next(subscription: &mut QuerySubscription) -> serde_json::Value {
    value(soon(subscription.next()).await.unwrap())
}

/// What is waited for; values in between are passed over, since a newer one may replace an older.
async fn until(
    subscription: &mut QuerySubscription,
    such: impl Fn(&serde_json::Value) -> bool,
) -> serde_json::Value {
    loop {
        let value = next(subscription).await;
        if such(&value) {
            return value;
        }
    }
}

fn length(value: &serde_json::Value) -> usize {
    value.as_array().map_or(usize::MAX, Vec::len)
}

#[tokio::test]
async fn a_query_answers_the_one_who_asks() {
    let double = double().await;
    let mut client = signed_in(&double, "amina").await;
    let user = soon(client.query("users:getCurrentUser", args([])))
        .await
        .unwrap();
    assert_eq!(value(user), json!({ "_id": "amina", "name": "Amina" }));
    let token = client.query("stream:generateStreamToken", args([("userId", "amina")]));
    let token = value(soon(token).await.unwrap());
    assert_eq!(token["token"].as_str().unwrap().split('.').count(), 3);
    let others = client.query("stream:generateStreamToken", args([("userId", "bruno")]));
    let refused = soon(others).await.unwrap();
    assert!(
        matches!(&refused, FunctionResult::ErrorMessage(words) if words.contains("userId")),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_live_list_sees_an_acceptance_and_an_end() {
    let double = double().await;
    let (mut amina, mut bruno) = (
        signed_in(&double, "amina").await,
        signed_in(&double, "bruno").await,
    );
    let mut list = soon(bruno.subscribe(ACTIVE, args([("userId", "bruno")])))
        .await
        .unwrap();
    assert_eq!(next(&mut list).await, json!([]));

    let offer = double.open_offer().unwrap();
    let accepted = amina.mutation(
        "offres:updateOffreStatus",
        args([("offreId", &offer), ("status", "accepted")]),
    );
    let accepted = value(soon(accepted).await.unwrap());
    let rings = until(&mut list, |list| length(list) == 1).await;
    let session = &rings[0];
    assert_eq!(session["_id"], accepted["meetSessionId"]);
    assert_eq!(session["callId"], accepted["callId"]);
    assert_eq!(session["status"], "active");
    assert_eq!(session["demandeurId"], "amina");
    assert_eq!(session["offreurId"], "bruno");
    assert_eq!(session["otherPartyName"], "Amina");
    assert!(session["createdAt"].as_f64().unwrap() > 1.7e12);
    assert_eq!(session.get("endedAt"), None);

    let id = accepted["meetSessionId"].as_str().unwrap().to_owned();
    let end = amina.mutation("meetSessions:endMeetSession", args([("sessionId", &id)]));
    assert_eq!(value(soon(end).await.unwrap()), json!(null));
    until(&mut list, |list| length(list) == 0).await;
    let ended = bruno.query("meetSessions:getMeetSession", args([("sessionId", &id)]));
    let ended = value(soon(ended).await.unwrap());
    assert_eq!(ended["status"], "completed");
    assert!(ended["endedAt"].as_f64() >= ended["createdAt"].as_f64());
}

#[tokio::test]
async fn errors_of_mutations_arrive() {
    let double = double().await;
    let mut client = signed_in(&double, "bruno").await;
    let unknown = soon(client.mutation("nothing:here", args([])))
        .await
        .unwrap();
    assert!(matches!(&unknown, FunctionResult::ErrorMessage(words)
        if words.contains("nothing:here")));
    let offer = double.open_offer().unwrap();
    let accept = [("offreId", offer.as_str()), ("status", "accepted")];
    let others = client.mutation("offres:updateOffreStatus", args(accept));
    let refused = soon(others).await.unwrap();
    assert!(matches!(&refused, FunctionResult::ErrorMessage(words)
        if words.contains("another's")));
}

#[tokio::test]
async fn an_application_error_comes_with_the_next_transition() {
    // As the real deployment does: no transition follows a failed mutation, and the crate hands its
    // `ConvexError` on with the next one only. Whoever waits for it has to know.
    let double = double().await;
    let mut client = signed_in(&double, "bruno").await;
    let mut other = client.clone();
    let mutation = client.mutation("meetSessions:endMeetSession", args([("sessionId", "none")]));
    tokio::pin!(mutation);
    let ran = |seen: &[Seen]| seen.contains(&Seen::Ran("meetSessions:endMeetSession".into()));
    tokio::select! {
        () = soon(double.wait_until(ran)) => {}
        early = &mut mutation => panic!("answered early: {:?}", early.unwrap()),
    }
    let query = soon(other.query("users:getCurrentUser", args([])))
        .await
        .unwrap();
    assert_eq!(value(query)["name"], "Bruno");
    let FunctionResult::ConvexError(error) = soon(mutation).await.unwrap() else {
        panic!("no application error");
    };
    assert_eq!(error.data.export()["code"], "not-found");
}

#[tokio::test]
async fn a_token_that_ends_is_fetched_again() {
    let double = Arc::new(double().await);
    let mut client = ConvexClient::new(&double.url).await.unwrap();
    let fetched = Arc::new(AtomicUsize::new(0));
    let fetcher = {
        let (double, fetched) = (double.clone(), fetched.clone());
        move |_force: bool| {
            // The first lasts for one or two seconds only.
            let first = fetched.fetch_add(1, Ordering::SeqCst) == 0;
            let life = Duration::from_secs(if first { 2 } else { 600 });
            let token = double.user_token_for("bruno", life);
            let later = async move { Ok(AuthenticationToken::User(token)) };
            Box::pin(later) as std::pin::Pin<Box<dyn Future<Output = _> + Send>>
        }
    };
    client.set_auth_callback(Some(Box::new(fetcher))).await;
    let mut list = soon(client.subscribe(ACTIVE, args([("userId", "bruno")])))
        .await
        .unwrap();
    assert_eq!(next(&mut list).await, json!([]));
    let again = |seen: &[Seen]| {
        let signed_in = Seen::Authenticated(Some("bruno".into()));
        seen.iter().filter(|event| **event == signed_in).count() >= 2
    };
    soon(double.wait_until(again)).await;
    // Once more if the crate notices the error and the end of the connection apart.
    assert!(fetched.load(Ordering::SeqCst) >= 2);
    assert!(double.seen().contains(&Seen::Expired));

    // The list is live again, as the same user.
    let offer = double.open_offer().unwrap();
    let accept = json!({ "offreId": offer, "status": "accepted" });
    double
        .call("amina", "offres:updateOffreStatus", accept)
        .await
        .unwrap();
    until(&mut list, |list| length(list) == 1).await;
}

#[tokio::test]
async fn a_refused_token_is_asked_for_again() {
    let double = double().await;
    double.fail_next_authentication(Fault::Auth("revoked".into()));
    let mut client = signed_in(&double, "amina").await;
    let user = soon(client.query("users:getCurrentUser", args([])))
        .await
        .unwrap();
    assert_eq!(value(user)["name"], "Amina");
    assert!(double.seen().contains(&Seen::Refused));
}

#[tokio::test]
async fn subscriptions_survive_a_cut() {
    let double = double().await;
    let mut client = signed_in(&double, "bruno").await;
    let mut list = soon(client.subscribe(ACTIVE, args([("userId", "bruno")])))
        .await
        .unwrap();
    assert_eq!(next(&mut list).await, json!([]));
    double.drop_connections();
    let back = |seen: &[Seen]| {
        let connected = |event: &&Seen| matches!(event, Seen::Connected { .. });
        seen.iter().filter(connected).count() == 2 && seen.last() == Some(&Seen::Ran(ACTIVE.into()))
    };
    soon(double.wait_until(back)).await;
    let offer = double.open_offer().unwrap();
    let accept = json!({ "offreId": offer, "status": "accepted" });
    double
        .call("amina", "offres:updateOffreStatus", accept)
        .await
        .unwrap();
    until(&mut list, |list| length(list) == 1).await;
}

#[tokio::test]
async fn the_same_port_is_found_again() {
    let double = double().await;
    let mut client = signed_in(&double, "bruno").await;
    let mut list = soon(client.subscribe(ACTIVE, args([("userId", "bruno")])))
        .await
        .unwrap();
    assert_eq!(next(&mut list).await, json!([]));
    let port = double.url.rsplit(':').next().unwrap().parse().unwrap();
    double.stop().await;
    let config = Config {
        port,
        ..Config::default()
    };
    let double = ConvexDouble::start(config).await.unwrap();
    let known = |seen: &[Seen]| seen.contains(&Seen::Ran(ACTIVE.into()));
    soon(double.wait_until(known)).await;
    let offer = double.open_offer().unwrap();
    let accept = json!({ "offreId": offer, "status": "accepted" });
    double
        .call("amina", "offres:updateOffreStatus", accept)
        .await
        .unwrap();
    until(&mut list, |list| length(list) == 1).await;
}

#[tokio::test]
async fn faults_strike_once() {
    let double = double().await;
    let mut client = signed_in(&double, "amina").await;
    let user = "users:getCurrentUser";
    double.fail_next(Fault::Function {
        message: "Server Error".into(),
        data: Some(json!("closed today")),
    });
    let failed = soon(client.query(user, args([]))).await.unwrap();
    let FunctionResult::ConvexError(error) = failed else {
        panic!("no application error");
    };
    assert_eq!(error.data.export(), json!("closed today"));
    for fault in [
        Fault::Garbage("<html>".into()),
        Fault::Drop,
        Fault::Auth("out".into()),
        Fault::Slow(Duration::from_millis(20)),
    ] {
        double.fail_next_of(user, fault);
        let answer = soon(client.query(user, args([]))).await.unwrap();
        assert_eq!(value(answer)["name"], "Amina");
    }
    double.fail_next_of(user, Fault::Answer(json!({ "$float": "AAAAAAAA+H8=" })));
    let answer = soon(client.query(user, args([]))).await.unwrap();
    assert!(matches!(answer, FunctionResult::Value(Value::Float64(nan)) if nan.is_nan()));
}

#[tokio::test]
async fn actions_sign_livekit_tokens_for_the_two_parties() {
    let double = double().await;
    double.add_account(salon_support::convex::Account::new("carla", "Carla"));
    let offer = double.open_offer().unwrap();
    let accept = json!({ "offreId": offer, "status": "accepted" });
    let accepted = double
        .call("amina", "offres:updateOffreStatus", accept)
        .await
        .unwrap();
    let id = accepted["meetSessionId"].as_str().unwrap();
    let asked = || args([("sessionId", id), ("participantName", "B.")]);
    let mut bruno = signed_in(&double, "bruno").await;
    let token = soon(bruno.action("livekit:createToken", asked()))
        .await
        .unwrap();
    let token = value(token);
    assert_eq!(token["room"], accepted["callId"]);
    assert_eq!(token["identity"], "bruno");
    let same = soon(bruno.query("livekit:generateToken", asked()))
        .await
        .unwrap();
    assert_eq!(value(same)["url"], "ws://127.0.0.1:7880");
    let mut carla = signed_in(&double, "carla").await;
    let refused = soon(carla.query("livekit:generateToken", asked()))
        .await
        .unwrap();
    assert!(matches!(refused, FunctionResult::ErrorMessage(_)));
}
