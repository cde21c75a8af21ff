//! Rows of orders and approvals.

use std::collections::HashMap;

use cordon_context::{
    CaseId, Cursor, Id, OrderId, OrganisationId, OrganisationKind, OrganisationLevel, Page, PageRequest, PersonId,
    Refusal, Region, Scope, Timestamp,
};
use cordon_disposal_contract::{
    Approval, ApprovalKind, Emergency, LegalBasis, Order, OrderFilter, OrderOrigin, OrderStage, TaskCounts, TaskState,
    Urgency,
};
use cordon_policies::{ActionName, Grant, ResourceName, act};
use cordon_store::sql::{COUNT, Direction, Reading, Sql, region_value};
use cordon_store::{Failure, Tx};
use sea_orm::{ConnectionTrait, QueryResult};

use super::fields::{self, Column, count, id, id_if, json, json_if, named, time, time_if};
use super::reach::ORDER;
use crate::domain::order_state;

const COLUMNS: &str = "disposal_order.id, number, stage, requester, requester_kind, requester_level, region, case_id, legal_basis, \
    urgency, origin, reason, duration_days, drafter, authors, created_at, submitted_at, review_due, issued_at, returned_reason, \
    emergency, approval_level, needs_protected, secrecy_reason, content_hash, item_count, next_alarm, version";

const APPROVAL: &str = "order_id, kind, person, organisation, level, at, content_hash, approver, void";

/// The drafter of what a program recorded; the column holds no null.
const NOBODY: PersonId = PersonId::from_uuid(uuid::Uuid::nil());

/// An order as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct StoredOrder {
    pub(crate) id: OrderId,
    pub(crate) number: String,
    pub(crate) stage: OrderStage,
    pub(crate) requester: OrganisationId,
    pub(crate) requester_kind: OrganisationKind,
    pub(crate) requester_level: OrganisationLevel,
    pub(crate) region: Region,
    pub(crate) case: Option<CaseId>,
    pub(crate) legal_basis: Option<LegalBasis>,
    pub(crate) urgency: Urgency,
    pub(crate) origin: OrderOrigin,
    pub(crate) reason: String,
    pub(crate) duration_days: Option<u32>,
    /// None where a program of an enterprise recorded it.
    pub(crate) drafter: Option<PersonId>,
    /// Everybody who drafted, edited or submitted it.
    pub(crate) authors: Vec<PersonId>,
    pub(crate) created_at: Timestamp,
    pub(crate) submitted_at: Option<Timestamp>,
    pub(crate) review_due: Option<Timestamp>,
    pub(crate) issued_at: Option<Timestamp>,
    pub(crate) returned_reason: Option<String>,
    pub(crate) emergency: Option<Emergency>,
    pub(crate) approval_level: OrganisationLevel,
    pub(crate) needs_protected: bool,
    pub(crate) secrecy_reason: Option<String>,
    pub(crate) content_hash: String,
    pub(crate) item_count: u32,
    pub(crate) next_alarm: Option<Timestamp>,
    pub(crate) version: i64,
    pub(crate) approvals: Vec<StoredApproval>,
}

/// A consent as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct StoredApproval {
    pub(crate) approval: Approval,
    /// Whether the person may approve orders.
    pub(crate) approver: bool,
}

impl StoredOrder {
    /// Whether an enterprise recorded with it what it did on its own finding.
    pub(crate) fn is_own_measure(&self) -> bool {
        self.requester_kind.is_enterprise()
    }

    fn read(row: &QueryResult) -> Result<Self, Failure> {
        let row = Reading::of(row, "disposal_order");
        Ok(Self {
            id: row.id("id")?,
            number: row.get("number")?,
            stage: row.word("stage", OrderStage::from_name)?,
            requester: row.id("requester")?,
            requester_kind: row.named("requester_kind")?,
            requester_level: row.named("requester_level")?,
            region: row.region("region")?,
            case: row.id_if("case_id")?,
            legal_basis: row.json_if("legal_basis")?,
            urgency: row.word("urgency", Urgency::from_name)?,
            origin: row.json("origin")?,
            reason: row.get("reason")?,
            duration_days: row.count_if("duration_days")?,
            drafter: Some(row.id("drafter")?).filter(|drafter| *drafter != NOBODY),
            authors: row.json("authors")?,
            created_at: row.time("created_at")?,
            submitted_at: row.time_if("submitted_at")?,
            review_due: row.time_if("review_due")?,
            issued_at: row.time_if("issued_at")?,
            returned_reason: row.get("returned_reason")?,
            emergency: row.json_if("emergency")?,
            approval_level: row.named("approval_level")?,
            needs_protected: row.get("needs_protected")?,
            secrecy_reason: row.get("secrecy_reason")?,
            content_hash: row.get("content_hash")?,
            item_count: row.count("item_count")?,
            next_alarm: row.time_if("next_alarm")?,
            version: row.get("version")?,
            approvals: Vec::new(),
        })
    }

