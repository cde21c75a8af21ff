//! Chunks of a file on their way into rows: prepared side by side, handed on in the order of the file.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use cordon_calendar::WorkingDays;
use cordon_case_intake_contract::{BadRow, ReportStatus};
use cordon_context::{ImportId, OrganisationId, ReportId, Timestamp};
use cordon_store::Failure;
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::domain::content::new_report_id;
use crate::domain::report::due_at;
use crate::import::refusal::FileRefusal;
use crate::import::rows::ImportRow;
use crate::intake::Intake;
use crate::pipeline::{RawChunk, Reading, length};
use crate::store::reports::PackedReports;

/// Rows of one chunk, ready to be written.
pub(crate) struct PreparedChunk {
    pub rows: u64,
    pub last_row: u64,
    pub reports: PackedReports,
    pub bad: Vec<BadRow>,
    pub digest: [u8; 32],
}

/// So many chunks are under way at a time: the next one, and the one after it, which is prepared while the next one is written.
const SIDE_BY_SIDE: usize = 2;

/// The chunks of a file: prepared side by side, handed on in the order of the file.
pub(crate) struct Chunks {
    worker: Arc<Worker>,
    raw: mpsc::Receiver<Reading>,
    under_way: VecDeque<JoinHandle<Result<PreparedChunk, Failure>>>,
    made_at: Timestamp,
    /// What ended the file early.
    pub broke: Option<FileRefusal>,
}

impl Chunks {
    pub(crate) fn new(worker: Worker, raw: mpsc::Receiver<Reading>) -> Self {
        let made_at = Timestamp::from_millis(0);
        Self { worker: Arc::new(worker), raw, under_way: VecDeque::new(), made_at, broke: None }
    }

    /// The next chunk in the order of the file.
    pub(crate) async fn next(&mut self) -> Option<Result<PreparedChunk, Failure>> {
        while self.under_way.len() < SIDE_BY_SIDE && self.broke.is_none() {
            match self.raw.recv().await {
                Some(Reading::Chunk(chunk)) => {
                    // Identifiers rise from chunk to chunk, even when the clock stands still between them.
                    let now = self.worker.intake.clock.now();
                    self.made_at = now.max(self.made_at.plus(Duration::from_millis(1)));
                    let (worker, made_at) = (Arc::clone(&self.worker), self.made_at);
                    self.under_way.push_back(tokio::task::spawn_blocking(move || worker.prepare(chunk, made_at)));
                }
                Some(Reading::Began(_)) => {}
                Some(Reading::Refused(refusal)) => self.broke = Some(refusal),
                None => break,
            }
        }
        let prepared = self.under_way.pop_front()?.await;
        Some(prepared.unwrap_or(Err(Failure::Panicked)))
    }
}

/// Prepares chunks: finds identifiers, fingerprints, seals.
pub(crate) struct Worker {
    pub intake: Intake,
    pub organisation: OrganisationId,
    pub import: ImportId,
    pub days: WorkingDays,
}

impl Worker {
    fn prepare(&self, chunk: RawChunk, made_at: Timestamp) -> Result<PreparedChunk, Failure> {
        let now = self.intake.clock.now();
        let bad = bad_rows(&chunk.rows);
        let rows = length(chunk.rows.len());
        let last_row = chunk.rows.last().map_or(0, |row| row.number);
        let ids = ChunkIds::new(new_report_id(made_at));
        let mut reports = Vec::with_capacity(chunk.rows.len());
        let mut digest = Sha256::new();
        let good = chunk.rows.into_iter().filter_map(|row| row.report.ok());
        for (report, id) in good.zip(ids) {
            let received_at = report.received_at;
            let mut ready = self.intake.prepare(id, self.organisation, report)?;
            ready.import = Some(self.import);
            ready.status = ReportStatus::Deduplicated;
            ready.due_at = due_at(ready.status, now, received_at, &self.intake.settings.reports, &self.days);
            digest.update(ready.id.uuid().as_bytes());
            digest.update(ready.source_key);
            digest.update(ready.fingerprint.as_bytes());
            reports.push(ready);
        }
        let reports = PackedReports::new(self.intake.database.backend().db_backend(), reports);
        Ok(PreparedChunk { rows, last_row, reports, bad, digest: digest.finalize().into() })
    }
}

/// Rising identifiers of one chunk, so that its rows lie side by side in every index by identifier.
struct ChunkIds {
    base: u128,
    next: u128,
}

impl ChunkIds {
    /// Twelve bits are the findings', the next twenty count the rows of a chunk.
    const STEP: u128 = 1 << 12;
    const COUNTED: u128 = (1 << 32) - 1;

    fn new(first: ReportId) -> Self {
        Self { base: first.uuid().as_u128() & !Self::COUNTED, next: 0 }
    }
}

impl Iterator for ChunkIds {
    type Item = ReportId;

    fn next(&mut self) -> Option<ReportId> {
        let id = self.base | (self.next & Self::COUNTED);
        self.next += Self::STEP;
        (self.next <= Self::COUNTED + 1).then(|| ReportId::from_uuid(Uuid::from_u128(id)))
    }
}

pub(crate) fn bad_rows(rows: &[ImportRow]) -> Vec<BadRow> {
    rows.iter()
        .filter_map(|row| row.report.as_ref().err().map(|problems| (row.number, problems)))
        .flat_map(|(number, problems)| {
            problems.iter().map(move |(column, code)| BadRow {
                row: number,
                column: column.map(|column| column.name().to_owned()).unwrap_or_default(),
                code: *code,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::content::{finding_id, place_of};

    #[test]
    fn identifiers_of_a_chunk_rise_and_leave_room_for_findings() {
        let ids: Vec<ReportId> = ChunkIds::new(new_report_id(Timestamp::from_millis(1_000))).take(5_000).collect();
        assert!(ids.is_sorted());
        let last = ids[4_999];
        assert_eq!(place_of(finding_id(last.uuid(), 7)), Some((last, 7)));
        assert_eq!(crate::domain::content::made_at(last.uuid()), Timestamp::from_millis(1_000));
    }
}
