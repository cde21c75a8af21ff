//! What can be changed: what enterprises did on their own finding.

use crate::disposal::{
    ConfirmProtectiveMeasureInput, ConfirmProtectiveMeasurePayload, RecordProtectiveMeasureInput,
    RecordProtectiveMeasurePayload,
};
use crate::outcome::change;
use async_graphql::{Context, Object, Result};
use cordon_disposal_contract::DisposalClient as _;

#[derive(Default)]
pub(crate) struct ProtectiveMutation;

#[Object]
impl ProtectiveMutation {
    /// 登记企业自行采取的措施；未经具名人员确认的将自动解除 / Records what an enterprise did to a target of its own on its own finding; it ends unless a named person confirms it.
    async fn record_protective_measure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: RecordProtectiveMeasureInput,
    ) -> Result<RecordProtectiveMeasurePayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(
                ctx,
                key,
                |services, call| async move { services.disposal.record_protective(call, input.into()).await },
            );
        outcome.await.map(Into::into)
    }

    /// 确认企业自行采取的措施 / Confirms what one's own enterprise recorded, as it was read; never by the person who recorded it.
    async fn confirm_protective_measure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: ConfirmProtectiveMeasureInput,
    ) -> Result<ConfirmProtectiveMeasurePayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(
                ctx,
                key,
                |services, call| async move { services.disposal.confirm_protective(call, input.into()).await },
            );
        outcome.await.map(Into::into)
    }
}
