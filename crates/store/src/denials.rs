//! Refused attempts go into the ledger too.

use cordon_context::{Action, CallContext, DenialLog, Resource};
use cordon_ledger::Outcome;
use serde_json::json;

use crate::{AuditRecord, Database};

impl DenialLog for Database {
    fn denied(&self, ctx: &CallContext, action: Action, resource: Resource) {
        let database = self.clone();
        // The refusal was decided just now; it is written down even if the call's own deadline passes meanwhile.
        let now = self.inner.clock.now();
        let context = CallContext {
            deadline: now.plus(std::time::Duration::from_secs(30)),
            idempotency_key: None,
            ..ctx.clone()
        };
        self.inner.writes.spawn(async move {
            let record = AuditRecord::new(format!("{resource}.{action}"), resource.name(), json!({}))
                .with_outcome(Outcome::Denied);
            let written = database
                .write(&context, move |mut tx| async move {
                    tx.record(record);
                    tx.commit(()).await
                })
                .await;
            if let Err(failure) = written {
                tracing::error!(error = &failure as &dyn std::error::Error, "a refused attempt was not written down");
            }
        });
    }
}
