//! Words that belong to no service: roles, actions, kinds of organisations and of identifiers, and text in two languages.

use async_graphql::{Enum, Object};
use cordon_context as context;

/// The words of a filter, each once. A filter asks whether one of them fits, so that a repetition says nothing and could
/// still cost a parameter of a statement.
pub(crate) fn each_once<W, T: From<W> + PartialEq>(words: Vec<W>) -> Vec<T> {
    let mut kept = Vec::new();
    for word in words.into_iter().map(T::from) {
        if !kept.contains(&word) {
            kept.push(word);
        }
    }
    kept
}

pub(crate) struct BilingualText(pub(crate) context::Bilingual);

/// 中英文文本 / A text in both languages.
#[Object]
impl BilingualText {
    /// 中文 / The Chinese text.
    async fn zh(&self) -> &str {
        &self.0.zh
    }

    /// 英文 / The English text.
    async fn en(&self) -> &str {
        &self.0.en
    }
}

/// 角色 / A duty that a person or program holds.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "context::Role")]
pub(crate) enum Role {
    /// 研判员 / Assesses clues and cases at an anti-fraud center.
    Analyst,
    /// 申诉承办人 / Hears appeals.
    AppealOfficer,
    /// 审计员 / Reads the ledger, never the content.
    Auditor,
    /// 指挥席 / Sits at the command desk: routes what could not be routed, verifies, escalates.
    CommandDesk,
    /// 企业值班员 / Executes orders at an enterprise.
    EnterpriseDuty,
    /// 企业法务 / Handles appeals and notices at an enterprise.
    EnterpriseLegal,
    /// 企业负责人 / Leads the work at an enterprise and sets up its integration.
    EnterpriseManager,
    /// 企业系统 / A program of an enterprise.
    EnterpriseSystem,
    /// 集团复核员 / Reviews the branches of a carrier group.
    GroupReviewer,
    /// 热线坐席 / Takes reports and appeals at a hotline.
    HotlineClerk,
    /// 部级指挥员 / Commands at the ministry.
    MinistryCommander,
    /// 部级查看员 / Watches at the ministry.
    MinistryViewer,
    /// 公安审核人 / Approves orders at a police organ.
    PoliceApprover,
    /// 公安值班领导 / Leads the shift at a police organ and may issue in an emergency.
    PoliceDutyLead,
    /// 公安经办人 / Drafts orders and works cases at a police organ.
    PoliceHandler,
    /// 管局审核人 / Approves at a communications authority.
    RegulatorApprover,
    /// 管局经办人 / Drafts and supervises at a communications authority.
    RegulatorOfficer,
    /// 安全管理员 / Gives and takes roles, ends sessions, sets up credentials; sees no content.
    SecurityAdmin,
    /// 平台任务 / A job of the platform itself.
    System,
    /// 系统管理员 / Runs the platform: organisations, calendar, tables; sees no content and gives no roles.
    SystemAdmin,
}

/// 动作 / What an actor may do.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "context::Action")]
pub(crate) enum Action {
    /// 查看 / See it, in lists and alone.
    Read,
    /// 创建 / Bring it into being.
    Create,
    /// 修改 / Change it, or move it along without deciding.
    Modify,
    /// 审批 / Agree to what somebody else drafted.
    Approve,
    /// 执行 / Carry it out, or answer for its carrying out.
    Execute,
    /// 核验 / Confirm that it was carried out.
    Verify,
    /// 裁决 / Decide a dispute or an exception.
    Decide,
    /// 查看明文 / See a personal field in the clear, with a reason.
    Reveal,
}

