//! A gateway over real sockets with services that are made of canned answers.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::{App, HttpServer, middleware, web};
use cordon_context::{
    Actor, ActorKind, CallContext, Clock, Code, Cursor, OrderId, OrganisationId, OrganisationKind, OrganisationLevel,
    Page, PageRequest, PersonId, Refusal, Role, SessionId, SystemClock, TaskId, Timestamp,
};
use cordon_directory_contract::{Authenticate, DocumentKey};
use cordon_graphql::{
    DirectoryAuthenticator, Engine, EngineParts, GraphqlSettings, Manifest, Mode, Services, configure,
};
use cordon_policies::{Authorizer, Gate, LoggedDenials};
use cordon_rpc::{Link, RpcFailure};
use cordon_web::rate::RateSettings;
use cordon_web::{Authenticator, Edge, EdgeSettings, edge};
use jsonrpsee::RpcModule;
use jsonrpsee::types::ErrorObjectOwned;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

/// What the services saw and what they are told to say.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) calls: AtomicUsize,
    pub(crate) organisation_calls: AtomicUsize,
    pub(crate) order_calls: AtomicUsize,
    pub(crate) begun: AtomicUsize,
    pub(crate) approvals: AtomicUsize,
    pub(crate) revoked: AtomicBool,
    pub(crate) events: AtomicI64,
    pub(crate) positions: AtomicUsize,
}

pub(crate) struct World {
    pub(crate) address: SocketAddr,
    pub(crate) seen: Arc<Seen>,
}

/// The text of the one document in the manifest.
pub(crate) const PERSISTED: &str = "query Name { __typename }";

pub(crate) fn id<K: cordon_context::IdKind>(number: u128) -> cordon_context::Id<K> {
    cordon_context::Id::from_uuid(uuid::Uuid::from_u128(number))
}

fn actor(role: Role) -> Actor {
    let person: PersonId = id(7);
    let session: SessionId = id(8);
    Actor {
        kind: ActorKind::Person { person, session },
        organisation: id(1),
        organisation_kind: OrganisationKind::Police,
        level: OrganisationLevel::City,
        region: "440300".parse().unwrap(),
        branches: Vec::new(),
        roles: vec![role],
    }
}

fn refuse(refusal: Refusal) -> ErrorObjectOwned {
    RpcFailure::from(refusal).into()
}

fn directory(seen: &Arc<Seen>) -> Link {
    let mut module = RpcModule::new(Arc::clone(seen));
    module
        .register_async_method("directory.authenticate", |params, seen, _| async move {
            let (_ctx, input): (CallContext, Authenticate) = params.parse()?;
            if seen.revoked.load(Ordering::SeqCst) {
                return Err(refuse(Refusal::new(Code::Unauthenticated)));
            }
            match input.token.expose() {
                "handler" => Ok(actor(Role::PoliceHandler)),
                "approver" => Ok(actor(Role::PoliceApprover)),
                "auditor" => Ok(actor(Role::Auditor)),
                _ => Err(refuse(Refusal::new(Code::Unauthenticated))),
            }
        })
        .unwrap();
    module
        .register_async_method("directory.organisations_by_ids", |params, seen, _| async move {
            seen.organisation_calls.fetch_add(1, Ordering::SeqCst);
            let (_ctx, ids): (CallContext, Vec<OrganisationId>) = params.parse()?;
            let rows = ids.into_iter().map(|id| {
                json!({ "id": id, "code": "x", "name": "示例", "name_en": "Example", "kind": "police", "level": "city",
                    "region": "440300", "parent": null, "responsibilities": [], "contact": {}, "active": true,
                    "created_at": 0, "version": 1 })
            });
            Ok::<_, ErrorObjectOwned>(rows.collect::<Vec<_>>())
        })
        .unwrap();
    module
        .register_async_method("directory.document", |params, _, _| async move {
            let (_ctx, _key): (CallContext, DocumentKey) = params.parse()?;
            Ok::<Option<String>, ErrorObjectOwned>(None)
        })
        .unwrap();
    Link::local(module)
}

