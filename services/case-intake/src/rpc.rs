//! The service's side of its contract: each call goes to one use case.

use cordon_case_intake_contract::{
    AnswerClueQuery, AssessClue, BadRow, Bulletin, BulletinFilter, BulletinTrigger, CalendarDay, Case, CaseFilter,
    CaseIdentifier, CaseIntakeServer, CaseMerge, ChangeCaseReports, ChangeParticipants, Changes, Clue, ClueFilter,
    ClueQuery, ClueQueryFilter, CommitImport, DraftBulletin, DraftClueQuery, ErrorFile, FileReport, FileTraceBack,
    Finding, History, HistoryEntry, HistoryOf, Import, MergeCases, MoveBulletin, MoveCase, MoveClue, MoveClueQuery,
    MoveReport, OpenCase, PageOfCase, Report, ReportCases, ReportFilter, RevealAnswer, RevealClue, RevealFinding,
    RevealReport, RevealTraceBack, RevealedAnswer, RevealedClue, RevealedFinding, RevealedReport, RevealedTraceBack,
    SetCalendarDay, StartImport, SubjectValue, SubjectsForDisposal, SubmitClue, TraceBack, UnmergeCases,
};
use cordon_context::{
    BulletinId, CallContext, CaseId, ClueId, ClueQueryId, FindingId, ImportId, MergeId, Page, PageRequest, Refusal,
    ReportId, SubjectId, TraceBackId,
};
use cordon_rpc::RpcFailure;
use cordon_store::Failure;

use crate::CaseIntake;
use crate::use_cases::{
    answering_queries, assessing_clues, calendar_keeping, case_changing, case_merging, case_opening, case_reading,
    change_feed, drafting_bulletins, drafting_queries, filing_reports, filing_trace_backs, history_reading, importing,
    moving_bulletins, moving_queries, moving_reports, reading_bulletins, reading_clues, reading_imports,
    reading_queries, reading_reports, revealing, submitting_clues,
};

/// Lets out of an ending only what may go out.
fn answer<T>(ending: Result<T, Failure>) -> Result<T, RpcFailure> {
    ending.map_err(|failure| RpcFailure(Refusal::from(failure)))
}

#[async_trait::async_trait]
impl CaseIntakeServer for CaseIntake {
    async fn file_report(&self, ctx: CallContext, input: FileReport) -> Result<Report, RpcFailure> {
        answer(filing_reports::file_report(&self.0, ctx, input).await)
    }

    async fn move_report(&self, ctx: CallContext, input: MoveReport) -> Result<Report, RpcFailure> {
        answer(moving_reports::move_report(&self.0, ctx, input).await)
    }

    async fn reports_by_ids(&self, ctx: CallContext, ids: Vec<ReportId>) -> Result<Vec<Report>, RpcFailure> {
        answer(reading_reports::reports_by_ids(&self.0, ctx, ids).await)
    }

    async fn search_reports(
        &self,
        ctx: CallContext,
        filter: ReportFilter,
        page: PageRequest,
    ) -> Result<Page<Report>, RpcFailure> {
        answer(reading_reports::search_reports(&self.0, ctx, filter, page).await)
    }

    async fn reports_of_cases(
        &self,
        ctx: CallContext,
        cases: Vec<CaseId>,
        page: PageRequest,
    ) -> Result<Vec<PageOfCase<Report>>, RpcFailure> {
        answer(reading_reports::reports_of_cases(&self.0, ctx, cases, page).await)
    }

    async fn findings_by_reports(&self, ctx: CallContext, reports: Vec<ReportId>) -> Result<Vec<Finding>, RpcFailure> {
        answer(reading_reports::findings_by_reports(&self.0, ctx, reports).await)
    }

    async fn findings_by_ids(&self, ctx: CallContext, ids: Vec<FindingId>) -> Result<Vec<Finding>, RpcFailure> {
        answer(reading_reports::findings_by_ids(&self.0, ctx, ids).await)
    }

