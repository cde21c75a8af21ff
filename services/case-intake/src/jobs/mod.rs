//! What case intake does without being asked: it notices deadlines that passed, takes expired answers out of view and goes on
//! with interrupted imports. Each step is idempotent, so two processes may look at the same time.

use std::collections::BTreeMap;
use std::time::Duration;

use cordon_context::{CallContext, Timestamp};
use cordon_store::{AuditRecord, Failure};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::intake::{Intake, deadline_event};
use crate::store;
use crate::uploads;
use crate::use_cases::importing;

/// Looks again and again until told to stop.
pub(crate) async fn run(intake: Intake, stop: CancellationToken) {
    let interval = Duration::from_secs(intake.settings.jobs.interval_seconds.max(1));
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(interval) => {}
        }
        let now = intake.clock.now();
        if let Err(failure) = run_due(&intake, now).await {
            tracing::warn!(refusal = %cordon_context::Refusal::from(failure), "a look at due work was cut short");
        }
    }
}

/// Does everything that is due and tells how many things it moved.
pub(crate) async fn run_due(intake: &Intake, now: Timestamp) -> Result<u64, Failure> {
    let mut moved = 0;
    moved += note_late_reports(intake, now).await?;
    moved += note_late_queries(intake, now).await?;
    moved += note_late_clues(intake, now).await?;
    moved += note_late_trace_backs(intake, now).await?;
    moved += expire_answers(intake, now).await?;
    moved += resume_imports(intake, now).await?;
    moved += uploads::sweep(intake, &context(intake, "upload"), now).await?;
    Ok(moved)
}

fn context(intake: &Intake, reason: &'static str) -> CallContext {
    CallContext::system(reason, intake.clock.now())
}

/// Reports may be late by the thousand after an import, so that their lateness is told in one event for each organisation.
async fn note_late_reports(intake: &Intake, now: Timestamp) -> Result<u64, Failure> {
    let batch = intake.settings.jobs.batch;
    intake
        .database
        .write(&context(intake, "deadline"), move |mut tx| async move {
            let late = store::reports::newly_late(tx.connection(), now, batch).await?;
            let ids: Vec<_> = late.iter().map(|report| report.id).collect();
            let noted = store::reports::note_late(tx.connection(), now, &ids).await?;
            let mut by_owner: BTreeMap<_, Vec<_>> = BTreeMap::new();
            for report in late {
                by_owner
                    .entry(report.handler.unwrap_or(report.organisation))
                    .or_default()
                    .push((report.id, report.status));
            }
            for (organisation, reports) in by_owner {
                let first = reports.first().map(|(id, _)| id.to_string()).unwrap_or_default();
                let mut event = deadline_event("report", first.clone(), organisation, None, None);
                if let Some(payload) = event.payload.as_object_mut() {
                    let listed: Vec<_> =
                        reports.iter().map(|(id, status)| json!({ "id": id, "status": status })).collect();
                    payload.insert("reports".to_owned(), json!(listed));
                }
                tx.emit(event);
                let record = json!({ "count": reports.len() });
                tx.record(AuditRecord::new("report.overdue", first, record).of_organisation(organisation));
            }
            tx.commit(noted).await
        })
        .await
}

async fn note_late_queries(intake: &Intake, now: Timestamp) -> Result<u64, Failure> {
    let batch = intake.settings.jobs.batch;
    intake
        .database
        .write(&context(intake, "deadline"), move |mut tx| async move {
            let late = store::clue_queries::newly_late(tx.connection(), now, batch).await?;
            let ids: Vec<_> = late.iter().map(|query| query.id).collect();
            let noted = store::clue_queries::note_late(tx.connection(), now, &ids).await?;
            for query in late {
                let id = query.id.to_string();
                let mut event =
                    deadline_event("clue_query", id.clone(), query.addressee, Some(query.case), query.due_at);
                event.audience.push(query.organisation);
                tx.emit(event);
                tx.record(AuditRecord::new("clue_query.overdue", id, json!({})).of_organisation(query.addressee));
            }
            tx.commit(noted).await
        })
        .await
}

async fn note_late_clues(intake: &Intake, now: Timestamp) -> Result<u64, Failure> {
    let batch = intake.settings.jobs.batch;
    intake
        .database
        .write(&context(intake, "deadline"), move |mut tx| async move {
            let late = store::clues::newly_late(tx.connection(), now, batch).await?;
            let ids: Vec<_> = late.iter().map(|clue| clue.id).collect();
            let noted = store::clues::note_late(tx.connection(), now, &ids).await?;
            for clue in late {
                let id = clue.id.to_string();
                // The feedback is owed by the organ, so the deadline is its own; the enterprise may know that it waits.
                let mut event =
                    deadline_event("clue_feedback", id.clone(), clue.addressee, clue.case, Some(clue.feedback_due_at));
                event.audience.push(clue.organisation);
                tx.emit(event);
                tx.record(AuditRecord::new("clue.overdue", id, json!({})).of_organisation(clue.addressee));
            }
            tx.commit(noted).await
        })
        .await
}

async fn note_late_trace_backs(intake: &Intake, now: Timestamp) -> Result<u64, Failure> {
    let batch = intake.settings.jobs.batch;
    intake
        .database
        .write(&context(intake, "deadline"), move |mut tx| async move {
            let late = store::bulletins::newly_late(tx.connection(), now, batch).await?;
            let ids: Vec<_> = late.iter().map(|task| task.id).collect();
            let noted = store::bulletins::note_late(tx.connection(), now, &ids).await?;
            for task in late {
                let id = task.id.to_string();
                let mut event = deadline_event("trace_back", id.clone(), task.enterprise, Some(task.case), task.due_at);
                event.audience.push(task.organisation);
                tx.emit(event);
                tx.record(AuditRecord::new("trace_back.overdue", id, json!({})).of_organisation(task.enterprise));
            }
            tx.commit(noted).await
        })
        .await
}

async fn expire_answers(intake: &Intake, now: Timestamp) -> Result<u64, Failure> {
    let batch = intake.settings.jobs.batch;
    intake
        .database
        .write(&context(intake, "expiry"), move |mut tx| async move {
            let expired = store::clue_queries::expire(tx.connection(), now, batch).await?;
            for query in &expired {
                tx.record(AuditRecord::new("clue_query.expire", query.to_string(), json!({})));
            }
            tx.commit(u64::try_from(expired.len()).unwrap_or(u64::MAX)).await
        })
        .await
}

async fn resume_imports(intake: &Intake, now: Timestamp) -> Result<u64, Failure> {
    let mut resumed = 0;
    for stored in store::imports::abandoned(intake.database.reader(), now, 10).await? {
        let id = stored.import.id;
        match importing::resume(intake, &context(intake, "import"), stored).await {
            Ok(taken) => resumed += u64::from(taken),
            // One import whose file is gone must not hold up the others.
            Err(failure) => {
                let refusal = cordon_context::Refusal::from(failure);
                tracing::warn!(import.id = %id, %refusal, "an interrupted import could not go on");
            }
        }
    }
    Ok(resumed)
}
