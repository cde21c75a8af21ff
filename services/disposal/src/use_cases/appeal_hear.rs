//! Hearing an appeal: what is missing, whether it is accepted, who gets it, how long it may take, and the answer.

use cordon_context::{CallContext, PersonId, Refusal, Scope};
use cordon_disposal_contract::{Appeal, AppealState, AppealStep, AppealText, AssignAppeal, Competence, Escalation};
use cordon_policies::{ActionName, Grant, act, on};
use cordon_store::{Failure, Tx};
use serde::Serialize;
use serde_json::{Value, json};

use crate::domain::appeal_machine::{AppealEvent, AppealFacts, transition};
use crate::domain::content_hash::digest_of;
use crate::domain::task_machine::TaskEvent;
use crate::service::{Disposal, Standing as _};
use crate::store::appeals::{SealedWords, StoredAppeal};
use crate::store::{appeals, calendar, orders, tasks, timeline};
use crate::use_cases::appeal_file::next_alarm;
use crate::use_cases::attempts::Target;
use crate::use_cases::dispose::check_text;
use crate::use_cases::limited_resume::undecided;
use crate::use_cases::protective::TASK_RECORD;

/// What a step changes beside the state.
type Change = Box<dyn FnOnce(&mut Appeal, Dates) + Send>;

/// What somebody said in full, which is kept sealed.
enum Words {
    /// Nothing that is kept.
    None,
    /// What the appellant handed in later.
    Paper(String),
    /// What the appellant is answered.
    Reply(String),
}

/// Dates that a step may set.
#[derive(Clone, Copy)]
struct Dates {
    now: cordon_context::Timestamp,
    accept_due: cordon_context::Timestamp,
    verify_due: cordon_context::Timestamp,
    extended_due: cordon_context::Timestamp,
}

impl Disposal {
    /// Says what is missing; the clock stands still until it is there.
    pub(crate) async fn request_supplement(&self, ctx: &CallContext, input: AppealText) -> Result<Appeal, Failure> {
        let grant = self.grant::<act::Modify, on::Appeal>(ctx)?;
        check_text("text", &input.text)?;
        let text = input.text.trim().to_owned();
        let detail = json!({ "missing": text });
        let change: Change = Box::new(move |appeal, _dates| appeal.supplement = Some(text));
        self.hear(ctx, grant, input.appeal, AppealEvent::RequestSupplement, &input, (detail, change), Words::None).await
    }

    /// Hands in what was missing.
    pub(crate) async fn supplement_appeal(&self, ctx: &CallContext, input: AppealText) -> Result<Appeal, Failure> {
        let grant = self.grant::<act::Create, on::Appeal>(ctx)?;
        check_text("text", &input.text)?;
        let change: Change = Box::new(|appeal, dates| {
            appeal.supplement = None;
            appeal.accept_due = dates.accept_due;
        });
        let detail = json!({ "length": input.text.chars().count() });
        let paper = Words::Paper(input.text.trim().to_owned());
        self.hear(ctx, grant, input.appeal, AppealEvent::Supplement, &input, (detail, change), paper).await
    }

    /// 受理.
    pub(crate) async fn accept_appeal(&self, ctx: &CallContext, input: AppealStep) -> Result<Appeal, Failure> {
        let grant = self.grant::<act::Decide, on::Appeal>(ctx)?;
        let change: Change = Box::new(|appeal, dates| appeal.verify_due = Some(dates.verify_due));
        self.hear(ctx, grant, input.appeal, AppealEvent::Accept, &input, (json!({}), change), Words::None).await
    }

    /// 不予受理.
    pub(crate) async fn decline_appeal(&self, ctx: &CallContext, input: AppealText) -> Result<Appeal, Failure> {
        let grant = self.grant::<act::Decide, on::Appeal>(ctx)?;
        check_text("text", &input.text)?;
        let reason = input.text.trim().to_owned();
        let person = ctx.actor.person();
        let detail = json!({ "reason": reason });
        let change: Change = Box::new(move |appeal, dates| {
            appeal.decision_reason = Some(reason);
            appeal.decided_by = person;
            appeal.decided_at = Some(dates.now);
        });
        self.hear(ctx, grant, input.appeal, AppealEvent::Decline, &input, (detail, change), Words::None).await
    }

    /// Gives it to an officer who did not decide the measure.
    pub(crate) async fn assign_appeal(&self, ctx: &CallContext, input: AssignAppeal) -> Result<Appeal, Failure> {
        let grant = self.grant::<act::Decide, on::Appeal>(ctx)?;
        let officer = input.officer;
        // The directory is asked before the transaction, which must not wait for it.
        let found = appeals::by_ids(self.parts.database.reader(), grant.scope(), &[input.appeal]).await?.pop();
        let fit = match found {
            Some(stored) => {
                self.parts.neighbours.hears_appeals(&self.system("appeal"), officer, stored.appeal.competent).await?
            }
            None => false,
        };
        let detail = json!({ "officer": officer, "fit": fit });
        let change: Change = Box::new(move |appeal, _dates| appeal.officer = Some(officer));
        self.hear(ctx, grant, input.appeal, AppealEvent::Assign, &input, (detail, change), Words::None).await
    }

