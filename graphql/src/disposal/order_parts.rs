//! Objects of the disposal service: order parts.

use crate::directory::{Organisation, Person};
use crate::disposal::{ApprovalKind, InstrumentKind};
use crate::loaders::one;
use crate::names::OrganisationLevel;
use crate::scalar::{DateTime, Gid};
use crate::session::loaders;
use async_graphql::{Context, Object, Result};
use cordon_context::{OrganisationIdKind, PersonKind};
use cordon_disposal_contract as contract;

pub(crate) struct LegalBasis(pub(crate) contract::LegalBasis);

/// 法律文书 / The document on which an order rests.
#[Object]
impl LegalBasis {
    /// 种类 / What kind of document.
    async fn kind(&self) -> InstrumentKind {
        self.0.kind.into()
    }

    /// 文书编号 / Its number.
    async fn number(&self) -> &str {
        &self.0.number
    }

    /// 出具机关 / The organ that issued it.
    async fn issuer(&self) -> &str {
        &self.0.issuer
    }

    /// 批准人 / Who approved it there.
    async fn approver(&self) -> &str {
        &self.0.approver
    }

    /// 出具时间 / When it was issued.
    async fn issued_at(&self) -> DateTime {
        self.0.issued_at.into()
    }

    /// 有效期至，空为长期 / When it ends; none means without end.
    async fn valid_to(&self) -> Option<DateTime> {
        self.0.valid_to.map(Into::into)
    }
}

pub(crate) struct Emergency(pub(crate) contract::Emergency);

/// 紧急先行 / Issued before the paperwork.
#[Object]
impl Emergency {
    /// 理由 / Why it could not wait.
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// 值班领导（标识） / The duty lead who took it upon themselves (identifier).
    async fn by_id(&self) -> Gid<PersonKind> {
        self.0.by.into()
    }

    /// 值班领导 / The duty lead who took it upon themselves.
    async fn by(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        one(&loaders(ctx)?.directory.people, self.0.by, Person).await
    }

    /// 下发时间 / When it was issued.
    async fn at(&self) -> DateTime {
        self.0.at.into()
    }

    /// 补办手续期限 / Until when the paperwork must follow.
    async fn paperwork_due(&self) -> DateTime {
        self.0.paperwork_due.into()
    }

    /// 补办时间 / When the paperwork followed.
    async fn paperwork_at(&self) -> Option<DateTime> {
        self.0.paperwork_at.map(Into::into)
    }

    /// 督办时间 / When it was escalated because the paperwork did not follow.
    async fn escalated_at(&self) -> Option<DateTime> {
        self.0.escalated_at.map(Into::into)
    }
}

pub(crate) struct Approval(pub(crate) contract::Approval);

/// 审批记录 / One person's consent to exactly this content.
#[Object]
impl Approval {
    /// 事项 / What it is for.
    async fn kind(&self) -> ApprovalKind {
        self.0.kind.into()
    }

    /// 审批人（标识） / Who (identifier).
    async fn person_id(&self) -> Gid<PersonKind> {
        self.0.person.into()
    }

    /// 审批人 / Who.
    async fn person(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        one(&loaders(ctx)?.directory.people, self.0.person, Person).await
    }

    /// 审批机构（标识） / For which organisation (identifier).
    async fn organisation_id(&self) -> Gid<OrganisationIdKind> {
        self.0.organisation.into()
    }

    /// 审批机构 / For which organisation.
    async fn organisation(&self, ctx: &Context<'_>) -> Result<Option<Organisation>> {
        one(&loaders(ctx)?.directory.organisations, self.0.organisation, Organisation).await
    }

    /// 审批层级 / At which level.
    async fn level(&self) -> OrganisationLevel {
        self.0.level.into()
    }

    /// 时间 / When.
    async fn at(&self) -> DateTime {
        self.0.at.into()
    }

    /// 所批准内容的摘要 / The hash of the content that was approved, in hexadecimal.
    async fn content_hash(&self) -> &str {
        &self.0.content_hash
    }

    /// 内容变更后是否作废 / Whether the content changed afterwards, which makes the approval void.
    async fn void(&self) -> bool {
        self.0.void
    }
}

pub(crate) struct TaskCounts(pub(crate) contract::TaskCounts);

/// 任务统计 / How many tasks of an order stand where.
#[Object]
impl TaskCounts {
    /// 总数（不含解除任务） / All tasks, releases not counted.
    async fn total(&self) -> u32 {
        self.0.total
    }

    /// 异常席 / At the exception desk.
    async fn desk(&self) -> u32 {
        self.0.desk
    }

    /// 在途 / Issued, received or executing.
    async fn open(&self) -> u32 {
        self.0.open
    }

    /// 已执行待核验 / Executed and not confirmed yet.
    async fn executed(&self) -> u32 {
        self.0.executed
    }

    /// 生效中 / In force.
    async fn in_force(&self) -> u32 {
        self.0.in_force
    }

    /// 退件或失败 / Refused or failed, waiting for the requester.
    async fn refused(&self) -> u32 {
        self.0.refused
    }

    /// 解除中 / Being released.
    async fn releasing(&self) -> u32 {
        self.0.releasing
    }

    /// 已解除 / Released.
    async fn released(&self) -> u32 {
        self.0.released
    }

    /// 已撤回 / Withdrawn or dropped.
    async fn withdrawn(&self) -> u32 {
        self.0.withdrawn
    }

    /// 曾超期 / Past a deadline now or at some time.
    async fn overdue(&self) -> u32 {
        self.0.overdue
    }

    /// 待告知或待答复 / Notices that were not given and appeals that were not answered yet.
    async fn owed(&self) -> u32 {
        self.0.owed
    }
}
