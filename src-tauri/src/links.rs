//! Links that the system hands to the app: at its start, to the one that runs already, and on
//! macOS by an event.
//!
//! A link is text from anywhere. It is resolved by [`salon_meeting::resolve`] like one that the
//! user typed, so it can name what [`salon_settings::link`] reads and nothing else. One for signing in goes to
//! [`salon_account::Account::link`] and never to the page, which is only told if it was not taken.

#[cfg(target_os = "linux")]
mod command_line;

use clap::Parser as _;
use salon_account::is_sign_in;
use salon_base::Fault;
use salon_settings::Arguments;
use tauri::{AppHandle, Emitter as _, Manager as _, Runtime};

use crate::core::Core;
use crate::until_heard::UntilHeard;
use crate::window::{self, WINDOW};

/// Event with a fault that nobody on the page asked for: here of a sign-in link that was not taken.
const PROBLEM: &str = "problem";
/// Event with a link for the page.
const OPEN_INPUT: &str = "open-input";
/// Links and problems that wait for the page; more are not kept.
const MOST_WAITING: usize = 8;
/// Characters of a link that is looked at at all.
const LONGEST: usize = 24 * 1024;

/// Links that came before the page could listen.
#[derive(Debug, Default)]
pub struct Links(UntilHeard<Vec<String>>);

impl Links {
    /// The page listens from now on; what came before.
    pub fn page_listens(&self) -> Vec<String> {
        self.0.page_listens()
    }

    /// The page is gone, or loads anew.
    pub fn page_left(&self) {
        self.0.page_left();
    }

    /// The link again if the page is to be told now; otherwise it is kept.
    fn admit(&self, link: String) -> Option<String> {
        let mut link = Some(link);
        self.0.keep(|links| {
            links.extend(link.take().filter(|_| links.len() < MOST_WAITING));
        });
        link
    }
}

/// Faults that nobody on the page asked for, from before it could listen.
#[derive(Debug, Default)]
pub struct Problems(UntilHeard<Vec<Fault>>);

impl Problems {
    /// The page listens from now on; what came before.
    pub fn page_listens(&self) -> Vec<Fault> {
        self.0.page_listens()
    }

    /// The page is gone, or loads anew.
    pub fn page_left(&self) {
        self.0.page_left();
    }

    /// The fault again if the page is to be told now; otherwise it is kept.
    fn admit(&self, fault: Fault) -> Option<Fault> {
        let mut fault = Some(fault);
        self.0.keep(|faults| {
            faults.extend(fault.take().filter(|_| faults.len() < MOST_WAITING));
        });
        fault
    }
}

/// Tells the page, now or when it listens.
fn tell<R: Runtime>(app: &AppHandle<R>, fault: Fault) {
    let Some(problems) = app.try_state::<Problems>() else {
        return;
    };
    if let Some(fault) = problems.admit(fault)
        && let Err(error) = app.emit_to(WINDOW, PROBLEM, fault)
    {
        tracing::warn!(%error, "the page cannot be told of a problem");
    }
}

/// Takes the sign-in link that the app was started with, if it was. The page begins elsewhere, and
/// the user is told what became of the link: nobody can have asked for it. It leaves the command line,
/// which nobody reads any more.
pub fn started_with<R: Runtime>(app: &AppHandle<R>, opened: Option<&str>) {
    if let Some(link) = sign_in_of_start(opened) {
        #[cfg(target_os = "linux")]
        if let Err(error) = command_line::hide_sign_in() {
            tracing::warn!(%error, "a link stays on the command line");
        }
        open(app, link);
    }
}

fn sign_in_of_start(opened: Option<&str>) -> Option<&str> {
    opened.filter(|link| is_sign_in(link))
}

/// What a second start was asked to open. Whatever else its command line says is for it alone: the
/// app that runs keeps its backend and settings.
pub fn asked_to_open(arguments: Vec<String>) -> Option<String> {
    let arguments = Arguments::try_parse_from(arguments).ok()?;
    let asked = arguments.asked_to_open()?;
    (asked.chars().count() <= LONGEST).then_some(asked)
}

/// Shows the window and leads the page to what a link names.
pub fn open<R: Runtime>(app: &AppHandle<R>, link: &str) {
    window::show(app);
    // Not the link itself: it may hold a credential.
    tracing::info!(characters = link.chars().count(), "a link was handed over");
    if link.chars().count() > LONGEST {
        return;
    }
    if is_sign_in(link) {
        if let Some(core) = app.try_state::<Core>()
            && let Err(fault) = core.account().link(link)
        {
            tell(app, fault);
        }
        return;
    }
    let Some(links) = app.try_state::<Links>() else {
        return;
    };
    if let Some(link) = links.admit(link.to_owned())
        && let Err(error) = app.emit_to(WINDOW, OPEN_INPUT, link)
    {
        tracing::warn!(%error, "the page cannot be told of a link");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use salon_base::Code;

    #[test]
    fn links_wait_for_the_page() {
        let links = Links::default();
        assert_eq!(links.admit("salon://join?room=a".into()), None);
        assert_eq!(links.page_listens(), ["salon://join?room=a"]);
        assert_eq!(links.admit("b".into()).as_deref(), Some("b"));
        links.page_left();
        for _ in 0..20 {
            assert_eq!(links.admit("c".into()), None);
        }
        assert_eq!(links.page_listens().len(), MOST_WAITING);
        assert!(links.page_listens().is_empty());
    }

    #[test]
    fn problems_wait_for_the_page() {
        let problems = Problems::default();
        let fault = || Fault::from(Code::SignInNotAsked);
        assert_eq!(problems.admit(fault()), None);
        assert_eq!(problems.page_listens(), [fault()]);
        assert_eq!(problems.admit(fault()), Some(fault()));
        problems.page_left();
        for _ in 0..20 {
            assert_eq!(problems.admit(fault()), None);
        }
        assert_eq!(problems.page_listens().len(), MOST_WAITING);
    }

    #[test]
    fn of_the_first_start_only_a_sign_in_is_taken_here() {
        let sign_in = "salon://sign-in?state=s&token=planted";
        assert_eq!(sign_in_of_start(Some(sign_in)), Some(sign_in));
        // Where the page begins is told otherwise.
        assert_eq!(sign_in_of_start(Some("salon://join?room=tea")), None);
        assert_eq!(sign_in_of_start(None), None);
    }

    #[test]
    fn of_a_second_start_only_what_to_open_counts() {
        let open = |arguments: &[&str]| {
            asked_to_open(arguments.iter().map(|&argument| argument.into()).collect())
        };
        assert_eq!(
            open(&["salon", "salon://join?room=tea"]).as_deref(),
            Some("salon://join?room=tea")
        );
        assert_eq!(
            open(&["salon", "--backend", "https://other.test/", "--room", "tea"]).as_deref(),
            Some("tea")
        );
        assert_eq!(open(&["salon"]), None);
        assert_eq!(open(&["salon", "--unknown"]), None);
        assert_eq!(open(&["salon", &"x".repeat(LONGEST + 1)]), None);
    }
}
