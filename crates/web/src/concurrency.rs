//! How much is worked on at once; the next one is told to come back, quickly.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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

/// A number of places for each key, such as a caller or an address, so that one of them cannot take those of all others.
#[derive(Clone, Debug)]
pub struct PlacesPerKey {
    most: usize,
    taken: Arc<Mutex<HashMap<String, usize>>>,
}

impl PlacesPerKey {
    /// Makes so many places for each key.
    pub fn new(most: usize) -> Self {
        Self { most, taken: Arc::default() }
    }

    /// Takes a place of this key until it is dropped, or refuses at once.
    pub fn take(&self, key: &str) -> Result<PlaceOfKey, Refusal> {
        let mut taken = lock(&self.taken);
        let count = taken.get(key).copied().unwrap_or(0);
        if count >= self.most {
            return Err(Refusal { retry_after_seconds: Some(1), ..Refusal::new(Code::RateLimited) });
        }
        taken.insert(key.to_owned(), count + 1);
        Ok(PlaceOfKey { key: key.to_owned(), taken: Arc::clone(&self.taken) })
    }
}

/// A place that one key has taken.
#[derive(Debug)]
pub struct PlaceOfKey {
    key: String,
    taken: Arc<Mutex<HashMap<String, usize>>>,
}

impl Drop for PlaceOfKey {
    fn drop(&mut self) {
        let mut taken = lock(&self.taken);
        match taken.get_mut(&self.key) {
            Some(count) if *count > 1 => *count -= 1,
            // Keys that hold nothing are forgotten, so that memory does not grow with everybody who ever came.
            Some(_) | None => drop(taken.remove(&self.key)),
        }
    }
}

fn lock(taken: &Mutex<HashMap<String, usize>>) -> MutexGuard<'_, HashMap<String, usize>> {
    taken.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_takes_its_own_places_only_and_gives_them_back() {
        let places = PlacesPerKey::new(2);
        let held = [places.take("one").unwrap(), places.take("one").unwrap()];
        assert_eq!(places.take("one").unwrap_err().code, Code::RateLimited);
        assert!(places.take("two").is_ok());
        drop(held);
        assert!(places.take("one").is_ok());
        assert!(lock(&places.taken).is_empty(), "what nobody holds is forgotten");
    }
}
