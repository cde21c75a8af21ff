//! 限制性恢复: nobody stays unreachable because an enterprise does not decide about what its own model found.
//!
//! While the appeal is heard the measure stands, but the target can be called and can make emergency calls. What an organ
//! instructed never comes back this way: only the organ that decided ends it.

use cordon_context::{Bilingual, Id, Scope, TaskId, Timestamp};
use cordon_disposal_contract::{
    AppealState, Competence, NoticeKind, OrderOrigin, PhoneFunction, TaskAction, TaskState, can_be_limited, events,
};
use cordon_policies::{ActionName, Grant, ResourceName, act, on};
use cordon_store::{Failure, Tx};
use serde_json::json;

use crate::domain::task_machine::{TaskEvent, TaskFacts};
use crate::service::Disposal;
use crate::store::appeals::StoredAppeal;
use crate::store::orders::StoredOrder;
use crate::store::task_holds;
use crate::store::tasks::{self, StoredTask};
use crate::store::timeline::{self, Happening};
use crate::use_cases::moving::{Move, emit, task_with_order};
use crate::use_cases::payload;
use crate::use_cases::release_issue::opposite;

/// When a resumption that something stands in the way of is looked at again.
const AGAIN: std::time::Duration = std::time::Duration::from_hours(6);

/// Whether nobody has decided an appeal in this state.
pub(crate) const fn undecided(state: AppealState) -> bool {
    matches!(
        state,
        AppealState::Submitted
            | AppealState::SupplementNeeded
            | AppealState::Accepted
            | AppealState::Assigned
            | AppealState::Verifying
    )
}

/// The task that resumes a measure in part; one measure has one.
fn id_of(task: TaskId) -> TaskId {
    Id::derived(task.uuid(), "limited resume")
}

impl Disposal {
    /// When a target comes back in part if an appeal that is registered now is not decided; none where an organ instructed it.
    pub(crate) fn limited_resume_due(
        &self,
        task: &StoredTask,
        order: &StoredOrder,
        competence: Competence,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let settings = &self.parts.settings;
        let found_by_model = matches!(order.origin, OrderOrigin::Model { .. });
        let applies = settings.limited_resume
            && task.own_measure
            && competence == Competence::Enterprise
            && found_by_model
            && task.limited_at.is_none()
            && can_be_limited(task.subject.kind, task.measure);
        let hours = u64::from(settings.deadlines.limited_resume_hours);
        applies.then(|| now.plus(std::time::Duration::from_secs(hours * 3_600)))
    }

    /// The time of an appeal is over: the target comes back in part, unless it was decided or an organ stops it as well.
    pub(crate) async fn resume_in_part(
        &self,
        tx: &mut Tx,
        grant: &Grant<act::Modify, on::Appeal>,
        stored: &mut StoredAppeal,
    ) -> Result<(), Failure> {
        let due = stored.appeal.limited_resume_due.take();
        let state = stored.appeal.state;
        let scope = Scope::system("an appeal was not decided in time");
        let (task, order) = task_with_order(tx, &scope, stored.appeal.task).await?;
        let runs = matches!(task.state, TaskState::Executed | TaskState::VerifyFailed | TaskState::InForce);
        let instructed = task_holds::instructed(tx.connection(), &task.subject_index, task.measure).await?;
        let known = !tasks::by_ids(tx.connection(), &scope, &[id_of(task.id)]).await?.is_empty();
        let goes = self.parts.settings.limited_resume && task.own_measure && undecided(state) && runs && !known;
        if undecided(state) && !known && !task.state.is_terminal() && (instructed || !runs) {
            // What stands in the way now may be gone before the appeal is decided.
            stored.appeal.limited_resume_due = Some(tx.now().plus(AGAIN));
        }
        let detail = json!({ "due": due, "instructed": instructed, "resumes": goes && !instructed });
        self.write_appeal(tx, grant, stored, "appeal.limited_resume", Some(state), detail, String::new()).await?;
        if goes && !instructed {
            self.issue_limited_resume(tx, grant, &task, &order).await?;
        }
        Ok(())
    }

