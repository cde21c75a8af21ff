//! Posts what is due, each endpoint at its own pace.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use cordon_context::{DeliveryId, EndpointId, Id, Timestamp};
use cordon_disposal_contract::delivery::{
    AttemptOutcome, DELIVERY_EXHAUSTED, DeliveryAttempt, DeliveryExhausted, DisabledReason, MessageKind,
};
use cordon_events::NewEvent;
use cordon_outbound::{Answer, OutboundError, Post};
use cordon_policies::{act, on};
use cordon_store::{AuditRecord, Failure, Tx};
use cordon_vault::Place;
use cordon_webhook::{HEADER_ID, HEADER_SIGNATURE, HEADER_TIMESTAMP, SigningKey, sign};
use serde_json::json;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use super::breaker::after_failure;
use super::excerpt::excerpt;
use super::inbox::tell_disabled;
use super::schedule::next_attempt;
use super::{Delivery, DeliverySettings};
use crate::store::delivery::{self as endpoints, StoredEndpoint, StoredKey};
use crate::store::delivery_dispatch::{self as dispatches, StoredDispatch, Verdict};

/// How many messages are given up, or forgotten, in one transaction.
const GIVE_UP_BATCH: i64 = 200;

/// How often it is looked for messages whose time ran out.
const GIVE_UP_EVERY: Duration = Duration::from_mins(1);

/// How many messages are on their way to each endpoint.
#[derive(Default)]
struct InFlight(HashMap<EndpointId, u16>);

impl InFlight {
    fn total(&self) -> u16 {
        self.0.values().sum()
    }

    fn room(&self, endpoint: EndpointId, settings: &DeliverySettings) -> u16 {
        let own = settings.per_endpoint.saturating_sub(self.0.get(&endpoint).copied().unwrap_or(0));
        own.min(settings.in_flight.saturating_sub(self.total()))
    }

    fn add(&mut self, endpoint: EndpointId) {
        *self.0.entry(endpoint).or_default() += 1;
    }

    fn remove(&mut self, endpoint: EndpointId) {
        if let Some(count) = self.0.get_mut(&endpoint) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.0.remove(&endpoint);
            }
        }
    }
}

pub(super) async fn run(delivery: Delivery, stop: CancellationToken) {
    let mut in_flight = InFlight::default();
    let mut posting: JoinSet<EndpointId> = JoinSet::new();
    let idle = Duration::from_millis(delivery.parts.settings.idle_ms);
    let mut gave_up_at: Option<Timestamp> = None;
    while !stop.is_cancelled() {
        let now = delivery.parts.clock.now();
        if gave_up_at.is_none_or(|at| now.since(at) >= GIVE_UP_EVERY) {
            gave_up_at = Some(now);
            if let Err(failure) = give_up(&delivery).await {
                report(failure);
            }
        }
        match claim(&delivery, &in_flight).await {
            Ok(claimed) => {
                for dispatch in claimed {
                    in_flight.add(dispatch.endpoint);
                    posting.spawn(attempt_in_own_task(delivery.clone(), dispatch));
                }
            }
            Err(failure) => report(failure),
        }
        tokio::select! {
            Some(ended) = posting.join_next(), if !posting.is_empty() => {
                settle_count(&mut in_flight, ended);
                while let Some(ended) = posting.try_join_next() {
                    settle_count(&mut in_flight, ended);
                }
            }
            () = delivery.wake.notified() => {}
            () = tokio::time::sleep(idle) => {}
            () = stop.cancelled() => {}
        }
    }
    // What is on its way may still get its answer; what does not is claimed again when its lease ends.
    let grace =
        tokio::time::timeout(Duration::from_secs(20), async { while posting.join_next().await.is_some() {} }).await;
    if grace.is_err() {
        tracing::warn!(delivery.left = posting.len(), "stopped before every message had its answer");
    }
}

fn settle_count(in_flight: &mut InFlight, ended: Result<EndpointId, tokio::task::JoinError>) {
    match ended {
        Ok(endpoint) => in_flight.remove(endpoint),
        Err(error) => {
            // Which endpoint it was is lost with the panic; counting all anew lets more through for a moment, never less.
            tracing::error!(error = %error, "an attempt panicked");
            in_flight.0.clear();
        }
    }
}

fn report(failure: Failure) {
    let refusal = cordon_context::Refusal::from(failure);
    tracing::warn!(refusal = %refusal, "delivery goes on in a moment");
}

pub(super) async fn run_due(delivery: &Delivery) -> Result<usize, Failure> {
    give_up(delivery).await?;
    let mut made = 0;
    loop {
        let claimed = claim(delivery, &InFlight::default()).await?;
        if claimed.is_empty() {
            return Ok(made);
        }
        made += claimed.len();
        let mut posting = JoinSet::new();
        for dispatch in claimed {
            posting.spawn(attempt_in_own_task(delivery.clone(), dispatch));
        }
        posting.join_all().await;
    }
}

