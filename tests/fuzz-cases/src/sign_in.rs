//! What is pasted to sign in, and links that claim to.

use std::cell::LazyCell;
use std::sync::Arc;

use salon_account::vault::MemoryVault;
use salon_account::{
    Account, BackendInfo, Credentials as _, Limits, Means, Product, SystemClock, is_sign_in,
};
use salon_http::http_client;
use salon_profile::{Auth, SignIn};
use tokio::runtime::{Builder, Runtime};

/// Shorter texts are in the words of faults by chance.
const TELLING: usize = 12;

fn account(auth: Auth) -> Account {
    let product = Product {
        info: BackendInfo {
            profile: "p".into(),
            title: "P".into(),
            host: "p.example".into(),
        },
        base: "https://p.example".parse().unwrap(),
        auth,
        sign_in: SignIn {
            paste: true,
            link: true,
            ..SignIn::default()
        },
    };
    let means = Means {
        vault: Arc::new(MemoryVault::new()),
        clock: Arc::new(SystemClock),
        http: http_client().unwrap(),
        open: Arc::new(|_| Ok(())),
        limits: Limits::default(),
        given: None,
    };
    Account::new(Some(product), means)
}

thread_local! {
    static READY: LazyCell<(Runtime, [Account; 2])> = LazyCell::new(|| {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let accounts = [Auth::Bearer, Auth::Cookie("sid".into())].map(account);
        (runtime, accounts)
    });
}

/// A text that is pasted, and the same as a link: the one signs in or not, the other never does,
/// and neither is repeated.
pub fn sign_in(data: &[u8]) {
    let Some(text) = crate::text::text(data) else {
        return;
    };
    READY.with(|ready| {
        let (runtime, accounts) = &**ready;
        for account in accounts {
            runtime.block_on(async {
                let _ = account.sign_out().await;
                for link in [text.to_owned(), format!("salon://sign-in?{text}")] {
                    let _ = is_sign_in(&link);
                    assert!(account.link(&link).is_err());
                }
                assert!(account.credential().await.is_err());
                let pasted = account.paste(text).await;
                assert_eq!(pasted.is_ok(), account.user().is_some());
                assert_eq!(pasted.is_ok(), account.credential().await.is_ok());
                if let Err(fault) = pasted
                    && text.trim().len() >= TELLING
                    && fault.detail.contains(text)
                {
                    // By chance it is part of words of ours, which are the same for any other text.
                    let other = account.paste(&format!("{text}{text}")).await;
                    let same = other.is_err_and(|other| other.detail == fault.detail);
                    assert!(same, "{fault}");
                }
            });
        }
    });
}
