//! What this service asks of other services, behind traits that tests can stand in for.

use async_trait::async_trait;
use cordon_case_intake_contract::{CaseIntakeClient as _, CaseStatus, SubjectValue, SubjectsForDisposal};
use cordon_context::{
    CallContext, CaseId, MAX_PAGE, OrganisationId, OrganisationKind, OrganisationLevel, PageRequest, PersonId, Refusal,
    Region, Role, SubjectId,
};
use cordon_directory_contract::{DirectoryClient as _, OrganisationFilter, PersonFilter};
use cordon_disposal_contract::routing::Route;
use cordon_identifier::Identifier;
use cordon_rpc::{Link, refusal_of};
use cordon_store::{Failure, Tx};

use crate::routing::{Question, Router};

/// Finds out who answers for targets.
#[async_trait]
pub trait Routes: Send + Sync + 'static {
    /// One route for each question, in their order.
    async fn route_many(&self, questions: &[Question]) -> Result<Vec<Route>, Failure>;

    /// Notes an executor's answer that a number was taken to another enterprise.
    async fn learn_ported(
        &self,
        tx: &mut Tx,
        subject: &Identifier,
        to: OrganisationId,
        by: OrganisationId,
    ) -> Result<(), Failure>;

    /// Forgets such an answer, because the enterprise that it named does not have the number.
    async fn unlearn_ported(&self, tx: &mut Tx, subject: &Identifier, named: OrganisationId) -> Result<(), Failure>;
}

#[async_trait]
impl Routes for Router {
    async fn route_many(&self, questions: &[Question]) -> Result<Vec<Route>, Failure> {
        Router::route_many(self, questions).await
    }

    async fn learn_ported(
        &self,
        tx: &mut Tx,
        subject: &Identifier,
        to: OrganisationId,
        by: OrganisationId,
    ) -> Result<(), Failure> {
        Router::learn_ported(self, tx, subject, to, by).await
    }

    async fn unlearn_ported(&self, tx: &mut Tx, subject: &Identifier, named: OrganisationId) -> Result<(), Failure> {
        Router::unlearn_ported(self, tx, subject, named).await
    }
}

/// The roles whose duty it is to decide appeals.
const HEARING: [Role; 2] = [Role::AppealOfficer, Role::EnterpriseLegal];

/// What has to be known of an organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Organ {
    /// Which.
    pub id: OrganisationId,
    /// What it is.
    pub kind: OrganisationKind,
    /// At which level it stands.
    pub level: OrganisationLevel,
    /// The region for which it is competent.
    pub region: Region,
    /// The organisation above it.
    pub parent: Option<OrganisationId>,
    /// Whether it may act.
    pub active: bool,
}

/// Who stands above an organisation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Superiors {
    /// The organisation directly above it.
    pub parent: Option<OrganisationId>,
    /// The communications authority of its region, if it is an enterprise.
    pub authority: Option<OrganisationId>,
    /// The ministry.
    pub ministry: Option<OrganisationId>,
}

/// Answers of the case intake and the directory.
#[async_trait]
pub trait Neighbours: Send + Sync + 'static {
    /// The values of subjects of cases within the caller's reach; what is out of reach is absent.
    async fn subjects(
        &self,
        ctx: &CallContext,
        case: Option<CaseId>,
        subjects: Vec<SubjectId>,
    ) -> Result<Vec<SubjectValue>, Refusal>;

    /// How a case stands; none if it does not exist or lies outside the caller's reach.
    async fn case_status(&self, ctx: &CallContext, case: CaseId) -> Result<Option<CaseStatus>, Refusal>;

    /// Whether a person belongs to this organisation, may act, and has the duty to decide appeals there.
    async fn hears_appeals(
        &self,
        ctx: &CallContext,
        person: PersonId,
        organisation: OrganisationId,
    ) -> Result<bool, Refusal>;

    /// Who stands above an organisation.
    async fn superiors(&self, ctx: &CallContext, organisation: OrganisationId) -> Result<Superiors, Refusal>;

    /// Organisations by their identifiers; unknown ones are absent.
    async fn organs(&self, ctx: &CallContext, organisations: Vec<OrganisationId>) -> Result<Vec<Organ>, Refusal>;
}

