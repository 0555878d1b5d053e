//! A sign-in that the user has begun and that goes on in the browser.

use std::fmt;

use parking_lot::Mutex;
use salon_product::SCHEME;
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq as _;
use tokio::sync::{Notify, oneshot};
use url::Url;

use super::oauth;

/// Bytes of a link with an answer.
const LONGEST_LINK: usize = 24 * 1024;

/// How the browser's answer comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// To a port of this computer.
    Loopback,
    /// As `salon://auth?…`, where no port can be had.
    Scheme,
    /// As `salon://sign-in?…`, from the product's own page.
    Link,
}

/// What came back. Everything in it can be forged.
pub(super) struct Answer {
    way: Way,
    state: SecretString,
    /// The origin of the backend that a link is for.
    pub(super) backend: Option<String>,
    /// A link's sign-in.
    pub(super) token: Option<SecretString>,
    /// An authorisation code.
    pub(super) code: Option<SecretString>,
    /// RFC 9207.
    pub(super) iss: Option<String>,
    /// RFC 6749, section 4.1.2.1.
    pub(super) error: Option<String>,
    /// What the error is, in words.
    pub(super) description: Option<String>,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("way", &self.way)
            .finish_non_exhaustive()
    }
}

impl Answer {
    /// From a query. A name that is there twice makes it nobody's (RFC 6749, section 3.1).
    pub(super) fn from_query(way: Way, query: &str) -> Option<Self> {
        let mut answer = Self {
            way,
            state: SecretString::from(""),
            backend: None,
            token: None,
            code: None,
            iss: None,
            error: None,
            description: None,
        };
        let mut seen = Vec::new();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            if seen.contains(&name) {
                return None;
            }
            let secret = || Some(SecretString::from(&*value));
            let text = || Some(value.to_string());
            match &*name {
                "state" => answer.state = SecretString::from(&*value),
                "backend" if way == Way::Link => answer.backend = origin(&value),
                "token" => answer.token = secret(),
                "code" => answer.code = secret(),
                "iss" => answer.iss = text(),
                "error" => answer.error = text(),
                "error_description" => answer.description = text(),
                _ => {}
            }
            seen.push(name);
        }
        Some(answer)
    }

    /// From a link of the app's scheme; `None`: it is not for signing in.
    pub(super) fn from_link(link: &str) -> Option<Self> {
        if link.len() > LONGEST_LINK {
            return None;
        }
        let url = Url::parse(link.trim()).ok()?;
        let way = match (url.scheme(), url.host_str()?, url.path()) {
            (SCHEME, "auth", "" | "/") => Way::Scheme,
            (SCHEME, "sign-in", "" | "/") => Way::Link,
            _ => return None,
        };
        Self::from_query(way, url.query().unwrap_or_default())
    }
}

fn origin(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    Some(url.origin().ascii_serialization())
}

/// Waits for one answer with a state that only the asked party knows.
pub(super) struct Waiting {
    pub(super) state: SecretString,
    expected: Mutex<Option<(Expected, oneshot::Sender<Answer>)>>,
    cancelled: Notify,
}

/// What an answer has to be.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Expected {
    pub(super) way: Way,
    /// The origin that a link has to name.
    pub(super) backend: Option<String>,
    /// A code was asked for: a token, which others may have seen on its way, is none.
    pub(super) code_only: bool,
}

impl Expected {
    pub(super) fn new(way: Way) -> Self {
        Self {
            way,
            backend: None,
            code_only: false,
        }
    }

    fn fits(&self, answer: &Answer) -> bool {
        let unasked = self.code_only && answer.token.is_some();
        if unasked {
            tracing::warn!("a link has a token where a code was asked for");
        }
        self.way == answer.way && self.backend == answer.backend && !unasked
    }
}

impl fmt::Debug for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiting").finish_non_exhaustive()
    }
}

impl Waiting {
    pub(super) fn new() -> Self {
        Self {
            state: oauth::new_state(),
            expected: Mutex::new(None),
            cancelled: Notify::new(),
        }
    }

    /// From now on such an answer is taken.
    pub(super) fn expect(&self, expected: Expected) -> oneshot::Receiver<Answer> {
        let (answer, answered) = oneshot::channel();
        *self.expected.lock() = Some((expected, answer));
        answered
    }

