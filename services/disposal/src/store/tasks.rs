//! Rows of tasks.

use std::collections::HashSet;

use cordon_context::{
    Actor, CaseId, ItemId, OrderId, OrganisationId, PersonId, Refusal, Region, Scope, SubjectId, TaskId, Timestamp,
};
use cordon_disposal_contract::{
    DeskReason, Escalation, LegalBasis, Light, Measure, Pace, PendingRenewal, PhoneFunction, RefusalCode, Subject,
    Task, TaskAction, TaskState, Urgency,
};
use cordon_policies::{ActionName, Grant, ResourceName};
use cordon_store::sql::{Reading, Sql, region_value};
use cordon_store::{Failure, Tx};
use sea_orm::{ConnectionTrait, QueryResult};
use serde::{Deserialize, Serialize};

use super::fields::{self, Column, count, id, id_if, json, json_if, time, time_if};
use super::items;
use super::reach::TASK;
use crate::domain::deadlines::{self, Timing};

pub(super) const COLUMNS: &str = "id, order_id, order_number, item_id, subject_id, subject_index, kind, identifier_kind, masked, \
    requester, region, case_id, action, reverses, measure, functions, urgency, pace, by_mistake, issued_at, joined, executor, \
    generation, generation_at, acknowledge_due, execute_due, days, hops, state, desk_reason, partial, entered_at, due, next_alarm, alarmed, overdue, escalation, \
    executed_at, effective_from, effective_to, hold, reminded, appealed, review_flag, refusal, failures, retry_at, payload_digest, \
    renewal, own_measure, limited_at, version";

/// Whether the requester holds the measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hold {
    /// Not yet, or never.
    None,
    /// It does.
    Active,
    /// It did.
    Lifted,
}

impl Hold {
    const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Active => "active",
            Self::Lifted => "lifted",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        match name {
            "none" => Some(Self::None),
            "active" => Some(Self::Active),
            "lifted" => Some(Self::Lifted),
            _ => None,
        }
    }
}

/// A longer time in force that somebody asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Renewal {
    /// Until when.
    pub(crate) effective_to: Timestamp,
    /// Why.
    pub(crate) reason: String,
    /// Who asked.
    pub(crate) by: PersonId,
    /// The document that it rests on, if it is not the order's.
    #[serde(default)]
    pub(crate) legal_basis: Option<LegalBasis>,
    /// Whether it was agreed to; it is kept for its document.
    #[serde(default)]
    pub(crate) agreed: bool,
}

/// A task as it is stored.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a column")]
pub(crate) struct StoredTask {
    pub(crate) id: TaskId,
    pub(crate) order: OrderId,
    pub(crate) order_number: String,
    pub(crate) item: ItemId,
    pub(crate) subject: Subject,
    pub(crate) subject_index: Vec<u8>,
    pub(crate) requester: OrganisationId,
    pub(crate) region: Region,
    pub(crate) case: Option<CaseId>,
    pub(crate) action: TaskAction,
    pub(crate) reverses: Option<TaskId>,
    pub(crate) measure: Measure,
    pub(crate) functions: Vec<PhoneFunction>,
    pub(crate) urgency: Urgency,
    pub(crate) pace: Pace,
    pub(crate) by_mistake: bool,
    pub(crate) issued_at: Timestamp,
    pub(crate) joined: bool,
    pub(crate) executor: Option<OrganisationId>,
    pub(crate) generation: i32,
    pub(crate) generation_at: Timestamp,
    /// Until when this generation must be acknowledged.
    pub(crate) acknowledge_due: Timestamp,
    /// Until when this generation must be executed.
    pub(crate) execute_due: Timestamp,
    /// For how many days the measure holds; none means without end.
    pub(crate) days: Option<u32>,
    pub(crate) hops: i32,
    pub(crate) state: TaskState,
    pub(crate) desk_reason: Option<DeskReason>,
    pub(crate) partial: bool,
    pub(crate) entered_at: Timestamp,
    pub(crate) due: Option<Timestamp>,
    pub(crate) next_alarm: Option<Timestamp>,
    /// The worst light that was told of in this state.
    pub(crate) alarmed: Light,
    pub(crate) overdue: bool,
    pub(crate) escalation: Escalation,
    pub(crate) executed_at: Option<Timestamp>,
    pub(crate) effective_from: Option<Timestamp>,
    pub(crate) effective_to: Option<Timestamp>,
    pub(crate) hold: Hold,
    /// Whether the requester was reminded that the measure ends.
    pub(crate) reminded: bool,
    pub(crate) appealed: bool,
    pub(crate) review_flag: Option<String>,
    pub(crate) refusal: Option<RefusalCode>,
    pub(crate) failures: u32,
    pub(crate) retry_at: Option<Timestamp>,
    pub(crate) payload_digest: Option<String>,
    pub(crate) renewal: Option<Renewal>,
    /// Whether an enterprise took it on its own finding.
    pub(crate) own_measure: bool,
    /// Since when a limited resumption leaves only a part of the measure.
    pub(crate) limited_at: Option<Timestamp>,
    pub(crate) version: i64,
}

