//! The one error that crosses a service's border: what went wrong, by which rule, in words for a person.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Bilingual;

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $status:literal, $zh:literal, $en:literal;)*) => {
        /// Stable codes that a client may program against; they are added, never renamed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Code {
            $($(#[$doc])* #[serde(rename = $code)] $variant),*
        }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The text that clients see.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }

            /// The HTTP status with which it is answered where it ends a request.
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status),* }
            }

            /// What it says when nothing more precise is known.
            pub const fn default_text(self) -> (&'static str, &'static str) {
                match self { $(Self::$variant => ($zh, $en)),* }
            }
        }
    };
}

codes! {
    /// The object does not exist, or the caller may not know that it does.
    NotFound = "NOT_FOUND", 404, "未找到", "not found";
    /// No valid credential.
    Unauthenticated = "UNAUTHENTICATED", 401, "未登录或登录已失效", "not signed in, or the sign-in has ended";
    /// The actor's roles do not allow it.
    Denied = "DENIED", 403, "无权执行该操作", "not allowed";
    /// An input value breaks a rule; `field` names it.
    Invalid = "INVALID", 400, "输入不符合要求", "the input breaks a rule";
    /// A rule of the field forbids it now; `rule` names it.
    RuleViolated = "RULE_VIOLATED", 422, "违反业务规则", "a rule forbids this";
    /// Somebody else changed it first.
    Conflict = "CONFLICT", 409, "对象已被他人修改，请刷新后重试", "it was changed by somebody else; reload and try again";
    /// The idempotency key was used before with another input.
    IdempotencyMismatch = "IDEMPOTENCY_MISMATCH", 422, "幂等键已用于不同的请求", "the idempotency key was used with another input";
    /// Too many requests.
    RateLimited = "RATE_LIMITED", 429, "请求过于频繁，请稍后重试", "too many requests; try again later";
    /// A part of the system cannot answer now.
    Unavailable = "UNAVAILABLE", 503, "服务暂不可用，请稍后重试", "a service cannot answer now; try again later";
    /// The call's deadline passed.
    DeadlineExceeded = "DEADLINE_EXCEEDED", 504, "处理超时", "the deadline passed";
    /// Something unexpected; only the correlation id goes out.
    Internal = "INTERNAL", 500, "系统内部错误", "an internal error happened";
    /// The method is not allowed on this path.
    MethodNotAllowed = "METHOD_NOT_ALLOWED", 405, "不支持的请求方法", "the method is not allowed";
    /// The content type is not `application/json`.
    UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE", 415, "不支持的内容类型", "the content type is not supported";
    /// The answer cannot be given in an accepted form.
    NotAcceptable = "NOT_ACCEPTABLE", 406, "无法按所接受的类型应答", "none of the accepted types can be answered";
    /// The body is larger than allowed.
    BodyTooLarge = "BODY_TOO_LARGE", 413, "请求体过大", "the body is too large";
    /// The body did not arrive in time.
    BodyTimeout = "BODY_TIMEOUT", 408, "请求体接收超时", "the body did not arrive in time";
    /// The request comes from a page of a foreign origin.
    ForeignOrigin = "FOREIGN_ORIGIN", 403, "来源站点不被允许", "the origin is not allowed";
    /// The body is not a GraphQL request.
    BadRequest = "BAD_REQUEST", 400, "请求格式错误", "the request is malformed";
    /// The document does not parse.
    GraphqlParseFailed = "GRAPHQL_PARSE_FAILED", 400, "GraphQL 语法错误", "the document does not parse";
    /// The document does not fit the schema.
    GraphqlValidationFailed = "GRAPHQL_VALIDATION_FAILED", 400, "GraphQL 校验失败", "the document does not fit the schema";
    /// The document is too large, deep or wide.
    QueryTooComplex = "QUERY_TOO_COMPLEX", 400, "查询过于复杂", "the query is too large, deep or wide";
    /// A request holds more than one mutation.
    TooManyMutations = "TOO_MANY_MUTATIONS", 400, "每次请求只能包含一个变更", "a request may hold one mutation";
    /// Several requests in one body.
    BatchNotAllowed = "BATCH_NOT_ALLOWED", 400, "不支持批量请求", "batches are not allowed";
    /// Only registered documents are executed.
    DocumentRequired = "PERSISTED_DOCUMENT_REQUIRED", 400, "仅允许执行已登记的操作", "only registered documents are executed";
    /// Changes after the named position are forgotten; `oldestSeq` is the first that is still there.
    FeedExpired = "FEED_EXPIRED", 410, "该序号之后的部分变更已不再保留，请重新查询后从 oldestSeq 续接", "changes after this position are kept no longer; read anew, then go on from oldestSeq";
    /// The document is not registered.
    DocumentNotFound = "PERSISTED_DOCUMENT_NOT_FOUND", 404, "操作未登记", "the document is not registered";
}

