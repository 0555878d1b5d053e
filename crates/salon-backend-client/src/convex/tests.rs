//! Against the double of a deployment, which speaks with Convex's own client elsewhere too.

mod tokens;

use std::time::Duration;

use parking_lot::Mutex;
use salon_account::User;
use salon_base::Later;
use salon_meeting::feed::FeedState;
use salon_meeting::session::{Role, Status};
use salon_meeting::stream::StreamSettings;
use salon_profile::Profiles;
use salon_support::ConvexDouble;
use salon_support::convex::{Config, Fault as Failing, Seen};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::*;

const ACTIVE: &str = "meetSessions:getUserActiveMeetSessions";
const LIVEKIT: &str = "livekit:generateToken";
/// Longer than anything here takes; a test that waits for it has failed.
const LIMIT: Duration = Duration::from_secs(20);
const PACE: Pace = Pace {
    patience: Duration::from_millis(300),
    limit: Duration::from_millis(900),
    pause: Duration::from_millis(50),
};

/// An account whose tokens a test chooses.
#[derive(Debug)]
struct Known {
    user: &'static str,
    /// The present one first; what follows replaces it.
    tokens: Mutex<Vec<Result<SecretString, Fault>>>,
}

impl Known {
    fn with(user: &'static str, tokens: Vec<Result<String, Code>>) -> Arc<Self> {
        let token =
            |token: Result<String, Code>| token.map(SecretString::from).map_err(Fault::from);
        Arc::new(Self {
            user,
            tokens: Mutex::new(tokens.into_iter().map(token).collect()),
        })
    }

    fn now(&self) -> Result<SecretString, Fault> {
        let tokens = self.tokens.lock();
        tokens
            .first()
            .cloned()
            .unwrap_or(Err(Code::BackendNotSignedIn.into()))
    }

    fn sign_in(&self, token: String) {
        *self.tokens.lock() = vec![Ok(token.into())];
    }
}

impl Credentials for Known {
    fn credential(&self) -> Later<'_, Result<SecretString, Fault>> {
        Box::pin(async { self.now() })
    }

    fn replace<'a>(&'a self, refused: &'a SecretString) -> Later<'a, Result<SecretString, Fault>> {
        Box::pin(async {
            let present = self.now()?;
            if present.expose_secret() == refused.expose_secret() {
                let mut tokens = self.tokens.lock();
                drop(tokens.remove(0));
                if tokens.is_empty() {
                    tokens.push(Err(Code::SignInExpired.into()));
                }
            }
            self.now()
        })
    }

    fn user(&self) -> Option<User> {
        Some(User {
            id: self.user.into(),
            name: String::new(),
        })
    }
}

/// The built-in profile of this provider's, and a function that cancels, which they have not.
fn profile(provider: Provider) -> Profile {
    let (profiles, _) = Profiles::load(&[]);
    let name = match provider {
        Provider::Livekit => "convex-livekit",
        Provider::Stream => "convex",
    };
    let mut profile = profiles.require(name).unwrap().clone();
    let convex = profile.convex.as_mut().unwrap();
    convex.cancel = Some(ConvexFunction {
        function: "meetSessions:cancelMeetSession".into(),
        ..convex.end.clone()
    });
    profile
}

fn backend_as(url: &str, provider: Provider, known: Arc<Known>) -> ConvexBackend {
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(2));
    let client = client.build().unwrap();
    ConvexBackend::new(&profile(provider), url.parse().unwrap(), known, client).unwrap()
}

fn backend(double: &ConvexDouble, user: &'static str) -> ConvexBackend {
    let known = Known::with(user, vec![Ok(double.user_token(user))]);
    backend_as(&double.url, Provider::Livekit, known)
}

async fn double() -> ConvexDouble {
    ConvexDouble::start(Config::default()).await.unwrap()
}

/// Amina accepts Bruno's offer: the meeting session's id and the call's.
async fn accept(double: &ConvexDouble) -> (String, String) {
    let offer = double.open_offer().unwrap();
    let args = json!({ "offreId": offer, "status": "accepted" });
    let accepted = double
        .call("amina", "offres:updateOffreStatus", args)
        .await
        .unwrap();
    let text = |name: &str| accepted[name].as_str().unwrap().to_owned();
    (text("meetSessionId"), text("callId"))
}

async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(LIMIT, future).await.expect("in time")
}

/// The first state that is such.
async fn until(feed: &mut Feed, such: impl Fn(&FeedState) -> bool) -> FeedState {
    soon(async {
        let mut state = feed.state();
        while !such(&state) {
            state = feed.changed().await.expect("more");
        }
        state
    })
    .await
}

