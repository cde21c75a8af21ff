//! What the mutations of the disposal service answer.

use crate::disposal::{
    Appeal, CalendarYear, DeliveryAttempt, DisposalPreview, Endpoint, ImportedRouting, Notice, Order, ProtectedEntry,
    Release, RevealedAppeal, RevealedItem, RoutingEntry, Task,
};
use crate::outcome::payloads;
use cordon_disposal_contract as contract;

payloads! {
    /// 查看申诉明文的结果 / What revealAppeal brought.
    RevealAppealPayload: contract::RevealedAppeal {
        /// 明文 / The appeal in the clear.
        revealed: RevealedAppeal = |done| RevealedAppeal(done),
    }

    /// 一键处置的结果 / What disposeSubjects brought.
    DisposeSubjectsPayload: contract::Disposed {
        /// 指令 / The order.
        order: Order = |done| Order(done.order),
        /// 预检结果 / What was found on the way.
        preview: DisposalPreview = |done| DisposalPreview(done.preview),
    }

    /// 修改指令的结果 / What editOrder brought.
    EditOrderPayload: contract::Order {
        /// 指令 / The order.
        order: Order = |done| Order(done),
    }

    /// 提交审核的结果 / What submitOrder brought.
    SubmitOrderPayload: contract::Order {
        /// 指令 / The order.
        order: Order = |done| Order(done),
    }

    /// 审批指令的结果 / What approveOrder brought.
    ApproveOrderPayload: contract::Order {
        /// 指令 / The order.
        order: Order = |done| Order(done),
    }

    /// 审批受保护对象的结果 / What approveProtectedTargets brought.
    ApproveProtectedTargetsPayload: contract::Order {
        /// 指令 / The order.
        order: Order = |done| Order(done),
    }

    /// 退回指令的结果 / What returnOrder brought.
    ReturnOrderPayload: contract::Order {
        /// 指令 / The order.
        order: Order = |done| Order(done),
    }

    /// 撤回指令的结果 / What withdrawOrder brought.
    WithdrawOrderPayload: contract::Order {
        /// 指令 / The order.
        order: Order = |done| Order(done),
    }

    /// 紧急先行的结果 / What issueEmergencyOrder brought.
    IssueEmergencyOrderPayload: contract::Order {
        /// 指令 / The order.
        order: Order = |done| Order(done),
    }

    /// 补办手续的结果 / What filePaperwork brought.
    FilePaperworkPayload: contract::Order {
        /// 指令 / The order.
        order: Order = |done| Order(done),
    }

    /// 审批补办手续的结果 / What approvePaperwork brought.
    ApprovePaperworkPayload: contract::Order {
        /// 指令 / The order.
        order: Order = |done| Order(done),
    }

    /// 登记企业自行采取的措施的结果 / What recordProtectiveMeasure brought.
    RecordProtectiveMeasurePayload: contract::ProtectiveMeasure {
        /// 记录 / The record.
        order: Order = |done| Order(done.order.clone()),
        /// 措施 / The measure.
        task: Task = |done| Task(done.task),
    }

    /// 确认企业自行采取的措施的结果 / What confirmProtectiveMeasure brought.
    ConfirmProtectiveMeasurePayload: contract::ProtectiveMeasure {
        /// 记录 / The record.
        order: Order = |done| Order(done.order.clone()),
        /// 措施 / The measure.
        task: Task = |done| Task(done.task),
    }

    /// 查看处置对象明文的结果 / What revealItem brought.
    RevealItemPayload: contract::RevealedItem {
        /// 明文 / The target in the clear.
        revealed: RevealedItem = |done| RevealedItem(done),
    }

    /// 签收任务的结果 / What acknowledgeTask brought.
    AcknowledgeTaskPayload: contract::Task {
        /// 任务 / The task.
        task: Task = |done| Task(done),
    }

    /// 开始执行的结果 / What beginTask brought.
    BeginTaskPayload: contract::Task {
        /// 任务 / The task.
        task: Task = |done| Task(done),
    }

    /// 回执：已执行的结果 / What executeTask brought.
    ExecuteTaskPayload: contract::Task {
        /// 任务 / The task.
        task: Task = |done| Task(done),
    }

    /// 退件的结果 / What refuseTask brought.
    RefuseTaskPayload: contract::Task {
        /// 任务 / The task.
        task: Task = |done| Task(done),
    }

    /// 声明非本企业对象的结果 / What disownTask brought.
    DisownTaskPayload: contract::Task {
        /// 任务 / The task.
        task: Task = |done| Task(done),
    }

    /// 执行失败的结果 / What failTask brought.
    FailTaskPayload: contract::Task {
        /// 任务 / The task.
        task: Task = |done| Task(done),
    }

    /// 核验任务的结果 / What verifyTask brought.
    VerifyTaskPayload: contract::Task {
        /// 任务 / The task.
        task: Task = |done| Task(done),
    }

    /// 重新下发的结果 / What reissueTask brought.
    ReissueTaskPayload: contract::Task {
        /// 任务 / The task.
        task: Task = |done| Task(done),
    }

    /// 撤销任务的结果 / What dropTask brought.
    DropTaskPayload: contract::Task {
        /// 任务 / The task.
        task: Task = |done| Task(done),
    }

    /// 撤回单个任务的结果 / What withdrawTask brought.
    WithdrawTaskPayload: contract::Task {
        /// 任务 / The task.
        task: Task = |done| Task(done),
    }

    /// 人工派单的结果 / What routeTask brought.
    RouteTaskPayload: contract::Task {
        /// 任务 / The task.
        task: Task = |done| Task(done),
    }

    /// 登记告知的结果 / What recordNotice brought.
    RecordNoticePayload: contract::Notice {
        /// 告知 / The notice.
        notice: Notice = |done| Notice(done),
    }

    /// 申请暂缓告知的结果 / What requestNoticeDeferral brought.
    RequestNoticeDeferralPayload: contract::Notice {
        /// 告知 / The notice.
        notice: Notice = |done| Notice(done),
    }

    /// 批准暂缓告知的结果 / What approveNoticeDeferral brought.
    ApproveNoticeDeferralPayload: contract::Notice {
        /// 告知 / The notice.
        notice: Notice = |done| Notice(done),
    }

    /// 决定解除的结果 / What orderRelease brought.
    OrderReleasePayload: contract::Release {
        /// 解除 / The release.
        release: Release = |done| Release(done),
    }

    /// 同意解除（轮候方）的结果 / What consentRelease brought.
    ConsentReleasePayload: contract::Release {
        /// 解除 / The release.
        release: Release = |done| Release(done),
    }

    /// 申请续期的结果 / What renewMeasure brought.
    RenewMeasurePayload: contract::Task {
        /// 任务 / The task.
        task: Task = |done| Task(done),
    }

    /// 批准续期的结果 / What approveRenewal brought.
    ApproveRenewalPayload: contract::Task {
        /// 任务 / The task.
        task: Task = |done| Task(done),
    }

    /// 清除复核标记的结果 / What clearReviewFlag brought.
    ClearReviewFlagPayload: contract::Task {
        /// 任务 / The task.
        task: Task = |done| Task(done),
    }

    /// 登记申诉的结果 / What fileAppeal brought.
    FileAppealPayload: contract::FiledAppeal {
        /// 申诉 / The appeal.
        appeal: Appeal = |done| Appeal(done.appeal),
        /// 查询码，仅显示一次 / The code with which to see the progress, shown once.
        code: String = |done| done.code,
    }

    /// 要求补充材料的结果 / What requestSupplement brought.
    RequestSupplementPayload: contract::Appeal {
        /// 申诉 / The appeal.
        appeal: Appeal = |done| Appeal(done),
    }

    /// 补充申诉材料的结果 / What supplementAppeal brought.
    SupplementAppealPayload: contract::Appeal {
        /// 申诉 / The appeal.
        appeal: Appeal = |done| Appeal(done),
    }

    /// 受理申诉的结果 / What acceptAppeal brought.
    AcceptAppealPayload: contract::Appeal {
        /// 申诉 / The appeal.
        appeal: Appeal = |done| Appeal(done),
    }

    /// 不予受理的结果 / What declineAppeal brought.
    DeclineAppealPayload: contract::Appeal {
        /// 申诉 / The appeal.
        appeal: Appeal = |done| Appeal(done),
    }

    /// 分派申诉的结果 / What assignAppeal brought.
    AssignAppealPayload: contract::Appeal {
        /// 申诉 / The appeal.
        appeal: Appeal = |done| Appeal(done),
    }

    /// 开始核查申诉的结果 / What beginAppealVerification brought.
    BeginAppealVerificationPayload: contract::Appeal {
        /// 申诉 / The appeal.
        appeal: Appeal = |done| Appeal(done),
    }

    /// 延长申诉期限的结果 / What extendAppeal brought.
    ExtendAppealPayload: contract::Appeal {
        /// 申诉 / The appeal.
        appeal: Appeal = |done| Appeal(done),
    }

    /// 决定申诉的结果 / What decideAppeal brought.
    DecideAppealPayload: contract::Appeal {
        /// 申诉 / The appeal.
        appeal: Appeal = |done| Appeal(done),
    }

    /// 答复申诉人的结果 / What replyAppeal brought.
    ReplyAppealPayload: contract::Appeal {
        /// 申诉 / The appeal.
        appeal: Appeal = |done| Appeal(done),
    }

    /// 办结申诉的结果 / What closeAppeal brought.
    CloseAppealPayload: contract::Appeal {
        /// 申诉 / The appeal.
        appeal: Appeal = |done| Appeal(done),
    }

    /// 申请复核的结果 / What requestAppealReview brought.
    RequestAppealReviewPayload: contract::FiledAppeal {
        /// 申诉 / The new appeal.
        appeal: Appeal = |done| Appeal(done.appeal),
        /// 查询码，仅显示一次 / The code with which to see the progress, shown once.
        code: String = |done| done.code,
    }

    /// 提议保护对象的结果 / What proposeProtected brought.
    ProposeProtectedPayload: contract::Protected {
        /// 保护对象 / The entry.
        protected_target: ProtectedEntry = |done| ProtectedEntry(done),
    }

    /// 提议移出保护名单的结果 / What proposeProtectedRemoval brought.
    ProposeProtectedRemovalPayload: contract::Protected {
        /// 保护对象 / The entry.
        protected_target: ProtectedEntry = |done| ProtectedEntry(done),
    }

    /// 确认保护名单变更的结果 / What confirmProtected brought.
    ConfirmProtectedPayload: contract::Protected {
        /// 保护对象 / The entry.
        protected_target: ProtectedEntry = |done| ProtectedEntry(done),
    }

    /// 维护工作日历的结果 / What setCalendarYear brought.
    SetCalendarYearPayload: contract::CalendarYear {
        /// 年度日历 / The year.
        calendar_year: CalendarYear = |done| CalendarYear(done),
    }

    /// 登记回调端点的结果 / What createEndpoint brought.
    CreateEndpointPayload: contract::EndpointCredential {
        /// 回调端点 / The endpoint.
        endpoint: Endpoint = |done| Endpoint(done.endpoint),
        /// 验签材料，仅显示一次 / What is needed to check signatures, shown once.
        secret: String = |done| done.secret.unwrap_or_default(),
    }

    /// 修改回调端点的结果 / What changeEndpoint brought.
    ChangeEndpointPayload: contract::Endpoint {
        /// 回调端点 / The endpoint.
        endpoint: Endpoint = |done| Endpoint(done),
    }

    /// 更换端点密钥的结果 / What rotateEndpointKey brought.
    RotateEndpointKeyPayload: contract::EndpointCredential {
        /// 回调端点 / The endpoint.
        endpoint: Endpoint = |done| Endpoint(done.endpoint),
        /// 验签材料，仅显示一次 / What is needed to check signatures, shown once.
        secret: String = |done| done.secret.unwrap_or_default(),
    }

    /// 移除回调端点的结果 / What removeEndpoint brought.
    RemoveEndpointPayload: contract::Endpoint {
        /// 回调端点 / The endpoint.
        endpoint: Endpoint = |done| Endpoint(done),
    }

    /// 重发一条消息的结果 / What replayDispatch brought.
    ReplayDispatchPayload: contract::Replayed {
        /// 重发条数 / How many messages are sent again.
        count: u32 = |done| done.count,
    }

    /// 重发一段时间的消息的结果 / What replayEndpoint brought.
    ReplayEndpointPayload: contract::Replayed {
        /// 重发条数 / How many messages are sent again.
        count: u32 = |done| done.count,
    }

    /// 测试回调端点的结果 / What testEndpoint brought.
    TestEndpointPayload: contract::DeliveryAttempt {
        /// 投递尝试 / The attempt.
        attempt: DeliveryAttempt = |done| DeliveryAttempt(done),
    }

    /// 维护路由条目的结果 / What setRoutingEntry brought.
    SetRoutingEntryPayload: contract::RoutingEntry {
        /// 路由条目 / The row.
        entry: RoutingEntry = |done| RoutingEntry(done),
    }

    /// 移除路由条目的结果 / What removeRoutingEntry brought.
    RemoveRoutingEntryPayload: bool {
        /// 是否存在该条目 / Whether there was one.
        removed: bool = |done| done,
    }

    /// 导入路由表的结果 / What importRouting brought.
    ImportRoutingPayload: contract::ImportedRouting {
        /// 导入结果 / What became of the rows.
        imported: ImportedRouting = |done| ImportedRouting(done),
    }
}
