//! A longer time in force: asked for by one person, agreed to by another at the level of the order.

use cordon_context::{Bilingual, CallContext, Refusal, Timestamp};
use cordon_disposal_contract::{ApproveRenewal, LegalBasis, RenewMeasure, Task, TaskState};
use cordon_policies::{act, on};
use cordon_store::Failure;
use serde_json::json;

use crate::domain::content_hash::digest_of;
use crate::domain::rules::RuleViolation;
use crate::service::{Disposal, Standing as _};
use crate::store::tasks::Renewal;
use crate::use_cases::attempts::Target;
use crate::use_cases::dispose::{check_basis, check_text};
use crate::use_cases::moving::{days_long, holds, refuse, task_with_order};

impl Disposal {
    /// Asks for a longer time in force.
    pub(crate) async fn renew_measure(&self, ctx: &CallContext, input: RenewMeasure) -> Result<Task, Failure> {
        let grant = self.grant::<act::Modify, on::Order>(ctx)?;
        let person = ctx.actor.named_person()?;
        check_text("reason", &input.reason)?;
        if let Some(basis) = &input.legal_basis {
            check_basis(basis)?;
        }
        let (target, digest) = (Target::Task(input.task), digest_of(&input));
        let service = self.clone();
        let asked = input.clone();
        let kept = digest.clone();
        let outcome = self
            .parts
            .database
            .write_once(ctx, "disposal.renew_measure", &asked, move |mut tx| async move {
                let (mut task, order) = task_with_order(&tx, grant.scope(), input.task).await?;
                if !order.is_led_by(&tx.context().actor) {
                    return Err(refuse(RuleViolation::TASK_REQUESTER));
                }
                let Some(present_end) = task.effective_to.filter(|_| task.state == TaskState::InForce) else {
                    return Err(refuse(RuleViolation::RENEW_STATE));
                };
                let most = service.measures.rule(task.subject.kind, task.measure).and_then(|rule| rule.max_days);
                let latest = most.map(|days| present_end.plus(days_long(days)));
                if input.effective_to <= present_end || latest.is_some_and(|latest| input.effective_to > latest) {
                    let text = Bilingual::new(
                        "续期须晚于现有期限，且单次不超过措施表规定的最长期限",
                        "the new end must lie after the present one and within the longest time of the measure table",
                    );
                    let refusal = Refusal::rule(RuleViolation::RENEW_RANGE.0, text);
                    return Err(refusal.into());
                }
                // A later document replaces an earlier one; without either, the order's own must reach as far.
                let agreed = task.renewal.take().filter(|earlier| earlier.agreed);
                let legal_basis = input.legal_basis.or_else(|| agreed.and_then(|earlier| earlier.legal_basis));
                check_reach(legal_basis.as_ref().or(order.legal_basis.as_ref()), input.effective_to)?;
                let detail = json!({
                    "effective_to": input.effective_to, "reason": input.reason.trim(), "legal_basis": legal_basis,
                });
                task.renewal = Some(Renewal {
                    effective_to: input.effective_to,
                    reason: input.reason.trim().to_owned(),
                    by: person,
                    legal_basis,
                    agreed: false,
                });
                service.note_task(&mut tx, &grant, &mut task, "renewal.ask", detail, kept).await?;
                let now = tx.now();
                tx.commit(task.into_task(now)).await
            })
            .await;
        self.noting(ctx, target, "renewal.ask", digest, outcome).await
    }

    /// Agrees to a longer time in force.
    pub(crate) async fn approve_renewal(&self, ctx: &CallContext, input: ApproveRenewal) -> Result<Task, Failure> {
        let grant = self.grant::<act::Approve, on::Order>(ctx)?;
        let person = ctx.actor.named_person()?;
        let (target, digest) = (Target::Task(input.task), digest_of(&input));
        let service = self.clone();
        let asked = input.clone();
        let kept = digest.clone();
        let outcome = self
            .parts
            .database
            .write_once(ctx, "disposal.approve_renewal", &asked, move |mut tx| async move {
                let (mut task, order) = task_with_order(&tx, grant.scope(), input.task).await?;
                let pending = task.renewal.take().filter(|renewal| !renewal.agreed);
                let Some(renewal) = pending else { return Err(refuse(RuleViolation::RENEW_NONE)) };
                if task.state != TaskState::InForce {
                    return Err(refuse(RuleViolation::RENEW_STATE));
                }
                if task.version != input.version {
                    return Err(Refusal::conflict().into());
                }
                if !order.is_led_by(&tx.context().actor) {
                    return Err(refuse(RuleViolation::ORDER_REVIEWER));
                }
                if renewal.by == person {
                    return Err(refuse(RuleViolation::ORDER_FOUR_EYES));
                }
                if !tx.context().actor.level.reaches(order.approval_level) {
                    return Err(refuse(RuleViolation::ORDER_LEVEL));
                }
                let basis = renewal.legal_basis.as_ref().or(order.legal_basis.as_ref());
                if !basis.is_some_and(|basis| holds(basis, tx.now())) {
                    return Err(refuse(RuleViolation::ORDER_BASIS_EXPIRED));
                }
                check_reach(basis, renewal.effective_to)?;
                let before = task.effective_to;
                task.effective_to = Some(renewal.effective_to);
                task.reminded = false;
                let detail = json!({
                    "from": before, "to": renewal.effective_to, "asked_by": renewal.by, "legal_basis": renewal.legal_basis,
                });
                task.renewal = Some(Renewal { agreed: true, ..renewal });
                service.note_task(&mut tx, &grant, &mut task, "renewal.approve", detail, kept).await?;
                let now = tx.now();
                tx.commit(task.into_task(now)).await
            })
            .await;
        self.noting(ctx, target, "renewal.approve", digest, outcome).await
    }
}

/// Refuses an end that lies beyond the document on which it rests.
fn check_reach(basis: Option<&LegalBasis>, end: Timestamp) -> Result<(), Failure> {
    if basis.and_then(|basis| basis.valid_to).is_some_and(|last| end > last) {
        return Err(refuse(RuleViolation::RENEW_BASIS));
    }
    Ok(())
}
