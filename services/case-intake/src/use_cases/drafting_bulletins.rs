//! A major-case bulletin is written.

use cordon_case_intake_contract::{Bulletin, BulletinStatus, BulletinTrigger, DraftBulletin, topic};
use cordon_context::{Bilingual, BulletinId, CallContext, CaseId, OrganisationKind, Refusal, Scope, TraceBackId};
use cordon_events::NewEvent;
use cordon_policies::{act, on};
use cordon_store::{AuditRecord, Failure};
use serde_json::json;

use crate::addressees::{self, Named};
use crate::domain::bulletin::triggers;
use crate::domain::numbering::{Series, number, sequence_name};
use crate::domain::text::{LONGEST_LINE, LONGEST_TEXT, check_count, checked};
use crate::intake::{Intake, person_of};
use crate::sealing::TRACE_VALUE;
use crate::store;
use crate::store::bulletins::{NewTraceBack, StoredBulletin};
use crate::store::history::{self, Step};
use crate::use_cases::case_opening::check_open;

/// Says which triggers a case meets by what its reports count.
pub(crate) async fn bulletin_triggers(
    intake: &Intake,
    ctx: CallContext,
    case: CaseId,
) -> Result<Vec<BulletinTrigger>, Failure> {
    let grant = intake.case_scope(&ctx)?;
    let case = store::cases::by_id(intake.database.reader(), grant.scope(), case).await?;
    let facts = store::cases::facts(intake.database.reader(), case.id).await?;
    Ok(triggers(&facts, &intake.settings.bulletins))
}

/// Writes a bulletin about a case, with one trace-back for each subject and enterprise.
pub(crate) async fn draft_bulletin(
    intake: &Intake,
    ctx: CallContext,
    input: DraftBulletin,
) -> Result<Bulletin, Failure> {
    let grant = intake.authorize::<act::Create, on::Bulletin>(&ctx)?;
    let cases = intake.case_scope(&ctx)?;
    let title = checked("title", &input.title, LONGEST_LINE)?;
    let text = checked("text", &input.text, LONGEST_TEXT)?;
    check_count("trace_backs", input.trace_backs.len(), 1, 200)?;
    let enterprises = input.trace_backs.iter().map(|(enterprise, _)| Named {
        field: "trace_backs",
        rule: "bulletin.enterprise",
        organisation: *enterprise,
        fits: OrganisationKind::is_enterprise,
    });
    let authority = Named {
        field: "authority",
        rule: "bulletin.authority",
        organisation: input.authority,
        fits: |kind| matches!(kind, OrganisationKind::CommAuthority | OrganisationKind::Ministry),
    };
    let addressed = addressees::check(intake, &ctx, enterprises.chain([authority]).collect()).await;
    let inner = intake.clone();
    intake
        .database
        .write_once(&ctx, "case_intake.draft_bulletin", &input.clone(), move |mut tx| async move {
            let DraftBulletin { case, authority, mut trace_backs, triggers: named, title: _, text: _ } = input;
            let case = store::cases::by_id(tx.connection(), cases.scope(), case).await?;
            check_open(&case)?;
            addressed?;
            let facts = store::cases::facts(tx.connection(), case.id).await?;
            let mut met = triggers(&facts, &inner.settings.bulletins);
            met.extend(
                named
                    .into_iter()
                    .filter(|named| matches!(named, BulletinTrigger::SeriousHarm | BulletinTrigger::Decision)),
            );
            met.sort_unstable();
            met.dedup();
            if met.is_empty() {
                return Err(Refusal::rule(
                    "bulletin.no_trigger",
                    Bilingual::new(
                        "案件未达到重大案件通报条件，如需通报请注明决定",
                        "the case meets no trigger of a bulletin; name a decision if it is to be one",
                    ),
                )
                .into());
            }
            trace_backs.sort_unstable();
            trace_backs.dedup();
            let subjects: Vec<_> = trace_backs.iter().map(|(_, subject)| *subject).collect();
            let known = inner.known_subjects(tx.connection(), &[case.id], &subjects).await?;
            let mut tasks = Vec::with_capacity(trace_backs.len());
            for (enterprise, subject) in trace_backs {
                let known = known.iter().find(|known| known.subject == subject).ok_or_else(Refusal::not_found)?;
                let id = TraceBackId::new(tx.now());
                let value = inner.sealer.seal(TRACE_VALUE, id.uuid(), &known.value)?;
                tasks.push(NewTraceBack { id, enterprise, subject, kind: known.kind, value });
            }
            let count = tasks.len();
            let actor = tx.context().actor.clone();
            let id = BulletinId::new(tx.now());
            let name = sequence_name(Series::Bulletin, case.region, tx.now());
            let bulletin = StoredBulletin {
                id,
                number: number(&name, store::numbers::next(tx.connection(), &name).await?),
                case: case.id,
                organisation: actor.organisation,
                region: case.region,
                authority,
                triggers: met.clone(),
                title,
                text,
                status: BulletinStatus::Draft,
                drafted_by: actor.party(),
                approved_by: None,
                due_at: None,
                finding: None,
                created_at: tx.now(),
                sent_at: None,
                version: 1,
                enterprises: Vec::new(),
                overdue: false,
            };
            store::bulletins::insert(tx.connection(), &grant, bulletin, tasks).await?;
            let scope = Scope::system("the bulletin just written");
            let bulletin = store::bulletins::by_id(tx.connection(), &scope, id, tx.now()).await?;
            let step = Step { object: id.uuid(), step: "draft", from: None, to: bulletin.status.name(), note: None };
            history::append(&tx, step).await?;
            let record = json!({ "case": case.id, "authority": authority, "trace_backs": count, "triggers": met });
            tx.record(AuditRecord::new("bulletin.draft", id.to_string(), record));
            tx.emit(NewEvent {
                topic: topic::BULLETIN_MOVED.to_owned(),
                subject: id.to_string(),
                audience: vec![actor.organisation],
                payload: json!({ "bulletin": id, "case": case.id, "status": bulletin.status }),
            });
            tx.commit(bulletin.into_bulletin(person_of)).await
        })
        .await
}
