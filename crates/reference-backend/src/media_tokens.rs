//! Tokens for media servers.
//!
//! Signed here and not by `livekit-api`: times come from [`Clock`](crate::clock::Clock), which tests
//! move, and the library always takes the system's. A test has the library check what comes out.

use jsonwebtoken::{EncodingKey, Header};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use crate::config::{LiveKit, StreamApp};
use crate::faults::TokenFault;

/// What a LiveKit token is for. Times are seconds since 1970.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LiveKitGrant<'a> {
    pub(crate) room: &'a str,
    pub(crate) identity: &'a str,
    pub(crate) name: &'a str,
    pub(crate) now_s: i64,
    pub(crate) expires_s: i64,
}

#[derive(Serialize)]
struct LiveKitClaims<'a> {
    iss: &'a str,
    sub: &'a str,
    name: &'a str,
    iat: i64,
    nbf: i64,
    exp: i64,
    jti: String,
    video: Video<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Video<'a> {
    Granted(VideoGrant<'a>),
    /// [`TokenFault::EmptyGrants`].
    Empty {},
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct VideoGrant<'a> {
    room: &'a str,
    room_join: bool,
    can_publish: bool,
    can_subscribe: bool,
    can_publish_data: bool,
    can_update_own_metadata: bool,
}

/// A LiveKit server whose clock is behind ours must not refuse a fresh token.
const BACKDATED_S: i64 = 10;

/// How long ago [`TokenFault::Expired`] was.
const EXPIRED_S: i64 = 3600;

/// May join one room, publish, subscribe, send data and raise a hand, which is an attribute of one's
/// own; unless `fault` says otherwise.
pub(crate) fn livekit_token(
    server: &LiveKit,
    grant: LiveKitGrant<'_>,
    fault: TokenFault,
) -> jsonwebtoken::errors::Result<String> {
    let (room, identity);
    let mut grant = grant;
    let mut empty = false;
    match fault {
        TokenFault::None => {}
        TokenFault::EmptyGrants => empty = true,
        TokenFault::OtherRoom => {
            room = format!("not-{}", grant.room);
            grant.room = &room;
        }
        TokenFault::OtherIdentity => {
            identity = format!("not-{}", grant.identity);
            grant.identity = &identity;
        }
        TokenFault::Expired => {
            let earlier = grant.expires_s - grant.now_s + EXPIRED_S;
            grant.now_s -= earlier;
            grant.expires_s -= earlier;
        }
        TokenFault::StreamKind => {
            let claims = StreamClaims {
                user_id: grant.identity,
                iat: grant.now_s,
                exp: grant.expires_s,
            };
            return sign(&claims, &server.secret);
        }
    }
    let granted = VideoGrant {
        room: grant.room,
        room_join: true,
        can_publish: true,
        can_subscribe: true,
        can_publish_data: true,
        can_update_own_metadata: true,
    };
    let claims = LiveKitClaims {
        iss: &server.key,
        sub: grant.identity,
        name: grant.name,
        iat: grant.now_s,
        nbf: grant.now_s - BACKDATED_S,
        exp: grant.expires_s,
        jti: jti(),
        video: if empty {
            Video::Empty {}
        } else {
            Video::Granted(granted)
        },
    };
    sign(&claims, &server.secret)
}

#[derive(Serialize)]
struct StreamClaims<'a> {
    user_id: &'a str,
    iat: i64,
    exp: i64,
}

/// Lets `user_id` connect to Stream, or with `for_another` somebody else. Times are seconds since
/// 1970.
pub(crate) fn stream_token(
    app: &StreamApp,
    user_id: &str,
    (now_s, expires_s): (i64, i64),
    for_another: bool,
) -> jsonwebtoken::errors::Result<String> {
    let another;
    let user_id = if for_another {
        another = format!("not-{user_id}");
        &another
    } else {
        user_id
    };
    let claims = StreamClaims {
        user_id,
        iat: now_s,
        exp: expires_s,
    };
    sign(&claims, &app.secret)
}

fn sign(claims: &impl Serialize, secret: &SecretString) -> jsonwebtoken::errors::Result<String> {
    let key = EncodingKey::from_secret(secret.expose_secret().as_bytes());
    jsonwebtoken::encode(&Header::default(), claims, &key)
}

fn jti() -> String {
    format!("{:032x}", rand::random::<u128>())
}
