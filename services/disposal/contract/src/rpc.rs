//! The methods of the service, delivery and routing tables excepted.

use cordon_context::{
    AppealId, CallContext, ItemId, NoticeId, OrderId, Page, PageRequest, ReceiptId, ReleaseId, SubjectId, TaskId,
    VerificationId,
};
use cordon_rpc::RpcFailure;
use jsonrpsee::proc_macros::rpc;

use crate::{
    AcknowledgeTask, Appeal, AppealFilter, AppealProgress, AppealStep, AppealText, ApproveDeferral, ApproveOrder,
    ApproveRenewal, AskProgress, AssignAppeal, BeginTask, CalendarYear, Changes, ClearReviewFlag, ConfirmProtective,
    ConsentRelease, DecideAppeal, DisownTask, DisposalPreview, DisposeSubjects, Disposed, DropTask, EditOrder,
    ExecuteTask, FailTask, FileAppeal, FilePaperwork, FiledAppeal, InForce, InboxFilter, Item, Listed, MeasureRule,
    Notice, Order, OrderFilter, OrderReason, OrderRelease, OrderStep, PayloadKey, ProposeProtected, Protected,
    ProtectedStep, ProtectiveMeasure, Receipt, RecordNotice, RecordProtective, RefuseTask, ReissueTask, Release,
    RenewMeasure, RequestDeferral, RevealAppeal, RevealItem, RevealedAppeal, RevealedItem, RouteTask, SetCalendarYear,
    SignedPayload, Task, TaskFilter, TaskStatus, TimelineEntry, TimelineOf, Verification, VerifyTask, WithdrawTask,
};

/// Orders, tasks, receipts, verification, notices, appeals and releases.
#[rpc(server, client, namespace = "disposal", namespace_separator = ".")]
pub trait Disposal {
    /// Says what would happen, before anything happens; changes nothing.
    #[method(name = "preview_disposal")]
    async fn preview_disposal(&self, ctx: CallContext, input: DisposeSubjects) -> Result<DisposalPreview, RpcFailure>;

    /// 一键处置: makes one order from many targets and submits it for review.
    #[method(name = "dispose_subjects")]
    async fn dispose_subjects(&self, ctx: CallContext, input: DisposeSubjects) -> Result<Disposed, RpcFailure>;

    /// Changes a draft or a returned order, which voids its approvals.
    #[method(name = "edit_order")]
    async fn edit_order(&self, ctx: CallContext, input: EditOrder) -> Result<Order, RpcFailure>;

    /// Submits a draft or a returned order for review.
    #[method(name = "submit_order")]
    async fn submit_order(&self, ctx: CallContext, input: OrderStep) -> Result<Order, RpcFailure>;

    /// Agrees to an order; it is issued as soon as every consent it needs is there.
    #[method(name = "approve_order")]
    async fn approve_order(&self, ctx: CallContext, input: ApproveOrder) -> Result<Order, RpcFailure>;

    /// Agrees to the protected targets of an order, at province level.
    #[method(name = "approve_protected")]
    async fn approve_protected(&self, ctx: CallContext, input: ApproveOrder) -> Result<Order, RpcFailure>;

    /// Gives an order back to its drafter.
    #[method(name = "return_order")]
    async fn return_order(&self, ctx: CallContext, input: OrderReason) -> Result<Order, RpcFailure>;

    /// Withdraws an order; what is being executed already becomes a release.
    #[method(name = "withdraw_order")]
    async fn withdraw_order(&self, ctx: CallContext, input: OrderReason) -> Result<Order, RpcFailure>;

    /// 紧急先行: a duty lead issues a draft before its paperwork.
    #[method(name = "issue_emergency")]
    async fn issue_emergency(&self, ctx: CallContext, input: OrderReason) -> Result<Order, RpcFailure>;

    /// Hands in the paperwork of an emergency order.
    #[method(name = "file_paperwork")]
    async fn file_paperwork(&self, ctx: CallContext, input: FilePaperwork) -> Result<Order, RpcFailure>;

    /// Agrees to the paperwork of an emergency order.
    #[method(name = "approve_paperwork")]
    async fn approve_paperwork(&self, ctx: CallContext, input: ApproveOrder) -> Result<Order, RpcFailure>;

