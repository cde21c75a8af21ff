//! The rule of two people, kept with the person whose credentials are taken away.

use std::time::Duration;

use cordon_context::{PersonId, Refusal};
use cordon_directory_contract::Person;
use cordon_policies::{Grant, act, on};
use cordon_store::{AuditRecord, Failure, Tx};
use serde_json::json;

use crate::domain::duties::is_administrative;
use crate::domain::resets::{Act, Credential, Past, Step, Wanted, decide};
use crate::store::{duties, people, resets};

/// Decides about a reset by the caller of this transaction, and keeps who wanted or did it.
pub(super) async fn step(
    tx: &mut Tx,
    grant: &Grant<act::Modify, on::Session>,
    person: &Person,
    credential: Credential,
    together: Duration,
) -> Result<Step, Failure> {
    people::hold(tx, person.id).await?;
    let roles = duties::effective_roles(tx.connection(), person.id, tx.now()).await?;
    let now = Act { by: acting(tx)?, at: tx.now() };
    let standing = people::standing(tx.connection(), person.id).await?;
    // An account that only one thing keeps: its password, without a code; or its code, while the password is still a first one,
    // which an administrator handed out and knows.
    let bare = standing.is_none_or(|standing| match credential {
        Credential::Password => !standing.code_enrolled,
        Credential::Code => standing.must_change,
    });
    let wanted = Wanted { now, administrative: roles.into_iter().any(is_administrative), bare, together };
    let past = resets::past(tx, person.id, credential).await?;
    let other = resets::past(tx, person.id, credential.other()).await?;
    let step = decide(&wanted, &past, &other)?;
    let kept = match step {
        Step::Done => Past { asked: None, done: Some(now) },
        Step::Asked => Past { asked: Some(now), ..past },
    };
    resets::put(tx, grant, person.id, credential, &kept).await?;
    if step == Step::Asked {
        let record = AuditRecord::new(format!("{}.reset_ask", credential.name()), person.id.to_string(), json!({}));
        tx.record(record.of_organisation(person.organisation));
    }
    Ok(step)
}

/// Only people take credentials away; a program cannot be one of two.
fn acting(tx: &Tx) -> Result<PersonId, Refusal> {
    tx.context().actor.person().ok_or_else(|| Refusal::denied("directory.people_only"))
}
