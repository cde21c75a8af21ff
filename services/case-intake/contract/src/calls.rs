//! The calls that case intake answers.

use cordon_context::{
    BulletinId, CallContext, CaseId, ClueId, ClueQueryId, FindingId, ImportId, MergeId, Page, PageRequest, ReportId,
    SubjectId, TraceBackId,
};
use cordon_rpc::RpcFailure;
use jsonrpsee::proc_macros::rpc;

use crate::{
    AnswerClueQuery, AssessClue, BadRow, Bulletin, BulletinFilter, BulletinTrigger, CalendarDay, Case, CaseFilter,
    CaseIdentifier, CaseMerge, ChangeCaseReports, ChangeParticipants, Changes, Clue, ClueFilter, ClueQuery,
    ClueQueryFilter, CommitImport, DraftBulletin, DraftClueQuery, ErrorFile, FileReport, FileTraceBack, Finding,
    History, HistoryEntry, HistoryOf, Import, MergeCases, MoveBulletin, MoveCase, MoveClue, MoveClueQuery, MoveReport,
    OpenCase, PageOfCase, Report, ReportCases, ReportFilter, RevealAnswer, RevealClue, RevealFinding, RevealReport,
    RevealTraceBack, RevealedAnswer, RevealedClue, RevealedFinding, RevealedReport, RevealedTraceBack, SetCalendarDay,
    StartImport, SubjectValue, SubjectsForDisposal, SubmitClue, TraceBack, UnmergeCases,
};

/// Case intake's calls. Batched reads leave out what does not exist or lies outside the caller's reach.
#[rpc(server, client, namespace = "case_intake", namespace_separator = ".")]
pub trait CaseIntake {
    /// Stores one report and extracts its identifiers; the same channel and number answer the report that is stored already.
    #[method(name = "file_report")]
    async fn file_report(&self, ctx: CallContext, input: FileReport) -> Result<Report, RpcFailure>;
    /// Moves a report one step on.
    #[method(name = "move_report")]
    async fn move_report(&self, ctx: CallContext, input: MoveReport) -> Result<Report, RpcFailure>;
    /// Loads reports.
    #[method(name = "reports_by_ids")]
    async fn reports_by_ids(&self, ctx: CallContext, ids: Vec<ReportId>) -> Result<Vec<Report>, RpcFailure>;
    /// Finds reports, newest first.
    #[method(name = "search_reports")]
    async fn search_reports(
        &self,
        ctx: CallContext,
        filter: ReportFilter,
        page: PageRequest,
    ) -> Result<Page<Report>, RpcFailure>;
    /// Lists the same part of the reports of several cases, newest first; a case outside the caller's reach is left out.
    #[method(name = "reports_of_cases")]
    async fn reports_of_cases(
        &self,
        ctx: CallContext,
        cases: Vec<CaseId>,
        page: PageRequest,
    ) -> Result<Vec<PageOfCase<Report>>, RpcFailure>;
    /// Loads the findings of reports, in the order of the text.
    #[method(name = "findings_by_reports")]
    async fn findings_by_reports(&self, ctx: CallContext, reports: Vec<ReportId>) -> Result<Vec<Finding>, RpcFailure>;
    /// Loads findings.
    #[method(name = "findings_by_ids")]
    async fn findings_by_ids(&self, ctx: CallContext, ids: Vec<FindingId>) -> Result<Vec<Finding>, RpcFailure>;
    /// Names the cases that took reports in.
    #[method(name = "cases_of_reports")]
    async fn cases_of_reports(&self, ctx: CallContext, reports: Vec<ReportId>) -> Result<Vec<ReportCases>, RpcFailure>;
    /// Gives a report's personal fields, with the reason written to the ledger.
    #[method(name = "reveal_report")]
    async fn reveal_report(&self, ctx: CallContext, input: RevealReport) -> Result<RevealedReport, RpcFailure>;
    /// Gives an identifier in the clear, with the reason written to the ledger.
    #[method(name = "reveal_finding")]
    async fn reveal_finding(&self, ctx: CallContext, input: RevealFinding) -> Result<RevealedFinding, RpcFailure>;

