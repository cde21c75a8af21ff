//! Inputs of the disposal service: release.

use crate::disposal::{LegalBasisInput, ReleaseReason};
use crate::scalar::{DateTime, Gid, Long};
use async_graphql::InputObject;
use cordon_context::{ReleaseKind, TaskKind};
use cordon_disposal_contract as contract;

/// 决定解除的输入 / Input of orderRelease.
#[derive(InputObject)]
pub(crate) struct OrderReleaseInput {
    /// 任务 / The task whose measure ends.
    pub(crate) task: Gid<TaskKind>,
    /// 原因 / Why.
    pub(crate) reason: ReleaseReason,
    /// 说明 / In words.
    pub(crate) note: Option<String>,
    /// 是否误停，误停适用最短时限 / Whether it was stopped by mistake, so that the shortest deadline holds.
    #[graphql(default)]
    pub(crate) by_mistake: bool,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<OrderReleaseInput> for contract::OrderRelease {
    fn from(input: OrderReleaseInput) -> Self {
        let OrderReleaseInput { task, reason, note, by_mistake, idempotency_key: _ } = input;
        Self { task: task.into(), reason: reason.into(), note, by_mistake }
    }
}

/// 同意解除（轮候方）的输入 / Input of consentRelease.
#[derive(InputObject)]
pub(crate) struct ConsentReleaseInput {
    /// 解除决定 / Which release.
    pub(crate) release: Gid<ReleaseKind>,
    /// 说明 / In words.
    pub(crate) note: Option<String>,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<ConsentReleaseInput> for contract::ConsentRelease {
    fn from(input: ConsentReleaseInput) -> Self {
        let ConsentReleaseInput { release, note, idempotency_key: _ } = input;
        Self { release: release.into(), note }
    }
}

/// 申请续期的输入 / Input of renewMeasure.
#[derive(InputObject)]
pub(crate) struct RenewMeasureInput {
    /// 任务 / The task whose measure goes on.
    pub(crate) task: Gid<TaskKind>,
    /// 延至 / Until when.
    pub(crate) effective_to: DateTime,
    /// 理由 / Why.
    pub(crate) reason: String,
    /// 新的法律文书，原文书有效期不足时提交 / The document on which it rests from now on, if the one of the order does not reach so far.
    pub(crate) legal_basis: Option<LegalBasisInput>,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<RenewMeasureInput> for contract::RenewMeasure {
    fn from(input: RenewMeasureInput) -> Self {
        let RenewMeasureInput { task, effective_to, reason, legal_basis, idempotency_key: _ } = input;
        Self { task: task.into(), effective_to: effective_to.into(), reason, legal_basis: legal_basis.map(Into::into) }
    }
}

/// 批准续期的输入 / Input of approveRenewal.
#[derive(InputObject)]
pub(crate) struct ApproveRenewalInput {
    /// 任务 / The task whose measure goes on.
    pub(crate) task: Gid<TaskKind>,
    /// 所见版本 / The version of the task that was read.
    pub(crate) version: Long,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<ApproveRenewalInput> for contract::ApproveRenewal {
    fn from(input: ApproveRenewalInput) -> Self {
        let ApproveRenewalInput { task, version, idempotency_key: _ } = input;
        Self { task: task.into(), version: version.into() }
    }
}

/// 清除复核标记的输入 / Input of clearReviewFlag.
#[derive(InputObject)]
pub(crate) struct ClearReviewFlagInput {
    /// 任务 / Which task.
    pub(crate) task: Gid<TaskKind>,
    /// 理由 / Why the measure goes on.
    pub(crate) reason: String,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<ClearReviewFlagInput> for contract::ClearReviewFlag {
    fn from(input: ClearReviewFlagInput) -> Self {
        let ClearReviewFlagInput { task, reason, idempotency_key: _ } = input;
        Self { task: task.into(), reason }
    }
}
