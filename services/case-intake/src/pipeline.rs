//! The way of a file into the rows: read, prepare, write, each on its own thread, a few chunks apart, so that memory stays flat.

use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use cordon_case_intake_contract::{Accept, BadRow, BadRowCode, Import, ImportCounts, ImportStatus, topic};
use cordon_context::{ActorKind, CallContext, Code, ImportId, OrganisationId, Refusal, Scope, Timestamp};
use cordon_directory_contract::DirectoryClient as _;
use cordon_events::NewEvent;
use cordon_policies::{act, on};
use cordon_rpc::refusal_of;
use cordon_store::{AuditRecord, Failure};
use data_encoding::HEXLOWER;
use serde_json::json;
use tokio::sync::mpsc;

use crate::import::inspect::{self, Inspected};
use crate::import::refusal::{Fault, FileRefusal};
use crate::import::rows::{self, ImportRow};
use crate::intake::{Intake, acts_for, source_key};
use crate::preparing::{Chunks, PreparedChunk, Worker, bad_rows};
use crate::store;
use crate::store::imports::{ImportChange, StoredImport};
use crate::store::reports::Inserted;
use crate::uploads;

/// A file of reports on this machine's disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportSource {
    /// Where it lies.
    pub path: PathBuf,
    /// The name that the user gave it.
    pub file_name: String,
}

/// How far an import is to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportMode {
    /// Says what would happen and writes nothing but the import itself.
    DryRun,
    /// Writes the rows that are to be kept.
    Commit(Accept),
}

/// How far an import has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is being done.
    pub status: ImportStatus,
    /// What was counted so far.
    pub counts: ImportCounts,
}

/// Hears of progress after every chunk.
pub(crate) type Listener = Arc<dyn Fn(Progress) + Send + Sync>;

/// Who works on an import: the fence shows that nobody took over.
pub(crate) struct Holder {
    pub import: ImportId,
    /// The organisation that brought the file; it hears of the import even when a job goes on with it.
    pub organisation: OrganisationId,
    pub fence: i64,
    /// Whose right is asked for again with every chunk; nobody's while the caller waits.
    pub acting: Option<ActorKind>,
}

/// Rows of one chunk, as the file gives them.
pub(crate) struct RawChunk {
    pub rows: Vec<ImportRow>,
}

/// What the first look at a file said.
pub(crate) enum Reading {
    Began(Inspected),
    Chunk(RawChunk),
    Refused(FileRefusal),
}

/// The first chunk is so many times smaller than the usual one and each next one twice as large, so that writing begins at once.
const FIRST_CHUNK: usize = 8;

/// Reads a file on a thread of its own and hands its rows over in chunks; rows up to `skip` are passed over.
fn read_chunks(intake: &Intake, path: PathBuf, skip: u64) -> mpsc::Receiver<Reading> {
    let (sender, receiver) = mpsc::channel(1);
    let limits = intake.settings.imports.clone();
    let now = intake.clock.now();
    let reading = tokio::task::spawn_blocking({
        let sender = sender.clone();
        move || {
            let read = || -> Result<(), FileRefusal> {
                let inspected = inspect::inspect(&path, &limits)?;
                let mut rows = rows::open(&path, &inspected, &limits, now)?;
                if sender.blocking_send(Reading::Began(inspected)).is_err() {
                    return Ok(());
                }
                let mut wanted = (limits.chunk_rows / FIRST_CHUNK).max(1);
                let mut chunk = Vec::with_capacity(wanted);
                let mut bytes = 0;
                while let Some(row) = rows.next_row()? {
                    if row.number <= skip {
                        continue;
                    }
                    bytes += row.bytes();
                    chunk.push(row);
                    if chunk.len() >= wanted || bytes >= limits.max_chunk_bytes {
                        bytes = 0;
                        wanted = (wanted * 2).min(limits.chunk_rows);
                        let rows = std::mem::replace(&mut chunk, Vec::with_capacity(wanted));
                        // A closed channel means that nobody wants the rest.
                        if sender.blocking_send(Reading::Chunk(RawChunk { rows })).is_err() {
                            return Ok(());
                        }
                    }
                }
                if !chunk.is_empty() {
                    let _closed = sender.blocking_send(Reading::Chunk(RawChunk { rows: chunk }));
                }
                Ok(())
            };
            if let Err(refusal) = read() {
                let _closed = sender.blocking_send(Reading::Refused(refusal));
            }
        }
    });
    // A reader of broken workbooks that panics must read as a broken file, not as the end of a good one.
    tokio::spawn(async move {
        if reading.await.is_err() {
            let _closed = sender.send(Reading::Refused(FileRefusal::malformed())).await;
        }
    });
    receiver
}

