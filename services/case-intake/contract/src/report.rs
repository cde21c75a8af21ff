//! Fraud reports 举报.

use cordon_context::{CaseId, ImportId, OrganisationId, Region, ReportId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::names::named;

/// The version of the fraud taxonomy that [`FraudType`] spells out: the ten frequent types of the Ministry of Public Security.
pub const TAXONOMY_VERSION: &str = "mps-2023";

named! {
    /// Where a report came in.
    Channel {
        /// The reporting center of the communications industry, 12321.
        Hotline12321 = "12321",
        /// The dissuasion and consultation hotline of the police, 96110.
        Hotline96110 = "96110",
        /// An enterprise that was told by its users.
        Enterprise = "enterprise",
        /// The public web form.
        Web = "web",
        /// A police station.
        Police = "police",
    }
}

named! {
    /// The kind of fraud, level 1 of the taxonomy.
    FraudType {
        /// 刷单返利.
        BrushingRebate = "brushing_rebate",
        /// 虚假网络投资理财.
        FakeInvestment = "fake_investment",
        /// 虚假购物服务.
        FakeShoppingService = "fake_shopping_service",
        /// 冒充电商物流客服.
        FakeCustomerService = "fake_customer_service",
        /// 虚假网络贷款.
        FakeLoan = "fake_loan",
        /// 虚假征信.
        FakeCreditRecord = "fake_credit_record",
        /// 冒充领导熟人.
        ImpersonateLeaderAcquaintance = "impersonate_leader_acquaintance",
        /// 冒充公检法及政府机关.
        ImpersonateAuthority = "impersonate_authority",
        /// 网络婚恋、交友.
        RomanceDating = "romance_dating",
        /// 网络游戏产品虚假交易.
        GameItemTrade = "game_item_trade",
        /// Anything else.
        Other = "other",
    }
}

impl FraudType {
    /// The type's Chinese name, as forms print it.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::BrushingRebate => "刷单返利",
            Self::FakeInvestment => "虚假网络投资理财",
            Self::FakeShoppingService => "虚假购物服务",
            Self::FakeCustomerService => "冒充电商物流客服",
            Self::FakeLoan => "虚假网络贷款",
            Self::FakeCreditRecord => "虚假征信",
            Self::ImpersonateLeaderAcquaintance => "冒充领导熟人",
            Self::ImpersonateAuthority => "冒充公检法及政府机关",
            Self::RomanceDating => "网络婚恋、交友",
            Self::GameItemTrade => "网络游戏产品虚假交易",
            Self::Other => "其他",
        }
    }
}

named! {
    /// How far a report has come.
    ReportStatus {
        /// Registered.
        Received = "received",
        /// Compared with the reports before it.
        Deduplicated = "deduplicated",
        /// Its data was checked.
        Verified = "verified",
        /// Handed to the organisation that handles it.
        Dispatched = "dispatched",
        /// Handled.
        Handled = "handled",
        /// The source of the trouble was traced.
        TracedBack = "traced_back",
        /// The person who reported got an answer.
        Replied = "replied",
        /// Nothing more will happen.
        Closed = "closed",
    }
}

/// A fraud report, with its personal fields masked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The report's identifier.
    pub id: ReportId,
    /// Where it came in.
    pub channel: Channel,
    /// The number that the channel gave it.
    pub external_id: String,
    /// When the channel took it.
    pub received_at: Timestamp,
    /// Where the victim is.
    pub region: Region,
    /// The kind of fraud.
    pub fraud_type: FraudType,
    /// The taxonomy in which `fraud_type` is meant.
    pub taxonomy_version: String,
    /// The loss in cents of a yuan.
    pub loss_cents: i64,
    /// The victim's phone number, masked.
    pub victim_phone_masked: Option<String>,
    /// The text with numbers and accounts masked; domains and service numbers stay readable.
    pub text_masked: String,
    /// The organisation that brought it in.
    pub organisation: OrganisationId,
    /// The import that brought it in, if one did.
    pub import: Option<ImportId>,
    /// An earlier report with nearly the same text.
    pub duplicate_of: Option<ReportId>,
    /// How far it has come.
    pub status: ReportStatus,
    /// The organisation that handles it, once dispatched.
    pub handler: Option<OrganisationId>,
    /// When the next step is due.
    pub due_at: Option<Timestamp>,
    /// Whether the next step is late.
    pub overdue: bool,
    /// When it was stored.
    pub created_at: Timestamp,
    /// Grows with every change; a change names the version that it saw.
    pub version: i64,
}

/// A report that a clerk or a web form enters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileReport {
    /// Where it came in.
    pub channel: Channel,
    /// The number that the channel gave it, at most 64 characters.
    pub external_id: String,
    /// When the channel took it; now, if absent.
    pub received_at: Option<Timestamp>,
    /// Where the victim is.
    pub region: Region,
    /// The kind of fraud.
    pub fraud_type: FraudType,
    /// The loss in cents of a yuan.
    pub loss_cents: i64,
    /// The victim's phone number.
    pub victim_phone: Option<String>,
    /// What happened, at most 20,000 characters.
    pub text: String,
}

/// Which reports are wanted; every given condition must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportFilter {
    /// An identifier in any spelling; reports whose text names it.
    pub identifier: Option<String>,
    /// One of these channels.
    #[serde(default)]
    pub channels: Vec<Channel>,
    /// In this region or below it.
    pub region: Option<Region>,
    /// One of these kinds of fraud.
    #[serde(default)]
    pub fraud_types: Vec<FraudType>,
    /// One of these states.
    #[serde(default)]
    pub statuses: Vec<ReportStatus>,
    /// Received at this moment or later.
    pub received_from: Option<Timestamp>,
    /// Received before this moment.
    pub received_to: Option<Timestamp>,
    /// Taken into this case.
    pub case: Option<CaseId>,
    /// With this number from its channel.
    pub external_id: Option<String>,
    /// With this victim's phone number, in any spelling.
    pub victim_phone: Option<String>,
    /// Brought in by this import.
    pub import: Option<ImportId>,
    /// Only those whose next step is late, or only those whose is not.
    pub overdue: Option<bool>,
}

/// One step of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "step")]
pub enum ReportStep {
    /// Says that it was compared with the reports before it.
    Deduplicate {
        /// The earlier report that it repeats, if it does.
        duplicate_of: Option<ReportId>,
    },
    /// Says that its data was checked.
    Verify,
    /// Hands it to the organisation that handles it.
    Dispatch {
        /// Which.
        handler: OrganisationId,
    },
    /// Says that it was handled.
    Handle,
    /// Says that the source was traced.
    TraceBack,
    /// Says that the person who reported was answered.
    Reply,
    /// Ends it.
    Close {
        /// Why it ends.
        reason: String,
    },
}

/// Moves a report one step on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoveReport {
    /// Which report.
    pub report: ReportId,
    /// The version that the caller saw.
    pub version: i64,
    /// Which step.
    pub step: ReportStep,
    /// What there is to say about it, without personal data.
    pub note: Option<String>,
}

/// Asks for a report's personal fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevealReport {
    /// Which report.
    pub report: ReportId,
    /// Why; written to the ledger.
    pub purpose: String,
}

/// A report's personal fields in the clear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevealedReport {
    /// Which report.
    pub report: ReportId,
    /// The victim's phone number.
    pub victim_phone: Option<String>,
    /// The text as it came.
    pub text: String,
}
