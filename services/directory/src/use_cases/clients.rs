//! Programs of enterprises and their secrets.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cordon_context::{ApiClientId, Bilingual, CallContext, Page, PageRequest, Refusal, Role};
use cordon_directory_contract::{
    ApiClient, ClientChanged, ClientCredential, ClientFilter, CreateClient, RotateClientSecret, SetClientMessageKeys,
    topic,
};
use cordon_policies::{Grant, act, on};
use cordon_store::{AuditRecord, Failure, Tx};
use serde_json::json;

use super::{Office, at_most, event};
use crate::credentials::token::{self, TokenKind};
use crate::domain::{addresses, message_keys, names};
use crate::store::{clients, organisations};

/// Programs by their identifiers.
pub(crate) async fn by_ids(office: &Office, ctx: &CallContext, ids: &[ApiClientId]) -> Result<Vec<ApiClient>, Failure> {
    let grant: Grant<act::Read, on::ApiClient> = office.gate.authorize(ctx)?;
    at_most(ids)?;
    clients::by_ids(office.database.reader(), ids, grant.scope()).await
}

/// A page of programs.
pub(crate) async fn page(
    office: &Office,
    ctx: &CallContext,
    filter: &ClientFilter,
    request: &PageRequest,
) -> Result<Page<ApiClient>, Failure> {
    let grant: Grant<act::Read, on::ApiClient> = office.gate.authorize(ctx)?;
    clients::page(office.database.reader(), filter, request, grant.scope(), office.now()).await
}

/// Enters a program; its secret is shown once and kept as a digest.
pub(crate) async fn create(
    office: &Arc<Office>,
    ctx: &CallContext,
    input: CreateClient,
) -> Result<ClientCredential, Failure> {
    let grant: Grant<act::Create, on::ApiClient> = office.gate.authorize(ctx)?;
    let label = names::text("label", &input.label, 1, 100)?;
    let allowed_addresses = addresses::normal(&input.allowed_addresses)?;
    let longest = office.settings.longest_client_days;
    let days = input.valid_days.unwrap_or(longest);
    if days == 0 || days > longest {
        let text =
            Bilingual::new(format!("有效期须为 1 至 {longest} 天"), format!("a secret works for 1 to {longest} days"));
        return Err(Refusal::invalid("validDays", "client.valid_days", text).into());
    }
    let secret = token::fresh(TokenKind::Client)?;
    let digest = token::digest(&secret);
    let now = office.now();
    let client = ApiClient {
        id: ApiClientId::new(now),
        organisation: input.organisation,
        label,
        roles: vec![Role::EnterpriseSystem],
        allowed_addresses,
        message_keys: Vec::new(),
        expires_at: now.plus(Duration::from_secs(u64::from(days) * 24 * 3_600)),
        previous_secret_until: None,
        created_at: now,
        last_seen_at: None,
        revoked_at: None,
        version: 1,
    };
    let id = client.id;
    let entered = office
        .database
        .write_once(ctx, "directory.create_client", &input, move |mut tx| async move {
            let organisation = organisations::one(tx.connection(), client.organisation, grant.scope()).await?;
            if !organisation.active || !organisation.kind.is_enterprise() {
                let text =
                    Bilingual::new("仅在用的企业可以登记接入程序", "only an active enterprise can have programs");
                return Err(Refusal::rule("client.organisation", text).into());
            }
            enter(&mut tx, &grant, &client, digest, days).await?;
            tx.commit(client).await
        })
        .await?;
    // A repeat answers an earlier entry, whose secret went out then and is kept nowhere.
    let secret = (entered.id == id).then_some(secret);
    Ok(ClientCredential { client: entered, secret })
}

/// Writes a program and tells of it.
pub(crate) async fn enter(
    tx: &mut Tx,
    grant: &Grant<act::Create, on::ApiClient>,
    client: &ApiClient,
    digest: Vec<u8>,
    valid_days: u32,
) -> Result<(), Failure> {
    clients::insert(tx, grant, client, digest, valid_days).await?;
    announce(tx, "client.create", client)
}