    /// Records what an enterprise did to a target of its own on its own finding; it ends unless a named person confirms it.
    #[method(name = "record_protective")]
    async fn record_protective(
        &self,
        ctx: CallContext,
        input: RecordProtective,
    ) -> Result<ProtectiveMeasure, RpcFailure>;

    /// Confirms what one's own enterprise recorded, as it was read; never by the person who recorded it.
    #[method(name = "confirm_protective")]
    async fn confirm_protective(
        &self,
        ctx: CallContext,
        input: ConfirmProtective,
    ) -> Result<ProtectiveMeasure, RpcFailure>;

    /// Gives orders by their identifiers; what is out of reach is absent.
    #[method(name = "orders_by_ids")]
    async fn orders_by_ids(&self, ctx: CallContext, ids: Vec<OrderId>) -> Result<Vec<Order>, RpcFailure>;

    /// Lists orders, the newest first.
    #[method(name = "list_orders")]
    async fn list_orders(
        &self,
        ctx: CallContext,
        filter: OrderFilter,
        page: PageRequest,
    ) -> Result<Page<Order>, RpcFailure>;

    /// Gives items by their identifiers.
    #[method(name = "items_by_ids")]
    async fn items_by_ids(&self, ctx: CallContext, ids: Vec<ItemId>) -> Result<Vec<Item>, RpcFailure>;

    /// Lists the items of an order by their place.
    #[method(name = "items_of_order")]
    async fn items_of_order(
        &self,
        ctx: CallContext,
        order: OrderId,
        page: PageRequest,
    ) -> Result<Page<Item>, RpcFailure>;

    /// Shows one target in the clear, for a reason that goes into the ledger.
    #[method(name = "reveal_item")]
    async fn reveal_item(&self, ctx: CallContext, input: RevealItem) -> Result<RevealedItem, RpcFailure>;

    /// Gives tasks by their identifiers.
    #[method(name = "tasks_by_ids")]
    async fn tasks_by_ids(&self, ctx: CallContext, ids: Vec<TaskId>) -> Result<Vec<Task>, RpcFailure>;

    /// Gives all tasks of items, releases included.
    #[method(name = "tasks_by_items")]
    async fn tasks_by_items(&self, ctx: CallContext, items: Vec<ItemId>) -> Result<Vec<Task>, RpcFailure>;

    /// Lists tasks, the newest first.
    #[method(name = "list_tasks")]
    async fn list_tasks(
        &self,
        ctx: CallContext,
        filter: TaskFilter,
        page: PageRequest,
    ) -> Result<Page<Task>, RpcFailure>;

    /// Lists the open tasks of the caller's enterprise, the most pressing first.
    #[method(name = "inbox")]
    async fn inbox(&self, ctx: CallContext, filter: InboxFilter, page: PageRequest) -> Result<Page<Task>, RpcFailure>;

    /// Lists the tasks at the exception desk, the oldest first.
    #[method(name = "exception_desk")]
    async fn exception_desk(&self, ctx: CallContext, page: PageRequest) -> Result<Page<Task>, RpcFailure>;

    /// Tells an enterprise how tasks stand that were ever addressed to it.
    #[method(name = "task_status")]
    async fn task_status(&self, ctx: CallContext, ids: Vec<TaskId>) -> Result<Vec<TaskStatus>, RpcFailure>;

    /// Gives the executor a task in the clear and signed.
    #[method(name = "task_payload")]
    async fn task_payload(&self, ctx: CallContext, task: TaskId) -> Result<SignedPayload, RpcFailure>;

    /// Gives the public keys with which payloads are signed, the present one first.
    #[method(name = "payload_keys")]
    async fn payload_keys(&self, ctx: CallContext) -> Result<Vec<PayloadKey>, RpcFailure>;

    /// 签收.
    #[method(name = "acknowledge_task")]
    async fn acknowledge_task(&self, ctx: CallContext, input: AcknowledgeTask) -> Result<Task, RpcFailure>;

    /// Says that the execution has begun.
    #[method(name = "begin_task")]
    async fn begin_task(&self, ctx: CallContext, input: BeginTask) -> Result<Task, RpcFailure>;