    fn columns(&self) -> Result<Vec<Column>, Failure> {
        let Self {
            id: order,
            number: text,
            stage,
            requester,
            requester_kind,
            requester_level,
            region,
            case,
            legal_basis,
            urgency,
            origin,
            reason,
            duration_days,
            drafter,
            authors,
            created_at,
            submitted_at,
            review_due,
            issued_at,
            returned_reason,
            emergency,
            approval_level,
            needs_protected,
            secrecy_reason,
            content_hash,
            item_count,
            next_alarm,
            version,
            approvals: _,
        } = self;
        Ok(vec![
            ("id", id(*order)),
            ("number", text.clone().into()),
            ("stage", stage.name().into()),
            ("requester", id(*requester)),
            ("requester_kind", named(requester_kind)?),
            ("own_measure", requester_kind.is_enterprise().into()),
            ("requester_level", named(requester_level)?),
            ("region", region_value(*region).into()),
            ("case_id", id_if(*case)),
            ("legal_basis", json_if(legal_basis.as_ref())?),
            ("urgency", urgency.name().into()),
            ("origin", json(origin)?),
            ("reason", reason.clone().into()),
            ("duration_days", duration_days.map(|days| i32::try_from(days).unwrap_or(i32::MAX)).into()),
            ("drafter", id(drafter.unwrap_or(NOBODY))),
            ("authors", json(authors)?),
            ("created_at", time(*created_at)),
            ("submitted_at", time_if(*submitted_at)),
            ("review_due", time_if(*review_due)),
            ("issued_at", time_if(*issued_at)),
            ("returned_reason", returned_reason.clone().into()),
            ("emergency", json_if(emergency.as_ref())?),
            ("approval_level", named(approval_level)?),
            ("needs_protected", (*needs_protected).into()),
            ("secrecy_reason", secrecy_reason.clone().into()),
            ("content_hash", content_hash.clone().into()),
            ("item_count", count(*item_count)),
            ("next_alarm", time_if(*next_alarm)),
            ("version", (*version).into()),
        ])
    }

    /// The shape that others see.
    pub(crate) fn into_order(self, tasks: TaskCounts) -> Order {
        let Self {
            id,
            number,
            stage,
            requester,
            requester_kind,
            requester_level,
            region,
            case,
            legal_basis,
            urgency,
            origin,
            reason,
            duration_days,
            drafter,
            authors: _,
            created_at,
            submitted_at,
            review_due,
            issued_at,
            returned_reason,
            emergency,
            approval_level,
            needs_protected,
            secrecy_reason,
            content_hash,
            item_count,
            next_alarm: _,
            version,
            approvals,
        } = self;
        Order {
            id,
            number,
            state: order_state::derive(stage, &tasks),
            stage,
            requester,
            own_measure: requester_kind.is_enterprise(),
            requester_level,
            region,
            case,
            legal_basis,
            urgency,
            origin,
            reason,
            duration_days,
            drafter,
            created_at,
            submitted_at,
            review_due,
            issued_at,
            returned_reason,
            emergency,
            approval_level,
            needs_protected_approval: needs_protected,
            secrecy_reason,
            approvals: approvals.into_iter().map(|stored| stored.approval).collect(),
            content_hash,
            item_count,
            tasks,
            version,
        }
    }
}

/// Writes a new order.
pub(crate) async fn insert<R: ResourceName>(
    tx: &Tx,
    _grant: &Grant<act::Create, R>,
    order: &StoredOrder,
) -> Result<(), Failure> {
    fields::insert(tx.connection(), "disposal_order", order.columns()?).await
}

/// Writes a changed order, if nobody else was faster; its version grows.
pub(crate) async fn update<A: ActionName, R: ResourceName>(
    tx: &Tx,
    _grant: &Grant<A, R>,
    order: &mut StoredOrder,
) -> Result<(), Failure> {
    fields::update(tx.connection(), "disposal_order", order.id.uuid(), order.version, order.columns()?).await?;
    order.version += 1;
    Ok(())
}

