//! What can be read of the disposal service.

use async_graphql::{Context, Object, Result};
use cordon_context::{AppealKind, Bilingual, EndpointKind, OrderKind, Refusal, TaskKind};
use cordon_disposal_contract as contract;
use cordon_disposal_contract::{DeliveryClient as _, DisposalClient as _, RoutingClient as _};
use cordon_rpc::refusal_of;

use super::{
    Appeal, AppealFilter, AppealProgress, CalendarYear, Dispatch, DispatchFilter, DisposalPreview,
    DisposeSubjectsInput, Endpoint, EndpointFilter, InboxFilter, MeasureRule, Order, OrderFilter, PayloadKey,
    ProtectedEntry, Release, Route, RouteQuestionInput, RoutingEntry, RoutingTable, SignedPayload, Task, TaskFilter,
    TaskStatus,
};
use crate::answer::error_of;
use crate::connection::{self, Connection};
use crate::loaders::one;
use crate::outcome::read;
use crate::scalar::Gid;
use crate::session::{loaders, session};

#[derive(Default)]
pub(crate) struct DisposalQuery;

#[Object]
impl DisposalQuery {
    /// 处置预检：不改变任何数据 / Says what a disposal would meet, before anything happens; changes nothing.
    async fn preview_disposal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "与 disposeSubjects 相同的输入 / The same input as that of disposeSubjects.")]
        input: DisposeSubjectsInput,
    ) -> Result<DisposalPreview> {
        let preview =
            read(ctx, |services, call| async move { services.disposal.preview_disposal(call, input.into()).await });
        Ok(DisposalPreview(preview.await?))
    }

    /// 申诉人凭编号和查询码查看进度 / How an appeal stands, for the appellant with number and code.
    async fn appeal_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "申诉编号 / The number.")] number: String,
        #[graphql(desc = "查询码 / The code.")] code: String,
    ) -> Result<AppealProgress> {
        let session = session(ctx)?;
        let ask = contract::AskProgress { number, code };
        let progress = session.services().disposal.appeal_progress(session.gateway_call("appeal_progress"), ask).await;
        Ok(AppealProgress(progress.map_err(|error| error_of(&refusal_of(&error)))?))
    }

    /// 任务现状：供企业核对 / How tasks stand that were ever addressed to the caller's enterprise.
    #[graphql(complexity = "connection::several(ids.len(), child_complexity)")]
    async fn task_statuses(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "任务标识，至多 200 个 / The tasks, at most 200.")] ids: Vec<Gid<TaskKind>>,
    ) -> Result<Vec<TaskStatus>> {
        if ids.len() > 200 {
            let text = Bilingual::new("一次至多查询 200 个任务", "at most 200 tasks at once");
            return Err(error_of(&Refusal::invalid("ids", "page.first", text)));
        }
        let ids = ids.into_iter().map(Into::into).collect();
        let statuses = read(ctx, |services, call| async move { services.disposal.task_status(call, ids).await });
        Ok(statuses.await?.into_iter().map(TaskStatus).collect())
    }

    /// 任务明文载荷及签名，仅执行单位可取 / A task in the clear and signed, for its executor.
    async fn task_payload(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "任务标识 / The task.")] id: Gid<TaskKind>,
    ) -> Result<SignedPayload> {
        let payload = read(ctx, |services, call| async move { services.disposal.task_payload(call, id.into()).await });
        Ok(SignedPayload(payload.await?))
    }

    /// 任务签名公钥，当前的在最前 / The public keys with which payloads are signed, the present one first.
    async fn payload_keys(&self, ctx: &Context<'_>) -> Result<Vec<PayloadKey>> {
        let keys = read(ctx, |services, call| async move { services.disposal.payload_keys(call).await });
        Ok(keys.await?.into_iter().map(PayloadKey).collect())
    }

    /// 某年的工作日历 / The days of a year that differ from what their weekday says.
    async fn calendar_year(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "年份 / The year.")] year: i32,
    ) -> Result<CalendarYear> {
        let found = read(ctx, |services, call| async move { services.disposal.calendar_year(call, year).await });
        Ok(CalendarYear(found.await?))
    }

    /// 措施规则表 / The measure table.
    async fn measure_table(&self, ctx: &Context<'_>) -> Result<Vec<MeasureRule>> {
        let rules = read(ctx, |services, call| async move { services.disposal.measure_table(call).await });
        Ok(rules.await?.into_iter().map(MeasureRule).collect())
    }

    /// 查询各对象由谁负责 / Who answers for each target, in the order of the questions.
    #[graphql(complexity = "connection::several(questions.len(), child_complexity)")]
    async fn target_routes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "对象，至多 200 个 / The targets, at most 200.")] questions: Vec<RouteQuestionInput>,
    ) -> Result<Vec<Route>> {
        if questions.len() > 200 {
            let text = Bilingual::new("一次至多查询 200 个对象", "at most 200 targets at once");
            return Err(error_of(&Refusal::invalid("questions", "page.first", text)));
        }
        let questions = questions.into_iter().map(Into::into).collect();
        let routes = read(ctx, |services, call| async move { services.disposal.route(call, questions).await });
        Ok(routes.await?.into_iter().map(Route).collect())
    }

    /// 路由表条目 / Rows of a routing table, newest first.
    #[graphql(complexity = "connection::cost(first, child_complexity)")]
    async fn routing_entries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "路由表 / Which table.")] table: RoutingTable,
        #[graphql(desc = "条数，1 至 200，默认 50 / How many rows, 1 to 200; 50 unless told.")] first: Option<i32>,
        #[graphql(desc = "从该游标之后继续 / The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<RoutingEntry>> {
        let page = connection::page::<RoutingEntry>(ctx, first, after.as_deref())?;
        let rows =
            read(ctx, |services, call| async move { services.disposal.list_entries(call, table.into(), page).await });
        Ok(Connection::of(rows.await?, RoutingEntry))
    }

    /// 处置指令 / An order.
    async fn order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "标识 / The identifier.")] id: Gid<OrderKind>,
    ) -> Result<Option<Order>> {
        one(&loaders(ctx)?.disposal.orders, id.into(), Order).await
    }

    /// 处置指令列表，最新在前 / Orders, newest first.
    #[graphql(complexity = "connection::cost(first, child_complexity)")]
    async fn orders(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "筛选 / What is wanted.", default)] filter: OrderFilter,
        #[graphql(desc = "条数，1 至 200，默认 50 / How many rows, 1 to 200; 50 unless told.")] first: Option<i32>,
        #[graphql(desc = "从该游标之后继续 / The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<Order>> {
        let page = connection::page::<Order>(ctx, first, after.as_deref())?;
        let rows =
            read(ctx, |services, call| async move { services.disposal.list_orders(call, filter.into(), page).await });
        Ok(Connection::of(rows.await?, Order))
    }

    /// 执行任务 / A task.
    async fn task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "标识 / The identifier.")] id: Gid<TaskKind>,
    ) -> Result<Option<Task>> {
        one(&loaders(ctx)?.disposal.tasks, id.into(), Task).await
    }

    /// 执行任务列表，最新在前 / Tasks, newest first.
    #[graphql(complexity = "connection::cost(first, child_complexity)")]
    async fn tasks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "筛选 / What is wanted.", default)] filter: TaskFilter,
        #[graphql(desc = "条数，1 至 200，默认 50 / How many rows, 1 to 200; 50 unless told.")] first: Option<i32>,
        #[graphql(desc = "从该游标之后继续 / The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<Task>> {
        let page = connection::page::<Task>(ctx, first, after.as_deref())?;
        let rows =
            read(ctx, |services, call| async move { services.disposal.list_tasks(call, filter.into(), page).await });
        Ok(Connection::of(rows.await?, Task))
    }

    /// 本企业待办任务，最紧迫在前 / The open tasks of the caller's enterprise, the most pressing first.
    #[graphql(complexity = "connection::cost(first, child_complexity)")]
    async fn inbox(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "筛选 / What is wanted.", default)] filter: InboxFilter,
        #[graphql(desc = "条数，1 至 200，默认 50 / How many rows, 1 to 200; 50 unless told.")] first: Option<i32>,
        #[graphql(desc = "从该游标之后继续 / The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<Task>> {
        let page = connection::page::<Task>(ctx, first, after.as_deref())?;
        let rows = read(ctx, |services, call| async move { services.disposal.inbox(call, filter.into(), page).await });
        Ok(Connection::of(rows.await?, Task))
    }

    /// 异常席任务，最早在前 / The tasks at the exception desk, the oldest first.
    #[graphql(complexity = "connection::cost(first, child_complexity)")]
    async fn exception_desk(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "条数，1 至 200，默认 50 / How many rows, 1 to 200; 50 unless told.")] first: Option<i32>,
        #[graphql(desc = "从该游标之后继续 / The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<Task>> {
        let page = connection::page::<Task>(ctx, first, after.as_deref())?;
        let rows = read(ctx, |services, call| async move { services.disposal.exception_desk(call, page).await });
        Ok(Connection::of(rows.await?, Task))
    }

    /// 待本机构同意的解除 / Releases that wait for the consent of the caller's organisation.
    #[graphql(complexity = "connection::cost(first, child_complexity)")]
    async fn releases_awaiting_consent(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "条数，1 至 200，默认 50 / How many rows, 1 to 200; 50 unless told.")] first: Option<i32>,
        #[graphql(desc = "从该游标之后继续 / The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<Release>> {
        let page = connection::page::<Release>(ctx, first, after.as_deref())?;
        let rows =
            read(ctx, |services, call| async move { services.disposal.releases_awaiting_consent(call, page).await });
        Ok(Connection::of(rows.await?, Release))
    }

    /// 申诉 / An appeal.
    async fn appeal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "标识 / The identifier.")] id: Gid<AppealKind>,
    ) -> Result<Option<Appeal>> {
        one(&loaders(ctx)?.disposal.appeals, id.into(), Appeal).await
    }

    /// 申诉列表，最新在前 / Appeals, newest first.
    #[graphql(complexity = "connection::cost(first, child_complexity)")]
    async fn appeals(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "筛选 / What is wanted.", default)] filter: AppealFilter,
        #[graphql(desc = "条数，1 至 200，默认 50 / How many rows, 1 to 200; 50 unless told.")] first: Option<i32>,
        #[graphql(desc = "从该游标之后继续 / The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<Appeal>> {
        let page = connection::page::<Appeal>(ctx, first, after.as_deref())?;
        let rows =
            read(ctx, |services, call| async move { services.disposal.list_appeals(call, filter.into(), page).await });
        Ok(Connection::of(rows.await?, Appeal))
    }

    /// 受保护对象列表 / The protected list, newest first.
    #[graphql(complexity = "connection::cost(first, child_complexity)")]
    async fn protected_targets(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "条数，1 至 200，默认 50 / How many rows, 1 to 200; 50 unless told.")] first: Option<i32>,
        #[graphql(desc = "从该游标之后继续 / The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<ProtectedEntry>> {
        let page = connection::page::<ProtectedEntry>(ctx, first, after.as_deref())?;
        let rows = read(ctx, |services, call| async move { services.disposal.list_protected(call, page).await });
        Ok(Connection::of(rows.await?, ProtectedEntry))
    }

    /// 回调端点 / A webhook endpoint.
    async fn endpoint(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "标识 / The identifier.")] id: Gid<EndpointKind>,
    ) -> Result<Option<Endpoint>> {
        one(&loaders(ctx)?.disposal.endpoints, id.into(), Endpoint).await
    }

    /// 回调端点列表 / Webhook endpoints, newest first.
    #[graphql(complexity = "connection::cost(first, child_complexity)")]
    async fn endpoints(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "筛选 / What is wanted.", default)] filter: EndpointFilter,
        #[graphql(desc = "条数，1 至 200，默认 50 / How many rows, 1 to 200; 50 unless told.")] first: Option<i32>,
        #[graphql(desc = "从该游标之后继续 / The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<Endpoint>> {
        let page = connection::page::<Endpoint>(ctx, first, after.as_deref())?;
        let rows =
            read(
                ctx,
                |services, call| async move { services.disposal.list_endpoints(call, filter.into(), page).await },
            );
        Ok(Connection::of(rows.await?, Endpoint))
    }

    /// 投递日志 / The delivery log, newest first.
    #[graphql(complexity = "connection::cost(first, child_complexity)")]
    async fn dispatches(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "筛选 / What is wanted.", default)] filter: DispatchFilter,
        #[graphql(desc = "条数，1 至 200，默认 50 / How many rows, 1 to 200; 50 unless told.")] first: Option<i32>,
        #[graphql(desc = "从该游标之后继续 / The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<Dispatch>> {
        let page = connection::page::<Dispatch>(ctx, first, after.as_deref())?;
        let rows =
            read(
                ctx,
                |services, call| async move { services.disposal.list_dispatches(call, filter.into(), page).await },
            );
        Ok(Connection::of(rows.await?, Dispatch))
    }
}
