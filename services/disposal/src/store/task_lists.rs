//! Lists of tasks: for officers, for an executor's inbox and for the exception desk.

use cordon_context::{Cursor, OrganisationId, Page, PageRequest, Scope};
use cordon_disposal_contract::{InboxFilter, TaskFilter};
use cordon_store::Failure;
use cordon_store::paging::Direction;
use sea_orm::ConnectionTrait;

use super::delivery_query::Query;
use super::orders::{after, fields_total, limit};
use super::reach::{TASK, within};
use super::tasks::{COLUMNS, StoredTask, read_all};

/// Lists tasks within reach, the newest first.
pub(crate) async fn list<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    filter: &TaskFilter,
    page: &PageRequest,
) -> Result<Page<StoredTask>, Failure> {
    let filtered = |query: Query| {
        let mut query = within(query, scope, TASK);
        if !filter.states.is_empty() {
            query = query.text(" AND state IN ").list(filter.states.iter().map(|state| state.name()));
        }
        if let Some(order) = filter.order {
            query = query.text(" AND order_id = ").value(order.uuid());
        }
        if let Some(executor) = filter.executor {
            query = query.text(" AND executor = ").value(executor.uuid());
        }
        if let Some(action) = filter.action {
            query = query.text(" AND action = ").value(action.name());
        }
        if filter.overdue {
            query = query.text(" AND overdue = TRUE");
        }
        if filter.flagged {
            query = query.text(" AND review_flag IS NOT NULL");
        }
        query
    };
    let place = |task: &StoredTask| Cursor { key: task.issued_at.millis(), id: task.id.uuid() };
    page_of(connection, filtered, ("issued_at", Direction::Descending), page, place).await
}

/// Lists what an executor has to do, the most pressing first. Finished tasks are not in the index that this reads.
pub(crate) async fn inbox<C: ConnectionTrait>(
    connection: &C,
    executors: &[OrganisationId],
    filter: &InboxFilter,
    page: &PageRequest,
) -> Result<Page<StoredTask>, Failure> {
    let filtered = |query: Query| {
        let mut query =
            query.text("open AND executor IN ").list(executors.iter().map(|organisation| organisation.uuid()));
        if !filter.states.is_empty() {
            query = query.text(" AND state IN ").list(filter.states.iter().map(|state| state.name()));
        }
        if let Some(action) = filter.action {
            query = query.text(" AND action = ").value(action.name());
        }
        query
    };
    let place = |task: &StoredTask| Cursor {
        key: task.due.map_or(i64::MAX, cordon_context::Timestamp::millis),
        id: task.id.uuid(),
    };
    page_of(connection, filtered, ("due", Direction::Ascending), page, place).await
}

/// Lists what waits at the exception desk, the oldest first.
pub(crate) async fn desk<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    page: &PageRequest,
) -> Result<Page<StoredTask>, Failure> {
    let filtered = |query: Query| within(query, scope, TASK).text(" AND state = 'desk'");
    let place = |task: &StoredTask| Cursor { key: task.entered_at.millis(), id: task.id.uuid() };
    page_of(connection, filtered, ("entered_at", Direction::Ascending), page, place).await
}

async fn page_of<C: ConnectionTrait>(
    connection: &C,
    filtered: impl Fn(Query) -> Query,
    (key, direction): (&'static str, Direction),
    page: &PageRequest,
    place: impl Fn(&StoredTask) -> Cursor,
) -> Result<Page<StoredTask>, Failure> {
    let total = if page.count {
        Some(fields_total(filtered(Query::new("SELECT COUNT(*) AS total FROM task WHERE ")).one(connection).await?)?)
    } else {
        None
    };
    let query = filtered(Query::new("SELECT ").text(COLUMNS).text(" FROM task WHERE "));
    let order = if direction == Direction::Ascending { "" } else { " DESC" };
    let query = after(query, key, "id", direction, page)
        .text(" ORDER BY ")
        .text(key)
        .text(order)
        .text(", id")
        .text(order)
        .text(" LIMIT ")
        .value(limit(page));
    let rows = read_all(connection, query).await?;
    Ok(Page::cut(rows, page, total, place))
}
