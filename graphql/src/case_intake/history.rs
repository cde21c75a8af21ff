//! Histories of things, and the working-day table from which their deadlines are counted.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use cordon_case_intake_contract as contract;
use cordon_case_intake_contract::{CaseIntakeClient as _, HistoryOf};
use cordon_context::OrganisationIdKind;

use crate::directory::Organisation;
use crate::loaders::{group, one};
use crate::outcome::{change, payloads, read};
use crate::scalar::{Date, DateTime, Gid, Long};
use crate::session::loaders;

/// 办理经过的一步 / One step in a history.
pub(crate) struct HistoryEntry(contract::HistoryEntry);

/// 办理经过的一步 / One step in a history.
#[Object]
impl HistoryEntry {
    /// 序号，自 1 递增 / Grows within one history, from 1.
    async fn sequence(&self) -> Long {
        self.0.sequence.into()
    }

    /// 时间 / When.
    async fn at(&self) -> DateTime {
        self.0.at.into()
    }

    /// 步骤名 / What was done, by the name of the step.
    async fn step(&self) -> &str {
        &self.0.step
    }

    /// 之前的状态；第一步没有 / The state before, by name; null for the first entry.
    async fn from(&self) -> Option<&str> {
        self.0.from.as_deref()
    }

    /// 之后的状态 / The state after, by name.
    async fn to(&self) -> &str {
        &self.0.to
    }

    /// 办理方，不含姓名 / Who, as a stable text that names no person.
    async fn party(&self) -> &str {
        &self.0.party
    }

    /// 办理机构（标识）/ For which organisation (identifier).
    async fn organisation_id(&self) -> Gid<OrganisationIdKind> {
        self.0.organisation.into()
    }

    /// 办理机构 / For which organisation.
    async fn organisation(&self, ctx: &Context<'_>) -> Result<Option<Organisation>> {
        one(&loaders(ctx)?.directory.organisations, self.0.organisation, Organisation).await
    }

    /// 说明 / What was said about it.
    async fn note(&self) -> Option<&str> {
        self.0.note.as_deref()
    }
}

/// Loads the history of one thing.
pub(super) async fn history(ctx: &Context<'_>, of: HistoryOf) -> Result<Vec<HistoryEntry>> {
    group(&loaders(ctx)?.case_intake.belonging.histories, of, HistoryEntry).await
}

/// 与普通工作周不同的一天 / A day that differs from the plain week: a holiday, or a weekend day on which people work.
#[derive(SimpleObject)]
pub(crate) struct CaseCalendarDay {
    /// 日期 / The day.
    date: Date,
    /// 是否上班 / Whether people work on it.
    working: bool,
    /// 名称 / What it is.
    name: String,
}

impl From<contract::CalendarDay> for CaseCalendarDay {
    fn from(day: contract::CalendarDay) -> Self {
        let contract::CalendarDay { date, working, name } = day;
        Self { date: date.into(), working, name }
    }
}

fn days(days: Vec<contract::CalendarDay>) -> Vec<CaseCalendarDay> {
    days.into_iter().map(Into::into).collect()
}

/// 设置工作日历中一天的输入 / Enters a day into the working-day table, or takes it out.
#[derive(InputObject)]
pub(crate) struct SetCaseCalendarDayInput {
    /// 日期 / The day.
    date: Date,
    /// 是否上班；为空则移除该日，恢复普通工作周 / Whether people work on it; null takes the day out, so that the plain week holds again.
    working: Option<bool>,
    /// 名称，至多 64 字 / What it is, at most 64 characters.
    #[graphql(default)]
    name: String,
    /// 幂等键 / The idempotency key.
    idempotency_key: Option<String>,
}

payloads! {
    /// 设置工作日历的结果 / What setting a day brought.
    SetCaseCalendarDayPayload: Vec<contract::CalendarDay> {
        /// 该年与普通工作周不同的日子 / The days of that year that differ from the plain week.
        days: Vec<CaseCalendarDay> = |changed| days(changed),
    }
}

#[derive(Default)]
pub(crate) struct CalendarQuery;

#[Object]
impl CalendarQuery {
    /// 计算举报、线索与通报时限所用的日历：某年与普通工作周不同的日子 / The days of a year that differ from the plain week, for the deadlines of reports, clues and bulletins.
    #[graphql(complexity = "crate::connection::several(30, child_complexity)")]
    async fn case_calendar(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "年份 / The year.")] year: i32,
    ) -> Result<Vec<CaseCalendarDay>> {
        let found =
            read(ctx, |services, call| async move { services.case_intake.calendar_days(call, year).await }).await?;
        Ok(days(found))
    }
}

#[derive(Default)]
pub(crate) struct CalendarMutation;

#[Object]
impl CalendarMutation {
    /// 设置或移除计算举报、线索与通报时限所用日历中的一天 / Enters a day into the calendar of reports, clues and bulletins, or takes it out.
    async fn set_case_calendar_day(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: SetCaseCalendarDayInput,
    ) -> Result<SetCaseCalendarDayPayload> {
        let SetCaseCalendarDayInput { date, working, name, idempotency_key } = input;
        let day = contract::SetCalendarDay { date: date.into(), working, name };
        let outcome = change(ctx, idempotency_key, |services, call| async move {
            services.case_intake.set_calendar_day(call, day).await
        })
        .await?;
        Ok(outcome.into())
    }
}
