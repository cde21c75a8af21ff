//! Many rows in few statements.

use std::fmt::Write as _;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, Value};

/// SQLite takes 32,766 parameters in one statement, PostgreSQL 65,535; long statements gain nothing beyond this.
const PARAMETERS: usize = 8_000;

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
    insert_with(connection, table, columns, rows, "").await
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
    insert_with(connection, table, columns, rows, " ON CONFLICT DO NOTHING").await
}

async fn insert_with<C: ConnectionTrait>(
    connection: &C,
    table: &'static str,
    columns: &[&'static str],
    rows: impl IntoIterator<Item = Vec<Value>>,
    suffix: &str,
) -> Result<u64, DbErr> {
    let backend = connection.get_database_backend();
    let per_chunk = (PARAMETERS / columns.len().max(1)).max(1);
    let full = statement(backend, table, columns, per_chunk, suffix);
    let mut inserted = 0;
    let mut values = Vec::with_capacity(per_chunk * columns.len());
    let mut count = 0;
    for row in rows {
        debug_assert_eq!(row.len(), columns.len(), "a row of {table} has the wrong width");
        values.extend(row);
        count += 1;
        if count == per_chunk {
            let chunk = std::mem::replace(&mut values, Vec::with_capacity(per_chunk * columns.len()));
            inserted += connection
                .execute_raw(Statement::from_sql_and_values(backend, full.clone(), chunk))
                .await?
                .rows_affected();
            count = 0;
        }
    }
    if count > 0 {
        let rest = statement(backend, table, columns, count, suffix);
        inserted +=
            connection.execute_raw(Statement::from_sql_and_values(backend, rest, values)).await?.rows_affected();
    }
    Ok(inserted)
}

fn statement(backend: DbBackend, table: &str, columns: &[&str], rows: usize, suffix: &str) -> String {
    let mut sql = format!("INSERT INTO {table} ({}) VALUES ", columns.join(", "));
    let mut parameter = 0;
    for row in 0..rows {
        sql.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..columns.len() {
            if column > 0 {
                sql.push_str(", ");
            }
            parameter += 1;
            match backend {
                DbBackend::Postgres => {
                    // Writing to a string cannot fail.
                    let _written = write!(sql, "${parameter}");
                }
                _ => sql.push('?'),
            }
        }
        sql.push(')');
    }
    sql.push_str(suffix);
    sql
}
