//! What Stream's service leads to, on the double of it.

use salon_backend_client::coordinator;
use salon_base::Fault;
use salon_support::StreamDouble;
use salon_support::stream::{Config, Fault as Order, User};
use salon_token::StreamGrant;
use serde_json::{Value, json};

use crate::asking::{client, now, signed, stream_claims};

/// Ann's, for a call at a coordinator.
pub(crate) fn granted(url: &str, key: &str, token: String) -> StreamGrant {
    StreamGrant {
        token,
        api_key: key.into(),
        identity: "ann".into(),
        name: "Ann".into(),
        call_type: "default".into(),
        call_id: "tea".into(),
        create: true,
        base_url: Some(url.into()),
    }
}

/// What comes of a grant that is changed so, at a double that is told this before.
pub(crate) async fn service(
    change: impl FnOnce(&mut StreamGrant, &StreamDouble),
    order: Option<Order>,
) -> Fault {
    let double = StreamDouble::start(Config::default()).await.unwrap();
    // It knows its users from their first connection on.
    double.know(User {
        id: "ann".into(),
        name: "Ann".into(),
        role: "user".into(),
    });
    let mut grant = granted(&double.url, double.key(), double.token("ann"));
    change(&mut grant, &double);
    if let Some(order) = order {
        double.fail_next_of("join", order);
    }
    let client = client().build().unwrap();
    let fault = coordinator::join(&client, &grant).await.unwrap_err();
    double.stop().await;
    fault
}

/// What comes of a token with these claims.
pub(crate) async fn claiming(claims: Value) -> Fault {
    service(
        |grant, double| grant.token = double.token_with(&claims),
        None,
    )
    .await
}

/// Of a token that nobody at the service has signed.
pub(crate) async fn forged() -> Fault {
    service(
        |grant, _| grant.token = signed("HS256", &stream_claims()),
        None,
    )
    .await
}

/// Those of a token that is over, or is not good yet.
pub(crate) fn over(seconds: i64) -> Value {
    json!({ "user_id": "ann", "iat": now() - 2 * seconds, "exp": now() - seconds })
}

/// Of a coordinator at this address.
pub(crate) async fn at(url: &str, client: reqwest::ClientBuilder) -> Fault {
    let grant = granted(url, "key", signed("HS256", &stream_claims()));
    let client = client.build().unwrap();
    coordinator::join(&client, &grant).await.unwrap_err()
}
