//! What the directory does, one file for each group of use cases that share their rules.

pub(crate) mod authenticate;
pub(crate) mod bootstrap;
pub(crate) mod clients;
pub(crate) mod codes;
pub(crate) mod delegations;
pub(crate) mod documents;
pub(crate) mod organisations;
pub(crate) mod passwords;
pub(crate) mod people;
mod resets;
pub(crate) mod roles;
pub(crate) mod sessions;
pub(crate) mod sign_in;
pub(crate) mod who;

use std::sync::Arc;
use std::time::Duration;

use cordon_context::{
    ActorKind, Bilingual, CallContext, Clock, Code, OrganisationId, PersonId, Refusal, SessionId, Timestamp,
};
use cordon_events::NewEvent;
use cordon_policies::Gate;
use cordon_store::{Database, Failure};
use cordon_vault::Vault;
use serde::Serialize;
use tokio::sync::{Mutex, MutexGuard};

use crate::credentials::password::{PasswordError, Passwords};
use crate::settings::DirectorySettings;
use crate::{Parts, domain};

/// The most things that one call may ask for by identifier.
const MOST_AT_ONCE: usize = 1_000;
/// How many accounts can be tried at the same time; attempts on one account wait for each other.
const STRIPES: usize = 256;

/// What every use case works with.
pub(crate) struct Office {
    pub(crate) database: Database,
    pub(crate) gate: Arc<Gate>,
    pub(crate) vault: Arc<Vault>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) settings: DirectorySettings,
    pub(crate) passwords: Passwords,
    attempts: Vec<Mutex<()>>,
}

impl Office {
    pub(crate) fn new(parts: Parts) -> Result<Self, PasswordError> {
        let Parts { database, gate, vault, clock, settings } = parts;
        let passwords = Passwords::new(&settings.password)?;
        database.seal_answers(Arc::clone(&vault));
        let attempts = (0..STRIPES).map(|_| Mutex::new(())).collect();
        Ok(Self { database, gate, vault, clock, settings, passwords, attempts })
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn idle(&self) -> Duration {
        Duration::from_secs(u64::from(self.settings.session.idle_minutes) * 60)
    }

    /// For how long the two resets of a person are one story; never for no time at all.
    fn two_people(&self) -> Duration {
        Duration::from_secs(u64::from(self.settings.two_people_days.max(1)) * 24 * 3_600)
    }

    /// Waits for the attempts on the same account that came before.
    async fn turn(&self, login_index: &[u8]) -> Option<MutexGuard<'_, ()>> {
        let stripe = login_index.first().map_or(0, |byte| usize::from(*byte)) % STRIPES;
        match self.attempts.get(stripe) {
            Some(mutex) => Some(mutex.lock().await),
            None => None,
        }
    }
}

/// Only the gateway's own context may turn credentials into actors.
fn gateway_only(ctx: &CallContext) -> Result<(), Refusal> {
    match ctx.actor.kind {
        ActorKind::System { .. } => Ok(()),
        ActorKind::Person { .. } | ActorKind::Client { .. } => Err(Refusal::denied("directory.gateway_only")),
    }
}

/// The person who acts in their own matter, and their session.
fn oneself(ctx: &CallContext) -> Result<(PersonId, SessionId), Refusal> {
    match ctx.actor.kind {
        ActorKind::Person { person, session } => Ok((person, session)),
        ActorKind::Client { .. } | ActorKind::System { .. } => Err(Refusal::denied("directory.people_only")),
    }
}

/// The one answer to every credential that does not count.
fn unauthenticated() -> Refusal {
    Refusal::new(Code::Unauthenticated)
}

fn at_most<T>(list: &[T]) -> Result<(), Refusal> {
    if list.len() <= MOST_AT_ONCE {
        return Ok(());
    }
    Err(Refusal::invalid("ids", "list.length", Bilingual::new("一次最多查询 1000 项", "at most 1,000 at once")))
}

/// A reason for the ledger.
fn reason(text: &str) -> Result<String, Refusal> {
    domain::names::text("reason", text, 2, 200)
}

/// An event that an organisation may hear of.
fn event(
    topic: &'static str,
    subject: impl ToString,
    audience: OrganisationId,
    payload: &impl Serialize,
) -> Result<NewEvent, Failure> {
    let payload = serde_json::to_value(payload)
        .map_err(|source| Failure::internal("an event could not be written down", source))?;
    Ok(NewEvent { topic: topic.to_owned(), subject: subject.to_string(), audience: vec![audience], payload })
}
