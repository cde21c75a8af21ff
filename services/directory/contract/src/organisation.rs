//! Organisations and their tree.

use cordon_context::{OrganisationId, OrganisationKind, OrganisationLevel, Region, Timestamp};
use serde::{Deserialize, Serialize};

use crate::Responsibility;

/// How an organisation's duty desk is reached; an office's details, never a private person's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// The office or desk.
    #[serde(default)]
    pub office: String,
    /// Its telephone number.
    #[serde(default)]
    pub telephone: String,
    /// Its mail address.
    #[serde(default)]
    pub email: String,
}

/// An authority, a police organ, an enterprise or the platform's operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organisation {
    /// Which.
    pub id: OrganisationId,
    /// A stable short code, such as `police-440300` or `mobile-440000`.
    pub code: String,
    /// The Chinese name.
    pub name: String,
    /// The English name.
    pub name_en: String,
    /// What it is.
    pub kind: OrganisationKind,
    /// At which level it stands.
    pub level: OrganisationLevel,
    /// The region for which it is competent.
    pub region: Region,
    /// The organisation above it; for an MVNO the carrier whose network it uses.
    pub parent: Option<OrganisationId>,
    /// What it answers for when an order is routed.
    pub responsibilities: Vec<Responsibility>,
    /// How its duty desk is reached.
    pub contact: Contact,
    /// Whether its people and programs may act.
    pub active: bool,
    /// When it was entered.
    pub created_at: Timestamp,
    /// Grows with every change.
    pub version: i64,
}

/// Enters an organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateOrganisation {
    /// The stable short code: 2 to 64 lower-case letters, digits, hyphens.
    pub code: String,
    /// The Chinese name, 1 to 100 characters.
    pub name: String,
    /// The English name, up to 200 characters.
    #[serde(default)]
    pub name_en: String,
    /// What it is.
    pub kind: OrganisationKind,
    /// At which level it stands.
    pub level: OrganisationLevel,
    /// The region for which it is competent.
    pub region: Region,
    /// The organisation above it.
    pub parent: Option<OrganisationId>,
    /// What it answers for.
    #[serde(default)]
    pub responsibilities: Vec<Responsibility>,
    /// How its duty desk is reached.
    #[serde(default)]
    pub contact: Contact,
}

/// Changes an organisation; what is `None` stays. Kind, level, region and parent of an organisation never change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeOrganisation {
    /// Which.
    pub id: OrganisationId,
    /// The version that the caller saw.
    pub version: i64,
    /// The Chinese name.
    #[serde(default)]
    pub name: Option<String>,
    /// The English name.
    #[serde(default)]
    pub name_en: Option<String>,
    /// What it answers for.
    #[serde(default)]
    pub responsibilities: Option<Vec<Responsibility>>,
    /// How its duty desk is reached.
    #[serde(default)]
    pub contact: Option<Contact>,
    /// Whether its people and programs may act; a change to `false` ends their sessions.
    #[serde(default)]
    pub active: Option<bool>,
}

/// Narrows a list of organisations; what is left out does not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganisationFilter {
    /// Only these kinds.
    #[serde(default)]
    pub kinds: Vec<OrganisationKind>,
    /// Only in this region.
    #[serde(default)]
    pub region: Option<Region>,
    /// Only directly below this one.
    #[serde(default)]
    pub parent: Option<OrganisationId>,
    /// Only active or only inactive ones.
    #[serde(default)]
    pub active: Option<bool>,
    /// Only where code or name contains this text.
    #[serde(default)]
    pub text: Option<String>,
}
