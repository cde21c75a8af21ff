//! What is told as it happens, resumable by position.

mod feed;

use async_graphql::{Context, Object, Result, Subscription as GraphqlSubscription};
use cordon_context::{Action, CaseId, CaseKind, OrderId, OrderKind, Resource, TaskId};
use cordon_disposal_contract::events::{
    ORDER_APPROVED, ORDER_ISSUED, ORDER_RETURNED, ORDER_SUBMITTED, ORDER_WITHDRAWN, OrderHappened, TASK_ASSIGNED,
    TASK_PROGRESSED, TaskHappened,
};
use futures::Stream;

use crate::access::{Need, RootField};
use crate::case_intake::Case;
use crate::disposal::{Order, Task};
use crate::loaders::{maybe, one};
use crate::scalar::{DateTime, Gid, Long};
use crate::session::loaders;
use feed::{Happened, Source, follow};

/// What the subscriptions need.
pub(crate) const ACCESS: &[RootField] = &[
    subscription("taskAssigned", &[(Action::Read, Resource::Task)]),
    subscription("orderProgressed", &[(Action::Read, Resource::Order)]),
    subscription("caseChanged", &[(Action::Read, Resource::Case)]),
];

const fn subscription(name: &'static str, pairs: &'static [(Action, Resource)]) -> RootField {
    RootField { root: "Subscription", name, need: Need::Any(pairs) }
}

const ORDER_TOPICS: &[&str] =
    &[ORDER_SUBMITTED, ORDER_APPROVED, ORDER_RETURNED, ORDER_ISSUED, ORDER_WITHDRAWN, TASK_PROGRESSED];

/// A task that was given to an executor.
pub(crate) struct TaskAssigned {
    happened: Happened,
    task: TaskId,
}

/// 任务下达：新任务、新代次或解除任务 / A task was given to an executor: a new one, a new generation, or a release.
#[Object]
impl TaskAssigned {
    /// 序号；断线后以 after 续接 / The position; a client goes on after the last one that it saw.
    async fn seq(&self) -> Long {
        self.happened.position.into()
    }

    /// 时间 / When.
    async fn at(&self) -> DateTime {
        self.happened.at.into()
    }

    /// 任务标识 / The identifier of the task.
    async fn task_id(&self) -> Gid<cordon_context::TaskKind> {
        self.task.into()
    }

    /// 任务 / The task, as it is now.
    async fn task(&self, ctx: &Context<'_>) -> Result<Option<Task>> {
        one(&loaders(ctx)?.disposal.tasks, self.task, Task).await
    }
}

/// An order, or a task of it, that went on.
pub(crate) struct OrderProgressed {
    happened: Happened,
    order: OrderId,
    task: Option<TaskId>,
}

/// 指令进展 / An order, or a task of it, went on.
#[Object]
impl OrderProgressed {
    /// 序号；断线后以 after 续接 / The position; a client goes on after the last one that it saw.
    async fn seq(&self) -> Long {
        self.happened.position.into()
    }

    /// 时间 / When.
    async fn at(&self) -> DateTime {
        self.happened.at.into()
    }

    /// 事项，如 disposal.order_issued / What happened, such as `disposal.order_issued`.
    async fn topic(&self) -> &str {
        &self.happened.topic
    }

    /// 指令标识 / The identifier of the order.
    async fn order_id(&self) -> Gid<OrderKind> {
        self.order.into()
    }

    /// 指令 / The order, as it is now.
    async fn order(&self, ctx: &Context<'_>) -> Result<Option<Order>> {
        one(&loaders(ctx)?.disposal.orders, self.order, Order).await
    }

    /// 任务（若由任务引起） / The task, if it was a task that went on.
    async fn task(&self, ctx: &Context<'_>) -> Result<Option<Task>> {
        maybe(&loaders(ctx)?.disposal.tasks, self.task, Task).await
    }
}

/// A case that changed.
pub(crate) struct CaseChanged {
    happened: Happened,
    case: CaseId,
}

/// 案件变更 / A case changed.
#[Object]
impl CaseChanged {
    /// 序号；断线后以 after 续接 / The position; a client goes on after the last one that it saw.
    async fn seq(&self) -> Long {
        self.happened.position.into()
    }

    /// 时间 / When.
    async fn at(&self) -> DateTime {
        self.happened.at.into()
    }

    /// 事项，如 case_intake.case_changed / What happened, such as `case_intake.case_changed`.
    async fn topic(&self) -> &str {
        &self.happened.topic
    }

    /// 案件标识 / The identifier of the case.
    async fn case_id(&self) -> Gid<CaseKind> {
        self.case.into()
    }

    /// 案件 / The case, as it is now.
    async fn case(&self, ctx: &Context<'_>) -> Result<Option<Case>> {
        one(&loaders(ctx)?.case_intake.cases, self.case, Case).await
    }
}

pub(crate) struct Subscription;

/// 订阅；经 graphql-transport-ws，开启期间持续校验权限 / What is told as it happens, over graphql-transport-ws; the right to it is checked while it is open.
#[GraphqlSubscription]
impl Subscription {
    /// 任务下达 / Tasks that are given to an executor within reach.
    async fn task_assigned(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "从该序号之后续接；不填则从现在开始 / The position after which to go on; from now on if absent."
        )]
        after: Option<Long>,
    ) -> Result<impl Stream<Item = Result<TaskAssigned>> + use<>> {
        follow(ctx, "taskAssigned", Source::Disposal, after.map(Into::into), |happened| {
            if happened.topic != TASK_ASSIGNED {
                return None;
            }
            let payload: TaskHappened = serde_json::from_value(happened.payload.clone()).ok()?;
            Some(TaskAssigned { happened, task: payload.task })
        })
    }

    /// 指令进展 / Orders, and their tasks, that go on; one order if it is named.
    async fn order_progressed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "仅此指令 / Only this order.")] order: Option<Gid<OrderKind>>,
        #[graphql(
            desc = "从该序号之后续接；不填则从现在开始 / The position after which to go on; from now on if absent."
        )]
        after: Option<Long>,
    ) -> Result<impl Stream<Item = Result<OrderProgressed>> + use<>> {
        let wanted: Option<OrderId> = order.map(Into::into);
        follow(ctx, "orderProgressed", Source::Disposal, after.map(Into::into), move |happened| {
            if !ORDER_TOPICS.contains(&happened.topic.as_str()) {
                return None;
            }
            let (order, task) = if happened.topic == TASK_PROGRESSED {
                let payload: TaskHappened = serde_json::from_value(happened.payload.clone()).ok()?;
                (payload.order, Some(payload.task))
            } else {
                let payload: OrderHappened = serde_json::from_value(happened.payload.clone()).ok()?;
                (payload.order, None)
            };
            wanted.is_none_or(|wanted| wanted == order).then_some(OrderProgressed { happened, order, task })
        })
    }

    /// 案件变更 / Cases that change; one case if it is named.
    async fn case_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "仅此案件 / Only this case.")] case: Option<Gid<CaseKind>>,
        #[graphql(
            desc = "从该序号之后续接；不填则从现在开始 / The position after which to go on; from now on if absent."
        )]
        after: Option<Long>,
    ) -> Result<impl Stream<Item = Result<CaseChanged>> + use<>> {
        let wanted: Option<CaseId> = case.map(Into::into);
        follow(ctx, "caseChanged", Source::CaseIntake, after.map(Into::into), move |happened| {
            let case = happened.case?;
            wanted.is_none_or(|wanted| wanted == case).then_some(CaseChanged { happened, case })
        })
    }
}
