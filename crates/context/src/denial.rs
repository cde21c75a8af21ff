//! Where refused attempts are written down.

use crate::{Action, CallContext, Resource};

/// Keeps what was refused to whom; the store writes it to the audit ledger.
///
/// The call returns at once: a ledger that is slow or away must not change a decision.
pub trait DenialLog: Send + Sync + 'static {
    /// Notes that the actor of `ctx` was refused `action` on `resource`.
    fn denied(&self, ctx: &CallContext, action: Action, resource: Resource);
}
