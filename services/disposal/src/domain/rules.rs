//! The rules of the field by their stable codes, with the words in which a refusal names them.

use cordon_context::{Bilingual, Refusal};

/// A rule that forbids a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct RuleViolation(pub(crate) &'static str);

macro_rules! rules {
    ($($constant:ident = $code:literal, $zh:literal, $en:literal;)*) => {
        impl RuleViolation {
            $(
                #[doc = concat!("`", $code, "`: ", $en, ".")]
                pub(crate) const $constant: Self = Self($code);
            )*

            /// What the rule says, in both languages.
            pub(crate) fn text(self) -> Bilingual {
                match self.0 {
                    $($code => Bilingual::new($zh, $en),)*
                    _ => Bilingual::new("违反业务规则", "a rule forbids this"),
                }
            }
        }
    };
}

rules! {
    ORDER_STATE = "order.illegal_transition", "指令当前状态不允许该操作", "the order's state does not allow this";
    ORDER_EMPTY = "order.no_items", "指令中没有可处置的对象", "the order has no item";
    ORDER_BASIS = "order.legal_basis_missing", "缺少法律文书", "the legal basis is missing";
    ORDER_BASIS_EXPIRED = "order.legal_basis_expired", "法律文书已过有效期或尚未生效", "the legal basis has expired or is not in force yet";
    ORDER_FOUR_EYES = "order.four_eyes", "审核人不能是起草人或提交人", "who approves must not be who drafted or submitted it";
    ORDER_LEVEL = "order.approval_level", "审核人的层级不够", "the approver's level is too low for these measures";
    ORDER_DRAFTER_LEVEL = "order.drafter_level", "起草机关的层级不够", "the drafting organ's level is too low";
    ORDER_CONTENT = "order.content_changed", "指令内容已变更，请重新阅读后再审核", "the content changed; read it again before agreeing to it";
    ORDER_PROTECTED = "order.protected_second_approval", "含受保护对象，须由省级以上另一名审核人同意", "it holds a protected target; another approver at province level must agree";
    ORDER_HUMAN_REASON = "order.model_needs_human_reason", "模型触发的指令须由具名人员说明采纳理由", "an order that a model proposed needs a named person's reason";
    ORDER_OWN = "order.requester_only", "仅发起机关可操作", "only the requesting organ may do this";
    ORDER_DUTY_LEAD = "order.duty_lead_only", "紧急先行仅限值班领导", "only a duty lead may issue before the paperwork";
    ORDER_REASON = "order.reason_missing", "须说明理由", "a reason is needed";
    ORDER_PAPERWORK = "order.no_paperwork_open", "该指令没有待补的手续", "the order has no paperwork to follow";
    ORDER_WITHDRAW = "order.withdrawal_four_eyes", "已批准指令的撤回须由另一名人员同意，且至少一人为审核人", "withdrawing an approved order takes a second person, and one of the two must be an approver";
    ORDER_WITHDRAWER = "order.withdraw_only_requester_or_superior", "仅发起机关或其上级可撤回", "only the requesting organ or its superior may withdraw";
    ORDER_REVIEWER = "order.review_only_requester_or_superior", "仅发起机关或其上级可审核", "only the requesting organ or its superior may review";
    ORDER_PERSON = "order.person_only", "该操作须由具名人员完成", "a named person must do this";
    PROTECTIVE_NOT_RESPONSIBLE = "protective.not_responsible", "该对象不由本企业负责，不得自行处置", "another enterprise, or nobody that is known, answers for the target";
    PROTECTIVE_IRREVERSIBLE = "protective.irreversible", "企业自行处置只能采取可逆的措施", "an enterprise may take only a measure that can be undone on its own finding";
    PROTECTIVE_PROTECTED = "protective.protected", "受保护对象不得由企业自行处置，请立即恢复", "the target is protected and must not be stopped on an enterprise's own finding; restore it at once";
    PROTECTIVE_HELD = "protective.already_held", "该对象已有同一措施", "the same measure stands against the target already";
    PROTECTIVE_CONFIRMED = "protective.confirmed", "该措施已经确认", "the measure is confirmed already";
    PROTECTIVE_ENTERPRISE = "protective.enterprise_only", "仅企业可记录自行采取的措施", "only an enterprise records what it did on its own finding";
    TASK_STATE = "task.illegal_transition", "任务当前状态不允许该操作", "the task's state does not allow this";
    TASK_TERMINAL = "task.terminal", "任务已终结，不能再变更", "the task has ended and cannot change any more";
    TASK_EXECUTOR = "task.executor_only", "仅当前执行单位可操作", "only the present executor may do this";
    TASK_GENERATION = "task.stale_generation", "任务已重新下发，请按最新版本办理", "the task was issued again; answer the newest generation";
    TASK_MISMATCH = "task.mismatch_must_not_execute", "字段不一致的任务不得执行", "a task refused for a mismatch must not be executed";
    TASK_EVIDENCE = "task.evidence_incomplete", "执行凭证不完整", "the evidence of the execution is incomplete";
    TASK_EVIDENCE_TIME = "task.evidence_time", "执行时间早于下发时间或晚于当前时间", "the time of execution lies before the issue or in the future";
    TASK_VERIFIER = "task.verifier_independent", "核验人不得是执行单位", "who verifies must not be who executed";
    TASK_REQUESTER = "task.requester_only", "仅发起机关或其上级可操作", "only the requesting organ or its superior may do this";
    TASK_REISSUE = "task.reissue_four_eyes", "执行单位提出异议的任务须由另一名审核人同意后方可重新下发", "what the executor objected to goes out again only when another person, an approver, agrees";
    TASK_REISSUE_PROTECTED = "task.reissue_protected", "受保护对象须由省级以上审核人同意后方可重新下发", "a protected target goes out again only when an approver at province level agrees";
    TASK_DROP = "task.drop_four_eyes", "企业自行处置的任务，退件人不得自行撤销", "who gave a task of an enterprise's own measure back does not take it off the table too";
    TASK_WITHDRAW = "task.withdrawal_four_eyes", "撤回任务须由另一名人员同意，且至少一人为审核人", "withdrawing a task takes a second person, and one of the two must be an approver";
    TASK_WITHDRAW_EXECUTED = "task.withdraw_executed", "措施已执行，不能撤回，请决定解除", "the measure was carried out; decide on its release instead";
    TASK_DESK = "task.desk_only", "仅指挥席可人工派发", "only the command desk may route by hand";
    TASK_SYSTEM = "task.system_only", "仅系统可操作", "only the platform may do this";
    TASK_RECEIPT = "task.receipt_reused", "该回执编号已用于不同内容", "the receipt's identifier was used with other content";
    RELEASE_WHO = "release.only_requester_or_superior", "仅发起机关或其上级可决定解除", "only the requesting organ or its superior may release";
    RELEASE_HOLDERS = "release.all_holders", "其他机关对同一对象仍在处置，须其同意", "other organs hold the same measure and must consent";
    RELEASE_IRREVERSIBLE = "release.irreversible", "该措施不可逆，不能解除", "the measure cannot be undone";
    RELEASE_NOT_HOLDER = "release.not_a_holder", "本机关不是待同意的持有机关", "this organ is not one whose consent is awaited";
    RELEASE_DROP = "release.must_be_carried_out", "解除任务必须执行，仅号码不存在或已销户时可免", "a release must be carried out unless the number is gone";
    RENEW_STATE = "renewal.not_in_force", "仅生效中的措施可续期", "only a measure in force can be renewed";
    RENEW_RANGE = "renewal.out_of_range", "续期时间不在允许范围内", "the new end lies outside what the measure table allows";
    RENEW_BASIS = "renewal.legal_basis_ends", "续期超出法律文书有效期，请提交新的法律文书", "the new end lies beyond the legal basis; hand in a new one";
    RENEW_NONE = "renewal.none_pending", "没有待批准的续期", "no renewal awaits approval";
    NOTICE_STATE = "notice.illegal_transition", "告知当前状态不允许该操作", "the notice's state does not allow this";
    NOTICE_GIVER = "notice.giver_only", "仅采取措施的单位可告知", "only the unit that took the measure may give the notice";
    NOTICE_FOUR_EYES = "notice.four_eyes", "暂缓告知须由另一名人员批准", "putting a notice off takes another person's approval";
    NOTICE_REVIEW = "notice.review_date", "暂缓告知的复查日期不在允许范围内", "the review date lies outside the allowed range";
    NOTICE_REQUESTER = "notice.requester_only", "仅发起机关可申请暂缓告知", "only the requesting organ may ask to put a notice off";
    APPEAL_STATE = "appeal.illegal_transition", "申诉当前状态不允许该操作", "the appeal's state does not allow this";
    APPEAL_DECIDER = "appeal.decider_not_original", "起草、审核或执行过该措施的人员不得办理申诉", "who drafted, approved or executed the measure must not hear the appeal";
    APPEAL_OFFICER = "appeal.officer_only", "仅承办人可操作", "only the officer who has the appeal may do this";
    APPEAL_COMPETENT = "appeal.competent_only", "仅有管辖权的机关可操作", "only the competent organ may do this";
    APPEAL_HEARER = "appeal.officer_duty", "承办人须为有管辖权机关中负有申诉办理职责的在职人员", "the officer must be an active person of the competent organ with the duty to hear appeals";
    APPEAL_EXTENDED = "appeal.extended_once", "办理期限只能延长一次", "the time to decide can be extended once";
    APPEAL_EXTENDER = "appeal.extension_four_eyes", "延期须由承办人以外的人员批准", "an extension takes the approval of somebody who does not hear the appeal";
    APPEAL_RECEIVER = "appeal.receiver_only", "仅登记该申诉的单位可转交复核申请", "only who registered the appeal may pass on the request for a review";
    APPEAL_REVIEWED = "appeal.review_once", "复核只能申请一次", "a review can be asked for once";
    APPEAL_NOT_APPEALABLE = "appeal.not_in_force", "该对象没有可申诉的措施", "there is no measure to appeal against";
    APPEAL_NOTHING_TO_HEAR = "appeal.nothing_to_hear", "该对象没有可申诉的措施，或已有未办结的申诉", "there is no measure to appeal against, or an appeal against it is open already";
    APPEAL_OPEN = "appeal.already_open", "该措施已有未办结的申诉", "an appeal against this measure is open already";
    PROTECTED_FOUR_EYES = "protected.four_eyes", "须由另一名人员确认", "another person must confirm";
    PROTECTED_STATE = "protected.illegal_transition", "条目当前状态不允许该操作", "the entry's state does not allow this";
    PROTECTED_DUPLICATE = "protected.duplicate", "该对象已在名单中", "the target is on the list already";
}

impl From<RuleViolation> for Refusal {
    fn from(violation: RuleViolation) -> Self {
        Refusal::rule(violation.0, violation.text())
    }
}
