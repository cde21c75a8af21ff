//! What a database is asked about itself: an acknowledged order is lost where one of these does not hold.

use std::path::PathBuf;

use sea_orm::{ConnectionTrait as _, DatabaseConnection, Statement};

use crate::{Backend, Database, Failure, private};

/// One setting of a database, as it is and as it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Safeguard {
    /// The setting's name in the words of the database.
    pub name: &'static str,
    /// What the database answered.
    pub found: String,
    /// The values that will do.
    pub demanded: &'static str,
    /// Whether the answer is one of them.
    pub holds: bool,
}

/// A setting and how its value is judged.
struct Demand {
    name: &'static str,
    demanded: &'static str,
    holds: fn(&str) -> bool,
}

const SQLITE: &[Demand] = &[
    Demand { name: "journal_mode", demanded: "wal", holds: |found| found == "wal" },
    Demand { name: "synchronous", demanded: "2 (FULL), 3 (EXTRA)", holds: |found| matches!(found, "2" | "3") },
    Demand { name: "foreign_keys", demanded: "1", holds: |found| found == "1" },
    Demand {
        name: "busy_timeout",
        demanded: "≥ 10000",
        holds: |found| found.parse().is_ok_and(|ms: u64| ms >= 10_000),
    },
];

const POSTGRES: &[Demand] = &[
    Demand { name: "synchronous_commit", demanded: "≠ off", holds: |found| found != "off" },
    Demand { name: "fsync", demanded: "on", holds: |found| found == "on" },
    Demand { name: "full_page_writes", demanded: "on", holds: |found| found == "on" },
    Demand { name: "TimeZone", demanded: "UTC", holds: |found| found == "UTC" },
    Demand {
        name: "default_transaction_isolation",
        demanded: "read committed",
        holds: |found| found == "read committed",
    },
];

impl Demand {
    fn judge(&self, found: String) -> Safeguard {
        Safeguard { name: self.name, holds: (self.holds)(&found), found, demanded: self.demanded }
    }
}

impl Database {
    /// Asks the database on the connections that are used for writing how it keeps what it acknowledges.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn safeguards(&self) -> Result<Vec<Safeguard>, Failure> {
        let demands = match self.inner.backend {
            Backend::Sqlite => SQLITE,
            Backend::Postgres => POSTGRES,
        };
        let mut safeguards = Vec::with_capacity(demands.len());
        for demand in demands {
            let found = ask(&self.inner.writer, self.inner.backend, demand.name).await?;
            safeguards.push(demand.judge(found));
        }
        Ok(safeguards)
    }

    /// The files in which the rows are, with the log and the index beside them; none where a server keeps them.
    pub fn files(&self) -> Vec<PathBuf> {
        self.inner.file.as_deref().map(private::family).unwrap_or_default()
    }
}

async fn ask(connection: &DatabaseConnection, backend: Backend, name: &'static str) -> Result<String, Failure> {
    // Names are constants of this file; neither statement takes parameters.
    let sql = match backend {
        Backend::Sqlite => format!("PRAGMA {name}"),
        Backend::Postgres => format!("SHOW {name}"),
    };
    let row = connection.query_one_raw(Statement::from_string(backend.db_backend(), sql)).await?;
    let Some(row) = row else { return Ok(String::new()) };
    Ok(match row.try_get_by_index::<String>(0) {
        Ok(text) => text,
        Err(_number) => row.try_get_by_index::<i64>(0)?.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_demand_refuses_what_would_lose_rows() {
        let verdict = |demands: &[Demand], name: &str, found: &str| {
            demands.iter().find(|demand| demand.name == name).unwrap().judge(found.to_owned()).holds
        };
        for (name, good, bad) in [
            ("journal_mode", "wal", "delete"),
            ("synchronous", "2", "1"),
            ("foreign_keys", "1", "0"),
            ("busy_timeout", "10000", "0"),
        ] {
            assert!(verdict(SQLITE, name, good) && !verdict(SQLITE, name, bad), "{name}");
        }
        for (name, good, bad) in [
            ("synchronous_commit", "on", "off"),
            ("fsync", "on", "off"),
            ("full_page_writes", "on", "off"),
            ("TimeZone", "UTC", "Asia/Shanghai"),
            ("default_transaction_isolation", "read committed", "serializable"),
        ] {
            assert!(verdict(POSTGRES, name, good) && !verdict(POSTGRES, name, bad), "{name}");
        }
    }
}
