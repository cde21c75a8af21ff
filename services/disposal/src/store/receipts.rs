//! Rows of receipts and verifications.

use cordon_context::{ReceiptId, Scope, TaskId, VerificationId};
use cordon_disposal_contract::{AnswerTo, Receipt, ReceiptKind, RefusalCode, Verification, VerifyMethod};
use cordon_policies::{Grant, act, on};
use cordon_store::sql::{Reading, Sql};
use cordon_store::{Failure, Tx};
use sea_orm::{ConnectionTrait, QueryResult};

use super::fields::{self, id, id_if, json_if, time};
use super::reach::TASK;

const RECEIPTS: &str = "receipt r JOIN task ON task.id = r.task_id";
const RECEIPT: &str =
    "r.id, r.task_id, r.generation, r.kind, r.organisation, r.at, r.evidence, r.refusal, r.note, r.digest";
const VERIFICATIONS: &str = "verification v JOIN task ON task.id = v.task_id";
const VERIFICATION: &str = "v.id, v.task_id, v.generation, v.passed, v.method, v.person, v.organisation, v.at, v.note";

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
    Sql::select("digest", "receipt")
        .with("task_id = ", answer.task.uuid())
        .with(" AND generation = ", answer.generation)
        .with(" AND id = ", answer.receipt.uuid())
        .value(connection)
        .await
}

/// Receipts of tasks within reach, the oldest first.
pub(crate) async fn by_tasks<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    tasks: &[TaskId],
) -> Result<Vec<Receipt>, Failure> {
    Sql::select(RECEIPT, RECEIPTS)
        .by_ids("r.task_id", tasks, scope, &TASK)
        .text(" ORDER BY r.at, r.id")
        .all(connection, read_receipt)
        .await
}

/// Receipts by their identifiers, within reach.
pub(crate) async fn by_ids<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    ids: &[ReceiptId],
) -> Result<Vec<Receipt>, Failure> {
    Sql::select(RECEIPT, RECEIPTS)
        .by_ids("r.id", ids, scope, &TASK)
        .text(" ORDER BY r.at, r.id")
        .all(connection, read_receipt)
        .await
}

fn read_receipt(row: &QueryResult) -> Result<Receipt, Failure> {
    let row = Reading::of(row, "receipt");
    Ok(Receipt {
        id: row.id("id")?,
        task: row.id("task_id")?,
        generation: row.get("generation")?,
        kind: row.word("kind", ReceiptKind::from_name)?,
        organisation: row.id("organisation")?,
        at: row.time("at")?,
        evidence: row.json_if("evidence")?,
        refusal: row.word_if("refusal", RefusalCode::from_name)?,
        note: row.get("note")?,
        digest: row.get("digest")?,
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
    Sql::select(VERIFICATION, VERIFICATIONS)
        .by_ids("v.task_id", tasks, scope, &TASK)
        .text(" ORDER BY v.at, v.id")
        .all(connection, read_verification)
        .await
}

/// Verifications by their identifiers, within reach.
pub(crate) async fn verifications_by_ids<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    ids: &[VerificationId],
) -> Result<Vec<Verification>, Failure> {
    Sql::select(VERIFICATION, VERIFICATIONS)
        .by_ids("v.id", ids, scope, &TASK)
        .text(" ORDER BY v.at, v.id")
        .all(connection, read_verification)
        .await
}

fn read_verification(row: &QueryResult) -> Result<Verification, Failure> {
    let row = Reading::of(row, "verification");
    Ok(Verification {
        id: row.id("id")?,
        task: row.id("task_id")?,
        generation: row.get("generation")?,
        passed: row.get("passed")?,
        method: row.word("method", VerifyMethod::from_name)?,
        person: row.id_if("person")?,
        organisation: row.id("organisation")?,
        at: row.time("at")?,
        note: row.get("note")?,
    })
}
