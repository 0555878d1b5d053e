//! Clients of the Stream double that are not the SDK.

#![allow(
    clippy::unwrap_used,
    dead_code,
    reason = "these are tests, each of which uses a part"
)]

use std::sync::OnceLock;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use reqwest::Method;
use salon_support::StreamDouble;
use salon_support::stream::{Config, User};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

/// Longer than anything here takes; a test that waits for it has failed.
const LIMIT: Duration = Duration::from_secs(20);
pub(crate) const CALL: &str = "default/meeting";

pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(LIMIT, future).await.expect("in time")
}

pub(crate) fn user(id: &str) -> User {
    User {
        id: id.into(),
        name: id.into(),
        role: "user".into(),
    }
}

/// A double that knows Amina and Bruno.
pub(crate) async fn double_with(config: Config) -> StreamDouble {
    let users = vec![user("amina"), user("bruno")];
    StreamDouble::start(Config { users, ..config })
        .await
        .unwrap()
}

pub(crate) async fn double() -> StreamDouble {
    double_with(Config::default()).await
}

/// One for all tests: making one is slow. Connections are not kept, since each belongs to the runtime of
/// the test that opened it.
pub(crate) fn http() -> &'static reqwest::Client {
    static HTTP: OnceLock<reqwest::Client> = OnceLock::new();
    HTTP.get_or_init(|| {
        let builder = reqwest::Client::builder().no_proxy();
        builder.pool_max_idle_per_host(0).build().unwrap()
    })
}

/// A request whose answer is looked at as it is.
pub(crate) fn request(
    double: &StreamDouble,
    method: Method,
    path: &str,
    token: &str,
) -> reqwest::RequestBuilder {
    let url = format!("{}/{path}", double.url);
    http()
        .request(method, url)
        .timeout(LIMIT)
        .query(&[("api_key", double.key())])
        .header("authorization", token)
        .header("stream-auth-type", "jwt")
}

/// Status and content of an answer.
pub(crate) async fn answer(request: reqwest::RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// A user's client that is connected and hears of what it watches.
pub(crate) struct Client<'a> {
    double: &'a StreamDouble,
    token: String,
    pub(crate) socket: WebSocketStream<TcpStream>,
    pub(crate) connection: String,
}

/// Opens the WebSocket and says who it is; what came back first.
pub(crate) async fn introduce(
    double: &StreamDouble,
    key: &str,
    token: &str,
    id: &str,
) -> (WebSocketStream<TcpStream>, Value) {
    let url = double.url.replacen("http", "ws", 1);
    let address = url
        .strip_prefix("ws://")
        .unwrap()
        .split('/')
        .next()
        .unwrap();
    let stream = TcpStream::connect(address).await.unwrap();
    let url = format!("{url}/connect?api_key={key}&stream-auth-type=jwt");
    let (mut socket, _) = tokio_tungstenite::client_async(url, stream).await.unwrap();
    let hello = json!({ "token": token, "products": ["video"], "user_details": { "id": id } });
    socket.send(Message::text(hello.to_string())).await.unwrap();
    let first = heard(&mut socket).await;
    (socket, first)
}

/// The next event; `Null`: the connection has ended.
pub(crate) async fn heard(socket: &mut WebSocketStream<TcpStream>) -> Value {
    loop {
        match soon(socket.next()).await {
            Some(Ok(Message::Text(text))) => {
                return serde_json::from_str(&text).unwrap_or_else(|_| json!(text.as_str()));
            }
            Some(Ok(Message::Close(_)) | Err(_)) | None => return Value::Null,
            Some(Ok(_)) => {}
        }
    }
}

impl<'a> Client<'a> {
    pub(crate) async fn connect(double: &'a StreamDouble, id: &str) -> Self {
        let token = double.token(id);
        let (socket, first) = introduce(double, double.key(), &token, id).await;
        assert_eq!(
            (&first["type"], &first["me"]["id"]),
            (&json!("connection.ok"), &json!(id))
        );
        Self {
            double,
            token,
            socket,
            connection: first["connection_id"].as_str().unwrap().to_owned(),
        }
    }

    pub(crate) async fn ask(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        let request = request(self.double, method, path, &self.token);
        let request = request.query(&[("connection_id", &self.connection)]);
        answer(request.json(&body)).await
    }

    /// Asks for what has to be done.
    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.ask(Method::POST, path, body).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    /// Asks for what has to be refused: status and code.
    pub(crate) async fn refused(&self, path: &str, body: Value) -> (u16, u64) {
        let (status, answer) = self.ask(Method::POST, path, body).await;
        assert_ne!(status, 200, "{path}: {answer}");
        (status, answer["code"].as_u64().unwrap())
    }

    /// The next event of this type; others are passed over.
    pub(crate) async fn hears(&mut self, kind: &str) -> Value {
        loop {
            let event = heard(&mut self.socket).await;
            assert!(!event.is_null(), "the connection ended before {kind}");
            if event["type"] == kind {
                return event;
            }
        }
    }

    /// All that is heard up to a custom event that this client sends itself.
    pub(crate) async fn hears_up_to_now(&mut self) -> Vec<String> {
        let marker = json!({ "custom": { "marker": self.connection } });
        self.post("call/development/marker", json!({})).await;
        self.post("call/development/marker/event", marker).await;
        let mut all = Vec::new();
        loop {
            let event = heard(&mut self.socket).await;
            if event["custom"]["marker"] == self.connection {
                return all;
            }
            let own = event["call_cid"] == "development:marker";
            if !own {
                all.push(event["type"].as_str().unwrap().to_owned());
            }
        }
    }
}
