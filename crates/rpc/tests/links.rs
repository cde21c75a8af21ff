//! The same service over both links.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::time::Duration;

use actix_web::{App, HttpServer};
use cordon_context::{Actor, CallContext, Clock, Code, Refusal, SystemClock};
use cordon_rpc::{CallKey, Link, RemoteSettings, RpcFailure, mount, refusal_of};
use jsonrpsee::core::async_trait;
use jsonrpsee::proc_macros::rpc;

#[rpc(server, client, namespace = "echo", namespace_separator = ".")]
trait Echo {
    #[method(name = "say")]
    async fn say(&self, ctx: CallContext, words: Vec<String>) -> Result<Option<String>, RpcFailure>;

    #[method(name = "refuse")]
    async fn refuse(&self, ctx: CallContext) -> Result<(), RpcFailure>;
}

struct Service;

#[async_trait]
impl EchoServer for Service {
    async fn say(&self, ctx: CallContext, words: Vec<String>) -> Result<Option<String>, RpcFailure> {
        assert_eq!(ctx.actor, Actor::system("test"));
        Ok(if words.is_empty() { None } else { Some(words.join(" ")) })
    }

    async fn refuse(&self, _ctx: CallContext) -> Result<(), RpcFailure> {
        Err(Refusal::denied("policy.order.approve").into())
    }
}

fn key() -> CallKey {
    CallKey::new([3; 32]).unwrap()
}

/// Serves on a free port and gives the base address.
async fn serve(clock: Arc<dyn Clock>) -> String {
    let mounted = mount(Service.into_rpc(), key(), clock);
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
    check_link(&Link::local(Service.into_rpc())).await;
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
