//! Programs of organisations that call the API.

use std::net::IpAddr;

use cordon_context::{Actor, ApiClientId, OrganisationId, Role, Timestamp};
use serde::{Deserialize, Serialize};

use crate::Secret;

/// A program's entry; its secret is stored as a digest only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiClient {
    /// Which; also the name with which the program signs in.
    pub id: ApiClientId,
    /// Whose.
    pub organisation: OrganisationId,
    /// What it is for.
    pub label: String,
    /// The duties it holds.
    pub roles: Vec<Role>,
    /// The addresses or networks (`192.0.2.0/24`) from which it may call; empty means any.
    pub allowed_addresses: Vec<String>,
    /// The ed25519 public keys (`whpk_`) with which it signs its requests; with none, no signature is asked for.
    pub message_keys: Vec<String>,
    /// When its current secret stops to work.
    pub expires_at: Timestamp,
    /// Until when the secret before the current one works as well.
    pub previous_secret_until: Option<Timestamp>,
    /// When it was entered.
    pub created_at: Timestamp,
    /// When it was last seen, to the minute.
    pub last_seen_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// Grows with every change.
    pub version: i64,
}

/// Enters a program of an enterprise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateClient {
    /// Whose.
    pub organisation: OrganisationId,
    /// What it is for, 1 to 100 characters.
    pub label: String,
    /// After how many days its secret stops to work; the longest allowed time if `None`.
    #[serde(default)]
    pub valid_days: Option<u32>,
    /// The addresses or networks from which it may call; empty means any.
    #[serde(default)]
    pub allowed_addresses: Vec<String>,
}

/// Makes a new secret; the old one works on for a while, so that the program can be switched over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RotateClientSecret {
    /// Which program.
    pub client: ApiClientId,
    /// For how many minutes the old secret works on; the longest allowed time if `None`.
    #[serde(default)]
    pub overlap_minutes: Option<u32>,
}

/// How many message keys a program may have at once: the one in use, and the next.
pub const MOST_MESSAGE_KEYS: usize = 2;

/// Says with which keys a program signs its requests from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetClientMessageKeys {
    /// Which program.
    pub client: ApiClientId,
    /// Ed25519 public keys (`whpk_`), at most [`MOST_MESSAGE_KEYS`]; with none, no signature is asked for any more.
    pub keys: Vec<String>,
}

/// Who a program is, and how its requests are told from those of others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthenticatedClient {
    /// The program as an actor.
    pub actor: Actor,
    /// The public keys with which it signs.
    pub message_keys: Vec<String>,
}

/// A program with the secret that was just made for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientCredential {
    /// The program.
    pub client: ApiClient,
    /// The secret, shown this once; none where the answer is a repeat of an earlier one.
    pub secret: Option<Secret>,
}

/// Asks whether a program is who it says it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthenticateClient {
    /// Which program it says it is.
    pub client: ApiClientId,
    /// Its secret.
    pub secret: Secret,
    /// The address from which it calls, where it is known.
    #[serde(default)]
    pub address: Option<IpAddr>,
}

/// Narrows a list of programs; what is left out does not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientFilter {
    /// Only of this organisation.
    #[serde(default)]
    pub organisation: Option<OrganisationId>,
    /// Only those that work now, or only those that do not.
    #[serde(default)]
    pub active: Option<bool>,
}
