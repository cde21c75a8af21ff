//! Sessions, found by the digest of their token.

use cordon_context::{PersonId, Refusal, Scope, SessionId, Timestamp};
use cordon_directory_contract::Session;
use cordon_store::{Failure, Tx};
use cordon_vault::{Place, Vault};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use uuid::Uuid;

use super::sql::Sql;

/// A session as sign-in and every request need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) id: SessionId,
    pub(crate) person: PersonId,
    pub(crate) created_at: Timestamp,
    pub(crate) last_seen_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) ended: bool,
    origin: Option<Vec<u8>>,
}

impl Stored {
    /// Whether the session still counts; the idle time is the same for all sessions, whenever they were opened.
    pub(crate) fn is_open(&self, now: Timestamp, idle: std::time::Duration) -> bool {
        !self.ended && now < self.expires_at && now < self.last_seen_at.plus(idle)
    }

    /// As its person sees it.
    pub(crate) fn into_domain(self, vault: &Vault, current: Option<SessionId>) -> Result<Session, Failure> {
        let id = self.id.uuid();
        let origin = self
            .origin
            .map(|stored| vault.open_text(Place::new("session", "origin", id.as_bytes()), &stored))
            .transpose()
            .map_err(|source| Failure::internal("a session's origin could not be opened", source))?;
        Ok(Session {
            id: self.id,
            person: self.person,
            created_at: self.created_at,
            last_seen_at: self.last_seen_at,
            expires_at: self.expires_at,
            origin,
            current: current == Some(self.id),
        })
    }
}

#[derive(FromQueryResult)]
struct SessionRow {
    id: Uuid,
    person: Uuid,
    origin: Option<Vec<u8>>,
    created_at: i64,
    last_seen_at: i64,
    expires_at: i64,
    ended_at: Option<i64>,
}

impl From<SessionRow> for Stored {
    fn from(row: SessionRow) -> Self {
        let SessionRow { id, person, origin, created_at, last_seen_at, expires_at, ended_at } = row;
        Self {
            id: SessionId::from_uuid(id),
            person: PersonId::from_uuid(person),
            created_at: Timestamp::from_millis(created_at),
            last_seen_at: Timestamp::from_millis(last_seen_at),
            expires_at: Timestamp::from_millis(expires_at),
            ended: ended_at.is_some(),
            origin,
        }
    }
}

const COLUMNS: &str =
    "SELECT s.id, s.person, s.origin, s.created_at, s.last_seen_at, s.expires_at, s.ended_at FROM session s";

