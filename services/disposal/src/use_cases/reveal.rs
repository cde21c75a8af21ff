//! Showing one target in the clear, for a reason that goes into the ledger before anything is shown.

use cordon_context::CallContext;
use cordon_disposal_contract::{RevealItem, RevealedItem};
use cordon_policies::{act, on};
use cordon_store::{AuditRecord, Failure};
use serde_json::json;

use crate::service::Disposal;
use crate::store::items;
use crate::use_cases::dispose::check_text;

impl Disposal {
    /// Shows one target in the clear.
    pub(crate) async fn reveal_item(&self, ctx: &CallContext, input: RevealItem) -> Result<RevealedItem, Failure> {
        let grant = self.grant::<act::Reveal, on::Order>(ctx)?;
        check_text("reason", &input.reason)?;
        let item = items::load(self.parts.database.reader(), grant.scope(), input.item).await?;
        let identifier = item.open(&self.parts.vault)?;
        self.parts
            .database
            .write(ctx, move |mut tx| async move {
                let detail = json!({ "order": item.item.order, "reason": input.reason.trim() });
                tx.record(AuditRecord::new("item.reveal", input.item.to_string(), detail));
                tx.commit(()).await
            })
            .await?;
        Ok(RevealedItem { item: input.item, value: identifier.into_value() })
    }
}
