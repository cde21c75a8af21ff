//! What can be wrong with a ledger, in words.

use std::fmt;

use serde::Serialize;

use crate::canonical::Column;

/// One finding of the verifier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Name of the chain; empty if the input ended before a chain was known.
    pub chain: String,
    /// Seq of the entry, or of the first entry concerned.
    pub seq: Option<i64>,
    /// What is wrong.
    pub kind: FaultKind,
}

/// The kinds of findings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum FaultKind {
    /// One column of the entry was changed.
    ColumnChanged {
        /// Which column.
        column: Column,
        /// Which byte of it, from 0, if exactly one byte was changed.
        byte: Option<usize>,
    },
    /// The entry does not fit its own hash, and more than one byte differs.
    EntryChanged,
    /// The entry is whole in itself but does not follow the one before: it was put in from elsewhere, or rewritten.
    NotChained,
    /// Entries are missing from here on.
    Gap {
        /// The seq that came instead.
        found: i64,
    },
    /// The entry exists but at a later position.
    OutOfOrder {
        /// The seq that came instead.
        found: i64,
    },
    /// A second entry with a seq that was already there.
    Duplicate,
    /// The chain is shorter than a published head says.
    TailCut {
        /// How many entries the head covers.
        published: u64,
        /// How many there are.
        found: u64,
    },
    /// The entries are chained without fault and yet are not those of the published head: history was rewritten.
    RootMismatch {
        /// Up to here a former head agrees.
        agreed: u64,
        /// How many entries the head covers.
        published: u64,
    },
    /// The head's signature is not by the key that it names.
    ForgedHead {
        /// How many entries the head claims to cover.
        published: u64,
    },
    /// The head names a key that is not trusted.
    UnknownKey {
        /// The key.
        key_id: String,
    },
    /// A later head covers less than an earlier one.
    HeadBackwards {
        /// What the earlier head covers.
        before: u64,
        /// What the later head covers.
        after: u64,
    },
    /// Two signed heads of the same size differ: the signer told two stories.
    HeadsDisagree {
        /// The size of both.
        published: u64,
    },
    /// Two heads of one chain name different hash algorithms.
    AlgorithmChanged,
    /// The bytes of the entry are none that this program could have written.
    Undecodable {
        /// What the reader said.
        why: String,
    },
    /// The entries could not be read to the end.
    Unreadable {
        /// What the reader said.
        why: String,
    },
}

impl Fault {
    /// The finding in Chinese.
    pub fn chinese(&self) -> String {
        let place =
            self.seq.map_or_else(|| format!("账本“{}”", self.chain), |seq| format!("账本“{}”第 {seq} 条", self.chain));
        let finding = match &self.kind {
            FaultKind::ColumnChanged { column, byte: Some(byte) } => {
                format!("字段 {column} 的第 {} 个字节被篡改", byte.saturating_add(1))
            }
            FaultKind::ColumnChanged { column, byte: None } => format!("字段 {column} 被篡改"),
            FaultKind::EntryChanged => "内容与其哈希不符,记录被篡改".to_owned(),
            FaultKind::NotChained => "与上一条记录不衔接,记录被插入、替换或重写".to_owned(),
            FaultKind::Gap { found } => format!("记录缺失,下一条为第 {found} 条"),
            FaultKind::OutOfOrder { found } => format!("记录顺序被打乱,此处出现第 {found} 条"),
            FaultKind::Duplicate => "序号重复".to_owned(),
            FaultKind::TailCut { published, found } => {
                format!("尾部被截断:已公布的摘要覆盖 {published} 条,现仅有 {found} 条")
            }
            FaultKind::RootMismatch { agreed, published } => {
                format!("历史被重写:前 {agreed} 条与摘要一致,至第 {published} 条与已公布的摘要不符")
            }
            FaultKind::ForgedHead { published } => format!("覆盖 {published} 条的摘要签名无效"),
            FaultKind::UnknownKey { key_id } => format!("摘要由不受信任的密钥 {key_id} 签名"),
            FaultKind::HeadBackwards { before, after } => format!("摘要倒退:由 {before} 条变为 {after} 条"),
            FaultKind::HeadsDisagree { published } => format!("两份覆盖 {published} 条的摘要内容不同"),
            FaultKind::AlgorithmChanged => "摘要使用了不同的哈希算法".to_owned(),
            FaultKind::Undecodable { why } => format!("内容无法解码,记录被篡改:{why}"),
            FaultKind::Unreadable { why } => format!("无法读取记录:{why}"),
        };
        format!("{place}:{finding}")
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "chain {}", self.chain)?;
        if let Some(seq) = self.seq {
            write!(f, ", entry {seq}")?;
        }
        f.write_str(": ")?;
        match &self.kind {
            FaultKind::ColumnChanged { column, byte: Some(byte) } => {
                write!(f, "byte {} of column {column} was changed", byte.saturating_add(1))
            }
            FaultKind::ColumnChanged { column, byte: None } => write!(f, "column {column} was changed"),
            FaultKind::EntryChanged => f.write_str("the entry was changed; it does not fit its hash"),
            FaultKind::NotChained => {
                f.write_str("the entry does not follow the one before; it was inserted, replaced or rewritten")
            }
            FaultKind::Gap { found } => write!(f, "entries are missing; entry {found} came instead"),
            FaultKind::OutOfOrder { found } => write!(f, "entries are out of order; entry {found} came instead"),
            FaultKind::Duplicate => f.write_str("the seq occurs twice"),
            FaultKind::TailCut { published, found } => {
                write!(f, "the tail was cut: a published head covers {published} entries, there are {found}")
            }
            FaultKind::RootMismatch { agreed, published } => write!(
                f,
                "history was rewritten: the first {agreed} entries agree with a head, but up to entry {published} they are \
                 not those of the published head"
            ),
            FaultKind::ForgedHead { published } => {
                write!(f, "the head over {published} entries is not signed by the key it names")
            }
            FaultKind::UnknownKey { key_id } => write!(f, "a head is signed by the key {key_id}, which is not trusted"),
            FaultKind::HeadBackwards { before, after } => {
                write!(f, "heads go backwards: {before} entries, later only {after}")
            }
            FaultKind::HeadsDisagree { published } => write!(f, "two signed heads over {published} entries differ"),
            FaultKind::AlgorithmChanged => f.write_str("two heads name different hash algorithms"),
            FaultKind::Undecodable { why } => write!(f, "the entry was changed; it cannot be decoded: {why}"),
            FaultKind::Unreadable { why } => write!(f, "the entries cannot be read: {why}"),
        }
    }
}

impl std::error::Error for Fault {}
