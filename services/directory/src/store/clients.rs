//! Programs and the digests of their secrets.

use cordon_context::{
    ApiClientId, OrganisationId, OrganisationKind, OrganisationLevel, Page, PageRequest, Refusal, Region, Scope,
    Timestamp,
};
use cordon_directory_contract::{ApiClient, ClientFilter};
use cordon_policies::{Grant, act, on};
use cordon_store::{CorruptRow, Failure, Tx};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use uuid::Uuid;

use super::sql::{Sql, place};
use super::words::{from_json, from_word, json_of, region};
use crate::credentials::token;

const TABLE: &str = "api_client";
const COLUMNS: &str =
    "SELECT c.id, c.organisation, c.label, c.roles, c.allowed_addresses, c.expires_at, c.previous_until, c.created_at,
    c.last_seen_at, c.revoked_at, c.version FROM api_client c JOIN organisation o ON o.id = c.organisation WHERE 1 = 1";

#[derive(FromQueryResult)]
struct ClientRow {
    id: Uuid,
    organisation: Uuid,
    label: String,
    roles: String,
    allowed_addresses: String,
    expires_at: i64,
    previous_until: Option<i64>,
    created_at: i64,
    last_seen_at: Option<i64>,
    revoked_at: Option<i64>,
    version: i64,
}

impl TryFrom<ClientRow> for ApiClient {
    type Error = CorruptRow;

