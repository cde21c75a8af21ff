//! 限制性恢复: nobody stays unreachable because an enterprise does not decide about what its own model found.
//!
//! While the appeal is heard the measure stands, but the target can be called and can make emergency calls. What an organ
//! instructed never comes back this way: only the organ that decided ends it.

use std::collections::HashSet;

use cordon_context::{Bilingual, Id, Scope, TaskId, Timestamp};
use cordon_disposal_contract::{
    AppealState, Competence, Measure, NoticeKind, OrderOrigin, PhoneFunction, TaskAction, TaskState, can_be_limited,
    events,
};
use cordon_policies::{ActionName, Grant, ResourceName, act, on};
use cordon_store::{Failure, Tx};
use serde_json::json;

use crate::domain::task_machine::{TaskEvent, TaskFacts};
use crate::service::Disposal;
use crate::store::appeals::{self, StoredAppeal};
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

/// The task that resumes a measure in part after so many others; a stop of an organ in between takes another one.
fn id_of(task: TaskId, earlier: usize) -> TaskId {
    match earlier {
        0 => Id::derived(task.uuid(), "limited resume"),
        earlier => Id::derived(task.uuid(), &format!("limited resume {}", earlier + 1)),
    }
}

/// Whether a resumption was carried out, so that its holder is owed it for as long as the measure stands.
const fn came_back(resumption: &StoredTask) -> bool {
    resumption.executed_at.is_some()
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
        let seen = tasks::load(tx.connection(), &scope, stored.appeal.task).await?;
        // An order of an organ that is issued at the same moment waits for this, or this for it.
        task_holds::lock_holds(tx, &seen.subject_index, seen.measure).await?;
        let (task, order) = task_with_order(tx, &scope, stored.appeal.task).await?;
        let runs = matches!(task.state, TaskState::Executed | TaskState::VerifyFailed | TaskState::InForce);
        let ended = task.state.is_terminal() || task.state == TaskState::ReleaseOrdered;
        let instructed = task_holds::instructed(tx.connection(), &task.subject_index, task.measure).await?;
        let earlier = task_holds::limited_resumes(tx.connection(), task.id).await?;
        let on_its_way = earlier.iter().any(|resumption| !resumption.state.is_terminal());
        let owed = undecided(state) || earlier.iter().any(came_back);
        let wanted = self.parts.settings.limited_resume && task.own_measure && owed && !on_its_way;
        let wanted = wanted && task.limited_at.is_none() && !ended;
        let goes = wanted && runs && !instructed;
        if wanted && !goes {
            // What stands in the way now may be gone before the appeal is decided. Nothing happened that anybody had to read of.
            // Once it is decided nothing has to be looked for: the organ that lets go wakes it.
            let until_let_go = !undecided(state) && runs && instructed;
            let again = Some(tx.now().plus(AGAIN)).filter(|_| !until_let_go);
            return appeals::wind_limited_resume(tx, grant, stored, again).await;
        }
        let detail = json!({ "due": due, "instructed": instructed, "resumes": goes });
        self.write_appeal(tx, grant, stored, "appeal.limited_resume", Some(state), detail, String::new()).await?;
        if goes {
            self.issue_limited_resume(tx, grant, &task, &order, earlier.len()).await?;
        }
        Ok(())
    }

    async fn issue_limited_resume(
        &self,
        tx: &mut Tx,
        grant: &Grant<act::Modify, on::Appeal>,
        task: &StoredTask,
        order: &StoredOrder,
        earlier: usize,
    ) -> Result<(), Failure> {
        let mut back = opposite(task, id_of(task.id, earlier), TaskAction::LimitedResume, task.executor, tx.now());
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

    /// The measure ends as a whole, or an organ orders the whole stop: nothing may come after it that gives or takes a part.
    /// Tells whether anything was on its way.
    pub(crate) async fn overtake_limited_resume<A: ActionName, R: ResourceName>(
        &self,
        tx: &mut Tx,
        grant: &Grant<A, R>,
        of: TaskId,
    ) -> Result<bool, Failure> {
        let all = task_holds::limited_resumes(tx.connection(), of).await?;
        let open: Vec<StoredTask> = all.into_iter().filter(|back| !back.state.is_terminal()).collect();
        let overtaken = !open.is_empty();
        self.overtake(tx, grant, of, open).await?;
        Ok(overtaken)
    }

    async fn overtake<A: ActionName, R: ResourceName>(
        &self,
        tx: &mut Tx,
        grant: &Grant<A, R>,
        of: TaskId,
        open: Vec<StoredTask>,
    ) -> Result<(), Failure> {
        for mut back in open {
            let (_, order) = task_with_order(tx, &Scope::system("a measure ends"), back.id).await?;
            let facts = TaskFacts { system: true, ..self.facts(tx.context(), &back, &order) };
            let step = Move { event: TaskEvent::Overtake, facts, detail: json!({ "by": of }), digest: String::new() };
            self.move_task(tx, grant, &mut back, step, |_task| {}).await?;
        }
        Ok(())
    }

    /// An appeal was decided or not accepted: what was not carried out for its delay is not wanted any more; what was, stays.
    pub(crate) async fn end_limited_resume<A: ActionName>(
        &self,
        tx: &mut Tx,
        grant: &Grant<A, on::Appeal>,
        stored: &mut StoredAppeal,
    ) -> Result<(), Failure> {
        let of = stored.appeal.task;
        let all = task_holds::limited_resumes(tx.connection(), of).await?;
        if !all.iter().any(came_back) {
            stored.appeal.limited_resume_due = None;
        }
        let moot = |back: &StoredTask| !back.state.is_terminal() && back.state != TaskState::Executed;
        self.overtake(tx, grant, of, all.into_iter().filter(moot).collect()).await
    }

    /// Whole stops of an organ are on their way to these targets: nothing that gives a part back may come after them. It is looked
    /// at again in case a stop never gets there.
    pub(crate) async fn stops_on_their_way<A: ActionName, R: ResourceName>(
        &self,
        tx: &mut Tx,
        grant: &Grant<A, R>,
        stops: &HashSet<(&[u8], Measure)>,
        holds: &[StoredTask],
    ) -> Result<(), Failure> {
        let meets = |own: &&StoredTask| {
            let stopped_by = |measure| stops.contains(&(own.subject_index.as_slice(), measure));
            own.own_measure && (stopped_by(own.measure) || stopped_by(Measure::Close))
        };
        let mut met: Vec<&StoredTask> = holds.iter().filter(meets).collect();
        // Always in the same order, so that two who lock several do not wait for each other.
        met.sort_unstable_by(|one, other| {
            (&one.subject_index, one.measure).cmp(&(&other.subject_index, other.measure))
        });
        for own in met {
            task_holds::lock_holds(tx, &own.subject_index, own.measure).await?;
            self.stop_on_its_way(tx, grant, own).await?;
        }
        Ok(())
    }

    async fn stop_on_its_way<A: ActionName, R: ResourceName>(
        &self,
        tx: &mut Tx,
        grant: &Grant<A, R>,
        own: &StoredTask,
    ) -> Result<(), Failure> {
        if self.overtake_limited_resume(tx, grant, own.id).await? {
            self.wind_limited_resume(tx, own.id, tx.now().plus(AGAIN)).await?;
        }
        Ok(())
    }

    /// An organ's stop was carried out where an enterprise's own one had come back in part: that part is gone until the organ lets go.
    pub(crate) async fn stopped_again<A: ActionName, R: ResourceName>(
        &self,
        tx: &mut Tx,
        grant: &Grant<A, R>,
        stop: &StoredTask,
    ) -> Result<(), Failure> {
        for mut own in own_beside(tx, stop).await? {
            if own.limited_at.take().is_some() {
                let detail = json!({ "stopped_by": stop.id });
                self.note_task(tx, grant, &mut own, "task.not_limited", detail, String::new()).await?;
                self.wind_limited_resume(tx, own.id, tx.now().plus(AGAIN)).await?;
            }
        }
        Ok(())
    }

    /// An organ let go of a target: what its stop kept from coming back is looked at now.
    pub(crate) async fn stop_is_gone(&self, tx: &mut Tx, stop: &StoredTask) -> Result<(), Failure> {
        if stop.own_measure || stop.action != TaskAction::Impose {
            return Ok(());
        }
        for own in own_beside(tx, stop).await? {
            let Some(stored) = appeal_of(tx, own.id).await? else { continue };
            let owed = own.limited_at.is_none()
                && task_holds::limited_resumes(tx.connection(), own.id).await?.iter().any(came_back);
            if stored.appeal.limited_resume_due.is_some() || owed {
                self.wind_limited_resume(tx, own.id, tx.now()).await?;
            }
        }
        Ok(())
    }

    /// Sets when the last appeal against a measure is looked at for its resumption.
    async fn wind_limited_resume(&self, tx: &Tx, of: TaskId, at: Timestamp) -> Result<(), Failure> {
        let grant = self.grant::<act::Modify, on::Appeal>(&self.system("an organ stops or lets go"))?;
        let Some(mut stored) = appeal_of(tx, of).await? else { return Ok(()) };
        stored.appeal.limited_resume_due = Some(at);
        appeals::update(tx, &grant, &mut stored).await
    }
}

/// The last appeal against a measure.
async fn appeal_of(tx: &Tx, of: TaskId) -> Result<Option<StoredAppeal>, Failure> {
    let scope = Scope::system("the appeal behind a limited resumption");
    Ok(appeals::by_tasks(tx.connection(), &scope, &[of]).await?.pop())
}

/// The own measures of enterprises that stand where an organ stops the same.
async fn own_beside(tx: &Tx, stop: &StoredTask) -> Result<Vec<StoredTask>, Failure> {
    let holds = task_holds::active_holds(tx.connection(), std::slice::from_ref(&stop.subject_index)).await?;
    let met = |held: &StoredTask| held.own_measure && (held.measure == stop.measure || stop.measure == Measure::Close);
    Ok(holds.into_iter().filter(met).collect())
}
