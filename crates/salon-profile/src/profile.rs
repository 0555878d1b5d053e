//! What a profile's file says.

use salon_base::Provider;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

/// A profile as its file says it.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Version of the format: 1.
    pub format: u32,
    /// What settings call it: `a-z 0-9 -`.
    pub name: String,
    /// What the user sees.
    pub title: String,
    /// Whose calls these are.
    pub provider: Provider,
    /// The backend's address, if the profile is for one backend only.
    pub backend: Option<Url>,
    /// The product's web site, if its meeting links are not of the backend's host.
    pub site: Option<Url>,
    /// The media server's address (`wss`), unless an answer names it.
    pub server: Option<Url>,
    /// Whose app Stream's calls are of; for the provider `stream` only.
    pub stream: Option<StreamApp>,
    /// How users sign in.
    #[serde(default)]
    pub sign_in: SignIn,
    /// Asked over HTTP. Either this or `convex`.
    pub rest: Option<Rest>,
    /// Asked over Convex's sync protocol.
    pub convex: Option<Convex>,
}

/// An app of Stream's, and how its calls are made.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StreamApp {
    /// The app's API key, which is public; absent: the backend or the settings say.
    pub api_key: Option<String>,
    /// The type of its calls; absent: `default`, unless the backend or the settings say.
    pub call_type: Option<String>,
    /// Address of the coordinator (`https`); absent: Stream's own.
    pub url: Option<Url>,
    /// A call is made where there is none yet; `false`: the backend makes them all.
    pub create: bool,
}

impl Default for StreamApp {
    fn default() -> Self {
        Self {
            api_key: None,
            call_type: None,
            url: None,
            create: true,
        }
    }
}

/// Ways of signing in.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SignIn {
    /// By pasting a token or session from the product's web site.
    pub paste: bool,
    /// By a link `salon://sign-in?…` from the product's web site.
    pub link: bool,
    /// Path below the backend's address of the page that makes this link; absent:
    /// `sign-in/salon`.
    pub link_page: Option<String>,
    /// That page knows tokens only: it is not asked for a code, which nobody else could use.
    #[serde(default)]
    pub link_token: bool,
    /// In the system's browser (RFC 8252).
    pub browser: Option<BrowserSignIn>,
}

/// An OAuth 2.0 authorisation code with PKCE (RFC 6749 section 4.1, RFC 7636).
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BrowserSignIn {
    /// The app's name there.
    pub client_id: String,
    /// What is asked for.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// Whose metadata (RFC 8414, or OpenID discovery) is read; absent: the backend's address.
    pub issuer: Option<Url>,
}

/// How a request says whose it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Auth {
    /// `Authorization: Bearer …` (RFC 6750).
    #[default]
    Bearer,
    /// A cookie of this name.
    Cookie(String),
    /// Not at all.
    None,
}

/// A backend asked over HTTP.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rest {
    /// How requests say whose they are.
    #[serde(default)]
    pub auth: Auth,
    /// Where tokens come from.
    pub token: TokenEndpoint,
    /// Where it is told of a call of Stream's what the token does not tell.
    pub call: Option<CallEndpoint>,
    /// Where meeting sessions are told and changed.
    pub sessions: Option<RestSessions>,
}

/// How a request is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// GET.
    Get,
    /// POST.
    #[default]
    Post,
}

/// A request whose answer has a token.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenEndpoint {
    /// Method.
    #[serde(default)]
    pub method: Method,
    /// Path below the backend's address; may have placeholders.
    pub path: String,
    /// JSON whose texts may have placeholders.
    pub body: Option<Value>,
    /// Where things lie in the answer.
    pub answer: TokenAnswer,
}

/// JSON Pointers (RFC 6901) into an answer.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenAnswer {
    /// The token.
    pub token: String,
    /// A boolean that has to be `true`: some answer a refusal with 200.
    pub success: Option<String>,
    /// Who connects; absent: who the token says.
    pub identity: Option<String>,
    /// The room.
    pub room: Option<String>,
    /// The media server.
    pub url: Option<String>,
    /// When the token ends.
    pub expires: Option<String>,
    /// What a refusal says, the first that is there; empty: `/message`, `/error/message`,
    /// `/error`, `/detail`.
    #[serde(default)]
    pub message: Vec<String>,
}

