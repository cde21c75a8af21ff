//! Signed heads of the service's ledger.

use cordon_context::CallContext;
use cordon_ledger::{Chain, Fault, Hash, Head, HeadSigner};
use sea_orm::QueryResult;

use crate::ledger_rows::empty_chain;
use crate::sql::Sql;
use crate::{CorruptRow, Database, Failure};

/// How long the write of a head may take.
const WRITE_WITHIN: std::time::Duration = std::time::Duration::from_secs(30);

const PAGE: u32 = 1_000;

/// Signs heads over entries that it has followed one by one, never over what the database says of the end of its chain.
///
/// It starts with the first entry and stays where it is, so that each entry is read once. What does not follow is not signed.
/// What is changed after it was followed shows to [`Database::reread_ledger`].
#[derive(Debug)]
pub struct HeadWriter {
    database: Database,
    chain: Chain,
    /// What the entries must come to, by a head that is kept elsewhere.
    kept: Option<Reached>,
}

/// Entries contradict each other, a head, or what they were before.
#[derive(Debug, thiserror::Error)]
pub enum NotFollowed {
    /// An entry does not follow the one before.
    #[error("entry {entry} does not follow: {fault}")]
    Entry {
        /// Which.
        entry: u64,
        /// What is wrong with it.
        fault: Fault,
    },
    /// An entry is there and cannot be decoded.
    #[error("entry {0} cannot be decoded")]
    Undecodable(u64),
    /// Entries are missing at the end.
    #[error("{covered} entries were there, and {found} are there")]
    Truncated {
        /// So many were covered by a head or followed before.
        covered: u64,
        /// So many are there.
        found: u64,
    },
    /// The entries follow each other, and they are not those that were there.
    #[error("entry {0} is not the one that was there")]
    Rewritten(u64),
}

impl NotFollowed {
    /// The first entry of which it is known that it is not what it was; a missing one where the end is missing.
    pub const fn entry(&self) -> u64 {
        match self {
            Self::Entry { entry, .. } | Self::Undecodable(entry) | Self::Rewritten(entry) => *entry,
            Self::Truncated { found, .. } => found.saturating_add(1),
        }
    }

    /// What a failure says about the entries; none if it says nothing about them.
    pub fn of(failure: &Failure) -> Option<&Self> {
        let Failure::Internal { source, .. } = failure else { return None };
        source.downcast_ref()
    }
}

impl From<NotFollowed> for Failure {
    fn from(source: NotFollowed) -> Self {
        Self::internal("the ledger's entries do not follow each other and its heads", source)
    }
}

/// How far a ledger was followed and what its last entry was, to compare with when it is read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// So many entries.
    pub entries: u64,
    last_hash: Hash,
    root: Hash,
}

impl Reached {
    fn by(chain: &Chain) -> Self {
        Self { entries: chain.seq(), last_hash: *chain.last_hash(), root: chain.root() }
    }

    const fn under(head: &Head) -> Self {
        Self { entries: head.tree_size, last_hash: head.last_hash, root: head.root }
    }
}

impl HeadWriter {
    /// Begins before the first entry.
    pub fn new(database: &Database) -> Self {
        Self { chain: empty_chain(database.service()), database: database.clone(), kept: None }
    }

    /// Holds the entries to a head of this ledger that is kept where nobody who writes the database can write; nothing is signed
    /// over entries that contradict it. What was followed already is read again, unless it was held to the same head.
    pub fn hold_to(&mut self, kept: &Head) {
        let mark = Reached::under(kept);
        if self.kept.replace(mark) == Some(mark) {
            return;
        }
        if mark.entries <= self.followed() && mark != self.reached() {
            self.chain = empty_chain(self.database.service());
        }
    }

    /// How many entries it has followed.
    pub fn followed(&self) -> u64 {
        self.chain.seq()
    }

    /// Where it is.
    pub fn reached(&self) -> Reached {
        Reached::by(&self.chain)
    }

    /// Follows the entries to their end and signs a head, unless the newest head is there already.
    ///
    /// # Errors
    ///
    /// The database's own, the signing key's, or [`NotFollowed`].
    pub async fn sign(
        &mut self,
        context: &CallContext,
        signer: &(dyn HeadSigner + Sync),
    ) -> Result<Option<Head>, Failure> {
        let newest = self.database.newest_head().await?;
        let marks: Vec<Reached> = newest.as_ref().map(Reached::under).into_iter().chain(self.kept).collect();
        follow(&self.database, &mut self.chain, &marks).await?;
        let seq = self.chain.seq();
        if seq == newest.as_ref().map_or(0, |head| head.tree_size) {
            return Ok(None);
        }
        let at = self.database.clock().now().millis();
        let head = self
            .chain
            .sign_head(at, signer)
            .map_err(|source| Failure::internal("a ledger head could not be signed", source))?;
        let text = serde_json::to_string(&head)
            .map_err(|source| Failure::internal("a ledger head could not be written down", source))?;
        let size = i64::try_from(seq).map_err(|source| Failure::internal("the ledger's chain is full", source))?;
        // A long ledger takes longer to follow than a call may take; only the write has to be in time.
        let deadline = self.database.clock().now().plus(WRITE_WITHIN);
        let context = CallContext { deadline, ..context.clone() };
        self.database
            .write(&context, move |tx| async move {
                let sql = Sql::new("INSERT INTO ledger_head (tree_size, at, head) VALUES (").bind(size);
                let sql = sql.with(", ", at).with(", ", text).text(") ON CONFLICT DO NOTHING");
                sql.run(tx.connection()).await?;
                tx.commit(()).await
            })
            .await?;
        Ok(Some(head))
    }
}

