//! From a request's text to its answer.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::parser::types::{BaseType, ExecutableDocument, OperationType};
use async_graphql::{Request, Response, Variables};
use cordon_context::{Bilingual, Clock, Code, IdempotencyKey, MAX_PAGE, Proof, Refusal, Timestamp, Trace};
use cordon_events::Bus;
use cordon_guard::{Admitted, Guard};
use cordon_policies::Gate;
use cordon_web::{Authenticator, Caller, Edge, PlacesPerKey};
use futures::StreamExt as _;
use futures::stream::BoxStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::access::ValidateOnly;
use crate::answer::{finish, response_of};
use crate::budget;
use crate::ledger::Ledgers;
use crate::persisted::{self, Manifest};
use crate::schema::{CordonSchema, build};
use crate::services::Services;
use crate::session::Session;
use crate::settings::{GraphqlSettings, Mode};

/// What an engine is made of.
pub struct EngineParts {
    /// The ways to the services.
    pub services: Services,
    /// Asked at each root field; the services ask again.
    pub gate: Arc<Gate>,
    /// Says who shows a credential, for sockets.
    pub authenticator: Arc<dyn Authenticator>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The audit ledgers, for auditors.
    pub ledgers: Arc<dyn Ledgers>,
    /// Wakes subscriptions where it is in the process; without it they look by themselves.
    pub bus: Option<Arc<dyn Bus>>,
    /// Cancelled when the process ends, so that sockets are closed with a code that says so.
    pub stop: CancellationToken,
    /// The documents of the release.
    pub manifest: Manifest,
    /// The settings.
    pub settings: GraphqlSettings,
}

/// Executes documents.
pub struct Engine {
    schema: CordonSchema,
    guard: Guard,
    sockets: PlacesPerKey,
    parts: EngineParts,
}

/// What a client sent.
#[derive(Default)]
pub(crate) struct Wanted {
    pub(crate) query: Option<String>,
    /// The hash of a registered document.
    pub(crate) document: Option<String>,
    pub(crate) operation_name: Option<String>,
    pub(crate) variables: Variables,
}

/// Who sent it.
pub(crate) struct Origin {
    pub(crate) caller: Caller,
    pub(crate) trace: Trace,
    pub(crate) key: Option<IdempotencyKey>,
    pub(crate) proof: Proof,
}

/// A request that may be executed, with its place among those being worked on.
pub(crate) struct Prepared {
    request: Request,
    pub(crate) operation: OperationType,
    name: Option<String>,
    place: OwnedSemaphorePermit,
    pub(crate) session: Arc<Session>,
}

impl Engine {
    /// Builds the schema and takes the parts.
    pub fn new(parts: EngineParts) -> Self {
        let schema = build(&parts.settings);
        let sockets = PlacesPerKey::new(parts.settings.socket.max_per_caller);
        Self { schema, guard: Guard::new(parts.settings.document), sockets, parts }
    }

    /// The settings.
    pub const fn settings(&self) -> &GraphqlSettings {
        &self.parts.settings
    }

    /// The sockets of each caller.
    pub(crate) const fn sockets(&self) -> &PlacesPerKey {
        &self.sockets
    }

    pub(crate) const fn services(&self) -> &Services {
        &self.parts.services
    }

    pub(crate) const fn gate(&self) -> &Arc<Gate> {
        &self.parts.gate
    }

    pub(crate) fn authenticator(&self) -> &Arc<dyn Authenticator> {
        &self.parts.authenticator
    }

    pub(crate) fn ledgers(&self) -> &Arc<dyn Ledgers> {
        &self.parts.ledgers
    }

    pub(crate) fn bus(&self) -> Option<&Arc<dyn Bus>> {
        self.parts.bus.as_ref()
    }

