//! What somebody tried in vain stays on the timeline and in the ledger: in a transaction of its own, since the refused one is gone.

use cordon_context::{AppealId, CallContext, Code, OrderId, Refusal, Scope, TaskId};
use cordon_ledger::Outcome;
use cordon_store::{AuditRecord, Failure};
use serde_json::json;

use crate::service::{Disposal, cause};
use crate::store::timeline::{self, Happening};
use crate::store::{appeals, orders, tasks};

/// To what something was tried.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    /// An order.
    Order(OrderId),
    /// A task.
    Task(TaskId),
    /// An appeal.
    Appeal(AppealId),
}

impl Disposal {
    /// Passes an outcome on; a rule that refused is noted first.
    ///
    /// What the caller may not see was refused as not found before any rule was asked, and is not noted here.
    pub(crate) async fn noting<T>(
        &self,
        ctx: &CallContext,
        target: Target,
        event: &'static str,
        digest: String,
        outcome: Result<T, Failure>,
    ) -> Result<T, Failure> {
        if let Err(Failure::Refused(refusal)) = &outcome
            && matches!(refusal.code, Code::RuleViolated | Code::Conflict)
        {
            let noted = self.note(ctx, target, event, digest, refusal.clone()).await;
            if let Err(error) = noted {
                // The refusal itself must reach the caller; that the note failed is for the operator.
                tracing::error!(error = cause(&error), event, "a refused attempt could not be noted");
            }
        }
        outcome
    }

    async fn note(
        &self,
        ctx: &CallContext,
        target: Target,
        event: &'static str,
        digest: String,
        refusal: Refusal,
    ) -> Result<(), Failure> {
        let rule = refusal.rule.clone().unwrap_or_else(|| refusal.code.as_str().to_ascii_lowercase());
        self.parts
            .database
            .write(ctx, move |mut tx| async move {
                let scope = Scope::system("note a refused attempt");
                let connection = tx.connection();
                let (order, task, appeal, state, object) = match target {
                    Target::Order(order) => {
                        let stored = orders::load(connection, &scope, order).await?;
                        (order, None, None, stored.stage.name(), order.to_string())
                    }
                    Target::Task(task) => {
                        let stored = tasks::load(connection, &scope, task).await?;
                        (stored.order, Some(task), None, stored.state.name(), task.to_string())
                    }
                    Target::Appeal(appeal) => {
                        let stored = appeals::load(connection, &scope, appeal).await?.appeal;
                        (stored.order, Some(stored.task), Some(appeal), stored.state.name(), appeal.to_string())
                    }
                };
                let happening = Happening {
                    order,
                    task,
                    appeal,
                    event,
                    from: Some(state),
                    to: Some(state),
                    refused_by: Some(rule.clone()),
                    detail: json!({}),
                    payload_digest: digest,
                };
                timeline::add(&tx, vec![happening]).await?;
                tx.record(
                    AuditRecord::new(event, object, json!({ "rule": rule, "state": state }))
                        .with_outcome(Outcome::Refused),
                );
                tx.commit(()).await
            })
            .await
    }
}
