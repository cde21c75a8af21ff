//! Statements with their parameters, written once for both databases.

use cordon_context::{Reach, Scope};
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement, Value};

/// A statement that grows from constant text and bound values.
#[derive(Debug, Default)]
pub(crate) struct Query {
    sql: String,
    values: Vec<Value>,
}

impl Query {
    pub(crate) fn new(sql: &str) -> Self {
        Self { sql: sql.to_owned(), values: Vec::new() }
    }

    /// Adds text; only constants of the program come here.
    pub(crate) fn text(mut self, sql: &str) -> Self {
        self.sql.push_str(sql);
        self
    }

    /// Adds a value.
    pub(crate) fn value(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self.sql.push('$');
        self.sql.push_str(&self.values.len().to_string());
        self
    }

    /// Adds values in brackets, for `IN`; nothing is in an empty list.
    pub(crate) fn list<V: Into<Value>>(mut self, values: impl IntoIterator<Item = V>) -> Self {
        self.sql.push('(');
        let mut first = true;
        for value in values {
            if !first {
                self.sql.push_str(", ");
            }
            first = false;
            self = self.value(value);
        }
        if first {
            self.sql.push_str("NULL");
        }
        self.sql.push(')');
        self
    }

    /// Adds the condition that a row lies within reach, by its columns `organisation` and `region`.
    pub(crate) fn within(mut self, scope: &Scope) -> Self {
        self = self.text("(1 = 0");
        for reach in scope.reaches() {
            self = match reach {
                Reach::All => self.text(" OR 1 = 1"),
                Reach::Region(region) => {
                    let (low, high) = region.range();
                    self.text(" OR region BETWEEN ").value(number(low)).text(" AND ").value(number(high))
                }
                Reach::Organisation(organisation) => self.text(" OR organisation = ").value(organisation.uuid()),
                Reach::Addressed(organisations) => {
                    self.text(" OR organisation IN ").list(organisations.iter().map(|organisation| organisation.uuid()))
                }
                // Endpoints and routing tables belong to no case.
                Reach::OwnCase(_) => self,
            };
        }
        self.text(")")
    }

    pub(crate) async fn all<C: ConnectionTrait>(self, connection: &C) -> Result<Vec<QueryResult>, DbErr> {
        connection.query_all_raw(self.statement(connection)).await
    }

    pub(crate) async fn one<C: ConnectionTrait>(self, connection: &C) -> Result<Option<QueryResult>, DbErr> {
        connection.query_one_raw(self.statement(connection)).await
    }

    pub(crate) async fn run<C: ConnectionTrait>(self, connection: &C) -> Result<u64, DbErr> {
        Ok(connection.execute_raw(self.statement(connection)).await?.rows_affected())
    }

    fn statement<C: ConnectionTrait>(self, connection: &C) -> Statement {
        Statement::from_sql_and_values(connection.get_database_backend(), self.sql, self.values)
    }
}

/// A region code as a column value.
pub(crate) fn number(region: u32) -> i32 {
    i32::try_from(region).unwrap_or(i32::MAX)
}
