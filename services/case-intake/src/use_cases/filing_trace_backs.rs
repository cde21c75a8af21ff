//! An enterprise files a trace-back.

use cordon_case_intake_contract::{BulletinStatus, FileTraceBack, TraceBack, TraceBackForm, TraceBackStatus, topic};
use cordon_context::{Bilingual, CallContext, Refusal};
use cordon_events::NewEvent;
use cordon_policies::{act, on};
use cordon_store::{AuditRecord, Failure};
use serde_json::json;

use crate::domain::bulletin::Step as Move;
use crate::domain::text::{LONGEST_NOTE, checked_option};
use crate::intake::{Intake, acts_for, check_version};
use crate::sealing::TRACE_FORM;
use crate::store;
use crate::store::history::{self, Step};
use crate::use_cases::reading_bulletins::present_trace;

/// Files the form of one trace-back; with the last of a bulletin the bulletin counts as found.
pub(crate) async fn file_trace_back(
    intake: &Intake,
    ctx: CallContext,
    input: FileTraceBack,
) -> Result<TraceBack, Failure> {
    let grant = intake.authorize::<act::Execute, on::Bulletin>(&ctx)?;
    let form = checked_form(input.form.clone())?;
    let inner = intake.clone();
    intake
        .database
        .write_once(&ctx, "case_intake.file_trace_back", &input.clone(), move |mut tx| async move {
            let FileTraceBack { trace_back: id, version, liability, form: _ } = input;
            let before = store::bulletins::trace_back(tx.connection(), grant.scope(), id).await?;
            // The authority reaches the trace-backs of bulletins sent to it, but only the enterprise itself may file one.
            if !acts_for(&tx.context().actor, before.enterprise) {
                return Err(Refusal::not_found().into());
            }
            check_version(version, before.version)?;
            if before.status == TraceBackStatus::Filed {
                return Err(Refusal::rule(
                    "trace_back.filed",
                    Bilingual::new("倒查结果已提交", "the trace-back was filed already"),
                )
                .into());
            }
            let sealed = inner.sealer.seal(TRACE_FORM, id.uuid(), &form)?;
            let open = store::bulletins::file(tx.connection(), &grant, &before, liability, sealed, tx.now()).await?;
            let bulletin = before.bulletin;
            tx.record(
                AuditRecord::new(
                    "trace_back.file",
                    id.to_string(),
                    json!({ "bulletin": bulletin, "liability": liability }),
                )
                .of_organisation(before.organisation),
            );
            let audience = vec![before.organisation, before.enterprise];
            tx.emit(NewEvent {
                topic: topic::TRACE_BACK_FILED.to_owned(),
                subject: id.to_string(),
                audience: audience.clone(),
                payload: json!({ "trace_back": id, "bulletin": bulletin, "case": before.case, "liability": liability }),
            });
            if open == 0 && store::bulletins::all_filed(tx.connection(), &grant, bulletin).await? {
                let entry = Step {
                    object: bulletin.uuid(),
                    step: Move::FileLast.name(),
                    from: Some(BulletinStatus::Sent.name()),
                    to: BulletinStatus::Found.name(),
                    note: None,
                };
                history::append(&tx, entry).await?;
                tx.emit(NewEvent {
                    topic: topic::BULLETIN_MOVED.to_owned(),
                    subject: bulletin.to_string(),
                    audience,
                    payload: json!({ "bulletin": bulletin, "case": before.case, "status": BulletinStatus::Found }),
                });
            }
            let after = store::bulletins::trace_back(tx.connection(), grant.scope(), id).await?;
            let actor = tx.context().actor.clone();
            let answer = present_trace(&inner, &actor, after)?;
            tx.commit(answer).await
        })
        .await
}

/// Checks every free text of the form.
fn checked_form(form: TraceBackForm) -> Result<TraceBackForm, Refusal> {
    let text = |field: &'static str, value: Option<String>| checked_option(field, value.as_deref(), LONGEST_NOTE);
    Ok(TraceBackForm {
        home_location: text("form.home_location", form.home_location)?,
        holder: text("form.holder", form.holder)?,
        document_address: text("form.document_address", form.document_address)?,
        agent: text("form.agent", form.agent)?,
        outlet: text("form.outlet", form.outlet)?,
        clerk_number: text("form.clerk_number", form.clerk_number)?,
        clerk_name: text("form.clerk_name", form.clerk_name)?,
        plan: text("form.plan", form.plan)?,
        police_cooperation: text("form.police_cooperation", form.police_cooperation)?,
        holder_remark: text("form.holder_remark", form.holder_remark)?,
        abnormal_scene: text("form.abnormal_scene", form.abnormal_scene)?,
        remark: text("form.remark", form.remark)?,
        opened_at: form.opened_at,
        months_in_network: form.months_in_network,
        newly_opened: form.newly_opened,
        handling: form.handling,
        corporate: form.corporate,
        numbers_of_holder: form.numbers_of_holder,
        age: form.age,
        opened_together: form.opened_together,
        bundled: form.bundled,
        broadband: form.broadband,
        main_card: form.main_card,
        opened_by_the_rules: form.opened_by_the_rules,
        resumed_before: form.resumed_before,
        resumed_by_the_rules: form.resumed_by_the_rules,
        used_by_holder: form.used_by_holder,
    })
}
