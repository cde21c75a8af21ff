//! The state machine of an order until it is issued: a table and one pure function. Afterwards its tasks carry the state.

use cordon_context::OrganisationLevel;
use cordon_disposal_contract::OrderStage;

use super::rules::RuleViolation;

/// What somebody wants to happen to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum OrderEvent {
    /// Change its content.
    Edit,
    /// Ask for the review.
    Submit,
    /// Agree.
    Approve,
    /// Agree to its protected targets.
    ApproveProtected,
    /// Give it back.
    Return,
    /// Issue it before the paperwork.
    IssueEmergency,
    /// Send its tasks out.
    Issue,
    /// Take it back.
    Withdraw,
    /// Hand in the paperwork of an emergency.
    FilePaperwork,
    /// Agree to that paperwork.
    ApprovePaperwork,
    /// Record what one's own enterprise did on its own finding.
    Record,
    /// Confirm that record.
    Confirm,
    /// Let it go because nobody confirmed it.
    Lapse,
}

impl OrderEvent {
    /// Every event, for tests.
    #[cfg(test)]
    pub(crate) const ALL: &'static [Self] = &[
        Self::Edit,
        Self::Submit,
        Self::Approve,
        Self::ApproveProtected,
        Self::Return,
        Self::IssueEmergency,
        Self::Issue,
        Self::Withdraw,
        Self::FilePaperwork,
        Self::ApprovePaperwork,
        Self::Record,
        Self::Confirm,
        Self::Lapse,
    ];

    /// The name on the timeline and in the ledger.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Edit => "order.edit",
            Self::Submit => "order.submit",
            Self::Approve => "order.approve",
            Self::ApproveProtected => "order.approve_protected",
            Self::Return => "order.return",
            Self::IssueEmergency => "order.issue_emergency",
            Self::Issue => "order.issue",
            Self::Withdraw => "order.withdraw",
            Self::FilePaperwork => "order.file_paperwork",
            Self::ApprovePaperwork => "order.approve_paperwork",
            Self::Record => "protective.record",
            Self::Confirm => "protective.confirm",
            Self::Lapse => "protective.lapse",
        }
    }
}

/// How the legal basis of an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Basis {
    /// There is none.
    Missing,
    /// It has expired or is not in force yet.
    Expired,
    /// It holds.
    Holds,
}

/// What must be known to decide; gathered by the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is the answer to one question of a rule")]
pub(crate) struct OrderFacts {
    /// Whether a person acts.
    pub(crate) person: bool,
    /// Whether a job of the platform acts.
    pub(crate) system: bool,
    /// Whether the actor acts for the requesting organ.
    pub(crate) own: bool,
    /// Whether the actor acts for an organ above it.
    pub(crate) superior: bool,
    /// Whether the actor drafted, edited or submitted it.
    pub(crate) author: bool,
    /// Whether the actor agreed to it already, as a whole or to its protected targets.
    pub(crate) approved_by_actor: bool,
    /// Whether the actor is a duty lead.
    pub(crate) duty_lead: bool,
    /// Whether the actor may approve orders.
    pub(crate) approver: bool,
    /// The actor's level.
    pub(crate) level: OrganisationLevel,
    /// The level that the measures take.
    pub(crate) required_level: OrganisationLevel,
    /// The lowest level at which orders may be drafted.
    pub(crate) drafter_level: OrganisationLevel,
    /// Whether what the actor read is what is stored.
    pub(crate) content_read: bool,
    /// How the legal basis stands.
    pub(crate) basis: Basis,
    /// Whether there is at least one item.
    pub(crate) items: bool,
    /// Whether a reason was given where one is needed.
    pub(crate) reason: bool,
    /// Whether a model's proposal lacks a named person's reason.
    pub(crate) lacks_human_reason: bool,
    /// Whether it holds a protected target.
    pub(crate) protected: bool,
    /// Whether it is agreed to as a whole, by a consent that is not void.
    pub(crate) agreed: bool,
    /// Whether its protected targets are agreed to.
    pub(crate) protected_agreed: bool,
    /// Whether the paperwork of an emergency is still to follow.
    pub(crate) paperwork_open: bool,
    /// Whether it records what an enterprise did on its own finding.
    pub(crate) own_measure: bool,
    /// Who asked to withdraw it before, if anybody did.
    pub(crate) withdrawal: Withdrawal,
}

/// Who asked to withdraw an order that was approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Withdrawal {
    /// Nobody.
    Nobody,
    /// The actor.
    Actor,
    /// Somebody else, who may or may not approve orders.
    Other {
        /// Whether that person may approve orders.
        approver: bool,
    },
}

