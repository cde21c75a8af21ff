//! What the fields of one request load from case intake, each relation in one call.

use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;
use std::sync::Arc;

use cordon_case_intake_contract::{
    Bulletin, Case, CaseIdentifier, CaseIntakeClient as _, CaseMerge, Clue, ClueQuery, Finding, Import, Report,
    TraceBack,
};
use cordon_context::{
    Action, BulletinId, CallContext, CaseId, ClueId, ClueQueryId, FindingId, ImportId, MergeId, Refusal, ReportId,
    Resource, SubjectId, TraceBackId,
};
use cordon_disposal_contract::routing::{Route, RouteQuestion, RoutingClient as _};
use cordon_disposal_contract::{DisposalClient as _, Listed};
use cordon_identifier::Kind;
use cordon_policies::Gate;
use cordon_rpc::{Link, refusal_of};
use futures::FutureExt as _;
use jsonrpsee::core::ClientError;

use super::belonging::Belonging;
use crate::batch::Batch;
use crate::loaders::rows;
use crate::services::Services;

/// The loaders of one request.
pub(crate) struct CaseIntakeLoaders {
    pub(crate) belonging: Belonging,
    pub(crate) reports: Batch<ReportId, Report>,
    pub(crate) findings: Batch<FindingId, Finding>,
    pub(crate) findings_of_reports: Batch<ReportId, Vec<Finding>>,
    pub(crate) cases_of_reports: Batch<ReportId, Vec<CaseId>>,
    pub(crate) imports: Batch<ImportId, Import>,
    pub(crate) cases: Batch<CaseId, Case>,
    pub(crate) merges: Batch<MergeId, CaseMerge>,
    pub(crate) merges_of_cases: Batch<CaseId, Vec<CaseMerge>>,
    pub(crate) identifiers_of_cases: Batch<CaseId, Arc<[CaseIdentifier]>>,
    pub(crate) clue_queries: Batch<ClueQueryId, ClueQuery>,
    pub(crate) clues: Batch<ClueId, Clue>,
    pub(crate) bulletins: Batch<BulletinId, Bulletin>,
    pub(crate) trace_backs: Batch<TraceBackId, TraceBack>,
    pub(crate) trace_backs_of_bulletins: Batch<BulletinId, Vec<TraceBack>>,
    pub(crate) routes: Batch<RouteKey, Route>,
    pub(crate) listed: Batch<SubjectId, Listed>,
}

/// A subject whose executor is asked for.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct RouteKey {
    /// Which subject.
    pub(crate) subject: SubjectId,
    /// What it is.
    pub(crate) kind: Kind,
    /// Its value, where the kind is not personal and the value therefore not masked.
    pub(crate) plain: Option<Arc<str>>,
}

