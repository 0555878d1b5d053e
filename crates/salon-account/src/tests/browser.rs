//! Authorisation codes with PKCE, the browser played by requests.

use std::sync::Arc;

use salon_base::{Code, Fault};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use url::Url;

use super::support::{SHORT, World, parameter, state, with};
use crate::{Account, Credentials as _, Place};

fn begin(account: &Account) -> JoinHandle<Result<(), Fault>> {
    let account = account.clone();
    tokio::spawn(async move { account.sign_in_browser().await })
}

async fn code_of(signing_in: JoinHandle<Result<(), Fault>>) -> Code {
    signing_in.await.unwrap().unwrap_err().code
}

fn redirect(opened: &Url) -> Url {
    parameter(opened, "redirect_uri").parse().unwrap()
}

/// An answer of the browser with the right state, for what is wrong with the rest.
fn answer(world: &World, opened: &Url, rest: &[(&str, &str)]) -> Url {
    let mut url = redirect(opened);
    url.query_pairs_mut()
        .append_pair("state", &parameter(opened, "state"))
        .append_pair("iss", world.base.as_str().trim_end_matches('/'))
        .extend_pairs(rest);
    url
}

#[tokio::test]
async fn the_whole_way_signs_in() {
    let mut world = World::new().await;
    let account = world.account();
    assert_eq!(
        account.credential().await.unwrap_err().code,
        Code::BackendNotSignedIn
    );
    let signing_in = begin(&account);
    let opened = world.opened().await;
    assert!(state(&account).waiting);
    assert_eq!(parameter(&opened, "code_challenge_method"), "S256");
    let back = world.fill_in(&opened).await;
    assert_eq!(back.host_str(), Some("127.0.0.1"));
    assert_eq!(world.get(back.clone()).await, 200);
    signing_in.await.unwrap().unwrap();
    let now = state(&account);
    let user = now.user.clone().unwrap();
    assert_eq!((user.id.as_str(), user.name.as_str()), ("u1", "Amina"));
    assert_eq!(
        (now.kept, now.waiting, now.fault),
        (Place::Keyring, false, None)
    );
    assert_eq!(account.user().unwrap().id, "u1");
    assert_eq!(world.works(&account).await, 200);
    // Nobody listens there any more.
    assert!(world.http.get(back).send().await.is_err());
}

#[tokio::test]
async fn what_the_browser_is_started_with_tells_others_nothing() {
    let mut world = World::new().await;
    let account = world.account();
    for link in [false, true] {
        let own = account.clone();
        let signing_in = tokio::spawn(async move {
            match link {
                true => own.sign_in_link().await,
                false => own.sign_in_browser().await,
            }
        });
        let opened = world.opened_with().await;
        let port = opened.port().unwrap();
        assert_eq!(opened.as_str(), format!("http://127.0.0.1:{port}/begin"));
        let led = world.http.get(opened.clone()).send().await.unwrap();
        let first: Url = led.headers()["location"].to_str().unwrap().parse().unwrap();
        assert!(!parameter(&first, "state").is_empty());
        assert_eq!(led.headers()["referrer-policy"], "no-referrer");
        // Once the sign-in is over it leads nowhere.
        account.cancel();
        assert_eq!(code_of(signing_in).await, Code::SignInCancelled);
        assert!(world.http.get(opened).send().await.is_err());
    }
}

/// The list of processes shows everybody the port's number.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn another_user_of_this_computer_learns_and_answers_nothing() {
    let mut world = World::new().await;
    let account = world.account();
    let signing_in = begin(&account);
    let begin = world.opened_with().await;
    let port = begin.port().unwrap();
    let request = |target: &str| format!("GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n");
    let me = rustix::process::geteuid().as_raw();
    let led = as_user(me, port, &request("/begin")).await.unwrap();
    assert!(led.starts_with("HTTP/1.1 302"), "{led}");
    let Some(led) = as_user(NOBODY, port, &request("/begin")).await else {
        // Only root can be somebody else.
        signing_in.abort();
        return;
    };
    assert_eq!(led, "");
    let answer = world.http.get(begin).send().await.unwrap();
    let opened: Url = answer.headers()["location"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    let back = world.fill_in(&opened).await;
    let target = &back[url::Position::BeforePath..];
    let taken = as_user(NOBODY, port, &request(target)).await;
    assert_eq!(taken.as_deref(), Some(""));
    assert!(state(&account).waiting && state(&account).user.is_none());
    assert_eq!(world.get(back).await, 200);
    signing_in.await.unwrap().unwrap();
}