async fn attempt_in_own_task(delivery: Delivery, dispatch: StoredDispatch) -> EndpointId {
    let endpoint = dispatch.endpoint;
    let span = tracing::info_span!("delivery.dispatch.attempt", dispatch.id = %dispatch.id, endpoint.id = %endpoint);
    let attempt = async {
        if let Err(failure) = attempt(&delivery, dispatch, true).await {
            report(failure);
        }
    };
    attempt.instrument(span).await;
    endpoint
}

/// Takes what is due, for each endpoint as much as it has room for; a dead endpoint has room for little and takes nobody else's.
async fn claim(delivery: &Delivery, in_flight: &InFlight) -> Result<Vec<StoredDispatch>, Failure> {
    let parts = &delivery.parts;
    let now = parts.clock.now();
    let due = endpoints::due(parts.database.reader(), now).await?;
    let mut claimed = Vec::new();
    let mut taken: u16 = 0;
    for (endpoint, breaker) in due {
        let trial = breaker.open_until.millis() != 0;
        let room = in_flight.room(endpoint, &parts.settings).min(parts.settings.in_flight.saturating_sub(taken));
        let limit = if trial { room.min(1) } else { room };
        if limit == 0 {
            continue;
        }
        let ctx = delivery.system_context("delivery");
        let grant = parts.gate.authorize::<act::Modify, on::Endpoint>(&ctx)?;
        let lease = parts.settings.lease();
        let found = parts
            .database
            .write(&ctx, move |tx| async move {
                let until = tx.now().plus(lease);
                let mine = !trial || endpoints::take_probe(&tx, endpoint, until).await?;
                let found = if mine {
                    dispatches::claim(&tx, &grant, endpoint, until, i64::from(limit)).await?
                } else {
                    Vec::new()
                };
                tx.commit(found).await
            })
            .await?;
        taken = taken.saturating_add(u16::try_from(found.len()).unwrap_or(u16::MAX));
        claimed.extend(found);
    }
    Ok(claimed)
}

/// Makes one attempt and writes down what came of it; `again` says whether a failure is followed by another one.
pub(super) async fn attempt(
    delivery: &Delivery,
    dispatch: StoredDispatch,
    again: bool,
) -> Result<DeliveryAttempt, Failure> {
    let parts = &delivery.parts;
    let ctx = delivery.system_context("delivery");
    let grant = parts.gate.authorize::<act::Modify, on::Endpoint>(&ctx)?;
    let endpoint = endpoints::find(parts.database.reader(), grant.scope(), dispatch.endpoint).await?;
    let at = parts.clock.now();
    let keys = signing_keys(delivery, dispatch.endpoint, at).await?;
    // Latency is measured on the machine's own steady clock: it is about this attempt, not about the calendar.
    let begun = Instant::now();
    let answer = post(delivery, &endpoint, &dispatch, &keys, at).await;
    let latency = i32::try_from(begun.elapsed().as_millis()).unwrap_or(i32::MAX);
    let (attempt, retry_after) = judge(&dispatch, at, latency, &answer);
    tracing::info!(
        delivery.outcome = attempt.outcome.name(),
        delivery.status = attempt.status,
        delivery.failure = attempt.failure,
        delivery.latency_ms = latency,
        delivery.attempt = dispatch.attempts,
        "a message was posted"
    );
    let next = next_attempt(&parts.settings, parts.clock.now(), dispatch.attempts, retry_after, rand::random());
    let verdict = match (attempt.outcome, next.filter(|_| again)) {
        (AttemptOutcome::Accepted, _) => Verdict::Delivered,
        (AttemptOutcome::Refused | AttemptOutcome::Failed, Some(due)) => Verdict::Again(due),
        (AttemptOutcome::Refused | AttemptOutcome::Failed, None) => Verdict::Exhausted,
    };
    let settings = parts.settings.clone();
    let ctx = delivery.system_context("delivery");
    let logged = attempt.clone();
    parts
        .database
        .write(&ctx, move |mut tx| async move {
            dispatches::log(&tx, &logged).await?;
            // If the lease went to another worker, its outcome counts; this attempt is only logged.
            if dispatches::settle(&tx, &grant, dispatch.id, dispatch.fence, verdict).await? {
                if verdict == Verdict::Delivered {
                    endpoints::note_success(&tx, &grant, endpoint.id).await?;
                    tx.record(record("dispatch.deliver", &dispatch, logged.status));
                } else {
                    let now = tx.now();
                    endpoints::note_failure(&tx, &grant, endpoint.id, |before| after_failure(&settings, now, before))
                        .await?;
                }
                if logged.status == Some(410)
                    && endpoints::disable(&tx, &grant, endpoint.id, DisabledReason::Gone).await?
                {
                    tell_disabled(&mut tx, &endpoint, DisabledReason::Gone);
                }
                if verdict == Verdict::Exhausted {
                    tell_exhausted(&mut tx, &dispatch);
                }
            }
            tx.commit(()).await
        })
        .await?;
    Ok(attempt)
}

async fn signing_keys(delivery: &Delivery, endpoint: EndpointId, now: Timestamp) -> Result<Vec<SigningKey>, Failure> {
    let stored = endpoints::signing_keys(delivery.parts.database.reader(), &[endpoint], now).await?;
    stored.iter().map(|key| open(delivery, key)).collect()
}

