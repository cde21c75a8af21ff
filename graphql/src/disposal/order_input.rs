//! Inputs of the disposal service: order.

use crate::disposal::{InstrumentKind, Measure, OrderStage, PhoneFunction, TargetKind, Urgency};
use crate::names::{IdentifierKind, each_once};
use crate::scalar::{DateTime, Gid, Long};
use async_graphql::{InputObject, OneofObject};
use cordon_context::{CaseKind, ItemKind, OrderKind, OrganisationIdKind, SubjectKind};
use cordon_disposal_contract as contract;

/// 指令的筛选条件 / Which orders are wanted.
#[derive(Default, InputObject)]
pub(crate) struct OrderFilter {
    /// 环节，任一 / In one of these stages.
    #[graphql(default)]
    pub(crate) stages: Vec<OrderStage>,
    /// 所属案件 / Of this case.
    pub(crate) case: Option<Gid<CaseKind>>,
    /// 下达机关 / Of this organ.
    pub(crate) requester: Option<Gid<OrganisationIdKind>>,
    /// 指令编号 / With this number.
    pub(crate) number: Option<String>,
    /// 紧急程度，任一 / With one of these urgencies.
    #[graphql(default)]
    pub(crate) urgencies: Vec<Urgency>,
    /// 逾期未审核或未确认 / Only whose review, or whose confirmation by the enterprise, is past its time now.
    #[graphql(default)]
    pub(crate) review_overdue: bool,
    /// 逾期未补手续 / Only emergency orders whose paperwork did not come in time.
    #[graphql(default)]
    pub(crate) paperwork_overdue: bool,
}

impl From<OrderFilter> for contract::OrderFilter {
    fn from(input: OrderFilter) -> Self {
        let OrderFilter { stages, case, requester, number, urgencies, review_overdue, paperwork_overdue } = input;
        Self {
            stages: each_once(stages),
            case: case.map(Into::into),
            requester: requester.map(Into::into),
            number,
            urgencies: each_once(urgencies),
            review_overdue,
            paperwork_overdue,
        }
    }
}

/// 法律文书 / The document on which an order rests.
#[derive(InputObject)]
pub(crate) struct LegalBasisInput {
    /// 种类 / What kind of document.
    pub(crate) kind: InstrumentKind,
    /// 文书编号 / Its number.
    pub(crate) number: String,
    /// 出具机关 / The organ that issued it.
    pub(crate) issuer: String,
    /// 批准人 / Who approved it there.
    pub(crate) approver: String,
    /// 出具时间 / When it was issued.
    pub(crate) issued_at: DateTime,
    /// 有效期至，空为长期 / When it ends; none means without end.
    pub(crate) valid_to: Option<DateTime>,
}

impl From<LegalBasisInput> for contract::LegalBasis {
    fn from(input: LegalBasisInput) -> Self {
        let LegalBasisInput { kind, number, issuer, approver, issued_at, valid_to } = input;
        Self {
            kind: kind.into(),
            number,
            issuer,
            approver,
            issued_at: issued_at.into(),
            valid_to: valid_to.map(Into::into),
        }
    }
}

/// 一类对象的措施 / What shall be done to all targets of one kind.
#[derive(InputObject)]
pub(crate) struct MeasureChoiceInput {
    /// 对象大类 / The kind.
    pub(crate) kind: TargetKind,
    /// 措施 / What shall be done.
    #[graphql(default)]
    pub(crate) measures: Vec<Measure>,
    /// 限制的功能 / The functions that are taken away, for restrict_functions.
    #[graphql(default)]
    pub(crate) functions: Vec<PhoneFunction>,
}

impl From<MeasureChoiceInput> for contract::MeasureChoice {
    fn from(input: MeasureChoiceInput) -> Self {
        let MeasureChoiceInput { kind, measures, functions } = input;
        Self {
            kind: kind.into(),
            measures: measures.into_iter().map(Into::into).collect(),
            functions: functions.into_iter().map(Into::into).collect(),
        }
    }
}