    /// Begins an import with a dry run, or answers the import that the same file began before.
    #[method(name = "start_import")]
    async fn start_import(&self, ctx: CallContext, input: StartImport) -> Result<Import, RpcFailure>;
    /// Decides what a checked import keeps and begins to write it; asked again, it goes on where it stopped.
    #[method(name = "commit_import")]
    async fn commit_import(&self, ctx: CallContext, input: CommitImport) -> Result<Import, RpcFailure>;
    /// Loads imports.
    #[method(name = "imports_by_ids")]
    async fn imports_by_ids(&self, ctx: CallContext, ids: Vec<ImportId>) -> Result<Vec<Import>, RpcFailure>;
    /// Lists imports, newest first.
    #[method(name = "imports")]
    async fn imports(&self, ctx: CallContext, page: PageRequest) -> Result<Page<Import>, RpcFailure>;
    /// Lists the rows that an import does not take, in the order of the file.
    #[method(name = "bad_rows")]
    async fn bad_rows(&self, ctx: CallContext, import: ImportId, page: PageRequest)
    -> Result<Page<BadRow>, RpcFailure>;
    /// Writes a part of the error file, from after the given row.
    #[method(name = "error_file")]
    async fn error_file(&self, ctx: CallContext, import: ImportId, after: Option<u64>)
    -> Result<ErrorFile, RpcFailure>;

    /// Opens a case from reports.
    #[method(name = "open_case")]
    async fn open_case(&self, ctx: CallContext, input: OpenCase) -> Result<Case, RpcFailure>;
    /// Puts reports into a case or takes them out.
    #[method(name = "change_case_reports")]
    async fn change_case_reports(&self, ctx: CallContext, input: ChangeCaseReports) -> Result<Case, RpcFailure>;
    /// Lets organisations take part in a case, or no more.
    #[method(name = "change_participants")]
    async fn change_participants(&self, ctx: CallContext, input: ChangeParticipants) -> Result<Case, RpcFailure>;
    /// Moves a case one step on.
    #[method(name = "move_case")]
    async fn move_case(&self, ctx: CallContext, input: MoveCase) -> Result<Case, RpcFailure>;
    /// Merges cases.
    #[method(name = "merge_cases")]
    async fn merge_cases(&self, ctx: CallContext, input: MergeCases) -> Result<CaseMerge, RpcFailure>;
    /// Undoes a merger.
    #[method(name = "unmerge_cases")]
    async fn unmerge_cases(&self, ctx: CallContext, input: UnmergeCases) -> Result<CaseMerge, RpcFailure>;
    /// Loads mergers of which at least one case lies within reach; other cases in them are left out.
    #[method(name = "merges_by_ids")]
    async fn merges_by_ids(&self, ctx: CallContext, ids: Vec<MergeId>) -> Result<Vec<CaseMerge>, RpcFailure>;
    /// Loads the mergers in which cases took part.
    #[method(name = "merges_by_cases")]
    async fn merges_by_cases(&self, ctx: CallContext, cases: Vec<CaseId>) -> Result<Vec<CaseMerge>, RpcFailure>;
    /// Loads cases.
    #[method(name = "cases_by_ids")]
    async fn cases_by_ids(&self, ctx: CallContext, ids: Vec<CaseId>) -> Result<Vec<Case>, RpcFailure>;
    /// Finds cases, newest first.
    #[method(name = "search_cases")]
    async fn search_cases(
        &self,
        ctx: CallContext,
        filter: CaseFilter,
        page: PageRequest,
    ) -> Result<Page<Case>, RpcFailure>;
    /// Lists every distinct identifier of a case, those in most reports first.
    #[method(name = "case_identifiers")]
    async fn case_identifiers(&self, ctx: CallContext, case: CaseId) -> Result<Vec<CaseIdentifier>, RpcFailure>;
    /// Lists the distinct identifiers of several cases.
    #[method(name = "identifiers_by_cases")]
    async fn identifiers_by_cases(
        &self,
        ctx: CallContext,
        cases: Vec<CaseId>,
    ) -> Result<Vec<CaseIdentifier>, RpcFailure>;
    /// Gives the values of subjects that a person chose from cases within reach; written to the ledger.
    #[method(name = "subjects_for_disposal")]
    async fn subjects_for_disposal(
        &self,
        ctx: CallContext,
        input: SubjectsForDisposal,
    ) -> Result<Vec<SubjectValue>, RpcFailure>;

