//! Which tasks are wanted in a list.

use cordon_context::{OrderId, OrganisationId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Escalation, TaskAction, TaskState};

/// Which tasks are wanted.
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own about a task")]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskFilter {
    /// In one of these states.
    #[serde(default)]
    pub states: Vec<TaskState>,
    /// Of this order.
    #[serde(default)]
    pub order: Option<OrderId>,
    /// At this executor.
    #[serde(default)]
    pub executor: Option<OrganisationId>,
    /// Imposing or releasing.
    #[serde(default)]
    pub action: Option<TaskAction>,
    /// Past a deadline.
    #[serde(default)]
    pub overdue: bool,
    /// To be looked at again.
    #[serde(default)]
    pub flagged: bool,
    /// Only whose present step is past its time now.
    #[serde(default)]
    pub late: bool,
    /// Only whose lateness was reported to one of these.
    #[serde(default)]
    pub escalated: Vec<Escalation>,
    /// Only measures that stand and end before this moment.
    #[serde(default)]
    pub ends_before: Option<Timestamp>,
    /// Only whose holder was not told in time.
    #[serde(default)]
    pub notice_overdue: bool,
}

/// The open tasks of an executor, the most pressing first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboxFilter {
    /// In one of these states; all in which the executor has something to do if empty.
    #[serde(default)]
    pub states: Vec<TaskState>,
    /// Imposing or releasing.
    #[serde(default)]
    pub action: Option<TaskAction>,
}
