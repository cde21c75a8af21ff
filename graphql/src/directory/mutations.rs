//! What can be changed: the directory.

use crate::directory::{
    ChangeOrganisationInput, ChangeOrganisationPayload, ChangePasswordInput, ChangePasswordPayload, ConfirmCodeInput,
    ConfirmCodePayload, CreateApiClientInput, CreateApiClientPayload, CreateOrganisationInput,
    CreateOrganisationPayload, CreatePersonInput, CreatePersonPayload, DelegateRoleInput, DelegateRolePayload,
    EnrolCodeInput, EnrolCodePayload, GiveRoleInput, GiveRolePayload, ResetCodeInput, ResetCodePayload,
    ResetPasswordInput, ResetPasswordPayload, RevealPersonInput, RevealPersonPayload, RevokeApiClientInput,
    RevokeApiClientPayload, RevokeDelegationInput, RevokeDelegationPayload, RevokeSessionInput, RevokeSessionPayload,
    RevokeSessionsOfInput, RevokeSessionsOfPayload, RotateApiClientSecretInput, RotateApiClientSecretPayload,
    SetApiClientMessageKeysInput, SetApiClientMessageKeysPayload, SetPersonActiveInput, SetPersonActivePayload,
    WithdrawDocumentInput, WithdrawDocumentPayload, WithdrawRoleInput, WithdrawRolePayload,
};
use crate::outcome::change;
use async_graphql::{Context, Object, Result};
use cordon_directory_contract as contract;
use cordon_directory_contract::DirectoryClient as _;

#[derive(Default)]
pub(crate) struct DirectoryMutation;

