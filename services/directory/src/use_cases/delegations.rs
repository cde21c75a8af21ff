//! Lending a role to a colleague for a time.

use std::sync::Arc;
use std::time::Duration;

use cordon_context::{Bilingual, CallContext, DelegationId, Page, PageRequest, Refusal, Role, Scope};
use cordon_directory_contract::{Delegate, Delegation, DelegationChanged, DelegationFilter, topic};
use cordon_policies::{Grant, act, on};
use cordon_store::{AuditRecord, Failure, Tx};
use serde_json::json;

use super::{Office, event, oneself};
use crate::domain::duties::{self as rules, Span};
use crate::store::{duties, people};

/// A page of delegations.
pub(crate) async fn page(
    office: &Office,
    ctx: &CallContext,
    filter: &DelegationFilter,
    request: &PageRequest,
) -> Result<Page<Delegation>, Failure> {
    let grant: Grant<act::Read, on::Delegation> = office.gate.authorize(ctx)?;
    duties::delegations(office.database.reader(), filter, request, grant.scope(), office.now()).await
}

/// Lends one of the caller's own roles.
pub(crate) async fn create(office: &Arc<Office>, ctx: &CallContext, input: Delegate) -> Result<Delegation, Failure> {
    let grant: Grant<act::Create, on::Delegation> = office.gate.authorize(ctx)?;
    let (lender, _session) = oneself(ctx)?;
    if input.to == lender {
        return Err(Refusal::rule(
            "delegation.self",
            Bilingual::new("不得委托给自己", "nobody lends a role to themselves"),
        )
        .into());
    }
    let now = office.now();
    let valid_from = input.valid_from.unwrap_or(now).max(now);
    let longest = Duration::from_secs(u64::from(office.settings.longest_delegation_days) * 24 * 3_600);
    if input.valid_to <= valid_from || input.valid_to > valid_from.plus(longest) {
        let days = office.settings.longest_delegation_days;
        let text = Bilingual::new(
            format!("委托期限须在开始之后且不超过 {days} 天"),
            format!("a delegation lasts at most {days} days and ends after it begins"),
        );
        return Err(Refusal::invalid("validTo", "delegation.span", text).into());
    }
    if !rules::may_be_lent(input.role) {
        return Err(
            Refusal::rule("delegation.role", Bilingual::new("该角色不得委托", "this role cannot be lent")).into()
        );
    }
    let (vault, gate) = (Arc::clone(&office.vault), Arc::clone(&office.gate));
    let stored = input.clone();
    office
        .database
        .write_once(ctx, "directory.delegate", &stored, move |mut tx| async move {
            people::hold(&tx, input.to).await?;
            // A colleague of the caller, whatever else the caller may reach: a role counts in one organisation.
            let own = Scope::of(vec![cordon_context::Reach::Organisation(tx.context().actor.organisation)]);
            let borrower = people::one(tx.connection(), &vault, input.to, &own).await?;
            if !borrower.active {
                return Err(
                    Refusal::rule("person.inactive", Bilingual::new("人员已停用", "the person is stopped")).into()
                );
            }
            let given = duties::assignments_of(tx.connection(), &[lender], &Scope::system("own roles")).await?;
            if !given.iter().any(|assignment| assignment.role == input.role && assignment.is_effective(valid_from)) {
                let text = Bilingual::new(
                    "只能委托本人被授予的角色，受托的角色不得转委托",
                    "only a role that was given to you can be lent; a borrowed one cannot be lent on",
                );
                return Err(Refusal::rule("delegation.not_held", text).into());
            }
            let held = duties::spans_of(&tx, input.to).await?;
            rules::check(
                &Span { role: input.role, from: valid_from, to: Some(input.valid_to), lent: true },
                &held,
                gate.authorizer(),
            )?;
            let delegation = Delegation {
                id: DelegationId::new(tx.now()),
                organisation: borrower.organisation,
                from: lender,
                to: input.to,
                role: input.role,
                valid_from,
                valid_to: input.valid_to,
                revoked_at: None,
            };
            duties::insert_delegation(&tx, &grant, &delegation).await?;
            announce(&mut tx, "delegation.create", &delegation)?;
            tx.commit(delegation).await
        })
        .await
}

/// Ends a delegation early.
pub(crate) async fn revoke(office: &Arc<Office>, ctx: &CallContext, id: DelegationId) -> Result<Delegation, Failure> {
    let grant: Grant<act::Modify, on::Delegation> = office.gate.authorize(ctx)?;
    office
        .database
        .write_once(ctx, "directory.revoke_delegation", &id, move |mut tx| async move {
            let found = duties::delegation(tx.connection(), id, grant.scope()).await?;
            let actor = &tx.context().actor;
            if actor.person() != Some(found.from) && !actor.holds(Role::SecurityAdmin) && !actor.holds(Role::System) {
                let text = Bilingual::new(
                    "只有委托人或安全管理员可以撤销委托",
                    "only the lender or a security administrator ends a delegation",
                );
                return Err(Refusal::rule("delegation.not_yours", text).into());
            }
            if found.revoked_at.is_some() {
                return tx.commit(found).await;
            }
            duties::revoke(&tx, &grant, id).await?;
            let after = Delegation { revoked_at: Some(tx.now()), ..found };
            announce(&mut tx, "delegation.revoke", &after)?;
            tx.commit(after).await
        })
        .await
}

fn announce(tx: &mut Tx, action: &'static str, delegation: &Delegation) -> Result<(), Failure> {
    let Delegation { id, organisation, from, to, role, valid_from, valid_to, revoked_at } = delegation.clone();
    let payload = json!({"from": from, "to": to, "role": role, "valid_from": valid_from, "valid_to": valid_to});
    tx.record(AuditRecord::new(action, id.to_string(), payload).of_organisation(organisation));
    let changed = DelegationChanged { delegation: id, organisation, from, to, role, ended: revoked_at.is_some() };
    tx.emit(event(topic::DELEGATION_CHANGED, id, organisation, &changed)?);
    Ok(())
}
