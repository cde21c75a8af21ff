//! Inputs of the disposal service: routing.

use crate::disposal::{Measure, RoutingTable};
use crate::names::IdentifierKind;
use crate::scalar::Region;
use async_graphql::InputObject;
use cordon_disposal_contract as contract;

/// 路由查询 / What somebody wants a route for.
#[derive(InputObject)]
pub(crate) struct RouteQuestionInput {
    /// 种类 / The kind of identifier.
    pub(crate) kind: IdentifierKind,
    /// 值 / The identifier, in any form that can be read.
    pub(crate) value: String,
    /// 归属地提示 / Where it is probably at home, for numbers whose home no table knows.
    pub(crate) region_hint: Option<Region>,
    /// 措施 / What shall be done to it: blocking a name is the registrar's, blocking an address the access provider's.
    pub(crate) measure: Option<Measure>,
}

impl From<RouteQuestionInput> for contract::RouteQuestion {
    fn from(input: RouteQuestionInput) -> Self {
        let RouteQuestionInput { kind, value, region_hint, measure } = input;
        Self { kind: kind.into(), value, region_hint: region_hint.map(Into::into), measure: measure.map(Into::into) }
    }
}

/// 维护路由条目的输入 / Input of setRoutingEntry.
#[derive(InputObject)]
pub(crate) struct SetRoutingEntryInput {
    /// 路由表 / Which table.
    pub(crate) table: RoutingTable,
    /// 键 / The number, segment, domain, range or platform.
    pub(crate) key: String,
    /// 负责者 / Who answers; of a domain its registrar (registrar:…) or its access provider (access:…).
    pub(crate) holder: String,
    /// 归属地 / The home region of a segment.
    pub(crate) region: Option<Region>,
    /// 理由 / Why, for the ledger.
    pub(crate) reason: String,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<SetRoutingEntryInput> for contract::SetRoutingEntry {
    fn from(input: SetRoutingEntryInput) -> Self {
        let SetRoutingEntryInput { table, key, holder, region, reason, idempotency_key: _ } = input;
        Self { table: table.into(), key, holder, region: region.map(Into::into), reason }
    }
}

/// 移除路由条目的输入 / Input of removeRoutingEntry.
#[derive(InputObject)]
pub(crate) struct RemoveRoutingEntryInput {
    /// 路由表 / Which table.
    pub(crate) table: RoutingTable,
    /// 键 / The number, segment, domain, range or platform.
    pub(crate) key: String,
    /// 理由 / Why, for the ledger.
    pub(crate) reason: String,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<RemoveRoutingEntryInput> for contract::RemoveRoutingEntry {
    fn from(input: RemoveRoutingEntryInput) -> Self {
        let RemoveRoutingEntryInput { table, key, reason, idempotency_key: _ } = input;
        Self { table: table.into(), key, reason }
    }
}

/// 导入路由表的输入 / Input of importRouting.
#[derive(InputObject)]
pub(crate) struct ImportRoutingInput {
    /// 路由表 / Into which table.
    pub(crate) table: RoutingTable,
    /// 文件名或出处 / The file's name or another word for where it comes from.
    pub(crate) origin: String,
    /// 列名 / The names of the columns, as the file's first row says them.
    #[graphql(default)]
    pub(crate) header: Vec<String>,
    /// 至多 5000 行 / Up to 5,000 rows.
    #[graphql(default)]
    pub(crate) rows: Vec<Vec<String>>,
    /// 首行在文件中的行号 / The number of the first of these rows in the file; the header is row 1.
    pub(crate) first_row: u64,
    /// 是否只试算 / Whether it is only said what would happen.
    #[graphql(default)]
    pub(crate) dry_run: bool,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<ImportRoutingInput> for contract::ImportRouting {
    fn from(input: ImportRoutingInput) -> Self {
        let ImportRoutingInput { table, origin, header, rows, first_row, dry_run, idempotency_key: _ } = input;
        Self { table: table.into(), origin, header, rows, first_row, dry_run }
    }
}
