//! Inputs of the disposal service: what enterprises did on their own finding.

use crate::disposal::task_input::EvidenceInput;
use crate::disposal::{Measure, PhoneFunction};
use crate::names::IdentifierKind;
use crate::scalar::Gid;
use async_graphql::InputObject;
use cordon_context::{OrderKind, ReceiptKind};
use cordon_disposal_contract as contract;

/// 登记企业自行采取的措施的输入 / Input of recordProtectiveMeasure.
#[derive(InputObject)]
pub(crate) struct RecordProtectiveMeasureInput {
    /// 对象 / The target.
    pub(crate) text: String,
    /// 种类，不填则自动识别 / What the target is; found out if absent.
    pub(crate) kind: Option<IdentifierKind>,
    /// 措施，须可逆 / What was done; it must be possible to undo it.
    pub(crate) measure: Measure,
    /// 限制的功能，仅用于限制部分功能 / The functions that were taken away, to restrict functions only.
    #[graphql(default)]
    pub(crate) functions: Vec<PhoneFunction>,
    /// 发现的情况，将告知机主 / What was found, as the notice to the holder may say it.
    pub(crate) finding: String,
    /// 模型及版本，模型发现的须填写 / The model and its version, if a model found it.
    pub(crate) model: Option<String>,
    /// 期限天数 / For how many days; none means as long as the measure table allows.
    pub(crate) duration_days: Option<u32>,
    /// 回执标识 / The enterprise's own identifier of this record, chosen once.
    pub(crate) receipt: Gid<ReceiptKind>,
    /// 执行证据 / The evidence that it was carried out.
    pub(crate) evidence: EvidenceInput,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<RecordProtectiveMeasureInput> for contract::RecordProtective {
    fn from(input: RecordProtectiveMeasureInput) -> Self {
        let RecordProtectiveMeasureInput {
            text,
            kind,
            measure,
            functions,
            finding,
            model,
            duration_days,
            receipt,
            evidence,
            idempotency_key: _,
        } = input;
        Self {
            text,
            kind: kind.map(Into::into),
            measure: measure.into(),
            functions: functions.into_iter().map(Into::into).collect(),
            finding,
            model,
            duration_days,
            receipt: receipt.into(),
            evidence: evidence.into(),
        }
    }
}

/// 确认企业自行采取的措施的输入 / Input of confirmProtectiveMeasure.
#[derive(InputObject)]
pub(crate) struct ConfirmProtectiveMeasureInput {
    /// 记录 / The record, which is an order of the enterprise to itself.
    pub(crate) order: Gid<OrderKind>,
    /// 所见内容的摘要 / The hash of the content that was read and is agreed to.
    pub(crate) content_hash: String,
    /// 理由 / Why it stands, in the words of the person who confirms.
    pub(crate) reason: String,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<ConfirmProtectiveMeasureInput> for contract::ConfirmProtective {
    fn from(input: ConfirmProtectiveMeasureInput) -> Self {
        let ConfirmProtectiveMeasureInput { order, content_hash, reason, idempotency_key: _ } = input;
        Self { order: order.into(), content_hash, reason }
    }
}
