//! Orders and their items: what is asked for, on which legal basis, by whom and with whose consent.

use cordon_context::{
    CaseId, ItemId, OrderId, OrganisationId, OrganisationLevel, PersonId, Region, SubjectId, Timestamp,
};
use cordon_identifier::Kind;
use serde::{Deserialize, Serialize};

use crate::vocabulary::vocabulary;
use crate::{Measure, PhoneFunction, TargetKind, Urgency};

vocabulary! {
    /// The stage that is stored with an order; everything later is derived from its tasks.
    OrderStage {
        /// 草稿.
        Draft = "draft",
        /// 待审核.
        PendingReview = "pending_review",
        /// 已退回.
        Returned = "returned",
        /// 已批准.
        Approved = "approved",
        /// 已下发.
        Issued = "issued",
        /// 已撤回.
        Withdrawn = "withdrawn",
    }
}

vocabulary! {
    /// Where an order stands, derived from its stage and its tasks.
    OrderState {
        /// It is being written.
        Draft = "draft",
        /// Somebody else has to approve it.
        PendingReview = "pending_review",
        /// The reviewer gave it back.
        Returned = "returned",
        /// It is approved and about to be issued.
        Approved = "approved",
        /// Tasks are out and none is carried out yet.
        Issued = "issued",
        /// Some tasks are carried out, others are not.
        InProgress = "in_progress",
        /// Every task that is not off the table is carried out and confirmed.
        InForce = "in_force",
        /// Some or all measures are being released.
        Releasing = "releasing",
        /// Every task has ended, and a notice to a holder or the answer to an appeal is still owed.
        Closing = "closing",
        /// Nothing is left to do.
        Closed = "closed",
        /// It was withdrawn.
        Withdrawn = "withdrawn",
    }
}

vocabulary! {
    /// What kind of document an order rests on.
    InstrumentKind {
        /// 调取证据通知书.
        EvidenceRequestNotice = "evidence_request_notice",
        /// 立案决定书.
        CaseFilingDecision = "case_filing_decision",
        /// 涉案号码处置审批表.
        DisposalApprovalForm = "disposal_approval_form",
        /// 协助冻结通知书 and other freezing notices.
        FreezeNotice = "freeze_notice",
        /// A decision of a communications authority.
        RegulatorDecision = "regulator_decision",
        /// A measure for a region that the State Council's mechanism approved.
        RegionalMeasure = "regional_measure",
        /// A determination under the joint-sanction rules.
        SanctionDetermination = "sanction_determination",
    }
}

/// 文书: the document on which an order rests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegalBasis {
    /// What kind of document.
    pub kind: InstrumentKind,
    /// Its number.
    pub number: String,
    /// The organ that issued it.
    pub issuer: String,
    /// Who approved it there.
    pub approver: String,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it ends; none means without end.
    #[serde(default)]
    pub valid_to: Option<Timestamp>,
}

/// Whose idea an order was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum OrderOrigin {
    /// A person's.
    Person,
    /// A model's; a named person gives the reason why it is followed.
    Model {
        /// The model and its version.
        model: String,
        /// Why a person follows it.
        human_reason: String,
    },
}

/// 紧急先行: issued before the paperwork.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Emergency {
    /// Why it could not wait.
    pub reason: String,
    /// The duty lead who took it upon themselves.
    pub by: PersonId,
    /// When it was issued.
    pub at: Timestamp,
    /// Until when the paperwork must follow.
    pub paperwork_due: Timestamp,
    /// When the paperwork followed.
    pub paperwork_at: Option<Timestamp>,
    /// When it was escalated because the paperwork did not follow.
    pub escalated_at: Option<Timestamp>,
}

vocabulary! {
    /// What an approval is for.
    ApprovalKind {
        /// The order as a whole.
        Order = "order",
        /// The protected targets in it, at province level.
        Protected = "protected",
        /// The paperwork of an emergency order, afterwards.
        Paperwork = "paperwork",
        /// A longer time in force.
        Renewal = "renewal",
        /// The withdrawal of an order that was approved.
        Withdrawal = "withdrawal",
    }
}

