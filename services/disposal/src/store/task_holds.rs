//! Holds: which tasks keep a target under a measure, and how they stand still while somebody lets go.

use cordon_context::TaskId;
use cordon_disposal_contract::{DeskReason, Measure, TaskAction, TaskState};
use cordon_policies::{ActionName, Grant, ResourceName};
use cordon_store::sql::{COUNT, Sql};
use cordon_store::{Failure, Tx};
use sea_orm::{ConnectionTrait, DbBackend};

use super::fields;
use super::tasks::{COLUMNS, StoredTask};

/// Holds a measure fast while another order joins it: a release of it at the same moment meets a conflict, and so does this.
pub(crate) async fn hold_fast<A: ActionName, R: ResourceName>(
    tx: &Tx,
    _grant: &Grant<A, R>,
    held: &StoredTask,
) -> Result<(), Failure> {
    fields::update(tx.connection(), "task", held.id.uuid(), held.version, Vec::new()).await
}

/// The tasks by which these targets are, or may be, under a measure: from the moment that an executor began.
pub(crate) async fn active_holds<C: ConnectionTrait>(
    connection: &C,
    indexes: &[Vec<u8>],
) -> Result<Vec<StoredTask>, Failure> {
    let mut found = Vec::new();
    for part in indexes.chunks(500) {
        let query =
            Sql::select(COLUMNS, "task").text("hold = 'active' AND subject_index IN ").list(part.iter().cloned());
        found.extend(query.all(connection, StoredTask::read).await?);
    }
    Ok(found)
}

/// Whether a measure that an organ did not let go of stands on a target, or is on its way there.
pub(crate) async fn instructed<C: ConnectionTrait>(
    connection: &C,
    index: &[u8],
    measure: Measure,
) -> Result<bool, Failure> {
    let goes_on = |state: &&TaskState| !state.is_terminal() && **state != TaskState::ReleaseOrdered;
    let states = TaskState::ALL.iter().filter(goes_on).map(|state| state.name());
    let query =
        Sql::select(COUNT, "task").text("own_measure = ").bind(false).with(" AND action = ", TaskAction::Impose.name());
    let query = query.with(" AND subject_index = ", index.to_vec()).text(" AND measure IN ");
    // What is closed for good does not come back in part either.
    let query = query.list([measure.name(), Measure::Close.name()]);
    Ok(query.text(" AND state IN ").list(states).count(connection).await? > 0)
}

/// The tasks that brought a measure back in part, or are on their way to, the oldest first.
pub(crate) async fn limited_resumes<C: ConnectionTrait>(
    connection: &C,
    of: TaskId,
) -> Result<Vec<StoredTask>, Failure> {
    Sql::select(COLUMNS, "task")
        .with("reverses = ", of.uuid())
        .with(" AND action = ", TaskAction::LimitedResume.name())
        .text(" ORDER BY issued_at, id")
        .all(connection, StoredTask::read)
        .await
}

/// Holds every hold on a target and a measure fast until the transaction ends.
///
/// Who lets go counts the holds of others afterwards. Without this, two holders who let go at the same moment would each see the
/// other's hold and nobody would send the release out. SQLite has one writer, so nothing has to be locked there.
pub(crate) async fn lock_holds(tx: &Tx, index: &[u8], measure: Measure) -> Result<(), Failure> {
    if tx.connection().get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let _held: Vec<TaskId> = Sql::select("id", "task")
        .with("hold = 'active' AND subject_index = ", index.to_vec())
        .with(" AND measure = ", measure.name())
        .text(" ORDER BY id FOR UPDATE")
        .all_ids(tx.connection())
        .await?;
    Ok(())
}

/// The tasks against a target that wait at the desk until an earlier measure of the same kind is undone.
pub(crate) async fn awaiting_release<C: ConnectionTrait>(
    connection: &C,
    index: &[u8],
    measure: Measure,
) -> Result<Vec<StoredTask>, Failure> {
    Sql::select(COLUMNS, "task")
        .with("state = 'desk' AND desk_reason = ", DeskReason::AwaitsRelease.name())
        .with(" AND subject_index = ", index.to_vec())
        .with(" AND measure = ", measure.name())
        .text(" ORDER BY issued_at, id")
        .all(connection, StoredTask::read)
        .await
}