/// 资源 / What it is done to.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "context::Resource")]
pub(crate) enum Resource {
    /// 申诉 / An appeal.
    Appeal,
    /// 接口程序 / A program's credential.
    ApiClient,
    /// 重大案件通报 / A major-case bulletin.
    Bulletin,
    /// 工作日历 / The working-day calendar.
    Calendar,
    /// 案件 / A case.
    Case,
    /// 企业线索 / A clue sent in by an enterprise.
    Clue,
    /// 线索查询 / A clue query to an enterprise.
    ClueQuery,
    /// 角色代理 / A delegation.
    Delegation,
    /// 回调端点 / A webhook endpoint and its delivery log.
    Endpoint,
    /// 紧急先行指令 / An emergency order that is issued before its review.
    EmergencyOrder,
    /// 异常席 / The exception desk: tasks that could not be routed or delivered.
    ExceptionDesk,
    /// 文件导入 / A file import.
    Import,
    /// 审计账本 / The audit ledger.
    Ledger,
    /// 告知 / A notice to a holder.
    Notice,
    /// 处置指令 / A disposal order with its items.
    Order,
    /// 机构 / An organisation.
    Organisation,
    /// 人员 / A person.
    Person,
    /// 已登记文档 / A registered GraphQL document.
    PersistedDocument,
    /// 受保护对象 / A protected number, domain or account.
    Protected,
    /// 受保护对象审批 / The second approval that a protected target needs.
    ProtectedItem,
    /// 企业自行采取的措施 / A measure that an enterprise takes on its own finding.
    ProtectiveMeasure,
    /// 举报 / A fraud report.
    Report,
    /// 解除 / A release of a measure.
    Release,
    /// 角色授予 / A role that a person holds.
    RoleAssignment,
    /// 路由表 / Number plan overlay and portability table.
    Routing,
    /// 会话 / A session.
    Session,
    /// 执行任务 / A disposal task.
    Task,
}

/// 机构种类 / What an organisation is.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "context::OrganisationKind")]
pub(crate) enum OrganisationKind {
    /// 部级 / The ministry that supervises communications.
    Ministry,
    /// 通信管理局 / A provincial communications authority.
    CommAuthority,
    /// 公安机关 / A police organ.
    Police,
    /// 运营商集团 / The headquarters of a basic carrier.
    CarrierGroup,
    /// 运营商省公司 / A provincial branch of a basic carrier.
    CarrierBranch,
    /// 移动转售企业 / A mobile resale enterprise; its parent is the carrier whose network it uses.
    Mvno,
    /// 互联网企业 / An internet firm with accounts.
    InternetFirm,
    /// 域名注册商 / A domain registrar.
    Registrar,
    /// 接入服务商 / An internet access or hosting provider.
    AccessProvider,
    /// 应用商店 / An application store.
    AppStore,
    /// 平台运营方 / The platform's own operator: administration, security, audit, command desk.
    PlatformOperator,
}

/// 机构层级 / At which level an organisation stands.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "context::OrganisationLevel")]
pub(crate) enum OrganisationLevel {
    /// 部级 / National.
    Ministry,
    /// 省级 / Provincial.
    Province,
    /// 市级 / City with districts.
    City,
    /// 县级 / County or district.
    County,
}

/// 标识符种类 / What an identifier is.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "cordon_identifier::Kind")]
pub(crate) enum IdentifierKind {
    /// 手机号码 / Mobile number of eleven digits.
    Phone,
    /// 固定电话 / Fixed line with its area code.
    FixedLine,
    /// 服务号码 / Short service number: 95xxx, 96xxx, 10086, 110 and the like.
    ServiceNumber,
    /// 400 号码 / 400 or 800 number of ten digits.
    Number400,
    /// 端口短信号码 / Port that sends text messages, beginning with 106.
    SmsPort,
    /// 物联网号码 / Number of thirteen digits for things, not people.
    IotNumber,
    /// 域名 / Host name, in its ASCII form.
    Domain,
    /// 网址 / Whole address of a page, with its path.
    Url,
    /// IP 地址 / IPv4 or IPv6 address.
    Ip,
    /// 银行卡号 / Bank card or account number that passes the Luhn check.
    BankCard,
    /// 微信号 / WeChat account.
    Wechat,
    /// QQ 号 / QQ number or QQ group.
    Qq,
    /// 支付宝账号 / Alipay account: a phone number or an e-mail address.
    Alipay,
    /// 其他平台账号 / Account on another platform, written `platform:name`.
    Account,
    /// 电子邮箱 / E-mail address.
    Email,
    /// 设备串号 / Serial number of a device.
    Imei,
    /// 电话卡卡号 / Serial number of a card in a device.
    Iccid,
    /// 公民身份号码 / Number of a resident's identity card.
    IdNumber,
    /// 统一社会信用代码 / Unified social credit code of an organisation.
    CreditCode,
}
