//! Rows of the timeline: they are only ever added.

use cordon_context::{AppealId, Cursor, OrderId, OrganisationId, Page, PageRequest, Role, TaskId, Timestamp};
use cordon_disposal_contract::{TimelineEntry, TimelineOf};
use cordon_store::{Failure, Tx};
use sea_orm::{ConnectionTrait, QueryResult};
use serde_json::Value;
use uuid::Uuid;

use super::delivery_query::Query;
use super::fields::{self, Column, Fields, id, id_if, json, time};
use super::orders::{fields_total, limit};

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

/// Lists what happened, the oldest first; whose timeline it is was loaded within reach before.
pub(crate) async fn list<C: ConnectionTrait>(
    connection: &C,
    of: TimelineOf,
    page: &PageRequest,
) -> Result<Page<TimelineEntry>, Failure> {
    let filtered = |query: Query| match of {
        TimelineOf::Order { order } => query.text("order_id = ").value(order.uuid()),
        TimelineOf::Task { task } => query.text("task_id = ").value(task.uuid()),
        TimelineOf::Appeal { appeal } => query.text("appeal_id = ").value(appeal.uuid()),
    };
    let total = if page.count {
        Some(fields_total(
            filtered(Query::new("SELECT COUNT(*) AS total FROM timeline WHERE ")).one(connection).await?,
        )?)
    } else {
        None
    };
    let mut query = filtered(Query::new(
        "SELECT seq, order_id, task_id, appeal_id, at, party, organisation, roles, event, from_state, to_state, refused_by, detail, \
         payload_digest FROM timeline WHERE ",
    ));
    if let Some(cursor) = &page.after {
        query = query.text(" AND seq > ").value(cursor.key);
    }
    let rows = query.text(" ORDER BY seq LIMIT ").value(limit(page)).all(connection).await?;
    let entries = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(entries, page, total, |entry| Cursor { key: entry.seq, id: Uuid::nil() }))
}

fn read(row: &QueryResult) -> Result<TimelineEntry, Failure> {
    let fields = Fields::new(row, "timeline", "order_id")?;
    let roles: Vec<Role> = fields.json("roles")?;
    Ok(TimelineEntry {
        seq: fields.get("seq")?,
        order: fields.id("order_id")?,
        task: fields.id_if("task_id")?,
        appeal: fields.id_if("appeal_id")?,
        at: fields.time("at")?,
        party: fields.get("party")?,
        organisation: fields.id("organisation")?,
        roles,
        event: fields.get("event")?,
        from: fields.get("from_state")?,
        to: fields.get("to_state")?,
        refused_by: fields.get("refused_by")?,
        detail: fields.json("detail")?,
        payload_digest: fields.get("payload_digest")?,
    })
}
