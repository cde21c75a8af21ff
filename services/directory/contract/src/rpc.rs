//! The methods of the directory.

use cordon_context::{
    Actor, ApiClientId, CallContext, DelegationId, DocumentId, OrganisationId, Page, PageRequest, PersonId, SessionId,
};
use cordon_rpc::RpcFailure;
use jsonrpsee::proc_macros::rpc;

use crate::{
    ApiClient, Authenticate, AuthenticateClient, AuthenticatedClient, ChangeOrganisation, ChangePassword,
    ClientCredential, ClientFilter, CodeEnrolment, CreateClient, CreateOrganisation, CreatePerson, Delegate,
    Delegation, DelegationFilter, Document, DocumentKey, GiveRole, NewPerson, Organisation, OrganisationFilter, Person,
    PersonFilter, Profile, RegisterDocument, Responsibility, RevealPerson, RevealedPerson, RoleAssignment,
    RotateClientSecret, Secret, Session, SetClientMessageKeys, SetPersonActive, SignIn, SignInOutcome, WithdrawRole,
};

/// Organisations, people, duties, credentials, and who answers for what.
#[rpc(server, client, namespace = "directory", namespace_separator = ".")]
pub trait Directory {
    /// Lets a person in; only the gateway's own system context may ask.
    #[method(name = "sign_in")]
    async fn sign_in(&self, ctx: CallContext, input: SignIn) -> Result<SignInOutcome, RpcFailure>;

    /// Says who holds a session token, from the rows as they are now; only the gateway's own system context may ask.
    #[method(name = "authenticate")]
    async fn authenticate(&self, ctx: CallContext, input: Authenticate) -> Result<Actor, RpcFailure>;

    /// Says who a program is, from the rows as they are now; only the gateway's own system context may ask.
    #[method(name = "authenticate_client")]
    async fn authenticate_client(
        &self,
        ctx: CallContext,
        input: AuthenticateClient,
    ) -> Result<AuthenticatedClient, RpcFailure>;

    /// Ends the caller's session.
    #[method(name = "sign_out")]
    async fn sign_out(&self, ctx: CallContext) -> Result<(), RpcFailure>;

    /// Says who an actor of before is now, for work that outlives the request that began it; only the platform's own system
    /// context may ask.
    #[method(name = "present_actor")]
    async fn present_actor(&self, ctx: CallContext, before: cordon_context::ActorKind) -> Result<Actor, RpcFailure>;

    /// What the caller may know of themselves.
    #[method(name = "profile")]
    async fn profile(&self, ctx: CallContext) -> Result<Profile, RpcFailure>;

    /// The caller's open sessions, newest first.
    #[method(name = "own_sessions")]
    async fn own_sessions(&self, ctx: CallContext) -> Result<Vec<Session>, RpcFailure>;

    /// Ends one session: the caller's own, or anybody's within reach for a security administrator.
    #[method(name = "revoke_session")]
    async fn revoke_session(&self, ctx: CallContext, session: SessionId) -> Result<(), RpcFailure>;

    /// Ends all sessions of a person; tells how many were open.
    #[method(name = "revoke_sessions_of")]
    async fn revoke_sessions_of(&self, ctx: CallContext, person: PersonId) -> Result<u32, RpcFailure>;

    /// Changes the caller's password and ends their other sessions.
    #[method(name = "change_password")]
    async fn change_password(&self, ctx: CallContext, input: ChangePassword) -> Result<(), RpcFailure>;

    /// Makes a new first password for a person and ends their sessions.
    #[method(name = "reset_password")]
    async fn reset_password(&self, ctx: CallContext, person: PersonId) -> Result<NewPerson, RpcFailure>;

    /// Makes a secret for one-time codes, after the password was given once more; it counts only when a first code confirms it.
    #[method(name = "enrol_code")]
    async fn enrol_code(&self, ctx: CallContext, password: Secret) -> Result<CodeEnrolment, RpcFailure>;

    /// Confirms the enrolment with a first code.
    #[method(name = "confirm_code")]
    async fn confirm_code(&self, ctx: CallContext, code: Secret) -> Result<(), RpcFailure>;

    /// Removes a person's one-time code, because the device was lost; ends their sessions.
    #[method(name = "reset_code")]
    async fn reset_code(&self, ctx: CallContext, person: PersonId) -> Result<Person, RpcFailure>;

    /// Organisations by their identifiers; what is out of reach is absent.
    #[method(name = "organisations_by_ids")]
    async fn organisations_by_ids(
        &self,
        ctx: CallContext,
        ids: Vec<OrganisationId>,
    ) -> Result<Vec<Organisation>, RpcFailure>;

    /// Organisations, by region.
    #[method(name = "organisations")]
    async fn organisations(
        &self,
        ctx: CallContext,
        filter: OrganisationFilter,
        page: PageRequest,
    ) -> Result<Page<Organisation>, RpcFailure>;

    /// The tree below `root`, itself first, every parent before its children; the whole tree without a root.
    #[method(name = "organisation_tree")]
    async fn organisation_tree(
        &self,
        ctx: CallContext,
        root: Option<OrganisationId>,
    ) -> Result<Vec<Organisation>, RpcFailure>;

    /// For each question the active organisation that answers, or `None` where nobody does and the command desk has to.
    #[method(name = "responsible_for")]
    async fn responsible_for(
        &self,
        ctx: CallContext,
        queries: Vec<Responsibility>,
    ) -> Result<Vec<Option<OrganisationId>>, RpcFailure>;

