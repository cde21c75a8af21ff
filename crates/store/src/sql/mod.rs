//! Statements under construction: text that is part of the program, and values that never are.

mod pairs;
mod row;
mod scope;

use std::fmt::Write as _;

use cordon_context::{Cursor, Id, IdKind, PageRequest, Refusal, Region, Scope};
use sea_orm::{ConnectionTrait, QueryResult, Statement, TryGetable, Value};
use uuid::Uuid;

use crate::Failure;
pub use pairs::MOST_PAIRS;
pub(crate) use pairs::sqlite_series;
pub use row::{Reading, json_text, region_value, word_text};
pub use scope::Reachable;

/// What a query selects that [`Sql::count`] or [`Sql::total`] runs.
pub const COUNT: &str = "COUNT(*)";

/// Which way a list runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Oldest or smallest first.
    Ascending,
    /// Newest or largest first.
    Descending,
}

/// A statement that grows. Only constants of the program become text; everything else is bound as `$1`, `$2` and so on.
#[derive(Clone, Debug)]
#[must_use = "a statement does nothing until it is run"]
pub struct Sql {
    text: String,
    values: Vec<Value>,
}

impl Sql {
    /// Begins with words.
    pub fn new(text: &'static str) -> Self {
        Self { text: text.to_owned(), values: Vec::new() }
    }

    /// Begins a query up to its `WHERE`; a condition must follow.
    pub fn select(columns: &'static str, source: &'static str) -> Self {
        Self::new("SELECT ").text(columns).text(" FROM ").text(source).text(" WHERE ")
    }

    /// Adds words.
    pub fn text(mut self, text: &'static str) -> Self {
        self.text.push_str(text);
        self
    }

    /// Adds a value.
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        // Writing to a string cannot fail.
        let _written = write!(self.text, "${}", self.values.len());
        self
    }

    /// Adds words and then a value.
    pub fn with(self, text: &'static str, value: impl Into<Value>) -> Self {
        self.text(text).bind(value)
    }

    /// As [`Self::with`] if there is a value, and nothing otherwise: what is not asked for narrows or changes nothing.
    pub fn with_some(self, text: &'static str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(text, value),
            None => self,
        }
    }

    /// Adds values in brackets, for `IN`. Nothing is in an empty list, which becomes `(NULL)`.
    pub fn list<V: Into<Value>>(mut self, values: impl IntoIterator<Item = V>) -> Self {
        let mut before = "(";
        for value in values {
            self = self.with(before, value);
            before = ", ";
        }
        self.text(if before == "(" { "(NULL)" } else { ")" })
    }

    /// Adds words and a list if it holds anything, and nothing otherwise: an empty filter narrows nothing.
    pub fn with_any<V: Into<Value>>(self, text: &'static str, values: impl IntoIterator<Item = V>) -> Self {
        let mut values = values.into_iter().peekable();
        if values.peek().is_none() { self } else { self.text(text).list(values) }
    }

    /// Adds identifiers as a list.
    pub fn ids<K: IdKind>(self, ids: &[Id<K>]) -> Self {
        self.list(ids.iter().map(|id| id.uuid()))
    }

    /// Adds the condition that a column lies in a region.
    pub fn in_region(self, column: &'static str, region: Region) -> Self {
        let (low, high) = region.range();
        self.text(column).with(" BETWEEN ", row::number(low)).with(" AND ", row::number(high))
    }

    /// Adds the condition that a row is one of these and lies within reach; no identifiers find no rows.
    pub fn by_ids<K: IdKind>(self, key: &'static str, ids: &[Id<K>], scope: &Scope, reachable: &Reachable) -> Self {
        self.text(key).text(" IN ").ids(ids).text(" AND ").within(scope, reachable)
    }

    /// Ends a query whose rows are sorted by `key` and then by `id`: with what lies beyond the request's cursor, and one
    /// row more than wanted, to see whether more follow.
    pub fn page(mut self, key: &'static str, id: &'static str, direction: Direction, request: &PageRequest) -> Self {
        let (beyond, order) = match direction {
            Direction::Ascending => (" > ", ""),
            Direction::Descending => (" < ", " DESC"),
        };
        if let Some(Cursor { key: last_key, id: last_id }) = request.after {
            self = self.text(" AND (").text(key).with(beyond, last_key);
            self = self.text(" OR (").text(key).with(" = ", last_key);
            self = self.text(" AND ").text(id).with(beyond, last_id).text("))");
        }
        self.text(" ORDER BY ").text(key).text(order).text(", ").text(id).text(order).limit(request)
    }

    /// Adds how many rows a page fetches: one more than wanted.
    pub fn limit(self, request: &PageRequest) -> Self {
        self.with(" LIMIT ", i64::from(request.limit()) + 1)
    }

    /// Runs it and reads every row.
    ///
    /// # Errors
    ///
    /// The database's own, and those of `read`.
    pub async fn all<T>(
        self,
        connection: &impl ConnectionTrait,
        read: impl Fn(&QueryResult) -> Result<T, Failure>,
    ) -> Result<Vec<T>, Failure> {
        connection.query_all_raw(self.statement(connection)).await?.iter().map(read).collect()
    }

    /// Runs it and reads the first row, if there is one.
    ///
    /// # Errors
    ///
    /// The database's own, and those of `read`.
    pub async fn one<T>(
        self,
        connection: &impl ConnectionTrait,
        read: impl Fn(&QueryResult) -> Result<T, Failure>,
    ) -> Result<Option<T>, Failure> {
        connection.query_one_raw(self.statement(connection)).await?.as_ref().map(read).transpose()
    }

    /// Runs it and takes the first column of every row as an identifier.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn all_ids<K: IdKind>(self, connection: &impl ConnectionTrait) -> Result<Vec<Id<K>>, Failure> {
        self.all(connection, |row| Ok(Id::from_uuid(row.try_get_by_index::<Uuid>(0)?))).await
    }

    /// Runs it and takes the first two columns of every row as identifiers.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn all_pairs<A: IdKind, B: IdKind>(
        self,
        connection: &impl ConnectionTrait,
    ) -> Result<Vec<(Id<A>, Id<B>)>, Failure> {
        let id = |row: &QueryResult, place| row.try_get_by_index::<Uuid>(place);
        self.all(connection, |row| Ok((Id::from_uuid(id(row, 0)?), Id::from_uuid(id(row, 1)?)))).await
    }

    /// Runs it and takes the first column of the first row, if there is one.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn value<T: TryGetable>(self, connection: &impl ConnectionTrait) -> Result<Option<T>, Failure> {
        self.one(connection, |row| Ok(row.try_get_by_index(0)?)).await
    }

    /// Runs a query that counts.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn count(self, connection: &impl ConnectionTrait) -> Result<u64, Failure> {
        let count: Option<i64> = self.value(connection).await?;
        Ok(u64::try_from(count.unwrap_or(0)).unwrap_or(0))
    }

    /// Runs a query that counts, if the request asks how many rows there are on all pages.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn total(self, connection: &impl ConnectionTrait, request: &PageRequest) -> Result<Option<u64>, Failure> {
        if request.count { self.count(connection).await.map(Some) } else { Ok(None) }
    }

    /// Runs it and tells how many rows it changed.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn run(self, connection: &impl ConnectionTrait) -> Result<u64, Failure> {
        Ok(connection.execute_raw(self.statement(connection)).await?.rows_affected())
    }

    /// Runs a change that must meet exactly one row in the state that the caller saw.
    ///
    /// # Errors
    ///
    /// A conflict if it meets another number of rows, and the database's own.
    pub async fn run_one(self, connection: &impl ConnectionTrait) -> Result<(), Failure> {
        if self.run(connection).await? == 1 { Ok(()) } else { Err(Refusal::conflict().into()) }
    }

    pub(crate) fn statement(self, connection: &impl ConnectionTrait) -> Statement {
        Statement::from_sql_and_values(connection.get_database_backend(), self.text, self.values)
    }
}

