//! Roles that people hold, and roles that they lend for a time.

use cordon_context::{AssignmentId, DelegationId, OrganisationId, PersonId, Role, Timestamp};
use serde::{Deserialize, Serialize};

/// A role that a person holds for a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleAssignment {
    /// Which.
    pub id: AssignmentId,
    /// Who holds it.
    pub person: PersonId,
    /// In which organisation.
    pub organisation: OrganisationId,
    /// Which role.
    pub role: Role,
    /// From when.
    pub valid_from: Timestamp,
    /// Until when; open if `None`.
    pub valid_to: Option<Timestamp>,
    /// Who gave it; `None` for what the installation set up.
    pub given_by: Option<PersonId>,
    /// When it was withdrawn.
    pub withdrawn_at: Option<Timestamp>,
}

impl RoleAssignment {
    /// Whether the role counts at a moment.
    pub fn is_effective(&self, now: Timestamp) -> bool {
        self.withdrawn_at.is_none() && self.valid_from <= now && self.valid_to.is_none_or(|end| now < end)
    }
}

/// Gives a role to another person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GiveRole {
    /// To whom.
    pub person: PersonId,
    /// Which role.
    pub role: Role,
    /// From when; now if `None`.
    #[serde(default)]
    pub valid_from: Option<Timestamp>,
    /// Until when; open if `None`.
    #[serde(default)]
    pub valid_to: Option<Timestamp>,
}

/// Takes a role away, at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WithdrawRole {
    /// Which assignment.
    pub assignment: AssignmentId,
    /// Why, for the ledger; 2 to 200 characters, no personal data.
    pub reason: String,
}

/// A role that its holder lends to a colleague for a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delegation {
    /// Which.
    pub id: DelegationId,
    /// In which organisation; both belong to it.
    pub organisation: OrganisationId,
    /// Who lends it and goes on holding it.
    pub from: PersonId,
    /// Who may use it; cannot lend it further.
    pub to: PersonId,
    /// Which role.
    pub role: Role,
    /// From when.
    pub valid_from: Timestamp,
    /// Until when.
    pub valid_to: Timestamp,
    /// When it was ended early.
    pub revoked_at: Option<Timestamp>,
}

impl Delegation {
    /// Whether the delegation counts at a moment, provided that its lender still holds the role.
    pub fn is_effective(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.valid_from <= now && now < self.valid_to
    }
}

/// Lends one of the caller's own roles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delegate {
    /// To whom.
    pub to: PersonId,
    /// Which role.
    pub role: Role,
    /// From when; now if `None`.
    #[serde(default)]
    pub valid_from: Option<Timestamp>,
    /// Until when.
    pub valid_to: Timestamp,
}

/// Narrows a list of delegations; what is left out does not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DelegationFilter {
    /// Only those from or to this person.
    #[serde(default)]
    pub person: Option<PersonId>,
    /// Only those that count now.
    #[serde(default)]
    pub effective: bool,
}
