//! The guard on real sockets: what it lets through, what it refuses, and that the refused thing would have worked without it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use cordon_outbound::{Answer, Blocked, Forbidden, Outbound, OutboundError, OutboundSettings, Post, Resolver};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Names with the addresses of each look-up in turn; the last ones stay.
#[derive(Default)]
struct Names(Mutex<HashMap<&'static str, Vec<Vec<IpAddr>>>>);

impl Names {
    fn with(self, name: &'static str, answers: &[&[&str]]) -> Self {
        let answers = answers.iter().map(|list| list.iter().map(|text| text.parse().unwrap()).collect()).collect();
        self.0.lock().unwrap().insert(name, answers);
        self
    }
}

#[async_trait]
impl Resolver for Names {
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let mut names = self.0.lock().unwrap();
        let answers = names.get_mut(host).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        if answers.len() > 1 { Ok(answers.remove(0)) } else { Ok(answers.first().cloned().unwrap_or_default()) }
    }
}

/// A server that says `reply` to everybody and counts who came.
async fn server(reply: &'static str) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let visits = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&visits);
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(async move {
                let mut buffer = [0; 4_096];
                let _read = socket.read(&mut buffer).await;
                let _written = socket.write_all(reply.as_bytes()).await;
                let _closed = socket.shutdown().await;
            });
        }
    });
    (port, visits)
}

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";

async fn call(outbound: &Outbound, url: &str) -> Result<Answer, OutboundError> {
    outbound.post(Post { url, headers: vec![("webhook-id", "msg_1".into())], body: b"{}".to_vec() }).await
}

fn blocked(result: Result<Answer, OutboundError>) -> Blocked {
    match result {
        Err(OutboundError::Blocked(blocked)) => blocked,
        other => panic!("not blocked: {other:?}"),
    }
}

#[tokio::test]
async fn a_listed_port_on_this_machine_is_reached_and_without_the_listing_it_is_not() {
    let (port, visits) = server(OK).await;
    let url = format!("http://127.0.0.1:{port}/hook");
    let open = OutboundSettings { loopback_ports: vec![port], ..OutboundSettings::default() };
    let outbound = Outbound::new(open, Arc::new(Names::default())).unwrap();
    assert_eq!(call(&outbound, &url).await.unwrap().status, 200);
    assert_eq!(visits.load(Ordering::SeqCst), 1);

    let outbound = Outbound::new(OutboundSettings::default(), Arc::new(Names::default())).unwrap();
    assert_eq!(blocked(call(&outbound, &url).await), Blocked::Scheme);
    let widest = OutboundSettings { ports: vec![port], allow_plain_http: true, ..OutboundSettings::default() };
    let outbound = Outbound::new(widest, Arc::new(Names::default())).unwrap();
    assert_eq!(blocked(call(&outbound, &url).await), Blocked::Address(Forbidden::Loopback));
    assert_eq!(visits.load(Ordering::SeqCst), 1, "nobody came after the first");
}