/// Takes a call's context along for longer than the call itself: an import outlives the request that began it.
fn extended(intake: &Intake, ctx: &CallContext) -> CallContext {
    let deadline = intake.clock.now().plus(Duration::from_mins(5));
    CallContext { deadline, idempotency_key: None, ..ctx.clone() }
}

/// The caller as they are now, if they still may; none if the right to go on has ended since.
async fn still_allowed(intake: &Intake, ctx: &CallContext, holder: &Holder) -> Result<Option<CallContext>, Failure> {
    let before = match &holder.acting {
        Some(before @ (ActorKind::Person { .. } | ActorKind::Client { .. })) => before.clone(),
        Some(ActorKind::System { .. }) | None => return Ok(Some(ctx.clone())),
    };
    let asking = CallContext::system("import", intake.clock.now());
    let actor = match intake.directory.present_actor(asking, before).await {
        Ok(actor) => actor,
        Err(error) => {
            let refusal = refusal_of(&error);
            return if refusal.code == Code::Unauthenticated { Ok(None) } else { Err(refusal.into()) };
        }
    };
    let ctx = CallContext { actor, ..extended(intake, ctx) };
    let may_import = intake.authorize::<act::Create, on::Import>(&ctx).is_ok()
        || intake.authorize::<act::Modify, on::Import>(&ctx).is_ok();
    let may = may_import
        && acts_for(&ctx.actor, holder.organisation)
        && intake.authorize::<act::Create, on::Report>(&ctx).is_ok();
    Ok(may.then_some(ctx))
}

/// Ends an import whose right has ended; what is written stays, and is what the import says.
async fn stop(intake: &Intake, stored: &StoredImport, holder: &Holder) -> Result<(), Failure> {
    let ctx = CallContext::system("import", intake.clock.now());
    end_early(intake, &ctx, stored, holder, FileRefusal::right_ended()).await
}

fn count_codes(codes: &mut BTreeMap<BadRowCode, u64>, bad: &[BadRow]) {
    for row in bad {
        *codes.entry(row.code).or_default() += 1;
    }
}

pub(crate) fn length(rows: usize) -> u64 {
    u64::try_from(rows).unwrap_or(u64::MAX)
}

/// Keys are parts of a digest already, so they are their own hash.
#[derive(Default)]
struct AlreadyHashed(u64);

impl Hasher for AlreadyHashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

/// The source keys of a file that came before; eight bytes for each, so that a million rows take some 20 MiB.
#[derive(Default)]
struct SeenKeys(HashSet<u64, BuildHasherDefault<AlreadyHashed>>);

impl SeenKeys {
    fn insert(&mut self, key: [u8; 16]) -> bool {
        let first = key.first_chunk::<8>().copied().unwrap_or_default();
        self.0.insert(u64::from_be_bytes(first))
    }
}

/// Runs the dry run: every row is read and judged, nothing is written but the import and its broken rows.
pub(crate) async fn check(
    intake: &Intake,
    ctx: &CallContext,
    stored: &StoredImport,
    holder: &Holder,
    listener: &Listener,
) -> Result<(), Failure> {
    let organisation = stored.import.organisation;
    let mut chunks = read_chunks(intake, PathBuf::from(&stored.path), 0);
    let mut counts = ImportCounts::default();
    let mut codes: BTreeMap<BadRowCode, u64> = BTreeMap::new();
    let mut seen = SeenKeys::default();
    let mut file = None;
    while let Some(reading) = chunks.recv().await {
        let chunk = match reading {
            Reading::Began(inspected) => {
                file = Some((inspected.format, inspected.encoding));
                continue;
            }
            Reading::Refused(refusal) => return end_early(intake, ctx, stored, holder, refusal).await,
            Reading::Chunk(chunk) => chunk,
        };
        let Some(ctx) = &still_allowed(intake, ctx, holder).await? else {
            return stop(intake, stored, holder).await;
        };
        let bad = bad_rows(&chunk.rows);
        count_codes(&mut codes, &bad);
        let mut fresh = Vec::new();
        for row in &chunk.rows {
            counts.rows += 1;
            match &row.report {
                Err(_) => counts.broken += 1,
                Ok(report) => {
                    let key = source_key(report.channel.name(), &report.external_id);
                    if seen.insert(key) { fresh.push(key) } else { counts.existing += 1 }
                }
            }
        }
        let existing = store::reports::count_existing(intake.database.reader(), organisation, &fresh).await?;
        counts.existing += existing;
        counts.new += length(fresh.len()).saturating_sub(existing);
        let change = ImportChange {
            file,
            checked: Some(counts),
            lease_until: Some(lease_end(intake)),
            ..ImportChange::default()
        };
        save(intake, ctx, holder, change, bad, None).await?;
        listener(Progress { status: ImportStatus::Checking, counts });
    }
    let change = ImportChange {
        status: Some(ImportStatus::Checked),
        file,
        checked: Some(counts),
        broken_by_code: Some(codes.into_iter().collect()),
        lease_until: Some(Timestamp::from_millis(0)),
        ..ImportChange::default()
    };
    save(intake, ctx, holder, change, Vec::new(), Some(("import.check", ImportStatus::Checked))).await
}

