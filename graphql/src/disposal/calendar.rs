//! Objects of the disposal service: calendar.

use crate::disposal::{CalendarYearState, DisposalDayKind};
use crate::scalar::{Date, Long};
use async_graphql::Object;
use cordon_disposal_contract as contract;

pub(crate) struct WorkCalendarDay(pub(crate) contract::CalendarDay);

/// 与星期规则不同的一天 / One day that differs.
#[Object]
impl WorkCalendarDay {
    /// 日期 / The day.
    async fn date(&self) -> Date {
        self.0.date.into()
    }

    /// 类别 / How it differs.
    async fn kind(&self) -> DisposalDayKind {
        self.0.kind.into()
    }

    /// 名称 / Its name, such as 国庆节.
    async fn name(&self) -> &str {
        &self.0.name
    }
}

pub(crate) struct CalendarYear(pub(crate) contract::CalendarYear);

/// 一年的工作日历 / The days of a year that differ.
#[Object]
impl CalendarYear {
    /// 年份 / The year.
    async fn year(&self) -> i32 {
        self.0.year
    }

    /// 状态 / How sure they are.
    async fn state(&self) -> CalendarYearState {
        self.0.state.into()
    }

    /// 各日 / The days, in order.
    async fn days(&self) -> Vec<WorkCalendarDay> {
        self.0.days.iter().cloned().map(WorkCalendarDay).collect()
    }

    /// 版本，未设置为 0 / Grows with every change; 0 if the year was never set.
    async fn version(&self) -> Long {
        self.0.version.into()
    }
}
