//! Reading a token without its secret: what a server would object to, before it is asked, and
//! what it could not notice.
//!
//! The rules follow what LiveKit's server answers; it allows a minute of leeway for time.

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use salon_base::{Code, Fault};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Leeway of the server, and the clock difference that is worth a warning.
pub const LEEWAY: Duration = Duration::from_secs(60);
/// Longer than any token; nothing longer is decoded.
const LONGEST: usize = 16 * 1024;

/// What the token has to be for.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The room that the backend named, if it did.
    pub room: Option<&'a str>,
    /// The identity that the backend named, if it did.
    pub identity: Option<&'a str>,
    /// Now, by this computer's clock.
    pub now: SystemTime,
    /// Now, by the backend's clock (its `Date` header), if it told.
    pub backend_now: Option<SystemTime>,
}

impl Expected<'_> {
    /// For any room and identity, at this time.
    pub fn anything(now: SystemTime) -> Self {
        Self {
            room: None,
            identity: None,
            now,
            backend_now: None,
        }
    }
}

/// What a good token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspected {
    /// Who it is for.
    pub identity: String,
    /// Which room.
    pub room: String,
    /// It does not end by itself.
    pub endless: bool,
    /// It may publish.
    pub can_publish: bool,
}

impl Inspected {
    /// What does not keep its bearer out, but should be known.
    pub fn warnings(&self) -> Vec<Code> {
        let all = [
            (!self.can_publish, Code::TokenPublishMissing),
            (self.endless, Code::TokenEndless),
        ];
        let holding = all.into_iter().filter(|(holds, _)| *holds);
        holding.map(|(_, code)| code).collect()
    }
}

/// A token's first part.
#[derive(Clone, Debug, Deserialize)]
pub struct Header {
    /// How it is signed (RFC 7515, section 4.1.1).
    pub alg: String,
}

/// A token's second part, as far as it is looked at. Times are seconds since 1970.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Claims {
    pub(crate) iss: Option<String>,
    pub(crate) sub: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) exp: Option<f64>,
    pub(crate) nbf: Option<f64>,
    pub(crate) iat: Option<f64>,
    /// Stream's.
    pub(crate) user_id: Option<Value>,
    /// LiveKit's.
    pub(crate) video: Option<Video>,
}

/// LiveKit's grants.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Video {
    pub(crate) room: Option<String>,
    pub(crate) room_join: Option<bool>,
    pub(crate) can_publish: Option<bool>,
    #[serde(flatten)]
    pub(crate) others: serde_json::Map<String, Value>,
}

/// Names the first fault of a LiveKit token, in the order in which a server meets them.
///
/// # Errors
/// The fault.
pub fn inspect(token: &str, expected: Expected<'_>) -> Result<Inspected, Fault> {
    let (header, claims) = decode(token)?;
    if let Some(fault) = faults(&header, &claims, expected).into_iter().next() {
        return Err(fault);
    }
    let video = claims.video.unwrap_or_else(Video::none);
    Ok(Inspected {
        identity: claims.sub.unwrap_or_default(),
        room: video.room.unwrap_or_default(),
        endless: claims.exp.is_none(),
        can_publish: video.can_publish.unwrap_or(true),
    })
}

impl Video {
    fn none() -> Self {
        Self {
            room: None,
            room_join: None,
            can_publish: None,
            others: serde_json::Map::new(),
        }
    }
}

