//! Lists of tasks: for officers, for an executor's inbox and for the exception desk.

use cordon_context::{Cursor, Id, OrganisationId, Page, PageRequest, Scope, Timestamp};
use cordon_disposal_contract::{InboxFilter, TaskAction, TaskFilter};
use cordon_store::Failure;
use cordon_store::sql::{COUNT, Direction, Sql};
use sea_orm::ConnectionTrait;

use super::reach::TASK;
use super::tasks::{COLUMNS, StoredTask};

/// What stands, and ends before a moment.
const STANDS_UNTIL: &str =
    " AND action = 'impose' AND state IN ('executed', 'verify_failed', 'in_force') AND effective_to < ";

/// Whose holder had to be told before a moment and was not; what was put off may wait.
const UNTOLD: &str = " AND EXISTS (SELECT 1 FROM notice n WHERE n.task_id = task.id AND n.state NOT IN ('sent', 'deferred') AND n.due <= ";

/// Lists tasks within reach, the newest first.
pub(crate) async fn list<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    filter: &TaskFilter,
    now: Timestamp,
    page: &PageRequest,
) -> Result<Page<StoredTask>, Failure> {
    let late = filter.late.then_some(now.millis());
    let untold = filter.notice_overdue.then_some(now.millis());
    let found = |columns| {
        Sql::select(columns, "task")
            .within(scope, &TASK)
            .with_any(" AND state IN ", filter.states.iter().map(|state| state.name()))
            .with_some(" AND order_id = ", filter.order.map(Id::uuid))
            .with_some(" AND executor = ", filter.executor.map(Id::uuid))
            .with_some(" AND action = ", filter.action.map(TaskAction::name))
            .text(if filter.overdue { " AND overdue = TRUE" } else { "" })
            .text(if filter.flagged { " AND review_flag IS NOT NULL" } else { "" })
            .with_any(" AND escalation IN ", filter.escalated.iter().map(|escalation| escalation.name()))
            .with_some(" AND due <= ", late)
            .with_some(STANDS_UNTIL, filter.ends_before.map(Timestamp::millis))
            .with_some(UNTOLD, untold)
            .text(if untold.is_some() { ")" } else { "" })
    };
    let place = |task: &StoredTask| Cursor { key: task.issued_at.millis(), id: task.id.uuid() };
    page_of(connection, found, ("issued_at", Direction::Descending), page, place).await
}

/// Lists what an executor has to do, the most pressing first. Finished tasks are not in the index that this reads.
pub(crate) async fn inbox<C: ConnectionTrait>(
    connection: &C,
    executors: &[OrganisationId],
    filter: &InboxFilter,
    page: &PageRequest,
) -> Result<Page<StoredTask>, Failure> {
    let found = |columns| {
        Sql::select(columns, "task")
            .text("open AND executor IN ")
            .ids(executors)
            .with_any(" AND state IN ", filter.states.iter().map(|state| state.name()))
            .with_some(" AND action = ", filter.action.map(TaskAction::name))
    };
    let place = |task: &StoredTask| Cursor { key: task.due.map_or(i64::MAX, Timestamp::millis), id: task.id.uuid() };
    page_of(connection, found, ("due", Direction::Ascending), page, place).await
}

/// Lists what waits at the exception desk, the oldest first.
pub(crate) async fn desk<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    page: &PageRequest,
) -> Result<Page<StoredTask>, Failure> {
    let found = |columns| Sql::select(columns, "task").within(scope, &TASK).text(" AND state = 'desk'");
    let place = |task: &StoredTask| Cursor { key: task.entered_at.millis(), id: task.id.uuid() };
    page_of(connection, found, ("entered_at", Direction::Ascending), page, place).await
}

async fn page_of<C: ConnectionTrait>(
    connection: &C,
    found: impl Fn(&'static str) -> Sql,
    (key, direction): (&'static str, Direction),
    page: &PageRequest,
    place: impl Fn(&StoredTask) -> Cursor,
) -> Result<Page<StoredTask>, Failure> {
    let total = found(COUNT).total(connection, page).await?;
    let rows = found(COLUMNS).page(key, "id", direction, page).all(connection, StoredTask::read).await?;
    Ok(Page::cut(rows, page, total, place))
}
