//! Giving roles and taking them away.

use std::sync::Arc;

use cordon_context::{AssignmentId, Bilingual, CallContext, PersonId, Refusal, Role};
use cordon_directory_contract::{GiveRole, RoleAssignment, RoleChange, RoleChanged, WithdrawRole, topic};
use cordon_policies::{Grant, act, on};
use cordon_store::{AuditRecord, Failure, Tx};
use serde_json::json;

use super::{Office, at_most, event, reason};
use crate::domain::duties::{self as rules, Span};
use crate::store::{duties, organisations, people};

/// The roles of people.
pub(crate) async fn of_people(
    office: &Office,
    ctx: &CallContext,
    of: &[PersonId],
) -> Result<Vec<RoleAssignment>, Failure> {
    let grant: Grant<act::Read, on::RoleAssignment> = office.gate.authorize(ctx)?;
    at_most(of)?;
    duties::assignments_of(office.database.reader(), of, grant.scope()).await
}

/// Gives a role to another person.
pub(crate) async fn give(office: &Arc<Office>, ctx: &CallContext, input: GiveRole) -> Result<RoleAssignment, Failure> {
    let grant: Grant<act::Create, on::RoleAssignment> = office.gate.authorize(ctx)?;
    if ctx.actor.person() == Some(input.person) {
        return Err(Refusal::rule(
            "role.self",
            Bilingual::new("不得给自己授予角色", "nobody gives a role to themselves"),
        )
        .into());
    }
    let now = office.now();
    let valid_from = input.valid_from.unwrap_or(now).max(now);
    if input.valid_to.is_some_and(|end| end <= valid_from) {
        return Err(Refusal::invalid(
            "validTo",
            "role.span",
            Bilingual::new("截止时间须晚于开始时间", "the end lies before the beginning"),
        )
        .into());
    }
    let (vault, gate) = (Arc::clone(&office.vault), Arc::clone(&office.gate));
    let stored = input.clone();
    office
        .database
        .write_once(ctx, "directory.give_role", &stored, move |mut tx| async move {
            people::hold(&tx, input.person).await?;
            let person = people::one(tx.connection(), &vault, input.person, grant.scope()).await?;
            let organisation =
                organisations::one(tx.connection(), person.organisation, &cordon_context::Scope::system("role check"))
                    .await?;
            if !person.active || !organisation.active {
                return Err(Refusal::rule(
                    "person.inactive",
                    Bilingual::new("人员或机构已停用", "the person or the organisation is stopped"),
                )
                .into());
            }
            if !rules::fits(input.role, organisation.kind) {
                let text = Bilingual::new(
                    "该角色不适用于此类机构",
                    "this role does not exist in an organisation of this kind",
                );
                return Err(Refusal::rule("role.organisation_kind", text).into());
            }
            let held = duties::spans_of(&tx, input.person).await?;
            rules::check(
                &Span { role: input.role, from: valid_from, to: input.valid_to, lent: false },
                &held,
                gate.authorizer(),
            )?;
            let assignment = RoleAssignment {
                id: AssignmentId::new(tx.now()),
                person: input.person,
                organisation: organisation.id,
                role: input.role,
                valid_from,
                valid_to: input.valid_to,
                given_by: tx.context().actor.person(),
                withdrawn_at: None,
            };
            enter(&mut tx, &grant, &assignment).await?;
            tx.commit(assignment).await
        })
        .await
}

/// Writes a role of a person and tells of it.
pub(crate) async fn enter(
    tx: &mut Tx,
    grant: &Grant<act::Create, on::RoleAssignment>,
    assignment: &RoleAssignment,
) -> Result<(), Failure> {
    duties::insert_assignment(tx, grant, assignment).await?;
    announce(tx, "role.give", assignment, RoleChange::Given, json!({}))
}

/// Takes a role away, at once.
pub(crate) async fn withdraw(
    office: &Arc<Office>,
    ctx: &CallContext,
    input: WithdrawRole,
) -> Result<RoleAssignment, Failure> {
    let grant: Grant<act::Modify, on::RoleAssignment> = office.gate.authorize(ctx)?;
    let why = reason(&input.reason)?;
    let stored = input.clone();
    office
        .database
        .write_once(ctx, "directory.withdraw_role", &stored, move |mut tx| async move {
            let found = duties::assignment(tx.connection(), input.assignment, grant.scope()).await?;
            people::hold(&tx, found.person).await?;
            if found.withdrawn_at.is_some() {
                return tx.commit(found).await;
            }
            if found.role == Role::SecurityAdmin
                && people::holders_beside(&tx, Role::SecurityAdmin, found.person).await? == 0
            {
                return Err(last_security_admin().into());
            }
            duties::withdraw(&tx, &grant, input.assignment).await?;
            let after = RoleAssignment { withdrawn_at: Some(tx.now()), ..found };
            announce(&mut tx, "role.withdraw", &after, RoleChange::Withdrawn, json!({"reason": why}))?;
            tx.commit(after).await
        })
        .await
}

fn announce(
    tx: &mut Tx,
    action: &'static str,
    assignment: &RoleAssignment,
    change: RoleChange,
    more: serde_json::Value,
) -> Result<(), Failure> {
    let payload = json!({
        "person": assignment.person,
        "role": assignment.role,
        "valid_from": assignment.valid_from,
        "valid_to": assignment.valid_to,
        "more": more,
    });
    tx.record(AuditRecord::new(action, assignment.id.to_string(), payload).of_organisation(assignment.organisation));
    let changed =
        RoleChanged { person: assignment.person, organisation: assignment.organisation, role: assignment.role, change };
    tx.emit(event(topic::ROLE_CHANGED, assignment.person, assignment.organisation, &changed)?);
    Ok(())
}

/// Without a security administrator nobody could give a role any more.
pub(super) fn last_security_admin() -> Refusal {
    Refusal::rule(
        "role.last_security_admin",
        Bilingual::new("至少须保留一名安全管理员", "one security administrator has to remain"),
    )
}
