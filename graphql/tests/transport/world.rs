//! A gateway over real sockets with services that are made of canned answers.

use std::future::Future;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::{App, HttpServer, middleware, web};
use cordon_context::{
    Action, Actor, ActorKind, CallContext, Clock, Code, Cursor, DenialLog, OrderId, OrganisationId, OrganisationKind,
    OrganisationLevel, Page, PageRequest, PersonId, Proof, Refusal, Resource, Role, SessionId, SystemClock, TaskId,
    Timestamp,
};
use cordon_directory_contract::{Authenticate, AuthenticateClient, AuthenticatedClient, DocumentKey};
use cordon_graphql::{
    BrokenEntry, DirectoryAuthenticator, Engine, EngineParts, GraphqlSettings, LedgerReading, LedgerStanding, Ledgers,
    Manifest, Mode, Services, StandingHead, configure,
};
use cordon_policies::{Authorizer, Gate};
use cordon_rpc::{Link, RpcFailure};
use cordon_web::rate::RateSettings;
use cordon_web::{Authenticator, Edge, EdgeSettings, edge};
use jsonrpsee::RpcModule;
use jsonrpsee::types::{ErrorObjectOwned, Params};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use crate::script::{Part, Script};

/// What the services saw and what they are told to say.
#[derive(Default)]
pub(crate) struct Seen {
    /// Calls of any method but those by which the gateway finds out who asks for what.
    pub(crate) executed: AtomicUsize,
    pub(crate) lists: AtomicUsize,
    pub(crate) organisation_calls: AtomicUsize,
    pub(crate) denials: AtomicUsize,
    pub(crate) begun: AtomicUsize,
    pub(crate) approvals: AtomicUsize,
    pub(crate) revoked: AtomicBool,
    pub(crate) events: AtomicI64,
    /// The last event that is not kept any more.
    pub(crate) forgotten: AtomicI64,
    pub(crate) positions: AtomicUsize,
    pub(crate) batches: AtomicUsize,
    /// Whether lists of orders are never answered, and how many of them were given up.
    pub(crate) stuck: AtomicBool,
    pub(crate) given_up: AtomicUsize,
    /// How long an approval takes.
    pub(crate) approval_ms: AtomicU64,
    /// Where the system counts the time of the one thread that serves.
    pub(crate) worker: Mutex<PathBuf>,
    /// The duties of the handler, if they are not what they were.
    pub(crate) duties: Mutex<Option<Vec<Role>>>,
    /// The keys with which the program signs, and what the disposal was told of the signatures.
    pub(crate) message_keys: Mutex<Vec<String>>,
    pub(crate) proofs: Mutex<Vec<Proof>>,
    pub(crate) asked_under: Mutex<Vec<Option<String>>>,
    /// What happened at the services; the disposal tells of counted tasks while nothing is written here.
    pub(crate) disposal: Script,
    pub(crate) case_intake: Script,
}

pub(crate) struct World {
    pub(crate) address: SocketAddr,
    pub(crate) seen: Arc<Seen>,
}

/// The text of a document in the manifest.
pub(crate) const PERSISTED: &str = "query Name { __typename }";

/// Documents that are in the manifest and ask for the schema, openly and not.
pub(crate) const PERSISTED_INTROSPECTION: [&str; 4] = [
    "query Open { __schema { types { name } } }",
    "query Alias { __typename name: __type(name: \"Query\") { name } }",
    "query Hidden { ...Deep } fragment Deep on Query { __schema { queryType { name } } }",
    "query Inline { ... on Query { __schema { queryType { name } } } }",
];

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

/// A service of canned answers.
struct Canned {
    module: RpcModule<()>,
    seen: Arc<Seen>,
}

impl Canned {
    fn new(seen: &Arc<Seen>) -> Self {
        Self { module: RpcModule::new(()), seen: Arc::clone(seen) }
    }