async fn until_code(feed: &mut Feed, code: Code) -> FeedState {
    let such = |state: &FeedState| state.fault.as_ref().is_some_and(|fault| fault.code == code);
    until(feed, such).await
}

async fn until_sessions(feed: &mut Feed, count: usize) -> FeedState {
    let such = |state: &FeedState| {
        let heard = state.sessions.as_ref().map(Vec::len);
        heard == Some(count) && state.fault.is_none()
    };
    until(feed, such).await
}

fn request<'a>(session: &'a str, room: &'a str) -> TokenRequest<'a> {
    TokenRequest {
        room,
        session: Some(session),
        display_name: "Bruno B.",
        server: None,
        server_locked: false,
        stream: StreamSettings {
            api_key: Some("key"),
            ..StreamSettings::default()
        },
    }
}

#[tokio::test]
async fn the_story_of_an_accepted_offer() {
    let double = double().await;
    let (amina, bruno) = (backend(&double, "amina"), backend(&double, "bruno"));
    let mut rings = bruno.feed().unwrap();
    until_sessions(&mut rings, 0).await;
    let (id, call) = accept(&double).await;
    let state = until_sessions(&mut rings, 1).await;
    let session = &state.sessions.unwrap()[0];
    assert_eq!((&session.id, &session.call_id), (&id, &call));
    assert_eq!(
        (session.role, session.status),
        (Role::Offerer, Status::Active)
    );
    assert_eq!(session.other_party, "Amina");
    assert_eq!(session.title, "Planning a small garden");
    assert!(session.created_at > 1_700_000_000_000);

    let token = soon(bruno.token(&request(&id, &call))).await.unwrap();
    assert_eq!((token.identity(), token.room()), ("bruno", call.as_str()));
    let JoinGrant::Livekit(grant) = token else {
        panic!("Stream's: {token:?}");
    };
    assert_eq!(grant.server_url, "ws://127.0.0.1:7880");

    soon(amina.end(&id)).await.unwrap();
    until_sessions(&mut rings, 0).await;
    for (code, changed) in [
        (Code::MeetingCompleted, soon(bruno.cancel(&id)).await),
        (Code::MeetingCompleted, soon(bruno.end(&id)).await),
        (Code::MeetingNotFound, soon(bruno.end("none")).await),
    ] {
        assert_eq!(changed.map_err(|fault| fault.code), Err(code));
    }
}

#[tokio::test]
async fn one_meeting_is_asked_for_whether_it_is_listed_or_not() {
    let double = double().await;
    let bruno = backend(&double, "bruno");
    let one = async |id: &str| {
        let answer = bruno.one(id).expect("its profile says how");
        soon(answer).await.map_err(|fault| fault.code)
    };
    let (id, _) = accept(&double).await;
    assert_eq!(one(&id).await, Ok(Status::Active));
    soon(bruno.end(&id)).await.unwrap();
    assert_eq!(one(&id).await, Ok(Status::Completed));
    assert_eq!(one("none").await, Err(Code::MeetingNotFound));
    // As queries answer that look into the database and find nothing there.
    let none = status_of_one(&Value::Null, &bruno.convex.fields);
    assert_eq!(none.unwrap_err().code, Code::MeetingNotFound);
}

#[tokio::test]
async fn a_cancelled_meeting_stops_ringing() {
    let double = double().await;
    let bruno = backend(&double, "bruno");
    let mut rings = bruno.feed().unwrap();
    let (id, _) = accept(&double).await;
    until_sessions(&mut rings, 1).await;
    soon(backend(&double, "amina").cancel(&id)).await.unwrap();
    until_sessions(&mut rings, 0).await;
    let again = soon(bruno.end(&id)).await.unwrap_err();
    assert_eq!(again.code, Code::MeetingCancelled);
}

#[tokio::test]
async fn a_refused_token_is_replaced_once() {
    let double = double().await;
    let good = double.user_token("bruno");
    let (id, call) = accept(&double).await;
    let known = Known::with("bruno", vec![Ok("stale".into()), Ok(good)]);
    let bruno = backend_as(&double.url, Provider::Livekit, known);
    assert!(soon(bruno.token(&request(&id, &call))).await.is_ok());

    let known = Known::with("bruno", vec![Ok("stale".into()), Ok("staler".into())]);
    let bruno = backend_as(&double.url, Provider::Livekit, known);
    let fault = soon(bruno.token(&request(&id, &call))).await.unwrap_err();
    assert_eq!(fault.code, Code::BackendNotSignedIn);
    let fault = soon(bruno.token(&request(&id, &call))).await.unwrap_err();
    assert_eq!(fault.code, Code::SignInExpired);
}