    async fn issue_limited_resume(
        &self,
        tx: &mut Tx,
        grant: &Grant<act::Modify, on::Appeal>,
        task: &StoredTask,
        order: &StoredOrder,
    ) -> Result<(), Failure> {
        let mut back = opposite(task, id_of(task.id), TaskAction::LimitedResume, task.executor, tx.now());
        // What stays off; being called, and 110, 119, 120, come back.
        back.functions = PhoneFunction::ALL.to_vec();
        self.set_deadlines(&mut back);
        self.wind_clock(&mut back, tx.now(), false);
        payload::fix(self, tx, &mut back).await?;
        tasks::insert(tx, grant, std::slice::from_ref(&back)).await?;
        for of in [task.id, back.id] {
            let happening = Happening {
                order: order.id,
                task: Some(of),
                appeal: None,
                event: "task.limited_resume",
                from: None,
                to: Some(back.state.name()),
                refused_by: None,
                detail: json!({ "measure": task.id, "resumes_by": back.id }),
                payload_digest: back.payload_digest.clone().unwrap_or_default(),
            };
            timeline::add(tx, vec![happening]).await?;
        }
        let topic = if back.state == TaskState::Issued { events::TASK_ASSIGNED } else { events::TASK_AT_DESK };
        emit(tx, topic, &back, None, None);
        Ok(())
    }

    /// The executor let the target be called again: the measure says so, and its holder is told.
    pub(crate) async fn resumed_in_part<A: ActionName, R: ResourceName>(
        &self,
        tx: &mut Tx,
        grant: &Grant<A, R>,
        back: &StoredTask,
        order: &StoredOrder,
    ) -> Result<(), Failure> {
        let Some(mut task) = self.measure_of(tx, back).await? else { return Ok(()) };
        task.limited_at = back.executed_at;
        let detail = json!({ "by": back.id, "at": back.executed_at });
        self.note_task(tx, grant, &mut task, "task.limited", detail, String::new()).await?;
        let why = Bilingual::new("申诉未在规定时限内办结", "your appeal was not decided in time");
        self.make_notice(tx, &task, order, NoticeKind::LimitedResume, &why).await
    }

    /// It turned out that the target cannot be called after all.
    pub(crate) async fn not_resumed<A: ActionName, R: ResourceName>(
        &self,
        tx: &mut Tx,
        grant: &Grant<A, R>,
        back: &StoredTask,
    ) -> Result<(), Failure> {
        let Some(mut task) = self.measure_of(tx, back).await? else { return Ok(()) };
        task.limited_at = None;
        self.note_task(tx, grant, &mut task, "task.not_limited", json!({ "by": back.id }), String::new()).await
    }

    async fn measure_of(&self, tx: &Tx, back: &StoredTask) -> Result<Option<StoredTask>, Failure> {
        let Some(of) = back.reverses else { return Ok(None) };
        let scope = Scope::system("the measure of a limited resumption");
        let task = tasks::load(tx.connection(), &scope, of).await?;
        Ok(Some(task).filter(|task| !task.state.is_terminal()))
    }

    /// The measure ends as a whole, so that nothing may come after it that takes functions away again.
    pub(crate) async fn overtake_limited_resume<A: ActionName, R: ResourceName>(
        &self,
        tx: &mut Tx,
        grant: &Grant<A, R>,
        of: TaskId,
    ) -> Result<(), Failure> {
        let scope = Scope::system("a measure ends");
        let Some(mut back) = tasks::by_ids(tx.connection(), &scope, &[id_of(of)]).await?.pop() else { return Ok(()) };
        if back.state.is_terminal() {
            return Ok(());
        }
        let (_, order) = task_with_order(tx, &scope, back.id).await?;
        let facts = TaskFacts { system: true, ..self.facts(tx.context(), &back, &order) };
        let step = Move { event: TaskEvent::Overtake, facts, detail: json!({ "by": of }), digest: String::new() };
        self.move_task(tx, grant, &mut back, step, |_task| {}).await?;
        Ok(())
    }
}
