//! What an operator may set.

use cordon_context::Role;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How people and programs are let in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DirectorySettings {
    /// How passwords are hashed.
    pub password: PasswordSettings,
    /// How failed attempts slow an account down.
    pub lock_out: LockOutSettings,
    /// How long sessions last.
    pub session: SessionSettings,
    /// Roles that count only for people who enrolled a one-time code; development mode asks nobody for one.
    #[schemars(with = "Vec<String>")]
    pub code_required: Vec<Role>,
    /// The longest time for which a role may be lent, in days.
    pub longest_delegation_days: u32,
    /// The longest time for which a program's secret works, in days.
    pub longest_client_days: u32,
    /// The longest time for which a program's old secret works beside the new one, in minutes.
    pub longest_overlap_minutes: u32,
    /// For how many days the same person may not reset both the password and the one-time code of an account, and a reset that
    /// needs a second administrator waits for one.
    pub two_people_days: u32,
    /// How many documents an organisation may register.
    pub documents_per_organisation: u32,
}

impl Default for DirectorySettings {
    fn default() -> Self {
        Self {
            password: PasswordSettings::default(),
            lock_out: LockOutSettings::default(),
            session: SessionSettings::default(),
            code_required: vec![Role::Auditor, Role::SecurityAdmin, Role::SystemAdmin],
            longest_delegation_days: 30,
            longest_client_days: 365,
            longest_overlap_minutes: 7 * 24 * 60,
            two_people_days: 7,
            documents_per_organisation: 1_000,
        }
    }
}

/// Costs of argon2id and how many hashes run at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PasswordSettings {
    /// Memory for one hash, in KiB; 19,456 is the floor that OWASP recommends for two passes.
    pub memory_kib: u32,
    /// Passes over that memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
    /// How many hashes run at once; each takes its memory and a processor.
    pub parallel: u32,
    /// How long an attempt waits for its turn, in milliseconds, before it is told to come again.
    pub longest_wait_ms: u32,
}

impl Default for PasswordSettings {
    fn default() -> Self {
        Self { memory_kib: 19_456, passes: 2, lanes: 1, parallel: 2, longest_wait_ms: 5_000 }
    }
}

/// How failed attempts slow an account down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LockOutSettings {
    /// How many attempts in a row may fail before the account waits.
    pub free_attempts: u32,
    /// The first wait, in seconds; each further failure doubles it.
    pub first_wait_seconds: u32,
    /// The longest wait, in seconds.
    pub longest_wait_seconds: u32,
    /// After how many hours without an attempt the failures are forgotten.
    pub forget_after_hours: u32,
}

impl Default for LockOutSettings {
    fn default() -> Self {
        Self { free_attempts: 5, first_wait_seconds: 30, longest_wait_seconds: 3_600, forget_after_hours: 24 }
    }
}

/// How long sessions last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SessionSettings {
    /// Without a request a session ends after this time, in minutes.
    pub idle_minutes: u32,
    /// It ends after this time in any case, in hours; a shift and its handover.
    pub longest_hours: u32,
    /// Ended sessions are kept for this time, in days, and then deleted.
    pub keep_days: u32,
}

impl Default for SessionSettings {
    fn default() -> Self {
        Self { idle_minutes: 30, longest_hours: 12, keep_days: 90 }
    }
}
