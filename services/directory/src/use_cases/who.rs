//! Who somebody is to the policy, for an operator who wants to know why they may or may not do something.

use cordon_context::{Actor, Refusal, Role, Scope, SessionId};
use cordon_directory_contract::{Organisation, PendingStep};
use cordon_store::Failure;

use super::Office;
use super::authenticate::actor_of;
use crate::Directory;
use crate::domain::names;
use crate::store::{duties, organisations, people};

/// What the policy knows of a person; their name is not among it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The actor that a sign-in would make now; without roles while something is pending.
    pub actor: Actor,
    /// The organisation for which the person acts.
    pub organisation: Organisation,
    /// The roles that the person holds, given and lent ones.
    pub roles: Vec<Role>,
    /// What keeps them from counting.
    pub pending: Vec<PendingStep>,
}

impl Directory {
    /// Says who a login is to the policy; nobody if there is no such login, or its person may not act.
    ///
    /// It asks no right: whoever can call this has the rows and the keys.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn who_is(&self, login: &str) -> Result<Option<Known>, Refusal> {
        who_is(&self.0, login).await.map_err(Refusal::from)
    }
}

async fn who_is(office: &Office, login: &str) -> Result<Option<Known>, Failure> {
    let reader = office.database.reader();
    let Some(login) = names::login(login) else { return Ok(None) };
    // Where nobody was entered there is not even a key with which a login could be looked for.
    if people::is_empty(reader).await? {
        return Ok(None);
    }
    let indexes = people::login_indexes(&office.vault, &login)?;
    let Some(found) = people::credentials_by_login(reader, &office.vault, &indexes).await? else { return Ok(None) };
    let now = office.now();
    let Some(known) = actor_of(office, found.person, SessionId::new(now), now).await? else { return Ok(None) };
    Ok(Some(Known {
        organisation: organisations::one(reader, known.actor.organisation, &Scope::system("policy explain")).await?,
        roles: duties::effective_roles(reader, found.person, now).await?,
        pending: known.pending,
        actor: known.actor,
    }))
}
