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
    /// The last time that all entries were read again from the first on, and nothing was wrong.
    pub reread: Option<LedgerReading>,
    /// The first entry known to be not what it was.
    pub fault: Option<BrokenEntry>,
    /// Whether no fault is known: every entry under the head was followed when it came, the reading is there, and the head is
    /// signed by a known key.
    pub verified: bool,
}

/// A reading of a whole ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LedgerReading {
    /// Up to which entry.
    pub entries: u64,
    /// When it began; what was changed later is not in it.
    pub at: Timestamp,
}

/// An entry that does not fit what came before, or what it was before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BrokenEntry {
    /// Its number.
    pub entry: u64,
    /// When that was found.
    pub at: Timestamp,
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
    /// 未发现问题：条目写入后逐条核对一次，reread 所示条目在所示时间重新核对无误，摘要签名有效。其后的改动要到下次重读才会发现；独立核对见 cordon audit verify / Whether no fault is known: each entry under the head was followed once when it came, those of `reread` were read again at the time it tells, and the head's signature is by a known key. A change after that time shows at the next reading; `cordon audit verify` proves it against heads kept elsewhere.
    verified: bool,
    /// 最近一次从第一条起全部重读且无误 / The last time that all entries were read again from the first on and fitted.
    reread: Option<LedgerReread>,
    /// 已知的第一条有问题的条目 / The first entry that is known to be not what it was; none if no fault is known.
    fault: Option<LedgerFault>,
    /// 本次启动以来逐条核对过一次的条目数 / How many entries were followed once since the server was started.
    followed: Long,
    /// 最近一次核对新条目的时间 / When new entries were looked for last.
    followed_at: Option<DateTime>,
}

/// 账本全部重读的结果 / A reading of the whole ledger in which everything fitted.
#[derive(SimpleObject)]
struct LedgerReread {
    /// 核对到第几条 / Up to which entry.
    up_to: Long,
    /// 开始重读的时间 / When it began; what was changed after that is not in it.
    at: DateTime,
}

/// 有问题的条目 / An entry that does not fit.
#[derive(SimpleObject)]
struct LedgerFault {
    /// 条目序号 / Its number; for entries missing at the end, the first of them.
    entry: Long,
    /// 发现时间 / When it was found.
    found_at: DateTime,
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
        let LedgerStanding { service, entries, head, followed, followed_at, reread, fault, verified } = standing;
        let covered = head.as_ref().map_or(0, |head| head.size);
        Self {
            service,
            entries: count(entries),
            entries_since_head: count(entries.saturating_sub(covered)),
            head: head.map(Into::into),
            verified,
            reread: reread.map(|LedgerReading { entries, at }| LedgerReread { up_to: count(entries), at: at.into() }),
            fault: fault.map(|BrokenEntry { entry, at }| LedgerFault { entry: count(entry), found_at: at.into() }),
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
