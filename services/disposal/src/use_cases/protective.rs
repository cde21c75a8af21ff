//! 保护性措施: what an enterprise did on its own finding, recorded with its evidence, and confirmed by a named person or released.
//!
//! The record is an order of the enterprise to itself, so that its task, notice, appeal and release are those of every measure.

use cordon_context::{Bilingual, CallContext, Id, ItemId, OrderId, Refusal, Timestamp, VerificationId};
use cordon_disposal_contract::{
    Approval, ApprovalKind, ConfirmProtective, Item, Measure, OrderOrigin, OrderStage, ProtectiveMeasure, Receipt,
    ReceiptKind, RecordProtective, ReleaseReason, Subject, TargetKind, TaskCounts, TaskState, Urgency, Verification,
    VerifyMethod, events,
};
use cordon_identifier::{Identifier, ProtectedList};
use cordon_policies::{Grant, act, on};
use cordon_store::{Failure, Tx};
use serde_json::json;

use crate::domain::content_hash::digest_of;
use crate::domain::deadlines::minutes_long;
use crate::domain::numbers::Series;
use crate::domain::order_machine::{OrderEvent, OrderFacts, transition};
use crate::domain::rules::RuleViolation;
use crate::domain::task_machine::{TaskEvent, TaskFacts};
use crate::routing::Question;
use crate::service::{Disposal, Standing as _};
use crate::store::items::StoredItem;
use crate::store::orders::{self, StoredApproval, StoredOrder};
use crate::store::tasks::{self, Hold, StoredTask};
use crate::store::timeline::{self, Happening};
use crate::store::{items, numbers, receipts, releases, task_holds};
use crate::use_cases::answers::{CLOCK_SKEW, evidence_names_all};
use crate::use_cases::attempts::Target;
use crate::use_cases::dispose::{check_duration, check_text, content_hash, emit, happened};
use crate::use_cases::issue::Planned;
use crate::use_cases::moving::{Move, event_of, refuse};
use crate::use_cases::order_steps::shown;
use crate::use_cases::preview::read_typed;

const RECORD: &str = "disposal.record_protective";

/// The name of the record on the timeline of its task.
pub(crate) const TASK_RECORD: &str = "task.record";

/// A target that was understood, and who answers for it.
struct Recorded {
    identifier: Identifier,
    subject: Subject,
    subject_index: Vec<u8>,
    indexes: Vec<Vec<u8>>,
    plan: Planned,
}

impl Disposal {
    /// Records what the caller's enterprise did; it ends by itself unless a named person confirms it in time.
    pub(crate) async fn record_protective(
        &self,
        ctx: &CallContext,
        input: RecordProtective,
    ) -> Result<ProtectiveMeasure, Failure> {
        let grant = self.grant::<act::Create, on::ProtectiveMeasure>(ctx)?;
        let execute = self.grant::<act::Execute, on::Task>(ctx)?;
        if !ctx.actor.organisation_kind.is_enterprise() {
            return Err(refuse(RuleViolation::PROTECTIVE_ENTERPRISE));
        }
        check(ctx, &input, self.now())?;
        if let Some(before) = self.parts.database.answered(ctx, RECORD, &input).await? {
            return Ok(before);
        }
        let recorded = self.responsible_for(ctx, &input).await?;
        let (service, asked, digest) = (self.clone(), input.clone(), digest_of(&input));
        self.parts
            .database
            .write_once(ctx, RECORD, &asked, move |mut tx| async move {
                let measure = service.recorded(&mut tx, (&grant, &execute), &input, recorded, digest).await?;
                tx.commit(measure).await
            })
            .await
    }

    /// Understands the target, and makes sure that the caller's enterprise answers for it and may do this to it.
    async fn responsible_for(&self, ctx: &CallContext, input: &RecordProtective) -> Result<Recorded, Failure> {
        let identifier = read_typed(&input.text, input.kind).map_err(|invalid| {
            let text = Bilingual::new(invalid.rule.zh(), invalid.rule.en());
            Refusal::invalid("text", format!("identifier.{}", invalid.rule.code()), text)
        })?;
        let unfit = || {
            let text = Bilingual::new("措施不适用于该类对象", "the measure does not fit this kind of target");
            Failure::from(Refusal::invalid("measure", "protective.measure_unfit", text))
        };
        let kind = TargetKind::of(identifier.kind()).ok_or_else(unfit)?;
        let rule = self.measures.rule(kind, input.measure).ok_or_else(unfit)?;
        if !rule.reversible {
            return Err(refuse(RuleViolation::PROTECTIVE_IRREVERSIBLE));
        }
        let question =
            Question { subject: identifier.clone(), region_hint: Some(ctx.actor.region), measure: Some(input.measure) };
        let route = self.parts.router.route_many(&[question]).await?.into_iter().next();
        let route = route.filter(|route| route.executor().is_some_and(|executor| ctx.actor.acts_for(executor)));
        let Some(route) = route else { return Err(refuse(RuleViolation::PROTECTIVE_NOT_RESPONSIBLE)) };
        if ProtectedList::built_in().check(&identifier).is_some() {
            return Err(refuse(RuleViolation::PROTECTIVE_PROTECTED));
        }
        let (id, subject_index) = self.subject(&identifier)?;
        let indexes = self.indexes_of(&subject_index, &identifier)?;
        let subject = Subject { id, kind, identifier_kind: identifier.kind(), masked: identifier.masked() };
        Ok(Recorded { identifier, subject, subject_index, indexes, plan: Planned::to(input.measure, route) })
    }

