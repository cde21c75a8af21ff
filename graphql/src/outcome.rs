//! What a mutation answers: a status, the refusal if there is one, and the changed object.

use std::future::Future;
use std::sync::Arc;

use async_graphql::{Context, Enum, Result, SimpleObject};
use cordon_context::{Bilingual, CallContext, Code, Refusal};
use cordon_rpc::refusal_of;
use jsonrpsee::core::ClientError;

use crate::access;
use crate::answer::error_of;
use crate::services::Services;
use crate::session::session;

/// 变更的结果状态 / How a mutation ended.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum MutationStatus {
    /// 已完成 / It is done.
    Done,
    /// 已被规则或权限拒绝，原因见 refusal / A rule or the policy refused it; see `refusal`.
    Refused,
}

/// 拒绝的原因：未找到、输入有误、违反规则、冲突或无权 / Why something was refused: not found, invalid, against a rule, in conflict, or not allowed.
#[derive(SimpleObject)]
#[graphql(name = "Refusal")]
pub(crate) struct RefusalObject {
    /// 稳定代码 / The stable code.
    code: String,
    /// 规则名 / The rule that forbids it, as a stable dotted name.
    rule: Option<String>,
    /// 违反规则的输入字段 / The input field that breaks the rule.
    field: Option<String>,
    /// 中文说明 / The reason in Chinese.
    message_zh: String,
    /// 英文说明 / The reason in English.
    message_en: String,
}

impl From<Refusal> for RefusalObject {
    fn from(refusal: Refusal) -> Self {
        let Refusal { code, rule, field, text, correlation: _, retry_after_seconds: _, oldest_seq: _ } = refusal;
        let field = field.map(|field| camel_path(&field));
        Self {
            code: code.as_str().to_owned(),
            rule,
            field,
            message_zh: text.zh.into_owned(),
            message_en: text.en.into_owned(),
        }
    }
}

/// Input fields are named as the schema names them.
fn camel_path(path: &str) -> String {
    let mut words = path.split('_');
    let mut camel = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        camel.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
    }
    camel
}

/// What a changing call brought.
pub(crate) type Outcome<T> = std::result::Result<T, Refusal>;

/// Whether a refusal is an expected outcome, which belongs into the payload.
const fn is_expected(code: Code) -> bool {
    matches!(
        code,
        Code::NotFound | Code::Denied | Code::Invalid | Code::RuleViolated | Code::Conflict | Code::IdempotencyMismatch
    )
}

/// Asks the gate, makes the call, and sorts what came back: expected refusals into the payload, others into the errors.
pub(crate) async fn change<T, F, C>(ctx: &Context<'_>, key: Option<String>, call: C) -> Result<Outcome<T>>
where
    C: FnOnce(Services, CallContext) -> F + Send,
    F: Future<Output = std::result::Result<T, ClientError>> + Send,
{
    let session = Arc::clone(session(ctx)?);
    let admitted = session
        .changing_call(key.as_deref())
        .and_then(|context| access::enter(&session, "Mutation", ctx.field().name()).map(|()| context));
    let outcome = match admitted {
        Ok(context) => call(session.services().clone(), context).await.map_err(|error| refusal_of(&error)),
        Err(refusal) => Err(refusal),
    };
    sort(outcome)
}

/// Refuses a list of identifiers that is longer than a statement can carry.
pub(crate) fn at_most(field: &'static str, count: usize, most: usize) -> std::result::Result<(), Refusal> {
    if count <= most {
        return Ok(());
    }
    let text = Bilingual::new(format!("一次至多 {most} 项"), format!("at most {most} at once"));
    Err(Refusal::invalid(field, "list.length", text))
}

/// Sends unexpected refusals on as errors.
pub(crate) fn sort<T>(outcome: Outcome<T>) -> Result<Outcome<T>> {
    match outcome {
        Err(refusal) if !is_expected(refusal.code) => Err(error_of(&refusal)),
        sorted => Ok(sorted),
    }
}

/// Makes a reading call and turns a refusal into an error of the field.
pub(crate) async fn read<T, F, C>(ctx: &Context<'_>, call: C) -> Result<T>
where
    C: FnOnce(Services, CallContext) -> F + Send,
    F: Future<Output = std::result::Result<T, ClientError>> + Send,
{
    let session = Arc::clone(session(ctx)?);
    let context = session.call().map_err(|refusal| error_of(&refusal))?;
    call(session.services().clone(), context).await.map_err(|error| error_of(&refusal_of(&error)))
}

/// Declares payloads: the struct, and how it is made of an outcome.
///
/// ```ignore
/// payloads! {
///     /// 审批指令的结果 / What approving an order brought.
///     ApproveOrderPayload: contract::Order {
///         /// 指令 / The order.
///         order: Order = |order| Order(order),
///     }
/// }
/// ```
macro_rules! payloads {
    ($($(#[$doc:meta])* $name:ident: $domain:ty { $($(#[$field_doc:meta])* $field:ident: $object:ty = |$value:ident| $make:expr,)* })*) => {
        $(
            $(#[$doc])*
            #[derive(async_graphql::SimpleObject)]
            pub(crate) struct $name {
                /// 结果状态 / How it ended.
                status: $crate::outcome::MutationStatus,
                /// 拒绝的原因 / Why it was refused, if it was.
                refusal: Option<$crate::outcome::RefusalObject>,
                $($(#[$field_doc])* $field: Option<$object>,)*
            }

            impl From<$crate::outcome::Outcome<$domain>> for $name {
                fn from(outcome: $crate::outcome::Outcome<$domain>) -> Self {
                    match outcome {
                        Ok(done) => {
                            let _nothing_to_show = &done;
                            $(let $field = { let $value = ::std::clone::Clone::clone(&done); Some($make) };)*
                            Self { status: $crate::outcome::MutationStatus::Done, refusal: None, $($field),* }
                        }
                        Err(refusal) => Self {
                            status: $crate::outcome::MutationStatus::Refused,
                            refusal: Some(refusal.into()),
                            $($field: None),*
                        },
                    }
                }
            }
        )*
    };
}

pub(crate) use payloads;
