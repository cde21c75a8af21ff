//! The end of a measure: decided by the requester or its superior, carried out when every holder has let go.

use cordon_context::{Action, CallContext, Code, Page, PageRequest, Refusal, ReleaseId, Resource, TaskId};
use cordon_disposal_contract::{ConsentRelease, OrderRelease, Release, ReleaseReason, ReleaseState, TaskState, events};
use cordon_policies::{ActionName, Grant, ResourceName, act, on};
use cordon_store::{Failure, Tx};
use serde_json::json;

use crate::domain::content_hash::digest_of;
use crate::domain::deadlines::minutes_long;
use crate::domain::rules::RuleViolation;
use crate::domain::task_machine::{TaskEvent, TaskFacts, transition};
use crate::service::{Disposal, Standing as _};
use crate::store::Connection;
use crate::store::orders::{self, StoredOrder};
use crate::store::releases::{self, StoredRelease};
use crate::store::task_holds;
use crate::store::tasks::{self, StoredTask};
use crate::use_cases::attempts::Target;
use crate::use_cases::moving::{Move, event_of, refuse, task_with_order};

/// Why and how a measure ends.
pub(crate) struct Decision {
    pub(crate) event: TaskEvent,
    pub(crate) reason: ReleaseReason,
    pub(crate) note: Option<String>,
    pub(crate) by_mistake: bool,
    pub(crate) digest: String,
}

/// Why what a task did is undone.
pub(crate) struct Undoing {
    pub(crate) reason: ReleaseReason,
    pub(crate) note: Option<String>,
    pub(crate) by_mistake: bool,
}

impl Disposal {
    /// Decides that a measure ends.
    pub(crate) async fn order_release(&self, ctx: &CallContext, input: OrderRelease) -> Result<Release, Failure> {
        let digest = digest_of(&input);
        let target = Target::Task(input.task);
        // Who may approve an order may end what came of it, and reaches further than who drafts, such as the organ above.
        let outcome = if self.parts.gate.permits(&ctx.actor, Action::Approve, Resource::Order) {
            let grant = self.grant::<act::Approve, on::Order>(ctx)?;
            self.try_release(ctx, grant, input, digest.clone()).await
        } else {
            match self.grant::<act::Create, on::Release>(ctx) {
                Ok(grant) => match self.try_release(ctx, grant, input.clone(), digest.clone()).await {
                    // An enterprise ends what it did by itself; what it was instructed to do it may know, and not end.
                    Err(Failure::Refused(refusal)) if refusal.code == Code::NotFound => {
                        Err(self.not_a_decider(ctx, input.task, refusal.into()).await)
                    }
                    outcome => outcome,
                },
                Err(denied) => Err(self.not_a_decider(ctx, input.task, denied).await),
            }
        };
        self.noting(ctx, target, TaskEvent::OrderRelease.name(), digest, outcome).await
    }

    async fn try_release<A: ActionName, R: ResourceName>(
        &self,
        ctx: &CallContext,
        grant: Grant<A, R>,
        input: OrderRelease,
        digest: String,
    ) -> Result<Release, Failure> {
        ctx.actor.named_person()?;
        let service = self.clone();
        let asked = input.clone();
        self.parts
            .database
            .write_once(ctx, "disposal.order_release", &asked, move |mut tx| async move {
                let (mut task, order) = task_with_order(&tx, grant.scope(), input.task).await?;
                let facts = service.facts(tx.context(), &task, &order);
                // What an enterprise did by itself ends also while it is being done again, since nobody else could end it then.
                let again = task.own_measure && matches!(task.state, TaskState::Executing | TaskState::Failed);
                let decision = Decision {
                    event: if again { TaskEvent::Withdraw } else { TaskEvent::OrderRelease },
                    reason: input.reason,
                    note: input.note,
                    by_mistake: input.by_mistake || input.reason == ReleaseReason::EnteredByMistake,
                    digest,
                };
                let release = service.decide_release(&mut tx, &grant, &mut task, &order, facts, decision).await?;
                let release = shown(tx.connection(), release).await?;
                tx.commit(release).await
            })
            .await
    }

    /// What an executor is told that wants to end an instructed measure by itself: the rule, not merely that it may not.
    async fn not_a_decider(&self, ctx: &CallContext, task: TaskId, denied: Failure) -> Failure {
        let Ok(grant) = self.grant::<act::Execute, on::Task>(ctx) else { return denied };
        match tasks::load(self.parts.database.reader(), grant.scope(), task).await {
            Ok(_executor) => refuse(RuleViolation::RELEASE_WHO),
            Err(error) => error,
        }
    }

