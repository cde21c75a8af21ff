//! Who is calling, what they may reach, what time it is and how things are named.
//!
//! Every call inside Cordon starts from the values in this crate: an [`Actor`], a [`CallContext`], a [`Clock`] and typed
//! [`Id`]s. They are plain data that can cross a process boundary.
//!
//! This crate must not know any service, any database, any transport or any policy: it says who asks, never whether they may.

mod action;
mod actor;
mod call;
mod clock;
mod denial;
mod id;
mod kinds;
mod organisation;
mod page;
mod proof;
mod refusal;
mod region;
mod scope;
mod text;

pub use action::{Action, Resource};
pub use actor::{Actor, ActorKind, Role};
pub use call::{CallContext, IdempotencyKey, Trace};
pub use clock::{Clock, ManualClock, SystemClock, Timestamp};
pub use denial::DenialLog;
pub use id::{Id, IdKind, InvalidId};
pub use kinds::*;
pub use organisation::{OrganisationKind, OrganisationLevel};
pub use page::{Cursor, MAX_PAGE, Page, PageRequest};
pub use proof::Proof;
pub use refusal::{Code, Refusal};
pub use region::{InvalidRegion, Region};
pub use scope::{Reach, Scope};
pub use text::Bilingual;
