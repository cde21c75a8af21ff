//! Objects of the disposal service: routing.

use crate::directory::Organisation;
use crate::disposal::{RouteObstacle, RoutingSource, RoutingTable};
use crate::loaders::maybe;
use crate::names::BilingualText;
use crate::scalar::{DateTime, Long, Region};
use crate::session::loaders;
use async_graphql::{Context, Object, Result};
use cordon_disposal_contract as contract;

pub(crate) struct Route(pub(crate) contract::Route);

/// 派发去向 / The answer: always a destination, and how it was found.
#[Object]
impl Route {
    /// 向名录查询的内容 / What was asked of the directory, such as network:mobile@440000.
    async fn responsibility(&self) -> Option<&str> {
        self.0.responsibility.as_deref()
    }

    /// 原网络 / The network that the number's segment was given to.
    async fn carrier_original(&self) -> Option<&str> {
        self.0.carrier_original.as_deref()
    }

    /// 现网络 / The network or enterprise in which the number is now.
    async fn carrier_current(&self) -> Option<&str> {
        self.0.carrier_current.as_deref()
    }

    /// 归属地 / The number's home, as far as it is known.
    async fn region(&self) -> Option<Region> {
        self.0.region.map(Into::into)
    }

    /// 查明时间 / When this was found out.
    async fn resolved_at(&self) -> DateTime {
        self.0.resolved_at.into()
    }

    /// 查明方式 / By what: plan, segment, portability, executor, domain, address, platform.
    async fn resolver(&self) -> &str {
        &self.0.resolver
    }

    /// 执行单位 / The executor, if one was found.
    async fn executor(&self, ctx: &Context<'_>) -> Result<Option<Organisation>> {
        maybe(&loaders(ctx)?.directory.organisations, self.0.executor(), Organisation).await
    }

    /// 未找到执行单位的原因 / Why nobody was found, if nobody was.
    async fn obstacle(&self) -> Option<RouteObstacle> {
        match &self.0.destination {
            contract::Destination::Desk { obstacle, .. } => Some((*obstacle).into()),
            contract::Destination::Executor { .. } => None,
        }
    }

    /// 原因说明 / The same in words.
    async fn obstacle_text(&self) -> Option<BilingualText> {
        match &self.0.destination {
            contract::Destination::Desk { text, .. } => Some(BilingualText(text.clone())),
            contract::Destination::Executor { .. } => None,
        }
    }
}

pub(crate) struct RoutingEntry(pub(crate) contract::RoutingEntry);

/// 路由表条目 / One row of a table, as it may be shown.
#[Object]
impl RoutingEntry {
    /// 路由表 / Which table.
    async fn table(&self) -> RoutingTable {
        self.0.table.into()
    }

    /// 键；整号仅显示其为整号 / The segment, domain, range or platform; of a whole number only that it is one.
    async fn key(&self) -> &str {
        &self.0.key
    }

    /// 负责者 / Who answers: network:mobile, mvno:…, registrar:…, access:…, platform:…, or an organisation's identifier.
    async fn holder(&self) -> &str {
        &self.0.holder
    }

    /// 归属地 / The home region of a segment.
    async fn region(&self) -> Option<Region> {
        self.0.region.map(Into::into)
    }

    /// 来源 / Where it comes from.
    async fn source(&self) -> RoutingSource {
        self.0.source.into()
    }

    /// 出处 / Which file or answer exactly.
    async fn origin(&self) -> &str {
        &self.0.origin
    }

    /// 生效时间 / Since when it is so.
    async fn valid_from(&self) -> DateTime {
        self.0.valid_from.into()
    }

    /// 录入时间 / When it was entered.
    async fn recorded_at(&self) -> DateTime {
        self.0.recorded_at.into()
    }
}

pub(crate) struct BadRoutingRow(pub(crate) contract::BadRoutingRow);

/// 路由导入错误行 / One cell that cannot be taken.
#[Object]
impl BadRoutingRow {
    /// 行号 / The row in the file.
    async fn row(&self) -> Long {
        self.0.row.into()
    }

    /// 列 / The column.
    async fn column(&self) -> &str {
        &self.0.column
    }

    /// 代码 / A stable code.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// 说明，不含单元格内容 / In words; never the cell's content.
    async fn text(&self) -> BilingualText {
        BilingualText(self.0.text.clone())
    }
}

pub(crate) struct ImportedRouting(pub(crate) contract::ImportedRouting);

/// 路由导入结果 / What became of a part of a file.
#[Object]
impl ImportedRouting {
    /// 可用行数 / Rows that are in the table now, or would be.
    async fn good(&self) -> Long {
        self.0.good.into()
    }

    /// 不可用的行 / Rows that are not.
    async fn bad(&self) -> Vec<BadRoutingRow> {
        self.0.bad.iter().cloned().map(BadRoutingRow).collect()
    }
}