    /// Enters an organisation.
    #[method(name = "create_organisation")]
    async fn create_organisation(
        &self,
        ctx: CallContext,
        input: CreateOrganisation,
    ) -> Result<Organisation, RpcFailure>;

    /// Changes an organisation.
    #[method(name = "change_organisation")]
    async fn change_organisation(
        &self,
        ctx: CallContext,
        input: ChangeOrganisation,
    ) -> Result<Organisation, RpcFailure>;

    /// People by their identifiers; what is out of reach is absent.
    #[method(name = "people_by_ids")]
    async fn people_by_ids(&self, ctx: CallContext, ids: Vec<PersonId>) -> Result<Vec<Person>, RpcFailure>;

    /// People, by the time they were entered.
    #[method(name = "people")]
    async fn people(
        &self,
        ctx: CallContext,
        filter: PersonFilter,
        page: PageRequest,
    ) -> Result<Page<Person>, RpcFailure>;

    /// Enters a person.
    #[method(name = "create_person")]
    async fn create_person(&self, ctx: CallContext, input: CreatePerson) -> Result<NewPerson, RpcFailure>;

    /// Lets a person act, or stops them at once.
    #[method(name = "set_person_active")]
    async fn set_person_active(&self, ctx: CallContext, input: SetPersonActive) -> Result<Person, RpcFailure>;

    /// Shows a person's name and login in the clear; written to the ledger with the reason.
    #[method(name = "reveal_person")]
    async fn reveal_person(&self, ctx: CallContext, input: RevealPerson) -> Result<RevealedPerson, RpcFailure>;

    /// The roles of people, withdrawn and expired ones included; what is out of reach is absent.
    #[method(name = "roles_of_people")]
    async fn roles_of_people(&self, ctx: CallContext, people: Vec<PersonId>)
    -> Result<Vec<RoleAssignment>, RpcFailure>;

    /// Gives a role to another person.
    #[method(name = "give_role")]
    async fn give_role(&self, ctx: CallContext, input: GiveRole) -> Result<RoleAssignment, RpcFailure>;

    /// Takes a role away, at once.
    #[method(name = "withdraw_role")]
    async fn withdraw_role(&self, ctx: CallContext, input: WithdrawRole) -> Result<RoleAssignment, RpcFailure>;

    /// Delegations, newest first.
    #[method(name = "delegations")]
    async fn delegations(
        &self,
        ctx: CallContext,
        filter: DelegationFilter,
        page: PageRequest,
    ) -> Result<Page<Delegation>, RpcFailure>;

    /// Lends one of the caller's own roles to a colleague.
    #[method(name = "delegate")]
    async fn delegate(&self, ctx: CallContext, input: Delegate) -> Result<Delegation, RpcFailure>;

    /// Ends a delegation early: the lender, or a security administrator.
    #[method(name = "revoke_delegation")]
    async fn revoke_delegation(&self, ctx: CallContext, delegation: DelegationId) -> Result<Delegation, RpcFailure>;

    /// Programs by their identifiers; what is out of reach is absent.
    #[method(name = "clients_by_ids")]
    async fn clients_by_ids(&self, ctx: CallContext, ids: Vec<ApiClientId>) -> Result<Vec<ApiClient>, RpcFailure>;

    /// Programs, newest first.
    #[method(name = "clients")]
    async fn clients(
        &self,
        ctx: CallContext,
        filter: ClientFilter,
        page: PageRequest,
    ) -> Result<Page<ApiClient>, RpcFailure>;

    /// Enters a program; its secret is shown once.
    #[method(name = "create_client")]
    async fn create_client(&self, ctx: CallContext, input: CreateClient) -> Result<ClientCredential, RpcFailure>;

    /// Makes a new secret for a program.
    #[method(name = "rotate_client_secret")]
    async fn rotate_client_secret(
        &self,
        ctx: CallContext,
        input: RotateClientSecret,
    ) -> Result<ClientCredential, RpcFailure>;

    /// Says with which public keys a program signs its requests from now on.
    #[method(name = "set_client_message_keys")]
    async fn set_client_message_keys(
        &self,
        ctx: CallContext,
        input: SetClientMessageKeys,
    ) -> Result<ApiClient, RpcFailure>;

    /// Stops a program at once.
    #[method(name = "revoke_client")]
    async fn revoke_client(&self, ctx: CallContext, client: ApiClientId) -> Result<ApiClient, RpcFailure>;

    /// Registers a GraphQL document for the caller's organisation; the same text twice is one document.
    #[method(name = "register_document")]
    async fn register_document(&self, ctx: CallContext, input: RegisterDocument) -> Result<Document, RpcFailure>;

    /// Withdraws a registered document.
    #[method(name = "withdraw_document")]
    async fn withdraw_document(&self, ctx: CallContext, document: DocumentId) -> Result<(), RpcFailure>;

    /// The text of a registered document, or `None`; asked by the gateway or by the organisation itself.
    #[method(name = "document")]
    async fn document(&self, ctx: CallContext, key: DocumentKey) -> Result<Option<String>, RpcFailure>;

    /// The registered documents within reach, newest first.
    #[method(name = "documents")]
    async fn documents(&self, ctx: CallContext, page: PageRequest) -> Result<Page<Document>, RpcFailure>;
}
