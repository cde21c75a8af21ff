//! Rows of endpoints and their keys.

use cordon_context::{
    Cursor, EndpointId, OrganisationId, Page, PageRequest, Refusal, Region, Scope, Timestamp, WebhookKeyId,
};
use cordon_disposal_contract::delivery::{
    Circuit, DisabledReason, Endpoint, EndpointFilter, EndpointState, MessageKind, SignatureKind, WebhookKey,
};
use cordon_policies::{Grant, act, on};
use cordon_store::{CorruptRow, Failure, Tx, paging};
use sea_orm::{ConnectionTrait, QueryResult};
use uuid::Uuid;

use super::delivery_query::{Query, number};

const TABLE: &str = "webhook_endpoint";
const COLUMNS: &str = "id, organisation, region, label, url, kinds, state, disabled_reason, failures, opened, open_until, \
    probe_until, last_success_at, created_at, version";

/// An endpoint as it is stored, without its keys.
#[derive(Clone, Debug)]
pub(crate) struct StoredEndpoint {
    pub(crate) id: EndpointId,
    pub(crate) organisation: OrganisationId,
    pub(crate) region: Region,
    pub(crate) label: String,
    pub(crate) url: String,
    pub(crate) kinds: Vec<MessageKind>,
    pub(crate) state: EndpointState,
    pub(crate) disabled_reason: Option<DisabledReason>,
    pub(crate) breaker: Breaker,
    pub(crate) last_success_at: Option<Timestamp>,
    pub(crate) created_at: Timestamp,
    pub(crate) version: i64,
}

/// The stored part of a circuit breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Breaker {
    /// Failures since the last success.
    pub(crate) failures: i32,
    /// How often it opened since the last success.
    pub(crate) opened: i32,
    /// Until when nothing is sent; zero while it is closed.
    pub(crate) open_until: Timestamp,
    /// Until when somebody holds the right to try.
    pub(crate) probe_until: Timestamp,
}

impl Breaker {
    pub(crate) const CLOSED: Self =
        Self { failures: 0, opened: 0, open_until: Timestamp::from_millis(0), probe_until: Timestamp::from_millis(0) };

    pub(crate) fn circuit(&self, now: Timestamp) -> Circuit {
        if self.open_until.millis() == 0 {
            Circuit::Closed
        } else if self.open_until > now {
            Circuit::Open
        } else {
            Circuit::HalfOpen
        }
    }
}

impl StoredEndpoint {
    /// The shape that others see.
    pub(crate) fn with_keys(self, keys: Vec<WebhookKey>, now: Timestamp) -> Endpoint {
        let Self {
            id,
            organisation,
            region: _,
            label,
            url,
            kinds,
            state,
            disabled_reason,
            breaker,
            last_success_at,
            created_at,
            version,
        } = self;
        let circuit = breaker.circuit(now);
        Endpoint {
            id,
            organisation,
            label,
            url,
            kinds,
            state,
            disabled_reason,
            circuit,
            consecutive_failures: breaker.failures,
            open_until: (circuit == Circuit::Open).then_some(breaker.open_until),
            last_success_at,
            keys,
            created_at,
            version,
        }
    }

    /// Whether it wants to be told this.
    pub(crate) fn wants(&self, kind: MessageKind) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&kind)
    }
}

/// A signing key as it is stored.
#[derive(Clone)]
pub(crate) struct StoredKey {
    pub(crate) key: WebhookKey,
    pub(crate) endpoint: EndpointId,
    /// Sealed for this row's `secret`.
    pub(crate) secret: Vec<u8>,
}

/// Writes a new endpoint.
pub(crate) async fn insert(
    tx: &Tx,
    _grant: &Grant<act::Create, on::Endpoint>,
    endpoint: &StoredEndpoint,
) -> Result<(), Failure> {
    Query::new("INSERT INTO webhook_endpoint (")
        .text(COLUMNS)
        .text(") VALUES (")
        .value(endpoint.id.uuid())
        .text(", ")
        .value(endpoint.organisation.uuid())
        .text(", ")
        .value(number(endpoint.region.number()))
        .text(", ")
        .value(endpoint.label.clone())
        .text(", ")
        .value(endpoint.url.clone())
        .text(", ")
        .value(words(&endpoint.kinds))
        .text(", ")
        .value(endpoint.state.name())
        .text(", NULL, 0, 0, 0, 0, NULL, ")
        .value(endpoint.created_at.millis())
        .text(", ")
        .value(endpoint.version)
        .text(")")
        .run(tx.connection())
        .await?;
    Ok(())
}

