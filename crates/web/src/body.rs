//! Bodies, read with a cap, a deadline and a lowest speed, before anything is parsed.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::web::Payload;
use cordon_context::{Code, Refusal};
use futures::StreamExt as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, timeout_at};

/// How large and how slow a body may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BodyLimits {
    /// The most bytes.
    pub max_bytes: usize,
    /// The most milliseconds from the head of the request to the end of the body.
    pub deadline_ms: u64,
    /// The fewest bytes per second, measured from the second second on; 0 switches this off.
    pub min_bytes_per_second: u64,
}

impl Default for BodyLimits {
    fn default() -> Self {
        Self { max_bytes: 64 << 10, deadline_ms: 10_000, min_bytes_per_second: 512 }
    }
}

/// Watches a body while it arrives.
pub(crate) struct Watch {
    limits: BodyLimits,
    begun: Instant,
    end: Instant,
    seen: usize,
}

/// How long a body may dawdle before its speed counts.
const GRACE: Duration = Duration::from_secs(1);

impl Watch {
    /// Begins, and refuses at once what says that it will be too large.
    pub(crate) fn begin(request: &HttpRequest, limits: BodyLimits) -> Result<Self, Refusal> {
        if let Some(length) = request.headers().get(CONTENT_LENGTH) {
            let length: usize = length
                .to_str()
                .ok()
                .and_then(|text| text.parse().ok())
                .ok_or_else(|| Refusal::new(Code::BadRequest))?;
            if length > limits.max_bytes {
                return Err(Refusal::new(Code::BodyTooLarge));
            }
        }
        let begun = Instant::now();
        Ok(Self { limits, begun, end: begun + Duration::from_millis(limits.deadline_ms), seen: 0 })
    }

    /// Until when the next piece must be here.
    pub(crate) fn next_due(&self) -> Instant {
        let Some(millis) = u64::try_from(self.seen)
            .unwrap_or(u64::MAX)
            .saturating_mul(1_000)
            .checked_div(self.limits.min_bytes_per_second)
        else {
            return self.end;
        };
        // What has arrived pays for so much time at the lowest speed.
        let paid = Duration::from_millis(millis.min(self.limits.deadline_ms));
        self.end.min(self.begun + GRACE + paid)
    }

    /// Counts a piece.
    pub(crate) fn count(&mut self, bytes: usize) -> Result<(), Refusal> {
        self.seen = self.seen.saturating_add(bytes);
        if self.seen > self.limits.max_bytes { Err(Refusal::new(Code::BodyTooLarge)) } else { Ok(()) }
    }
}

/// Reads a whole body.
pub async fn read(request: &HttpRequest, mut payload: Payload, limits: BodyLimits) -> Result<Vec<u8>, Refusal> {
    let mut watch = Watch::begin(request, limits)?;
    let mut body = Vec::new();
    loop {
        let piece =
            timeout_at(watch.next_due(), payload.next()).await.map_err(|_elapsed| Refusal::new(Code::BodyTimeout))?;
        let Some(piece) = piece else {
            return Ok(body);
        };
        let piece = piece.map_err(|_source| Refusal::new(Code::BadRequest))?;
        watch.count(piece.len())?;
        body.extend_from_slice(&piece);
    }
}