    /// The verification has begun.
    pub(crate) async fn begin_appeal_verification(
        &self,
        ctx: &CallContext,
        input: AppealStep,
    ) -> Result<Appeal, Failure> {
        let grant = self.grant::<act::Decide, on::Appeal>(ctx)?;
        let change: Change = Box::new(|_appeal, _dates| {});
        self.hear(ctx, grant, input.appeal, AppealEvent::BeginVerification, &input, (json!({}), change), Words::None)
            .await
    }

    /// Extends the time to decide, once.
    pub(crate) async fn extend_appeal(&self, ctx: &CallContext, input: AppealText) -> Result<Appeal, Failure> {
        let grant = self.grant::<act::Approve, on::Appeal>(ctx)?;
        check_text("text", &input.text)?;
        let detail = json!({ "reason": input.text.trim() });
        let change: Change = Box::new(|appeal, dates| {
            appeal.extended = true;
            appeal.verify_due = Some(dates.extended_due);
        });
        self.hear(ctx, grant, input.appeal, AppealEvent::Extend, &input, (detail, change), Words::None).await
    }

    /// Answers the appellant.
    pub(crate) async fn reply_appeal(&self, ctx: &CallContext, input: AppealText) -> Result<Appeal, Failure> {
        let grant = self.grant::<act::Modify, on::Appeal>(ctx)?;
        check_text("text", &input.text)?;
        let change: Change = Box::new(|appeal, dates| appeal.replied_at = Some(dates.now));
        let detail = json!({ "length": input.text.chars().count() });
        let words = Words::Reply(input.text.trim().to_owned());
        self.hear(ctx, grant, input.appeal, AppealEvent::Reply, &input, (detail, change), words).await
    }

    /// 办结.
    pub(crate) async fn close_appeal(&self, ctx: &CallContext, input: AppealStep) -> Result<Appeal, Failure> {
        let grant = self.grant::<act::Modify, on::Appeal>(ctx)?;
        let change: Change = Box::new(|_appeal, _dates| {});
        self.hear(ctx, grant, input.appeal, AppealEvent::Close, &input, (json!({}), change), Words::None).await
    }

    async fn hear<A: ActionName>(
        &self,
        ctx: &CallContext,
        grant: Grant<A, on::Appeal>,
        appeal: cordon_context::AppealId,
        event: AppealEvent,
        input: &(impl Serialize + Sync),
        (detail, change): (Value, Change),
        words: Words,
    ) -> Result<Appeal, Failure> {
        let digest = digest_of(input);
        let kept = digest.clone();
        let service = self.clone();
        let outcome = self
            .parts
            .database
            .write_once(ctx, event.name(), input, move |mut tx| async move {
                let mut stored = appeals::load(tx.connection(), grant.scope(), appeal).await?;
                let officer = match event {
                    AppealEvent::Assign => {
                        // The rule asks about the person who is going to hear it, not about who hands it over.
                        serde_json::from_value(detail.get("officer").cloned().unwrap_or_default()).ok()
                    }
                    _ => tx.context().actor.person(),
                };
                let facts = AppealFacts {
                    fit: detail.get("fit").and_then(Value::as_bool).unwrap_or_default(),
                    ..service.appeal_facts(&tx, &stored, officer).await?
                };
                let from = stored.appeal.state;
                let to = transition(from, event, facts).map_err(Refusal::from)?;
                // The time to decide goes on while it is handed over and begun, and so does its clock.
                if !matches!(event, AppealEvent::Assign | AppealEvent::BeginVerification) {
                    service.mark_appeal_missed(&mut tx, &grant, &mut stored).await?;
                }
                stored.appeal.state = to;
                let dates = service.dates(&tx, &stored).await?;
                change(&mut stored.appeal, dates);
                match words {
                    Words::None => {}
                    Words::Paper(paper) => stored.sealed.add_paper(&service.parts.vault, appeal, &paper)?,
                    Words::Reply(reply) => {
                        stored.reply = Some(SealedWords::seal_reply(&service.parts.vault, appeal, &reply)?);
                    }
                }
                if undecided(from) && !undecided(stored.appeal.state) {
                    service.end_limited_resume(&mut tx, &grant, &mut stored).await?;
                }
                stored.next_alarm = match stored.appeal.state {
                    AppealState::NotAccepted => Some(service.reply_due(&tx).await?),
                    _ => next_alarm(&stored.appeal, tx.now()),
                };
                if stored.next_alarm.is_some_and(|at| at > tx.now()) {
                    stored.escalation = Escalation::None;
                }
                service.write_appeal(&mut tx, &grant, &mut stored, event.name(), Some(from), detail, kept).await?;
                if stored.appeal.state == AppealState::Replied {
                    service.lower_flag(&tx, &grant, &stored).await?;
                }
                tx.commit(stored.appeal).await
            })
            .await;
        self.noting(ctx, Target::Appeal(appeal), event.name(), digest, outcome).await
    }

