//! 紧急先行: issuing before the paperwork, and the paperwork afterwards.

use cordon_context::{CallContext, Refusal, Scope};
use cordon_disposal_contract::{
    Approval, ApprovalKind, ApproveOrder, Emergency, FilePaperwork, Order, OrderReason, TaskState, events,
};
use cordon_policies::{Grant, act, on};
use cordon_store::{Failure, Tx};
use serde_json::json;

use crate::domain::content_hash::digest_of;
use crate::domain::deadlines::minutes_long;
use crate::domain::order_machine::{OrderEvent, OrderFacts, transition};
use crate::service::{Disposal, Standing as _, cause};
use crate::store::orders::{self, StoredApproval, StoredOrder};
use crate::store::{items, tasks};
use crate::use_cases::attempts::Target;
use crate::use_cases::dispose::{check_basis, content_hash, emit, happened};
use crate::use_cases::order_steps::shown;

impl Disposal {
    /// A duty lead issues a draft before its paperwork.
    pub(crate) async fn issue_emergency(&self, ctx: &CallContext, input: OrderReason) -> Result<Order, Failure> {
        let grant = self.grant::<act::Create, on::EmergencyOrder>(ctx)?;
        let (id, digest) = (input.order, digest_of(&input));
        let outcome = self.try_emergency(ctx, grant, input, digest.clone()).await;
        let order = self.noting(ctx, Target::Order(id), OrderEvent::IssueEmergency.name(), digest, outcome).await?;
        if let Err(error) = self.issue_order(id).await {
            tracing::warn!(error = cause(&error), order.id = %id, "an emergency order waits to be issued");
            return Ok(order);
        }
        let reader = self.parts.database.reader();
        shown(reader, orders::load(reader, &Scope::system("show the order that was just issued"), id).await?).await
    }

    async fn try_emergency(
        &self,
        ctx: &CallContext,
        grant: Grant<act::Create, on::EmergencyOrder>,
        input: OrderReason,
        digest: String,
    ) -> Result<Order, Failure> {
        let person = ctx.actor.named_person()?;
        let service = self.clone();
        let asked = input.clone();
        self.parts
            .database
            .write_once(ctx, "disposal.issue_emergency", &asked, move |mut tx| async move {
                let mut order = orders::load(tx.connection(), grant.scope(), input.order).await?;
                service.shield(&tx, &grant, &mut order).await?;
                let reason = !input.reason.trim().is_empty();
                let facts = OrderFacts { reason, ..service.order_facts(tx.context(), &order) };
                let step = transition(order.stage, OrderEvent::IssueEmergency, &facts).map_err(Refusal::from)?;
                let now = tx.now();
                let paperwork_due = now.plus(minutes_long(service.parts.settings.deadlines.paperwork));
                order.stage = step.to;
                order.review_due = None;
                order.emergency = Some(Emergency {
                    reason: input.reason.trim().to_owned(),
                    by: person,
                    at: now,
                    paperwork_due,
                    paperwork_at: None,
                    escalated_at: None,
                });
                order.next_alarm = service.paperwork_alarm(&order);
                orders::update(&tx, &grant, &mut order).await?;
                let detail = json!({ "reason": input.reason.trim(), "paperwork_due": paperwork_due });
                happened(&mut tx, &order, OrderEvent::IssueEmergency.name(), Some(step.from), detail, digest).await?;
                emit(&mut tx, events::ORDER_APPROVED, &order);
                let order = shown(tx.connection(), order).await?;
                tx.commit(order).await
            })
            .await
    }

    /// Hands in the paperwork; it still has to be agreed to.
    pub(crate) async fn file_paperwork(&self, ctx: &CallContext, input: FilePaperwork) -> Result<Order, Failure> {
        let grant = self.grant::<act::Modify, on::Order>(ctx)?;
        let (id, digest) = (input.order, digest_of(&input));
        let outcome = self.try_file(ctx, grant, input, digest.clone()).await;
        self.noting(ctx, Target::Order(id), OrderEvent::FilePaperwork.name(), digest, outcome).await
    }

