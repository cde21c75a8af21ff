//! What happens without being asked: rows that no longer mean anything are deleted.

use std::sync::Arc;
use std::time::Duration;

use cordon_context::{CallContext, Refusal, Timestamp};
use cordon_store::{AuditRecord, Failure};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::Directory;
use crate::store::{guards, sessions};
use crate::use_cases::Office;

const EVERY: Duration = Duration::from_hours(1);

impl Directory {
    /// The loops that run beside the service until `stop` is cancelled.
    pub fn jobs(&self, stop: CancellationToken) -> Vec<BoxFuture<'static, ()>> {
        let directory = self.clone();
        let sweep = async move {
            while !stop.is_cancelled() {
                if let Err(refusal) = directory.run_due(directory.0.now()).await {
                    tracing::warn!(job = "directory.sweep", error = %refusal, "old sessions were not deleted; the next round tries again");
                }
                tokio::select! {
                    () = tokio::time::sleep(EVERY) => {}
                    () = stop.cancelled() => {}
                }
            }
        };
        vec![sweep.boxed()]
    }

    /// Deletes sessions that ended long ago and counts of attempts that are forgotten; tells how many rows went.
    ///
    /// # Errors
    ///
    /// Fails if the database does not answer.
    pub async fn run_due(&self, now: Timestamp) -> Result<u64, Refusal> {
        sweep(&self.0, now).await.map_err(Refusal::from)
    }
}

async fn sweep(office: &Arc<Office>, now: Timestamp) -> Result<u64, Failure> {
    let settings = &office.settings;
    let sessions_before = now.minus(Duration::from_secs(u64::from(settings.session.keep_days) * 24 * 3_600));
    let guards_before = now.minus(Duration::from_secs(u64::from(settings.lock_out.forget_after_hours) * 3_600));
    office
        .database
        .write(&CallContext::system("sweep", now), move |mut tx| async move {
            let sessions = sessions::sweep(&tx, sessions_before).await?;
            let guards = guards::sweep(&tx, guards_before).await?;
            if sessions > 0 {
                tx.record(AuditRecord::new("session.sweep", "session_all", json!({"count": sessions})));
            }
            tx.commit(sessions + guards).await
        })
        .await
}