/// Writes a consent.
pub(crate) async fn insert_approval<A: ActionName, R: ResourceName>(
    tx: &Tx,
    _grant: &Grant<A, R>,
    order: &mut StoredOrder,
    approval: StoredApproval,
) -> Result<(), Failure> {
    let Approval { kind, person, organisation, level, at, content_hash, void } = approval.approval.clone();
    let row: Id<cordon_context::OrderKind> = Id::new(tx.now());
    let columns = vec![
        ("id", id(row)),
        ("order_id", id(order.id)),
        ("kind", kind.name().into()),
        ("person", id(person)),
        ("organisation", id(organisation)),
        ("level", named(&level)?),
        ("at", time(at)),
        ("content_hash", content_hash.into()),
        ("approver", approval.approver.into()),
        ("void", void.into()),
    ];
    fields::insert(tx.connection(), "order_approval", columns).await?;
    order.approvals.push(approval);
    Ok(())
}

/// Makes every consent given so far void.
pub(crate) async fn void_approvals<A: ActionName, R: ResourceName>(
    tx: &Tx,
    _grant: &Grant<A, R>,
    order: &mut StoredOrder,
) -> Result<(), Failure> {
    Sql::new("UPDATE order_approval SET void = TRUE WHERE order_id = ")
        .bind(order.id.uuid())
        .run(tx.connection())
        .await?;
    order.approvals.iter_mut().for_each(|stored| stored.approval.void = true);
    Ok(())
}

/// Loads one order within reach; what is out of reach reads as not there.
pub(crate) async fn load<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    order: OrderId,
) -> Result<StoredOrder, Failure> {
    by_ids(connection, scope, &[order]).await?.pop().ok_or_else(|| Refusal::not_found().into())
}

/// Loads the orders within reach among these.
pub(crate) async fn by_ids<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    orders: &[OrderId],
) -> Result<Vec<StoredOrder>, Failure> {
    read_all(connection, Sql::select(COLUMNS, "disposal_order").by_ids("id", orders, scope, &ORDER)).await
}

/// Whose paperwork did not come in time: the clock noted when it was missed, and nobody agreed to any since.
const PAPERWORK_OVERDUE: &str = r#" AND stage IN ('approved', 'issued') AND emergency LIKE '%"paperwork_at":null%' AND emergency NOT LIKE '%"escalated_at":null%'"#;

/// Lists orders within reach, the newest first.
pub(crate) async fn list<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    filter: &OrderFilter,
    now: Timestamp,
    page: &PageRequest,
) -> Result<Page<StoredOrder>, Failure> {
    let unreviewed = filter.review_overdue.then_some(now.millis());
    let found = |columns| {
        Sql::select(columns, "disposal_order")
            .within(scope, &ORDER)
            .with_any(" AND stage IN ", filter.stages.iter().map(|stage| stage.name()))
            .with_some(" AND case_id = ", filter.case.map(Id::uuid))
            .with_some(" AND requester = ", filter.requester.map(Id::uuid))
            .with_some(" AND number = ", filter.number.as_deref())
            .with_any(" AND urgency IN ", filter.urgencies.iter().map(|urgency| urgency.name()))
            .with_some(" AND stage IN ('pending_review', 'issued') AND review_due <= ", unreviewed)
            .text(if filter.paperwork_overdue { PAPERWORK_OVERDUE } else { "" })
    };
    let total = found(COUNT).total(connection, page).await?;
    let rows = read_all(connection, found(COLUMNS).page("created_at", "id", Direction::Descending, page)).await?;
    Ok(Page::cut(rows, page, total, |order| Cursor { key: order.created_at.millis(), id: order.id.uuid() }))
}

/// The approved orders that wait to be issued, the oldest first.
pub(crate) async fn approved<C: ConnectionTrait>(connection: &C, at_most: u32) -> Result<Vec<OrderId>, Failure> {
    Sql::select("id", "disposal_order")
        .with("stage = 'approved' ORDER BY created_at LIMIT ", i64::from(at_most))
        .all_ids(connection)
        .await
}

/// The orders of a case that are not out and not withdrawn.
pub(crate) async fn waiting_of_case<C: ConnectionTrait>(
    connection: &C,
    case: CaseId,
) -> Result<Vec<StoredOrder>, Failure> {
    let found = Sql::select(COLUMNS, "disposal_order")
        .with("stage IN ('draft', 'returned', 'pending_review', 'approved') AND case_id = ", case.uuid());
    read_all(connection, found).await
}

/// The orders whose clock has to be looked at.
pub(crate) async fn due<C: ConnectionTrait>(
    connection: &C,
    now: Timestamp,
    at_most: u32,
) -> Result<Vec<OrderId>, Failure> {
    Sql::select("id", "disposal_order")
        .with("next_alarm <= ", now.millis())
        .with(" ORDER BY next_alarm LIMIT ", i64::from(at_most))
        .all_ids(connection)
        .await
}

