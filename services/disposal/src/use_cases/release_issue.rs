//! The release task: out on the same road as the measure, and what follows when it is carried out and confirmed.

use cordon_context::{Id, Scope, TaskId};
use cordon_disposal_contract::{
    AppealState, Escalation, Light, NoticeKind, ReleaseState, TaskAction, TaskState, events,
};
use cordon_policies::{ActionName, Grant, ResourceName, act, on};
use cordon_store::{AuditRecord, Failure, Tx};
use serde_json::json;

use crate::domain::appeal_machine::{AppealEvent, AppealFacts, transition};
use crate::domain::task_machine::{TaskEvent, TaskFacts};
use crate::service::Disposal;
use crate::store::orders::{self, StoredOrder};
use crate::store::tasks::{self, Hold, StoredTask};
use crate::store::timeline::{self, Happening};
use crate::store::{appeals, releases};
use crate::use_cases::moving::{Move, emit};
use crate::use_cases::payload;

impl Disposal {
    /// Sends the release task out and points every release that waited for it at it.
    pub(crate) async fn issue_release<A: ActionName, R: ResourceName>(
        &self,
        tx: &mut Tx,
        grant: &Grant<A, R>,
        task: &StoredTask,
        order: &StoredOrder,
        by_mistake: bool,
    ) -> Result<(), Failure> {
        let now = tx.now();
        let open = releases::open_for(tx.connection(), &task.subject_index, task.measure).await?;
        let by_mistake = by_mistake || open.iter().any(|release| release.by_mistake);
        let id: TaskId = Id::derived(task.id.uuid(), "release");
        let mut release = StoredTask {
            id,
            action: TaskAction::Release,
            reverses: Some(task.id),
            by_mistake,
            issued_at: now,
            joined: false,
            generation: 1,
            generation_at: now,
            hops: 0,
            state: if task.executor.is_some() { TaskState::Issued } else { TaskState::Desk },
            desk_reason: None,
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
            version: 1,
            ..task.clone()
        };
        self.set_deadlines(&mut release);
        self.wind_clock(&mut release, now);
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
        for mut waiting in open {
            waiting.state = ReleaseState::Ordered;
            waiting.release_task = Some(release.id);
            releases::update(tx, grant, &mut waiting).await?;
        }
        let topic = if release.state == TaskState::Issued { events::TASK_ASSIGNED } else { events::TASK_AT_DESK };
        emit(tx, topic, &release, None, None);
        Ok(())
    }

    /// A release task was carried out and confirmed: every measure that it undoes is released, its holder is told, and
    /// appeals that waited for it go on.
    pub(crate) async fn complete_release(&self, tx: &mut Tx, release_task: &StoredTask) -> Result<(), Failure> {
        let ctx = self.system("release");
        let grant = self.grant::<act::Modify, on::Release>(&ctx)?;
        let now = tx.now();
        for mut release in releases::of_release_task(tx.connection(), release_task.id).await? {
            release.state = ReleaseState::Done;
            release.done_at = Some(now);
            releases::update(tx, &grant, &mut release).await?;
        }
        let scope = Scope::system("complete a release");
        let lifted = tasks::release_ordered(tx.connection(), &release_task.subject_index, release_task.measure).await?;
        for mut task in lifted {
            let order = orders::load(tx.connection(), &scope, task.order).await?;
            let facts = TaskFacts { system: true, ..self.facts(&ctx, &task, &order) };
            let detail = json!({ "release_task": release_task.id });
            let step = Move { event: TaskEvent::CompleteRelease, facts, detail, digest: String::new() };
            self.move_task(tx, &grant, &mut task, step, |task| {
                task.appealed = false;
                task.review_flag = None;
            })
            .await?;
            if task.executed_at.is_some() || task.joined {
                self.make_notice(tx, &task, &order, NoticeKind::Resume).await?;
            }
            self.carry_out_appeals(tx, task.id).await?;
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
                extended: stored.appeal.extended,
                system: true,
                outcome: stored.appeal.outcome,
            };
            let to =
                transition(stored.appeal.state, AppealEvent::Carried, facts).map_err(cordon_context::Refusal::from)?;
            let from: AppealState = stored.appeal.state;
            stored.appeal.state = to;
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
