//! Follows a service's feed of changes for one subscription.
//!
//! The service filters by what the caller may see, in the caller's name and by the policy of that moment. Before each event
//! the credential is checked again and everything loaded before is forgotten.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Context, Result};
use cordon_case_intake_contract::CaseIntakeClient;
use cordon_context::{Actor, CaseId, OrganisationId, Refusal, Region, Role, Timestamp};
use cordon_disposal_contract::DisposalClient;
use cordon_events::Event;
use cordon_rpc::refusal_of;
use futures::Stream;
use serde_json::Value;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::time::{Instant, sleep, sleep_until};

use crate::access;
use crate::answer::error_of;
use crate::budget;
use crate::session::{Session, session};

/// How many changes are fetched at once.
const BATCH: u32 = 100;

/// How long to wait without a signal where signals can be expected; a lost signal costs no more than this.
const FALLBACK: Duration = Duration::from_secs(1);

/// Which service's feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Disposal,
    CaseIntake,
}

impl Source {
    /// The name of the service in its events.
    const fn service(self) -> &'static str {
        match self {
            Self::Disposal => "disposal",
            Self::CaseIntake => "case-intake",
        }
    }
}

/// One change within the caller's reach.
#[derive(Clone, Debug)]
pub(super) struct Happened {
    pub(super) position: i64,
    pub(super) at: Timestamp,
    pub(super) topic: String,
    pub(super) payload: Value,
    pub(super) case: Option<CaseId>,
}

struct Feed<P> {
    session: Arc<Session>,
    field: &'static str,
    source: Source,
    position: Option<i64>,
    waiting: VecDeque<Happened>,
    more: bool,
    fetched: Instant,
    signals: Option<broadcast::Receiver<Arc<Event>>>,
    pick: P,
    fetched_by: Option<Reach>,
    ended: bool,
}

/// What decides how far a caller may see; the order of duties does not matter.
#[derive(PartialEq, Eq)]
struct Reach {
    organisation: OrganisationId,
    region: Region,
    roles: BTreeSet<Role>,
    branches: BTreeSet<OrganisationId>,
}

impl Reach {
    fn of(actor: &Actor) -> Self {
        Self {
            organisation: actor.organisation,
            region: actor.region,
            roles: actor.roles.iter().copied().collect(),
            branches: actor.branches.iter().copied().collect(),
        }
    }
}

/// Follows the feed from a position, or from now on, and picks what is wanted.
pub(super) fn follow<T, P>(
    ctx: &Context<'_>,
    field: &'static str,
    source: Source,
    after: Option<i64>,
    pick: P,
) -> Result<impl Stream<Item = Result<T>> + use<T, P>>
where
    T: Send + 'static,
    P: Fn(Happened) -> Option<T> + Send + 'static,
{
    let session = Arc::clone(session(ctx)?);
    access::enter(&session, "Subscription", field).map_err(|refusal| error_of(&refusal))?;
    let signals = session.engine.bus().map(|bus| bus.watch());
    let feed = Feed {
        session,
        field,
        source,
        position: after,
        waiting: VecDeque::new(),
        more: after.is_some(),
        fetched: Instant::now(),
        signals,
        pick,
        fetched_by: None,
        ended: false,
    };
    Ok(futures::stream::unfold(feed, |mut feed| async move {
        if feed.ended {
            return None;
        }
        let item = feed.next().await.map_err(|refusal| {
            // Whatever refuses here ends the subscription; the client reads why and goes on after its last position.
            feed.ended = true;
            error_of(&refusal)
        });
        Some((item, feed))
    }))
}

impl<P> Feed<P> {
    async fn next<T>(&mut self) -> Result<T, Refusal>
    where
        P: Fn(Happened) -> Option<T>,
    {
        loop {
            while let Some(happened) = self.waiting.pop_front() {
                let position = happened.position;
                let Some(item) = (self.pick)(happened) else { continue };
                self.pay(budget::of_cost(self.session.cost())).await?;
                self.session.renew().await?;
                access::enter(&self.session, "Subscription", self.field)?;
                if self.fetched_by == Some(Reach::of(&self.session.actor()?)) {
                    return Ok(item);
                }
                // What was fetched under another reach is fetched again under the present one.
                self.waiting.clear();
                self.position = Some(position - 1);
                self.more = true;
            }
            if !self.more {
                self.wait().await;
            }
            self.fetch().await?;
        }
    }

    /// Takes units from the caller's budget. A feed for which it does not suffice becomes slower, and does not end.
    async fn pay(&self, units: u32) -> Result<(), Refusal> {
        while let Err(refusal) = self.session.spend(units) {
            let Some(seconds) = refusal.retry_after_seconds else { return Err(refusal) };
            sleep(Duration::from_secs(u64::from(seconds))).await;
        }
        Ok(())
    }

    async fn fetch(&mut self) -> Result<(), Refusal> {
        self.pay(1).await?;
        self.fetched = Instant::now();
        self.session.renew().await?;
        self.fetched_by = Some(Reach::of(&self.session.actor()?));
        let Some(after) = self.position else {
            self.position = Some(self.last_position().await?);
            return Ok(());
        };
        let call = self.session.call()?;
        match self.source {
            Source::Disposal => {
                let changes = DisposalClient::changes(&self.session.services().disposal, call, after, BATCH).await;
                let changes = changes.map_err(|error| refusal_of(&error))?;
                self.more = changes.more;
                self.position = Some(changes.next.max(after));
                self.waiting.extend(changes.changes.into_iter().map(|change| Happened {
                    position: change.position,
                    at: change.at,
                    topic: change.topic,
                    payload: change.payload,
                    case: None,
                }));
            }
            Source::CaseIntake => {
                let changes = CaseIntakeClient::changes(&self.session.services().case_intake, call, after, BATCH).await;
                let changes = changes.map_err(|error| refusal_of(&error))?;
                self.more = changes.more;
                self.position = Some(changes.next.max(after));
                self.waiting.extend(changes.changes.into_iter().map(|change| Happened {
                    position: change.position,
                    at: change.at,
                    topic: change.topic,
                    payload: Value::Null,
                    case: Some(change.case),
                }));
            }
        }
        Ok(())
    }

    async fn last_position(&self) -> Result<i64, Refusal> {
        let call = self.session.call()?;
        let services = self.session.services();
        let last = match self.source {
            Source::Disposal => DisposalClient::last_position(&services.disposal, call).await,
            Source::CaseIntake => CaseIntakeClient::last_position(&services.case_intake, call).await,
        };
        last.map_err(|error| refusal_of(&error))
    }

    /// Waits until something may have happened.
    async fn wait(&mut self) {
        // The first round looks at once, so that what happened before the subscription began is not waited for.
        if self.position.is_none() {
            return;
        }
        // Where much happens, one question asks for many changes.
        let poll = Duration::from_millis(self.session.engine.settings().socket.poll_ms);
        sleep_until(self.fetched + poll).await;
        let Some(signals) = &mut self.signals else { return };
        let service = self.source.service();
        let signal = async {
            loop {
                match signals.recv().await {
                    Ok(event) if event.service == service => break,
                    Ok(_other) => {}
                    // What was missed may have been ours.
                    Err(RecvError::Lagged(_)) => break,
                    Err(RecvError::Closed) => std::future::pending().await,
                }
            }
        };
        // Nothing is lost by the time that runs out: the feed is asked either way.
        let _elapsed = tokio::time::timeout(FALLBACK, signal).await;
        // The question that follows answers every signal that is here already.
        while matches!(signals.try_recv(), Ok(_) | Err(TryRecvError::Lagged(_))) {}
    }
}
