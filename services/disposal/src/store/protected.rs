//! Rows of the protected list.

use std::collections::HashSet;

use cordon_context::{Cursor, OrganisationId, Page, PageRequest, ProtectedId, Refusal, Region, Scope, SubjectId};
use cordon_disposal_contract::{Protected, ProtectedKind, ProtectedState};
use cordon_policies::{ActionName, Grant, on};
use cordon_store::sql::{Direction, Reading, Sql, region_value};
use cordon_store::{Failure, Tx};
use sea_orm::{ConnectionTrait, QueryResult};

use super::fields::{self, Column, id, id_if, time};
use super::items;
use super::reach::PROTECTED;

const COLUMNS: &str = "id, subject_id, subject_index, kind, identifier_kind, value, masked, protected_kind, reason, state, proposed_by, \
    confirmed_by, organisation, region, changed_at, version";

/// An entry as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct StoredProtected {
    pub(crate) protected: Protected,
    pub(crate) subject_index: Vec<u8>,
    /// Sealed for this row's `value`.
    pub(crate) value: Vec<u8>,
    pub(crate) organisation: OrganisationId,
    pub(crate) region: Region,
}

impl StoredProtected {
    fn columns(&self) -> Vec<Column> {
        let Self { protected, subject_index, value, organisation, region } = self;
        let Protected { id: entry, subject, kind, reason, state, proposed_by, confirmed_by, changed_at, version } =
            protected;
        vec![
            ("id", id(*entry)),
            ("subject_id", id(subject.id)),
            ("subject_index", subject_index.clone().into()),
            ("kind", subject.kind.name().into()),
            ("identifier_kind", subject.identifier_kind.code().into()),
            ("value", value.clone().into()),
            ("masked", subject.masked.clone().into()),
            ("protected_kind", kind.name().into()),
            ("reason", reason.clone().into()),
            ("state", state.name().into()),
            ("proposed_by", id(*proposed_by)),
            ("confirmed_by", id_if(*confirmed_by)),
            ("organisation", id(*organisation)),
            ("region", region_value(*region).into()),
            ("changed_at", time(*changed_at)),
            ("version", (*version).into()),
        ]
    }

    fn read(row: &QueryResult) -> Result<Self, Failure> {
        let row = Reading::of(row, "protected_entry");
        Ok(Self {
            protected: Protected {
                id: row.id("id")?,
                subject: items::subject(&row)?,
                kind: row.word("protected_kind", ProtectedKind::from_name)?,
                reason: row.get("reason")?,
                state: row.word("state", ProtectedState::from_name)?,
                proposed_by: row.id("proposed_by")?,
                confirmed_by: row.id_if("confirmed_by")?,
                changed_at: row.time("changed_at")?,
                version: row.get("version")?,
            },
            subject_index: row.get("subject_index")?,
            value: row.get("value")?,
            organisation: row.id("organisation")?,
            region: row.region("region")?,
        })
    }
}

/// Writes a new entry.
pub(crate) async fn insert<A: ActionName>(
    tx: &Tx,
    _grant: &Grant<A, on::Protected>,
    entry: &StoredProtected,
) -> Result<(), Failure> {
    fields::insert(tx.connection(), "protected_entry", entry.columns()).await
}

/// Writes a changed entry, if nobody else was faster.
pub(crate) async fn update<A: ActionName>(
    tx: &Tx,
    _grant: &Grant<A, on::Protected>,
    entry: &mut StoredProtected,
) -> Result<(), Failure> {
    let (row, version) = (entry.protected.id.uuid(), entry.protected.version);
    fields::update(tx.connection(), "protected_entry", row, version, entry.columns()).await?;
    entry.protected.version += 1;
    Ok(())
}

/// Loads one entry within reach.
pub(crate) async fn load<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    entry: ProtectedId,
) -> Result<StoredProtected, Failure> {
    let found = Sql::select(COLUMNS, "protected_entry").by_ids("id", &[entry], scope, &PROTECTED);
    found.one(connection, StoredProtected::read).await?.ok_or_else(|| Refusal::not_found().into())
}

/// Lists the entries within reach, the newest first.
pub(crate) async fn list<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    page: &PageRequest,
) -> Result<Page<StoredProtected>, Failure> {
    let rows = Sql::select(COLUMNS, "protected_entry")
        .within(scope, &PROTECTED)
        .page("changed_at", "id", Direction::Descending, page)
        .all(connection, StoredProtected::read)
        .await?;
    Ok(Page::cut(rows, page, None, |stored| Cursor {
        key: stored.protected.changed_at.millis(),
        id: stored.protected.id.uuid(),
    }))
}

/// The entries that protect these targets, whoever asks: protection holds for everybody.
pub(crate) async fn protecting<C: ConnectionTrait>(
    connection: &C,
    indexes: &[Vec<u8>],
) -> Result<Vec<StoredProtected>, Failure> {
    let mut found = Vec::new();
    for part in indexes.chunks(500) {
        let query = Sql::select(COLUMNS, "protected_entry")
            .text("state <> 'removed' AND subject_index IN ")
            .list(part.iter().cloned());
        found.extend(query.all(connection, StoredProtected::read).await?);
    }
    Ok(found)
}

/// The entries that name these subjects, whoever asks: protection holds for everybody.
pub(crate) async fn naming<C: ConnectionTrait>(
    connection: &C,
    subjects: &[SubjectId],
) -> Result<Vec<StoredProtected>, Failure> {
    let mut found = Vec::new();
    for part in subjects.chunks(500) {
        let query = Sql::select(COLUMNS, "protected_entry").text("state <> 'removed' AND subject_id IN ").ids(part);
        found.extend(query.all(connection, StoredProtected::read).await?);
    }
    Ok(found)
}

/// Those of these entries that lie within reach, with the words of whoever proposed them.
pub(crate) async fn readable<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    entries: &[ProtectedId],
) -> Result<HashSet<ProtectedId>, Failure> {
    let mut found = HashSet::new();
    for part in entries.chunks(500) {
        let query = Sql::select("id", "protected_entry").by_ids("id", part, scope, &PROTECTED);
        found.extend(query.all(connection, |row| Reading::of(row, "protected_entry").id("id")).await?);
    }
    Ok(found)
}
