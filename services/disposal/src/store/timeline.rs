//! Rows of the timeline: they are only ever added.

use cordon_context::{AppealId, Cursor, OrderId, OrganisationId, Page, PageRequest, Role, TaskId, Timestamp};
use cordon_disposal_contract::{TimelineEntry, TimelineOf};
use cordon_store::sql::{COUNT, Reading, Sql};
use cordon_store::{Failure, Tx};
use sea_orm::{ConnectionTrait, QueryResult};
use serde_json::Value;
use uuid::Uuid;

use super::fields::{self, Column, id, id_if, json, time};

const COLUMNS: &str = "seq, order_id, task_id, appeal_id, at, party, organisation, roles, event, from_state, to_state, refused_by, \
    detail, payload_digest";

/// One thing that happened or was tried, before it has its place.
#[derive(Clone, Debug)]
pub(crate) struct Happening {
    pub(crate) order: OrderId,
    pub(crate) task: Option<TaskId>,
    pub(crate) appeal: Option<AppealId>,
    pub(crate) event: &'static str,
    pub(crate) from: Option<&'static str>,
    pub(crate) to: Option<&'static str>,
    pub(crate) refused_by: Option<String>,
    pub(crate) detail: Value,
    pub(crate) payload_digest: String,
}

/// Adds what happened, by the actor and at the moment of the transaction.
pub(crate) async fn add(tx: &Tx, happenings: Vec<Happening>) -> Result<(), Failure> {
    let actor = &tx.context().actor;
    let (party, organisation, roles, now) = (actor.party(), actor.organisation, json(&actor.roles)?, tx.now());
    let rows = happenings.into_iter().map(|happening| columns(happening, &party, organisation, &roles, now)).collect();
    fields::insert_all(tx.connection(), "timeline", rows).await
}

fn columns(
    happening: Happening,
    party: &str,
    organisation: OrganisationId,
    roles: &sea_orm::Value,
    now: Timestamp,
) -> Vec<Column> {
    let Happening { order, task, appeal, event, from, to, refused_by, detail, payload_digest } = happening;
    vec![
        ("order_id", id(order)),
        ("task_id", id_if(task)),
        ("appeal_id", id_if(appeal)),
        ("at", time(now)),
        ("party", party.into()),
        ("organisation", id(organisation)),
        ("roles", roles.clone()),
        ("event", event.into()),
        ("from_state", from.into()),
        ("to_state", to.into()),
        ("refused_by", refused_by.into()),
        ("detail", detail.to_string().into()),
        ("payload_digest", payload_digest.into()),
    ]
}

/// What an executor reads of what others did: how the task or the appeal went on, and nothing that was tried in vain.
const TOLD_TO_EXECUTORS: &[&str] = &[
    "task.issue",
    "task.join",
    "task.route",
    "task.reissue",
    "task.verify",
    "task.withdraw",
    "task.drop",
    "task.shorten",
    "task.expire",
    "renewal.approve",
    "release.order",
    "release.issue",
    "release.complete",
    "notice.due",
    "appeal.file",
    "appeal.request_supplement",
    "appeal.supplement",
    "appeal.accept",
    "appeal.decline",
    "appeal.decide",
    "appeal.carried_out",
    "appeal.reply",
    "appeal.close",
];