/// One person's consent to exactly this content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// What it is for.
    pub kind: ApprovalKind,
    /// Who.
    pub person: PersonId,
    /// For which organisation.
    pub organisation: OrganisationId,
    /// At which level.
    pub level: OrganisationLevel,
    /// When.
    pub at: Timestamp,
    /// The hash of the content that was approved, in hexadecimal.
    pub content_hash: String,
    /// Whether the content changed afterwards, which makes the approval void.
    pub void: bool,
}

/// How many tasks of an order stand where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskCounts {
    /// All tasks, releases not counted.
    pub total: u32,
    /// At the exception desk.
    pub desk: u32,
    /// Issued, received or executing.
    pub open: u32,
    /// Executed and not confirmed yet.
    pub executed: u32,
    /// In force.
    pub in_force: u32,
    /// Refused or failed, waiting for the requester.
    pub refused: u32,
    /// Being released.
    pub releasing: u32,
    /// Released.
    pub released: u32,
    /// Withdrawn or dropped.
    pub withdrawn: u32,
    /// Past a deadline now or at some time.
    pub overdue: u32,
    /// Notices that were not given and appeals that were not answered yet, of whatever task.
    pub owed: u32,
}

/// 处置指令: one requester, one legal basis, one urgency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Its identifier.
    pub id: OrderId,
    /// Its number for people, with a check character.
    pub number: String,
    /// Where it stands.
    pub state: OrderState,
    /// The stage that is stored.
    pub stage: OrderStage,
    /// The organ that asks for it.
    pub requester: OrganisationId,
    /// Whether an enterprise recorded with it what it did on its own finding; then the review is the confirmation.
    pub own_measure: bool,
    /// That organ's level.
    pub requester_level: OrganisationLevel,
    /// That organ's region.
    pub region: Region,
    /// The case it belongs to.
    pub case: Option<CaseId>,
    /// The document it rests on; missing only on an emergency order and where an enterprise acted by itself.
    pub legal_basis: Option<LegalBasis>,
    /// How fast it is wanted.
    pub urgency: Urgency,
    /// Whose idea it was.
    pub origin: OrderOrigin,
    /// Why, in the requester's words, as the notice to the holder may say it.
    pub reason: String,
    /// For how many days the measures are wanted; none means as long as the measure table allows.
    pub duration_days: Option<u32>,
    /// Who drafted it; not told to executors, and none where a program recorded it.
    pub drafter: Option<PersonId>,
    /// When it was drafted.
    pub created_at: Timestamp,
    /// When it was submitted for review.
    pub submitted_at: Option<Timestamp>,
    /// Until when the review is due.
    pub review_due: Option<Timestamp>,
    /// When it was issued.
    pub issued_at: Option<Timestamp>,
    /// What the reviewer said when it was given back.
    pub returned_reason: Option<String>,
    /// Set if it was issued before the paperwork; executors learn that from the payload's missing document.
    pub emergency: Option<Emergency>,
    /// The lowest level at which it may be approved.
    pub approval_level: OrganisationLevel,
    /// Whether it holds a protected target, so that a second approval at province level is needed.
    pub needs_protected_approval: bool,
    /// Why the holders are not told for now, if that was asked for.
    pub secrecy_reason: Option<String>,
    /// Who agreed to exactly what.
    pub approvals: Vec<Approval>,
    /// The hash of its content: what an approval is for, in hexadecimal.
    pub content_hash: String,
    /// How many items it has.
    pub item_count: u32,
    /// How its tasks stand.
    pub tasks: TaskCounts,
    /// Grows with every change.
    pub version: i64,
}

/// A target as it may be shown: masked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Its identifier, equal for equal targets.
    pub id: SubjectId,
    /// Its family.
    pub kind: TargetKind,
    /// Its precise kind.
    pub identifier_kind: Kind,
    /// Its masked form.
    pub masked: String,
}

