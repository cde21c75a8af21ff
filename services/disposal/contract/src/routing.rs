//! Routing: who answers for a target, and the tables by which that is found out.

use cordon_context::{Bilingual, CallContext, OrganisationId, Page, PageRequest, Region, Timestamp};
use cordon_identifier::Kind;
use cordon_rpc::RpcFailure;
use jsonrpsee::proc_macros::rpc;
use serde::{Deserialize, Serialize};

use crate::Measure;
use crate::vocabulary::vocabulary;

vocabulary! {
    /// Why nobody was found; a person at the desk decides.
    RouteObstacle {
        /// The text is no identifier of its kind.
        Unreadable = "unreadable",
        /// Identifiers of this kind have no executor on this platform.
        NotExecutable = "not_executable",
        /// Bank accounts are stopped through the banks' own system.
        MoneySide = "money_side",
        /// The number plan does not say in whose network it lies.
        NetworkUnknown = "network_unknown",
        /// Its home region is unknown, and nobody answers for the whole network.
        RegionUnknown = "region_unknown",
        /// No table names the registrar of the domain.
        RegistrarUnknown = "registrar_unknown",
        /// No table names who gives the address its access.
        AccessUnknown = "access_unknown",
        /// The account names no platform.
        PlatformUnknown = "platform_unknown",
        /// It is known who it is, but no active organisation of the directory answers for it.
        NobodyAnswers = "nobody_answers",
    }
}

vocabulary! {
    /// The tables by which routes are found.
    RoutingTable {
        /// Whole numbers that were taken to another network, found by blind index.
        Portability = "portability",
        /// Number segments: who holds them and where they are at home.
        Segment = "segment",
        /// Registrable domains with registrar and access provider.
        Domain = "domain",
        /// Address ranges with their access provider.
        Address = "address",
        /// Platforms of accounts.
        Platform = "platform",
    }
}

vocabulary! {
    /// Where an entry comes from; a later one is trusted less.
    RoutingSource {
        /// A person entered it.
        Manual = "manual",
        /// It was imported.
        Import = "import",
        /// An executor answered so.
        Executor = "executor",
    }
}

/// What somebody wants a route for.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteQuestion {
    /// The kind of identifier.
    pub kind: Kind,
    /// The identifier, in any form that can be read.
    pub value: String,
    /// Where it is probably at home, for numbers whose home no table knows.
    #[serde(default)]
    pub region_hint: Option<Region>,
    /// What shall be done to it: blocking a name is the registrar's, blocking an address the access provider's.
    #[serde(default)]
    pub measure: Option<Measure>,
}

impl std::fmt::Debug for RouteQuestion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RouteQuestion").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// Where a target goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "to")]
pub enum Destination {
    /// To this organisation.
    Executor {
        /// Which.
        organisation: OrganisationId,
    },
    /// To the desk.
    Desk {
        /// Why.
        obstacle: RouteObstacle,
        /// In words.
        text: Bilingual,
    },
}

/// The answer: always a destination, and how it was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// Where it goes.
    pub destination: Destination,
    /// What was asked of the directory, such as `network:mobile@440000`.
    pub responsibility: Option<String>,
    /// The network that the number's segment was given to.
    pub carrier_original: Option<String>,
    /// The network or enterprise in which the number is now.
    pub carrier_current: Option<String>,
    /// The number's home, as far as it is known.
    pub region: Option<Region>,
    /// When this was found out.
    pub resolved_at: Timestamp,
    /// By what: `plan`, `segment`, `portability`, `executor`, `domain`, `address`, `platform`.
    pub resolver: String,
}

impl Route {
    /// The executor, if one was found.
    pub const fn executor(&self) -> Option<OrganisationId> {
        match &self.destination {
            Destination::Executor { organisation } => Some(*organisation),
            Destination::Desk { .. } => None,
        }
    }
}

