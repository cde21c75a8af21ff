//! Identifiers of the field: what a phone number, a domain, a bank card or an account is, how it is written in its one normal
//! form, what its check digit says, how it is masked, who runs its numbers, and where it hides in the text of a report. It exists
//! so that two reports that mean the same thing hold the same value, whatever disguise the sender chose.
//!
//! It must not know reports, cases, orders, executors, databases or people. It reads no clock, no file (except a table that the
//! caller names) and no network, and it decides nothing: an extraction is a finding with its reasons, never a target.

mod check_digit;
mod extract;
mod fold;
mod host;
mod identifier;
mod invalid;
mod kind;
mod normal_form;
mod number_plan;
mod protected;

pub use extract::{Disguise, Extraction, RULES, RuleText, extract, extract_with, rule_text};
pub use identifier::{Identifier, Warning};
pub use invalid::{InvalidIdentifier, Violation};
pub use kind::Kind;
pub use number_plan::{Network, NumberClass, NumberPlan, Service, TableError};
pub use protected::{ProtectedCategory, ProtectedEntry, ProtectedList, Scope};
