//! What a service logs for a call stands under the trace of that call, in whichever process it runs.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::{App, HttpServer};
use cordon_context::{CallContext, Clock as _, SystemClock};
use cordon_rpc::{CallKey, Link, RemoteSettings, RpcFailure, mount, timely};
use jsonrpsee::core::async_trait;
use jsonrpsee::proc_macros::rpc;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

#[rpc(server, client, namespace = "notes", namespace_separator = ".")]
trait Notes {
    #[method(name = "write_down")]
    async fn write_down(&self, ctx: CallContext, word: String) -> Result<(), RpcFailure>;
}

struct Service;

#[async_trait]
impl NotesServer for Service {
    async fn write_down(&self, _ctx: CallContext, word: String) -> Result<(), RpcFailure> {
        tokio::task::yield_now().await;
        tracing::info!(word, "wrote a word down");
        Ok(())
    }
}

/// The fields of a span or an event, as text.
#[derive(Clone, Default)]
struct Fields(Vec<(&'static str, String)>);

impl Fields {
    fn get(&self, name: &str) -> Option<String> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone())
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.push((field.name(), value.to_owned()));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.0.push((field.name(), format!("{value:?}")));
    }
}

thread_local! {
    static ENTERED: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

/// A word with the trace and the method around it.
type Word = (String, Option<String>, Option<String>);

/// Notes for each word that was written down the trace and the method of the spans around it.
#[derive(Clone, Default)]
struct Log {
    next: Arc<AtomicU64>,
    spans: Arc<Mutex<Vec<(u64, Fields)>>>,
    words: Arc<Mutex<Vec<Word>>>,
}

impl Subscriber for Log {
    fn enabled(&self, _metadata: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let id = self.next.fetch_add(1, Ordering::SeqCst) + 1;
        let mut fields = Fields::default();
        span.record(&mut fields);
        self.spans.lock().unwrap().push((id, fields));
        Id::from_u64(id)
    }

    fn record(&self, _span: &Id, _values: &Record<'_>) {}

    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let Some(word) = fields.get("word") else { return };
        let entered = ENTERED.with_borrow(Clone::clone);
        let spans = self.spans.lock().unwrap();
        let around = |name: &str| {
            let mut inside = spans.iter().filter(|(id, _)| entered.contains(id));
            inside.find_map(|(_, fields)| fields.get(name))
        };
        self.words.lock().unwrap().push((word, around("trace.id"), around("rpc.method")));
    }

    fn enter(&self, span: &Id) {
        ENTERED.with_borrow_mut(|entered| entered.push(span.into_u64()));
    }

    fn exit(&self, span: &Id) {
        ENTERED.with_borrow_mut(|entered| entered.retain(|id| *id != span.into_u64()));
    }
}

#[actix_web::test]
async fn what_a_service_logs_stands_under_the_trace_of_the_call() {
    let log = Log::default();
    tracing::subscriber::set_global_default(log.clone()).unwrap();
    rustls::crypto::ring::default_provider().install_default().unwrap();
    let key = || CallKey::new([3; 32]).unwrap();
    let methods = timely(Service.into_rpc(), Arc::new(SystemClock));
    let mounted = mount(methods.clone(), key(), Arc::new(SystemClock));
    let server =
        HttpServer::new(move || App::new().configure(mounted.clone())).workers(1).bind(("127.0.0.1", 0)).unwrap();
    let base_url = format!("http://{}", server.addrs().pop().unwrap());
    actix_web::rt::spawn(server.run());
    let timeout = Duration::from_secs(20);
    let far = Link::remote(RemoteSettings { base_url, key: key(), clock: Arc::new(SystemClock), timeout }).unwrap();

    let call = || CallContext::system("test", SystemClock.now());
    let (here, there, careless) = (call(), call(), call());
    Link::local(methods).write_down(here.clone(), "here".to_owned()).await.unwrap();
    far.write_down(there.clone(), "there".to_owned()).await.unwrap();
    // The negative control: without it nobody knows to which request a line belongs.
    Link::local(Service.into_rpc()).write_down(careless, "careless".to_owned()).await.unwrap();

    let method = Some("notes.write_down".to_owned());
    let expected = [
        ("here".to_owned(), Some(here.trace.trace_id()), method.clone()),
        ("there".to_owned(), Some(there.trace.trace_id()), method),
        ("careless".to_owned(), None, None),
    ];
    assert_eq!(*log.words.lock().unwrap(), expected);
}