#[Object]
impl DirectoryMutation {
    /// 结束一个会话 / Ends one session: the caller's own, or anybody's within reach for a security administrator.
    async fn revoke_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: RevokeSessionInput,
    ) -> Result<RevokeSessionPayload> {
        let key = input.idempotency_key.clone();
        let outcome = change(ctx, key, |services, call| async move {
            services.directory.revoke_session(call, input.session.into()).await
        });
        outcome.await.map(Into::into)
    }

    /// 结束某人的全部会话 / Ends all sessions of a person.
    async fn revoke_sessions_of(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: RevokeSessionsOfInput,
    ) -> Result<RevokeSessionsOfPayload> {
        let key = input.idempotency_key.clone();
        let outcome = change(ctx, key, |services, call| async move {
            services.directory.revoke_sessions_of(call, input.person.into()).await
        });
        outcome.await.map(Into::into)
    }

    /// 修改本人密码 / Changes the caller's own password and ends their other sessions.
    async fn change_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: ChangePasswordInput,
    ) -> Result<ChangePasswordPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(
                ctx,
                key,
                |services, call| async move { services.directory.change_password(call, input.into()).await },
            );
        outcome.await.map(Into::into)
    }

    /// 重置某人的密码 / Makes a new first password for a person and ends their sessions.
    async fn reset_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: ResetPasswordInput,
    ) -> Result<ResetPasswordPayload> {
        let key = input.idempotency_key.clone();
        let outcome = change(ctx, key, |services, call| async move {
            services.directory.reset_password(call, input.person.into()).await
        });
        outcome.await.map(Into::into)
    }

    /// 登记动态口令 / Makes a secret for one-time codes; it counts when a first code confirms it.
    async fn enrol_code(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: EnrolCodeInput,
    ) -> Result<EnrolCodePayload> {
        let key = input.idempotency_key.clone();
        let outcome = change(ctx, key, |services, call| async move {
            services.directory.enrol_code(call, contract::Secret::new(input.password)).await
        });
        outcome.await.map(Into::into)
    }

    /// 确认动态口令 / Confirms the enrolment with a first code.
    async fn confirm_code(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: ConfirmCodeInput,
    ) -> Result<ConfirmCodePayload> {
        let key = input.idempotency_key.clone();
        let outcome = change(ctx, key, |services, call| async move {
            services.directory.confirm_code(call, contract::Secret::new(input.code)).await
        });
        outcome.await.map(Into::into)
    }

    /// 移除某人的动态口令 / Removes a person's one-time code and ends their sessions.
    async fn reset_code(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: ResetCodeInput,
    ) -> Result<ResetCodePayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(
                ctx,
                key,
                |services, call| async move { services.directory.reset_code(call, input.person.into()).await },
            );
        outcome.await.map(Into::into)
    }

    /// 登记机构 / Enters an organisation.
    async fn create_organisation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: CreateOrganisationInput,
    ) -> Result<CreateOrganisationPayload> {
        let key = input.idempotency_key.clone();
        let outcome = change(ctx, key, |services, call| async move {
            services.directory.create_organisation(call, input.into()).await
        });
        outcome.await.map(Into::into)
    }

    /// 修改机构 / Changes an organisation.
    async fn change_organisation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: ChangeOrganisationInput,
    ) -> Result<ChangeOrganisationPayload> {
        let key = input.idempotency_key.clone();
        let outcome = change(ctx, key, |services, call| async move {
            services.directory.change_organisation(call, input.into()).await
        });
        outcome.await.map(Into::into)
    }

    /// 登记人员 / Enters a person.
    async fn create_person(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: CreatePersonInput,
    ) -> Result<CreatePersonPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(
                ctx,
                key,
                |services, call| async move { services.directory.create_person(call, input.into()).await },
            );
        outcome.await.map(Into::into)
    }

    /// 启用或停用人员 / Lets a person act, or stops them at once.
    async fn set_person_active(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: SetPersonActiveInput,
    ) -> Result<SetPersonActivePayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(
                ctx,
                key,
                |services, call| async move { services.directory.set_person_active(call, input.into()).await },
            );
        outcome.await.map(Into::into)
    }

    /// 查看人员明文信息 / Shows a person's name and login in the clear; written to the ledger.
    async fn reveal_person(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: RevealPersonInput,
    ) -> Result<RevealPersonPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(
                ctx,
                key,
                |services, call| async move { services.directory.reveal_person(call, input.into()).await },
            );
        outcome.await.map(Into::into)
    }

    /// 授予角色 / Gives a role to another person.
    async fn give_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: GiveRoleInput,
    ) -> Result<GiveRolePayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(ctx, key, |services, call| async move { services.directory.give_role(call, input.into()).await });
        outcome.await.map(Into::into)
    }

    /// 收回角色 / Takes a role away, at once.
    async fn withdraw_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: WithdrawRoleInput,
    ) -> Result<WithdrawRolePayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(
                ctx,
                key,
                |services, call| async move { services.directory.withdraw_role(call, input.into()).await },
            );
        outcome.await.map(Into::into)
    }

    /// 委托角色 / Lends one of the caller's own roles to a colleague.
    async fn delegate_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: DelegateRoleInput,
    ) -> Result<DelegateRolePayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(ctx, key, |services, call| async move { services.directory.delegate(call, input.into()).await });
        outcome.await.map(Into::into)
    }

    /// 提前结束代理 / Ends a delegation early.
    async fn revoke_delegation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: RevokeDelegationInput,
    ) -> Result<RevokeDelegationPayload> {
        let key = input.idempotency_key.clone();
        let outcome = change(ctx, key, |services, call| async move {
            services.directory.revoke_delegation(call, input.delegation.into()).await
        });
        outcome.await.map(Into::into)
    }

    /// 登记接口程序 / Enters a program; its secret is shown once.
    async fn create_api_client(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: CreateApiClientInput,
    ) -> Result<CreateApiClientPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(
                ctx,
                key,
                |services, call| async move { services.directory.create_client(call, input.into()).await },
            );
        outcome.await.map(Into::into)
    }

    /// 更换接口程序密钥 / Makes a new secret for a program.
    async fn rotate_api_client_secret(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: RotateApiClientSecretInput,
    ) -> Result<RotateApiClientSecretPayload> {
        let key = input.idempotency_key.clone();
        let outcome = change(ctx, key, |services, call| async move {
            services.directory.rotate_client_secret(call, input.into()).await
        });
        outcome.await.map(Into::into)
    }

    /// 设置接口程序的签名公钥 / Says with which keys a program signs its requests from now on.
    async fn set_api_client_message_keys(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: SetApiClientMessageKeysInput,
    ) -> Result<SetApiClientMessageKeysPayload> {
        let key = input.idempotency_key.clone();
        let outcome = change(ctx, key, |services, call| async move {
            services.directory.set_client_message_keys(call, input.into()).await
        });
        outcome.await.map(Into::into)
    }

    /// 停用接口程序 / Stops a program at once.
    async fn revoke_api_client(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: RevokeApiClientInput,
    ) -> Result<RevokeApiClientPayload> {
        let key = input.idempotency_key.clone();
        let outcome = change(ctx, key, |services, call| async move {
            services.directory.revoke_client(call, input.client.into()).await
        });
        outcome.await.map(Into::into)
    }

    /// 撤销已登记的文档 / Withdraws a registered document.
    async fn withdraw_document(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: WithdrawDocumentInput,
    ) -> Result<WithdrawDocumentPayload> {
        let key = input.idempotency_key.clone();
        let outcome = change(ctx, key, |services, call| async move {
            services.directory.withdraw_document(call, input.document.into()).await
        });
        outcome.await.map(Into::into)
    }
}
