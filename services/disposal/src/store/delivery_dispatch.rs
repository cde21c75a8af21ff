//! Rows of messages on their way, claimed by lease and fence, and of attempts.

use cordon_context::{
    Cursor, DeliveryId, DispatchId, EndpointId, MessageId, OrganisationId, Page, PageRequest, Refusal, Region, Scope,
    Timestamp,
};
use cordon_disposal_contract::Urgency;
use cordon_disposal_contract::delivery::{
    AttemptOutcome, DeliveryAttempt, Dispatch, DispatchFilter, DispatchState, MessageKind, Replay,
};
use cordon_policies::{Grant, act, on};
use cordon_store::{CorruptRow, Failure, Tx, bulk};
use sea_orm::{ConnectionTrait, DbBackend, QueryResult};

use super::delivery::{count, newest_first};
use super::delivery_query::{Query, number};

const TABLE: &str = "webhook_dispatch";
const COLUMNS: &str = "id, message, endpoint, organisation, region, kind, subject, generation, urgency, priority, body, state, \
    attempts, due, lease_until, fence, begun_at, created_at, delivered_at";

/// A message on its way as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct StoredDispatch {
    pub(crate) id: DispatchId,
    pub(crate) message: MessageId,
    pub(crate) endpoint: EndpointId,
    pub(crate) organisation: OrganisationId,
    pub(crate) region: Region,
    pub(crate) kind: MessageKind,
    pub(crate) subject: String,
    pub(crate) generation: Option<i32>,
    pub(crate) urgency: Urgency,
    pub(crate) body: String,
    pub(crate) state: DispatchState,
    pub(crate) attempts: i32,
    pub(crate) due: Timestamp,
    pub(crate) lease_until: Timestamp,
    pub(crate) fence: i64,
    /// When it was written or replayed last; from here the time to give up runs.
    pub(crate) begun_at: Timestamp,
    pub(crate) created_at: Timestamp,
    pub(crate) delivered_at: Option<Timestamp>,
}

impl From<StoredDispatch> for Dispatch {
    fn from(row: StoredDispatch) -> Self {
        let StoredDispatch {
            id,
            message,
            endpoint,
            organisation,
            kind,
            subject,
            urgency,
            state,
            attempts,
            due,
            created_at,
            delivered_at,
            ..
        } = row;
        let due = (state == DispatchState::Pending).then_some(due);
        Self {
            id,
            message,
            endpoint,
            organisation,
            kind,
            subject,
            urgency,
            state,
            attempts,
            due,
            created_at,
            delivered_at,
        }
    }
}

/// What becomes of a dispatch after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It arrived.
    Delivered,
    /// It is tried again then.
    Again(Timestamp),
    /// It is not tried again.
    Exhausted,
}

/// Writes new messages; those that are there already, at the same endpoint, are left alone.
pub(crate) async fn insert_new(tx: &Tx, dispatches: Vec<StoredDispatch>) -> Result<u64, Failure> {
    let columns = &[
        "id",
        "message",
        "endpoint",
        "organisation",
        "region",
        "kind",
        "subject",
        "generation",
        "urgency",
        "priority",
        "body",
        "state",
        "attempts",
        "due",
        "lease_until",
        "fence",
        "begun_at",
        "created_at",
    ];
    let rows = dispatches.into_iter().map(|row| {
        vec![
            row.id.uuid().into(),
            row.message.uuid().into(),
            row.endpoint.uuid().into(),
            row.organisation.uuid().into(),
            number(row.region.number()).into(),
            row.kind.name().into(),
            row.subject.into(),
            row.generation.into(),
            row.urgency.name().into(),
            priority(row.urgency).into(),
            row.body.into(),
            row.state.name().into(),
            row.attempts.into(),
            row.due.millis().into(),
            row.lease_until.millis().into(),
            row.fence.into(),
            row.begun_at.millis().into(),
            row.created_at.millis().into(),
        ]
    });
    Ok(bulk::insert_new_rows(tx.connection(), TABLE, columns, rows).await?)
}

/// Makes assignments of older generations of a task pointless where they did not arrive yet.
pub(crate) async fn supersede(tx: &Tx, subject: &str, below: i32) -> Result<u64, Failure> {
    Ok(Query::new("UPDATE webhook_dispatch SET state = 'superseded', fence = fence + 1 WHERE subject = ")
        .value(subject)
        .text(" AND state = 'pending' AND kind IN ('task.assigned', 'release.assigned') AND generation < ")
        .value(below)
        .run(tx.connection())
        .await?)
}

