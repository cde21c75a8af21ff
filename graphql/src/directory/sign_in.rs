//! Signing in and out, and the registration of documents.

use std::sync::Arc;

use async_graphql::{Context, Enum, InputObject, Object, Result, SimpleObject};
use cordon_directory_contract as contract;
use cordon_directory_contract::DirectoryClient as _;
use cordon_rpc::refusal_of;

use super::{PendingStep, RegisteredDocument};
use crate::access;
use crate::outcome::{MutationStatus, Outcome, RefusalObject, change, payloads, sort};
use crate::persisted::hash_of;
use crate::scalar::DateTime;
use crate::session::session;

/// 登录的输入 / Input of signIn.
#[derive(InputObject)]
pub(crate) struct SignInInput {
    /// 登录名 / The name for signing in.
    login: String,
    /// 密码 / The password.
    password: String,
    /// 动态口令（已登记者） / The one-time code, where the person has enrolled.
    code: Option<String>,
    /// 幂等键；登录不重放，仅为统一格式 / The idempotency key; a sign-in is never replayed, so it is taken and not used.
    idempotency_key: Option<String>,
}

/// 登录状态 / How a sign-in ended.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum SignInStatus {
    /// 已登录 / The person is in.
    SignedIn,
    /// 还须动态口令 / Login and password are right, and a one-time code is needed as well.
    CodeRequired,
    /// 已拒绝 / It was refused.
    Refused,
}

/// 登录的结果 / What signIn brought.
#[derive(SimpleObject)]
pub(crate) struct SignInPayload {
    /// 登录状态 / How it ended.
    status: SignInStatus,
    /// 拒绝的原因 / Why it was refused, if it was.
    refusal: Option<RefusalObject>,
    /// 会话令牌，仅显示一次 / The token to send with every request, shown this once.
    token: Option<String>,
    /// 会话最迟到期时间 / When the session ends at the latest.
    expires_at: Option<DateTime>,
    /// 闲置多少秒后失效 / After how many seconds without a request it ends.
    idle_seconds: Option<u32>,
    /// 角色生效前须完成的步骤 / What has to be done before the roles count.
    pending: Vec<PendingStep>,
}

impl From<Outcome<contract::SignInOutcome>> for SignInPayload {
    fn from(outcome: Outcome<contract::SignInOutcome>) -> Self {
        let empty = |status, refusal| Self {
            status,
            refusal,
            token: None,
            expires_at: None,
            idle_seconds: None,
            pending: Vec::new(),
        };
        match outcome {
            Ok(contract::SignInOutcome::SignedIn(signed_in)) => Self {
                status: SignInStatus::SignedIn,
                refusal: None,
                token: Some(signed_in.token.expose().to_owned()),
                expires_at: Some(signed_in.expires_at.into()),
                idle_seconds: Some(signed_in.idle_seconds),
                pending: signed_in.pending.iter().copied().map(Into::into).collect(),
            },
            Ok(contract::SignInOutcome::CodeRequired) => empty(SignInStatus::CodeRequired, None),
            Err(refusal) => empty(SignInStatus::Refused, Some(refusal.into())),
        }
    }
}

/// 退出登录的输入 / Input of signOut.
#[derive(Default, InputObject)]
pub(crate) struct SignOutInput {
    /// 幂等键 / The idempotency key.
    idempotency_key: Option<String>,
}

/// 登记文档的输入 / Input of registerDocument.
#[derive(InputObject)]
pub(crate) struct RegisterDocumentInput {
    /// 文档全文，只含一个操作 / The text of the document, with one operation.
    text: String,
    /// 幂等键 / The idempotency key.
    idempotency_key: Option<String>,
}

payloads! {
    /// 退出登录的结果 / What signOut brought.
    SignOutPayload: () {}

    /// 登记文档的结果 / What registerDocument brought.
    RegisterDocumentPayload: contract::Document {
        /// 文档 / The document.
        document: RegisteredDocument = |done| RegisteredDocument(done),
    }
}

#[derive(Default)]
pub(crate) struct SignInMutation;

#[Object]
impl SignInMutation {
    /// 登录 / Lets a person in.
    async fn sign_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: SignInInput,
    ) -> Result<SignInPayload> {
        let session = session(ctx)?;
        let SignInInput { login, password, code, idempotency_key: _ } = input;
        let origin = session.caller().address().map(|address| address.to_string());
        let password = contract::Secret::new(password);
        let input = contract::SignIn { login, password, code: code.map(contract::Secret::new), origin };
        let answer = session.services().directory.sign_in(session.gateway_call("sign_in"), input).await;
        let outcome = answer.map_err(|error| refusal_of(&error));
        // A wrong password is an outcome, not an invalid credential of the request.
        match outcome {
            Err(refusal) if refusal.code == cordon_context::Code::Unauthenticated => Ok(Err(refusal).into()),
            outcome => sort(outcome).map(Into::into),
        }
    }

    /// 退出登录 / Ends the caller's session.
    async fn sign_out(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.", default)] input: SignOutInput,
    ) -> Result<SignOutPayload> {
        let key = input.idempotency_key;
        let outcome = change(ctx, key, |services, call| async move { services.directory.sign_out(call).await });
        outcome.await.map(Into::into)
    }

    /// 登记 GraphQL 文档，供生产环境按摘要执行 / Registers a GraphQL document of the caller's organisation, to be executed by its hash.
    async fn register_document(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: RegisterDocumentInput,
    ) -> Result<RegisterDocumentPayload> {
        let session = Arc::clone(session(ctx)?);
        let RegisterDocumentInput { text, idempotency_key } = input;
        // A document is read only for somebody who may register one: reading it is work, and tells about the schema.
        if let Err(refusal) = access::enter(&session, "Mutation", ctx.field().name()) {
            return sort::<contract::Document>(Err(refusal)).map(Into::into);
        }
        if let Err(refusal) = session.engine.validate(&session, &text).await {
            return Ok(RegisterDocumentPayload {
                status: MutationStatus::Refused,
                refusal: Some(refusal.into()),
                document: None,
            });
        }
        let register = contract::RegisterDocument { hash: hash_of(&text), text };
        let outcome = change(ctx, idempotency_key, |services, call| async move {
            services.directory.register_document(call, register).await
        });
        outcome.await.map(Into::into)
    }
}
