//! One effect per key, however often it is asked for.

use std::sync::Arc;

use cordon_context::{Actor, CallContext, Code, IdempotencyKey, Refusal, Timestamp};
use cordon_vault::{OpenError, Place, Vault};
use sea_orm::{ConnectionTrait, QueryResult};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::sql::Sql;
use crate::{CorruptRow, Database, Failure, Tx};

/// The field under which inputs are fingerprinted. A plain digest would let whoever reads the rows guess a number.
const INPUT_FIELD: &str = "idempotency.input";

/// What was found under a key.
pub(crate) enum Before<T> {
    /// The effect has happened; this was the answer.
    Answered(T),
    /// Nothing; the key is now ours until the transaction ends.
    Nothing,
}

/// A key together with the input that came with it.
pub(crate) struct Claim {
    vault: Arc<Vault>,
    organisation: uuid::Uuid,
    operation: &'static str,
    key: IdempotencyKey,
    /// The input as text; it is only fingerprinted.
    input: Vec<u8>,
}

/// No vault was named for the answers of this database.
#[derive(Debug, thiserror::Error)]
#[error("no vault was named for the answers of {0}")]
struct NoVault(&'static str);

impl Claim {
    pub(crate) fn new(
        database: &Database,
        actor: &Actor,
        operation: &'static str,
        key: IdempotencyKey,
        input: &impl Serialize,
    ) -> Result<Self, Failure> {
        let vault = database.inner.answers.get().cloned();
        let vault =
            vault.ok_or_else(|| Failure::internal("an answer could not be kept", NoVault(database.inner.service)))?;
        let input = serde_json::to_vec(input)
            .map_err(|source| Failure::internal("an input could not be written down", source))?;
        Ok(Self { vault, organisation: actor.organisation.uuid(), operation, key, input })
    }

    /// Claims the key, or reads what was answered under it; a second request in flight waits here for the first.
    pub(crate) async fn stake<T: DeserializeOwned>(&self, tx: &Tx) -> Result<Before<T>, Failure> {
        let unmade = |source| Failure::internal("a fingerprint could not be made", source);
        let digest = self.vault.blind_index(INPUT_FIELD, &self.input).map_err(unmade)?;
        let staked = Sql::new("INSERT INTO idempotency (organisation, operation, key, input_digest, at) VALUES (")
            .bind(self.organisation)
            .with(", ", self.operation)
            .with(", ", self.key.as_str())
            .with(", ", digest.as_bytes().to_vec())
            .with(", ", tx.now().millis())
            .text(") ON CONFLICT DO NOTHING");
        if staked.run(tx.connection()).await? == 1 {
            return Ok(Before::Nothing);
        }
        Ok(Before::Answered(self.kept(tx.connection()).await?.ok_or_else(Refusal::conflict)?))
    }

    /// What was answered under the key, if anything was.
    async fn kept<C: ConnectionTrait, T: DeserializeOwned>(&self, connection: &C) -> Result<Option<T>, Failure> {
        let kept = self.within(Sql::select("input_digest, sealed_answer", "idempotency"));
        let read = |row: &QueryResult| {
            Ok((row.try_get::<Vec<u8>>("", "input_digest")?, row.try_get::<Option<Vec<u8>>>("", "sealed_answer")?))
        };
        let Some((stored, sealed)) = kept.one(connection, read).await? else { return Ok(None) };
        let unmade = |source| Failure::internal("a fingerprint could not be made", source);
        let digests = self.vault.blind_index_all(INPUT_FIELD, &self.input).map_err(unmade)?;
        if !digests.iter().any(|digest| digest.as_bytes().as_slice() == stored) {
            return Err(Refusal::new(Code::IdempotencyMismatch).into());
        }
        let unreadable = || CorruptRow::new("idempotency", "sealed_answer", self.key.as_str());
        let sealed = sealed.ok_or_else(unreadable)?;
        let answer = match self.vault.open(seat(&self.row()), &sealed) {
            Ok(answer) => answer,
            Err(OpenError::Key(source)) => return Err(Failure::internal("a key could not be reached", source)),
            Err(OpenError::Malformed | OpenError::Tampered | OpenError::NotText) => return Err(unreadable().into()),
        };
        Ok(Some(serde_json::from_slice(answer.expose()).map_err(|_source| unreadable())?))
    }

    /// Keeps the answer beside the key, sealed: an answer may hold what its table holds only sealed.
    pub(crate) async fn answer(&self, tx: &Tx, text: &[u8]) -> Result<(), Failure> {
        let sealed = self
            .vault
            .seal(seat(&self.row()), text)
            .map_err(|source| Failure::internal("an answer could not be sealed", source))?;
        let sql = Sql::new("UPDATE idempotency SET").with(" sealed_answer = ", sealed.into_vec());
        self.within(sql.text(" WHERE ")).run(tx.connection()).await?;
        Ok(())
    }

    fn within(&self, sql: Sql) -> Sql {
        sql.with("organisation = ", self.organisation)
            .with(" AND operation = ", self.operation)
            .with(" AND key = ", self.key.as_str())
    }

    /// The row as the vault knows it. Operations hold no zero byte, so that no two rows read alike.
    fn row(&self) -> Vec<u8> {
        [self.organisation.as_bytes(), self.operation.as_bytes(), &[0], self.key.as_str().as_bytes()].concat()
    }
}

fn seat(row: &[u8]) -> Place<'_> {
    Place::new("idempotency", "sealed_answer", row)
}

impl Database {
    /// What was answered to the same input under the same key before, if anything was.
    ///
    /// Whoever asks other services on the way to [`Database::write_once`] asks this first: an answer that was given stays the
    /// answer when they have changed their mind, or are gone.
    ///
    /// # Errors
    ///
    /// The database's own, and a refusal if the key came with another input.
    pub async fn answered<I: Serialize + Sync, T: DeserializeOwned>(
        &self,
        context: &CallContext,
        operation: &'static str,
        input: &I,
    ) -> Result<Option<T>, Failure> {
        let Some(key) = context.idempotency_key.clone() else { return Ok(None) };
        Claim::new(self, &context.actor, operation, key, input)?.kept(self.reader()).await
    }

    /// Forgets the answers given before a moment and tells how many there were. A key that comes again later is a new one.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn forget_answers(&self, before: Timestamp) -> Result<u64, Failure> {
        let sql = Sql::new("DELETE FROM idempotency").with(" WHERE at < ", before.millis());
        self.change_rows(sql.statement(self.reader())).await
    }
}
