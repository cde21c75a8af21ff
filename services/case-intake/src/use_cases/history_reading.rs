//! Histories are read.

use std::collections::BTreeMap;

use cordon_case_intake_contract::{History, HistoryEntry, HistoryOf, ReportStatus};
use cordon_context::{Actor, CallContext, Id, IdKind};
use cordon_policies::{act, on};
use cordon_store::Failure;
use uuid::Uuid;

use crate::domain::content::made_at;
use crate::domain::report::Step;
use crate::domain::text::check_count;
use crate::intake::{Intake, acts_for};
use crate::store;
use crate::store::reports::StoredReport;
use crate::use_cases::reading_reports::LARGEST_BATCH;

/// Tells what happened to a thing; nothing when it lies outside the reader's reach.
pub(crate) async fn history(intake: &Intake, ctx: CallContext, of: HistoryOf) -> Result<Vec<HistoryEntry>, Failure> {
    let found = histories(intake, ctx, vec![of]).await?.pop();
    Ok(found.map(|history| history.entries).unwrap_or_default())
}

/// The identifiers of one kind among those of all kinds.
fn of_kind<K: IdKind>(of: &[HistoryOf], pick: impl Fn(&HistoryOf) -> Option<Id<K>>) -> Vec<Id<K>> {
    of.iter().filter_map(pick).collect()
}

/// Tells what happened to several things, without those that lie outside the reader's reach.
pub(crate) async fn histories(intake: &Intake, ctx: CallContext, of: Vec<HistoryOf>) -> Result<Vec<History>, Failure> {
    check_count("of", of.len(), 0, LARGEST_BATCH)?;
    let reader = intake.database.reader();
    let mut visible: Vec<(HistoryOf, Uuid)> = Vec::new();
    let mut reports: BTreeMap<Uuid, StoredReport> = BTreeMap::new();
    let asked = of_kind(&of, |of| if let HistoryOf::Report(id) = of { Some(*id) } else { None });
    if !asked.is_empty() {
        let grant = intake.authorize::<act::Read, on::Report>(&ctx)?;
        for report in store::reports::by_ids(reader, grant.scope(), &asked).await? {
            visible.push((HistoryOf::Report(report.id), report.id.uuid()));
            reports.insert(report.id.uuid(), report);
        }
    }
    let asked = of_kind(&of, |of| if let HistoryOf::Case(id) = of { Some(*id) } else { None });
    if !asked.is_empty() {
        let grant = intake.case_scope(&ctx)?;
        let found = store::cases::visible(reader, grant.scope(), &asked).await?;
        visible.extend(found.into_iter().map(|id| (HistoryOf::Case(id), id.uuid())));
    }
    let asked = of_kind(&of, |of| if let HistoryOf::ClueQuery(id) = of { Some(*id) } else { None });
    if !asked.is_empty() {
        let grant = intake.authorize::<act::Read, on::ClueQuery>(&ctx)?;
        let found = store::clue_queries::by_ids(reader, grant.scope(), &asked).await?;
        visible.extend(found.into_iter().map(|query| (HistoryOf::ClueQuery(query.id), query.id.uuid())));
    }
    let asked = of_kind(&of, |of| if let HistoryOf::Clue(id) = of { Some(*id) } else { None });
    if !asked.is_empty() {
        let grant = intake.authorize::<act::Read, on::Clue>(&ctx)?;
        let found = store::clues::by_ids(reader, grant.scope(), &asked).await?;
        visible.extend(found.into_iter().map(|clue| (HistoryOf::Clue(clue.id), clue.id.uuid())));
    }
    let asked = of_kind(&of, |of| if let HistoryOf::Bulletin(id) = of { Some(*id) } else { None });
    if !asked.is_empty() {
        let grant = intake.authorize::<act::Read, on::Bulletin>(&ctx)?;
        let found = store::bulletins::by_ids(reader, grant.scope(), &asked, intake.clock.now()).await?;
        visible.extend(found.into_iter().map(|bulletin| (HistoryOf::Bulletin(bulletin.id), bulletin.id.uuid())));
    }
    let objects: Vec<Uuid> = visible.iter().map(|(_, object)| *object).collect();
    let mut entries: BTreeMap<Uuid, Vec<HistoryEntry>> = BTreeMap::new();
    for (object, entry) in store::history::of_all(reader, &objects).await? {
        entries.entry(object).or_default().push(entry);
    }
    let told = visible.into_iter().map(|(of, object)| {
        let entries = entries.remove(&object).unwrap_or_default();
        let entries = match reports.get(&object) {
            Some(report) => of_report(&ctx.actor, report, entries),
            None => entries,
        };
        History { of, entries }
    });
    Ok(told.collect())
}

/// The history of a report as this reader hears it.
fn of_report(reader: &Actor, report: &StoredReport, mut entries: Vec<HistoryEntry>) -> Vec<HistoryEntry> {
    // An enterprise to which it was dispatched hears of it from there on; what organs noted before is theirs.
    if reader.organisation_kind.is_enterprise() && !acts_for(reader, report.organisation) {
        let dispatched = entries.iter().rposition(|entry| entry.step == Step::Dispatch.name());
        return entries.split_off(dispatched.unwrap_or(entries.len()));
    }
    // Rows of an import have no first entry of their own: the import is one.
    if let Some(import) = report.import {
        let first = HistoryEntry {
            sequence: 0,
            at: made_at(report.id.uuid()),
            step: "import".to_owned(),
            from: None,
            to: ReportStatus::Deduplicated.name().to_owned(),
            party: import.to_string(),
            organisation: report.organisation,
            note: None,
        };
        entries.insert(0, first);
    }
    entries
}
