//! What each request passes before a handler sees it, in this order and no other.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, HttpRequest, HttpResponse, web};
use cordon_context::{Refusal, Trace};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::address::{self, Network};
use crate::answer;
use crate::authentication::{Authenticator, Caller, Credential, Known, bearer, budget_of};
use crate::concurrency::{PlaceOfKey, Places, PlacesPerKey};
use crate::cors;
use crate::origin::{InvalidOrigin, Origins};
use crate::rate::{Left, Limiter, RateSettings};
use crate::security_headers::security_headers;
use crate::unread::{self, Holding};

/// What the edge lets through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EdgeSettings {
    /// Pages of these origins may call and read the answers, beside those that the server itself hands out.
    pub allowed_origins: Vec<String>,
    /// Proxies whose `x-forwarded-for` is believed.
    #[serde(skip_serializing)]
    #[schemars(with = "Vec<String>")]
    pub trusted_proxies: Vec<Network>,
    /// How many requests are worked on at once; one whose body is still on its way is not worked on yet.
    pub max_concurrent: usize,
    /// How many files are sent up at once.
    pub max_uploads: usize,
    /// For how many requests of one address the server waits at once: bodies that are on their way, and sockets that have
    /// not shown a credential.
    pub max_waiting_per_address: usize,
    /// The budget of each address, spent by every request before it is known who calls.
    pub per_address: RateSettings,
    /// The budget of each caller.
    pub per_caller: RateSettings,
}

impl Default for EdgeSettings {
    fn default() -> Self {
        let per_caller = RateSettings::default();
        Self {
            allowed_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            max_concurrent: 256,
            max_uploads: 8,
            max_waiting_per_address: 32,
            // Many people sit behind the address of one office.
            per_address: RateSettings {
                burst: per_caller.burst.saturating_mul(NonZeroU32::MIN.saturating_add(4)),
                ..per_caller
            },
            per_caller,
        }
    }
}

/// The edge's state, shared by all workers.
pub struct Edge {
    origins: Origins,
    proxies: Vec<Network>,
    places: Places,
    uploads: Places,
    waiting: PlacesPerKey,
    per_address: Limiter,
    per_caller: Limiter,
    authenticator: Arc<dyn Authenticator>,
}

impl Edge {
    /// Sets up the edge.
    pub fn new(settings: &EdgeSettings, authenticator: Arc<dyn Authenticator>) -> Result<Self, InvalidOrigin> {
        Ok(Self {
            origins: Origins::parse(&settings.allowed_origins)?,
            proxies: settings.trusted_proxies.clone(),
            places: Places::new(settings.max_concurrent),
            uploads: Places::new(settings.max_uploads),
            waiting: PlacesPerKey::new(settings.max_waiting_per_address),
            per_address: Limiter::new(settings.per_address),
            per_caller: Limiter::new(settings.per_caller),
            authenticator,
        })
    }

    /// Who says who calls, for connections that show their credential later.
    pub fn authenticator(&self) -> &Arc<dyn Authenticator> {
        &self.authenticator
    }

    /// The budgets of callers, from which a handler may take more than one unit for a costly request.
    pub const fn per_caller(&self) -> &Limiter {
        &self.per_caller
    }

    /// The places of what is worked on; a handler takes one as soon as it needs nothing more from the client.
    pub const fn places(&self) -> &Places {
        &self.places
    }

    /// The places of files that are sent up, which take longer than anything else.
    pub const fn uploads(&self) -> &Places {
        &self.uploads
    }

    /// Counts a request for whose client the server waits, until the result is dropped.
    pub fn wait_for(&self, caller: &Caller) -> Result<PlaceOfKey, Refusal> {
        self.waiting.take(&budget_of(caller.address()))
    }

    async fn admit(&self, request: &HttpRequest, trace: Trace) -> Result<(Caller, Left), Refusal> {
        // The place is given back before the body is read: whoever sends slowly must not keep others out.
        let _place = self.places.take()?;
        let address = address::client(request, &self.proxies);
        self.origins.check(request.headers())?;
        self.per_address.spend(&budget_of(address), NonZeroU32::MIN)?;
        let caller = match bearer(request.headers())? {
            None => Caller::Anonymous { address },
            Some(token) => {
                let credential = Credential { token, address, activity: true };
                let recognised = self.authenticator.authenticate(&credential, trace).await?;
                Caller::Known(Known::new(recognised, credential))
            }
        };
        let left = self.per_caller.spend(&caller.budget(), NonZeroU32::MIN)?;
        Ok((caller, left))
    }
}

/// The trace under which a request runs.
pub fn trace_of(request: &HttpRequest) -> Trace {
    request.extensions().get::<Trace>().copied().unwrap_or_else(Trace::start)
}

/// The middleware, for `wrap(from_fn(edge))`; the app's data must hold an [`Edge`].
pub async fn edge(
    edge: web::Data<Edge>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let begun = Instant::now();
    let trace = incoming_trace(request.headers());
    let (http, payload) = request.into_parts();
    http.extensions_mut().insert(trace);
    let page = edge.origins.allowed(http.headers());
    let (payload, rest) = unread::split(&http, payload);

    let mut answer = if page.is_some() && cors::is_preflight(&http) {
        ServiceResponse::new(http, cors::preflight())
    } else {
        match edge.admit(&http, trace).await {
            Ok((caller, left)) => {
                http.extensions_mut().insert(caller);
                let mut answer = next.call(ServiceRequest::from_parts(http, payload)).await?.map_into_boxed_body();
                edge.per_caller.describe(left, answer.headers_mut());
                answer
            }
            Err(refusal) => {
                tracing::info!(
                    refusal.code = refusal.code.as_str(),
                    trace.id = trace.trace_id(),
                    "a request was refused at the edge"
                );
                let answer: HttpResponse = answer::refuse(&refusal);
                ServiceResponse::new(http, answer)
            }
        }
    };
    finish(answer.headers_mut(), trace);
    if let Some(page) = page {
        cors::allow(page, answer.headers_mut());
    }
    if let Some(rest) = rest {
        answer = answer.map_body(|_head, body| BoxBody::new(Holding::new(body, rest)));
    }
    let pattern = answer.request().match_pattern().unwrap_or_else(|| "unmatched".to_owned());
    let status = answer.status().as_u16().to_string();
    metrics::counter!("http_requests_total", "route" => pattern.clone(), "status" => status).increment(1);
    metrics::histogram!("http_request_duration_seconds", "route" => pattern).record(begun.elapsed().as_secs_f64());
    Ok(answer)
}

fn incoming_trace(headers: &HeaderMap) -> Trace {
    let given =
        headers.get("traceparent").and_then(|value| value.to_str().ok()).and_then(|text| text.parse::<Trace>().ok());
    given.map_or_else(Trace::start, Trace::child)
}

fn finish(headers: &mut HeaderMap, trace: Trace) {
    for (name, value) in [("traceparent", trace.to_string()), ("x-request-id", trace.trace_id())] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    security_headers(headers);
}
