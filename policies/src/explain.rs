//! Why somebody may or may not do something, in words.

use cordon_context::{Action, Resource, Role};

use crate::{Authorizer, ScopeWord};

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
pub fn explain(authorizer: &Authorizer, roles: &[Role], action: Action, resource: Resource) -> Explanation {
    let words = |role: Role| authorizer.words(role, action, resource);
    let (given, not_given): (Vec<_>, Vec<_>) =
        roles.iter().copied().map(|role| (role, words(role))).partition(|(_role, scopes)| !scopes.is_empty());
    Explanation {
        action,
        resource,
        given_by: given,
        not_given_by: not_given.into_iter().map(|(role, _none)| role).collect(),
        would_be_given_by: Role::ALL
            .iter()
            .copied()
            .filter(|role| !roles.contains(role) && !words(*role).is_empty())
            .collect(),
    }
}