fn open(delivery: &Delivery, stored: &StoredKey) -> Result<SigningKey, Failure> {
    let row = stored.key.id.uuid();
    let text = delivery
        .parts
        .vault
        .open(Place::new("webhook_key", "secret", row.as_bytes()), &stored.secret)
        .map_err(|source| Failure::internal("a signing key does not open", source))?;
    let text = text.expose_text().map_err(|source| Failure::internal("a signing key is not text", source))?;
    SigningKey::parse(text).map_err(|source| Failure::internal("a signing key does not parse", source))
}

async fn post(
    delivery: &Delivery,
    endpoint: &StoredEndpoint,
    dispatch: &StoredDispatch,
    keys: &[SigningKey],
    at: Timestamp,
) -> Result<Answer, OutboundError> {
    let body = dispatch.body.clone().into_bytes();
    let signed = sign(keys, &dispatch.message.to_string(), at.millis().div_euclid(1_000), &body)
        .map_err(|_invalid| OutboundError::Header)?;
    let headers = vec![
        ("content-type", "application/json".to_owned()),
        (HEADER_ID, signed.id),
        (HEADER_TIMESTAMP, signed.timestamp),
        (HEADER_SIGNATURE, signed.signature),
    ];
    delivery.parts.outbound.post(Post { url: &endpoint.url, headers, body }).await
}

fn judge(
    dispatch: &StoredDispatch,
    at: Timestamp,
    latency_ms: i32,
    answer: &Result<Answer, OutboundError>,
) -> (DeliveryAttempt, Option<Duration>) {
    let id: DeliveryId = Id::new(at);
    let attempt = DeliveryAttempt {
        id,
        dispatch: dispatch.id,
        at,
        outcome: AttemptOutcome::Failed,
        status: None,
        failure: None,
        latency_ms,
        excerpt: None,
    };
    match answer {
        Ok(answer) if (200..300).contains(&answer.status) => {
            (DeliveryAttempt { outcome: AttemptOutcome::Accepted, status: Some(answer.status.into()), ..attempt }, None)
        }
        Ok(answer) => {
            let attempt = DeliveryAttempt {
                outcome: AttemptOutcome::Refused,
                status: Some(answer.status.into()),
                excerpt: excerpt(&answer.body),
                ..attempt
            };
            (attempt, answer.retry_after.filter(|_| matches!(answer.status, 429 | 503)))
        }
        Err(error) => (DeliveryAttempt { failure: Some(error.word().to_owned()), ..attempt }, None),
    }
}

/// Gives up what nobody could take for too long, and forgets what was settled long ago.
async fn give_up(delivery: &Delivery) -> Result<(), Failure> {
    let parts = &delivery.parts;
    loop {
        let ctx = delivery.system_context("delivery");
        let grant = parts.gate.authorize::<act::Modify, on::Endpoint>(&ctx)?;
        let now = parts.clock.now();
        let (begun_before, created_before) = (now.minus(parts.settings.give_up()), now.minus(parts.settings.keep()));
        let (given_up, forgotten) = parts
            .database
            .write(&ctx, move |mut tx| async move {
                let given_up = dispatches::give_up(&tx, &grant, begun_before, GIVE_UP_BATCH).await?;
                for dispatch in &given_up {
                    tell_exhausted(&mut tx, dispatch);
                }
                let forgotten = dispatches::forget(&tx, &grant, created_before, GIVE_UP_BATCH).await?;
                if forgotten > 0 {
                    let payload = json!({ "dispatches": forgotten, "created_before": created_before.to_rfc3339() });
                    tx.record(AuditRecord::new("dispatch.forget", "dispatch_log", payload));
                }
                tx.commit((given_up.len(), forgotten)).await
            })
            .await?;
        if i64::try_from(given_up.max(forgotten)).unwrap_or(0) < GIVE_UP_BATCH {
            return Ok(());
        }
    }
}

fn tell_exhausted(tx: &mut Tx, dispatch: &StoredDispatch) {
    if dispatch.kind == MessageKind::EndpointTest {
        return;
    }
    tx.record(record("dispatch.exhaust", dispatch, None));
    let payload = DeliveryExhausted {
        dispatch: dispatch.id,
        endpoint: dispatch.endpoint,
        organisation: dispatch.organisation,
        kind: dispatch.kind,
        subject: dispatch.subject.clone(),
        generation: dispatch.generation,
    };
    tx.emit(NewEvent {
        topic: DELIVERY_EXHAUSTED.into(),
        subject: dispatch.subject.clone(),
        audience: vec![dispatch.organisation],
        payload: json!(payload),
    });
}

fn record(action: &'static str, dispatch: &StoredDispatch, status: Option<i32>) -> AuditRecord {
    let payload = json!({
        "endpoint": dispatch.endpoint, "message": dispatch.message, "kind": dispatch.kind, "subject": dispatch.subject,
        "generation": dispatch.generation, "attempts": dispatch.attempts, "status": status,
    });
    AuditRecord::new(action, dispatch.id.to_string(), payload).of_organisation(dispatch.organisation)
}
