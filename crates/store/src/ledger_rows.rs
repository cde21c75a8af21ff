//! The service's part of the audit ledger: entries are chained at the end of every write, in commit order.
//!
//! The chain's row is locked last of all in a write. That makes positions of events and entries contiguous in the order of
//! commits, which is what lets a feed be read by position, and keeps the time short for which writers wait for each other.

use cordon_context::{Actor, ActorKind, CallContext, EventId, Id};
use cordon_events::NewEvent;
use cordon_ledger::{Algorithm, Chain, Draft, Outcome, Payload, StoredEntry};
use sea_orm::{ConnectionTrait as _, QueryResult, Statement, TryGetable, Value};
use serde_json::json;

use crate::bulk::insert_rows;
use crate::{Backend, CorruptRow, Database, Failure, Tx};

const ENTRY_COLUMNS: &[&str] = &[
    "seq",
    "chain",
    "at",
    "actor",
    "actor_kind",
    "organization",
    "on_behalf_of",
    "action",
    "object_kind",
    "object_id",
    "object_organization",
    "outcome",
    "policy_version",
    "payload_digest",
    "payload",
    "trace",
    "prev_hash",
    "entry_hash",
];

/// What the audit ledger will say of one change or one sensitive read; never holds personal data.
#[derive(Clone, Debug)]
pub struct AuditRecord {
    action: String,
    object_id: String,
    object_organization: Option<String>,
    outcome: Outcome,
    payload: serde_json::Value,
}

impl AuditRecord {
    /// Records that `action` was done to the object with this identifier.
    pub fn new(action: impl Into<String>, object_id: impl Into<String>, payload: serde_json::Value) -> Self {
        Self {
            action: action.into(),
            object_id: object_id.into(),
            object_organization: None,
            outcome: Outcome::Done,
            payload,
        }
    }

    /// Names the organisation to which the object belongs, where it is not the actor's.
    #[must_use]
    pub fn of_organisation(mut self, organisation: cordon_context::OrganisationId) -> Self {
        self.object_organization = Some(organisation.to_string());
        self
    }

    /// Records another outcome than that it was done.
    #[must_use]
    pub fn with_outcome(mut self, outcome: Outcome) -> Self {
        self.outcome = outcome;
        self
    }

    fn draft(self, context: &CallContext, policy_version: &str, at: i64) -> Result<Draft, Failure> {
        let payload = Payload::inline(&self.payload)
            .map_err(|source| Failure::internal("an audit record could not be written down", source))?;
        let object_kind = self.object_id.split_once('_').map_or("other", |(kind, _)| kind).to_owned();
        Ok(Draft {
            at,
            actor: context.actor.party(),
            actor_kind: actor_kind(&context.actor).to_owned(),
            organization: context.actor.organisation.to_string(),
            on_behalf_of: None,
            action: self.action,
            object_kind,
            object_id: self.object_id,
            object_organization: self.object_organization,
            outcome: self.outcome,
            policy_version: policy_version.to_owned(),
            payload,
            trace: Some(context.trace.trace_id()),
        })
    }
}

fn actor_kind(actor: &Actor) -> &'static str {
    match actor.kind {
        ActorKind::Person { .. } => "person",
        ActorKind::Client { .. } => "client",
        ActorKind::System { .. } => "system",
    }
}

impl Tx {
    /// Chains the records, gives events their positions and writes both; the last thing a write does. Tells how many entries
    /// there are.
    pub(crate) async fn write_trail(&mut self) -> Result<u64, Failure> {
        let records = std::mem::take(&mut self.records);
        let events = std::mem::take(&mut self.events);
        if records.is_empty() && events.is_empty() {
            return Ok(0);
        }
        let count = u64::try_from(records.len()).unwrap_or(u64::MAX);
        let (mut chain, position) = self.lock_chain().await?;
        let at = self.now().millis();
        let mut entries = Vec::with_capacity(records.len());
        for (context, record) in records {
            let draft = record.draft(
                context.as_ref().unwrap_or(self.context()),
                self.database.inner.policy_version.get().map_or("", String::as_str),
                at,
            )?;
            entries.push(entry_values(chain.append(draft)));
        }
        insert_rows(&self.transaction, "ledger_entry", ENTRY_COLUMNS, entries).await?;
        let next = self.write_events(events, position).await?;
        let state = serde_json::to_string(&chain)
            .map_err(|source| Failure::internal("the ledger's chain could not be written down", source))?;
        self.transaction
            .execute_raw(Statement::from_sql_and_values(
                self.database.inner.backend.db_backend(),
                "UPDATE ledger_chain SET state = $1, position = $2 WHERE chain = $3",
                [state.into(), next.into(), self.database.inner.service.into()],
            ))
            .await?;
        Ok(count)
    }

