//! Reports, cases, clue queries, clues, bulletins and imports.

mod access;
mod belonging;
mod bulletin;
mod bulletin_changes;
mod case;
mod case_changes;
mod case_identifier;
mod clue;
mod clue_changes;
mod clue_query;
mod clue_query_changes;
mod finding;
mod history;
mod import;
mod loaders;
mod report;
mod report_changes;
mod trace_back;

use async_graphql::MergedObject;

pub(crate) use access::ACCESS;
pub(crate) use bulletin::Bulletin;
pub(crate) use case::{Case, CaseMerge};
pub(crate) use clue::Clue;
pub(crate) use clue_query::ClueQuery;
pub(crate) use finding::Finding;
pub(crate) use import::Import;
pub(crate) use loaders::CaseIntakeLoaders;
pub(crate) use report::Report;
pub(crate) use trace_back::TraceBack;

/// The queries of case intake.
#[derive(MergedObject, Default)]
pub(crate) struct CaseIntakeQuery(
    report::ReportQuery,
    finding::FindingQuery,
    case::CaseQuery,
    clue_query::ClueQueryQuery,
    clue::ClueQueries,
    bulletin::BulletinQuery,
    trace_back::TraceBackQuery,
    import::ImportQuery,
    history::CalendarQuery,
);

/// The mutations of case intake.
#[derive(MergedObject, Default)]
pub(crate) struct CaseIntakeMutation(
    report_changes::ReportMutation,
    finding::FindingMutation,
    case_changes::CaseMutation,
    clue_query_changes::ClueQueryMutation,
    clue_changes::ClueMutation,
    bulletin_changes::BulletinMutation,
    trace_back::TraceBackMutation,
    import::ImportMutation,
    history::CalendarMutation,
);
