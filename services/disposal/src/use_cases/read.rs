//! Reading orders, items, tasks, receipts, verifications and appeals, each within the caller's reach.

use cordon_context::{
    AppealId, CallContext, ItemId, OrderId, OrganisationId, Page, PageRequest, ReceiptId, TaskId, VerificationId,
};
use cordon_disposal_contract::{
    Appeal, AppealFilter, InboxFilter, Item, LegalBasis, MeasureRule, Order, OrderFilter, OrderOrigin, Receipt, Task,
    TaskFilter, TaskStatus, Verification,
};
use cordon_policies::{act, on};
use cordon_store::Failure;

use crate::service::{Disposal, Standing as _};
use crate::store::orders::StoredOrder;
use crate::store::{appeals, items, orders, receipts, task_lists, tasks};

impl Disposal {
    /// Gives orders by their identifiers.
    pub(crate) async fn orders_by_ids(&self, ctx: &CallContext, ids: &[OrderId]) -> Result<Vec<Order>, Failure> {
        let grant = self.grant::<act::Read, on::Order>(ctx)?;
        let found = orders::by_ids(self.parts.database.reader(), grant.scope(), ids).await?;
        self.with_counts(ctx, found).await
    }

    /// Lists orders.
    pub(crate) async fn list_orders(
        &self,
        ctx: &CallContext,
        filter: OrderFilter,
        page: PageRequest,
    ) -> Result<Page<Order>, Failure> {
        let grant = self.grant::<act::Read, on::Order>(ctx)?;
        let reader = self.parts.database.reader();
        let found = orders::list(reader, grant.scope(), &filter, self.now(), &page).await?;
        let Page { edges, has_next, total } = found;
        let (cursors, stored): (Vec<_>, Vec<_>) = edges.into_iter().unzip();
        let shown = self.with_counts(ctx, stored).await?;
        Ok(Page { edges: cursors.into_iter().zip(shown).collect(), has_next, total })
    }

    async fn with_counts(&self, ctx: &CallContext, found: Vec<StoredOrder>) -> Result<Vec<Order>, Failure> {
        let ids: Vec<OrderId> = found.iter().map(|order| order.id).collect();
        let reader = self.parts.database.reader();
        let enterprise = ctx.actor.organisation_kind.is_enterprise();
        let own = executors(ctx);
        let mut counts = orders::task_counts_of(reader, &ids, enterprise.then_some(own.as_slice())).await?;
        Ok(found
            .into_iter()
            .map(|order| {
                let counts = counts.remove(&order.id).unwrap_or_default();
                let order = order.into_order(counts);
                let own = order.own_measure && ctx.actor.executes_for(order.requester);
                if enterprise && !own { for_executor(order) } else { order }
            })
            .collect())
    }

    /// Gives items by their identifiers.
    pub(crate) async fn items_by_ids(&self, ctx: &CallContext, ids: &[ItemId]) -> Result<Vec<Item>, Failure> {
        let grant = self.grant::<act::Read, on::Order>(ctx)?;
        let reader = self.parts.database.reader();
        let found = items::by_ids(reader, grant.scope(), ids).await?;
        let found: Vec<Item> = found.into_iter().map(|stored| stored.item).collect();
        self.own_items(ctx, found).await
    }

    /// Lists the items of an order.
    pub(crate) async fn items_of_order(
        &self,
        ctx: &CallContext,
        order: OrderId,
        page: PageRequest,
    ) -> Result<Page<Item>, Failure> {
        let grant = self.grant::<act::Read, on::Order>(ctx)?;
        let reader = self.parts.database.reader();
        let order = orders::load(reader, grant.scope(), order).await?;
        if ctx.actor.organisation_kind.is_enterprise() {
            // An executor sees the items that are its own, not the whole order.
            let found = items::of_executor(reader, order.id, &executors(ctx), &page).await?;
            return Ok(found);
        }
        items::page(reader, order.id, &page, order.item_count).await
    }

    async fn own_items(&self, ctx: &CallContext, found: Vec<Item>) -> Result<Vec<Item>, Failure> {
        if !ctx.actor.organisation_kind.is_enterprise() {
            return Ok(found);
        }
        let ids: Vec<ItemId> = found.iter().map(|item| item.id).collect();
        let own = items::own(self.parts.database.reader(), &ids, &executors(ctx)).await?;
        Ok(found.into_iter().filter(|item| own.contains(&item.id)).collect())
    }

