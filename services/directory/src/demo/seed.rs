//! Writing the demonstration, once or again.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use cordon_context::{ApiClientId, AssignmentId, CallContext, Id, PersonId, Refusal, Role, Scope};
use cordon_directory_contract::{ApiClient, RoleAssignment, Secret};
use cordon_policies::{Grant, act, on};
use cordon_store::{AuditRecord, Failure};
use serde_json::json;

use super::country::{self, id_of};
use super::people::PEOPLE;
use super::{DemoClient, DemoDirectory, DemoOrganisation, DemoPerson};
use crate::Directory;
use crate::credentials::token::{self, TokenKind};
use crate::domain::names;
use crate::store::people::NewRow;
use crate::store::{clients as client_rows, organisations as organisation_rows, people as person_rows};
use crate::use_cases::{Office, clients, organisations, roles};

impl Directory {
    /// Writes the demonstration country; what is there already stays as it is, so that it can be asked for again and again.
    ///
    /// Everybody gets the same password. Secrets of programs are made with the first call and given out once.
    ///
    /// # Errors
    ///
    /// Refused if nobody could have this password; fails if the database does not answer.
    pub async fn seed_demo(&self, password: &Secret) -> Result<DemoDirectory, Refusal> {
        seed(&self.0, password).await.map_err(Refusal::from)
    }
}

/// A program that may have to be entered.
struct Draft {
    client: ApiClient,
    secret: Secret,
    code: String,
}

async fn seed(office: &Arc<Office>, password: &Secret) -> Result<DemoDirectory, Failure> {
    names::new_password(password.expose(), "demo.demo.demo")?;
    let now = office.now();
    let ctx = CallContext::system("demo", now);
    let organisation_grant: Grant<act::Create, on::Organisation> = office.gate.authorize(&ctx)?;
    let person_grant: Grant<act::Create, on::Person> = office.gate.authorize(&ctx)?;
    let role_grant: Grant<act::Create, on::RoleAssignment> = office.gate.authorize(&ctx)?;
    let client_grant: Grant<act::Create, on::ApiClient> = office.gate.authorize(&ctx)?;
    // One hash for all: in a demonstration everybody has the same password anyway.
    let hash = office.passwords.hash(password.clone()).await?;
    let country = country::organisations(now);
    let days = office.settings.longest_client_days;
    let valid = Duration::from_secs(u64::from(days) * 24 * 3_600);
    let drafts = country::enterprises_with_programs()
        .into_iter()
        .map(|code| {
            let client = ApiClient {
                id: Id::derived(id_of(&code).uuid(), "client"),
                organisation: id_of(&code),
                label: "处置系统（演示）".to_owned(),
                roles: vec![Role::EnterpriseSystem],
                message_keys: Vec::new(),
                allowed_addresses: Vec::new(),
                expires_at: now.plus(valid),
                previous_secret_until: None,
                created_at: now,
                last_seen_at: None,
                revoked_at: None,
                version: 1,
            };
            Ok(Draft { client, secret: token::fresh(TokenKind::Client)?, code })
        })
        .collect::<Result<Vec<_>, Failure>>()?;
    let people: Vec<DemoPerson> = PEOPLE
        .iter()
        .map(|(login, name, post, code, roles)| DemoPerson {
            id: Id::derived(id_of(code).uuid(), login),
            login,
            name,
            post,
            organisation: id_of(code),
            organisation_code: code,
            roles,
        })
        .collect();
    let listed = country.iter().map(|organisation| DemoOrganisation {
        id: organisation.id,
        code: organisation.code.clone(),
        name: organisation.name.clone(),
    });
    let listed: Vec<DemoOrganisation> = listed.collect();
    let (vault, known) = (Arc::clone(&office.vault), people.clone());
    let clients = office
        .database
        .write(&ctx, move |mut tx| async move {
            let everything = Scope::system("demo");
            let ids: Vec<_> = country.iter().map(|organisation| organisation.id).collect();
            let present: HashSet<_> = organisation_rows::by_ids(tx.connection(), &ids, &everything)
                .await?
                .into_iter()
                .map(|organisation| organisation.id)
                .collect();
            for organisation in country.iter().filter(|organisation| !present.contains(&organisation.id)) {
                organisations::enter(&mut tx, &organisation_grant, organisation).await?;
            }
            let ids: Vec<PersonId> = known.iter().map(|person| person.id).collect();
            let present: HashSet<_> = person_rows::by_ids(tx.connection(), &vault, &ids, &everything)
                .await?
                .into_iter()
                .map(|person| person.id)
                .collect();
            for person in known.iter().filter(|person| !present.contains(&person.id)) {
                let row = NewRow {
                    id: person.id,
                    organisation: person.organisation,
                    login: person.login,
                    name: person.name,
                    post: person.post,
                    password_hash: &hash,
                    must_change: false,
                };
                person_rows::insert(&tx, &vault, &person_grant, &row).await?;
                tx.record(
                    AuditRecord::new(
                        "person.create",
                        person.id.to_string(),
                        json!({"organisation": person.organisation}),
                    )
                    .of_organisation(person.organisation),
                );
                for role in person.roles {
                    let assignment = RoleAssignment {
                        id: AssignmentId::new(now),
                        person: person.id,
                        organisation: person.organisation,
                        role: *role,
                        valid_from: now,
                        valid_to: None,
                        given_by: None,
                        withdrawn_at: None,
                    };
                    roles::enter(&mut tx, &role_grant, &assignment).await?;
                }
            }
            let ids: Vec<ApiClientId> = drafts.iter().map(|draft| draft.client.id).collect();
            let present: HashSet<_> = client_rows::by_ids(tx.connection(), &ids, &everything)
                .await?
                .into_iter()
                .map(|client| client.id)
                .collect();
            let mut listed = Vec::with_capacity(drafts.len());
            for Draft { client, secret, code } in drafts {
                let is_new = !present.contains(&client.id);
                if is_new {
                    clients::enter(&mut tx, &client_grant, &client, token::digest(&secret), days).await?;
                }
                listed.push(DemoClient {
                    id: client.id,
                    organisation: client.organisation,
                    organisation_code: code,
                    secret: is_new.then_some(secret),
                });
            }
            tx.commit(listed).await
        })
        .await?;
    Ok(DemoDirectory { organisations: listed, people, clients })
}
