//! What can be read of the directory.

use async_graphql::{Context, Object, Result};
use cordon_context::{OrganisationIdKind, PersonKind};
use cordon_directory_contract::DirectoryClient as _;

use super::{
    ApiClient, ClientFilter, Delegation, DelegationFilter, Organisation, OrganisationFilter, Person, PersonFilter,
    RegisteredDocument, Session, Viewer,
};
use crate::answer::error_of;
use crate::connection::{self, Connection};
use crate::loaders::one;
use crate::outcome::read;
use crate::scalar::Gid;
use crate::session::{loaders, session};

#[derive(Default)]
pub(crate) struct DirectoryQuery;

#[Object]
impl DirectoryQuery {
    /// 当前调用者 / Who is asking.
    async fn viewer(&self, ctx: &Context<'_>) -> Result<Viewer> {
        let actor = session(ctx)?.actor().map_err(|refusal| error_of(&refusal))?;
        let profile = if actor.person().is_some() {
            Some(read(ctx, |services, call| async move { services.directory.profile(call).await }).await?)
        } else {
            None
        };
        Ok(Viewer { actor, profile })
    }

    /// 本人的会话，最新在前 / The caller's open sessions, newest first.
    async fn my_sessions(&self, ctx: &Context<'_>) -> Result<Vec<Session>> {
        let sessions = read(ctx, |services, call| async move { services.directory.own_sessions(call).await });
        Ok(sessions.await?.into_iter().map(Session).collect())
    }

    /// 机构树：先上级后下级 / The tree below an organisation, every parent before its children; the whole tree without a root.
    #[graphql(complexity = "connection::several(200, child_complexity)")]
    async fn organisation_tree(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "根机构 / The organisation at the top.")] root: Option<Gid<OrganisationIdKind>>,
    ) -> Result<Vec<Organisation>> {
        let root = root.map(Into::into);
        let tree = read(ctx, |services, call| async move { services.directory.organisation_tree(call, root).await });
        Ok(tree.await?.into_iter().map(Organisation).collect())
    }

    /// 机构 / An organisation.
    async fn organisation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "标识 / The identifier.")] id: Gid<OrganisationIdKind>,
    ) -> Result<Option<Organisation>> {
        one(&loaders(ctx)?.directory.organisations, id.into(), Organisation).await
    }

    /// 机构列表 / Organisations, by region.
    #[graphql(complexity = "connection::cost(first, child_complexity)")]
    async fn organisations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "筛选 / What is wanted.", default)] filter: OrganisationFilter,
        #[graphql(desc = "条数，1 至 200，默认 50 / How many rows, 1 to 200; 50 unless told.")] first: Option<i32>,
        #[graphql(desc = "从该游标之后继续 / The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<Organisation>> {
        let page = connection::page::<Organisation>(ctx, first, after.as_deref())?;
        let rows =
            read(
                ctx,
                |services, call| async move { services.directory.organisations(call, filter.into(), page).await },
            );
        Ok(Connection::of(rows.await?, Organisation))
    }

    /// 人员 / A person.
    async fn person(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "标识 / The identifier.")] id: Gid<PersonKind>,
    ) -> Result<Option<Person>> {
        one(&loaders(ctx)?.directory.people, id.into(), Person).await
    }

    /// 人员列表 / People, by the time they were entered.
    #[graphql(complexity = "connection::cost(first, child_complexity)")]
    async fn people(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "筛选 / What is wanted.", default)] filter: PersonFilter,
        #[graphql(desc = "条数，1 至 200，默认 50 / How many rows, 1 to 200; 50 unless told.")] first: Option<i32>,
        #[graphql(desc = "从该游标之后继续 / The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<Person>> {
        let page = connection::page::<Person>(ctx, first, after.as_deref())?;
        let rows =
            read(ctx, |services, call| async move { services.directory.people(call, filter.into(), page).await });
        Ok(Connection::of(rows.await?, Person))
    }

    /// 角色代理列表 / Delegations, newest first.
    #[graphql(complexity = "connection::cost(first, child_complexity)")]
    async fn delegations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "筛选 / What is wanted.", default)] filter: DelegationFilter,
        #[graphql(desc = "条数，1 至 200，默认 50 / How many rows, 1 to 200; 50 unless told.")] first: Option<i32>,
        #[graphql(desc = "从该游标之后继续 / The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<Delegation>> {
        let page = connection::page::<Delegation>(ctx, first, after.as_deref())?;
        let rows =
            read(ctx, |services, call| async move { services.directory.delegations(call, filter.into(), page).await });
        Ok(Connection::of(rows.await?, Delegation))
    }

    /// 接口程序列表 / Programs, newest first.
    #[graphql(complexity = "connection::cost(first, child_complexity)")]
    async fn api_clients(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "筛选 / What is wanted.", default)] filter: ClientFilter,
        #[graphql(desc = "条数，1 至 200，默认 50 / How many rows, 1 to 200; 50 unless told.")] first: Option<i32>,
        #[graphql(desc = "从该游标之后继续 / The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<ApiClient>> {
        let page = connection::page::<ApiClient>(ctx, first, after.as_deref())?;
        let rows =
            read(ctx, |services, call| async move { services.directory.clients(call, filter.into(), page).await });
        Ok(Connection::of(rows.await?, ApiClient))
    }

    /// 已登记文档列表 / The registered documents, newest first.
    #[graphql(complexity = "connection::cost(first, child_complexity)")]
    async fn documents(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "条数，1 至 200，默认 50 / How many rows, 1 to 200; 50 unless told.")] first: Option<i32>,
        #[graphql(desc = "从该游标之后继续 / The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<RegisteredDocument>> {
        let page = connection::page::<RegisteredDocument>(ctx, first, after.as_deref())?;
        let rows = read(ctx, |services, call| async move { services.directory.documents(call, page).await });
        Ok(Connection::of(rows.await?, RegisteredDocument))
    }
}
