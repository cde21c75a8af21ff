//! What holds for every call, whichever way it came: its deadline and its trace.

use std::sync::Arc;

use cordon_context::{Clock, Code, Refusal, Timestamp, Trace};
use futures::FutureExt as _;
use jsonrpsee::Methods;
use jsonrpsee::core::server::{ConnectionId, Extensions, MethodCallback, MethodResponse};
use jsonrpsee::types::{ErrorObjectOwned, Id, Params};
use serde::Deserialize;
use tracing::Instrument as _;

use crate::RpcFailure;

/// What has to be known of the call context here; the rest is the service's own.
#[derive(Deserialize)]
struct Carried {
    deadline: Timestamp,
    trace: Trace,
}

/// Makes methods honour what their calls carry, over either link: a call past its deadline is refused, one that is not answered
/// by then ends with the same code, and what is logged meanwhile stands in a span with the call's trace.
///
/// A write that has begun goes on in its own task; who was told that the deadline passed asks again under the same key.
pub fn timely(methods: impl Into<Methods>, clock: Arc<dyn Clock>) -> Methods {
    let (methods, mut timely) = (methods.into(), Methods::new());
    for (name, callback) in methods.method_names().filter_map(|name| methods.method_with_name(name)) {
        let (callback, clock) = (callback.clone(), Arc::clone(&clock));
        let call = move |id: Id<'static>, params: Params<'static>, connection, limit, extensions| {
            let (callback, clock) = (callback.clone(), Arc::clone(&clock));
            async move {
                let Some(Carried { deadline, trace }) = carried(&params) else {
                    // The method says itself what does not fit.
                    return pass(&callback, id, params, connection, limit, extensions).await;
                };
                let span = tracing::info_span!("rpc.call", rpc.method = name, trace.id = trace.trace_id());
                let now = clock.now();
                if now > deadline {
                    span.in_scope(|| tracing::info!("a call came after its deadline"));
                    return late(id);
                }
                let answer =
                    pass(&callback, id.clone(), params, connection, limit, extensions).instrument(span.clone());
                tokio::time::timeout(deadline.since(now), answer).await.unwrap_or_else(|_elapsed| {
                    span.in_scope(|| tracing::warn!("a call was not answered by its deadline"));
                    late(id)
                })
            }
            .boxed()
        };
        // No name comes twice, since none did before.
        let _inserted = timely.verify_and_insert(name, MethodCallback::Async(Arc::new(call)));
    }
    timely
}

/// When an answer to a call with these parameters is of no use any more.
pub(crate) fn deadline_of(params: &str) -> Option<Timestamp> {
    Some(carried(&Params::new(Some(params)))?.deadline)
}

/// The first parameter, if it is a call context.
fn carried(params: &Params<'_>) -> Option<Carried> {
    params.sequence().next().ok()
}

fn late(id: Id<'static>) -> MethodResponse {
    MethodResponse::error(id, ErrorObjectOwned::from(RpcFailure(Refusal::new(Code::DeadlineExceeded))))
}

async fn pass(
    callback: &MethodCallback,
    id: Id<'static>,
    params: Params<'static>,
    connection: ConnectionId,
    limit: usize,
    extensions: Extensions,
) -> MethodResponse {
    match callback {
        MethodCallback::Async(call) => call(id, params, connection, limit, extensions).await,
        MethodCallback::Sync(call) => call(id, params, limit, extensions),
        // Services push nothing over links.
        MethodCallback::Subscription(_) | MethodCallback::Unsubscription(_) => {
            MethodResponse::error(id, jsonrpsee::types::error::ErrorCode::MethodNotFound)
        }
    }
}
