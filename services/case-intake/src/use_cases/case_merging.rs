//! Cases are merged, and mergers undone.

use std::collections::BTreeSet;

use cordon_case_intake_contract::{CaseMerge, MergeCases, UnmergeCases, topic};
use cordon_context::{CallContext, CaseId, MergeId, Refusal, Scope};
use cordon_policies::{act, on};
use cordon_store::{AuditRecord, Failure};
use serde_json::json;

use crate::domain::case::{self, Step as Move, check_merger};
use crate::domain::text::{LONGEST_NOTE, check_count, checked};
use crate::intake::{Intake, case_event};
use crate::store;
use crate::store::cases::CaseChange;
use crate::store::history::{self, Step};
use crate::store::merges::Which;
use crate::use_cases::case_opening::check_open;

/// Merges every member into every lead; a member keeps its reports, number and history and can come back.
pub(crate) async fn merge_cases(intake: &Intake, ctx: CallContext, input: MergeCases) -> Result<CaseMerge, Failure> {
    let grant = intake.authorize::<act::Modify, on::Case>(&ctx)?;
    check_count("leads", input.leads.len(), 1, 20)?;
    check_count("members", input.members.len(), 1, 100)?;
    let reason = checked("reason", &input.reason, LONGEST_NOTE)?;
    intake
        .database
        .write_once(&ctx, "case_intake.merge_cases", &input.clone(), move |mut tx| async move {
            let MergeCases { leads, members, reason: _ } = input;
            let found_leads = store::cases::by_ids(tx.connection(), grant.scope(), &leads).await?;
            let found_members = store::cases::by_ids(tx.connection(), grant.scope(), &members).await?;
            let distinct = |cases: &[CaseId]| cases.iter().collect::<BTreeSet<_>>().len();
            // What is out of reach is not there, and no rule may tell of it.
            if found_leads.len() != distinct(&leads) || found_members.len() != distinct(&members) {
                return Err(Refusal::not_found().into());
            }
            check_merger(&leads, &members, &store::merges::links(tx.connection()).await?)?;
            for lead in &found_leads {
                check_open(lead)?;
            }
            let merge =
                CaseMerge { id: MergeId::new(tx.now()), leads, members, reason, merged_at: tx.now(), undone_at: None };
            for member in &found_members {
                let status = case::next(member.status, Move::Merge)?;
                // A member of several mergers goes back to where it was before the first of them.
                let remember_status = member.status != status;
                let change = CaseChange { status: Some(status), remember_status, ..CaseChange::default() };
                store::cases::apply(tx.connection(), &grant, member.id, member.version, change).await?;
                let entry = Step {
                    object: member.id.uuid(),
                    step: Move::Merge.name(),
                    from: Some(member.status.name()),
                    to: status.name(),
                    note: Some(&merge.reason),
                };
                history::append(&tx, entry).await?;
            }
            for lead in &found_leads {
                store::cases::apply(tx.connection(), &grant, lead.id, lead.version, CaseChange::default()).await?;
                let status = lead.status.name();
                let entry = Step {
                    object: lead.id.uuid(),
                    step: "take_in",
                    from: Some(status),
                    to: status,
                    note: Some(&merge.reason),
                };
                history::append(&tx, entry).await?;
            }
            store::merges::insert(tx.connection(), &grant, &merge).await?;
            let record = json!({ "leads": merge.leads, "members": merge.members });
            tx.record(AuditRecord::new("case.merge", merge.id.to_string(), record));
            emit_changes(&mut tx, merge.leads.iter().chain(&merge.members).copied().collect()).await?;
            tx.commit(merge).await
        })
        .await
}

/// Undoes a merger; the caller must be able to change every case in it.
pub(crate) async fn unmerge_cases(
    intake: &Intake,
    ctx: CallContext,
    input: UnmergeCases,
) -> Result<CaseMerge, Failure> {
    let grant = intake.authorize::<act::Modify, on::Case>(&ctx)?;
    let reason = checked("reason", &input.reason, LONGEST_NOTE)?;
    intake
        .database
        .write_once(&ctx, "case_intake.unmerge_cases", &input.clone(), move |mut tx| async move {
            let UnmergeCases { merge: id, reason: _ } = input;
            let mut merge =
                store::merges::load(tx.connection(), Which::Ids(&[id])).await?.pop().ok_or_else(Refusal::not_found)?;
            let everything: Vec<CaseId> = merge.leads.iter().chain(&merge.members).copied().collect();
            let visible = store::cases::visible(tx.connection(), grant.scope(), &everything).await?;
            if visible.len() != everything.len() {
                return Err(Refusal::not_found().into());
            }
            store::merges::undo(tx.connection(), &grant, id, tx.now()).await?;
            merge.undone_at = Some(tx.now());
            let restored = store::cases::restore(tx.connection(), &grant, &merge.members).await?;
            let scope = Scope::system("the cases of the merger just undone");
            for case in store::cases::by_ids(tx.connection(), &scope, &restored).await? {
                let entry = Step {
                    object: case.id.uuid(),
                    step: "unmerge",
                    from: Some("merged"),
                    to: case.status.name(),
                    note: Some(&reason),
                };
                history::append(&tx, entry).await?;
            }
            tx.record(AuditRecord::new("case.unmerge", id.to_string(), json!({ "restored": restored })));
            emit_changes(&mut tx, everything).await?;
            tx.commit(merge).await
        })
        .await
}

async fn emit_changes(tx: &mut cordon_store::Tx, cases: Vec<CaseId>) -> Result<(), Failure> {
    let scope = Scope::system("the cases of a merger");
    for case in store::cases::by_ids(tx.connection(), &scope, &cases).await? {
        tx.emit(case_event(&case, topic::CASE_CHANGED));
    }
    Ok(())
}

/// Loads mergers; cases beyond the reader's reach are left out of them, and mergers of which nothing is left.
pub(crate) async fn merges_by_ids(
    intake: &Intake,
    ctx: CallContext,
    ids: Vec<MergeId>,
) -> Result<Vec<CaseMerge>, Failure> {
    check_count("ids", ids.len(), 0, 1_000)?;
    let merges = store::merges::load(intake.database.reader(), Which::Ids(&ids)).await?;
    within_reach(intake, &ctx, merges).await
}

/// Loads the mergers in which cases took part.
pub(crate) async fn merges_by_cases(
    intake: &Intake,
    ctx: CallContext,
    cases: Vec<CaseId>,
) -> Result<Vec<CaseMerge>, Failure> {
    check_count("cases", cases.len(), 0, 1_000)?;
    let grant = intake.case_scope(&ctx)?;
    let cases = store::cases::visible(intake.database.reader(), grant.scope(), &cases).await?;
    let merges = store::merges::load(intake.database.reader(), Which::Cases(&cases)).await?;
    within_reach(intake, &ctx, merges).await
}

async fn within_reach(intake: &Intake, ctx: &CallContext, merges: Vec<CaseMerge>) -> Result<Vec<CaseMerge>, Failure> {
    let grant = intake.case_scope(ctx)?;
    let named: Vec<CaseId> =
        merges.iter().flat_map(|merge| merge.leads.iter().chain(&merge.members)).copied().collect();
    let visible = store::cases::visible(intake.database.reader(), grant.scope(), &named).await?;
    let seen = |case: &CaseId| visible.binary_search(case).is_ok();
    Ok(merges
        .into_iter()
        .filter_map(|mut merge| {
            merge.leads.retain(seen);
            merge.members.retain(seen);
            (!merge.leads.is_empty() || !merge.members.is_empty()).then_some(merge)
        })
        .collect())
}
