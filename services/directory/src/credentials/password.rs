//! Hashing passwords: argon2id, a few at a time, never on a thread that serves requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use cordon_context::{Code, Refusal};
use cordon_directory_contract::Secret;
use cordon_store::Failure;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::token::{TokenKind, fresh};
use crate::settings::PasswordSettings;

/// The settings for hashing make no sense, or hashing failed.
#[derive(Debug, thiserror::Error)]
#[error("argon2 refused: {0}")]
pub struct PasswordError(String);

/// How a password compared with a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Compared {
    /// Whether it is the same.
    pub(crate) same: bool,
    /// Whether the hash was made at another cost than today's.
    pub(crate) outdated: bool,
}

/// Hashes and compares passwords; at most a few at once.
pub(crate) struct Passwords {
    argon: Argon2<'static>,
    costs: String,
    permits: Arc<Semaphore>,
    longest_wait: Duration,
    /// The hash of a password that nobody has, so that an unknown login costs what a known one does.
    nobody: String,
    running: Arc<Running>,
}

#[derive(Default)]
struct Running {
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Passwords {
    pub(crate) fn new(settings: &PasswordSettings) -> Result<Self, PasswordError> {
        let params = Params::new(settings.memory_kib, settings.passes, settings.lanes, None).map_err(refused)?;
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobodys = fresh(TokenKind::Session).map_err(refused)?;
        let nobody = argon.hash_password(nobodys.expose().as_bytes()).map_err(refused)?.to_string();
        Ok(Self {
            argon,
            costs: costs_of(&nobody).to_owned(),
            permits: Arc::new(Semaphore::new(usize::try_from(settings.parallel.max(1)).unwrap_or(1))),
            longest_wait: Duration::from_millis(u64::from(settings.longest_wait_ms)),
            nobody,
            running: Arc::default(),
        })
    }

    /// Makes a hash to keep.
    pub(crate) async fn hash(&self, password: Secret) -> Result<String, Failure> {
        let argon = self.argon.clone();
        self.in_turn(move || {
            argon.hash_password(password.expose().as_bytes()).map(|hash| hash.to_string()).map_err(refused)
        })
        .await?
        .map_err(|source| Failure::internal("a password could not be hashed", source))
    }

    /// Compares a password with a kept hash, or, at the same cost, with nobody's.
    pub(crate) async fn compare(&self, password: Secret, hash: Option<String>) -> Result<Compared, Failure> {
        let argon = self.argon.clone();
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.nobody.clone());
        let outdated = known && costs_of(&hash) != self.costs;
        let same = self
            .in_turn(move || -> Result<bool, PasswordError> {
                let hash = PasswordHash::new(&hash).map_err(refused)?;
                Ok(argon.verify_password(password.expose().as_bytes(), &hash).is_ok())
            })
            .await?
            .map_err(|source| Failure::internal("a stored password hash is unreadable", source))?;
        Ok(Compared { same: same && known, outdated })
    }

    /// The most hashes that ever ran at the same time.
    #[cfg(test)]
    pub(crate) fn most_at_once(&self) -> usize {
        self.running.most.load(Ordering::SeqCst)
    }

    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
        let turn = tokio::time::timeout(self.longest_wait, Arc::clone(&self.permits).acquire_owned()).await;
        let Ok(Ok(permit)) = turn else {
            return Err(Refusal { retry_after_seconds: Some(5), ..Refusal::new(Code::RateLimited) }.into());
        };
        let running = Arc::clone(&self.running);
        // The permit goes with the work: a caller that hangs up does not make room for another hash.
        tokio::task::spawn_blocking(move || {
            let _permit: OwnedSemaphorePermit = permit;
            let now = running.now.fetch_add(1, Ordering::SeqCst) + 1;
            running.most.fetch_max(now, Ordering::SeqCst);
            let outcome = work();
            running.now.fetch_sub(1, Ordering::SeqCst);
            outcome
        })
        .await
        .map_err(|_panicked| Failure::Panicked)
    }
}

fn refused(error: impl std::fmt::Display) -> PasswordError {
    PasswordError(error.to_string())
}

/// The part of a hash in PHC form that names algorithm, version and costs.
fn costs_of(hash: &str) -> &str {
    hash.match_indices('$').nth(3).map_or("", |(end, _)| hash.get(..end).unwrap_or(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cheap(parallel: u32) -> PasswordSettings {
        PasswordSettings { memory_kib: 64, passes: 1, lanes: 1, parallel, longest_wait_ms: 60_000 }
    }

    #[tokio::test]
    async fn hashes_are_salted_and_know_their_costs() {
        let passwords = Passwords::new(&cheap(1)).unwrap();
        let one = passwords.hash("correct horse battery".into()).await.unwrap();
        let other = passwords.hash("correct horse battery".into()).await.unwrap();
        assert_ne!(one, other);
        assert!(one.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{one}");
        let compared = passwords.compare("correct horse battery".into(), Some(one.clone())).await.unwrap();
        assert_eq!(compared, Compared { same: true, outdated: false });
        assert!(!passwords.compare("correct horse batterY".into(), Some(one.clone())).await.unwrap().same);
        let dearer = Passwords::new(&PasswordSettings { passes: 2, ..cheap(1) }).unwrap();
        assert_eq!(
            dearer.compare("correct horse battery".into(), Some(one)).await.unwrap(),
            Compared { same: true, outdated: true }
        );
    }

    #[tokio::test]
    async fn nobodys_password_is_never_right() {
        let passwords = Passwords::new(&cheap(1)).unwrap();
        assert_eq!(
            passwords.compare("anything at all".into(), None).await.unwrap(),
            Compared { same: false, outdated: false }
        );
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn no_more_hashes_run_at_once_than_set() {
        for limit in [1, 3] {
            let passwords = Arc::new(Passwords::new(&PasswordSettings { memory_kib: 4_096, ..cheap(limit) }).unwrap());
            let many = (0..40).map(|_| {
                let passwords = Arc::clone(&passwords);
                async move { passwords.compare("correct horse battery".into(), None).await.unwrap() }
            });
            futures::future::join_all(many).await;
            assert!(passwords.most_at_once() <= usize::try_from(limit).unwrap());
        }
    }

    #[tokio::test]
    async fn a_queue_that_is_too_long_is_told_to_come_again() {
        let passwords = Passwords::new(&PasswordSettings { longest_wait_ms: 0, ..cheap(1) }).unwrap();
        let _taken = passwords.permits.acquire().await.unwrap();
        let refused = passwords.hash("correct horse battery".into()).await.unwrap_err();
        let Failure::Refused(refusal) = refused else { panic!("{refused}") };
        assert_eq!(refusal.code, Code::RateLimited);
    }
}