    async fn try_file(
        &self,
        ctx: &CallContext,
        grant: Grant<act::Modify, on::Order>,
        input: FilePaperwork,
        digest: String,
    ) -> Result<Order, Failure> {
        let person = ctx.actor.named_person()?;
        check_basis(&input.legal_basis)?;
        let service = self.clone();
        let asked = input.clone();
        self.parts
            .database
            .write_once(ctx, "disposal.file_paperwork", &asked, move |mut tx| async move {
                let mut order = orders::load(tx.connection(), grant.scope(), input.order).await?;
                order.legal_basis = Some(input.legal_basis);
                let facts = service.order_facts(tx.context(), &order);
                let step = transition(order.stage, OrderEvent::FilePaperwork, &facts).map_err(Refusal::from)?;
                let items = items::of_order(tx.connection(), order.id).await?;
                order.content_hash = content_hash(&order, &items)?;
                if !order.authors.contains(&person) {
                    order.authors.push(person);
                }
                orders::update(&tx, &grant, &mut order).await?;
                let detail = json!({ "content": order.content_hash });
                happened(&mut tx, &order, OrderEvent::FilePaperwork.name(), Some(step.from), detail, digest).await?;
                let order = shown(tx.connection(), order).await?;
                tx.commit(order).await
            })
            .await
    }

    /// Agrees to the paperwork, which closes the emergency.
    pub(crate) async fn approve_paperwork(&self, ctx: &CallContext, input: ApproveOrder) -> Result<Order, Failure> {
        let grant = self.grant::<act::Approve, on::EmergencyOrder>(ctx)?;
        let (id, digest) = (input.order, digest_of(&input));
        let outcome = self.try_approve_paperwork(ctx, grant, input, digest.clone()).await;
        self.noting(ctx, Target::Order(id), OrderEvent::ApprovePaperwork.name(), digest, outcome).await
    }

    async fn try_approve_paperwork(
        &self,
        ctx: &CallContext,
        grant: Grant<act::Approve, on::EmergencyOrder>,
        input: ApproveOrder,
        digest: String,
    ) -> Result<Order, Failure> {
        let person = ctx.actor.named_person()?;
        let service = self.clone();
        let asked = input.clone();
        self.parts
            .database
            .write_once(ctx, "disposal.approve_paperwork", &asked, move |mut tx| async move {
                let mut order = orders::load(tx.connection(), grant.scope(), input.order).await?;
                let facts = OrderFacts {
                    content_read: input.content_hash == order.content_hash,
                    ..service.order_facts(tx.context(), &order)
                };
                // The duty lead's word was the emergency; the paperwork takes somebody else's.
                let facts = OrderFacts {
                    author: facts.author || order.emergency.as_ref().is_some_and(|emergency| emergency.by == person),
                    ..facts
                };
                let step = transition(order.stage, OrderEvent::ApprovePaperwork, &facts).map_err(Refusal::from)?;
                let now = tx.now();
                if let Some(emergency) = &mut order.emergency {
                    emergency.paperwork_at = Some(now);
                }
                order.next_alarm = None;
                orders::update(&tx, &grant, &mut order).await?;
                let actor = tx.context().actor.clone();
                let approval = Approval {
                    kind: ApprovalKind::Paperwork,
                    person,
                    organisation: actor.organisation,
                    level: actor.level,
                    at: now,
                    content_hash: order.content_hash.clone(),
                    void: false,
                };
                let approver = facts.approver;
                orders::insert_approval(&tx, &grant, &mut order, StoredApproval { approval, approver }).await?;
                service.end_with_basis(&mut tx, &order).await?;
                let detail = json!({ "content": order.content_hash });
                happened(&mut tx, &order, OrderEvent::ApprovePaperwork.name(), Some(step.from), detail, digest).await?;
                let order = shown(tx.connection(), order).await?;
                tx.commit(order).await
            })
            .await
    }

    /// What was carried out before the paperwork came ends with the document at the latest.
    async fn end_with_basis(&self, tx: &mut Tx, order: &StoredOrder) -> Result<(), Failure> {
        let Some(last) = order.legal_basis.as_ref().and_then(|basis| basis.valid_to) else { return Ok(()) };
        let ctx = self.system("paperwork");
        let grant = self.grant::<act::Modify, on::Task>(&ctx)?;
        for mut task in tasks::of_order(tx.connection(), order.id).await? {
            let running = matches!(task.state, TaskState::Executed | TaskState::VerifyFailed | TaskState::InForce);
            if running && self.is_reversible(&task) && task.effective_to.is_none_or(|end| end > last) {
                let before = task.effective_to.replace(last);
                let detail = json!({ "from": before, "to": last });
                self.note_task(tx, &grant, &mut task, "task.shorten", detail, String::new()).await?;
            }
        }
        Ok(())
    }
}
