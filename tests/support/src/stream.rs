//! A double of the Stream video service: the coordinator over HTTP and WebSocket, and media servers
//! that forward pictures and sound. On loopback only.

mod actions;
mod cors;
mod faults;
mod http;
mod kinds;
mod orders;
mod refusal;
mod rooms;
pub mod sfu;
mod socket;
mod tokens;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::{Map, Value, json};
use tokio::sync::mpsc;

pub use faults::Fault;
pub use kinds::CallType;
pub use refusal::Refusal;
pub use world::User;

use actions::Asked;
use faults::Faults;
use orders::{Audience, MediaOrder, Orders};
use sfu::MediaServer;
use tokens::{App, Caller};
use world::World;

use crate::clock::stamp;
use crate::served::{Running, Served};

/// How long a user's token lasts unless a test says otherwise.
const TOKEN_LIFE: Duration = Duration::from_secs(3600);
/// How often the service says that it is there. Clients say so, and are answered, 25 seconds after
/// what they have heard last: with the same time here they would never get to it.
const HEALTH: Duration = Duration::from_secs(30);
/// A client that says nothing for this long is given up.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a double is to be like. Key and secret are for loopback only.
#[derive(Clone, Debug)]
pub struct Config {
    /// Port of the coordinator on 127.0.0.1; 0: a free one.
    pub port: u16,
    /// The app's API key.
    pub key: String,
    /// The app's secret.
    pub secret: String,
    /// Who is known before they connect.
    pub users: Vec<User>,
    /// Which types of calls there are.
    pub call_types: Vec<CallType>,
    /// How many media servers there are, at least one; calls begin on the first.
    pub media_servers: usize,
    /// How often clients hear that the coordinator is there.
    pub health: Duration,
    /// How long a client may say nothing before it is given up.
    pub patience: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            port: 0,
            key: "key-of-the-double".into(),
            secret: "stream-of-the-double-on-loopback".into(),
            users: Vec::new(),
            call_types: CallType::built_in(),
            media_servers: 2,
            health: HEALTH,
            patience: PATIENCE,
        }
    }
}

/// What a double has seen, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// A user's client has connected to the coordinator.
    Connected(String),
    /// A client that wanted to connect was refused with this code.
    Refused(u16),
    /// Nothing is said to a user's client any more, as was ordered.
    FellSilent(String),
    /// A user's client has gone from the coordinator.
    Disconnected(String),
    /// The coordinator was asked something over HTTP.
    Requested {
        /// By whom; none: a backend, or nobody who is known.
        user: Option<String>,
        /// What: the end of the path, or `get`, `create`, `update`, `hint`.
        action: String,
        /// Of which call.
        cid: Option<String>,
        /// With which content.
        body: Value,
        /// HTTP status of the answer.
        status: u16,
    },
    /// Clients that watch a call were told of an event of this type.
    Told {
        /// Of which call.
        cid: String,
        /// As it is called on the wire.
        event: String,
    },
    /// Something happened at a media server.
    Media(sfu::Event),
}

/// What goes to one client.
#[derive(Debug)]
pub(crate) enum Post {
    Event(Value),
    /// The connection ends with this.
    Refuse(Refusal),
}

/// A connection of a user's.
#[derive(Debug)]
pub(crate) struct Client {
    user: String,
    watching: BTreeSet<String>,
    post: mpsc::UnboundedSender<Post>,
}

impl Client {
    pub(crate) fn new(user: String, post: mpsc::UnboundedSender<Post>) -> Self {
        Self {
            user,
            watching: BTreeSet::new(),
            post,
        }
    }
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) app: App,
    /// Locked before `clients`, where both are.
    pub(crate) world: Mutex<World>,
    /// By the connection's id.
    pub(crate) clients: Mutex<BTreeMap<String, Client>>,
    /// At least one; all have the same calls.
    pub(crate) media: Vec<MediaServer>,
    pub(crate) faults: Mutex<Faults>,
    pub(crate) health: Duration,
    pub(crate) patience: Duration,
    pub(crate) running: Arc<Running<Seen>>,
}

