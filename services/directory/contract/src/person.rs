//! People who sign in.

use cordon_context::{OrganisationId, PersonId, Role, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{PendingStep, RoleAssignment, Secret};

/// A person as others see them: the name is masked, the login is not shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Who.
    pub id: PersonId,
    /// The organisation for which the person acts.
    pub organisation: OrganisationId,
    /// The masked name, such as `陈**`.
    pub masked_name: String,
    /// The post, such as `值班员`; names an office, not a person.
    pub post: String,
    /// Whether the person may sign in.
    pub active: bool,
    /// Whether a one-time code is asked for at sign-in.
    pub code_enrolled: bool,
    /// When the person was entered.
    pub created_at: Timestamp,
    /// Grows with every change.
    pub version: i64,
}

/// Enters a person; a first password is made and shown once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreatePerson {
    /// The organisation for which the person acts.
    pub organisation: OrganisationId,
    /// The name for signing in: 3 to 64 letters, digits, dots, hyphens, underscores; case does not matter.
    pub login: String,
    /// The name, 1 to 50 characters.
    pub name: String,
    /// The post, up to 50 characters.
    #[serde(default)]
    pub post: String,
}

/// A person who was just entered, or whose password was reset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewPerson {
    /// The person.
    pub person: Person,
    /// The password for the first sign-in, which must be changed then; none where the answer is a repeat of an earlier one.
    pub first_password: Option<Secret>,
}

/// Lets a person act, or stops them at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetPersonActive {
    /// Who.
    pub person: PersonId,
    /// The version that the caller saw.
    pub version: i64,
    /// Whether the person may sign in.
    pub active: bool,
    /// Why, for the ledger; 2 to 200 characters, no personal data.
    pub reason: String,
}

/// Shows a person's name and login in the clear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevealPerson {
    /// Who.
    pub person: PersonId,
    /// Why, for the ledger; 2 to 200 characters, no personal data.
    pub reason: String,
}

/// A person's name and login in the clear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevealedPerson {
    /// Who.
    pub id: PersonId,
    /// The name.
    pub name: String,
    /// The name for signing in.
    pub login: String,
}

/// Narrows a list of people; what is left out does not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonFilter {
    /// Only of this organisation.
    #[serde(default)]
    pub organisation: Option<OrganisationId>,
    /// Only those who hold this role now, by assignment or delegation.
    #[serde(default)]
    pub role: Option<Role>,
    /// Only active or only inactive ones.
    #[serde(default)]
    pub active: Option<bool>,
}

/// What a person may know of themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The person.
    pub person: Person,
    /// The name in the clear.
    pub name: String,
    /// The name for signing in.
    pub login: String,
    /// The roles given to the person, with their times.
    pub roles: Vec<RoleAssignment>,
    /// What has to be done before the roles count.
    pub pending: Vec<PendingStep>,
}

/// Changes the caller's own password; every other session of theirs ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangePassword {
    /// The password until now.
    pub current: Secret,
    /// The password from now on: 12 to 128 bytes.
    pub new: Secret,
}
