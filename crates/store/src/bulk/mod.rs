//! Many rows in few statements.

mod bound;
mod packed;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, Value};
use uuid::Uuid;

use crate::Failure;
use crate::sql::Sql;

/// The pairs of one statement: SQLite keeps a copy in memory of every page that a statement changes, and each pair may change its own.
const PAIRS: usize = 2_048;

/// What happens to a row that a unique index already holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// It is an error.
    Refuse,
    /// The new row is left out.
    Keep,
}

/// Rows in the shape of statements. Shaping costs about as much as writing, so who writes many rows shapes them before the
/// transaction begins for which others wait.
#[derive(Debug)]
pub struct Batch {
    statements: Vec<Statement>,
}

impl Batch {
    /// Shapes rows into as few statements as the database allows. Table and columns are constants of the program.
    pub fn new(
        backend: DbBackend,
        table: &'static str,
        columns: &[&'static str],
        rows: impl IntoIterator<Item = Vec<Value>>,
        existing: Existing,
    ) -> Self {
        let suffix = match existing {
            Existing::Refuse => "",
            Existing::Keep => " ON CONFLICT DO NOTHING",
        };
        let rows: Vec<Vec<Value>> = rows.into_iter().collect();
        debug_assert!(rows.iter().all(|row| row.len() == columns.len()), "a row of {table} has the wrong width");
        let packed = match backend {
            DbBackend::Sqlite => packed::statements(table, columns, &rows, suffix),
            _ => None,
        };
        let statements = packed.unwrap_or_else(|| bound::statements(backend, table, columns, rows, suffix));
        Self { statements }
    }

    /// Inserts the rows and tells how many there were, or how many of them were new.
    ///
    /// # Errors
    ///
    /// The database's own; rows of earlier statements are undone with the transaction.
    pub async fn insert<C: ConnectionTrait>(self, connection: &C) -> Result<u64, DbErr> {
        let mut inserted = 0;
        for statement in self.statements {
            inserted += connection.execute_raw(statement).await?.rows_affected();
        }
        Ok(inserted)
    }
}

/// Inserts rows with as few statements as the database allows and tells how many there were.
///
/// Table and columns are constants of the program.
///
/// # Errors
///
/// The database's own; rows of earlier chunks are undone with the transaction.
pub async fn insert_rows<C: ConnectionTrait>(
    connection: &C,
    table: &'static str,
    columns: &[&'static str],
    rows: impl IntoIterator<Item = Vec<Value>>,
) -> Result<u64, DbErr> {
    Batch::new(connection.get_database_backend(), table, columns, rows, Existing::Refuse).insert(connection).await
}

/// As [`insert_rows`], and rows that a unique index already holds are left out; tells how many were new.
///
/// # Errors
///
/// The database's own.
pub async fn insert_new_rows<C: ConnectionTrait>(
    connection: &C,
    table: &'static str,
    columns: &[&'static str],
    rows: impl IntoIterator<Item = Vec<Value>>,
) -> Result<u64, DbErr> {
    Batch::new(connection.get_database_backend(), table, columns, rows, Existing::Keep).insert(connection).await
}

/// Inserts pairs of identifiers, which are sent as one value. A table that is kept as an index takes them fastest in its own order.
///
/// # Errors
///
/// The database's own.
pub async fn insert_pairs<C: ConnectionTrait>(
    connection: &C,
    table: &'static str,
    columns: [&'static str; 2],
    pairs: &[(Uuid, Uuid)],
) -> Result<u64, Failure> {
    let mut inserted = 0;
    for pairs in pairs.chunks(PAIRS) {
        let sql = Sql::new("INSERT INTO ").text(table).text(" (").text(columns[0]).text(", ").text(columns[1]);
        let sql = sql.text(") SELECT a, b FROM ").pairs(connection.get_database_backend(), pairs);
        inserted += sql.text(" AS pair").run(connection).await?;
    }
    Ok(inserted)
}
