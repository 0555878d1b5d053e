//! The rows of the table. Another fault is another entry of one of these arrays.

mod computer;
mod coordinator;
mod links;
mod media_server;
mod meetings;
mod reaching;
mod saying;
mod tokens;
mod updates;

use std::future::Future;
use std::pin::Pin;

use salon_base::{Code, Fault};

/// A fault on its way.
pub(crate) type Provoked = Pin<Box<dyn Future<Output = Fault> + Send>>;

/// A fault, how it is provoked, and what has to come of it.
pub(crate) struct Row {
    /// Heading on the page.
    pub(crate) group: &'static str,
    /// What is wrong.
    pub(crate) fault: &'static str,
    /// How the test makes it so.
    pub(crate) provoked_by: &'static str,
    /// What it has to be told as.
    pub(crate) code: Code,
    /// What has to be told besides.
    pub(crate) detail: &'static str,
    /// Does it.
    pub(crate) provoke: Box<dyn Fn() -> Provoked>,
}

/// All of them, in the order of the page.
pub(crate) fn all() -> Vec<Row> {
    [
        reaching::rows(),
        saying::rows(),
        tokens::rows(),
        meetings::rows(),
        media_server::rows(),
        coordinator::rows(),
        links::rows(),
        computer::rows(),
        updates::rows(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A row of a group.
fn row<Making>(
    group: &'static str,
    (fault, provoked_by): (&'static str, &'static str),
    code: Code,
    detail: &'static str,
    provoke: impl Fn() -> Making + 'static,
) -> Row
where
    Making: Future<Output = Fault> + Send + 'static,
{
    Row {
        group,
        fault,
        provoked_by,
        code,
        detail,
        provoke: Box::new(move || Box::pin(provoke())),
    }
}
