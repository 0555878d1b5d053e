//! A backend, a keyring and a browser for each test.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use parking_lot::Mutex;
use reference_backend::{Config, NewAccount, Running, SigningKey, start};
use salon_base::Later;
use salon_profile::{Auth, BrowserSignIn, SignIn};
use secrecy::{ExposeSecret as _, SecretString};
use tempfile::TempDir;
use tokio::sync::{mpsc, oneshot, watch};
use url::Url;

use crate::vault::{Vault, VaultError};
use crate::{
    Account, AccountState, BackendInfo, Clock, Credentials as _, Limits, Means, Place, Product,
};

pub(super) const PASSWORD: &str = "planted password";
pub(super) const EMAIL: &str = "amina@salon.example";
/// Longer than any test.
pub(super) const LONG: Duration = Duration::from_secs(60);
/// For what is to be too late.
pub(super) const SHORT: Duration = Duration::from_millis(50);

/// The system's time, plus what tests add.
#[derive(Debug, Default)]
pub(super) struct TestClock {
    ahead: watch::Sender<Duration>,
}

impl Clock for TestClock {
    fn now(&self) -> SystemTime {
        SystemTime::now() + *self.ahead.borrow()
    }

    fn until(&self, time: SystemTime) -> Later<'_, ()> {
        let mut ahead = self.ahead.subscribe();
        Box::pin(async move { while self.now() < time && ahead.changed().await.is_ok() {} })
    }
}

/// How a keyring behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Mood {
    #[default]
    Fine,
    Locked,
    Missing,
    /// Asks the user, who is away.
    Silent,
    /// The same, but only to write.
    SlowToWrite,
}

type Secrets = Arc<Mutex<HashMap<String, String>>>;
type Work = Box<dyn FnOnce(Mood, &Secrets) + Send>;

struct Job {
    is_write: bool,
    work: Work,
}

/// A keyring that does one thing after the other, if it is in the mood.
pub(super) struct TestVault {
    pub(super) mood: watch::Sender<Mood>,
    /// How many writes were asked for.
    pub(super) asked: watch::Sender<usize>,
    secrets: Secrets,
    jobs: mpsc::UnboundedSender<Job>,
}

impl std::fmt::Debug for TestVault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TestVault")
    }
}

impl TestVault {
    pub(super) fn new() -> Arc<Self> {
        let (jobs, mut queue) = mpsc::unbounded_channel::<Job>();
        let (secrets, mood) = (Secrets::default(), watch::Sender::new(Mood::Fine));
        let (store, mut moods) = (secrets.clone(), mood.subscribe());
        tokio::spawn(async move {
            while let Some(job) = queue.recv().await {
                let waits = |mood: &Mood| {
                    *mood == Mood::Silent || (*mood == Mood::SlowToWrite && job.is_write)
                };
                let Ok(mood) = moods.wait_for(|mood| !waits(mood)).await else {
                    return;
                };
                let mood = *mood;
                (job.work)(mood, &store);
            }
        });
        Arc::new(Self {
            mood,
            asked: watch::Sender::new(0),
            secrets,
            jobs,
        })
    }

    pub(super) fn held(&self) -> Vec<String> {
        self.secrets.lock().values().cloned().collect()
    }

    /// A field of the only entry.
    pub(super) fn field(&self, name: &str) -> String {
        let held = self.held();
        assert_eq!(held.len(), 1, "{}", held.len());
        let entry: serde_json::Value = serde_json::from_str(&held[0]).unwrap();
        entry[name].as_str().unwrap_or_default().to_owned()
    }

