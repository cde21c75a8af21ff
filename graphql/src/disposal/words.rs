//! Closed lists of words of the disposal service, as the schema names them.

use async_graphql::Enum;
use cordon_disposal_contract as contract;

/// 申诉状态 / Where an appeal stands.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::AppealState")]
pub(crate) enum AppealState {
    /// 已提交 / Registered and forwarded to the organ that decided.
    Submitted,
    /// 待补充 / Something is missing.
    SupplementNeeded,
    /// 已受理 / Accepted.
    Accepted,
    /// 不予受理 / Not accepted.
    NotAccepted,
    /// 已分派 / An officer who did not decide has it.
    Assigned,
    /// 核查中 / Verifying.
    Verifying,
    /// 已决定 / Decided; what was decided is not carried out yet.
    Decided,
    /// 已执行 / What was decided is carried out.
    Executed,
    /// 已答复 / The appellant was answered.
    Replied,
    /// 办结 / Closed.
    Closed,
}

/// 申诉渠道 / Through which door an appeal came.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::AppealChannel")]
pub(crate) enum AppealChannel {
    /// 营业厅 / A hall of an enterprise.
    Hall,
    /// 企业客服 / An enterprise's service line or application.
    EnterpriseService,
    /// 96110热线 / 96110.
    Hotline,
    /// 管局窗口 / The window of a communications authority.
    Window,
    /// 信函 / By letter.
    Letter,
}

/// 申诉决定 / What was decided.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::AppealOutcome")]
pub(crate) enum AppealOutcome {
    /// 解除 / The measure ends.
    Release,
    /// 部分解除 / A part of it ends.
    Partial,
    /// 维持 / It stays.
    Maintain,
}

/// 申诉管辖依据 / Who may hear an appeal.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::Competence")]
pub(crate) enum AppealCompetence {
    /// 作出指令的机关 / The organ that gave the order.
    Instructing,
    /// 采取措施的企业 / The enterprise that acted on its own.
    Enterprise,
    /// 上级机关复核 / The superior of the organ that gave the order, once.
    Superior,
}

/// 日期类别 / How a day differs from what its weekday says.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::DayKind")]
pub(crate) enum DisposalDayKind {
    /// 放假 / No work although it is a weekday, or a holiday on a weekend.
    Holiday,
    /// 调休上班 / Work although it is a weekend (调休上班).
    MakeUpWorkday,
}

/// 年度日历状态 / How sure the days of a year are.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::YearState")]
pub(crate) enum CalendarYearState {
    /// 已公布 / As published.
    Published,
    /// 暂定 / Expected, not published yet; to be confirmed.
    Provisional,
}

/// 消息类别 / What an enterprise can be told.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::MessageKind")]
pub(crate) enum MessageKind {
    /// 任务下发 / A task was given to it: a new one, or a new generation.
    TaskAssigned,
    /// 任务撤回 / A task was taken from it: withdrawn, dropped or passed on.
    TaskWithdrawn,
    /// 任务进展 / The outcome of a task that it answered: confirmed, disputed, in force.
    TaskProgressed,
    /// 解除下发 / A release was given to it.
    ReleaseAssigned,
    /// 指令进展 / An order with its tasks went on: issued, withdrawn.
    OrderProgressed,
    /// 测试 / Somebody tries the endpoint out.
    EndpointTest,
}

/// 签名方式 / How messages are signed.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::SignatureKind")]
pub(crate) enum SignatureKind {
    /// 对称密钥 / HMAC-SHA256 with a secret that both sides hold.
    Hmac,
    /// 非对称密钥 / Ed25519; the enterprise holds the public key only.
    Ed25519,
}

/// 接收端状态 / Whether an endpoint gets messages.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::EndpointState")]
pub(crate) enum EndpointState {
    /// 启用 / It does.
    Active,
    /// 停用 / Its enterprise, or the platform, switched it off; messages wait.
    Disabled,
    /// 已删除 / It is gone; only its log remains.
    Removed,
}

/// 停用原因 / Why an endpoint was switched off.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::DisabledReason")]
pub(crate) enum EndpointDisabledReason {
    /// 企业自行停用 / By its enterprise.
    ByOwner,
    /// 接收端已不存在 / It answered 410 Gone.
    Gone,
    /// 企业已停用 / Its enterprise may not act any more.
    OrganisationInactive,
}

/// 熔断状态 / Whether messages flow to an endpoint now.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::Circuit")]
pub(crate) enum EndpointCircuit {
    /// 正常 / They do.
    Closed,
    /// 熔断 / After too many failures they wait.
    Open,
    /// 试探 / The pause is over; one message tries whether it works again.
    HalfOpen,
}

/// 投递状态 / Where a message to one endpoint stands.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::DispatchState")]
pub(crate) enum DispatchState {
    /// 待投递 / It is or will be tried.
    Pending,
    /// 已送达 / The endpoint took it.
    Delivered,
    /// 投递失败 / All attempts failed.
    Exhausted,
    /// 已被取代 / A later message made it pointless before it arrived.
    Superseded,
}