    /// The facts about an actor and an appeal; `hearing` is the person who hears or would hear it.
    pub(crate) async fn appeal_facts(
        &self,
        tx: &Tx,
        stored: &StoredAppeal,
        hearing: Option<PersonId>,
    ) -> Result<AppealFacts, Failure> {
        let actor = &tx.context().actor;
        let appeal = &stored.appeal;
        Ok(AppealFacts {
            competent: actor.acts_for(appeal.competent) || actor.executes_for(appeal.competent),
            receiver: actor.acts_for(appeal.received_by),
            officer: actor.person().is_some() && actor.person() == appeal.officer,
            involved: match hearing {
                Some(person) => self.is_involved(tx, stored, person).await?,
                // No person, no independence.
                None => true,
            },
            fit: false,
            extended: appeal.extended,
            system: actor.is_system(),
            outcome: appeal.outcome,
        })
    }

    /// Whether a person drafted, approved or pushed through the measure, or decided the appeal under review.
    async fn is_involved(&self, tx: &Tx, stored: &StoredAppeal, person: PersonId) -> Result<bool, Failure> {
        let scope = Scope::system("who decided a measure");
        let order = orders::load(tx.connection(), &scope, stored.appeal.order).await?;
        let decided = order.authors.contains(&person)
            || order.approvals.iter().any(|stored| stored.approval.person == person)
            || order.emergency.as_ref().is_some_and(|emergency| emergency.by == person);
        if decided {
            return Ok(true);
        }
        // Who asked for more time or agreed to it decided that the measure still stands; so did who took it.
        let steps = ["renewal.ask", "renewal.approve", TaskEvent::Execute.name(), TASK_RECORD];
        let parties = timeline::parties(tx.connection(), stored.appeal.task, &steps, order.created_at).await?;
        if parties.contains(&person.to_string()) {
            return Ok(true);
        }
        let Some(first) = stored.appeal.review_of else { return Ok(false) };
        let first = appeals::load(tx.connection(), &scope, first).await?.appeal;
        Ok(first.decided_by == Some(person) || first.officer == Some(person))
    }

    /// Until when an appellant whose appeal is decided or not heard has to be answered.
    pub(crate) async fn reply_due(&self, tx: &Tx) -> Result<cordon_context::Timestamp, Failure> {
        let days = self.parts.settings.deadlines.appeal_reply_workdays;
        Ok(calendar::all(tx.connection()).await?.due(tx.now(), days))
    }

    async fn dates(&self, tx: &Tx, stored: &StoredAppeal) -> Result<Dates, Failure> {
        let deadlines = &self.parts.settings.deadlines;
        let calendar = calendar::all(tx.connection()).await?;
        let now = tx.now();
        let verify_days = match stored.appeal.competence {
            Competence::Enterprise => deadlines.appeal_verify_enterprise_workdays,
            Competence::Instructing | Competence::Superior => deadlines.appeal_verify_instruction_workdays,
        };
        let present = stored.appeal.verify_due.unwrap_or(now);
        // The clock stood still while something was missing, and goes on with what was left of it.
        let asked = timeline::last(tx.connection(), stored.appeal.id, AppealEvent::RequestSupplement.name()).await?;
        let left = match asked {
            Some(asked) => (0..deadlines.appeal_accept_workdays)
                .find(|days| calendar.due(asked, *days) >= stored.appeal.accept_due)
                .unwrap_or(deadlines.appeal_accept_workdays),
            None => deadlines.appeal_accept_workdays,
        };
        let accept_due = calendar.due(now, left);
        Ok(Dates {
            now,
            accept_due,
            verify_due: calendar.due(now, verify_days),
            extended_due: calendar.due(present, deadlines.appeal_extension_workdays),
        })
    }

    /// Takes the flag off a measure once no appeal against it is open.
    async fn lower_flag<A: ActionName>(
        &self,
        tx: &Tx,
        grant: &Grant<A, on::Appeal>,
        stored: &StoredAppeal,
    ) -> Result<(), Failure> {
        if appeals::is_open(tx.connection(), stored.appeal.task).await? {
            return Ok(());
        }
        let scope = Scope::system("an appeal was answered");
        let mut task = tasks::load(tx.connection(), &scope, stored.appeal.task).await?;
        if task.appealed {
            task.appealed = false;
            tasks::update(tx, grant, &mut task).await?;
        }
        Ok(())
    }
}