pub(crate) type Shared = Arc<Inner>;

impl Inner {
    /// From now on this connection is told what happens in a call.
    pub(crate) fn watch(&self, connection: &str, cid: &str) {
        if let Some(client) = self.clients.lock().get_mut(connection) {
            client.watching.insert(cid.to_owned());
        }
    }

    /// Does what is asked of a call; whoever asks by a connection watches the call from then on.
    pub(crate) fn act(
        &self,
        asked: &Asked<'_>,
        connection: Option<&str>,
    ) -> Result<Value, Refusal> {
        let mut orders = Orders::new(asked.cid);
        let answer = actions::run(&mut self.world.lock(), asked, &mut orders)?;
        if let Some(connection) = connection {
            self.watch(connection, asked.cid);
        }
        self.carry_out(orders);
        Ok(answer)
    }

    pub(crate) fn carry_out(&self, orders: Orders) {
        let Orders { cid, events, media } = orders;
        for (audience, event) in events {
            self.running.see(Seen::Told {
                cid: cid.clone(),
                event: event["type"].as_str().unwrap_or_default().to_owned(),
            });
            for client in self.clients.lock().values() {
                let watches = client.watching.contains(&cid);
                let hears = match &audience {
                    Audience::Call => watches,
                    Audience::Among(users) => watches && users.contains(&client.user),
                    Audience::CallAnd(users) => watches || users.contains(&client.user),
                };
                if hears {
                    // If it cannot be sent, the client has gone.
                    let _ = client.post.send(Post::Event(event.clone()));
                }
            }
        }
        let server = &self.media[0];
        for order in media {
            match order {
                MediaOrder::End => server.end_call(&cid),
                MediaOrder::Remove(user) => server.remove(&cid, &user),
                MediaOrder::Mute(user, tracks) => server.mute(&cid, &user, &tracks),
                MediaOrder::Permit(user, kinds) => server.set_permissions(&cid, &user, &kinds),
            }
        }
    }
}

/// A double that runs until it is stopped or dropped.
#[derive(Debug)]
pub struct StreamDouble {
    /// Where the coordinator is: what the SDK calls its base URL.
    pub url: String,
    /// What says where a client is.
    pub hint_url: String,
    shared: Shared,
    served: Served<Seen>,
}

impl StreamDouble {
    /// Starts one in the runtime that calls this.
    ///
    /// # Errors
    /// If a port cannot be listened on.
    pub async fn start(config: Config) -> io::Result<Self> {
        // Calls are on all of them, so that those who migrate still meet those who have not yet.
        let mut media = vec![MediaServer::start().await?];
        for _ in 1..config.media_servers {
            let another = media[0].start_beside().await?;
            media.push(another);
        }
        let mut world = World::new(config.call_types);
        for user in config.users {
            world.know(user);
        }
        let shared = Arc::new(Inner {
            app: App {
                key: config.key,
                secret: config.secret,
            },
            world: Mutex::new(world),
            clients: Mutex::default(),
            media,
            faults: Mutex::default(),
            health: config.health,
            patience: config.patience,
            running: Arc::default(),
        });
        // All of them tell the same.
        tokio::spawn(rooms::follow(shared.clone(), shared.media[0].events()));
        let router = http::router(shared.clone());
        let (served, address) = Served::start(config.port, shared.running.clone(), router).await?;
        Ok(Self {
            url: format!("http://{address}/video"),
            hint_url: format!("http://{address}/hint"),
            shared,
            served,
        })
    }

    /// The app's API key.
    pub fn key(&self) -> &str {
        &self.shared.app.key
    }

    /// The app's secret.
    pub fn secret(&self) -> &str {
        &self.shared.app.secret
    }

    /// Where pictures and sound go.
    pub fn media(&self) -> &[MediaServer] {
        &self.shared.media
    }

    /// A user's token for an hour.
    pub fn token(&self, user: &str) -> String {
        self.token_for(user, TOKEN_LIFE)
    }

