//! 白名单: targets that take a second approval at province level, beside those that `cordon-identifier` knows by itself.

use cordon_context::{PersonId, ProtectedId, SubjectId, Timestamp};
use cordon_identifier::Kind;
use serde::{Deserialize, Serialize};

use crate::Subject;
use crate::vocabulary::vocabulary;

vocabulary! {
    /// Why a target is protected.
    ProtectedKind {
        /// A party or government organ.
        Government = "government",
        /// An emergency or public service number.
        Emergency = "emergency",
        /// A bank.
        Bank = "bank",
        /// A hospital.
        Hospital = "hospital",
        /// The main number of an enterprise.
        Switchboard = "switchboard",
        /// The number of a victim.
        Victim = "victim",
        /// A measure against it would reach very many users.
        ManyUsers = "many_users",
        /// Another reason.
        OtherReason = "other_reason",
    }
}

vocabulary! {
    /// Where an entry of the protected list stands.
    ProtectedState {
        /// Proposed; it protects already, so that caution costs no time.
        Proposed = "proposed",
        /// Confirmed by a second person.
        Confirmed = "confirmed",
        /// One person asked to take it out; it still protects.
        RemovalProposed = "removal_proposed",
        /// Taken out by two persons.
        Removed = "removed",
    }
}

/// One entry of the protected list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Protected {
    /// Its identifier.
    pub id: ProtectedId,
    /// The target, masked.
    pub subject: Subject,
    /// Why it is protected.
    pub kind: ProtectedKind,
    /// In words.
    pub reason: String,
    /// Where it stands.
    pub state: ProtectedState,
    /// Who made the last proposal.
    pub proposed_by: PersonId,
    /// Who confirmed the last proposal.
    pub confirmed_by: Option<PersonId>,
    /// When it was last changed.
    pub changed_at: Timestamp,
    /// Grows with every change.
    pub version: i64,
}

/// What the list says of a subject, for the screens of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// What the entry names.
    pub subject: SubjectId,
    /// What that is.
    pub kind: Kind,
    /// Its normal form, masked if the kind is personal.
    pub masked: String,
    /// Why it is protected.
    pub reason_kind: ProtectedKind,
    /// In words, for who may read the list.
    pub reason: Option<String>,
}

/// Proposes an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposeProtected {
    /// The target, as typed.
    pub text: String,
    /// What it is; found out if absent.
    #[serde(default)]
    pub target: Option<Kind>,
    /// Why it is protected.
    pub kind: ProtectedKind,
    /// In words.
    pub reason: String,
}

/// A step on an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProtectedStep {
    /// Which entry.
    pub protected: ProtectedId,
    /// In words.
    pub reason: String,
}
