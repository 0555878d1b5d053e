//! Signing in through the system's browser: an authorisation code (RFC 8252), or a link from the
//! product's own page.

use std::sync::Arc;

use salon_base::plain::line;
use salon_base::{Code, Fault};
use secrecy::ExposeSecret as _;
use tokio::sync::oneshot;
use url::Url;

use super::held::Held;
use super::keeper::Account;
use super::loopback::Loopback;
use super::oauth::{AuthorizationRequest, Metadata, Provider};
use super::waiting::{Answer, Expected, Waiting, Way};

/// Where the browser comes back to if no port can be had.
const SCHEME_REDIRECT: &str = concat!(salon_product::scheme!(), "://auth");
/// What a code that comes with a link was made for.
const LINK_REDIRECT: &str = concat!(salon_product::scheme!(), "://sign-in");
/// Path below the backend's address of the page that makes a sign-in link, if the profile has no
/// other.
const LINK_PAGE: &str = "sign-in/salon";

/// Whether a link is for [`Account::link`] and for nobody else: it may have a credential in it.
/// Also if it is damaged.
pub fn is_sign_in(link: &str) -> bool {
    let link = link.trim_start().to_ascii_lowercase();
    [LINK_REDIRECT, SCHEME_REDIRECT]
        .iter()
        .any(|start| link.starts_with(start))
}

/// Characters of what a server says.
const LONGEST_WORDS: usize = 200;

#[derive(Clone, Copy)]
enum Through {
    AuthorisationServer,
    ProductPage,
}

impl Account {
    /// Signs in with an authorisation code, in the system's browser. Returns when it is done; a
    /// second call ends the first.
    ///
    /// # Errors
    /// [`Code::SignInCancelled`], also if the user refused there; [`Code::SignInFailed`] with
    /// what the server said; whatever kept the server from being reached.
    pub async fn sign_in_browser(&self) -> Result<(), Fault> {
        self.begin(Through::AuthorisationServer).await
    }

    /// Signs in by a link from the product's web site, whose page is opened. Returns when the
    /// link has come.
    ///
    /// # Errors
    /// As [`Self::sign_in_browser`], and what is wrong with the link's token.
    pub async fn sign_in_link(&self) -> Result<(), Fault> {
        self.begin(Through::ProductPage).await
    }

    /// Stops waiting for the browser.
    pub fn cancel(&self) {
        if let Some(waiting) = self.inner.waiting.lock().take() {
            waiting.cancel();
            self.publish(|state| state.waiting = false);
        }
    }

    /// A link `salon://sign-in?…` or `salon://auth?…` was opened. It is good only as the answer
    /// to what the user began here (`docs/decisions/sign-in.md`).
    ///
    /// # Errors
    /// [`Code::LinkInvalid`] if it is another link, [`Code::SignInNotAsked`]; nothing has changed
    /// then.
    pub fn link(&self, link: &str) -> Result<(), Fault> {
        let answer = Answer::from_link(link)
            .ok_or_else(|| Fault::new(Code::LinkInvalid, "it is no sign-in"))?;
        let waiting = self.inner.waiting.lock().clone();
        match waiting {
            Some(waiting) if waiting.offer(answer) => Ok(()),
            _ => {
                tracing::warn!("a link tried to sign in without being asked for");
                Err(Code::SignInNotAsked.into())
            }
        }
    }

    async fn begin(&self, through: Through) -> Result<(), Fault> {
        let ways = self.state().borrow().ways;
        let offered = match through {
            Through::AuthorisationServer => ways.browser,
            Through::ProductPage => ways.link,
        };
        if !offered {
            let detail = "this backend has no such sign-in";
            return Err(Fault::new(Code::SignInFailed, detail));
        }
        let waiting = Arc::new(Waiting::new());
        {
            let mut present = self.inner.waiting.lock();
            if let Some(before) = present.replace(waiting.clone()) {
                before.cancel();
            }
            self.publish(|state| state.waiting = true);
        }
        let account = self.clone();
        // In a task of its own: once the code is exchanged, the sign-in must not get lost.
        let task = tokio::spawn(async move { account.go_through(through, waiting).await });
        task.await
            .map_err(|error| Fault::new(Code::Internal, error.to_string()))?
    }

    async fn go_through(self, through: Through, waiting: Arc<Waiting>) -> Result<(), Fault> {
        let signed_in = tokio::select! {
            signed_in = self.held_from(through, &waiting) => signed_in,
            () = waiting.cancelled() => Err(Code::SignInCancelled.into()),
        };
        {
            let mut present = self.inner.waiting.lock();
            if !present
                .as_ref()
                .is_some_and(|present| Arc::ptr_eq(present, &waiting))
            {
                return Err(Code::SignInCancelled.into());
            }
            *present = None;
            self.publish(|state| state.waiting = false);
        }
        match signed_in {
            Ok(held) => {
                self.adopt(held).await;
                Ok(())
            }
            Err(fault) => {
                tracing::info!(%fault, "not signed in");
                Err(fault)
            }
        }
    }

    async fn held_from(&self, through: Through, waiting: &Arc<Waiting>) -> Result<Held, Fault> {
        match (through, &self.inner.provider) {
            (Through::ProductPage, _) => self.by_link(waiting).await,
            (Through::AuthorisationServer, Some(provider)) => self.by_code(provider, waiting).await,
            (Through::AuthorisationServer, None) => Err(Code::SignInFailed.into()),
        }
    }