impl CaseIntakeLoaders {
    /// Makes empty loaders for one caller. Who may not read a kind of resource at all costs no call.
    pub(crate) fn new(services: &Services, gate: &Gate, ctx: &CallContext) -> Self {
        let from = |resource| Source {
            link: services.case_intake.clone(),
            ctx: ctx.clone(),
            may_see: gate.permits(&ctx.actor, Action::Read, resource),
        };
        let report = from(Resource::Report);
        let case = from(Resource::Case);
        let bulletin = from(Resource::Bulletin);
        Self {
            belonging: Belonging::new(services, gate, ctx),
            reports: report
                .rows(|link, ctx, ids| async move { link.reports_by_ids(ctx, ids).await }, |row: &Report| row.id),
            findings: report
                .rows(|link, ctx, ids| async move { link.findings_by_ids(ctx, ids).await }, |row: &Finding| row.id),
            findings_of_reports: report.groups(
                |link, ctx, ids| async move { link.findings_by_reports(ctx, ids).await },
                |row: &Finding| vec![row.report],
            ),
            cases_of_reports: cases_of_reports(&case),
            imports: from(Resource::Import)
                .rows(|link, ctx, ids| async move { link.imports_by_ids(ctx, ids).await }, |row: &Import| row.id),
            cases: case.rows(|link, ctx, ids| async move { link.cases_by_ids(ctx, ids).await }, |row: &Case| row.id),
            merges: case
                .rows(|link, ctx, ids| async move { link.merges_by_ids(ctx, ids).await }, |row: &CaseMerge| row.id),
            merges_of_cases: case.groups(
                |link, ctx, ids| async move { link.merges_by_cases(ctx, ids).await },
                |row: &CaseMerge| row.leads.iter().chain(&row.members).copied().collect(),
            ),
            identifiers_of_cases: identifiers_of_cases(&case),
            clue_queries: from(Resource::ClueQuery).rows(
                |link, ctx, ids| async move { link.clue_queries_by_ids(ctx, ids).await },
                |row: &ClueQuery| row.id,
            ),
            clues: from(Resource::Clue)
                .rows(|link, ctx, ids| async move { link.clues_by_ids(ctx, ids).await }, |row: &Clue| row.id),
            bulletins: bulletin
                .rows(|link, ctx, ids| async move { link.bulletins_by_ids(ctx, ids).await }, |row: &Bulletin| row.id),
            trace_backs: bulletin.rows(
                |link, ctx, ids| async move { link.trace_backs_by_ids(ctx, ids).await },
                |row: &TraceBack| row.id,
            ),
            trace_backs_of_bulletins: bulletin.groups(
                |link, ctx, ids| async move { link.trace_backs_by_bulletins(ctx, ids).await },
                |row: &TraceBack| vec![row.bulletin],
            ),
            routes: routes(&case, services, gate),
            listed: listed(
                services,
                ctx,
                (case.may_see || report.may_see) && !ctx.actor.organisation_kind.is_enterprise(),
            ),
        }
    }
}

/// Where rows come from, and in whose name.
#[derive(Clone)]
struct Source {
    link: Link,
    ctx: CallContext,
    may_see: bool,
}

impl Source {
    /// Loads rows by their own identifiers.
    fn rows<K, V, F>(
        &self,
        call: impl Fn(Link, CallContext, Vec<K>) -> F + Send + Sync + 'static,
        key: impl Fn(&V) -> K + Copy + Send + Sync + 'static,
    ) -> Batch<K, V>
    where
        K: Clone + Eq + Hash + Send + Sync + 'static,
        V: Clone + Send + Sync + 'static,
        F: Future<Output = Result<Vec<V>, ClientError>> + Send + 'static,
    {
        let Self { link, ctx, may_see } = self.clone();
        Batch::new(move |keys| {
            let called = may_see.then(|| call(link.clone(), ctx.clone(), keys));
            async move { Ok(brought(called).await?.into_iter().map(|row| (key(&row), row)).collect()) }.boxed()
        })
    }

    /// Loads rows by what they belong to, in the order in which they come.
    fn groups<K, V, F>(
        &self,
        call: impl Fn(Link, CallContext, Vec<K>) -> F + Send + Sync + 'static,
        keys_of: impl Fn(&V) -> Vec<K> + Copy + Send + Sync + 'static,
    ) -> Batch<K, Vec<V>>
    where
        K: Clone + Eq + Hash + Send + Sync + 'static,
        V: Clone + Send + Sync + 'static,
        F: Future<Output = Result<Vec<V>, ClientError>> + Send + 'static,
    {
        let Self { link, ctx, may_see } = self.clone();
        Batch::new(move |keys| {
            let called = may_see.then(|| call(link.clone(), ctx.clone(), keys));
            async move {
                let mut groups: HashMap<K, Vec<V>> = HashMap::new();
                for row in brought(called).await? {
                    for key in keys_of(&row) {
                        groups.entry(key).or_default().push(row.clone());
                    }
                }
                Ok(groups)
            }
            .boxed()
        })
    }
}

