//! What settings make of the administrator's and the user's file.

use salon_base::Code;
use salon_base::address::is_loopback;
use salon_settings::{Key, Layer, Settings};

/// What stands between the two files.
const BETWEEN: &str = "\n---\n";

/// Both files, the administrator's first: what it locks stays locked, a fault in it costs dev mode,
/// and a mistake lies in the text.
pub fn settings(data: &[u8]) {
    let Some(text) = crate::text::text(data) else {
        return;
    };
    let (policy, user) = text.split_once(BETWEEN).unwrap_or(("", text));
    let settings = Settings::of_texts(policy, user);
    for problem in &settings.problems {
        let file = match problem.code {
            Code::PolicyInvalid => policy,
            Code::SettingsInvalid | Code::SettingsUnknownKey => user,
            Code::DevModeOff => continue,
            other => panic!("{other:?} is no fault of a file"),
        };
        let mut parts = problem.detail.split(':').skip(1);
        let mut number = || parts.next().unwrap().parse::<usize>().unwrap();
        let (line, column) = (number(), number());
        assert!((1..=file.matches('\n').count() + 1).contains(&line));
        assert!((1..=file.chars().count() + 1).contains(&column));
    }
    let policy_fault = settings
        .problems
        .iter()
        .any(|problem| problem.code == Code::PolicyInvalid);
    assert!(!(policy_fault && settings.dev), "{settings:?}");
    let alone = Settings::of_texts(policy, "");
    for key in Key::ALL {
        assert_eq!(settings.is_locked(*key), alone.is_locked(*key), "{key:?}");
        let locked_by_file = alone
            .provenance(*key)
            .is_some_and(|from| from.layer == Layer::Policy);
        if locked_by_file {
            let value = |of: &Settings| of.settled.get(key).map(|settled| settled.value.clone());
            assert_eq!(value(&settings), value(&alone), "{key:?}");
        }
    }
    if let Some(backend) = &settings.backend {
        assert!(
            backend.scheme() == "https" || is_loopback(backend),
            "{backend}"
        );
    }
    for url in [&settings.backend, &settings.server].into_iter().flatten() {
        assert!(url.username().is_empty() && url.password().is_none());
    }
    serde_json::to_string(&settings.explain()).unwrap();
}
