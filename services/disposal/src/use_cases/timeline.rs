//! What happened to an order, a task or an appeal, for whoever may see that object.

use cordon_context::{CallContext, Page, PageRequest};
use cordon_disposal_contract::{TimelineEntry, TimelineOf};
use cordon_policies::{act, on};
use cordon_store::Failure;

use crate::service::{Disposal, Standing as _};
use crate::store::{appeals, orders, tasks, timeline};
use crate::use_cases::read::executors;

impl Disposal {
    /// Lists what happened.
    pub(crate) async fn timeline(
        &self,
        ctx: &CallContext,
        of: TimelineOf,
        page: PageRequest,
    ) -> Result<Page<TimelineEntry>, Failure> {
        let reader = self.parts.database.reader();
        let mut executors = ctx.actor.organisation_kind.is_enterprise().then(|| executors(ctx));
        match of {
            TimelineOf::Order { order } => {
                let grant = self.grant::<act::Read, on::Order>(ctx)?;
                let order = orders::load(reader, grant.scope(), order).await?;
                let own = order.is_own_measure() && ctx.actor.executes_for(order.requester);
                if ctx.actor.organisation_kind.is_enterprise() && !own {
                    // The whole timeline of an order tells of other executors; an executor reads that of its own tasks.
                    return Err(cordon_context::Refusal::not_found().into());
                }
                executors = None;
            }
            TimelineOf::Task { task } => {
                let grant = self.grant::<act::Read, on::Task>(ctx)?;
                let task = tasks::load(reader, grant.scope(), task).await?;
                if task.own_measure && ctx.actor.executes_for(task.requester) {
                    // Nobody else asked for it.
                    executors = None;
                }
            }
            TimelineOf::Appeal { appeal } => {
                let grant = self.grant::<act::Read, on::Appeal>(ctx)?;
                let appeal = appeals::load(reader, grant.scope(), appeal).await?.appeal;
                if ctx.actor.executes_for(appeal.competent) {
                    // It decides, so that the whole of it is its own.
                    executors = None;
                }
            }
        }
        timeline::list(reader, of, executors.as_deref(), &page).await
    }
}
