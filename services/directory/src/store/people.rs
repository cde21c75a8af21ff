//! People and what they prove themselves with.

use cordon_context::{
    OrganisationId, OrganisationKind, OrganisationLevel, Page, PageRequest, PersonId, Refusal, Region, Role, Scope,
    Timestamp,
};
use cordon_directory_contract::{Person, PersonFilter};
use cordon_policies::{Grant, act, on};
use cordon_store::{Failure, Tx};
use cordon_vault::{BlindIndex, Place, Vault};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use uuid::Uuid;

use super::sql::{Sql, place};
use super::words::{from_word, region};
use crate::domain::names;

const TABLE: &str = "person";
/// The field under which logins are found.
const LOGIN_FIELD: &str = "directory.login";
const COLUMNS: &str = "SELECT p.id, p.organisation, p.name, p.post, p.active, p.code_secret, p.created_at, p.version
    FROM person p JOIN organisation o ON o.id = p.organisation WHERE 1 = 1";

#[derive(FromQueryResult)]
struct PersonRow {
    id: Uuid,
    organisation: Uuid,
    name: Vec<u8>,
    post: String,
    active: bool,
    code_secret: Option<Vec<u8>>,
    created_at: i64,
    version: i64,
}

impl PersonRow {
    fn into_domain(self, vault: &Vault) -> Result<Person, Failure> {
        let Self { id, organisation, name, post, active, code_secret, created_at, version } = self;
        let name = open_text(vault, "name", id, &name)?;
        Ok(Person {
            id: PersonId::from_uuid(id),
            organisation: OrganisationId::from_uuid(organisation),
            masked_name: names::masked(&name),
            post,
            active,
            code_enrolled: code_secret.is_some(),
            created_at: Timestamp::from_millis(created_at),
            version,
        })
    }
}

fn seal(vault: &Vault, column: &str, id: Uuid, value: &[u8]) -> Result<Vec<u8>, Failure> {
    let sealed = vault.seal(Place::new(TABLE, column, id.as_bytes()), value);
    Ok(sealed.map_err(|source| Failure::internal("a person's field could not be sealed", source))?.into_vec())
}

fn open_text(vault: &Vault, column: &str, id: Uuid, stored: &[u8]) -> Result<String, Failure> {
    vault
        .open_text(Place::new(TABLE, column, id.as_bytes()), stored)
        .map_err(|source| Failure::internal("a person's field could not be opened", source))
}

/// The fingerprints under which a login may be stored, the current one first.
pub(crate) fn login_indexes(vault: &Vault, login: &str) -> Result<Vec<Vec<u8>>, Failure> {
    let all = vault
        .blind_index_all(LOGIN_FIELD, login.as_bytes())
        .map_err(|source| Failure::internal("a login could not be fingerprinted", source))?;
    Ok(all.into_iter().map(BlindIndex::to_vec).collect())
}

/// What is needed to let a person in.
pub(crate) struct Credentials {
    pub(crate) person: PersonId,
    pub(crate) organisation: OrganisationId,
    /// Whether the person and the organisation may act.
    pub(crate) active: bool,
    pub(crate) login_index: Vec<u8>,
    pub(crate) password_hash: String,
    /// The secret of the one-time code, opened.
    pub(crate) code_secret: Option<Vec<u8>>,
    /// A secret that waits for its first code, opened.
    pub(crate) code_pending: Option<Vec<u8>>,
    pub(crate) code_step: Option<i64>,
    login: Vec<u8>,
    name: Vec<u8>,
}

impl Credentials {
    /// The login and the name in the clear.
    pub(crate) fn login_and_name(&self, vault: &Vault) -> Result<(String, String), Failure> {
        let id = self.person.uuid();
        Ok((open_text(vault, "login", id, &self.login)?, open_text(vault, "name", id, &self.name)?))
    }
}

#[derive(FromQueryResult)]
struct CredentialsRow {
    id: Uuid,
    organisation: Uuid,
    login_index: Vec<u8>,
    login: Vec<u8>,
    name: Vec<u8>,
    active: bool,
    organisation_active: bool,
    password_hash: String,
    code_secret: Option<Vec<u8>>,
    code_pending: Option<Vec<u8>>,
    code_step: Option<i64>,
}

const CREDENTIALS: &str =
    "SELECT p.id, p.organisation, p.login_index, p.login, p.name, p.active, o.active AS organisation_active,
    p.password_hash, p.code_secret, p.code_pending, p.code_step
    FROM person p JOIN organisation o ON o.id = p.organisation WHERE ";

