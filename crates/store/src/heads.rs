//! Signed heads of the service's ledger.

use cordon_context::CallContext;
use cordon_ledger::{Chain, Head, HeadSigner};
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
#[derive(Debug)]
pub struct HeadWriter {
    database: Database,
    chain: Chain,
}

/// Entries and heads contradict each other.
#[derive(Debug, thiserror::Error)]
enum NotFollowed {
    #[error("the newest head covers {covered} entries, and {found} are there")]
    Truncated { covered: u64, found: u64 },
    #[error("entry {0} is not the one that the newest head covers")]
    Rewritten(u64),
}

impl HeadWriter {
    /// Begins before the first entry.
    pub fn new(database: &Database) -> Self {
        Self { chain: empty_chain(database.service()), database: database.clone() }
    }

    /// How many entries it has followed.
    pub fn followed(&self) -> u64 {
        self.chain.seq()
    }

    /// Follows the entries to their end and signs a head, unless the newest head is there already.
    ///
    /// # Errors
    ///
    /// The database's own, the signing key's, or that the entries do not follow each other and the newest head.
    pub async fn sign(
        &mut self,
        context: &CallContext,
        signer: &(dyn HeadSigner + Sync),
    ) -> Result<Option<Head>, Failure> {
        let newest = self.database.newest_head().await?;
        self.follow(newest.as_ref()).await?;
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

    async fn follow(&mut self, newest: Option<&Head>) -> Result<(), Failure> {
        let broken = |source| Failure::internal("the ledger does not follow its newest head", source);
        loop {
            let from = i64::try_from(self.chain.seq())
                .map_err(|source| Failure::internal("the ledger's chain is full", source))?
                .saturating_add(1);
            let entries = self.database.ledger_entries(from, PAGE).await?;
            if entries.is_empty() {
                break;
            }
            for entry in entries {
                self.chain
                    .follow(&entry)
                    .map_err(|source| Failure::internal("the ledger's entries do not follow each other", source))?;
                if let Some(head) = newest.filter(|head| head.tree_size == self.chain.seq())
                    && (head.root != self.chain.root() || head.last_hash != *self.chain.last_hash())
                {
                    return Err(broken(NotFollowed::Rewritten(head.tree_size)));
                }
            }
        }
        let (covered, found) = (newest.map_or(0, |head| head.tree_size), self.chain.seq());
        if covered > found {
            return Err(broken(NotFollowed::Truncated { covered, found }));
        }
        Ok(())
    }
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
