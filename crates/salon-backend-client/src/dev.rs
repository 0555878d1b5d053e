//! Tokens signed on this computer (contract P5), for trying things out.

mod stream;

use std::time::{Duration, SystemTime};

use jsonwebtoken::{EncodingKey, Header};
use salon_account::vault::KEYRING_SERVICE;
use salon_base::address::is_loopback;
use salon_base::{Code, Fault, Provider};
use salon_meeting::Meeting;
use salon_meeting::stream::StreamSettings;
use salon_profile::StreamApp;
use salon_settings::{Signing, SigningPair};
use salon_token::{JoinGrant, LiveKitGrant};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use url::Url;

/// How long a token lasts. The call renews itself by then.
const LIFE: Duration = Duration::from_secs(600);
/// A clock of the server that is behind ours must not refuse a fresh token.
const BACKDATED: Duration = Duration::from_secs(10);
/// What `livekit-server --dev` publishes: no secret.
const PUBLISHED_PAIR: (&str, &str) = ("devkey", "secret");

/// Signs tokens. Only to be made in dev mode.
#[derive(Debug)]
pub struct DevSigner {
    /// Makes people of the same name distinct; the same for all tokens of one run, so that a
    /// reconnection is the same participant.
    suffix: String,
    /// From the environment.
    given: Signing,
    /// The one server that the environment's and the keyring's pair for LiveKit sign for.
    own: Option<Url>,
}

impl DevSigner {
    /// With a suffix of its own for identities. `own` is LiveKit's server that the settings name: for it,
    /// and for no other, `given` signs, or a pair from the keyring if there is none.
    pub fn new(given: Signing, own: Option<Url>) -> Self {
        // Not a secret: it only has to differ between the few people of a test.
        let nanos = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        let mixed = nanos.as_nanos() as u64 ^ u64::from(std::process::id()).rotate_left(32);
        Self {
            suffix: format!("{:06x}", mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40),
            given,
            own,
        }
    }

    fn identity(&self, name: &str) -> String {
        let plain: String = name
            .to_lowercase()
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .take(32)
            .collect();
        let plain = plain.trim_matches('-');
        format!(
            "{}-{}",
            if plain.is_empty() { "someone" } else { plain },
            self.suffix
        )
    }

    /// A fresh grant for a meeting. `name` is what the others see; `stream` and `app` are what settings and
    /// profile say of Stream.
    ///
    /// # Errors
    /// [`Code::DevSecretMissing`] if there is nothing to sign with, [`Code::LinkServerNotAllowed`] for a
    /// server that only a link names, and what is wrong with `stream` and `app`.
    pub async fn fetch(
        &self,
        meeting: &Meeting,
        name: &str,
        stream: &StreamSettings<'_>,
        app: Option<&StreamApp>,
    ) -> Result<JoinGrant, Fault> {
        match meeting.provider {
            Provider::Livekit => self.livekit(meeting, name).await.map(JoinGrant::Livekit),
            Provider::Stream => {
                let granted = self.stream(meeting, name, stream, app).await;
                granted.map(JoinGrant::Stream)
            }
        }
    }

    async fn livekit(&self, meeting: &Meeting, name: &str) -> Result<LiveKitGrant, Fault> {
        let server = Url::parse(&meeting.server_url)
            .map_err(|error| Fault::new(Code::LinkInvalid, error.to_string()))?;
        let is_own = self.own.as_ref().map(Url::origin) == Some(server.origin());
        let given = self.given.livekit.clone();
        let signing = blocking(move || pair(given, &server, is_own));
        let SigningPair { key, secret } = signing.await?;
        let identity = self.identity(name);
        let token = sign(&key, &secret, &meeting.room, &identity, name)?;
        Ok(LiveKitGrant {
            token,
            server_url: meeting.server_url.clone(),
            identity,
            room: meeting.room.clone(),
        })
    }
}

/// The keyring may ask the user to unlock it.
async fn blocking(
    find: impl FnOnce() -> Result<SigningPair, Fault> + Send + 'static,
) -> Result<SigningPair, Fault> {
    tokio::task::spawn_blocking(find)
        .await
        .map_err(|error| Fault::new(Code::Internal, error.to_string()))?
}