async fn credentials(
    connection: &impl ConnectionTrait,
    vault: &Vault,
    sql: Sql,
) -> Result<Option<Credentials>, Failure> {
    let Some(row) = sql.one::<CredentialsRow>(connection).await? else { return Ok(None) };
    let open = |column: &str, stored: Option<Vec<u8>>| -> Result<Option<Vec<u8>>, Failure> {
        let Some(stored) = stored else { return Ok(None) };
        let secret = vault
            .open(Place::new(TABLE, column, row.id.as_bytes()), &stored)
            .map_err(|source| Failure::internal("a code's secret could not be opened", source))?;
        Ok(Some(secret.expose().to_vec()))
    };
    Ok(Some(Credentials {
        person: PersonId::from_uuid(row.id),
        organisation: OrganisationId::from_uuid(row.organisation),
        active: row.active && row.organisation_active,
        login_index: row.login_index,
        password_hash: row.password_hash,
        code_secret: open("code_secret", row.code_secret)?,
        code_pending: open("code_pending", row.code_pending)?,
        code_step: row.code_step,
        login: row.login,
        name: row.name,
    }))
}

/// The credentials behind a login.
pub(crate) async fn credentials_by_login(
    connection: &impl ConnectionTrait,
    vault: &Vault,
    indexes: &[Vec<u8>],
) -> Result<Option<Credentials>, Failure> {
    credentials(connection, vault, Sql::new(CREDENTIALS).text("p.login_index IN ").bind_all(indexes.to_vec())).await
}

/// The credentials of a person who acts in their own matter.
pub(crate) async fn credentials_of(
    connection: &impl ConnectionTrait,
    vault: &Vault,
    person: PersonId,
) -> Result<Credentials, Failure> {
    let found = credentials(connection, vault, Sql::new(CREDENTIALS).text("p.id = ").bind(person.uuid())).await?;
    found.ok_or_else(|| Refusal::not_found().into())
}

/// A person's place, read at every request.
pub(crate) struct Standing {
    pub(crate) organisation: OrganisationId,
    pub(crate) kind: OrganisationKind,
    pub(crate) level: OrganisationLevel,
    pub(crate) region: Region,
    pub(crate) active: bool,
    pub(crate) must_change: bool,
    pub(crate) code_enrolled: bool,
}

/// Where a person stands now.
pub(crate) async fn standing(connection: &impl ConnectionTrait, person: PersonId) -> Result<Option<Standing>, Failure> {
    #[derive(FromQueryResult)]
    struct Row {
        organisation: Uuid,
        kind: String,
        level: String,
        region: i32,
        active: bool,
        organisation_active: bool,
        must_change: bool,
        code_secret: Option<Vec<u8>>,
    }
    let row: Option<Row> = Sql::new(
        "SELECT p.organisation, o.kind, o.level, o.region, p.active, o.active AS organisation_active, p.must_change, p.code_secret
         FROM person p JOIN organisation o ON o.id = p.organisation WHERE p.id = ",
    )
    .bind(person.uuid())
    .one(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Standing {
        organisation: OrganisationId::from_uuid(row.organisation),
        kind: from_word(&row.kind, "organisation", "kind", row.organisation)?,
        level: from_word(&row.level, "organisation", "level", row.organisation)?,
        region: region(row.region, "organisation", row.organisation)?,
        active: row.active && row.organisation_active,
        must_change: row.must_change,
        code_enrolled: row.code_secret.is_some(),
    }))
}

/// People by their identifiers, within reach.
pub(crate) async fn by_ids(
    connection: &impl ConnectionTrait,
    vault: &Vault,
    ids: &[PersonId],
    scope: &Scope,
) -> Result<Vec<Person>, Failure> {
    let rows: Vec<PersonRow> = Sql::new(COLUMNS)
        .text(" AND p.id IN ")
        .bind_all(ids.iter().map(|id| id.uuid()))
        .within(scope)
        .text(" ORDER BY p.created_at, p.id")
        .all(connection)
        .await?;
    rows.into_iter().map(|row| row.into_domain(vault)).collect()
}

/// One person within reach, or the answer that they are not there.
pub(crate) async fn one(
    connection: &impl ConnectionTrait,
    vault: &Vault,
    id: PersonId,
    scope: &Scope,
) -> Result<Person, Failure> {
    by_ids(connection, vault, &[id], scope).await?.pop().ok_or_else(|| Refusal::not_found().into())
}