/// Makes every message pointless that has not arrived at an endpoint which is taken away.
pub(crate) async fn abandon(
    tx: &Tx,
    _grant: &Grant<act::Modify, on::Endpoint>,
    endpoint: EndpointId,
) -> Result<u64, Failure> {
    Ok(Query::new(
        "UPDATE webhook_dispatch SET state = 'superseded', fence = fence + 1 WHERE state = 'pending' AND endpoint = ",
    )
    .value(endpoint.uuid())
    .run(tx.connection())
    .await?)
}

/// Takes up to `limit` messages of one endpoint that are due and that nobody holds, the most pressing first.
pub(crate) async fn claim(
    tx: &Tx,
    _grant: &Grant<act::Modify, on::Endpoint>,
    endpoint: EndpointId,
    lease_until: Timestamp,
    limit: i64,
) -> Result<Vec<StoredDispatch>, Failure> {
    let now = tx.now().millis();
    let lock = match tx.connection().get_database_backend() {
        DbBackend::Postgres => " FOR UPDATE SKIP LOCKED",
        _ => "",
    };
    let rows = Query::new("UPDATE webhook_dispatch SET fence = fence + 1, attempts = attempts + 1, lease_until = ")
        .value(lease_until.millis())
        .text(" WHERE id IN (SELECT id FROM webhook_dispatch WHERE endpoint = ")
        .value(endpoint.uuid())
        .text(" AND state = 'pending' AND due <= ")
        .value(now)
        .text(" AND lease_until <= ")
        .value(now)
        .text(" ORDER BY priority, due, id LIMIT ")
        .value(limit)
        .text(lock)
        .text(") RETURNING ")
        .text(COLUMNS)
        .all(tx.connection())
        .await?;
    let mut claimed = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    claimed.sort_by_key(|row| (priority(row.urgency), row.due, row.id));
    Ok(claimed)
}

/// Marks a dispatch after an attempt; false if the lease went to somebody else meanwhile, and then nothing is changed.
pub(crate) async fn settle(
    tx: &Tx,
    _grant: &Grant<act::Modify, on::Endpoint>,
    id: DispatchId,
    fence: i64,
    verdict: Verdict,
) -> Result<bool, Failure> {
    let query = match verdict {
        Verdict::Delivered => {
            Query::new("UPDATE webhook_dispatch SET state = 'delivered', lease_until = 0, delivered_at = ")
                .value(tx.now().millis())
        }
        Verdict::Again(due) => Query::new("UPDATE webhook_dispatch SET lease_until = 0, due = ").value(due.millis()),
        Verdict::Exhausted => Query::new("UPDATE webhook_dispatch SET state = 'exhausted', lease_until = 0"),
    };
    let changed = query
        .text(" WHERE id = ")
        .value(id.uuid())
        .text(" AND fence = ")
        .value(fence)
        .text(" AND state = 'pending'")
        .run(tx.connection())
        .await?;
    Ok(changed == 1)
}

/// Adds an attempt to the log.
pub(crate) async fn log(tx: &Tx, attempt: &DeliveryAttempt) -> Result<(), Failure> {
    let columns = &["id", "dispatch", "at", "outcome", "status", "failure", "latency_ms", "excerpt"];
    let row = vec![
        attempt.id.uuid().into(),
        attempt.dispatch.uuid().into(),
        attempt.at.millis().into(),
        attempt.outcome.name().into(),
        attempt.status.into(),
        attempt.failure.clone().into(),
        attempt.latency_ms.into(),
        attempt.excerpt.clone().into(),
    ];
    bulk::insert_rows(tx.connection(), "webhook_attempt", columns, [row]).await?;
    Ok(())
}

