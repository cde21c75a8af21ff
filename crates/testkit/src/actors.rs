//! Actors as sign-in would make them.

use std::time::Duration;

use cordon_context::{
    Actor, ActorKind, ApiClientId, CallContext, Id, IdempotencyKey, OrganisationId, OrganisationKind,
    OrganisationLevel, PersonId, Proof, Region, Role, SessionId, Timestamp, Trace,
};

/// A deadline that no test reaches, whatever its clock does.
const NEVER: Timestamp = Timestamp::from_millis(i64::MAX / 2);

/// The organisation that always has this name in a test.
pub fn organisation(name: &str) -> OrganisationId {
    Id::derived(Actor::platform_organisation().uuid(), name)
}

/// A person of the organisation with this name, who holds `roles`; the same `login` is the same person.
pub fn actor(
    login: &str,
    organisation_name: &str,
    kind: OrganisationKind,
    level: OrganisationLevel,
    region: &str,
    roles: &[Role],
) -> Actor {
    let organisation = organisation(organisation_name);
    let person: PersonId = Id::derived(organisation.uuid(), login);
    let session: SessionId = Id::derived(person.uuid(), "session");
    Actor {
        kind: ActorKind::Person { person, session },
        organisation,
        organisation_kind: kind,
        level,
        region: region.parse::<Region>().expect("a region code"),
        branches: Vec::new(),
        roles: roles.to_vec(),
    }
}

/// A program of an enterprise.
pub fn client(organisation_name: &str, kind: OrganisationKind, region: &str) -> Actor {
    let client: ApiClientId = Id::derived(organisation(organisation_name).uuid(), "client");
    Actor {
        kind: ActorKind::Client { client },
        ..actor("", organisation_name, kind, OrganisationLevel::Province, region, &[Role::EnterpriseSystem])
    }
}

/// A call by this actor.
pub fn call(actor: &Actor) -> CallContext {
    CallContext {
        actor: actor.clone(),
        deadline: NEVER.minus(Duration::ZERO),
        trace: Trace::start(),
        idempotency_key: None,
        proof: Proof::NotOwed,
    }
}

/// A call by this actor under an idempotency key.
pub fn keyed_call(actor: &Actor, key: &str) -> CallContext {
    let key = key.parse::<IdempotencyKey>().expect("an idempotency key");
    CallContext { idempotency_key: Some(key), ..call(actor) }
}
