//! Lists of cases and histories of things, each kind loaded in one call for all fields of a request that ask.

use std::collections::HashMap;
use std::future::Future;

use async_graphql::{Context, Result};
use cordon_case_intake_contract::{CaseIntakeClient as _, ClueQuery, HistoryEntry, HistoryOf, PageOfCase, Report};
use cordon_context::{Action, CallContext, CaseId, Cursor, Page, PageRequest, Resource};
use cordon_policies::Gate;
use cordon_rpc::Link;
use futures::FutureExt as _;
use jsonrpsee::core::ClientError;
use uuid::Uuid;

use crate::answer::error_of;
use crate::batch::Batch;
use crate::loaders::rows;
use crate::services::Services;
use crate::session::loaders;

/// The loaders of one request.
pub(crate) struct Belonging {
    pub(crate) reports: Batch<PageKey, Page<Report>>,
    pub(crate) clue_queries: Batch<PageKey, Page<ClueQuery>>,
    pub(crate) histories: Batch<HistoryOf, Vec<HistoryEntry>>,
}

/// Which part of the list of one case is wanted.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct PageKey {
    case: CaseId,
    part: Part,
}

/// A page request, as far as it tells calls apart.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Part {
    first: Option<u32>,
    after: Option<(i64, Uuid)>,
    count: bool,
}

impl Part {
    fn request(&self) -> PageRequest {
        let Self { first, after, count } = self;
        PageRequest { first: *first, after: after.map(|(key, id)| Cursor { key, id }), count: *count }
    }
}

impl PageKey {
    pub(crate) fn new(case: CaseId, request: PageRequest) -> Self {
        let PageRequest { first, after, count } = request;
        Self { case, part: Part { first, after: after.map(|Cursor { key, id }| (key, id)), count } }
    }
}

impl Belonging {
    /// Makes empty loaders for one caller. Who may not read a kind of resource at all costs no call.
    pub(crate) fn new(services: &Services, gate: &Gate, ctx: &CallContext) -> Self {
        let link = services.case_intake.clone();
        let may = |resource| gate.permits(&ctx.actor, Action::Read, resource);
        Self {
            reports: pages(&link, ctx, may(Resource::Report), |link, ctx, cases, part| async move {
                link.reports_of_cases(ctx, cases, part).await
            }),
            clue_queries: pages(&link, ctx, may(Resource::ClueQuery), |link, ctx, cases, part| async move {
                link.clue_queries_of_cases(ctx, cases, part).await
            }),
            histories: histories(&link, ctx),
        }
    }
}

/// Loads pages by the case to which they belong; one call for all cases of which the same part is wanted.
fn pages<V, F>(
    link: &Link,
    ctx: &CallContext,
    may_see: bool,
    call: impl Fn(Link, CallContext, Vec<CaseId>, PageRequest) -> F + Copy + Send + Sync + 'static,
) -> Batch<PageKey, Page<V>>
where
    V: Clone + Send + Sync + 'static,
    F: Future<Output = Result<Vec<PageOfCase<V>>, ClientError>> + Send + 'static,
{
    let (link, ctx) = (link.clone(), ctx.clone());
    Batch::new(move |keys: Vec<PageKey>| {
        let (link, ctx) = (link.clone(), ctx.clone());
        async move {
            let mut wanted: HashMap<Part, Vec<CaseId>> = HashMap::new();
            for PageKey { case, part } in keys.into_iter().filter(|_key| may_see) {
                wanted.entry(part).or_default().push(case);
            }
            let mut found = HashMap::new();
            for (part, cases) in wanted {
                let pages = rows(call(link.clone(), ctx.clone(), cases, part.request()).await)?;
                let keyed =
                    pages.into_iter().map(|PageOfCase { case, page }| (PageKey { case, part: part.clone() }, page));
                found.extend(keyed);
            }
            Ok(found)
        }
        .boxed()
    })
}

/// Whoever was shown a thing may ask for its history; the service looks again.
fn histories(link: &Link, ctx: &CallContext) -> Batch<HistoryOf, Vec<HistoryEntry>> {
    let (link, ctx) = (link.clone(), ctx.clone());
    Batch::new(move |of: Vec<HistoryOf>| {
        let (link, ctx) = (link.clone(), ctx.clone());
        async move {
            let found = rows(link.histories(ctx, of).await)?;
            Ok(found.into_iter().map(|history| (history.of, history.entries)).collect())
        }
        .boxed()
    })
}

/// The part of a list that belongs to one case; empty if it lies outside the caller's reach.
pub(super) async fn page_of<V>(
    ctx: &Context<'_>,
    batch: impl Fn(&Belonging) -> &Batch<PageKey, Page<V>>,
    case: CaseId,
    request: PageRequest,
) -> Result<Page<V>>
where
    V: Clone + Send + Sync + 'static,
{
    let found = batch(&loaders(ctx)?.case_intake.belonging).load(PageKey::new(case, request)).await;
    let nothing = || Page { edges: Vec::new(), has_next: false, total: None };
    Ok(found.map_err(|refusal| error_of(&refusal))?.unwrap_or_else(nothing))
}
