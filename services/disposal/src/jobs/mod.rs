//! What happens by itself: issuing, deadlines, ends of measures, notices and appeals that nobody answered, events of cases.

mod appeal_clock;
mod calendar_clock;
pub(crate) mod case_events;
mod expiry;
mod late_reports;
mod limited_resume_clock;
mod notice_clock;
mod order_clock;
mod release_sweep;
mod superiors;
mod task_clock;

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use cordon_context::{Code, Id, IdKind, Timestamp};
use cordon_policies::{ActionName, Grant, ResourceName};
use cordon_store::{Committed, Failure, Tx};
use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::service::{Disposal, cause};

/// Every loop of the service.
pub(crate) fn all(service: &Disposal, stop: &CancellationToken) -> Vec<BoxFuture<'static, ()>> {
    let clocks = {
        let (service, stop) = (service.clone(), stop.clone());
        async move {
            let pause = Duration::from_millis(service.parts.settings.job_interval_ms.max(10));
            while !stop.is_cancelled() {
                let done = match run_due(&service).await {
                    Ok(done) => done,
                    Err(error) => {
                        tracing::error!(error = cause(&error), "the clocks of the disposal service could not be read");
                        0
                    }
                };
                if done == 0 {
                    // A stop ends the pause, and with it the loop.
                    stop.run_until_cancelled(tokio::time::sleep(pause)).await;
                }
            }
        }
    };
    vec![Box::pin(clocks)]
}

/// Does once everything that is due; tells how many things were done. No job waits for another one to succeed.
pub(crate) async fn run_due(service: &Disposal) -> Result<usize, Failure> {
    let mut sum = Sum::default();
    sum.add("issue", service.issue_approved().await);
    sum.add("orders", order_clock::run(service).await);
    sum.add("tasks", task_clock::run(service).await);
    sum.add("expiry", expiry::run(service).await);
    sum.add("releases", release_sweep::run(service).await);
    sum.add("notices", notice_clock::run(service).await);
    sum.add("appeals", appeal_clock::run(service).await);
    sum.add("limited resume", limited_resume_clock::run(service).await);
    sum.add("late reports", late_reports::run(service).await);
    sum.add("calendar", calendar_clock::run(service).await);
    match sum {
        Sum { done: 0, failure: Some(failure) } => Err(failure),
        Sum { done, .. } => Ok(done),
    }
}

/// What the jobs did together, and the first that failed.
#[derive(Default)]
struct Sum {
    done: usize,
    failure: Option<Failure>,
}

impl Sum {
    fn add(&mut self, job: &'static str, outcome: Result<usize, Failure>) {
        match outcome {
            Ok(done) => self.done += done,
            Err(failure) => {
                tracing::warn!(job, error = cause(&failure), "a job of the disposal service broke off");
                self.failure.get_or_insert(failure);
            }
        }
    }
}

impl Disposal {
    /// A step of a job: the platform acts for this reason, by the right that the work takes, in a transaction of its own.
    pub(crate) async fn step<A, R, T, F>(
        &self,
        why: &'static str,
        work: impl FnOnce(Self, Grant<A, R>, Tx) -> F + Send + 'static,
    ) -> Result<T, Failure>
    where
        A: ActionName,
        R: ResourceName,
        T: Send + 'static,
        F: Future<Output = Result<Committed<T>, Failure>> + Send + 'static,
    {
        let ctx = self.system(why);
        let grant = self.grant::<A, R>(&ctx)?;
        let service = self.clone();
        self.parts.database.write(&ctx, move |tx| work(service, grant, tx)).await
    }
}

/// How long a row is left alone that a job could not handle, or that a rule refuses.
const REST: Duration = Duration::from_mins(15);

/// How long a row is left alone with which the database failed; mostly it is the database, and not the row.
const SHORT_REST: Duration = Duration::from_mins(1);

/// How long a row is left alone that waits for a neighbour: not so long that anybody waits for it, and long enough for the others.
const MOMENT: Duration = Duration::from_secs(5);

/// Rows that jobs leave alone for a while, so that one that cannot be handled does not keep the others from their turn.
#[derive(Default)]
pub(crate) struct Resting(Mutex<HashMap<(&'static str, Uuid), Timestamp>>);

impl Resting {
    fn rows(&self, job: &'static str, now: Timestamp) -> HashSet<Uuid> {
        let mut resting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        resting.retain(|_, until| *until > now);
        resting.keys().filter(|(of, _)| *of == job).map(|(_, row)| *row).collect()
    }

    fn rest(&self, job: &'static str, row: Uuid, until: Timestamp) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert((job, row), until);
    }
}

/// One pass of a job over the rows that are due.
pub(crate) struct Pass<'a> {
    service: &'a Disposal,
    job: &'static str,
    now: Timestamp,
    resting: HashSet<Uuid>,
}

impl<'a> Pass<'a> {
    pub(crate) fn new(service: &'a Disposal, job: &'static str) -> Self {
        let now = service.now();
        Self { service, job, now, resting: service.resting.rows(job, now) }
    }

    /// How many rows to ask for: those that rest come first in every list and must not crowd the others out.
    pub(crate) fn at_most(&self) -> u32 {
        let resting = u32::try_from(self.resting.len()).unwrap_or(u32::MAX);
        self.service.parts.settings.job_batch.saturating_add(resting)
    }

    /// Handles each row by itself; one that cannot be handled is reported and left alone for a while.
    pub(crate) async fn each<K: IdKind, F: Future<Output = Result<bool, Failure>>>(
        self,
        due: Vec<Id<K>>,
        handle: impl Fn(Id<K>) -> F,
    ) -> Result<usize, Failure> {
        let mut done = 0;
        for row in due.into_iter().filter(|row| !self.resting.contains(&row.uuid())) {
            match handle(row).await {
                Ok(changed) => done += usize::from(changed),
                // Somebody else's step in between is no failure; the row is looked at again with the next pass.
                Err(Failure::Refused(refusal)) if refusal.code == Code::Conflict => {
                    tracing::debug!(job = self.job, row = %row, refusal = %refusal, "a job was overtaken");
                }
                // So many rows may wait for the same neighbour that the others would never have their turn.
                Err(Failure::Refused(refusal))
                    if matches!(refusal.code, Code::Unavailable | Code::DeadlineExceeded) =>
                {
                    tracing::debug!(job = self.job, row = %row, refusal = %refusal, "a job waits for a neighbour");
                    self.rest(row, MOMENT);
                }
                Err(Failure::Refused(refusal)) => {
                    tracing::warn!(job = self.job, row = %row, refusal = %refusal, "a job may not go on with a row");
                    self.rest(row, REST);
                }
                Err(failure @ Failure::Store(_)) => {
                    self.rest(row, SHORT_REST);
                    return Err(failure);
                }
                Err(failure) => {
                    tracing::error!(job = self.job, row = %row, error = cause(&failure), "a job cannot handle a row");
                    self.rest(row, REST);
                }
            }
        }
        Ok(done)
    }

    fn rest<K: IdKind>(&self, row: Id<K>, time: Duration) {
        self.service.resting.rest(self.job, row.uuid(), self.now.plus(time));
    }
}