impl StoredTask {
    /// What its deadlines depend on.
    pub(crate) fn timing(&self) -> Timing {
        Timing {
            action: self.action,
            urgency: self.urgency,
            pace: self.pace,
            issued_at: self.generation_at,
            by_mistake: self.by_mistake,
        }
    }

    /// From when the present deadline is counted: answers of the executor count from the issue, unless it has to do it again.
    pub(crate) fn clock_from(&self) -> Timestamp {
        let counts_from_issue = self.state.waits_for_executor() && self.state != TaskState::VerifyFailed;
        if counts_from_issue { self.generation_at } else { self.entered_at }
    }

    pub(super) fn read(row: &QueryResult) -> Result<Self, Failure> {
        let row = Reading::of(row, "task");
        Ok(Self {
            id: row.id("id")?,
            order: row.id("order_id")?,
            order_number: row.get("order_number")?,
            item: row.id("item_id")?,
            subject: items::subject(&row)?,
            subject_index: row.get("subject_index")?,
            requester: row.id("requester")?,
            region: row.region("region")?,
            case: row.id_if("case_id")?,
            action: row.word("action", TaskAction::from_name)?,
            reverses: row.id_if("reverses")?,
            measure: row.word("measure", Measure::from_name)?,
            functions: row.json("functions")?,
            urgency: row.word("urgency", Urgency::from_name)?,
            pace: row.word("pace", Pace::from_name)?,
            by_mistake: row.get("by_mistake")?,
            issued_at: row.time("issued_at")?,
            joined: row.get("joined")?,
            executor: row.id_if("executor")?,
            generation: row.get("generation")?,
            generation_at: row.time("generation_at")?,
            acknowledge_due: row.time("acknowledge_due")?,
            execute_due: row.time("execute_due")?,
            days: row.count_if("days")?,
            hops: row.get("hops")?,
            state: row.word("state", TaskState::from_name)?,
            desk_reason: row.word_if("desk_reason", DeskReason::from_name)?,
            partial: row.get("partial")?,
            entered_at: row.time("entered_at")?,
            due: row.time_if("due")?,
            next_alarm: row.time_if("next_alarm")?,
            alarmed: row.word("alarmed", Light::from_name)?,
            overdue: row.get("overdue")?,
            escalation: row.word("escalation", Escalation::from_name)?,
            executed_at: row.time_if("executed_at")?,
            effective_from: row.time_if("effective_from")?,
            effective_to: row.time_if("effective_to")?,
            hold: row.word("hold", Hold::from_name)?,
            reminded: row.get("reminded")?,
            appealed: row.get("appealed")?,
            review_flag: row.get("review_flag")?,
            refusal: row.word_if("refusal", RefusalCode::from_name)?,
            failures: row.count("failures")?,
            retry_at: row.time_if("retry_at")?,
            payload_digest: row.get("payload_digest")?,
            renewal: row.json_if("renewal")?,
            own_measure: row.get("own_measure")?,
            limited_at: row.time_if("limited_at")?,
            version: row.get("version")?,
        })
    }

