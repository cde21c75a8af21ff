//! What this service tells others, by topic.

use cordon_context::{AppealId, CaseId, ItemId, OrderId, OrganisationId, Region, TaskId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Escalation, Measure, TaskAction, TaskState, Urgency};

/// An order was submitted for review.
pub const ORDER_SUBMITTED: &str = "disposal.order_submitted";
/// An order was approved.
pub const ORDER_APPROVED: &str = "disposal.order_approved";
/// An order was given back to its drafter.
pub const ORDER_RETURNED: &str = "disposal.order_returned";
/// The tasks of an order are out.
pub const ORDER_ISSUED: &str = "disposal.order_issued";
/// An order was withdrawn.
pub const ORDER_WITHDRAWN: &str = "disposal.order_withdrawn";
/// The paperwork of an emergency order is missing past its deadline.
pub const PAPERWORK_OVERDUE: &str = "disposal.paperwork_overdue";
/// A task was given to an executor: a new task, a new generation, or a release.
pub const TASK_ASSIGNED: &str = "disposal.task_assigned";
/// A task changed its state.
pub const TASK_PROGRESSED: &str = "disposal.task_progressed";
/// A task went to the exception desk.
pub const TASK_AT_DESK: &str = "disposal.task_at_desk";
/// A deadline was missed; a fact for the enterprise's scorecard.
pub const DEADLINE_MISSED: &str = "disposal.deadline_missed";
/// A deadline is half or four fifths used up.
pub const DEADLINE_NEAR: &str = "disposal.deadline_near";
/// A measure ends soon and can be renewed.
pub const EXPIRY_NEAR: &str = "disposal.expiry_near";
/// A measure must be looked at again.
pub const REVIEW_FLAGGED: &str = "disposal.review_flagged";
/// A release waits for other holders.
pub const RELEASE_WAITS: &str = "disposal.release_waits";
/// A notice was not given in time.
pub const NOTICE_OVERDUE: &str = "disposal.notice_overdue";
/// A notice became due, was given or was put off.
pub const NOTICE_CHANGED: &str = "disposal.notice_changed";
/// An appeal was filed or changed its state.
pub const APPEAL_CHANGED: &str = "disposal.appeal_changed";
/// The calendar of the next year is not there.
pub const CALENDAR_MISSING: &str = "disposal.calendar_missing";

/// The payload of every topic about an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderHappened {
    /// Which order.
    pub order: OrderId,
    /// Its number.
    pub number: String,
    /// The organ that asks for it.
    pub requester: OrganisationId,
    /// That organ's region.
    pub region: Region,
    /// The case it belongs to.
    pub case: Option<CaseId>,
    /// How fast it is wanted.
    pub urgency: Urgency,
    /// Whether an enterprise recorded with it what it did on its own finding.
    #[serde(default)]
    pub own_measure: bool,
}

/// The payload of every topic about a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskHappened {
    /// Which task.
    pub task: TaskId,
    /// Its generation.
    pub generation: i32,
    /// Impose or release.
    pub action: TaskAction,
    /// Its item.
    pub item: ItemId,
    /// Its order.
    pub order: OrderId,
    /// That order's number.
    pub order_number: String,
    /// The organ that asks for it.
    pub requester: OrganisationId,
    /// That organ's region.
    pub region: Region,
    /// The case of the order.
    pub case: Option<CaseId>,
    /// Who executes.
    pub executor: Option<OrganisationId>,
    /// The measure.
    pub measure: Measure,
    /// How fast it is wanted.
    pub urgency: Urgency,
    /// The state before; none for a new one.
    pub from: Option<TaskState>,
    /// The state now.
    pub to: TaskState,
    /// Until when the present step is due.
    pub due: Option<Timestamp>,
    /// To whom a missed deadline was reported.
    pub escalation: Escalation,
    /// How often its execution failed in this generation.
    #[serde(default)]
    pub attempt: u32,
    /// Whether an enterprise took the measure on its own finding.
    #[serde(default)]
    pub own_measure: bool,
}

/// The payload of every topic about an appeal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppealHappened {
    /// Which appeal.
    pub appeal: AppealId,
    /// Its number.
    pub number: String,
    /// The task it is against.
    pub task: TaskId,
    /// That task's order.
    pub order: OrderId,
    /// The organ that hears it.
    pub competent: OrganisationId,
    /// That organ's region.
    pub region: Region,
    /// Who registered it.
    pub received_by: OrganisationId,
    /// Where it stands.
    pub state: crate::AppealState,
    /// Whether it is against what an enterprise did on its own finding.
    #[serde(default)]
    pub own_measure: bool,
}

/// What changed since a position, as far as the caller may know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// The changes, in order of commit.
    pub changes: Vec<Change>,
    /// The position after which to go on; it moves past changes that the caller may not know.
    pub next: i64,
    /// Whether more may be there already.
    pub more: bool,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Its place in the order of commits.
    pub position: i64,
    /// When it was committed.
    pub at: Timestamp,
    /// What happened.
    pub topic: String,
    /// The identifier of the object to which it happened.
    pub subject: String,
    /// The organisations that it concerns.
    pub audience: Vec<OrganisationId>,
    /// The topic's payload.
    pub payload: serde_json::Value,
}
