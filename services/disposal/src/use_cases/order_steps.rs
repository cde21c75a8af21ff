//! What the steps of an order have in common: the facts, the answer, and the clock of the review.

use cordon_context::{Action, CallContext, OrderId, Resource, Role, Timestamp};
use cordon_disposal_contract::{ApprovalKind, Order, OrderOrigin, OrderStage};
use cordon_store::Failure;

use crate::domain::deadlines::minutes_long;
use crate::domain::order_machine::{Basis, OrderFacts, Withdrawal};
use crate::service::{Disposal, Standing as _};
use crate::store::Connection;
use crate::store::orders::{self, StoredOrder};

impl Disposal {
    /// The facts about an actor and an order that hold for every event; the caller adds what belongs to its own.
    pub(crate) fn order_facts(&self, ctx: &CallContext, order: &StoredOrder) -> OrderFacts {
        let actor = &ctx.actor;
        let now = self.now();
        let person = actor.person();
        let valid = |kind: ApprovalKind| {
            order
                .approvals
                .iter()
                .filter(move |stored| !stored.approval.void && stored.approval.kind == kind)
                .map(|stored| &stored.approval)
        };
        let by_actor = |kind: ApprovalKind| valid(kind).any(|approval| Some(approval.person) == person);
        let withdrawal = order
            .approvals
            .iter()
            .rev()
            .find(|stored| stored.approval.kind == ApprovalKind::Withdrawal && !stored.approval.void);
        let content = |kind: ApprovalKind| valid(kind).any(|approval| approval.content_hash == order.content_hash);
        OrderFacts {
            person: person.is_some(),
            system: actor.is_system(),
            own: actor.acts_for(order.requester),
            superior: actor.is_above(order.requester_kind, order.requester_level, order.region),
            author: person.is_some_and(|person| order.authors.contains(&person)),
            approved_by_actor: by_actor(ApprovalKind::Order) || by_actor(ApprovalKind::Protected),
            duty_lead: actor.holds(Role::PoliceDutyLead),
            approver: self.parts.gate.permits(actor, Action::Approve, Resource::Order),
            level: actor.level,
            required_level: order.approval_level,
            drafter_level: self.parts.settings.drafter_level,
            content_read: false,
            basis: match &order.legal_basis {
                None => Basis::Missing,
                Some(_) if order.basis_holds(now) => Basis::Holds,
                Some(_) => Basis::Expired,
            },
            items: order.item_count > 0,
            reason: false,
            lacks_human_reason: match &order.origin {
                OrderOrigin::Person => false,
                OrderOrigin::Model { human_reason, .. } => human_reason.trim().is_empty(),
            },
            protected: order.needs_protected,
            agreed: content(ApprovalKind::Order),
            protected_agreed: content(ApprovalKind::Protected),
            paperwork_open: order.emergency.as_ref().is_some_and(|emergency| emergency.paperwork_at.is_none()),
            own_measure: order.is_own_measure(),
            withdrawal: match withdrawal {
                None => Withdrawal::Nobody,
                Some(stored) if Some(stored.approval.person) == person => Withdrawal::Actor,
                Some(stored) => Withdrawal::Other { approver: stored.approver },
            },
        }
    }

    /// Notes that an order waits for its review from now on.
    pub(crate) fn submitted(&self, order: &mut StoredOrder, stage: OrderStage, now: Timestamp) {
        let due = now.plus(self.parts.settings.deadlines.review.time(order.urgency));
        order.stage = stage;
        order.submitted_at = Some(now);
        order.review_due = Some(due);
        order.returned_reason = None;
        order.next_alarm = Some(due);
    }

    /// When the clock of an issued order has to be looked at: only while the paperwork of an emergency is missing.
    pub(crate) fn paperwork_alarm(&self, order: &StoredOrder) -> Option<Timestamp> {
        let emergency = order.emergency.as_ref()?;
        if emergency.paperwork_at.is_some() {
            return None;
        }
        match emergency.escalated_at {
            None => Some(emergency.paperwork_due),
            Some(at) => Some(at.plus(minutes_long(self.parts.settings.deadlines.paperwork_release_warning))),
        }
    }
}

/// The shape of one order that others see, with its tasks counted.
pub(crate) async fn shown<C: Connection>(connection: &C, order: StoredOrder) -> Result<Order, Failure> {
    let id: OrderId = order.id;
    let counts = orders::task_counts(connection, &[id]).await?.remove(&id).unwrap_or_default();
    Ok(order.into_order(counts))
}
