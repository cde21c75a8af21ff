//! The service itself: its parts, its methods, its consumer and its jobs.

use std::sync::Arc;

use cordon_context::OrganisationKind;
use cordon_context::{
    Actor, CallContext, Clock, OrganisationId, OrganisationLevel, PersonId, Region, Role, SubjectId, Timestamp,
};
use cordon_events::Consumer;
use cordon_identifier::Identifier;
use cordon_policies::{ActionName, Gate, Grant, ResourceName, act, on};
use cordon_store::{Database, Failure};
use cordon_vault::Vault;
use futures::future::BoxFuture;
use jsonrpsee::Methods;
use tokio_util::sync::CancellationToken;

use crate::domain::measures::{MeasureTable, MeasureTableError};
use crate::jobs;
use crate::neighbours::{Neighbours, Routes};
use crate::settings::DisposalSettings;
use crate::store::orders::StoredOrder;
use crate::store::tasks::StoredTask;

/// The field under which subjects are fingerprinted; every service that names subjects uses it, so that all find the same one.
const SUBJECT_FIELD: &str = "subject";

/// What the service is built from.
pub struct Parts {
    /// Its rows.
    pub database: Database,
    /// Decides who may do what.
    pub gate: Arc<Gate>,
    /// Seals targets and signs payloads.
    pub vault: Arc<Vault>,
    /// Gives the time.
    pub clock: Arc<dyn Clock>,
    /// Finds out who answers for targets.
    pub router: Arc<dyn Routes>,
    /// The case intake and the directory.
    pub neighbours: Arc<dyn Neighbours>,
    /// What an installation may change.
    pub settings: DisposalSettings,
}

/// The disposal service; cheap to clone.
#[derive(Clone)]
pub struct Disposal {
    pub(crate) parts: Arc<Parts>,
    pub(crate) measures: Arc<MeasureTable>,
    /// What its jobs leave alone for a while.
    pub(crate) resting: Arc<jobs::Resting>,
}

/// Puts the service together.
///
/// # Errors
///
/// Fails if the configured measure table is not well-formed.
pub fn build(parts: Parts) -> Result<Disposal, MeasureTableError> {
    let measures = Arc::new(parts.settings.measures()?);
    parts.database.seal_answers(Arc::clone(&parts.vault));
    Ok(Disposal { parts: Arc::new(parts), measures, resting: Arc::default() })
}

impl Disposal {
    /// The methods that others call, delivery and routing tables excepted.
    pub fn methods(&self) -> Methods {
        use cordon_disposal_contract::DisposalServer as _;
        cordon_rpc::timely(self.clone().into_rpc(), Arc::clone(&self.parts.clock))
    }

    /// Hears of cases; belongs on the bus that carries the events of the case intake.
    pub fn consumer(&self) -> Arc<dyn Consumer> {
        Arc::new(jobs::case_events::CaseEvents::new(self.clone()))
    }

    /// The loops that run beside the methods until `stop` is cancelled.
    pub fn jobs(&self, stop: &CancellationToken) -> Vec<BoxFuture<'static, ()>> {
        jobs::all(self, stop)
    }

    /// Does once everything that is due now; tells how many things were done.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn run_due(&self) -> Result<usize, Failure> {
        jobs::run_due(self).await
    }

    /// Writes the calendar years that the platform starts with, where nobody has set them.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn prepare(&self) -> Result<(), Failure> {
        crate::use_cases::calendar::prepare(self).await
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    pub(crate) fn grant<A: ActionName, R: ResourceName>(&self, ctx: &CallContext) -> Result<Grant<A, R>, Failure> {
        Ok(self.parts.gate.authorize(ctx)?)
    }

    /// As [`Self::grant`], for an answer to a task: one that is not signed though it should be belongs on the task's timeline.
    pub(crate) fn grant_answer(&self, ctx: &CallContext) -> Result<Grant<act::Execute, on::Task>, Failure> {
        Ok(self.parts.gate.authorize_unsigned(ctx)?)
    }

    pub(crate) fn system(&self, reason: &'static str) -> CallContext {
        CallContext::system(reason, self.now())
    }

    /// The blind index of a target and the identifier that it gives, the same in every service.
    pub(crate) fn subject(&self, identifier: &Identifier) -> Result<(SubjectId, Vec<u8>), Failure> {
        let text = format!("{}:{}", identifier.kind().code(), identifier.value());
        let index = self
            .parts
            .vault
            .blind_index(SUBJECT_FIELD, text.as_bytes())
            .map_err(|source| Failure::internal("a target could not be indexed", source))?;
        let id = SubjectId::from_uuid(uuid::Builder::from_custom_bytes(*index.as_bytes()).into_uuid());
        Ok((id, index.to_vec()))
    }
}

impl std::fmt::Debug for Disposal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Disposal(..)")
    }
}

/// A failure as the log wants it, with everything that caused it.
pub(crate) fn cause(failure: &Failure) -> &(dyn std::error::Error + 'static) {
    failure
}

/// The questions about an actor that the rules ask.
pub(crate) trait Standing {
    /// Whether it acts for this organisation.
    fn acts_for(&self, organisation: OrganisationId) -> bool;
    /// Whether it acts for this organisation or one above it in the same enterprise.
    fn executes_for(&self, organisation: OrganisationId) -> bool;
    /// Whether it acts for a state organ above that one: of the same kind or the ministry, at a higher level, in whose region it lies.
    fn is_above(&self, kind: OrganisationKind, level: OrganisationLevel, region: Region) -> bool;
    /// Whether a job of the platform acts.
    fn is_system(&self) -> bool;
    /// The person, or a refusal where a rule asks for one.
    fn named_person(&self) -> Result<PersonId, Failure>;
}

impl Standing for Actor {
    fn acts_for(&self, organisation: OrganisationId) -> bool {
        self.organisation == organisation
    }

    fn executes_for(&self, organisation: OrganisationId) -> bool {
        self.organisation_kind.is_enterprise()
            && (self.organisation == organisation || self.branches.contains(&organisation))
    }

    fn is_above(&self, kind: OrganisationKind, level: OrganisationLevel, region: Region) -> bool {
        let same_line = self.organisation_kind == kind || self.organisation_kind == OrganisationKind::Ministry;
        self.organisation_kind.is_state_organ() && same_line && self.level < level && self.region.contains(region)
    }

    fn is_system(&self) -> bool {
        self.holds(Role::System)
    }

    fn named_person(&self) -> Result<PersonId, Failure> {
        self.person()
            .ok_or_else(|| cordon_context::Refusal::from(crate::domain::rules::RuleViolation::ORDER_PERSON).into())
    }
}

impl StoredOrder {
    /// Whether the actor acts for the requester or an organ above it.
    pub(crate) fn is_led_by(&self, actor: &Actor) -> bool {
        actor.acts_for(self.requester) || actor.is_above(self.requester_kind, self.requester_level, self.region)
    }
}

impl StoredTask {
    /// Whether the actor acts for the present executor.
    pub(crate) fn is_executed_by(&self, actor: &Actor) -> bool {
        self.executor.is_some_and(|executor| actor.executes_for(executor))
    }
}