    fn try_from(row: ClientRow) -> Result<Self, CorruptRow> {
        let ClientRow {
            id,
            organisation,
            label,
            roles,
            allowed_addresses,
            expires_at,
            previous_until,
            created_at,
            last_seen_at,
            revoked_at,
            version,
        } = row;
        Ok(Self {
            id: ApiClientId::from_uuid(id),
            organisation: OrganisationId::from_uuid(organisation),
            label,
            roles: from_json(&roles, TABLE, "roles", id)?,
            allowed_addresses: from_json(&allowed_addresses, TABLE, "allowed_addresses", id)?,
            expires_at: Timestamp::from_millis(expires_at),
            previous_secret_until: previous_until.map(Timestamp::from_millis),
            created_at: Timestamp::from_millis(created_at),
            last_seen_at: last_seen_at.map(Timestamp::from_millis),
            revoked_at: revoked_at.map(Timestamp::from_millis),
            version,
        })
    }
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
    #[derive(FromQueryResult)]
    struct Row {
        kind: String,
        level: String,
        region: i32,
        organisation_active: bool,
        secret_digest: Vec<u8>,
        previous_digest: Option<Vec<u8>>,
    }
    let row: Option<Row> = Sql::new(
        "SELECT o.kind, o.level, o.region, o.active AS organisation_active, c.secret_digest, c.previous_digest
         FROM api_client c JOIN organisation o ON o.id = c.organisation WHERE c.id = ",
    )
    .bind(id.uuid())
    .one(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let client = one(connection, id, &Scope::system("authenticate")).await?;
    Ok(Some(Standing {
        kind: from_word(&row.kind, "organisation", "kind", client.organisation)?,
        level: from_word(&row.level, "organisation", "level", client.organisation)?,
        region: region(row.region, "organisation", client.organisation)?,
        organisation_active: row.organisation_active,
        secret_digest: row.secret_digest,
        previous_digest: row.previous_digest,
        client,
    }))
}

/// Programs by their identifiers, within reach.
pub(crate) async fn by_ids(
    connection: &impl ConnectionTrait,
    ids: &[ApiClientId],
    scope: &Scope,
) -> Result<Vec<ApiClient>, Failure> {
    let rows: Vec<ClientRow> = Sql::new(COLUMNS)
        .text(" AND c.id IN ")
        .bind_all(ids.iter().map(|id| id.uuid()))
        .within(scope)
        .text(" ORDER BY c.created_at, c.id")
        .all(connection)
        .await?;
    rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
}

/// One program within reach, or the answer that it is not there.
pub(crate) async fn one(
    connection: &impl ConnectionTrait,
    id: ApiClientId,
    scope: &Scope,
) -> Result<ApiClient, Failure> {
    by_ids(connection, &[id], scope).await?.pop().ok_or_else(|| Refusal::not_found().into())
}

fn narrowed(mut sql: Sql, filter: &ClientFilter, now: Timestamp) -> Sql {
    if let Some(organisation) = filter.organisation {
        sql = sql.text(" AND c.organisation = ").bind(organisation.uuid());
    }
    match filter.active {
        Some(true) => sql.text(" AND c.revoked_at IS NULL AND c.expires_at > ").bind(now.millis()),
        Some(false) => sql.text(" AND (c.revoked_at IS NOT NULL OR c.expires_at <= ").bind(now.millis()).text(")"),
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
    let rows: Vec<ClientRow> = narrowed(Sql::new(COLUMNS), filter, now)
        .within(scope)
        .descending_after(request, "c.created_at", "c.id")
        .text(" ORDER BY c.created_at DESC, c.id DESC")
        .limit(request)
        .all(connection)
        .await?;
    let total = if request.count {
        let sql = Sql::new(
            "SELECT COUNT(*) AS count FROM api_client c JOIN organisation o ON o.id = c.organisation WHERE 1 = 1",
        );
        Some(narrowed(sql, filter, now).within(scope).count(connection).await?)
    } else {
        None
    };
    let clients = rows.into_iter().map(|row| Ok(row.try_into()?)).collect::<Result<Vec<ApiClient>, Failure>>()?;
    Ok(Page::cut(clients, request, total, |client| place(client.created_at.millis(), client.id.uuid())))
}

/// Enters a program.
pub(crate) async fn insert(
    tx: &Tx,
    _grant: &Grant<act::Create, on::ApiClient>,
    client: &ApiClient,
    secret_digest: Vec<u8>,
    valid_days: u32,
) -> Result<(), Failure> {
    Sql::new("INSERT INTO api_client (id, organisation, label, roles, allowed_addresses, secret_digest, valid_days, expires_at, created_at, version) VALUES ")
        .bind_all([
            Value::from(client.id.uuid()),
            client.organisation.uuid().into(),
            client.label.as_str().into(),
            json_of(&client.roles)?.into(),
            json_of(&client.allowed_addresses)?.into(),
            secret_digest.into(),
            i32::try_from(valid_days).unwrap_or(i32::MAX).into(),
            client.expires_at.millis().into(),
            client.created_at.millis().into(),
            client.version.into(),
        ])
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// For how many days each secret of a program is meant to work.
pub(crate) async fn valid_days(tx: &Tx, id: ApiClientId) -> Result<u32, Failure> {
    #[derive(FromQueryResult)]
    struct Row {
        valid_days: i32,
    }
    let row: Option<Row> =
        Sql::new("SELECT valid_days FROM api_client WHERE id = ").bind(id.uuid()).one(tx.connection()).await?;
    Ok(row.and_then(|row| u32::try_from(row.valid_days).ok()).ok_or_else(Refusal::not_found)?)
}

/// Keeps a new secret's digest beside the old one's.
pub(crate) async fn rotate(
    tx: &Tx,
    _grant: &Grant<act::Modify, on::ApiClient>,
    client: &ApiClient,
    secret_digest: Vec<u8>,
) -> Result<(), Failure> {
    let changed = Sql::new("UPDATE api_client SET previous_digest = secret_digest, previous_until = ")
        .bind(client.previous_secret_until.map(Timestamp::millis))
        .text(", secret_digest = ")
        .bind(secret_digest)
        .text(", expires_at = ")
        .bind(client.expires_at.millis())
        .text(", version = version + 1 WHERE revoked_at IS NULL AND id = ")
        .bind(client.id.uuid())
        .text(" AND version = ")
        .bind(client.version - 1)
        .execute(tx.connection())
        .await?;
    if changed == 1 { Ok(()) } else { Err(Refusal::conflict().into()) }
}

/// Stops a program; `false` if it was stopped before.
pub(crate) async fn revoke(
    tx: &Tx,
    _grant: &Grant<act::Modify, on::ApiClient>,
    id: ApiClientId,
) -> Result<bool, Failure> {
    let changed = Sql::new("UPDATE api_client SET revoked_at = ")
        .bind(tx.now().millis())
        .text(", previous_digest = NULL, version = version + 1 WHERE revoked_at IS NULL AND id = ")
        .bind(id.uuid())
        .execute(tx.connection())
        .await?;
    Ok(changed == 1)
}

/// Notes that a program was seen.
pub(crate) async fn touch(tx: &Tx, id: ApiClientId) -> Result<(), Failure> {
    Sql::new("UPDATE api_client SET last_seen_at = ")
        .bind(tx.now().millis())
        .text(" WHERE id = ")
        .bind(id.uuid())
        .execute(tx.connection())
        .await?;
    Ok(())
}
