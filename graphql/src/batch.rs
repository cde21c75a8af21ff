//! Loading what many fields of one request ask for in one call.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cordon_context::Refusal;
use futures::FutureExt as _;
use futures::future::{BoxFuture, Shared};

/// What one call brought, or why it brought nothing.
type Fetched<K, V> = Result<Arc<HashMap<K, V>>, Refusal>;
type Call<K, V> = Shared<BoxFuture<'static, Fetched<K, V>>>;
type Fetch<K, V> = Box<dyn Fn(Vec<K>) -> BoxFuture<'static, Result<HashMap<K, V>, Refusal>> + Send + Sync>;

/// How often a field steps back without a new key before it goes on. An object polls a field again as soon as its other fields
/// are done, before the rows beside it have their turn: each level of objects above a field takes one step back.
const QUIET_ROUNDS: u32 = 12;

/// The most keys of one call; what is more goes into further calls.
const MOST_KEYS: usize = 500;

/// Collects keys until every field that can run has asked, then fetches them together.
///
/// There is no timer: a field steps back until no sibling adds a key any more. It lives as long as one
/// request, so nothing it remembers can reach another caller.
pub(crate) struct Batch<K, V> {
    fetch: Fetch<K, V>,
    state: Mutex<State<K, V>>,
}

struct State<K, V> {
    waiting: Vec<K>,
    calls: HashMap<K, Call<K, V>>,
}

impl<K, V> Batch<K, V>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    pub(crate) fn new(
        fetch: impl Fn(Vec<K>) -> BoxFuture<'static, Result<HashMap<K, V>, Refusal>> + Send + Sync + 'static,
    ) -> Self {
        let state = State { waiting: Vec::new(), calls: HashMap::new() };
        Self { fetch: Box::new(fetch), state: Mutex::new(state) }
    }

    /// Loads one; absent is what does not exist or lies outside the caller's reach.
    pub(crate) async fn load(&self, key: K) -> Result<Option<V>, Refusal> {
        let known = {
            let mut state = self.lock();
            let known = state.calls.get(&key).cloned();
            if known.is_none() && !state.waiting.contains(&key) {
                state.waiting.push(key.clone());
            }
            known
        };
        let call = match known {
            Some(call) => call,
            None => {
                self.gather().await;
                self.call_for(&key)
            }
        };
        Ok(call.await?.get(&key).cloned())
    }

    /// Loads several, in the order of the keys, without what is absent.
    pub(crate) async fn load_many(&self, keys: &[K]) -> Result<Vec<V>, Refusal> {
        let found = futures::future::try_join_all(keys.iter().map(|key| self.load(key.clone()))).await?;
        Ok(found.into_iter().flatten().collect())
    }

    /// Steps back until no sibling has added a key for a while.
    async fn gather(&self) {
        let mut asked = self.lock().waiting.len();
        let mut quiet = 0;
        while quiet < QUIET_ROUNDS {
            step_back().await;
            let waiting = self.lock().waiting.len();
            quiet = if waiting == asked { quiet + 1 } else { 0 };
            asked = waiting;
        }
    }

    fn call_for(&self, key: &K) -> Call<K, V> {
        let mut state = self.lock();
        if let Some(call) = state.calls.get(key) {
            return call.clone();
        }
        let mut keys = std::mem::take(&mut state.waiting);
        if let Some(own) = keys.iter().position(|waiting| waiting == key) {
            keys.swap(0, own);
        } else {
            keys.insert(0, key.clone());
        }
        if keys.len() > MOST_KEYS {
            state.waiting = keys.split_off(MOST_KEYS);
        }
        let fetched = (self.fetch)(keys.clone());
        let call: Call<K, V> = async move { fetched.await.map(Arc::new) }.boxed().shared();
        for key in keys {
            state.calls.insert(key, call.clone());
        }
        call
    }

    fn lock(&self) -> MutexGuard<'_, State<K, V>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits for nothing, once: whatever else can run in this request runs first.
async fn step_back() {
    let mut stepped = false;
    std::future::poll_fn(|context| {
        if stepped {
            return std::task::Poll::Ready(());
        }
        stepped = true;
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn counting(calls: &Arc<AtomicUsize>) -> Batch<u32, String> {
        let calls = Arc::clone(calls);
        Batch::new(move |keys: Vec<u32>| {
            calls.fetch_add(1, Ordering::SeqCst);
            async move { Ok(keys.into_iter().filter(|key| *key < 1_000).map(|key| (key, key.to_string())).collect()) }
                .boxed()
        })
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn siblings_share_one_call_and_what_is_known_costs_none() {
        let calls = Arc::new(AtomicUsize::new(0));
        let batch = counting(&calls);
        let loads = (0..200).chain(0..200).chain([5_000]).map(|key| batch.load(key));
        let found = futures::future::try_join_all(loads).await.unwrap();
        assert_eq!(found.iter().flatten().count(), 400);
        assert_eq!(calls.load(Ordering::SeqCst), 1);
        assert_eq!(batch.load(7).await.unwrap(), Some("7".to_owned()));
        assert_eq!(batch.load(5_000).await.unwrap(), None);
        assert_eq!(calls.load(Ordering::SeqCst), 1);
        // The negative control: a key that nobody asked for before takes a call of its own.
        batch.load(900).await.unwrap();
        assert_eq!(calls.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn very_many_keys_are_split() {
        let calls = Arc::new(AtomicUsize::new(0));
        let batch = counting(&calls);
        let keys: Vec<u32> = (0..1_200).collect();
        assert_eq!(batch.load_many(&keys).await.unwrap().len(), 1_000);
        assert_eq!(calls.load(Ordering::SeqCst), 3);
    }
}
