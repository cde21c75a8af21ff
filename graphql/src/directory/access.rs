//! What the root fields of this service need.

use cordon_context::{Action, Resource};

use crate::access::{Need, RootField};

/// What each root field of this service needs.
pub(crate) const ACCESS: &[RootField] = &[
    RootField { root: "Query", name: "viewer", need: Need::SignedIn },
    RootField { root: "Query", name: "mySessions", need: Need::SignedIn },
    RootField { root: "Query", name: "organisation", need: Need::Any(&[(Action::Read, Resource::Organisation)]) },
    RootField { root: "Query", name: "organisations", need: Need::Any(&[(Action::Read, Resource::Organisation)]) },
    RootField { root: "Query", name: "organisationTree", need: Need::Any(&[(Action::Read, Resource::Organisation)]) },
    RootField { root: "Query", name: "person", need: Need::Any(&[(Action::Read, Resource::Person)]) },
    RootField { root: "Query", name: "people", need: Need::Any(&[(Action::Read, Resource::Person)]) },
    RootField { root: "Query", name: "delegations", need: Need::Any(&[(Action::Read, Resource::Delegation)]) },
    RootField { root: "Query", name: "apiClients", need: Need::Any(&[(Action::Read, Resource::ApiClient)]) },
    RootField { root: "Query", name: "documents", need: Need::Any(&[(Action::Read, Resource::PersistedDocument)]) },
    RootField { root: "Mutation", name: "revokeSession", need: Need::SignedIn },
    RootField { root: "Mutation", name: "revokeSessionsOf", need: Need::Any(&[(Action::Modify, Resource::Session)]) },
    RootField { root: "Mutation", name: "changePassword", need: Need::SignedIn },
    RootField { root: "Mutation", name: "resetPassword", need: Need::Any(&[(Action::Modify, Resource::Session)]) },
    RootField { root: "Mutation", name: "enrolCode", need: Need::SignedIn },
    RootField { root: "Mutation", name: "confirmCode", need: Need::SignedIn },
    RootField { root: "Mutation", name: "resetCode", need: Need::Any(&[(Action::Modify, Resource::Session)]) },
    RootField {
        root: "Mutation",
        name: "createOrganisation",
        need: Need::Any(&[(Action::Create, Resource::Organisation)]),
    },
    RootField {
        root: "Mutation",
        name: "changeOrganisation",
        need: Need::Any(&[(Action::Modify, Resource::Organisation)]),
    },
    RootField { root: "Mutation", name: "createPerson", need: Need::Any(&[(Action::Create, Resource::Person)]) },
    RootField { root: "Mutation", name: "setPersonActive", need: Need::Any(&[(Action::Modify, Resource::Person)]) },
    RootField { root: "Mutation", name: "revealPerson", need: Need::Any(&[(Action::Reveal, Resource::Person)]) },
    RootField { root: "Mutation", name: "giveRole", need: Need::Any(&[(Action::Create, Resource::RoleAssignment)]) },
    RootField {
        root: "Mutation",
        name: "withdrawRole",
        need: Need::Any(&[(Action::Modify, Resource::RoleAssignment)]),
    },
    RootField { root: "Mutation", name: "delegateRole", need: Need::Any(&[(Action::Create, Resource::Delegation)]) },
    RootField { root: "Mutation", name: "revokeDelegation", need: Need::SignedIn },
    RootField { root: "Mutation", name: "createApiClient", need: Need::Any(&[(Action::Create, Resource::ApiClient)]) },
    RootField {
        root: "Mutation",
        name: "rotateApiClientSecret",
        need: Need::Any(&[(Action::Modify, Resource::ApiClient)]),
    },
    RootField {
        root: "Mutation",
        name: "setApiClientMessageKeys",
        need: Need::Any(&[(Action::Modify, Resource::ApiClient)]),
    },
    RootField { root: "Mutation", name: "revokeApiClient", need: Need::Any(&[(Action::Modify, Resource::ApiClient)]) },
    RootField {
        root: "Mutation",
        name: "withdrawDocument",
        need: Need::Any(&[
            (Action::Modify, Resource::PersistedDocument),
            (Action::Create, Resource::PersistedDocument),
        ]),
    },
    RootField { root: "Mutation", name: "signIn", need: Need::Anyone },
    RootField { root: "Mutation", name: "signOut", need: Need::SignedIn },
    RootField {
        root: "Mutation",
        name: "registerDocument",
        need: Need::Any(&[(Action::Create, Resource::PersistedDocument)]),
    },
];
