//! Rows of notices.

use cordon_context::{CaseId, NoticeId, OrganisationId, Refusal, Region, Scope, TaskId, Timestamp};
use cordon_disposal_contract::{Notice, NoticeChannel, NoticeKind, NoticeState};
use cordon_policies::{ActionName, Grant, ResourceName};
use cordon_store::{Failure, Tx};
use sea_orm::{ConnectionTrait, QueryResult};

use super::delivery_query::{Query, number};
use super::fields::{self, Column, Fields, id, id_if, json, time, time_if};
use super::reach::{NOTICE, within};

const COLUMNS: &str = "id, task_id, order_id, requester, region, case_id, kind, state, giver, due, reason, remedy, documents, text, \
    sent_at, channel, reference, deferral_reason, deferral_by, deferral_approver, review_at, overdue, next_alarm, version";

/// A notice as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct StoredNotice {
    pub(crate) notice: Notice,
    pub(crate) requester: OrganisationId,
    pub(crate) region: Region,
    pub(crate) case: Option<CaseId>,
    pub(crate) next_alarm: Option<Timestamp>,
    pub(crate) version: i64,
}

impl StoredNotice {
    fn columns(&self) -> Result<Vec<Column>, Failure> {
        let Self { notice, requester, region, case, next_alarm, version } = self;
        let Notice {
            id: notice,
            task,
            order,
            kind,
            state,
            giver,
            due,
            reason,
            remedy,
            documents,
            text,
            sent_at,
            channel,
            reference,
            deferral_reason,
            deferral_by,
            deferral_approver,
            review_at,
            overdue,
        } = notice;
        Ok(vec![
            ("id", id(*notice)),
            ("task_id", id(*task)),
            ("order_id", id(*order)),
            ("requester", id(*requester)),
            ("region", number(region.number()).into()),
            ("case_id", id_if(*case)),
            ("kind", kind.name().into()),
            ("state", state.name().into()),
            ("giver", id(*giver)),
            ("due", time(*due)),
            ("reason", json(reason)?),
            ("remedy", json(remedy)?),
            ("documents", json(documents)?),
            ("text", json(text)?),
            ("sent_at", time_if(*sent_at)),
            ("channel", channel.map(NoticeChannel::name).into()),
            ("reference", reference.clone().into()),
            ("deferral_reason", deferral_reason.clone().into()),
            ("deferral_by", id_if(*deferral_by)),
            ("deferral_approver", id_if(*deferral_approver)),
            ("review_at", time_if(*review_at)),
            ("overdue", (*overdue).into()),
            ("next_alarm", time_if(*next_alarm)),
            ("version", (*version).into()),
        ])
    }

    fn read(row: &QueryResult) -> Result<Self, Failure> {
        let fields = Fields::new(row, "notice", "id")?;
        Ok(Self {
            notice: Notice {
                id: fields.id("id")?,
                task: fields.id("task_id")?,
                order: fields.id("order_id")?,
                kind: fields.word("kind", NoticeKind::from_name)?,
                state: fields.word("state", NoticeState::from_name)?,
                giver: fields.id("giver")?,
                due: fields.time("due")?,
                reason: fields.json("reason")?,
                remedy: fields.json("remedy")?,
                documents: fields.json("documents")?,
                text: fields.json("text")?,
                sent_at: fields.time_if("sent_at")?,
                channel: fields.word_if("channel", NoticeChannel::from_name)?,
                reference: fields.get("reference")?,
                deferral_reason: fields.get("deferral_reason")?,
                deferral_by: fields.id_if("deferral_by")?,
                deferral_approver: fields.id_if("deferral_approver")?,
                review_at: fields.time_if("review_at")?,
                overdue: fields.get("overdue")?,
            },
            requester: fields.id("requester")?,
            region: fields.region("region")?,
            case: fields.id_if("case_id")?,
            next_alarm: fields.time_if("next_alarm")?,
            version: fields.get("version")?,
        })
    }
}

/// Writes a new notice.
pub(crate) async fn insert<A: ActionName, R: ResourceName>(
    tx: &Tx,
    _grant: &Grant<A, R>,
    notice: &StoredNotice,
) -> Result<(), Failure> {
    fields::insert(tx.connection(), "notice", notice.columns()?).await
}

/// Writes a changed notice, if nobody else was faster.
pub(crate) async fn update<A: ActionName, R: ResourceName>(
    tx: &Tx,
    _grant: &Grant<A, R>,
    notice: &mut StoredNotice,
) -> Result<(), Failure> {
    fields::update(tx.connection(), "notice", notice.notice.id.uuid(), notice.version, notice.columns()?).await?;
    notice.version += 1;
    Ok(())
}

/// Loads one notice within reach.
pub(crate) async fn load<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    notice: NoticeId,
) -> Result<StoredNotice, Failure> {
    by_ids(connection, scope, &[notice]).await?.pop().ok_or_else(|| Refusal::not_found().into())
}

/// Loads notices by their identifiers, within reach.
pub(crate) async fn by_ids<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    notices: &[NoticeId],
) -> Result<Vec<StoredNotice>, Failure> {
    let query = Query::new("SELECT ")
        .text(COLUMNS)
        .text(" FROM notice WHERE id IN ")
        .list(notices.iter().map(|notice| notice.uuid()))
        .text(" AND ");
    read_all(connection, within(query, scope, NOTICE)).await
}

/// Loads the notices of tasks, within reach, the oldest first.
pub(crate) async fn by_tasks<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    tasks: &[TaskId],
) -> Result<Vec<StoredNotice>, Failure> {
    let query = Query::new("SELECT ")
        .text(COLUMNS)
        .text(" FROM notice WHERE task_id IN ")
        .list(tasks.iter().map(|task| task.uuid()))
        .text(" AND ");
    read_all(connection, within(query, scope, NOTICE).text(" ORDER BY due, id")).await
}

/// The notices whose clock has to be looked at.
pub(crate) async fn alarms<C: ConnectionTrait>(
    connection: &C,
    now: Timestamp,
    at_most: u32,
) -> Result<Vec<NoticeId>, Failure> {
    let rows = Query::new("SELECT id FROM notice WHERE next_alarm <= ")
        .value(now.millis())
        .text(" ORDER BY next_alarm LIMIT ")
        .value(i64::from(at_most))
        .all(connection)
        .await?;
    rows.iter().map(|row| Ok(NoticeId::from_uuid(row.try_get("", "id")?))).collect()
}

async fn read_all<C: ConnectionTrait>(connection: &C, query: Query) -> Result<Vec<StoredNotice>, Failure> {
    let rows = query.all(connection).await?;
    rows.iter().map(StoredNotice::read).collect()
}