    /// Gives tasks by their identifiers.
    pub(crate) async fn tasks_by_ids(&self, ctx: &CallContext, ids: &[TaskId]) -> Result<Vec<Task>, Failure> {
        let grant = self.grant::<act::Read, on::Task>(ctx)?;
        let now = self.now();
        let found = tasks::by_ids(self.parts.database.reader(), grant.scope(), ids).await?;
        Ok(found.into_iter().map(|task| task.shown_to(&ctx.actor, now)).collect())
    }

    /// Gives the tasks of items.
    pub(crate) async fn tasks_by_items(&self, ctx: &CallContext, of: &[ItemId]) -> Result<Vec<Task>, Failure> {
        let grant = self.grant::<act::Read, on::Task>(ctx)?;
        let now = self.now();
        let found = tasks::by_items(self.parts.database.reader(), grant.scope(), of).await?;
        Ok(found.into_iter().map(|task| task.shown_to(&ctx.actor, now)).collect())
    }

    /// Lists tasks.
    pub(crate) async fn list_tasks(
        &self,
        ctx: &CallContext,
        filter: TaskFilter,
        page: PageRequest,
    ) -> Result<Page<Task>, Failure> {
        let grant = self.grant::<act::Read, on::Task>(ctx)?;
        let now = self.now();
        let found = task_lists::list(self.parts.database.reader(), grant.scope(), &filter, now, &page).await?;
        Ok(found.map(|task| task.shown_to(&ctx.actor, now)))
    }

    /// Lists what the caller's enterprise has to do.
    pub(crate) async fn inbox(
        &self,
        ctx: &CallContext,
        filter: InboxFilter,
        page: PageRequest,
    ) -> Result<Page<Task>, Failure> {
        let _grant = self.grant::<act::Read, on::Task>(ctx)?;
        let now = self.now();
        let found = task_lists::inbox(self.parts.database.reader(), &executors(ctx), &filter, &page).await?;
        Ok(found.map(|task| task.shown_to(&ctx.actor, now)))
    }

    /// Tells an enterprise how tasks stand that were ever addressed to it.
    pub(crate) async fn task_status(&self, ctx: &CallContext, ids: &[TaskId]) -> Result<Vec<TaskStatus>, Failure> {
        let _grant = self.grant::<act::Execute, on::Task>(ctx)?;
        let reader = self.parts.database.reader();
        let known = tasks::ever_addressed(reader, ids, &executors(ctx)).await?;
        let scope = cordon_context::Scope::system("tasks that were once addressed to the caller");
        let found = tasks::by_ids(reader, &scope, &known).await?;
        Ok(found
            .into_iter()
            .map(|task| {
                let yours = task.is_executed_by(&ctx.actor);
                TaskStatus {
                    task: task.id,
                    generation: task.generation,
                    state: task.state,
                    action: task.action,
                    yours,
                    due: task.due.filter(|_| yours),
                }
            })
            .collect())
    }

    /// Gives the receipts of tasks.
    pub(crate) async fn receipts_by_tasks(&self, ctx: &CallContext, of: &[TaskId]) -> Result<Vec<Receipt>, Failure> {
        let grant = self.grant::<act::Read, on::Task>(ctx)?;
        Ok(own_receipts(ctx, receipts::by_tasks(self.parts.database.reader(), grant.scope(), of).await?))
    }

    /// Gives receipts by their identifiers.
    pub(crate) async fn receipts_by_ids(&self, ctx: &CallContext, ids: &[ReceiptId]) -> Result<Vec<Receipt>, Failure> {
        let grant = self.grant::<act::Read, on::Task>(ctx)?;
        Ok(own_receipts(ctx, receipts::by_ids(self.parts.database.reader(), grant.scope(), ids).await?))
    }

    /// Gives the verifications of tasks.
    pub(crate) async fn verifications_by_tasks(
        &self,
        ctx: &CallContext,
        of: &[TaskId],
    ) -> Result<Vec<Verification>, Failure> {
        let grant = self.grant::<act::Read, on::Task>(ctx)?;
        let found = receipts::verifications_by_tasks(self.parts.database.reader(), grant.scope(), of).await?;
        self.own_verifications(ctx, found).await
    }

    /// Gives verifications by their identifiers.
    pub(crate) async fn verifications_by_ids(
        &self,
        ctx: &CallContext,
        ids: &[VerificationId],
    ) -> Result<Vec<Verification>, Failure> {
        let grant = self.grant::<act::Read, on::Task>(ctx)?;
        let found = receipts::verifications_by_ids(self.parts.database.reader(), grant.scope(), ids).await?;
        self.own_verifications(ctx, found).await
    }