    /// The same for another time, of which whole seconds count.
    pub fn token_for(&self, user: &str, life: Duration) -> String {
        self.shared.app.user(user, life)
    }

    /// A token with these claims, whatever they are.
    pub fn token_with(&self, claims: &Value) -> String {
        self.shared.app.sign(claims)
    }

    /// Makes somebody known, as a backend does; else the service knows those who have connected.
    pub fn know(&self, user: User) {
        self.shared.world.lock().know(user);
    }

    /// Asks something of a call (`type:id`) as a backend, which may do everything. `action` is as in
    /// [`Seen::Requested`], after the method: `POST mark_ended`; `POST` alone begins a call.
    ///
    /// # Errors
    /// What the service refuses.
    pub fn ask(&self, action: &str, cid: &str, body: Value) -> Result<Value, Refusal> {
        let (kind, id) = cid.split_once(':').unwrap_or((cid, ""));
        let empty = Map::new();
        let asked = Asked {
            caller: &Caller::Backend,
            kind,
            id,
            cid,
            action,
            body: body.as_object().unwrap_or(&empty),
            media: &self.shared.media,
        };
        self.shared.act(&asked, None)
    }

    /// A call as the coordinator sees it.
    ///
    /// # Errors
    /// If there is none.
    pub fn call(&self, cid: &str) -> Result<Value, Refusal> {
        self.ask("GET", cid, json!({}))
    }

    /// Tells those who watch a call of an event that the double has no other cause for, such as
    /// `call.moderation_warning`; `fields` is what it has beside its type, call and time.
    pub fn tell(&self, cid: &str, event: &str, fields: Value) {
        let mut orders = Orders::new(cid);
        orders.tell(Audience::Call, event, fields);
        self.shared.carry_out(orders);
    }

    /// Captions what somebody is to have said, as a call does that is being captioned.
    pub fn caption(&self, cid: &str, user: &str, text: &str) {
        let fields = {
            let mut world = self.shared.world.lock();
            let id = world.unique("caption");
            json!({ "closed_caption": {
                "id": id, "text": text, "speaker_id": user, "user": world.user_json(user),
                "language": "en", "translated": false,
                "start_time": stamp(), "end_time": stamp(),
            } })
        };
        self.tell(cid, "call.closed_caption", fields);
    }

    /// The next request, or client that connects, meets this.
    pub fn fail_next(&self, fault: Fault) {
        self.shared.faults.lock().push(None, fault);
    }

    /// The next request of this kind meets this. Kinds are as in [`Seen::Requested`]; `connect` is a
    /// client that connects, `health` the coordinator's saying that it is there.
    pub fn fail_next_of(&self, action: &str, fault: Fault) {
        self.shared.faults.lock().push(Some(action), fault);
    }

    /// Nothing that was ordered goes wrong any more.
    pub fn heal(&self) {
        self.shared.faults.lock().clear();
        self.refuse_connections(false);
    }

    /// Cuts all WebSockets of the coordinator, without a word.
    pub fn drop_connections(&self) {
        self.shared.running.cut();
    }

    /// Ends a user's connections to the coordinator with an error, such as that of a token that has
    /// expired.
    pub fn refuse_connected(&self, user: &str, refusal: &Refusal) {
        for client in self.shared.clients.lock().values() {
            if client.user == user {
                // If it cannot be sent, the client has gone.
                let _ = client.post.send(Post::Refuse(refusal.clone()));
            }
        }
    }

    /// Whether all requests and new connections are refused (503).
    pub fn refuse_connections(&self, refuse: bool) {
        self.shared.running.refuse(refuse);
    }

    /// All that was seen so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.served.seen()
    }

    /// Waits until what was seen is such. The caller bounds the time.
    pub async fn wait_until(&self, such: impl FnMut(&[Seen]) -> bool) {
        self.served.wait_until(such).await;
    }

    /// Ends it: connections are cut, the port is free.
    pub async fn stop(self) {
        self.served.stop().await;
    }
}
