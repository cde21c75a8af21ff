//! Rows of the routing tables.

use std::collections::HashMap;

use cordon_context::{Cursor, Page, PageRequest, Region, Timestamp};
use cordon_disposal_contract::routing::{RoutingSource, RoutingTable};
use cordon_policies::{Grant, act, on};
use cordon_store::sql::{COUNT, Direction, Reading, Sql, region_value};
use cordon_store::{Failure, Tx};
use sea_orm::{ConnectionTrait, QueryResult, Value};
use uuid::Uuid;

const COLUMNS: &str = "id, routing_table, entry, aspect, holder, region, source, origin, valid_from, recorded_at";

/// SQLite takes 32,766 parameters in one statement.
const KEYS_PER_QUERY: usize = 8_000;
const ROWS_PER_INSERT: usize = 500;

/// One row.
#[derive(Clone, Debug)]
pub(crate) struct StoredEntry {
    pub(crate) id: Uuid,
    pub(crate) table: RoutingTable,
    /// The key in clear, or the blind index of a whole number in hexadecimal.
    pub(crate) entry: String,
    /// Empty, or which of several holders of one key this is: `registrar` or `access`.
    pub(crate) aspect: String,
    pub(crate) holder: String,
    pub(crate) region: Option<Region>,
    pub(crate) source: RoutingSource,
    pub(crate) origin: String,
    pub(crate) valid_from: Timestamp,
    pub(crate) recorded_at: Timestamp,
}

/// Proof that somebody may write routing rows: by hand or by import, or as the platform learns.
pub(crate) trait MayWrite {}
impl MayWrite for Grant<act::Create, on::Routing> {}
impl MayWrite for Grant<act::Modify, on::Routing> {}

/// Writes rows, replacing those with the same table, key, aspect and source.
pub(crate) async fn upsert(tx: &Tx, _grant: &impl MayWrite, rows: Vec<StoredEntry>) -> Result<(), Failure> {
    // The same key twice in one statement is an error on PostgreSQL; the later row counts.
    let mut latest: HashMap<(RoutingTable, String, String, RoutingSource), StoredEntry> =
        HashMap::with_capacity(rows.len());
    for row in rows {
        latest.insert((row.table, row.entry.clone(), row.aspect.clone(), row.source), row);
    }
    let mut tables: Vec<RoutingTable> = latest.keys().map(|(table, ..)| *table).collect();
    tables.sort_unstable();
    tables.dedup();
    let rows: Vec<StoredEntry> = latest.into_values().collect();
    for chunk in rows.chunks(ROWS_PER_INSERT) {
        let mut sql = Sql::new("INSERT INTO routing_entry (").text(COLUMNS).text(") VALUES ");
        for (index, row) in chunk.iter().enumerate() {
            sql = sql.text(if index == 0 { "" } else { ", " }).list([
                Value::from(row.id),
                row.table.name().into(),
                row.entry.as_str().into(),
                row.aspect.as_str().into(),
                row.holder.as_str().into(),
                row.region.map(region_value).into(),
                row.source.name().into(),
                row.origin.as_str().into(),
                row.valid_from.millis().into(),
                row.recorded_at.millis().into(),
            ]);
        }
        sql.text(
            " ON CONFLICT (routing_table, entry, aspect, source) DO UPDATE SET holder = excluded.holder, \
             region = excluded.region, origin = excluded.origin, valid_from = excluded.valid_from, \
             recorded_at = excluded.recorded_at",
        )
        .run(tx.connection())
        .await?;
    }
    for table in tables {
        bump(tx, table).await?;
    }
    Ok(())
}

/// Takes rows of one source away; tells how many there were.
pub(crate) async fn remove(
    tx: &Tx,
    _grant: &impl MayWrite,
    table: RoutingTable,
    entries: &[String],
    source: RoutingSource,
) -> Result<u64, Failure> {
    let removed = Sql::new("DELETE FROM routing_entry WHERE routing_table = ")
        .bind(table.name())
        .with(" AND source = ", source.name())
        .text(" AND entry IN ")
        .list(entries.iter().map(String::as_str))
        .run(tx.connection())
        .await?;
    if removed > 0 {
        bump(tx, table).await?;
    }
    Ok(removed)
}

async fn bump(tx: &Tx, table: RoutingTable) -> Result<(), Failure> {
    Sql::new("INSERT INTO routing_edition (routing_table, edition) VALUES (")
        .bind(table.name())
        .text(", 1) ON CONFLICT (routing_table) DO UPDATE SET edition = routing_edition.edition + 1")
        .run(tx.connection())
        .await?;
    Ok(())
}

/// The edition of a table: grows with every change.
pub(crate) async fn edition<C: ConnectionTrait>(connection: &C, table: RoutingTable) -> Result<i64, Failure> {
    let query = Sql::select("edition", "routing_edition").with("routing_table = ", table.name());
    Ok(query.value(connection).await?.unwrap_or(0))
}

/// Every row under one of these keys.
pub(crate) async fn lookup<C: ConnectionTrait>(
    connection: &C,
    table: RoutingTable,
    entries: &[String],
) -> Result<Vec<StoredEntry>, Failure> {
    let mut found = Vec::new();
    for chunk in entries.chunks(KEYS_PER_QUERY) {
        let query = Sql::select(COLUMNS, "routing_entry")
            .with("routing_table = ", table.name())
            .text(" AND entry IN ")
            .list(chunk.iter().map(String::as_str));
        found.extend(query.all(connection, read).await?);
    }
    Ok(found)
}

/// Every row of a table that is small enough to be kept in memory.
pub(crate) async fn whole<C: ConnectionTrait>(
    connection: &C,
    table: RoutingTable,
) -> Result<Vec<StoredEntry>, Failure> {
    Sql::select(COLUMNS, "routing_entry").with("routing_table = ", table.name()).all(connection, read).await
}

/// One page of a table, newest first.
pub(crate) async fn list<C: ConnectionTrait>(
    connection: &C,
    _grant: &Grant<act::Read, on::Routing>,
    table: RoutingTable,
    page: &PageRequest,
) -> Result<Page<StoredEntry>, Failure> {
    let found = |columns| Sql::select(columns, "routing_entry").with("routing_table = ", table.name());
    let rows = found(COLUMNS).page("recorded_at", "id", Direction::Descending, page).all(connection, read).await?;
    let total = found(COUNT).total(connection, page).await?;
    Ok(Page::cut(rows, page, total, |row| Cursor { key: row.recorded_at.millis(), id: row.id }))
}

fn read(row: &QueryResult) -> Result<StoredEntry, Failure> {
    let row = Reading::of(row, "routing_entry");
    Ok(StoredEntry {
        id: row.get("id")?,
        table: row.word("routing_table", RoutingTable::from_name)?,
        entry: row.get("entry")?,
        aspect: row.get("aspect")?,
        holder: row.get("holder")?,
        region: row.region_if("region")?,
        source: row.word("source", RoutingSource::from_name)?,
        origin: row.get("origin")?,
        valid_from: row.time("valid_from")?,
        recorded_at: row.time("recorded_at")?,
    })
}
