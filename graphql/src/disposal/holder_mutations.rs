//! What can be changed: notices, releases and appeals.

use crate::disposal::{
    AcceptAppealInput, AcceptAppealPayload, ApproveNoticeDeferralInput, ApproveNoticeDeferralPayload,
    ApproveRenewalInput, ApproveRenewalPayload, AssignAppealInput, AssignAppealPayload, BeginAppealVerificationInput,
    BeginAppealVerificationPayload, ClearReviewFlagInput, ClearReviewFlagPayload, CloseAppealInput, CloseAppealPayload,
    ConsentReleaseInput, ConsentReleasePayload, DecideAppealInput, DecideAppealPayload, DeclineAppealInput,
    DeclineAppealPayload, ExtendAppealInput, ExtendAppealPayload, FileAppealInput, FileAppealPayload,
    OrderReleaseInput, OrderReleasePayload, RecordNoticeInput, RecordNoticePayload, RenewMeasureInput,
    RenewMeasurePayload, ReplyAppealInput, ReplyAppealPayload, RequestAppealReviewInput, RequestAppealReviewPayload,
    RequestNoticeDeferralInput, RequestNoticeDeferralPayload, RequestSupplementInput, RequestSupplementPayload,
    RevealAppealInput, RevealAppealPayload, SupplementAppealInput, SupplementAppealPayload,
};
use crate::outcome::change;
use async_graphql::{Context, Object, Result};
use cordon_disposal_contract::DisposalClient as _;

#[derive(Default)]
pub(crate) struct HolderMutation;