    pub(crate) const fn stop(&self) -> &CancellationToken {
        &self.parts.stop
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    /// Takes a place, finds the document, lets the guard look at it and chooses the operation; nothing is executed yet.
    ///
    /// Every operation passes here, from HTTP and from sockets, so that none of them is free. What the document itself costs
    /// is known and taken when it has been validated, before anything is resolved.
    pub(crate) async fn prepare(
        self: &Arc<Self>,
        edge: Arc<Edge>,
        wanted: Wanted,
        origin: Origin,
    ) -> Result<Prepared, Refusal> {
        let place = edge.places().take()?;
        let session = Arc::new(Session::new(Arc::clone(self), edge, origin));
        let Wanted { query, document, operation_name, variables } = wanted;
        let text = self.text(&session, query, document).await?;
        let Admitted { document, operation, name, root_fields } = self.guard.admit(&text, operation_name.as_deref())?;
        let production = self.settings().mode == Mode::Production;
        if production && root_fields.iter().any(|field| matches!(field.as_str(), "__schema" | "__type")) {
            let words = Bilingual::new("生产环境不提供内省", "introspection is off");
            return Err(Refusal { text: words, ..Refusal::new(Code::GraphqlValidationFailed) });
        }
        session.spend(budget::of_secrets(&root_fields))?;
        let mut request = Request::new(text).variables(variables).data(Arc::clone(&session));
        if production {
            request = request.disable_introspection();
        }
        request.operation_name = operation_name;
        request.set_parsed_query(document);
        Ok(Prepared { request, operation, name, place, session })
    }

    async fn text(&self, session: &Session, query: Option<String>, hash: Option<String>) -> Result<String, Refusal> {
        let malformed = || Refusal::new(Code::BadRequest);
        match (query, hash) {
            (None, None) => Err(malformed()),
            (Some(_), None) if self.settings().mode == Mode::Production => Err(Refusal::new(Code::DocumentRequired)),
            (Some(text), None) => Ok(text),
            (query, Some(hash)) => {
                let hash = persisted::read_hash(&hash).ok_or_else(malformed)?;
                // A text that came along must be the one that is meant; it is never learned from the client.
                if query.is_some_and(|text| persisted::hash_of(&text) != hash) {
                    return Err(malformed());
                }
                let caller = session.caller();
                let gateway = session.gateway_call("find_document");
                persisted::find(&self.parts.manifest, &self.services().directory, caller.actor(), gateway, hash).await
            }
        }
    }

    /// Executes in a task of its own: a caller who goes away, or a time that runs out, cuts no change in half. The place is
    /// held until the work has really ended.
    pub(crate) async fn execute(self: &Arc<Self>, prepared: Prepared) -> Response {
        let Prepared { request, operation, name, place, session } = prepared;
        let trace = session.trace;
        let engine = Arc::clone(self);
        let limit = Duration::from_secs(u64::from(self.settings().timeout_seconds));
        let work = tokio::spawn(async move {
            let _place = place;
            let executing = engine.schema.execute(request);
            // A query changes nothing, so that it is given up for which nobody waits any more.
            if operation == OperationType::Query { timeout(limit, executing).await.ok() } else { Some(executing.await) }
        });
        let response = match timeout(limit, work).await {
            Ok(Ok(Some(response))) => finish(response, trace),
            Ok(Err(error)) => {
                tracing::error!(
                    trace.id = trace.trace_id(),
                    error = &error as &dyn std::error::Error,
                    "an operation broke off"
                );
                response_of(&Refusal::internal(trace.trace_id()))
            }
            Ok(Ok(None)) | Err(_) => response_of(&Refusal::new(Code::DeadlineExceeded)),
        };
        tracing::info!(
            trace.id = trace.trace_id(),
            graphql.operation = name,
            graphql.cost = session.cost(),
            graphql.errors = response.errors.len(),
            "an operation was answered"
        );
        response
    }

    /// The events of a subscription. They take no place, since they come whenever they happen; each is paid for.
    pub(crate) fn stream(self: &Arc<Self>, prepared: Prepared) -> BoxStream<'static, Response> {
        let trace = prepared.session.trace;
        self.schema.execute_stream(prepared.request).map(move |response| finish(response, trace)).boxed()
    }

    /// Says whether a document could be executed, without executing it.
    pub(crate) async fn validate(&self, session: &Session, text: &str) -> Result<(), Refusal> {
        let Admitted { document, .. } = self.guard.admit_for_registration(text)?;
        let variables = dearest(&document);
        let mut request = Request::new(text).variables(variables).data(ValidateOnly).disable_introspection();
        request.set_parsed_query(document);
        let response = self.schema.execute(request).await;
        match finish(response, session.trace).errors.into_iter().next() {
            None => Ok(()),
            Some(error) => {
                Err(Refusal::invalid("text", "document.schema", Bilingual::new(error.message.clone(), error.message)))
            }
        }
    }
}

/// Values under which a document costs most: its page sizes are unknown until it is executed.
fn dearest(document: &ExecutableDocument) -> Variables {
    let mut variables = Variables::default();
    for (_name, operation) in document.operations.iter() {
        for definition in &operation.node.variable_definitions {
            if matches!(&definition.node.var_type.node.base, BaseType::Named(name) if name == "Int") {
                variables.insert(definition.node.name.node.clone(), MAX_PAGE.into());
            }
        }
    }
    variables
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("settings", &self.parts.settings).finish_non_exhaustive()
    }
}