/// On most systems; it need not exist.
#[cfg(target_os = "linux")]
const NOBODY: u32 = 65534;

/// What a user's program is answered to a request; `None`: no program can be that user's.
#[cfg(target_os = "linux")]
async fn as_user(user: u32, port: u16, request: &str) -> Option<String> {
    use std::os::unix::process::CommandExt as _;

    let script = r#"exec 3<>"/dev/tcp/127.0.0.1/$0" && printf '%s' "$1" >&3 && cat <&3"#;
    let mut command = std::process::Command::new("bash");
    command.args(["-c", script, &port.to_string(), request]);
    command.current_dir("/").uid(user);
    let output = tokio::task::spawn_blocking(move || command.output());
    let output = output.await.unwrap().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[tokio::test]
async fn a_forged_state_changes_nothing() {
    let mut world = World::new().await;
    let account = world.account();
    let signing_in = begin(&account);
    let opened = world.opened().await;
    let back = world.fill_in(&opened).await;
    for state in [Some("guessed"), Some(""), None] {
        assert_eq!(
            world.get(with(&back, "state", state)).await,
            400,
            "{state:?}"
        );
    }
    let mut twice = back.clone();
    twice.query_pairs_mut().append_pair("state", "guessed");
    assert_eq!(world.get(twice).await, 400);
    assert!(state(&account).waiting && state(&account).user.is_none());
    assert_eq!(world.get(back).await, 200);
    signing_in.await.unwrap().unwrap();
}

#[tokio::test]
async fn what_the_server_says_instead_of_a_code_is_told() {
    let mut world = World::new().await;
    let account = world.account();
    for (rest, code, detail) in [
        (
            [("error", "access_denied"), ("error_description", "")],
            Code::SignInCancelled,
            "access_denied",
        ),
        (
            [("error", "server_error"), ("error_description", "On\nfire")],
            Code::SignInFailed,
            "server_error: On fire",
        ),
        (
            [("code", "made-up"), ("x", "")],
            Code::SignInFailed,
            "invalid_grant: The code is not valid (any more).",
        ),
        (
            [("x", ""), ("y", "")],
            Code::SignInFailed,
            "the answer has no code",
        ),
    ] {
        let signing_in = begin(&account);
        let opened = world.opened().await;
        assert_eq!(world.get(answer(&world, &opened, &rest)).await, 200);
        let fault = signing_in.await.unwrap().unwrap_err();
        assert_eq!((fault.code, fault.detail.as_str()), (code, detail));
        assert!(!state(&account).waiting && state(&account).user.is_none());
    }
}

#[tokio::test]
async fn a_code_of_another_issuer_is_not_exchanged() {
    let mut world = World::new().await;
    let account = world.account();
    for issuer in [Some("https://evil.example"), None] {
        let signing_in = begin(&account);
        let opened = world.opened().await;
        let back = world.fill_in(&opened).await;
        world.get(with(&back, "iss", issuer)).await;
        assert_eq!(code_of(signing_in).await, Code::SignInFailed);
        assert!(state(&account).user.is_none());
    }
}

#[tokio::test]
async fn a_code_that_was_asked_for_by_somebody_else_is_worth_nothing_here() {
    let mut world = World::new().await;
    let (mine, theirs) = (world.account(), world.account());
    let _theirs = begin(&theirs);
    let their_page = world.opened().await;
    let their_answer = world.fill_in(&their_page).await;
    let signing_in = begin(&mine);
    let opened = world.opened().await;
    // Even with the right state and issuer: the verifier does not fit.
    let code = parameter(&their_answer, "code");
    world.get(answer(&world, &opened, &[("code", &code)])).await;
    assert_eq!(code_of(signing_in).await, Code::SignInFailed);
}

#[tokio::test]
async fn it_can_be_cancelled_and_the_port_is_given_back() {
    let mut world = World::new().await;
    let account = world.account();
    let signing_in = begin(&account);
    let opened = world.opened().await;
    account.cancel();
    assert!(!state(&account).waiting);
    assert_eq!(code_of(signing_in).await, Code::SignInCancelled);
    assert!(world.http.get(redirect(&opened)).send().await.is_err());
    account.cancel();
}

#[tokio::test]
async fn a_second_sign_in_ends_the_first() {
    let mut world = World::new().await;
    let account = world.account();
    let first = begin(&account);
    world.opened().await;
    let second = begin(&account);
    let opened = world.opened().await;
    assert_eq!(code_of(first).await, Code::SignInCancelled);
    assert!(state(&account).waiting);
    let back = world.fill_in(&opened).await;
    world.get(back).await;
    second.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_browser_that_does_not_come_back_is_not_waited_for_without_end() {
    let mut world = World::new().await;
    world.limits.browser = SHORT;
    let account = world.account();
    let fault = account.sign_in_browser().await.unwrap_err();
    assert_eq!(fault.code, Code::SignInFailed);
    assert_eq!(fault.detail, "the browser did not come back in time");
    let opened = world.opened_with().await;
    assert!(world.http.get(opened).send().await.is_err());
}

#[tokio::test]
async fn a_system_without_browser_is_told() {
    let world = World::new().await;
    let mut means = world.means();
    means.open = Arc::new(|url| Err(std::io::Error::other(url.to_string())));
    let account = Account::new(Some(world.product()), means);
    let fault = account.sign_in_browser().await.unwrap_err();
    assert_eq!(fault.code, Code::SignInFailed);
    assert!(!fault.detail.contains("state"), "{fault}");
    assert!(!state(&account).waiting);
}

#[tokio::test]
async fn a_backend_that_is_away_is_told_before_the_browser_opens() {
    let mut world = World::new().await;
    world.backend_goes().await;
    let fault = world.account().sign_in_browser().await.unwrap_err();
    assert_eq!(fault.code, Code::BackendUnreachableRefused);
}

/// Sends a request as it is; the first line of the answer.
async fn raw(address: &Url, request: &str) -> String {
    let port = address.port().unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // Who sends too much may be cut off.
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    answer.lines().next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn the_port_answers_nothing_else() {
    let mut world = World::new().await;
    let account = world.account();
    let signing_in = begin(&account);
    let opened = world.opened().await;
    let back = world.fill_in(&opened).await;
    let (port, target) = (back.port().unwrap(), &back[url::Position::BeforePath..]);
    let huge = "x".repeat(100_000);
    for (request, status) in [
        (
            format!("GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"),
            "404",
        ),
        (
            format!("POST {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"),
            "405",
        ),
        (
            format!("GET {target} HTTP/1.1\r\nHost: evil.example:{port}\r\n\r\n"),
            "421",
        ),
        (format!("GET {target} HTTP/1.1\r\n\r\n"), "421"),
        (
            format!("GET /{huge} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"),
            "",
        ),
        ("\x16\x03\x01 no HTTP at all\r\n\r\n".to_owned(), "400"),
    ] {
        let line = raw(&back, &request).await;
        assert!(line.contains(status), "{status}: {line}");
        assert!(!line.contains("200"), "{line}");
    }
    // Connections that bring nothing keep nobody out for good; these few keep nobody out at all.
    let mut idle = Vec::new();
    for _ in 0..4 {
        idle.push(TcpStream::connect(("127.0.0.1", port)).await.unwrap());
    }
    assert_eq!(world.get(back.clone()).await, 200);
    signing_in.await.unwrap().unwrap();
}