pub(crate) fn order(number: u128) -> Value {
    json!({
        "id": id::<cordon_context::OrderKind>(number), "number": format!("CZ-{number}"), "state": "draft", "stage": "draft",
        "requester": id::<cordon_context::OrganisationIdKind>(100 + number), "requester_level": "city", "region": "440300",
        "case": null, "legal_basis": null, "urgency": "routine", "origin": { "kind": "person" }, "reason": "x",
        "duration_days": null, "drafter": id::<cordon_context::PersonKind>(7), "created_at": 0, "submitted_at": null,
        "review_due": null, "issued_at": null, "returned_reason": null, "emergency": null, "approval_level": "city",
        "needs_protected_approval": false, "secrecy_reason": null, "approvals": [], "content_hash": "00", "item_count": 0,
        "tasks": { "total": 0, "desk": 0, "open": 0, "executed": 0, "in_force": 0, "refused": 0, "releasing": 0, "released": 0,
            "withdrawn": 0, "overdue": 0 },
        "version": 1
    })
}

fn disposal(seen: &Arc<Seen>) -> Link {
    let mut module = RpcModule::new(Arc::clone(seen));
    module
        .register_async_method("disposal.list_orders", |params, seen, _| async move {
            seen.calls.fetch_add(1, Ordering::SeqCst);
            let (_ctx, _filter, page): (CallContext, Value, PageRequest) = params.parse()?;
            let edges = (0..u128::from(page.limit()))
                .map(|number| (Cursor { key: 0, id: uuid::Uuid::from_u128(number) }, order(number)));
            Ok::<_, ErrorObjectOwned>(Page { edges: edges.collect(), has_next: false, total: None })
        })
        .unwrap();
    module
        .register_async_method("disposal.orders_by_ids", |params, seen, _| async move {
            seen.order_calls.fetch_add(1, Ordering::SeqCst);
            let (_ctx, _ids): (CallContext, Vec<OrderId>) = params.parse()?;
            // Nothing is within reach: what is foreign and what does not exist look the same to the gateway.
            Ok::<_, ErrorObjectOwned>(Vec::<Value>::new())
        })
        .unwrap();
    module
        .register_async_method("disposal.approve_order", |_params, seen, _| async move {
            seen.begun.fetch_add(1, Ordering::SeqCst);
            // Long enough for a caller to go away in the middle.
            tokio::time::sleep(Duration::from_millis(300)).await;
            seen.approvals.fetch_add(1, Ordering::SeqCst);
            Ok::<_, ErrorObjectOwned>(order(5))
        })
        .unwrap();
    module
        .register_async_method("disposal.last_position", |_params, seen, _| async move {
            seen.positions.fetch_add(1, Ordering::SeqCst);
            Ok::<_, ErrorObjectOwned>(seen.events.load(Ordering::SeqCst))
        })
        .unwrap();
    module
        .register_async_method("disposal.changes", |params, seen, _| async move {
            let (_ctx, after, limit): (CallContext, i64, u32) = params.parse()?;
            let last = seen.events.load(Ordering::SeqCst);
            let end = last.min(after + i64::from(limit));
            let changes: Vec<Value> = ((after + 1)..=end).map(change).collect();
            Ok::<_, ErrorObjectOwned>(json!({ "changes": changes, "next": end, "more": end < last }))
        })
        .unwrap();
    Link::local(module)
}

fn change(position: i64) -> Value {
    let task: TaskId = id(900);
    json!({
        "position": position, "at": 0, "topic": "disposal.task_assigned", "subject": task, "audience": [],
        "payload": {
            "task": task, "generation": 1, "action": "impose", "item": id::<cordon_context::ItemKind>(1),
            "order": id::<cordon_context::OrderKind>(1), "order_number": "CZ-1",
            "requester": id::<cordon_context::OrganisationIdKind>(1), "region": "440300", "case": null, "executor": null,
            "measure": "suspend_both", "urgency": "flash", "from": null, "to": "issued", "due": null, "escalation": "none"
        }
    })
}

/// Starts a gateway with budgets that no test uses up; `change` sets what differs from the settings of development.
pub(crate) async fn start(change: impl FnOnce(&mut GraphqlSettings)) -> World {
    let many = NonZeroU32::new(100_000).unwrap();
    let rate = RateSettings { burst: many, per_second: many, ..RateSettings::default() };
    start_behind(EdgeSettings { per_address: rate, per_caller: rate, ..EdgeSettings::default() }, change).await
}

