//! The methods as the link calls them: each one use case, and the failure turned into what may go out.

use async_trait::async_trait;
use cordon_context::{
    AppealId, CallContext, ItemId, NoticeId, OrderId, Page, PageRequest, ReceiptId, Refusal, ReleaseId, SubjectId,
    TaskId, VerificationId,
};
use cordon_disposal_contract::{
    AcknowledgeTask, Appeal, AppealFilter, AppealProgress, AppealStep, AppealText, ApproveDeferral, ApproveOrder,
    ApproveRenewal, AskProgress, AssignAppeal, BeginTask, CalendarYear, Changes, ClearReviewFlag, ConfirmProtective,
    ConsentRelease, DecideAppeal, DisownTask, DisposalPreview, DisposalServer, DisposeSubjects, Disposed, DropTask,
    EditOrder, ExecuteTask, FailTask, FileAppeal, FilePaperwork, FiledAppeal, InForce, InboxFilter, Item, Listed,
    MeasureRule, Notice, Order, OrderFilter, OrderReason, OrderRelease, OrderStep, PayloadKey, ProposeProtected,
    Protected, ProtectedStep, ProtectiveMeasure, Receipt, RecordNotice, RecordProtective, RefuseTask, ReissueTask,
    Release, RenewMeasure, RequestDeferral, RevealAppeal, RevealItem, RevealedAppeal, RevealedItem, RouteTask,
    SetCalendarYear, SignedPayload, Task, TaskFilter, TaskStatus, TimelineEntry, TimelineOf, Verification, VerifyTask,
    WithdrawTask,
};
use cordon_rpc::RpcFailure;
use cordon_store::Failure;

use crate::service::Disposal;

fn out(failure: Failure) -> RpcFailure {
    RpcFailure(Refusal::from(failure))
}

#[async_trait]
impl DisposalServer for Disposal {
    async fn preview_disposal(&self, ctx: CallContext, input: DisposeSubjects) -> Result<DisposalPreview, RpcFailure> {
        Disposal::preview_disposal(self, &ctx, input).await.map_err(out)
    }

    async fn dispose_subjects(&self, ctx: CallContext, input: DisposeSubjects) -> Result<Disposed, RpcFailure> {
        Disposal::dispose_subjects(self, &ctx, input).await.map_err(out)
    }

    async fn edit_order(&self, ctx: CallContext, input: EditOrder) -> Result<Order, RpcFailure> {
        Disposal::edit_order(self, &ctx, input).await.map_err(out)
    }

    async fn submit_order(&self, ctx: CallContext, input: OrderStep) -> Result<Order, RpcFailure> {
        Disposal::submit_order(self, &ctx, input).await.map_err(out)
    }

    async fn approve_order(&self, ctx: CallContext, input: ApproveOrder) -> Result<Order, RpcFailure> {
        Disposal::approve_order(self, &ctx, input).await.map_err(out)
    }

    async fn approve_protected(&self, ctx: CallContext, input: ApproveOrder) -> Result<Order, RpcFailure> {
        Disposal::approve_protected(self, &ctx, input).await.map_err(out)
    }

    async fn return_order(&self, ctx: CallContext, input: OrderReason) -> Result<Order, RpcFailure> {
        Disposal::return_order(self, &ctx, input).await.map_err(out)
    }

    async fn withdraw_order(&self, ctx: CallContext, input: OrderReason) -> Result<Order, RpcFailure> {
        Disposal::withdraw_order(self, &ctx, input).await.map_err(out)
    }

    async fn issue_emergency(&self, ctx: CallContext, input: OrderReason) -> Result<Order, RpcFailure> {
        Disposal::issue_emergency(self, &ctx, input).await.map_err(out)
    }

    async fn file_paperwork(&self, ctx: CallContext, input: FilePaperwork) -> Result<Order, RpcFailure> {
        Disposal::file_paperwork(self, &ctx, input).await.map_err(out)
    }

    async fn approve_paperwork(&self, ctx: CallContext, input: ApproveOrder) -> Result<Order, RpcFailure> {
        Disposal::approve_paperwork(self, &ctx, input).await.map_err(out)
    }

