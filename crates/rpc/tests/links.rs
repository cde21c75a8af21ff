//! The same service over both links.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use actix_web::{App, HttpServer};
use cordon_context::{Actor, CallContext, Clock, Code, ManualClock, Refusal, SystemClock};
use cordon_rpc::{CallKey, Link, RemoteSettings, RpcFailure, mount, refusal_of, timely};
use jsonrpsee::Methods;
use jsonrpsee::core::async_trait;
use jsonrpsee::proc_macros::rpc;

#[rpc(server, client, namespace = "echo", namespace_separator = ".")]
trait Echo {
    #[method(name = "say")]
    async fn say(&self, ctx: CallContext, words: Vec<String>) -> Result<Option<String>, RpcFailure>;

    #[method(name = "refuse")]
    async fn refuse(&self, ctx: CallContext) -> Result<(), RpcFailure>;

    #[method(name = "ponder")]
    async fn ponder(&self, ctx: CallContext) -> Result<(), RpcFailure>;
}

/// What became of calls that are never answered.
#[derive(Clone, Default)]
struct Service {
    begun: Arc<AtomicUsize>,
    given_up: Arc<AtomicUsize>,
}

/// Counts when it is dropped.
struct GivenUp(Arc<AtomicUsize>);

impl Drop for GivenUp {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl EchoServer for Service {
    async fn say(&self, ctx: CallContext, words: Vec<String>) -> Result<Option<String>, RpcFailure> {
        assert_eq!(ctx.actor, Actor::system("test"));
        Ok(if words.is_empty() { None } else { Some(words.join(" ")) })
    }

    async fn refuse(&self, _ctx: CallContext) -> Result<(), RpcFailure> {
        Err(Refusal::denied("policy.order.approve").into())
    }