    async fn recorded(
        &self,
        tx: &mut Tx,
        (grant, execute): (&Grant<act::Create, on::ProtectiveMeasure>, &Grant<act::Execute, on::Task>),
        input: &RecordProtective,
        recorded: Recorded,
        digest: String,
    ) -> Result<ProtectiveMeasure, Failure> {
        let Recorded { identifier, subject, subject_index, indexes, plan } = recorded;
        // The number comes first: two records at once stand in line there, and the second one sees the hold of the first.
        let mut order = self.own_order(tx, input).await?;
        if self.listed(tx.connection(), &[indexes]).await?.iter().any(Option::is_some) {
            return Err(refuse(RuleViolation::PROTECTIVE_PROTECTED));
        }
        let holds = task_holds::active_holds(tx.connection(), std::slice::from_ref(&subject_index)).await?;
        if holds.iter().any(|held| held.measure == input.measure && held.executor == Some(order.requester)) {
            return Err(refuse(RuleViolation::PROTECTIVE_HELD));
        }
        // The release would free what the record says is stopped.
        let target = (subject_index.clone(), input.measure);
        if releases::under_way(tx.connection(), std::slice::from_ref(&subject_index)).await?.contains(&target) {
            return Err(refuse(RuleViolation::PROTECTIVE_HELD));
        }
        let id: ItemId = Id::derived(order.id.uuid(), "item 0");
        let (measures, functions) = (vec![input.measure], input.functions.clone());
        let item = Item { id, order: order.id, position: 0, subject, measures, functions, protected: None };
        let item = StoredItem::seal(&self.parts.vault, item, subject_index, &identifier)?;
        order.content_hash = content_hash(&order, std::slice::from_ref(&item))?;
        let facts = OrderFacts { reason: true, ..self.order_facts(tx.context(), &order) };
        let step = transition(order.stage, OrderEvent::Record, &facts).map_err(Refusal::from)?;
        order.stage = step.to;
        let task = self.own_task(&order, &item, &identifier, &plan, input, tx.now())?;
        orders::insert(tx, grant, &order).await?;
        items::insert(tx, grant, std::slice::from_ref(&item)).await?;
        tasks::insert(tx, grant, std::slice::from_ref(&task)).await?;
        let detail = json!({ "content": order.content_hash, "confirm_due": order.review_due });
        happened(tx, &order, OrderEvent::Record.name(), Some(step.from), detail, digest.clone()).await?;
        let happening = Happening {
            order: order.id,
            task: Some(task.id),
            appeal: None,
            event: TASK_RECORD,
            from: None,
            to: Some(task.state.name()),
            refused_by: None,
            detail: json!({ "receipt": input.receipt, "evidence": input.evidence }),
            payload_digest: digest.clone(),
        };
        timeline::add(tx, vec![happening]).await?;
        let receipt = Receipt {
            id: input.receipt,
            task: task.id,
            generation: task.generation,
            kind: ReceiptKind::Executed,
            organisation: order.requester,
            at: tx.now(),
            evidence: Some(input.evidence.clone()),
            refusal: None,
            note: None,
            digest,
        };
        receipts::insert(tx, execute, &receipt).await?;
        emit(tx, events::ORDER_SUBMITTED, &order);
        tx.emit(event_of(events::TASK_PROGRESSED, &task, None, None));
        self.make_notice_due(tx, &task, &order).await?;
        let now = tx.now();
        let counts = TaskCounts { total: 1, executed: 1, ..TaskCounts::default() };
        Ok(ProtectiveMeasure { order: order.into_order(counts), task: task.into_task(now) })
    }