    async fn record_protective(
        &self,
        ctx: CallContext,
        input: RecordProtective,
    ) -> Result<ProtectiveMeasure, RpcFailure> {
        Disposal::record_protective(self, &ctx, input).await.map_err(out)
    }

    async fn confirm_protective(
        &self,
        ctx: CallContext,
        input: ConfirmProtective,
    ) -> Result<ProtectiveMeasure, RpcFailure> {
        Disposal::confirm_protective(self, &ctx, input).await.map_err(out)
    }

    async fn orders_by_ids(&self, ctx: CallContext, ids: Vec<OrderId>) -> Result<Vec<Order>, RpcFailure> {
        Disposal::orders_by_ids(self, &ctx, &ids).await.map_err(out)
    }

    async fn list_orders(
        &self,
        ctx: CallContext,
        filter: OrderFilter,
        page: PageRequest,
    ) -> Result<Page<Order>, RpcFailure> {
        Disposal::list_orders(self, &ctx, filter, page).await.map_err(out)
    }

    async fn items_by_ids(&self, ctx: CallContext, ids: Vec<ItemId>) -> Result<Vec<Item>, RpcFailure> {
        Disposal::items_by_ids(self, &ctx, &ids).await.map_err(out)
    }

    async fn items_of_order(
        &self,
        ctx: CallContext,
        order: OrderId,
        page: PageRequest,
    ) -> Result<Page<Item>, RpcFailure> {
        Disposal::items_of_order(self, &ctx, order, page).await.map_err(out)
    }

    async fn reveal_item(&self, ctx: CallContext, input: RevealItem) -> Result<RevealedItem, RpcFailure> {
        Disposal::reveal_item(self, &ctx, input).await.map_err(out)
    }

    async fn tasks_by_ids(&self, ctx: CallContext, ids: Vec<TaskId>) -> Result<Vec<Task>, RpcFailure> {
        Disposal::tasks_by_ids(self, &ctx, &ids).await.map_err(out)
    }

    async fn tasks_by_items(&self, ctx: CallContext, items: Vec<ItemId>) -> Result<Vec<Task>, RpcFailure> {
        Disposal::tasks_by_items(self, &ctx, &items).await.map_err(out)
    }

    async fn list_tasks(
        &self,
        ctx: CallContext,
        filter: TaskFilter,
        page: PageRequest,
    ) -> Result<Page<Task>, RpcFailure> {
        Disposal::list_tasks(self, &ctx, filter, page).await.map_err(out)
    }

    async fn inbox(&self, ctx: CallContext, filter: InboxFilter, page: PageRequest) -> Result<Page<Task>, RpcFailure> {
        Disposal::inbox(self, &ctx, filter, page).await.map_err(out)
    }

    async fn exception_desk(&self, ctx: CallContext, page: PageRequest) -> Result<Page<Task>, RpcFailure> {
        Disposal::exception_desk(self, &ctx, page).await.map_err(out)
    }

    async fn task_status(&self, ctx: CallContext, ids: Vec<TaskId>) -> Result<Vec<TaskStatus>, RpcFailure> {
        Disposal::task_status(self, &ctx, &ids).await.map_err(out)
    }

    async fn task_payload(&self, ctx: CallContext, task: TaskId) -> Result<SignedPayload, RpcFailure> {
        Disposal::task_payload(self, &ctx, task).await.map_err(out)
    }

    async fn payload_keys(&self, ctx: CallContext) -> Result<Vec<PayloadKey>, RpcFailure> {
        Disposal::payload_keys(self, &ctx).map_err(out)
    }

    async fn acknowledge_task(&self, ctx: CallContext, input: AcknowledgeTask) -> Result<Task, RpcFailure> {
        Disposal::acknowledge_task(self, &ctx, input).await.map_err(out)
    }

    async fn begin_task(&self, ctx: CallContext, input: BeginTask) -> Result<Task, RpcFailure> {
        Disposal::begin_task(self, &ctx, input).await.map_err(out)
    }

