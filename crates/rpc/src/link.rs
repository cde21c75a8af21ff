//! The client side.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use cordon_context::{Clock, Timestamp};
use jsonrpsee::Methods;
use jsonrpsee::core::client::{BatchResponse, ClientT};
use jsonrpsee::core::params::BatchRequestBuilder;
use jsonrpsee::core::traits::ToRpcParams;
use jsonrpsee::core::{ClientError, JsonRawValue};
use jsonrpsee::types::{ErrorObjectOwned, Id, Request};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::CallKey;
use crate::timely::deadline_of;

/// The header that carries a call's signature.
pub(crate) const SIGNATURE_HEADER: &str = "x-cordon-call";

/// A way to a service's methods: in this process, or in another one.
#[derive(Clone)]
pub struct Link(Transport);

#[derive(Clone)]
enum Transport {
    Local(Methods),
    Remote(Arc<Remote>),
}

struct Remote {
    url: String,
    key: CallKey,
    clock: Arc<dyn Clock>,
    timeout: Duration,
    client: reqwest::Client,
}

/// How a remote service is reached.
#[derive(Clone)]
pub struct RemoteSettings {
    /// The service's base address, such as `http://disposal:8080`.
    pub base_url: String,
    /// The key with which calls are signed.
    pub key: CallKey,
    /// The clock from which signatures take their time.
    pub clock: Arc<dyn Clock>,
    /// How long a call may take whose deadline is later still.
    pub timeout: Duration,
}

/// A remote link could not be set up.
#[derive(Debug, thiserror::Error)]
#[error("the remote link could not be set up")]
pub struct LinkError(#[from] reqwest::Error);

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Transport::Local(_) => f.write_str("Link::Local"),
            Transport::Remote(remote) => write!(f, "Link::Remote({})", remote.url),
        }
    }
}

impl Link {
    /// Calls methods in this process.
    pub fn local(methods: impl Into<Methods>) -> Self {
        Self(Transport::Local(methods.into()))
    }

    /// Calls methods over HTTP.
    pub fn remote(settings: RemoteSettings) -> Result<Self, LinkError> {
        let client = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(2))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()?;
        let url = format!("{}/rpc", settings.base_url.trim_end_matches('/'));
        let RemoteSettings { base_url: _, key, clock, timeout } = settings;
        Ok(Self(Transport::Remote(Arc::new(Remote { url, key, clock, timeout, client }))))
    }

    async fn exchange(&self, request: String, deadline: Option<Timestamp>) -> Result<Box<JsonRawValue>, ClientError> {
        match &self.0 {
            Transport::Local(methods) => {
                let (answer, _notifications) = methods.raw_json_request(&request, 1).await?;
                Ok(answer)
            }
            Transport::Remote(remote) => {
                let body = request.into_bytes();
                let now = remote.clock.now();
                let timeout = deadline.map_or(remote.timeout, |deadline| deadline.since(now).min(remote.timeout));
                let answer = remote
                    .client
                    .post(&remote.url)
                    .header(SIGNATURE_HEADER, remote.key.sign(now, &body))
                    .header("content-type", "application/json")
                    .body(body)
                    .timeout(timeout)
                    .send()
                    .await
                    .and_then(reqwest::Response::error_for_status)
                    .map_err(transport)?;
                Ok(serde_json::from_slice(&answer.bytes().await.map_err(transport)?)?)
            }
        }
    }
}

fn transport(error: reqwest::Error) -> ClientError {
    if error.is_timeout() { ClientError::RequestTimeout } else { ClientError::Transport(Box::new(error)) }
}

#[derive(Deserialize)]
struct Answer<R> {
    result: Option<R>,
    error: Option<ErrorObjectOwned>,
}

impl ClientT for Link {
    async fn notification<Params>(&self, _method: &str, _params: Params) -> Result<(), ClientError>
    where
        Params: ToRpcParams + Send,
    {
        // Every call between services wants its answer; a lost notification would be a silent loss.
        Err(ClientError::HttpNotImplemented)
    }

    async fn request<R, Params>(&self, method: &str, params: Params) -> Result<R, ClientError>
    where
        R: DeserializeOwned,
        Params: ToRpcParams + Send,
    {
        let params = params.to_rpc_params()?;
        let deadline = params.as_deref().and_then(|params| deadline_of(params.get()));
        let request = serde_json::to_string(&Request::borrowed(method, params.as_deref(), Id::Number(0)))?;
        let answer = self.exchange(request, deadline).await?;
        // A null result is an answer too, so the error decides which of the two it is.
        let answer: Answer<Box<JsonRawValue>> = serde_json::from_str(answer.get())?;
        match (answer.error, answer.result) {
            (Some(error), _) => Err(ClientError::Call(error)),
            (None, Some(result)) => Ok(serde_json::from_str(result.get())?),
            (None, None) => Ok(serde_json::from_str("null")?),
        }
    }

    async fn batch_request<'a, R>(&self, _batch: BatchRequestBuilder<'a>) -> Result<BatchResponse<'a, R>, ClientError>
    where
        R: DeserializeOwned + fmt::Debug + 'a,
    {
        // Methods that take many things take them in one call.
        Err(ClientError::HttpNotImplemented)
    }
}
