//! An OAuth 2.0 authorisation server, as a public client with PKCE sees it: its metadata
//! (RFC 8414, OpenID Connect Discovery), codes and refresh tokens exchanged (RFC 6749, 7636),
//! tokens taken back (RFC 7009).

mod exchange;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use oauth2::basic::{BasicErrorResponse, BasicTokenType};
use oauth2::{
    AuthUrl, AuthorizationCode, ClientId, CsrfToken, ExtraTokenFields, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError, Scope, StandardTokenResponse,
    TokenResponse, TokenUrl,
};
use salon_base::address::is_loopback;
use salon_base::{Code, Fault};
use salon_profile::BrowserSignIn;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;
use url::Url;

use super::held::Held;
use super::who::Claims;
use crate::state::User;
use exchange::{get, scrubbed, send};

/// Bytes of randomness in a state.
const STATE_BYTES: u32 = 32;

/// What an authorisation server says of itself, as far as it is looked at.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Metadata {
    pub(super) issuer: String,
    authorization_endpoint: Url,
    token_endpoint: Url,
    revocation_endpoint: Option<Url>,
    userinfo_endpoint: Option<Url>,
    code_challenge_methods_supported: Option<Vec<String>>,
    /// RFC 9207.
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

/// What OpenID Connect adds to the answer of a token endpoint.
#[derive(Clone, Default, Deserialize, Serialize)]
struct IdToken {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
}

impl std::fmt::Debug for IdToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IdToken")
    }
}

impl ExtraTokenFields for IdToken {}

type Tokens = StandardTokenResponse<IdToken, BasicTokenType>;
type Client<A, T> = oauth2::Client<
    BasicErrorResponse,
    Tokens,
    oauth2::basic::BasicTokenIntrospectionResponse,
    oauth2::StandardRevocableToken,
    oauth2::basic::BasicRevocationErrorResponse,
    A,
    oauth2::EndpointNotSet,
    oauth2::EndpointNotSet,
    oauth2::EndpointNotSet,
    T,
>;

/// Why there are no new tokens.
#[derive(Debug)]
pub(super) enum NoTokens {
    /// The server will not give any for this.
    Refused(Fault),
    /// It did not get to the point of deciding.
    Failed(Fault),
}

impl NoTokens {
    pub(super) fn fault(self) -> Fault {
        match self {
            Self::Refused(fault) | Self::Failed(fault) => fault,
        }
    }
}

/// What the browser is opened with, and what its answer is compared and exchanged with.
pub(super) struct AuthorizationRequest {
    pub(super) url: Url,
    redirect: String,
    verifier: PkceCodeVerifier,
}

impl AuthorizationRequest {
    /// The PKCE challenge (RFC 7636, section 4.2), always of the kind S256.
    pub(super) fn challenge(&self) -> Option<String> {
        let mut pairs = self.url.query_pairs();
        pairs.find_map(|(name, value)| (name == "code_challenge").then(|| value.into_owned()))
    }
}

/// An authorisation server.
#[derive(Debug)]
pub(super) struct Provider {
    http: reqwest::Client,
    config: BrowserSignIn,
    issuer: Url,
    metadata: OnceCell<Arc<Metadata>>,
}

/// A new state: it makes an answer ours, so nobody can guess it.
pub(super) fn new_state() -> SecretString {
    CsrfToken::new_random_len(STATE_BYTES).into_secret().into()
}

impl Provider {
    pub(super) fn new(http: reqwest::Client, config: BrowserSignIn, backend: &Url) -> Self {
        Self {
            http,
            issuer: config.issuer.clone().unwrap_or_else(|| backend.clone()),
            config,
            metadata: OnceCell::new(),
        }
    }

    /// Who it is.
    pub(super) fn issuer(&self) -> &str {
        self.issuer.as_str()
    }

    /// What it says of itself; asked for once, unless it fails.
    pub(super) async fn metadata(&self) -> Result<Arc<Metadata>, Fault> {
        let metadata = self.metadata.get_or_try_init(|| self.discover()).await?;
        Ok(metadata.clone())
    }

    async fn discover(&self) -> Result<Arc<Metadata>, Fault> {
        if !is_safe(&self.issuer, &self.issuer) {
            return Err(Code::BackendInsecure.into());
        }
        let mut found = None;
        for url in metadata_urls(&self.issuer) {
            found = get(&self.http, url, None).await?;
            if found.is_some() {
                break;
            }
        }
        let Some(body) = found else {
            let detail = "the sign-in's metadata is not there";
            return Err(Fault::new(Code::BackendEndpointMissing, detail));
        };
        let metadata: Metadata = serde_json::from_slice(&body)
            .map_err(|error| wrong(&format!("its metadata cannot be read: {error}")))?;
        self.check(&metadata)?;
        Ok(Arc::new(metadata))
    }

