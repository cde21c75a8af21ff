//! How a refusal travels in a JSON-RPC error object, and back.

use cordon_context::{Code, Refusal};
use jsonrpsee::core::ClientError;
use jsonrpsee::types::ErrorObjectOwned;

/// The number under which every refusal travels; the meaning is in the error's data.
const REFUSED: i32 = -32_000;

/// A refusal on its way over a link.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct RpcFailure(#[from] pub Refusal);

impl From<RpcFailure> for ErrorObjectOwned {
    fn from(failure: RpcFailure) -> Self {
        ErrorObjectOwned::owned(REFUSED, failure.0.code.as_str(), Some(failure.0))
    }
}

/// Gives back the refusal that a call ended with; anything else that went wrong on the way reads as unavailable.
pub fn refusal_of(error: &ClientError) -> Refusal {
    match error {
        ClientError::Call(object) if object.code() == REFUSED => object
            .data()
            .and_then(|data| serde_json::from_str(data.get()).ok())
            .unwrap_or_else(|| Refusal::new(Code::Internal)),
        ClientError::Call(object) => {
            // The method is unknown or its parameters do not parse: the two sides differ in version.
            tracing::error!(rpc.error_code = object.code(), "a call did not fit the service's contract");
            Refusal::new(Code::Internal)
        }
        ClientError::RequestTimeout => Refusal::new(Code::DeadlineExceeded),
        other => {
            tracing::warn!(rpc.error = %other, "a service did not answer");
            Refusal::unavailable()
        }
    }
}
