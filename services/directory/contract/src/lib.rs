//! What others may know of the directory: organisations, people, their duties and credentials, and who answers for what.
//!
//! The types here are the only shape in which a directory fact leaves the directory, and [`Directory`] is the only way to
//! ask for one. The crate must not know rows, passwords at rest, HTTP or GraphQL: a session token or a client's secret is
//! seen here once, on its way to its owner.

mod client;
mod document;
mod duty;
mod events;
mod organisation;
mod person;
mod region_name;
mod responsibility;
mod rpc;
mod secret;
mod session;

pub use client::{
    ApiClient, AuthenticateClient, AuthenticatedClient, ClientCredential, ClientFilter, CreateClient,
    MOST_MESSAGE_KEYS, RotateClientSecret, SetClientMessageKeys,
};
pub use document::{Document, DocumentKey, RegisterDocument};
pub use duty::{Delegate, Delegation, DelegationFilter, GiveRole, RoleAssignment, WithdrawRole};
pub use events::{
    ClientChanged, DelegationChanged, DocumentChanged, OrganisationChanged, PersonChanged, RoleChange, RoleChanged,
    SessionsRevoked, topic,
};
pub use organisation::{ChangeOrganisation, Contact, CreateOrganisation, Organisation, OrganisationFilter};
pub use person::{
    ChangePassword, CreatePerson, NewPerson, Person, PersonFilter, Profile, RevealPerson, RevealedPerson,
    SetPersonActive,
};
pub use region_name::{provinces, region_name};
pub use responsibility::{InvalidResponsibility, Responsibility};
pub use rpc::{DirectoryClient, DirectoryServer};
pub use secret::Secret;
pub use session::{Authenticate, CodeEnrolment, PendingStep, Session, SignIn, SignInOutcome, SignedIn};