/// Everything that keeps a LiveKit token's bearer out, in the order in which a server meets it.
pub(crate) fn faults(header: &Header, claims: &Claims, expected: Expected<'_>) -> Vec<Fault> {
    let mut faults = Vec::from_iter(check_algorithm(header));
    if claims.user_id.is_some() && claims.video.is_none() {
        let detail = "it names a user_id, as Stream's do";
        faults.push(Fault::new(Code::TokenOtherKind, detail));
        // All else would be said of a token that it is not.
        return faults;
    }
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    if given(&claims.iss).is_none() {
        faults.push(Code::TokenIssuerMissing.into());
    }
    faults.extend(check_time(claims, expected));
    faults.extend(check_identity(claims.sub.as_deref(), expected));
    let Some(video) = &claims.video else {
        faults.push(Code::TokenGrantsMissing.into());
        return faults;
    };
    if video.room_join != Some(true) {
        let detail = "video.roomJoin is missing or false";
        faults.push(Fault::new(Code::TokenGrantsEmpty, detail));
    }
    match (given(&video.room), expected.room) {
        (None, _) => faults.push(Code::TokenRoomMissing.into()),
        (Some(room), Some(expected)) if room != expected => {
            let detail = format!("it is for {room}");
            faults.push(Fault::new(Code::TokenOtherRoom, detail));
        }
        _ => {}
    }
    faults
}

/// Reads both parts; the signature is nobody's here to check.
pub(crate) fn decode(token: &str) -> Result<(Header, Claims), Fault> {
    decode_as(token)
}

/// The same with claims of another form.
pub fn decode_as<C: DeserializeOwned>(token: &str) -> Result<(Header, C), Fault> {
    let not_jwt = |why: &str| Fault::new(Code::TokenNotJwt, why);
    if token.len() > LONGEST {
        return Err(not_jwt("it is too long"));
    }
    let parts: Vec<_> = token.trim().split('.').collect();
    let [header, claims, _signature] = parts[..] else {
        return Err(not_jwt("it does not have three parts"));
    };
    let part = |part: &str| {
        URL_SAFE_NO_PAD
            .decode(part)
            .map_err(|_| not_jwt("a part of it is not base64url"))
    };
    let header = serde_json::from_slice(&part(header)?)
        .map_err(|_| not_jwt("its header is not JSON with an algorithm"))?;
    let claims = serde_json::from_slice(&part(claims)?)
        .map_err(|error| not_jwt(&format!("its claims cannot be read: {error}")))?;
    Ok((header, claims))
}

/// Neither provider takes tokens that are signed otherwise.
pub(crate) fn check_algorithm(header: &Header) -> Option<Fault> {
    (header.alg != "HS256").then(|| Fault::new(Code::TokenWrongAlgorithm, &header.alg))
}

/// Who the token is for, wherever its provider has that.
pub(crate) fn check_identity(identity: Option<&str>, expected: Expected<'_>) -> Option<Fault> {
    match (identity, expected.identity) {
        (None | Some(""), _) => Some(Code::TokenIdentityMissing.into()),
        (Some(identity), Some(expected)) if identity != expected => {
            let detail = format!("it is for {identity}");
            Some(Fault::new(Code::TokenIdentityMismatch, detail))
        }
        _ => None,
    }
}

/// Seconds since 1970, as tokens have times.
pub fn seconds(time: SystemTime) -> f64 {
    time.duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs_f64()
}