/// Writes what a person changed; somebody else's change in between is a conflict.
pub(crate) async fn update(
    tx: &Tx,
    _grant: &Grant<act::Modify, on::Endpoint>,
    endpoint: &StoredEndpoint,
) -> Result<(), Failure> {
    let changed = Query::new("UPDATE webhook_endpoint SET label = ")
        .value(endpoint.label.clone())
        .text(", url = ")
        .value(endpoint.url.clone())
        .text(", kinds = ")
        .value(words(&endpoint.kinds))
        .text(", state = ")
        .value(endpoint.state.name())
        .text(", disabled_reason = ")
        .value(endpoint.disabled_reason.map(DisabledReason::name))
        .text(", failures = ")
        .value(endpoint.breaker.failures)
        .text(", opened = ")
        .value(endpoint.breaker.opened)
        .text(", open_until = ")
        .value(endpoint.breaker.open_until.millis())
        .text(", probe_until = ")
        .value(endpoint.breaker.probe_until.millis())
        .text(", version = ")
        .value(endpoint.version + 1)
        .text(" WHERE id = ")
        .value(endpoint.id.uuid())
        .text(" AND version = ")
        .value(endpoint.version)
        .run(tx.connection())
        .await?;
    if changed == 1 { Ok(()) } else { Err(Refusal::conflict().into()) }
}

/// Writes a new key.
pub(crate) async fn insert_key<A>(tx: &Tx, _grant: &Grant<A, on::Endpoint>, key: &StoredKey) -> Result<(), Failure> {
    Query::new("INSERT INTO webhook_key (id, endpoint, kind, secret, public, created_at, retires_at) VALUES (")
        .value(key.key.id.uuid())
        .text(", ")
        .value(key.endpoint.uuid())
        .text(", ")
        .value(key.key.kind.name())
        .text(", ")
        .value(key.secret.clone())
        .text(", ")
        .value(key.key.public.clone())
        .text(", ")
        .value(key.key.created_at.millis())
        .text(", NULL)")
        .run(tx.connection())
        .await?;
    Ok(())
}

/// Lets every key but the newest sign only until `until`.
pub(crate) async fn retire_keys(
    tx: &Tx,
    _grant: &Grant<act::Modify, on::Endpoint>,
    endpoint: EndpointId,
    keep: WebhookKeyId,
    until: Timestamp,
) -> Result<(), Failure> {
    Query::new("UPDATE webhook_key SET retires_at = ")
        .value(until.millis())
        .text(" WHERE endpoint = ")
        .value(endpoint.uuid())
        .text(" AND id <> ")
        .value(keep.uuid())
        .text(" AND (retires_at IS NULL OR retires_at > ")
        .value(until.millis())
        .text(")")
        .run(tx.connection())
        .await?;
    Ok(())
}

/// One endpoint within reach; a removed one reads as absent.
pub(crate) async fn find<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    id: EndpointId,
) -> Result<StoredEndpoint, Failure> {
    let row = Query::new("SELECT ")
        .text(COLUMNS)
        .text(" FROM webhook_endpoint WHERE id = ")
        .value(id.uuid())
        .text(" AND state <> 'removed' AND ")
        .within(scope)
        .one(connection)
        .await?;
    read(&row.ok_or_else(Refusal::not_found)?)
}

/// Endpoints within reach by their identifiers.
pub(crate) async fn by_ids<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    ids: &[EndpointId],
) -> Result<Vec<StoredEndpoint>, Failure> {
    let rows = Query::new("SELECT ")
        .text(COLUMNS)
        .text(" FROM webhook_endpoint WHERE id IN ")
        .list(ids.iter().map(|id| id.uuid()))
        .text(" AND ")
        .within(scope)
        .all(connection)
        .await?;
    rows.iter().map(read).collect()
}

/// Active endpoints of organisations, for a message that is being written.
pub(crate) async fn active_of<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    organisations: &[OrganisationId],
) -> Result<Vec<StoredEndpoint>, Failure> {
    let rows = Query::new("SELECT ")
        .text(COLUMNS)
        .text(" FROM webhook_endpoint WHERE state = 'active' AND organisation IN ")
        .list(organisations.iter().map(|organisation| organisation.uuid()))
        .text(" AND ")
        .within(scope)
        .all(connection)
        .await?;
    rows.iter().map(read).collect()
}

