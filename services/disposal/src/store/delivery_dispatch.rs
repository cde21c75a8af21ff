//! Rows of messages on their way, claimed by lease and fence, and of attempts.

use cordon_context::{
    Cursor, DispatchId, EndpointId, Id, MessageId, OrganisationId, Page, PageRequest, Refusal, Region, Scope, Timestamp,
};
use cordon_disposal_contract::Urgency;
use cordon_disposal_contract::delivery::{
    AttemptOutcome, DeliveryAttempt, Dispatch, DispatchFilter, DispatchState, MessageKind, Replay,
};
use cordon_policies::{Grant, act, on};
use cordon_store::sql::{COUNT, Direction, Reading, Sql, region_value};
use cordon_store::{Failure, Tx, bulk};
use sea_orm::{ConnectionTrait, DbBackend, QueryResult};

use super::reach::ENDPOINT;

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
            region_value(row.region).into(),
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
    Sql::new("UPDATE webhook_dispatch SET state = 'superseded', fence = fence + 1 WHERE subject = ")
        .bind(subject)
        .with(" AND state = 'pending' AND kind IN ('task.assigned', 'release.assigned') AND generation < ", below)
        .run(tx.connection())
        .await
}

/// Makes every message pointless that has not arrived at an endpoint which is taken away.
pub(crate) async fn abandon(
    tx: &Tx,
    _grant: &Grant<act::Modify, on::Endpoint>,
    endpoint: EndpointId,
) -> Result<u64, Failure> {
    Sql::new(
        "UPDATE webhook_dispatch SET state = 'superseded', fence = fence + 1 WHERE state = 'pending' AND endpoint = ",
    )
    .bind(endpoint.uuid())
    .run(tx.connection())
    .await
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
    let mut claimed =
        Sql::new("UPDATE webhook_dispatch SET fence = fence + 1, attempts = attempts + 1, lease_until = ")
            .bind(lease_until.millis())
            .with(" WHERE id IN (SELECT id FROM webhook_dispatch WHERE endpoint = ", endpoint.uuid())
            .with(" AND state = 'pending' AND due <= ", now)
            .with(" AND lease_until <= ", now)
            .with(" ORDER BY priority, due, id LIMIT ", limit)
            .text(lock)
            .text(") RETURNING ")
            .text(COLUMNS)
            .all(tx.connection(), read)
            .await?;
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
            Sql::new("UPDATE webhook_dispatch SET state = 'delivered', lease_until = 0, delivered_at = ")
                .bind(tx.now().millis())
        }
        Verdict::Again(due) => Sql::new("UPDATE webhook_dispatch SET lease_until = 0, due = ").bind(due.millis()),
        Verdict::Exhausted => Sql::new("UPDATE webhook_dispatch SET state = 'exhausted', lease_until = 0"),
    };
    let changed = query
        .with(" WHERE id = ", id.uuid())
        .with(" AND fence = ", fence)
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
    Sql::new(
        "UPDATE webhook_dispatch SET state = 'exhausted', fence = fence + 1 WHERE id IN (SELECT id FROM \
        webhook_dispatch WHERE state = 'pending' AND lease_until <= ",
    )
    .bind(tx.now().millis())
    .with(" AND begun_at < ", begun_before.millis())
    .with(" ORDER BY id LIMIT ", limit)
    .text(lock)
    .text(") RETURNING ")
    .text(COLUMNS)
    .all(tx.connection(), read)
    .await
}

/// Forgets messages that were settled long ago, with their attempts; tells how many.
pub(crate) async fn forget(
    tx: &Tx,
    _grant: &Grant<act::Modify, on::Endpoint>,
    created_before: Timestamp,
    limit: i64,
) -> Result<usize, Failure> {
    let ids: Vec<DispatchId> = Sql::select("id", TABLE)
        .with("state <> 'pending' AND created_at < ", created_before.millis())
        .with(" ORDER BY created_at, id LIMIT ", limit)
        .all_ids(tx.connection())
        .await?;
    if !ids.is_empty() {
        Sql::new("DELETE FROM webhook_attempt WHERE dispatch IN ").ids(&ids).run(tx.connection()).await?;
        Sql::new("DELETE FROM webhook_dispatch WHERE id IN ").ids(&ids).run(tx.connection()).await?;
    }
    Ok(ids.len())
}

