//! Rows of releases.

use std::collections::HashSet;

use cordon_context::{
    CaseId, Cursor, OrganisationId, Page, PageRequest, PersonId, Refusal, Region, ReleaseId, Scope, TaskId, Timestamp,
};
use cordon_disposal_contract::{Measure, Release, ReleaseReason, ReleaseState};
use cordon_policies::{ActionName, Grant, ResourceName};
use cordon_store::sql::{COUNT, Direction, Reading, Sql, region_value};
use cordon_store::{Failure, Tx};
use sea_orm::{ConnectionTrait, QueryResult};

use super::fields::{self, Column, id, id_if, time, time_if};
use super::reach::RELEASE;

const COLUMNS: &str = "id, task_id, order_id, requester, region, case_id, executor, subject_index, measure, reason, note, \
    organisation, person, at, by_mistake, state, release_task, done_at, own_measure, version";

/// A release as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct StoredRelease {
    pub(crate) id: ReleaseId,
    pub(crate) task: TaskId,
    pub(crate) order: cordon_context::OrderId,
    pub(crate) requester: OrganisationId,
    pub(crate) region: Region,
    pub(crate) case: Option<CaseId>,
    pub(crate) executor: Option<OrganisationId>,
    pub(crate) subject_index: Vec<u8>,
    pub(crate) measure: Measure,
    pub(crate) reason: ReleaseReason,
    pub(crate) note: Option<String>,
    pub(crate) organisation: OrganisationId,
    pub(crate) person: Option<PersonId>,
    pub(crate) at: Timestamp,
    pub(crate) by_mistake: bool,
    pub(crate) state: ReleaseState,
    pub(crate) release_task: Option<TaskId>,
    pub(crate) done_at: Option<Timestamp>,
    pub(crate) own_measure: bool,
    pub(crate) version: i64,
}

impl StoredRelease {
    fn columns(&self) -> Vec<Column> {
        let Self {
            id: release,
            task,
            order,
            requester,
            region,
            case,
            executor,
            subject_index,
            measure,
            reason,
            note,
            organisation,
            person,
            at,
            by_mistake,
            state,
            release_task,
            done_at,
            own_measure,
            version,
        } = self;
        vec![
            ("id", id(*release)),
            ("task_id", id(*task)),
            ("order_id", id(*order)),
            ("requester", id(*requester)),
            ("region", region_value(*region).into()),
            ("case_id", id_if(*case)),
            ("executor", id_if(*executor)),
            ("subject_index", subject_index.clone().into()),
            ("measure", measure.name().into()),
            ("reason", reason.name().into()),
            ("note", note.clone().into()),
            ("organisation", id(*organisation)),
            ("person", id_if(*person)),
            ("at", time(*at)),
            ("by_mistake", (*by_mistake).into()),
            ("state", state.name().into()),
            ("release_task", id_if(*release_task)),
            ("done_at", time_if(*done_at)),
            ("own_measure", (*own_measure).into()),
            ("version", (*version).into()),
        ]
    }

    fn read(row: &QueryResult) -> Result<Self, Failure> {
        let row = Reading::of(row, "task_release");
        Ok(Self {
            id: row.id("id")?,
            task: row.id("task_id")?,
            order: row.id("order_id")?,
            requester: row.id("requester")?,
            region: row.region("region")?,
            case: row.id_if("case_id")?,
            executor: row.id_if("executor")?,
            subject_index: row.get("subject_index")?,
            measure: row.word("measure", Measure::from_name)?,
            reason: row.word("reason", ReleaseReason::from_name)?,
            note: row.get("note")?,
            organisation: row.id("organisation")?,
            person: row.id_if("person")?,
            at: row.time("at")?,
            by_mistake: row.get("by_mistake")?,
            state: row.word("state", ReleaseState::from_name)?,
            release_task: row.id_if("release_task")?,
            done_at: row.time_if("done_at")?,
            own_measure: row.get("own_measure")?,
            version: row.get("version")?,
        })
    }

    /// The shape that others see.
    pub(crate) fn into_release(self, waiting_for: Vec<OrganisationId>, offered: Vec<TaskId>) -> Release {
        let Self {
            id,
            task,
            order,
            requester: _,
            region: _,
            case: _,
            executor: _,
            subject_index: _,
            measure: _,
            reason,
            note,
            organisation,
            person,
            at,
            by_mistake: _,
            state,
            release_task,
            done_at,
            own_measure: _,
            version: _,
        } = self;
        let waiting_for = if state == ReleaseState::WaitingHolders { waiting_for } else { Vec::new() };
        Release {
            id,
            task,
            order,
            reason,
            note,
            organisation,
            person,
            at,
            state,
            waiting_for,
            release_task,
            offered,
            done_at,
        }
    }
}

/// Writes a new release.
pub(crate) async fn insert<A: ActionName, R: ResourceName>(
    tx: &Tx,
    _grant: &Grant<A, R>,
    release: &StoredRelease,
) -> Result<(), Failure> {
    fields::insert(tx.connection(), "task_release", release.columns()).await
}

