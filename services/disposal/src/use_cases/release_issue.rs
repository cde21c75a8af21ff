//! The release task: out on the same road as the measure, and what follows when it is carried out and confirmed.

use cordon_context::{Id, OrganisationId, Scope, TaskId, Timestamp};
use cordon_disposal_contract::{
    AppealState, DeskReason, Escalation, Light, NoticeKind, ReleaseState, TaskAction, TaskState, events,
};
use cordon_policies::{ActionName, Grant, ResourceName, act, on};
use cordon_store::{AuditRecord, Failure, Tx};
use serde_json::json;

use crate::domain::appeal_machine::{AppealEvent, AppealFacts, transition};
use crate::domain::notice_text;
use crate::domain::task_machine::{TaskEvent, TaskFacts};
use crate::service::Disposal;
use crate::store::orders::{self, StoredOrder};
use crate::store::tasks::{self, Hold, StoredTask};
use crate::store::timeline::{self, Happening};
use crate::store::{appeals, releases, task_holds};
use crate::use_cases::moving::{Move, emit};
use crate::use_cases::payload;
use crate::use_cases::release::other_holds;

impl Disposal {
    /// Sends the release task out and points every release that waited for it at it. What can only be made good by hand goes to the
    /// desk instead.
    pub(crate) async fn issue_release<A: ActionName, R: ResourceName>(
        &self,
        tx: &mut Tx,
        grant: &Grant<A, R>,
        task: &StoredTask,
        order: &StoredOrder,
        by_mistake: bool,
    ) -> Result<TaskId, Failure> {
        let now = tx.now();
        let open = releases::waiting_for(tx.connection(), &task.subject_index, task.measure).await?;
        let by_mistake = by_mistake || open.iter().any(|release| release.by_mistake);
        let id: TaskId = Id::derived(task.id.uuid(), "release");
        let by_hand = !self.is_reversible(task);
        let executor = task.executor.filter(|_| !by_hand);
        let action = TaskAction::Release;
        let mut release = StoredTask { by_mistake, ..opposite(task, id, action, executor, now) };
        if by_hand {
            release.desk_reason = Some(DeskReason::RestoreByHand);
        }
        self.set_deadlines(&mut release);
        self.wind_clock(&mut release, now, false);
        payload::fix(self, tx, &mut release).await?;
        tasks::insert(tx, grant, std::slice::from_ref(&release)).await?;
        let happening = Happening {
            order: order.id,
            task: Some(release.id),
            appeal: None,
            event: "release.issue",
            from: None,
            to: Some(release.state.name()),
            refused_by: None,
            detail: json!({ "reverses": task.id, "executor": release.executor, "by_mistake": by_mistake }),
            payload_digest: release.payload_digest.clone().unwrap_or_default(),
        };
        timeline::add(tx, vec![happening]).await?;
        let detail = json!({ "reverses": task.id, "executor": release.executor });
        tx.record(AuditRecord::new("release.issue", release.id.to_string(), detail).of_organisation(release.requester));
        let scope = Scope::system("the release is out");
        for mut waiting in open {
            waiting.state = ReleaseState::Ordered;
            waiting.release_task = Some(release.id);
            releases::update(tx, grant, &mut waiting).await?;
            self.overtake_limited_resume(tx, grant, waiting.task).await?;
            let mut other = tasks::load(tx.connection(), &scope, waiting.task).await?;
            if other.due.take().is_some() {
                // Nobody is waited for any more; from here the clock of the release task runs.
                other.next_alarm = None;
                tasks::update(tx, grant, &mut other).await?;
            }
        }
        let topic = if release.state == TaskState::Issued { events::TASK_ASSIGNED } else { events::TASK_AT_DESK };
        emit(tx, topic, &release, None, None);
        Ok(release.id)
    }

