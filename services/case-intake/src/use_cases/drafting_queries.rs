//! A clue query is written.

use cordon_case_intake_contract::{ClueQuery, ClueQueryStatus, DraftClueQuery, topic};
use cordon_context::{CallContext, ClueQueryId, OrganisationKind, QueryItemId, Refusal, Scope};
use cordon_events::NewEvent;
use cordon_policies::{act, on};
use cordon_store::{AuditRecord, Failure};
use serde_json::json;

use crate::addressees::{self, Named};
use crate::domain::numbering::{Series, number, sequence_name};
use crate::domain::text::check_count;
use crate::intake::Intake;
use crate::sealing::ITEM_VALUE;
use crate::store;
use crate::store::clue_queries::{StoredItem, StoredQuery};
use crate::store::history::{self, Step};
use crate::use_cases::case_opening::check_open;
use crate::use_cases::reading_queries::present;

/// Writes a query about subjects of a case in which the caller takes part.
pub(crate) async fn draft_clue_query(
    intake: &Intake,
    ctx: CallContext,
    input: DraftClueQuery,
) -> Result<ClueQuery, Failure> {
    let grant = intake.authorize::<act::Create, on::ClueQuery>(&ctx)?;
    let cases = intake.case_scope(&ctx)?;
    check_count("items", input.items.len(), 1, 200)?;
    let named = Named {
        field: "addressee",
        rule: "clue_query.addressee",
        organisation: input.addressee,
        fits: OrganisationKind::is_enterprise,
    };
    let addressed = addressees::check(intake, &ctx, vec![named]).await;
    let inner = intake.clone();
    intake
        .database
        .write_once(&ctx, "case_intake.draft_clue_query", &input.clone(), move |mut tx| async move {
            let DraftClueQuery { case, addressee, urgency, items } = input;
            let case = store::cases::by_id(tx.connection(), cases.scope(), case).await?;
            check_open(&case)?;
            addressed?;
            let subjects: Vec<_> = items.iter().map(|item| item.subject).collect();
            let known = inner.known_subjects(tx.connection(), &[case.id], &subjects).await?;
            let id = ClueQueryId::new(tx.now());
            let mut stored = Vec::with_capacity(items.len());
            for item in items {
                // What the case's reports do not name cannot be asked about under its cover.
                let known = known.iter().find(|known| known.subject == item.subject).ok_or_else(Refusal::not_found)?;
                let place = QueryItemId::new(tx.now());
                stored.push(StoredItem {
                    id: place,
                    query: id,
                    query_type: item.query_type,
                    subject: item.subject,
                    kind: known.kind,
                    value: inner.sealer.seal(ITEM_VALUE, place.uuid(), &known.value)?,
                    outcome: None,
                    answer: None,
                    answered_at: None,
                    expired: false,
                });
            }
            let actor = tx.context().actor.clone();
            let name = sequence_name(Series::ClueQuery, case.region, tx.now());
            let query = StoredQuery {
                id,
                number: number(&name, store::numbers::next(tx.connection(), &name).await?),
                case: case.id,
                organisation: actor.organisation,
                region: case.region,
                addressee,
                urgency,
                status: ClueQueryStatus::Draft,
                drafted_by: actor.party(),
                approved_by: None,
                document_number: None,
                due_at: None,
                answered_at: None,
                quality: None,
                created_at: tx.now(),
                issued_at: None,
                expires_at: None,
                version: 1,
                items: stored,
            };
            store::clue_queries::insert(tx.connection(), &grant, query).await?;
            let query =
                store::clue_queries::by_id(tx.connection(), &Scope::system("the query just written"), id).await?;
            let step = Step { object: id.uuid(), step: "draft", from: None, to: query.status.name(), note: None };
            history::append(&tx, step).await?;
            let record = json!({ "case": case.id, "addressee": addressee, "items": query.items.len() });
            tx.record(AuditRecord::new("clue_query.draft", id.to_string(), record));
            tx.emit(NewEvent {
                topic: topic::CLUE_QUERY_MOVED.to_owned(),
                subject: id.to_string(),
                audience: vec![actor.organisation],
                payload: json!({ "query": id, "case": case.id, "status": query.status }),
            });
            let answer = present(&inner, &actor, query)?;
            tx.commit(answer).await
        })
        .await
}