    async fn cases_of_reports(&self, ctx: CallContext, reports: Vec<ReportId>) -> Result<Vec<ReportCases>, RpcFailure> {
        answer(reading_reports::cases_of_reports(&self.0, ctx, reports).await)
    }

    async fn reveal_report(&self, ctx: CallContext, input: RevealReport) -> Result<RevealedReport, RpcFailure> {
        answer(revealing::reveal_report(&self.0, ctx, input).await)
    }

    async fn reveal_finding(&self, ctx: CallContext, input: RevealFinding) -> Result<RevealedFinding, RpcFailure> {
        answer(revealing::reveal_finding(&self.0, ctx, input).await)
    }

    async fn start_import(&self, ctx: CallContext, input: StartImport) -> Result<Import, RpcFailure> {
        answer(importing::start_import(&self.0, ctx, input).await)
    }

    async fn commit_import(&self, ctx: CallContext, input: CommitImport) -> Result<Import, RpcFailure> {
        answer(importing::commit_import(&self.0, ctx, input).await)
    }

    async fn imports_by_ids(&self, ctx: CallContext, ids: Vec<ImportId>) -> Result<Vec<Import>, RpcFailure> {
        answer(reading_imports::imports_by_ids(&self.0, ctx, ids).await)
    }

    async fn imports(&self, ctx: CallContext, page: PageRequest) -> Result<Page<Import>, RpcFailure> {
        answer(reading_imports::imports(&self.0, ctx, page).await)
    }

    async fn bad_rows(
        &self,
        ctx: CallContext,
        import: ImportId,
        page: PageRequest,
    ) -> Result<Page<BadRow>, RpcFailure> {
        answer(reading_imports::bad_rows(&self.0, ctx, import, page).await)
    }

    async fn error_file(
        &self,
        ctx: CallContext,
        import: ImportId,
        after: Option<u64>,
    ) -> Result<ErrorFile, RpcFailure> {
        answer(reading_imports::error_file(&self.0, ctx, import, after).await)
    }

    async fn open_case(&self, ctx: CallContext, input: OpenCase) -> Result<Case, RpcFailure> {
        answer(case_opening::open_case(&self.0, ctx, input).await)
    }

    async fn change_case_reports(&self, ctx: CallContext, input: ChangeCaseReports) -> Result<Case, RpcFailure> {
        answer(case_changing::change_case_reports(&self.0, ctx, input).await)
    }

    async fn change_participants(&self, ctx: CallContext, input: ChangeParticipants) -> Result<Case, RpcFailure> {
        answer(case_changing::change_participants(&self.0, ctx, input).await)
    }

    async fn move_case(&self, ctx: CallContext, input: MoveCase) -> Result<Case, RpcFailure> {
        answer(case_changing::move_case(&self.0, ctx, input).await)
    }

    async fn merge_cases(&self, ctx: CallContext, input: MergeCases) -> Result<CaseMerge, RpcFailure> {
        answer(case_merging::merge_cases(&self.0, ctx, input).await)
    }

    async fn unmerge_cases(&self, ctx: CallContext, input: UnmergeCases) -> Result<CaseMerge, RpcFailure> {
        answer(case_merging::unmerge_cases(&self.0, ctx, input).await)
    }

    async fn merges_by_ids(&self, ctx: CallContext, ids: Vec<MergeId>) -> Result<Vec<CaseMerge>, RpcFailure> {
        answer(case_merging::merges_by_ids(&self.0, ctx, ids).await)
    }

    async fn merges_by_cases(&self, ctx: CallContext, cases: Vec<CaseId>) -> Result<Vec<CaseMerge>, RpcFailure> {
        answer(case_merging::merges_by_cases(&self.0, ctx, cases).await)
    }

    async fn cases_by_ids(&self, ctx: CallContext, ids: Vec<CaseId>) -> Result<Vec<Case>, RpcFailure> {
        answer(case_reading::cases_by_ids(&self.0, ctx, ids).await)
    }

