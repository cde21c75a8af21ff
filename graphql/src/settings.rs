//! What an operator may set.

use std::path::PathBuf;

use cordon_web::body::BodyLimits;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use cordon_guard::{DocumentLimits, JsonLimits};

/// Which documents are executed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Only registered ones; no introspection, no GraphiQL.
    #[default]
    Production,
    /// Any that the guard admits; introspection and GraphiQL are on.
    Development,
}

/// How the GraphQL API behaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct GraphqlSettings {
    /// Which documents are executed.
    pub mode: Mode,
    /// Bodies of requests.
    pub body: BodyLimits,
    /// Files that are sent up.
    pub upload: BodyLimits,
    /// The folder in which the case intake finds uploads; without it uploads are switched off.
    pub upload_folder: Option<PathBuf>,
    /// The JSON of requests.
    pub json: JsonLimits,
    /// Documents.
    pub document: DocumentLimits,
    /// The deepest nesting of fields.
    pub max_depth: usize,
    /// The highest cost; a field costs 1, a list its page size times its content.
    pub max_complexity: usize,
    /// How many seconds an operation may take.
    pub timeout_seconds: u32,
    /// The folder with the built GraphiQL, for development.
    pub graphiql_folder: Option<PathBuf>,
    /// Subscriptions.
    pub socket: SocketSettings,
}

impl Default for GraphqlSettings {
    fn default() -> Self {
        Self {
            mode: Mode::default(),
            // An order over ten thousand targets weighs less than a megabyte.
            body: BodyLimits { max_bytes: 1 << 20, ..BodyLimits::default() },
            upload: BodyLimits { max_bytes: 512 << 20, deadline_ms: 600_000, min_bytes_per_second: 16 << 10 },
            upload_folder: None,
            json: JsonLimits::default(),
            document: DocumentLimits::default(),
            max_depth: 20,
            max_complexity: 20_000,
            timeout_seconds: 30,
            graphiql_folder: None,
            socket: SocketSettings::default(),
        }
    }
}

/// How open sockets behave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SocketSettings {
    /// How many milliseconds a client has to introduce itself.
    pub init_deadline_ms: u64,
    /// How many sockets one caller may have open.
    pub max_per_caller: usize,
    /// How many subscriptions one socket may hold.
    pub max_subscriptions: usize,
    /// The most bytes of one message.
    pub max_message_bytes: usize,
    /// How many messages a client may send each second, on average.
    pub messages_per_second: u32,
    /// After how many milliseconds the credential is checked again, whatever happens.
    pub recheck_ms: u64,
    /// After how many milliseconds the services are asked for changes when nothing signals one; also the shortest time
    /// between two questions of one subscription that has seen everything.
    pub poll_ms: u64,
    /// How many milliseconds a client may take to read a message before the socket is closed.
    pub send_deadline_ms: u64,
}

impl Default for SocketSettings {
    fn default() -> Self {
        Self {
            init_deadline_ms: 5_000,
            max_per_caller: 10,
            max_subscriptions: 20,
            max_message_bytes: 64 << 10,
            messages_per_second: 20,
            recheck_ms: 1_000,
            poll_ms: 250,
            send_deadline_ms: 10_000,
        }
    }
}