    async fn execute_task(&self, ctx: CallContext, input: ExecuteTask) -> Result<Task, RpcFailure> {
        Disposal::execute_task(self, &ctx, input).await.map_err(out)
    }

    async fn refuse_task(&self, ctx: CallContext, input: RefuseTask) -> Result<Task, RpcFailure> {
        Disposal::refuse_task(self, &ctx, input).await.map_err(out)
    }

    async fn disown_task(&self, ctx: CallContext, input: DisownTask) -> Result<Task, RpcFailure> {
        Disposal::disown_task(self, &ctx, input).await.map_err(out)
    }

    async fn fail_task(&self, ctx: CallContext, input: FailTask) -> Result<Task, RpcFailure> {
        Disposal::fail_task(self, &ctx, input).await.map_err(out)
    }

    async fn verify_task(&self, ctx: CallContext, input: VerifyTask) -> Result<Task, RpcFailure> {
        Disposal::verify_task(self, &ctx, input).await.map_err(out)
    }

    async fn reissue_task(&self, ctx: CallContext, input: ReissueTask) -> Result<Task, RpcFailure> {
        Disposal::reissue_task(self, &ctx, input).await.map_err(out)
    }

    async fn drop_task(&self, ctx: CallContext, input: DropTask) -> Result<Task, RpcFailure> {
        Disposal::drop_task(self, &ctx, input).await.map_err(out)
    }

    async fn withdraw_task(&self, ctx: CallContext, input: WithdrawTask) -> Result<Task, RpcFailure> {
        Disposal::withdraw_task(self, &ctx, input).await.map_err(out)
    }

    async fn route_task(&self, ctx: CallContext, input: RouteTask) -> Result<Task, RpcFailure> {
        Disposal::route_task(self, &ctx, input).await.map_err(out)
    }

    async fn receipts_by_tasks(&self, ctx: CallContext, tasks: Vec<TaskId>) -> Result<Vec<Receipt>, RpcFailure> {
        Disposal::receipts_by_tasks(self, &ctx, &tasks).await.map_err(out)
    }

    async fn receipts_by_ids(&self, ctx: CallContext, ids: Vec<ReceiptId>) -> Result<Vec<Receipt>, RpcFailure> {
        Disposal::receipts_by_ids(self, &ctx, &ids).await.map_err(out)
    }

    async fn verifications_by_tasks(
        &self,
        ctx: CallContext,
        tasks: Vec<TaskId>,
    ) -> Result<Vec<Verification>, RpcFailure> {
        Disposal::verifications_by_tasks(self, &ctx, &tasks).await.map_err(out)
    }

    async fn verifications_by_ids(
        &self,
        ctx: CallContext,
        ids: Vec<VerificationId>,
    ) -> Result<Vec<Verification>, RpcFailure> {
        Disposal::verifications_by_ids(self, &ctx, &ids).await.map_err(out)
    }

    async fn notices_by_tasks(&self, ctx: CallContext, tasks: Vec<TaskId>) -> Result<Vec<Notice>, RpcFailure> {
        Disposal::notices_by_tasks(self, &ctx, &tasks).await.map_err(out)
    }

    async fn notices_by_ids(&self, ctx: CallContext, ids: Vec<NoticeId>) -> Result<Vec<Notice>, RpcFailure> {
        Disposal::notices_by_ids(self, &ctx, &ids).await.map_err(out)
    }

    async fn record_notice(&self, ctx: CallContext, input: RecordNotice) -> Result<Notice, RpcFailure> {
        Disposal::record_notice(self, &ctx, input).await.map_err(out)
    }

    async fn request_deferral(&self, ctx: CallContext, input: RequestDeferral) -> Result<Notice, RpcFailure> {
        Disposal::request_deferral(self, &ctx, input).await.map_err(out)
    }

    async fn approve_deferral(&self, ctx: CallContext, input: ApproveDeferral) -> Result<Notice, RpcFailure> {
        Disposal::approve_deferral(self, &ctx, input).await.map_err(out)
    }

