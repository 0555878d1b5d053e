//! Asking Stream's coordinator about a token, and where a call is. Its SDK begins in the same way; here it
//! is for the doctor, and for naming the cause once a join has failed.

use std::time::SystemTime;

use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::{RequestBuilder, Response};
use salon_base::address::is_loopback;
use salon_base::plain::line;
use salon_base::{Code, Fault};
use salon_http::{Party, date, unreachable};
use salon_token::StreamGrant;
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::preflight::{clock_fault, of_status};

/// Stream's own.
const STREAM: &str = "https://video.stream-io-api.com/video";
/// Whose answer says near which of Amazon's places this computer is.
const HINT: &str = "https://hint.stream-io-video.com/";
const PLACE: &str = "x-amz-cf-pop";
/// What is said where that is not known.
const NO_PLACE: &str = "ERR";
/// Bytes of an answer; with a call's settings and members it takes a few thousand.
const LONGEST_ANSWER: usize = 256 * 1024;
/// Characters of its words.
const LONGEST_WORDS: usize = 300;

/// Where a join leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Joined {
    /// To this media server.
    At(Url),
    /// Nowhere yet: the token is taken, but Stream knows a user from their first connection on.
    UserNotKnown,
}

/// What it says of a refusal.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Refusal {
    code: u64,
    message: String,
}

#[derive(Deserialize)]
struct Answer {
    credentials: Credentials,
}

#[derive(Deserialize)]
struct Credentials {
    server: Server,
}

#[derive(Deserialize)]
struct Server {
    url: Url,
}

/// Whether there is a coordinator that takes the token. What it says of the call is left out: it would
/// be told by the join itself.
///
/// # Errors
/// What it objects to, or why it cannot be reached.
pub async fn check(client: &reqwest::Client, grant: &StreamGrant) -> Result<(), Fault> {
    let url = call(grant)?;
    match ask(client.get(url), grant).await {
        Err(fault) if is_of_the_call(fault.code) => Ok(()),
        asked => asked.map(drop),
    }
}

/// Asks to be let into the call, which makes it where there is none and the grant says so. Nobody sees
/// that: whoever joins is there once the media server has them.
///
/// # Errors
/// What it objects to, or why it cannot be reached.
pub async fn join(client: &reqwest::Client, grant: &StreamGrant) -> Result<Joined, Fault> {
    let mut url = call(grant)?;
    if let Ok(mut path) = url.path_segments_mut() {
        path.push("join");
    }
    let body = json!({ "create": grant.create, "location": place(client, grant).await });
    let body = match ask(client.post(url).json(&body), grant).await {
        Ok(body) => body,
        Err(fault) if is_unknown_user(&fault) => return Ok(Joined::UserNotKnown),
        Err(fault) => return Err(fault),
    };
    let nowhere = |why: &str| Fault::new(Code::ServerRefused, format!("its answer {why}"));
    let answer: Answer =
        serde_json::from_slice(&body).map_err(|_| nowhere("names no media server"))?;
    let url = answer.credentials.server.url;
    if url.scheme() == "https" || is_loopback(&url) {
        return Ok(Joined::At(url));
    }
    Err(nowhere("names a media server without encryption"))
}

/// Whether a media server answers, whatever it answers to who does not speak its language.
///
/// # Errors
/// Why it cannot be reached.
pub async fn reach(client: &reqwest::Client, server: &Url) -> Result<(), Fault> {
    let reached = client.get(server.clone()).send().await;
    reached
        .map(drop)
        .map_err(|error| unreachable(Party::MediaServer, error))
}

fn call(grant: &StreamGrant) -> Result<Url, Fault> {
    let base = grant.base_url.as_deref().unwrap_or(STREAM);
    let wrong = |why: String| Fault::new(Code::LinkInvalid, why);
    let mut url = Url::parse(base).map_err(|error| wrong(error.to_string()))?;
    url.path_segments_mut()
        .map_err(|()| wrong("not a coordinator".into()))?
        .pop_if_empty()
        .extend(["call", &grant.call_type, &grant.call_id]);
    url.query_pairs_mut()
        .append_pair("api_key", &grant.api_key)
        .append_pair("user_id", &grant.identity);
    Ok(url)
}

/// The body of a good answer.
async fn ask(request: RequestBuilder, grant: &StreamGrant) -> Result<Vec<u8>, Fault> {
    let mut token = HeaderValue::from_str(&grant.token).map_err(|_| Code::TokenNotJwt)?;
    token.set_sensitive(true);
    let answer = request
        .header(AUTHORIZATION, token)
        .header("stream-auth-type", "jwt")
        .send()
        .await
        .map_err(|error| unreachable(Party::MediaServer, error))?;
    let (status, server_now) = (answer.status(), date(&answer));
    let body = read(answer).await?;
    if status.is_success() {
        return Ok(body);
    }
    let refusal: Refusal = serde_json::from_slice(&body).unwrap_or_default();
    // Not every token looks like one to the redaction.
    let words = line(
        &refusal.message.replace(&grant.token, "[token]"),
        LONGEST_WORDS,
    );
    let code = of_status(code_of(&refusal), status);
    if matches!(code, Code::TokenExpired | Code::TokenNotYetValid)
        && let Some(fault) = server_now.and_then(|now| clock_fault(SystemTime::now(), now))
    {
        return Err(fault);
    }
    Err(Fault::new(code, format!("{} {words}", status.as_u16())))
}

