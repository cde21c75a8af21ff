//! What can be changed: orders and tasks.

use crate::disposal::{
    AcknowledgeTaskInput, AcknowledgeTaskPayload, ApproveOrderInput, ApproveOrderPayload, ApprovePaperworkInput,
    ApprovePaperworkPayload, ApproveProtectedTargetsInput, ApproveProtectedTargetsPayload, BeginTaskInput,
    BeginTaskPayload, DisownTaskInput, DisownTaskPayload, DisposeSubjectsInput, DisposeSubjectsPayload, DropTaskInput,
    DropTaskPayload, EditOrderInput, EditOrderPayload, ExecuteTaskInput, ExecuteTaskPayload, FailTaskInput,
    FailTaskPayload, FilePaperworkInput, FilePaperworkPayload, IssueEmergencyOrderInput, IssueEmergencyOrderPayload,
    RefuseTaskInput, RefuseTaskPayload, ReissueTaskInput, ReissueTaskPayload, ReturnOrderInput, ReturnOrderPayload,
    RevealItemInput, RevealItemPayload, RouteTaskInput, RouteTaskPayload, SubmitOrderInput, SubmitOrderPayload,
    VerifyTaskInput, VerifyTaskPayload, WithdrawOrderInput, WithdrawOrderPayload, WithdrawTaskInput,
    WithdrawTaskPayload,
};
use crate::outcome::{at_most, change};
use async_graphql::{Context, Object, Result};
use cordon_disposal_contract::DisposalClient as _;

#[derive(Default)]
pub(crate) struct OrderMutation;