    async fn order_release(&self, ctx: CallContext, input: OrderRelease) -> Result<Release, RpcFailure> {
        Disposal::order_release(self, &ctx, input).await.map_err(out)
    }

    async fn consent_release(&self, ctx: CallContext, input: ConsentRelease) -> Result<Release, RpcFailure> {
        Disposal::consent_release(self, &ctx, input).await.map_err(out)
    }

    async fn releases_by_tasks(&self, ctx: CallContext, tasks: Vec<TaskId>) -> Result<Vec<Release>, RpcFailure> {
        Disposal::releases_by_tasks(self, &ctx, &tasks).await.map_err(out)
    }

    async fn releases_by_ids(&self, ctx: CallContext, ids: Vec<ReleaseId>) -> Result<Vec<Release>, RpcFailure> {
        Disposal::releases_by_ids(self, &ctx, &ids).await.map_err(out)
    }

    async fn releases_awaiting_consent(
        &self,
        ctx: CallContext,
        page: PageRequest,
    ) -> Result<Page<Release>, RpcFailure> {
        Disposal::releases_awaiting_consent(self, &ctx, page).await.map_err(out)
    }

    async fn renew_measure(&self, ctx: CallContext, input: RenewMeasure) -> Result<Task, RpcFailure> {
        Disposal::renew_measure(self, &ctx, input).await.map_err(out)
    }

    async fn approve_renewal(&self, ctx: CallContext, input: ApproveRenewal) -> Result<Task, RpcFailure> {
        Disposal::approve_renewal(self, &ctx, input).await.map_err(out)
    }

    async fn clear_review_flag(&self, ctx: CallContext, input: ClearReviewFlag) -> Result<Task, RpcFailure> {
        Disposal::clear_review_flag(self, &ctx, input).await.map_err(out)
    }

    async fn measures_in_force(&self, ctx: CallContext, subjects: Vec<SubjectId>) -> Result<Vec<InForce>, RpcFailure> {
        Disposal::measures_in_force(self, &ctx, &subjects).await.map_err(out)
    }

    async fn file_appeal(&self, ctx: CallContext, input: FileAppeal) -> Result<FiledAppeal, RpcFailure> {
        Disposal::file_appeal(self, &ctx, input).await.map_err(out)
    }

    async fn reveal_appeal(&self, ctx: CallContext, input: RevealAppeal) -> Result<RevealedAppeal, RpcFailure> {
        Disposal::reveal_appeal(self, &ctx, input).await.map_err(out)
    }

    async fn request_supplement(&self, ctx: CallContext, input: AppealText) -> Result<Appeal, RpcFailure> {
        Disposal::request_supplement(self, &ctx, input).await.map_err(out)
    }

    async fn supplement_appeal(&self, ctx: CallContext, input: AppealText) -> Result<Appeal, RpcFailure> {
        Disposal::supplement_appeal(self, &ctx, input).await.map_err(out)
    }

    async fn accept_appeal(&self, ctx: CallContext, input: AppealStep) -> Result<Appeal, RpcFailure> {
        Disposal::accept_appeal(self, &ctx, input).await.map_err(out)
    }

    async fn decline_appeal(&self, ctx: CallContext, input: AppealText) -> Result<Appeal, RpcFailure> {
        Disposal::decline_appeal(self, &ctx, input).await.map_err(out)
    }

    async fn assign_appeal(&self, ctx: CallContext, input: AssignAppeal) -> Result<Appeal, RpcFailure> {
        Disposal::assign_appeal(self, &ctx, input).await.map_err(out)
    }

    async fn begin_appeal_verification(&self, ctx: CallContext, input: AppealStep) -> Result<Appeal, RpcFailure> {
        Disposal::begin_appeal_verification(self, &ctx, input).await.map_err(out)
    }

    async fn extend_appeal(&self, ctx: CallContext, input: AppealText) -> Result<Appeal, RpcFailure> {
        Disposal::extend_appeal(self, &ctx, input).await.map_err(out)
    }

    async fn decide_appeal(&self, ctx: CallContext, input: DecideAppeal) -> Result<Appeal, RpcFailure> {
        Disposal::decide_appeal(self, &ctx, input).await.map_err(out)
    }