    /// 已执行, with evidence.
    #[method(name = "execute_task")]
    async fn execute_task(&self, ctx: CallContext, input: ExecuteTask) -> Result<Task, RpcFailure>;

    /// 退件, with a code.
    #[method(name = "refuse_task")]
    async fn refuse_task(&self, ctx: CallContext, input: RefuseTask) -> Result<Task, RpcFailure>;

    /// Says that the target is not the executor's; the task is passed on.
    #[method(name = "disown_task")]
    async fn disown_task(&self, ctx: CallContext, input: DisownTask) -> Result<Task, RpcFailure>;

    /// Says that the execution failed and will be tried again.
    #[method(name = "fail_task")]
    async fn fail_task(&self, ctx: CallContext, input: FailTask) -> Result<Task, RpcFailure>;

    /// Confirms or disputes an execution; never by the executor.
    #[method(name = "verify_task")]
    async fn verify_task(&self, ctx: CallContext, input: VerifyTask) -> Result<Task, RpcFailure>;

    /// Sends a refused task out again.
    #[method(name = "reissue_task")]
    async fn reissue_task(&self, ctx: CallContext, input: ReissueTask) -> Result<Task, RpcFailure>;

    /// Takes a task off the table that was refused, failed, or waits at the desk.
    #[method(name = "drop_task")]
    async fn drop_task(&self, ctx: CallContext, input: DropTask) -> Result<Task, RpcFailure>;

    /// Withdraws a task that was not carried out yet: the first person asks for it, another one agrees.
    #[method(name = "withdraw_task")]
    async fn withdraw_task(&self, ctx: CallContext, input: WithdrawTask) -> Result<Task, RpcFailure>;

    /// Routes a task from the exception desk by hand.
    #[method(name = "route_task")]
    async fn route_task(&self, ctx: CallContext, input: RouteTask) -> Result<Task, RpcFailure>;

    /// Gives the receipts of tasks.
    #[method(name = "receipts_by_tasks")]
    async fn receipts_by_tasks(&self, ctx: CallContext, tasks: Vec<TaskId>) -> Result<Vec<Receipt>, RpcFailure>;

    /// Gives receipts by their identifiers.
    #[method(name = "receipts_by_ids")]
    async fn receipts_by_ids(&self, ctx: CallContext, ids: Vec<ReceiptId>) -> Result<Vec<Receipt>, RpcFailure>;

    /// Gives the verifications of tasks.
    #[method(name = "verifications_by_tasks")]
    async fn verifications_by_tasks(
        &self,
        ctx: CallContext,
        tasks: Vec<TaskId>,
    ) -> Result<Vec<Verification>, RpcFailure>;

    /// Gives verifications by their identifiers.
    #[method(name = "verifications_by_ids")]
    async fn verifications_by_ids(
        &self,
        ctx: CallContext,
        ids: Vec<VerificationId>,
    ) -> Result<Vec<Verification>, RpcFailure>;

    /// Gives the notices of tasks.
    #[method(name = "notices_by_tasks")]
    async fn notices_by_tasks(&self, ctx: CallContext, tasks: Vec<TaskId>) -> Result<Vec<Notice>, RpcFailure>;

    /// Gives notices by their identifiers.
    #[method(name = "notices_by_ids")]
    async fn notices_by_ids(&self, ctx: CallContext, ids: Vec<NoticeId>) -> Result<Vec<Notice>, RpcFailure>;

    /// Says that the holder was told.
    #[method(name = "record_notice")]
    async fn record_notice(&self, ctx: CallContext, input: RecordNotice) -> Result<Notice, RpcFailure>;

    /// Asks to put a notice off.
    #[method(name = "request_deferral")]
    async fn request_deferral(&self, ctx: CallContext, input: RequestDeferral) -> Result<Notice, RpcFailure>;

    /// Agrees to put a notice off.
    #[method(name = "approve_deferral")]
    async fn approve_deferral(&self, ctx: CallContext, input: ApproveDeferral) -> Result<Notice, RpcFailure>;

    /// Decides that a measure ends.
    #[method(name = "order_release")]
    async fn order_release(&self, ctx: CallContext, input: OrderRelease) -> Result<Release, RpcFailure>;