/// Gives up messages whose time ran out before their attempts did, such as those behind an open circuit.
pub(crate) async fn give_up(
    tx: &Tx,
    _grant: &Grant<act::Modify, on::Endpoint>,
    begun_before: Timestamp,
    limit: i64,
) -> Result<Vec<StoredDispatch>, Failure> {
    let lock = match tx.connection().get_database_backend() {
        DbBackend::Postgres => " FOR UPDATE SKIP LOCKED",
        _ => "",
    };
    let rows = Query::new(
        "UPDATE webhook_dispatch SET state = 'exhausted', fence = fence + 1 WHERE id IN (SELECT id FROM \
        webhook_dispatch WHERE state = 'pending' AND lease_until <= ",
    )
    .value(tx.now().millis())
    .text(" AND begun_at < ")
    .value(begun_before.millis())
    .text(" ORDER BY id LIMIT ")
    .value(limit)
    .text(lock)
    .text(") RETURNING ")
    .text(COLUMNS)
    .all(tx.connection())
    .await?;
    rows.iter().map(read).collect()
}

/// Forgets messages that were settled long ago, with their attempts; tells how many.
pub(crate) async fn forget(
    tx: &Tx,
    _grant: &Grant<act::Modify, on::Endpoint>,
    created_before: Timestamp,
    limit: i64,
) -> Result<usize, Failure> {
    let rows = Query::new("SELECT id FROM webhook_dispatch WHERE state <> 'pending' AND created_at < ")
        .value(created_before.millis())
        .text(" ORDER BY created_at, id LIMIT ")
        .value(limit)
        .all(tx.connection())
        .await?;
    let ids = rows.iter().map(|row| row.try_get::<uuid::Uuid>("", "id")).collect::<Result<Vec<_>, _>>()?;
    if !ids.is_empty() {
        Query::new("DELETE FROM webhook_attempt WHERE dispatch IN ")
            .list(ids.iter().copied())
            .run(tx.connection())
            .await?;
        Query::new("DELETE FROM webhook_dispatch WHERE id IN ").list(ids.iter().copied()).run(tx.connection()).await?;
    }
    Ok(ids.len())
}

/// Puts messages back on their way; tells how many.
pub(crate) async fn replay(tx: &Tx, grant: &Grant<act::Execute, on::Endpoint>, which: &Replay) -> Result<u64, Failure> {
    const MOST: i64 = 10_000;
    let now = tx.now().millis();
    let again = Query::new("UPDATE webhook_dispatch SET state = 'pending', attempts = 0, delivered_at = NULL, due = ")
        .value(now)
        .text(", begun_at = ")
        .value(now)
        .text(", fence = fence + 1 WHERE id IN (SELECT id FROM webhook_dispatch WHERE lease_until <= ")
        .value(now)
        .text(" AND kind <> 'endpoint.test' AND ");
    let again = again.within(grant.scope());
    let again = match which {
        Replay::One { dispatch } => again.text(" AND id = ").value(dispatch.uuid()),
        Replay::Range { endpoint, from, until, delivered_too } => again
            .text(" AND endpoint = ")
            .value(endpoint.uuid())
            .text(" AND created_at >= ")
            .value(from.millis())
            .text(" AND created_at < ")
            .value(until.millis())
            .text(if *delivered_too { " AND state IN ('exhausted', 'delivered')" } else { " AND state = 'exhausted'" }),
    };
    Ok(again.text(" ORDER BY created_at, id LIMIT ").value(MOST).text(")").run(tx.connection()).await?)
}

/// One dispatch within reach.
pub(crate) async fn find<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    id: DispatchId,
) -> Result<StoredDispatch, Failure> {
    let rows = by_ids(connection, scope, &[id]).await?;
    Ok(rows.into_iter().next().ok_or_else(Refusal::not_found)?)
}

/// Dispatches within reach by their identifiers.
pub(crate) async fn by_ids<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    ids: &[DispatchId],
) -> Result<Vec<StoredDispatch>, Failure> {
    let rows = Query::new("SELECT ")
        .text(COLUMNS)
        .text(" FROM webhook_dispatch WHERE id IN ")
        .list(ids.iter().map(|id| id.uuid()))
        .text(" AND ")
        .within(scope)
        .all(connection)
        .await?;
    rows.iter().map(read).collect()
}

