//! One effect per key, however often it is asked for.

use cordon_context::{Actor, Code, IdempotencyKey, Refusal};
use sea_orm::{ConnectionTrait as _, Statement, Value};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use crate::{CorruptRow, Failure, Tx};

/// What was found under a key.
pub(crate) enum Before<T> {
    /// The effect has happened; this was the answer.
    Answered(T),
    /// Nothing; the key is now ours until the transaction ends.
    Nothing,
}

/// A key together with the input that came with it.
pub(crate) struct Claim {
    organisation: uuid::Uuid,
    operation: &'static str,
    key: IdempotencyKey,
    digest: Vec<u8>,
}

impl Claim {
    pub(crate) fn new(
        actor: &Actor,
        operation: &'static str,
        key: IdempotencyKey,
        input: &impl Serialize,
    ) -> Result<Self, Failure> {
        let text = serde_json::to_vec(input)
            .map_err(|source| Failure::internal("an input could not be written down", source))?;
        Ok(Self { organisation: actor.organisation.uuid(), operation, key, digest: Sha256::digest(&text).to_vec() })
    }

    /// Claims the key, or reads what was answered under it; a second request in flight waits here for the first.
    pub(crate) async fn stake<T: DeserializeOwned>(&self, tx: &Tx) -> Result<Before<T>, Failure> {
        let backend = tx.database.inner.backend.db_backend();
        let mut values = self.place();
        values.extend([self.digest.clone().into(), Value::from(tx.now().millis())]);
        let staked = tx
            .connection()
            .execute_raw(Statement::from_sql_and_values(
                backend,
                "INSERT INTO idempotency (organisation, operation, key, input_digest, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
                values,
            ))
            .await?;
        if staked.rows_affected() == 1 {
            return Ok(Before::Nothing);
        }
        let row = tx
            .connection()
            .query_one_raw(Statement::from_sql_and_values(
                backend,
                "SELECT input_digest, answer FROM idempotency WHERE organisation = $1 AND operation = $2 AND key = $3",
                self.place(),
            ))
            .await?
            .ok_or_else(Refusal::conflict)?;
        let digest: Vec<u8> = row.try_get("", "input_digest")?;
        if digest != self.digest {
            return Err(Refusal::new(Code::IdempotencyMismatch).into());
        }
        let answer: Option<String> = row.try_get("", "answer")?;
        let unreadable = || CorruptRow::new("idempotency", "answer", self.key.as_str());
        let answer = answer.ok_or_else(unreadable)?;
        Ok(Before::Answered(serde_json::from_str(&answer).map_err(|_source| unreadable())?))
    }

    /// Keeps the answer beside the key.
    pub(crate) async fn answer(&self, tx: &Tx, text: String) -> Result<(), Failure> {
        let mut values = self.place();
        values.push(text.into());
        tx.connection()
            .execute_raw(Statement::from_sql_and_values(
                tx.database.inner.backend.db_backend(),
                "UPDATE idempotency SET answer = $4 WHERE organisation = $1 AND operation = $2 AND key = $3",
                values,
            ))
            .await?;
        Ok(())
    }

    fn place(&self) -> Vec<Value> {
        vec![self.organisation.into(), self.operation.into(), self.key.as_str().into()]
    }
}