    /// RFC 8414, section 3.3, and that nothing secret goes over an open line.
    fn check(&self, metadata: &Metadata) -> Result<(), Fault> {
        let plain = |issuer: &str| issuer.trim_end_matches('/').to_owned();
        if plain(&metadata.issuer) != plain(self.issuer.as_str()) {
            return Err(wrong("its metadata is of another issuer"));
        }
        let endpoints = [
            Some(&metadata.authorization_endpoint),
            Some(&metadata.token_endpoint),
            metadata.revocation_endpoint.as_ref(),
            metadata.userinfo_endpoint.as_ref(),
        ];
        if !endpoints
            .into_iter()
            .flatten()
            .all(|url| is_safe(url, &self.issuer))
        {
            return Err(Code::BackendInsecure.into());
        }
        let methods = metadata.code_challenge_methods_supported.as_ref();
        if methods.is_some_and(|methods| !methods.iter().any(|method| method == "S256")) {
            return Err(wrong("it does not support PKCE with S256"));
        }
        Ok(())
    }

    fn client(&self, metadata: &Metadata) -> Client<oauth2::EndpointSet, oauth2::EndpointSet> {
        oauth2::Client::new(ClientId::new(self.config.client_id.clone()))
            .set_auth_uri(AuthUrl::from_url(metadata.authorization_endpoint.clone()))
            .set_token_uri(TokenUrl::from_url(metadata.token_endpoint.clone()))
    }

    /// What to ask the user's browser, which is to come back at `redirect` with `state`.
    pub(super) fn ask(
        &self,
        metadata: &Metadata,
        redirect: String,
        state: &SecretString,
    ) -> Result<AuthorizationRequest, Fault> {
        let address = redirect_url(&redirect)?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let client = self.client(metadata).set_redirect_uri(address);
        let state = CsrfToken::new(state.expose_secret().to_owned());
        let (url, _) = client
            .authorize_url(move || state)
            .add_scopes(self.config.scopes.iter().cloned().map(Scope::new))
            .set_pkce_challenge(challenge)
            .url();
        Ok(AuthorizationRequest {
            url,
            redirect,
            verifier,
        })
    }

    /// Whether the server that answered is the one that was asked (RFC 9207, section 2.4).
    pub(super) fn check_issuer(metadata: &Metadata, iss: Option<&str>) -> Result<(), Fault> {
        let right = match iss {
            Some(iss) => iss == metadata.issuer,
            None => !metadata.authorization_response_iss_parameter_supported,
        };
        right
            .then_some(())
            .ok_or_else(|| wrong("the answer is of another issuer"))
    }

    /// A sign-in for an authorisation code.
    pub(super) async fn exchange(
        &self,
        metadata: &Metadata,
        request: AuthorizationRequest,
        code: SecretString,
        now: SystemTime,
    ) -> Result<Held, Fault> {
        let secrets = [code.clone(), request.verifier.secret().as_str().into()];
        let client = self
            .client(metadata)
            .set_redirect_uri(redirect_url(&request.redirect)?);
        let answer = client
            .exchange_code(AuthorizationCode::new(code.expose_secret().to_owned()))
            .set_pkce_verifier(request.verifier)
            .request_async(&|request| send(self.http.clone(), request))
            .await;
        let tokens = answer.map_err(|error| no_tokens(error, &secrets).fault())?;
        let user = self.user(metadata, &tokens).await;
        Ok(self.held(&tokens, None, user.unwrap_or_default(), now))
    }

    /// The next sign-in. From then on the old refresh token is worth nothing, and at some servers
    /// worse than that.
    pub(super) async fn renew(&self, old: &Held, now: SystemTime) -> Result<Held, NoTokens> {
        let failed = NoTokens::Failed;
        let Some(refresh) = &old.refresh else {
            return Err(NoTokens::Refused(Code::SignInExpired.into()));
        };
        let metadata = self.metadata().await.map_err(failed)?;
        let token = RefreshToken::new(refresh.expose_secret().to_owned());
        let answer = self
            .client(&metadata)
            .exchange_refresh_token(&token)
            .request_async(&|request| send(self.http.clone(), request))
            .await;
        let tokens = answer.map_err(|error| no_tokens(error, std::slice::from_ref(refresh)))?;
        Ok(self.held(&tokens, Some(refresh), old.user.clone(), now))
    }