/// The pair that the keyring has under these names.
fn stored(key: &str, secret: &str) -> Result<SigningPair, Fault> {
    let stored = |name| keyring::Entry::new(KEYRING_SERVICE, name)?.get_password();
    match (stored(key), stored(secret)) {
        (Ok(key), Ok(secret)) => Ok(SigningPair {
            key,
            secret: SecretString::from(secret),
        }),
        (Err(error), _) | (_, Err(error)) => {
            Err(Fault::new(Code::DevSecretMissing, error.to_string()))
        }
    }
}

fn sign(
    key: &str,
    secret: &SecretString,
    room: &str,
    identity: &str,
    name: &str,
) -> Result<String, Fault> {
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let claims = json!({
        "iss": key,
        "sub": identity,
        "name": name,
        "jti": format!("{identity}-{}", now.as_nanos()),
        "nbf": (now - BACKDATED).as_secs(),
        "iat": now.as_secs(),
        "exp": (now + LIFE).as_secs(),
        "video": {
            "room": room,
            "roomJoin": true,
            "canPublish": true,
            "canSubscribe": true,
            "canPublishData": true,
            // A raised hand is an attribute of one's own.
            "canUpdateOwnMetadata": true,
        },
    });
    let signing = EncodingKey::from_secret(secret.expose_secret().as_bytes());
    jsonwebtoken::encode(&Header::default(), &claims, &signing)
        .map_err(|error| Fault::new(Code::Internal, error.to_string()))
}

/// From the environment or the keyring for the user's own server; for any other on this computer
/// LiveKit's published pair, which is worth nothing anywhere: a link may have chosen that server, and
/// whoever listens there could use what is signed with the real pair at the real one.
fn pair(given: Option<SigningPair>, server: &Url, is_own: bool) -> Result<SigningPair, Fault> {
    if let Some(given) = given.filter(|_| is_own) {
        return Ok(given);
    }
    // Before the keyring: trying things out on one's own computer must not ask to unlock it.
    if is_loopback(server) {
        return Ok(SigningPair {
            key: PUBLISHED_PAIR.0.into(),
            secret: SecretString::from(PUBLISHED_PAIR.1),
        });
    }
    if !is_own {
        let host = server.host_str().unwrap_or_default();
        let detail = format!("{host} is not the server of the settings");
        return Err(Fault::new(Code::LinkServerNotAllowed, detail));
    }
    stored("livekit-api-key", "livekit-api-secret")
}

#[cfg(test)]
mod tests {
    use livekit_api::access_token::TokenVerifier;

    use super::*;
    use salon_meeting::Source;
    use salon_token::inspect::{Expected, inspect};

    const OTHER_SECRET: &str = "planted-livekit-secret-0123456789abcdef";

    #[test]
    fn its_own_tokens_pass_inspection() {
        let signer = DevSigner::new(Signing::default(), None);
        let identity = signer.identity("Ann Bee");
        assert!(identity.starts_with("ann-bee-"), "{identity}");
        let secret = SecretString::from("secret");
        let token = sign("devkey", &secret, "r", &identity, "Ann Bee").unwrap();
        let expected = Expected {
            room: Some("r"),
            identity: Some(&identity),
            ..Expected::anything(SystemTime::now())
        };
        let inspected = inspect(&token, expected).unwrap();
        assert_eq!(inspected.warnings(), []);
        assert!(!token.contains("secret"));
    }

    /// With LiveKit's own verifier, which shares no code with ours.
    #[test]
    fn its_tokens_are_what_a_server_with_the_same_secret_takes() {
        let secret = SecretString::from(OTHER_SECRET);
        let sign = |key: &str, room: &str| sign(key, &secret, room, "ann-bee-1", "Ann Bee");
        let token = sign("key", "reading club").unwrap();
        let verified =
            |token: &str, key, secret| TokenVerifier::with_api_key(key, secret).verify(token);
        let claims = verified(&token, "key", OTHER_SECRET).unwrap();
        assert_eq!(
            (
                claims.iss.as_str(),
                claims.sub.as_str(),
                claims.name.as_str()
            ),
            ("key", "ann-bee-1", "Ann Bee")
        );
        assert_eq!(
            claims.exp - claims.nbf,
            (LIFE + BACKDATED).as_secs() as usize
        );
        let video = &claims.video;
        assert_eq!(video.room, "reading club");
        assert!(video.room_join && !video.room_admin && !video.room_create);
        let may = [
            video.can_publish,
            video.can_subscribe,
            video.can_publish_data,
            video.can_update_own_metadata,
        ];
        assert_eq!(may, [Some(true); 4]);

        verified(&token, "key", "another-secret-0123456789abcdef0123").unwrap_err();
        verified(&token, "other", OTHER_SECRET).unwrap_err();
        let other = sign("key", "another room").unwrap();
        let (parts, others): (Vec<_>, Vec<_>) =
            (token.split('.').collect(), other.split('.').collect());
        for forged in [
            [parts[0], others[1], parts[2]],
            [parts[0], parts[1], others[2]],
            [parts[0], parts[1], ""],
        ] {
            verified(&forged.join("."), "key", OTHER_SECRET).unwrap_err();
        }
    }

