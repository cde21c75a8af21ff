//! graphql-transport-ws: subscriptions that end when the credential does.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use actix_ws::{AggregatedMessage, CloseCode, CloseReason, Session as Sink};
use async_graphql::parser::types::OperationType;
use cordon_context::{Code, Refusal, Trace};
use cordon_web::authentication::Known;
use cordon_web::{Caller, Credential, Edge, PlaceOfKey, answer, caller_of, trace_of};
use futures::StreamExt as _;
use serde_json::{Map, Value, json};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, interval, sleep_until, timeout};

use super::{http, signature, wire};
use crate::answer::response_of;
use crate::engine::{Engine, Origin};
use crate::settings::SocketSettings;
use cordon_guard::json;

const PROTOCOL: &str = "graphql-transport-ws";

/// How long a credential that cannot be checked still counts; together with the check itself below five seconds.
const UNCHECKED: Duration = Duration::from_secs(3);
const CHECK_TIMEOUT: Duration = Duration::from_secs(1);

/// `GET /graphql` with an upgrade; the edge has looked at the origin already.
pub(super) async fn open(
    request: HttpRequest,
    payload: Payload,
    engine: Data<Engine>,
    edge: Data<Edge>,
) -> HttpResponse {
    let offered = request.headers().get_all("sec-websocket-protocol").filter_map(|value| value.to_str().ok());
    if !offered.flat_map(|value| value.split(',')).any(|name| name.trim() == PROTOCOL) {
        return answer::refuse(&wire::malformed("sec-websocket-protocol"));
    }
    let caller = caller_of(&request);
    // Whoever has not said who it is counts among those for whom the server waits.
    let place = match caller.actor() {
        Some(_) => engine.sockets().take(&caller.budget()),
        None => edge.wait_for(&caller),
    };
    let place = match place {
        Ok(place) => place,
        Err(refusal) => return answer::refuse(&refusal),
    };
    let Ok((response, sink, stream)) = actix_ws::handle_with_protocols(&request, payload, &[PROTOCOL]) else {
        return answer::refuse(&Refusal::new(Code::BadRequest));
    };
    let most = engine.settings().socket.max_message_bytes;
    let stream = stream.max_frame_size(most).aggregate_continuations().max_continuation_size(most);
    let socket = Socket::new(engine.into_inner(), edge.into_inner(), caller, trace_of(&request), place);
    actix_web::rt::spawn(socket.run(sink, stream));
    response
}

/// Why the socket is closed, as the protocol numbers it.
struct Closing(u16, &'static str);

type Step = Result<(), Closing>;

/// What a subscription has to say.
struct Said {
    id: String,
    message: Value,
    last: bool,
}

/// A running operation; it stops when it is dropped.
struct Running(JoinHandle<()>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.abort();
    }
}

struct Socket {
    engine: Arc<Engine>,
    edge: Arc<Edge>,
    settings: SocketSettings,
    caller: Caller,
    place: PlaceOfKey,
    trace: Trace,
    acknowledged: bool,
    /// When the credential was found valid last.
    checked: Instant,
    running: HashMap<String, Running>,
    window: (Instant, u32),
    say: mpsc::Sender<Said>,
    said: mpsc::Receiver<Said>,
}

impl Socket {
    fn new(engine: Arc<Engine>, edge: Arc<Edge>, caller: Caller, trace: Trace, place: PlaceOfKey) -> Self {
        let (say, said) = mpsc::channel(32);
        let now = Instant::now();
        let settings = engine.settings().socket;
        Self {
            engine,
            edge,
            settings,
            caller,
            place,
            trace,
            acknowledged: false,
            checked: now,
            running: HashMap::new(),
            window: (now, 0),
            say,
            said,
        }
    }

    async fn run(mut self, mut sink: Sink, stream: actix_ws::AggregatedMessageStream) {
        let Err(Closing(code, description)) = self.serve(&mut sink, stream).await else { return };
        let reason = CloseReason { code: CloseCode::from(code), description: Some(description.to_owned()) };
        // The other side may be gone already.
        let _gone = sink.close(Some(reason)).await;
    }