    /// Answers a call that an operation makes.
    fn answer<R, F>(
        &mut self,
        name: &'static str,
        answer: impl Fn(Params<'static>, Arc<Seen>) -> F + Copy + Send + Sync + 'static,
    ) where
        R: Serialize + Clone + Send + 'static,
        F: Future<Output = Result<R, ErrorObjectOwned>> + Send,
    {
        self.answer_gateway(name, move |params, seen| {
            seen.executed.fetch_add(1, Ordering::SeqCst);
            answer(params, seen)
        });
    }

    /// Answers a call that the gateway makes before it executes anything.
    fn answer_gateway<R, F>(
        &mut self,
        name: &'static str,
        answer: impl Fn(Params<'static>, Arc<Seen>) -> F + Copy + Send + Sync + 'static,
    ) where
        R: Serialize + Clone + Send + 'static,
        F: Future<Output = Result<R, ErrorObjectOwned>> + Send,
    {
        let seen = Arc::clone(&self.seen);
        let registered = self.module.register_async_method(name, move |params, _, _| answer(params, Arc::clone(&seen)));
        registered.unwrap();
    }

    /// Counts calls of every other method of a contract, which is read from its source so that none is forgotten.
    fn finish(mut self, contracts: &[&'static str]) -> Link {
        let quoted = |line: &'static str, before: &str| line.split_once(before)?.1.split('"').next();
        for contract in contracts {
            let namespace = contract.lines().find_map(|line| quoted(line, "namespace = \"")).unwrap();
            for method in contract.lines().filter_map(|line| quoted(line, "#[method(name = \"")) {
                let name: &'static str = format!("{namespace}.{method}").leak();
                if self.module.method(name).is_none() {
                    self.answer(name, |_params, _seen| async { Err::<(), _>(refuse(Refusal::unavailable())) });
                }
            }
        }
        Link::local(self.module)
    }
}

fn directory(seen: &Arc<Seen>) -> Link {
    let mut canned = Canned::new(seen);
    canned.answer_gateway("directory.authenticate", |params, seen| async move {
        let (_ctx, input): (CallContext, Authenticate) = params.parse()?;
        if seen.revoked.load(Ordering::SeqCst) {
            return Err(refuse(Refusal::new(Code::Unauthenticated)));
        }
        match input.token.expose() {
            "handler" => {
                let duties = seen.duties.lock().unwrap().clone().unwrap_or_else(|| vec![Role::PoliceHandler]);
                Ok(Actor { roles: duties, ..actor(Role::PoliceHandler) })
            }
            "approver" => Ok(actor(Role::PoliceApprover)),
            "analyst" => Ok(actor(Role::Analyst)),
            "auditor" => Ok(Actor { organisation_kind: OrganisationKind::PlatformOperator, ..actor(Role::Auditor) }),
            "manager" => {
                Ok(Actor { organisation_kind: OrganisationKind::CarrierBranch, ..actor(Role::EnterpriseManager) })
            }
            _ => Err(refuse(Refusal::new(Code::Unauthenticated))),
        }
    });
    canned.answer_gateway("directory.authenticate_client", |params, seen| async move {
        let (_ctx, input): (CallContext, AuthenticateClient) = params.parse()?;
        let actor = Actor {
            kind: ActorKind::Client { client: input.client },
            organisation_kind: OrganisationKind::CarrierBranch,
            ..actor(Role::EnterpriseSystem)
        };
        Ok::<_, ErrorObjectOwned>(AuthenticatedClient {
            actor,
            message_keys: seen.message_keys.lock().unwrap().clone(),
        })
    });
    canned.answer_gateway("directory.document", |params, _| async move {
        let (_ctx, _key): (CallContext, DocumentKey) = params.parse()?;
        Ok::<Option<String>, ErrorObjectOwned>(None)
    });
    canned.answer("directory.organisations_by_ids", |params, seen| async move {
        seen.organisation_calls.fetch_add(1, Ordering::SeqCst);
        let (_ctx, ids): (CallContext, Vec<OrganisationId>) = params.parse()?;
        let rows = ids.into_iter().map(|id| {
            json!({ "id": id, "code": "x", "name": "示例", "name_en": "Example", "kind": "police", "level": "city",
                "region": "440300", "parent": null, "responsibilities": [], "contact": {}, "active": true,
                "created_at": 0, "version": 1 })
        });
        Ok::<_, ErrorObjectOwned>(rows.collect::<Vec<_>>())
    });
    canned.finish(&[include_str!("../../../services/directory/contract/src/rpc.rs")])
}

fn case(number: u128) -> Value {
    json!({
        "id": id::<cordon_context::CaseKind>(number), "number": format!("AJ-{number}"), "title": "示例", "status": "filed",
        "fraud_type": "fake_loan", "region": "440300", "organisation": id::<cordon_context::OrganisationIdKind>(1),
        "participants": [], "filing_number": null, "report_count": 0, "loss_cents": 0, "merged_into": [],
        "opened_at": 0, "ended_at": null, "version": 1
    })
}

pub(crate) fn order(number: u128) -> Value {
    json!({
        "id": id::<cordon_context::OrderKind>(number), "number": format!("CZ-{number}"), "state": "draft", "stage": "draft",
        "requester": id::<cordon_context::OrganisationIdKind>(100 + number), "requester_level": "city", "region": "440300",
        "case": null, "legal_basis": null, "urgency": "routine", "origin": { "kind": "person" }, "reason": "x",
        "duration_days": null, "drafter": id::<cordon_context::PersonKind>(7), "created_at": 0, "submitted_at": null,
        "review_due": null, "issued_at": null, "returned_reason": null, "emergency": null, "approval_level": "city",
        "needs_protected_approval": false, "secrecy_reason": null, "own_measure": false, "approvals": [], "content_hash": "00", "item_count": 0,
        "tasks": { "total": 0, "desk": 0, "open": 0, "executed": 0, "in_force": 0, "refused": 0, "releasing": 0, "released": 0,
            "withdrawn": 0, "overdue": 0, "owed": 0 },
        "version": 1
    })
}

/// Counts an answer that nobody waits for any more.
struct GivenUp(Arc<Seen>);

impl Drop for GivenUp {
    fn drop(&mut self) {
        self.0.given_up.fetch_add(1, Ordering::SeqCst);
    }
}

fn disposal(seen: &Arc<Seen>) -> Link {
    let mut canned = Canned::new(seen);
    canned.answer("disposal.list_orders", |params, seen| async move {
        seen.lists.fetch_add(1, Ordering::SeqCst);
        if seen.stuck.load(Ordering::SeqCst) {
            let _given_up = GivenUp(seen);
            std::future::pending::<()>().await;
        }
        let (_ctx, _filter, page): (CallContext, Value, PageRequest) = params.parse()?;
        let edges = (0..u128::from(page.limit()))
            .map(|number| (Cursor { key: 0, id: uuid::Uuid::from_u128(number) }, order(number)));
        Ok::<_, ErrorObjectOwned>(Page { edges: edges.collect(), has_next: false, total: None })
    });
    canned.answer("disposal.orders_by_ids", |params, _| async move {
        let (ctx, ids): (CallContext, Vec<OrderId>) = params.parse()?;
        // The first order is of the first organisation, the second of another one, and there are no more.
        let own = id(1);
        let everything = matches!(ctx.actor.kind, ActorKind::System { .. });
        let within = |number: u128| everything || (number == 1) == (ctx.actor.organisation == own);
        let numbers = [1, 2].into_iter().filter(|number| ids.contains(&id(*number)) && within(*number));
        Ok::<_, ErrorObjectOwned>(numbers.map(order).collect::<Vec<_>>())
    });
    canned.answer("disposal.approve_order", |_params, seen| async move {
        seen.begun.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(seen.approval_ms.load(Ordering::SeqCst))).await;
        seen.approvals.fetch_add(1, Ordering::SeqCst);
        Ok::<_, ErrorObjectOwned>(order(5))
    });
    canned.answer("disposal.acknowledge_task", |params, seen| async move {
        let (ctx, _input): (CallContext, Value) = params.parse()?;
        seen.proofs.lock().unwrap().push(ctx.proof);
        seen.asked_under.lock().unwrap().push(ctx.idempotency_key.map(|key| key.as_str().to_owned()));
        Err::<(), _>(refuse(ctx.proof.refusal().unwrap_or_else(Refusal::unavailable)))
    });
    canned.answer("disposal.last_position", |_params, seen| async move {
        seen.positions.fetch_add(1, Ordering::SeqCst);
        let scripted = !seen.disposal.is_empty();
        Ok::<_, ErrorObjectOwned>(if scripted { seen.disposal.last() } else { seen.events.load(Ordering::SeqCst) })
    });
    canned.answer("disposal.changes", |params, seen| async move {
        seen.batches.fetch_add(1, Ordering::SeqCst);
        let (ctx, after, limit): (CallContext, i64, u32) = params.parse()?;
        let forgotten = seen.forgotten.load(Ordering::SeqCst);
        if after < forgotten {
            return Err(refuse(Refusal::feed_expired(forgotten + 1)));
        }
        if !seen.disposal.is_empty() {
            let Part { changes, next, more } = seen.disposal.after(after, limit, &ctx.actor);
            return Ok::<_, ErrorObjectOwned>(json!({ "changes": changes, "next": next, "more": more }));
        }
        let last = seen.events.load(Ordering::SeqCst);
        let end = last.min(after + i64::from(limit));
        let changes: Vec<Value> = ((after + 1)..=end).map(change).collect();
        Ok(json!({ "changes": changes, "next": end, "more": end < last }))
    });
    canned.finish(&[
        include_str!("../../../services/disposal/contract/src/rpc.rs"),
        include_str!("../../../services/disposal/contract/src/routing.rs"),
        include_str!("../../../services/disposal/contract/src/delivery.rs"),
    ])
}

fn case_intake(seen: &Arc<Seen>) -> Link {
    let mut canned = Canned::new(seen);
    canned.answer("case_intake.last_position", |_params, seen| async move {
        Ok::<_, ErrorObjectOwned>(seen.case_intake.last())
    });
    canned.answer("case_intake.changes", |params, seen| async move {
        let (ctx, after, limit): (CallContext, i64, u32) = params.parse()?;
        let forgotten = seen.forgotten.load(Ordering::SeqCst);
        if after < forgotten {
            return Err(refuse(Refusal::feed_expired(forgotten + 1)));
        }
        let Part { changes, next, more } = seen.case_intake.after(after, limit, &ctx.actor);
        Ok::<_, ErrorObjectOwned>(json!({ "changes": changes, "next": next, "more": more }))
    });
    canned.answer("case_intake.search_cases", |params, _seen| async move {
        let (_ctx, _filter, page): (CallContext, Value, PageRequest) = params.parse()?;
        let edges = (0..u128::from(page.limit()))
            .map(|number| (Cursor { key: 0, id: uuid::Uuid::from_u128(number) }, case(number)));
        Ok::<_, ErrorObjectOwned>(Page { edges: edges.collect(), has_next: false, total: None })
    });
    for list in ["case_intake.reports_of_cases", "case_intake.clue_queries_of_cases"] {
        canned.answer(list, |params, seen| async move {
            seen.lists.fetch_add(1, Ordering::SeqCst);
            let (_ctx, cases, _page): (CallContext, Vec<Value>, PageRequest) = params.parse()?;
            let page = json!({ "edges": [], "has_next": false, "total": null });
            let pages = cases.into_iter().map(|case| json!({ "case": case, "page": page }));
            Ok::<_, ErrorObjectOwned>(pages.collect::<Vec<_>>())
        });
    }
    canned.answer("case_intake.histories", |params, seen| async move {
        seen.lists.fetch_add(1, Ordering::SeqCst);
        let (_ctx, of): (CallContext, Vec<Value>) = params.parse()?;
        let entry = |of: &Value| {
            json!({ "sequence": 1, "at": 0, "step": of["id"], "from": null, "to": "open", "party": "system:test",
                "organisation": id::<cordon_context::OrganisationIdKind>(1), "note": null })
        };
        let told = of.into_iter().map(|of| json!({ "entries": [entry(&of)], "of": of }));
        Ok::<_, ErrorObjectOwned>(told.collect::<Vec<_>>())
    });
    canned.finish(&[include_str!("../../../services/case-intake/contract/src/calls.rs")])
}

/// A ledger that stands as it is told here.
struct OneLedger;

#[async_trait::async_trait]
impl Ledgers for OneLedger {
    async fn standing(&self, _ctx: &CallContext) -> Result<Vec<LedgerStanding>, Refusal> {
        let head = StandingHead {
            size: 4_000_000_000,
            root: "ab".repeat(32),
            at: Timestamp::from_millis(0),
            key: "0123456789abcdef".to_owned(),
        };
        Ok(vec![LedgerStanding {
            service: "disposal".to_owned(),
            entries: 4_000_000_007,
            head: Some(head),
            followed: 4_000_000_000,
            followed_at: Some(Timestamp::from_millis(0)),
            reread: Some(LedgerReading { entries: 4_000_000_003, at: Timestamp::from_millis(0) }),
            fault: Some(BrokenEntry { entry: 3_000_000_001, at: Timestamp::from_millis(0) }),
            verified: false,
        }])
    }
}

struct CountedDenials(Arc<Seen>);

impl DenialLog for CountedDenials {
    fn denied(&self, _ctx: &CallContext, _action: Action, _resource: Resource) {
        self.0.denials.fetch_add(1, Ordering::SeqCst);
    }
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
    // An approval takes long enough for a caller to go away in the middle.
    let seen = Arc::new(Seen { approval_ms: AtomicU64::new(300), ..Seen::default() });
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let services = Services { directory: directory(&seen), case_intake: case_intake(&seen), disposal: disposal(&seen) };
    let authenticator: Arc<dyn Authenticator> =
        Arc::new(DirectoryAuthenticator::new(services.directory.clone(), Arc::clone(&clock)));
    let gate =
        Arc::new(Gate::new(Arc::new(Authorizer::embedded().unwrap()), Arc::new(CountedDenials(Arc::clone(&seen)))));
    let mut settings = GraphqlSettings { mode: Mode::Development, ..GraphqlSettings::default() };
    settings.socket.recheck_ms = 50;
    settings.socket.poll_ms = 20;
    change(&mut settings);
    let manifest = Manifest::default().with(&[PERSISTED]).with(&PERSISTED_INTROSPECTION);
    let engine = Arc::new(Engine::new(EngineParts {
        services,
        gate,
        authenticator: Arc::clone(&authenticator),
        clock,
        ledgers: Arc::new(OneLedger),
        bus: None,
        stop: CancellationToken::new(),
        manifest,
        settings,
    }));
    let edge_settings = EdgeSettings { allowed_origins: vec!["https://console.example".to_owned()], ..edge_settings };
    let state = web::Data::new(Edge::new(&edge_settings, authenticator).unwrap());
    let place = Arc::clone(&seen);
    let server = HttpServer::new(move || {
        // This runs in the thread that will serve, of which there is one.
        let thread = std::fs::read_link("/proc/thread-self").unwrap();
        *place.worker.lock().unwrap() = Path::new("/proc").join(thread).join("schedstat");
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
    /// How long the serving thread has been on a processor; time during which others ran does not count.
    pub(crate) fn served_for(&self) -> Duration {
        let text = std::fs::read_to_string(self.seen.worker.lock().unwrap().as_path()).unwrap();
        Duration::from_nanos(text.split(' ').next().unwrap().parse().unwrap())
    }

    /// Asks for a page and its like.
    pub(crate) async fn get(&self, path: &str, token: &str) -> Answer {
        let authorization = if token.is_empty() { String::new() } else { format!("authorization: Bearer {token}\r\n") };
        let head = format!("GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n{authorization}\r\n", self.address);
        self.raw(head.as_bytes()).await
    }

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

/// Reads an answer and waits until the server closes the connection, which it must do by itself.
pub(crate) async fn read_answer(stream: &mut TcpStream) -> Answer {
    let mut bytes = Vec::new();
    // A reset after the answer is an answer all the same.
    let reading = async { while stream.read_buf(&mut bytes).await.is_ok_and(|read| read > 0) {} };
    let ended = tokio::time::timeout(PATIENCE, reading).await;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    assert!(ended.is_ok(), "the connection stays open after: {text}");
    parse_answer(&text)
}

pub(crate) fn parse_answer(text: &str) -> Answer {
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    Answer { status, head: head.to_ascii_lowercase(), body: body.to_owned() }
}

/// How long a test waits for what must happen; nothing is measured by it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Waits until something holds.
pub(crate) async fn until(what: &str, holds: impl Fn() -> bool) {
    let deadline: Timestamp = SystemClock.now().plus(PATIENCE);
    while !holds() {
        assert!(SystemClock.now() < deadline, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
