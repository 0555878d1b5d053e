//! Ids that cannot be mistaken for one another.

use std::fmt;

use rusqlite::ToSql;
use rusqlite::types::{FromSql, FromSqlResult, ToSqlOutput, ValueRef};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $visible:vis $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(
            Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
        )]
        #[serde(transparent)]
        $visible struct $name(String);

        impl $name {
            /// A new one that no other has.
            pub(crate) fn fresh() -> Self {
                Self(format!(concat!($prefix, "_{}"), Uuid::new_v4().simple()))
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                self.0.to_sql()
            }
        }

        impl FromSql for $name {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                String::column_result(value).map(Self)
            }
        }
    };
}

id!(
    /// An account of this backend; the `sub` of its tokens and, on LiveKit, the identity.
    pub AccountId, "acc"
);
id!(
    /// Somebody's wish for help (a *demande* on the wire).
    pub(crate) RequestId, "req"
);
id!(
    /// An answer to a request (an *offre* on the wire).
    pub(crate) OfferId, "off"
);
id!(
    /// A meeting session.
    pub(crate) MeetingSessionId, "meet"
);
id!(
    /// The name of the call at the media server.
    pub(crate) CallId, "call"
);
id!(
    /// All refresh tokens that descend from one sign-in.
    pub(crate) FamilyId, "fam"
);