    pub(super) fn columns(&self) -> Result<Vec<Column>, Failure> {
        let Self {
            id: task,
            order,
            order_number,
            item,
            subject,
            subject_index,
            requester,
            region,
            case,
            action,
            reverses,
            measure,
            functions,
            urgency,
            pace,
            by_mistake,
            issued_at,
            joined,
            executor,
            generation,
            generation_at,
            acknowledge_due,
            execute_due,
            days,
            hops,
            state,
            desk_reason,
            partial,
            entered_at,
            due,
            next_alarm,
            alarmed,
            overdue,
            escalation,
            executed_at,
            effective_from,
            effective_to,
            hold,
            reminded,
            appealed,
            review_flag,
            refusal,
            failures,
            retry_at,
            payload_digest,
            renewal,
            own_measure,
            limited_at,
            version,
        } = self;
        let Subject { id: subject, kind, identifier_kind, masked } = subject;
        Ok(vec![
            ("id", id(*task)),
            ("order_id", id(*order)),
            ("order_number", order_number.clone().into()),
            ("item_id", id(*item)),
            ("subject_id", id::<cordon_context::SubjectKind>(*subject)),
            ("subject_index", subject_index.clone().into()),
            ("kind", kind.name().into()),
            ("identifier_kind", identifier_kind.code().into()),
            ("masked", masked.clone().into()),
            ("requester", id(*requester)),
            ("region", region_value(*region).into()),
            ("case_id", id_if(*case)),
            ("action", action.name().into()),
            ("reverses", id_if(*reverses)),
            ("measure", measure.name().into()),
            ("functions", json(functions)?),
            ("urgency", urgency.name().into()),
            ("pace", pace.name().into()),
            ("by_mistake", (*by_mistake).into()),
            ("issued_at", time(*issued_at)),
            ("joined", (*joined).into()),
            ("executor", id_if(*executor)),
            ("generation", (*generation).into()),
            ("generation_at", time(*generation_at)),
            ("acknowledge_due", time(*acknowledge_due)),
            ("execute_due", time(*execute_due)),
            ("days", days.map(|days| i32::try_from(days).unwrap_or(i32::MAX)).into()),
            ("hops", (*hops).into()),
            ("state", state.name().into()),
            ("open", state.waits_for_executor().into()),
            ("desk_reason", desk_reason.map(DeskReason::name).into()),
            ("partial", (*partial).into()),
            ("entered_at", time(*entered_at)),
            ("due", time_if(*due)),
            ("next_alarm", time_if(*next_alarm)),
            ("alarmed", alarmed.name().into()),
            ("overdue", (*overdue).into()),
            ("escalation", escalation.name().into()),
            ("executed_at", time_if(*executed_at)),
            ("effective_from", time_if(*effective_from)),
            ("effective_to", time_if(*effective_to)),
            ("hold", hold.name().into()),
            ("reminded", (*reminded).into()),
            ("appealed", (*appealed).into()),
            ("review_flag", review_flag.clone().into()),
            ("refusal", refusal.map(RefusalCode::name).into()),
            ("failures", count(*failures)),
            ("retry_at", time_if(*retry_at)),
            ("payload_digest", payload_digest.clone().into()),
            ("renewal", json_if(renewal.as_ref())?),
            ("own_measure", (*own_measure).into()),
            ("limited_at", time_if(*limited_at)),
            ("version", (*version).into()),
        ])
    }

    /// The shape that this reader sees: what the organ thinks about the measure is not the executor's business.
    pub(crate) fn shown_to(self, reader: &Actor, now: Timestamp) -> Task {
        let task = self.into_task(now);
        if reader.organisation_kind.is_enterprise() { Task { review_flag: None, renewal: None, ..task } } else { task }
    }