/// Lists what happened, the oldest first; whose timeline it is was loaded within reach before.
///
/// With `executors` it is the timeline as one of those organisations may read it: its own entries, and of what others did since
/// the task was first addressed to it only that it happened.
pub(crate) async fn list<C: ConnectionTrait>(
    connection: &C,
    of: TimelineOf,
    executors: Option<&[OrganisationId]>,
    page: &PageRequest,
) -> Result<Page<TimelineEntry>, Failure> {
    let found = |columns| {
        let sql = Sql::select(columns, "timeline");
        let sql = match of {
            TimelineOf::Order { order } => sql.with("order_id = ", order.uuid()),
            TimelineOf::Task { task } => sql.with("task_id = ", task.uuid()),
            TimelineOf::Appeal { appeal } => sql.with("appeal_id = ", appeal.uuid()),
        };
        let Some(executors) = executors else { return sql };
        let sql = sql
            .text(" AND (organisation IN ")
            .ids(executors)
            .text(" OR (refused_by IS NULL AND event IN ")
            .list(TOLD_TO_EXECUTORS.iter().copied());
        match of {
            TimelineOf::Task { task } => sql
                .with(" AND at >= (SELECT MIN(h.at) FROM task_hop h WHERE h.task_id = ", task.uuid())
                .text(" AND h.executor IN ")
                .ids(executors)
                .text(")))"),
            TimelineOf::Order { .. } | TimelineOf::Appeal { .. } => sql.text("))"),
        }
    };
    let total = found(COUNT).total(connection, page).await?;
    let entries = found(COLUMNS)
        .with_some(" AND seq > ", page.after.as_ref().map(|cursor| cursor.key))
        .text(" ORDER BY seq")
        .limit(page)
        .all(connection, read)
        .await?;
    let entries = match executors {
        Some(executors) => entries.into_iter().map(|entry| without_insides(entry, executors)).collect(),
        None => entries,
    };
    Ok(Page::cut(entries, page, total, |entry| Cursor { key: entry.seq, id: Uuid::nil() }))
}

/// An entry without what was said with it, and, if another organisation did it, without who did it there.
fn without_insides(entry: TimelineEntry, executors: &[OrganisationId]) -> TimelineEntry {
    let entry = TimelineEntry { detail: Value::Object(serde_json::Map::new()), ..entry };
    if executors.contains(&entry.organisation) {
        return entry;
    }
    TimelineEntry { party: "***".to_owned(), roles: Vec::new(), payload_digest: String::new(), ..entry }
}

/// When this was done last to an appeal; what was refused does not count.
pub(crate) async fn last<C: ConnectionTrait>(
    connection: &C,
    appeal: AppealId,
    event: &'static str,
) -> Result<Option<Timestamp>, Failure> {
    Sql::select("appeal_id, at", "timeline")
        .with("refused_by IS NULL AND appeal_id = ", appeal.uuid())
        .with(" AND event = ", event)
        .text(" ORDER BY seq DESC LIMIT 1")
        .one(connection, |row| Reading::keyed(row, "timeline", "appeal_id").time("at"))
        .await
}

/// Who did this to a task, from a moment on; what was refused does not count.
pub(crate) async fn parties<C: ConnectionTrait>(
    connection: &C,
    task: TaskId,
    events: &[&'static str],
    since: Timestamp,
) -> Result<Vec<String>, Failure> {
    Sql::select("party", "timeline")
        .with("refused_by IS NULL AND task_id = ", task.uuid())
        .with(" AND at >= ", since.millis())
        .text(" AND event IN ")
        .list(events.iter().copied())
        .all(connection, |row| Reading::keyed(row, "timeline", "party").get("party"))
        .await
}

/// Who did this to a task, and what was said with it, from a moment on; what was refused does not count.
pub(crate) async fn said<C: ConnectionTrait>(
    connection: &C,
    task: TaskId,
    event: &'static str,
    since: Timestamp,
) -> Result<Vec<(String, Value)>, Failure> {
    Sql::select("party, detail", "timeline")
        .with("refused_by IS NULL AND task_id = ", task.uuid())
        .with(" AND at >= ", since.millis())
        .with(" AND event = ", event)
        .text(" ORDER BY seq")
        .all(connection, |row| {
            let row = Reading::keyed(row, "timeline", "party");
            Ok((row.get("party")?, row.json("detail")?))
        })
        .await
}

fn read(row: &QueryResult) -> Result<TimelineEntry, Failure> {
    let row = Reading::keyed(row, "timeline", "order_id");
    let roles: Vec<Role> = row.json("roles")?;
    Ok(TimelineEntry {
        seq: row.get("seq")?,
        order: row.id("order_id")?,
        task: row.id_if("task_id")?,
        appeal: row.id_if("appeal_id")?,
        at: row.time("at")?,
        party: row.get("party")?,
        organisation: row.id("organisation")?,
        roles,
        event: row.get("event")?,
        from: row.get("from_state")?,
        to: row.get("to_state")?,
        refused_by: row.get("refused_by")?,
        detail: row.json("detail")?,
        payload_digest: row.get("payload_digest")?,
    })
}
