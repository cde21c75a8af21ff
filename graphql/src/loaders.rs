//! The relations between objects, each loaded in one call for all fields of a request that ask.

use std::collections::HashMap;
use std::hash::Hash;

use async_graphql::Result;
use cordon_context::{
    Action, ApiClientId, AppealId, CallContext, Code, DispatchId, EndpointId, ItemId, OrderId, OrganisationId,
    PersonId, Refusal, ReleaseId, Resource, SubjectId, TaskId,
};
use cordon_directory_contract::DirectoryClient as _;
use cordon_disposal_contract::{DeliveryClient as _, DisposalClient as _};
use cordon_policies::Gate;
use cordon_rpc::refusal_of;
use futures::FutureExt as _;
use jsonrpsee::core::ClientError;
use {cordon_directory_contract as people, cordon_disposal_contract as work};

use crate::answer::error_of;
use crate::batch::Batch;
use crate::case_intake::CaseIntakeLoaders;
use crate::services::Services;

/// The loaders of one request.
pub(crate) struct Loaders {
    pub(crate) directory: DirectoryLoaders,
    pub(crate) case_intake: CaseIntakeLoaders,
    pub(crate) disposal: DisposalLoaders,
}

impl Loaders {
    /// Makes empty loaders for one caller.
    pub(crate) fn new(services: &Services, gate: &Gate, call: &CallContext) -> Self {
        Self {
            directory: DirectoryLoaders::new(services, gate, call),
            case_intake: CaseIntakeLoaders::new(services, gate, call),
            disposal: DisposalLoaders::new(services, gate, call),
        }
    }
}

/// Loads one; absent is what lies outside the caller's reach.
pub(crate) async fn one<K, V, N>(batch: &Batch<K, V>, id: K, wrap: impl Fn(V) -> N) -> Result<Option<N>>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    Ok(batch.load(id).await.map_err(|refusal| error_of(&refusal))?.map(wrap))
}

/// Loads one if there is an identifier.
pub(crate) async fn maybe<K, V, N>(batch: &Batch<K, V>, id: Option<K>, wrap: impl Fn(V) -> N) -> Result<Option<N>>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    match id {
        Some(id) => one(batch, id, wrap).await,
        None => Ok(None),
    }
}

/// Loads several, without what lies outside the caller's reach.
pub(crate) async fn list<K, V, N>(batch: &Batch<K, V>, ids: &[K], wrap: impl Fn(V) -> N) -> Result<Vec<N>>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    let found = batch.load_many(ids).await.map_err(|refusal| error_of(&refusal))?;
    Ok(found.into_iter().map(wrap).collect())
}

/// Loads all that belong to one.
pub(crate) async fn group<K, V, N>(batch: &Batch<K, Vec<V>>, id: K, wrap: impl Fn(V) -> N) -> Result<Vec<N>>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    let found = batch.load(id).await.map_err(|refusal| error_of(&refusal))?;
    Ok(found.unwrap_or_default().into_iter().map(wrap).collect())
}

/// An answer of a batched call; that the policy lets nothing be seen is the same as that nothing is within reach.
pub(crate) fn rows<T>(answer: std::result::Result<Vec<T>, ClientError>) -> std::result::Result<Vec<T>, Refusal> {
    answer.or_else(|error| {
        let refusal = refusal_of(&error);
        if matches!(refusal.code, Code::Denied | Code::NotFound) { Ok(Vec::new()) } else { Err(refusal) }
    })
}