#[tokio::test]
async fn a_name_that_turns_to_this_machine_is_refused_at_the_connection() {
    let (port, visits) = server(OK).await;
    let names = Names::default()
        .with("rebound.example", &[&["127.0.0.1"]])
        .with("mixed.example", &[&["8.8.8.8", "169.254.169.254"]])
        .with("mapped.example", &[&["::ffff:127.0.0.1"]])
        .with("nothing.example", &[&[]])
        .with("elsewhere.example", &[&["8.8.8.8"]]);
    let settings = OutboundSettings { ports: vec![port], allow_plain_http: true, ..OutboundSettings::default() };
    let outbound = Outbound::new(settings, Arc::new(names)).unwrap();
    // The check at entry cannot know; the one at the connection does.
    assert!(outbound.check(&format!("http://rebound.example:{port}/")).is_ok());
    for (host, expected) in [
        ("rebound.example", Forbidden::Loopback),
        ("mixed.example", Forbidden::LinkLocal),
        ("mapped.example", Forbidden::Embedded),
    ] {
        let found = blocked(call(&outbound, &format!("http://{host}:{port}/")).await);
        assert_eq!(found, Blocked::Address(expected), "{host}");
    }
    let nothing = call(&outbound, &format!("http://nothing.example:{port}/")).await.unwrap_err();
    assert_eq!(nothing.word(), "connect");

    // The control: the same name and port are reached when the port is listed for this machine.
    let names = Names::default().with("rebound.example", &[&["127.0.0.1"]]).with("elsewhere.example", &[&["8.8.8.8"]]);
    let settings = OutboundSettings { loopback_ports: vec![port], ..OutboundSettings::default() };
    let outbound = Outbound::new(settings, Arc::new(names)).unwrap();
    assert_eq!(visits.load(Ordering::SeqCst), 0);
    assert_eq!(call(&outbound, &format!("http://rebound.example:{port}/")).await.unwrap().status, 200);
    assert_eq!(visits.load(Ordering::SeqCst), 1);
    let found = blocked(call(&outbound, &format!("http://elsewhere.example:{port}/")).await);
    assert_eq!(found, Blocked::NotLoopback);
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_nobody_follows_it() {
    let (inner, visits) = server(OK).await;
    let reply = format!(
        "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:{inner}/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    );
    let (outer, _) = server(reply.leak()).await;
    let settings = OutboundSettings { any_loopback_port: true, ..OutboundSettings::default() };
    let outbound = Outbound::new(settings, Arc::new(Names::default())).unwrap();
    assert_eq!(call(&outbound, &format!("http://127.0.0.1:{outer}/")).await.unwrap().status, 302);
    assert_eq!(visits.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_long_answer_is_cut_and_a_broken_or_silent_one_is_named() {
    let long = format!("HTTP/1.1 500 Oops\r\nretry-after: 7\r\nconnection: close\r\n\r\n{}", "x".repeat(1_000_000));
    let (long, _) = server(long.leak()).await;
    let (broken, _) = server("SMTP ready\r\n").await;
    let (silent, _) = server("").await;
    let hanging = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let settings =
        OutboundSettings { any_loopback_port: true, timeout_ms: 300, body_limit: 100, ..OutboundSettings::default() };
    let outbound = Outbound::new(settings, Arc::new(Names::default())).unwrap();
    let answer = call(&outbound, &format!("http://127.0.0.1:{long}/")).await.unwrap();
    assert_eq!((answer.status, answer.body.len(), answer.retry_after.unwrap().as_secs()), (500, 100, 7));
    for port in [broken, silent] {
        assert_eq!(call(&outbound, &format!("http://127.0.0.1:{port}/")).await.unwrap_err().word(), "broken");
    }
    let port = hanging.local_addr().unwrap().port();
    assert_eq!(call(&outbound, &format!("http://127.0.0.1:{port}/")).await.unwrap_err().word(), "timeout");
    drop(hanging);
    assert_eq!(call(&outbound, &format!("http://127.0.0.1:{port}/")).await.unwrap_err().word(), "connect");
}

#[test]
fn urls_that_mean_something_else_than_they_show_are_refused() {
    let outbound = Outbound::new(OutboundSettings::default(), Arc::new(Names::default())).unwrap();
    for (url, expected) in [
        ("https://hooks.example.com/cordon?v=1", Ok(())),
        ("https://8.8.8.8/", Ok(())),
        ("http://hooks.example.com/", Err(Blocked::Scheme)),
        ("ftp://hooks.example.com/", Err(Blocked::Scheme)),
        ("file:///etc/passwd", Err(Blocked::Scheme)),
        ("gopher://127.0.0.1:6379/_FLUSHALL", Err(Blocked::Scheme)),
        ("javascript:alert(1)", Err(Blocked::Scheme)),
        ("hooks.example.com", Err(Blocked::Malformed)),
        ("https://", Err(Blocked::Malformed)),
        ("https://user@hooks.example.com/", Err(Blocked::UserInfo)),
        ("https://user:word@hooks.example.com/", Err(Blocked::UserInfo)),
        ("https://@hooks.example.com/", Err(Blocked::UserInfo)),
        ("https://hooks.example.com@127.0.0.1/", Err(Blocked::UserInfo)),
        ("https://hooks.example.com/a@b", Ok(())),
        ("https://hooks.example.com/#fragment", Err(Blocked::Fragment)),
        ("https://hooks.example.com:22/", Err(Blocked::Port)),
        ("https://hooks.example.com:8443/", Err(Blocked::Port)),
        ("https://hooks.example.com:443/", Ok(())),
        ("https://127.0.0.1/", Err(Blocked::Address(Forbidden::Loopback))),
        ("https://127.1/", Err(Blocked::Address(Forbidden::Loopback))),
        ("https://2130706433/", Err(Blocked::Address(Forbidden::Loopback))),
        ("https://0x7f000001/", Err(Blocked::Address(Forbidden::Loopback))),
        ("https://0177.0.0.1/", Err(Blocked::Address(Forbidden::Loopback))),
        ("https://１２７.０.０.１/", Err(Blocked::Address(Forbidden::Loopback))),
        ("https://169.254.169.254/latest/meta-data", Err(Blocked::Address(Forbidden::LinkLocal))),
        ("https://[::1]/", Err(Blocked::Address(Forbidden::Loopback))),
        ("https://[::ffff:7f00:1]/", Err(Blocked::Address(Forbidden::Embedded))),
        ("https://[64:ff9b::a9fe:a9fe]/", Err(Blocked::Address(Forbidden::Embedded))),
        ("https://[fd00::1]/", Err(Blocked::Address(Forbidden::Reserved))),
        ("https://10.0.0.1/", Err(Blocked::Address(Forbidden::Reserved))),
        ("https://0/", Err(Blocked::Address(Forbidden::Reserved))),
        ("https:\\\\hooks.example.com", Err(Blocked::Malformed)),
        ("https://hooks.example.com/\r\nx: y", Err(Blocked::Malformed)),
        ("https://hooks.exa\tmple.com/", Err(Blocked::Malformed)),
        (" https://hooks.example.com/", Err(Blocked::Malformed)),
    ] {
        assert_eq!(outbound.check(url), expected, "{url}");
    }
    let long = format!("https://hooks.example.com/{}", "x".repeat(2_048));
    assert_eq!(outbound.check(&long), Err(Blocked::TooLong));
}