/// 处置对象: one target of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Its identifier.
    pub id: ItemId,
    /// Its order.
    pub order: OrderId,
    /// Its place in the order, from 0.
    pub position: u32,
    /// The target.
    pub subject: Subject,
    /// What shall be done to it.
    pub measures: Vec<Measure>,
    /// The functions that are taken away, where a measure asks for them.
    pub functions: Vec<PhoneFunction>,
    /// Why it is protected, if it is.
    pub protected: Option<String>,
}

/// One target that an officer chose: by its identifier in the case, or as typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "from")]
pub enum Chosen {
    /// A subject of the case intake, whose value stays there until it is needed.
    Subject {
        /// Which.
        id: SubjectId,
    },
    /// A value that a person typed or pasted.
    Typed {
        /// The text.
        text: String,
        /// What the person says it is; found out if absent.
        #[serde(default)]
        kind: Option<Kind>,
    },
}

/// What shall be done to all targets of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeasureChoice {
    /// The kind.
    pub kind: TargetKind,
    /// What shall be done.
    pub measures: Vec<Measure>,
    /// The functions that are taken away, for `restrict_functions`.
    #[serde(default)]
    pub functions: Vec<PhoneFunction>,
}

/// 一键处置: targets, measures per kind, one legal basis, one urgency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisposeSubjects {
    /// The targets.
    pub subjects: Vec<Chosen>,
    /// What shall be done, per kind of target.
    pub measures: Vec<MeasureChoice>,
    /// The document it rests on; may be missing only in a draft that becomes an emergency order.
    #[serde(default)]
    pub legal_basis: Option<LegalBasis>,
    /// How fast it is wanted.
    pub urgency: Urgency,
    /// The case it belongs to.
    #[serde(default)]
    pub case: Option<CaseId>,
    /// Why, as the notice to the holder may say it.
    pub reason: String,
    /// For how many days; none means as long as the measure table allows.
    #[serde(default)]
    pub duration_days: Option<u32>,
    /// Whose idea it was.
    pub origin: OrderOrigin,
    /// Why the holders shall not be told for now.
    #[serde(default)]
    pub secrecy_reason: Option<String>,
    /// Leave out what cannot be ordered (the preview names it) instead of refusing the whole.
    #[serde(default)]
    pub skip_unfit: bool,
    /// Keep it as a draft instead of submitting it for review.
    #[serde(default)]
    pub keep_draft: bool,
}

vocabulary! {
    /// What the preview has to say about one target.
    FindingKind {
        /// The text is no identifier of any kind that can be disposed of.
        Unreadable = "unreadable",
        /// The check digit does not fit.
        InvalidCheckDigit = "invalid_check_digit",
        /// No measure was chosen for its kind.
        NoMeasure = "no_measure",
        /// The measure does not fit its kind.
        MeasureUnfit = "measure_unfit",
        /// The subject is unknown, or lies outside the caller's reach.
        UnknownSubject = "unknown_subject",
        /// It was named twice in this order.
        Duplicate = "duplicate",
        /// It is protected and needs a second approval at province level.
        Protected = "protected",
        /// It can never be a target.
        NeverTarget = "never_target",
        /// It is the number of a victim.
        VictimOwn = "victim_own",
        /// The same measure is in force already; the order joins it (叠加).
        AlreadyInForce = "already_in_force",
        /// The measure table allows less time than was asked for, so that the measure ends earlier.
        DurationCut = "duration_cut",
        /// The number was ported, so that another enterprise answers for it than its segment says.
        Ported = "ported",
        /// Nobody answers for it; it would go to the exception desk.
        Unroutable = "unroutable",
    }
}

impl FindingKind {
    /// Whether a target with this finding cannot be part of an order.
    pub const fn blocks(self) -> bool {
        matches!(
            self,
            Self::Unreadable
                | Self::InvalidCheckDigit
                | Self::NoMeasure
                | Self::MeasureUnfit
                | Self::UnknownSubject
                | Self::Duplicate
                | Self::NeverTarget
        )
    }
}

