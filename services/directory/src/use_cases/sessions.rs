//! Ending sessions: one's own, and anybody's by security administration.

use std::sync::Arc;

use cordon_context::{CallContext, OrganisationId, PersonId, Scope, SessionId};
use cordon_directory_contract::{Session, SessionsRevoked, topic};
use cordon_policies::{Grant, act, on};
use cordon_store::{AuditRecord, Failure, Tx};
use serde_json::json;

use super::{Office, event, oneself, unauthenticated};
use crate::store::{people, sessions};

/// Ends the caller's session.
pub(crate) async fn sign_out(office: &Arc<Office>, ctx: &CallContext) -> Result<(), Failure> {
    let (person, session) = oneself(ctx)?;
    let organisation = ctx.actor.organisation;
    office
        .database
        .write(ctx, move |mut tx| async move {
            if sessions::end(&tx, session).await? {
                tx.record(AuditRecord::new("session.close", session.to_string(), json!({"person": person})));
                announce(&mut tx, person, organisation, vec![session])?;
            }
            tx.commit(()).await
        })
        .await
}

/// The caller's open sessions.
pub(crate) async fn own(office: &Office, ctx: &CallContext) -> Result<Vec<Session>, Failure> {
    let (person, current) = oneself(ctx)?;
    let now = office.now();
    let stored = sessions::open_of(office.database.reader(), person, now).await?;
    let open = stored.into_iter().filter(|session| session.is_open(now, office.idle()));
    open.map(|session| session.into_domain(&office.vault, Some(current))).collect()
}

/// Ends one session.
pub(crate) async fn revoke(office: &Arc<Office>, ctx: &CallContext, id: SessionId) -> Result<(), Failure> {
    let mine = match oneself(ctx) {
        Ok((person, _)) => sessions::open_of(office.database.reader(), person, office.now())
            .await?
            .iter()
            .any(|session| session.id == id),
        Err(_no_person) => false,
    };
    let scope = if mine {
        Scope::system("own session")
    } else {
        let grant: Grant<act::Modify, on::Session> = office.gate.authorize(ctx)?;
        grant.scope().clone()
    };
    office
        .database
        .write_once(ctx, "directory.revoke_session", &id, move |mut tx| async move {
            let session = sessions::one(tx.connection(), id, &scope).await?;
            let standing = people::standing(tx.connection(), session.person).await?;
            if sessions::end(&tx, id).await? {
                tx.record(AuditRecord::new("session.revoke", id.to_string(), json!({"person": session.person})));
                if let Some(standing) = standing {
                    announce(&mut tx, session.person, standing.organisation, vec![id])?;
                }
            }
            tx.commit(()).await
        })
        .await
}

/// Ends all sessions of a person.
pub(crate) async fn revoke_of(office: &Arc<Office>, ctx: &CallContext, person: PersonId) -> Result<u32, Failure> {
    let own = oneself(ctx).is_ok_and(|(caller, _)| caller == person);
    let scope = if own {
        Scope::system("own sessions")
    } else {
        let grant: Grant<act::Modify, on::Session> = office.gate.authorize(ctx)?;
        grant.scope().clone()
    };
    let vault = Arc::clone(&office.vault);
    office
        .database
        .write_once(ctx, "directory.revoke_sessions_of", &person, move |mut tx| async move {
            let found = people::one(tx.connection(), &vault, person, &scope).await?;
            let count = end_all(&mut tx, person, found.organisation, None, "asked").await?;
            tx.commit(count).await
        })
        .await
}

/// A change that was under way when the caller's session ended has no effect any more.
pub(super) async fn still_signed_in(tx: &Tx, session: SessionId) -> Result<(), Failure> {
    if sessions::hold_open(tx, session).await? { Ok(()) } else { Err(unauthenticated().into()) }
}

/// Ends the sessions of a person within a change that demands it; tells how many were open.
pub(super) async fn end_all(
    tx: &mut Tx,
    person: PersonId,
    organisation: OrganisationId,
    but: Option<SessionId>,
    why: &'static str,
) -> Result<u32, Failure> {
    let ended = sessions::end_of(tx, person, but).await?;
    if ended.is_empty() {
        return Ok(0);
    }
    let count = u32::try_from(ended.len()).unwrap_or(u32::MAX);
    tx.record(
        AuditRecord::new("session.revoke_all", person.to_string(), json!({"count": count, "why": why}))
            .of_organisation(organisation),
    );
    announce(tx, person, organisation, ended)?;
    Ok(count)
}

fn announce(tx: &mut Tx, person: PersonId, organisation: OrganisationId, ended: Vec<SessionId>) -> Result<(), Failure> {
    tx.emit(event(topic::SESSION_REVOKED, person, organisation, &SessionsRevoked { person, sessions: ended })?);
    Ok(())
}
