//! How the audit ledgers stand, for auditors: what is covered by a signed head, and whether it was followed.

use std::sync::Arc;

use async_graphql::{Context, Object, Result, SimpleObject};
use async_trait::async_trait;
use cordon_context::{Action, CallContext, Refusal, Resource, Timestamp};

use crate::access::{Need, RootField};
use crate::answer::error_of;
use crate::connection;
use crate::scalar::{DateTime, Long};
use crate::session::session;

pub(crate) const ACCESS: &[RootField] =
    &[RootField { root: "Query", name: "ledgers", need: Need::Any(&[(Action::Read, Resource::Ledger)]) }];

/// The ledgers of this installation.
#[async_trait]
pub trait Ledgers: Send + Sync + 'static {
    /// How each of them stands; it asks the right itself.
    async fn standing(&self, ctx: &CallContext) -> std::result::Result<Vec<LedgerStanding>, Refusal>;
}

/// How one service's ledger stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerStanding {
    /// Whose.
    pub service: String,
    /// How many entries it has.
    pub entries: u64,
    /// The newest signed head.
    pub head: Option<StandingHead>,
    /// How many entries the server has followed one by one since it was started.
    pub followed: u64,
    /// When it last looked.
    pub followed_at: Option<Timestamp>,
    /// Whether every entry up to the head follows the one before, fits the head, and the head is signed by a known key.
    pub verified: bool,
}

/// A signed head, as far as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingHead {
    /// How many entries it covers.
    pub size: u64,
    /// The root over them, in hexadecimal.
    pub root: String,
    /// When it was signed.
    pub at: Timestamp,
    /// By which key.
    pub key: String,
}

/// 账本的现状 / How one service's audit ledger stands.
#[derive(SimpleObject)]
struct Ledger {
    /// 服务 / Whose.
    service: String,
    /// 条目数 / How many entries it has.
    entries: Long,
    /// 最新的签名摘要 / The newest signed head; none before the first.
    head: Option<LedgerHead>,
    /// 最新摘要之后的条目数 / How many entries are not covered by it yet.
    entries_since_head: Long,
    /// 摘要所覆盖的条目是否逐条核对无误、且摘要签名有效；独立核对见 cordon audit verify / Whether every entry that the head covers was followed and fits it, and its signature is by a known key; `cordon audit verify` proves it against heads kept elsewhere.
    verified: bool,
    /// 本次启动以来逐条核对的条目数 / How many entries were followed one by one since the server was started.
    followed: Long,
    /// 最近核对时间 / When that was done last.
    followed_at: Option<DateTime>,
}

/// 签名摘要 / A signed head.
#[derive(SimpleObject)]
struct LedgerHead {
    /// 覆盖的条目数 / How many entries it covers.
    size: Long,
    /// 根摘要（十六进制） / The root over them, in hexadecimal.
    root: String,
    /// 签名时间 / When it was signed.
    signed_at: DateTime,
    /// 签名密钥 / By which key.
    key: String,
}

impl From<LedgerStanding> for Ledger {
    fn from(standing: LedgerStanding) -> Self {
        let LedgerStanding { service, entries, head, followed, followed_at, verified } = standing;
        let covered = head.as_ref().map_or(0, |head| head.size);
        Self {
            service,
            entries: count(entries),
            entries_since_head: count(entries.saturating_sub(covered)),
            head: head.map(Into::into),
            verified,
            followed: count(followed),
            followed_at: followed_at.map(Into::into),
        }
    }
}

impl From<StandingHead> for LedgerHead {
    fn from(head: StandingHead) -> Self {
        let StandingHead { size, root, at, key } = head;
        Self { size: count(size), root, signed_at: at.into(), key }
    }
}

fn count(number: u64) -> Long {
    Long(i64::try_from(number).unwrap_or(i64::MAX))
}

#[derive(Default)]
pub(crate) struct LedgerQuery;

#[Object]
impl LedgerQuery {
    /// 各服务审计账本的现状，仅限审计员 / How the audit ledger of each service stands; for auditors only.
    #[graphql(complexity = "connection::several(5, child_complexity)")]
    async fn ledgers(&self, ctx: &Context<'_>) -> Result<Vec<Ledger>> {
        let session = Arc::clone(session(ctx)?);
        let call = session.call().map_err(|refusal| error_of(&refusal))?;
        let standing = session.engine.ledgers().standing(&call).await.map_err(|refusal| error_of(&refusal))?;
        Ok(standing.into_iter().map(Into::into).collect())
    }
}
