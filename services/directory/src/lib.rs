//! The directory: organisations in their tree, people, the duties they hold, every credential, and who answers for what.
//! It is the one place that turns a password, a token or a program's secret into an actor, and it answers from the rows as they
//! are at that moment, so that a revocation counts with the next request.
//!
//! It must not know cases, orders, numbers or any other content of the work, how requests arrive, or which role may do what:
//! it knows who holds a role, the policy knows what the role is good for.

mod credentials;
mod demo;
mod domain;
mod jobs;
mod rpc;
mod settings;
mod store;
mod use_cases;

use std::sync::Arc;

use cordon_context::Clock;
use cordon_policies::Gate;
use cordon_store::Database;
use cordon_vault::Vault;

pub use credentials::password::PasswordError;
pub use demo::{DemoClient, DemoDirectory, DemoOrganisation, DemoPerson};
pub use settings::{DirectorySettings, LockOutSettings, PasswordSettings, SessionSettings};
pub use use_cases::bootstrap::{Administrator, FirstAdministrators, Installation};
pub use use_cases::who::Known;

/// What the directory is handed.
pub struct Parts {
    /// Its rows.
    pub database: Database,
    /// Decides who may do what.
    pub gate: Arc<Gate>,
    /// Seals names, logins and codes.
    pub vault: Arc<Vault>,
    /// Gives the time.
    pub clock: Arc<dyn Clock>,
    /// What the operator set.
    pub settings: DirectorySettings,
}

/// The running service; cheap to clone.
#[derive(Clone)]
pub struct Directory(Arc<use_cases::Office>);

/// Puts the service together.
///
/// # Errors
///
/// Fails if the costs of password hashing are set to something that argon2 refuses.
pub fn build(parts: Parts) -> Result<Directory, PasswordError> {
    Ok(Directory(Arc::new(use_cases::Office::new(parts)?)))
}

impl Directory {
    /// The methods of the service, for a link or a route.
    pub fn methods(&self) -> jsonrpsee::Methods {
        let methods = cordon_directory_contract::DirectoryServer::into_rpc(self.clone());
        cordon_rpc::timely(methods, Arc::clone(&self.0.clock))
    }
}

impl std::fmt::Debug for Directory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Directory(..)")
    }
}
