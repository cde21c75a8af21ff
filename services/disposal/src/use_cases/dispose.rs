//! 一键处置: one press makes one order from many targets.

use cordon_context::{Bilingual, CallContext, Id, ItemId, OrderId, Refusal};
use cordon_disposal_contract::events::{self, OrderHappened};
use cordon_disposal_contract::{DisposeSubjects, Disposed, Item, LegalBasis, OrderOrigin, OrderStage, TaskCounts};
use cordon_events::NewEvent;
use cordon_policies::{act, on};
use cordon_store::{AuditRecord, Failure, Tx};
use serde_json::json;

use crate::domain::content_hash::{Content, ContentItem, digest_of};
use crate::domain::numbers::Series;
use crate::domain::order_machine::{OrderEvent, transition};
use crate::service::{Disposal, Standing as _};
use crate::store::items::StoredItem;
use crate::store::orders::{self, StoredOrder};
use crate::store::timeline::{self, Happening};
use crate::store::{items, numbers};
use crate::use_cases::preview::{Considered, Target};

const DISPOSE: &str = "disposal.dispose_subjects";

/// The longest reason, in characters.
const LONGEST_TEXT: usize = 2_000;

impl Disposal {
    /// Makes one order and submits it for review, or keeps it as a draft.
    pub(crate) async fn dispose_subjects(
        &self,
        ctx: &CallContext,
        input: DisposeSubjects,
    ) -> Result<Disposed, Failure> {
        let grant = self.grant::<act::Create, on::Order>(ctx)?;
        let person = ctx.actor.named_person()?;
        check_texts(&input)?;
        if let Some(before) = self.parts.database.answered(ctx, DISPOSE, &input).await? {
            // The answer to a retry is what was answered, whatever the case intake or the routes say by now.
            return Ok(before);
        }
        // What is found out here needs other services; the transaction below must not wait for them.
        let Considered { preview, targets } = self.consider(ctx, &input).await?;
        if let Some(row) = preview.rows.iter().find(|row| !row.fit)
            && (!input.skip_unfit || preview.fit == 0)
        {
            let why = row.findings.iter().find(|finding| finding.kind.blocks());
            let (zh, en, rule) = why
                .map_or(("对象不可处置".into(), "the target cannot be disposed of".into(), "unfit"), |finding| {
                    (finding.text.zh.clone(), finding.text.en.clone(), finding.kind.name())
                });
            let text = Bilingual::new(
                format!("第 {} 个对象：{zh}", row.position + 1),
                format!("target {}: {en}", row.position + 1),
            );
            return Err(Refusal::invalid(format!("subjects.{}", row.position), format!("subject.{rule}"), text).into());
        }
        let digest = digest_of(&input);
        let service = self.clone();
        let asked = input.clone();
        let preview_kept = preview.clone();
        self.parts
            .database
            .write_once(ctx, DISPOSE, &asked, move |mut tx| async move {
                let fit: Vec<Target> = preview
                    .rows
                    .iter()
                    .zip(targets)
                    .filter(|(row, _)| row.fit)
                    .filter_map(|(_, target)| target)
                    .collect();
                let order = service.new_order(&tx, &input, person, &preview, fit.len()).await?;
                let mut order = order;
                let stored = fit
                    .into_iter()
                    .enumerate()
                    .map(|(position, target)| service.new_item(&order, position, target))
                    .collect::<Result<Vec<_>, Failure>>()?;
                order.content_hash = content_hash(&order, &stored)?;
                if !input.keep_draft {
                    let facts = service.order_facts(tx.context(), &order);
                    let step = transition(order.stage, OrderEvent::Submit, &facts).map_err(Refusal::from)?;
                    service.submitted(&mut order, step.to, tx.now());
                }
                orders::insert(&tx, &grant, &order).await?;
                items::insert(&tx, &grant, &stored).await?;
                let event = if input.keep_draft { "order.draft" } else { OrderEvent::Submit.name() };
                let detail = json!({ "items": order.item_count, "content": order.content_hash });
                happened(&mut tx, &order, event, None, detail, digest).await?;
                if order.stage == OrderStage::PendingReview {
                    emit(&mut tx, events::ORDER_SUBMITTED, &order);
                }
                let order = order.into_order(TaskCounts::default());
                tx.commit(Disposed { order, preview: preview_kept }).await
            })
            .await
    }

    async fn new_order(
        &self,
        tx: &Tx,
        input: &DisposeSubjects,
        person: cordon_context::PersonId,
        preview: &cordon_disposal_contract::DisposalPreview,
        count: usize,
    ) -> Result<StoredOrder, Failure> {
        let actor = &tx.context().actor;
        let now = tx.now();
        Ok(StoredOrder {
            id: OrderId::new(now),
            number: numbers::next(tx, Series::Order, actor.region, now.china_date()).await?,
            stage: OrderStage::Draft,
            requester: actor.organisation,
            requester_kind: actor.organisation_kind,
            requester_level: actor.level,
            region: actor.region,
            case: input.case,
            legal_basis: input.legal_basis.clone(),
            urgency: input.urgency,
            origin: input.origin.clone(),
            reason: input.reason.trim().to_owned(),
            duration_days: input.duration_days,
            drafter: Some(person),
            authors: vec![person],
            created_at: now,
            submitted_at: None,
            review_due: None,
            issued_at: None,
            returned_reason: None,
            emergency: None,
            approval_level: preview.approval_level,
            needs_protected: preview.needs_protected_approval,
            secrecy_reason: input.secrecy_reason.clone(),
            content_hash: String::new(),
            item_count: u32::try_from(count).unwrap_or(u32::MAX),
            next_alarm: None,
            version: 1,
            approvals: Vec::new(),
        })
    }

