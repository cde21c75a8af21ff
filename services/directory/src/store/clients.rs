//! Programs and the digests of their secrets.

use cordon_context::{
    ApiClientId, Cursor, Id, OrganisationKind, OrganisationLevel, Page, PageRequest, Refusal, Region, Scope, Timestamp,
};
use cordon_directory_contract::{ApiClient, ClientFilter};
use cordon_policies::{Grant, act, on};
use cordon_store::sql::{COUNT, Direction, Reading, Sql, json_text};
use cordon_store::{Failure, Tx};
use sea_orm::{ConnectionTrait, QueryResult, Value};

use super::organisations::ORGANISATION;
use crate::credentials::token;

const COLUMNS: &str = "c.id, c.organisation, c.label, c.roles, c.allowed_addresses, c.message_keys, c.expires_at, c.previous_until, c.created_at, \
     c.last_seen_at, c.revoked_at, c.version";
const SOURCE: &str = "api_client c JOIN organisation o ON o.id = c.organisation";

fn read(row: &QueryResult) -> Result<ApiClient, Failure> {
    let row = Reading::of(row, "api_client");
    Ok(ApiClient {
        id: row.id("id")?,
        organisation: row.id("organisation")?,
        label: row.get("label")?,
        roles: row.json("roles")?,
        allowed_addresses: row.json("allowed_addresses")?,
        message_keys: row.json("message_keys")?,
        expires_at: row.time("expires_at")?,
        previous_secret_until: row.time_if("previous_until")?,
        created_at: row.time("created_at")?,
        last_seen_at: row.time_if("last_seen_at")?,
        revoked_at: row.time_if("revoked_at")?,
        version: row.get("version")?,
    })
}

/// What decides whether a program is let in.
pub(crate) struct Standing {
    pub(crate) client: ApiClient,
    pub(crate) kind: OrganisationKind,
    pub(crate) level: OrganisationLevel,
    pub(crate) region: Region,
    pub(crate) organisation_active: bool,
    secret_digest: Vec<u8>,
    previous_digest: Option<Vec<u8>>,
}

impl Standing {
    /// Whether the program may act at all now.
    pub(crate) fn may_act(&self, now: Timestamp) -> bool {
        now < self.client.expires_at && self.client.revoked_at.is_none() && self.organisation_active
    }

    /// Whether a secret with this digest works now; both comparisons are made in any case.
    pub(crate) fn accepts(&self, digest: &[u8], now: Timestamp) -> bool {
        let current = token::same(&self.secret_digest, digest) && now < self.client.expires_at;
        let overlapping = self.client.previous_secret_until.is_some_and(|until| now < until);
        let previous =
            self.previous_digest.as_deref().is_some_and(|previous| token::same(previous, digest)) && overlapping;
        (current || previous) && self.client.revoked_at.is_none() && self.organisation_active
    }
}

/// Where a program stands now.
pub(crate) async fn standing(connection: &impl ConnectionTrait, id: ApiClientId) -> Result<Option<Standing>, Failure> {
    Sql::new("SELECT o.kind, o.level, o.region, o.active AS organisation_active, c.secret_digest, c.previous_digest, ")
        .text(COLUMNS)
        .text(" FROM ")
        .text(SOURCE)
        .with(" WHERE c.id = ", id.uuid())
        .one(connection, |row| {
            let client = read(row)?;
            let row = Reading::keyed(row, "organisation", "organisation");
            Ok(Standing {
                client,
                kind: row.named("kind")?,
                level: row.named("level")?,
                region: row.region("region")?,
                organisation_active: row.get("organisation_active")?,
                secret_digest: row.get("secret_digest")?,
                previous_digest: row.get("previous_digest")?,
            })
        })
        .await
}

/// Programs by their identifiers, within reach.
pub(crate) async fn by_ids(
    connection: &impl ConnectionTrait,
    ids: &[ApiClientId],
    scope: &Scope,
) -> Result<Vec<ApiClient>, Failure> {
    Sql::select(COLUMNS, SOURCE)
        .by_ids("c.id", ids, scope, &ORGANISATION)
        .text(" ORDER BY c.created_at, c.id")
        .all(connection, read)
        .await
}

/// One program within reach, or the answer that it is not there.
pub(crate) async fn one(
    connection: &impl ConnectionTrait,
    id: ApiClientId,
    scope: &Scope,
) -> Result<ApiClient, Failure> {
    by_ids(connection, &[id], scope).await?.pop().ok_or_else(|| Refusal::not_found().into())
}