    async fn serve(&mut self, sink: &mut Sink, mut stream: actix_ws::AggregatedMessageStream) -> Step {
        let introduction = Instant::now() + Duration::from_millis(self.settings.init_deadline_ms);
        let mut recheck = interval(Duration::from_millis(self.settings.recheck_ms.max(10)));
        let stop = self.engine.stop().clone();
        loop {
            tokio::select! {
                message = stream.recv() => match message {
                    Some(Ok(AggregatedMessage::Text(text))) => {
                        self.count_message()?;
                        self.hear(text.as_ref(), sink).await?;
                    }
                    Some(Ok(AggregatedMessage::Ping(bytes))) => {
                        self.count_message()?;
                        if sink.pong(&bytes).await.is_err() {
                            return Ok(());
                        }
                    }
                    Some(Ok(AggregatedMessage::Pong(_))) => self.count_message()?,
                    Some(Ok(AggregatedMessage::Binary(_))) => return Err(Closing(4400, "text messages only")),
                    Some(Err(_)) => return Err(Closing(1009, "a frame is too large or malformed")),
                    Some(Ok(AggregatedMessage::Close(_))) | None => return Ok(()),
                },
                Some(said) = self.said.recv() => {
                    // What was said by an operation that the client ended meanwhile is not sent.
                    if self.running.contains_key(&said.id) {
                        self.send(sink, &said.message).await?;
                    }
                    if said.last {
                        self.running.remove(&said.id);
                    }
                }
                () = sleep_until(introduction), if !self.acknowledged => return Err(Closing(4408, "connection initialisation timeout")),
                _ = recheck.tick(), if self.acknowledged => self.check().await?,
                () = stop.cancelled() => return Err(Closing(1012, "the service restarts")),
            }
        }
    }

    async fn hear(&mut self, text: &str, sink: &mut Sink) -> Step {
        let malformed = || Closing(4400, "invalid message");
        json::check(text.as_bytes(), &self.engine.settings().json).map_err(|_refusal| malformed())?;
        let Ok(Value::Object(mut members)) = serde_json::from_str(text) else {
            return Err(malformed());
        };
        let Some(Value::String(kind)) = members.remove("type") else {
            return Err(malformed());
        };
        let id = match members.remove("id") {
            None => None,
            Some(Value::String(id)) if (1..=64).contains(&id.len()) => Some(id),
            Some(_) => return Err(malformed()),
        };
        let payload = match members.remove("payload") {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(payload)) => payload,
            Some(_) => return Err(malformed()),
        };
        match (kind.as_str(), id) {
            ("connection_init", None) if self.acknowledged => Err(Closing(4429, "too many initialisation requests")),
            ("connection_init", None) => {
                self.introduce(&payload).await?;
                self.send(sink, &json!({ "type": "connection_ack" })).await
            }
            ("ping", None) => self.send(sink, &json!({ "type": "pong" })).await,
            ("pong", None) => Ok(()),
            ("subscribe", Some(_)) if !self.acknowledged => Err(Closing(4401, "unauthorized")),
            ("subscribe", Some(id)) => self.subscribe(id, payload),
            ("complete", Some(id)) => {
                self.running.remove(&id);
                Ok(())
            }
            _ => Err(malformed()),
        }
    }

    /// Takes the credential from the first message, or the one that the upgrade carried.
    async fn introduce(&mut self, payload: &Map<String, Value>) -> Step {
        let given = payload.get("authorization").or_else(|| payload.get("Authorization")).and_then(Value::as_str);
        if let Some(text) = given {
            let token = text.strip_prefix("Bearer ").or_else(|| text.strip_prefix("bearer "));
            let token = token.filter(|token| token.len() <= 4_096).ok_or(Closing(4403, "forbidden"))?;
            let credential = Credential { token: token.to_owned(), address: self.caller.address(), activity: true };
            let recognised = timeout(CHECK_TIMEOUT, self.engine.authenticator().authenticate(&credential, self.trace));
            let recognised = recognised.await.map_err(|_elapsed| Closing(1013, "try again later"))?;
            let recognised = recognised.map_err(|_refusal| Closing(4403, "forbidden"))?;
            let caller = Caller::Known(Known::new(recognised, credential));
            self.place =
                self.engine.sockets().take(&caller.budget()).map_err(|_full| Closing(4429, "too many sockets"))?;
            self.caller = caller;
        }
        if self.caller.actor().is_none() {
            return Err(Closing(4401, "unauthorized"));
        }
        self.acknowledged = true;
        self.checked = Instant::now();
        Ok(())
    }

    /// Asks again whether the credential is valid; what cannot be asked counts for a short time only.
    async fn check(&mut self) -> Step {
        let Caller::Known(known) = &self.caller else {
            return Err(Closing(4401, "unauthorized"));
        };
        let credential = Credential { activity: false, ..known.credential.clone() };
        let answer = timeout(CHECK_TIMEOUT, self.engine.authenticator().authenticate(&credential, self.trace)).await;
        match answer {
            Ok(Ok(recognised)) => {
                self.caller = Caller::Known(Known::new(recognised, credential));
                self.checked = Instant::now();
                Ok(())
            }
            Ok(Err(refusal)) if refusal.code == Code::Unauthenticated => Err(Closing(4401, "unauthorized")),
            Ok(Err(_)) | Err(_) if self.checked.elapsed() > UNCHECKED => Err(Closing(1013, "try again later")),
            Ok(Err(_)) | Err(_) => Ok(()),
        }
    }

    fn subscribe(&mut self, id: String, payload: Map<String, Value>) -> Step {
        if self.running.contains_key(&id) {
            return Err(Closing(4409, "a subscriber of this id exists already"));
        }
        if self.running.len() >= self.settings.max_subscriptions {
            let refusal = Refusal::new(Code::RateLimited);
            let said = Said { message: error_message(&id, &refusal), id: id.clone(), last: true };
            let say = self.say.clone();
            let telling = tokio::spawn(async move { tell(&say, said).await });
            self.running.insert(id, Running(telling));
            return if self.running.len() > self.settings.max_subscriptions * 2 {
                Err(Closing(4429, "too many subscriptions"))
            } else {
                Ok(())
            };
        }
        let proof = signature::on_socket(&self.caller);
        let origin = Origin { caller: self.caller.clone(), trace: self.trace.child(), key: None, proof };
        let (engine, edge) = (Arc::clone(&self.engine), Arc::clone(&self.edge));
        let operation = operate(engine, edge, origin, id.clone(), payload, self.say.clone());
        self.running.insert(id, Running(tokio::spawn(operation)));
        Ok(())
    }

    async fn send(&self, sink: &mut Sink, message: &Value) -> Step {
        let limit = Duration::from_millis(self.settings.send_deadline_ms);
        match timeout(limit, sink.text(message.to_string())).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_closed)) => Err(Closing(1001, "gone")),
            Err(_elapsed) => Err(Closing(1008, "messages are not read")),
        }
    }

    fn count_message(&mut self) -> Step {
        let (begun, count) = self.window;
        self.window = if begun.elapsed() < Duration::from_secs(1) { (begun, count + 1) } else { (Instant::now(), 1) };
        // Twice the average is a burst that a reconnecting client may need.
        if self.window.1 > self.settings.messages_per_second.saturating_mul(2) {
            Err(Closing(1008, "too many messages"))
        } else {
            Ok(())
        }
    }
}