    /// The order of an enterprise to itself, before it is issued.
    async fn own_order(&self, tx: &Tx, input: &RecordProtective) -> Result<StoredOrder, Failure> {
        let (actor, now) = (&tx.context().actor, tx.now());
        let due = now.plus(minutes_long(self.parts.settings.deadlines.own_confirm));
        Ok(StoredOrder {
            id: OrderId::new(now),
            number: numbers::next(tx, Series::Order, actor.region, now.china_date()).await?,
            stage: OrderStage::Draft,
            requester: actor.organisation,
            requester_kind: actor.organisation_kind,
            requester_level: actor.level,
            region: actor.region,
            case: None,
            legal_basis: None,
            urgency: Urgency::Routine,
            origin: match &input.model {
                None => OrderOrigin::Person,
                Some(model) => OrderOrigin::Model { model: model.trim().to_owned(), human_reason: String::new() },
            },
            reason: input.finding.trim().to_owned(),
            duration_days: input.duration_days,
            drafter: actor.person(),
            authors: actor.person().into_iter().collect(),
            created_at: now,
            submitted_at: Some(now),
            review_due: Some(due),
            issued_at: Some(now),
            returned_reason: None,
            emergency: None,
            approval_level: actor.level,
            needs_protected: false,
            secrecy_reason: None,
            content_hash: String::new(),
            item_count: 1,
            next_alarm: Some(due),
            version: 1,
            approvals: Vec::new(),
        })
    }

    /// Its task, which was carried out before it was recorded.
    fn own_task(
        &self,
        order: &StoredOrder,
        item: &StoredItem,
        identifier: &Identifier,
        plan: &Planned,
        input: &RecordProtective,
        now: Timestamp,
    ) -> Result<StoredTask, Failure> {
        let mut task = self.new_task(order, item, identifier, plan, None, now)?;
        task.state = TaskState::Executed;
        task.hold = Hold::Active;
        task.payload_digest = None;
        task.executed_at = Some(input.evidence.executed_at);
        task.effective_from = task.executed_at;
        task.effective_to = self.end_of(&task, order, input.evidence.executed_at);
        self.wind_clock(&mut task, now, false);
        Ok(task)
    }

    /// Confirms what one's own enterprise recorded, as it was read.
    pub(crate) async fn confirm_protective(
        &self,
        ctx: &CallContext,
        input: ConfirmProtective,
    ) -> Result<ProtectiveMeasure, Failure> {
        let grant = self.grant::<act::Approve, on::ProtectiveMeasure>(ctx)?;
        let (id, digest) = (input.order, digest_of(&input));
        let outcome = self.try_confirm(ctx, grant, input, digest.clone()).await;
        self.noting(ctx, Target::Order(id), OrderEvent::Confirm.name(), digest, outcome).await
    }

    async fn try_confirm(
        &self,
        ctx: &CallContext,
        grant: Grant<act::Approve, on::ProtectiveMeasure>,
        input: ConfirmProtective,
        digest: String,
    ) -> Result<ProtectiveMeasure, Failure> {
        let verify = self.grant::<act::Verify, on::Task>(ctx)?;
        let person = ctx.actor.named_person()?;
        check_text("reason", &input.reason)?;
        let (service, asked) = (self.clone(), input.clone());
        self.parts
            .database
            .write_once(ctx, "disposal.confirm_protective", &asked, move |mut tx| async move {
                let mut order = orders::load(tx.connection(), grant.scope(), input.order).await?;
                let content_read = input.content_hash == order.content_hash;
                if let OrderOrigin::Model { human_reason, .. } = &mut order.origin {
                    input.reason.trim().clone_into(human_reason);
                }
                let facts = OrderFacts { content_read, reason: true, ..service.order_facts(tx.context(), &order) };
                let step = transition(order.stage, OrderEvent::Confirm, &facts).map_err(Refusal::from)?;
                let items = items::of_order(tx.connection(), order.id).await?;
                order.content_hash = content_hash(&order, &items)?;
                order.review_due = None;
                order.next_alarm = None;
                orders::update(&tx, &grant, &mut order).await?;
                let actor = tx.context().actor.clone();
                let approval = Approval {
                    kind: ApprovalKind::Order,
                    person,
                    organisation: actor.organisation,
                    level: actor.level,
                    at: tx.now(),
                    content_hash: order.content_hash.clone(),
                    void: false,
                };
                orders::insert_approval(&tx, &grant, &mut order, StoredApproval { approval, approver: true }).await?;
                let detail = json!({ "content": order.content_hash, "reason": input.reason.trim() });
                let event = OrderEvent::Confirm.name();
                happened(&mut tx, &order, event, Some(step.from), detail, digest.clone()).await?;
                emit(&mut tx, events::ORDER_APPROVED, &order);
                let task = tasks::of_order(tx.connection(), order.id).await?.into_iter().next();
                let mut task = task.ok_or_else(Refusal::not_found)?;
                // Who carried it out again after a failed check confirms the record, and somebody else checks the evidence.
                if task.state == TaskState::Executed && service.checks_others(&tx, &task).await? {
                    service.checked(&mut tx, &verify, &mut task, &order, digest).await?;
                }
                let order = shown(tx.connection(), order).await?;
                let now = tx.now();
                tx.commit(ProtectiveMeasure { order, task: task.into_task(now) }).await
            })
            .await
    }

