//! Keyset paging over a sort key and an identifier.

use cordon_context::{Cursor, PageRequest};
use sea_orm::Order;
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _, IntoColumnRef};

/// Which way a list runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Oldest or smallest first.
    Ascending,
    /// Newest or largest first.
    Descending,
}

impl Direction {
    /// The same, in the words of the query builder.
    pub fn order(self) -> Order {
        match self {
            Self::Ascending => Order::Asc,
            Self::Descending => Order::Desc,
        }
    }
}

/// The condition that begins after the request's cursor, for a list sorted by `key` and then by `id`, both in this direction.
pub fn after<K, I>(key: K, id: I, direction: Direction, request: &PageRequest) -> Condition
where
    K: IntoColumnRef + Clone,
    I: IntoColumnRef,
{
    let Some(Cursor { key: last_key, id: last_id }) = &request.after else { return Condition::all() };
    let (key, same_key, id) = (Expr::col(key.clone()), Expr::col(key), Expr::col(id));
    let (beyond_key, beyond_id) = match direction {
        Direction::Ascending => (key.gt(*last_key), id.gt(*last_id)),
        Direction::Descending => (key.lt(*last_key), id.lt(*last_id)),
    };
    Condition::any().add(beyond_key).add(Condition::all().add(same_key.eq(*last_key)).add(beyond_id))
}

/// How many rows to fetch: one more than wanted, to see whether more follow.
pub fn fetch_limit(request: &PageRequest) -> u64 {
    u64::from(request.limit()) + 1
}