fn narrowed(mut sql: Sql, filter: &PersonFilter, now: Timestamp) -> Sql {
    if let Some(organisation) = filter.organisation {
        sql = sql.text(" AND p.organisation = ").bind(organisation.uuid());
    }
    if let Some(active) = filter.active {
        sql = sql.text(" AND p.active = ").bind(active);
    }
    if let Some(role) = filter.role {
        let now = now.millis();
        sql = sql
            .text(" AND (EXISTS (SELECT 1 FROM role_assignment a WHERE a.person = p.id AND a.withdrawn_at IS NULL AND a.role = ")
            .bind(role.name())
            .text(" AND a.valid_from <= ")
            .bind(now)
            .text(" AND (a.valid_to IS NULL OR a.valid_to > ")
            .bind(now)
            .text(")) OR EXISTS (SELECT 1 FROM delegation d JOIN role_assignment a ON a.person = d.from_person AND a.role = d.role WHERE d.to_person = p.id AND d.revoked_at IS NULL AND d.role = ")
            .bind(role.name())
            .text(" AND d.valid_from <= ")
            .bind(now)
            .text(" AND d.valid_to > ")
            .bind(now)
            .text(" AND a.withdrawn_at IS NULL AND a.valid_from <= ")
            .bind(now)
            .text(" AND (a.valid_to IS NULL OR a.valid_to > ")
            .bind(now)
            .text(")))");
    }
    sql
}

/// A page of people within reach, by the time they were entered.
pub(crate) async fn page(
    connection: &impl ConnectionTrait,
    vault: &Vault,
    filter: &PersonFilter,
    request: &PageRequest,
    scope: &Scope,
    now: Timestamp,
) -> Result<Page<Person>, Failure> {
    let rows: Vec<PersonRow> = narrowed(Sql::new(COLUMNS), filter, now)
        .within(scope)
        .ascending_after(request, "p.created_at", "p.id")
        .text(" ORDER BY p.created_at, p.id")
        .limit(request)
        .all(connection)
        .await?;
    let total = if request.count {
        let sql =
            Sql::new("SELECT COUNT(*) AS count FROM person p JOIN organisation o ON o.id = p.organisation WHERE 1 = 1");
        Some(narrowed(sql, filter, now).within(scope).count(connection).await?)
    } else {
        None
    };
    let people = rows.into_iter().map(|row| row.into_domain(vault)).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(people, request, total, |person| place(person.created_at.millis(), person.id.uuid())))
}

/// A person who is about to be entered.
pub(crate) struct NewRow<'a> {
    pub(crate) id: PersonId,
    pub(crate) organisation: OrganisationId,
    pub(crate) login: &'a str,
    pub(crate) name: &'a str,
    pub(crate) post: &'a str,
    pub(crate) password_hash: &'a str,
    pub(crate) must_change: bool,
}