    async fn ponder(&self, _ctx: CallContext) -> Result<(), RpcFailure> {
        self.begun.fetch_add(1, Ordering::SeqCst);
        let _until_dropped = GivenUp(Arc::clone(&self.given_up));
        std::future::pending().await
    }
}

fn key() -> CallKey {
    CallKey::new([3; 32]).unwrap()
}

/// Serves on a free port and gives the base address.
async fn serve(clock: Arc<dyn Clock>) -> String {
    serve_methods(Service::default().into_rpc().into(), clock).await
}

async fn serve_methods(methods: Methods, clock: Arc<dyn Clock>) -> String {
    let mounted = mount(methods, key(), clock);
    let server =
        HttpServer::new(move || App::new().configure(mounted.clone())).workers(1).bind(("127.0.0.1", 0)).unwrap();
    let address = server.addrs().pop().unwrap();
    actix_web::rt::spawn(server.run());
    format!("http://{address}")
}

fn remote(base_url: String, key: CallKey) -> Link {
    // Another test of this process may have been first.
    let _already = rustls::crypto::ring::default_provider().install_default();
    Link::remote(RemoteSettings { base_url, key, clock: Arc::new(SystemClock), timeout: Duration::from_secs(5) })
        .unwrap()
}

async fn check_link(link: &Link) {
    let ctx = CallContext::system("test", SystemClock.now());
    let words = ["一".to_owned(), "two".to_owned()];
    assert_eq!(link.say(ctx.clone(), words.to_vec()).await.unwrap().as_deref(), Some("一 two"));
    assert_eq!(link.say(ctx.clone(), vec![]).await.unwrap(), None);
    let refusal = refusal_of(&link.refuse(ctx).await.unwrap_err());
    assert_eq!(refusal, Refusal::denied("policy.order.approve"));
}

#[actix_web::test]
async fn a_service_answers_the_same_over_both_links() {
    check_link(&Link::local(Service::default().into_rpc())).await;
    check_link(&remote(serve(Arc::new(SystemClock)).await, key())).await;
}

#[actix_web::test]
async fn a_call_that_is_signed_with_another_key_is_not_let_in() {
    let link = remote(serve(Arc::new(SystemClock)).await, CallKey::new([4; 32]).unwrap());
    let error = link.say(CallContext::system("test", SystemClock.now()), vec![]).await.unwrap_err();
    assert_eq!(refusal_of(&error).code, Code::Unavailable);
}

#[actix_web::test]
async fn a_service_that_is_not_there_reads_as_unavailable() {
    let link = remote("http://127.0.0.1:1".to_owned(), key());
    let error = link.say(CallContext::system("test", SystemClock.now()), vec![]).await.unwrap_err();
    assert_eq!(refusal_of(&error).code, Code::Unavailable);
}

/// A call that has so long to be answered.
fn within(time: Duration) -> CallContext {
    let now = SystemClock.now();
    CallContext { deadline: now.plus(time), ..CallContext::system("test", now) }
}

#[actix_web::test]
async fn a_call_past_its_deadline_is_refused_over_both_links() {
    // The receiver's clock decides: by it the deadline is past, by the caller's it is not.
    let ahead: Arc<dyn Clock> = Arc::new(ManualClock::at(SystemClock.now().plus(Duration::from_secs(5))));
    let service = Service::default();
    let methods = timely(service.clone().into_rpc(), Arc::clone(&ahead));
    let near = Link::local(methods.clone());
    let far = remote(serve_methods(methods, ahead).await, key());
    for link in [&near, &far] {
        let late = refusal_of(&link.ponder(within(Duration::from_secs(3))).await.unwrap_err());
        assert_eq!((late.code, late.code.as_str()), (Code::DeadlineExceeded, "DEADLINE_EXCEEDED"), "{link:?}");
        let heard = link.say(within(Duration::from_secs(30)), vec!["in time".to_owned()]).await.unwrap();
        assert_eq!(heard.as_deref(), Some("in time"), "{link:?}");
    }
    assert_eq!(service.begun.load(Ordering::SeqCst), 0, "nothing was begun");
    // The negative control: methods that do not look at it answer however late it is.
    let careless = Link::local(Service::default().into_rpc());
    let mut ctx = within(Duration::ZERO);
    ctx.deadline = ctx.deadline.minus(Duration::from_secs(60));
    assert_eq!(careless.say(ctx, vec!["late".to_owned()]).await.unwrap().as_deref(), Some("late"));
}

#[actix_web::test]
async fn a_slow_call_ends_at_its_deadline_over_both_links() {
    let service = Service::default();
    let methods = timely(service.clone().into_rpc(), Arc::new(SystemClock));
    let near = Link::local(methods.clone());
    let far = remote(serve_methods(methods, Arc::new(SystemClock)).await, key());
    for (link, calls) in [(&near, 1), (&far, 2)] {
        let begun = Instant::now();
        let cut = refusal_of(&link.ponder(within(Duration::from_millis(300))).await.unwrap_err());
        assert_eq!(cut.code, Code::DeadlineExceeded, "{link:?}");
        // Five seconds are what the remote link gives a call whose deadline is far.
        let took = begun.elapsed();
        assert!((Duration::from_millis(250)..Duration::from_secs(4)).contains(&took), "{link:?}: {took:?}");
        assert_eq!(service.begun.load(Ordering::SeqCst), calls, "{link:?}");
        while service.given_up.load(Ordering::SeqCst) < calls {
            assert!(begun.elapsed() < Duration::from_secs(20), "{link:?}: the service still works at it");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

#[actix_web::test]
async fn an_unanswered_remote_call_ends_by_the_callers_own_clock_too() {
    // Somebody listens there and never answers.
    let silent = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let link = remote(format!("http://{}", silent.local_addr().unwrap()), key());
    let begun = Instant::now();
    let cut = refusal_of(&link.ponder(within(Duration::from_millis(300))).await.unwrap_err());
    assert_eq!(cut.code, Code::DeadlineExceeded);
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
}
