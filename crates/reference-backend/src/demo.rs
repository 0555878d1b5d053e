//! Two accounts and an offer to accept, so that the whole story can be played at once.

use crate::app::App;
use crate::credentials::{self, AccountProblem, NewAccount};
use crate::id::AccountId;
use crate::store::meetings;
use crate::store::records::OfferStatus;

struct Person {
    id: &'static str,
    email: &'static str,
    name: &'static str,
    /// Known to everybody; the demo listens on loopback only.
    password: &'static str,
}

// Stream does not take such ids as they are, so the demo also shows contract P2's sanitising.
const ASKS: Person = Person {
    id: "demo.Amina",
    email: "amina@salon.example",
    name: "Amina",
    password: "amina-demo",
};
const OFFERS: Person = Person {
    id: "demo.Bruno",
    email: "bruno@salon.example",
    name: "Bruno",
    password: "bruno-demo",
};
const TITLE: &str = "Planning a small garden";
const MESSAGE: &str = "I have planned a few and have time today.";

/// Sees to it that both are there and that an offer waits, however often it is called.
pub(crate) async fn set_up(app: &App) -> Result<(), AccountProblem> {
    let requester = account(app, &ASKS).await?;
    let offerer = account(app, &OFFERS).await?;
    let now = app.clock.now_ms();
    app.store
        .write(move |store| {
            let waiting = meetings::offers(store, &requester)?
                .into_iter()
                .any(|offer| offer.requester == requester && offer.status == OfferStatus::Pending);
            if !waiting {
                let request = meetings::insert_request(store, &requester, TITLE, now)?;
                meetings::insert_offer(store, &request, &offerer, MESSAGE, now)?;
            }
            Ok(())
        })
        .await?;
    Ok(())
}

async fn account(app: &App, person: &Person) -> Result<AccountId, AccountProblem> {
    let new = NewAccount {
        id: Some(person.id.into()),
        email: person.email.into(),
        name: person.name.into(),
        password: person.password.into(),
    };
    match credentials::add(&app.store, &app.passwords, &app.clock, new).await {
        Ok(id) => Ok(id),
        Err(AccountProblem::Taken) => Ok(AccountId::from(person.id.to_owned())),
        Err(problem) => Err(problem),
    }
}
