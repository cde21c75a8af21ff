//! An enterprise sends a clue in.

use cordon_case_intake_contract::{Clue, ClueStatus, SubmitClue, topic};
use cordon_context::{CallContext, ClueId, OrganisationKind, Scope, SubjectId};
use cordon_events::NewEvent;
use cordon_policies::{act, on};
use cordon_store::{AuditRecord, Failure};
use serde_json::json;

use crate::addressees::{self, Named};
use crate::domain::content::Content;
use crate::domain::numbering::{Series, number, sequence_name};
use crate::domain::text::{LONGEST_TEXT, checked};
use crate::intake::{Intake, aside};
use crate::sealing::CLUE_CONTENT;
use crate::store;
use crate::store::clues::StoredClue;
use crate::store::history::{self, Step};
use crate::use_cases::reading_clues::present;

/// Stores a clue; from now on the enterprise is owed feedback by a deadline.
pub(crate) async fn submit_clue(intake: &Intake, ctx: CallContext, input: SubmitClue) -> Result<Clue, Failure> {
    let grant = intake.authorize::<act::Create, on::Clue>(&ctx)?;
    let text = checked("text", &input.text, LONGEST_TEXT)?;
    let named = Named {
        field: "addressee",
        rule: "clue.addressee",
        organisation: input.addressee,
        fits: OrganisationKind::is_state_organ,
    };
    let addressed = addressees::check(intake, &ctx, vec![named]).await;
    let now = intake.clock.now();
    let days = intake.working_days().await?;
    let feedback_due_at = days.same_time_after(now, intake.settings.clues.feedback_working_days);
    let id = ClueId::new(now);
    let (content, subjects) = read_clue(intake, id, text).await?;
    let inner = intake.clone();
    intake
        .database
        .write_once(&ctx, "case_intake.submit_clue", &input.clone(), move |mut tx| async move {
            addressed?;
            let SubmitClue { kind, addressee, region, text: _ } = input;
            let organisation = tx.context().actor.organisation;
            let name = sequence_name(Series::Clue, region, tx.now());
            let clue = StoredClue {
                id,
                number: number(&name, store::numbers::next(tx.connection(), &name).await?),
                kind,
                organisation,
                addressee,
                region,
                status: ClueStatus::Submitted,
                content,
                subjects,
                case: None,
                feedback: None,
                feedback_due_at,
                feedback_sent_at: None,
                submitted_at: tx.now(),
                version: 1,
            };
            store::clues::insert(tx.connection(), &grant, clue).await?;
            let clue = store::clues::by_id(tx.connection(), &Scope::system("the clue just sent in"), id).await?;
            let step = Step { object: id.uuid(), step: "submit", from: None, to: clue.status.name(), note: None };
            history::append(&tx, step).await?;
            let record = json!({ "kind": kind, "addressee": addressee, "subjects": clue.subjects.len() });
            tx.record(AuditRecord::new("clue.submit", id.to_string(), record));
            tx.emit(NewEvent {
                topic: topic::CLUE_MOVED.to_owned(),
                subject: id.to_string(),
                audience: vec![organisation, addressee],
                payload: json!({ "clue": id, "status": clue.status }),
            });
            let answer = present(&inner, clue)?;
            tx.commit(answer).await
        })
        .await
}

/// Finds what a clue's text names and seals it.
pub(crate) async fn read_clue(intake: &Intake, id: ClueId, text: String) -> Result<(Vec<u8>, Vec<SubjectId>), Failure> {
    let worker = intake.clone();
    aside(move || {
        let content: Content = worker.read_text(text, None)?;
        let mut subjects: Vec<SubjectId> =
            content.found.iter().map(|found| SubjectId::from_uuid(found.subject)).collect();
        subjects.sort_unstable();
        subjects.dedup();
        Ok((worker.sealer.seal(CLUE_CONTENT, id.uuid(), &content)?, subjects))
    })
    .await
}
