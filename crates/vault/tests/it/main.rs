//! The vault seen from outside, with keys in a real directory.

#![expect(clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod binding;
mod key_directory;
mod rotation;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use cordon_vault::{LocalKeyService, Suite, Vault};
use tempfile::TempDir;

const SUITES: [Suite; 2] = [Suite::Aes256GcmSha256, Suite::Sm4GcmSm3];

/// A key directory that is gone when the test ends.
struct Keys {
    _scratch: TempDir,
    path: PathBuf,
}

impl Keys {
    fn new() -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("keys");
        Self { _scratch: scratch, path }
    }

    fn service(&self, suite: Suite) -> Arc<LocalKeyService> {
        open(&self.path, suite)
    }

    fn vault(&self, suite: Suite, purpose: &str) -> Vault {
        Vault::new(self.service(suite), purpose)
    }
}

fn open(path: &Path, suite: Suite) -> Arc<LocalKeyService> {
    Arc::new(LocalKeyService::open_or_create(path, suite).expect("the key directory opens"))
}
