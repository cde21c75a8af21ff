//! Who is asking.

use serde::{Deserialize, Serialize};

use crate::action::vocabulary;
use crate::{ApiClientId, OrganisationId, OrganisationKind, OrganisationLevel, PersonId, Region, SessionId};

vocabulary! {
    /// A duty that a person or program holds in an organisation.
    Role {
        /// Assesses clues and cases at an anti-fraud center.
        Analyst = "analyst",
        /// Hears appeals.
        AppealOfficer = "appeal_officer",
        /// Reads the ledger, never the content.
        Auditor = "auditor",
        /// Sits at the command desk: routes what could not be routed, verifies, escalates.
        CommandDesk = "command_desk",
        /// Executes orders at an enterprise.
        EnterpriseDuty = "enterprise_duty",
        /// Handles appeals and notices at an enterprise.
        EnterpriseLegal = "enterprise_legal",
        /// Leads the work at an enterprise and sets up its integration.
        EnterpriseManager = "enterprise_manager",
        /// A program of an enterprise.
        EnterpriseSystem = "enterprise_system",
        /// Reviews the branches of a carrier group.
        GroupReviewer = "group_reviewer",
        /// Takes reports and appeals at a hotline.
        HotlineClerk = "hotline_clerk",
        /// Commands at the ministry.
        MinistryCommander = "ministry_commander",
        /// Watches at the ministry.
        MinistryViewer = "ministry_viewer",
        /// Approves orders at a police organ.
        PoliceApprover = "police_approver",
        /// Leads the shift at a police organ and may issue in an emergency.
        PoliceDutyLead = "police_duty_lead",
        /// Drafts orders and works cases at a police organ.
        PoliceHandler = "police_handler",
        /// Approves at a communications authority.
        RegulatorApprover = "regulator_approver",
        /// Drafts and supervises at a communications authority.
        RegulatorOfficer = "regulator_officer",
        /// Gives and takes roles, ends sessions, sets up credentials; sees no content.
        SecurityAdmin = "security_admin",
        /// A job of the platform itself.
        System = "system",
        /// Runs the platform: organisations, calendar, tables; sees no content and gives no roles.
        SystemAdmin = "system_admin",
    }
}

/// What kind of party acts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum ActorKind {
    /// A person who signed in.
    Person {
        /// Who.
        person: PersonId,
        /// In which session.
        session: SessionId,
    },
    /// A program of an organisation.
    Client {
        /// Which.
        client: ApiClientId,
    },
    /// A job of the platform, with the reason for which it acts.
    System {
        /// Why, as a stable word such as `deadline` or `expiry`.
        reason: String,
    },
}

/// Who is asking, for whom, with which duties; made by sign-in and carried by every call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// Person, program or job.
    pub kind: ActorKind,
    /// The organisation for which the actor acts.
    pub organisation: OrganisationId,
    /// What that organisation is.
    pub organisation_kind: OrganisationKind,
    /// At which level it stands.
    pub level: OrganisationLevel,
    /// The region for which it is competent.
    pub region: Region,
    /// The organisations below it in the tree, itself excluded; filled for enterprises.
    pub branches: Vec<OrganisationId>,
    /// The duties held now, delegated ones included.
    pub roles: Vec<Role>,
}

impl Actor {
    /// Makes the actor of a job of the platform.
    pub fn system(reason: impl Into<String>) -> Self {
        Self {
            kind: ActorKind::System { reason: reason.into() },
            organisation: Self::platform_organisation(),
            organisation_kind: OrganisationKind::PlatformOperator,
            level: OrganisationLevel::Ministry,
            region: Region::COUNTRY,
            branches: Vec::new(),
            roles: vec![Role::System],
        }
    }

    /// The organisation in whose name jobs of the platform act.
    pub const fn platform_organisation() -> OrganisationId {
        OrganisationId::from_uuid(uuid::Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0001))
    }

    /// A stable text that names the acting party in logs and in the ledger; holds no name of a person.
    pub fn party(&self) -> String {
        match &self.kind {
            ActorKind::Person { person, .. } => person.to_string(),
            ActorKind::Client { client } => client.to_string(),
            ActorKind::System { reason } => format!("system:{reason}"),
        }
    }

    /// The person, if a person acts.
    pub const fn person(&self) -> Option<PersonId> {
        match &self.kind {
            ActorKind::Person { person, .. } => Some(*person),
            ActorKind::Client { .. } | ActorKind::System { .. } => None,
        }
    }

    /// Whether the actor holds a duty.
    pub fn holds(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}
