//! Why somebody may or may not do something, in words.

use std::fmt;

use cordon_context::{Action, OrganisationKind, Resource, Role};

use crate::{Authorizer, ScopeWord};

/// About whom is asked: duties, and the kind of organisation if it is known.
#[derive(Clone, Debug, Default)]
pub struct Asker {
    /// The duties.
    pub roles: Vec<Role>,
    /// The kind of organisation in which they are held.
    pub organisation_kind: Option<OrganisationKind>,
}

/// The answer, role by role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// What was asked.
    pub action: Action,
    /// On what.
    pub resource: Resource,
    /// Which of the roles give it and how far; empty means that it is refused.
    pub given_by: Vec<(Role, Vec<ScopeWord>)>,
    /// Roles of the asker that give it not.
    pub not_given_by: Vec<Role>,
    /// Roles that would give it, for the one who asks whom to ask.
    pub would_be_given_by: Vec<Role>,
}

impl Explanation {
    /// Whether it is allowed in any scope.
    pub const fn is_allowed(&self) -> bool {
        !self.given_by.is_empty()
    }
}

/// Explains one decision by the rows behind it.
pub fn explain(authorizer: &Authorizer, asker: &Asker, action: Action, resource: Resource) -> Explanation {
    let enterprise = asker.organisation_kind.map(OrganisationKind::is_enterprise);
    let words = |role: Role| authorizer.words(role, action, resource);
    let fits = |role: Role| enterprise.is_none_or(|enterprise| enterprise == is_enterprise_role(role));
    let mut given_by = Vec::new();
    let mut not_given_by = Vec::new();
    for role in asker.roles.iter().copied() {
        let scopes = words(role);
        if scopes.is_empty() || !fits(role) {
            not_given_by.push(role);
        } else {
            given_by.push((role, scopes));
        }
    }
    let would_be_given_by =
        Role::ALL.iter().copied().filter(|role| !asker.roles.contains(role) && !words(*role).is_empty()).collect();
    Explanation { action, resource, given_by, not_given_by, would_be_given_by }
}

const fn is_enterprise_role(role: Role) -> bool {
    matches!(
        role,
        Role::EnterpriseDuty
            | Role::EnterpriseLegal
            | Role::EnterpriseManager
            | Role::EnterpriseSystem
            | Role::GroupReviewer
    )
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.is_allowed() { "允许 / allowed" } else { "拒绝 / refused" };
        writeln!(f, "{} {}: {verdict}", self.action, self.resource)?;
        for (role, scopes) in &self.given_by {
            let scopes: Vec<&str> = scopes.iter().map(|scope| scope.name()).collect();
            writeln!(f, "  + {role}: {}", scopes.join(", "))?;
        }
        for role in &self.not_given_by {
            writeln!(f, "  - {role}: 无此权限 / gives nothing here")?;
        }
        if !self.is_allowed() {
            let roles: Vec<&str> = self.would_be_given_by.iter().map(|role| role.name()).collect();
            let roles = if roles.is_empty() { "无 / nobody".to_owned() } else { roles.join(", ") };
            writeln!(f, "  ? 具备此权限的角色 / roles that may: {roles}")?;
        }
        Ok(())
    }
}