    fn new_item(&self, order: &StoredOrder, position: usize, target: Target) -> Result<StoredItem, Failure> {
        let Target { identifier, subject, subject_index, measures, functions, protected } = target;
        let id: ItemId = Id::derived(order.id.uuid(), &format!("item {position}"));
        let position = u32::try_from(position).unwrap_or(u32::MAX);
        let item = Item { id, order: order.id, position, subject, measures, functions, protected };
        StoredItem::seal(&self.parts.vault, item, subject_index, &identifier)
    }
}

/// The hash of what an order says.
pub(crate) fn content_hash(order: &StoredOrder, items: &[StoredItem]) -> Result<String, Failure> {
    let content = Content {
        order: order.id,
        requester: order.requester,
        case: order.case,
        legal_basis: order.legal_basis.as_ref(),
        urgency: order.urgency,
        origin: &order.origin,
        reason: &order.reason,
        duration_days: order.duration_days,
        secrecy_reason: order.secrecy_reason.as_deref(),
        items: items
            .iter()
            .map(|item| ContentItem {
                item: item.item.id,
                subject_index: &item.subject_index,
                measures: item.measures(),
                functions: item.functions(),
            })
            .collect(),
    };
    content.hash().map_err(|source| Failure::internal("an order could not be hashed", source))
}

fn check_texts(input: &DisposeSubjects) -> Result<(), Failure> {
    check_text("reason", &input.reason)?;
    if let Some(basis) = &input.legal_basis {
        check_basis(basis)?;
    }
    if let OrderOrigin::Model { model, .. } = &input.origin {
        check_text("origin.model", model)?;
    }
    check_duration(input.duration_days)
}

/// Refuses a measure that would end as it begins.
pub(crate) fn check_duration(days: Option<u32>) -> Result<(), Failure> {
    if days == Some(0) {
        let text = Bilingual::new("期限至少为一天", "the duration is at least one day");
        return Err(Refusal::invalid("duration_days", "order.duration", text).into());
    }
    Ok(())
}

/// Refuses a document that lacks its number, issuer or approver, or ends before it begins.
pub(crate) fn check_basis(basis: &LegalBasis) -> Result<(), Failure> {
    check_text("legal_basis.number", &basis.number)?;
    check_text("legal_basis.issuer", &basis.issuer)?;
    check_text("legal_basis.approver", &basis.approver)?;
    if basis.valid_to.is_some_and(|end| end <= basis.issued_at) {
        let text = Bilingual::new("文书有效期止早于签发时间", "the document ends before it was issued");
        return Err(Refusal::invalid("legal_basis.valid_to", "order.legal_basis_range", text).into());
    }
    Ok(())
}

/// Refuses an empty or overlong text.
pub(crate) fn check_text(field: &str, text: &str) -> Result<(), Failure> {
    let length = text.trim().chars().count();
    if length == 0 || length > LONGEST_TEXT {
        let text = Bilingual::new(
            format!("须填写 1 至 {LONGEST_TEXT} 个字符"),
            format!("it takes 1 to {LONGEST_TEXT} characters"),
        );
        return Err(Refusal::invalid(field, "text.length", text).into());
    }
    Ok(())
}

/// Writes down that something happened to an order.
pub(crate) async fn happened(
    tx: &mut Tx,
    order: &StoredOrder,
    event: &'static str,
    from: Option<OrderStage>,
    detail: serde_json::Value,
    digest: String,
) -> Result<(), Failure> {
    let happening = Happening {
        order: order.id,
        task: None,
        appeal: None,
        event,
        from: from.map(OrderStage::name),
        to: Some(order.stage.name()),
        refused_by: None,
        detail: detail.clone(),
        payload_digest: digest.clone(),
    };
    timeline::add(tx, vec![happening]).await?;
    let payload = json!({ "from": from, "to": order.stage, "detail": digest_of(&detail), "payload": digest });
    tx.record(AuditRecord::new(event, order.id.to_string(), payload).of_organisation(order.requester));
    Ok(())
}

/// Tells of an order: to its requester.
pub(crate) fn emit(tx: &mut Tx, topic: &str, order: &StoredOrder) {
    tx.emit(event_of(topic, order));
}

/// The event that tells of an order, to its requester.
pub(crate) fn event_of(topic: &str, order: &StoredOrder) -> NewEvent {
    let happened = OrderHappened {
        order: order.id,
        number: order.number.clone(),
        requester: order.requester,
        region: order.region,
        case: order.case,
        urgency: order.urgency,
        own_measure: order.is_own_measure(),
    };
    NewEvent {
        topic: topic.to_owned(),
        subject: order.id.to_string(),
        audience: vec![order.requester],
        payload: json!(happened),
    }
}