    fn ask<T: Send + 'static>(
        &self,
        is_write: bool,
        job: impl FnOnce(&mut HashMap<String, String>) -> T + Send + 'static,
    ) -> Later<'static, Result<T, VaultError>> {
        let (answer, answered) = oneshot::channel();
        let work: Work = Box::new(move |mood, secrets| {
            let done = match mood {
                Mood::Locked => Err(VaultError::Locked("planted".into())),
                Mood::Missing => Err(VaultError::Missing("planted".into())),
                _ => Ok(job(&mut secrets.lock())),
            };
            let _ = answer.send(done);
        });
        assert!(self.jobs.send(Job { is_write, work }).is_ok());
        Box::pin(async { answered.await.unwrap() })
    }
}

impl Vault for TestVault {
    fn place(&self) -> Place {
        Place::Keyring
    }

    fn read(&self, name: &str) -> Later<'static, Result<Option<SecretString>, VaultError>> {
        let name = name.to_owned();
        self.ask(false, move |secrets| {
            secrets.get(&name).map(|secret| secret.as_str().into())
        })
    }

    fn write(&self, name: &str, secret: SecretString) -> Later<'static, Result<(), VaultError>> {
        let name = name.to_owned();
        let secret = secret.expose_secret().to_owned();
        let written = self.ask(true, move |secrets| drop(secrets.insert(name, secret)));
        self.asked.send_modify(|asked| *asked += 1);
        written
    }

    fn erase(&self, name: &str) -> Later<'static, Result<(), VaultError>> {
        let name = name.to_owned();
        self.ask(true, move |secrets| drop(secrets.remove(&name)))
    }
}

/// Everything that an account lives with.
pub(super) struct World {
    pub(super) backend: Option<Running>,
    pub(super) base: Url,
    pub(super) vault: Arc<TestVault>,
    pub(super) clock: Arc<TestClock>,
    pub(super) limits: Limits,
    pub(super) given: Option<SecretString>,
    pub(super) http: reqwest::Client,
    pub(super) auth: Auth,
    pub(super) link_token: bool,
    opened: mpsc::UnboundedReceiver<Url>,
    open: mpsc::UnboundedSender<Url>,
    config: Config,
    _folder: TempDir,
}