/// Opens a session.
pub(crate) async fn insert(tx: &Tx, vault: &Vault, session: &Session, token_digest: Vec<u8>) -> Result<(), Failure> {
    let id = session.id.uuid();
    let origin = session
        .origin
        .as_deref()
        .map(|origin| vault.seal(Place::new("session", "origin", id.as_bytes()), origin.as_bytes()))
        .transpose()
        .map_err(|source| Failure::internal("a session's origin could not be sealed", source))?
        .map(cordon_vault::Sealed::into_vec);
    Sql::new("INSERT INTO session (id, person, token_digest, origin, created_at, last_seen_at, expires_at) VALUES ")
        .bind_all([
            Value::from(id),
            session.person.uuid().into(),
            token_digest.into(),
            origin.into(),
            session.created_at.millis().into(),
            session.last_seen_at.millis().into(),
            session.expires_at.millis().into(),
        ])
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// The session of a token.
pub(crate) async fn by_digest(connection: &impl ConnectionTrait, digest: Vec<u8>) -> Result<Option<Stored>, Failure> {
    let row: Option<SessionRow> =
        Sql::new(COLUMNS).text(" WHERE s.token_digest = ").bind(digest).one(connection).await?;
    Ok(row.map(Stored::from))
}

/// A session of somebody within reach, or the answer that it is not there.
pub(crate) async fn one(connection: &impl ConnectionTrait, id: SessionId, scope: &Scope) -> Result<Stored, Failure> {
    let row: Option<SessionRow> = Sql::new(COLUMNS)
        .text(" JOIN person p ON p.id = s.person JOIN organisation o ON o.id = p.organisation WHERE s.id = ")
        .bind(id.uuid())
        .within(scope)
        .one(connection)
        .await?;
    Ok(row.map(Stored::from).ok_or_else(Refusal::not_found)?)
}

/// The sessions of a person that were not ended and have not reached their end, newest first.
pub(crate) async fn open_of(
    connection: &impl ConnectionTrait,
    person: PersonId,
    now: Timestamp,
) -> Result<Vec<Stored>, Failure> {
    let rows: Vec<SessionRow> = Sql::new(COLUMNS)
        .text(" WHERE s.ended_at IS NULL AND s.person = ")
        .bind(person.uuid())
        .text(" AND s.expires_at > ")
        .bind(now.millis())
        .text(" ORDER BY s.created_at DESC, s.id DESC LIMIT 200")
        .all(connection)
        .await?;
    Ok(rows.into_iter().map(Stored::from).collect())
}

/// Notes that a session was used.
pub(crate) async fn touch(tx: &Tx, id: SessionId) -> Result<(), Failure> {
    Sql::new("UPDATE session SET last_seen_at = ")
        .bind(tx.now().millis())
        .text(" WHERE ended_at IS NULL AND id = ")
        .bind(id.uuid())
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Ends one session; `false` if it had ended before.
pub(crate) async fn end(tx: &Tx, id: SessionId) -> Result<bool, Failure> {
    let changed = Sql::new("UPDATE session SET ended_at = ")
        .bind(tx.now().millis())
        .text(" WHERE ended_at IS NULL AND id = ")
        .bind(id.uuid())
        .execute(tx.connection())
        .await?;
    Ok(changed == 1)
}

/// Ends the sessions of a person, all but one; tells which were open.
pub(crate) async fn end_of(tx: &Tx, person: PersonId, but: Option<SessionId>) -> Result<Vec<SessionId>, Failure> {
    #[derive(FromQueryResult)]
    struct Ended {
        id: Uuid,
    }
    let mut sql = Sql::new("SELECT id FROM session WHERE ended_at IS NULL AND person = ").bind(person.uuid());
    if let Some(but) = but {
        sql = sql.text(" AND id <> ").bind(but.uuid());
    }
    let open: Vec<Ended> = sql.all(tx.connection()).await?;
    if open.is_empty() {
        return Ok(Vec::new());
    }
    Sql::new("UPDATE session SET ended_at = ")
        .bind(tx.now().millis())
        .text(" WHERE ended_at IS NULL AND id IN ")
        .bind_all(open.iter().map(|session| session.id))
        .execute(tx.connection())
        .await?;
    Ok(open.into_iter().map(|session| SessionId::from_uuid(session.id)).collect())
}

/// The people of an organisation who have a session that was not ended.
pub(crate) async fn people_signed_in(
    tx: &Tx,
    organisation: cordon_context::OrganisationId,
) -> Result<Vec<PersonId>, Failure> {
    #[derive(FromQueryResult)]
    struct Row {
        person: Uuid,
    }
    let rows: Vec<Row> = Sql::new("SELECT DISTINCT s.person FROM session s JOIN person p ON p.id = s.person WHERE s.ended_at IS NULL AND p.organisation = ")
        .bind(organisation.uuid())
        .all(tx.connection())
        .await?;
    Ok(rows.into_iter().map(|row| PersonId::from_uuid(row.person)).collect())
}

/// Deletes sessions that ended long ago.
pub(crate) async fn sweep(tx: &Tx, expired_before: Timestamp) -> Result<u64, Failure> {
    Ok(Sql::new("DELETE FROM session WHERE expires_at < ")
        .bind(expired_before.millis())
        .execute(tx.connection())
        .await?)
}
