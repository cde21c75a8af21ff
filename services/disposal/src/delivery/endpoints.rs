//! Use cases on endpoints and their keys.

use std::collections::HashMap;

use cordon_context::{Bilingual, CallContext, EndpointId, Id, Page, PageRequest, Refusal, Timestamp, WebhookKeyId};
use cordon_disposal_contract::delivery::{
    ChangeEndpoint, CreateEndpoint, DisabledReason, Endpoint, EndpointCredential, EndpointFilter, EndpointState,
    MessageKind, RotateEndpointKey, SignatureKind, WebhookKey,
};
use cordon_policies::{act, on};
use cordon_store::{AuditRecord, Connection, Failure};
use cordon_vault::Place;
use cordon_webhook::SigningKey;
use serde_json::json;

use super::Delivery;
use crate::store::delivery::{self as store, Breaker, StoredEndpoint, StoredKey};
use crate::store::delivery_dispatch as dispatches;

const LONGEST_LABEL: usize = 100;

impl Delivery {
    pub(super) async fn create_endpoint(
        &self,
        ctx: &CallContext,
        input: CreateEndpoint,
    ) -> Result<EndpointCredential, Failure> {
        let grant = self.parts.gate.authorize::<act::Create, on::Endpoint>(ctx)?;
        if !ctx.actor.organisation_kind.is_enterprise() {
            return Err(Refusal::rule(
                "endpoint.enterprises_only",
                Bilingual::new("仅企业可以登记回调地址", "only enterprises have endpoints"),
            )
            .into());
        }
        let label = checked_label(&input.label)?;
        self.check_url(&input.url)?;
        let now = self.parts.clock.now();
        let endpoint = StoredEndpoint {
            id: Id::new(now),
            organisation: ctx.actor.organisation,
            region: ctx.actor.region,
            label,
            url: input.url.clone(),
            kinds: ordered(&input.kinds),
            state: EndpointState::Active,
            disabled_reason: None,
            breaker: Breaker::CLOSED,
            last_success_at: None,
            created_at: now,
            version: 1,
        };
        let (key, shown) = self.make_key(endpoint.id, input.signature, now)?;
        let made = key.key.id;
        let most = u64::from(self.parts.settings.endpoints_per_organisation);
        let created = self
            .parts
            .database
            .write_once(ctx, "delivery.create_endpoint", &input, move |mut tx| async move {
                let own = EndpointFilter { organisation: Some(endpoint.organisation), states: Vec::new() };
                let counted = PageRequest { first: Some(1), count: true, ..PageRequest::default() };
                if store::list(tx.connection(), grant.scope(), &own, &counted).await?.total.unwrap_or(0) >= most {
                    return Err(Refusal::rule(
                        "endpoint.too_many",
                        Bilingual::new("本单位登记的回调地址已达上限", "the organisation has as many endpoints as it may have"),
                    )
                    .into());
                }
                store::insert(&tx, &grant, &endpoint).await?;
                store::insert_key(&tx, &grant, &key).await?;
                tx.record(AuditRecord::new(
                    "endpoint.create",
                    endpoint.id.to_string(),
                    json!({ "kinds": endpoint.kinds, "key": key.key.id, "signature": key.key.kind, "url_digest": digest(&endpoint.url) }),
                ));
                tx.commit(endpoint.with_keys(vec![key.key], now)).await
            })
            .await?;
        // The secret is never stored with the answer, so a repeated request gets the endpoint without it.
        let secret = created.keys.iter().any(|key| key.id == made).then(|| shown.to_string());
        Ok(EndpointCredential { endpoint: created, secret })
    }

