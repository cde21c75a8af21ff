//! The part of the schema that the directory service stands behind.

mod access;
mod by_id_input;
mod client;
mod client_input;
mod document;
mod duty;
mod duty_input;
mod mutations;
mod organisation;
mod organisation_input;
mod payloads;
mod person;
mod person_input;
mod queries;
mod session;
mod sign_in;
mod viewer;
mod words;

pub(crate) use access::ACCESS;
pub(crate) use by_id_input::{
    ConfirmCodeInput, EnrolCodeInput, ResetCodeInput, ResetPasswordInput, RevokeApiClientInput, RevokeDelegationInput,
    RevokeSessionInput, RevokeSessionsOfInput, WithdrawDocumentInput,
};
pub(crate) use client::ApiClient;
pub(crate) use client_input::{
    ClientFilter, CreateApiClientInput, RotateApiClientSecretInput, SetApiClientMessageKeysInput,
};
pub(crate) use document::RegisteredDocument;
pub(crate) use duty::{Delegation, RoleAssignment};
pub(crate) use duty_input::{DelegateRoleInput, DelegationFilter, GiveRoleInput, WithdrawRoleInput};
pub(crate) use mutations::DirectoryMutation;
pub(crate) use organisation::Organisation;
pub(crate) use organisation_input::{ChangeOrganisationInput, CreateOrganisationInput, OrganisationFilter};
pub(crate) use payloads::{
    ChangeOrganisationPayload, ChangePasswordPayload, ConfirmCodePayload, CreateApiClientPayload,
    CreateOrganisationPayload, CreatePersonPayload, DelegateRolePayload, EnrolCodePayload, GiveRolePayload,
    ResetCodePayload, ResetPasswordPayload, RevealPersonPayload, RevokeApiClientPayload, RevokeDelegationPayload,
    RevokeSessionPayload, RevokeSessionsOfPayload, RotateApiClientSecretPayload, SetApiClientMessageKeysPayload,
    SetPersonActivePayload, WithdrawDocumentPayload, WithdrawRolePayload,
};
pub(crate) use person::{Person, RevealedPerson};
pub(crate) use person_input::{
    ChangePasswordInput, CreatePersonInput, PersonFilter, RevealPersonInput, SetPersonActiveInput,
};
pub(crate) use queries::DirectoryQuery;
pub(crate) use session::{CodeEnrolment, Session};
pub(crate) use sign_in::SignInMutation;
pub(crate) use viewer::Viewer;
pub(crate) use words::PendingStep;
