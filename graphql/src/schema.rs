//! The one schema.

use async_graphql::{MergedObject, SDLExportOptions, Schema};

use crate::access::AccessCheck;
use crate::case_intake::{CaseIntakeMutation, CaseIntakeQuery};
use crate::directory::{DirectoryMutation, DirectoryQuery, SignInMutation};
use crate::disposal::{DisposalQuery, HolderMutation, OrderMutation, ProtectiveMutation, TableMutation};
use crate::ledger::LedgerQuery;
use crate::node::{Node, NodeQuery};
use crate::settings::GraphqlSettings;
use crate::subscription::Subscription;

/// 查询 / What can be read.
#[derive(Default, MergedObject)]
#[graphql(name = "Query")]
pub(crate) struct Query(NodeQuery, DirectoryQuery, CaseIntakeQuery, DisposalQuery, LedgerQuery);

/// 变更；每次请求只能包含一个 / What can be changed; a request holds one.
#[derive(Default, MergedObject)]
#[graphql(name = "Mutation")]
pub(crate) struct Mutation(
    SignInMutation,
    DirectoryMutation,
    CaseIntakeMutation,
    OrderMutation,
    ProtectiveMutation,
    HolderMutation,
    TableMutation,
);

/// The schema with its roots.
pub(crate) type CordonSchema = Schema<Query, Mutation, Subscription>;

/// Builds the schema; the guard has looked at every document before it comes here.
pub(crate) fn build(settings: &GraphqlSettings) -> CordonSchema {
    Schema::build(Query::default(), Mutation::default(), Subscription)
        .register_output_type::<Node>()
        .extension(AccessCheck)
        .disable_suggestions()
        .limit_depth(settings.max_depth)
        .limit_complexity(settings.max_complexity)
        .limit_recursive_depth(settings.document.nesting)
        .limit_directives(settings.document.directives)
        .finish()
}

/// The schema in the schema language, as it is committed.
pub fn schema_sdl() -> String {
    let options = SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items();
    build(&GraphqlSettings::default()).sdl_with_options(options)
}
