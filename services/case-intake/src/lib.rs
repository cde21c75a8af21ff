//! Case intake: fraud reports from every channel with the identifiers found in them, the cases that are opened from them, and
//! what agencies and enterprises ask and tell each other about cases: clue queries, clues, major-case bulletins.
//!
//! It must not know orders, tasks or measures, who is responsible for a number, how requests arrive, or which role may do what.
//! It proposes no target: an identifier becomes one only when a person chooses it elsewhere.

mod addressees;
mod domain;
mod import;
mod intake;
mod jobs;
mod pipeline;
mod preparing;
mod rpc;
mod sealing;
mod settings;
mod store;
mod uploads;
mod use_cases;

use std::sync::Arc;

use cordon_case_intake_contract::{CaseIntakeServer as _, Import};
use cordon_context::{CallContext, Clock, Refusal, Timestamp};
use cordon_identifier::ProtectedList;
use cordon_policies::Gate;
use cordon_rpc::Link;
use cordon_store::Database;
use cordon_vault::Vault;
use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;

pub use pipeline::{ImportMode, ImportSource, Progress};
pub use settings::{
    BulletinSettings, CalendarSettings, CaseIntakeSettings, ClueQuerySettings, ClueSettings, ImportSettings,
    JobSettings, ReportPeriods,
};

/// What case intake is handed.
pub struct Parts {
    /// Its rows.
    pub database: Database,
    /// Decides who may do what.
    pub gate: Arc<Gate>,
    /// Seals texts, numbers and answers.
    pub vault: Arc<Vault>,
    /// Gives the time.
    pub clock: Arc<dyn Clock>,
    /// The way to the directory.
    pub directory: Link,
    /// What must not become a target by accident; shown with every identifier.
    pub protected: Arc<ProtectedList>,
    /// What the operator set.
    pub settings: CaseIntakeSettings,
}

/// The running service; cheap to clone.
#[derive(Clone)]
pub struct CaseIntake(pub(crate) intake::Intake);

/// Puts the service together.
pub fn build(parts: Parts) -> CaseIntake {
    parts.database.seal_answers(Arc::clone(&parts.vault));
    CaseIntake(intake::Intake::new(parts))
}

impl CaseIntake {
    /// The methods of the service, for a link or a route.
    pub fn methods(&self) -> jsonrpsee::Methods {
        cordon_rpc::timely(self.clone().into_rpc(), Arc::clone(&self.0.clock))
    }

    /// The background work of the service; each future runs until `stop` is cancelled.
    pub fn jobs(&self, stop: &CancellationToken) -> Vec<BoxFuture<'static, ()>> {
        vec![Box::pin(jobs::run(self.0.clone(), stop.clone()))]
    }

    /// Does once what the background work would do now, and tells how many things it moved.
    ///
    /// # Errors
    ///
    /// The first failure; what was moved before stays moved.
    pub async fn run_due(&self, now: Timestamp) -> Result<u64, Refusal> {
        Ok(jobs::run_due(&self.0, now).await?)
    }

    /// Imports a file of reports from this machine's disk and tells of its progress; memory stays flat whatever its size.
    ///
    /// A dry run ends with the import checked; the other modes end with it committed. The same file by the same organisation is
    /// the same import: a second call goes on where the first one stopped, or answers what it answered.
    ///
    /// # Errors
    ///
    /// Refuses whom the policy does not allow, an upload that is not there, and all-or-nothing with a broken row.
    pub async fn import_reports(
        &self,
        ctx: &CallContext,
        source: ImportSource,
        mode: ImportMode,
        progress: impl Fn(Progress) + Send + Sync + 'static,
    ) -> Result<Import, Refusal> {
        Ok(use_cases::importing::import_now(&self.0, ctx, source, mode, Arc::new(progress)).await?)
    }

    /// Waits until imports that run in the background have come to the end of their present step; for an orderly stop.
    pub async fn settle(&self) {
        self.0.background.close();
        self.0.background.wait().await;
        self.0.background.reopen();
    }
}

impl std::fmt::Debug for CaseIntake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CaseIntake(..)")
    }
}