    async fn reply_appeal(&self, ctx: CallContext, input: AppealText) -> Result<Appeal, RpcFailure> {
        Disposal::reply_appeal(self, &ctx, input).await.map_err(out)
    }

    async fn close_appeal(&self, ctx: CallContext, input: AppealStep) -> Result<Appeal, RpcFailure> {
        Disposal::close_appeal(self, &ctx, input).await.map_err(out)
    }

    async fn request_appeal_review(&self, ctx: CallContext, input: AppealText) -> Result<FiledAppeal, RpcFailure> {
        Disposal::request_appeal_review(self, &ctx, input).await.map_err(out)
    }

    async fn appeal_progress(&self, ctx: CallContext, input: AskProgress) -> Result<AppealProgress, RpcFailure> {
        Disposal::appeal_progress(self, &ctx, input).await.map_err(out)
    }

    async fn appeals_by_ids(&self, ctx: CallContext, ids: Vec<AppealId>) -> Result<Vec<Appeal>, RpcFailure> {
        Disposal::appeals_by_ids(self, &ctx, &ids).await.map_err(out)
    }

    async fn appeals_by_tasks(&self, ctx: CallContext, tasks: Vec<TaskId>) -> Result<Vec<Appeal>, RpcFailure> {
        Disposal::appeals_by_tasks(self, &ctx, &tasks).await.map_err(out)
    }

    async fn list_appeals(
        &self,
        ctx: CallContext,
        filter: AppealFilter,
        page: PageRequest,
    ) -> Result<Page<Appeal>, RpcFailure> {
        Disposal::list_appeals(self, &ctx, filter, page).await.map_err(out)
    }

    async fn propose_protected(&self, ctx: CallContext, input: ProposeProtected) -> Result<Protected, RpcFailure> {
        Disposal::propose_protected(self, &ctx, input).await.map_err(out)
    }

    async fn propose_removal(&self, ctx: CallContext, input: ProtectedStep) -> Result<Protected, RpcFailure> {
        Disposal::propose_removal(self, &ctx, input).await.map_err(out)
    }

    async fn confirm_protected(&self, ctx: CallContext, input: ProtectedStep) -> Result<Protected, RpcFailure> {
        Disposal::confirm_protected(self, &ctx, input).await.map_err(out)
    }

    async fn list_protected(&self, ctx: CallContext, page: PageRequest) -> Result<Page<Protected>, RpcFailure> {
        Disposal::list_protected(self, &ctx, page).await.map_err(out)
    }

    async fn listed_subjects(&self, ctx: CallContext, subjects: Vec<SubjectId>) -> Result<Vec<Listed>, RpcFailure> {
        Disposal::listed_subjects(self, &ctx, &subjects).await.map_err(out)
    }

    async fn calendar_year(&self, ctx: CallContext, year: i32) -> Result<CalendarYear, RpcFailure> {
        Disposal::calendar_year(self, &ctx, year).await.map_err(out)
    }

    async fn set_calendar_year(&self, ctx: CallContext, input: SetCalendarYear) -> Result<CalendarYear, RpcFailure> {
        Disposal::set_calendar_year(self, &ctx, input).await.map_err(out)
    }

    async fn measure_table(&self, ctx: CallContext) -> Result<Vec<MeasureRule>, RpcFailure> {
        Disposal::measure_table(self, &ctx).map_err(out)
    }

    async fn timeline(
        &self,
        ctx: CallContext,
        of: TimelineOf,
        page: PageRequest,
    ) -> Result<Page<TimelineEntry>, RpcFailure> {
        Disposal::timeline(self, &ctx, of, page).await.map_err(out)
    }

    async fn changes(&self, ctx: CallContext, after: i64, limit: u32) -> Result<Changes, RpcFailure> {
        Disposal::changes(self, &ctx, after, limit).await.map_err(out)
    }

    async fn last_position(&self, ctx: CallContext) -> Result<i64, RpcFailure> {
        Disposal::last_position(self, &ctx).await.map_err(out)
    }
}