    /// Who confirms the measure has checked the evidence of it.
    async fn checked(
        &self,
        tx: &mut Tx,
        grant: &Grant<act::Verify, on::Task>,
        task: &mut StoredTask,
        order: &StoredOrder,
        digest: String,
    ) -> Result<(), Failure> {
        let method = VerifyMethod::Documents;
        let facts = TaskFacts { checks_others: true, ..self.facts(tx.context(), task, order) };
        let detail = json!({ "passed": true, "method": method, "generation": task.generation });
        let step = Move { event: TaskEvent::VerifyPassed, facts, detail, digest };
        self.move_task(tx, grant, task, step, |_task| {}).await?;
        let actor = &tx.context().actor;
        let verification = Verification {
            id: VerificationId::new(tx.now()),
            task: task.id,
            generation: task.generation,
            passed: true,
            method,
            person: actor.person(),
            organisation: actor.organisation,
            at: tx.now(),
            note: None,
        };
        receipts::insert_verification(tx, grant, &verification).await
    }

    /// Whether the actor is a person of the enterprise that took a measure by itself, and did not report what is to be checked.
    pub(crate) async fn checks_others(&self, tx: &Tx, task: &StoredTask) -> Result<bool, Failure> {
        self.did_not(tx, task, &[TaskEvent::Execute.name(), TASK_RECORD]).await
    }

    /// Whether the actor is a person of that enterprise who did none of these in the present generation.
    pub(crate) async fn did_not(&self, tx: &Tx, task: &StoredTask, steps: &[&'static str]) -> Result<bool, Failure> {
        let actor = &tx.context().actor;
        if !task.own_measure || !actor.acts_for(task.requester) || actor.person().is_none() {
            return Ok(false);
        }
        let parties = timeline::parties(tx.connection(), task.id, steps, task.generation_at).await?;
        Ok(!parties.contains(&actor.party()))
    }

    /// Nobody confirmed it in time: a machine's word alone does not last, and what was done is undone.
    pub(crate) async fn lapse(
        &self,
        tx: &mut Tx,
        grant: &Grant<act::Modify, on::Order>,
        order: &mut StoredOrder,
    ) -> Result<(), Failure> {
        let due = order.review_due.take();
        order.next_alarm = None;
        let ended = |task: &StoredTask| task.state.is_terminal() || task.state == TaskState::ReleaseOrdered;
        if tasks::of_order(tx.connection(), order.id).await?.iter().all(ended) {
            return orders::update(tx, grant, order).await;
        }
        let facts = self.order_facts(tx.context(), order);
        let step = transition(order.stage, OrderEvent::Lapse, &facts).map_err(Refusal::from)?;
        order.stage = step.to;
        orders::update(tx, grant, order).await?;
        let detail = json!({ "due": due });
        happened(tx, order, OrderEvent::Lapse.name(), Some(step.from), detail, String::new()).await?;
        emit(tx, events::ORDER_WITHDRAWN, order);
        self.withdraw_tasks(tx, order, ReleaseReason::NotConfirmed, "not confirmed in time", "").await
    }
}

/// Refuses a record that says too little, or something that cannot be.
fn check(ctx: &CallContext, input: &RecordProtective, now: Timestamp) -> Result<(), Failure> {
    check_text("finding", &input.finding)?;
    check_duration(input.duration_days)?;
    match &input.model {
        Some(model) => check_text("model", model)?,
        None if ctx.actor.person().is_none() => {
            let text =
                Bilingual::new("程序记录的措施须注明模型", "what a program records names the model that found it");
            return Err(Refusal::invalid("model", "protective.model_missing", text).into());
        }
        None => {}
    }
    if (input.measure == Measure::RestrictFunctions) == input.functions.is_empty() {
        let text =
            Bilingual::new("限制功能须列明功能，其他措施不列", "functions are named to restrict them, and only then");
        return Err(Refusal::invalid("functions", "protective.functions", text).into());
    }
    if !evidence_names_all(&input.evidence, &input.functions) {
        return Err(refuse(RuleViolation::TASK_EVIDENCE));
    }
    if input.evidence.executed_at > now.plus(CLOCK_SKEW) {
        return Err(refuse(RuleViolation::TASK_EVIDENCE_TIME));
    }
    Ok(())
}
