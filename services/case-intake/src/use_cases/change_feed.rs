//! The feed of changes to cases.

use std::collections::BTreeMap;

use cordon_case_intake_contract::{Change, topic};
use cordon_context::{CallContext, CaseId};
use cordon_store::Failure;

use crate::intake::Intake;
use crate::store;

/// Events that are looked through at a time.
const BATCH: u32 = 500;

/// Topics that say something of a case; their payloads name it.
const TOPICS: [&str; 7] = [
    topic::CASE_OPENED,
    topic::CASE_CHANGED,
    topic::CASE_WITHDRAWN,
    topic::CASE_CLOSED,
    topic::CLUE_QUERY_MOVED,
    topic::BULLETIN_MOVED,
    topic::TRACE_BACK_FILED,
];

/// The position of the last change, of whatever kind; it says nothing about any case.
pub(crate) async fn last_position(intake: &Intake, ctx: CallContext) -> Result<i64, Failure> {
    let _grant = intake.case_scope(&ctx)?;
    intake.database.last_position().await
}

/// Lists the changes to cases within reach after a position; the right is asked for anew every time.
pub(crate) async fn changes(intake: &Intake, ctx: CallContext, after: i64, limit: u32) -> Result<Vec<Change>, Failure> {
    let grant = intake.case_scope(&ctx)?;
    let wanted = usize::try_from(limit.clamp(1, BATCH)).unwrap_or(1);
    let mut changes: Vec<Change> = Vec::new();
    let mut position = after;
    loop {
        let events = intake.database.changes(position, BATCH).await?;
        let Some(last) = events.last().map(|event| event.position) else { return Ok(changes) };
        position = last;
        let mut named: BTreeMap<i64, CaseId> = BTreeMap::new();
        for event in events.iter().filter(|event| TOPICS.contains(&event.content.topic.as_str())) {
            let case = event.content.payload.get("case").and_then(serde_json::Value::as_str);
            if let Some(case) = case.and_then(|text| text.parse().ok()) {
                named.insert(event.position, case);
            }
        }
        let mut cases: Vec<CaseId> = named.values().copied().collect();
        cases.sort_unstable();
        cases.dedup();
        let visible = store::cases::visible(intake.database.reader(), grant.scope(), &cases).await?;
        for event in events {
            let Some(case) = named.get(&event.position).filter(|case| visible.binary_search(case).is_ok()) else {
                continue;
            };
            changes.push(Change {
                position: event.position,
                at: event.at,
                topic: event.content.topic,
                case: *case,
                subject: event.content.subject,
            });
            if changes.len() == wanted {
                return Ok(changes);
            }
        }
    }
}