/// 一键处置的输入 / Input of disposeSubjects.
#[derive(InputObject)]
pub(crate) struct DisposeSubjectsInput {
    /// 处置对象 / The targets.
    #[graphql(default)]
    pub(crate) subjects: Vec<ChosenInput>,
    /// 措施 / What shall be done, per kind of target.
    #[graphql(default)]
    pub(crate) measures: Vec<MeasureChoiceInput>,
    /// 法律文书 / The document it rests on; may be missing only in a draft that becomes an emergency order.
    pub(crate) legal_basis: Option<LegalBasisInput>,
    /// 紧急程度 / How fast it is wanted.
    pub(crate) urgency: Urgency,
    /// 所属案件 / The case it belongs to.
    pub(crate) case: Option<Gid<CaseKind>>,
    /// 理由 / Why, as the notice to the holder may say it.
    pub(crate) reason: String,
    /// 期限天数 / For how many days; none means as long as the measure table allows.
    pub(crate) duration_days: Option<u32>,
    /// 登录来源 / Whose idea it was.
    pub(crate) origin: Option<ModelOriginInput>,
    /// 保密理由 / Why the holders shall not be told for now.
    pub(crate) secrecy_reason: Option<String>,
    /// 跳过不适对象 / Leave out what cannot be ordered (the preview names it) instead of refusing the whole.
    #[graphql(default)]
    pub(crate) skip_unfit: bool,
    /// 存为草稿 / Keep it as a draft instead of submitting it for review.
    #[graphql(default)]
    pub(crate) keep_draft: bool,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<DisposeSubjectsInput> for contract::DisposeSubjects {
    fn from(input: DisposeSubjectsInput) -> Self {
        let DisposeSubjectsInput {
            subjects,
            measures,
            legal_basis,
            urgency,
            case,
            reason,
            duration_days,
            origin,
            secrecy_reason,
            skip_unfit,
            keep_draft,
            idempotency_key: _,
        } = input;
        Self {
            subjects: subjects.into_iter().map(Into::into).collect(),
            measures: measures.into_iter().map(Into::into).collect(),
            legal_basis: legal_basis.map(Into::into),
            urgency: urgency.into(),
            case: case.map(Into::into),
            reason,
            duration_days,
            origin: origin_of(origin),
            secrecy_reason,
            skip_unfit,
            keep_draft,
        }
    }
}

/// 修改指令的输入 / Input of editOrder.
#[derive(InputObject)]
pub(crate) struct EditOrderInput {
    /// 指令 / Which order.
    pub(crate) order: Gid<OrderKind>,
    /// 所见版本 / The version that was read.
    pub(crate) version: Long,
    /// 新的法律文书 / A new legal basis.
    pub(crate) legal_basis: Option<LegalBasisInput>,
    /// 新的紧急程度 / A new urgency.
    pub(crate) urgency: Option<Urgency>,
    /// 新的事由 / A new reason.
    pub(crate) reason: Option<String>,
    /// 新的天数 / A new duration in days.
    pub(crate) duration_days: Option<u32>,
    /// 移除的对象 / Items that are taken out.
    #[graphql(default)]
    pub(crate) remove_items: Vec<Gid<ItemKind>>,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<EditOrderInput> for contract::EditOrder {
    fn from(input: EditOrderInput) -> Self {
        let EditOrderInput {
            order,
            version,
            legal_basis,
            urgency,
            reason,
            duration_days,
            remove_items,
            idempotency_key: _,
        } = input;
        Self {
            order: order.into(),
            version: version.into(),
            legal_basis: legal_basis.map(Into::into),
            urgency: urgency.map(Into::into),
            reason,
            duration_days,
            remove_items: remove_items.into_iter().map(Into::into).collect(),
        }
    }
}

/// 提交审核的输入 / Input of submitOrder.
#[derive(InputObject)]
pub(crate) struct SubmitOrderInput {
    /// 指令 / Which order.
    pub(crate) order: Gid<OrderKind>,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<SubmitOrderInput> for contract::OrderStep {
    fn from(input: SubmitOrderInput) -> Self {
        let SubmitOrderInput { order, idempotency_key: _ } = input;
        Self { order: order.into() }
    }
}

/// 审批指令的输入 / Input of approveOrder.
#[derive(InputObject)]
pub(crate) struct ApproveOrderInput {
    /// 指令 / Which order.
    pub(crate) order: Gid<OrderKind>,
    /// 所阅内容的摘要 / The hash of the content that was read and is agreed to.
    pub(crate) content_hash: String,
    /// 备注 / A remark for the timeline.
    pub(crate) note: Option<String>,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<ApproveOrderInput> for contract::ApproveOrder {
    fn from(input: ApproveOrderInput) -> Self {
        let ApproveOrderInput { order, content_hash, note, idempotency_key: _ } = input;
        Self { order: order.into(), content_hash, note }
    }
}

/// 审批受保护对象的输入 / Input of approveProtectedTargets.
#[derive(InputObject)]
pub(crate) struct ApproveProtectedTargetsInput {
    /// 指令 / Which order.
    pub(crate) order: Gid<OrderKind>,
    /// 所阅内容的摘要 / The hash of the content that was read and is agreed to.
    pub(crate) content_hash: String,
    /// 备注 / A remark for the timeline.
    pub(crate) note: Option<String>,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<ApproveProtectedTargetsInput> for contract::ApproveOrder {
    fn from(input: ApproveProtectedTargetsInput) -> Self {
        let ApproveProtectedTargetsInput { order, content_hash, note, idempotency_key: _ } = input;
        Self { order: order.into(), content_hash, note }
    }
}

/// 退回指令的输入 / Input of returnOrder.
#[derive(InputObject)]
pub(crate) struct ReturnOrderInput {
    /// 指令 / Which order.
    pub(crate) order: Gid<OrderKind>,
    /// 理由 / Why.
    pub(crate) reason: String,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<ReturnOrderInput> for contract::OrderReason {
    fn from(input: ReturnOrderInput) -> Self {
        let ReturnOrderInput { order, reason, idempotency_key: _ } = input;
        Self { order: order.into(), reason }
    }
}

/// 撤回指令的输入 / Input of withdrawOrder.
#[derive(InputObject)]
pub(crate) struct WithdrawOrderInput {
    /// 指令 / Which order.
    pub(crate) order: Gid<OrderKind>,
    /// 理由 / Why.
    pub(crate) reason: String,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<WithdrawOrderInput> for contract::OrderReason {
    fn from(input: WithdrawOrderInput) -> Self {
        let WithdrawOrderInput { order, reason, idempotency_key: _ } = input;
        Self { order: order.into(), reason }
    }
}

/// 紧急先行的输入 / Input of issueEmergencyOrder.
#[derive(InputObject)]
pub(crate) struct IssueEmergencyOrderInput {
    /// 指令 / Which order.
    pub(crate) order: Gid<OrderKind>,
    /// 理由 / Why.
    pub(crate) reason: String,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<IssueEmergencyOrderInput> for contract::OrderReason {
    fn from(input: IssueEmergencyOrderInput) -> Self {
        let IssueEmergencyOrderInput { order, reason, idempotency_key: _ } = input;
        Self { order: order.into(), reason }
    }
}

/// 补办手续的输入 / Input of filePaperwork.
#[derive(InputObject)]
pub(crate) struct FilePaperworkInput {
    /// 指令 / Which order.
    pub(crate) order: Gid<OrderKind>,
    /// 法律文书 / The document.
    pub(crate) legal_basis: LegalBasisInput,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<FilePaperworkInput> for contract::FilePaperwork {
    fn from(input: FilePaperworkInput) -> Self {
        let FilePaperworkInput { order, legal_basis, idempotency_key: _ } = input;
        Self { order: order.into(), legal_basis: legal_basis.into() }
    }
}

/// 审批补办手续的输入 / Input of approvePaperwork.
#[derive(InputObject)]
pub(crate) struct ApprovePaperworkInput {
    /// 指令 / Which order.
    pub(crate) order: Gid<OrderKind>,
    /// 所阅内容的摘要 / The hash of the content that was read and is agreed to.
    pub(crate) content_hash: String,
    /// 备注 / A remark for the timeline.
    pub(crate) note: Option<String>,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<ApprovePaperworkInput> for contract::ApproveOrder {
    fn from(input: ApprovePaperworkInput) -> Self {
        let ApprovePaperworkInput { order, content_hash, note, idempotency_key: _ } = input;
        Self { order: order.into(), content_hash, note }
    }
}

/// 查看处置对象明文的输入 / Input of revealItem.
#[derive(InputObject)]
pub(crate) struct RevealItemInput {
    /// 对象 / Which item.
    pub(crate) item: Gid<ItemKind>,
    /// 理由，记入审计账本 / Why; it goes into the ledger.
    pub(crate) reason: String,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<RevealItemInput> for contract::RevealItem {
    fn from(input: RevealItemInput) -> Self {
        let RevealItemInput { item, reason, idempotency_key: _ } = input;
        Self { item: item.into(), reason }
    }
}

/// 提出建议的模型 / The model whose idea an order was.
#[derive(InputObject)]
pub(crate) struct ModelOriginInput {
    /// 模型及版本 / The model and its version.
    pub(crate) model: String,
    /// 采纳的人工理由 / Why a person follows it.
    pub(crate) human_reason: String,
}

/// An order without a model is a person's idea.
fn origin_of(origin: Option<ModelOriginInput>) -> contract::OrderOrigin {
    match origin {
        None => contract::OrderOrigin::Person,
        Some(ModelOriginInput { model, human_reason }) => contract::OrderOrigin::Model { model, human_reason },
    }
}

/// 手工输入的对象 / A target that a person typed or pasted.
#[derive(InputObject)]
pub(crate) struct TypedTargetInput {
    /// 原文 / The text.
    pub(crate) text: String,
    /// 种类；不填则自动判断 / What the person says it is; found out if absent.
    pub(crate) kind: Option<IdentifierKind>,
}

/// 选定的处置对象：案件中的对象或手工输入 / A chosen target: a subject of the case intake, or one that was typed.
#[derive(OneofObject)]
pub(crate) enum ChosenInput {
    /// 案件中的对象 / A subject of the case intake.
    Subject(Gid<SubjectKind>),
    /// 手工输入 / A typed value.
    Typed(TypedTargetInput),
}

impl From<ChosenInput> for contract::Chosen {
    fn from(input: ChosenInput) -> Self {
        match input {
            ChosenInput::Subject(id) => Self::Subject { id: id.into() },
            ChosenInput::Typed(TypedTargetInput { text, kind }) => Self::Typed { text, kind: kind.map(Into::into) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_is_repeated_in_a_filter_is_asked_for_once() {
        let urgencies = [Urgency::Flash, Urgency::Routine].repeat(20_000);
        let stages = vec![OrderStage::Draft; 40_000];
        let filter = contract::OrderFilter::from(OrderFilter { stages, urgencies, ..OrderFilter::default() });
        assert_eq!(filter.stages, [OrderStage::Draft.into()]);
        // The negative control: words that differ all stay.
        assert_eq!(filter.urgencies, [Urgency::Flash.into(), Urgency::Routine.into()]);
    }
}