async fn tell(say: &mpsc::Sender<Said>, said: Said) {
    // A closed channel means that the socket is gone and nobody wants to know.
    let _gone = say.send(said).await;
}

fn error_message(id: &str, refusal: &Refusal) -> Value {
    json!({ "id": id, "type": "error", "payload": response_of(refusal).errors })
}

/// Runs one operation and says what it brings.
async fn operate(
    engine: Arc<Engine>,
    edge: Arc<Edge>,
    origin: Origin,
    id: String,
    payload: Map<String, Value>,
    say: mpsc::Sender<Said>,
) {
    // The edge takes this unit from a request over HTTP; of a socket it has seen the beginning only.
    let unit = edge.per_caller().spend(&origin.caller.budget(), NonZeroU32::MIN);
    let prepared = match unit.and_then(|_left| wire::wanted(payload)) {
        Ok(wanted) => engine.prepare(edge, wanted, origin).await,
        Err(refusal) => Err(refusal),
    };
    let prepared = match prepared {
        Ok(prepared) => prepared,
        Err(refusal) => return tell(&say, Said { message: error_message(&id, &refusal), id, last: true }).await,
    };
    let follows = prepared.operation == OperationType::Subscription;
    let next = |response: &async_graphql::Response| {
        let errors_only = response.data == async_graphql::Value::Null && !response.is_ok();
        // A refusal ends a subscription; a field of another operation may fail and the rest is still an answer.
        if errors_only && (follows || response.errors.iter().all(|error| error.path.is_empty())) {
            (json!({ "id": &id, "type": "error", "payload": response.errors }), true)
        } else {
            (json!({ "id": &id, "type": "next", "payload": http::members(response) }), false)
        }
    };
    if follows {
        let mut events = engine.stream(prepared);
        while let Some(response) = events.next().await {
            let (message, last) = next(&response);
            tell(&say, Said { message, id: id.clone(), last }).await;
            if last {
                return;
            }
        }
    } else {
        let response = engine.execute(prepared).await;
        let (message, last) = next(&response);
        tell(&say, Said { message, id: id.clone(), last }).await;
        if last {
            return;
        }
    }
    let message = json!({ "id": &id, "type": "complete" });
    tell(&say, Said { message, id, last: true }).await;
}
