//! Histories are read.

use cordon_case_intake_contract::{HistoryEntry, HistoryOf};
use cordon_context::CallContext;
use cordon_policies::{act, on};
use cordon_store::Failure;
use uuid::Uuid;

use crate::domain::content::made_at;
use crate::domain::report::Step;
use crate::intake::{Intake, acts_for};
use crate::store;

/// Tells what happened to a thing; nothing when it lies outside the reader's reach.
pub(crate) async fn history(intake: &Intake, ctx: CallContext, of: HistoryOf) -> Result<Vec<HistoryEntry>, Failure> {
    let reader = intake.database.reader();
    let now = intake.clock.now();
    let (object, visible): (Uuid, bool) = match of {
        HistoryOf::Report(id) => {
            let grant = intake.authorize::<act::Read, on::Report>(&ctx)?;
            let report = store::reports::by_ids(reader, grant.scope(), &[id]).await?.pop();
            let Some(report) = report else { return Ok(Vec::new()) };
            let mut entries = store::history::of(reader, id.uuid()).await?;
            // An enterprise to which it was dispatched hears of it from there on; what organs noted before is theirs.
            if ctx.actor.organisation_kind.is_enterprise() && !acts_for(&ctx.actor, report.organisation) {
                let dispatched = entries.iter().rposition(|entry| entry.step == Step::Dispatch.name());
                return Ok(entries.split_off(dispatched.unwrap_or(entries.len())));
            }
            // Rows of an import have no first entry of their own: the import is one.
            if let Some(import) = report.import {
                let mut all = vec![HistoryEntry {
                    sequence: 0,
                    at: made_at(id.uuid()),
                    step: "import".to_owned(),
                    from: None,
                    to: cordon_case_intake_contract::ReportStatus::Deduplicated.name().to_owned(),
                    party: import.to_string(),
                    organisation: report.organisation,
                    note: None,
                }];
                all.append(&mut entries);
                entries = all;
            }
            return Ok(entries);
        }
        HistoryOf::Case(id) => {
            let grant = intake.case_scope(&ctx)?;
            (id.uuid(), !store::cases::visible(reader, grant.scope(), &[id]).await?.is_empty())
        }
        HistoryOf::ClueQuery(id) => {
            let grant = intake.authorize::<act::Read, on::ClueQuery>(&ctx)?;
            (id.uuid(), !store::clue_queries::by_ids(reader, grant.scope(), &[id]).await?.is_empty())
        }
        HistoryOf::Clue(id) => {
            let grant = intake.authorize::<act::Read, on::Clue>(&ctx)?;
            (id.uuid(), !store::clues::by_ids(reader, grant.scope(), &[id]).await?.is_empty())
        }
        HistoryOf::Bulletin(id) => {
            let grant = intake.authorize::<act::Read, on::Bulletin>(&ctx)?;
            (id.uuid(), !store::bulletins::by_ids(reader, grant.scope(), &[id], now).await?.is_empty())
        }
    };
    if visible { store::history::of(reader, object).await } else { Ok(Vec::new()) }
}