    fn meeting_on(server: &str) -> Meeting {
        Meeting {
            provider: Provider::Livekit,
            room: "tea".into(),
            title: "Tea".into(),
            server_url: server.into(),
            source: Source::Dev,
            session: None,
            call_type: None,
        }
    }

    /// With the real pair, of the user whose settings name this server.
    fn signer_for(own: Option<&str>) -> DevSigner {
        let given = SigningPair {
            key: "key".into(),
            secret: SecretString::from(OTHER_SECRET),
        };
        let given = Signing {
            livekit: Some(given),
            stream: None,
        };
        DevSigner::new(given, own.map(|own| own.parse().unwrap()))
    }

    #[tokio::test]
    async fn a_server_on_this_computer_takes_what_is_signed_for_it() {
        let meeting = meeting_on("ws://127.0.0.1:7880");
        let signer = signer_for(Some("ws://127.0.0.1:7880/"));
        let signed = signer.livekit(&meeting, "Ann Bee").await.unwrap();
        let verifier = TokenVerifier::with_api_key("key", OTHER_SECRET);
        let claims = verifier.verify(&signed.token).unwrap();
        assert_eq!(
            (claims.sub, claims.video.room),
            (signed.identity, "tea".into())
        );
    }

    /// Whoever listens at a port that a link names could use it at the user's own server.
    #[tokio::test]
    async fn a_server_of_a_link_never_gets_a_token_that_the_real_pair_signed() {
        let own = "wss://own.example";
        for (settings, link) in [
            (Some(own), "ws://127.0.0.1:9999"),
            (Some("ws://127.0.0.1:7880"), "ws://127.0.0.1:9999"),
            (Some("ws://127.0.0.1:7880"), "ws://localhost:7880"),
            (Some("ws://127.0.0.1:7880"), "wss://127.0.0.1:7880"),
            (None, "ws://[::1]:7880"),
        ] {
            let signed = signer_for(settings)
                .livekit(&meeting_on(link), "Ann Bee")
                .await;
            let token = signed.unwrap().token;
            let real = TokenVerifier::with_api_key("key", OTHER_SECRET);
            real.verify(&token).unwrap_err();
            let published = TokenVerifier::with_api_key(PUBLISHED_PAIR.0, PUBLISHED_PAIR.1);
            assert_eq!(
                published.verify(&token).unwrap().video.room,
                "tea",
                "{link}"
            );
        }
        // What is not on this computer gets none at all, the keyring's pair included.
        for signer in [
            signer_for(Some(own)),
            DevSigner::new(Signing::default(), None),
        ] {
            let elsewhere = meeting_on("wss://evil.example");
            let refused = signer.livekit(&elsewhere, "Ann Bee").await.unwrap_err();
            assert_eq!(refused.code, Code::LinkServerNotAllowed);
        }
    }

    #[test]
    fn what_the_environment_gives_comes_first_and_is_shown_nowhere() {
        let signer = signer_for(None);
        assert!(!format!("{signer:?}").contains(OTHER_SECRET));
        let local = Url::parse("ws://127.0.0.1:7880").unwrap();
        let key = |given| pair(given, &local, true).unwrap().key;
        assert_eq!(key(signer.given.livekit), "key");
        assert_eq!(key(None), PUBLISHED_PAIR.0);
    }

    #[test]
    fn a_name_of_signs_still_gives_an_identity() {
        assert!(
            DevSigner::new(Signing::default(), None)
                .identity("???")
                .starts_with("someone-")
        );
    }
}
