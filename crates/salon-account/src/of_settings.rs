//! The account that the settings lead to.

use std::sync::Arc;

use salon_profile::Profile;
use salon_settings::Settings;
use url::Url;

use crate::clock::SystemClock;
use crate::keeper::Account;
use crate::means::{Limits, Means, Product};
use crate::vault::{KeyringVault, MemoryVault, Vault};

/// The user's sign-in with this backend. The keyring is not touched before it is needed.
pub fn account_of(
    settings: &Settings,
    backend: Option<&(Profile, Url)>,
    http: &reqwest::Client,
) -> Account {
    let product = backend.map(|(profile, base)| Product::new(profile, base.clone()));
    let means = Means {
        vault: vault(settings),
        clock: Arc::new(SystemClock),
        http: http.clone(),
        open: Arc::new(|url| open::that_detached(url.as_str())),
        limits: Limits::default(),
        given: settings.backend_token.clone(),
    };
    Account::new(product, means)
}

/// Where sign-ins are kept. The keyring is the user's, so a Salon that runs beside theirs has none.
fn vault(settings: &Settings) -> Arc<dyn Vault> {
    match settings.beside {
        Some(_) => Arc::new(MemoryVault::new()),
        None => Arc::new(KeyringVault::system()),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use salon_http::http_client;
    use salon_settings::Arguments;

    use super::*;
    use crate::state::Place;

    #[test]
    fn a_sign_in_beside_another_salon_does_not_reach_the_keyring() {
        let kept = |words: &[&str]| {
            let arguments = Arguments::try_parse_from(std::iter::once(&"salon").chain(words));
            let settings = Settings::from(arguments.unwrap());
            let account = account_of(&settings, None, &http_client().unwrap());
            account.state().borrow().kept
        };
        assert_eq!(kept(&["--beside", "Bruno"]), Place::Memory);
        assert_eq!(kept(&[]), Place::Keyring);
    }
}
