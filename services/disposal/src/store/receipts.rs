//! Rows of receipts and verifications.

use cordon_context::{ReceiptId, Scope, TaskId, VerificationId};
use cordon_disposal_contract::{AnswerTo, Receipt, ReceiptKind, RefusalCode, Verification, VerifyMethod};
use cordon_policies::{Grant, act, on};
use cordon_store::{Failure, Tx};
use sea_orm::{ConnectionTrait, QueryResult};

use super::delivery_query::Query;
use super::fields::{self, Fields, id, id_if, json_if, time};
use super::reach::{TASK, within};

const RECEIPT: &str = "SELECT r.id, r.task_id, r.generation, r.kind, r.organisation, r.at, r.evidence, r.refusal, r.note, r.digest \
    FROM receipt r JOIN task ON task.id = r.task_id WHERE ";
const VERIFICATION: &str = "SELECT v.id, v.task_id, v.generation, v.passed, v.method, v.person, v.organisation, v.at, v.note \
    FROM verification v JOIN task ON task.id = v.task_id WHERE ";

/// Writes a receipt.
pub(crate) async fn insert(tx: &Tx, _grant: &Grant<act::Execute, on::Task>, receipt: &Receipt) -> Result<(), Failure> {
    let Receipt { id: receipt, task, generation, kind, organisation, at, evidence, refusal, note, digest } = receipt;
    let columns = vec![
        ("task_id", id(*task)),
        ("generation", (*generation).into()),
        ("id", id(*receipt)),
        ("kind", kind.name().into()),
        ("organisation", id(*organisation)),
        ("at", time(*at)),
        ("evidence", json_if(evidence.as_ref())?),
        ("refusal", refusal.map(RefusalCode::name).into()),
        ("note", note.clone().into()),
        ("digest", digest.clone().into()),
    ];
    fields::insert(tx.connection(), "receipt", columns).await
}

/// The digest of an answer that was taken under this identifier before.
pub(crate) async fn digest_of<C: ConnectionTrait>(
    connection: &C,
    answer: &AnswerTo,
) -> Result<Option<String>, Failure> {
    let row = Query::new("SELECT digest FROM receipt WHERE task_id = ")
        .value(answer.task.uuid())
        .text(" AND generation = ")
        .value(answer.generation)
        .text(" AND id = ")
        .value(answer.receipt.uuid())
        .one(connection)
        .await?;
    Ok(row.map(|row| row.try_get("", "digest")).transpose()?)
}

/// Receipts of tasks within reach, the oldest first.
pub(crate) async fn by_tasks<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    tasks: &[TaskId],
) -> Result<Vec<Receipt>, Failure> {
    let query = Query::new(RECEIPT).text("r.task_id IN ").list(tasks.iter().map(|task| task.uuid())).text(" AND ");
    read_receipts(connection, query, scope).await
}

/// Receipts by their identifiers, within reach.
pub(crate) async fn by_ids<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    ids: &[ReceiptId],
) -> Result<Vec<Receipt>, Failure> {
    let query = Query::new(RECEIPT).text("r.id IN ").list(ids.iter().map(|id| id.uuid())).text(" AND ");
    read_receipts(connection, query, scope).await
}

async fn read_receipts<C: ConnectionTrait>(
    connection: &C,
    query: Query,
    scope: &Scope,
) -> Result<Vec<Receipt>, Failure> {
    let rows = within(query, scope, TASK).text(" ORDER BY r.at, r.id").all(connection).await?;
    rows.iter().map(read_receipt).collect()
}

fn read_receipt(row: &QueryResult) -> Result<Receipt, Failure> {
    let fields = Fields::new(row, "receipt", "id")?;
    Ok(Receipt {
        id: fields.id("id")?,
        task: fields.id("task_id")?,
        generation: fields.get("generation")?,
        kind: fields.word("kind", ReceiptKind::from_name)?,
        organisation: fields.id("organisation")?,
        at: fields.time("at")?,
        evidence: fields.json_if("evidence")?,
        refusal: fields.word_if("refusal", RefusalCode::from_name)?,
        note: fields.get("note")?,
        digest: fields.get("digest")?,
    })
}

/// Writes a verification.
pub(crate) async fn insert_verification(
    tx: &Tx,
    _grant: &Grant<act::Verify, on::Task>,
    verification: &Verification,
) -> Result<(), Failure> {
    let Verification { id: verification, task, generation, passed, method, person, organisation, at, note } =
        verification;
    let columns = vec![
        ("id", id(*verification)),
        ("task_id", id(*task)),
        ("generation", (*generation).into()),
        ("passed", (*passed).into()),
        ("method", method.name().into()),
        ("person", id_if(*person)),
        ("organisation", id(*organisation)),
        ("at", time(*at)),
        ("note", note.clone().into()),
    ];
    fields::insert(tx.connection(), "verification", columns).await
}

/// Verifications of tasks within reach, the oldest first.
pub(crate) async fn verifications_by_tasks<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    tasks: &[TaskId],
) -> Result<Vec<Verification>, Failure> {
    let query = Query::new(VERIFICATION).text("v.task_id IN ").list(tasks.iter().map(|task| task.uuid())).text(" AND ");
    read_verifications(connection, query, scope).await
}

/// Verifications by their identifiers, within reach.
pub(crate) async fn verifications_by_ids<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    ids: &[VerificationId],
) -> Result<Vec<Verification>, Failure> {
    let query = Query::new(VERIFICATION).text("v.id IN ").list(ids.iter().map(|id| id.uuid())).text(" AND ");
    read_verifications(connection, query, scope).await
}

async fn read_verifications<C: ConnectionTrait>(
    connection: &C,
    query: Query,
    scope: &Scope,
) -> Result<Vec<Verification>, Failure> {
    let rows = within(query, scope, TASK).text(" ORDER BY v.at, v.id").all(connection).await?;
    rows.iter()
        .map(|row| {
            let fields = Fields::new(row, "verification", "id")?;
            Ok(Verification {
                id: fields.id("id")?,
                task: fields.id("task_id")?,
                generation: fields.get("generation")?,
                passed: fields.get("passed")?,
                method: fields.word("method", VerifyMethod::from_name)?,
                person: fields.id_if("person")?,
                organisation: fields.id("organisation")?,
                at: fields.time("at")?,
                note: fields.get("note")?,
            })
        })
        .collect()
}
