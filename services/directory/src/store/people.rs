//! People and what they prove themselves with.

use cordon_context::{
    Cursor, Id, OrganisationId, OrganisationKind, OrganisationLevel, Page, PageRequest, PersonId, Refusal, Region,
    Role, Scope, Timestamp,
};
use cordon_directory_contract::{Person, PersonFilter};
use cordon_policies::{Grant, act, on};
use cordon_store::sql::{COUNT, Direction, Reading, Sql};
use cordon_store::{Failure, Tx};
use cordon_vault::{BlindIndex, Place, Vault};
use sea_orm::{ConnectionTrait, QueryResult, Value};
use uuid::Uuid;

use super::organisations::ORGANISATION;
use crate::domain::names;

const TABLE: &str = "person";
/// The field under which logins are found.
const LOGIN_FIELD: &str = "directory.login";
const COLUMNS: &str = "p.id, p.organisation, p.name, p.post, p.active, p.code_secret, p.created_at, p.version";
const SOURCE: &str = "person p JOIN organisation o ON o.id = p.organisation";

fn read(row: &QueryResult, vault: &Vault) -> Result<Person, Failure> {
    let row = Reading::of(row, TABLE);
    let id: PersonId = row.id("id")?;
    let name = open_text(vault, "name", id.uuid(), &row.get::<Vec<u8>>("name")?)?;
    Ok(Person {
        id,
        organisation: row.id("organisation")?,
        masked_name: names::masked(&name),
        post: row.get("post")?,
        active: row.get("active")?,
        code_enrolled: row.get::<Option<Vec<u8>>>("code_secret")?.is_some(),
        created_at: row.time("created_at")?,
        version: row.get("version")?,
    })
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

const CREDENTIALS: &str = "p.id, p.organisation, p.login_index, p.login, p.name, p.active, o.active AS organisation_active, p.password_hash, \
     p.code_secret, p.code_pending, p.code_step";

fn read_credentials(row: &QueryResult, vault: &Vault) -> Result<Credentials, Failure> {
    let row = Reading::of(row, TABLE);
    let id: PersonId = row.id("id")?;
    let open = |column| -> Result<Option<Vec<u8>>, Failure> {
        let Some(stored) = row.get::<Option<Vec<u8>>>(column)? else { return Ok(None) };
        let secret = vault
            .open(Place::new(TABLE, column, id.uuid().as_bytes()), &stored)
            .map_err(|source| Failure::internal("a code's secret could not be opened", source))?;
        Ok(Some(secret.expose().to_vec()))
    };
    Ok(Credentials {
        person: id,
        organisation: row.id("organisation")?,
        active: row.get("active")? && row.get("organisation_active")?,
        login_index: row.get("login_index")?,
        password_hash: row.get("password_hash")?,
        code_secret: open("code_secret")?,
        code_pending: open("code_pending")?,
        code_step: row.get("code_step")?,
        login: row.get("login")?,
        name: row.get("name")?,
    })
}

/// The credentials behind a login.
pub(crate) async fn credentials_by_login(
    connection: &impl ConnectionTrait,
    vault: &Vault,
    indexes: &[Vec<u8>],
) -> Result<Option<Credentials>, Failure> {
    let found = Sql::select(CREDENTIALS, SOURCE).text("p.login_index IN ").list(indexes.to_vec());
    found.one(connection, |row| read_credentials(row, vault)).await
}

/// The credentials of a person who acts in their own matter.
pub(crate) async fn credentials_of(
    connection: &impl ConnectionTrait,
    vault: &Vault,
    person: PersonId,
) -> Result<Credentials, Failure> {
    let found = Sql::select(CREDENTIALS, SOURCE).with("p.id = ", person.uuid());
    let found = found.one(connection, |row| read_credentials(row, vault)).await?;
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
    let columns = "p.organisation, o.kind, o.level, o.region, p.active, o.active AS organisation_active, p.must_change, p.code_secret";
    Sql::select(columns, SOURCE)
        .with("p.id = ", person.uuid())
        .one(connection, |row| {
            let row = Reading::keyed(row, "organisation", "organisation");
            Ok(Standing {
                organisation: row.id("organisation")?,
                kind: row.named("kind")?,
                level: row.named("level")?,
                region: row.region("region")?,
                active: row.get("active")? && row.get("organisation_active")?,
                must_change: row.get("must_change")?,
                code_enrolled: row.get::<Option<Vec<u8>>>("code_secret")?.is_some(),
            })
        })
        .await
}

/// People by their identifiers, within reach.
pub(crate) async fn by_ids(
    connection: &impl ConnectionTrait,
    vault: &Vault,
    ids: &[PersonId],
    scope: &Scope,
) -> Result<Vec<Person>, Failure> {
    let found = Sql::select(COLUMNS, SOURCE).by_ids("p.id", ids, scope, &ORGANISATION);
    found.text(" ORDER BY p.created_at, p.id").all(connection, |row| read(row, vault)).await
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

fn select(columns: &'static str, filter: &PersonFilter, scope: &Scope, now: Timestamp) -> Sql {
    let mut sql = Sql::select(columns, SOURCE)
        .within(scope, &ORGANISATION)
        .with_some(" AND p.organisation = ", filter.organisation.map(Id::uuid))
        .with_some(" AND p.active = ", filter.active);
    if let Some(role) = filter.role {
        let now = now.millis();
        sql = sql
            .with(" AND (EXISTS (SELECT 1 FROM role_assignment a WHERE a.person = p.id AND a.withdrawn_at IS NULL AND a.role = ", role.name())
            .with(" AND a.valid_from <= ", now)
            .with(" AND (a.valid_to IS NULL OR a.valid_to > ", now)
            .with(")) OR EXISTS (SELECT 1 FROM delegation d JOIN role_assignment a ON a.person = d.from_person AND a.role = d.role WHERE d.to_person = p.id AND d.revoked_at IS NULL AND d.role = ", role.name())
            .with(" AND d.valid_from <= ", now)
            .with(" AND d.valid_to > ", now)
            .with(" AND a.withdrawn_at IS NULL AND a.valid_from <= ", now)
            .with(" AND (a.valid_to IS NULL OR a.valid_to > ", now)
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
    let found = select(COLUMNS, filter, scope, now).page("p.created_at", "p.id", Direction::Ascending, request);
    let people = found.all(connection, |row| read(row, vault)).await?;
    let total = select(COUNT, filter, scope, now).total(connection, request).await?;
    Ok(Page::cut(people, request, total, |person| Cursor { key: person.created_at.millis(), id: person.id.uuid() }))
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
        .list([
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
        .run(tx.connection())
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
    Sql::new("UPDATE person SET active = ")
        .bind(active)
        .with(", version = version + 1, changed_at = ", tx.now().millis())
        .with(" WHERE id = ", person.uuid())
        .with(" AND version = ", version)
        .run_one(tx.connection())
        .await
}

/// Holds a person's row until the transaction ends, so that two changes of their duties see each other.
pub(crate) async fn hold(tx: &Tx, person: PersonId) -> Result<(), Failure> {
    let found = Sql::new("UPDATE person SET changed_at = ")
        .bind(tx.now().millis())
        .with(" WHERE id = ", person.uuid())
        .run(tx.connection())
        .await?;
    if found == 1 { Ok(()) } else { Err(Refusal::not_found().into()) }
}

/// Keeps another hash of a password.
pub(crate) async fn set_password(tx: &Tx, person: PersonId, hash: &str, must_change: bool) -> Result<(), Failure> {
    Sql::new("UPDATE person SET password_hash = ")
        .bind(hash)
        .with(", must_change = ", must_change)
        .with(", changed_at = ", tx.now().millis())
        .with(" WHERE id = ", person.uuid())
        .run(tx.connection())
        .await?;
    Ok(())
}

/// Holds the row of a person who still has this password and may act; `false` if a reset or a stop was faster.
pub(crate) async fn hold_unchanged(tx: &Tx, person: PersonId, hash: &str) -> Result<bool, Failure> {
    let held = Sql::new("UPDATE person SET changed_at = changed_at WHERE active AND id = ")
        .bind(person.uuid())
        .with(" AND password_hash = ", hash)
        .run(tx.connection())
        .await?;
    Ok(held == 1)
}

/// Keeps a dearer hash of the same password, unless it was changed in the meantime.
pub(crate) async fn rehash(tx: &Tx, person: PersonId, before: &str, after: &str) -> Result<(), Failure> {
    Sql::new("UPDATE person SET password_hash = ")
        .bind(after)
        .with(" WHERE id = ", person.uuid())
        .with(" AND password_hash = ", before)
        .run(tx.connection())
        .await?;
    Ok(())
}

/// Marks a code's step as used; `false` if it or a later one was used before.
pub(crate) async fn use_step(tx: &Tx, person: PersonId, step: i64) -> Result<bool, Failure> {
    let changed = Sql::new("UPDATE person SET code_step = ")
        .bind(step)
        .with(" WHERE id = ", person.uuid())
        .with(" AND (code_step IS NULL OR code_step < ", step)
        .text(")")
        .run(tx.connection())
        .await?;
    Ok(changed == 1)
}

/// Keeps a code's secret until its first code confirms it; refused if the person has a confirmed one.
pub(crate) async fn set_pending_code(tx: &Tx, vault: &Vault, person: PersonId, secret: &[u8]) -> Result<bool, Failure> {
    let id = person.uuid();
    let changed = Sql::new("UPDATE person SET code_pending = ")
        .bind(seal(vault, "code_pending", id, secret)?)
        .with(" WHERE code_secret IS NULL AND id = ", id)
        .run(tx.connection())
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
        .with(", code_pending = NULL, code_step = ", step)
        .with(", version = version + 1 WHERE code_secret IS NULL AND id = ", id)
        .run(tx.connection())
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
        .run(tx.connection())
        .await?;
    Ok(())
}

/// How many active people hold a role now by assignment, one of them left out.
pub(crate) async fn holders_beside(tx: &Tx, role: Role, left_out: PersonId) -> Result<u64, Failure> {
    let now = tx.now().millis();
    Sql::select("COUNT(DISTINCT p.id)", "person p JOIN role_assignment a ON a.person = p.id")
        .with("p.active AND a.withdrawn_at IS NULL AND a.role = ", role.name())
        .with(" AND a.valid_from <= ", now)
        .with(" AND (a.valid_to IS NULL OR a.valid_to > ", now)
        .with(") AND p.id <> ", left_out.uuid())
        .count(tx.connection())
        .await
}

/// Whether there is anybody at all.
pub(crate) async fn is_empty(connection: &impl ConnectionTrait) -> Result<bool, Failure> {
    Ok(Sql::select(COUNT, "person").text("1 = 1").count(connection).await? == 0)
}
