//! Which numbers were taken to another network.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use cordon_context::{Clock, Timestamp};
use cordon_disposal_contract::routing::{RoutingSource, RoutingTable};
use cordon_identifier::Identifier;
use cordon_store::{CorruptRow, Database, Failure};
use cordon_vault::Vault;
use data_encoding::HEXLOWER;

use super::RoutingSettings;
use super::holder::Holder;
use crate::store::routing::{self as store, StoredEntry};

/// The index field of whole numbers in the routing tables.
const INDEX_FIELD: &str = "routing.number";

/// Where a number is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ported {
    /// Who holds it.
    pub holder: Holder,
    /// Since when.
    pub valid_from: Timestamp,
    /// Who says so.
    pub source: RoutingSource,
}

/// Knows which numbers were taken to another network.
#[async_trait]
pub trait PortabilityResolver: Send + Sync + 'static {
    /// For each number where it is now, or `None` if it is where its segment says.
    async fn resolve(&self, numbers: &[Identifier]) -> Result<Vec<Option<Ported>>, Failure>;
}

/// The keys under which a whole number may be stored, the present one first.
pub(crate) fn number_keys(vault: &Vault, number: &Identifier) -> Result<Vec<String>, Failure> {
    let indexes = vault
        .blind_index_all(INDEX_FIELD, number.value().as_bytes())
        .map_err(|source| Failure::internal("a number could not be indexed", source))?;
    Ok(indexes.iter().map(|index| HEXLOWER.encode(index.as_bytes())).collect())
}

/// The key under which a whole number is stored now.
pub(crate) fn number_key(vault: &Vault, number: &Identifier) -> Result<String, Failure> {
    let index = vault
        .blind_index(INDEX_FIELD, number.value().as_bytes())
        .map_err(|source| Failure::internal("a number could not be indexed", source))?;
    Ok(HEXLOWER.encode(index.as_bytes()))
}

/// Answers from the imported table and from what executors answered.
pub(crate) struct TablePortability {
    database: Database,
    vault: Arc<Vault>,
    clock: Arc<dyn Clock>,
    learned: Duration,
}

impl TablePortability {
    pub(crate) fn new(
        database: Database,
        vault: Arc<Vault>,
        clock: Arc<dyn Clock>,
        settings: &RoutingSettings,
    ) -> Self {
        let learned = Duration::from_secs(settings.learned_days * 86_400);
        Self { database, vault, clock, learned }
    }
}

#[async_trait]
impl PortabilityResolver for TablePortability {
    async fn resolve(&self, numbers: &[Identifier]) -> Result<Vec<Option<Ported>>, Failure> {
        let mut asked: HashMap<String, Vec<usize>> = HashMap::with_capacity(numbers.len());
        for (index, number) in numbers.iter().enumerate() {
            for key in number_keys(&self.vault, number)? {
                asked.entry(key).or_default().push(index);
            }
        }
        let keys: Vec<String> = asked.keys().cloned().collect();
        let rows = store::lookup(self.database.reader(), RoutingTable::Portability, &keys).await?;
        let mut found: Vec<Vec<&StoredEntry>> = vec![Vec::new(); numbers.len()];
        for row in &rows {
            for index in asked.get(&row.entry).into_iter().flatten() {
                if let Some(list) = found.get_mut(*index) {
                    list.push(row);
                }
            }
        }
        let now = self.clock.now();
        found.into_iter().map(|rows| best(&rows, now, self.learned).map(ported).transpose()).collect()
    }
}

/// Which of several rows about one number counts.
///
/// A person's entry outweighs the rest. An executor's answer is trusted less than the table: it counts only while it is fresh,
/// and only until the table says something newer.
pub(crate) fn best<'a>(rows: &[&'a StoredEntry], now: Timestamp, learned: Duration) -> Option<&'a StoredEntry> {
    let newest = |source: RoutingSource| {
        rows.iter()
            .copied()
            .filter(|row| row.source == source && row.valid_from <= now)
            .max_by_key(|row| (row.valid_from, row.recorded_at))
    };
    if let Some(manual) = newest(RoutingSource::Manual) {
        return Some(manual);
    }
    let imported = newest(RoutingSource::Import);
    let hint = newest(RoutingSource::Executor).filter(|hint| now.since(hint.recorded_at) <= learned);
    match (imported, hint) {
        (Some(imported), Some(hint)) if hint.recorded_at > imported.recorded_at => Some(hint),
        (None, Some(hint)) => Some(hint),
        (imported, _) => imported,
    }
}

fn ported(row: &StoredEntry) -> Result<Ported, Failure> {
    let holder =
        row.holder.parse().map_err(|_invalid| CorruptRow::new("routing_entry", "holder", row.id.to_string()))?;
    Ok(Ported { holder, valid_from: row.valid_from, source: row.source })
}

struct Kept {
    answer: Option<Ported>,
    until: Timestamp,
}

/// Keeps answers for a while, so that an order of many numbers does not ask twice.
pub(crate) struct Cached {
    resolver: Arc<dyn PortabilityResolver>,
    clock: Arc<dyn Clock>,
    ttl: Duration,
    capacity: usize,
    kept: Mutex<HashMap<Identifier, Kept>>,
}

impl Cached {
    pub(crate) fn new(
        resolver: Arc<dyn PortabilityResolver>,
        clock: Arc<dyn Clock>,
        settings: &RoutingSettings,
    ) -> Self {
        Self {
            resolver,
            clock,
            ttl: Duration::from_secs(settings.portability_ttl_seconds),
            capacity: settings.portability_entries,
            kept: Mutex::default(),
        }
    }

    /// Forgets everything, after the table changed in this process; other processes forget by time.
    pub(crate) fn forget(&self) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    pub(crate) async fn resolve(&self, numbers: &[Identifier]) -> Result<Vec<Option<Ported>>, Failure> {
        let now = self.clock.now();
        let mut answers: Vec<Option<Option<Ported>>> = {
            let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            let fresh =
                |number: &Identifier| kept.get(number).filter(|kept| kept.until > now).map(|kept| kept.answer.clone());
            numbers.iter().map(fresh).collect()
        };
        let missing: Vec<Identifier> = numbers
            .iter()
            .zip(&answers)
            .filter(|(_, answer)| answer.is_none())
            .map(|(number, _)| number.clone())
            .collect();
        if !missing.is_empty() {
            let mut resolved = self.resolver.resolve(&missing).await?.into_iter();
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            if kept.len() + missing.len() > self.capacity {
                kept.retain(|_, kept| kept.until > now);
            }
            if kept.len() + missing.len() > self.capacity {
                kept.clear();
            }
            for (number, slot) in numbers.iter().zip(answers.iter_mut()).filter(|(_, slot)| slot.is_none()) {
                let answer = resolved.next().flatten();
                if kept.len() < self.capacity {
                    kept.insert(number.clone(), Kept { answer: answer.clone(), until: now.plus(self.ttl) });
                }
                *slot = Some(answer);
            }
        }
        Ok(answers.into_iter().map(Option::flatten).collect())
    }
}
