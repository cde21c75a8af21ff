//! GraphQL documents that an organisation registers for production.

use std::sync::Arc;

use cordon_context::{ActorKind, Bilingual, CallContext, DocumentId, Page, PageRequest, Refusal};
use cordon_directory_contract::{Document, DocumentChanged, DocumentKey, RegisterDocument, topic};
use cordon_policies::{Grant, act, on};
use cordon_store::{AuditRecord, Failure};
use data_encoding::HEXLOWER;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{Office, event};
use crate::store::documents;

/// The longest document, in bytes.
const LONGEST: usize = 64 << 10;

/// Registers a document for the caller's organisation.
pub(crate) async fn register(
    office: &Arc<Office>,
    ctx: &CallContext,
    input: RegisterDocument,
) -> Result<Document, Failure> {
    let grant: Grant<act::Create, on::PersistedDocument> = office.gate.authorize(ctx)?;
    if input.text.is_empty() || input.text.len() > LONGEST {
        return Err(Refusal::invalid(
            "text",
            "document.length",
            Bilingual::new("操作文本须为 1 至 65536 字节", "a document has 1 to 65,536 bytes"),
        )
        .into());
    }
    if HEXLOWER.encode(&Sha256::digest(input.text.as_bytes())) != input.hash {
        let text = Bilingual::new(
            "哈希须为文本的 SHA-256（小写十六进制）",
            "the hash must be the SHA-256 of the text in lower-case hex",
        );
        return Err(Refusal::invalid("hash", "document.hash", text).into());
    }
    let organisation = ctx.actor.organisation;
    let most = u64::from(office.settings.documents_per_organisation);
    office
        .database
        .write(ctx, move |mut tx| async move {
            if let Some(known) = documents::by_hash(tx.connection(), organisation, &input.hash).await? {
                return tx.commit(known).await;
            }
            if documents::count_of(tx.connection(), organisation).await? >= most {
                let text = Bilingual::new(
                    format!("每个机构最多登记 {most} 个操作"),
                    format!("an organisation registers at most {most} documents"),
                );
                return Err(Refusal::rule("document.too_many", text).into());
            }
            let document = Document {
                id: DocumentId::new(tx.now()),
                organisation,
                hash: input.hash,
                text: input.text,
                created_at: tx.now(),
            };
            documents::insert(&tx, &grant, &document).await?;
            tx.record(AuditRecord::new("document.register", document.id.to_string(), json!({"hash": document.hash})));
            let changed = DocumentChanged { organisation, hash: document.hash.clone(), withdrawn: false };
            tx.emit(event(topic::DOCUMENT_CHANGED, document.id, organisation, &changed)?);
            tx.commit(document).await
        })
        .await
}

/// Withdraws a document.
pub(crate) async fn withdraw(office: &Arc<Office>, ctx: &CallContext, id: DocumentId) -> Result<(), Failure> {
    let grant: Grant<act::Modify, on::PersistedDocument> = office.gate.authorize(ctx)?;
    office
        .database
        .write_once(ctx, "directory.withdraw_document", &id, move |mut tx| async move {
            let document = documents::one(tx.connection(), id, grant.scope()).await?;
            documents::delete(&tx, &grant, id).await?;
            tx.record(
                AuditRecord::new("document.withdraw", id.to_string(), json!({"hash": document.hash}))
                    .of_organisation(document.organisation),
            );
            let changed = DocumentChanged { organisation: document.organisation, hash: document.hash, withdrawn: true };
            tx.emit(event(topic::DOCUMENT_CHANGED, id, document.organisation, &changed)?);
            tx.commit(()).await
        })
        .await
}

/// The text of a document; an organisation finds its own, the gateway everybody's.
pub(crate) async fn text(office: &Office, ctx: &CallContext, key: &DocumentKey) -> Result<Option<String>, Failure> {
    let own = ctx.actor.organisation == key.organisation;
    if !own && !matches!(ctx.actor.kind, ActorKind::System { .. }) {
        return Ok(None);
    }
    Ok(documents::by_hash(office.database.reader(), key.organisation, &key.hash).await?.map(|document| document.text))
}

/// A page of documents.
pub(crate) async fn page(office: &Office, ctx: &CallContext, request: &PageRequest) -> Result<Page<Document>, Failure> {
    let grant: Grant<act::Read, on::PersistedDocument> = office.gate.authorize(ctx)?;
    documents::page(office.database.reader(), request, grant.scope()).await
}