    /// A release task was carried out and confirmed: every measure that it undoes is released, its holder is told, and
    /// appeals that waited for it go on.
    pub(crate) async fn complete_release(&self, tx: &mut Tx, release_task: &StoredTask) -> Result<(), Failure> {
        let ctx = self.system("release");
        let grant = self.grant::<act::Modify, on::Release>(&ctx)?;
        let now = tx.now();
        let scope = Scope::system("complete a release");
        let mut told = false;
        // Only what this release task was sent out for ends with it; a later measure on the same target has its own.
        for mut release in releases::of_release_task(tx.connection(), release_task.id).await? {
            release.state = ReleaseState::Done;
            release.done_at = Some(now);
            releases::update(tx, &grant, &mut release).await?;
            let mut task = tasks::load(tx.connection(), &scope, release.task).await?;
            let order = orders::load(tx.connection(), &scope, task.order).await?;
            if task.state == TaskState::ReleaseOrdered {
                let other_holders = !other_holds(tx.connection(), &task).await?.is_empty();
                let facts = TaskFacts { system: true, other_holders, ..self.facts(&ctx, &task, &order) };
                let detail = json!({ "release_task": release_task.id });
                let step = Move { event: TaskEvent::CompleteRelease, facts, detail, digest: String::new() };
                self.move_task(tx, &grant, &mut task, step, |task| {
                    task.appealed = false;
                    task.review_flag = None;
                })
                .await?;
            }
            // The holder is told once that the target works again, however many organs had held it.
            if !told && (task.executed_at.is_some() || task.joined) {
                let why = notice_text::release_words(release.reason);
                self.make_notice(tx, &task, &order, NoticeKind::Resume, &why).await?;
                told = true;
            }
            self.carry_out_appeals(tx, task.id).await?;
        }
        self.route_waiting(tx, release_task).await
    }

    /// Sends out what waited at the desk until this release was carried out, to whoever carried it out.
    async fn route_waiting(&self, tx: &mut Tx, release_task: &StoredTask) -> Result<(), Failure> {
        let Some(executor) = release_task.executor else { return Ok(()) };
        let ctx = self.system("release");
        let grant = self.grant::<act::Modify, on::Task>(&ctx)?;
        let scope = Scope::system("the target is free again");
        let waiting =
            task_holds::awaiting_release(tx.connection(), &release_task.subject_index, release_task.measure).await?;
        for mut task in waiting {
            let order = orders::load(tx.connection(), &scope, task.order).await?;
            let facts = TaskFacts { desk: true, ..self.facts(&ctx, &task, &order) };
            let detail = json!({ "to": executor, "after": release_task.id });
            let step = Move { event: TaskEvent::Route, facts, detail, digest: String::new() };
            self.move_task(tx, &grant, &mut task, step, move |task| task.executor = Some(executor)).await?;
        }
        Ok(())
    }

    /// Moves appeals on that waited until what was decided is carried out.
    pub(crate) async fn carry_out_appeals(&self, tx: &mut Tx, task: TaskId) -> Result<(), Failure> {
        let ctx = self.system("release");
        let grant = self.grant::<act::Modify, on::Appeal>(&ctx)?;
        for mut stored in appeals::decided_against(tx.connection(), task).await? {
            let facts = AppealFacts {
                competent: false,
                receiver: false,
                officer: false,
                involved: false,
                fit: false,
                extended: stored.appeal.extended,
                system: true,
                outcome: stored.appeal.outcome,
            };
            let to =
                transition(stored.appeal.state, AppealEvent::Carried, facts).map_err(cordon_context::Refusal::from)?;
            let from: AppealState = stored.appeal.state;
            stored.appeal.state = to;
            stored.next_alarm = Some(self.reply_due(tx).await?);
            stored.escalation = Escalation::None;
            self.write_appeal(
                tx,
                &grant,
                &mut stored,
                AppealEvent::Carried.name(),
                Some(from),
                json!({}),
                String::new(),
            )
            .await?;
        }
        Ok(())
    }
}

/// A new task that takes a measure back, as a whole or in part, by the executor of the measure.
pub(crate) fn opposite(
    task: &StoredTask,
    id: TaskId,
    action: TaskAction,
    executor: Option<OrganisationId>,
    now: Timestamp,
) -> StoredTask {
    StoredTask {
        id,
        action,
        reverses: Some(task.id),
        by_mistake: false,
        issued_at: now,
        joined: false,
        generation: 1,
        generation_at: now,
        hops: 0,
        executor,
        state: if executor.is_some() { TaskState::Issued } else { TaskState::Desk },
        desk_reason: executor.is_none().then_some(DeskReason::Unroutable),
        partial: false,
        entered_at: now,
        due: None,
        next_alarm: None,
        alarmed: Light::Green,
        overdue: false,
        escalation: Escalation::None,
        executed_at: None,
        effective_from: None,
        effective_to: None,
        days: None,
        hold: Hold::None,
        reminded: false,
        appealed: false,
        review_flag: None,
        refusal: None,
        failures: 0,
        retry_at: None,
        payload_digest: None,
        renewal: None,
        limited_at: None,
        version: 1,
        ..task.clone()
    }
}