/// Declares the loaders of a service: `one` by an object's own identifier, `many` by what the objects belong to. Who may not
/// read a kind of resource at all costs no call and leaves no refused attempt behind.
///
/// ```ignore
/// loaders! {
///     /// Orders and tasks.
///     Work from disposal;
///     one orders: OrderId => work::Order = orders_by_ids, id, for Order;
///     many tasks_of_item: ItemId => work::Task = tasks_by_items, item, for Task;
/// }
/// ```
macro_rules! loaders {
    (
        $(#[$doc:meta])* $name:ident from $service:ident;
        $(one $one:ident: $one_id:ty => $one_type:ty = $one_method:ident, $one_key:ident, for $one_resource:ident;)*
        $(many $many:ident: $many_id:ty => $many_type:ty = $many_method:ident, $many_key:ident, for $many_resource:ident;)*
    ) => {
        $(#[$doc])*
        pub(crate) struct $name {
            $(pub(crate) $one: Batch<$one_id, $one_type>,)*
            $(pub(crate) $many: Batch<$many_id, Vec<$many_type>>,)*
        }

        impl $name {
            fn new(services: &Services, gate: &Gate, call: &CallContext) -> Self {
                Self {
                    $($one: {
                        let may_see = gate.permits(&call.actor, Action::Read, Resource::$one_resource);
                        let (link, call) = (services.$service.clone(), call.clone());
                        Batch::new(move |ids: Vec<$one_id>| {
                            let (link, call) = (link.clone(), call.clone());
                            async move {
                                let found = if may_see { rows(link.$one_method(call, ids).await)? } else { Vec::new() };
                                Ok(found.into_iter().map(|row| (row.$one_key, row)).collect())
                            }
                            .boxed()
                        })
                    },)*
                    $($many: {
                        let may_see = gate.permits(&call.actor, Action::Read, Resource::$many_resource);
                        let (link, call) = (services.$service.clone(), call.clone());
                        Batch::new(move |ids: Vec<$many_id>| {
                            let (link, call) = (link.clone(), call.clone());
                            async move {
                                let found = if may_see { rows(link.$many_method(call, ids).await)? } else { Vec::new() };
                                let mut groups = HashMap::<$many_id, Vec<$many_type>>::new();
                                for row in found {
                                    groups.entry(row.$many_key).or_default().push(row);
                                }
                                Ok(groups)
                            }
                            .boxed()
                        })
                    },)*
                }
            }
        }
    };
}

loaders! {
    /// What the fields of one request load from the directory.
    DirectoryLoaders from directory;
    one organisations: OrganisationId => people::Organisation = organisations_by_ids, id, for Organisation;
    one people: PersonId => people::Person = people_by_ids, id, for Person;
    one api_clients: ApiClientId => people::ApiClient = clients_by_ids, id, for ApiClient;
    many roles_of_person: PersonId => people::RoleAssignment = roles_of_people, person, for RoleAssignment;
}

loaders! {
    /// What the fields of one request load from the disposal service.
    DisposalLoaders from disposal;
    one orders: OrderId => work::Order = orders_by_ids, id, for Order;
    one items: ItemId => work::Item = items_by_ids, id, for Order;
    one tasks: TaskId => work::Task = tasks_by_ids, id, for Task;
    one appeals: AppealId => work::Appeal = appeals_by_ids, id, for Appeal;
    one releases: ReleaseId => work::Release = releases_by_ids, id, for Release;
    one endpoints: EndpointId => work::Endpoint = endpoints_by_ids, id, for Endpoint;
    many tasks_of_item: ItemId => work::Task = tasks_by_items, item, for Task;
    many receipts_of_task: TaskId => work::Receipt = receipts_by_tasks, task, for Task;
    many verifications_of_task: TaskId => work::Verification = verifications_by_tasks, task, for Task;
    many notices_of_task: TaskId => work::Notice = notices_by_tasks, task, for Notice;
    many releases_of_task: TaskId => work::Release = releases_by_tasks, task, for Release;
    many appeals_of_task: TaskId => work::Appeal = appeals_by_tasks, task, for Appeal;
    many measures_in_force: SubjectId => work::InForce = measures_in_force, subject, for Task;
    many attempts_of_dispatch: DispatchId => work::DeliveryAttempt = attempts_of_dispatches, dispatch, for Endpoint;
}
