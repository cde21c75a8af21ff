//! Use cases on the tables: by hand, by file, and by what executors answer.

use cordon_context::{Bilingual, CallContext, OrganisationId, Page, PageRequest, Refusal, Region, Timestamp};
use cordon_disposal_contract::routing::{
    ImportRouting, ImportedRouting, RemoveRoutingEntry, RoutingEntry, RoutingSource, RoutingTable, SetRoutingEntry,
};
use cordon_identifier::Identifier;
use cordon_policies::{act, on};
use cordon_store::{AuditRecord, Failure, Tx};
use serde_json::json;

use super::Router;
use super::holder::Holder;
use super::import::{self, Columns, Key, Row};
use super::portability::{number_key, number_keys};
use crate::store::routing::{self as store, StoredEntry};

/// The most rows that one call may carry.
const MOST_ROWS: usize = 5_000;

impl Router {
    pub(super) async fn list_entries(
        &self,
        ctx: &CallContext,
        table: RoutingTable,
        page: &PageRequest,
    ) -> Result<Page<RoutingEntry>, Failure> {
        let grant = self.parts.gate.authorize::<act::Read, on::Routing>(ctx)?;
        Ok(store::list(self.parts.database.reader(), &grant, table, page).await?.map(shown))
    }

    pub(super) async fn set_entry(&self, ctx: &CallContext, input: SetRoutingEntry) -> Result<RoutingEntry, Failure> {
        let grant = self.parts.gate.authorize::<act::Modify, on::Routing>(ctx)?;
        check_reason(&input.reason)?;
        let row = by_hand(&input)?;
        let now = self.parts.clock.now();
        let stored = self.stored(row, RoutingSource::Manual, "manual".to_owned(), now)?;
        let answer = shown(stored.clone());
        let reason = input.reason.clone();
        let set = self
            .parts
            .database
            .write_once(ctx, "routing.set_entry", &input, move |mut tx| async move {
                tx.record(AuditRecord::new(
                    "routing.set",
                    format!("routing_{}", stored.table),
                    json!({ "entry": stored.entry, "holder": stored.holder, "region": stored.region, "reason": reason }),
                ));
                store::upsert(&tx, &grant, vec![stored]).await?;
                tx.commit(answer).await
            })
            .await?;
        self.portability.forget();
        Ok(set)
    }

    pub(super) async fn remove_entry(&self, ctx: &CallContext, input: RemoveRoutingEntry) -> Result<bool, Failure> {
        let grant = self.parts.gate.authorize::<act::Modify, on::Routing>(ctx)?;
        check_reason(&input.reason)?;
        let (table, keys) = match read_key(input.table, &input.key)? {
            (table, Key::Clear(key)) => (table, vec![key]),
            (table, Key::Number(number)) => (table, number_keys(&self.parts.vault, &number)?),
        };
        let reason = input.reason.clone();
        let removed = self
            .parts
            .database
            .write_once(ctx, "routing.remove_entry", &input, move |mut tx| async move {
                let removed = store::remove(&tx, &grant, table, &keys, RoutingSource::Manual).await?;
                tx.record(AuditRecord::new(
                    "routing.remove",
                    format!("routing_{table}"),
                    json!({ "entries": keys, "removed": removed, "reason": reason }),
                ));
                tx.commit(removed > 0).await
            })
            .await?;
        self.portability.forget();
        Ok(removed)
    }

    pub(super) async fn import(&self, ctx: &CallContext, input: ImportRouting) -> Result<ImportedRouting, Failure> {
        let grant = self.parts.gate.authorize::<act::Create, on::Routing>(ctx)?;
        if input.rows.len() > MOST_ROWS {
            return Err(Refusal::invalid(
                "rows",
                "routing.too_many_rows",
                Bilingual::new("每次最多导入 5000 行", "one call carries at most 5,000 rows"),
            )
            .into());
        }
        let columns = match Columns::find(input.table, &input.header) {
            Ok(columns) => columns,
            Err(missing) => return Ok(ImportedRouting { good: 0, bad: vec![*missing] }),
        };
        let now = self.parts.clock.now();
        let mut outcome = ImportedRouting::default();
        let mut entries = Vec::new();
        for (number, cells) in (input.first_row..).zip(&input.rows) {
            match import::read(input.table, &columns, number, cells) {
                Ok(rows) => {
                    outcome.good += 1;
                    for row in rows {
                        entries.push(self.stored(row, RoutingSource::Import, input.origin.clone(), now)?);
                    }
                }
                Err(bad) => outcome.bad.push(*bad),
            }
        }
        if input.dry_run || entries.is_empty() {
            return Ok(outcome);
        }
        let (table, origin, first, good) = (input.table, input.origin.clone(), input.first_row, outcome.good);
        self.parts
            .database
            .write(ctx, move |mut tx| async move {
                store::upsert(&tx, &grant, entries).await?;
                tx.record(AuditRecord::new(
                    "routing.import",
                    format!("routing_{table}"),
                    json!({ "origin": origin, "first_row": first, "rows": good }),
                ));
                tx.commit(()).await
            })
            .await?;
        self.portability.forget();
        Ok(outcome)
    }