/// One page of endpoints within reach, newest first.
pub(crate) async fn list<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    filter: &EndpointFilter,
    page: &PageRequest,
) -> Result<Page<StoredEndpoint>, Failure> {
    let narrow = |mut query: Query| {
        query = query.within(scope);
        if let Some(organisation) = filter.organisation {
            query = query.text(" AND organisation = ").value(organisation.uuid());
        }
        if filter.states.is_empty() {
            query.text(" AND state <> 'removed'")
        } else {
            query.text(" AND state IN ").list(filter.states.iter().map(|state| state.name()))
        }
    };
    let query = narrow(Query::new("SELECT ").text(COLUMNS).text(" FROM webhook_endpoint WHERE "));
    let rows = newest_first(query, page).all(connection).await?;
    let rows = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let total = if page.count {
        Some(count(connection, narrow(Query::new("SELECT COUNT(*) AS n FROM webhook_endpoint WHERE "))).await?)
    } else {
        None
    };
    Ok(Page::cut(rows, page, total, |row| Cursor { key: row.created_at.millis(), id: row.id.uuid() }))
}

/// Ends a list query: after the cursor, newest first, one row more than wanted.
pub(super) fn newest_first(mut query: Query, page: &PageRequest) -> Query {
    if let Some(after) = &page.after {
        query = query
            .text(" AND (created_at < ")
            .value(after.key)
            .text(" OR (created_at = ")
            .value(after.key)
            .text(" AND id < ")
            .value(after.id)
            .text("))");
    }
    let limit = i64::try_from(paging::fetch_limit(page)).unwrap_or(i64::MAX);
    query.text(" ORDER BY created_at DESC, id DESC LIMIT ").value(limit)
}

