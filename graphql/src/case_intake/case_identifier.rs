//! The identifiers of a case, with everything that an officer has to know before choosing targets.

use std::collections::HashSet;
use std::sync::Arc;

use async_graphql::{Context, InputObject, Object, Result};
use cordon_case_intake_contract as contract;
use cordon_context::{CaseId, Cursor, FindingKind, Page, PageRequest, SubjectId, SubjectKind};

use super::case::Case;
use super::finding::{Finding, Protection};
use super::loaders::RouteKey;
use crate::connection::{Connection, page};
use crate::disposal::{MeasureInForce, Route};
use crate::loaders::{group, list, one};
use crate::names::IdentifierKind;
use crate::scalar::{DateTime, Gid, Long};
use crate::session::loaders;

/// 案件涉及的一个标识，汇总其全部举报 / One distinct identifier of a case, over all its reports.
#[derive(Clone)]
pub(crate) struct CaseIdentifier(pub(crate) contract::CaseIdentifier);

/// 案件涉及的一个标识，汇总其全部举报 / One distinct identifier of a case, over all its reports.
#[Object]
impl CaseIdentifier {
    /// 所在案件 / In which case.
    async fn case(&self, ctx: &Context<'_>) -> Result<Option<Case>> {
        one(&loaders(ctx)?.case_intake.cases, self.0.case, Case).await
    }

    /// 对象标识；同类同值在所有举报与服务中相同 / What it names; the same everywhere for the same kind and value.
    async fn subject_id(&self) -> Gid<SubjectKind> {
        self.0.subject.into()
    }

    /// 种类 / What it is.
    async fn kind(&self) -> IdentifierKind {
        self.0.kind.into()
    }

    /// 规范值，涉及个人的已脱敏 / Its normal form, masked if the kind is personal.
    async fn masked(&self) -> &str {
        &self.0.masked
    }

    /// 号码规划中的类别，如 mvno、iot；非号码则为空 / Its class by the number plan, such as `mvno` or `iot`; null for what is no number.
    async fn number_class(&self) -> Option<&str> {
        self.0.number_class.as_deref()
    }

    /// 号段所属网络；可能已携号转网 / The network to which its segment was given; portability may have moved it since.
    async fn segment_network(&self) -> Option<&str> {
        self.0.segment_network.as_deref()
    }

    /// 出现于多少件举报 / In how many of the case's reports it stands.
    async fn report_count(&self) -> Long {
        self.0.reports.into()
    }

    /// 可据以查看明文的一条提取记录（标识）/ One finding through which it can be revealed (identifier).
    async fn finding_id(&self) -> Gid<FindingKind> {
        self.0.finding.into()
    }

    /// 可据以查看明文的一条提取记录 / One finding through which it can be revealed.
    async fn finding(&self, ctx: &Context<'_>) -> Result<Option<Finding>> {
        one(&loaders(ctx)?.case_intake.findings, self.0.finding, Finding).await
    }

    /// 最早一件举报的受理时间 / When the first of those reports was received.
    async fn first_seen(&self) -> DateTime {
        self.0.first_seen.into()
    }

    /// 最近一件举报的受理时间 / When the last of those reports was received.
    async fn last_seen(&self) -> DateTime {
        self.0.last_seen.into()
    }

    /// 最高可信度，百分比 / The highest confidence with which it was found, in percent.
    async fn confidence(&self) -> u8 {
        self.0.confidence.value()
    }

    /// 是否受保护 / Whether it is protected.
    #[graphql(name = "protected", complexity = "2")]
    async fn is_protected(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(protection(ctx, &self.0).await?.is_some())
    }

    /// 命中的保护条目及理由 / The entry of a protected list that names it, and why.
    #[graphql(complexity = "2 + child_complexity")]
    async fn protection(&self, ctx: &Context<'_>) -> Result<Option<Protection>> {
        protection(ctx, &self.0).await
    }

    /// 是否为举报中受害人本人的号码 / Whether it is a victim's own number in one of the case's reports.
    async fn victims_own(&self) -> bool {
        self.0.victims_own
    }

    /// 可否建议为处置对象：既未受保护，也非受害人本人；仅人工可选定 / Whether it may be proposed as a target: neither protected nor a victim's own. Only a person makes it one.
    #[graphql(complexity = "2")]
    async fn selectable(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(self.0.selectable && protection(ctx, &self.0).await?.is_none())
    }

    /// 由谁负责处置：企业，或待人工处理及原因 / Who answers for it: an enterprise, or the desk with the reason.
    #[graphql(complexity = "5 + child_complexity")]
    async fn responsible(&self, ctx: &Context<'_>) -> Result<Option<Route>> {
        let plain = (!self.0.kind.is_personal()).then(|| Arc::from(self.0.masked.as_str()));
        let key = RouteKey { subject: self.0.subject, kind: self.0.kind, plain };
        one(&loaders(ctx)?.case_intake.routes, key, Route).await
    }

