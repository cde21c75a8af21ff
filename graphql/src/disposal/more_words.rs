//! Closed lists of words of the disposal service, as the schema names them.

use async_graphql::Enum;
use cordon_disposal_contract as contract;

/// 告知方式 / How the holder was told.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::NoticeChannel")]
pub(crate) enum NoticeChannel {
    /// 短信 / By text message.
    Sms,
    /// 电话 / By telephone.
    Call,
    /// 信函 / By letter.
    Letter,
    /// 站内消息 / In the application or by message in the account.
    InApp,
    /// 柜台 / At a counter.
    Counter,
    /// 公告 / By public announcement, where the holder cannot be found.
    Announcement,
}

/// 指令环节 / The stage that is stored with an order; everything later is derived from its tasks.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::OrderStage")]
pub(crate) enum OrderStage {
    /// 草稿 / Draft.
    Draft,
    /// 待审核 / Pending review.
    PendingReview,
    /// 已退回 / Returned.
    Returned,
    /// 已批准 / Approved.
    Approved,
    /// 已下发 / Issued.
    Issued,
    /// 已撤回 / Withdrawn.
    Withdrawn,
}

/// 指令状态，由任务推导 / Where an order stands, derived from its stage and its tasks.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::OrderState")]
pub(crate) enum OrderState {
    /// 草稿 / It is being written.
    Draft,
    /// 待审核 / Somebody else has to approve it.
    PendingReview,
    /// 已退回 / The reviewer gave it back.
    Returned,
    /// 已批准 / It is approved and about to be issued.
    Approved,
    /// 已下发 / Tasks are out and none is carried out yet.
    Issued,
    /// 执行中 / Some tasks are carried out, others are not.
    InProgress,
    /// 生效中 / Every task that is not off the table is carried out and confirmed.
    InForce,
    /// 解除中 / Some or all measures are being released.
    Releasing,
    /// 收尾 / Every task has ended, and a notice to a holder or the answer to an appeal is still owed.
    Closing,
    /// 办结 / Nothing is left to do.
    Closed,
    /// 已撤回 / It was withdrawn.
    Withdrawn,
}

/// 文书种类 / What kind of document an order rests on.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::InstrumentKind")]
pub(crate) enum InstrumentKind {
    /// 调取证据通知书 / Evidence request notice.
    EvidenceRequestNotice,
    /// 立案决定书 / Case filing decision.
    CaseFilingDecision,
    /// 涉案号码处置审批表 / Disposal approval form.
    DisposalApprovalForm,
    /// 协助冻结通知书 / And other freezing notices.
    FreezeNotice,
    /// 通信管理局决定 / A decision of a communications authority.
    RegulatorDecision,
    /// 特定地区措施 / A measure for a region that the State Council's mechanism approved.
    RegionalMeasure,
    /// 惩戒认定 / A determination under the joint-sanction rules.
    SanctionDetermination,
}

/// 审批事项 / What an approval is for.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::ApprovalKind")]
pub(crate) enum ApprovalKind {
    /// 指令 / The order as a whole.
    Order,
    /// 受保护对象 / The protected targets in it, at province level.
    Protected,
    /// 补办手续 / The paperwork of an emergency order, afterwards.
    Paperwork,
    /// 延期 / A longer time in force.
    Renewal,
    /// 撤回 / The withdrawal of an order that was approved.
    Withdrawal,
}

/// 预检发现 / What the preview has to say about one target.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::FindingKind")]
pub(crate) enum PreviewFindingKind {
    /// 无法识别 / The text is no identifier of any kind that can be disposed of.
    Unreadable,
    /// 校验位错误 / The check digit does not fit.
    InvalidCheckDigit,
    /// 未选择措施 / No measure was chosen for its kind.
    NoMeasure,
    /// 措施不适用 / The measure does not fit its kind.
    MeasureUnfit,
    /// 对象未知 / The subject is unknown, or lies outside the caller's reach.
    UnknownSubject,
    /// 重复 / It was named twice in this order.
    Duplicate,
    /// 受保护 / It is protected and needs a second approval at province level.
    Protected,
    /// 不得处置 / It can never be a target.
    NeverTarget,
    /// 受害人本人号码 / It is the number of a victim.
    VictimOwn,
    /// 已在处置中 / The same measure is in force already; the order joins it (叠加).
    AlreadyInForce,
    /// 期限将缩短 / The measure table allows less time than was asked for, so that the measure ends earlier.
    DurationCut,
    /// 已携号转网 / The number was ported, so that another enterprise answers for it than its segment says.
    Ported,
    /// 无法派发 / Nobody answers for it; it would go to the exception desk.
    Unroutable,
}

