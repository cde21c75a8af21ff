//! Rows of the routing tables.

use std::collections::HashMap;

use cordon_context::{Cursor, Page, PageRequest, Region, Timestamp};
use cordon_disposal_contract::routing::{RoutingSource, RoutingTable};
use cordon_policies::{Grant, act, on};
use cordon_store::{CorruptRow, Failure, Tx, paging};
use sea_orm::{ConnectionTrait, QueryResult};
use uuid::Uuid;

use super::delivery_query::{Query, number};

const TABLE: &str = "routing_entry";
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
        let mut query = Query::new("INSERT INTO routing_entry (").text(COLUMNS).text(") VALUES ");
        for (index, row) in chunk.iter().enumerate() {
            query = query
                .text(if index == 0 { "(" } else { ", (" })
                .value(row.id)
                .text(", ")
                .value(row.table.name())
                .text(", ")
                .value(row.entry.as_str())
                .text(", ")
                .value(row.aspect.as_str())
                .text(", ")
                .value(row.holder.as_str())
                .text(", ")
                .value(row.region.map(|region| number(region.number())))
                .text(", ")
                .value(row.source.name())
                .text(", ")
                .value(row.origin.as_str())
                .text(", ")
                .value(row.valid_from.millis())
                .text(", ")
                .value(row.recorded_at.millis())
                .text(")");
        }
        query
            .text(
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
    let removed = Query::new("DELETE FROM routing_entry WHERE routing_table = ")
        .value(table.name())
        .text(" AND source = ")
        .value(source.name())
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
    Query::new("INSERT INTO routing_edition (routing_table, edition) VALUES (")
        .value(table.name())
        .text(", 1) ON CONFLICT (routing_table) DO UPDATE SET edition = routing_edition.edition + 1")
        .run(tx.connection())
        .await?;
    Ok(())
}

/// The edition of a table: grows with every change.
pub(crate) async fn edition<C: ConnectionTrait>(connection: &C, table: RoutingTable) -> Result<i64, Failure> {
    let row = Query::new("SELECT edition FROM routing_edition WHERE routing_table = ")
        .value(table.name())
        .one(connection)
        .await?;
    Ok(row.map(|row| row.try_get("", "edition")).transpose()?.unwrap_or(0))
}

/// Every row under one of these keys.
pub(crate) async fn lookup<C: ConnectionTrait>(
    connection: &C,
    table: RoutingTable,
    entries: &[String],
) -> Result<Vec<StoredEntry>, Failure> {
    let mut found = Vec::new();
    for chunk in entries.chunks(KEYS_PER_QUERY) {
        let rows = Query::new("SELECT ")
            .text(COLUMNS)
            .text(" FROM routing_entry WHERE routing_table = ")
            .value(table.name())
            .text(" AND entry IN ")
            .list(chunk.iter().map(String::as_str))
            .all(connection)
            .await?;
        for row in &rows {
            found.push(read(row)?);
        }
    }
    Ok(found)
}

/// Every row of a table that is small enough to be kept in memory.
pub(crate) async fn whole<C: ConnectionTrait>(
    connection: &C,
    table: RoutingTable,
) -> Result<Vec<StoredEntry>, Failure> {
    let rows = Query::new("SELECT ")
        .text(COLUMNS)
        .text(" FROM routing_entry WHERE routing_table = ")
        .value(table.name())
        .all(connection)
        .await?;
    rows.iter().map(read).collect()
}

/// One page of a table, newest first.
pub(crate) async fn list<C: ConnectionTrait>(
    connection: &C,
    _grant: &Grant<act::Read, on::Routing>,
    table: RoutingTable,
    page: &PageRequest,
) -> Result<Page<StoredEntry>, Failure> {
    let mut query =
        Query::new("SELECT ").text(COLUMNS).text(" FROM routing_entry WHERE routing_table = ").value(table.name());
    if let Some(after) = &page.after {
        query = query
            .text(" AND (recorded_at < ")
            .value(after.key)
            .text(" OR (recorded_at = ")
            .value(after.key)
            .text(" AND id < ")
            .value(after.id)
            .text("))");
    }
    let limit = i64::try_from(paging::fetch_limit(page)).unwrap_or(i64::MAX);
    let rows = query.text(" ORDER BY recorded_at DESC, id DESC LIMIT ").value(limit).all(connection).await?;
    let rows = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let total = if page.count {
        let row = Query::new("SELECT COUNT(*) AS n FROM routing_entry WHERE routing_table = ")
            .value(table.name())
            .one(connection)
            .await?;
        let count: i64 = row.map(|row| row.try_get("", "n")).transpose()?.unwrap_or(0);
        Some(u64::try_from(count).unwrap_or(0))
    } else {
        None
    };
    Ok(Page::cut(rows, page, total, |row| Cursor { key: row.recorded_at.millis(), id: row.id }))
}

fn read(row: &QueryResult) -> Result<StoredEntry, Failure> {
    let id: Uuid = row.try_get("", "id")?;
    let broken = |column| CorruptRow::new(TABLE, column, id.to_string());
    let table: String = row.try_get("", "routing_table")?;
    let source: String = row.try_get("", "source")?;
    let region: Option<i32> = row.try_get("", "region")?;
    let region = region
        .map(|code| {
            u32::try_from(code).ok().and_then(|code| Region::from_number(code).ok()).ok_or_else(|| broken("region"))
        })
        .transpose()?;
    Ok(StoredEntry {
        id,
        table: RoutingTable::from_name(&table).ok_or_else(|| broken("routing_table"))?,
        entry: row.try_get("", "entry")?,
        aspect: row.try_get("", "aspect")?,
        holder: row.try_get("", "holder")?,
        region,
        source: RoutingSource::from_name(&source).ok_or_else(|| broken("source"))?,
        origin: row.try_get("", "origin")?,
        valid_from: Timestamp::from_millis(row.try_get("", "valid_from")?),
        recorded_at: Timestamp::from_millis(row.try_get("", "recorded_at")?),
    })
}
