//! Inputs of the disposal service: notice.

use crate::disposal::NoticeChannel;
use crate::scalar::{DateTime, Gid, Long};
use async_graphql::InputObject;
use cordon_disposal_contract as contract;

/// 登记告知的输入 / Input of recordNotice.
#[derive(InputObject)]
pub(crate) struct RecordNoticeInput {
    /// 告知 / Which notice.
    pub(crate) notice: Gid<cordon_context::NoticeKind>,
    /// 方式 / How.
    pub(crate) channel: NoticeChannel,
    /// 时间 / When.
    pub(crate) sent_at: DateTime,
    /// 凭证 / The giver's reference to what it sent.
    pub(crate) reference: String,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<RecordNoticeInput> for contract::RecordNotice {
    fn from(input: RecordNoticeInput) -> Self {
        let RecordNoticeInput { notice, channel, sent_at, reference, idempotency_key: _ } = input;
        Self { notice: notice.into(), channel: channel.into(), sent_at: sent_at.into(), reference }
    }
}

/// 申请暂缓告知的输入 / Input of requestNoticeDeferral.
#[derive(InputObject)]
pub(crate) struct RequestNoticeDeferralInput {
    /// 告知 / Which notice.
    pub(crate) notice: Gid<cordon_context::NoticeKind>,
    /// 理由 / Why.
    pub(crate) reason: String,
    /// 复查时间 / When it must be looked at again.
    pub(crate) review_at: DateTime,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<RequestNoticeDeferralInput> for contract::RequestDeferral {
    fn from(input: RequestNoticeDeferralInput) -> Self {
        let RequestNoticeDeferralInput { notice, reason, review_at, idempotency_key: _ } = input;
        Self { notice: notice.into(), reason, review_at: review_at.into() }
    }
}

/// 批准暂缓告知的输入 / Input of approveNoticeDeferral.
#[derive(InputObject)]
pub(crate) struct ApproveNoticeDeferralInput {
    /// 告知 / Which notice.
    pub(crate) notice: Gid<cordon_context::NoticeKind>,
    /// 所见版本 / The version of the notice that was read.
    pub(crate) version: Long,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<ApproveNoticeDeferralInput> for contract::ApproveDeferral {
    fn from(input: ApproveNoticeDeferralInput) -> Self {
        let ApproveNoticeDeferralInput { notice, version, idempotency_key: _ } = input;
        Self { notice: notice.into(), version: version.into() }
    }
}
