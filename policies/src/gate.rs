//! The question that every use case asks first.

use std::sync::Arc;

use cordon_context::{Action, Actor, CallContext, DenialLog, Refusal, Resource};

use crate::{ActionName, Authorizer, Grant, ResourceName};

/// Decides, and writes down what it refused.
pub struct Gate {
    authorizer: Arc<Authorizer>,
    denials: Arc<dyn DenialLog>,
}

impl Gate {
    /// Puts the policy in use and the place for refused attempts together.
    pub fn new(authorizer: Arc<Authorizer>, denials: Arc<dyn DenialLog>) -> Self {
        Self { authorizer, denials }
    }

    /// Answers a proof that the actor may do `A` on resources of kind `R`, with the reach of it; or refuses and notes the attempt.
    pub fn authorize<A: ActionName, R: ResourceName>(&self, ctx: &CallContext) -> Result<Grant<A, R>, Refusal> {
        let scope = self.authorizer.scope(&ctx.actor, A::ACTION, R::RESOURCE);
        if scope.is_nothing() {
            return Err(self.deny(ctx, A::ACTION, R::RESOURCE));
        }
        Ok(Grant::new(scope))
    }

    /// Notes a refused attempt and gives the refusal, for an edge that asked with [`Gate::permits`].
    pub fn deny(&self, ctx: &CallContext, action: Action, resource: Resource) -> Refusal {
        self.denials.denied(ctx, action, resource);
        Refusal::denied(format!("policy.{resource}.{action}"))
    }

    /// Asks without a consequence: for what a list joins in if it is allowed, and for showing a person what they may do.
    pub fn permits(&self, actor: &Actor, action: Action, resource: Resource) -> bool {
        !self.authorizer.scope(actor, action, resource).is_nothing()
    }

    /// Everything that the actor may do.
    pub fn permissions(&self, actor: &Actor) -> Vec<(Resource, Action)> {
        let pairs = Resource::ALL.iter().flat_map(|resource| Action::ALL.iter().map(|action| (*resource, *action)));
        pairs.filter(|(resource, action)| self.permits(actor, *action, *resource)).collect()
    }

    /// The policy in use.
    pub const fn authorizer(&self) -> &Arc<Authorizer> {
        &self.authorizer
    }
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Gate(..)")
    }
}

/// Notes refused attempts in the log only, for a process that keeps no ledger.
#[derive(Clone, Copy, Debug, Default)]
pub struct LoggedDenials;

impl DenialLog for LoggedDenials {
    fn denied(&self, ctx: &CallContext, action: Action, resource: Resource) {
        tracing::warn!(actor.party = ctx.actor.party(), actor.organisation = %ctx.actor.organisation,
            trace.id = ctx.trace.trace_id(), %action, %resource, "an attempt was refused");
    }
}
