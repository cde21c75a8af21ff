//! Enrolling, confirming and removing one-time codes.

use std::sync::Arc;

use cordon_context::{Bilingual, CallContext, PersonId, Refusal};
use cordon_directory_contract::{CodeEnrolment, Person, Secret};
use cordon_policies::{Grant, act, on};
use cordon_store::{AuditRecord, Failure};
use serde_json::json;

use super::passwords::prove;
use super::sessions::{end_all, still_signed_in};
use super::{Office, oneself, resets};
use crate::credentials::one_time_code;
use crate::domain::resets::{Credential, Step, waits_for_another};
use crate::store::people;

/// Makes a secret for the caller; it counts once a first code confirms it.
pub(crate) async fn enrol(office: &Arc<Office>, ctx: &CallContext, password: Secret) -> Result<CodeEnrolment, Failure> {
    let (person, session) = oneself(ctx)?;
    let credentials = prove(office, ctx, person, password).await?;
    let (login, _name) = credentials.login_and_name(&office.vault)?;
    let secret = one_time_code::fresh_secret()?;
    let enrolment = one_time_code::enrolment(&secret, &login)?;
    let vault = Arc::clone(&office.vault);
    office
        .database
        .write(ctx, move |mut tx| async move {
            still_signed_in(&tx, session).await?;
            if !people::set_pending_code(&tx, &vault, person, &secret).await? {
                return Err(already_enrolled().into());
            }
            tx.record(AuditRecord::new("code.enrol", person.to_string(), json!({})));
            tx.commit(()).await
        })
        .await?;
    Ok(enrolment)
}

/// Confirms the enrolment.
pub(crate) async fn confirm(office: &Arc<Office>, ctx: &CallContext, code: Secret) -> Result<(), Failure> {
    let (person, session) = oneself(ctx)?;
    let vault = Arc::clone(&office.vault);
    office
        .database
        .write_once(ctx, "directory.confirm_code", &code.clone(), move |mut tx| async move {
            still_signed_in(&tx, session).await?;
            let credentials = people::credentials_of(tx.connection(), &vault, person).await?;
            let Some(secret) = credentials.code_pending else {
                let text = Bilingual::new("没有待确认的动态口令", "no one-time code waits for its confirmation");
                return Err(Refusal::rule("code.not_enrolled", text).into());
            };
            let step =
                one_time_code::step_of(&secret, &code, tx.now(), credentials.code_step)?.ok_or_else(wrong_code)?;
            if !people::confirm_code(&tx, &vault, person, &secret, step).await? {
                return Err(already_enrolled().into());
            }
            tx.record(AuditRecord::new("code.confirm", person.to_string(), json!({})));
            tx.commit(()).await
        })
        .await
}

/// Removes a person's code, because the device was lost, and ends their sessions.
pub(crate) async fn reset(office: &Arc<Office>, ctx: &CallContext, person: PersonId) -> Result<Person, Failure> {
    let grant: Grant<act::Modify, on::Session> = office.gate.authorize(ctx)?;
    if ctx.actor.person() == Some(person) {
        return Err(Refusal::rule(
            "code.reset_self",
            Bilingual::new("不得移除自己的动态口令", "nobody removes their own one-time code"),
        )
        .into());
    }
    let (vault, together) = (Arc::clone(&office.vault), office.two_people());
    office
        .database
        .write_once(ctx, "directory.reset_code", &person, move |mut tx| async move {
            let found = people::one(tx.connection(), &vault, person, grant.scope()).await?;
            if resets::step(&mut tx, &grant, &found, Credential::Code, together).await? == Step::Asked {
                return tx.commit(None).await;
            }
            people::remove_code(&tx, &grant, person).await?;
            tx.record(
                AuditRecord::new("code.reset", person.to_string(), json!({})).of_organisation(found.organisation),
            );
            end_all(&mut tx, person, found.organisation, None, "code").await?;
            let now = people::one(tx.connection(), &vault, person, grant.scope()).await?;
            tx.commit(Some(now)).await
        })
        .await?
        .ok_or_else(|| waits_for_another().into())
}

fn wrong_code() -> Refusal {
    Refusal::invalid(
        "code",
        "code.wrong",
        Bilingual::new("动态口令错误，请核对设备时间", "the code is wrong; check the device's clock"),
    )
}

fn already_enrolled() -> Refusal {
    Refusal::rule(
        "code.already_enrolled",
        Bilingual::new(
            "已启用动态口令，如需更换请联系安全管理员",
            "a one-time code is enrolled; a security administrator can remove it",
        ),
    )
}