/// Neighbours that are reached over links.
#[derive(Clone, Debug)]
pub struct LinkedNeighbours {
    /// The way to the case intake.
    pub case_intake: Link,
    /// The way to the directory.
    pub directory: Link,
}

#[async_trait]
impl Neighbours for LinkedNeighbours {
    async fn subjects(
        &self,
        ctx: &CallContext,
        case: Option<CaseId>,
        subjects: Vec<SubjectId>,
    ) -> Result<Vec<SubjectValue>, Refusal> {
        let input = SubjectsForDisposal { case, subjects };
        // The key belongs to the caller's own request, not to this question.
        let ctx = CallContext { idempotency_key: None, ..ctx.clone() };
        self.case_intake.subjects_for_disposal(ctx, input).await.map_err(|error| refusal_of(&error))
    }

    async fn case_status(&self, ctx: &CallContext, case: CaseId) -> Result<Option<CaseStatus>, Refusal> {
        let ctx = CallContext { idempotency_key: None, ..ctx.clone() };
        let found = self.case_intake.cases_by_ids(ctx, vec![case]).await.map_err(|error| refusal_of(&error))?;
        Ok(found.into_iter().next().map(|case| case.status))
    }

    async fn hears_appeals(
        &self,
        ctx: &CallContext,
        person: PersonId,
        organisation: OrganisationId,
    ) -> Result<bool, Refusal> {
        let ctx = CallContext { idempotency_key: None, ..ctx.clone() };
        for role in HEARING {
            let filter = PersonFilter { organisation: Some(organisation), role: Some(role), active: Some(true) };
            let mut page = PageRequest { first: Some(MAX_PAGE), ..PageRequest::default() };
            loop {
                let found = self.directory.people(ctx.clone(), filter.clone(), page.clone()).await;
                let found = found.map_err(|error| refusal_of(&error))?;
                if found.edges.iter().any(|(_, found)| found.id == person) {
                    return Ok(true);
                }
                let Some((last, _)) = found.edges.into_iter().next_back().filter(|_| found.has_next) else { break };
                page.after = Some(last);
            }
        }
        Ok(false)
    }

    async fn superiors(&self, ctx: &CallContext, organisation: OrganisationId) -> Result<Superiors, Refusal> {
        let Some(below) = self.organs(ctx, vec![organisation]).await?.pop() else { return Ok(Superiors::default()) };
        let ctx = CallContext { idempotency_key: None, ..ctx.clone() };
        let kinds = vec![OrganisationKind::CommAuthority, OrganisationKind::Ministry];
        let filter = OrganisationFilter { kinds, active: Some(true), ..OrganisationFilter::default() };
        let mut found = Superiors { parent: below.parent, ..Superiors::default() };
        let mut page = PageRequest { first: Some(MAX_PAGE), ..PageRequest::default() };
        loop {
            let listed = self.directory.organisations(ctx.clone(), filter.clone(), page.clone()).await;
            let listed = listed.map_err(|error| refusal_of(&error))?;
            for (_, organ) in &listed.edges {
                match organ.kind {
                    OrganisationKind::Ministry => found.ministry = found.ministry.or(Some(organ.id)),
                    OrganisationKind::CommAuthority
                        if below.kind.is_enterprise() && organ.region.contains(below.region) =>
                    {
                        found.authority = found.authority.or(Some(organ.id));
                    }
                    _ => {}
                }
            }
            let Some((last, _)) = listed.edges.into_iter().next_back().filter(|_| listed.has_next) else { break };
            page.after = Some(last);
        }
        Ok(found)
    }

    async fn organs(&self, ctx: &CallContext, organisations: Vec<OrganisationId>) -> Result<Vec<Organ>, Refusal> {
        let ctx = CallContext { idempotency_key: None, ..ctx.clone() };
        let found =
            self.directory.organisations_by_ids(ctx, organisations).await.map_err(|error| refusal_of(&error))?;
        Ok(found
            .into_iter()
            .map(|organisation| Organ {
                id: organisation.id,
                kind: organisation.kind,
                level: organisation.level,
                region: organisation.region,
                parent: organisation.parent,
                active: organisation.active,
            })
            .collect())
    }
}