    /// Lets go of one hold; when it was the last one, the release task goes out.
    pub(crate) async fn decide_release<A: ActionName, R: ResourceName>(
        &self,
        tx: &mut Tx,
        grant: &Grant<A, R>,
        task: &mut StoredTask,
        order: &StoredOrder,
        facts: TaskFacts,
        decision: Decision,
    ) -> Result<StoredRelease, Failure> {
        let Decision { event, reason, note, by_mistake, digest } = decision;
        let detail = json!({ "reason": reason, "note": note });
        // In this order: all holds, then one's own row. Two who let go at once then wait for each other instead of failing.
        task_holds::lock_holds(tx, &task.subject_index, task.measure).await?;
        self.move_task(tx, grant, task, Move { event, facts, detail, digest }, |_task| {}).await?;
        self.undo(tx, grant, task, order, Undoing { reason, note, by_mistake }).await
    }

    /// Ends a task in whatever state it is: what may have been carried out is released, the rest is withdrawn.
    pub(crate) async fn end_task<A: ActionName, R: ResourceName>(
        &self,
        tx: &mut Tx,
        grant: &Grant<A, R>,
        task: &mut StoredTask,
        order: &StoredOrder,
        facts: TaskFacts,
        decision: Decision,
    ) -> Result<(), Failure> {
        let step = transition(task.state, decision.event, &facts).map_err(Refusal::from)?;
        if step.needs_release {
            return self.decide_release(tx, grant, task, order, facts, decision).await.map(|_release| ());
        }
        let Decision { event, reason, note, by_mistake: _, digest } = decision;
        let detail = json!({ "reason": reason, "note": note });
        self.move_task(tx, grant, task, Move { event, facts, detail, digest }, |_task| {}).await?;
        Ok(())
    }

    /// Writes down that what a task did is undone, and sends the release out unless others hold the same measure.
    pub(crate) async fn undo<A: ActionName, R: ResourceName>(
        &self,
        tx: &mut Tx,
        grant: &Grant<A, R>,
        task: &mut StoredTask,
        order: &StoredOrder,
        undoing: Undoing,
    ) -> Result<StoredRelease, Failure> {
        let Undoing { reason, note, by_mistake } = undoing;
        let others = other_holds(tx.connection(), task).await?;
        let actor = tx.context().actor.clone();
        let now = tx.now();
        // An executor that acted too late brings the release about, but the requester's withdrawal decided it.
        let (organisation, person) = if task.is_executed_by(&actor) && !task.own_measure {
            (task.requester, None)
        } else {
            (actor.organisation, actor.person())
        };
        let release = StoredRelease {
            id: ReleaseId::new(now),
            task: task.id,
            order: task.order,
            requester: task.requester,
            region: task.region,
            case: task.case,
            executor: task.executor,
            subject_index: task.subject_index.clone(),
            measure: task.measure,
            reason,
            note,
            organisation,
            person,
            at: now,
            by_mistake,
            state: ReleaseState::WaitingHolders,
            release_task: None,
            done_at: None,
            own_measure: task.own_measure,
            version: 1,
        };
        releases::insert(tx, grant, &release).await?;
        if others.is_empty() {
            let release_task = self.issue_release(tx, grant, task, order, by_mistake).await?;
            let reloaded = releases::of_release_task(tx.connection(), release_task).await?;
            return Ok(reloaded.into_iter().find(|stored| stored.id == release.id).unwrap_or(release));
        }
        // Nobody may let somebody wait for ever: the holders have a time to answer, and then it is reported above them.
        task.due = Some(now.plus(minutes_long(self.parts.settings.deadlines.consent)));
        task.next_alarm = self.next_look(task, now);
        tasks::update(tx, grant, task).await?;
        let mut event = event_of(events::RELEASE_WAITS, task, None, None);
        event.audience.extend(others.iter().map(|other| other.requester));
        event.audience.sort_unstable();
        event.audience.dedup();
        tx.emit(event);
        Ok(release)
    }