/// 保护原因类别 / Why a target is protected.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::ProtectedKind")]
pub(crate) enum ProtectedReasonKind {
    /// 党政机关 / A party or government organ.
    Government,
    /// 应急与公共服务 / An emergency or public service number.
    Emergency,
    /// 银行 / A bank.
    Bank,
    /// 医院 / A hospital.
    Hospital,
    /// 企业总机 / The main number of an enterprise.
    Switchboard,
    /// 受害人号码 / The number of a victim.
    Victim,
    /// 影响用户众多 / A measure against it would reach very many users.
    ManyUsers,
    /// 其他 / Another reason.
    OtherReason,
}

/// 保护名单状态 / Where an entry of the protected list stands.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::ProtectedState")]
pub(crate) enum ProtectedState {
    /// 已提议 / Proposed; it protects already, so that caution costs no time.
    Proposed,
    /// 已确认 / Confirmed by a second person.
    Confirmed,
    /// 提议移出 / One person asked to take it out; it still protects.
    RemovalProposed,
    /// 已移出 / Taken out by two persons.
    Removed,
}

/// 解除原因 / Why a measure ends.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::ReleaseReason")]
pub(crate) enum ReleaseReason {
    /// 申诉成立 / Appeal upheld.
    AppealUpheld,
    /// 误录 / Entered by mistake.
    EnteredByMistake,
    /// 撤案 / Case withdrawn.
    CaseWithdrawn,
    /// 到期 / Expired.
    Expired,
    /// 复议或判决 / Ruling.
    Ruling,
    /// 再核验通过 / Reverified.
    Reverified,
    /// 未经确认 / An enterprise's own measure that no named person of it confirmed in time.
    NotConfirmed,
    /// 指令撤回 / The order was withdrawn while it was being executed.
    OrderWithdrawn,
    /// 共同持有人同意 / Another holder's release was consented to.
    CoHolderConsent,
}

/// 解除状态 / Where a release stands.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::ReleaseState")]
pub(crate) enum ReleaseState {
    /// 等待其他持有人 / Other organs hold the same measure and have not consented.
    WaitingHolders,
    /// 已下达 / The release task is out.
    Ordered,
    /// 已完成 / Carried out and confirmed.
    Done,
}

/// 无法派发的原因 / Why nobody was found; a person at the desk decides.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::RouteObstacle")]
pub(crate) enum RouteObstacle {
    /// 无法识别 / The text is no identifier of its kind.
    Unreadable,
    /// 平台内无执行单位 / Identifiers of this kind have no executor on this platform.
    NotExecutable,
    /// 资金类由银行渠道处置 / Bank accounts are stopped through the banks' own system.
    MoneySide,
    /// 网络不明 / The number plan does not say in whose network it lies.
    NetworkUnknown,
    /// 归属地不明 / Its home region is unknown, and nobody answers for the whole network.
    RegionUnknown,
    /// 注册商不明 / No table names the registrar of the domain.
    RegistrarUnknown,
    /// 接入商不明 / No table names who gives the address its access.
    AccessUnknown,
    /// 平台不明 / The account names no platform.
    PlatformUnknown,
    /// 无单位负责 / It is known who it is, but no active organisation of the directory answers for it.
    NobodyAnswers,
}

/// 路由表 / The tables by which routes are found.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::RoutingTable")]
pub(crate) enum RoutingTable {
    /// 携号转网表 / Whole numbers that were taken to another network, found by blind index.
    Portability,
    /// 号段表 / Number segments: who holds them and where they are at home.
    Segment,
    /// 域名表 / Registrable domains with registrar and access provider.
    Domain,
    /// 地址段表 / Address ranges with their access provider.
    Address,
    /// 平台表 / Platforms of accounts.
    Platform,
}

/// 路由来源 / Where an entry comes from; a later one is trusted less.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::RoutingSource")]
pub(crate) enum RoutingSource {
    /// 人工 / A person entered it.
    Manual,
    /// 导入 / It was imported.
    Import,
    /// 执行单位答复 / An executor answered so.
    Executor,
}