/// One page of the delivery log within reach, newest first.
pub(crate) async fn list<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    filter: &DispatchFilter,
    page: &PageRequest,
) -> Result<Page<StoredDispatch>, Failure> {
    let narrow = |mut query: Query| {
        query = query.within(scope);
        if let Some(endpoint) = filter.endpoint {
            query = query.text(" AND endpoint = ").value(endpoint.uuid());
        }
        if let Some(subject) = &filter.subject {
            query = query.text(" AND subject = ").value(subject.as_str());
        }
        if !filter.states.is_empty() {
            query = query.text(" AND state IN ").list(filter.states.iter().map(|state| state.name()));
        }
        query
    };
    let query = narrow(Query::new("SELECT ").text(COLUMNS).text(" FROM webhook_dispatch WHERE "));
    let rows = newest_first(query, page).all(connection).await?;
    let rows = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let total = if page.count {
        Some(count(connection, narrow(Query::new("SELECT COUNT(*) AS n FROM webhook_dispatch WHERE "))).await?)
    } else {
        None
    };
    Ok(Page::cut(rows, page, total, |row| Cursor { key: row.created_at.millis(), id: row.id.uuid() }))
}

/// The newest 50 attempts of each dispatch within reach, oldest first.
pub(crate) async fn attempts<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    dispatches: &[DispatchId],
) -> Result<Vec<DeliveryAttempt>, Failure> {
    let rows = Query::new(
        "SELECT id, dispatch, at, outcome, status, failure, latency_ms, excerpt FROM (SELECT webhook_attempt.*, \
         ROW_NUMBER() OVER (PARTITION BY dispatch ORDER BY at DESC, id DESC) AS place FROM webhook_attempt \
         WHERE dispatch IN (SELECT id FROM webhook_dispatch WHERE id IN ",
    )
    .list(dispatches.iter().map(|id| id.uuid()))
    .text(" AND ")
    .within(scope)
    .text(")) AS ranked WHERE place <= 50 ORDER BY dispatch, at, id")
    .all(connection)
    .await?;
    rows.iter().map(read_attempt).collect()
}

const fn priority(urgency: Urgency) -> i32 {
    match urgency {
        Urgency::Flash => 0,
        Urgency::Urgent => 1,
        Urgency::Routine => 2,
    }
}

fn read(row: &QueryResult) -> Result<StoredDispatch, Failure> {
    let id = DispatchId::from_uuid(row.try_get("", "id")?);
    let broken = |column| CorruptRow::new(TABLE, column, id.to_string());
    let region: i32 = row.try_get("", "region")?;
    let (kind, urgency, state): (String, String, String) =
        (row.try_get("", "kind")?, row.try_get("", "urgency")?, row.try_get("", "state")?);
    let delivered_at: Option<i64> = row.try_get("", "delivered_at")?;
    Ok(StoredDispatch {
        id,
        message: MessageId::from_uuid(row.try_get("", "message")?),
        endpoint: EndpointId::from_uuid(row.try_get("", "endpoint")?),
        organisation: OrganisationId::from_uuid(row.try_get("", "organisation")?),
        region: u32::try_from(region)
            .ok()
            .and_then(|code| Region::from_number(code).ok())
            .ok_or_else(|| broken("region"))?,
        kind: MessageKind::from_name(&kind).ok_or_else(|| broken("kind"))?,
        subject: row.try_get("", "subject")?,
        generation: row.try_get("", "generation")?,
        urgency: Urgency::from_name(&urgency).ok_or_else(|| broken("urgency"))?,
        body: row.try_get("", "body")?,
        state: DispatchState::from_name(&state).ok_or_else(|| broken("state"))?,
        attempts: row.try_get("", "attempts")?,
        due: Timestamp::from_millis(row.try_get("", "due")?),
        lease_until: Timestamp::from_millis(row.try_get("", "lease_until")?),
        fence: row.try_get("", "fence")?,
        begun_at: Timestamp::from_millis(row.try_get("", "begun_at")?),
        created_at: Timestamp::from_millis(row.try_get("", "created_at")?),
        delivered_at: delivered_at.map(Timestamp::from_millis),
    })
}

fn read_attempt(row: &QueryResult) -> Result<DeliveryAttempt, Failure> {
    let id = DeliveryId::from_uuid(row.try_get("", "id")?);
    let outcome: String = row.try_get("", "outcome")?;
    Ok(DeliveryAttempt {
        id,
        dispatch: DispatchId::from_uuid(row.try_get("", "dispatch")?),
        at: Timestamp::from_millis(row.try_get("", "at")?),
        outcome: AttemptOutcome::from_name(&outcome)
            .ok_or_else(|| CorruptRow::new("webhook_attempt", "outcome", id.to_string()))?,
        status: row.try_get("", "status")?,
        failure: row.try_get("", "failure")?,
        latency_ms: row.try_get("", "latency_ms")?,
        excerpt: row.try_get("", "excerpt")?,
    })
}
