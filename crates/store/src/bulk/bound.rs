//! Rows bound cell by cell.

use std::fmt::Write as _;

use sea_orm::{DbBackend, Statement, Value};

/// SQLite takes 32,766 parameters in one statement, PostgreSQL 65,535; long statements gain nothing beyond this.
const PARAMETERS: usize = 8_000;

/// Shapes rows into as few statements as the database allows.
pub(super) fn statements(
    backend: DbBackend,
    table: &str,
    columns: &[&str],
    rows: Vec<Vec<Value>>,
    suffix: &str,
) -> Vec<Statement> {
    let shape = Shape::of(backend, table, columns, &rows, suffix);
    let per_statement = (PARAMETERS / shape.varying.max(1)).max(1);
    let mut statements = Vec::new();
    let mut prepared = (0, String::new());
    let mut rows = rows.into_iter();
    while rows.len() > 0 {
        let count = statement_rows(rows.len(), per_statement);
        if prepared.0 != count {
            prepared = (count, shape.statement(count));
        }
        let mut values = Vec::with_capacity(shape.same.len() + count * shape.varying);
        for row in rows.by_ref().take(count) {
            let varying = row.into_iter().zip(&shape.is_same).filter(|(_, same)| !**same);
            values.extend(varying.map(|(value, _)| value));
        }
        values.extend(shape.same.iter().cloned());
        statements.push(Statement::from_sql_and_values(backend, prepared.1.clone(), values));
    }
    statements
}

/// How many of the rows that are left the next statement takes: a full statement, or else a power of two. So a table has few different
/// statements, and each is parsed once for a connection, however many rows come.
fn statement_rows(left: usize, most: usize) -> usize {
    if left >= most { most } else { 1 << left.ilog2() }
}

/// What the statements of one insert have in common. A value that all rows share is sent once: binding costs as much as storing.
struct Shape {
    backend: DbBackend,
    suffix: String,
    /// Up to the rows; the columns that all rows share come first.
    head: String,
    /// What all rows share.
    same: Vec<Value>,
    /// For each column, whether all rows share its value.
    is_same: Vec<bool>,
    /// How many columns differ from row to row.
    varying: usize,
}

impl Shape {
    fn of(backend: DbBackend, table: &str, columns: &[&str], rows: &[Vec<Value>], suffix: &str) -> Self {
        let Some((first, rest)) = rows.split_first() else {
            return Self {
                backend,
                suffix: String::new(),
                head: String::new(),
                same: Vec::new(),
                is_same: Vec::new(),
                varying: 0,
            };
        };
        // A single row has nothing to share; its statement stays the one that is prepared already.
        let is_same: Vec<bool> = (0..columns.len())
            .map(|column| !rest.is_empty() && rest.iter().all(|row| row.get(column) == first.get(column)))
            .collect();
        let pick = |wanted: bool| {
            columns.iter().zip(&is_same).filter(move |(_, same)| **same == wanted).map(|(name, _)| *name)
        };
        let names: Vec<&str> = pick(true).chain(pick(false)).collect();
        let same: Vec<Value> =
            first.iter().zip(&is_same).filter(|(_, same)| **same).map(|(value, _)| value.clone()).collect();
        let varying = columns.len() - same.len();
        let head = format!("INSERT INTO {table} ({}) VALUES ", names.join(", "));
        Self { backend, suffix: suffix.to_owned(), head, same, is_same, varying }
    }

    fn statement(&self, rows: usize) -> String {
        let mut sql = self.head.clone();
        let mut parameter = 0;
        for row in 0..rows {
            sql.push_str(if row == 0 { "(" } else { ", (" });
            for column in 0..self.is_same.len() {
                if column > 0 {
                    sql.push_str(", ");
                }
                // The shared values come last. Writing to a string cannot fail.
                let _written = if column < self.same.len() {
                    write!(sql, "${}", rows * self.varying + column + 1)
                } else if self.backend == DbBackend::Postgres {
                    parameter += 1;
                    write!(sql, "${parameter}")
                } else {
                    // SQLite looks parameters with a number up one by one; those without count by themselves.
                    write!(sql, "?")
                };
            }
            sql.push(')');
        }
        sql.push_str(&self.suffix);
        sql
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &[&str] = &["a", "b", "c"];

    fn statement(backend: DbBackend, rows: &[[i64; 3]]) -> String {
        let rows: Vec<Vec<Value>> =
            rows.iter().map(|row| row.iter().map(|cell| Value::from(*cell)).collect()).collect();
        Shape::of(backend, "t", COLUMNS, &rows, " ON CONFLICT DO NOTHING").statement(rows.len())
    }

    #[test]
    fn what_all_rows_share_is_bound_once() {
        let rows = [[1, 7, 2], [3, 7, 4]];
        assert_eq!(
            statement(DbBackend::Postgres, &rows),
            "INSERT INTO t (b, a, c) VALUES ($5, $1, $2), ($5, $3, $4) ON CONFLICT DO NOTHING"
        );
        assert_eq!(
            statement(DbBackend::Sqlite, &rows),
            "INSERT INTO t (b, a, c) VALUES ($5, ?, ?), ($5, ?, ?) ON CONFLICT DO NOTHING"
        );
    }

    #[test]
    fn rows_are_taken_in_few_sizes() {
        let mut left: usize = 1_337;
        let mut sizes = Vec::new();
        while left > 0 {
            sizes.push(statement_rows(left, 500));
            left -= sizes.last().unwrap();
        }
        assert_eq!(sizes, [500, 500, 256, 64, 16, 1]);
    }

    #[test]
    fn one_row_keeps_its_statement() {
        assert_eq!(
            statement(DbBackend::Sqlite, &[[1, 1, 1]]),
            "INSERT INTO t (a, b, c) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
        );
    }

    #[test]
    fn rows_that_are_all_alike_are_still_rows() {
        assert_eq!(
            statement(DbBackend::Postgres, &[[1, 1, 1], [1, 1, 1]]),
            "INSERT INTO t (a, b, c) VALUES ($1, $2, $3), ($1, $2, $3) ON CONFLICT DO NOTHING"
        );
    }
}
