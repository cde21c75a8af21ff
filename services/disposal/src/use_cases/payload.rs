//! What an executor gets, in the clear and signed. The bytes follow from the rows alone; their digest is kept with the task.

use cordon_context::{CallContext, Refusal, Scope, TaskId};
use cordon_disposal_contract::{PayloadKey, SignedPayload, TaskAction, TaskPayload};
use cordon_identifier::Identifier;
use cordon_policies::{act, on};
use cordon_store::{AuditRecord, CorruptRow, Failure, Tx};
use data_encoding::HEXLOWER;
use serde_json::json;

use crate::domain::content_hash::digest;
use crate::domain::rules::RuleViolation;
use crate::service::Disposal;
use crate::store::orders::{self, StoredOrder};
use crate::store::tasks::{self, StoredTask};
use crate::store::{Connection, items};
use crate::use_cases::moving::refuse;

/// The name of the key that signs payloads.
pub(crate) const SIGNING_KEY: &str = "disposal-task";

/// Writes the payload of a task's present generation.
pub(crate) fn body(task: &StoredTask, order: &StoredOrder, identifier: &Identifier) -> Result<Option<String>, Failure> {
    let Some(executor) = task.executor else { return Ok(None) };
    let payload = TaskPayload {
        format: "cordon-task/1".to_owned(),
        task: task.id,
        generation: task.generation,
        action: task.action,
        order_number: task.order_number.clone(),
        target_kind: task.subject.kind,
        identifier_kind: identifier.kind(),
        value: identifier.value().to_owned(),
        measure: task.measure,
        functions: task.functions.clone(),
        presupposes: (task.action == TaskAction::LimitedResume).then_some(task.measure),
        urgency: task.urgency,
        legal_basis: match (&order.emergency, &order.legal_basis) {
            // The paperwork of an emergency comes later and must not change what was sent.
            (None, Some(basis)) => basis.number.clone(),
            _ => String::new(),
        },
        requester: task.requester,
        executor,
        issued_at: task.generation_at,
        acknowledge_due: task.acknowledge_due,
        execute_due: task.execute_due,
    };
    let body = serde_json::to_string(&payload)
        .map_err(|source| Failure::internal("a payload could not be written", source))?;
    Ok(Some(body))
}

/// Sets the digest of a task's payload for its present generation.
pub(crate) async fn fix(service: &Disposal, tx: &Tx, task: &mut StoredTask) -> Result<(), Failure> {
    let (order, identifier) = sources(service, tx.connection(), task).await?;
    task.payload_digest = body(task, &order, &identifier)?.map(|body| digest(body.as_bytes()));
    Ok(())
}

async fn sources<C: Connection>(
    service: &Disposal,
    connection: &C,
    task: &StoredTask,
) -> Result<(StoredOrder, Identifier), Failure> {
    let scope = Scope::system("the payload of a task");
    let order = orders::load(connection, &scope, task.order).await?;
    let item = items::load(connection, &scope, task.item).await?;
    Ok((order, item.open(&service.parts.vault)?))
}

/// Signs what a task's executor gets; the caller has made sure that it goes to nobody else.
pub(crate) async fn signed(service: &Disposal, task: &StoredTask) -> Result<SignedPayload, Failure> {
    let (order, identifier) = sources(service, service.parts.database.reader(), task).await?;
    let body = body(task, &order, &identifier)?.ok_or_else(Refusal::not_found)?;
    let found = digest(body.as_bytes());
    if task.payload_digest.as_deref() != Some(found.as_str()) {
        return Err(CorruptRow::new("task", "payload_digest", task.id.to_string()).into());
    }
    let signature = service
        .parts
        .vault
        .keys()
        .sign(SIGNING_KEY, body.as_bytes())
        .map_err(|source| Failure::internal("a payload could not be signed", source))?;
    Ok(SignedPayload {
        task: task.id,
        generation: task.generation,
        body,
        digest: found,
        key_id: signature.key_id.to_string(),
        signature: HEXLOWER.encode(&signature.bytes),
    })
}

impl Disposal {
    /// Gives the executor a task in the clear and signed; that it was read is written to the ledger.
    pub(crate) async fn task_payload(&self, ctx: &CallContext, task: TaskId) -> Result<SignedPayload, Failure> {
        let grant = self.grant::<act::Execute, on::Task>(ctx)?;
        let stored = tasks::load(self.parts.database.reader(), grant.scope(), task).await?;
        if !stored.is_executed_by(&ctx.actor) {
            return Err(Refusal::not_found().into());
        }
        if !stored.state.waits_for_executor() {
            // Whoever reads it means to carry it out, and there is nothing to carry out: withdrawn, joined, or done before.
            let terminal = stored.state.is_terminal();
            return Err(refuse(if terminal { RuleViolation::TASK_TERMINAL } else { RuleViolation::TASK_STATE }));
        }
        let payload = signed(self, &stored).await?;
        let digest = payload.digest.clone();
        self.parts
            .database
            .write(ctx, move |mut tx| async move {
                let detail = json!({ "generation": stored.generation, "payload": digest });
                tx.record(
                    AuditRecord::new("task.read_payload", task.to_string(), detail).of_organisation(stored.requester),
                );
                tx.commit(()).await
            })
            .await?;
        Ok(payload)
    }

    /// Gives the public keys with which payloads are signed, the present one first.
    pub(crate) fn payload_keys(&self, ctx: &CallContext) -> Result<Vec<PayloadKey>, Failure> {
        let _grant = self.grant::<act::Execute, on::Task>(ctx)?;
        let keys = self.parts.vault.keys().public_keys(SIGNING_KEY);
        let keys = keys.map_err(|source| Failure::internal("the keys of payloads could not be read", source))?;
        Ok(keys
            .into_iter()
            .enumerate()
            .map(|(place, key)| PayloadKey {
                key_id: key.key_id.to_string(),
                public_key: HEXLOWER.encode(&key.bytes),
                current: place == 0,
            })
            .collect())
    }
}