pub(super) async fn count<C: ConnectionTrait>(connection: &C, query: Query) -> Result<u64, Failure> {
    let row = query.one(connection).await?.ok_or_else(|| CorruptRow::new(TABLE, "n", "count"))?;
    let count: i64 = row.try_get("", "n")?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// The keys of endpoints that sign now, newest first.
pub(crate) async fn signing_keys<C: ConnectionTrait>(
    connection: &C,
    endpoints: &[EndpointId],
    now: Timestamp,
) -> Result<Vec<StoredKey>, Failure> {
    let rows = Query::new(
        "SELECT id, endpoint, kind, secret, public, created_at, retires_at FROM webhook_key WHERE endpoint IN ",
    )
    .list(endpoints.iter().map(|id| id.uuid()))
    .text(" AND (retires_at IS NULL OR retires_at > ")
    .value(now.millis())
    .text(") ORDER BY created_at DESC, id DESC")
    .all(connection)
    .await?;
    rows.iter().map(read_key).collect()
}

/// Switches an endpoint off on behalf of the platform; tells whether it was on.
pub(crate) async fn disable(
    tx: &Tx,
    _grant: &Grant<act::Modify, on::Endpoint>,
    id: EndpointId,
    reason: DisabledReason,
) -> Result<bool, Failure> {
    let changed = Query::new("UPDATE webhook_endpoint SET state = 'disabled', disabled_reason = ")
        .value(reason.name())
        .text(", version = version + 1 WHERE id = ")
        .value(id.uuid())
        .text(" AND state = 'active'")
        .run(tx.connection())
        .await?;
    Ok(changed == 1)
}

/// Endpoints with messages that are due, and whose circuit lets something through.
pub(crate) async fn due<C: ConnectionTrait>(
    connection: &C,
    now: Timestamp,
) -> Result<Vec<(EndpointId, Breaker)>, Failure> {
    let rows = Query::new(
        "SELECT id, failures, opened, open_until, probe_until FROM webhook_endpoint WHERE state = 'active' AND open_until <= ",
    )
    .value(now.millis())
    .text(" AND EXISTS (SELECT 1 FROM webhook_dispatch d WHERE d.endpoint = webhook_endpoint.id AND d.state = 'pending' AND d.due <= ")
    .value(now.millis())
    .text(" AND d.lease_until <= ")
    .value(now.millis())
    .text(")")
    .all(connection)
    .await?;
    rows.iter().map(|row| Ok((EndpointId::from_uuid(row.try_get("", "id")?), read_breaker(row)?))).collect()
}

/// Takes the right to try an endpoint whose pause is over; only one worker gets it.
pub(crate) async fn take_probe(tx: &Tx, id: EndpointId, until: Timestamp) -> Result<bool, Failure> {
    let now = tx.now().millis();
    let changed = Query::new("UPDATE webhook_endpoint SET probe_until = ")
        .value(until.millis())
        .text(" WHERE id = ")
        .value(id.uuid())
        .text(" AND open_until <= ")
        .value(now)
        .text(" AND probe_until <= ")
        .value(now)
        .run(tx.connection())
        .await?;
    Ok(changed == 1)
}

/// Notes a success: the circuit is closed.
pub(crate) async fn note_success(
    tx: &Tx,
    _grant: &Grant<act::Modify, on::Endpoint>,
    id: EndpointId,
) -> Result<(), Failure> {
    Query::new(
        "UPDATE webhook_endpoint SET failures = 0, opened = 0, open_until = 0, probe_until = 0, last_success_at = ",
    )
    .value(tx.now().millis())
    .text(" WHERE id = ")
    .value(id.uuid())
    .run(tx.connection())
    .await?;
    Ok(())
}

/// Notes a failure with what the breaker makes of it.
pub(crate) async fn note_failure(
    tx: &Tx,
    _grant: &Grant<act::Modify, on::Endpoint>,
    id: EndpointId,
    next: impl FnOnce(Breaker) -> Breaker,
) -> Result<Breaker, Failure> {
    // Several attempts may end at once; each of them counts.
    let lock = match tx.connection().get_database_backend() {
        sea_orm::DbBackend::Postgres => " FOR UPDATE",
        _ => "",
    };
    let row = Query::new("SELECT failures, opened, open_until, probe_until FROM webhook_endpoint WHERE id = ")
        .value(id.uuid())
        .text(lock)
        .one(tx.connection())
        .await?;
    let next = next(read_breaker(&row.ok_or_else(Refusal::not_found)?)?);
    Query::new("UPDATE webhook_endpoint SET failures = ")
        .value(next.failures)
        .text(", opened = ")
        .value(next.opened)
        .text(", open_until = ")
        .value(next.open_until.millis())
        .text(", probe_until = ")
        .value(next.probe_until.millis())
        .text(" WHERE id = ")
        .value(id.uuid())
        .run(tx.connection())
        .await?;
    Ok(next)
}

fn words(kinds: &[MessageKind]) -> String {
    kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(" ")
}

fn read_breaker(row: &QueryResult) -> Result<Breaker, Failure> {
    Ok(Breaker {
        failures: row.try_get("", "failures")?,
        opened: row.try_get("", "opened")?,
        open_until: Timestamp::from_millis(row.try_get("", "open_until")?),
        probe_until: Timestamp::from_millis(row.try_get("", "probe_until")?),
    })
}

fn read(row: &QueryResult) -> Result<StoredEndpoint, Failure> {
    let id: Uuid = row.try_get("", "id")?;
    let id = EndpointId::from_uuid(id);
    let broken = |column| CorruptRow::new(TABLE, column, id.to_string());
    let kinds: String = row.try_get("", "kinds")?;
    let kinds = kinds.split_whitespace().map(|word| MessageKind::from_name(word).ok_or_else(|| broken("kinds")));
    let state: String = row.try_get("", "state")?;
    let reason: Option<String> = row.try_get("", "disabled_reason")?;
    let reason =
        reason.map(|word| DisabledReason::from_name(&word).ok_or_else(|| broken("disabled_reason"))).transpose()?;
    let region: i32 = row.try_get("", "region")?;
    let region =
        u32::try_from(region).ok().and_then(|code| Region::from_number(code).ok()).ok_or_else(|| broken("region"))?;
    let last_success_at: Option<i64> = row.try_get("", "last_success_at")?;
    Ok(StoredEndpoint {
        id,
        organisation: OrganisationId::from_uuid(row.try_get("", "organisation")?),
        region,
        label: row.try_get("", "label")?,
        url: row.try_get("", "url")?,
        kinds: kinds.collect::<Result<_, _>>()?,
        state: EndpointState::from_name(&state).ok_or_else(|| broken("state"))?,
        disabled_reason: reason,
        breaker: read_breaker(row)?,
        last_success_at: last_success_at.map(Timestamp::from_millis),
        created_at: Timestamp::from_millis(row.try_get("", "created_at")?),
        version: row.try_get("", "version")?,
    })
}

fn read_key(row: &QueryResult) -> Result<StoredKey, Failure> {
    let id = WebhookKeyId::from_uuid(row.try_get("", "id")?);
    let kind: String = row.try_get("", "kind")?;
    let retires_at: Option<i64> = row.try_get("", "retires_at")?;
    let kind = SignatureKind::from_name(&kind).ok_or_else(|| CorruptRow::new("webhook_key", "kind", id.to_string()))?;
    Ok(StoredKey {
        key: WebhookKey {
            id,
            kind,
            public: row.try_get("", "public")?,
            created_at: Timestamp::from_millis(row.try_get("", "created_at")?),
            retires_at: retires_at.map(Timestamp::from_millis),
        },
        endpoint: EndpointId::from_uuid(row.try_get("", "endpoint")?),
        secret: row.try_get("", "secret")?,
    })
}
