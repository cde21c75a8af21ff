//! Many pairs of identifiers as one value: to bind each of them costs more than to store it.

use std::fmt::Write as _;

use sea_orm::DbBackend;
use uuid::Uuid;

use super::Sql;

/// The most pairs that one statement takes: as many as two bytes count.
pub const MOST_PAIRS: usize = 256 * 256;

impl Sql {
    /// Adds pairs of identifiers, at most [`MOST_PAIRS`], as a table with the columns `a` and `b`. An alias must follow.
    pub fn pairs(mut self, backend: DbBackend, pairs: &[(Uuid, Uuid)]) -> Self {
        debug_assert!(pairs.len() <= MOST_PAIRS, "{} pairs in one statement", pairs.len());
        let mut bytes = Vec::with_capacity(pairs.len() * 32);
        for (a, b) in pairs {
            bytes.extend_from_slice(a.as_bytes());
            bytes.extend_from_slice(b.as_bytes());
        }
        self.values.push(bytes.into());
        let value = self.values.len();
        // Writing to a string cannot fail.
        let _written = match backend {
            DbBackend::Postgres => write!(
                self.text,
                "(SELECT encode(substr(${value}::bytea, n * 32 + 1, 16), 'hex')::uuid AS a, \
                 encode(substr(${value}::bytea, n * 32 + 17, 16), 'hex')::uuid AS b \
                 FROM generate_series(0, length(${value}::bytea) / 32 - 1) AS n)"
            ),
            _ => write!(
                self.text,
                "(SELECT substr(${value}, n * 32 + 1, 16) AS a, substr(${value}, n * 32 + 17, 16) AS b FROM {series})",
                series = sqlite_series(value, 32)
            ),
        };
        self
    }
}

/// Counts, as `n`, the records of so many bytes in a value; SQLite has no series of numbers, so two bytes count up to all that there
/// may be.
///
/// The limit, which is none, keeps SQLite from unfolding the series into the statement around it, where it would look at all records
/// for each row of another table.
pub(crate) fn sqlite_series(value: usize, record: usize) -> String {
    format!(
        "(WITH byte(n) AS (VALUES {bytes}) SELECT high.n * 256 + low.n AS n FROM byte AS high CROSS JOIN byte AS low \
         WHERE high.n * {block} < length(${value}) AND (high.n * 256 + low.n) * {record} < length(${value}) LIMIT -1)",
        bytes = BYTES.as_str(),
        block = record * 256,
    )
}

/// Every value of a byte, as rows.
static BYTES: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
    let rows: Vec<String> = (0..=u8::MAX).map(|byte| format!("({byte})")).collect();
    rows.join(",")
});