/// What follows from a step that is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OrderStep {
    /// The stage before.
    pub(crate) from: OrderStage,
    /// The stage after.
    pub(crate) to: OrderStage,
    /// Whether approvals given so far become void.
    pub(crate) voids_approvals: bool,
}

#[derive(Clone, Copy, Debug)]
enum Guard {
    Person,
    System,
    Own,
    OwnOrSuperior,
    DrafterLevel,
    Items,
    BasisIfGiven,
    Basis,
    FourEyes,
    Level,
    ProvinceLevel,
    Content,
    HumanReason,
    NotTheFirstApprover,
    Protected,
    Reason,
    DutyLead,
    ProtectedAgreed,
    PaperworkOpen,
    OwnMeasure,
    Unconfirmed,
    Withdrawer,
    SecondWithdrawer,
}

struct Row {
    event: OrderEvent,
    from: &'static [OrderStage],
    to: To,
    guards: &'static [Guard],
}

#[derive(Clone, Copy)]
enum To {
    Stage(OrderStage),
    /// Back to a draft, and what was agreed is void.
    Anew,
    /// Approved, once every consent is there; otherwise it goes on waiting.
    ApprovedIfComplete,
    Same,
}

use Guard as G;
use OrderEvent as E;
use OrderStage as S;

const TABLE: &[Row] = &[
    Row {
        event: E::Edit,
        from: &[S::Draft, S::PendingReview, S::Returned, S::Approved],
        to: To::Anew,
        guards: &[G::Person, G::Own],
    },
    Row {
        event: E::Submit,
        from: &[S::Draft, S::Returned],
        to: To::Stage(S::PendingReview),
        guards: &[G::Person, G::Own, G::DrafterLevel, G::Items, G::Basis, G::HumanReason],
    },
    Row {
        event: E::Approve,
        from: &[S::PendingReview],
        to: To::ApprovedIfComplete,
        guards: &[
            G::Person,
            G::OwnOrSuperior,
            G::FourEyes,
            G::NotTheFirstApprover,
            G::Level,
            G::Basis,
            G::HumanReason,
            G::Content,
        ],
    },
    Row {
        event: E::ApproveProtected,
        from: &[S::PendingReview],
        to: To::ApprovedIfComplete,
        guards: &[G::Person, G::Protected, G::FourEyes, G::NotTheFirstApprover, G::ProvinceLevel, G::Basis, G::Content],
    },
    Row {
        event: E::Return,
        from: &[S::PendingReview, S::Approved],
        to: To::Stage(S::Returned),
        guards: &[G::Person, G::OwnOrSuperior, G::FourEyes, G::Reason],
    },
    Row {
        event: E::IssueEmergency,
        from: &[S::Draft, S::Returned, S::PendingReview],
        to: To::Stage(S::Approved),
        guards: &[
            G::Person,
            G::DutyLead,
            G::Own,
            G::FourEyes,
            G::Level,
            G::Items,
            G::BasisIfGiven,
            G::Reason,
            G::HumanReason,
            G::ProtectedAgreed,
        ],
    },
    Row {
        event: E::Issue,
        from: &[S::Approved],
        to: To::Stage(S::Issued),
        guards: &[G::System, G::Items, G::BasisIfGiven, G::ProtectedAgreed],
    },
    Row {
        event: E::Withdraw,
        from: &[S::Draft, S::PendingReview, S::Returned],
        to: To::Stage(S::Withdrawn),
        guards: &[G::Person, G::Withdrawer, G::Reason],
    },
    Row {
        event: E::Withdraw,
        from: &[S::Approved, S::Issued],
        to: To::Stage(S::Withdrawn),
        guards: &[G::Person, G::Withdrawer, G::Reason, G::SecondWithdrawer],
    },
    Row {
        event: E::FilePaperwork,
        from: &[S::Approved, S::Issued],
        to: To::Same,
        guards: &[G::Person, G::Own, G::PaperworkOpen, G::Basis],
    },
    Row {
        event: E::ApprovePaperwork,
        from: &[S::Approved, S::Issued],
        to: To::Same,
        guards: &[G::Person, G::OwnOrSuperior, G::PaperworkOpen, G::FourEyes, G::Level, G::Basis, G::Content],
    },
    Row {
        event: E::Record,
        from: &[S::Draft],
        to: To::Stage(S::Issued),
        guards: &[G::OwnMeasure, G::Own, G::Items, G::Reason],
    },
    Row {
        event: E::Confirm,
        from: &[S::Issued],
        to: To::Same,
        guards: &[G::OwnMeasure, G::Person, G::Own, G::Unconfirmed, G::FourEyes, G::Content, G::Reason, G::HumanReason],
    },
    Row {
        event: E::Lapse,
        from: &[S::Issued],
        to: To::Stage(S::Withdrawn),
        guards: &[G::OwnMeasure, G::System, G::Unconfirmed],
    },
];