/// 投递结果 / How one attempt ended.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::AttemptOutcome")]
pub(crate) enum AttemptOutcome {
    /// 接收 / A status from 200 to 299.
    Accepted,
    /// 拒绝 / Another status.
    Refused,
    /// 无应答 / No answer at all.
    Failed,
}

/// 对象大类 / The families of targets, by which measures differ.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::TargetKind")]
pub(crate) enum TargetKind {
    /// 电话号码 / A telephone number: mobile, fixed, 400, 95, 96 or 106 without its own port.
    Phone,
    /// 物联网卡 / A card of a thing.
    IotCard,
    /// 互联网账号 / An account at an internet firm.
    Account,
    /// 域名 / A domain name.
    Domain,
    /// 网址 / A web address.
    Url,
    /// IP地址 / An internet protocol address.
    Ip,
    /// 应用 / A mobile application.
    App,
    /// 短信端口 / A port from which text messages are sent.
    SmsPort,
    /// 语音线路 / A voice line or trunk.
    Line,
}

/// 处置措施 / What is done to a target.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::Measure")]
pub(crate) enum Measure {
    /// 单向停机 / Outgoing calls and messages of a number are stopped.
    SuspendOneway,
    /// 双向停机 / A number is stopped in both directions; emergency calls stay possible.
    SuspendBoth,
    /// 限制功能 / Named functions of a number are taken away.
    RestrictFunctions,
    /// 销户 / A number or account is closed for good.
    Close,
    /// 暂停物联网卡 / A thing's card is paused.
    Pause,
    /// 机卡重新绑定 / A thing's card is bound to its device again.
    Rebind,
    /// 关闭物联网卡功能 / A function of a thing's card is switched off.
    FunctionOff,
    /// 限期改正 / An account's holder must put things right within a time.
    CorrectInTime,
    /// 限制账号 / Functions of an account are taken away.
    Restrict,
    /// 暂停账号 / An account is suspended.
    Suspend,
    /// 关闭并禁止重新注册 / An account is closed and its holder may not register again.
    BanReregister,
    /// 停止解析 / A domain is no longer resolved.
    BlockDns,
    /// 封堵地址 / An address is no longer reachable.
    BlockIpUrl,
    /// 下架内容 / Content is taken down where it is hosted.
    Takedown,
    /// 下架应用 / An application is taken out of a store.
    DelistApp,
    /// 删除链接 / A link is deleted where it was posted.
    DeleteLink,
    /// 停用短信端口 / A port for text messages is stopped.
    StopPort,
    /// 停用中继 / A trunk is stopped.
    StopTrunk,
    /// 标记 / A target is labelled where it is shown.
    Mark,
}

/// 电话功能 / A function of a telephone number that can be taken away alone.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::PhoneFunction")]
pub(crate) enum PhoneFunction {
    /// 主叫 / Outgoing calls.
    CallOut,
    /// 发送短信 / Outgoing text messages.
    SmsOut,
    /// 国际业务 / International calls.
    International,
    /// 呼叫转移 / Call forwarding.
    Forward,
}

/// 再核验等级 / What a holder must go through before a measure may end by re-verification.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::ReverifyLevel")]
pub(crate) enum ReverifyLevel {
    /// 线上核验 / Online.
    Online,
    /// 营业厅核验 / In a hall with the identity card.
    Hall,
    /// 营业厅核验并补充证明 / In a hall with further proof.
    HallProof,
    /// 须公安同意 / With the consent of the police.
    PoliceConsent,
}

/// 紧急程度 / How fast an order is wanted.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::Urgency")]
pub(crate) enum Urgency {
    /// 特急 / Flash.
    Flash,
    /// 紧急 / Urgent.
    Urgent,
    /// 一般 / Routine.
    Routine,
}

/// 时限类别 / Which table of deadlines a measure follows.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::Pace")]
pub(crate) enum DeadlinePace {
    /// 号码类 / Numbers, cards, ports and lines.
    Number,
    /// 网站类 / Domains, addresses, links and applications.
    Web,
    /// 账号类 / Accounts.
    Account,
}

/// 告知类别 / What the holder is told.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::NoticeKind")]
pub(crate) enum NoticeKind {
    /// 采取措施 / That a measure was taken.
    Measure,
    /// 恢复 / That it ended.
    Resume,
    /// 限制性恢复 / That a part of the service is back while the appeal is heard.
    LimitedResume,
}

/// 告知状态 / Where a notice stands.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::NoticeState")]
pub(crate) enum NoticeState {
    /// 待告知 / It must be given.
    Due,
    /// 已告知 / Sent.
    Sent,
    /// 申请暂缓 / Somebody asked to put it off; it stays due until that is approved.
    DeferralRequested,
    /// 已暂缓 / It is put off until the review date.
    Deferred,
}
