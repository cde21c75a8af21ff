//! The methods of the contract, each handed to its use case.

use async_trait::async_trait;
use cordon_context::{
    Actor, ApiClientId, CallContext, DelegationId, DocumentId, OrganisationId, Page, PageRequest, PersonId, SessionId,
};
use cordon_directory_contract::{
    ApiClient, Authenticate, AuthenticateClient, AuthenticatedClient, ChangeOrganisation, ChangePassword,
    ClientCredential, ClientFilter, CodeEnrolment, CreateClient, CreateOrganisation, CreatePerson, Delegate,
    Delegation, DelegationFilter, DirectoryServer, Document, DocumentKey, GiveRole, NewPerson, Organisation,
    OrganisationFilter, Person, PersonFilter, Profile, RegisterDocument, Responsibility, RevealPerson, RevealedPerson,
    RoleAssignment, RotateClientSecret, Secret, Session, SetClientMessageKeys, SetPersonActive, SignIn, SignInOutcome,
    WithdrawRole,
};
use cordon_rpc::RpcFailure;
use cordon_store::Failure;

use crate::Directory;
use crate::use_cases::{
    authenticate, clients, codes, delegations, documents, organisations, passwords, people, roles, sessions, sign_in,
};

fn answer<T>(outcome: Result<T, Failure>) -> Result<T, RpcFailure> {
    outcome.map_err(|failure| RpcFailure(failure.into()))
}

#[async_trait]
impl DirectoryServer for Directory {
    async fn sign_in(&self, ctx: CallContext, input: SignIn) -> Result<SignInOutcome, RpcFailure> {
        answer(sign_in::sign_in(&self.0, &ctx, input).await)
    }

    async fn authenticate(&self, ctx: CallContext, input: Authenticate) -> Result<Actor, RpcFailure> {
        answer(authenticate::session(&self.0, &ctx, input).await)
    }

    async fn authenticate_client(
        &self,
        ctx: CallContext,
        input: AuthenticateClient,
    ) -> Result<AuthenticatedClient, RpcFailure> {
        answer(authenticate::client(&self.0, &ctx, input).await)
    }

    async fn sign_out(&self, ctx: CallContext) -> Result<(), RpcFailure> {
        answer(sessions::sign_out(&self.0, &ctx).await)
    }

    async fn present_actor(&self, ctx: CallContext, before: cordon_context::ActorKind) -> Result<Actor, RpcFailure> {
        answer(authenticate::present(&self.0, &ctx, before).await)
    }

    async fn profile(&self, ctx: CallContext) -> Result<Profile, RpcFailure> {
        answer(people::profile(&self.0, &ctx).await)
    }

    async fn own_sessions(&self, ctx: CallContext) -> Result<Vec<Session>, RpcFailure> {
        answer(sessions::own(&self.0, &ctx).await)
    }

    async fn revoke_session(&self, ctx: CallContext, session: SessionId) -> Result<(), RpcFailure> {
        answer(sessions::revoke(&self.0, &ctx, session).await)
    }

    async fn revoke_sessions_of(&self, ctx: CallContext, person: PersonId) -> Result<u32, RpcFailure> {
        answer(sessions::revoke_of(&self.0, &ctx, person).await)
    }

    async fn change_password(&self, ctx: CallContext, input: ChangePassword) -> Result<(), RpcFailure> {
        answer(passwords::change(&self.0, &ctx, input).await)
    }

    async fn reset_password(&self, ctx: CallContext, person: PersonId) -> Result<NewPerson, RpcFailure> {
        answer(passwords::reset(&self.0, &ctx, person).await)
    }

    async fn enrol_code(&self, ctx: CallContext, password: Secret) -> Result<CodeEnrolment, RpcFailure> {
        answer(codes::enrol(&self.0, &ctx, password).await)
    }

    async fn confirm_code(&self, ctx: CallContext, code: Secret) -> Result<(), RpcFailure> {
        answer(codes::confirm(&self.0, &ctx, code).await)
    }

    async fn reset_code(&self, ctx: CallContext, person: PersonId) -> Result<Person, RpcFailure> {
        answer(codes::reset(&self.0, &ctx, person).await)
    }

    async fn organisations_by_ids(
        &self,
        ctx: CallContext,
        ids: Vec<OrganisationId>,
    ) -> Result<Vec<Organisation>, RpcFailure> {
        answer(organisations::by_ids(&self.0, &ctx, &ids).await)
    }

    async fn organisations(
        &self,
        ctx: CallContext,
        filter: OrganisationFilter,
        page: PageRequest,
    ) -> Result<Page<Organisation>, RpcFailure> {
        answer(organisations::page(&self.0, &ctx, &filter, &page).await)
    }

    async fn organisation_tree(
        &self,
        ctx: CallContext,
        root: Option<OrganisationId>,
    ) -> Result<Vec<Organisation>, RpcFailure> {
        answer(organisations::whole_tree(&self.0, &ctx, root).await)
    }

    async fn responsible_for(
        &self,
        ctx: CallContext,
        queries: Vec<Responsibility>,
    ) -> Result<Vec<Option<OrganisationId>>, RpcFailure> {
        answer(organisations::responsible_for(&self.0, &ctx, &queries).await)
    }