    async fn search_cases(
        &self,
        ctx: CallContext,
        filter: CaseFilter,
        page: PageRequest,
    ) -> Result<Page<Case>, RpcFailure> {
        answer(case_reading::search_cases(&self.0, ctx, filter, page).await)
    }

    async fn case_identifiers(&self, ctx: CallContext, case: CaseId) -> Result<Vec<CaseIdentifier>, RpcFailure> {
        answer(case_reading::case_identifiers(&self.0, ctx, case).await)
    }

    async fn identifiers_by_cases(
        &self,
        ctx: CallContext,
        cases: Vec<CaseId>,
    ) -> Result<Vec<CaseIdentifier>, RpcFailure> {
        answer(case_reading::identifiers_by_cases(&self.0, ctx, cases).await)
    }

    async fn subjects_for_disposal(
        &self,
        ctx: CallContext,
        input: SubjectsForDisposal,
    ) -> Result<Vec<SubjectValue>, RpcFailure> {
        answer(case_reading::subjects_for_disposal(&self.0, ctx, input).await)
    }

    async fn subjects_for_routing(
        &self,
        ctx: CallContext,
        subjects: Vec<SubjectId>,
    ) -> Result<Vec<SubjectValue>, RpcFailure> {
        answer(case_reading::subjects_for_routing(&self.0, ctx, subjects).await)
    }

    async fn draft_clue_query(&self, ctx: CallContext, input: DraftClueQuery) -> Result<ClueQuery, RpcFailure> {
        answer(drafting_queries::draft_clue_query(&self.0, ctx, input).await)
    }

    async fn move_clue_query(&self, ctx: CallContext, input: MoveClueQuery) -> Result<ClueQuery, RpcFailure> {
        answer(moving_queries::move_clue_query(&self.0, ctx, input).await)
    }

    async fn answer_clue_query(&self, ctx: CallContext, input: AnswerClueQuery) -> Result<ClueQuery, RpcFailure> {
        answer(answering_queries::answer_clue_query(&self.0, ctx, input).await)
    }

    async fn reveal_answer(&self, ctx: CallContext, input: RevealAnswer) -> Result<RevealedAnswer, RpcFailure> {
        answer(revealing::reveal_answer(&self.0, ctx, input).await)
    }

    async fn clue_queries_by_ids(&self, ctx: CallContext, ids: Vec<ClueQueryId>) -> Result<Vec<ClueQuery>, RpcFailure> {
        answer(reading_queries::clue_queries_by_ids(&self.0, ctx, ids).await)
    }

    async fn search_clue_queries(
        &self,
        ctx: CallContext,
        filter: ClueQueryFilter,
        page: PageRequest,
    ) -> Result<Page<ClueQuery>, RpcFailure> {
        answer(reading_queries::search_clue_queries(&self.0, ctx, filter, page).await)
    }

    async fn clue_queries_of_cases(
        &self,
        ctx: CallContext,
        cases: Vec<CaseId>,
        page: PageRequest,
    ) -> Result<Vec<PageOfCase<ClueQuery>>, RpcFailure> {
        answer(reading_queries::clue_queries_of_cases(&self.0, ctx, cases, page).await)
    }

    async fn submit_clue(&self, ctx: CallContext, input: SubmitClue) -> Result<Clue, RpcFailure> {
        answer(submitting_clues::submit_clue(&self.0, ctx, input).await)
    }

    async fn move_clue(&self, ctx: CallContext, input: MoveClue) -> Result<Clue, RpcFailure> {
        answer(assessing_clues::move_clue(&self.0, ctx, input).await)
    }

    async fn assess_clue(&self, ctx: CallContext, input: AssessClue) -> Result<Clue, RpcFailure> {
        answer(assessing_clues::assess_clue(&self.0, ctx, input).await)
    }

    async fn reveal_clue(&self, ctx: CallContext, input: RevealClue) -> Result<RevealedClue, RpcFailure> {
        answer(revealing::reveal_clue(&self.0, ctx, input).await)
    }

