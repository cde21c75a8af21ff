//! Missed deadlines of which those who stand above are still to be told.

use cordon_context::{EventId, OrganisationId};
use cordon_disposal_contract::Escalation;
use cordon_events::NewEvent;
use cordon_policies::{ActionName, Grant, ResourceName, act, on};
use cordon_store::sql::{Reading, Sql};
use cordon_store::{Failure, Tx};
use sea_orm::{ConnectionTrait, QueryResult};

use super::fields::{self, id, json, time};

/// A report that waits until it is known who stands above.
#[derive(Clone, Debug)]
pub(crate) struct LateReport {
    /// Who is late.
    pub(crate) late: OrganisationId,
    /// How far up it is reported.
    pub(crate) escalation: Escalation,
    /// What was told to those who were known.
    pub(crate) event: NewEvent,
}

impl LateReport {
    fn read(row: &QueryResult) -> Result<Self, Failure> {
        let row = Reading::of(row, "late_report");
        Ok(Self {
            late: row.id("late")?,
            escalation: row.word("escalation", Escalation::from_name)?,
            event: row.json("event")?,
        })
    }
}

/// Keeps a report.
pub(crate) async fn add<A: ActionName, R: ResourceName>(
    tx: &Tx,
    _grant: &Grant<A, R>,
    report: &LateReport,
) -> Result<(), Failure> {
    let columns = vec![
        ("id", id(EventId::new(tx.now()))),
        ("late", id(report.late)),
        ("escalation", report.escalation.name().into()),
        ("event", json(&report.event)?),
        ("at", time(tx.now())),
    ];
    fields::insert(tx.connection(), "late_report", columns).await
}

/// The reports that wait, the oldest first.
pub(crate) async fn waiting<C: ConnectionTrait>(connection: &C, at_most: u32) -> Result<Vec<EventId>, Failure> {
    Sql::select("id", "late_report").with("TRUE ORDER BY at, id LIMIT ", i64::from(at_most)).all_ids(connection).await
}

/// One of them; none if it was made meanwhile.
pub(crate) async fn find<C: ConnectionTrait>(connection: &C, report: EventId) -> Result<Option<LateReport>, Failure> {
    Sql::select("id, late, escalation, event", "late_report")
        .with("id = ", report.uuid())
        .one(connection, LateReport::read)
        .await
}

/// Takes one off that is made in this transaction; a conflict if somebody else was faster.
pub(crate) async fn made(tx: &Tx, _grant: &Grant<act::Modify, on::Task>, report: EventId) -> Result<(), Failure> {
    Sql::new("DELETE FROM late_report WHERE ").with("id = ", report.uuid()).run_one(tx.connection()).await
}