/// Enters a person.
pub(crate) async fn insert(
    tx: &Tx,
    vault: &Vault,
    _grant: &Grant<act::Create, on::Person>,
    person: &NewRow<'_>,
) -> Result<(), Failure> {
    let id = person.id.uuid();
    let index = vault
        .blind_index(LOGIN_FIELD, person.login.as_bytes())
        .map_err(|source| Failure::internal("a login could not be fingerprinted", source))?;
    Sql::new("INSERT INTO person (id, organisation, login_index, login, name, post, active, password_hash, must_change, created_at, changed_at, version) VALUES ")
        .bind_all([
            Value::from(id),
            person.organisation.uuid().into(),
            index.to_vec().into(),
            seal(vault, "login", id, person.login.as_bytes())?.into(),
            seal(vault, "name", id, person.name.as_bytes())?.into(),
            person.post.into(),
            true.into(),
            person.password_hash.into(),
            person.must_change.into(),
            tx.now().millis().into(),
            tx.now().millis().into(),
            1_i64.into(),
        ])
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Lets a person act or stops them, if they are still as the caller saw them.
pub(crate) async fn set_active(
    tx: &Tx,
    _grant: &Grant<act::Modify, on::Person>,
    person: PersonId,
    version: i64,
    active: bool,
) -> Result<(), Failure> {
    let changed = Sql::new("UPDATE person SET active = ")
        .bind(active)
        .text(", version = version + 1, changed_at = ")
        .bind(tx.now().millis())
        .text(" WHERE id = ")
        .bind(person.uuid())
        .text(" AND version = ")
        .bind(version)
        .execute(tx.connection())
        .await?;
    if changed == 1 { Ok(()) } else { Err(Refusal::conflict().into()) }
}

/// Holds a person's row until the transaction ends, so that two changes of their duties see each other.
pub(crate) async fn hold(tx: &Tx, person: PersonId) -> Result<(), Failure> {
    let found = Sql::new("UPDATE person SET changed_at = ")
        .bind(tx.now().millis())
        .text(" WHERE id = ")
        .bind(person.uuid())
        .execute(tx.connection())
        .await?;
    if found == 1 { Ok(()) } else { Err(Refusal::not_found().into()) }
}

/// Keeps another hash of a password.
pub(crate) async fn set_password(tx: &Tx, person: PersonId, hash: &str, must_change: bool) -> Result<(), Failure> {
    Sql::new("UPDATE person SET password_hash = ")
        .bind(hash)
        .text(", must_change = ")
        .bind(must_change)
        .text(", changed_at = ")
        .bind(tx.now().millis())
        .text(" WHERE id = ")
        .bind(person.uuid())
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Holds the row of a person who still has this password and may act; `false` if a reset or a stop was faster.
pub(crate) async fn hold_unchanged(tx: &Tx, person: PersonId, hash: &str) -> Result<bool, Failure> {
    let held = Sql::new("UPDATE person SET changed_at = changed_at WHERE active AND id = ")
        .bind(person.uuid())
        .text(" AND password_hash = ")
        .bind(hash)
        .execute(tx.connection())
        .await?;
    Ok(held == 1)
}

/// Keeps a dearer hash of the same password, unless it was changed in the meantime.
pub(crate) async fn rehash(tx: &Tx, person: PersonId, before: &str, after: &str) -> Result<(), Failure> {
    Sql::new("UPDATE person SET password_hash = ")
        .bind(after)
        .text(" WHERE id = ")
        .bind(person.uuid())
        .text(" AND password_hash = ")
        .bind(before)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Marks a code's step as used; `false` if it or a later one was used before.
pub(crate) async fn use_step(tx: &Tx, person: PersonId, step: i64) -> Result<bool, Failure> {
    let changed = Sql::new("UPDATE person SET code_step = ")
        .bind(step)
        .text(" WHERE id = ")
        .bind(person.uuid())
        .text(" AND (code_step IS NULL OR code_step < ")
        .bind(step)
        .text(")")
        .execute(tx.connection())
        .await?;
    Ok(changed == 1)
}

/// Keeps a code's secret until its first code confirms it; refused if the person has a confirmed one.
pub(crate) async fn set_pending_code(tx: &Tx, vault: &Vault, person: PersonId, secret: &[u8]) -> Result<bool, Failure> {
    let id = person.uuid();
    let changed = Sql::new("UPDATE person SET code_pending = ")
        .bind(seal(vault, "code_pending", id, secret)?)
        .text(" WHERE code_secret IS NULL AND id = ")
        .bind(id)
        .execute(tx.connection())
        .await?;
    Ok(changed == 1)
}

/// Takes a confirmed secret into use, with the step of the code that confirmed it.
pub(crate) async fn confirm_code(
    tx: &Tx,
    vault: &Vault,
    person: PersonId,
    secret: &[u8],
    step: i64,
) -> Result<bool, Failure> {
    let id = person.uuid();
    let changed = Sql::new("UPDATE person SET code_secret = ")
        .bind(seal(vault, "code_secret", id, secret)?)
        .text(", code_pending = NULL, code_step = ")
        .bind(step)
        .text(", version = version + 1 WHERE code_secret IS NULL AND id = ")
        .bind(id)
        .execute(tx.connection())
        .await?;
    Ok(changed == 1)
}

/// Removes a code.
pub(crate) async fn remove_code(
    tx: &Tx,
    _grant: &Grant<act::Modify, on::Session>,
    person: PersonId,
) -> Result<(), Failure> {
    Sql::new("UPDATE person SET code_secret = NULL, code_pending = NULL, version = version + 1 WHERE id = ")
        .bind(person.uuid())
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// How many active people hold a role now by assignment, one of them left out.
pub(crate) async fn holders_beside(tx: &Tx, role: Role, left_out: PersonId) -> Result<u64, Failure> {
    let now = tx.now().millis();
    Ok(Sql::new("SELECT COUNT(DISTINCT p.id) AS count FROM person p JOIN role_assignment a ON a.person = p.id WHERE p.active AND a.withdrawn_at IS NULL AND a.role = ")
        .bind(role.name())
        .text(" AND a.valid_from <= ")
        .bind(now)
        .text(" AND (a.valid_to IS NULL OR a.valid_to > ")
        .bind(now)
        .text(") AND p.id <> ")
        .bind(left_out.uuid())
        .count(tx.connection())
        .await?)
}

/// Whether there is anybody at all.
pub(crate) async fn is_empty(connection: &impl ConnectionTrait) -> Result<bool, Failure> {
    Ok(Sql::new("SELECT COUNT(*) AS count FROM person").count(connection).await? == 0)
}
