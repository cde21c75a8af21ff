//! The feed of changes from which subscriptions live: in order of commit, and only what the caller may know.

use cordon_context::{CallContext, CaseId, OrganisationId, Reach, Region, Scope};
use cordon_disposal_contract::{Change, Changes};
use cordon_events::Event;
use cordon_policies::{act, on};
use cordon_store::Failure;
use serde::Deserialize;

use crate::service::Disposal;
use crate::store::calendar;

/// The most events that one call looks at.
const MOST: u32 = 500;

/// What the payloads of events say about whom they concern.
#[derive(Deserialize, Default)]
struct Concerned {
    #[serde(default)]
    region: Option<Region>,
    #[serde(default)]
    requester: Option<OrganisationId>,
    #[serde(default)]
    competent: Option<OrganisationId>,
    #[serde(default)]
    executor: Option<OrganisationId>,
    #[serde(default)]
    case: Option<CaseId>,
    #[serde(default)]
    own_measure: bool,
}

impl Disposal {
    /// Tells what changed after a position, as far as the caller may know.
    pub(crate) async fn changes(&self, ctx: &CallContext, after: i64, limit: u32) -> Result<Changes, Failure> {
        let tasks = self.grant::<act::Read, on::Task>(ctx);
        let orders = self.grant::<act::Read, on::Order>(ctx);
        let appeals = self.grant::<act::Read, on::Appeal>(ctx);
        let nothing = Scope::nothing();
        let limit = limit.clamp(1, MOST);
        let events = self.parts.database.changes(after, limit).await?;
        let more = events.len() >= usize::try_from(limit).unwrap_or(usize::MAX);
        let next = events.last().map_or(after, |event| event.position);
        let mut changes = Vec::new();
        for event in events {
            let topic = event.content.topic.as_str();
            let scope = if topic.starts_with("disposal.order_") || topic == "disposal.paperwork_overdue" {
                orders.as_ref().map_or(&nothing, |grant| grant.scope())
            } else if topic.starts_with("disposal.appeal_") {
                appeals.as_ref().map_or(&nothing, |grant| grant.scope())
            } else {
                tasks.as_ref().map_or(&nothing, |grant| grant.scope())
            };
            if !scope.is_nothing() && self.concerns(ctx, scope, &event).await? {
                let Event { id: _, service: _, position, at, content } = event;
                changes.push(Change {
                    position,
                    at,
                    topic: content.topic,
                    subject: content.subject,
                    // Who else hears of it is not the listener's business.
                    audience: content.audience.into_iter().filter(|one| *one == ctx.actor.organisation).collect(),
                    payload: content.payload,
                });
            }
        }
        Ok(Changes { changes, next, more })
    }

    /// The position of the last change.
    pub(crate) async fn last_position(&self, _ctx: &CallContext) -> Result<i64, Failure> {
        self.parts.database.last_position().await
    }

    async fn concerns(&self, ctx: &CallContext, scope: &Scope, event: &Event) -> Result<bool, Failure> {
        if event.content.audience.contains(&ctx.actor.organisation) {
            return Ok(true);
        }
        let concerned: Concerned = serde_json::from_value(event.content.payload.clone()).unwrap_or_default();
        for reach in scope.reaches() {
            let within = match reach {
                Reach::All => true,
                Reach::Region(region) => concerned.region.is_some_and(|place| region.contains(place)),
                Reach::Instructed(region) => {
                    !concerned.own_measure && concerned.region.is_some_and(|place| region.contains(place))
                }
                Reach::Organisation(organisation) => {
                    concerned.requester == Some(*organisation) || concerned.competent == Some(*organisation)
                }
                Reach::Addressed(organisations) => {
                    concerned.executor.is_some_and(|executor| organisations.contains(&executor))
                }
                Reach::OwnCase(organisation) => match concerned.case {
                    Some(case) => calendar::takes_part(self.parts.database.reader(), case, *organisation).await?,
                    None => false,
                },
            };
            if within {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
