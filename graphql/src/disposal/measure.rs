//! Objects of the disposal service: measure.

use crate::disposal::{DeadlinePace, Measure, ReverifyLevel, TargetKind};
use crate::names::OrganisationLevel;
use async_graphql::Object;
use cordon_disposal_contract as contract;

pub(crate) struct MeasureRule(pub(crate) contract::MeasureRule);

/// 措施表的一行 / One row of the measure table: what a measure means for one kind of target.
#[Object]
impl MeasureRule {
    /// 对象大类 / The kind of target.
    async fn kind(&self) -> TargetKind {
        self.0.kind.into()
    }

    /// 措施 / The measure.
    async fn measure(&self) -> Measure {
        self.0.measure.into()
    }

    /// 能否恢复 / Whether it can be undone.
    async fn reversible(&self) -> bool {
        self.0.reversible
    }

    /// 最长天数 / The longest time in days for which it may be ordered; none means without end.
    async fn max_days(&self) -> Option<u32> {
        self.0.max_days
    }

    /// 再核验等级 / What the holder must go through before it may end by re-verification.
    async fn reverify(&self) -> ReverifyLevel {
        self.0.reverify.into()
    }

    /// 最低审批层级 / The lowest level at which it may be approved.
    async fn approval_level(&self) -> OrganisationLevel {
        self.0.approval_level.into()
    }

    /// 时限类别 / Which deadlines it follows.
    async fn pace(&self) -> DeadlinePace {
        self.0.pace.into()
    }
}