/// One thing that is worth knowing before an order is issued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What.
    pub kind: FindingKind,
    /// In words for a person.
    pub text: cordon_context::Bilingual,
    /// The level at which somebody must agree as well.
    pub co_approver_level: Option<OrganisationLevel>,
    /// The enterprise concerned: to which a number was ported, or that executes the measure in force.
    pub organisation: Option<OrganisationId>,
}

/// What would become of one chosen target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewRow {
    /// Its place in the input, from 0.
    pub position: u32,
    /// The target as it was understood; none if it was not.
    pub subject: Option<Subject>,
    /// What would be done to it.
    pub measures: Vec<Measure>,
    /// The enterprises that would get a task.
    pub executors: Vec<OrganisationId>,
    /// Everything worth knowing.
    pub findings: Vec<Finding>,
    /// Whether it could be part of the order.
    pub fit: bool,
}

/// What would happen, before anything happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisposalPreview {
    /// One row per chosen target, in the order of the input.
    pub rows: Vec<PreviewRow>,
    /// How many could be part of the order.
    pub fit: u32,
    /// The lowest level at which the order may be approved.
    pub approval_level: OrganisationLevel,
    /// Whether a second approval at province level would be needed.
    pub needs_protected_approval: bool,
}

/// The order that one press of the button made, and what was found on the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disposed {
    /// The order.
    pub order: Order,
    /// The preview, as it was at that moment.
    pub preview: DisposalPreview,
}

/// Changes a draft or a returned order; what is absent stays, and every approval becomes void.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditOrder {
    /// Which order.
    pub order: OrderId,
    /// The version that was read.
    pub version: i64,
    /// A new legal basis.
    #[serde(default)]
    pub legal_basis: Option<LegalBasis>,
    /// A new urgency.
    #[serde(default)]
    pub urgency: Option<Urgency>,
    /// A new reason.
    #[serde(default)]
    pub reason: Option<String>,
    /// A new duration in days.
    #[serde(default)]
    pub duration_days: Option<u32>,
    /// Items that are taken out.
    #[serde(default)]
    pub remove_items: Vec<ItemId>,
}

/// A step on an order that needs nothing but the order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderStep {
    /// Which order.
    pub order: OrderId,
}

/// Agrees to an order as it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApproveOrder {
    /// Which order.
    pub order: OrderId,
    /// The hash of the content that was read and is agreed to.
    pub content_hash: String,
    /// A remark for the timeline.
    #[serde(default)]
    pub note: Option<String>,
}

/// A step on an order that needs a reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderReason {
    /// Which order.
    pub order: OrderId,
    /// Why.
    pub reason: String,
}

/// Hands in the paperwork of an emergency order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilePaperwork {
    /// Which order.
    pub order: OrderId,
    /// The document.
    pub legal_basis: LegalBasis,
}

/// Which orders are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderFilter {
    /// In one of these stages.
    #[serde(default)]
    pub stages: Vec<OrderStage>,
    /// Of this case.
    #[serde(default)]
    pub case: Option<CaseId>,
    /// Of this organ.
    #[serde(default)]
    pub requester: Option<OrganisationId>,
    /// With this number.
    #[serde(default)]
    pub number: Option<String>,
    /// With one of these urgencies.
    #[serde(default)]
    pub urgencies: Vec<Urgency>,
    /// Only whose review, or whose confirmation by the enterprise, is past its time now.
    #[serde(default)]
    pub review_overdue: bool,
    /// Only emergency orders whose paperwork did not come in time.
    #[serde(default)]
    pub paperwork_overdue: bool,
}

/// Asks to see a target in the clear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevealItem {
    /// Which item.
    pub item: ItemId,
    /// Why; it goes into the ledger.
    pub reason: String,
}

/// A target in the clear.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevealedItem {
    /// Which item.
    pub item: ItemId,
    /// The normal form.
    pub value: String,
}

impl std::fmt::Debug for RevealedItem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RevealedItem").field("item", &self.item).finish_non_exhaustive()
    }
}
