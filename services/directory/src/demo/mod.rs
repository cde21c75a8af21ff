//! A country to try things in: real regions, invented enterprises and people.

mod country;
mod people;
mod seed;

use cordon_context::{ApiClientId, OrganisationId, PersonId, Role};
use cordon_directory_contract::Secret;

/// What the demonstration holds, for whoever prints it or builds on it.
#[derive(Clone, Debug)]
pub struct DemoDirectory {
    /// The organisations, every parent before its children.
    pub organisations: Vec<DemoOrganisation>,
    /// Who can sign in.
    pub people: Vec<DemoPerson>,
    /// The programs of enterprises.
    pub clients: Vec<DemoClient>,
}

/// An organisation of the demonstration.
#[derive(Clone, Debug)]
pub struct DemoOrganisation {
    /// Which; the same in every demonstration.
    pub id: OrganisationId,
    /// Its code.
    pub code: String,
    /// Its Chinese name.
    pub name: String,
}

/// Somebody who can sign in with the password that the demonstration was made with.
#[derive(Clone, Debug)]
pub struct DemoPerson {
    /// Who; the same in every demonstration.
    pub id: PersonId,
    /// The name for signing in.
    pub login: &'static str,
    /// The invented name.
    pub name: &'static str,
    /// The post.
    pub post: &'static str,
    /// The organisation.
    pub organisation: OrganisationId,
    /// The organisation's code.
    pub organisation_code: &'static str,
    /// The roles.
    pub roles: &'static [Role],
}

/// A program of an enterprise.
#[derive(Clone, Debug)]
pub struct DemoClient {
    /// Which; the same in every demonstration.
    pub id: ApiClientId,
    /// The organisation.
    pub organisation: OrganisationId,
    /// The organisation's code.
    pub organisation_code: String,
    /// Its secret, if it was made just now; it is kept nowhere.
    pub secret: Option<Secret>,
}

impl DemoDirectory {
    /// An organisation by its code.
    pub fn organisation(&self, code: &str) -> Option<OrganisationId> {
        self.organisations.iter().find(|organisation| organisation.code == code).map(|organisation| organisation.id)
    }

    /// A person by their login.
    pub fn person(&self, login: &str) -> Option<&DemoPerson> {
        self.people.iter().find(|person| person.login == login)
    }

    /// The program of an organisation.
    pub fn client(&self, organisation_code: &str) -> Option<&DemoClient> {
        self.clients.iter().find(|client| client.organisation_code == organisation_code)
    }
}
