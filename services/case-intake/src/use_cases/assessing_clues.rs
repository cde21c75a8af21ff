//! A clue is taken, assessed, supplemented, acted on, and answered with feedback.

use cordon_case_intake_contract::{AssessClue, Clue, ClueStatus, ClueStep, MoveClue, topic};
use cordon_context::{CallContext, Refusal, Scope};
use cordon_events::NewEvent;
use cordon_policies::{act, on};
use cordon_store::{AuditRecord, Failure};
use serde_json::json;

use crate::domain::clue::{self, Step as Move};
use crate::domain::text::{LONGEST_NOTE, LONGEST_TEXT, checked};
use crate::intake::{Intake, acts_for, check_version};
use crate::sealing::CLUE_CONTENT;
use crate::store;
use crate::store::clues::{ClueChange, StoredClue};
use crate::store::history::{self, Step};
use crate::use_cases::reading_clues::present;
use crate::use_cases::submitting_clues::read_clue;

/// Moves a clue one step on. The enterprise supplements, the addressee does the rest; whoever may change it by another way of
/// reaching it may not take the other side's part.
pub(crate) async fn move_clue(intake: &Intake, ctx: CallContext, input: MoveClue) -> Result<Clue, Failure> {
    let grant = intake.authorize::<act::Modify, on::Clue>(&ctx)?;
    let text = match &input.step {
        ClueStep::Receive => None,
        ClueStep::Supplement { text } => Some(checked("text", text, LONGEST_TEXT)?),
        ClueStep::Act { note, .. } => Some(checked("note", note, LONGEST_NOTE)?),
        ClueStep::SendFeedback { text } => Some(checked("text", text, LONGEST_NOTE)?),
    };
    let seen = store::clues::by_id(intake.database.reader(), grant.scope(), input.clue).await?;
    let from_sender = matches!(input.step, ClueStep::Supplement { .. });
    let is_sender = acts_for(&ctx.actor, seen.organisation);
    if from_sender != is_sender {
        return Err(Refusal::not_found().into());
    }
    // Extraction must not hold up the database, so it comes first; but whether it succeeds is asked only once the call is known
    // to be no repetition of one that was answered.
    let change = change_of(intake, &ctx, &seen, &input.step, text.as_deref()).await;
    let feedback = matches!(input.step, ClueStep::SendFeedback { .. });
    let name = Move::of(&input.step);
    // What is supplemented is personal and what is fed back is on the clue; neither belongs into the history.
    let note = if from_sender || feedback { None } else { text.clone() };
    let now = intake.clock.now();
    let change =
        change.map(|change| ClueChange { feedback: text.filter(|_| feedback).map(|text| (text, now)), ..change });
    let moved = Moved { version: input.version, seen, name, change, note };
    write(intake, &ctx, "case_intake.move_clue", &input, grant.scope().clone(), moved).await
}

/// What a step changes beside the state.
async fn change_of(
    intake: &Intake,
    ctx: &CallContext,
    seen: &StoredClue,
    step: &ClueStep,
    text: Option<&str>,
) -> Result<ClueChange, Failure> {
    let mut change = ClueChange::default();
    if let (ClueStep::Supplement { .. }, Some(added)) = (step, text) {
        let content = intake.open_content(CLUE_CONTENT, seen.id.uuid(), &seen.content)?;
        let joined = checked("text", &format!("{}\n{added}", content.text), LONGEST_TEXT)?;
        change.content = Some(read_clue(intake, seen.id, joined).await?);
    }
    if let ClueStep::Act { case: Some(case), .. } = step {
        let cases = intake.case_scope(ctx)?;
        change.case = Some(store::cases::by_id(intake.database.reader(), cases.scope(), *case).await?.id);
    }
    Ok(change)
}

/// Assesses a clue.
pub(crate) async fn assess_clue(intake: &Intake, ctx: CallContext, input: AssessClue) -> Result<Clue, Failure> {
    let grant = intake.authorize::<act::Decide, on::Clue>(&ctx)?;
    let reason = checked("reason", &input.reason, LONGEST_NOTE)?;
    let seen = store::clues::by_id(intake.database.reader(), grant.scope(), input.clue).await?;
    let name = Move::of_assessment(input.assessment);
    let moved = Moved { version: input.version, seen, name, change: Ok(ClueChange::default()), note: Some(reason) };
    write(intake, &ctx, "case_intake.assess_clue", &input, grant.scope().clone(), moved).await
}

struct Moved {
    /// The version that the caller saw.
    version: i64,
    seen: StoredClue,
    name: Move,
    change: Result<ClueChange, Failure>,
    note: Option<String>,
}

async fn write<I: serde::Serialize + Sync>(
    intake: &Intake,
    ctx: &CallContext,
    operation: &'static str,
    input: &I,
    scope: Scope,
    moved: Moved,
) -> Result<Clue, Failure> {
    let inner = intake.clone();
    intake
        .database
        .write_once(ctx, operation, input, move |mut tx| async move {
            let Moved { version, seen: before, name, change, note } = moved;
            check_version(version, before.version)?;
            let status: ClueStatus = clue::next(before.status, name)?;
            let change = ClueChange { status: Some(status), ..change? };
            store::clues::apply(tx.connection(), &scope, before.id, before.version, change).await?;
            let after = store::clues::by_id(tx.connection(), &scope, before.id).await?;
            let entry = Step {
                object: before.id.uuid(),
                step: name.name(),
                from: Some(before.status.name()),
                to: status.name(),
                note: note.as_deref(),
            };
            history::append(&tx, entry).await?;
            let record = json!({ "from": before.status, "to": status, "case": after.case });
            let record = AuditRecord::new(format!("clue.{}", name.name()), before.id.to_string(), record);
            tx.record(record.of_organisation(before.organisation));
            tx.emit(NewEvent {
                topic: topic::CLUE_MOVED.to_owned(),
                subject: before.id.to_string(),
                audience: vec![after.organisation, after.addressee],
                payload: json!({ "clue": before.id, "status": status }),
            });
            let answer = present(&inner, after)?;
            tx.commit(answer).await
        })
        .await
}