/// Waits for a call, if there is one to make.
async fn brought<V, F>(called: Option<F>) -> Result<Vec<V>, Refusal>
where
    F: Future<Output = Result<Vec<V>, ClientError>>,
{
    match called {
        Some(called) => rows(called.await),
        None => Ok(Vec::new()),
    }
}

fn cases_of_reports(from: &Source) -> Batch<ReportId, Vec<CaseId>> {
    let from = from.clone();
    Batch::new(move |keys| {
        let Source { link, ctx, may_see } = from.clone();
        async move {
            let found = if may_see { rows(link.cases_of_reports(ctx, keys).await)? } else { Vec::new() };
            Ok(found.into_iter().map(|row| (row.report, row.cases)).collect())
        }
        .boxed()
    })
}

/// The most cases whose identifiers one call gives.
const MOST_CASES: usize = 100;

/// A case may name thousands of identifiers, so what was loaded is handed out without a copy.
fn identifiers_of_cases(from: &Source) -> Batch<CaseId, Arc<[CaseIdentifier]>> {
    let from = from.clone();
    Batch::new(move |keys| {
        let Source { link, ctx, may_see } = from.clone();
        async move {
            let mut groups: HashMap<CaseId, Vec<CaseIdentifier>> = HashMap::new();
            for cases in keys.chunks(MOST_CASES).filter(|_cases| may_see) {
                for row in rows(link.identifiers_by_cases(ctx.clone(), cases.to_vec()).await)? {
                    groups.entry(row.case).or_default().push(row);
                }
            }
            Ok(groups.into_iter().map(|(case, found)| (case, found.into())).collect())
        }
        .boxed()
    })
}

/// Asks the routing tables for all subjects at once. A personal value is fetched in the caller's name, so that it is given only
/// for cases within reach; it goes from there to the tables and never into an answer.
fn routes(from: &Source, services: &Services, gate: &Gate) -> Batch<RouteKey, Route> {
    let (from, disposal) = (from.clone(), services.disposal.clone());
    let may_ask = from.may_see && gate.permits(&from.ctx.actor, Action::Read, Resource::Routing);
    Batch::new(move |keys: Vec<RouteKey>| {
        let (Source { link, ctx, .. }, disposal) = (from.clone(), disposal.clone());
        async move {
            let masked: Vec<SubjectId> = keys.iter().filter(|key| key.plain.is_none()).map(|key| key.subject).collect();
            let mut values: HashMap<SubjectId, String> = HashMap::new();
            if may_ask && !masked.is_empty() {
                let found = rows(link.subjects_for_routing(ctx.clone(), masked).await)?;
                values.extend(found.into_iter().map(|row| (row.subject, row.value)));
            }
            let (asked, questions): (Vec<RouteKey>, Vec<RouteQuestion>) = keys
                .into_iter()
                .filter(|_key| may_ask)
                .filter_map(|key| {
                    let value = match &key.plain {
                        Some(plain) => plain.to_string(),
                        None => values.get(&key.subject)?.clone(),
                    };
                    let question = RouteQuestion { kind: key.kind, value, region_hint: None, measure: None };
                    Some((key, question))
                })
                .unzip();
            if asked.is_empty() {
                return Ok(HashMap::new());
            }
            Ok(asked.into_iter().zip(rows(disposal.route(ctx, questions).await)?).collect())
        }
        .boxed()
    })
}