#[tokio::test]
async fn nobody_there_is_told_by_name() {
    let double = double().await;
    let url = double.url.clone();
    let bruno = backend(&double, "bruno");
    double.stop().await;
    let fault = soon(bruno.token(&request("s", "r"))).await.unwrap_err();
    assert_eq!(fault.code, Code::BackendUnreachableRefused);
    let mut list = bruno.feed_at(PACE);
    let state = until_code(&mut list, Code::BackendUnreachableRefused).await;
    assert_eq!(state.sessions, None);

    // Nobody who speaks TLS.
    let double = ConvexDouble::start(Config {
        port: url.rsplit(':').next().unwrap().parse().unwrap(),
        ..Config::default()
    });
    let double = double.await.unwrap();
    let known = Known::with("bruno", vec![Ok(double.user_token("bruno"))]);
    let secure = double.url.replace("http:", "https:");
    let bruno = backend_as(&secure, Provider::Livekit, known);
    let mut secure = bruno.feed_at(PACE);
    until_code(&mut secure, Code::BackendUnreachableTls).await;
    // The other has found it in the meantime, by itself.
    until_sessions(&mut list, 0).await;
}

#[tokio::test]
async fn the_list_is_kept_while_the_backend_is_away() {
    let double = double().await;
    let mut list = backend(&double, "bruno").feed_at(PACE);
    accept(&double).await;
    until_sessions(&mut list, 1).await;
    double.refuse_connections(true);
    double.drop_connections();
    let state = until_code(&mut list, Code::BackendTimeout).await;
    assert_eq!(state.sessions.map(|sessions| sessions.len()), Some(1));
    double.refuse_connections(false);
    until_sessions(&mut list, 1).await;
}

#[tokio::test]
async fn a_backend_that_says_nothing_is_given_up() {
    let double = double().await;
    double.fail_next_of(ACTIVE, Failing::Silent);
    let mut list = backend(&double, "bruno").feed_at(PACE);
    let state = until_code(&mut list, Code::BackendTimeout).await;
    assert_eq!(state.sessions, None);
}

#[tokio::test]
async fn the_list_goes_on_with_another_token() {
    let double = double().await;
    let signed_in = Seen::Authenticated(Some("bruno".into()));
    // The first is no token of this backend's; the second ends within two seconds.
    let known = Known::with(
        "bruno",
        vec![
            Ok("stale".into()),
            Ok(double.user_token_for("bruno", Duration::from_secs(2))),
            Ok(double.user_token("bruno")),
        ],
    );
    let bruno = backend_as(&double.url, Provider::Livekit, known.clone());
    let mut list = bruno.feed_at(PACE);
    until_sessions(&mut list, 0).await;
    assert!(double.seen().contains(&Seen::Refused));
    let again = |seen: &[Seen]| {
        let expired = seen.iter().position(|event| *event == Seen::Expired);
        expired.is_some_and(|at| seen[at..].contains(&signed_in))
    };
    soon(double.wait_until(again)).await;
    accept(&double).await;
    until_sessions(&mut list, 1).await;
    assert_eq!(known.tokens.lock().len(), 1);
}

#[tokio::test]
async fn a_cut_does_not_cost_a_good_token() {
    let double = double().await;
    let known = Known::with(
        "bruno",
        vec![Ok(double.user_token("bruno")), Ok("other".into())],
    );
    let bruno = backend_as(&double.url, Provider::Livekit, known.clone());
    let mut list = bruno.feed_at(PACE);
    until_sessions(&mut list, 0).await;
    for cut in 2..5 {
        double.drop_connections();
        let back = |seen: &[Seen]| {
            let connected = |event: &&Seen| matches!(event, Seen::Connected { .. });
            seen.iter().filter(connected).count() >= cut
                && seen.last() == Some(&Seen::Ran(ACTIVE.into()))
        };
        soon(double.wait_until(back)).await;
    }
    accept(&double).await;
    until_sessions(&mut list, 1).await;
    assert_eq!(known.tokens.lock().len(), 2);
}

#[tokio::test]
async fn who_is_signed_out_is_told_so_and_can_come_back() {
    let double = double().await;
    let known = Known::with("bruno", vec![Ok("stale".into())]);
    let bruno = backend_as(&double.url, Provider::Livekit, known.clone());
    let mut list = bruno.feed_at(PACE);
    until_code(&mut list, Code::SignInExpired).await;
    known.sign_in(double.user_token("bruno"));
    until_sessions(&mut list, 0).await;

    let nobody = Known::with("bruno", vec![]);
    let mut list = backend_as(&double.url, Provider::Livekit, nobody).feed_at(PACE);
    until_code(&mut list, Code::BackendNotSignedIn).await;
}

