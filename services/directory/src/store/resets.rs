//! Who took a credential away from whom, and who asked for it.

use cordon_context::PersonId;
use cordon_policies::{Grant, act, on};
use cordon_store::sql::{Reading, Sql};
use cordon_store::{Failure, Tx};
use sea_orm::{QueryResult, Value};

use crate::domain::resets::{Act, Credential, Past};

fn read(row: &QueryResult) -> Result<Past, Failure> {
    let row = Reading::of(row, "credential_reset");
    let act = |by: Option<_>, at: Option<_>| by.zip(at).map(|(by, at)| Act { by, at });
    Ok(Past {
        asked: act(row.id_if("asked_by")?, row.time_if("asked_at")?),
        done: act(row.id_if("done_by")?, row.time_if("done_at")?),
    })
}

/// What happened to a credential of a person last; the caller holds the person's row.
pub(crate) async fn past(tx: &Tx, person: PersonId, credential: Credential) -> Result<Past, Failure> {
    let found = Sql::select("asked_by, asked_at, done_by, done_at", "credential_reset")
        .with("person = ", person.uuid())
        .with(" AND credential = ", credential.name());
    Ok(found.one(tx.connection(), read).await?.unwrap_or_default())
}

/// Keeps what has happened to a credential of a person.
pub(crate) async fn put(
    tx: &Tx,
    _grant: &Grant<act::Modify, on::Session>,
    person: PersonId,
    credential: Credential,
    past: &Past,
) -> Result<(), Failure> {
    let Past { asked, done } = *past;
    Sql::new("INSERT INTO credential_reset (person, credential, asked_by, asked_at, done_by, done_at) VALUES ")
        .list([
            Value::from(person.uuid()),
            credential.name().into(),
            asked.map(|asked| asked.by.uuid()).into(),
            asked.map(|asked| asked.at.millis()).into(),
            done.map(|done| done.by.uuid()).into(),
            done.map(|done| done.at.millis()).into(),
        ])
        .text(
            " ON CONFLICT (person, credential) DO UPDATE SET asked_by = excluded.asked_by, asked_at = excluded.asked_at, \
             done_by = excluded.done_by, done_at = excluded.done_at",
        )
        .run(tx.connection())
        .await?;
    Ok(())
}
