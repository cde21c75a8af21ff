//! The first people of an installation: without them nobody could let anybody in.

use std::sync::Arc;

use cordon_context::{
    Actor, AssignmentId, Bilingual, CallContext, OrganisationKind, OrganisationLevel, PersonId, Refusal, Region, Role,
};
use cordon_directory_contract::{Contact, Organisation, RoleAssignment, Secret};
use cordon_policies::{Grant, act, on};
use cordon_store::{AuditRecord, Failure};
use serde_json::json;

use super::{Office, organisations, roles};
use crate::Directory;
use crate::credentials::token::{self, TokenKind};
use crate::domain::names;
use crate::store::people::{self, NewRow};

/// What an empty installation begins with.
#[derive(Clone, Debug)]
pub struct Installation {
    /// The Chinese name of the platform's operator.
    pub operator: String,
    /// Who makes organisations and people.
    pub system_admin: Administrator,
    /// Who gives roles.
    pub security_admin: Administrator,
    /// Who reads the ledger.
    pub auditor: Administrator,
}

/// One of the first people.
#[derive(Clone, Debug)]
pub struct Administrator {
    /// The name for signing in.
    pub login: String,
    /// The name.
    pub name: String,
}

/// Logins and first passwords, shown once.
#[derive(Clone, Debug)]
pub struct FirstAdministrators {
    /// Role, login and first password.
    pub people: Vec<(Role, String, Secret)>,
}

impl Directory {
    /// Enters the platform's operator with its three administrators into an empty directory.
    ///
    /// # Errors
    ///
    /// Refused if anybody has been entered before, or a login cannot be one.
    pub async fn bootstrap(&self, installation: Installation) -> Result<FirstAdministrators, Refusal> {
        bootstrap(&self.0, installation).await.map_err(Refusal::from)
    }

    /// Whether nobody has been entered yet.
    ///
    /// # Errors
    ///
    /// Fails if the database does not answer.
    pub async fn is_empty(&self) -> Result<bool, Refusal> {
        people::is_empty(self.0.database.reader()).await.map_err(Refusal::from)
    }
}

async fn bootstrap(office: &Arc<Office>, installation: Installation) -> Result<FirstAdministrators, Failure> {
    let now = office.now();
    let ctx = CallContext::system("bootstrap", now);
    let organisation_grant: Grant<act::Create, on::Organisation> = office.gate.authorize(&ctx)?;
    let person_grant: Grant<act::Create, on::Person> = office.gate.authorize(&ctx)?;
    let role_grant: Grant<act::Create, on::RoleAssignment> = office.gate.authorize(&ctx)?;
    let operator = operator(names::text("operator", &installation.operator, 1, 100)?, now);
    let mut people = Vec::new();
    let mut rows = Vec::new();
    for (role, person) in [
        (Role::SystemAdmin, installation.system_admin),
        (Role::SecurityAdmin, installation.security_admin),
        (Role::Auditor, installation.auditor),
    ] {
        let login = names::login(&person.login).ok_or_else(|| {
            Refusal::invalid("login", "person.login", Bilingual::new("登录名格式不符", "this cannot be a login"))
        })?;
        if people.iter().any(|(_role, taken, _first)| *taken == login) {
            let text = Bilingual::new("三名管理员的登录名须各不相同", "the three administrators need three logins");
            return Err(Refusal::invalid("login", "person.login_taken", text).into());
        }
        let name = names::text("name", &person.name, 1, 50)?;
        let first = token::fresh(TokenKind::FirstPassword)?;
        let hash = office.passwords.hash(first.clone()).await?;
        people.push((role, login.clone(), first));
        rows.push((role, login, name, hash));
    }
    let vault = Arc::clone(&office.vault);
    office
        .database
        .write(&ctx, move |mut tx| async move {
            if !people::is_empty(tx.connection()).await? {
                return Err(Refusal::rule(
                    "bootstrap.not_empty",
                    Bilingual::new("目录中已有人员", "somebody has been entered before"),
                )
                .into());
            }
            organisations::enter(&mut tx, &organisation_grant, &operator).await?;
            for (role, login, name, hash) in rows {
                let id = PersonId::new(now);
                let row = NewRow {
                    id,
                    organisation: operator.id,
                    login: &login,
                    name: &name,
                    post: "",
                    password_hash: &hash,
                    must_change: true,
                };
                people::insert(&tx, &vault, &person_grant, &row).await?;
                tx.record(AuditRecord::new("person.create", id.to_string(), json!({"organisation": operator.id})));
                let assignment = RoleAssignment {
                    id: AssignmentId::new(now),
                    person: id,
                    organisation: operator.id,
                    role,
                    valid_from: now,
                    valid_to: None,
                    given_by: None,
                    withdrawn_at: None,
                };
                roles::enter(&mut tx, &role_grant, &assignment).await?;
            }
            tx.commit(()).await
        })
        .await?;
    Ok(FirstAdministrators { people })
}

/// The organisation in whose name the platform is run.
pub(crate) fn operator(name: String, now: cordon_context::Timestamp) -> Organisation {
    Organisation {
        id: Actor::platform_organisation(),
        code: "operator".to_owned(),
        name,
        name_en: "Platform operator".to_owned(),
        kind: OrganisationKind::PlatformOperator,
        level: OrganisationLevel::Ministry,
        region: Region::COUNTRY,
        parent: None,
        responsibilities: Vec::new(),
        contact: Contact::default(),
        active: true,
        created_at: now,
        version: 1,
    }
}