    /// The shape that others see.
    pub(crate) fn into_task(self, now: Timestamp) -> Task {
        let light = deadlines::light(self.clock_from(), self.due, now);
        let Self {
            id,
            order,
            order_number,
            item,
            subject,
            subject_index: _,
            requester,
            region,
            case: _,
            action,
            reverses,
            measure,
            functions,
            urgency,
            pace: _,
            by_mistake: _,
            issued_at,
            joined,
            executor,
            generation,
            generation_at: _,
            acknowledge_due: _,
            execute_due: _,
            days: _,
            hops,
            state,
            desk_reason,
            partial,
            entered_at,
            due,
            next_alarm: _,
            alarmed: _,
            overdue,
            escalation,
            executed_at,
            effective_from,
            effective_to,
            hold: _,
            reminded: _,
            appealed,
            review_flag,
            refusal,
            failures: _,
            retry_at,
            payload_digest,
            renewal,
            own_measure,
            limited_at,
            version,
        } = self;
        Task {
            id,
            order,
            order_number,
            item,
            requester,
            region,
            action,
            reverses,
            subject,
            measure,
            functions,
            urgency,
            executor,
            generation,
            hops,
            state,
            desk_reason,
            joined,
            partial,
            issued_at,
            entered_at,
            due,
            light,
            overdue: overdue || light == Light::Overdue,
            escalation,
            executed_at,
            effective_from,
            effective_to,
            own_measure,
            limited_at,
            appealed,
            review_flag,
            renewal: renewal.filter(|renewal| !renewal.agreed).map(
                |Renewal { effective_to, reason, by, legal_basis, agreed: _ }| PendingRenewal {
                    effective_to,
                    reason,
                    asked_by: by,
                    legal_basis,
                },
            ),
            refusal,
            retry_at,
            payload_digest,
            version,
        }
    }
}

/// Writes new tasks together with their first hop.
pub(crate) async fn insert<A: ActionName, R: ResourceName>(
    tx: &Tx,
    _grant: &Grant<A, R>,
    tasks: &[StoredTask],
) -> Result<(), Failure> {
    let rows = tasks.iter().map(StoredTask::columns).collect::<Result<Vec<_>, _>>()?;
    fields::insert_all(tx.connection(), "task", rows).await?;
    let hops = tasks.iter().filter_map(|task| task.executor.map(|executor| hop_columns(task, executor))).collect();
    fields::insert_all(tx.connection(), "task_hop", hops).await
}

/// Writes a changed task, if nobody else was faster; its version grows. A new executor or generation becomes a hop.
pub(crate) async fn update<A: ActionName, R: ResourceName>(
    tx: &Tx,
    _grant: &Grant<A, R>,
    task: &mut StoredTask,
) -> Result<(), Failure> {
    fields::update(tx.connection(), "task", task.id.uuid(), task.version, task.columns()?).await?;
    task.version += 1;
    if let Some(executor) = task.executor {
        Sql::new("INSERT INTO task_hop (task_id, generation, executor, at) VALUES (")
            .bind(task.id.uuid())
            .with(", ", task.generation)
            .with(", ", executor.uuid())
            .with(", ", task.generation_at.millis())
            .text(") ON CONFLICT DO NOTHING")
            .run(tx.connection())
            .await?;
    }
    Ok(())
}

fn hop_columns(task: &StoredTask, executor: OrganisationId) -> Vec<Column> {
    vec![
        ("task_id", id(task.id)),
        ("generation", task.generation.into()),
        ("executor", id(executor)),
        ("at", time(task.generation_at)),
    ]
}

/// Loads one task within reach.
pub(crate) async fn load<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    task: TaskId,
) -> Result<StoredTask, Failure> {
    by_ids(connection, scope, &[task]).await?.pop().ok_or_else(|| Refusal::not_found().into())
}

/// Loads the tasks within reach among these.
pub(crate) async fn by_ids<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    tasks: &[TaskId],
) -> Result<Vec<StoredTask>, Failure> {
    Sql::select(COLUMNS, "task").by_ids("id", tasks, scope, &TASK).all(connection, StoredTask::read).await
}