#[Object]
impl OrderMutation {
    /// 一键处置 / Makes one order from many targets and submits it for review.
    async fn dispose_subjects(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: DisposeSubjectsInput,
    ) -> Result<DisposeSubjectsPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(
                ctx,
                key,
                |services, call| async move { services.disposal.dispose_subjects(call, input.into()).await },
            );
        outcome.await.map(Into::into)
    }

    /// 修改指令 / Changes a draft or a returned order, which voids its approvals.
    async fn edit_order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: EditOrderInput,
    ) -> Result<EditOrderPayload> {
        // An order has no more items than this.
        if let Err(refusal) = at_most("remove_items", input.remove_items.len(), 10_000) {
            return Ok(Err(refusal).into());
        }
        let key = input.idempotency_key.clone();
        let outcome =
            change(ctx, key, |services, call| async move { services.disposal.edit_order(call, input.into()).await });
        outcome.await.map(Into::into)
    }

    /// 提交审核 / Submits a draft or a returned order for review.
    async fn submit_order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: SubmitOrderInput,
    ) -> Result<SubmitOrderPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(ctx, key, |services, call| async move { services.disposal.submit_order(call, input.into()).await });
        outcome.await.map(Into::into)
    }

    /// 审批指令 / Agrees to an order.
    async fn approve_order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: ApproveOrderInput,
    ) -> Result<ApproveOrderPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(ctx, key, |services, call| async move { services.disposal.approve_order(call, input.into()).await });
        outcome.await.map(Into::into)
    }

    /// 审批受保护对象 / Agrees to the protected targets of an order, at province level.
    async fn approve_protected_targets(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: ApproveProtectedTargetsInput,
    ) -> Result<ApproveProtectedTargetsPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(
                ctx,
                key,
                |services, call| async move { services.disposal.approve_protected(call, input.into()).await },
            );
        outcome.await.map(Into::into)
    }

    /// 退回指令 / Gives an order back to its drafter.
    async fn return_order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: ReturnOrderInput,
    ) -> Result<ReturnOrderPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(ctx, key, |services, call| async move { services.disposal.return_order(call, input.into()).await });
        outcome.await.map(Into::into)
    }

    /// 撤回指令 / Withdraws an order; what is being executed already becomes a release.
    async fn withdraw_order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: WithdrawOrderInput,
    ) -> Result<WithdrawOrderPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(
                ctx,
                key,
                |services, call| async move { services.disposal.withdraw_order(call, input.into()).await },
            );
        outcome.await.map(Into::into)
    }

    /// 紧急先行 / A duty lead issues a draft before its paperwork.
    async fn issue_emergency_order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: IssueEmergencyOrderInput,
    ) -> Result<IssueEmergencyOrderPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(
                ctx,
                key,
                |services, call| async move { services.disposal.issue_emergency(call, input.into()).await },
            );
        outcome.await.map(Into::into)
    }

    /// 补办手续 / Hands in the paperwork of an emergency order.
    async fn file_paperwork(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: FilePaperworkInput,
    ) -> Result<FilePaperworkPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(
                ctx,
                key,
                |services, call| async move { services.disposal.file_paperwork(call, input.into()).await },
            );
        outcome.await.map(Into::into)
    }

    /// 审批补办手续 / Agrees to the paperwork of an emergency order.
    async fn approve_paperwork(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: ApprovePaperworkInput,
    ) -> Result<ApprovePaperworkPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(
                ctx,
                key,
                |services, call| async move { services.disposal.approve_paperwork(call, input.into()).await },
            );
        outcome.await.map(Into::into)
    }

    /// 查看处置对象明文 / Shows one target in the clear; written to the ledger.
    async fn reveal_item(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: RevealItemInput,
    ) -> Result<RevealItemPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(ctx, key, |services, call| async move { services.disposal.reveal_item(call, input.into()).await });
        outcome.await.map(Into::into)
    }

    /// 签收任务 / Acknowledges a task.
    async fn acknowledge_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: AcknowledgeTaskInput,
    ) -> Result<AcknowledgeTaskPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(
                ctx,
                key,
                |services, call| async move { services.disposal.acknowledge_task(call, input.into()).await },
            );
        outcome.await.map(Into::into)
    }

    /// 开始执行 / Says that the execution has begun.
    async fn begin_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: BeginTaskInput,
    ) -> Result<BeginTaskPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(ctx, key, |services, call| async move { services.disposal.begin_task(call, input.into()).await });
        outcome.await.map(Into::into)
    }

    /// 回执：已执行 / Says that a task was carried out, with evidence.
    async fn execute_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: ExecuteTaskInput,
    ) -> Result<ExecuteTaskPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(ctx, key, |services, call| async move { services.disposal.execute_task(call, input.into()).await });
        outcome.await.map(Into::into)
    }

    /// 退件 / Refuses a task with a code.
    async fn refuse_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: RefuseTaskInput,
    ) -> Result<RefuseTaskPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(ctx, key, |services, call| async move { services.disposal.refuse_task(call, input.into()).await });
        outcome.await.map(Into::into)
    }

    /// 声明非本企业对象 / Says that the target is not the executor's; the task is passed on.
    async fn disown_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: DisownTaskInput,
    ) -> Result<DisownTaskPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(ctx, key, |services, call| async move { services.disposal.disown_task(call, input.into()).await });
        outcome.await.map(Into::into)
    }

    /// 执行失败 / Says that the execution failed and will be tried again.
    async fn fail_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: FailTaskInput,
    ) -> Result<FailTaskPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(ctx, key, |services, call| async move { services.disposal.fail_task(call, input.into()).await });
        outcome.await.map(Into::into)
    }

    /// 核验任务 / Confirms or disputes an execution; never by the executor.
    async fn verify_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: VerifyTaskInput,
    ) -> Result<VerifyTaskPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(ctx, key, |services, call| async move { services.disposal.verify_task(call, input.into()).await });
        outcome.await.map(Into::into)
    }

    /// 重新下发 / Sends a refused task out again.
    async fn reissue_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: ReissueTaskInput,
    ) -> Result<ReissueTaskPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(ctx, key, |services, call| async move { services.disposal.reissue_task(call, input.into()).await });
        outcome.await.map(Into::into)
    }

    /// 撤销任务 / Takes a task off the table.
    async fn drop_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: DropTaskInput,
    ) -> Result<DropTaskPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(ctx, key, |services, call| async move { services.disposal.drop_task(call, input.into()).await });
        outcome.await.map(Into::into)
    }

    /// 撤回单个未执行的任务，须两人同意 / Withdraws a task that was not carried out yet: the first person asks for it, another one agrees.
    async fn withdraw_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: WithdrawTaskInput,
    ) -> Result<WithdrawTaskPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(ctx, key, |services, call| async move { services.disposal.withdraw_task(call, input.into()).await });
        outcome.await.map(Into::into)
    }

    /// 人工派单 / Routes a task from the exception desk by hand.
    async fn route_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: RouteTaskInput,
    ) -> Result<RouteTaskPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(ctx, key, |services, call| async move { services.disposal.route_task(call, input.into()).await });
        outcome.await.map(Into::into)
    }
}
