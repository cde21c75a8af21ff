//! Keyset paging: cursors that say after which row to go on.

use serde::{Deserialize, Serialize};

/// The most rows that one page may hold.
pub const MAX_PAGE: u32 = 200;

/// The place of a row in an ordered list: its sort key and its identifier as a tie-breaker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The sort key, usually milliseconds since the epoch or a sequence number.
    pub key: i64,
    /// The row's identifier.
    pub id: uuid::Uuid,
}

/// Which part of a list is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageRequest {
    /// How many rows, at most [`MAX_PAGE`].
    pub first: Option<u32>,
    /// The row after which to go on.
    pub after: Option<Cursor>,
    /// Whether the total within reach is counted as well, which costs a scan.
    #[serde(default)]
    pub count: bool,
}

impl PageRequest {
    /// The number of rows to fetch: 50 unless told, never more than [`MAX_PAGE`].
    pub fn limit(&self) -> u32 {
        self.first.unwrap_or(50).clamp(1, MAX_PAGE)
    }
}

/// One part of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The rows with their places.
    pub edges: Vec<(Cursor, T)>,
    /// Whether more rows follow.
    pub has_next: bool,
    /// The total within reach, if it was asked for.
    pub total: Option<u64>,
}

impl<T> Page<T> {
    /// Cuts a list that was fetched with one row more than the limit.
    pub fn cut(mut rows: Vec<T>, request: &PageRequest, total: Option<u64>, place: impl Fn(&T) -> Cursor) -> Self {
        let limit = usize::try_from(request.limit()).unwrap_or(usize::MAX);
        let has_next = rows.len() > limit;
        rows.truncate(limit);
        let edges = rows.into_iter().map(|row| (place(&row), row)).collect();
        Self { edges, has_next, total }
    }

    /// Turns every row into something else.
    pub fn map<U>(self, mut turn: impl FnMut(T) -> U) -> Page<U> {
        let edges = self.edges.into_iter().map(|(place, row)| (place, turn(row))).collect();
        Page { edges, has_next: self.has_next, total: self.total }
    }
}
