//! Rows of items. The value is sealed; the masked form and the blind index stand beside it.

use cordon_context::{Cursor, ItemId, OrderId, OrganisationId, Page, PageRequest, Refusal, Scope};
use cordon_disposal_contract::{Item, Measure, PhoneFunction, Subject, TargetKind};
use cordon_identifier::{Identifier, Kind};
use cordon_policies::{ActionName, Grant, ResourceName, on};
use cordon_store::sql::{Direction, Reading, Sql};
use cordon_store::{CorruptRow, Failure, Tx};
use cordon_vault::{Place, Vault};
use sea_orm::{ConnectionTrait, QueryResult};

use super::fields::{self, Column, count, id, json};
use super::reach::ORDER;

const COLUMNS: &str = "i.id, i.order_id, i.position, i.subject_id, i.subject_index, i.kind, i.identifier_kind, i.value, i.masked, \
    i.measures, i.functions, i.protected";

/// An item as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct StoredItem {
    pub(crate) item: Item,
    pub(crate) subject_index: Vec<u8>,
    /// Sealed for this row's `value`.
    pub(crate) value: Vec<u8>,
}

impl StoredItem {
    /// Seals a target for a new row.
    pub(crate) fn seal(
        vault: &Vault,
        item: Item,
        subject_index: Vec<u8>,
        identifier: &Identifier,
    ) -> Result<Self, Failure> {
        let row = item.id.uuid();
        let value = vault
            .seal(Place::new("order_item", "value", row.as_bytes()), identifier.value().as_bytes())
            .map_err(|source| Failure::internal("a target could not be sealed", source))?
            .into_vec();
        Ok(Self { item, subject_index, value })
    }

    /// Opens the target.
    pub(crate) fn open(&self, vault: &Vault) -> Result<Identifier, Failure> {
        let row = self.item.id.uuid();
        let value = vault
            .open_text(Place::new("order_item", "value", row.as_bytes()), &self.value)
            .map_err(|source| Failure::internal("a target could not be opened", source))?;
        Identifier::parse(self.item.subject.identifier_kind, &value)
            .map_err(|_invalid| CorruptRow::new("order_item", "value", row.to_string()).into())
    }

    fn read(row: &QueryResult) -> Result<Self, Failure> {
        let row = Reading::of(row, "order_item");
        Ok(Self {
            item: Item {
                id: row.id("id")?,
                order: row.id("order_id")?,
                position: row.count("position")?,
                subject: subject(&row)?,
                measures: row.json("measures")?,
                functions: row.json("functions")?,
                protected: row.get("protected")?,
            },
            subject_index: row.get("subject_index")?,
            value: row.get("value")?,
        })
    }

    fn columns(&self) -> Result<Vec<Column>, Failure> {
        let Self { item, subject_index, value } = self;
        let Item { id: item, order, position, subject, measures, functions, protected } = item;
        let Subject { id: subject, kind, identifier_kind, masked } = subject;
        Ok(vec![
            ("id", id(*item)),
            ("order_id", id(*order)),
            ("position", count(*position)),
            ("subject_id", id(*subject)),
            ("subject_index", subject_index.clone().into()),
            ("kind", kind.name().into()),
            ("identifier_kind", identifier_kind.code().into()),
            ("value", value.clone().into()),
            ("masked", masked.clone().into()),
            ("measures", json(measures)?),
            ("functions", json(functions)?),
            ("protected", protected.clone().into()),
        ])
    }

    /// What shall be done.
    pub(crate) fn measures(&self) -> &[Measure] {
        &self.item.measures
    }

    /// Which functions are taken away.
    pub(crate) fn functions(&self) -> &[PhoneFunction] {
        &self.item.functions
    }
}

/// Reads the columns that describe a target.
pub(crate) fn subject(row: &Reading<'_>) -> Result<Subject, Failure> {
    Ok(Subject {
        id: row.id::<cordon_context::SubjectKind>("subject_id")?,
        kind: row.word("kind", TargetKind::from_name)?,
        identifier_kind: row.word("identifier_kind", |code| code.parse::<Kind>().ok())?,
        masked: row.get("masked")?,
    })
}