#[tokio::test]
async fn the_reason_of_a_renewal_that_fails_is_told() {
    let double = double().await;
    let known = Known::with(
        "bruno",
        vec![Ok("stale".into()), Err(Code::BackendUnreachableDns)],
    );
    let bruno = backend_as(&double.url, Provider::Livekit, known.clone());
    let mut list = bruno.feed_at(PACE);
    until_code(&mut list, Code::BackendUnreachableDns).await;
    known.sign_in(double.user_token("bruno"));
    until_sessions(&mut list, 0).await;
}

#[tokio::test]
async fn hostile_lists_are_survived() {
    let double = double().await;
    let bruno = backend(&double, "bruno");
    let huge = json!(
        (0..5000)
            .map(|n| json!({ "_id": n, "x": [n] }))
            .collect::<Vec<_>>()
    );
    let entry = json!({
        "_id": "s1", "callId": "c1", "status": "active", "createdAt": { "$float": "AAAAAAAA+H8=" },
        "demandeurId": "amina", "offreurId": "bruno",
    });
    let mut good = entry.clone();
    good["createdAt"] = json!(1.7e12);
    let cases = [
        (json!(null), Err(Code::BackendError)),
        (json!({ "not": "a list" }), Err(Code::BackendError)),
        (
            json!("x".repeat(2 * 1024 * 1024)),
            Err(Code::BackendAnswerTooLarge),
        ),
        (json!([null, 7, [], "x", { "_id": {} }, entry]), Ok(0)),
        (json!([entry, good]), Ok(1)),
        (huge, Ok(0)),
    ];
    for (list, expected) in cases {
        double.fail_next_of(ACTIVE, Failing::Answer(list));
        let mut feed = bruno.feed_at(PACE);
        match expected {
            Ok(count) => drop(until_sessions(&mut feed, count).await),
            Err(code) => drop(until_code(&mut feed, code).await),
        }
    }
    double.fail_next_of(
        ACTIVE,
        Failing::Function {
            message: "Server Error".into(),
            data: Some(json!({ "message": "closed today" })),
        },
    );
    let mut feed = bruno.feed_at(PACE);
    let state = until_code(&mut feed, Code::BackendError).await;
    assert_eq!(state.fault.unwrap().detail, "closed today");
    // The next change brings a right one.
    accept(&double).await;
    until_sessions(&mut feed, 1).await;
}

#[tokio::test]
async fn garbage_is_left_by_connecting_again() {
    let double = double().await;
    double.fail_next_of(ACTIVE, Failing::Garbage("<html>".into()));
    let mut list = backend(&double, "bruno").feed_at(PACE);
    until_sessions(&mut list, 0).await;
}

#[tokio::test]
async fn the_connection_ends_with_the_list() {
    let double = double().await;
    let mut list = backend(&double, "bruno").feed().unwrap();
    until_sessions(&mut list, 0).await;
    drop(list);
    soon(double.wait_until(|seen| seen.last() == Some(&Seen::Disconnected))).await;
}

#[tokio::test]
async fn a_list_that_needs_the_user_waits_for_who_it_is() {
    let double = double().await;
    let nobody = Known::with("", vec![Ok(double.user_token("bruno"))]);
    let backend = backend_as(&double.url, Provider::Livekit, nobody);
    assert!(backend.feed().is_none());
    assert_eq!(backend.server(), None);
}

#[tokio::test]
async fn a_product_that_cannot_cancel_says_so() {
    let double = double().await;
    let mut bruno = backend(&double, "bruno");
    bruno.convex.cancel = None;
    let fault = soon(bruno.cancel("any")).await.unwrap_err();
    assert_eq!(fault.code, Code::BackendEndpointMissing);
}

#[test]
fn only_secure_addresses_are_taken() {
    let new = |url: &str| {
        let known = Known::with("bruno", vec![]);
        let client = salon_http::http_client().unwrap();
        let made = ConvexBackend::new(
            &profile(Provider::Stream),
            url.parse().unwrap(),
            known,
            client,
        );
        made.map(drop).map_err(|fault| fault.code)
    };
    assert_eq!(new("https://happy-animal-1.convex.cloud"), Ok(()));
    assert_eq!(new("http://127.0.0.1:3210"), Ok(()));
    for url in [
        "http://convex.example",
        "ws://127.0.0.1",
        "https://a:b@convex.example",
    ] {
        assert_eq!(new(url), Err(Code::BackendInsecure), "{url}");
    }
}