/// Writes the rows of a file from where an earlier run stopped, chunk by chunk; each chunk is kept whole or not at all.
pub(crate) async fn commit(
    intake: &Intake,
    ctx: &CallContext,
    stored: &StoredImport,
    holder: &Holder,
    listener: &Listener,
) -> Result<(), Failure> {
    let import = &stored.import;
    let mut counts = import.committed;
    let mut codes: BTreeMap<BadRowCode, u64> =
        if import.checked.rows > 0 { BTreeMap::new() } else { import.broken_by_code.iter().copied().collect() };
    let was_checked = import.checked.rows > 0;
    let mut raw = read_chunks(intake, PathBuf::from(&stored.path), stored.rows_done.max(1));
    let days = intake.working_days().await?;
    let mut file = None;
    let first = match raw.recv().await {
        Some(Reading::Began(inspected)) => {
            file = Some((inspected.format, inspected.encoding));
            None
        }
        Some(Reading::Refused(refusal)) => Some(refusal),
        Some(Reading::Chunk(_)) | None => Some(FileRefusal::malformed()),
    };
    if let Some(refusal) = first {
        return end_early(intake, ctx, stored, holder, refusal).await;
    }
    let worker = Worker { intake: intake.clone(), organisation: import.organisation, import: import.id, days };
    let mut chunks = Chunks::new(worker, raw);
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk?;
        // A right that was taken away ends the import where it is.
        let Some(ctx) = &still_allowed(intake, ctx, holder).await? else {
            return stop(intake, stored, holder).await;
        };
        count_codes(&mut codes, &chunk.bad);
        counts.rows += chunk.rows;
        counts.broken += broken_rows(&chunk.bad);
        let broken_by_code = (!was_checked).then(|| codes.iter().map(|(code, count)| (*code, *count)).collect());
        let written = write_chunk(intake, ctx, holder, chunk, counts, file, broken_by_code).await?;
        counts = written;
        listener(Progress { status: ImportStatus::Committing, counts });
    }
    if let Some(refusal) = chunks.broke {
        return end_early(intake, ctx, stored, holder, refusal).await;
    }
    let change = ImportChange {
        status: Some(ImportStatus::Committed),
        file,
        checked: (!was_checked).then_some(counts),
        committed: Some(counts),
        lease_until: Some(Timestamp::from_millis(0)),
        ..ImportChange::default()
    };
    save(intake, ctx, holder, change, Vec::new(), Some(("import.commit", ImportStatus::Committed))).await?;
    uploads::remove(intake, &stored.path).await;
    Ok(())
}

fn broken_rows(bad: &[BadRow]) -> u64 {
    let mut numbers: Vec<u64> = bad.iter().map(|row| row.row).collect();
    numbers.dedup();
    length(numbers.len())
}

async fn write_chunk(
    intake: &Intake,
    ctx: &CallContext,
    holder: &Holder,
    chunk: PreparedChunk,
    mut counts: ImportCounts,
    file: Option<(cordon_case_intake_contract::FileFormat, Option<cordon_case_intake_contract::TextEncoding>)>,
    broken_by_code: Option<Vec<(BadRowCode, u64)>>,
) -> Result<ImportCounts, Failure> {
    let ctx = extended(intake, ctx);
    let grant = intake.authorize::<act::Create, on::Report>(&ctx)?;
    let (import, organisation, fence) = (holder.import, holder.organisation, holder.fence);
    let lease_until = lease_end(intake);
    intake
        .database
        .write(&ctx, move |mut tx| async move {
            let PreparedChunk { rows, last_row, reports, bad, digest } = chunk;
            let offered = length(reports.len());
            let Inserted { new, findings, near_duplicates } =
                store::reports::insert(tx.connection(), &grant, reports).await?;
            let stored = length(new.len());
            counts.new += stored;
            counts.existing += offered.saturating_sub(stored);
            counts.near_duplicates += near_duplicates;
            counts.findings += findings;
            store::imports::insert_bad_rows(tx.connection(), import, &bad).await?;
            let change = ImportChange {
                status: Some(ImportStatus::Committing),
                file,
                committed: Some(counts),
                broken_by_code,
                rows_done: Some(last_row),
                lease_until: Some(lease_until),
                ..ImportChange::default()
            };
            store::imports::apply(tx.connection(), import, fence, tx.now(), change).await?;
            let record = json!({
                "rows": rows, "last_row": last_row, "new": stored, "existing": offered - stored.min(offered),
                "broken": broken_rows(&bad), "near_duplicates": near_duplicates, "findings": findings, "digest": HEXLOWER.encode(&digest),
            });
            let record = AuditRecord::new("report.import_chunk", import.to_string(), record);
            tx.record(record.of_organisation(organisation));
            if let Some((first, last)) = new.first().zip(new.last()) {
                tx.emit(NewEvent {
                    topic: topic::REPORTS_STORED.to_owned(),
                    subject: import.to_string(),
                    audience: vec![organisation],
                    payload: json!({ "import": import, "count": stored, "findings": findings, "first": first, "last": last }),
                });
            }
            tx.commit(counts).await
        })
        .await
}