    async fn create_organisation(
        &self,
        ctx: CallContext,
        input: CreateOrganisation,
    ) -> Result<Organisation, RpcFailure> {
        answer(organisations::create(&self.0, &ctx, input).await)
    }

    async fn change_organisation(
        &self,
        ctx: CallContext,
        input: ChangeOrganisation,
    ) -> Result<Organisation, RpcFailure> {
        answer(organisations::change(&self.0, &ctx, input).await)
    }

    async fn people_by_ids(&self, ctx: CallContext, ids: Vec<PersonId>) -> Result<Vec<Person>, RpcFailure> {
        answer(people::by_ids(&self.0, &ctx, &ids).await)
    }

    async fn people(
        &self,
        ctx: CallContext,
        filter: PersonFilter,
        page: PageRequest,
    ) -> Result<Page<Person>, RpcFailure> {
        answer(people::page(&self.0, &ctx, &filter, &page).await)
    }

    async fn create_person(&self, ctx: CallContext, input: CreatePerson) -> Result<NewPerson, RpcFailure> {
        answer(people::create(&self.0, &ctx, input).await)
    }

    async fn set_person_active(&self, ctx: CallContext, input: SetPersonActive) -> Result<Person, RpcFailure> {
        answer(people::set_active(&self.0, &ctx, input).await)
    }

    async fn reveal_person(&self, ctx: CallContext, input: RevealPerson) -> Result<RevealedPerson, RpcFailure> {
        answer(people::reveal(&self.0, &ctx, input).await)
    }

    async fn roles_of_people(
        &self,
        ctx: CallContext,
        people: Vec<PersonId>,
    ) -> Result<Vec<RoleAssignment>, RpcFailure> {
        answer(roles::of_people(&self.0, &ctx, &people).await)
    }

    async fn give_role(&self, ctx: CallContext, input: GiveRole) -> Result<RoleAssignment, RpcFailure> {
        answer(roles::give(&self.0, &ctx, input).await)
    }

    async fn withdraw_role(&self, ctx: CallContext, input: WithdrawRole) -> Result<RoleAssignment, RpcFailure> {
        answer(roles::withdraw(&self.0, &ctx, input).await)
    }

    async fn delegations(
        &self,
        ctx: CallContext,
        filter: DelegationFilter,
        page: PageRequest,
    ) -> Result<Page<Delegation>, RpcFailure> {
        answer(delegations::page(&self.0, &ctx, &filter, &page).await)
    }

    async fn delegate(&self, ctx: CallContext, input: Delegate) -> Result<Delegation, RpcFailure> {
        answer(delegations::create(&self.0, &ctx, input).await)
    }

    async fn revoke_delegation(&self, ctx: CallContext, delegation: DelegationId) -> Result<Delegation, RpcFailure> {
        answer(delegations::revoke(&self.0, &ctx, delegation).await)
    }

    async fn clients_by_ids(&self, ctx: CallContext, ids: Vec<ApiClientId>) -> Result<Vec<ApiClient>, RpcFailure> {
        answer(clients::by_ids(&self.0, &ctx, &ids).await)
    }

    async fn clients(
        &self,
        ctx: CallContext,
        filter: ClientFilter,
        page: PageRequest,
    ) -> Result<Page<ApiClient>, RpcFailure> {
        answer(clients::page(&self.0, &ctx, &filter, &page).await)
    }

    async fn create_client(&self, ctx: CallContext, input: CreateClient) -> Result<ClientCredential, RpcFailure> {
        answer(clients::create(&self.0, &ctx, input).await)
    }

    async fn rotate_client_secret(
        &self,
        ctx: CallContext,
        input: RotateClientSecret,
    ) -> Result<ClientCredential, RpcFailure> {
        answer(clients::rotate(&self.0, &ctx, input).await)
    }

    async fn set_client_message_keys(
        &self,
        ctx: CallContext,
        input: SetClientMessageKeys,
    ) -> Result<ApiClient, RpcFailure> {
        answer(clients::set_message_keys(&self.0, &ctx, input).await)
    }

    async fn revoke_client(&self, ctx: CallContext, client: ApiClientId) -> Result<ApiClient, RpcFailure> {
        answer(clients::revoke(&self.0, &ctx, client).await)
    }

    async fn register_document(&self, ctx: CallContext, input: RegisterDocument) -> Result<Document, RpcFailure> {
        answer(documents::register(&self.0, &ctx, input).await)
    }

    async fn withdraw_document(&self, ctx: CallContext, document: DocumentId) -> Result<(), RpcFailure> {
        answer(documents::withdraw(&self.0, &ctx, document).await)
    }

    async fn document(&self, ctx: CallContext, key: DocumentKey) -> Result<Option<String>, RpcFailure> {
        answer(documents::text(&self.0, &ctx, &key).await)
    }

    async fn documents(&self, ctx: CallContext, page: PageRequest) -> Result<Page<Document>, RpcFailure> {
        answer(documents::page(&self.0, &ctx, &page).await)
    }
}
