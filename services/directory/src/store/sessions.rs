//! Sessions, found by the digest of their token.

use cordon_context::{Id, PersonId, Refusal, Scope, SessionId, Timestamp};
use cordon_directory_contract::Session;
use cordon_store::sql::{Reading, Sql};
use cordon_store::{Failure, Tx};
use cordon_vault::{Place, Vault};
use sea_orm::{ConnectionTrait, QueryResult, Value};

use super::organisations::ORGANISATION;

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

const COLUMNS: &str = "s.id, s.person, s.origin, s.created_at, s.last_seen_at, s.expires_at, s.ended_at";

fn read(row: &QueryResult) -> Result<Stored, Failure> {
    let row = Reading::of(row, "session");
    Ok(Stored {
        id: row.id("id")?,
        person: row.id("person")?,
        created_at: row.time("created_at")?,
        last_seen_at: row.time("last_seen_at")?,
        expires_at: row.time("expires_at")?,
        ended: row.time_if("ended_at")?.is_some(),
        origin: row.get("origin")?,
    })
}

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
        .list([
            Value::from(id),
            session.person.uuid().into(),
            token_digest.into(),
            origin.into(),
            session.created_at.millis().into(),
            session.last_seen_at.millis().into(),
            session.expires_at.millis().into(),
        ])
        .run(tx.connection())
        .await?;
    Ok(())
}

/// The session of a token.
pub(crate) async fn by_digest(connection: &impl ConnectionTrait, digest: Vec<u8>) -> Result<Option<Stored>, Failure> {
    Sql::select(COLUMNS, "session s").with("s.token_digest = ", digest).one(connection, read).await
}

/// A session by its identifier, whoever asks for whom.
pub(crate) async fn by_id(connection: &impl ConnectionTrait, id: SessionId) -> Result<Option<Stored>, Failure> {
    Sql::select(COLUMNS, "session s").with("s.id = ", id.uuid()).one(connection, read).await
}

/// A session of somebody within reach, or the answer that it is not there.
pub(crate) async fn one(connection: &impl ConnectionTrait, id: SessionId, scope: &Scope) -> Result<Stored, Failure> {
    let source = "session s JOIN person p ON p.id = s.person JOIN organisation o ON o.id = p.organisation";
    let found = Sql::select(COLUMNS, source).by_ids("s.id", &[id], scope, &ORGANISATION);
    found.one(connection, read).await?.ok_or_else(|| Refusal::not_found().into())
}

/// The sessions of a person that were not ended and have not reached their end, newest first.
pub(crate) async fn open_of(
    connection: &impl ConnectionTrait,
    person: PersonId,
    now: Timestamp,
) -> Result<Vec<Stored>, Failure> {
    Sql::select(COLUMNS, "session s")
        .with("s.ended_at IS NULL AND s.person = ", person.uuid())
        .with(" AND s.expires_at > ", now.millis())
        .text(" ORDER BY s.created_at DESC, s.id DESC LIMIT 200")
        .all(connection, read)
        .await
}

/// Notes that a session was used.
pub(crate) async fn touch(tx: &Tx, id: SessionId) -> Result<(), Failure> {
    Sql::new("UPDATE session SET last_seen_at = ")
        .bind(tx.now().millis())
        .with(" WHERE ended_at IS NULL AND id = ", id.uuid())
        .run(tx.connection())
        .await?;
    Ok(())
}

/// Holds the row of a session that was not ended; `false` if it was.
pub(crate) async fn hold_open(tx: &Tx, id: SessionId) -> Result<bool, Failure> {
    let held = Sql::new("UPDATE session SET last_seen_at = last_seen_at WHERE ended_at IS NULL AND id = ")
        .bind(id.uuid())
        .run(tx.connection())
        .await?;
    Ok(held == 1)
}

/// Ends one session; `false` if it had ended before.
pub(crate) async fn end(tx: &Tx, id: SessionId) -> Result<bool, Failure> {
    let changed = Sql::new("UPDATE session SET ended_at = ")
        .bind(tx.now().millis())
        .with(" WHERE ended_at IS NULL AND id = ", id.uuid())
        .run(tx.connection())
        .await?;
    Ok(changed == 1)
}

/// Ends the sessions of a person, all but one; tells which were open.
pub(crate) async fn end_of(tx: &Tx, person: PersonId, but: Option<SessionId>) -> Result<Vec<SessionId>, Failure> {
    let open: Vec<SessionId> = Sql::select("id", "session")
        .with("ended_at IS NULL AND person = ", person.uuid())
        .with_some(" AND id <> ", but.map(Id::uuid))
        .all_ids(tx.connection())
        .await?;
    if open.is_empty() {
        return Ok(open);
    }
    Sql::new("UPDATE session SET ended_at = ")
        .bind(tx.now().millis())
        .text(" WHERE ended_at IS NULL AND id IN ")
        .ids(&open)
        .run(tx.connection())
        .await?;
    Ok(open)
}

/// The people of an organisation who have a session that was not ended.
pub(crate) async fn people_signed_in(
    tx: &Tx,
    organisation: cordon_context::OrganisationId,
) -> Result<Vec<PersonId>, Failure> {
    Sql::select("DISTINCT s.person", "session s JOIN person p ON p.id = s.person")
        .with("s.ended_at IS NULL AND p.organisation = ", organisation.uuid())
        .all_ids(tx.connection())
        .await
}

/// Deletes sessions that ended long ago.
pub(crate) async fn sweep(tx: &Tx, expired_before: Timestamp) -> Result<u64, Failure> {
    Sql::new("DELETE FROM session WHERE expires_at < ").bind(expired_before.millis()).run(tx.connection()).await
}
