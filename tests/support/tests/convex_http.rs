//! The HTTP API of the double, and the life cycle behind it.

#![allow(clippy::unwrap_used, reason = "these are tests")]

use std::time::Duration;

use salon_support::ConvexDouble;
use salon_support::convex::{Config, Fault};
use serde_json::{Value, json};

struct Client {
    double: ConvexDouble,
    http: reqwest::Client,
}

impl Client {
    async fn new() -> Self {
        Self {
            double: ConvexDouble::start(Config::default()).await.unwrap(),
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
        }
    }

    async fn send(&self, token: Option<&str>, kind: &str, path: &str, args: Value) -> (u16, Value) {
        let mut request = self
            .http
            .post(format!("{}/api/{kind}", self.double.url))
            .timeout(Duration::from_secs(20))
            .json(&json!({ "path": path, "args": args, "format": "json" }));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    async fn value(&self, account: &str, kind: &str, path: &str, args: Value) -> Value {
        let token = self.double.user_token(account);
        let (status, answer) = self.send(Some(&token), kind, path, args).await;
        assert_eq!(
            (status, &answer["status"]),
            (200, &json!("success")),
            "{answer}"
        );
        answer["value"].clone()
    }

    async fn error(&self, account: &str, kind: &str, path: &str, args: Value) -> Value {
        let token = self.double.user_token(account);
        let (status, answer) = self.send(Some(&token), kind, path, args).await;
        assert_eq!(
            (status, &answer["status"]),
            (200, &json!("error")),
            "{answer}"
        );
        answer
    }
}

#[tokio::test]
async fn the_whole_story_over_http() {
    let client = Client::new().await;
    let request = json!({ "title": "A wall to paint" });
    let request = client
        .value("amina", "mutation", "demandes:createDemande", request)
        .await;
    let offer = json!({ "demandeId": request["demandeId"], "message": "I have a brush." });
    let offer = client
        .value("bruno", "mutation", "offres:createOffre", offer)
        .await;
    let accept = json!({ "offreId": offer["offreId"], "status": "accepted" });
    let update = "offres:updateOffreStatus";
    let accepted = client
        .value("amina", "mutation", update, accept.clone())
        .await;
    let again = client.error("amina", "mutation", update, accept).await;
    assert_eq!(again["errorData"]["code"], "offer-decided");

    let session = json!({ "sessionId": accepted["meetSessionId"] });
    let active = "meetSessions:getUserActiveMeetSessions";
    let list = client
        .value("amina", "query", active, json!({ "userId": "amina" }))
        .await;
    assert_eq!(list[0]["title"], "A wall to paint");
    assert_eq!(list[0]["otherPartyName"], "Bruno");
    let cancel = "meetSessions:cancelMeetSession";
    client
        .value("bruno", "mutation", cancel, session.clone())
        .await;
    for (change, account) in [("cancel", "bruno"), ("end", "amina")] {
        let path = format!("meetSessions:{change}MeetSession");
        let refused = client
            .error(account, "mutation", &path, session.clone())
            .await;
        assert_eq!(refused["errorData"]["code"], "cancelled");
    }
    let seen = client
        .value("amina", "query", "meetSessions:getMeetSession", session)
        .await;
    assert_eq!(seen["status"], "cancelled");
    let list = client
        .value("amina", "query", active, json!({ "userId": "amina" }))
        .await;
    assert_eq!(list, json!([]));
}

#[tokio::test]
async fn two_calls_never_share_a_room() {
    let client = Client::new().await;
    let mut rooms = std::collections::BTreeSet::new();
    for title in ["a", "b", "c"] {
        let request = json!({ "title": title });
        let request = client
            .value("amina", "mutation", "demandes:createDemande", request)
            .await;
        let offer = json!({ "demandeId": request["demandeId"], "message": "" });
        let offer = client
            .value("bruno", "mutation", "offres:createOffre", offer)
            .await;
        let accept = json!({ "offreId": offer["offreId"], "status": "accepted" });
        let accepted = client
            .value("amina", "mutation", "offres:updateOffreStatus", accept)
            .await;
        rooms.insert(accepted["callId"].as_str().unwrap().to_owned());
    }
    assert_eq!(rooms.len(), 3);
}

#[tokio::test]
async fn who_asks_is_what_the_token_says() {
    let client = Client::new().await;
    let stream = "stream:generateStreamToken";
    let asked = json!({ "userId": "amina" });
    let (status, answer) = client.send(None, "query", stream, asked.clone()).await;
    assert_eq!(
        (status, &answer["errorMessage"]),
        (200, &json!("Not authenticated"))
    );
    let others = client.error("bruno", "query", stream, asked.clone()).await;
    assert!(others["errorMessage"].as_str().unwrap().contains("userId"));
    for token in [
        "garbage",
        &client.double.user_token_for("amina", Duration::ZERO)[1..],
    ] {
        let (status, answer) = client
            .send(Some(token), "query", stream, asked.clone())
            .await;
        assert_eq!(
            (status, &answer["code"]),
            (401, &json!("InvalidAuthHeader"))
        );
    }
    let token = client.value("amina", "query", stream, asked).await;
    let claims = token["token"]
        .as_str()
        .unwrap()
        .split('.')
        .nth(1)
        .unwrap()
        .to_owned();
    use base64::Engine as _;
    let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(claims)
        .unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!(claims["user_id"], "amina");
    let life = claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap();
    assert_eq!(life, 24 * 3600);
}

#[tokio::test]
async fn arguments_are_checked() {
    let client = Client::new().await;
    let path = "meetSessions:getMeetSession";
    for args in [
        json!({}),
        json!({ "sessionId": 7 }),
        json!({ "sessionId": "x", "more": "y" }),
    ] {
        let refused = client.error("amina", "query", path, args).await;
        let words = refused["errorMessage"].as_str().unwrap();
        assert!(words.starts_with("ArgumentValidationError"), "{words}");
    }
    let as_mutation = client.error("amina", "mutation", path, json!({})).await;
    assert!(
        as_mutation["errorMessage"]
            .as_str()
            .unwrap()
            .contains("Could not find")
    );
}

#[tokio::test]
async fn faults_strike_over_http_too() {
    let client = Client::new().await;
    let user = "users:getCurrentUser";
    client.double.fail_next(Fault::Auth("ended".into()));
    let token = client.double.user_token("amina");
    let (status, _) = client.send(Some(&token), "query", user, json!({})).await;
    assert_eq!(status, 401);
    client.double.fail_next(Fault::Drop);
    let url = format!("{}/api/query", client.double.url);
    let asked = json!({ "path": user, "args": {}, "format": "json" });
    let cut = client.http.post(&url).json(&asked).send().await;
    let cut = match cut {
        Ok(answer) => answer.bytes().await.is_err(),
        Err(_) => true,
    };
    assert!(cut);
    client.double.fail_next(Fault::Answer(json!(null)));
    client.double.heal();
    client.value("amina", "query", user, json!({})).await;
}
