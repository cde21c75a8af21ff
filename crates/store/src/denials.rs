//! Refused attempts go into the ledger too, through one writer: however many there are, they take one transaction at a time.
//!
//! What one party was refused on one thing several times before the writer came by is one entry that says how many times.
//! Of a flood with more faces than that only the number is kept. No refusal goes uncounted.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use cordon_context::{Action, CallContext, DenialLog, OrganisationId, Resource};
use cordon_ledger::Outcome;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::{AuditRecord, Database, Failure};

/// So many different refusals are told apart in one transaction.
const MOST_TOLD_APART: usize = 256;
/// The writer leaves the database to others for so long after each transaction.
const PAUSE: Duration = Duration::from_millis(200);
/// And for so long after one that failed.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(2);

/// Who was refused what.
type Face = (String, OrganisationId, Action, Resource);

/// What waits to be written down.
#[derive(Default)]
struct Waiting {
    told_apart: BTreeMap<Face, Refused>,
    /// Refusals that were only counted.
    more: u64,
    /// Whether the writer is at work.
    writing: bool,
}

#[derive(Clone)]
struct Refused {
    /// The first of these calls.
    context: CallContext,
    times: u64,
}

/// The refusals of one database on their way into its ledger.
#[derive(Default)]
pub(crate) struct Denials {
    waiting: Mutex<Waiting>,
    /// Ends the pauses, so that an orderly stop does not wait for them.
    pub(crate) hurry: CancellationToken,
}

/// What one transaction writes down.
#[derive(Clone, Default)]
struct Batch {
    told_apart: BTreeMap<Face, Refused>,
    more: u64,
}

impl Denials {
    fn with<T>(&self, work: impl FnOnce(&mut Waiting) -> T) -> T {
        // A thread that panicked here left counters behind, and they are as good as before.
        work(&mut self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Notes a refusal; tells whether a writer has to be started.
    fn note(&self, face: Face, refused: Refused) -> bool {
        self.with(|waiting| {
            waiting.add(face, refused);
            !std::mem::replace(&mut waiting.writing, true)
        })
    }

    /// Everything that waits; with nothing left the writer is off duty.
    fn take(&self) -> Option<Batch> {
        self.with(|waiting| {
            if waiting.told_apart.is_empty() && waiting.more == 0 {
                waiting.writing = false;
                return None;
            }
            Some(Batch { told_apart: std::mem::take(&mut waiting.told_apart), more: std::mem::take(&mut waiting.more) })
        })
    }

    fn put_back(&self, batch: Batch) {
        self.with(|waiting| {
            waiting.more = waiting.more.saturating_add(batch.more);
            for (face, refused) in batch.told_apart {
                waiting.add(face, refused);
            }
        });
    }
}

impl Waiting {
    fn add(&mut self, face: Face, refused: Refused) {
        let room = self.told_apart.len() < MOST_TOLD_APART;
        match self.told_apart.get_mut(&face) {
            Some(before) => before.times = before.times.saturating_add(refused.times),
            None if room => {
                self.told_apart.insert(face, refused);
            }
            None => self.more = self.more.saturating_add(refused.times),
        }
    }
}

impl Batch {
    fn count(&self) -> u64 {
        self.told_apart.values().fold(self.more, |sum, refused| sum.saturating_add(refused.times))
    }
}

impl DenialLog for Database {
    fn denied(&self, ctx: &CallContext, action: Action, resource: Resource) {
        let face = (ctx.actor.party(), ctx.actor.organisation, action, resource);
        if self.inner.denials.note(face, Refused { context: ctx.clone(), times: 1 }) {
            self.inner.writes.spawn_on(write_down(self.clone()), &self.inner.runtime);
        }
    }
}

/// The writer on duty. However it ends, the next refusal finds nobody on duty and starts another one.
struct OnDuty<'a> {
    denials: &'a Denials,
    /// What is being written down; noted again if the writer ends in the middle, rather twice than not at all.
    under_way: Option<Batch>,
    ended_early: bool,
}

impl Drop for OnDuty<'_> {
    fn drop(&mut self) {
        if let Some(batch) = self.under_way.take() {
            self.denials.put_back(batch);
        }
        // A writer that found nothing left is off duty already, and another one may have begun since.
        if self.ended_early {
            self.denials.with(|waiting| waiting.writing = false);
        }
    }
}

/// Writes until nothing waits. Refusals stay noted while the database is away; one more try is made when the process ends.
async fn write_down(database: Database) {
    let denials = &database.inner.denials;
    let hurry = &denials.hurry;
    let mut duty = OnDuty { denials, under_way: None, ended_early: true };
    while let Some(batch) = denials.take() {
        let last_try = hurry.is_cancelled();
        duty.under_way = Some(batch.clone());
        let pause = match database.write_batch(batch.clone()).await {
            Ok(()) => {
                duty.under_way = None;
                PAUSE
            }
            Err(failure) => {
                let error = &failure as &dyn std::error::Error;
                tracing::error!(
                    error,
                    count = batch.count(),
                    lost = last_try,
                    "refused attempts were not written down"
                );
                duty.under_way = None;
                if !last_try {
                    denials.put_back(batch);
                }
                PAUSE_AFTER_FAILURE
            }
        };
        hurry.run_until_cancelled(tokio::time::sleep(pause)).await;
    }
    duty.ended_early = false;
}

impl Database {
    async fn write_batch(&self, batch: Batch) -> Result<(), Failure> {
        let context = CallContext::system("denials", self.inner.clock.now());
        self.write(&context, move |mut tx| async move {
            for ((_party, _organisation, action, resource), Refused { context, times }) in batch.told_apart {
                let payload = if times == 1 { json!({}) } else { json!({ "times": times }) };
                let record = AuditRecord::new(format!("{resource}.{action}"), resource.name(), payload);
                tx.record_of(context, record.with_outcome(Outcome::Denied));
            }
            if batch.more > 0 {
                let record = AuditRecord::new("denials.more", "denials", json!({ "times": batch.more }));
                tx.record(record.with_outcome(Outcome::Denied));
            }
            tx.commit(()).await
        })
        .await
    }
}
