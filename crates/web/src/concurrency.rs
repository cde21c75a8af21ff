//! How many requests are worked on at once; the next one is told to come back, quickly.

use std::sync::Arc;

use cordon_context::{Code, Refusal};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A number of places.
#[derive(Clone, Debug)]
pub struct Places(Arc<Semaphore>);

impl Places {
    /// Makes so many places.
    pub fn new(count: usize) -> Self {
        Self(Arc::new(Semaphore::new(count.min(Semaphore::MAX_PERMITS))))
    }

    /// Takes a place until the answer is dropped, or refuses at once.
    pub fn take(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        Arc::clone(&self.0)
            .try_acquire_owned()
            .map_err(|_full| Refusal { retry_after_seconds: Some(1), ..Refusal::new(Code::Unavailable) })
    }
}
