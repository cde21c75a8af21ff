//! A WebSocket client of a hundred lines: it can do what a well-behaved library would not.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// How long to wait for what must come; nothing is measured by it.
const PATIENCE: Duration = Duration::from_secs(60);

/// One end of a WebSocket.
#[derive(Debug)]
pub struct Socket(TcpStream);

/// What came in.
#[derive(Debug)]
pub enum Frame {
    /// A message, which is JSON.
    Text(Value),
    /// The other side closes, and says why by this number.
    Closed(u16),
    /// The connection is no more.
    Gone,
}

impl Socket {
    /// Upgrades at `/graphql` with these lines beside what every upgrade says.
    ///
    /// # Errors
    ///
    /// The status with which it was refused.
    pub async fn open(address: SocketAddr, headers: &str) -> Result<Self, u16> {
        let mut stream = TcpStream::connect(address).await.expect("the server listens");
        let request = format!(
            "GET /graphql HTTP/1.1\r\nhost: {address}\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n"
        );
        stream.write_all(request.as_bytes()).await.expect("the server reads");
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            match stream.read_u8().await {
                Ok(byte) => head.push(byte),
                Err(_) => break,
            }
        }
        let text = String::from_utf8_lossy(&head).into_owned();
        let status = text.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        if status == 101 { Ok(Self(stream)) } else { Err(status) }
    }

    /// Sends a message.
    pub async fn send(&mut self, message: &Value) {
        self.send_text(message.to_string().as_bytes()).await;
    }

    /// Sends a frame of text, whatever is in it.
    pub async fn send_text(&mut self, bytes: &[u8]) {
        let mut frame = vec![0x81];
        match bytes.len() {
            short @ 0..=125 => frame.push(0x80 | u8::try_from(short).expect("short")),
            medium @ 126..=65_535 => {
                frame.push(0x80 | 0x7e);
                frame.extend(u16::try_from(medium).expect("medium").to_be_bytes());
            }
            long => {
                frame.push(0x80 | 127);
                frame.extend(u64::try_from(long).expect("a length").to_be_bytes());
            }
        }
        // A mask of zeros leaves the bytes as they are.
        frame.extend([0, 0, 0, 0]);
        frame.extend(bytes);
        let _gone = self.0.write_all(&frame).await;
    }

    /// What comes next.
    pub async fn receive(&mut self) -> Frame {
        tokio::time::timeout(PATIENCE, self.read()).await.unwrap_or_else(|_| panic!("nothing comes"))
    }

    async fn read(&mut self) -> Frame {
        let Ok(first) = self.0.read_u8().await else { return Frame::Gone };
        let Ok(second) = self.0.read_u8().await else { return Frame::Gone };
        let length = match second & 0x7f {
            126 => usize::from(self.0.read_u16().await.expect("a length")),
            127 => usize::try_from(self.0.read_u64().await.expect("a length")).expect("a length"),
            short => usize::from(short),
        };
        let mut bytes = vec![0; length];
        if self.0.read_exact(&mut bytes).await.is_err() {
            return Frame::Gone;
        }
        match first & 0x0f {
            1 => Frame::Text(serde_json::from_slice(&bytes).expect("a message is JSON")),
            8 => Frame::Closed(bytes.first_chunk::<2>().map_or(1005, |code| u16::from_be_bytes(*code))),
            _ => Box::pin(self.read()).await,
        }
    }

    /// The code with which the server closes, whatever it says before.
    pub async fn closing(&mut self) -> u16 {
        loop {
            match self.receive().await {
                Frame::Text(_) => {}
                Frame::Closed(code) => return code,
                Frame::Gone => return 0,
            }
        }
    }

    /// The next message of this type.
    pub async fn expect(&mut self, kind: &str) -> Value {
        loop {
            match self.receive().await {
                Frame::Text(message) if message.get("type").and_then(Value::as_str) == Some(kind) => return message,
                Frame::Text(_) => {}
                other => panic!("waited for {kind}, got {other:?}"),
            }
        }
    }
}