    /// 是否已有生效或在途的措施，限可知范围 / Whether a measure is in force or on its way already, as far as the caller may know.
    #[graphql(complexity = "2")]
    async fn already_in_force(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(!group(&loaders(ctx)?.disposal.measures_in_force, self.0.subject, MeasureInForce).await?.is_empty())
    }

    /// 已生效或在途的措施及其指令，限可知范围 / The measures in force or on their way with their orders, as far as the caller may know.
    #[graphql(complexity = "crate::connection::several(2, child_complexity)")]
    async fn measures_in_force(&self, ctx: &Context<'_>) -> Result<Vec<MeasureInForce>> {
        group(&loaders(ctx)?.disposal.measures_in_force, self.0.subject, MeasureInForce).await
    }
}

/// 案件标识的筛选条件，须全部满足 / Which identifiers of a case are wanted; every given condition must hold.
#[derive(InputObject, Default)]
pub(crate) struct CaseIdentifierFilter {
    /// 种类，任一 / One of these kinds.
    #[graphql(default)]
    kinds: Vec<IdentifierKind>,
    /// 可否建议为处置对象 / Only those that may be proposed as targets, or only the others.
    selectable: Option<bool>,
    /// 是否受保护 / Only protected ones, or only the others.
    protected: Option<bool>,
    /// 至少出现于多少件举报 / In at least so many of the case's reports.
    min_reports: Option<i32>,
}

impl CaseIdentifierFilter {
    /// Whether the kept list has to be asked before it can be said which rows are wanted.
    const fn asks_for_protection(&self) -> bool {
        self.selectable.is_some() || self.protected.is_some()
    }

    /// Whether a row is wanted; `listed` are the subjects that the kept list protects.
    fn admits(&self, row: &contract::CaseIdentifier, listed: &HashSet<SubjectId>) -> bool {
        let kept = listed.contains(&row.subject);
        (self.kinds.is_empty() || self.kinds.contains(&row.kind.into()))
            && self.selectable.is_none_or(|wanted| wanted == (row.selectable && !kept))
            && self.protected.is_none_or(|wanted| wanted == (row.protected.is_some() || kept))
            && self.min_reports.is_none_or(|least| i64::from(least) <= rank(row))
    }
}

async fn protection(ctx: &Context<'_>, row: &contract::CaseIdentifier) -> Result<Option<Protection>> {
    Protection::of(ctx, row.protected.as_ref(), row.subject, &row.names_above).await
}

/// The subjects of a list that the kept list protects, by themselves or by a name above them.
async fn listed_among(ctx: &Context<'_>, rows: &[contract::CaseIdentifier]) -> Result<HashSet<SubjectId>> {
    let asked: Vec<SubjectId> = rows
        .iter()
        .filter(|row| row.protected.is_none())
        .flat_map(|row| std::iter::once(row.subject).chain(row.names_above.iter().copied()))
        .collect();
    let found = list(&loaders(ctx)?.case_intake.listed, &asked, |listed| listed.subject).await?;
    let found: HashSet<SubjectId> = found.into_iter().collect();
    let names = |row: &&contract::CaseIdentifier| {
        found.contains(&row.subject) || row.names_above.iter().any(|name| found.contains(name))
    };
    Ok(rows.iter().filter(names).map(|row| row.subject).collect())
}

/// Gives one page of a case's identifiers.
pub(super) async fn of_case(
    ctx: &Context<'_>,
    case: CaseId,
    filter: CaseIdentifierFilter,
    first: Option<i32>,
    after: Option<String>,
) -> Result<Connection<CaseIdentifier>> {
    let request = page::<CaseIdentifier>(ctx, first, after.as_deref())?;
    let rows = one(&loaders(ctx)?.case_intake.identifiers_of_cases, case, |rows| rows).await?;
    let rows = rows.as_deref().unwrap_or_default();
    // The whole list is here, so a filter by what another service knows is applied before the page is cut, and no page is short.
    let listed = if filter.asks_for_protection() { listed_among(ctx, rows).await? } else { HashSet::new() };
    Ok(Connection::of(cut(rows, &filter, &listed, &request), CaseIdentifier))
}

fn rank(row: &contract::CaseIdentifier) -> i64 {
    i64::try_from(row.reports).unwrap_or(i64::MAX)
}