fn lease_end(intake: &Intake) -> Timestamp {
    intake.clock.now().plus(Duration::from_secs(intake.settings.imports.lease_seconds))
}

/// Notes that the file as a whole is not taken, or not to its end. A fault of the machine ends nothing at first: the lease runs
/// out and the job for interrupted imports tries again.
pub(crate) async fn end_early(
    intake: &Intake,
    ctx: &CallContext,
    stored: &StoredImport,
    holder: &Holder,
    refusal: FileRefusal,
) -> Result<(), Failure> {
    if refusal.fault == Fault::Passing
        && count_attempt(intake, ctx, holder).await? < intake.settings.imports.read_attempts
    {
        return Err(Refusal::from(refusal).into());
    }
    let FileRefusal { rule, text, fault } = refusal;
    // Only what stands in the file decides about the same content for ever.
    let (action, status) = match fault {
        Fault::Content => ("import.refuse", ImportStatus::Refused),
        Fault::Passing | Fault::Gone => ("import.fail", ImportStatus::Failed),
    };
    let change = ImportChange {
        status: Some(status),
        refusal: Some((rule.to_owned(), text)),
        lease_until: Some(Timestamp::from_millis(0)),
        ..ImportChange::default()
    };
    save(intake, ctx, holder, change, Vec::new(), Some((action, status))).await?;
    uploads::remove(intake, &stored.path).await;
    Ok(())
}

async fn count_attempt(intake: &Intake, ctx: &CallContext, holder: &Holder) -> Result<u32, Failure> {
    let ctx = extended(intake, ctx);
    let (import, fence) = (holder.import, holder.fence);
    intake
        .database
        .write(&ctx, move |tx| async move {
            let attempts = store::imports::count_attempt(tx.connection(), import, fence).await?;
            tx.commit(attempts).await
        })
        .await
}

/// Writes a change of the import itself; with a step, the ledger and others hear of it.
async fn save(
    intake: &Intake,
    ctx: &CallContext,
    holder: &Holder,
    change: ImportChange,
    bad: Vec<BadRow>,
    step: Option<(&'static str, ImportStatus)>,
) -> Result<(), Failure> {
    let ctx = extended(intake, ctx);
    let (import, organisation, fence) = (holder.import, holder.organisation, holder.fence);
    intake
        .database
        .write(&ctx, move |mut tx| async move {
            store::imports::insert_bad_rows(tx.connection(), import, &bad).await?;
            let counts = change.committed.or(change.checked);
            let refusal = change.refusal.as_ref().map(|(rule, _)| rule.clone());
            store::imports::apply(tx.connection(), import, fence, tx.now(), change).await?;
            if let Some((action, status)) = step {
                let record = json!({ "counts": counts, "refusal": refusal });
                tx.record(AuditRecord::new(action, import.to_string(), record).of_organisation(organisation));
                tx.emit(NewEvent {
                    topic: topic::IMPORT_MOVED.to_owned(),
                    subject: import.to_string(),
                    audience: vec![organisation],
                    payload: json!({ "import": import, "status": status }),
                });
            }
            tx.commit(()).await
        })
        .await
}

/// The import as it stands now.
pub(crate) async fn present(intake: &Intake, import: ImportId) -> Result<Import, Failure> {
    let scope = Scope::system("the import being worked on");
    let found = store::imports::by_ids(intake.database.reader(), &scope, &[import]).await?.pop();
    Ok(found.ok_or_else(Refusal::not_found)?.import)
}

#[cfg(test)]
mod tests {

    use super::*;

    #[test]
    fn keys_are_seen_once() {
        let mut seen = SeenKeys::default();
        let key = source_key("web", "R1");
        assert!(seen.insert(key));
        assert!(!seen.insert(key));
        assert!(seen.insert(source_key("police", "R1")));
    }
}