    /// Takes a refresh token back, if the server knows how.
    pub(super) async fn revoke(&self, refresh: &SecretString) -> Result<(), Fault> {
        let metadata = self.metadata().await?;
        let Some(endpoint) = &metadata.revocation_endpoint else {
            return Ok(());
        };
        let form = [
            ("token", refresh.expose_secret()),
            ("token_type_hint", "refresh_token"),
            ("client_id", &self.config.client_id),
        ];
        exchange::post(&self.http, endpoint.clone(), &form).await
    }

    fn held(
        &self,
        tokens: &Tokens,
        old: Option<&SecretString>,
        user: User,
        now: SystemTime,
    ) -> Held {
        let access = tokens.access_token().secret();
        let of_answer = tokens.expires_in().and_then(|life| now.checked_add(life));
        let of_token = || Claims::of_token(access).ok()?.expires();
        let held = Held::new(access.as_str().into(), user).ending(of_answer.or_else(of_token));
        let new = tokens
            .refresh_token()
            .map(|new| new.secret().as_str().into());
        // RFC 6749, section 6: none means that the old one stays.
        match new.or_else(|| old.cloned()) {
            Some(refresh) => held.renewable(refresh, self.issuer().to_owned(), now),
            None => held,
        }
    }

    /// Who has signed in: what the server says when asked, else what its tokens say.
    async fn user(&self, metadata: &Metadata, tokens: &Tokens) -> Option<User> {
        let access = tokens.access_token().secret();
        if let Some(endpoint) = &metadata.userinfo_endpoint {
            let bearer = SecretString::from(access.as_str());
            match get(&self.http, endpoint.clone(), Some(&bearer)).await {
                Ok(Some(answer)) => {
                    if let Some(user) = Claims::of_answer(&answer).and_then(|who| who.user()) {
                        return Some(user);
                    }
                }
                Ok(None) => {}
                Err(fault) => tracing::debug!(%fault, "no user info"),
            }
        }
        // It came straight from the token endpoint, whose TLS vouches for it (OpenID Connect
        // Core, section 3.1.3.7, 6).
        let id_token = tokens.extra_fields().id_token.as_deref();
        let of_id_token = id_token
            .and_then(|token| Claims::of_token(token).ok())
            .filter(|claims| claims.made_for(&metadata.issuer, &self.config.client_id))
            .and_then(|claims| claims.user());
        of_id_token.or_else(|| Claims::of_token(access).ok()?.user())
    }
}

fn redirect_url(redirect: &str) -> Result<RedirectUrl, Fault> {
    RedirectUrl::new(redirect.to_owned())
        .map_err(|error| Fault::new(Code::Internal, error.to_string()))
}

fn wrong(detail: &str) -> Fault {
    Fault::new(Code::SignInFailed, detail)
}

/// HTTPS, or this computer if the issuer is on it, too.
fn is_safe(url: &Url, issuer: &Url) -> bool {
    match url.scheme() {
        "https" => true,
        "http" => is_loopback(url) && is_loopback(issuer),
        _ => false,
    }
}

/// OpenID Connect Discovery, section 4, and RFC 8414, section 3: one puts the well-known part
/// after the issuer's path, the other before it.
fn metadata_urls(issuer: &Url) -> [Url; 2] {
    let path = issuer.path().trim_end_matches('/').to_owned();
    let at = |path: String| {
        let mut url = issuer.clone();
        url.set_path(&path);
        url.set_query(None);
        url.set_fragment(None);
        url
    };
    [
        at(format!("{path}/.well-known/openid-configuration")),
        at(format!("/.well-known/oauth-authorization-server{path}")),
    ]
}

fn no_tokens(
    error: RequestTokenError<Fault, BasicErrorResponse>,
    secrets: &[SecretString],
) -> NoTokens {
    use oauth2::basic::BasicErrorResponseType as Kind;
    match error {
        RequestTokenError::Request(fault) => NoTokens::Failed(fault),
        RequestTokenError::ServerResponse(answer) => {
            let said = answer.error_description().map_or("", String::as_str);
            let detail = scrubbed(&format!("{}: {said}", answer.error().as_ref()), secrets);
            let fault = Fault::new(Code::SignInFailed, detail.trim_end_matches(": "));
            match answer.error() {
                Kind::Extension(other) if PASSING.contains(&other.as_str()) => {
                    NoTokens::Failed(fault)
                }
                _ => NoTokens::Refused(fault),
            }
        }
        // Not their words: they may have a token in them.
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            let detail = "the answer has no tokens";
            NoTokens::Failed(Fault::new(Code::BackendAnswerNoToken, detail))
        }
    }
}

