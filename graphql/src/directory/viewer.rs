//! What callers may know of themselves.

use async_graphql::{Context, Object, Result, SimpleObject};
use cordon_context::Actor;
use cordon_directory_contract as contract;

use super::{Organisation, PendingStep, Person};
use crate::loaders::one;
use crate::names::{Action, Resource, Role};
use crate::session::{loaders, session};

/// 一项权限 / One thing that the caller may do.
#[derive(SimpleObject)]
pub(crate) struct Permission {
    /// 资源 / On what.
    resource: Resource,
    /// 动作 / What.
    action: Action,
}

pub(crate) struct Viewer {
    pub(crate) actor: Actor,
    pub(crate) profile: Option<contract::Profile>,
}

/// 当前调用者 / Who is asking.
#[Object]
impl Viewer {
    /// 人员；程序调用时为 null / The person; null for a program.
    async fn person(&self) -> Option<Person> {
        self.profile.as_ref().map(|profile| Person(profile.person.clone()))
    }

    /// 姓名 / The name in the clear.
    async fn name(&self) -> Option<&str> {
        self.profile.as_ref().map(|profile| profile.name.as_str())
    }

    /// 登录名 / The name for signing in.
    async fn login(&self) -> Option<&str> {
        self.profile.as_ref().map(|profile| profile.login.as_str())
    }

    /// 角色生效前须完成的步骤 / What has to be done before the roles count.
    async fn pending(&self) -> Vec<PendingStep> {
        let steps = self.profile.iter().flat_map(|profile| profile.pending.iter());
        steps.map(|step| (*step).into()).collect()
    }

    /// 所属机构 / The organisation for which the caller acts.
    async fn organisation(&self, ctx: &Context<'_>) -> Result<Option<Organisation>> {
        one(&loaders(ctx)?.directory.organisations, self.actor.organisation, Organisation).await
    }

    /// 当前角色，含代理的 / The duties held now, delegated ones included.
    async fn roles(&self) -> Vec<Role> {
        self.actor.roles.iter().copied().map(Into::into).collect()
    }

    /// 权限列表，供界面显示；实际权限由各服务判定 / What the caller may do, for showing; each service decides by itself.
    async fn permissions(&self, ctx: &Context<'_>) -> Result<Vec<Permission>> {
        let all = session(ctx)?.engine.gate().permissions(&self.actor);
        let all =
            all.into_iter().map(|(resource, action)| Permission { resource: resource.into(), action: action.into() });
        Ok(all.collect())
    }
}