    /// Consents to a release that another holder decided.
    #[method(name = "consent_release")]
    async fn consent_release(&self, ctx: CallContext, input: ConsentRelease) -> Result<Release, RpcFailure>;

    /// Gives the releases of tasks, also those that wait for the caller's consent.
    #[method(name = "releases_by_tasks")]
    async fn releases_by_tasks(&self, ctx: CallContext, tasks: Vec<TaskId>) -> Result<Vec<Release>, RpcFailure>;

    /// Gives releases by their identifiers.
    #[method(name = "releases_by_ids")]
    async fn releases_by_ids(&self, ctx: CallContext, ids: Vec<ReleaseId>) -> Result<Vec<Release>, RpcFailure>;

    /// Lists releases that wait for the consent of the caller's organisation.
    #[method(name = "releases_awaiting_consent")]
    async fn releases_awaiting_consent(&self, ctx: CallContext, page: PageRequest)
    -> Result<Page<Release>, RpcFailure>;

    /// Asks for a longer time in force.
    #[method(name = "renew_measure")]
    async fn renew_measure(&self, ctx: CallContext, input: RenewMeasure) -> Result<Task, RpcFailure>;

    /// Agrees to a longer time in force.
    #[method(name = "approve_renewal")]
    async fn approve_renewal(&self, ctx: CallContext, input: ApproveRenewal) -> Result<Task, RpcFailure>;

    /// Says that a flagged measure was looked at and goes on.
    #[method(name = "clear_review_flag")]
    async fn clear_review_flag(&self, ctx: CallContext, input: ClearReviewFlag) -> Result<Task, RpcFailure>;

    /// Tells which measures are in force or on their way against subjects, as far as the caller may know.
    #[method(name = "measures_in_force")]
    async fn measures_in_force(&self, ctx: CallContext, subjects: Vec<SubjectId>) -> Result<Vec<InForce>, RpcFailure>;

    /// Registers an appeal and forwards it to the organ that decided.
    #[method(name = "file_appeal")]
    async fn file_appeal(&self, ctx: CallContext, input: FileAppeal) -> Result<FiledAppeal, RpcFailure>;

    /// Shows what an appellant said and handed in, for a reason that goes into the ledger.
    #[method(name = "reveal_appeal")]
    async fn reveal_appeal(&self, ctx: CallContext, input: RevealAppeal) -> Result<RevealedAppeal, RpcFailure>;

    /// Says what is missing.
    #[method(name = "request_supplement")]
    async fn request_supplement(&self, ctx: CallContext, input: AppealText) -> Result<Appeal, RpcFailure>;

    /// Hands in what was missing.
    #[method(name = "supplement_appeal")]
    async fn supplement_appeal(&self, ctx: CallContext, input: AppealText) -> Result<Appeal, RpcFailure>;

    /// 受理.
    #[method(name = "accept_appeal")]
    async fn accept_appeal(&self, ctx: CallContext, input: AppealStep) -> Result<Appeal, RpcFailure>;

    /// 不予受理, with the reason.
    #[method(name = "decline_appeal")]
    async fn decline_appeal(&self, ctx: CallContext, input: AppealText) -> Result<Appeal, RpcFailure>;

    /// Gives an appeal to an officer who did not decide.
    #[method(name = "assign_appeal")]
    async fn assign_appeal(&self, ctx: CallContext, input: AssignAppeal) -> Result<Appeal, RpcFailure>;

    /// Says that the verification has begun.
    #[method(name = "begin_appeal_verification")]
    async fn begin_appeal_verification(&self, ctx: CallContext, input: AppealStep) -> Result<Appeal, RpcFailure>;

    /// Extends the time to decide, once, with the consent of an approver who does not hear the appeal.
    #[method(name = "extend_appeal")]
    async fn extend_appeal(&self, ctx: CallContext, input: AppealText) -> Result<Appeal, RpcFailure>;

    /// Decides an appeal.
    #[method(name = "decide_appeal")]
    async fn decide_appeal(&self, ctx: CallContext, input: DecideAppeal) -> Result<Appeal, RpcFailure>;

