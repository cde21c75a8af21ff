//! A statement under construction: text that is part of the program, and values that never are.

use cordon_context::{Cursor, PageRequest, Reach, Scope};
use cordon_store::paging::fetch_limit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Statement, Value};
use std::fmt::Write as _;

/// Collects text and values; only constants become text.
pub(super) struct Sql {
    text: String,
    values: Vec<Value>,
}

impl Sql {
    pub(super) fn new(text: &'static str) -> Self {
        Self { text: text.to_owned(), values: Vec::new() }
    }

    /// Adds text.
    pub(super) fn text(mut self, text: &'static str) -> Self {
        self.text.push_str(text);
        self
    }

    /// Adds a value.
    pub(super) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        // Writing to a string cannot fail.
        let _written = write!(self.text, "${}", self.values.len());
        self
    }

    /// Adds a list of values in brackets; an empty list matches nothing.
    pub(super) fn bind_all<V: Into<Value>>(mut self, values: impl IntoIterator<Item = V>) -> Self {
        self.text.push('(');
        let mut first = true;
        for value in values {
            if !first {
                self.text.push_str(", ");
            }
            first = false;
            self = self.bind(value);
        }
        if first {
            self.text.push_str("NULL");
        }
        self.text.push(')');
        self
    }

    /// Adds the condition that a row lies within reach; the organisation's row goes by the name `o`.
    pub(super) fn within(mut self, scope: &Scope) -> Self {
        self.text.push_str(" AND (1 = 0");
        for reach in scope.reaches() {
            self = match reach {
                Reach::All => self.text(" OR 1 = 1"),
                Reach::Region(region) => {
                    let (low, high) = region.range();
                    self.text(" OR o.region BETWEEN ").bind(i64::from(low)).text(" AND ").bind(i64::from(high))
                }
                Reach::Organisation(id) => self.text(" OR o.id = ").bind(id.uuid()),
                Reach::Addressed(ids) => self.text(" OR o.id IN ").bind_all(ids.iter().map(|id| id.uuid())),
                // Nothing in the directory belongs to a case.
                Reach::OwnCase(_) => self,
            };
        }
        self.text(")")
    }

    /// Adds the place after which a page begins, for a list that goes up by two columns.
    pub(super) fn ascending_after(self, request: &PageRequest, key: &'static str, id: &'static str) -> Self {
        self.after(request, key, id, " > ")
    }

    /// Adds the place after which a page begins, for a list that goes down by two columns.
    pub(super) fn descending_after(self, request: &PageRequest, key: &'static str, id: &'static str) -> Self {
        self.after(request, key, id, " < ")
    }

    fn after(self, request: &PageRequest, key: &'static str, id: &'static str, beyond: &'static str) -> Self {
        let Some(Cursor { key: last_key, id: last_id }) = request.after else { return self };
        let same_key = self
            .text(" AND (")
            .text(key)
            .text(beyond)
            .bind(last_key)
            .text(" OR (")
            .text(key)
            .text(" = ")
            .bind(last_key);
        same_key.text(" AND ").text(id).text(beyond).bind(last_id).text("))")
    }

    /// Adds the number of rows that a page fetches.
    pub(super) fn limit(self, request: &PageRequest) -> Self {
        self.text(" LIMIT ").bind(i64::try_from(fetch_limit(request)).unwrap_or(i64::MAX))
    }

    fn statement(self, connection: &impl ConnectionTrait) -> Statement {
        Statement::from_sql_and_values(connection.get_database_backend(), self.text, self.values)
    }

    /// Runs it and tells how many rows it changed.
    pub(super) async fn execute(self, connection: &impl ConnectionTrait) -> Result<u64, DbErr> {
        let statement = self.statement(connection);
        Ok(connection.execute_raw(statement).await?.rows_affected())
    }

    /// Runs it and reads all rows.
    pub(super) async fn all<R: FromQueryResult>(self, connection: &impl ConnectionTrait) -> Result<Vec<R>, DbErr> {
        R::find_by_statement(self.statement(connection)).all(connection).await
    }

    /// Runs it and reads the first row.
    pub(super) async fn one<R: FromQueryResult>(self, connection: &impl ConnectionTrait) -> Result<Option<R>, DbErr> {
        R::find_by_statement(self.statement(connection)).one(connection).await
    }

    /// Runs `SELECT COUNT(*) AS count …`.
    pub(super) async fn count(self, connection: &impl ConnectionTrait) -> Result<u64, DbErr> {
        #[derive(FromQueryResult)]
        struct Counted {
            count: i64,
        }
        Ok(self.one::<Counted>(connection).await?.map_or(0, |row| u64::try_from(row.count).unwrap_or(0)))
    }
}

/// A page's cursor key for a region or a time.
pub(super) fn place(key: i64, id: uuid::Uuid) -> Cursor {
    Cursor { key, id }
}