/// Why a call was not carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub struct Refusal {
    /// The stable code.
    pub code: Code,
    /// The rule that forbids it, as a stable dotted name such as `order.four_eyes`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The input field that breaks the rule, as a dotted path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Words for a person; never holds personal data or internals.
    pub text: Bilingual,
    /// Finds the log line of an internal error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation: Option<String>,
    /// After how many seconds it may be tried again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_seconds: Option<u32>,
    /// The oldest change from which a feed can go on, where those asked for are forgotten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oldest_seq: Option<i64>,
}

impl Refusal {
    /// Refuses with the words that belong to the code.
    pub fn new(code: Code) -> Self {
        let (zh, en) = code.default_text();
        Self {
            code,
            rule: None,
            field: None,
            text: Bilingual::new(zh, en),
            correlation: None,
            retry_after_seconds: None,
            oldest_seq: None,
        }
    }

    /// The one answer for what does not exist and for what the caller may not see.
    pub fn not_found() -> Self {
        Self::new(Code::NotFound)
    }

    /// Refuses because the roles do not allow it.
    pub fn denied(rule: impl Into<String>) -> Self {
        Self { rule: Some(rule.into()), ..Self::new(Code::Denied) }
    }

    /// Refuses an input value.
    pub fn invalid(field: impl Into<String>, rule: impl Into<String>, text: Bilingual) -> Self {
        Self { rule: Some(rule.into()), field: Some(field.into()), text, ..Self::new(Code::Invalid) }
    }

    /// Refuses by a rule of the field.
    pub fn rule(rule: impl Into<String>, text: Bilingual) -> Self {
        Self { rule: Some(rule.into()), text, ..Self::new(Code::RuleViolated) }
    }

    /// Refuses because somebody else was faster.
    pub fn conflict() -> Self {
        Self::new(Code::Conflict)
    }

    /// Refuses to tell changes of which some are forgotten; `oldest` is the first behind them.
    pub fn feed_expired(oldest: i64) -> Self {
        Self { oldest_seq: Some(oldest), ..Self::new(Code::FeedExpired) }
    }

    /// Refuses because a part cannot answer now.
    pub fn unavailable() -> Self {
        Self { retry_after_seconds: Some(2), ..Self::new(Code::Unavailable) }
    }

    /// Logs an unexpected error once and gives the refusal that may go out: a correlation id and nothing else.
    pub fn internal(correlation: impl Into<String>) -> Self {
        Self { correlation: Some(correlation.into()), ..Self::new(Code::Internal) }
    }

    /// Whether the same call may succeed later without a change.
    pub const fn is_retryable(&self) -> bool {
        matches!(self.code, Code::Unavailable | Code::DeadlineExceeded | Code::RateLimited | Code::Conflict)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.as_str())?;
        if let Some(rule) = &self.rule {
            write!(f, " by rule {rule}")?;
        }
        if let Some(field) = &self.field {
            write!(f, " at {field}")?;
        }
        if let Some(correlation) = &self.correlation {
            write!(f, " ({correlation})")?;
        }
        Ok(())
    }
}
