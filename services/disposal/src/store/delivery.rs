//! Rows of endpoints and their keys.

use cordon_context::{
    Cursor, EndpointId, Id, OrganisationId, Page, PageRequest, Refusal, Region, Scope, Timestamp, WebhookKeyId,
};
use cordon_disposal_contract::delivery::{
    Circuit, DisabledReason, Endpoint, EndpointFilter, EndpointState, MessageKind, SignatureKind, WebhookKey,
};
use cordon_policies::{Grant, act, on};
use cordon_store::sql::{COUNT, Direction, Reading, Sql, region_value};
use cordon_store::{Failure, Tx};
use sea_orm::{ConnectionTrait, QueryResult};

use super::reach::ENDPOINT;

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
    Sql::new("INSERT INTO webhook_endpoint (")
        .text(COLUMNS)
        .with(") VALUES (", endpoint.id.uuid())
        .with(", ", endpoint.organisation.uuid())
        .with(", ", region_value(endpoint.region))
        .with(", ", endpoint.label.clone())
        .with(", ", endpoint.url.clone())
        .with(", ", words(&endpoint.kinds))
        .with(", ", endpoint.state.name())
        .with(", NULL, 0, 0, 0, 0, NULL, ", endpoint.created_at.millis())
        .with(", ", endpoint.version)
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
    Sql::new("UPDATE webhook_endpoint SET label = ")
        .bind(endpoint.label.clone())
        .with(", url = ", endpoint.url.clone())
        .with(", kinds = ", words(&endpoint.kinds))
        .with(", state = ", endpoint.state.name())
        .with(", disabled_reason = ", endpoint.disabled_reason.map(DisabledReason::name))
        .with(", failures = ", endpoint.breaker.failures)
        .with(", opened = ", endpoint.breaker.opened)
        .with(", open_until = ", endpoint.breaker.open_until.millis())
        .with(", probe_until = ", endpoint.breaker.probe_until.millis())
        .with(", version = ", endpoint.version + 1)
        .with(" WHERE id = ", endpoint.id.uuid())
        .with(" AND version = ", endpoint.version)
        .run_one(tx.connection())
        .await
}

/// Writes a new key.
pub(crate) async fn insert_key<A>(tx: &Tx, _grant: &Grant<A, on::Endpoint>, key: &StoredKey) -> Result<(), Failure> {
    Sql::new("INSERT INTO webhook_key (id, endpoint, kind, secret, public, created_at, retires_at) VALUES (")
        .bind(key.key.id.uuid())
        .with(", ", key.endpoint.uuid())
        .with(", ", key.key.kind.name())
        .with(", ", key.secret.clone())
        .with(", ", key.key.public.clone())
        .with(", ", key.key.created_at.millis())
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
    Sql::new("UPDATE webhook_key SET retires_at = ")
        .bind(until.millis())
        .with(" WHERE endpoint = ", endpoint.uuid())
        .with(" AND id <> ", keep.uuid())
        .with(" AND (retires_at IS NULL OR retires_at > ", until.millis())
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
    let found = Sql::select(COLUMNS, "webhook_endpoint").by_ids("id", &[id], scope, &ENDPOINT);
    let endpoint = found.text(" AND state <> 'removed'").one(connection, read).await?;
    endpoint.ok_or_else(|| Refusal::not_found().into())
}

/// Endpoints within reach by their identifiers.
pub(crate) async fn by_ids<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    ids: &[EndpointId],
) -> Result<Vec<StoredEndpoint>, Failure> {
    Sql::select(COLUMNS, "webhook_endpoint").by_ids("id", ids, scope, &ENDPOINT).all(connection, read).await
}

/// Active endpoints of organisations, for a message that is being written.
pub(crate) async fn active_of<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    organisations: &[OrganisationId],
) -> Result<Vec<StoredEndpoint>, Failure> {
    Sql::select(COLUMNS, "webhook_endpoint")
        .by_ids("organisation", organisations, scope, &ENDPOINT)
        .text(" AND state = 'active'")
        .all(connection, read)
        .await
}

/// One page of endpoints within reach, newest first.
pub(crate) async fn list<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    filter: &EndpointFilter,
    page: &PageRequest,
) -> Result<Page<StoredEndpoint>, Failure> {
    let found = |columns| {
        let found = Sql::select(columns, "webhook_endpoint")
            .within(scope, &ENDPOINT)
            .with_some(" AND organisation = ", filter.organisation.map(Id::uuid))
            .with_any(" AND state IN ", filter.states.iter().map(|state| state.name()));
        if filter.states.is_empty() { found.text(" AND state <> 'removed'") } else { found }
    };
    let rows = found(COLUMNS).page("created_at", "id", Direction::Descending, page).all(connection, read).await?;
    let total = found(COUNT).total(connection, page).await?;
    Ok(Page::cut(rows, page, total, |row| Cursor { key: row.created_at.millis(), id: row.id.uuid() }))
}

