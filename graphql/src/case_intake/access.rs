//! What the root fields of case intake need.

use cordon_context::{Action, Resource};

use crate::access::{Need, RootField};

/// One row per root field.
pub(crate) const ACCESS: &[RootField] = &[
    query("reports", &[(Action::Read, Resource::Report)]),
    query("report", &[(Action::Read, Resource::Report)]),
    query("finding", &[(Action::Read, Resource::Report)]),
    query("cases", &[(Action::Read, Resource::Case)]),
    query("case", &[(Action::Read, Resource::Case)]),
    query("caseMerge", &[(Action::Read, Resource::Case)]),
    query("clueQueries", &[(Action::Read, Resource::ClueQuery)]),
    query("clueQuery", &[(Action::Read, Resource::ClueQuery)]),
    query("clues", &[(Action::Read, Resource::Clue)]),
    query("clue", &[(Action::Read, Resource::Clue)]),
    query("bulletins", &[(Action::Read, Resource::Bulletin)]),
    query("bulletin", &[(Action::Read, Resource::Bulletin)]),
    query("traceBack", &[(Action::Read, Resource::Bulletin)]),
    query("imports", &[(Action::Read, Resource::Import)]),
    query("import", &[(Action::Read, Resource::Import)]),
    query("importErrorFile", &[(Action::Read, Resource::Import)]),
    query("caseCalendar", &[(Action::Read, Resource::Calendar)]),
    mutation("fileReport", &[(Action::Create, Resource::Report)]),
    mutation("moveReport", &[(Action::Modify, Resource::Report)]),
    mutation("revealReport", &[(Action::Reveal, Resource::Report)]),
    mutation("revealFinding", &[(Action::Reveal, Resource::Report)]),
    mutation("openCase", &[(Action::Create, Resource::Case)]),
    mutation("changeCaseReports", &[(Action::Modify, Resource::Case)]),
    mutation("changeCaseParticipants", &[(Action::Modify, Resource::Case)]),
    mutation("fileCase", &[(Action::Modify, Resource::Case)]),
    mutation("declineCase", &[(Action::Modify, Resource::Case)]),
    mutation("withdrawCase", &[(Action::Modify, Resource::Case)]),
    mutation("closeCase", &[(Action::Modify, Resource::Case)]),
    mutation("mergeCases", &[(Action::Modify, Resource::Case)]),
    mutation("unmergeCases", &[(Action::Modify, Resource::Case)]),
    mutation("draftClueQuery", &[(Action::Create, Resource::ClueQuery)]),
    mutation("approveClueQuery", &[(Action::Approve, Resource::ClueQuery)]),
    mutation("issueClueQuery", &[(Action::Modify, Resource::ClueQuery)]),
    mutation("answerClueQuery", &[(Action::Execute, Resource::ClueQuery)]),
    mutation("rateClueQuery", &[(Action::Verify, Resource::ClueQuery)]),
    mutation("closeClueQuery", &[(Action::Modify, Resource::ClueQuery)]),
    mutation("withdrawClueQuery", &[(Action::Modify, Resource::ClueQuery)]),
    mutation("revealClueAnswer", &[(Action::Reveal, Resource::ClueQuery)]),
    mutation("submitClue", &[(Action::Create, Resource::Clue)]),
    mutation("receiveClue", &[(Action::Modify, Resource::Clue)]),
    mutation("supplementClue", &[(Action::Modify, Resource::Clue)]),
    mutation("assessClue", &[(Action::Decide, Resource::Clue)]),
    mutation("actOnClue", &[(Action::Modify, Resource::Clue)]),
    mutation("sendClueFeedback", &[(Action::Modify, Resource::Clue)]),
    mutation("revealClue", &[(Action::Reveal, Resource::Clue)]),
    mutation("draftBulletin", &[(Action::Create, Resource::Bulletin)]),
    mutation("approveBulletin", &[(Action::Approve, Resource::Bulletin)]),
    mutation("sendBulletin", &[(Action::Modify, Resource::Bulletin)]),
    mutation("closeBulletin", &[(Action::Modify, Resource::Bulletin)]),
    mutation("withdrawBulletin", &[(Action::Modify, Resource::Bulletin)]),
    mutation("fileTraceBack", &[(Action::Execute, Resource::Bulletin)]),
    mutation("revealTraceBack", &[(Action::Reveal, Resource::Bulletin)]),
    mutation("startImport", &[(Action::Create, Resource::Import)]),
    mutation("commitImport", &[(Action::Modify, Resource::Import)]),
    mutation("setCaseCalendarDay", &[(Action::Modify, Resource::Calendar)]),
];

const fn query(name: &'static str, pairs: &'static [(Action, Resource)]) -> RootField {
    RootField { root: "Query", name, need: Need::Any(pairs) }
}

const fn mutation(name: &'static str, pairs: &'static [(Action, Resource)]) -> RootField {
    RootField { root: "Mutation", name, need: Need::Any(pairs) }
}
