//! Putting statements together with their values; never with text from outside.

use cordon_context::PageRequest;
use cordon_store::{CorruptRow, Failure, paging};
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
use uuid::Uuid;

/// A statement that grows.
#[derive(Clone, Debug)]
pub(super) struct Sql {
    text: String,
    values: Vec<Value>,
}

impl Sql {
    pub(super) fn new(text: &str) -> Self {
        Self { text: text.to_owned(), values: Vec::new() }
    }

    /// Adds words of the program.
    pub(super) fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Adds a value as a parameter.
    pub(super) fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.values.push(value.into());
        self.text.push('$');
        self.text.push_str(&self.values.len().to_string());
        self
    }

    /// Adds words and then a value.
    pub(super) fn with(&mut self, text: &str, value: impl Into<Value>) -> &mut Self {
        self.push(text).bind(value)
    }

    /// Adds ` IN (…)`; an empty list holds nothing.
    pub(super) fn bind_list<V: Into<Value>>(&mut self, values: impl IntoIterator<Item = V>) -> &mut Self {
        self.push(" IN (");
        let mut any = false;
        for value in values {
            if any {
                self.push(", ");
            }
            any = true;
            self.bind(value);
        }
        if !any {
            self.push("NULL");
        }
        self.push(")")
    }

    /// Adds the last words.
    pub(super) fn ordered(mut self, text: &str) -> Self {
        self.push(text);
        self
    }

    /// Adds another piece behind; its parameters are numbered on.
    pub(super) fn append(&mut self, piece: Self) -> &mut Self {
        let before = self.values.len();
        let mut rest = piece.text.as_str();
        while let Some((words, behind)) = rest.split_once('$') {
            self.text.push_str(words);
            let digits = behind.len() - behind.trim_start_matches(|character: char| character.is_ascii_digit()).len();
            let (number, behind) = behind.split_at(digits);
            self.text.push('$');
            self.text.push_str(&(before + number.parse::<usize>().unwrap_or(0)).to_string());
            rest = behind;
        }
        self.text.push_str(rest);
        self.values.extend(piece.values);
        self
    }

    /// Adds what a page needs: what comes after its cursor, newest first, and one row more than wanted.
    pub(super) fn push_page(&mut self, key: &str, id: &str, page: &PageRequest) -> &mut Self {
        if let Some(after) = &page.after {
            self.push(" AND (").push(key).with(" < ", after.key).push(" OR (").push(key).with(" = ", after.key);
            self.push(" AND ").push(id).with(" < ", after.id).push("))");
        }
        self.push(" ORDER BY ").push(key).push(" DESC, ").push(id).push(" DESC");
        self.with(" LIMIT ", i64::try_from(paging::fetch_limit(page)).unwrap_or(i64::MAX))
    }

    fn statement<C: ConnectionTrait>(self, connection: &C) -> Statement {
        Statement::from_sql_and_values(connection.get_database_backend(), self.text, self.values)
    }

    pub(super) async fn all<C: ConnectionTrait>(self, connection: &C) -> Result<Vec<QueryResult>, Failure> {
        let statement = self.statement(connection);
        Ok(connection.query_all_raw(statement).await?)
    }

    pub(super) async fn one<C: ConnectionTrait>(self, connection: &C) -> Result<Option<QueryResult>, Failure> {
        let statement = self.statement(connection);
        Ok(connection.query_one_raw(statement).await?)
    }

    /// Runs it and tells how many rows it changed.
    pub(super) async fn run<C: ConnectionTrait>(self, connection: &C) -> Result<u64, Failure> {
        let statement = self.statement(connection);
        Ok(connection.execute_raw(statement).await?.rows_affected())
    }

    /// Runs a change that must meet exactly one row in the version that the caller saw.
    pub(super) async fn run_one<C: ConnectionTrait>(self, connection: &C) -> Result<(), Failure> {
        match self.run(connection).await? {
            1 => Ok(()),
            _ => Err(cordon_context::Refusal::conflict().into()),
        }
    }

    /// Runs a query that counts.
    pub(super) async fn count<C: ConnectionTrait>(self, connection: &C) -> Result<u64, Failure> {
        let row = self.one(connection).await?;
        let count: i64 = row.map(|row| row.try_get("", "count")).transpose()?.unwrap_or(0);
        Ok(u64::try_from(count).unwrap_or(0))
    }
}

/// Reads one row of one table, and names the place when a value does not fit its meaning.
pub(super) struct Reading<'a> {
    pub table: &'static str,
    pub row: &'a QueryResult,
    pub id: Uuid,
}

impl<'a> Reading<'a> {
    pub(super) fn of(table: &'static str, row: &'a QueryResult) -> Result<Self, Failure> {
        Ok(Self { table, row, id: row.try_get("", "id")? })
    }

    pub(super) fn get<T: sea_orm::TryGetable>(&self, column: &'static str) -> Result<T, Failure> {
        Ok(self.row.try_get("", column)?)
    }

    pub(super) fn corrupt(&self, column: &'static str) -> Failure {
        CorruptRow::new(self.table, column, self.id.to_string()).into()
    }

    /// Reads a name of a closed set.
    pub(super) fn named<T>(&self, column: &'static str, find: impl Fn(&str) -> Option<T>) -> Result<T, Failure> {
        let name: String = self.get(column)?;
        find(&name).ok_or_else(|| self.corrupt(column))
    }

    /// As [`Self::named`], where there may be none.
    pub(super) fn named_option<T>(
        &self,
        column: &'static str,
        find: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, Failure> {
        let name: Option<String> = self.get(column)?;
        name.map(|name| find(&name).ok_or_else(|| self.corrupt(column))).transpose()
    }

    pub(super) fn region(&self, column: &'static str) -> Result<cordon_context::Region, Failure> {
        let number: i32 = self.get(column)?;
        u32::try_from(number)
            .ok()
            .and_then(|number| cordon_context::Region::from_number(number).ok())
            .ok_or_else(|| self.corrupt(column))
    }

    pub(super) fn json<T: serde::de::DeserializeOwned>(&self, column: &'static str) -> Result<T, Failure> {
        let text: String = self.get(column)?;
        serde_json::from_str(&text).map_err(|_source| self.corrupt(column))
    }
}

/// A region as it is stored.
pub(super) fn region_value(region: cordon_context::Region) -> i32 {
    i32::try_from(region.number()).unwrap_or(i32::MAX)
}

/// Identifiers in bound form.
pub(super) fn uuids<K: cordon_context::IdKind>(ids: &[cordon_context::Id<K>]) -> impl Iterator<Item = Uuid> + '_ {
    ids.iter().map(|id| id.uuid())
}

/// A value as JSON text.
pub(super) fn json_text<T: serde::Serialize>(value: &T) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(|source| Failure::internal("a value could not be written down", source))
}

#[cfg(test)]
mod tests {
    use super::Sql;

    #[test]
    fn appended_pieces_keep_their_parameters() {
        let mut piece = Sql::new(" WHERE a");
        piece.bind_list([1_i64, 2]).with(" AND b = ", "x");
        let mut sql = Sql::new("SELECT ");
        sql.bind(0_i64).push(" FROM t").append(piece).with(" LIMIT ", 5_i64);
        assert_eq!(sql.text, "SELECT $1 FROM t WHERE a IN ($2, $3) AND b = $4 LIMIT $5");
        assert_eq!(sql.values.len(), 5);
    }
}