    /// Answers the appellant.
    #[method(name = "reply_appeal")]
    async fn reply_appeal(&self, ctx: CallContext, input: AppealText) -> Result<Appeal, RpcFailure>;

    /// 办结.
    #[method(name = "close_appeal")]
    async fn close_appeal(&self, ctx: CallContext, input: AppealStep) -> Result<Appeal, RpcFailure>;

    /// Asks the superior organ for a review, once; the new appeal has a number of its own.
    #[method(name = "request_appeal_review")]
    async fn request_appeal_review(&self, ctx: CallContext, input: AppealText) -> Result<FiledAppeal, RpcFailure>;

    /// Tells a citizen with number and code how the appeal stands; the gateway limits how often that may be asked.
    #[method(name = "appeal_progress")]
    async fn appeal_progress(&self, ctx: CallContext, input: AskProgress) -> Result<AppealProgress, RpcFailure>;

    /// Gives appeals by their identifiers.
    #[method(name = "appeals_by_ids")]
    async fn appeals_by_ids(&self, ctx: CallContext, ids: Vec<AppealId>) -> Result<Vec<Appeal>, RpcFailure>;

    /// Gives the appeals against tasks.
    #[method(name = "appeals_by_tasks")]
    async fn appeals_by_tasks(&self, ctx: CallContext, tasks: Vec<TaskId>) -> Result<Vec<Appeal>, RpcFailure>;

    /// Lists appeals, the newest first.
    #[method(name = "list_appeals")]
    async fn list_appeals(
        &self,
        ctx: CallContext,
        filter: AppealFilter,
        page: PageRequest,
    ) -> Result<Page<Appeal>, RpcFailure>;

    /// Proposes an entry of the protected list.
    #[method(name = "propose_protected")]
    async fn propose_protected(&self, ctx: CallContext, input: ProposeProtected) -> Result<Protected, RpcFailure>;

    /// Proposes to take an entry out.
    #[method(name = "propose_removal")]
    async fn propose_removal(&self, ctx: CallContext, input: ProtectedStep) -> Result<Protected, RpcFailure>;

    /// Confirms the last proposal on an entry; never by the person who made it.
    #[method(name = "confirm_protected")]
    async fn confirm_protected(&self, ctx: CallContext, input: ProtectedStep) -> Result<Protected, RpcFailure>;

    /// Lists the protected list, the newest first.
    #[method(name = "list_protected")]
    async fn list_protected(&self, ctx: CallContext, page: PageRequest) -> Result<Page<Protected>, RpcFailure>;

    /// Tells which of these subjects the protected list names, to whoever may read cases or reports; at most 10,000. A name
    /// protects what stands below it, so who asks about a name asks about those above it as well.
    #[method(name = "listed_subjects")]
    async fn listed_subjects(&self, ctx: CallContext, subjects: Vec<SubjectId>) -> Result<Vec<Listed>, RpcFailure>;

    /// Gives the days of a year that differ from what their weekday says.
    #[method(name = "calendar_year")]
    async fn calendar_year(&self, ctx: CallContext, year: i32) -> Result<CalendarYear, RpcFailure>;

    /// Replaces the days of a year.
    #[method(name = "set_calendar_year")]
    async fn set_calendar_year(&self, ctx: CallContext, input: SetCalendarYear) -> Result<CalendarYear, RpcFailure>;

    /// Gives the measure table.
    #[method(name = "measure_table")]
    async fn measure_table(&self, ctx: CallContext) -> Result<Vec<MeasureRule>, RpcFailure>;

    /// Lists what happened to an order, a task or an appeal, the oldest first.
    #[method(name = "timeline")]
    async fn timeline(
        &self,
        ctx: CallContext,
        of: TimelineOf,
        page: PageRequest,
    ) -> Result<Page<TimelineEntry>, RpcFailure>;

    /// Tells what changed after a position, as far as the caller may know.
    #[method(name = "changes")]
    async fn changes(&self, ctx: CallContext, after: i64, limit: u32) -> Result<Changes, RpcFailure>;

    /// The position of the last change, from which a new subscription goes on.
    #[method(name = "last_position")]
    async fn last_position(&self, ctx: CallContext) -> Result<i64, RpcFailure>;
}