/// Loads the tasks of these items within reach, the oldest first.
pub(crate) async fn by_items<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    of: &[ItemId],
) -> Result<Vec<StoredTask>, Failure> {
    Sql::select(COLUMNS, "task")
        .by_ids("item_id", of, scope, &TASK)
        .text(" ORDER BY issued_at, id")
        .all(connection, StoredTask::read)
        .await
}

/// Loads the tasks of an order that impose, the oldest first; the order was loaded within reach before.
pub(crate) async fn of_order<C: ConnectionTrait>(connection: &C, order: OrderId) -> Result<Vec<StoredTask>, Failure> {
    Sql::select(COLUMNS, "task")
        .with("order_id = ", order.uuid())
        .text(" AND action = 'impose' ORDER BY issued_at, id")
        .all(connection, StoredTask::read)
        .await
}

/// Tasks against these subjects that are in force or on their way, within reach.
pub(crate) async fn against<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    subjects: &[SubjectId],
) -> Result<Vec<StoredTask>, Failure> {
    Sql::select(COLUMNS, "task")
        .by_ids("subject_id", subjects, scope, &TASK)
        .text(" AND action = 'impose' AND state NOT IN ('released', 'withdrawn', 'done', 'rejected') ORDER BY issued_at, id")
        .all(connection, StoredTask::read)
        .await
}

/// The measures against a target that an appeal could be against, within reach, the newest first.
pub(crate) async fn appealable<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    subject: SubjectId,
) -> Result<Vec<StoredTask>, Failure> {
    Sql::select(COLUMNS, "task")
        .by_ids("subject_id", &[subject], scope, &TASK)
        .text(" AND action = 'impose' AND state IN ('executed', 'verify_failed', 'in_force') ORDER BY issued_at DESC, id DESC")
        .all(connection, StoredTask::read)
        .await
}

/// The tasks of a case that are in force or on their way.
pub(crate) async fn of_case<C: ConnectionTrait>(connection: &C, case: CaseId) -> Result<Vec<StoredTask>, Failure> {
    Sql::select(COLUMNS, "task")
        .with(
            "action = 'impose' AND state NOT IN ('released', 'withdrawn', 'done', 'release_ordered') AND case_id = ",
            case.uuid(),
        )
        .all(connection, StoredTask::read)
        .await
}

/// Which of these tasks were ever addressed to one of these organisations.
pub(crate) async fn ever_addressed<C: ConnectionTrait>(
    connection: &C,
    tasks: &[TaskId],
    organisations: &[OrganisationId],
) -> Result<Vec<TaskId>, Failure> {
    Sql::select("DISTINCT task_id", "task_hop")
        .text("task_id IN ")
        .ids(tasks)
        .text(" AND executor IN ")
        .ids(organisations)
        .all_ids(connection)
        .await
}

/// The generations of these tasks that were addressed to one of these organisations.
pub(crate) async fn generations_of<C: ConnectionTrait>(
    connection: &C,
    tasks: &[TaskId],
    organisations: &[OrganisationId],
) -> Result<HashSet<(TaskId, i32)>, Failure> {
    let found = Sql::select("task_id, generation", "task_hop")
        .text("task_id IN ")
        .ids(tasks)
        .text(" AND executor IN ")
        .ids(organisations)
        .all(connection, |row| {
            let row = Reading::keyed(row, "task_hop", "task_id");
            Ok((row.id("task_id")?, row.get("generation")?))
        })
        .await?;
    Ok(found.into_iter().collect())
}

/// Other measures of the same order that are in force, which may be offered for release as well.
pub(crate) async fn offered<C: ConnectionTrait>(
    connection: &C,
    order: OrderId,
    but: TaskId,
) -> Result<Vec<TaskId>, Failure> {
    Sql::select("id", "task")
        .with("order_id = ", order.uuid())
        .with(" AND action = 'impose' AND state = 'in_force' AND id <> ", but.uuid())
        .text(" ORDER BY id LIMIT 50")
        .all_ids(connection)
        .await
}