/// Puts messages back on their way; tells how many.
pub(crate) async fn replay(tx: &Tx, grant: &Grant<act::Execute, on::Endpoint>, which: &Replay) -> Result<u64, Failure> {
    const MOST: i64 = 10_000;
    let now = tx.now().millis();
    let again = Sql::new("UPDATE webhook_dispatch SET state = 'pending', attempts = 0, delivered_at = NULL, due = ")
        .bind(now)
        .with(", begun_at = ", now)
        .with(", fence = fence + 1 WHERE id IN (SELECT id FROM webhook_dispatch WHERE lease_until <= ", now)
        .text(" AND kind <> 'endpoint.test' AND ")
        .within(grant.scope(), &ENDPOINT);
    let again = match which {
        Replay::One { dispatch } => again.with(" AND id = ", dispatch.uuid()),
        Replay::Range { endpoint, from, until, delivered_too } => again
            .with(" AND endpoint = ", endpoint.uuid())
            .with(" AND created_at >= ", from.millis())
            .with(" AND created_at < ", until.millis())
            .text(if *delivered_too { " AND state IN ('exhausted', 'delivered')" } else { " AND state = 'exhausted'" }),
    };
    again.with(" ORDER BY created_at, id LIMIT ", MOST).text(")").run(tx.connection()).await
}

/// One dispatch within reach.
pub(crate) async fn find<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    id: DispatchId,
) -> Result<StoredDispatch, Failure> {
    by_ids(connection, scope, &[id]).await?.pop().ok_or_else(|| Refusal::not_found().into())
}

/// Dispatches within reach by their identifiers.
pub(crate) async fn by_ids<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    ids: &[DispatchId],
) -> Result<Vec<StoredDispatch>, Failure> {
    Sql::select(COLUMNS, "webhook_dispatch").by_ids("id", ids, scope, &ENDPOINT).all(connection, read).await
}

/// One page of the delivery log within reach, newest first.
pub(crate) async fn list<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    filter: &DispatchFilter,
    page: &PageRequest,
) -> Result<Page<StoredDispatch>, Failure> {
    let found = |columns| {
        Sql::select(columns, TABLE)
            .within(scope, &ENDPOINT)
            .with_some(" AND endpoint = ", filter.endpoint.map(Id::uuid))
            .with_some(" AND subject = ", filter.subject.as_deref())
            .with_any(" AND state IN ", filter.states.iter().map(|state| state.name()))
    };
    let rows = found(COLUMNS).page("created_at", "id", Direction::Descending, page).all(connection, read).await?;
    let total = found(COUNT).total(connection, page).await?;
    Ok(Page::cut(rows, page, total, |row| Cursor { key: row.created_at.millis(), id: row.id.uuid() }))
}

/// The newest 50 attempts of each dispatch within reach, oldest first.
pub(crate) async fn attempts<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    dispatches: &[DispatchId],
) -> Result<Vec<DeliveryAttempt>, Failure> {
    Sql::new(
        "SELECT id, dispatch, at, outcome, status, failure, latency_ms, excerpt FROM (SELECT webhook_attempt.*, \
         ROW_NUMBER() OVER (PARTITION BY dispatch ORDER BY at DESC, id DESC) AS place FROM webhook_attempt \
         WHERE dispatch IN (SELECT id FROM webhook_dispatch WHERE ",
    )
    .by_ids("id", dispatches, scope, &ENDPOINT)
    .text(")) AS ranked WHERE place <= 50 ORDER BY dispatch, at, id")
    .all(connection, read_attempt)
    .await
}

const fn priority(urgency: Urgency) -> i32 {
    match urgency {
        Urgency::Flash => 0,
        Urgency::Urgent => 1,
        Urgency::Routine => 2,
    }
}

fn read(row: &QueryResult) -> Result<StoredDispatch, Failure> {
    let row = Reading::of(row, TABLE);
    Ok(StoredDispatch {
        id: row.id("id")?,
        message: row.id("message")?,
        endpoint: row.id("endpoint")?,
        organisation: row.id("organisation")?,
        region: row.region("region")?,
        kind: row.word("kind", MessageKind::from_name)?,
        subject: row.get("subject")?,
        generation: row.get("generation")?,
        urgency: row.word("urgency", Urgency::from_name)?,
        body: row.get("body")?,
        state: row.word("state", DispatchState::from_name)?,
        attempts: row.get("attempts")?,
        due: row.time("due")?,
        lease_until: row.time("lease_until")?,
        fence: row.get("fence")?,
        begun_at: row.time("begun_at")?,
        created_at: row.time("created_at")?,
        delivered_at: row.time_if("delivered_at")?,
    })
}

fn read_attempt(row: &QueryResult) -> Result<DeliveryAttempt, Failure> {
    let row = Reading::of(row, "webhook_attempt");
    Ok(DeliveryAttempt {
        id: row.id("id")?,
        dispatch: row.id("dispatch")?,
        at: row.time("at")?,
        outcome: row.word("outcome", AttemptOutcome::from_name)?,
        status: row.get("status")?,
        failure: row.get("failure")?,
        latency_ms: row.get("latency_ms")?,
        excerpt: row.get("excerpt")?,
    })
}