async fn read_all<C: ConnectionTrait>(connection: &C, found: Sql) -> Result<Vec<StoredOrder>, Failure> {
    let mut orders = found.all(connection, StoredOrder::read).await?;
    if orders.is_empty() {
        return Ok(orders);
    }
    let approvals = Sql::select(APPROVAL, "order_approval")
        .text("order_id IN ")
        .list(orders.iter().map(|order| order.id.uuid()))
        .text(" ORDER BY at, id")
        .all(connection, read_approval)
        .await?;
    let mut by_order: HashMap<OrderId, Vec<StoredApproval>> = HashMap::new();
    for (order, approval) in approvals {
        by_order.entry(order).or_default().push(approval);
    }
    for order in &mut orders {
        order.approvals = by_order.remove(&order.id).unwrap_or_default();
    }
    Ok(orders)
}

fn read_approval(row: &QueryResult) -> Result<(OrderId, StoredApproval), Failure> {
    let row = Reading::keyed(row, "order_approval", "order_id");
    let approval = Approval {
        kind: row.word("kind", ApprovalKind::from_name)?,
        person: row.id("person")?,
        organisation: row.id("organisation")?,
        level: row.named("level")?,
        at: row.time("at")?,
        content_hash: row.get("content_hash")?,
        void: row.get("void")?,
    };
    Ok((row.id("order_id")?, StoredApproval { approval, approver: row.get("approver")? }))
}

/// Counts the tasks of orders by where they stand.
pub(crate) async fn task_counts<C: ConnectionTrait>(
    connection: &C,
    orders: &[OrderId],
) -> Result<HashMap<OrderId, TaskCounts>, Failure> {
    task_counts_of(connection, orders, None).await
}

/// Counts the tasks of orders by where they stand; only those of these executors, if any are named.
pub(crate) async fn task_counts_of<C: ConnectionTrait>(
    connection: &C,
    orders: &[OrderId],
    executors: Option<&[OrganisationId]>,
) -> Result<HashMap<OrderId, TaskCounts>, Failure> {
    let mut sql = Sql::select("order_id, state, overdue, COUNT(*) AS total", "task")
        .text("action = 'impose' AND order_id IN ")
        .ids(orders);
    if let Some(executors) = executors {
        sql = sql.text(" AND executor IN ").ids(executors);
    }
    let read = |row: &QueryResult| {
        let row = Reading::keyed(row, "task", "order_id");
        let total = u32::try_from(row.get::<i64>("total")?).unwrap_or(u32::MAX);
        Ok((row.id("order_id")?, row.word("state", TaskState::from_name)?, row.get::<bool>("overdue")?, total))
    };
    let mut counts: HashMap<OrderId, TaskCounts> = HashMap::new();
    for (order, state, overdue, total) in sql.text(" GROUP BY order_id, state, overdue").all(connection, read).await? {
        let counts = counts.entry(order).or_default();
        counts.total += total;
        if overdue {
            counts.overdue += total;
        }
        let place = match state {
            TaskState::Desk => &mut counts.desk,
            TaskState::Issued | TaskState::Received | TaskState::Executing | TaskState::VerifyFailed => {
                &mut counts.open
            }
            TaskState::Executed => &mut counts.executed,
            TaskState::Rejected | TaskState::Failed => &mut counts.refused,
            TaskState::InForce => &mut counts.in_force,
            TaskState::ReleaseOrdered => &mut counts.releasing,
            TaskState::Released | TaskState::Done => &mut counts.released,
            TaskState::Withdrawn => &mut counts.withdrawn,
        };
        *place += total;
    }
    owed(connection, orders, executors, &mut counts).await?;
    Ok(counts)
}

/// Adds what is still owed to holders: notices that were not given, and appeals that were not answered.
async fn owed<C: ConnectionTrait>(
    connection: &C,
    orders: &[OrderId],
    executors: Option<&[OrganisationId]>,
    counts: &mut HashMap<OrderId, TaskCounts>,
) -> Result<(), Failure> {
    let open = [("notice", "state <> 'sent'", "giver"), ("appeal", "state NOT IN ('replied', 'closed')", "executor")];
    for (table, condition, concerned) in open {
        let mut sql =
            Sql::select("order_id, COUNT(*) AS total", table).text(condition).text(" AND order_id IN ").ids(orders);
        if let Some(executors) = executors {
            sql = sql.text(" AND ").text(concerned).text(" IN ").ids(executors);
        }
        let read = |row: &QueryResult| {
            let row = Reading::keyed(row, table, "order_id");
            Ok((row.id("order_id")?, u32::try_from(row.get::<i64>("total")?).unwrap_or(u32::MAX)))
        };
        for (order, total) in sql.text(" GROUP BY order_id").all(connection, read).await? {
            counts.entry(order).or_default().owed += total;
        }
    }
    Ok(())
}
