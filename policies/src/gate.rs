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
    ///
    /// Whoever owes a signature may only read without one.
    pub fn authorize<A: ActionName, R: ResourceName>(&self, ctx: &CallContext) -> Result<Grant<A, R>, Refusal> {
        let grant = self.authorize_unsigned(ctx)?;
        match ctx.proof.refusal() {
            Some(refusal) if A::ACTION != Action::Read => {
                self.denials.denied(ctx, A::ACTION, R::RESOURCE);
                Err(refusal)
            }
            _ => Ok(grant),
        }
    }

    /// As [`Gate::authorize`], for a use case that finds the object first and refuses what is not signed itself, because the
    /// attempt belongs on the object's timeline.
    pub fn authorize_unsigned<A: ActionName, R: ResourceName>(
        &self,
        ctx: &CallContext,
    ) -> Result<Grant<A, R>, Refusal> {
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

#[cfg(test)]
mod tests {
    use cordon_context::{ApiClientId, Id, OrganisationKind, Proof, Timestamp};

    use super::*;
    use crate::{act, on};

    #[test]
    fn a_program_that_owes_a_signature_may_only_read_without_one() {
        let gate = Gate::new(Arc::new(Authorizer::embedded().unwrap()), Arc::new(LoggedDenials));
        let client: ApiClientId = Id::derived(uuid::Uuid::nil(), "client");
        let actor = Actor {
            kind: cordon_context::ActorKind::Client { client },
            organisation_kind: OrganisationKind::InternetFirm,
            roles: vec![cordon_context::Role::EnterpriseSystem],
            ..Actor::system("test")
        };
        let with = |proof| CallContext {
            actor: actor.clone(),
            proof,
            ..CallContext::system("test", Timestamp::from_millis(0))
        };
        for proof in [Proof::Missing, Proof::Malformed, Proof::Stale, Proof::Forged] {
            let ctx = with(proof);
            assert_eq!(gate.authorize::<act::Execute, on::Task>(&ctx).err(), proof.refusal());
            assert!(gate.authorize::<act::Read, on::Task>(&ctx).is_ok());
            // An answer finds its task first; it is refused there.
            assert!(gate.authorize_unsigned::<act::Execute, on::Task>(&ctx).is_ok());
        }
        for proof in [Proof::NotOwed, Proof::Signed] {
            assert!(gate.authorize::<act::Execute, on::Task>(&with(proof)).is_ok());
        }
    }
}