impl World {
    pub(super) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::loopback(folder.path().join("backend.sqlite3"));
        config.signing_keys = vec![SigningKey::fresh()];
        let backend = start(config.clone()).await.unwrap();
        let account = NewAccount {
            id: Some("u1".into()),
            email: EMAIL.into(),
            name: "Amina".into(),
            password: PASSWORD.into(),
        };
        backend.add_account(account).await.unwrap();
        config.listen = backend.address;
        let (open, opened) = mpsc::unbounded_channel();
        Self {
            base: backend.url.parse().unwrap(),
            backend: Some(backend),
            vault: TestVault::new(),
            clock: Arc::default(),
            limits: Limits {
                keyring: LONG,
                browser: LONG,
            },
            given: None,
            http: salon_http::http_client().unwrap(),
            auth: Auth::Bearer,
            link_token: false,
            opened,
            open,
            config,
            _folder: folder,
        }
    }

    /// One whose page makes links with tokens.
    pub(super) async fn of_tokens() -> Self {
        Self {
            link_token: true,
            ..Self::new().await
        }
    }

    pub(super) async fn backend_goes(&mut self) {
        self.backend.take().unwrap().stop().await;
    }

    pub(super) async fn backend_comes_back(&mut self) {
        self.backend = Some(start(self.config.clone()).await.unwrap());
    }

    pub(super) fn product(&self) -> Product {
        Product {
            info: BackendInfo {
                profile: "club".into(),
                title: "Club".into(),
                host: self.base.host_str().unwrap().into(),
            },
            base: self.base.clone(),
            auth: self.auth.clone(),
            sign_in: SignIn {
                paste: true,
                link: true,
                link_page: None,
                link_token: self.link_token,
                browser: Some(BrowserSignIn {
                    client_id: "salon".into(),
                    scopes: Vec::new(),
                    issuer: None,
                }),
            },
        }
    }

    pub(super) fn means(&self) -> Means {
        let open = self.open.clone();
        Means {
            vault: self.vault.clone(),
            clock: self.clock.clone(),
            http: self.http.clone(),
            open: Arc::new(move |url| open.send(url.clone()).map_err(std::io::Error::other)),
            limits: self.limits,
            given: self.given.clone(),
        }
    }

    /// An account as the next start of the app has it.
    pub(super) fn account(&self) -> Account {
        Account::new(Some(self.product()), self.means())
    }

    /// Lets time pass, here and there.
    pub(super) fn advance(&self, by: Duration) {
        self.config.clock.advance(by);
        self.clock.ahead.send_modify(|ahead| *ahead += by);
    }

    /// The address that the browser is opened with, which the system's list of processes shows.
    pub(super) async fn opened_with(&mut self) -> Url {
        self.opened.recv().await.unwrap()
    }

    /// The address that the browser comes to.
    pub(super) async fn opened(&mut self) -> Url {
        let begin = self.opened_with().await;
        let answer = self.http.get(begin).send().await.unwrap();
        assert_eq!(answer.status(), 302);
        answer.headers()["location"]
            .to_str()
            .unwrap()
            .parse()
            .unwrap()
    }

    /// Fills in the server's form; where it sends the browser.
    pub(super) async fn fill_in(&self, url: &Url) -> Url {
        let mut form: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        form.push(("email".into(), EMAIL.into()));
        form.push(("password".into(), PASSWORD.into()));
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&form)
            .finish();
        let mut address = url.clone();
        address.set_query(None);
        let request = self
            .http
            .post(address)
            .header("content-type", "application/x-www-form-urlencoded");
        let response = request.body(body).send().await.unwrap();
        assert_eq!(response.status(), 303);
        let location = response.headers()["location"].to_str().unwrap();
        location.parse().unwrap()
    }

    /// The status of a page.
    pub(super) async fn get(&self, url: Url) -> u16 {
        self.http.get(url).send().await.unwrap().status().as_u16()
    }

    /// Signs in as the user does.
    pub(super) async fn sign_in(&mut self, account: &Account) {
        let signing_in = tokio::spawn({
            let account = account.clone();
            async move { account.sign_in_browser().await }
        });
        let url = self.opened().await;
        let back = self.fill_in(&url).await;
        assert_eq!(self.get(back).await, 200);
        signing_in.await.unwrap().unwrap();
    }

    /// What the backend says of a credential.
    pub(super) async fn me(&self, credential: &SecretString) -> u16 {
        let url = self.base.join("api/v1/auth/me").unwrap();
        let request = self.http.get(url).bearer_auth(credential.expose_secret());
        request.send().await.unwrap().status().as_u16()
    }

    /// What the backend says of the account's credential.
    pub(super) async fn works(&self, account: &Account) -> u16 {
        self.me(&account.credential().await.unwrap()).await
    }

    /// What the server says of a refresh token; it is used up then.
    pub(super) async fn refresh(&self, refresh: &str) -> u16 {
        let url = self.base.join("api/v1/auth/refresh").unwrap();
        let body = serde_json::json!({ "refreshToken": refresh });
        let request = self.http.post(url).json(&body);
        request.send().await.unwrap().status().as_u16()
    }
}

pub(super) fn state(account: &Account) -> AccountState {
    account.state().borrow().clone()
}

/// A parameter of an address.
pub(super) fn parameter(url: &Url, name: &str) -> String {
    let found = url.query_pairs().find(|(key, _)| key == name);
    found.map(|(_, value)| value.into_owned()).unwrap()
}

/// The address with a parameter changed, or taken out.
pub(super) fn with(url: &Url, name: &str, value: Option<&str>) -> Url {
    let pairs: Vec<_> = url.query_pairs().into_owned().collect();
    let mut url = url.clone();
    url.query_pairs_mut()
        .clear()
        .extend_pairs(pairs.iter().filter(|(key, _)| key != name))
        .extend_pairs(value.map(|value| (name, value)));
    url
}
