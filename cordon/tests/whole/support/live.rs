//! A subscription over a WebSocket, as a page of an officer holds it open.

use std::net::{SocketAddr, ToSocketAddrs as _};

use cordon_testkit::{Frame, Socket};
use serde_json::{Value, json};

use super::Caller;

/// One subscription on a socket of its own.
pub(crate) struct Live {
    socket: Socket,
    field: &'static str,
}

impl Live {
    /// Opens a socket as somebody and subscribes to a field.
    pub(crate) async fn open(caller: &Caller, field: &'static str, document: &str, variables: Value) -> Self {
        // The program listens on the older of the two addresses of this name.
        let mut named = caller.base().strip_prefix("http://").unwrap().to_socket_addrs().unwrap();
        let address = named.find(SocketAddr::is_ipv4).unwrap();
        let mut socket = Socket::open(address, "sec-websocket-protocol: graphql-transport-ws\r\n").await.unwrap();
        let credential = json!({ "authorization": format!("Bearer {}", caller.token()) });
        socket.send(&json!({ "type": "connection_init", "payload": credential })).await;
        socket.expect("connection_ack").await;
        let operation = json!({ "query": document, "variables": variables });
        socket.send(&json!({ "id": field, "type": "subscribe", "payload": operation })).await;
        Self { socket, field }
    }

    /// The next event.
    pub(crate) async fn next(&mut self) -> Value {
        match self.socket.receive().await {
            Frame::Text(message) if message["type"] == "next" && message["payload"]["errors"].is_null() => {
                message["payload"]["data"][self.field].clone()
            }
            other => panic!("{}: {other:?}", self.field),
        }
    }

    /// The next event that satisfies; those before it are left out.
    pub(crate) async fn until(&mut self, satisfied: impl Fn(&Value) -> bool) -> Value {
        loop {
            let event = self.next().await;
            if satisfied(&event) {
                return event;
            }
        }
    }
}
