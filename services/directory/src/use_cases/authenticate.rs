//! From a token or a secret to an actor, with every request, from the rows as they are.

use std::sync::Arc;
use std::time::Duration;

use cordon_context::{Actor, ActorKind, CallContext, OrganisationId, OrganisationKind, PersonId, SessionId, Timestamp};
use cordon_directory_contract::{Authenticate, AuthenticateClient, AuthenticatedClient, PendingStep};
use cordon_store::Failure;

use super::{Office, gateway_only, unauthenticated};
use crate::credentials::token;
use crate::domain::addresses;
use crate::store::{clients, duties, organisations, people, sessions};

/// How exactly the time of the last use is kept; a write with every request would be dear.
const SEEN: Duration = Duration::from_mins(1);

/// An actor with what keeps their roles from counting.
pub(super) struct Known {
    pub(super) actor: Actor,
    pub(super) pending: Vec<PendingStep>,
}

/// Says who holds a session token.
pub(crate) async fn session(office: &Arc<Office>, ctx: &CallContext, input: Authenticate) -> Result<Actor, Failure> {
    gateway_only(ctx)?;
    let now = office.now();
    let stored = sessions::by_digest(office.database.reader(), token::digest(&input.token)).await?;
    let stored = stored.filter(|session| session.is_open(now, office.idle())).ok_or_else(unauthenticated)?;
    let known = actor_of(office, stored.person, stored.id, now).await?.ok_or_else(unauthenticated)?;
    let exactness = SEEN.min(office.idle() / 4);
    if input.activity && now.since(stored.last_seen_at) >= exactness {
        let id = stored.id;
        let touched = office
            .database
            .write(ctx, move |tx| async move {
                sessions::touch(&tx, id).await?;
                tx.commit(()).await
            })
            .await;
        if let Err(failure) = touched {
            let error: &dyn std::error::Error = &failure;
            // The person is who they are; at worst their session ends a little early.
            tracing::warn!(session.id = %id, error, "the use of a session was not noted");
        }
    }
    Ok(known.actor)
}

/// Says who a program is.
pub(crate) async fn client(
    office: &Arc<Office>,
    ctx: &CallContext,
    input: AuthenticateClient,
) -> Result<AuthenticatedClient, Failure> {
    gateway_only(ctx)?;
    let now = office.now();
    let digest = token::digest(&input.secret);
    let reader = office.database.reader();
    let standing = clients::standing(reader, input.client).await?.ok_or_else(unauthenticated)?;
    if !standing.accepts(&digest, now) || !addresses::allows(&standing.client.allowed_addresses, input.address) {
        return Err(unauthenticated().into());
    }
    let client = standing.client;
    let branches = branches_of(office, client.organisation, standing.kind).await?;
    if client.last_seen_at.is_none_or(|seen| now.since(seen) >= SEEN) {
        let id = client.id;
        let touched = office
            .database
            .write(ctx, move |tx| async move {
                clients::touch(&tx, id).await?;
                tx.commit(()).await
            })
            .await;
        if let Err(failure) = touched {
            let error: &dyn std::error::Error = &failure;
            tracing::warn!(client.id = %id, error, "the use of a program's secret was not noted");
        }
    }
    let actor = Actor {
        kind: ActorKind::Client { client: client.id },
        organisation: client.organisation,
        organisation_kind: standing.kind,
        level: standing.level,
        region: standing.region,
        branches,
        roles: client.roles,
    };
    Ok(AuthenticatedClient { actor, message_keys: client.message_keys })
}

/// The actor that a person is now; `None` if they may not act.
pub(super) async fn actor_of(
    office: &Office,
    person: PersonId,
    session: SessionId,
    now: Timestamp,
) -> Result<Option<Known>, Failure> {
    let reader = office.database.reader();
    let Some(standing) = people::standing(reader, person).await?.filter(|standing| standing.active) else {
        return Ok(None);
    };
    let mut roles = duties::effective_roles(reader, person, now).await?;
    let mut pending = Vec::new();
    if standing.must_change {
        pending.push(PendingStep::ChangePassword);
    }
    if !standing.code_enrolled && roles.iter().any(|role| office.settings.code_required.contains(role)) {
        pending.push(PendingStep::EnrolCode);
    }
    if !pending.is_empty() {
        roles.clear();
    }
    let branches = branches_of(office, standing.organisation, standing.kind).await?;
    let actor = Actor {
        kind: ActorKind::Person { person, session },
        organisation: standing.organisation,
        organisation_kind: standing.kind,
        level: standing.level,
        region: standing.region,
        branches,
        roles,
    };
    Ok(Some(Known { actor, pending }))
}

async fn branches_of(
    office: &Office,
    organisation: OrganisationId,
    kind: OrganisationKind,
) -> Result<Vec<OrganisationId>, Failure> {
    if matches!(kind, OrganisationKind::CarrierGroup | OrganisationKind::CarrierBranch) {
        return organisations::branches_of(office.database.reader(), organisation).await;
    }
    Ok(Vec::new())
}

/// Says who an actor of before is now. A session that somebody ended takes the work along that was begun in it; one that only
/// grew old does not, for people need not sit before a long work.
pub(crate) async fn present(office: &Arc<Office>, ctx: &CallContext, before: ActorKind) -> Result<Actor, Failure> {
    gateway_only(ctx)?;
    let (now, reader) = (office.now(), office.database.reader());
    match before {
        ActorKind::Person { person, session } => {
            let stored = sessions::by_id(reader, session).await?.ok_or_else(unauthenticated)?;
            if stored.ended || stored.person != person {
                return Err(unauthenticated().into());
            }
            Ok(actor_of(office, person, session, now).await?.ok_or_else(unauthenticated)?.actor)
        }
        ActorKind::Client { client } => {
            let standing = clients::standing(reader, client).await?.filter(|standing| standing.may_act(now));
            let clients::Standing { client, kind, level, region, .. } = standing.ok_or_else(unauthenticated)?;
            let branches = branches_of(office, client.organisation, kind).await?;
            let (organisation, roles) = (client.organisation, client.roles);
            let kind_of_actor = ActorKind::Client { client: client.id };
            Ok(Actor { kind: kind_of_actor, organisation, organisation_kind: kind, level, region, branches, roles })
        }
        ActorKind::System { .. } => Err(unauthenticated().into()),
    }
}