#[Object]
impl HolderMutation {
    /// 登记告知 / Says that the holder was told.
    async fn record_notice(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: RecordNoticeInput,
    ) -> Result<RecordNoticePayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(ctx, key, |services, call| async move { services.disposal.record_notice(call, input.into()).await });
        outcome.await.map(Into::into)
    }

    /// 申请暂缓告知 / Asks to put a notice off.
    async fn request_notice_deferral(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: RequestNoticeDeferralInput,
    ) -> Result<RequestNoticeDeferralPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(
                ctx,
                key,
                |services, call| async move { services.disposal.request_deferral(call, input.into()).await },
            );
        outcome.await.map(Into::into)
    }

    /// 批准暂缓告知 / Agrees to put a notice off.
    async fn approve_notice_deferral(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: ApproveNoticeDeferralInput,
    ) -> Result<ApproveNoticeDeferralPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(
                ctx,
                key,
                |services, call| async move { services.disposal.approve_deferral(call, input.into()).await },
            );
        outcome.await.map(Into::into)
    }

    /// 决定解除 / Decides that a measure ends.
    async fn order_release(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: OrderReleaseInput,
    ) -> Result<OrderReleasePayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(ctx, key, |services, call| async move { services.disposal.order_release(call, input.into()).await });
        outcome.await.map(Into::into)
    }

    /// 同意解除（轮候方） / Consents to a release that another holder decided.
    async fn consent_release(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: ConsentReleaseInput,
    ) -> Result<ConsentReleasePayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(
                ctx,
                key,
                |services, call| async move { services.disposal.consent_release(call, input.into()).await },
            );
        outcome.await.map(Into::into)
    }

    /// 申请续期 / Asks for a longer time in force.
    async fn renew_measure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: RenewMeasureInput,
    ) -> Result<RenewMeasurePayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(ctx, key, |services, call| async move { services.disposal.renew_measure(call, input.into()).await });
        outcome.await.map(Into::into)
    }

    /// 批准续期 / Agrees to a longer time in force.
    async fn approve_renewal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: ApproveRenewalInput,
    ) -> Result<ApproveRenewalPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(
                ctx,
                key,
                |services, call| async move { services.disposal.approve_renewal(call, input.into()).await },
            );
        outcome.await.map(Into::into)
    }

    /// 清除复核标记 / Says that a flagged measure was looked at and goes on.
    async fn clear_review_flag(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: ClearReviewFlagInput,
    ) -> Result<ClearReviewFlagPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(
                ctx,
                key,
                |services, call| async move { services.disposal.clear_review_flag(call, input.into()).await },
            );
        outcome.await.map(Into::into)
    }

    /// 登记申诉 / Registers an appeal and forwards it to the organ that decided.
    async fn file_appeal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: FileAppealInput,
    ) -> Result<FileAppealPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(ctx, key, |services, call| async move { services.disposal.file_appeal(call, input.into()).await });
        outcome.await.map(Into::into)
    }

    /// 要求补充材料 / Says what is missing from an appeal.
    async fn request_supplement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: RequestSupplementInput,
    ) -> Result<RequestSupplementPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(
                ctx,
                key,
                |services, call| async move { services.disposal.request_supplement(call, input.into()).await },
            );
        outcome.await.map(Into::into)
    }

    /// 补充申诉材料 / Hands in what was missing.
    async fn supplement_appeal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: SupplementAppealInput,
    ) -> Result<SupplementAppealPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(
                ctx,
                key,
                |services, call| async move { services.disposal.supplement_appeal(call, input.into()).await },
            );
        outcome.await.map(Into::into)
    }

    /// 受理申诉 / Accepts an appeal.
    async fn accept_appeal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: AcceptAppealInput,
    ) -> Result<AcceptAppealPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(ctx, key, |services, call| async move { services.disposal.accept_appeal(call, input.into()).await });
        outcome.await.map(Into::into)
    }

    /// 不予受理 / Does not accept an appeal, with the reason.
    async fn decline_appeal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: DeclineAppealInput,
    ) -> Result<DeclineAppealPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(
                ctx,
                key,
                |services, call| async move { services.disposal.decline_appeal(call, input.into()).await },
            );
        outcome.await.map(Into::into)
    }

    /// 分派申诉 / Gives an appeal to an officer who did not decide.
    async fn assign_appeal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: AssignAppealInput,
    ) -> Result<AssignAppealPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(ctx, key, |services, call| async move { services.disposal.assign_appeal(call, input.into()).await });
        outcome.await.map(Into::into)
    }

    /// 开始核查申诉 / Says that the verification of an appeal has begun.
    async fn begin_appeal_verification(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: BeginAppealVerificationInput,
    ) -> Result<BeginAppealVerificationPayload> {
        let key = input.idempotency_key.clone();
        let outcome = change(ctx, key, |services, call| async move {
            services.disposal.begin_appeal_verification(call, input.into()).await
        });
        outcome.await.map(Into::into)
    }

    /// 延长申诉期限 / Extends the time to decide, once.
    async fn extend_appeal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: ExtendAppealInput,
    ) -> Result<ExtendAppealPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(ctx, key, |services, call| async move { services.disposal.extend_appeal(call, input.into()).await });
        outcome.await.map(Into::into)
    }

    /// 决定申诉 / Decides an appeal.
    async fn decide_appeal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: DecideAppealInput,
    ) -> Result<DecideAppealPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(ctx, key, |services, call| async move { services.disposal.decide_appeal(call, input.into()).await });
        outcome.await.map(Into::into)
    }

    /// 答复申诉人 / Answers the appellant.
    async fn reply_appeal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: ReplyAppealInput,
    ) -> Result<ReplyAppealPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(ctx, key, |services, call| async move { services.disposal.reply_appeal(call, input.into()).await });
        outcome.await.map(Into::into)
    }

    /// 办结申诉 / Closes an appeal.
    async fn close_appeal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: CloseAppealInput,
    ) -> Result<CloseAppealPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(ctx, key, |services, call| async move { services.disposal.close_appeal(call, input.into()).await });
        outcome.await.map(Into::into)
    }

    /// 申请复核 / Asks the superior organ for a review, once.
    async fn request_appeal_review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: RequestAppealReviewInput,
    ) -> Result<RequestAppealReviewPayload> {
        let key = input.idempotency_key.clone();
        let outcome = change(ctx, key, |services, call| async move {
            services.disposal.request_appeal_review(call, input.into()).await
        });
        outcome.await.map(Into::into)
    }

    /// 查看申诉明文 / Shows what an appellant said and handed in; written to the ledger.
    async fn reveal_appeal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: RevealAppealInput,
    ) -> Result<RevealAppealPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(ctx, key, |services, call| async move { services.disposal.reveal_appeal(call, input.into()).await });
        outcome.await.map(Into::into)
    }
}