/// Follows the entries to their end; `marks` must be met on the way or lie behind.
async fn follow(database: &Database, chain: &mut Chain, marks: &[Reached]) -> Result<(), Failure> {
    let mut limit = PAGE;
    loop {
        // Nothing may stand before the first entry either.
        let from = match chain.seq() {
            0 => i64::MIN,
            followed => i64::try_from(followed)
                .map_err(|source| Failure::internal("the ledger's chain is full", source))?
                .saturating_add(1),
        };
        let entries = match database.ledger_entries(from, limit).await {
            // One entry of the page is the reason; those before it can still be followed.
            Err(Failure::Corrupt(_row)) if limit > 1 => {
                limit /= 2;
                continue;
            }
            Err(Failure::Corrupt(_row)) => return Err(NotFollowed::Undecodable(chain.seq().saturating_add(1)).into()),
            // A database that does not answer says nothing about the ledger.
            read => read?,
        };
        if entries.is_empty() {
            break;
        }
        limit = limit.saturating_mul(2).min(PAGE);
        for entry in entries {
            let next = chain.seq().saturating_add(1);
            chain.follow(&entry).map_err(|fault| NotFollowed::Entry { entry: next, fault })?;
            let mut met = marks.iter().filter(|mark| mark.entries == chain.seq());
            if met.any(|mark| *mark != Reached::by(chain)) {
                // Going on from here would take the rewritten entries for followed ones.
                let rewritten = std::mem::replace(chain, empty_chain(database.service()));
                return Err(NotFollowed::Rewritten(rewritten.seq()).into());
            }
        }
    }
    let (covered, found) = (marks.iter().map(|mark| mark.entries).max().unwrap_or(0), chain.seq());
    if covered > found {
        return Err(NotFollowed::Truncated { covered, found }.into());
    }
    Ok(())
}

impl Database {
    /// Follows every entry and signs a head over them, unless the newest head is there already.
    ///
    /// # Errors
    ///
    /// As [`HeadWriter::sign`].
    pub async fn sign_ledger_head(
        &self,
        context: &CallContext,
        signer: &(dyn HeadSigner + Sync),
    ) -> Result<Option<Head>, Failure> {
        HeadWriter::new(self).sign(context, signer).await
    }

    /// Reads every entry again from the first on, page by page, and compares them with each other, with the newest head, with
    /// what was `reached` before and with a head that is `kept` elsewhere; tells how many there are.
    ///
    /// # Errors
    ///
    /// The database's own, or [`NotFollowed`].
    pub async fn reread_ledger(&self, reached: Option<Reached>, kept: Option<&Head>) -> Result<u64, Failure> {
        let newest = self.newest_head().await?;
        let heads = newest.iter().chain(kept).map(Reached::under);
        let marks: Vec<Reached> = heads.chain(reached).collect();
        let mut chain = empty_chain(self.service());
        follow(self, &mut chain, &marks).await?;
        Ok(chain.seq())
    }

    /// How many entries the ledger has.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn ledger_size(&self) -> Result<u64, Failure> {
        Sql::new("SELECT COALESCE(MAX(seq), 0) FROM ledger_entry").count(self.reader()).await
    }

    /// The newest signed head.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn newest_head(&self) -> Result<Option<Head>, Failure> {
        let sql = Sql::new("SELECT head FROM ledger_head ORDER BY tree_size DESC LIMIT 1");
        sql.one(self.reader(), |row| self.read_head(row)).await
    }

    /// The newest signed head over fewer entries than so many.
    ///
    /// # Errors
    ///
    /// The database's own, and [`Failure::Corrupt`] if its row cannot be read.
    pub async fn head_below(&self, entries: u64) -> Result<Option<Head>, Failure> {
        let size = i64::try_from(entries).unwrap_or(i64::MAX);
        let sql = Sql::new("SELECT head FROM ledger_head WHERE tree_size < ").bind(size);
        let head = sql.text(" ORDER BY tree_size DESC LIMIT 1").one(self.reader(), |row| self.read_head(row)).await?;
        // Whoever goes back from head to head must come to an end, whatever somebody wrote into the row.
        if head.as_ref().is_some_and(|head| head.tree_size >= entries) {
            return Err(CorruptRow::new("ledger_head", "head", self.service()).into());
        }
        Ok(head)
    }

    /// Every head signed so far, oldest first.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn ledger_heads(&self) -> Result<Vec<Head>, Failure> {
        let sql = Sql::new("SELECT head FROM ledger_head ORDER BY tree_size");
        sql.all(self.reader(), |row| self.read_head(row)).await
    }

    fn read_head(&self, row: &QueryResult) -> Result<Head, Failure> {
        let text: String = row.try_get("", "head")?;
        Ok(serde_json::from_str(&text).map_err(|_source| CorruptRow::new("ledger_head", "head", self.service()))?)
    }
}