    pub(super) async fn change_endpoint(&self, ctx: &CallContext, input: ChangeEndpoint) -> Result<Endpoint, Failure> {
        let grant = self.parts.gate.authorize::<act::Modify, on::Endpoint>(ctx)?;
        let label = input.label.as_deref().map(checked_label).transpose()?;
        if let Some(url) = &input.url {
            self.check_url(url)?;
        }
        let given = input.clone();
        let changed = self
            .parts
            .database
            .write_once(ctx, "delivery.change_endpoint", &input, move |mut tx| async move {
                let ChangeEndpoint { endpoint, version, label: _, url, kinds, enabled } = given;
                let mut endpoint = store::find(tx.connection(), grant.scope(), endpoint).await?;
                endpoint.version = version;
                if let Some(label) = label {
                    endpoint.label = label;
                }
                if let Some(url) = url {
                    endpoint.url = url;
                    // Another address deserves a fresh try.
                    endpoint.breaker = Breaker::CLOSED;
                }
                if let Some(kinds) = kinds {
                    endpoint.kinds = ordered(&kinds);
                }
                match enabled {
                    Some(true) => {
                        endpoint.state = EndpointState::Active;
                        endpoint.disabled_reason = None;
                        endpoint.breaker = Breaker::CLOSED;
                    }
                    Some(false) => {
                        endpoint.state = EndpointState::Disabled;
                        endpoint.disabled_reason = Some(DisabledReason::ByOwner);
                    }
                    None => {}
                }
                store::update(&tx, &grant, &endpoint).await?;
                endpoint.version += 1;
                let payload =
                    json!({ "kinds": endpoint.kinds, "state": endpoint.state, "url_digest": digest(&endpoint.url) });
                tx.record(
                    AuditRecord::new("endpoint.change", endpoint.id.to_string(), payload)
                        .of_organisation(endpoint.organisation),
                );
                let keys =
                    keys_of(tx.connection(), &[endpoint.id], tx.now()).await?.remove(&endpoint.id).unwrap_or_default();
                let now = tx.now();
                tx.commit(endpoint.with_keys(keys, now)).await
            })
            .await?;
        self.wake.notify_one();
        Ok(changed)
    }

    pub(super) async fn rotate_endpoint_key(
        &self,
        ctx: &CallContext,
        input: RotateEndpointKey,
    ) -> Result<EndpointCredential, Failure> {
        let grant = self.parts.gate.authorize::<act::Modify, on::Endpoint>(ctx)?;
        let settings = &self.parts.settings;
        let hours = input.overlap_hours.unwrap_or(settings.key_overlap_hours);
        if hours > settings.longest_key_overlap_hours {
            return Err(Refusal::invalid(
                "overlapHours",
                "endpoint.overlap_too_long",
                Bilingual::new("新旧密钥并用时间过长", "the keys may not be used side by side for so long"),
            )
            .into());
        }
        let now = self.parts.clock.now();
        let reader = self.parts.database.reader();
        let endpoint = store::find(reader, grant.scope(), input.endpoint).await?;
        let present = keys_of(reader, &[endpoint.id], now).await?.remove(&endpoint.id).unwrap_or_default();
        let kind = input.signature.or_else(|| present.first().map(|key| key.kind)).unwrap_or(SignatureKind::Ed25519);
        let (key, shown) = self.make_key(endpoint.id, kind, now)?;
        let made = key.key.id;
        let until = now.plus(std::time::Duration::from_secs(u64::from(hours) * 3_600));
        let rotated = self
            .parts
            .database
            .write_once(ctx, "delivery.rotate_endpoint_key", &input, move |mut tx| async move {
                let endpoint = store::find(tx.connection(), grant.scope(), endpoint.id).await?;
                store::retire_keys(&tx, &grant, endpoint.id, key.key.id, until).await?;
                store::insert_key(&tx, &grant, &key).await?;
                let payload = json!({ "key": key.key.id, "signature": key.key.kind, "overlap_hours": hours });
                tx.record(
                    AuditRecord::new("endpoint.rotate_key", endpoint.id.to_string(), payload)
                        .of_organisation(endpoint.organisation),
                );
                let keys =
                    keys_of(tx.connection(), &[endpoint.id], tx.now()).await?.remove(&endpoint.id).unwrap_or_default();
                let now = tx.now();
                tx.commit(endpoint.with_keys(keys, now)).await
            })
            .await?;
        let secret = rotated.keys.iter().any(|key| key.id == made).then(|| shown.to_string());
        Ok(EndpointCredential { endpoint: rotated, secret })
    }

    pub(super) async fn remove_endpoint(&self, ctx: &CallContext, id: EndpointId) -> Result<Endpoint, Failure> {
        let grant = self.parts.gate.authorize::<act::Modify, on::Endpoint>(ctx)?;
        self.parts
            .database
            .write_once(ctx, "delivery.remove_endpoint", &id, move |mut tx| async move {
                let mut endpoint = store::find(tx.connection(), grant.scope(), id).await?;
                endpoint.state = EndpointState::Removed;
                store::update(&tx, &grant, &endpoint).await?;
                let abandoned = dispatches::abandon(&tx, &grant, id).await?;
                endpoint.version += 1;
                tx.record(
                    AuditRecord::new("endpoint.remove", id.to_string(), json!({ "abandoned": abandoned }))
                        .of_organisation(endpoint.organisation),
                );
                let now = tx.now();
                tx.commit(endpoint.with_keys(Vec::new(), now)).await
            })
            .await
    }

