//! Showing one target, or what an appellant said, in the clear, for a reason that goes into the ledger before anything is shown.

use cordon_context::CallContext;
use cordon_disposal_contract::{RevealAppeal, RevealItem, RevealedAppeal, RevealedItem};
use cordon_policies::{act, on};
use cordon_store::{AuditRecord, Failure};
use serde_json::json;

use crate::service::Disposal;
use crate::store::appeals::{Papers, SealedWords};
use crate::store::{appeals, items};
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

    /// Shows what an appellant said and handed in.
    pub(crate) async fn reveal_appeal(
        &self,
        ctx: &CallContext,
        input: RevealAppeal,
    ) -> Result<RevealedAppeal, Failure> {
        let grant = self.grant::<act::Reveal, on::Appeal>(ctx)?;
        check_text("reason", &input.reason)?;
        let stored = appeals::load(self.parts.database.reader(), grant.scope(), input.appeal).await?;
        let open = |column| stored.sealed.open(&self.parts.vault, input.appeal, column);
        let revealed = RevealedAppeal {
            appeal: input.appeal,
            appellant: open("appellant")?,
            contact: open("contact")?,
            statement: open("statement")?,
            documents: Papers::read(&open("papers")?)?.all(),
            reply: stored
                .reply
                .as_deref()
                .map(|reply| SealedWords::open_reply(&self.parts.vault, input.appeal, reply))
                .transpose()?,
        };
        let order = stored.appeal.order;
        self.parts
            .database
            .write(ctx, move |mut tx| async move {
                let detail = json!({ "order": order, "reason": input.reason.trim() });
                tx.record(AuditRecord::new("appeal.reveal", input.appeal.to_string(), detail));
                tx.commit(()).await
            })
            .await?;
        Ok(revealed)
    }
}
