//! Registered GraphQL documents.

use cordon_context::{Cursor, DocumentId, OrganisationId, Page, PageRequest, Refusal, Scope};
use cordon_directory_contract::Document;
use cordon_policies::{Grant, act, on};
use cordon_store::sql::{COUNT, Direction, Reading, Sql};
use cordon_store::{Failure, Tx};
use sea_orm::{ConnectionTrait, QueryResult, Value};

use super::organisations::ORGANISATION;

const COLUMNS: &str = "d.id, d.organisation, d.hash, d.text, d.created_at";
const SOURCE: &str = "document d JOIN organisation o ON o.id = d.organisation";

fn read(row: &QueryResult) -> Result<Document, Failure> {
    let row = Reading::of(row, "document");
    Ok(Document {
        id: row.id("id")?,
        organisation: row.id("organisation")?,
        hash: row.get("hash")?,
        text: row.get("text")?,
        created_at: row.time("created_at")?,
    })
}

/// The document of an organisation with this hash.
pub(crate) async fn by_hash(
    connection: &impl ConnectionTrait,
    organisation: OrganisationId,
    hash: &str,
) -> Result<Option<Document>, Failure> {
    Sql::select(COLUMNS, SOURCE)
        .with("d.organisation = ", organisation.uuid())
        .with(" AND d.hash = ", hash)
        .one(connection, read)
        .await
}

/// One document within reach, or the answer that it is not there.
pub(crate) async fn one(connection: &impl ConnectionTrait, id: DocumentId, scope: &Scope) -> Result<Document, Failure> {
    let found = Sql::select(COLUMNS, SOURCE).by_ids("d.id", &[id], scope, &ORGANISATION);
    found.one(connection, read).await?.ok_or_else(|| Refusal::not_found().into())
}

/// How many documents an organisation has.
pub(crate) async fn count_of(connection: &impl ConnectionTrait, organisation: OrganisationId) -> Result<u64, Failure> {
    Sql::select(COUNT, "document").with("organisation = ", organisation.uuid()).count(connection).await
}

/// A page of documents within reach, newest first.
pub(crate) async fn page(
    connection: &impl ConnectionTrait,
    request: &PageRequest,
    scope: &Scope,
) -> Result<Page<Document>, Failure> {
    let found = |columns| Sql::select(columns, SOURCE).within(scope, &ORGANISATION);
    let documents =
        found(COLUMNS).page("d.created_at", "d.id", Direction::Descending, request).all(connection, read).await?;
    let total = found(COUNT).total(connection, request).await?;
    Ok(Page::cut(documents, request, total, |document: &Document| Cursor {
        key: document.created_at.millis(),
        id: document.id.uuid(),
    }))
}

/// Registers a document.
pub(crate) async fn insert(
    tx: &Tx,
    _grant: &Grant<act::Create, on::PersistedDocument>,
    document: &Document,
) -> Result<(), Failure> {
    Sql::new("INSERT INTO document (id, organisation, hash, text, created_at) VALUES ")
        .list([
            Value::from(document.id.uuid()),
            document.organisation.uuid().into(),
            document.hash.as_str().into(),
            document.text.as_str().into(),
            document.created_at.millis().into(),
        ])
        .run(tx.connection())
        .await?;
    Ok(())
}

/// Withdraws a document.
pub(crate) async fn delete(
    tx: &Tx,
    _grant: &Grant<act::Modify, on::PersistedDocument>,
    id: DocumentId,
) -> Result<(), Failure> {
    Sql::new("DELETE FROM document WHERE id = ").bind(id.uuid()).run(tx.connection()).await?;
    Ok(())
}