/// Errors that say nothing of the request.
const PASSING: [&str; 3] = ["temporarily_unavailable", "server_error", "slow_down"];

/// Time that signing out waits for a token to be taken back.
pub(super) const REVOCATION_LIMIT: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;

    fn provider(issuer: &str) -> Provider {
        let config = BrowserSignIn {
            client_id: "salon".into(),
            scopes: vec!["openid".into()],
            issuer: Some(issuer.parse().unwrap()),
        };
        let backend = "https://backend.example".parse().unwrap();
        Provider::new(salon_http::http_client().unwrap(), config, &backend)
    }

    fn metadata(issuer: &str, base: &str) -> Metadata {
        serde_json::from_value(serde_json::json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{base}/authorize"),
            "token_endpoint": format!("{base}/token"),
        }))
        .unwrap()
    }

    #[test]
    fn metadata_is_looked_for_where_both_standards_have_it() {
        let urls = metadata_urls(&"https://i.example/tenant/".parse().unwrap());
        let urls = urls.map(String::from);
        assert_eq!(
            urls,
            [
                "https://i.example/tenant/.well-known/openid-configuration",
                "https://i.example/.well-known/oauth-authorization-server/tenant",
            ]
        );
    }

    #[test]
    fn metadata_of_another_issuer_or_with_open_lines_is_refused() {
        for (issuer, said, base, expected) in [
            (
                "https://i.example",
                "https://i.example",
                "https://j.example",
                None,
            ),
            (
                "https://i.example/",
                "https://i.example",
                "https://i.example",
                None,
            ),
            (
                "http://127.0.0.1:1",
                "http://127.0.0.1:1",
                "http://127.0.0.1:1",
                None,
            ),
            (
                "https://i.example",
                "https://evil.example",
                "https://i.example",
                Some(Code::SignInFailed),
            ),
            (
                "https://i.example",
                "https://i.example",
                "http://i.example",
                Some(Code::BackendInsecure),
            ),
            (
                "https://i.example",
                "https://i.example",
                "http://127.0.0.1:1",
                Some(Code::BackendInsecure),
            ),
            (
                "https://i.example",
                "https://i.example",
                "file:///etc",
                Some(Code::BackendInsecure),
            ),
        ] {
            let checked = provider(issuer).check(&metadata(said, base));
            assert_eq!(
                checked.err().map(|fault| fault.code),
                expected,
                "{issuer} {base}"
            );
        }
        let mut plain = metadata("https://i.example", "https://i.example");
        plain.code_challenge_methods_supported = Some(vec!["plain".into()]);
        assert!(provider("https://i.example").check(&plain).is_err());
    }

    #[tokio::test]
    async fn an_issuer_without_https_is_not_asked() {
        let fault = provider("http://i.example").metadata().await.unwrap_err();
        assert_eq!(fault.code, Code::BackendInsecure);
    }

    #[test]
    fn the_browser_is_asked_with_pkce_and_state() {
        let provider = provider("https://i.example");
        let metadata = metadata("https://i.example", "https://i.example");
        let state = new_state();
        let request = provider
            .ask(&metadata, "http://127.0.0.1:5/callback".into(), &state)
            .unwrap();
        let pair = |name: &str| {
            let mut pairs = request.url.query_pairs();
            let found = pairs.find(|(key, _)| key == name);
            found.map(|(_, value)| value.into_owned()).unwrap()
        };
        assert_eq!(pair("code_challenge_method"), "S256");
        assert_eq!(pair("code_challenge").len(), 43);
        assert_eq!(pair("state"), state.expose_secret());
        assert_eq!(pair("redirect_uri"), "http://127.0.0.1:5/callback");
        assert_eq!(
            (pair("client_id"), pair("scope")),
            ("salon".into(), "openid".into())
        );
        assert_ne!(state.expose_secret(), new_state().expose_secret());
        assert!(!request.url.as_str().contains(request.verifier.secret()));
    }

    #[test]
    fn an_answer_names_the_issuer_if_the_metadata_says_so() {
        let mut metadata = metadata("https://i.example", "https://i.example");
        let check = Provider::check_issuer;
        assert!(check(&metadata, None).is_ok());
        assert!(check(&metadata, Some("https://i.example")).is_ok());
        assert!(check(&metadata, Some("https://evil.example")).is_err());
        metadata.authorization_response_iss_parameter_supported = true;
        assert!(check(&metadata, None).is_err());
    }
}