fn select(columns: &'static str, filter: &ClientFilter, scope: &Scope, now: Timestamp) -> Sql {
    let sql = Sql::select(columns, SOURCE)
        .within(scope, &ORGANISATION)
        .with_some(" AND c.organisation = ", filter.organisation.map(Id::uuid));
    match filter.active {
        Some(true) => sql.with(" AND c.revoked_at IS NULL AND c.expires_at > ", now.millis()),
        Some(false) => sql.with(" AND (c.revoked_at IS NOT NULL OR c.expires_at <= ", now.millis()).text(")"),
        None => sql,
    }
}

/// A page of programs within reach, newest first.
pub(crate) async fn page(
    connection: &impl ConnectionTrait,
    filter: &ClientFilter,
    request: &PageRequest,
    scope: &Scope,
    now: Timestamp,
) -> Result<Page<ApiClient>, Failure> {
    let found = select(COLUMNS, filter, scope, now).page("c.created_at", "c.id", Direction::Descending, request);
    let clients = found.all(connection, read).await?;
    let total = select(COUNT, filter, scope, now).total(connection, request).await?;
    Ok(Page::cut(clients, request, total, |client| Cursor { key: client.created_at.millis(), id: client.id.uuid() }))
}

/// Enters a program.
pub(crate) async fn insert(
    tx: &Tx,
    _grant: &Grant<act::Create, on::ApiClient>,
    client: &ApiClient,
    secret_digest: Vec<u8>,
    valid_days: u32,
) -> Result<(), Failure> {
    Sql::new("INSERT INTO api_client (id, organisation, label, roles, allowed_addresses, message_keys, secret_digest, valid_days, expires_at, created_at, version) VALUES ")
        .list([
            Value::from(client.id.uuid()),
            client.organisation.uuid().into(),
            client.label.as_str().into(),
            json_text(&client.roles)?.into(),
            json_text(&client.allowed_addresses)?.into(),
            json_text(&client.message_keys)?.into(),
            secret_digest.into(),
            i32::try_from(valid_days).unwrap_or(i32::MAX).into(),
            client.expires_at.millis().into(),
            client.created_at.millis().into(),
            client.version.into(),
        ])
        .run(tx.connection())
        .await?;
    Ok(())
}

/// For how many days each secret of a program is meant to work.
pub(crate) async fn valid_days(tx: &Tx, id: ApiClientId) -> Result<u32, Failure> {
    let sql = Sql::select("valid_days", "api_client").with("id = ", id.uuid());
    let days: Option<i32> = sql.value(tx.connection()).await?;
    Ok(days.and_then(|days| u32::try_from(days).ok()).ok_or_else(Refusal::not_found)?)
}

/// Keeps a new secret's digest beside the old one's.
pub(crate) async fn rotate(
    tx: &Tx,
    _grant: &Grant<act::Modify, on::ApiClient>,
    client: &ApiClient,
    secret_digest: Vec<u8>,
) -> Result<(), Failure> {
    Sql::new("UPDATE api_client SET previous_digest = secret_digest, previous_until = ")
        .bind(client.previous_secret_until.map(Timestamp::millis))
        .with(", secret_digest = ", secret_digest)
        .with(", expires_at = ", client.expires_at.millis())
        .with(", version = version + 1 WHERE revoked_at IS NULL AND id = ", client.id.uuid())
        .with(" AND version = ", client.version - 1)
        .run_one(tx.connection())
        .await
}

/// Says with which keys a program signs from now on.
pub(crate) async fn set_message_keys(
    tx: &Tx,
    _grant: &Grant<act::Modify, on::ApiClient>,
    client: &ApiClient,
) -> Result<(), Failure> {
    Sql::new("UPDATE api_client SET message_keys = ")
        .bind(json_text(&client.message_keys)?)
        .with(", version = version + 1 WHERE revoked_at IS NULL AND id = ", client.id.uuid())
        .with(" AND version = ", client.version - 1)
        .run_one(tx.connection())
        .await
}

/// Stops a program; `false` if it was stopped before.
pub(crate) async fn revoke(
    tx: &Tx,
    _grant: &Grant<act::Modify, on::ApiClient>,
    id: ApiClientId,
) -> Result<bool, Failure> {
    let changed = Sql::new("UPDATE api_client SET revoked_at = ")
        .bind(tx.now().millis())
        .with(", previous_digest = NULL, version = version + 1 WHERE revoked_at IS NULL AND id = ", id.uuid())
        .run(tx.connection())
        .await?;
    Ok(changed == 1)
}

/// Notes that a program was seen.
pub(crate) async fn touch(tx: &Tx, id: ApiClientId) -> Result<(), Failure> {
    Sql::new("UPDATE api_client SET last_seen_at = ")
        .bind(tx.now().millis())
        .with(" WHERE id = ", id.uuid())
        .run(tx.connection())
        .await?;
    Ok(())
}