    /// Consents to another holder's release by letting go of one's own hold.
    pub(crate) async fn consent_release(&self, ctx: &CallContext, input: ConsentRelease) -> Result<Release, Failure> {
        let grant = self.grant::<act::Create, on::Release>(ctx)?;
        ctx.actor.named_person()?;
        let digest = digest_of(&input);
        let service = self.clone();
        let asked = input.clone();
        self.parts
            .database
            .write_once(ctx, "disposal.consent_release", &asked, move |mut tx| async move {
                let actor = tx.context().actor.clone();
                let release = releases::load(tx.connection(), grant.scope(), actor.organisation, input.release).await?;
                let holds =
                    task_holds::active_holds(tx.connection(), std::slice::from_ref(&release.subject_index)).await?;
                let mine: Vec<StoredTask> = holds
                    .into_iter()
                    .filter(|task| task.measure == release.measure && actor.acts_for(task.requester))
                    .collect();
                if release.state != ReleaseState::WaitingHolders || mine.is_empty() {
                    return Err(refuse(RuleViolation::RELEASE_NOT_HOLDER));
                }
                let scope = cordon_context::Scope::system("let go of one's own hold");
                for mut task in mine {
                    let order = orders::load(tx.connection(), &scope, task.order).await?;
                    let facts = service.facts(tx.context(), &task, &order);
                    // What is being executed holds already, but there is no measure yet that could end.
                    let event = match task.state {
                        TaskState::Executing => TaskEvent::Withdraw,
                        _ => TaskEvent::OrderRelease,
                    };
                    let decision = Decision {
                        event,
                        reason: ReleaseReason::CoHolderConsent,
                        note: input.note.clone(),
                        by_mistake: false,
                        digest: digest.clone(),
                    };
                    service.decide_release(&mut tx, &grant, &mut task, &order, facts, decision).await?;
                }
                let loaded = releases::by_ids(tx.connection(), &scope, actor.organisation, &[release.id]).await?;
                let release = loaded.into_iter().next().ok_or_else(Refusal::not_found)?;
                let release = shown(tx.connection(), release).await?;
                tx.commit(release).await
            })
            .await
    }

    /// Gives releases by their identifiers.
    pub(crate) async fn releases_by_ids(&self, ctx: &CallContext, ids: &[ReleaseId]) -> Result<Vec<Release>, Failure> {
        let grant = self.grant::<act::Read, on::Release>(ctx)?;
        let reader = self.parts.database.reader();
        let found = releases::by_ids(reader, grant.scope(), ctx.actor.organisation, ids).await?;
        shown_all(reader, found).await
    }

    /// Gives the releases of tasks.
    pub(crate) async fn releases_by_tasks(&self, ctx: &CallContext, of: &[TaskId]) -> Result<Vec<Release>, Failure> {
        let grant = self.grant::<act::Read, on::Release>(ctx)?;
        let reader = self.parts.database.reader();
        shown_all(reader, releases::by_tasks(reader, grant.scope(), of).await?).await
    }

    /// Lists the releases that wait for the consent of the caller's organisation.
    pub(crate) async fn releases_awaiting_consent(
        &self,
        ctx: &CallContext,
        page: PageRequest,
    ) -> Result<Page<Release>, Failure> {
        let _grant = self.grant::<act::Create, on::Release>(ctx)?;
        let reader = self.parts.database.reader();
        let found = releases::awaiting(reader, ctx.actor.organisation, &page).await?;
        let Page { edges, has_next, total } = found;
        let mut shown_edges = Vec::with_capacity(edges.len());
        for (cursor, release) in edges {
            shown_edges.push((cursor, shown(reader, release).await?));
        }
        Ok(Page { edges: shown_edges, has_next, total })
    }
}

/// The other holds on the same target and measure.
pub(crate) async fn other_holds<C: Connection>(connection: &C, task: &StoredTask) -> Result<Vec<StoredTask>, Failure> {
    let holds = task_holds::active_holds(connection, std::slice::from_ref(&task.subject_index)).await?;
    Ok(holds.into_iter().filter(|held| held.measure == task.measure && held.id != task.id).collect())
}

/// The shape of a release that others see.
async fn shown<C: Connection>(connection: &C, release: StoredRelease) -> Result<Release, Failure> {
    let holds = task_holds::active_holds(connection, std::slice::from_ref(&release.subject_index)).await?;
    let mut waiting: Vec<_> =
        holds.into_iter().filter(|held| held.measure == release.measure).map(|held| held.requester).collect();
    waiting.sort_unstable();
    waiting.dedup();
    let offered = tasks::offered(connection, release.order, release.task).await?;
    Ok(release.into_release(waiting, offered))
}

async fn shown_all<C: Connection>(connection: &C, found: Vec<StoredRelease>) -> Result<Vec<Release>, Failure> {
    let mut all = Vec::with_capacity(found.len());
    for release in found {
        all.push(shown(connection, release).await?);
    }
    Ok(all)
}
