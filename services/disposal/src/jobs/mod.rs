//! What happens by itself: issuing, deadlines, ends of measures, notices and appeals that nobody answered, events of cases.

mod appeal_clock;
mod calendar_clock;
pub(crate) mod case_events;
mod expiry;
mod notice_clock;
mod order_clock;
mod task_clock;

use std::time::Duration;

use cordon_store::Failure;
use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use crate::service::{Disposal, cause};

/// Every loop of the service.
pub(crate) fn all(service: &Disposal, stop: &CancellationToken) -> Vec<BoxFuture<'static, ()>> {
    let clocks = {
        let (service, stop) = (service.clone(), stop.clone());
        async move {
            while !stop.is_cancelled() {
                let done = match run_due(&service).await {
                    Ok(done) => done,
                    Err(error) => {
                        tracing::error!(error = cause(&error), "the clocks of the disposal service could not be read");
                        0
                    }
                };
                if done == 0 {
                    let pause = Duration::from_millis(service.parts.settings.job_interval_ms.max(10));
                    tokio::select! {
                        () = tokio::time::sleep(pause) => {}
                        () = stop.cancelled() => {}
                    }
                }
            }
        }
    };
    vec![Box::pin(clocks)]
}

/// Does once everything that is due; tells how many things were done.
pub(crate) async fn run_due(service: &Disposal) -> Result<usize, Failure> {
    let mut done = service.issue_approved().await?;
    done += order_clock::run(service).await?;
    done += task_clock::run(service).await?;
    done += expiry::run(service).await?;
    done += notice_clock::run(service).await?;
    done += appeal_clock::run(service).await?;
    done += calendar_clock::run(service).await?;
    Ok(done)
}

/// What became of one row that a job took up: somebody else's step in between is no failure, the row is looked at again.
pub(crate) fn settled(outcome: Result<bool, Failure>) -> Result<usize, Failure> {
    match outcome {
        Ok(changed) => Ok(usize::from(changed)),
        Err(Failure::Refused(refusal)) => {
            tracing::debug!(refusal = %refusal, "a job was overtaken");
            Ok(0)
        }
        Err(error) => Err(error),
    }
}
