//! Sign-in and sessions.

use cordon_context::{Actor, PersonId, SessionId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::Secret;

/// Asks to be let in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignIn {
    /// The name for signing in.
    pub login: String,
    /// The password.
    pub password: Secret,
    /// The one-time code, where the person has enrolled.
    #[serde(default)]
    pub code: Option<Secret>,
    /// Where the request came from, shown to the person in the list of sessions.
    #[serde(default)]
    pub origin: Option<String>,
}

/// How an attempt that was not refused ended; a wrong login, password or code is a refusal with one and the same text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "status")]
pub enum SignInOutcome {
    /// The person is in.
    SignedIn(Box<SignedIn>),
    /// Login and password are right, and a one-time code is needed as well.
    CodeRequired,
}

/// A session that was just opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedIn {
    /// The token to send with every request, shown this once.
    pub token: Secret,
    /// The session.
    pub session: SessionId,
    /// The person.
    pub person: PersonId,
    /// When the session ends at the latest.
    pub expires_at: Timestamp,
    /// After how many seconds without a request it ends.
    pub idle_seconds: u32,
    /// What has to be done before the person's roles count.
    pub pending: Vec<PendingStep>,
    /// The actor as [`crate::DirectoryServer::authenticate`] gives it.
    pub actor: Actor,
}

/// Something that has to be done before a person's roles count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PendingStep {
    /// The first password has to be changed.
    ChangePassword,
    /// A one-time code has to be enrolled, because a role of the person demands it.
    EnrolCode,
}

/// Asks who holds a session token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authenticate {
    /// The token.
    pub token: Secret,
    /// Whether this counts as activity of the person; `false` for re-checks of an open subscription.
    pub activity: bool,
}

/// A session as its person sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Which.
    pub id: SessionId,
    /// Whose.
    pub person: PersonId,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen_at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
    /// Where it was opened from, as far as the gateway knew.
    pub origin: Option<String>,
    /// Whether the caller asks with this session.
    pub current: bool,
}

/// What a person types or scans into their authenticator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeEnrolment {
    /// The secret in base32.
    pub secret: Secret,
    /// The same as an `otpauth://` address, for a QR code.
    pub address: Secret,
}
