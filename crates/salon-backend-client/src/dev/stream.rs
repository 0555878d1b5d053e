//! Signing for Stream. Its pair is of one app, and each token goes to that app's coordinator, which the
//! settings or the profile name and no link does.

use std::time::SystemTime;

use jsonwebtoken::{EncodingKey, Header};
use salon_base::{Code, Fault, is_stream_name};
use salon_meeting::Meeting;
use salon_meeting::stream::{StreamAnswered, StreamSettings, settle};
use salon_profile::StreamApp;
use salon_settings::SigningPair;
use salon_token::StreamGrant;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::{BACKDATED, DevSigner, LIFE, blocking, stored};

impl DevSigner {
    pub(super) async fn stream(
        &self,
        meeting: &Meeting,
        name: &str,
        stream: &StreamSettings<'_>,
        app: Option<&StreamApp>,
    ) -> Result<StreamGrant, Fault> {
        let of_app = || app.and_then(|app| app.api_key.as_deref());
        let wanted = stream.api_key.or_else(of_app).map(str::to_owned);
        let given = self.given.stream.clone();
        let signing = blocking(move || {
            pair(given, wanted.as_deref(), || {
                stored("stream-api-key", "stream-api-secret")
            })
        });
        let SigningPair { key, secret } = signing.await?;
        let answered = StreamAnswered {
            api_key: Some(&key),
            call_type: None,
        };
        let settled = settle(answered, stream, app)?;
        let identity = self.identity(name);
        Ok(StreamGrant {
            token: sign(&secret, &identity)?,
            api_key: settled.api_key,
            identity,
            name: name.to_owned(),
            call_type: settled.call_type,
            call_id: meeting.room.clone(),
            create: settled.create,
            base_url: settled.base_url,
        })
    }
}

/// From the environment or the keyring, if it is of the app that is `wanted`: with another app's key
/// the token would open nothing, and that app's coordinator need not see what this one would take.
fn pair(
    given: Option<SigningPair>,
    wanted: Option<&str>,
    stored: impl FnOnce() -> Result<SigningPair, Fault>,
) -> Result<SigningPair, Fault> {
    let fits = |pair: &SigningPair| wanted.is_none_or(|wanted| wanted == pair.key);
    if let Some(given) = given.filter(fits) {
        return Ok(given);
    }
    let stored = stored()?;
    if !fits(&stored) {
        let why = "what there is is of another Stream app than the settings name";
        return Err(Fault::new(Code::DevSecretMissing, why));
    }
    if !is_stream_name(&stored.key) {
        let why = "what the keyring has cannot be an API key";
        return Err(Fault::new(Code::DevSecretMissing, why));
    }
    Ok(stored)
}

