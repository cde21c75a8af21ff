//! What kinds of organisations there are and at which level they stand.

use serde::{Deserialize, Serialize};

/// What an organisation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrganisationKind {
    /// The ministry that supervises communications.
    Ministry,
    /// A provincial communications authority.
    CommAuthority,
    /// A police organ.
    Police,
    /// The headquarters of a basic carrier.
    CarrierGroup,
    /// A provincial branch of a basic carrier.
    CarrierBranch,
    /// A mobile resale enterprise; its parent is the carrier whose network it uses.
    Mvno,
    /// An internet firm with accounts.
    InternetFirm,
    /// A domain registrar.
    Registrar,
    /// An internet access or hosting provider.
    AccessProvider,
    /// An application store.
    AppStore,
    /// The platform's own operator: administration, security, audit, command desk.
    PlatformOperator,
}

impl OrganisationKind {
    /// Whether organisations of this kind execute orders.
    pub const fn is_enterprise(self) -> bool {
        matches!(
            self,
            Self::CarrierGroup
                | Self::CarrierBranch
                | Self::Mvno
                | Self::InternetFirm
                | Self::Registrar
                | Self::AccessProvider
                | Self::AppStore
        )
    }

    /// Whether organisations of this kind are state organs.
    pub const fn is_state_organ(self) -> bool {
        matches!(self, Self::Ministry | Self::CommAuthority | Self::Police)
    }
}

/// The level of an organ in the state's tree; a smaller number is a higher level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrganisationLevel {
    /// National.
    Ministry,
    /// Provincial.
    Province,
    /// City with districts.
    City,
    /// County or district.
    County,
}

impl OrganisationLevel {
    /// Whether this level is `required` or higher.
    pub fn reaches(self, required: Self) -> bool {
        self <= required
    }
}