/// Starts a gateway behind an edge with these settings.
pub(crate) async fn start_behind(edge_settings: EdgeSettings, change: impl FnOnce(&mut GraphqlSettings)) -> World {
    let seen = Arc::new(Seen::default());
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let services = Services {
        directory: directory(&seen),
        case_intake: Link::local(RpcModule::new(())),
        disposal: disposal(&seen),
    };
    let authenticator: Arc<dyn Authenticator> =
        Arc::new(DirectoryAuthenticator::new(services.directory.clone(), Arc::clone(&clock)));
    let gate = Arc::new(Gate::new(Arc::new(Authorizer::embedded().unwrap()), Arc::new(LoggedDenials)));
    let mut settings = GraphqlSettings { mode: Mode::Development, ..GraphqlSettings::default() };
    settings.socket.recheck_ms = 50;
    settings.socket.poll_ms = 20;
    change(&mut settings);
    let hash = cordon_graphql::document_id(PERSISTED);
    let manifest = Manifest::parse(json!({ hash: PERSISTED }).to_string().as_bytes()).unwrap();
    let engine = Arc::new(Engine::new(EngineParts {
        services,
        gate,
        authenticator: Arc::clone(&authenticator),
        clock,
        bus: None,
        stop: CancellationToken::new(),
        manifest,
        settings,
    }));
    let edge_settings = EdgeSettings { allowed_origins: vec!["https://console.example".to_owned()], ..edge_settings };
    let state = web::Data::new(Edge::new(&edge_settings, authenticator).unwrap());
    let server = HttpServer::new(move || {
        App::new()
            .app_data(state.clone())
            .service(web::scope("").wrap(middleware::from_fn(edge)).configure(configure(Arc::clone(&engine))))
    })
    .workers(1)
    .disable_signals()
    .bind(("127.0.0.1", 0))
    .unwrap();
    let address = server.addrs()[0];
    tokio::spawn(server.run());
    World { address, seen }
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {}\n{}", self.head, self.body))
    }

    pub(crate) fn code(&self) -> String {
        let json = self.json();
        let code = json.pointer("/errors/0/extensions/code").or_else(|| json.pointer("/error/code"));
        code.and_then(Value::as_str).unwrap_or_default().to_owned()
    }
}

impl World {
    /// Sends bytes as they are and reads the answer until the server closes.
    pub(crate) async fn raw(&self, bytes: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        // The server may answer and close before everything is sent.
        let _early = stream.write_all(bytes).await;
        read_answer(&mut stream).await
    }

    /// Posts a body with these headers.
    pub(crate) async fn post_with(&self, headers: &str, body: &[u8]) -> Answer {
        let head = format!(
            "POST /graphql HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n",
            self.address,
            body.len()
        );
        self.raw(&[head.as_bytes(), body].concat()).await
    }

    /// Posts JSON as somebody.
    pub(crate) async fn post(&self, token: &str, body: &Value) -> Answer {
        let authorization = if token.is_empty() { String::new() } else { format!("authorization: Bearer {token}\r\n") };
        let headers =
            format!("content-type: application/json\r\naccept: application/graphql-response+json\r\n{authorization}");
        self.post_with(&headers, body.to_string().as_bytes()).await
    }
}

pub(crate) async fn read_answer(stream: &mut TcpStream) -> Answer {
    let mut bytes = Vec::new();
    // An answer that comes before the end of the body leaves the connection open until the client goes, so its own length
    // says where it ends. A reset after the answer is an answer all the same.
    while !is_whole(&bytes) && stream.read_buf(&mut bytes).await.is_ok_and(|read| read > 0) {}
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text.as_str(), ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    Answer { status, head: head.to_ascii_lowercase(), body: body.to_owned() }
}

fn is_whole(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.to_ascii_lowercase();
    let length =
        length.lines().find_map(|line| line.strip_prefix("content-length:").map(|text| text.trim().to_owned()));
    length.and_then(|length| length.parse::<usize>().ok()).is_some_and(|length| body.len() >= length)
}

/// Waits until something holds, for at most five seconds.
pub(crate) async fn until(what: &str, holds: impl Fn() -> bool) {
    let deadline: Timestamp = SystemClock.now().plus(Duration::from_secs(5));
    while !holds() {
        assert!(SystemClock.now() < deadline, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
