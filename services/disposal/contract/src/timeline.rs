//! What happened to an order, a task or an appeal, in order, and what somebody tried in vain.

use cordon_context::{AppealId, OrderId, OrganisationId, Role, TaskId, Timestamp};
use serde::{Deserialize, Serialize};

/// Whose timeline is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "of")]
pub enum TimelineOf {
    /// An order with everything that belongs to it.
    Order {
        /// Which.
        order: OrderId,
    },
    /// One task.
    Task {
        /// Which.
        task: TaskId,
    },
    /// One appeal.
    Appeal {
        /// Which.
        appeal: AppealId,
    },
}

/// One thing that happened or was tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineEntry {
    /// Its place; grows.
    pub seq: i64,
    /// The order.
    pub order: OrderId,
    /// The task, if it concerns one.
    pub task: Option<TaskId>,
    /// The appeal, if it concerns one.
    pub appeal: Option<AppealId>,
    /// When.
    pub at: Timestamp,
    /// The acting party: a person's, program's or job's identifier, never a name.
    pub party: String,
    /// For which organisation.
    pub organisation: OrganisationId,
    /// The duties under which it was done.
    pub roles: Vec<Role>,
    /// What was done or tried, such as `task.execute`.
    pub event: String,
    /// The state before.
    pub from: Option<String>,
    /// The state after; the same as before if it was refused.
    pub to: Option<String>,
    /// The rule that refused it, if it was refused.
    pub refused_by: Option<String>,
    /// What else is worth knowing; holds no personal data in the clear.
    pub detail: serde_json::Value,
    /// The digest of what was handed in, in hexadecimal.
    pub payload_digest: String,
}
