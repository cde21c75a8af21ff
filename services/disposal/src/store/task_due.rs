//! Which tasks a job has to look at now.

use cordon_context::{TaskId, Timestamp};
use cordon_store::Failure;
use cordon_store::sql::Sql;
use sea_orm::ConnectionTrait;

/// The tasks whose clock has to be looked at.
pub(crate) async fn alarms<C: ConnectionTrait>(
    connection: &C,
    now: Timestamp,
    at_most: u32,
) -> Result<Vec<TaskId>, Failure> {
    Sql::select("id", "task")
        .with("next_alarm <= ", now.millis())
        .with(" ORDER BY next_alarm LIMIT ", i64::from(at_most))
        .all_ids(connection)
        .await
}

/// The measures that end soon and whose requester was not reminded.
pub(crate) async fn ending<C: ConnectionTrait>(
    connection: &C,
    before: Timestamp,
    at_most: u32,
) -> Result<Vec<TaskId>, Failure> {
    Sql::select("id", "task")
        .with(
            "state IN ('executed', 'verify_failed', 'in_force') AND effective_to IS NOT NULL AND effective_to <= ",
            before.millis(),
        )
        .with(" AND reminded = FALSE ORDER BY effective_to LIMIT ", i64::from(at_most))
        .all_ids(connection)
        .await
}

/// The measures whose time is over.
pub(crate) async fn ended<C: ConnectionTrait>(
    connection: &C,
    now: Timestamp,
    at_most: u32,
) -> Result<Vec<TaskId>, Failure> {
    Sql::select("id", "task")
        .with(
            "state IN ('executed', 'verify_failed', 'in_force') AND effective_to IS NOT NULL AND effective_to <= ",
            now.millis(),
        )
        .with(" ORDER BY effective_to LIMIT ", i64::from(at_most))
        .all_ids(connection)
        .await
}