/// A GET whose answer says which call of Stream's to join, and as whose app.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CallEndpoint {
    /// Path below the backend's address; may have placeholders.
    pub path: String,
    /// Where things lie in the answer.
    pub answer: CallAnswer,
}

/// JSON Pointers (RFC 6901) into an answer about a call.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CallAnswer {
    /// The app's API key.
    pub api_key: Option<String>,
    /// The type of the call.
    pub call_type: Option<String>,
    /// The call's id, for who asks without a room.
    pub call_id: Option<String>,
}

/// Meeting sessions over HTTP. Paths are below the backend's address.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RestSessions {
    /// The list.
    pub list: String,
    /// JSON Pointer to the list in the answer; absent: the answer is the list.
    #[serde(default)]
    pub at: String,
    /// Server-Sent Events that tell the whole list each time; absent: the list is polled.
    pub events: Option<Events>,
    /// Seconds between two looks where there are no events.
    pub poll_seconds: Option<u32>,
    /// One of them, whether it is listed or not; absent: what is not listed any more has ended.
    pub one: Option<OneSession>,
    /// POST: completes; has `{session}`.
    pub end: Option<String>,
    /// POST: cancels; has `{session}`.
    pub cancel: Option<String>,
    /// A token for a meeting session; absent: `token` with the session's call id as room.
    pub token: Option<TokenEndpoint>,
    /// Where things lie in one of the list.
    #[serde(default)]
    pub fields: SessionFields,
}

/// Where one meeting session is told.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OneSession {
    /// Path; has `{session}`.
    pub path: String,
    /// JSON Pointer to the session in the answer; absent: the answer is the session.
    #[serde(default)]
    pub at: String,
}

/// A stream of events (HTML, section 9.2).
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Events {
    /// Path.
    pub path: String,
    /// Name of the event that has the list, at the same place as in an answer to `list`.
    pub event: String,
    /// JSON Pointer in the event to those that ended since the event before.
    #[serde(default = "ended_at")]
    pub ended: String,
}

fn ended_at() -> String {
    "/ended".into()
}

/// A backend asked over Convex's sync protocol. Names are those of functions, `module:function`;
/// arguments are JSON whose texts may have placeholders.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Convex {
    /// Query for a token.
    pub token: ConvexToken,
    /// Live query for the user's active meeting sessions.
    pub active: ConvexFunction,
    /// Query for one meeting session, whether it is listed or not; `null` means that there is none.
    /// Absent: what is not listed any more has ended.
    pub one: Option<ConvexFunction>,
    /// Mutation that completes a meeting session.
    pub end: ConvexFunction,
    /// Mutation that cancels one.
    pub cancel: Option<ConvexFunction>,
    /// Where things lie in one of the list.
    #[serde(default)]
    pub fields: SessionFields,
}

/// A function and its arguments.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConvexFunction {
    /// `module:function`.
    pub function: String,
    /// Arguments.
    #[serde(default)]
    pub args: serde_json::Map<String, Value>,
}

/// A function whose answer has a token.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConvexToken {
    /// `module:function`.
    pub function: String,
    /// Arguments.
    #[serde(default)]
    pub args: serde_json::Map<String, Value>,
    /// Where things lie in the answer.
    pub answer: TokenAnswer,
}

/// JSON Pointers into one meeting session; the defaults are the names of contract P3.
///
/// `role` is the user's part, `requester` or `offerer`; without it the parties' ids tell.
/// `answered` is true, or when, if the user is in it on another device.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "named after the fields of MeetingSession")]
pub struct SessionFields {
    pub id: String,
    pub offer_id: String,
    pub request_id: String,
    pub requester_id: String,
    pub offerer_id: String,
    pub call_id: String,
    pub status: String,
    pub created_at: String,
    pub ended_at: String,
    pub title: String,
    pub other_party: String,
    pub role: String,
    pub answered: String,
}

impl Default for SessionFields {
    fn default() -> Self {
        let field = |name: &str| format!("/{name}");
        Self {
            id: field("id"),
            offer_id: field("offreId"),
            request_id: field("demandeId"),
            requester_id: field("demandeurId"),
            offerer_id: field("offreurId"),
            call_id: field("callId"),
            status: field("status"),
            created_at: field("createdAt"),
            ended_at: field("endedAt"),
            title: field("title"),
            other_party: field("otherPartyName"),
            role: field("role"),
            answered: field("answered"),
        }
    }
}