/// The keys of endpoints that sign now, newest first.
pub(crate) async fn signing_keys<C: ConnectionTrait>(
    connection: &C,
    endpoints: &[EndpointId],
    now: Timestamp,
) -> Result<Vec<StoredKey>, Failure> {
    Sql::select("id, endpoint, kind, secret, public, created_at, retires_at", "webhook_key")
        .text("endpoint IN ")
        .ids(endpoints)
        .with(" AND (retires_at IS NULL OR retires_at > ", now.millis())
        .text(") ORDER BY created_at DESC, id DESC")
        .all(connection, read_key)
        .await
}

/// Switches an endpoint off on behalf of the platform; tells whether it was on.
pub(crate) async fn disable(
    tx: &Tx,
    _grant: &Grant<act::Modify, on::Endpoint>,
    id: EndpointId,
    reason: DisabledReason,
) -> Result<bool, Failure> {
    let changed = Sql::new("UPDATE webhook_endpoint SET state = 'disabled', disabled_reason = ")
        .bind(reason.name())
        .with(", version = version + 1 WHERE id = ", id.uuid())
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
    let now = now.millis();
    Sql::select("id, failures, opened, open_until, probe_until", "webhook_endpoint")
        .with("state = 'active' AND open_until <= ", now)
        .with(
            " AND EXISTS (SELECT 1 FROM webhook_dispatch d WHERE d.endpoint = webhook_endpoint.id AND d.state = 'pending' \
             AND d.due <= ",
            now,
        )
        .with(" AND d.lease_until <= ", now)
        .text(")")
        .all(connection, |row| Ok((EndpointId::from_uuid(row.try_get("", "id")?), read_breaker(row)?)))
        .await
}

/// Takes the right to try an endpoint whose pause is over; only one worker gets it.
pub(crate) async fn take_probe(tx: &Tx, id: EndpointId, until: Timestamp) -> Result<bool, Failure> {
    let now = tx.now().millis();
    let changed = Sql::new("UPDATE webhook_endpoint SET probe_until = ")
        .bind(until.millis())
        .with(" WHERE id = ", id.uuid())
        .with(" AND open_until <= ", now)
        .with(" AND probe_until <= ", now)
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
    Sql::new(
        "UPDATE webhook_endpoint SET failures = 0, opened = 0, open_until = 0, probe_until = 0, last_success_at = ",
    )
    .bind(tx.now().millis())
    .with(" WHERE id = ", id.uuid())
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
    let held = Sql::select("failures, opened, open_until, probe_until", "webhook_endpoint").with("id = ", id.uuid());
    let next = next(held.text(lock).one(tx.connection(), read_breaker).await?.ok_or_else(Refusal::not_found)?);
    Sql::new("UPDATE webhook_endpoint SET failures = ")
        .bind(next.failures)
        .with(", opened = ", next.opened)
        .with(", open_until = ", next.open_until.millis())
        .with(", probe_until = ", next.probe_until.millis())
        .with(" WHERE id = ", id.uuid())
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
    let reading = Reading::of(row, "webhook_endpoint");
    Ok(StoredEndpoint {
        id: reading.id("id")?,
        organisation: reading.id("organisation")?,
        region: reading.region("region")?,
        label: reading.get("label")?,
        url: reading.get("url")?,
        kinds: reading.word("kinds", |words| words.split_whitespace().map(MessageKind::from_name).collect())?,
        state: reading.word("state", EndpointState::from_name)?,
        disabled_reason: reading.word_if("disabled_reason", DisabledReason::from_name)?,
        breaker: read_breaker(row)?,
        last_success_at: reading.time_if("last_success_at")?,
        created_at: reading.time("created_at")?,
        version: reading.get("version")?,
    })
}

fn read_key(row: &QueryResult) -> Result<StoredKey, Failure> {
    let row = Reading::of(row, "webhook_key");
    Ok(StoredKey {
        key: WebhookKey {
            id: row.id("id")?,
            kind: row.word("kind", SignatureKind::from_name)?,
            public: row.get("public")?,
            created_at: row.time("created_at")?,
            retires_at: row.time_if("retires_at")?,
        },
        endpoint: row.id("endpoint")?,
        secret: row.get("secret")?,
    })
}