/// 任务状态 / Where a task stands.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::TaskState")]
pub(crate) enum TaskState {
    /// 异常席待处理 / Waits at the exception desk for a person who routes it.
    Desk,
    /// 已下发 / Issued.
    Issued,
    /// 已签收 / Received.
    Received,
    /// 执行中 / Executing.
    Executing,
    /// 已执行 / Not confirmed yet.
    Executed,
    /// 核验未通过 / The confirmation failed; the executor must do it again.
    VerifyFailed,
    /// 退件 / The executor refused with a code; the requester must fix or drop it.
    Rejected,
    /// 执行失败 / The execution failed; it is tried again by plan.
    Failed,
    /// 生效中 / In force.
    InForce,
    /// 解除中 / A release is decided and on its way, or waits for other holders.
    ReleaseOrdered,
    /// 已解除 / Released.
    Released,
    /// 已撤回 / Withdrawn.
    Withdrawn,
    /// 已完成 / Done: a release that was carried out and confirmed.
    Done,
}

/// 任务方向 / In which direction a task goes.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::TaskAction")]
pub(crate) enum TaskAction {
    /// 处置 / Carry the measure out.
    Impose,
    /// 解除 / Undo the measure.
    Release,
    /// 限制性恢复 / Let the target be called and make emergency calls, while the measure stands otherwise.
    LimitedResume,
}

/// 退件代码 / Why an executor refuses.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::RefusalCode")]
pub(crate) enum TaskRefusalCode {
    /// 字段不一致 / The target does not fit its description; it must not be executed.
    Mismatch,
    /// 文书缺失 / Document missing.
    DocumentMissing,
    /// 号码不存在 / Number unknown.
    NumberUnknown,
    /// 已销户 / Already closed.
    AlreadyClosed,
    /// 超权限 / Beyond power.
    BeyondPower,
    /// 技术不可行 / Technically impossible.
    TechnicallyImpossible,
    /// 白名单 / Whitelisted.
    Whitelisted,
}

/// 进入异常席的原因 / Why a task waits at the exception desk.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::DeskReason")]
pub(crate) enum DeskReason {
    /// 无法派发 / Nobody was found who answers for the target.
    Unroutable,
    /// 转派次数过多 / It was passed on too often.
    TooManyHops,
    /// 无法送达 / It could not be delivered.
    Undeliverable,
    /// 归属不明 / The executor does not know whose it is.
    OwnerUnknown,
    /// 等待前一措施解除 / An earlier measure on the target is being undone; it goes out when that is done.
    AwaitsRelease,
    /// 申诉成立，须人工恢复 / An appeal was upheld against what cannot be undone; a person must make it good.
    RestoreByHand,
}

/// 时限灯 / How far the present deadline is used up.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::Light")]
pub(crate) enum DeadlineLight {
    /// 绿灯 / Less than half.
    Green,
    /// 黄灯 / Half or more.
    Yellow,
    /// 红灯 / Four fifths or more.
    Red,
    /// 超期 / The deadline passed.
    Overdue,
}

/// 督办层级 / To whom a missed deadline was reported.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::Escalation")]
pub(crate) enum Escalation {
    /// 未督办 / To nobody.
    None,
    /// 企业 / To the enterprise's lead.
    Enterprise,
    /// 管局 / To the communications authority.
    Authority,
    /// 部 / To the ministry.
    Ministry,
}

/// 回执类型 / What an answer of an executor said.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::ReceiptKind")]
pub(crate) enum ReceiptAnswer {
    /// 签收 / Acknowledged.
    Acknowledged,
    /// 开始执行 / Begun.
    Begun,
    /// 已执行 / Executed.
    Executed,
    /// 退件 / Refused.
    Refused,
    /// 非本网 / Not mine.
    NotMine,
    /// 执行失败 / Failed.
    Failed,
}

/// 核验方式 / How an execution was checked.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::VerifyMethod")]
pub(crate) enum VerifyMethod {
    /// 试拨试用 / Somebody dialled or tried.
    Trial,
    /// 归属寄存器查询 / The home register was asked.
    Hlr,
    /// 域名解析 / The name was resolved.
    Dns,
    /// 网页访问 / The address was fetched.
    Http,
    /// 书面核对 / The documents were checked.
    Documents,
}