#[cfg(test)]
mod tests {
    use cordon_context::{Cursor, PageRequest, Region};
    use uuid::Uuid;

    use super::{Direction, Sql};

    #[track_caller]
    fn check(sql: &Sql, text: &str, values: usize) {
        assert_eq!((sql.text.as_str(), sql.values.len()), (text, values));
    }

    #[test]
    fn values_are_numbered_in_the_order_in_which_they_are_bound() {
        let sql = Sql::select("a, b", "t").with("a = ", 1_i64).text(" AND b IN ").list(["x", "y"]);
        check(
            &sql.text(" AND ").in_region("c", Region::from_number(330_100).unwrap()).with(" LIMIT ", 5_i64),
            "SELECT a, b FROM t WHERE a = $1 AND b IN ($2, $3) AND c BETWEEN $4 AND $5 LIMIT $6",
            6,
        );
    }

    #[test]
    fn nothing_is_in_an_empty_list() {
        check(&Sql::new("a IN ").list(Vec::<i64>::new()), "a IN (NULL)", 0);
    }

    #[test]
    fn filters_that_are_not_set_add_nothing() {
        let sql = Sql::new("1 = 1").with_some(" AND a = ", None::<i64>).with_any(" AND b IN ", Vec::<i64>::new());
        check(&sql, "1 = 1", 0);
        check(
            &sql.with_some(" AND a = ", Some(1_i64)).with_any(" AND b IN ", [2_i64]),
            "1 = 1 AND a = $1 AND b IN ($2)",
            2,
        );
    }

    #[test]
    fn a_page_begins_beyond_its_cursor() {
        let mut request = PageRequest::default();
        check(
            &Sql::new("1 = 1").page("at", "id", Direction::Descending, &request),
            "1 = 1 ORDER BY at DESC, id DESC LIMIT $1",
            1,
        );
        request.after = Some(Cursor { key: 7, id: Uuid::nil() });
        check(
            &Sql::new("1 = 1").page("at", "id", Direction::Ascending, &request),
            "1 = 1 AND (at > $1 OR (at = $2 AND id > $3)) ORDER BY at, id LIMIT $4",
            4,
        );
    }
}
