//! The feed of changes to cases.

use std::collections::BTreeMap;

use cordon_case_intake_contract::{Change, Changes, topic};
use cordon_context::{CallContext, CaseId};
use cordon_store::Failure;

use crate::intake::Intake;
use crate::store;

/// The most events that one call looks at.
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
///
/// One call looks through one batch: who sees little of what happens asks again, and holds nobody up meanwhile.
pub(crate) async fn changes(intake: &Intake, ctx: CallContext, after: i64, limit: u32) -> Result<Changes, Failure> {
    let grant = intake.case_scope(&ctx)?;
    let wanted = usize::try_from(limit.clamp(1, BATCH)).unwrap_or(1);
    let events = intake.database.changes(after, BATCH).await?;
    let full = u32::try_from(events.len()).is_ok_and(|count| count >= BATCH);
    let next = events.last().map_or(after, |event| event.position);
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
    let mut changes: Vec<Change> = Vec::new();
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
            return Ok(Changes { changes, next: event.position, more: full || event.position < next });
        }
    }
    Ok(Changes { changes, next, more: full })
}
