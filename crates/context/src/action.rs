//! The closed vocabulary of authorization: few actions, many resources.

use serde::{Deserialize, Serialize};

macro_rules! vocabulary {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $($(#[$doc])* $variant),*
        }

        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name used in the policy table.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $text),*
                }
            }

            /// Finds a value by the name used in the policy table.
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($text => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

pub(crate) use vocabulary;

vocabulary! {
    /// What an actor wants to do.
    Action {
        /// See it, in lists and alone.
        Read = "read",
        /// Bring it into being.
        Create = "create",
        /// Change it, or move it along without deciding.
        Modify = "modify",
        /// Agree to what somebody else drafted.
        Approve = "approve",
        /// Carry it out, or answer for its carrying out.
        Execute = "execute",
        /// Confirm that it was carried out.
        Verify = "verify",
        /// Decide a dispute or an exception.
        Decide = "decide",
        /// See a personal field in the clear, with a reason.
        Reveal = "reveal",
    }
}

vocabulary! {
    /// What it is done to.
    Resource {
        /// An appeal.
        Appeal = "appeal",
        /// A program's credential.
        ApiClient = "api_client",
        /// A major-case bulletin.
        Bulletin = "bulletin",
        /// The working-day calendar.
        Calendar = "calendar",
        /// A case.
        Case = "case",
        /// A clue sent in by an enterprise.
        Clue = "clue",
        /// A clue query to an enterprise.
        ClueQuery = "clue_query",
        /// A delegation.
        Delegation = "delegation",
        /// A webhook endpoint and its delivery log.
        Endpoint = "endpoint",
        /// An emergency order that is issued before its review.
        EmergencyOrder = "emergency_order",
        /// The exception desk: tasks that could not be routed or delivered.
        ExceptionDesk = "exception_desk",
        /// A file import.
        Import = "import",
        /// The audit ledger.
        Ledger = "ledger",
        /// A notice to a holder.
        Notice = "notice",
        /// A disposal order with its items.
        Order = "order",
        /// An organisation.
        Organisation = "organisation",
        /// A person.
        Person = "person",
        /// A registered GraphQL document.
        PersistedDocument = "persisted_document",
        /// A protected number, domain or account.
        Protected = "protected",
        /// The second approval that a protected target needs.
        ProtectedItem = "protected_item",
        /// A measure that an enterprise takes on its own finding.
        ProtectiveMeasure = "protective_measure",
        /// A fraud report.
        Report = "report",
        /// A release of a measure.
        Release = "release",
        /// A role that a person holds.
        RoleAssignment = "role_assignment",
        /// Number plan overlay and portability table.
        Routing = "routing",
        /// A session.
        Session = "session",
        /// A disposal task.
        Task = "task",
    }
}