async fn read(mut answer: Response) -> Result<Vec<u8>, Fault> {
    let mut body = Vec::new();
    while let Some(piece) = answer
        .chunk()
        .await
        .map_err(|error| unreachable(Party::MediaServer, error))?
    {
        if body.len() + piece.len() > LONGEST_ANSWER {
            return Err(Fault::new(Code::ServerRefused, "its answer does not end"));
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

/// What Stream's codes mean (<https://getstream.io/video/docs/api/errors/>).
fn code_of(refusal: &Refusal) -> Code {
    match refusal.code {
        2 => Code::TokenKeyUnknown,
        5 if refusal.message.contains("user") => Code::TokenIdentityMismatch,
        16 => Code::MeetingNotFound,
        40 => Code::TokenExpired,
        41 | 42 => Code::TokenNotYetValid,
        43 => Code::TokenSignatureWrong,
        _ => Code::ServerRefused,
    }
}

fn is_of_the_call(code: Code) -> bool {
    matches!(
        code,
        Code::MeetingNotFound | Code::ServerRefused | Code::ServerError
    )
}

fn is_unknown_user(fault: &Fault) -> bool {
    fault.code == Code::MeetingNotFound
        && fault.detail.contains("the user ")
        && fault.detail.contains("does not exist")
}

/// Where this computer is, as far as Stream's own coordinator wants to know; no other is given away.
async fn place(client: &reqwest::Client, grant: &StreamGrant) -> String {
    if grant.base_url.is_some() {
        return NO_PLACE.into();
    }
    let answer = client.head(HINT).send().await.ok();
    let place = answer.as_ref().and_then(|answer| {
        let place = answer.headers().get(PLACE)?.to_str().ok()?;
        place.get(..3)
    });
    place.unwrap_or(NO_PLACE).to_owned()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use salon_support::StreamDouble;
    use salon_support::stream::{Config, Fault as Order, Refusal as Refused};

    use super::*;

    fn grant(base_url: Option<&str>, call_id: &str) -> StreamGrant {
        StreamGrant {
            token: "a.b.c".into(),
            api_key: "key".into(),
            identity: "ann".into(),
            name: String::new(),
            call_type: "default".into(),
            call_id: call_id.into(),
            create: true,
            base_url: base_url.map(str::to_owned),
        }
    }

    #[test]
    fn a_call_has_one_address_whatever_its_id_is() {
        let of = |base, id| call(&grant(base, id)).unwrap().to_string();
        assert_eq!(
            of(None, "tea"),
            "https://video.stream-io-api.com/video/call/default/tea?api_key=key&user_id=ann"
        );
        let here = Some("http://127.0.0.1:9/");
        assert_eq!(
            of(here, "a/../b?c"),
            "http://127.0.0.1:9/call/default/a%2F..%2Fb%3Fc?api_key=key&user_id=ann"
        );
    }

    #[test]
    fn each_refusal_has_its_code() {
        for (code, message, expected) in [
            (2, "api_key not found", Code::TokenKeyUnknown),
            (
                5,
                "user_id claim is not user.id",
                Code::TokenIdentityMismatch,
            ),
            (5, "unauthenticated", Code::ServerRefused),
            (16, "call not found", Code::MeetingNotFound),
            (17, "not allowed", Code::ServerRefused),
            (40, "", Code::TokenExpired),
            (41, "", Code::TokenNotYetValid),
            (42, "", Code::TokenNotYetValid),
            (43, "", Code::TokenSignatureWrong),
            (0, "", Code::ServerRefused),
        ] {
            let message = message.to_owned();
            assert_eq!(code_of(&Refusal { code, message }), expected, "{code}");
        }
    }

    /// Of Ann's in the double's app.
    fn granted(double: &StreamDouble, token: String) -> StreamGrant {
        StreamGrant {
            token,
            api_key: double.key().to_owned(),
            ..grant(Some(&double.url), "tea")
        }
    }

    #[tokio::test]
    async fn after_a_failed_join_a_wrong_token_is_named_and_a_call_is_not_judged() {
        let double = StreamDouble::start(Config::default()).await.unwrap();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let code = async |grant: &StreamGrant| {
            let checked = check(&client, grant).await;
            checked.map_err(|fault| fault.code)
        };
        let grant = granted(&double, double.token("ann"));
        // Neither Ann nor the call is known yet.
        assert_eq!(code(&grant).await, Ok(()));
        let other_app = StreamGrant {
            api_key: "another".into(),
            ..grant.clone()
        };
        assert_eq!(code(&other_app).await, Err(Code::TokenKeyUnknown));
        let over = granted(&double, double.token_for("ann", Duration::ZERO));
        assert_eq!(code(&over).await, Err(Code::TokenExpired));
        let early = double.token_with(&json!({ "user_id": "ann", "iat": 32_503_680_000_u64 }));
        let early = granted(&double, early);
        assert_eq!(code(&early).await, Err(Code::TokenNotYetValid));
        let (says, _) = grant.token.rsplit_once('.').unwrap();
        let (_, signature) = over.token.rsplit_once('.').unwrap();
        let forged = format!("{says}.{signature}");
        let forged = granted(&double, forged);
        assert_eq!(code(&forged).await, Err(Code::TokenSignatureWrong));
        // What it repeats of a token is told to nobody.
        let words = format!("signature of {} is not valid", grant.token);
        double.fail_next(Order::Refuse(Refused::new(401, 43, words)));
        let fault = check(&client, &grant).await.unwrap_err();
        assert!(fault.detail.contains("[token] is not valid"), "{fault}");
        assert!(!fault.detail.contains(&grant.token), "{fault}");
        let (url, key) = (double.url.clone(), double.key().to_owned());
        double.stop().await;
        let gone = StreamGrant {
            base_url: Some(url),
            api_key: key,
            ..grant
        };
        assert_eq!(code(&gone).await, Err(Code::ServerUnreachableRefused));
    }
}