/// Says what follows from an event at a stage, or which rule forbids it.
pub(crate) fn transition(stage: OrderStage, event: OrderEvent, facts: &OrderFacts) -> Result<OrderStep, RuleViolation> {
    let row =
        TABLE.iter().find(|row| row.event == event && row.from.contains(&stage)).ok_or(RuleViolation::ORDER_STATE)?;
    for guard in row.guards {
        check(*guard, facts)?;
    }
    let (to, voids_approvals) = match row.to {
        To::Stage(to) => (to, to == S::Returned),
        To::Anew => (S::Draft, true),
        To::ApprovedIfComplete => {
            let agreed = facts.agreed || event == E::Approve;
            let protected = !facts.protected || facts.protected_agreed || event == E::ApproveProtected;
            (if agreed && protected { S::Approved } else { S::PendingReview }, false)
        }
        To::Same => (stage, false),
    };
    Ok(OrderStep { from: stage, to, voids_approvals })
}

fn check(guard: Guard, facts: &OrderFacts) -> Result<(), RuleViolation> {
    let demand = |holds: bool, rule: RuleViolation| if holds { Ok(()) } else { Err(rule) };
    match guard {
        G::Person => demand(facts.person, RuleViolation::ORDER_PERSON),
        G::System => demand(facts.system, RuleViolation::TASK_SYSTEM),
        G::Own => demand(facts.own, RuleViolation::ORDER_OWN),
        G::OwnOrSuperior => demand(facts.own || facts.superior, RuleViolation::ORDER_REVIEWER),
        G::DrafterLevel => demand(facts.level.reaches(facts.drafter_level), RuleViolation::ORDER_DRAFTER_LEVEL),
        G::Items => demand(facts.items, RuleViolation::ORDER_EMPTY),
        G::BasisIfGiven => demand(facts.basis != Basis::Expired, RuleViolation::ORDER_BASIS_EXPIRED),
        G::Basis => {
            demand(facts.basis != Basis::Missing, RuleViolation::ORDER_BASIS)?;
            demand(facts.basis == Basis::Holds, RuleViolation::ORDER_BASIS_EXPIRED)
        }
        G::FourEyes => demand(!facts.author, RuleViolation::ORDER_FOUR_EYES),
        G::Level => demand(facts.level.reaches(facts.required_level), RuleViolation::ORDER_LEVEL),
        G::ProvinceLevel => demand(facts.level.reaches(OrganisationLevel::Province), RuleViolation::ORDER_PROTECTED),
        G::Content => demand(facts.content_read, RuleViolation::ORDER_CONTENT),
        G::HumanReason => demand(!facts.lacks_human_reason, RuleViolation::ORDER_HUMAN_REASON),
        G::NotTheFirstApprover => demand(!facts.approved_by_actor, RuleViolation::ORDER_PROTECTED),
        G::Protected => demand(facts.protected, RuleViolation::ORDER_STATE),
        G::Reason => demand(facts.reason, RuleViolation::ORDER_REASON),
        G::DutyLead => demand(facts.duty_lead, RuleViolation::ORDER_DUTY_LEAD),
        G::ProtectedAgreed => demand(!facts.protected || facts.protected_agreed, RuleViolation::ORDER_PROTECTED),
        G::PaperworkOpen => demand(facts.paperwork_open, RuleViolation::ORDER_PAPERWORK),
        G::OwnMeasure => demand(facts.own_measure, RuleViolation::ORDER_STATE),
        G::Unconfirmed => demand(!facts.agreed, RuleViolation::PROTECTIVE_CONFIRMED),
        G::Withdrawer => demand(facts.own || facts.superior, RuleViolation::ORDER_WITHDRAWER),
        G::SecondWithdrawer => match facts.withdrawal {
            Withdrawal::Other { approver } => demand(approver || facts.approver, RuleViolation::ORDER_WITHDRAW),
            Withdrawal::Nobody | Withdrawal::Actor => Err(RuleViolation::ORDER_WITHDRAW),
        },
    }
}

#[cfg(test)]
#[path = "order_machine_tests.rs"]
mod tests;
