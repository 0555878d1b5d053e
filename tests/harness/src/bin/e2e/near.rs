//! Whether a page of a call stays on this machine, and what it keeps there.

use anyhow::Result;
use salon_harness::browser::Page;
use salon_harness::report::Report;
use serde_json::{Value, json};

/// Writes down the hosts that the page's policy does not let through: they are never reached, and yet
/// tried.
pub(crate) const WATCH: &str = "window.blocked = [], addEventListener('securitypolicyviolation', \
    ({ blockedURI }) => /^(https?|wss?):/.test(blockedURI) && window.blocked.push(blockedURI)), null";
/// Which hosts a page has reached for, what was blocked of that, and what it keeps.
const REACHED: &str = "({ hosts: [...new Set(performance.getEntriesByType('resource')\
    .map(({ name }) => new URL(name)).filter(({ protocol }) => protocol !== 'tauri:')\
    .map(({ hostname }) => hostname))], blocked: window.blocked ?? [], \
    kept: Object.keys(localStorage) })";
/// What the app itself keeps in its page.
pub(crate) const OWN: &[&str] = &["devices"];

/// Whether a page has reached for no host but this machine, tried no other, and keeps nothing but what is
/// its own.
pub(crate) async fn stays_near(
    page: &Page,
    own: &[&str],
    report: &mut Report,
    check: &str,
) -> Result<()> {
    let reached = page.eval(REACHED).await?;
    let loopback = |host: &Value| host == "127.0.0.1" || host == "localhost";
    let all = |what: &str, right: &dyn Fn(&Value) -> bool| {
        let all = reached[what].as_array();
        all.is_some_and(|all| all.iter().all(right))
    };
    let own = |key: &Value| own.iter().any(|own| key == own);
    let near = all("hosts", &loopback) && all("kept", &own) && reached["blocked"] == json!([]);
    report.check(check, near, reached);
    Ok(())
}
