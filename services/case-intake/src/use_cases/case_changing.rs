//! A case changes: its reports, who takes part, its state.

use cordon_case_intake_contract::{Case, CaseStatus, CaseStep, ChangeCaseReports, ChangeParticipants, MoveCase, topic};
use cordon_context::{Bilingual, CallContext, Refusal};
use cordon_policies::{act, on};
use cordon_store::{AuditRecord, Failure};
use serde_json::json;
use std::time::Duration;

use crate::addressees::{self, participant};
use crate::domain::case::{self, Step as Move};
use crate::domain::text::{LONGEST_LINE, LONGEST_NOTE, check_count, checked};
use crate::intake::{Intake, case_event, check_version};
use crate::store;
use crate::store::cases::CaseChange;
use crate::store::history::{self, Step};
use crate::use_cases::case_opening::{MOST_PARTICIPANTS, MOST_REPORTS, all_visible, check_open};

/// Puts reports in and takes reports out.
pub(crate) async fn change_case_reports(
    intake: &Intake,
    ctx: CallContext,
    input: ChangeCaseReports,
) -> Result<Case, Failure> {
    let grant = intake.authorize::<act::Modify, on::Case>(&ctx)?;
    let readable = intake.authorize::<act::Read, on::Report>(&ctx)?;
    check_count("reports", input.add.len() + input.remove.len(), 1, MOST_REPORTS)?;
    intake
        .database
        .write_once(&ctx, "case_intake.change_case_reports", &input.clone(), move |mut tx| async move {
            let ChangeCaseReports { case: id, version, add, remove } = input;
            let before = store::cases::by_id(tx.connection(), grant.scope(), id).await?;
            check_version(version, before.version)?;
            check_open(&before)?;
            let add = all_visible(tx.connection(), readable.scope(), add).await?;
            store::cases::apply(tx.connection(), &grant, id, version, CaseChange::default()).await?;
            let added = store::cases::add_reports(tx.connection(), id, &add, tx.now()).await?;
            let removed = store::cases::remove_reports(tx.connection(), id, &remove).await?;
            let after = store::cases::by_id(tx.connection(), grant.scope(), id).await?;
            if after.report_count == 0 {
                return Err(Refusal::rule(
                    "case.needs_report",
                    Bilingual::new("案件至少要有一件举报", "a case needs at least one report"),
                )
                .into());
            }
            let status = after.status.name();
            let step = Step { object: id.uuid(), step: "change_reports", from: Some(status), to: status, note: None };
            history::append(&tx, step).await?;
            tx.record(AuditRecord::new(
                "case.change_reports",
                id.to_string(),
                json!({ "added": added, "removed": removed }),
            ));
            tx.emit(case_event(&after, topic::CASE_CHANGED));
            tx.commit(after).await
        })
        .await
}

/// Lets organisations take part or no more.
pub(crate) async fn change_participants(
    intake: &Intake,
    ctx: CallContext,
    input: ChangeParticipants,
) -> Result<Case, Failure> {
    let grant = intake.authorize::<act::Modify, on::Case>(&ctx)?;
    check_count("participants", input.add.len() + input.remove.len(), 1, MOST_PARTICIPANTS)?;
    let known = addressees::check(intake, &ctx, input.add.iter().copied().map(participant).collect()).await;
    intake
        .database
        .write_once(&ctx, "case_intake.change_participants", &input.clone(), move |mut tx| async move {
            let ChangeParticipants { case: id, version, add, remove } = input;
            let before = store::cases::by_id(tx.connection(), grant.scope(), id).await?;
            check_version(version, before.version)?;
            check_open(&before)?;
            if remove.contains(&before.organisation) {
                return Err(Refusal::rule(
                    "case.owner_stays",
                    Bilingual::new("承办单位不能退出案件", "the organisation that works the case stays in it"),
                )
                .into());
            }
            known?;
            store::cases::apply(tx.connection(), &grant, id, version, CaseChange::default()).await?;
            store::cases::add_participants(tx.connection(), id, &add).await?;
            store::cases::remove_participants(tx.connection(), id, &remove).await?;
            // Read by the rights of before: a participant may have taken itself out.
            let scope = cordon_context::Scope::system("the case just changed");
            let after = store::cases::by_id(tx.connection(), &scope, id).await?;
            let status = after.status.name();
            let step =
                Step { object: id.uuid(), step: "change_participants", from: Some(status), to: status, note: None };
            history::append(&tx, step).await?;
            let record = json!({ "added": add, "removed": remove });
            tx.record(AuditRecord::new("case.change_participants", id.to_string(), record));
            tx.emit(case_event(&after, topic::CASE_CHANGED));
            tx.commit(after).await
        })
        .await
}

/// Files, ends or withdraws a case. What ends it sets the time from which the answers to its queries are out of view; what
/// revokes it tells those who hold measures in force to look at them again.
pub(crate) async fn move_case(intake: &Intake, ctx: CallContext, input: MoveCase) -> Result<Case, Failure> {
    let grant = intake.authorize::<act::Modify, on::Case>(&ctx)?;
    let (note, filing_number) = match &input.step {
        CaseStep::File { filing_number } => (None, Some(checked("filing_number", filing_number, LONGEST_LINE)?)),
        CaseStep::DoNotFile { reason } | CaseStep::Withdraw { reason } => {
            (Some(checked("reason", reason, LONGEST_NOTE)?), None)
        }
        CaseStep::Close { result } => (Some(checked("result", result, LONGEST_NOTE)?), None),
    };
    let retention = Duration::from_hours(24 * u64::from(intake.settings.clue_queries.retention_days));
    intake
        .database
        .write_once(&ctx, "case_intake.move_case", &input.clone(), move |mut tx| async move {
            let MoveCase { case: id, version, step } = input;
            let before = store::cases::by_id(tx.connection(), grant.scope(), id).await?;
            check_version(version, before.version)?;
            let name = Move::of(&step);
            let status = case::next(before.status, name)?;
            let ends = matches!(status, CaseStatus::Closed | CaseStatus::Withdrawn | CaseStatus::NotFiled);
            let change = CaseChange {
                status: Some(status),
                filing_number,
                ended_at: ends.then_some(tx.now()),
                goes_on: !ends,
                remember_status: false,
            };
            store::cases::apply(tx.connection(), &grant, id, version, change).await?;
            if ends {
                store::clue_queries::set_expiry(tx.connection(), id, tx.now().plus(retention)).await?;
            } else {
                // A case that was not filed and is filed after a review goes on, and so do its queries.
                store::clue_queries::clear_expiry(tx.connection(), id, tx.now()).await?;
            }
            let after = store::cases::by_id(tx.connection(), grant.scope(), id).await?;
            let entry = Step {
                object: id.uuid(),
                step: name.name(),
                from: Some(before.status.name()),
                to: status.name(),
                note: note.as_deref(),
            };
            history::append(&tx, entry).await?;
            let record = json!({ "from": before.status, "to": status });
            tx.record(AuditRecord::new(format!("case.{}", name.name()), id.to_string(), record));
            tx.emit(case_event(&after, topic::CASE_CHANGED));
            if case::revokes(status) {
                tx.emit(case_event(&after, topic::CASE_WITHDRAWN));
            }
            if status == CaseStatus::Closed {
                tx.emit(case_event(&after, topic::CASE_CLOSED));
            }
            tx.commit(after).await
        })
        .await
}