    /// To an enterprise, the checks of what it executed itself, and not who checked.
    async fn own_verifications(
        &self,
        ctx: &CallContext,
        found: Vec<Verification>,
    ) -> Result<Vec<Verification>, Failure> {
        if !ctx.actor.organisation_kind.is_enterprise() {
            return Ok(found);
        }
        let tasks: Vec<TaskId> = found.iter().map(|verification| verification.task).collect();
        let own = tasks::generations_of(self.parts.database.reader(), &tasks, &executors(ctx)).await?;
        Ok(found
            .into_iter()
            .filter(|verification| own.contains(&(verification.task, verification.generation)))
            .map(|verification| Verification { person: None, ..verification })
            .collect())
    }

    /// Gives appeals by their identifiers.
    pub(crate) async fn appeals_by_ids(&self, ctx: &CallContext, ids: &[AppealId]) -> Result<Vec<Appeal>, Failure> {
        let grant = self.grant::<act::Read, on::Appeal>(ctx)?;
        let found = appeals::by_ids(self.parts.database.reader(), grant.scope(), ids).await?;
        Ok(found.into_iter().map(|stored| shown_appeal(ctx, stored.appeal)).collect())
    }

    /// Gives the appeals against tasks.
    pub(crate) async fn appeals_by_tasks(&self, ctx: &CallContext, of: &[TaskId]) -> Result<Vec<Appeal>, Failure> {
        let grant = self.grant::<act::Read, on::Appeal>(ctx)?;
        let found = appeals::by_tasks(self.parts.database.reader(), grant.scope(), of).await?;
        Ok(found.into_iter().map(|stored| shown_appeal(ctx, stored.appeal)).collect())
    }

    /// Lists appeals.
    pub(crate) async fn list_appeals(
        &self,
        ctx: &CallContext,
        filter: AppealFilter,
        page: PageRequest,
    ) -> Result<Page<Appeal>, Failure> {
        let grant = self.grant::<act::Read, on::Appeal>(ctx)?;
        let found = appeals::list(self.parts.database.reader(), grant.scope(), &filter, &page).await?;
        Ok(found.map(|stored| shown_appeal(ctx, stored.appeal)))
    }

    /// Gives the measure table.
    pub(crate) fn measure_table(&self, ctx: &CallContext) -> Result<Vec<MeasureRule>, Failure> {
        let _grant = self.grant::<act::Read, on::Order>(ctx)?;
        Ok(self.measures.rules().to_vec())
    }
}

/// An order as an executor sees it: what it must do and why, not how the organ came to it or what others have to do.
fn for_executor(order: Order) -> Order {
    let nothing = String::new;
    Order {
        approvals: Vec::new(),
        item_count: order.tasks.total,
        secrecy_reason: None,
        returned_reason: None,
        emergency: None,
        drafter: None,
        case: None,
        origin: match order.origin {
            OrderOrigin::Person => OrderOrigin::Person,
            OrderOrigin::Model { .. } => OrderOrigin::Model { model: nothing(), human_reason: nothing() },
        },
        legal_basis: order.legal_basis.map(|basis| LegalBasis { approver: nothing(), ..basis }),
        ..order
    }
}

/// To an enterprise, its own answers and none that another gave about the same task.
fn own_receipts(ctx: &CallContext, found: Vec<Receipt>) -> Vec<Receipt> {
    if !ctx.actor.organisation_kind.is_enterprise() {
        return found;
    }
    found.into_iter().filter(|receipt| ctx.actor.executes_for(receipt.organisation)).collect()
}

/// An appeal as its reader may see it: who hears it and why it was decided so is told to an enterprise only if it decides.
fn shown_appeal(ctx: &CallContext, appeal: Appeal) -> Appeal {
    let actor = &ctx.actor;
    if !actor.organisation_kind.is_enterprise() || actor.executes_for(appeal.competent) {
        return appeal;
    }
    Appeal { officer: None, decided_by: None, decision_reason: None, ..appeal }
}

/// The organisations for which the caller executes.
pub(crate) fn executors(ctx: &CallContext) -> Vec<OrganisationId> {
    let mut all = ctx.actor.branches.clone();
    all.push(ctx.actor.organisation);
    all.retain(|organisation| ctx.actor.executes_for(*organisation));
    all
}