    pub(super) async fn endpoints_by_ids(
        &self,
        ctx: &CallContext,
        ids: &[EndpointId],
    ) -> Result<Vec<Endpoint>, Failure> {
        let grant = self.parts.gate.authorize::<act::Read, on::Endpoint>(ctx)?;
        let rows = store::by_ids(self.parts.database.reader(), grant.scope(), ids).await?;
        self.with_keys(rows).await
    }

    pub(super) async fn list_endpoints(
        &self,
        ctx: &CallContext,
        filter: &EndpointFilter,
        page: &PageRequest,
    ) -> Result<Page<Endpoint>, Failure> {
        let grant = self.parts.gate.authorize::<act::Read, on::Endpoint>(ctx)?;
        let found = store::list(self.parts.database.reader(), grant.scope(), filter, page).await?;
        let Page { edges, has_next, total } = found;
        let (places, rows): (Vec<_>, Vec<_>) = edges.into_iter().unzip();
        let endpoints = self.with_keys(rows).await?;
        Ok(Page { edges: places.into_iter().zip(endpoints).collect(), has_next, total })
    }

    async fn with_keys(&self, rows: Vec<StoredEndpoint>) -> Result<Vec<Endpoint>, Failure> {
        let now = self.parts.clock.now();
        let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
        let mut keys = keys_of(self.parts.database.reader(), &ids, now).await?;
        Ok(rows
            .into_iter()
            .map(|row| {
                let own = keys.remove(&row.id).unwrap_or_default();
                row.with_keys(own, now)
            })
            .collect())
    }

    fn check_url(&self, url: &str) -> Result<(), Refusal> {
        self.parts.outbound.check(url).map_err(|blocked| {
            let text = blocked.to_string();
            let (en, zh) = text.split_once(" / ").unwrap_or((&text, &text));
            Refusal::invalid(
                "url",
                format!("endpoint.{}", blocked.word()),
                Bilingual::new(zh.to_owned(), en.to_owned()),
            )
        })
    }

    /// Makes a key, sealed for its row, and the text that its enterprise is shown once.
    fn make_key(
        &self,
        endpoint: EndpointId,
        kind: SignatureKind,
        now: Timestamp,
    ) -> Result<(StoredKey, impl std::ops::Deref<Target = String> + use<>), Failure> {
        let made = match kind {
            SignatureKind::Hmac => SigningKey::generate_hmac(),
            SignatureKind::Ed25519 => SigningKey::generate_ed25519(),
        };
        let made = made.map_err(|source| Failure::internal("a signing key could not be made", source))?;
        let id: WebhookKeyId = Id::new(now);
        let row = id.uuid();
        let sealed = self
            .parts
            .vault
            .seal(Place::new("webhook_key", "secret", row.as_bytes()), made.secret_text().as_bytes())
            .map_err(|source| Failure::internal("a signing key could not be sealed", source))?;
        let shown = made.receiver_text();
        let public = (kind == SignatureKind::Ed25519).then(|| shown.to_string());
        let key = WebhookKey { id, kind, public, created_at: now, retires_at: None };
        Ok((StoredKey { key, endpoint, secret: sealed.into_vec() }, shown))
    }
}

async fn keys_of<C: Connection>(
    connection: &C,
    endpoints: &[EndpointId],
    now: Timestamp,
) -> Result<HashMap<EndpointId, Vec<WebhookKey>>, Failure> {
    let mut keys: HashMap<EndpointId, Vec<WebhookKey>> = HashMap::new();
    for stored in store::signing_keys(connection, endpoints, now).await? {
        keys.entry(stored.endpoint).or_default().push(stored.key);
    }
    Ok(keys)
}

fn checked_label(label: &str) -> Result<String, Refusal> {
    let label = label.trim();
    if label.is_empty() || label.chars().count() > LONGEST_LABEL || label.chars().any(char::is_control) {
        return Err(Refusal::invalid(
            "label",
            "endpoint.label",
            Bilingual::new("名称须为 1 至 100 个字符", "a label has 1 to 100 characters"),
        ));
    }
    Ok(label.to_owned())
}

fn ordered(kinds: &[MessageKind]) -> Vec<MessageKind> {
    let mut kinds = kinds.to_vec();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

/// An address may hold a token of the enterprise, so the ledger gets its digest.
fn digest(url: &str) -> String {
    use sha2::Digest as _;
    use std::fmt::Write as _;
    let mut text = String::with_capacity(16);
    for byte in sha2::Sha256::digest(url.as_bytes()).iter().take(8) {
        let _written = write!(text, "{byte:02x}");
    }
    text
}
