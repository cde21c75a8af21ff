//! A little HTTP server with vices, on a real socket.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use cordon_webhook::Received;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{broadcast, watch};

/// How the server behaves from now on.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Vice {
    /// Answers with this status.
    Status(u16),
    /// Says exactly this.
    Answer(&'static str),
    /// Takes everything and never answers.
    Hang,
    /// Answers when it is told to, with what it is told.
    Hold,
}

/// One request as it arrived.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) id: Option<String>,
    pub(crate) timestamp: Option<String>,
    pub(crate) signature: Option<String>,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    pub(crate) fn received(&self) -> Received<'_> {
        Received { id: self.id.as_deref(), timestamp: self.timestamp.as_deref(), signature: self.signature.as_deref() }
    }
}

/// The server; ends with the test's runtime.
pub(crate) struct Receiver {
    pub(crate) port: u16,
    vice: Arc<Mutex<Vice>>,
    seen: watch::Sender<Vec<Seen>>,
    release: broadcast::Sender<&'static str>,
}

impl Receiver {
    pub(crate) async fn start(vice: Vice) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let vice = Arc::new(Mutex::new(vice));
        let (seen, _) = watch::channel(Vec::new());
        let (release, _) = broadcast::channel(4);
        let receiver = Self { port, vice: Arc::clone(&vice), seen: seen.clone(), release: release.clone() };
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(serve(socket, Arc::clone(&vice), seen.clone(), release.subscribe()));
            }
        });
        receiver
    }

    pub(crate) fn turn(&self, vice: Vice) {
        *self.vice.lock().unwrap() = vice;
    }

    pub(crate) fn release(&self, answer: &'static str) {
        self.release.send(answer).unwrap();
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.borrow().clone()
    }

    /// Waits until so many requests came.
    pub(crate) async fn wait_for(&self, count: usize) {
        let mut changes = self.seen.subscribe();
        let enough = changes.wait_for(|seen| seen.len() >= count);
        tokio::time::timeout(Duration::from_secs(30), enough).await.unwrap().unwrap();
    }
}

async fn serve(
    mut socket: TcpStream,
    vice: Arc<Mutex<Vice>>,
    seen: watch::Sender<Vec<Seen>>,
    mut release: broadcast::Receiver<&'static str>,
) {
    let Some(request) = read(&mut socket).await else { return };
    let vice = *vice.lock().unwrap();
    seen.send_modify(|seen| seen.push(request));
    let answer = match vice {
        Vice::Status(status) => format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"),
        Vice::Answer(answer) => answer.to_owned(),
        Vice::Hang => {
            std::future::pending::<()>().await;
            return;
        }
        Vice::Hold => release.recv().await.unwrap_or_default().to_owned(),
    };
    let _written = socket.write_all(answer.as_bytes()).await;
    let _closed = socket.shutdown().await;
}

async fn read(socket: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        if socket.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..head_end]).into_owned();
    let header = |name: &str| {
        let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with(&format!("{name}:")))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    let length: usize = header("content-length")?.parse().ok()?;
    while bytes.len() < head_end + length {
        if socket.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    Some(Seen {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
        body: bytes[head_end..head_end + length].to_vec(),
    })
}
