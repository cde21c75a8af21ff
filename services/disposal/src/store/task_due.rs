//! Which tasks a job has to look at now.

use cordon_context::{TaskId, Timestamp};
use cordon_store::Failure;
use sea_orm::ConnectionTrait;

use super::delivery_query::Query;
use super::tasks::ids;

/// The tasks whose clock has to be looked at.
pub(crate) async fn alarms<C: ConnectionTrait>(
    connection: &C,
    now: Timestamp,
    at_most: u32,
) -> Result<Vec<TaskId>, Failure> {
    let query =
        Query::new("SELECT id FROM task WHERE next_alarm <= ").value(now.millis()).text(" ORDER BY next_alarm LIMIT ");
    ids(connection, query.value(i64::from(at_most))).await
}

/// The measures that end soon and whose requester was not reminded.
pub(crate) async fn ending<C: ConnectionTrait>(
    connection: &C,
    before: Timestamp,
    at_most: u32,
) -> Result<Vec<TaskId>, Failure> {
    let query =
        Query::new("SELECT id FROM task WHERE state = 'in_force' AND effective_to IS NOT NULL AND effective_to <= ")
            .value(before.millis())
            .text(" AND reminded = FALSE ORDER BY effective_to LIMIT ");
    ids(connection, query.value(i64::from(at_most))).await
}

/// The measures whose time is over.
pub(crate) async fn ended<C: ConnectionTrait>(
    connection: &C,
    now: Timestamp,
    at_most: u32,
) -> Result<Vec<TaskId>, Failure> {
    let query =
        Query::new("SELECT id FROM task WHERE state = 'in_force' AND effective_to IS NOT NULL AND effective_to <= ")
            .value(now.millis())
            .text(" ORDER BY effective_to LIMIT ");
    ids(connection, query.value(i64::from(at_most))).await
}