fn sign(secret: &SecretString, identity: &str) -> Result<String, Fault> {
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    // Stream takes the time of making for a first time of use.
    let made = now.saturating_sub(BACKDATED);
    let claims = json!({
        "user_id": identity,
        "iat": made.as_secs(),
        "exp": (made + LIFE).as_secs(),
    });
    let signing = EncodingKey::from_secret(secret.expose_secret().as_bytes());
    jsonwebtoken::encode(&Header::default(), &claims, &signing)
        .map_err(|error| Fault::new(Code::Internal, error.to_string()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jsonwebtoken::{Algorithm, DecodingKey, Validation};
    use serde_json::Value;

    use super::*;
    use salon_base::Provider;
    use salon_meeting::Source;
    use salon_settings::{Environment, Settings, Signing};
    use salon_token::JoinGrant;
    use salon_token::inspect::Expected;
    use salon_token::stream::inspect_stream;

    const SECRET: &str = "planted-stream-secret-0123456789abcdef";

    fn meeting() -> Meeting {
        Meeting {
            provider: Provider::Stream,
            room: "tea".into(),
            title: "Tea".into(),
            server_url: String::new(),
            source: Source::Dev,
            session: None,
            call_type: None,
        }
    }

    fn a_pair(key: &str) -> SigningPair {
        SigningPair {
            key: key.into(),
            secret: SecretString::from(SECRET),
        }
    }

    fn signer(key: &str) -> DevSigner {
        let given = Signing {
            livekit: None,
            stream: Some(a_pair(key)),
        };
        DevSigner::new(given, None)
    }

    fn no_keyring() -> Result<SigningPair, Fault> {
        Err(Code::DevSecretMissing.into())
    }

    /// What a server with this secret reads.
    fn verified(token: &str, secret: &str) -> Option<Value> {
        let key = DecodingKey::from_secret(secret.as_bytes());
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_required_spec_claims(&["exp"]);
        let read = jsonwebtoken::decode::<Value>(token, &key, &validation);
        read.ok().map(|read| read.claims)
    }

    #[tokio::test]
    async fn its_app_takes_what_is_signed_for_ten_minutes() {
        let stream = StreamSettings {
            api_key: Some("key"),
            linked_call_type: Some("livestream"),
            ..StreamSettings::default()
        };
        let granted = signer("key")
            .fetch(&meeting(), "Ann Bee", &stream, None)
            .await;
        let JoinGrant::Stream(grant) = granted.unwrap() else {
            panic!("of another provider");
        };
        let claims = verified(&grant.token, SECRET).unwrap();
        let names: BTreeSet<_> = claims
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        assert_eq!(names, BTreeSet::from(["exp", "iat", "user_id"]));
        let time = |name: &str| claims[name].as_u64().unwrap();
        assert_eq!(time("exp") - time("iat"), 600);
        assert_eq!(claims["user_id"], grant.identity.as_str());
        assert!(grant.identity.starts_with("ann-bee-"), "{}", grant.identity);
        let expected = Expected {
            identity: Some(&grant.identity),
            ..Expected::anything(SystemTime::now())
        };
        assert_eq!(inspect_stream(&grant.token, expected).unwrap().warnings, []);
        assert_eq!(
            (
                grant.api_key.as_str(),
                grant.call_type.as_str(),
                grant.call_id.as_str(),
                grant.name.as_str()
            ),
            ("key", "livestream", "tea", "Ann Bee")
        );
        assert_eq!((grant.create, grant.base_url), (true, None));
        assert_eq!(verified(&grant.token, "another-secret-0123456789"), None);
    }

    #[test]
    fn a_pair_signs_for_its_own_app_and_for_no_other() {
        let code = |given, wanted, stored: Result<SigningPair, Fault>| {
            pair(given, wanted, || stored)
                .map(|pair| pair.key)
                .map_err(|fault| fault.code)
        };
        let own = || Some(a_pair("own"));
        let missing = Err(Code::DevSecretMissing);
        assert_eq!(code(own(), Some("own"), no_keyring()), Ok("own".into()));
        assert_eq!(code(own(), None, no_keyring()), Ok("own".into()));
        assert_eq!(code(own(), Some("other"), no_keyring()), missing);
        assert_eq!(code(own(), Some("other"), Ok(a_pair("third"))), missing);
        let kept = code(own(), Some("kept"), Ok(a_pair("kept")));
        assert_eq!(kept, Ok("kept".into()));
        assert_eq!(code(None, None, Ok(a_pair("kept"))), Ok("kept".into()));
        assert_eq!(code(None, None, Ok(a_pair("no name"))), missing);
        assert_eq!(code(None, Some("own"), no_keyring()), missing);
    }

    /// Two variables are all that is needed, and the settings say where the key comes from.
    #[tokio::test]
    async fn two_variables_make_a_call_of_ones_own_app() {
        let environment = Environment::read(|name| match name {
            "STREAM_API_KEY" => Some("mmhfdzb5evj2".into()),
            "STREAM_API_SECRET" => Some(SECRET.into()),
            "SALON_DEV" => Some("true".into()),
            _ => None,
        });
        let settings = Settings::load(&salon_settings::Sources {
            environment,
            ..Default::default()
        });
        let signer = DevSigner::new(settings.signing.clone(), None);
        let stream = StreamSettings::of(&settings, None);
        let granted = signer.fetch(&meeting(), "", &stream, None).await.unwrap();
        let JoinGrant::Stream(grant) = &granted else {
            panic!("of another provider");
        };
        assert_eq!(grant.api_key, "mmhfdzb5evj2");
        assert!(verified(&grant.token, SECRET).is_some());
        let from = settings.provenance(salon_settings::Key::StreamApiKey);
        assert_eq!(from.unwrap().to_string(), "environment STREAM_API_KEY");
        for shown in [
            format!("{settings:?}"),
            format!("{signer:?}"),
            format!("{granted:?}"),
        ] {
            assert!(!shown.contains(SECRET) && !shown.contains("eyJ"), "{shown}");
        }
    }
}