    /// Takes the answer that was asked for and refuses all others, which change nothing: anybody
    /// can send some.
    pub(super) fn offer(&self, answer: Answer) -> bool {
        let mut expected = self.expected.lock();
        let (given, own) = (answer.state.expose_secret(), self.state.expose_secret());
        let same_state = bool::from(given.as_bytes().ct_eq(own.as_bytes()));
        let right = |(expected, _): &(Expected, _)| same_state && expected.fits(&answer);
        match expected.take_if(|expected| right(expected)) {
            Some((_, asked)) => asked.send(answer).is_ok(),
            None => false,
        }
    }

    pub(super) fn cancel(&self) {
        self.cancelled.notify_one();
    }

    pub(super) async fn cancelled(&self) {
        self.cancelled.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn link(waiting: &Waiting, rest: &str) -> Option<Answer> {
        let state = waiting.state.expose_secret();
        Answer::from_link(&format!("salon://sign-in?state={state}{rest}"))
    }

    const BACKEND: &str = "&backend=https%3A%2F%2Fa.example&token=t";

    #[test]
    fn only_what_was_asked_for_is_taken_and_once() {
        let waiting = Waiting::new();
        let right = || link(&waiting, BACKEND).unwrap();
        assert!(!waiting.offer(right()), "before it was asked for");
        let expected = |code_only| Expected {
            backend: Some("https://a.example".into()),
            code_only,
            ..Expected::new(Way::Link)
        };
        let mut answered = waiting.expect(expected(true));
        assert!(
            !waiting.offer(right()),
            "a token, where a code was asked for"
        );
        let both = link(&waiting, &format!("{BACKEND}&code=c")).unwrap();
        assert!(!waiting.offer(both));
        assert!(answered.try_recv().is_err());
        let mut answered = waiting.expect(expected(false));
        for forged in [
            "salon://sign-in?backend=https://a.example&token=t",
            "salon://sign-in?state=&backend=https://a.example&token=t",
            "salon://sign-in?state=guessed&backend=https://a.example&token=t",
        ] {
            assert!(
                !waiting.offer(Answer::from_link(forged).unwrap()),
                "{forged}"
            );
        }
        for rest in ["&token=t", "&backend=https://evil.example&token=t"] {
            assert!(!waiting.offer(link(&waiting, rest).unwrap()), "{rest}");
        }
        let state = waiting.state.expose_secret();
        let other_way = format!("salon://auth?state={state}{BACKEND}");
        assert!(!waiting.offer(Answer::from_link(&other_way).unwrap()));
        assert!(answered.try_recv().is_err());
        assert!(waiting.offer(right()));
        assert!(answered.try_recv().is_ok());
        assert!(!waiting.offer(right()), "a second time");
    }

    #[test]
    fn a_name_that_is_there_twice_makes_it_nobodys() {
        let waiting = Waiting::new();
        assert!(link(&waiting, "&state=x").is_none());
        assert!(link(&waiting, "&token=a&token=b").is_none());
    }

    #[test]
    fn other_links_are_not_for_signing_in() {
        for other in [
            "",
            "salon://join?room=r",
            "salon://sign-in/else?state=s",
            "salon:sign-in?state=s",
            "https://sign-in/?state=s",
            "salon://sign-in.evil.example?state=s",
        ] {
            assert!(Answer::from_link(other).is_none(), "{other}");
        }
        let long = format!("salon://sign-in?state={}", "s".repeat(30_000));
        assert!(Answer::from_link(&long).is_none());
    }

    proptest! {
        #[test]
        fn any_link_is_survived_and_none_is_taken(link: String, query in "[ -~]{0,80}") {
            let waiting = Waiting::new();
            let _answered = waiting.expect(Expected::new(Way::Link));
            for link in [link, format!("salon://sign-in?{query}"), format!("salon://auth?{query}")] {
                if let Some(answer) = Answer::from_link(&link) {
                    prop_assert!(!waiting.offer(answer));
                }
            }
        }

        #[test]
        fn an_answer_does_not_show_what_it_has(secret in "[A-Za-z0-9]{12,40}") {
            let query = format!("state={secret}&token={secret}&code={secret}&error={secret}");
            let answer = Answer::from_query(Way::Loopback, &query).unwrap();
            let shown = format!("{answer:?}");
            prop_assert!(!shown.contains(&secret));
        }
    }
}