    /// Gives the values of subjects of cases within reach to the service that finds out who answers for them. They go from
    /// there to the routing tables and never into an answer to a person, so that reading the case is enough.
    #[method(name = "subjects_for_routing")]
    async fn subjects_for_routing(
        &self,
        ctx: CallContext,
        subjects: Vec<SubjectId>,
    ) -> Result<Vec<SubjectValue>, RpcFailure>;

    /// Writes a clue query.
    #[method(name = "draft_clue_query")]
    async fn draft_clue_query(&self, ctx: CallContext, input: DraftClueQuery) -> Result<ClueQuery, RpcFailure>;
    /// Moves a clue query one step on.
    #[method(name = "move_clue_query")]
    async fn move_clue_query(&self, ctx: CallContext, input: MoveClueQuery) -> Result<ClueQuery, RpcFailure>;
    /// Answers a clue query, in whole or in part.
    #[method(name = "answer_clue_query")]
    async fn answer_clue_query(&self, ctx: CallContext, input: AnswerClueQuery) -> Result<ClueQuery, RpcFailure>;
    /// Gives the answer to an item in the clear, with the reason written to the ledger.
    #[method(name = "reveal_answer")]
    async fn reveal_answer(&self, ctx: CallContext, input: RevealAnswer) -> Result<RevealedAnswer, RpcFailure>;
    /// Loads clue queries.
    #[method(name = "clue_queries_by_ids")]
    async fn clue_queries_by_ids(&self, ctx: CallContext, ids: Vec<ClueQueryId>) -> Result<Vec<ClueQuery>, RpcFailure>;
    /// Finds clue queries, newest first.
    #[method(name = "search_clue_queries")]
    async fn search_clue_queries(
        &self,
        ctx: CallContext,
        filter: ClueQueryFilter,
        page: PageRequest,
    ) -> Result<Page<ClueQuery>, RpcFailure>;

    /// Lists the same part of the clue queries of several cases, newest first.
    #[method(name = "clue_queries_of_cases")]
    async fn clue_queries_of_cases(
        &self,
        ctx: CallContext,
        cases: Vec<CaseId>,
        page: PageRequest,
    ) -> Result<Vec<PageOfCase<ClueQuery>>, RpcFailure>;

    /// Sends a clue in.
    #[method(name = "submit_clue")]
    async fn submit_clue(&self, ctx: CallContext, input: SubmitClue) -> Result<Clue, RpcFailure>;
    /// Moves a clue one step on.
    #[method(name = "move_clue")]
    async fn move_clue(&self, ctx: CallContext, input: MoveClue) -> Result<Clue, RpcFailure>;
    /// Assesses a clue.
    #[method(name = "assess_clue")]
    async fn assess_clue(&self, ctx: CallContext, input: AssessClue) -> Result<Clue, RpcFailure>;
    /// Gives a clue's text in the clear, with the reason written to the ledger.
    #[method(name = "reveal_clue")]
    async fn reveal_clue(&self, ctx: CallContext, input: RevealClue) -> Result<RevealedClue, RpcFailure>;
    /// Loads clues.
    #[method(name = "clues_by_ids")]
    async fn clues_by_ids(&self, ctx: CallContext, ids: Vec<ClueId>) -> Result<Vec<Clue>, RpcFailure>;
    /// Finds clues, newest first.
    #[method(name = "search_clues")]
    async fn search_clues(
        &self,
        ctx: CallContext,
        filter: ClueFilter,
        page: PageRequest,
    ) -> Result<Page<Clue>, RpcFailure>;