    /// Notes an executor's answer that a number was taken to `to`, as a hint that the table outweighs once it is newer.
    ///
    /// The caller has checked that `by` is the executor of a task about this number.
    pub async fn learn_ported(
        &self,
        tx: &mut Tx,
        subject: &Identifier,
        to: OrganisationId,
        by: OrganisationId,
    ) -> Result<(), Failure> {
        if !subject.kind().is_numbering_resource() {
            return Ok(());
        }
        let ctx = CallContext::system("routing", tx.now());
        let grant = self.parts.gate.authorize::<act::Modify, on::Routing>(&ctx)?;
        let row = Row {
            table: RoutingTable::Portability,
            key: Key::Number(subject.clone()),
            aspect: "",
            holder: Holder::Organisation(to),
            region: None,
            valid_from: None,
        };
        let stored = self.stored(row, RoutingSource::Executor, by.to_string(), tx.now())?;
        tx.record(AuditRecord::new(
            "routing.learn",
            "routing_portability",
            json!({ "entry": stored.entry, "to": to, "by": by }),
        ));
        store::upsert(tx, &grant, vec![stored]).await?;
        self.portability.forget();
        Ok(())
    }

    /// Forgets that executors said a number went to `named`, because that enterprise does not have it.
    pub async fn unlearn_ported(
        &self,
        tx: &mut Tx,
        subject: &Identifier,
        named: OrganisationId,
    ) -> Result<(), Failure> {
        if !subject.kind().is_numbering_resource() {
            return Ok(());
        }
        let ctx = CallContext::system("routing", tx.now());
        let grant = self.parts.gate.authorize::<act::Modify, on::Routing>(&ctx)?;
        let keys = number_keys(&self.parts.vault, subject)?;
        let holder = Holder::Organisation(named).to_string();
        let hints = store::lookup(tx.connection(), RoutingTable::Portability, &keys).await?;
        let false_hint = |row: &&StoredEntry| row.source == RoutingSource::Executor && row.holder == holder;
        let keys: Vec<String> = hints.iter().filter(false_hint).map(|row| row.entry.clone()).collect();
        if store::remove(tx, &grant, RoutingTable::Portability, &keys, RoutingSource::Executor).await? > 0 {
            tx.record(AuditRecord::new(
                "routing.unlearn",
                "routing_portability",
                json!({ "entries": keys, "named": named }),
            ));
        }
        self.portability.forget();
        Ok(())
    }

    fn stored(&self, row: Row, source: RoutingSource, origin: String, now: Timestamp) -> Result<StoredEntry, Failure> {
        let entry = match &row.key {
            Key::Clear(key) => key.clone(),
            Key::Number(number) => number_key(&self.parts.vault, number)?,
        };
        let id: cordon_context::EventId = cordon_context::Id::new(now);
        Ok(StoredEntry {
            id: id.uuid(),
            table: row.table,
            entry,
            aspect: row.aspect.to_owned(),
            holder: row.holder.to_string(),
            region: row.region,
            source,
            origin,
            valid_from: row.valid_from.unwrap_or(now),
            recorded_at: now,
        })
    }
}

fn shown(row: StoredEntry) -> RoutingEntry {
    let StoredEntry { id: _, table, entry, aspect: _, holder, region, source, origin, valid_from, recorded_at } = row;
    // The blind index of a number tells nobody anything, and is not to be collected.
    let key = if table == RoutingTable::Portability { "***********".to_owned() } else { entry };
    RoutingEntry { table, key, holder, region, source, origin, valid_from, recorded_at }
}

fn check_reason(reason: &str) -> Result<(), Refusal> {
    if (1..=500).contains(&reason.trim().chars().count()) {
        return Ok(());
    }
    Err(Refusal::invalid(
        "reason",
        "routing.reason",
        Bilingual::new("请填写理由（1 至 500 字）", "give a reason of 1 to 500 characters"),
    ))
}

/// Reads an entry by hand through the same checks as a row of a file.
fn by_hand(input: &SetRoutingEntry) -> Result<Row, Refusal> {
    let holder_column = match input.table {
        RoutingTable::Portability | RoutingTable::Segment => "network",
        RoutingTable::Domain if input.holder.starts_with("access:") => "access_provider",
        RoutingTable::Domain => "registrar",
        RoutingTable::Address => "access_provider",
        RoutingTable::Platform => "holder",
    };
    let header = [key_column(input.table), holder_column, "region"].map(str::to_owned);
    let region = input.region.map(|region: Region| region.to_string()).unwrap_or_default();
    let cells = [input.key.clone(), input.holder.clone(), region];
    let read = Columns::find(input.table, &header).and_then(|columns| import::read(input.table, &columns, 1, &cells));
    match read {
        Ok(mut rows) if rows.len() == 1 => rows.pop().ok_or_else(|| unreadable("key")),
        Ok(_) => Err(unreadable("key")),
        Err(bad) => {
            let field = if bad.column == header.first().map_or("", String::as_str) { "key" } else { "holder" };
            Err(Refusal::invalid(field, format!("routing.{}", bad.code), bad.text))
        }
    }
}

fn read_key(table: RoutingTable, key: &str) -> Result<(RoutingTable, Key), Refusal> {
    let holder = match table {
        RoutingTable::Portability | RoutingTable::Segment => "network:mobile",
        RoutingTable::Domain => "registrar:any",
        RoutingTable::Address => "access:any",
        RoutingTable::Platform => "platform:any",
    };
    let probe =
        SetRoutingEntry { table, key: key.to_owned(), holder: holder.to_owned(), region: None, reason: String::new() };
    by_hand(&probe).map(|row| (row.table, row.key))
}

const fn key_column(table: RoutingTable) -> &'static str {
    match table {
        RoutingTable::Portability => "number",
        RoutingTable::Segment => "prefix",
        RoutingTable::Domain => "domain",
        RoutingTable::Address => "range",
        RoutingTable::Platform => "platform",
    }
}

fn unreadable(field: &'static str) -> Refusal {
    Refusal::invalid(field, "routing.unreadable", Bilingual::new("无法识别", "it cannot be read"))
}
