//! What can go wrong inside a service, and what of it may go out.

use cordon_context::{Code, Refusal, Trace};
use sea_orm::DbErr;

/// A stored value that does not fit its meaning.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("row {row} of {table} holds an unreadable {column}")]
pub struct CorruptRow {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// The row's identifier.
    pub row: String,
}

impl CorruptRow {
    /// Names the place.
    pub fn new(table: &'static str, column: &'static str, row: impl Into<String>) -> Self {
        Self { table, column, row: row.into() }
    }
}

/// Why a use case did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// An expected answer: a rule forbids it, it is not there, somebody was faster.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The database did not do what it was asked.
    #[error("the database failed")]
    Store(#[from] DbErr),
    /// A stored value does not fit its meaning.
    #[error(transparent)]
    Corrupt(#[from] CorruptRow),
    /// The task of a write panicked.
    #[error("a write panicked")]
    Panicked,
    /// Something that is neither the caller's fault nor the database's.
    #[error("{what}")]
    Internal {
        /// What failed, as a lower-case fragment without personal data.
        what: &'static str,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Failure {
    /// Wraps an unexpected error of another crate.
    pub fn internal(what: &'static str, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Internal { what, source: Box::new(source) }
    }
}

impl From<Failure> for Refusal {
    /// Logs what is unexpected once, and lets only a correlation id go out.
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusal) => refusal,
            Failure::Store(error) if is_passing(&error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the database cannot answer now");
                Refusal::unavailable()
            }
            unexpected @ (Failure::Store(_) | Failure::Corrupt(_) | Failure::Panicked | Failure::Internal { .. }) => {
                let correlation = Trace::start().trace_id();
                tracing::error!(
                    correlation,
                    error = &unexpected as &dyn std::error::Error,
                    "an internal error happened"
                );
                Refusal { correlation: Some(correlation), ..Refusal::new(Code::Internal) }
            }
        }
    }
}

/// Whether the database may answer the same statement in a moment.
fn is_passing(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        _ => sql_state(error).is_some_and(|state| {
            // Deadlock, serialization failure, lock not available, too many connections, shutting down; SQLite: busy, locked.
            matches!(
                state.as_str(),
                "40P01" | "40001" | "55P03" | "53300" | "57P01" | "57P02" | "57P03" | "5" | "6" | "517"
            )
        }),
    }
}

fn sql_state(error: &DbErr) -> Option<String> {
    let (DbErr::Exec(runtime) | DbErr::Query(runtime)) = error else { return None };
    let sea_orm::RuntimeErr::SqlxError(error) = runtime else { return None };
    error.as_database_error()?.code().map(std::borrow::Cow::into_owned)
}

/// Whether a statement failed because a unique index already holds the value.
pub(crate) fn is_duplicate(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(sea_orm::SqlErr::UniqueConstraintViolation(_)))
}

impl Failure {
    /// Whether the write failed because a unique index already holds the value.
    pub fn is_duplicate(&self) -> bool {
        matches!(self, Self::Store(error) if is_duplicate(error))
    }
}