/// Writes items.
pub(crate) async fn insert<A: ActionName, R: ResourceName>(
    tx: &Tx,
    _grant: &Grant<A, R>,
    items: &[StoredItem],
) -> Result<(), Failure> {
    let rows = items.iter().map(StoredItem::columns).collect::<Result<Vec<_>, _>>()?;
    fields::insert_all(tx.connection(), "order_item", rows).await
}

/// Takes items out of an order that was not issued.
pub(crate) async fn remove<A: ActionName>(
    tx: &Tx,
    _grant: &Grant<A, on::Order>,
    order: OrderId,
    items: &[ItemId],
) -> Result<u64, Failure> {
    Sql::new("DELETE FROM order_item WHERE order_id = ")
        .bind(order.uuid())
        .text(" AND id IN ")
        .ids(items)
        .run(tx.connection())
        .await
}

/// Notes what protects an item.
pub(crate) async fn protect<A: ActionName, R: ResourceName>(
    tx: &Tx,
    _grant: &Grant<A, R>,
    item: ItemId,
    kind: &'static str,
) -> Result<(), Failure> {
    Sql::new("UPDATE order_item SET protected = ")
        .bind(kind)
        .with(" WHERE id = ", item.uuid())
        .run(tx.connection())
        .await?;
    Ok(())
}

/// All items of an order by their place; the order was loaded within reach before.
pub(crate) async fn of_order<C: ConnectionTrait>(connection: &C, order: OrderId) -> Result<Vec<StoredItem>, Failure> {
    of(order).text(" ORDER BY i.position").all(connection, StoredItem::read).await
}

/// The items within reach among these, by the reach of their orders.
pub(crate) async fn by_ids<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    items: &[ItemId],
) -> Result<Vec<StoredItem>, Failure> {
    Sql::select(COLUMNS, "order_item i JOIN disposal_order ON disposal_order.id = i.order_id")
        .by_ids("i.id", items, scope, &ORDER)
        .all(connection, StoredItem::read)
        .await
}

/// One item within reach.
pub(crate) async fn load<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    item: ItemId,
) -> Result<StoredItem, Failure> {
    by_ids(connection, scope, &[item]).await?.pop().ok_or_else(|| Refusal::not_found().into())
}

/// One page of the items of an order; the order was loaded within reach before.
pub(crate) async fn page<C: ConnectionTrait>(
    connection: &C,
    order: OrderId,
    request: &PageRequest,
    total: u32,
) -> Result<Page<Item>, Failure> {
    page_of(connection, of(order), request, request.count.then_some(u64::from(total))).await
}

/// One page of the items of an order that have a task at one of these executors.
pub(crate) async fn of_executor<C: ConnectionTrait>(
    connection: &C,
    order: OrderId,
    executors: &[OrganisationId],
    request: &PageRequest,
) -> Result<Page<Item>, Failure> {
    let own = of(order)
        .text(" AND EXISTS (SELECT 1 FROM task t WHERE t.item_id = i.id AND t.executor IN ")
        .ids(executors)
        .text(")");
    page_of(connection, own, request, None).await
}

fn of(order: OrderId) -> Sql {
    Sql::select(COLUMNS, "order_item i").with("i.order_id = ", order.uuid())
}

async fn page_of<C: ConnectionTrait>(
    connection: &C,
    found: Sql,
    request: &PageRequest,
    total: Option<u64>,
) -> Result<Page<Item>, Failure> {
    let found = found.page("i.position", "i.id", Direction::Ascending, request);
    let items = found.all(connection, |row| Ok(StoredItem::read(row)?.item)).await?;
    Ok(Page::cut(items, request, total, |item| Cursor { key: i64::from(item.position), id: item.id.uuid() }))
}

/// Which of these items have a task at one of these executors.
pub(crate) async fn own<C: ConnectionTrait>(
    connection: &C,
    items: &[ItemId],
    executors: &[OrganisationId],
) -> Result<Vec<ItemId>, Failure> {
    Sql::select("DISTINCT item_id", "task")
        .text("item_id IN ")
        .ids(items)
        .text(" AND executor IN ")
        .ids(executors)
        .all_ids(connection)
        .await
}
