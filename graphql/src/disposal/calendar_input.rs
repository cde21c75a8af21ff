//! Inputs of the disposal service: calendar.

use crate::disposal::{CalendarYearState, DisposalDayKind};
use crate::scalar::{Date, Long};
use async_graphql::InputObject;
use cordon_disposal_contract as contract;

/// 与星期规则不同的一天 / One day that differs.
#[derive(InputObject)]
pub(crate) struct CalendarDayInput {
    /// 日期 / The day.
    pub(crate) date: Date,
    /// 类别 / How it differs.
    pub(crate) kind: DisposalDayKind,
    /// 名称 / Its name, such as 国庆节.
    pub(crate) name: String,
}

impl From<CalendarDayInput> for contract::CalendarDay {
    fn from(input: CalendarDayInput) -> Self {
        let CalendarDayInput { date, kind, name } = input;
        Self { date: date.into(), kind: kind.into(), name }
    }
}

/// 维护工作日历的输入 / Input of setCalendarYear.
#[derive(InputObject)]
pub(crate) struct SetCalendarYearInput {
    /// 年份 / The year.
    pub(crate) year: i32,
    /// 所见版本 / The version that was read.
    pub(crate) version: Long,
    /// 状态 / How sure they are.
    pub(crate) state: CalendarYearState,
    /// 各日 / The days.
    #[graphql(default)]
    pub(crate) days: Vec<CalendarDayInput>,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<SetCalendarYearInput> for contract::SetCalendarYear {
    fn from(input: SetCalendarYearInput) -> Self {
        let SetCalendarYearInput { year, version, state, days, idempotency_key: _ } = input;
        Self { year, version: version.into(), state: state.into(), days: days.into_iter().map(Into::into).collect() }
    }
}
