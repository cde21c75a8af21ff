//! Deciding an appeal: release, a shorter time, or everything stays. A release goes out with the decision.

use cordon_context::{Bilingual, CallContext, Refusal, Scope};
use cordon_disposal_contract::{
    Appeal, AppealOutcome, AppealState, DecideAppeal, Escalation, ReleaseReason, TaskState,
};
use cordon_policies::{Grant, act, on};
use cordon_store::{Failure, Tx};
use serde_json::json;

use crate::domain::appeal_machine::{AppealEvent, AppealFacts, transition};
use crate::domain::content_hash::digest_of;
use crate::domain::rules::RuleViolation;
use crate::domain::task_machine::{TaskEvent, TaskFacts};
use crate::service::{Disposal, Standing as _};
use crate::store::appeals::StoredAppeal;
use crate::store::{appeals, orders, tasks};
use crate::use_cases::attempts::Target;
use crate::use_cases::dispose::check_text;
use crate::use_cases::moving::refuse;
use crate::use_cases::release::Decision;

impl Disposal {
    /// Decides an appeal.
    pub(crate) async fn decide_appeal(&self, ctx: &CallContext, input: DecideAppeal) -> Result<Appeal, Failure> {
        let grant = self.grant::<act::Decide, on::Appeal>(ctx)?;
        let person = ctx.actor.named_person()?;
        check_text("reason", &input.reason)?;
        if (input.outcome == AppealOutcome::Partial) != input.effective_to.is_some() {
            let text = Bilingual::new(
                "部分支持须给出提前到期的时间",
                "a partial decision needs an earlier end, and only it does",
            );
            return Err(Refusal::invalid("effective_to", "appeal.partial_end", text).into());
        }
        let (target, digest) = (Target::Appeal(input.appeal), digest_of(&input));
        let service = self.clone();
        let asked = input.clone();
        let kept = digest.clone();
        let outcome = self
            .parts
            .database
            .write_once(ctx, "disposal.decide_appeal", &asked, move |mut tx| async move {
                let mut stored = appeals::load(tx.connection(), grant.scope(), input.appeal).await?;
                let facts = AppealFacts {
                    outcome: Some(input.outcome),
                    ..service.appeal_facts(&tx, &stored, Some(person)).await?
                };
                let from = stored.appeal.state;
                let to = transition(from, AppealEvent::Decide, facts).map_err(Refusal::from)?;
                service.mark_appeal_missed(&mut tx, &grant, &mut stored).await?;
                stored.appeal.state = to;
                service.end_limited_resume(&mut tx, &grant, &mut stored).await?;
                stored.appeal.outcome = Some(input.outcome);
                stored.appeal.decision_reason = Some(input.reason.trim().to_owned());
                stored.appeal.decided_by = Some(person);
                stored.appeal.decided_at = Some(tx.now());
                // An appellant whose measure stays as it is waits for the answer only.
                stored.next_alarm = match stored.appeal.state {
                    AppealState::Executed => Some(service.reply_due(&tx).await?),
                    _ => None,
                };
                stored.escalation = Escalation::None;
                let detail = json!({ "outcome": input.outcome, "reason": input.reason.trim(), "effective_to": input.effective_to });
                let event = AppealEvent::Decide.name();
                service.write_appeal(&mut tx, &grant, &mut stored, event, Some(from), detail, kept.clone()).await?;
                let id = stored.appeal.id;
                if stored.appeal.state == AppealState::Decided {
                    service.carry_out(&mut tx, &grant, &stored, &input, kept).await?;
                }
                let stored = appeals::load(tx.connection(), grant.scope(), id).await?;
                tx.commit(stored.appeal).await
            })
            .await;
        self.noting(ctx, target, AppealEvent::Decide.name(), digest, outcome).await
    }

    async fn carry_out(
        &self,
        tx: &mut Tx,
        grant: &Grant<act::Decide, on::Appeal>,
        stored: &StoredAppeal,
        input: &DecideAppeal,
        digest: String,
    ) -> Result<(), Failure> {
        let scope = Scope::system("carry out an appeal's decision");
        let mut task = tasks::load(tx.connection(), &scope, stored.appeal.task).await?;
        let order = orders::load(tx.connection(), &scope, task.order).await?;
        match (input.outcome, input.effective_to) {
            (AppealOutcome::Partial, Some(end)) => {
                let now = tx.now();
                if !self.is_reversible(&task) {
                    return Err(refuse(RuleViolation::RELEASE_IRREVERSIBLE));
                }
                if end <= now
                    || task.effective_to.is_some_and(|present| end >= present)
                    || !matches!(task.state, TaskState::Executed | TaskState::VerifyFailed | TaskState::InForce)
                {
                    let text = Bilingual::new(
                        "提前到期的时间须晚于现在、早于现有期限，且措施已生效",
                        "the earlier end must lie between now and the present end of a measure in force",
                    );
                    return Err(Refusal::invalid("effective_to", "appeal.partial_end", text).into());
                }
                let before = task.effective_to;
                task.effective_to = Some(end);
                task.reminded = false;
                let detail = json!({ "from": before, "to": end, "appeal": stored.appeal.id });
                self.note_task(tx, grant, &mut task, "task.shorten", detail, digest).await?;
                self.carry_out_appeals(tx, task.id).await
            }
            // Somebody released it meanwhile: the appeal follows that release, or is carried out already.
            _ if task.state == TaskState::ReleaseOrdered => Ok(()),
            _ if task.state.is_terminal() => self.carry_out_appeals(tx, task.id).await,
            _ => {
                // The officer acts for the organ that decided, or for the one above it; the machine checks that once more.
                let carried_out =
                    matches!(task.state, TaskState::Executed | TaskState::VerifyFailed | TaskState::InForce);
                let facts = TaskFacts {
                    // Who hears an appeal against an enterprise's own measure may stand above it, and be no organ.
                    requester: order.is_led_by(&tx.context().actor) || task.own_measure,
                    upheld: carried_out,
                    ..self.facts(tx.context(), &task, &order)
                };
                // What is still on its way must not arrive after the appeal against it was upheld.
                let event = if carried_out { TaskEvent::OrderRelease } else { TaskEvent::Withdraw };
                let decision = Decision {
                    event,
                    reason: ReleaseReason::AppealUpheld,
                    note: Some(input.reason.trim().to_owned()),
                    by_mistake: false,
                    digest,
                };
                self.end_task(tx, grant, &mut task, &order, facts, decision).await?;
                if task.state.is_terminal() { self.carry_out_appeals(tx, task.id).await } else { Ok(()) }
            }
        }
    }
}
