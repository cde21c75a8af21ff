//! What the directory tells others; holds identifiers, never names or logins.

use cordon_context::{ApiClientId, DelegationId, OrganisationId, PersonId, Role, SessionId};
use serde::{Deserialize, Serialize};

use crate::Organisation;

/// The topics.
pub mod topic {
    /// Payload [`super::ClientChanged`].
    pub const CLIENT_CHANGED: &str = "directory.client_changed";
    /// Payload [`super::DelegationChanged`].
    pub const DELEGATION_CHANGED: &str = "directory.delegation_changed";
    /// Payload [`super::DocumentChanged`].
    pub const DOCUMENT_CHANGED: &str = "directory.document_changed";
    /// Payload [`super::OrganisationChanged`].
    pub const ORGANISATION_CHANGED: &str = "directory.organisation_changed";
    /// Payload [`super::PersonChanged`].
    pub const PERSON_CHANGED: &str = "directory.person_changed";
    /// Payload [`super::RoleChanged`].
    pub const ROLE_CHANGED: &str = "directory.role_changed";
    /// Payload [`super::SessionsRevoked`].
    pub const SESSION_REVOKED: &str = "directory.session_revoked";
}

/// An organisation was entered or changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganisationChanged {
    /// As it is now.
    pub organisation: Organisation,
}

/// A person was entered, stopped or let in again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonChanged {
    /// Who.
    pub person: PersonId,
    /// Of which organisation.
    pub organisation: OrganisationId,
    /// Whether the person may sign in.
    pub active: bool,
}

/// Whether a role came or went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoleChange {
    /// The role was given.
    Given,
    /// The role was withdrawn.
    Withdrawn,
}

/// A person was given a role or lost one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleChanged {
    /// Who.
    pub person: PersonId,
    /// Of which organisation.
    pub organisation: OrganisationId,
    /// Which role.
    pub role: Role,
    /// Came or went.
    pub change: RoleChange,
}

/// A role was lent or the loan was ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DelegationChanged {
    /// Which loan.
    pub delegation: DelegationId,
    /// Of which organisation.
    pub organisation: OrganisationId,
    /// Who lends.
    pub from: PersonId,
    /// Who may use the role.
    pub to: PersonId,
    /// Which role.
    pub role: Role,
    /// Whether it was ended.
    pub ended: bool,
}

/// Sessions ended before their time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionsRevoked {
    /// Whose.
    pub person: PersonId,
    /// Which.
    pub sessions: Vec<SessionId>,
}

/// A program was entered, got a new secret or was revoked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientChanged {
    /// Which.
    pub client: ApiClientId,
    /// Whose.
    pub organisation: OrganisationId,
    /// Whether it may call.
    pub active: bool,
}

/// A document was registered or withdrawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentChanged {
    /// Whose.
    pub organisation: OrganisationId,
    /// The SHA-256 of its text, in lower-case hex.
    pub hash: String,
    /// Whether it was withdrawn.
    pub withdrawn: bool,
}