/// Cuts a page out of the whole list, which stands in falling order of reports.
fn cut(
    rows: &[contract::CaseIdentifier],
    filter: &CaseIdentifierFilter,
    listed: &HashSet<SubjectId>,
    request: &PageRequest,
) -> Page<contract::CaseIdentifier> {
    let start = request.after.as_ref().map_or(0, |place| {
        let same = rows.iter().position(|row| row.subject.uuid() == place.id);
        // If the row has gone meanwhile, rows beside it are rather shown twice than left out.
        same.map_or_else(|| rows.partition_point(|row| rank(row) > place.key), |same| same + 1)
    });
    let limit = usize::try_from(request.limit()).unwrap_or(usize::MAX);
    let fitting = rows.iter().skip(start).filter(|row| filter.admits(row, listed));
    let wanted: Vec<contract::CaseIdentifier> = fitting.take(limit.saturating_add(1)).cloned().collect();
    let total = request.count.then(|| {
        let count = rows.iter().filter(|row| filter.admits(row, listed)).count();
        u64::try_from(count).unwrap_or(u64::MAX)
    });
    Page::cut(wanted, request, total, |row| Cursor { key: rank(row), id: row.subject.uuid() })
}

#[cfg(test)]
mod tests {
    use cordon_case_intake_contract::Confidence;
    use cordon_context::{Id, Timestamp};
    use cordon_identifier::Kind;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn row(number: u128, reports: u64, kind: Kind) -> contract::CaseIdentifier {
        contract::CaseIdentifier {
            case: Id::from_uuid(Uuid::from_u128(1)),
            subject: Id::from_uuid(Uuid::from_u128(number)),
            kind,
            masked: "138****0000".to_owned(),
            number_class: None,
            segment_network: None,
            reports,
            finding: Id::from_uuid(Uuid::from_u128(2)),
            first_seen: Timestamp::from_millis(0),
            last_seen: Timestamp::from_millis(0),
            confidence: Confidence::percent(90),
            names_above: Vec::new(),
            protected: None,
            victims_own: number.is_multiple_of(7),
            selectable: !number.is_multiple_of(7),
        }
    }

    fn numbers(page: &Page<contract::CaseIdentifier>) -> Vec<u128> {
        page.edges.iter().map(|(_, row)| row.subject.uuid().as_u128()).collect()
    }

    proptest! {
        #[test]
        fn pages_put_together_are_the_filtered_list(
            mut reports in proptest::collection::vec(1_u64..5, 0..60), first in 1_u32..9, selectable in any::<Option<bool>>(),
            protected in any::<Option<bool>>(), kept in proptest::collection::hash_set(10_u128..70, 0..20),
        ) {
            let listed: HashSet<SubjectId> = kept.into_iter().map(|number| Id::from_uuid(Uuid::from_u128(number))).collect();
            reports.sort_unstable_by(|left, right| right.cmp(left));
            let rows: Vec<_> =
                reports.iter().zip(10_u128..).map(|(reports, number)| row(number, *reports, Kind::Phone)).collect();
            let filter = CaseIdentifierFilter { selectable, protected, ..Default::default() };
            let mut request = PageRequest { first: Some(first), after: None, count: true };
            let mut seen = Vec::new();
            loop {
                let page = cut(&rows, &filter, &listed, &request);
                seen.extend(numbers(&page));
                request.after = page.edges.last().map(|(place, _)| place.clone());
                prop_assert_eq!(page.total, Some(rows.iter().filter(|row| filter.admits(row, &listed)).count() as u64));
                if !page.has_next {
                    break;
                }
            }
            let whole: Vec<u128> =
                rows.iter().filter(|row| filter.admits(row, &listed)).map(|row| row.subject.uuid().as_u128()).collect();
            prop_assert_eq!(seen, whole);
        }
    }

    #[test]
    fn a_row_that_has_gone_hides_none_of_its_neighbors() {
        let rows = [row(10, 3, Kind::Phone), row(11, 2, Kind::Phone), row(12, 1, Kind::Domain)];
        let after = Some(Cursor { key: 2, id: Uuid::from_u128(99) });
        let page = cut(
            &rows,
            &CaseIdentifierFilter::default(),
            &HashSet::new(),
            &PageRequest { first: None, after, count: false },
        );
        assert_eq!(numbers(&page), [11, 12]);
    }

    #[test]
    fn filters_narrow() {
        let rows = [row(10, 3, Kind::Phone), row(14, 2, Kind::Phone), row(12, 1, Kind::Domain)];
        let narrowed = |filter| numbers(&cut(&rows, &filter, &HashSet::new(), &PageRequest::default()));
        let kinds = CaseIdentifierFilter { kinds: vec![Kind::Domain.into()], ..Default::default() };
        assert_eq!(narrowed(kinds), [12]);
        assert_eq!(narrowed(CaseIdentifierFilter { selectable: Some(false), ..Default::default() }), [14]);
        assert_eq!(narrowed(CaseIdentifierFilter { min_reports: Some(2), ..Default::default() }), [10, 14]);
        assert_eq!(narrowed(CaseIdentifierFilter { protected: Some(true), ..Default::default() }), [0_u128; 0]);
    }
}