/// Makes a new secret; the old one works on for a while.
pub(crate) async fn rotate(
    office: &Arc<Office>,
    ctx: &CallContext,
    input: RotateClientSecret,
) -> Result<ClientCredential, Failure> {
    let grant: Grant<act::Modify, on::ApiClient> = office.gate.authorize(ctx)?;
    let longest = office.settings.longest_overlap_minutes;
    let minutes = input.overlap_minutes.unwrap_or(longest);
    if minutes > longest {
        let text = Bilingual::new(
            format!("新旧密钥并行时间不超过 {longest} 分钟"),
            format!("both secrets work for at most {longest} minutes"),
        );
        return Err(Refusal::invalid("overlapMinutes", "client.overlap", text).into());
    }
    let secret = token::fresh(TokenKind::Client)?;
    let digest = token::digest(&secret);
    let longest_days = office.settings.longest_client_days;
    let made_now = Arc::new(AtomicBool::new(false));
    let made = Arc::clone(&made_now);
    let client = office
        .database
        .write_once(ctx, "directory.rotate_client_secret", &input, move |mut tx| async move {
            let before = working(&tx, &grant, input.client).await?;
            let now = tx.now();
            let overlap = now.plus(Duration::from_secs(u64::from(minutes) * 60)).min(before.expires_at);
            let days = clients::valid_days(&tx, before.id).await?.min(longest_days);
            let after = ApiClient {
                // The new secret works as long as the old one was meant to.
                expires_at: now.plus(Duration::from_secs(u64::from(days) * 24 * 3_600)),
                previous_secret_until: Some(overlap),
                version: before.version + 1,
                ..before
            };
            clients::rotate(&tx, &grant, &after, digest).await?;
            announce(&mut tx, "client.rotate", &after)?;
            made.store(true, Ordering::SeqCst);
            tx.commit(after).await
        })
        .await?;
    let secret = made_now.load(Ordering::SeqCst).then_some(secret);
    Ok(ClientCredential { client, secret })
}

/// Says with which keys a program signs its requests from now on.
pub(crate) async fn set_message_keys(
    office: &Arc<Office>,
    ctx: &CallContext,
    input: SetClientMessageKeys,
) -> Result<ApiClient, Failure> {
    let grant: Grant<act::Modify, on::ApiClient> = office.gate.authorize(ctx)?;
    message_keys::check(&input.keys)?;
    office
        .database
        .write_once(ctx, "directory.set_client_message_keys", &input.clone(), move |mut tx| async move {
            let before = working(&tx, &grant, input.client).await?;
            let after = ApiClient { message_keys: input.keys, version: before.version + 1, ..before };
            clients::set_message_keys(&tx, &grant, &after).await?;
            announce(&mut tx, "client.set_message_keys", &after)?;
            tx.commit(after).await
        })
        .await
}

/// A program within reach that was not revoked.
async fn working(tx: &Tx, grant: &Grant<act::Modify, on::ApiClient>, id: ApiClientId) -> Result<ApiClient, Failure> {
    let client = clients::one(tx.connection(), id, grant.scope()).await?;
    if client.revoked_at.is_some() {
        let text = Bilingual::new("该接入程序已停用", "the program was revoked");
        return Err(Refusal::rule("client.revoked", text).into());
    }
    Ok(client)
}

/// Stops a program at once.
pub(crate) async fn revoke(office: &Arc<Office>, ctx: &CallContext, id: ApiClientId) -> Result<ApiClient, Failure> {
    let grant: Grant<act::Modify, on::ApiClient> = office.gate.authorize(ctx)?;
    office
        .database
        .write_once(ctx, "directory.revoke_client", &id, move |mut tx| async move {
            clients::one(tx.connection(), id, grant.scope()).await?;
            let stopped = clients::revoke(&tx, &grant, id).await?;
            let after = clients::one(tx.connection(), id, grant.scope()).await?;
            if stopped {
                announce(&mut tx, "client.revoke", &after)?;
            }
            tx.commit(after).await
        })
        .await
}

fn announce(tx: &mut Tx, action: &'static str, client: &ApiClient) -> Result<(), Failure> {
    let payload = json!({"expires_at": client.expires_at, "previous_until": client.previous_secret_until, "addresses": client.allowed_addresses, "message_keys": client.message_keys});
    tx.record(AuditRecord::new(action, client.id.to_string(), payload).of_organisation(client.organisation));
    let changed =
        ClientChanged { client: client.id, organisation: client.organisation, active: client.revoked_at.is_none() };
    tx.emit(event(topic::CLIENT_CHANGED, client.id, client.organisation, &changed)?);
    Ok(())
}