/// One row of a table, as it may be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoutingEntry {
    /// Which table.
    pub table: RoutingTable,
    /// The segment, domain, range or platform; of a whole number only that it is one.
    pub key: String,
    /// Who answers: `network:mobile`, `mvno:…`, `registrar:…`, `access:…`, `platform:…`, or an organisation's identifier.
    pub holder: String,
    /// The home region of a segment.
    pub region: Option<Region>,
    /// Where it comes from.
    pub source: RoutingSource,
    /// Which file or answer exactly.
    pub origin: String,
    /// Since when it is so.
    pub valid_from: Timestamp,
    /// When it was entered.
    pub recorded_at: Timestamp,
}

/// Enters or replaces a row by hand; it outweighs imported ones.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetRoutingEntry {
    /// Which table.
    pub table: RoutingTable,
    /// The number, segment, domain, range or platform.
    pub key: String,
    /// Who answers; of a domain its registrar (`registrar:…`) or its access provider (`access:…`).
    pub holder: String,
    /// The home region of a segment.
    #[serde(default)]
    pub region: Option<Region>,
    /// Why, for the ledger.
    pub reason: String,
}

impl std::fmt::Debug for SetRoutingEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SetRoutingEntry")
            .field("table", &self.table)
            .field("holder", &self.holder)
            .finish_non_exhaustive()
    }
}

/// Takes a row that was entered by hand away.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoveRoutingEntry {
    /// Which table.
    pub table: RoutingTable,
    /// The number, segment, domain, range or platform.
    pub key: String,
    /// Why, for the ledger.
    pub reason: String,
}

impl std::fmt::Debug for RemoveRoutingEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RemoveRoutingEntry").field("table", &self.table).finish_non_exhaustive()
    }
}

/// A part of a file.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRouting {
    /// Into which table.
    pub table: RoutingTable,
    /// The file's name or another word for where it comes from.
    pub origin: String,
    /// The names of the columns, as the file's first row says them.
    pub header: Vec<String>,
    /// Up to 5,000 rows.
    pub rows: Vec<Vec<String>>,
    /// The number of the first of these rows in the file; the header is row 1.
    pub first_row: u64,
    /// Whether it is only said what would happen.
    #[serde(default)]
    pub dry_run: bool,
}

impl std::fmt::Debug for ImportRouting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ImportRouting")
            .field("table", &self.table)
            .field("rows", &self.rows.len())
            .finish_non_exhaustive()
    }
}

/// One cell that cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BadRoutingRow {
    /// The row in the file.
    pub row: u64,
    /// The column.
    pub column: String,
    /// A stable code.
    pub code: String,
    /// In words; never the cell's content.
    pub text: Bilingual,
}

/// What became of a part of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedRouting {
    /// Rows that are in the table now, or would be.
    pub good: u64,
    /// Rows that are not.
    pub bad: Vec<BadRoutingRow>,
}

/// Who answers for what.
#[rpc(server, client, namespace = "routing", namespace_separator = ".")]
pub trait Routing {
    /// Finds out who answers for each target, in the order of the questions; nothing is ever left out.
    #[method(name = "route")]
    async fn route(&self, ctx: CallContext, questions: Vec<RouteQuestion>) -> Result<Vec<Route>, RpcFailure>;

    /// Rows of a table, newest first.
    #[method(name = "list_entries")]
    async fn list_entries(
        &self,
        ctx: CallContext,
        table: RoutingTable,
        page: PageRequest,
    ) -> Result<Page<RoutingEntry>, RpcFailure>;

    /// Enters or replaces a row by hand.
    #[method(name = "set_entry")]
    async fn set_entry(&self, ctx: CallContext, input: SetRoutingEntry) -> Result<RoutingEntry, RpcFailure>;

    /// Takes a row that was entered by hand away; tells whether there was one.
    #[method(name = "remove_entry")]
    async fn remove_entry(&self, ctx: CallContext, input: RemoveRoutingEntry) -> Result<bool, RpcFailure>;

    /// Takes a part of a file; good rows are kept, bad ones are named.
    #[method(name = "import")]
    async fn import(&self, ctx: CallContext, input: ImportRouting) -> Result<ImportedRouting, RpcFailure>;
}
