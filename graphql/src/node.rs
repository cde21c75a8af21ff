//! Objects that have a global identifier.

use async_graphql::{Context, ID, Interface, Object, Result};
use cordon_context::{
    ApiClientId, AppealId, BulletinId, CaseId, ClueId, ClueQueryId, EndpointId, FindingId, ImportId, ItemId, MergeId,
    OrderId, OrganisationId, PersonId, ReleaseId, ReportId, TaskId, TraceBackId,
};

use crate::access::{Need, RootField};
use crate::case_intake::{Bulletin, Case, CaseMerge, Clue, ClueQuery, Finding, Import, Report, TraceBack};
use crate::directory::{ApiClient, Organisation, Person};
use crate::disposal::{Appeal, Endpoint, Item, Order, Release, Task};
use crate::loaders::one;
use crate::session::loaders;

/// What the field of this module needs: whether an object may be seen is decided for each.
pub(crate) const ACCESS: &[RootField] = &[RootField { root: "Query", name: "node", need: Need::SignedIn }];

/// 具有全局标识的对象 / An object with a global identifier.
#[derive(Interface)]
#[graphql(field(
    name = "id",
    ty = "ID",
    desc = "全局标识，含类型前缀 / The global identifier; its prefix names the type."
))]
pub(crate) enum Node {
    ApiClient(ApiClient),
    Appeal(Appeal),
    Bulletin(Bulletin),
    Case(Case),
    CaseMerge(CaseMerge),
    Clue(Clue),
    ClueQuery(ClueQuery),
    Endpoint(Endpoint),
    Finding(Finding),
    Import(Import),
    Item(Item),
    Order(Order),
    Organisation(Organisation),
    Person(Person),
    Release(Release),
    Report(Report),
    Task(Task),
    TraceBack(TraceBack),
}

/// The field that finds any object.
#[derive(Default)]
pub(crate) struct NodeQuery;

/// Tries one kind of identifier after the other; a prefix belongs to one kind only.
macro_rules! find {
    ($loaders:ident, $id:ident: $($kind:ty => $service:ident.$batch:ident $node:ident),* $(,)?) => {
        $(
            if let Ok(id) = $id.parse::<$kind>() {
                return one(&$loaders.$service.$batch, id, |row| Node::$node($node(row))).await;
            }
        )*
    };
}

#[Object]
impl NodeQuery {
    /// 按全局标识查找对象；不存在或无权查看均为 null / Finds an object by its global identifier; null for what does not exist or may not be seen.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "全局标识 / The global identifier.")] id: ID,
    ) -> Result<Option<Node>> {
        let loaders = loaders(ctx)?;
        find! { loaders, id:
            ApiClientId => directory.api_clients ApiClient,
            AppealId => disposal.appeals Appeal,
            BulletinId => case_intake.bulletins Bulletin,
            CaseId => case_intake.cases Case,
            ClueId => case_intake.clues Clue,
            ClueQueryId => case_intake.clue_queries ClueQuery,
            EndpointId => disposal.endpoints Endpoint,
            FindingId => case_intake.findings Finding,
            ImportId => case_intake.imports Import,
            MergeId => case_intake.merges CaseMerge,
            ItemId => disposal.items Item,
            OrderId => disposal.orders Order,
            OrganisationId => directory.organisations Organisation,
            PersonId => directory.people Person,
            ReleaseId => disposal.releases Release,
            ReportId => case_intake.reports Report,
            TaskId => disposal.tasks Task,
            TraceBackId => case_intake.trace_backs TraceBack,
        }
        Ok(None)
    }
}
