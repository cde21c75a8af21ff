//! Registered GraphQL documents.

use cordon_context::{DocumentId, OrganisationId, Page, PageRequest, Refusal, Scope, Timestamp};
use cordon_directory_contract::Document;
use cordon_policies::{Grant, act, on};
use cordon_store::{Failure, Tx};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use uuid::Uuid;

use super::sql::{Sql, place};

const COLUMNS: &str = "SELECT d.id, d.organisation, d.hash, d.text, d.created_at FROM document d JOIN organisation o ON o.id = d.organisation WHERE 1 = 1";

#[derive(FromQueryResult)]
struct DocumentRow {
    id: Uuid,
    organisation: Uuid,
    hash: String,
    text: String,
    created_at: i64,
}

impl From<DocumentRow> for Document {
    fn from(row: DocumentRow) -> Self {
        let DocumentRow { id, organisation, hash, text, created_at } = row;
        Self {
            id: DocumentId::from_uuid(id),
            organisation: OrganisationId::from_uuid(organisation),
            hash,
            text,
            created_at: Timestamp::from_millis(created_at),
        }
    }
}

/// The document of an organisation with this hash.
pub(crate) async fn by_hash(
    connection: &impl ConnectionTrait,
    organisation: OrganisationId,
    hash: &str,
) -> Result<Option<Document>, Failure> {
    let row: Option<DocumentRow> = Sql::new(COLUMNS)
        .text(" AND d.organisation = ")
        .bind(organisation.uuid())
        .text(" AND d.hash = ")
        .bind(hash)
        .one(connection)
        .await?;
    Ok(row.map(Document::from))
}

/// One document within reach, or the answer that it is not there.
pub(crate) async fn one(connection: &impl ConnectionTrait, id: DocumentId, scope: &Scope) -> Result<Document, Failure> {
    let row: Option<DocumentRow> =
        Sql::new(COLUMNS).text(" AND d.id = ").bind(id.uuid()).within(scope).one(connection).await?;
    Ok(row.map(Document::from).ok_or_else(Refusal::not_found)?)
}

/// How many documents an organisation has.
pub(crate) async fn count_of(connection: &impl ConnectionTrait, organisation: OrganisationId) -> Result<u64, Failure> {
    Ok(Sql::new("SELECT COUNT(*) AS count FROM document WHERE organisation = ")
        .bind(organisation.uuid())
        .count(connection)
        .await?)
}

/// A page of documents within reach, newest first.
pub(crate) async fn page(
    connection: &impl ConnectionTrait,
    request: &PageRequest,
    scope: &Scope,
) -> Result<Page<Document>, Failure> {
    let rows: Vec<DocumentRow> = Sql::new(COLUMNS)
        .within(scope)
        .descending_after(request, "d.created_at", "d.id")
        .text(" ORDER BY d.created_at DESC, d.id DESC")
        .limit(request)
        .all(connection)
        .await?;
    let total = if request.count {
        let sql = Sql::new(
            "SELECT COUNT(*) AS count FROM document d JOIN organisation o ON o.id = d.organisation WHERE 1 = 1",
        );
        Some(sql.within(scope).count(connection).await?)
    } else {
        None
    };
    let documents = rows.into_iter().map(Document::from).collect();
    Ok(Page::cut(documents, request, total, |document: &Document| {
        place(document.created_at.millis(), document.id.uuid())
    }))
}

/// Registers a document.
pub(crate) async fn insert(
    tx: &Tx,
    _grant: &Grant<act::Create, on::PersistedDocument>,
    document: &Document,
) -> Result<(), Failure> {
    Sql::new("INSERT INTO document (id, organisation, hash, text, created_at) VALUES ")
        .bind_all([
            Value::from(document.id.uuid()),
            document.organisation.uuid().into(),
            document.hash.as_str().into(),
            document.text.as_str().into(),
            document.created_at.millis().into(),
        ])
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Withdraws a document.
pub(crate) async fn delete(
    tx: &Tx,
    _grant: &Grant<act::Modify, on::PersistedDocument>,
    id: DocumentId,
) -> Result<(), Failure> {
    Sql::new("DELETE FROM document WHERE id = ").bind(id.uuid()).execute(tx.connection()).await?;
    Ok(())
}