    async fn lock_chain(&self) -> Result<(Chain, i64), Failure> {
        let service = self.database.inner.service;
        let backend = self.database.inner.backend;
        let fresh = serde_json::to_string(&empty_chain(service))
            .map_err(|source| Failure::internal("the ledger's chain could not be written down", source))?;
        self.transaction
            .execute_raw(Statement::from_sql_and_values(
                backend.db_backend(),
                "INSERT INTO ledger_chain (chain, state, position) VALUES ($1, $2, 0) ON CONFLICT DO NOTHING",
                [service.into(), fresh.into()],
            ))
            .await?;
        let lock = match backend {
            Backend::Sqlite => "",
            Backend::Postgres => " FOR UPDATE",
        };
        let row = self
            .transaction
            .query_one_raw(Statement::from_sql_and_values(
                backend.db_backend(),
                format!("SELECT state, position FROM ledger_chain WHERE chain = $1{lock}"),
                [service.into()],
            ))
            .await?
            .ok_or_else(|| CorruptRow::new("ledger_chain", "chain", service))?;
        Ok((read_chain(&row, service)?, row.try_get("", "position")?))
    }

    async fn write_events(&self, events: Vec<NewEvent>, position: i64) -> Result<i64, Failure> {
        let now = self.now();
        let mut next = position;
        let mut rows = Vec::with_capacity(events.len());
        for event in events {
            next += 1;
            let id: EventId = Id::new(now);
            let audience = json!(event.audience).to_string();
            rows.push(vec![
                next.into(),
                id.uuid().into(),
                event.topic.into(),
                event.subject.into(),
                audience.into(),
                event.payload.to_string().into(),
                now.millis().into(),
                now.millis().into(),
                0_i64.into(),
                0_i64.into(),
                0_i32.into(),
            ]);
        }
        let columns = &[
            "position",
            "id",
            "topic",
            "subject",
            "audience",
            "payload",
            "at",
            "due",
            "lease_until",
            "fence",
            "attempts",
        ];
        insert_rows(&self.transaction, "outbox", columns, rows).await?;
        Ok(next)
    }
}

/// The chain of a service before its first entry.
pub(crate) fn empty_chain(service: &str) -> Chain {
    Chain::new(service, Algorithm::Sha256)
}

fn read_chain(row: &QueryResult, service: &str) -> Result<Chain, Failure> {
    let state: String = row.try_get("", "state")?;
    Ok(serde_json::from_str(&state).map_err(|_source| CorruptRow::new("ledger_chain", "state", service))?)
}

fn entry_values(entry: StoredEntry) -> Vec<Value> {
    let StoredEntry {
        chain,
        seq,
        at,
        actor,
        actor_kind,
        organization,
        on_behalf_of,
        action,
        object_kind,
        object_id,
        object_organization,
        outcome,
        policy_version,
        payload_digest,
        payload,
        trace,
        prev_hash,
        entry_hash,
    } = entry;
    vec![
        seq.into(),
        chain.into(),
        at.into(),
        actor.into(),
        actor_kind.into(),
        organization.into(),
        on_behalf_of.into(),
        action.into(),
        object_kind.into(),
        object_id.into(),
        object_organization.into(),
        outcome.into(),
        policy_version.into(),
        payload_digest.into(),
        payload.into(),
        trace.into(),
        prev_hash.into(),
        entry_hash.into(),
    ]
}

fn read_entry(row: &QueryResult) -> Result<StoredEntry, CorruptRow> {
    Ok(StoredEntry {
        chain: column(row, "chain")?,
        seq: column(row, "seq")?,
        at: column(row, "at")?,
        actor: column(row, "actor")?,
        actor_kind: column(row, "actor_kind")?,
        organization: column(row, "organization")?,
        on_behalf_of: column(row, "on_behalf_of")?,
        action: column(row, "action")?,
        object_kind: column(row, "object_kind")?,
        object_id: column(row, "object_id")?,
        object_organization: column(row, "object_organization")?,
        outcome: column(row, "outcome")?,
        policy_version: column(row, "policy_version")?,
        payload_digest: column(row, "payload_digest")?,
        payload: column(row, "payload")?,
        trace: column(row, "trace")?,
        prev_hash: column(row, "prev_hash")?,
        entry_hash: column(row, "entry_hash")?,
    })
}

/// What came from the database and cannot be read says something about the row, unlike a database that does not answer.
fn column<T: TryGetable>(row: &QueryResult, name: &'static str) -> Result<T, CorruptRow> {
    row.try_get("", name).map_err(|_unreadable| {
        let seq = row.try_get::<i64>("", "seq").map_or_else(|_unreadable| String::new(), |seq| seq.to_string());
        CorruptRow::new("ledger_entry", name, seq)
    })
}

impl Database {
    /// Tells which policy decides, for every entry from now on; only the first call counts.
    pub fn set_policy_version(&self, version: impl Into<String>) {
        // The policy does not change while the process runs.
        let _already = self.inner.policy_version.set(version.into());
    }

    /// Stored entries from `seq` on, exactly as the database gives them back, in the order of their stored numbers.
    ///
    /// # Errors
    ///
    /// The database's own, and [`Failure::Corrupt`] if one of them cannot be decoded.
    pub async fn ledger_entries(&self, from: i64, limit: u32) -> Result<Vec<StoredEntry>, Failure> {
        let rows = self
            .reader()
            .query_all_raw(Statement::from_sql_and_values(
                self.inner.backend.db_backend(),
                format!("SELECT {} FROM ledger_entry WHERE seq >= $1 ORDER BY seq LIMIT $2", ENTRY_COLUMNS.join(", ")),
                [from.into(), Value::from(i64::from(limit))],
            ))
            .await?;
        Ok(rows.iter().map(read_entry).collect::<Result<_, _>>()?)
    }
}
