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
use cordon_policies::{ActionName, Grant, ResourceName, act, on};
use cordon_store::paging::{self, Direction};
use cordon_store::{Failure, Tx};
use sea_orm::{ConnectionTrait, QueryResult};
use uuid::Uuid;

use super::delivery_query::{Query, number};
use super::fields::{self, Column, Fields, count, id, id_if, json, json_if, named, time, time_if};
use super::reach::{ORDER, within};
use crate::domain::order_state;

const COLUMNS: &str = "disposal_order.id, number, stage, requester, requester_kind, requester_level, region, case_id, legal_basis, \
    urgency, origin, reason, duration_days, drafter, authors, created_at, submitted_at, review_due, issued_at, returned_reason, \
    emergency, approval_level, needs_protected, secrecy_reason, content_hash, item_count, next_alarm, version";

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
    pub(crate) drafter: PersonId,
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
    fn read(row: &QueryResult) -> Result<Self, Failure> {
        let fields = Fields::new(row, "disposal_order", "id")?;
        Ok(Self {
            id: fields.id("id")?,
            number: fields.get("number")?,
            stage: fields.word("stage", OrderStage::from_name)?,
            requester: fields.id("requester")?,
            requester_kind: fields.named("requester_kind")?,
            requester_level: fields.named("requester_level")?,
            region: fields.region("region")?,
            case: fields.id_if("case_id")?,
            legal_basis: fields.json_if("legal_basis")?,
            urgency: fields.word("urgency", Urgency::from_name)?,
            origin: fields.json("origin")?,
            reason: fields.get("reason")?,
            duration_days: fields.count_if("duration_days")?,
            drafter: fields.id("drafter")?,
            authors: fields.json("authors")?,
            created_at: fields.time("created_at")?,
            submitted_at: fields.time_if("submitted_at")?,
            review_due: fields.time_if("review_due")?,
            issued_at: fields.time_if("issued_at")?,
            returned_reason: fields.get("returned_reason")?,
            emergency: fields.json_if("emergency")?,
            approval_level: fields.named("approval_level")?,
            needs_protected: fields.get("needs_protected")?,
            secrecy_reason: fields.get("secrecy_reason")?,
            content_hash: fields.get("content_hash")?,
            item_count: fields.count("item_count")?,
            next_alarm: fields.time_if("next_alarm")?,
            version: fields.get("version")?,
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
            ("requester_level", named(requester_level)?),
            ("region", number(region.number()).into()),
            ("case_id", id_if(*case)),
            ("legal_basis", json_if(legal_basis.as_ref())?),
            ("urgency", urgency.name().into()),
            ("origin", json(origin)?),
            ("reason", reason.clone().into()),
            ("duration_days", duration_days.map(|days| i32::try_from(days).unwrap_or(i32::MAX)).into()),
            ("drafter", id(*drafter)),
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
            requester_kind: _,
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
pub(crate) async fn insert(
    tx: &Tx,
    _grant: &Grant<act::Create, on::Order>,
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
    Query::new("UPDATE order_approval SET void = TRUE WHERE order_id = ")
        .value(order.id.uuid())
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
    let query = Query::new("SELECT ")
        .text(COLUMNS)
        .text(" FROM disposal_order WHERE id IN ")
        .list(orders.iter().map(|order| order.uuid()))
        .text(" AND ");
    read_all(connection, within(query, scope, ORDER)).await
}

/// Lists orders within reach, the newest first.
pub(crate) async fn list<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    filter: &OrderFilter,
    page: &PageRequest,
) -> Result<Page<StoredOrder>, Failure> {
    let filtered = |query: Query| {
        let mut query = within(query, scope, ORDER);
        if !filter.stages.is_empty() {
            query = query.text(" AND stage IN ").list(filter.stages.iter().map(|stage| stage.name()));
        }
        if let Some(case) = filter.case {
            query = query.text(" AND case_id = ").value(case.uuid());
        }
        if let Some(requester) = filter.requester {
            query = query.text(" AND requester = ").value(requester.uuid());
        }
        if let Some(text) = &filter.number {
            query = query.text(" AND number = ").value(text.clone());
        }
        if !filter.urgencies.is_empty() {
            query = query.text(" AND urgency IN ").list(filter.urgencies.iter().map(|urgency| urgency.name()));
        }
        query
    };
    let total = if page.count {
        Some(fields_total(
            filtered(Query::new("SELECT COUNT(*) AS total FROM disposal_order WHERE ")).one(connection).await?,
        )?)
    } else {
        None
    };
    let query = filtered(Query::new("SELECT ").text(COLUMNS).text(" FROM disposal_order WHERE "));
    let query = after(query, "created_at", "id", Direction::Descending, page)
        .text(" ORDER BY created_at DESC, id DESC LIMIT ")
        .value(limit(page));
    let rows = read_all(connection, query).await?;
    Ok(Page::cut(rows, page, total, |order| Cursor { key: order.created_at.millis(), id: order.id.uuid() }))
}

/// The approved orders that wait to be issued, the oldest first.
pub(crate) async fn approved<C: ConnectionTrait>(connection: &C, at_most: u32) -> Result<Vec<OrderId>, Failure> {
    ids(
        connection,
        Query::new("SELECT id FROM disposal_order WHERE stage = 'approved' ORDER BY created_at LIMIT ")
            .value(i64::from(at_most)),
    )
    .await
}

/// The orders whose clock has to be looked at.
pub(crate) async fn due<C: ConnectionTrait>(
    connection: &C,
    now: Timestamp,
    at_most: u32,
) -> Result<Vec<OrderId>, Failure> {
    ids(
        connection,
        Query::new("SELECT id FROM disposal_order WHERE next_alarm <= ")
            .value(now.millis())
            .text(" ORDER BY next_alarm LIMIT ")
            .value(i64::from(at_most)),
    )
    .await
}

async fn ids<C: ConnectionTrait>(connection: &C, query: Query) -> Result<Vec<OrderId>, Failure> {
    let rows = query.all(connection).await?;
    rows.iter().map(|row| Ok(OrderId::from_uuid(row.try_get("", "id")?))).collect()
}

async fn read_all<C: ConnectionTrait>(connection: &C, query: Query) -> Result<Vec<StoredOrder>, Failure> {
    let rows = query.all(connection).await?;
    let mut orders = rows.iter().map(StoredOrder::read).collect::<Result<Vec<_>, _>>()?;
    if orders.is_empty() {
        return Ok(orders);
    }
    let rows = Query::new(
        "SELECT order_id, kind, person, organisation, level, at, content_hash, approver, void FROM order_approval WHERE order_id IN ",
    )
    .list(orders.iter().map(|order| order.id.uuid()))
    .text(" ORDER BY at, id")
    .all(connection)
    .await?;
    let mut by_order: HashMap<Uuid, Vec<StoredApproval>> = HashMap::new();
    for row in &rows {
        let fields = Fields::new(row, "order_approval", "order_id")?;
        let approval = Approval {
            kind: fields.word("kind", ApprovalKind::from_name)?,
            person: fields.id("person")?,
            organisation: fields.id("organisation")?,
            level: fields.named("level")?,
            at: fields.time("at")?,
            content_hash: fields.get("content_hash")?,
            void: fields.get("void")?,
        };
        let stored = StoredApproval { approval, approver: fields.get("approver")? };
        by_order.entry(fields.get("order_id")?).or_default().push(stored);
    }
    for order in &mut orders {
        order.approvals = by_order.remove(&order.id.uuid()).unwrap_or_default();
    }
    Ok(orders)
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
    let mut query = Query::new(
        "SELECT order_id, state, overdue, COUNT(*) AS total FROM task WHERE action = 'impose' AND order_id IN ",
    )
    .list(orders.iter().map(|order| order.uuid()));
    if let Some(executors) = executors {
        query = query.text(" AND executor IN ").list(executors.iter().map(|organisation| organisation.uuid()));
    }
    let rows = query.text(" GROUP BY order_id, state, overdue").all(connection).await?;
    let mut counts: HashMap<OrderId, TaskCounts> = HashMap::new();
    for row in &rows {
        let fields = Fields::new(row, "task", "order_id")?;
        let state = fields.word("state", TaskState::from_name)?;
        let total = u32::try_from(fields.get::<i64>("total")?).unwrap_or(u32::MAX);
        let counts = counts.entry(fields.id("order_id")?).or_default();
        counts.total += total;
        if fields.get::<bool>("overdue")? {
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
    Ok(counts)
}

/// The total of a counting query.
pub(crate) fn fields_total(row: Option<QueryResult>) -> Result<u64, Failure> {
    let total: i64 = row.map(|row| row.try_get("", "total")).transpose()?.unwrap_or(0);
    Ok(u64::try_from(total).unwrap_or(0))
}

/// Adds the condition that begins after the page's cursor.
pub(crate) fn after(query: Query, key: &str, id: &str, direction: Direction, page: &PageRequest) -> Query {
    let Some(Cursor { key: last_key, id: last_id }) = &page.after else { return query };
    let beyond = if direction == Direction::Ascending { " > " } else { " < " };
    query
        .text(" AND (")
        .text(key)
        .text(beyond)
        .value(*last_key)
        .text(" OR (")
        .text(key)
        .text(" = ")
        .value(*last_key)
        .text(" AND ")
        .text(id)
        .text(beyond)
        .value(*last_id)
        .text("))")
}

/// How many rows to fetch for a page.
pub(crate) fn limit(page: &PageRequest) -> i64 {
    i64::try_from(paging::fetch_limit(page)).unwrap_or(i64::MAX)
}