/// Asks the list that people keep. That no answer came is told, since it must not read as that nothing is protected.
fn listed(services: &Services, ctx: &CallContext, may_see: bool) -> Batch<SubjectId, Listed> {
    let (disposal, ctx) = (services.disposal.clone(), ctx.clone());
    Batch::new(move |subjects: Vec<SubjectId>| {
        let called = may_see.then(|| disposal.clone()).map(|link| (link, ctx.clone()));
        async move {
            let Some((link, ctx)) = called else { return Ok(HashMap::new()) };
            let found = link.listed_subjects(ctx, subjects).await.map_err(|error| refusal_of(&error))?;
            Ok(found.into_iter().map(|row| (row.subject, row)).collect())
        }
        .boxed()
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use cordon_case_intake_contract::SubjectValue;
    use cordon_context::{Actor, ActorKind, Bilingual, Clock as _, Id, OrganisationKind, Role, SystemClock};
    use cordon_disposal_contract::ProtectedKind;
    use cordon_disposal_contract::routing::{Destination, RouteObstacle};
    use cordon_policies::{Authorizer, LoggedDenials};
    use cordon_rpc::RpcFailure;
    use jsonrpsee::RpcModule;
    use uuid::Uuid;

    use super::*;

    /// The calls that were made, each with the number of its keys.
    type Calls = Arc<Mutex<Vec<(&'static str, usize)>>>;

    /// Services that know every subject whose number is even, and route everything to the desk.
    fn services(calls: &Calls) -> Services {
        let mut case_intake = RpcModule::new(Arc::clone(calls));
        case_intake
            .register_method("case_intake.subjects_for_routing", |params, calls, _| {
                let (_ctx, subjects): (CallContext, Vec<SubjectId>) = params.parse().unwrap();
                calls.lock().unwrap().push(("values", subjects.len()));
                let known = subjects.into_iter().filter(|subject| subject.uuid().as_u128().is_multiple_of(2));
                Ok::<_, RpcFailure>(known.map(value).collect::<Vec<_>>())
            })
            .unwrap();
        let mut disposal = RpcModule::new(Arc::clone(calls));
        disposal
            .register_method("routing.route", |params, calls, _| {
                let (_ctx, questions): (CallContext, Vec<RouteQuestion>) = params.parse().unwrap();
                calls.lock().unwrap().push(("routes", questions.len()));
                Ok::<_, RpcFailure>(questions.into_iter().map(route).collect::<Vec<_>>())
            })
            .unwrap();
        disposal
            .register_method("disposal.listed_subjects", |params, calls, _| {
                let (_ctx, subjects): (CallContext, Vec<SubjectId>) = params.parse().unwrap();
                calls.lock().unwrap().push(("listed", subjects.len()));
                if subjects.iter().any(|subject| subject.uuid().is_nil()) {
                    return Err(RpcFailure::from(Refusal::unavailable()));
                }
                let known = subjects.into_iter().filter(|subject| subject.uuid().as_u128().is_multiple_of(2));
                Ok(known.map(entry).collect::<Vec<_>>())
            })
            .unwrap();
        Services {
            directory: Link::local(RpcModule::new(())),
            case_intake: Link::local(case_intake),
            disposal: Link::local(disposal),
        }
    }

    fn entry(subject: SubjectId) -> Listed {
        let masked = "138****0000".to_owned();
        Listed { subject, kind: Kind::Phone, masked, reason_kind: ProtectedKind::Hospital, reason: None }
    }

    fn value(subject: SubjectId) -> SubjectValue {
        SubjectValue {
            subject,
            kind: Kind::Phone,
            value: format!("value of {}", subject.uuid().as_u128()),
            masked: "138****0000".to_owned(),
            cases: Vec::new(),
            protected: None,
            victims_own: false,
        }
    }

    /// Repeats the question, so that a test sees which answer belongs to which.
    fn route(question: RouteQuestion) -> Route {
        Route {
            destination: Destination::Desk {
                obstacle: RouteObstacle::NetworkUnknown,
                text: Bilingual::new("未知", "unknown"),
            },
            responsibility: Some(question.value),
            carrier_original: None,
            carrier_current: None,
            region: None,
            resolved_at: SystemClock.now(),
            resolver: "plan".to_owned(),
        }
    }

    fn loaders(calls: &Calls, role: Role) -> CaseIntakeLoaders {
        let gate = Gate::new(Arc::new(Authorizer::embedded().unwrap()), Arc::new(LoggedDenials));
        let mut ctx = CallContext::system("test", SystemClock.now());
        ctx.actor = Actor {
            kind: ActorKind::Person {
                person: Id::from_uuid(Uuid::from_u128(1)),
                session: Id::from_uuid(Uuid::from_u128(2)),
            },
            organisation_kind: OrganisationKind::Police,
            roles: vec![role],
            ..ctx.actor
        };
        CaseIntakeLoaders::new(&services(calls), &gate, &ctx)
    }

    fn key(number: u128, plain: Option<&str>) -> RouteKey {
        let kind = if plain.is_some() { Kind::Domain } else { Kind::Phone };
        RouteKey { subject: Id::from_uuid(Uuid::from_u128(number)), kind, plain: plain.map(Arc::from) }
    }

    #[tokio::test]
    async fn routes_of_a_whole_page_cost_two_calls_and_each_gets_its_own() {
        let calls = Calls::default();
        let loaders = loaders(&calls, Role::PoliceHandler);
        let keys = [key(1, Some("a.example")), key(2, None), key(3, None), key(4, None), key(2, None)];
        let found = futures::future::try_join_all(keys.into_iter().map(|key| loaders.routes.load(key))).await.unwrap();
        let asked: Vec<_> = found.into_iter().map(|route| route.and_then(|route| route.responsibility)).collect();
        let expected = [Some("a.example"), Some("value of 2"), None, Some("value of 4"), Some("value of 2")];
        assert_eq!(asked, expected.map(|text| text.map(str::to_owned)));
        assert_eq!(*calls.lock().unwrap(), [("values", 3), ("routes", 3)]);
    }

    #[tokio::test]
    async fn plain_values_are_routed_without_asking_for_any_in_the_clear() {
        let calls = Calls::default();
        let loaders = loaders(&calls, Role::PoliceHandler);
        assert!(loaders.routes.load(key(1, Some("a.example"))).await.unwrap().is_some());
        assert_eq!(*calls.lock().unwrap(), [("routes", 1)]);
    }

    #[tokio::test]
    async fn the_kept_list_is_asked_once_for_a_page_and_by_readers_of_reports_as_well() {
        for role in [Role::PoliceHandler, Role::HotlineClerk] {
            let calls = Calls::default();
            let loaders = loaders(&calls, role);
            let subjects = [1, 2, 3, 4, 2].map(|number| Id::from_uuid(Uuid::from_u128(number)));
            let asked = subjects.into_iter().map(|subject| loaders.listed.load(subject));
            let found = futures::future::try_join_all(asked).await.unwrap();
            let found: Vec<_> = found.into_iter().map(|entry| entry.map(|entry| entry.subject)).collect();
            assert_eq!(found, [None, Some(subjects[1]), None, Some(subjects[3]), Some(subjects[1])]);
            assert_eq!(*calls.lock().unwrap(), [("listed", 4)]);
        }
    }

    #[tokio::test]
    async fn that_the_kept_list_did_not_answer_never_reads_as_unprotected() {
        let calls = Calls::default();
        let unanswered = loaders(&calls, Role::PoliceHandler).listed.load(Id::from_uuid(Uuid::nil())).await;
        assert_eq!(unanswered.unwrap_err().code, Refusal::unavailable().code);
    }

    #[tokio::test]
    async fn who_may_read_no_case_causes_no_call() {
        let calls = Calls::default();
        let loaders = loaders(&calls, Role::Auditor);
        assert!(loaders.routes.load(key(2, None)).await.unwrap().is_none());
        assert!(loaders.cases.load(Id::from_uuid(Uuid::nil())).await.unwrap().is_none());
        assert!(loaders.listed.load(Id::from_uuid(Uuid::from_u128(2))).await.unwrap().is_none());
        assert!(loaders.identifiers_of_cases.load(Id::from_uuid(Uuid::nil())).await.unwrap().is_none());
        assert!(calls.lock().unwrap().is_empty());
    }
}