/// What the token's times say of now.
pub(crate) fn check_time(claims: &Claims, expected: Expected<'_>) -> Option<Fault> {
    // The backend's clock made the token, so it judges it; ours may be wrong.
    let now = expected.backend_now.unwrap_or(expected.now);
    let (now, leeway) = (seconds(now), LEEWAY.as_secs_f64());
    let code = if claims.exp.is_some_and(|exp| exp + leeway <= now) {
        Code::TokenExpired
    } else if claims.nbf.is_some_and(|nbf| nbf - leeway > now) {
        Code::TokenNotYetValid
    } else {
        return None;
    };
    let skew = expected
        .backend_now
        .map(|backend| seconds(backend) - seconds(expected.now));
    Some(match skew {
        Some(skew) if skew.abs() > leeway => {
            let detail = format!("this computer's clock differs by {skew:.0} s");
            Fault::new(code, detail)
        }
        _ => code.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn now() -> f64 {
        SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap()
            .as_secs_f64()
    }

    fn token(header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.c2ln", part(header), part(claims))
    }

    fn claims() -> Value {
        json!({
            "iss": "key", "sub": "ann", "exp": now() + 600.0, "nbf": now() - 5.0,
            "video": { "room": "r", "roomJoin": true },
        })
    }

    fn expected() -> Expected<'static> {
        Expected {
            room: Some("r"),
            identity: Some("ann"),
            now: SystemTime::now(),
            backend_now: None,
        }
    }

    fn code_of(change: impl FnOnce(&mut Value)) -> Option<Code> {
        let mut claims = claims();
        change(&mut claims);
        let token = token(&json!({ "alg": "HS256", "typ": "JWT" }), &claims);
        inspect(&token, expected()).err().map(|fault| fault.code)
    }

    #[test]
    fn every_fault_has_its_own_code() {
        type Change = fn(&mut Value);
        let cases: [(Option<Code>, Change); 16] = [
            (None, |_| {}),
            (None, |c| c["exp"] = json!(now() - 30.0)),
            (None, |c| c["nbf"] = json!(now() + 30.0)),
            (None, |c| drop(c.as_object_mut().unwrap().remove("exp"))),
            (Some(Code::TokenExpired), |c| c["exp"] = json!(now() - 90.0)),
            (Some(Code::TokenNotYetValid), |c| {
                c["nbf"] = json!(now() + 90.0)
            }),
            (Some(Code::TokenIssuerMissing), |c| {
                drop(c.as_object_mut().unwrap().remove("iss"))
            }),
            (Some(Code::TokenIdentityMissing), |c| {
                drop(c.as_object_mut().unwrap().remove("sub"))
            }),
            (Some(Code::TokenIdentityMismatch), |c| {
                c["sub"] = json!("bob")
            }),
            (Some(Code::TokenGrantsMissing), |c| {
                drop(c.as_object_mut().unwrap().remove("video"))
            }),
            (Some(Code::TokenGrantsEmpty), |c| c["video"] = json!({})),
            (Some(Code::TokenGrantsEmpty), |c| {
                c["video"]["roomJoin"] = json!(false)
            }),
            (Some(Code::TokenRoomMissing), |c| {
                c["video"] = json!({ "roomJoin": true })
            }),
            (Some(Code::TokenOtherRoom), |c| {
                c["video"]["room"] = json!("other")
            }),
            (Some(Code::TokenOtherKind), |c| {
                *c = json!({ "user_id": "ann", "exp": now() + 9.0 })
            }),
            (Some(Code::TokenNotJwt), |c| *c = json!("text")),
        ];
        for (index, (expected, change)) in cases.into_iter().enumerate() {
            assert_eq!(code_of(change), expected, "case {index}");
        }
    }

    #[test]
    fn other_algorithms_are_named() {
        for alg in ["none", "HS512"] {
            let fault = inspect(&token(&json!({ "alg": alg }), &claims()), expected()).unwrap_err();
            assert_eq!(
                (fault.code, fault.detail.as_str()),
                (Code::TokenWrongAlgorithm, alg)
            );
        }
    }

    #[test]
    fn a_wrong_clock_is_not_taken_for_an_expired_token() {
        let backend_now = SystemTime::now() - Duration::from_secs(3600);
        let mut claims = claims();
        claims["exp"] = json!(now() - 3000.0);
        let token = token(&json!({ "alg": "HS256" }), &claims);
        claims["nbf"] = json!(now() - 4000.0);
        let with = Expected {
            backend_now: Some(backend_now),
            ..expected()
        };
        // Not yet valid by the backend's own clock, since `nbf` still is ours.
        let fault = inspect(&token, with).unwrap_err();
        assert_eq!(fault.code, Code::TokenNotYetValid);
        assert!(fault.detail.contains("clock"), "{}", fault.detail);
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text: String, body in "[A-Za-z0-9_.-]{0,200}") {
            let _ = inspect(&text, expected());
            let _ = inspect(&format!("eyJhbGciOiJIUzI1NiJ9.{body}.x"), expected());
        }
    }
}