/// Writes a changed release, if nobody else was faster.
pub(crate) async fn update<A: ActionName, R: ResourceName>(
    tx: &Tx,
    _grant: &Grant<A, R>,
    release: &mut StoredRelease,
) -> Result<(), Failure> {
    fields::update(tx.connection(), "task_release", release.id.uuid(), release.version, release.columns()).await?;
    release.version += 1;
    Ok(())
}

/// Loads releases by their identifiers, within reach or waiting for this organisation's consent.
pub(crate) async fn by_ids<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    holder: OrganisationId,
    releases: &[ReleaseId],
) -> Result<Vec<StoredRelease>, Failure> {
    let found =
        Sql::select(COLUMNS, "task_release").text("id IN ").ids(releases).text(" AND (").within(scope, &RELEASE);
    awaited(found.text(" OR "), holder).text(")").all(connection, StoredRelease::read).await
}

/// Loads one release, within reach or waiting for this organisation's consent.
pub(crate) async fn load<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    holder: OrganisationId,
    release: ReleaseId,
) -> Result<StoredRelease, Failure> {
    by_ids(connection, scope, holder, &[release]).await?.pop().ok_or_else(|| Refusal::not_found().into())
}

/// Loads the releases of tasks, within reach.
pub(crate) async fn by_tasks<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    tasks: &[TaskId],
) -> Result<Vec<StoredRelease>, Failure> {
    Sql::select(COLUMNS, "task_release")
        .by_ids("task_id", tasks, scope, &RELEASE)
        .text(" ORDER BY at, id")
        .all(connection, StoredRelease::read)
        .await
}

/// Lists the releases that wait for this organisation's consent, the oldest first.
pub(crate) async fn awaiting<C: ConnectionTrait>(
    connection: &C,
    holder: OrganisationId,
    page: &PageRequest,
) -> Result<Page<StoredRelease>, Failure> {
    let rows = awaited(Sql::select(COLUMNS, "task_release"), holder)
        .page("at", "id", Direction::Ascending, page)
        .all(connection, StoredRelease::read)
        .await?;
    Ok(Page::cut(rows, page, None, |release| Cursor { key: release.at.millis(), id: release.id.uuid() }))
}

/// The releases of a target and a measure for which no release task is out.
pub(crate) async fn waiting_for<C: ConnectionTrait>(
    connection: &C,
    index: &[u8],
    measure: Measure,
) -> Result<Vec<StoredRelease>, Failure> {
    Sql::select(COLUMNS, "task_release")
        .with("state <> 'done' AND state = 'waiting_holders' AND subject_index = ", index.to_vec())
        .with(" AND measure = ", measure.name())
        .text(" ORDER BY at, id")
        .all(connection, StoredRelease::read)
        .await
}

/// Of these targets, those whose release task is out for a measure.
pub(crate) async fn under_way<C: ConnectionTrait>(
    connection: &C,
    indexes: &[Vec<u8>],
) -> Result<HashSet<(Vec<u8>, Measure)>, Failure> {
    let mut found = HashSet::new();
    for part in indexes.chunks(500) {
        let query = Sql::select(COLUMNS, "task_release")
            .text("state <> 'done' AND state = 'ordered' AND subject_index IN ")
            .list(part.iter().cloned());
        let releases = query.all(connection, StoredRelease::read).await?;
        found.extend(releases.into_iter().map(|release| (release.subject_index, release.measure)));
    }
    Ok(found)
}

/// The releases that wait for holders of whom none is left.
pub(crate) async fn forgotten<C: ConnectionTrait>(connection: &C, at_most: u32) -> Result<Vec<ReleaseId>, Failure> {
    Sql::select("id", "task_release")
        .text(
            "state = 'waiting_holders' AND NOT EXISTS (SELECT 1 FROM task held WHERE held.hold = 'active' \
             AND held.subject_index = task_release.subject_index AND held.measure = task_release.measure)",
        )
        .with(" ORDER BY at, id LIMIT ", i64::from(at_most))
        .all_ids(connection)
        .await
}

/// Whether a release was ever decided for a task.
pub(crate) async fn is_released<C: ConnectionTrait>(connection: &C, task: TaskId) -> Result<bool, Failure> {
    Ok(Sql::select(COUNT, "task_release").with("task_id = ", task.uuid()).count(connection).await? > 0)
}

/// The releases that a release task carries out.
pub(crate) async fn of_release_task<C: ConnectionTrait>(
    connection: &C,
    task: TaskId,
) -> Result<Vec<StoredRelease>, Failure> {
    Sql::select(COLUMNS, "task_release").with("release_task = ", task.uuid()).all(connection, StoredRelease::read).await
}

fn awaited(sql: Sql, holder: OrganisationId) -> Sql {
    sql.text(
        "(state = 'waiting_holders' AND EXISTS (SELECT 1 FROM task held WHERE held.hold = 'active' \
         AND held.subject_index = task_release.subject_index AND held.measure = task_release.measure AND held.requester = ",
    )
    .bind(holder.uuid())
        .text("))")
}
