//! Changing one's password, and making a new first password for somebody who lost theirs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cordon_context::{Bilingual, CallContext, PersonId, Refusal};
use cordon_directory_contract::{ChangePassword, NewPerson, Secret};
use cordon_policies::{Grant, act, on};
use cordon_store::{AuditRecord, Failure};
use serde_json::json;

use super::sessions::{end_all, still_signed_in};
use super::sign_in::{compare, count, note_refusal, refund};
use super::{Office, oneself, resets};
use crate::credentials::token::{self, TokenKind};
use crate::domain::names;
use crate::domain::resets::{Credential, Step, waits_for_another};
use crate::store::guards;
use crate::store::people::{self, Credentials};

/// Changes the caller's password and ends their other sessions.
pub(crate) async fn change(office: &Arc<Office>, ctx: &CallContext, input: ChangePassword) -> Result<(), Failure> {
    let (person, session) = oneself(ctx)?;
    let credentials = prove(office, ctx, person, input.current.clone()).await?;
    let (login, _name) = credentials.login_and_name(&office.vault)?;
    names::new_password(input.new.expose(), &login)?;
    if input.new == input.current {
        return Err(Refusal::invalid(
            "new",
            "password.unchanged",
            Bilingual::new("新密码不得与原密码相同", "the new password is the old one"),
        )
        .into());
    }
    let hash = office.passwords.hash(input.new).await?;
    let organisation = credentials.organisation;
    office
        .database
        .write(ctx, move |mut tx| async move {
            still_signed_in(&tx, session).await?;
            if !people::hold_unchanged(&tx, person, &credentials.password_hash).await? {
                // A reset was faster; what it made must stand.
                return Err(Refusal::conflict().into());
            }
            people::set_password(&tx, person, &hash, false).await?;
            tx.record(AuditRecord::new("password.change", person.to_string(), json!({})));
            end_all(&mut tx, person, organisation, Some(session), "password").await?;
            tx.commit(()).await
        })
        .await
}

/// Has the caller give their password once more; a stolen session cannot be used to guess it, because attempts are counted.
pub(super) async fn prove(
    office: &Arc<Office>,
    ctx: &CallContext,
    person: PersonId,
    password: Secret,
) -> Result<Credentials, Failure> {
    let credentials = people::credentials_of(office.database.reader(), &office.vault, person).await?;
    let index = credentials.login_index.clone();
    let _turn = office.turn(&index).await;
    let mine = count(office, ctx, &index).await?;
    let compared = match compare(office, password, Some(credentials.password_hash.clone())).await {
        Ok(compared) => compared,
        Err(failure) => {
            refund(office, ctx, &index, mine).await?;
            return Err(failure);
        }
    };
    if !compared.same || !credentials.active {
        note_refusal(office, ctx, "password.refuse", Some(person), mine).await?;
        return Err(Refusal::invalid(
            "current",
            "password.wrong",
            Bilingual::new("原密码错误", "the password is wrong"),
        )
        .into());
    }
    office
        .database
        .write(ctx, move |tx| async move {
            guards::forget(&tx, &index).await?;
            tx.commit(()).await
        })
        .await?;
    Ok(credentials)
}

/// Makes a new first password for a person and ends their sessions.
pub(crate) async fn reset(office: &Arc<Office>, ctx: &CallContext, person: PersonId) -> Result<NewPerson, Failure> {
    let grant: Grant<act::Modify, on::Session> = office.gate.authorize(ctx)?;
    if ctx.actor.person() == Some(person) {
        return Err(Refusal::rule(
            "password.reset_self",
            Bilingual::new("不得重置自己的密码，请使用修改密码", "change your own password instead of resetting it"),
        )
        .into());
    }
    let first = token::fresh(TokenKind::FirstPassword)?;
    let hash = office.passwords.hash(first.clone()).await?;
    let (vault, together) = (Arc::clone(&office.vault), office.two_people());
    let made_now = Arc::new(AtomicBool::new(false));
    let made = Arc::clone(&made_now);
    let person = office
        .database
        .write_once(ctx, "directory.reset_password", &person, move |mut tx| async move {
            let found = people::one(tx.connection(), &vault, person, grant.scope()).await?;
            if resets::step(&mut tx, &grant, &found, Credential::Password, together).await? == Step::Asked {
                return tx.commit(None).await;
            }
            people::set_password(&tx, person, &hash, true).await?;
            let credentials = people::credentials_of(tx.connection(), &vault, person).await?;
            guards::forget(&tx, &credentials.login_index).await?;
            tx.record(
                AuditRecord::new("password.reset", person.to_string(), json!({})).of_organisation(found.organisation),
            );
            end_all(&mut tx, person, found.organisation, None, "password").await?;
            made.store(true, Ordering::Relaxed);
            tx.commit(Some(found)).await
        })
        .await?
        .ok_or_else(waits_for_another)?;
    // A repeat answers an earlier reset, whose password went out then and is kept nowhere.
    let first_password = made_now.load(Ordering::Relaxed).then_some(first);
    Ok(NewPerson { person, first_password })
}
