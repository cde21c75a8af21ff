//! 保护性措施: what an enterprise does to a target that it answers for, on its own finding and without an instruction.

use cordon_context::{OrderId, ReceiptId};
use cordon_identifier::Kind;
use serde::{Deserialize, Serialize};

use crate::{Evidence, Measure, Order, PhoneFunction, TargetKind, Task};

/// Records a measure that the enterprise took on its own finding, with the evidence that it was carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordProtective {
    /// The target.
    pub text: String,
    /// What the target is; found out if absent.
    #[serde(default)]
    pub kind: Option<Kind>,
    /// What was done; it must be possible to undo it.
    pub measure: Measure,
    /// The functions that were taken away, for `restrict_functions`.
    #[serde(default)]
    pub functions: Vec<PhoneFunction>,
    /// What was found, as the notice to the holder may say it.
    pub finding: String,
    /// The model and its version, if a model found it; then a named person must say why it is followed.
    #[serde(default)]
    pub model: Option<String>,
    /// For how many days; none means as long as the measure table allows.
    #[serde(default)]
    pub duration_days: Option<u32>,
    /// The enterprise's own identifier of this record, chosen once.
    pub receipt: ReceiptId,
    /// The evidence that it was carried out.
    pub evidence: Evidence,
}

/// Confirms a measure of one's own enterprise as it was read; without it the measure ends by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfirmProtective {
    /// The record, which is an order of the enterprise to itself.
    pub order: OrderId,
    /// The hash of the content that was read and is agreed to.
    pub content_hash: String,
    /// Why it stands, in the words of the person who confirms.
    pub reason: String,
}

/// A measure that an enterprise took on its own finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProtectiveMeasure {
    /// The record, which is an order of the enterprise to itself.
    pub order: Order,
    /// The measure, with state, end, receipts, notices and appeals like any other.
    pub task: Task,
}

/// Whether a measure cuts somebody off so far that a limited resumption means anything: being called, and emergency calls.
pub const fn can_be_limited(kind: TargetKind, measure: Measure) -> bool {
    matches!((kind, measure), (TargetKind::Phone, Measure::SuspendBoth))
}
