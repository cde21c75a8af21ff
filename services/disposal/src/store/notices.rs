//! Rows of notices.

use cordon_context::{CaseId, NoticeId, OrganisationId, Refusal, Region, Scope, TaskId, Timestamp};
use cordon_disposal_contract::{Notice, NoticeChannel, NoticeKind, NoticeState};
use cordon_policies::{ActionName, Grant, ResourceName};
use cordon_store::sql::{Reading, Sql, region_value};
use cordon_store::{Failure, Tx};
use sea_orm::{ConnectionTrait, QueryResult};

use super::fields::{self, Column, id, id_if, json, time, time_if};
use super::reach::NOTICE;

const COLUMNS: &str = "id, task_id, order_id, requester, region, case_id, kind, state, giver, due, reason, remedy, documents, text, \
    sent_at, channel, reference, deferral_reason, deferral_by, deferral_approver, review_at, overdue, own_measure, next_alarm, version";

/// A notice as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct StoredNotice {
    pub(crate) notice: Notice,
    pub(crate) requester: OrganisationId,
    pub(crate) region: Region,
    pub(crate) case: Option<CaseId>,
    pub(crate) own_measure: bool,
    pub(crate) next_alarm: Option<Timestamp>,
    pub(crate) version: i64,
}

impl StoredNotice {
    fn columns(&self) -> Result<Vec<Column>, Failure> {
        let Self { notice, requester, region, case, own_measure, next_alarm, version } = self;
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
            version: _,
        } = notice;
        Ok(vec![
            ("id", id(*notice)),
            ("task_id", id(*task)),
            ("order_id", id(*order)),
            ("requester", id(*requester)),
            ("region", region_value(*region).into()),
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
            ("own_measure", (*own_measure).into()),
            ("next_alarm", time_if(*next_alarm)),
            ("version", (*version).into()),
        ])
    }

    fn read(row: &QueryResult) -> Result<Self, Failure> {
        let row = Reading::of(row, "notice");
        Ok(Self {
            notice: Notice {
                id: row.id("id")?,
                task: row.id("task_id")?,
                order: row.id("order_id")?,
                kind: row.word("kind", NoticeKind::from_name)?,
                state: row.word("state", NoticeState::from_name)?,
                giver: row.id("giver")?,
                due: row.time("due")?,
                reason: row.json("reason")?,
                remedy: row.json("remedy")?,
                documents: row.json("documents")?,
                text: row.json("text")?,
                sent_at: row.time_if("sent_at")?,
                channel: row.word_if("channel", NoticeChannel::from_name)?,
                reference: row.get("reference")?,
                deferral_reason: row.get("deferral_reason")?,
                deferral_by: row.id_if("deferral_by")?,
                deferral_approver: row.id_if("deferral_approver")?,
                review_at: row.time_if("review_at")?,
                overdue: row.get("overdue")?,
                version: row.get("version")?,
            },
            requester: row.id("requester")?,
            region: row.region("region")?,
            case: row.id_if("case_id")?,
            own_measure: row.get("own_measure")?,
            next_alarm: row.time_if("next_alarm")?,
            version: row.get("version")?,
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
    notice.notice.version = notice.version;
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
    Sql::select(COLUMNS, "notice").by_ids("id", notices, scope, &NOTICE).all(connection, StoredNotice::read).await
}

/// Loads the notices of tasks, within reach, the oldest first.
pub(crate) async fn by_tasks<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    tasks: &[TaskId],
) -> Result<Vec<StoredNotice>, Failure> {
    Sql::select(COLUMNS, "notice")
        .by_ids("task_id", tasks, scope, &NOTICE)
        .text(" ORDER BY due, id")
        .all(connection, StoredNotice::read)
        .await
}

/// The notices whose clock has to be looked at.
pub(crate) async fn alarms<C: ConnectionTrait>(
    connection: &C,
    now: Timestamp,
    at_most: u32,
) -> Result<Vec<NoticeId>, Failure> {
    Sql::select("id", "notice")
        .with("next_alarm <= ", now.millis())
        .with(" ORDER BY next_alarm LIMIT ", i64::from(at_most))
        .all_ids(connection)
        .await
}