    async fn clues_by_ids(&self, ctx: CallContext, ids: Vec<ClueId>) -> Result<Vec<Clue>, RpcFailure> {
        answer(reading_clues::clues_by_ids(&self.0, ctx, ids).await)
    }

    async fn search_clues(
        &self,
        ctx: CallContext,
        filter: ClueFilter,
        page: PageRequest,
    ) -> Result<Page<Clue>, RpcFailure> {
        answer(reading_clues::search_clues(&self.0, ctx, filter, page).await)
    }

    async fn bulletin_triggers(&self, ctx: CallContext, case: CaseId) -> Result<Vec<BulletinTrigger>, RpcFailure> {
        answer(drafting_bulletins::bulletin_triggers(&self.0, ctx, case).await)
    }

    async fn draft_bulletin(&self, ctx: CallContext, input: DraftBulletin) -> Result<Bulletin, RpcFailure> {
        answer(drafting_bulletins::draft_bulletin(&self.0, ctx, input).await)
    }

    async fn move_bulletin(&self, ctx: CallContext, input: MoveBulletin) -> Result<Bulletin, RpcFailure> {
        answer(moving_bulletins::move_bulletin(&self.0, ctx, input).await)
    }

    async fn file_trace_back(&self, ctx: CallContext, input: FileTraceBack) -> Result<TraceBack, RpcFailure> {
        answer(filing_trace_backs::file_trace_back(&self.0, ctx, input).await)
    }

    async fn reveal_trace_back(
        &self,
        ctx: CallContext,
        input: RevealTraceBack,
    ) -> Result<RevealedTraceBack, RpcFailure> {
        answer(revealing::reveal_trace_back(&self.0, ctx, input).await)
    }

    async fn bulletins_by_ids(&self, ctx: CallContext, ids: Vec<BulletinId>) -> Result<Vec<Bulletin>, RpcFailure> {
        answer(reading_bulletins::bulletins_by_ids(&self.0, ctx, ids).await)
    }

    async fn search_bulletins(
        &self,
        ctx: CallContext,
        filter: BulletinFilter,
        page: PageRequest,
    ) -> Result<Page<Bulletin>, RpcFailure> {
        answer(reading_bulletins::search_bulletins(&self.0, ctx, filter, page).await)
    }

    async fn trace_backs_by_ids(&self, ctx: CallContext, ids: Vec<TraceBackId>) -> Result<Vec<TraceBack>, RpcFailure> {
        answer(reading_bulletins::trace_backs_by_ids(&self.0, ctx, ids).await)
    }

    async fn trace_backs_by_bulletins(
        &self,
        ctx: CallContext,
        bulletins: Vec<BulletinId>,
    ) -> Result<Vec<TraceBack>, RpcFailure> {
        answer(reading_bulletins::trace_backs_by_bulletins(&self.0, ctx, bulletins).await)
    }

    async fn histories(&self, ctx: CallContext, of: Vec<HistoryOf>) -> Result<Vec<History>, RpcFailure> {
        answer(history_reading::histories(&self.0, ctx, of).await)
    }

    async fn history(&self, ctx: CallContext, of: HistoryOf) -> Result<Vec<HistoryEntry>, RpcFailure> {
        answer(history_reading::history(&self.0, ctx, of).await)
    }

    async fn calendar_days(&self, ctx: CallContext, year: i32) -> Result<Vec<CalendarDay>, RpcFailure> {
        answer(calendar_keeping::calendar_days(&self.0, ctx, year).await)
    }

    async fn set_calendar_day(&self, ctx: CallContext, input: SetCalendarDay) -> Result<Vec<CalendarDay>, RpcFailure> {
        answer(calendar_keeping::set_calendar_day(&self.0, ctx, input).await)
    }

    async fn changes(&self, ctx: CallContext, after: i64, limit: u32) -> Result<Changes, RpcFailure> {
        answer(change_feed::changes(&self.0, ctx, after, limit).await)
    }

    async fn last_position(&self, ctx: CallContext) -> Result<i64, RpcFailure> {
        answer(change_feed::last_position(&self.0, ctx).await)
    }
}