    /// Says which triggers of a major-case bulletin a case meets by what its reports count.
    #[method(name = "bulletin_triggers")]
    async fn bulletin_triggers(&self, ctx: CallContext, case: CaseId) -> Result<Vec<BulletinTrigger>, RpcFailure>;
    /// Writes a bulletin.
    #[method(name = "draft_bulletin")]
    async fn draft_bulletin(&self, ctx: CallContext, input: DraftBulletin) -> Result<Bulletin, RpcFailure>;
    /// Moves a bulletin one step on.
    #[method(name = "move_bulletin")]
    async fn move_bulletin(&self, ctx: CallContext, input: MoveBulletin) -> Result<Bulletin, RpcFailure>;
    /// Files a trace-back.
    #[method(name = "file_trace_back")]
    async fn file_trace_back(&self, ctx: CallContext, input: FileTraceBack) -> Result<TraceBack, RpcFailure>;
    /// Gives a filed trace-back form in the clear, with the reason written to the ledger.
    #[method(name = "reveal_trace_back")]
    async fn reveal_trace_back(
        &self,
        ctx: CallContext,
        input: RevealTraceBack,
    ) -> Result<RevealedTraceBack, RpcFailure>;
    /// Loads bulletins.
    #[method(name = "bulletins_by_ids")]
    async fn bulletins_by_ids(&self, ctx: CallContext, ids: Vec<BulletinId>) -> Result<Vec<Bulletin>, RpcFailure>;
    /// Finds bulletins, newest first.
    #[method(name = "search_bulletins")]
    async fn search_bulletins(
        &self,
        ctx: CallContext,
        filter: BulletinFilter,
        page: PageRequest,
    ) -> Result<Page<Bulletin>, RpcFailure>;
    /// Loads trace-backs.
    #[method(name = "trace_backs_by_ids")]
    async fn trace_backs_by_ids(&self, ctx: CallContext, ids: Vec<TraceBackId>) -> Result<Vec<TraceBack>, RpcFailure>;
    /// Loads the trace-backs of bulletins; an enterprise sees its own.
    #[method(name = "trace_backs_by_bulletins")]
    async fn trace_backs_by_bulletins(
        &self,
        ctx: CallContext,
        bulletins: Vec<BulletinId>,
    ) -> Result<Vec<TraceBack>, RpcFailure>;

    /// Tells what happened to a thing, step by step; empty when it lies outside the caller's reach.
    #[method(name = "history")]
    async fn history(&self, ctx: CallContext, of: HistoryOf) -> Result<Vec<HistoryEntry>, RpcFailure>;
    /// Tells what happened to several things; those outside the caller's reach are left out.
    #[method(name = "histories")]
    async fn histories(&self, ctx: CallContext, of: Vec<HistoryOf>) -> Result<Vec<History>, RpcFailure>;
    /// Lists the days of a year that differ from the plain week.
    #[method(name = "calendar_days")]
    async fn calendar_days(&self, ctx: CallContext, year: i32) -> Result<Vec<CalendarDay>, RpcFailure>;
    /// Enters a day into the working-day table, or takes it out.
    #[method(name = "set_calendar_day")]
    async fn set_calendar_day(&self, ctx: CallContext, input: SetCalendarDay) -> Result<Vec<CalendarDay>, RpcFailure>;
    /// Lists the changes to cases within reach after a position, at most `limit` of them. One call looks through so many events
    /// and no more, whatever they are about; the answer says where to go on.
    #[method(name = "changes")]
    async fn changes(&self, ctx: CallContext, after: i64, limit: u32) -> Result<Changes, RpcFailure>;
    /// The position of the last change, from which a new subscription goes on.
    #[method(name = "last_position")]
    async fn last_position(&self, ctx: CallContext) -> Result<i64, RpcFailure>;
}