    async fn by_code(&self, provider: &Provider, waiting: &Arc<Waiting>) -> Result<Held, Fault> {
        let metadata = provider.metadata().await?;
        let loopback = match Loopback::bind().await {
            Ok(loopback) => Some(loopback),
            Err(error) => {
                tracing::warn!(%error, "no port for the browser's answer");
                None
            }
        };
        let (way, redirect) = match &loopback {
            Some(loopback) => (Way::Loopback, loopback.redirect()),
            None => (Way::Scheme, SCHEME_REDIRECT.to_owned()),
        };
        let request = provider.ask(&metadata, redirect, &waiting.state)?;
        let answered = waiting.expect(Expected::new(way));
        let answer = self
            .answer(loopback, &request.url, waiting, answered)
            .await?;
        Provider::check_issuer(&metadata, answer.iss.as_deref())?;
        if let Some(error) = answer.error {
            return Err(refused(&error, answer.description.as_deref()));
        }
        let code = answer
            .code
            .ok_or_else(|| failed("the answer has no code"))?;
        let now = self.inner.means.clock.now();
        provider.exchange(&metadata, request, code, now).await
    }

    async fn by_link(&self, waiting: &Arc<Waiting>) -> Result<Held, Fault> {
        let Some(product) = &self.inner.product else {
            return Err(Code::SignInFailed.into());
        };
        let mut page = product.base.clone();
        let below = product.sign_in.link_page.as_deref().unwrap_or(LINK_PAGE);
        let (base, below) = (
            page.path().trim_end_matches('/'),
            below.trim_start_matches('/'),
        );
        let path = format!("{base}/{below}");
        page.set_path(&path);
        page.query_pairs_mut()
            .append_pair("state", waiting.state.expose_secret());
        let request = self.ask_for_code(waiting).await;
        if let Some(challenge) = request
            .as_ref()
            .and_then(|(_, request)| request.challenge())
        {
            page.query_pairs_mut()
                .append_pair("code_challenge", &challenge)
                .append_pair("code_challenge_method", "S256");
        }
        let loopback = Loopback::bind().await;
        let loopback = loopback
            .inspect_err(|error| tracing::warn!(%error, "no port for the browser to begin at"));
        let answered = waiting.expect(Expected {
            backend: Some(product.origin()),
            code_only: request.is_some(),
            ..Expected::new(Way::Link)
        });
        let answer = self.answer(loopback.ok(), &page, waiting, answered).await?;
        if let Some(error) = answer.error {
            return Err(refused(&error, answer.description.as_deref()));
        }
        match (answer.code, request, &self.inner.provider) {
            (Some(code), Some((metadata, request)), Some(provider)) => {
                let now = self.inner.means.clock.now();
                provider.exchange(&metadata, request, code, now).await
            }
            _ => {
                let token = answer.token.ok_or(Code::CredentialInvalid)?;
                self.read(token.expose_secret())
            }
        }
    }

    /// So that the page can give a code, which is worth nothing to whoever else sees the link. Once it
    /// is asked for, a token is not taken any more. Pages that know tokens only are not asked, and
    /// those that have no such server.
    async fn ask_for_code(
        &self,
        waiting: &Waiting,
    ) -> Option<(Arc<Metadata>, AuthorizationRequest)> {
        if self.inner.product.as_ref()?.sign_in.link_token {
            return None;
        }
        let provider = self.inner.provider.as_ref()?;
        let request = async {
            let metadata = provider.metadata().await?;
            let request = provider.ask(&metadata, LINK_REDIRECT.to_owned(), &waiting.state)?;
            Ok::<_, Fault>((metadata, request))
        };
        let request = request.await;
        request
            .inspect_err(|fault| tracing::info!(%fault, "the link will have no code"))
            .ok()
    }

    /// Opens the browser at `first`, by way of the port if there is one, and waits for what comes
    /// back.
    async fn answer(
        &self,
        loopback: Option<Loopback>,
        first: &Url,
        waiting: &Arc<Waiting>,
        answered: oneshot::Receiver<Answer>,
    ) -> Result<Answer, Fault> {
        let Some(loopback) = loopback else {
            self.open(first).await?;
            return self.answered(answered).await;
        };
        let begin = loopback.begin();
        let begin = begin.map_err(|error| Fault::new(Code::Internal, error.to_string()))?;
        self.open(&begin).await?;
        tokio::select! {
            answer = self.answered(answered) => answer,
            never = loopback.serve(first, waiting.clone()) => match never {},
        }
    }

    async fn answered(&self, answered: oneshot::Receiver<Answer>) -> Result<Answer, Fault> {
        match tokio::time::timeout(self.inner.means.limits.browser, answered).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(_)) => Err(Code::SignInCancelled.into()),
            Err(_) => Err(failed("the browser did not come back in time")),
        }
    }

    async fn open(&self, url: &Url) -> Result<(), Fault> {
        let (open, url) = (self.inner.means.open.clone(), url.clone());
        let opened = tokio::task::spawn_blocking(move || open(&url)).await;
        let opened = opened.unwrap_or_else(|error| Err(std::io::Error::other(error)));
        // Not its words: they may have the address in them, and with it the state.
        opened.map_err(|error| failed(&format!("no browser could be opened ({})", error.kind())))
    }
}

fn failed(detail: &str) -> Fault {
    Fault::new(Code::SignInFailed, detail)
}

/// RFC 6749, section 4.1.2.1. What the server says of it may be anything.
fn refused(error: &str, description: Option<&str>) -> Fault {
    let code = match error {
        "access_denied" => Code::SignInCancelled,
        _ => Code::SignInFailed,
    };
    let said = format!("{error}: {}", description.unwrap_or_default());
    Fault::new(code, line(said.trim_end_matches(": "), LONGEST_WORDS))
}
