//! One row of the policy table, read strictly.

use cordon_context::{Action, Actor, Reach, Resource, Role};

/// How far a row reaches, as a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ScopeWord {
    /// Every row.
    All,
    /// Rows in the actor's region.
    Region,
    /// Rows in the actor's region that an enterprise did not bring about on its own finding.
    Instructed,
    /// Rows of the actor's organisation.
    Organisation,
    /// Rows addressed to the actor's organisation or its branches.
    Addressed,
    /// Rows of cases in which the actor's organisation takes part.
    OwnCase,
}

impl ScopeWord {
    /// Every word, widest first.
    pub const ALL: &'static [Self] =
        &[Self::All, Self::Region, Self::Instructed, Self::Organisation, Self::Addressed, Self::OwnCase];

    /// The word in the policy table.
    pub const fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Region => "region",
            Self::Instructed => "instructed",
            Self::Organisation => "organisation",
            Self::Addressed => "addressed",
            Self::OwnCase => "own_case",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|word| word.name() == name)
    }

    pub(crate) const fn bit(self) -> u8 {
        match self {
            Self::All => 1,
            Self::Region => 2,
            Self::Organisation => 4,
            Self::Addressed => 8,
            Self::OwnCase => 16,
            Self::Instructed => 32,
        }
    }

    /// What the word means for one actor.
    pub(crate) fn reach(self, actor: &Actor) -> Reach {
        match self {
            Self::All => Reach::All,
            Self::Region => Reach::Region(actor.region),
            Self::Instructed => Reach::Instructed(actor.region),
            Self::Organisation => Reach::Organisation(actor.organisation),
            Self::Addressed => {
                let mut addressed = Vec::with_capacity(actor.branches.len() + 1);
                addressed.push(actor.organisation);
                addressed.extend_from_slice(&actor.branches);
                Reach::Addressed(addressed)
            }
            Self::OwnCase => Reach::OwnCase(actor.organisation),
        }
    }
}

/// One row: a role may do an action on a kind of resource, so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Row {
    pub(crate) role: Role,
    pub(crate) resource: Resource,
    pub(crate) action: Action,
    pub(crate) scope: ScopeWord,
}

impl Row {
    /// The values in the order in which the model names them.
    pub(crate) const fn words(&self) -> [&'static str; 4] {
        [self.role.name(), self.resource.name(), self.action.name(), self.scope.name()]
    }
}

/// A line of the policy table that is not a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowError {
    /// Not of the form `p, role, resource, action, scope`.
    #[error("line {0} is not of the form `p, role, resource, action, scope`")]
    Form(usize),
    /// No such role.
    #[error("line {0} names an unknown role")]
    Role(usize),
    /// No such resource.
    #[error("line {0} names an unknown resource")]
    Resource(usize),
    /// No such action.
    #[error("line {0} names an unknown action")]
    Action(usize),
    /// No such scope.
    #[error("line {0} names an unknown scope")]
    Scope(usize),
    /// The row stands there twice.
    #[error("line {0} repeats a row")]
    Repeated(usize),
    /// There is no row at all.
    #[error("the policy table has no rows")]
    Empty,
}

/// Reads the whole table; one bad line refuses all of it.
pub(crate) fn read(text: &str) -> Result<Vec<Row>, RowError> {
    let mut rows = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let mut words = line.split(',').map(str::trim);
        let (Some("p"), Some(role), Some(resource), Some(action), Some(scope), None) =
            (words.next(), words.next(), words.next(), words.next(), words.next(), words.next())
        else {
            return Err(RowError::Form(number));
        };
        let row = Row {
            role: Role::from_name(role).ok_or(RowError::Role(number))?,
            resource: Resource::from_name(resource).ok_or(RowError::Resource(number))?,
            action: Action::from_name(action).ok_or(RowError::Action(number))?,
            scope: ScopeWord::from_name(scope).ok_or(RowError::Scope(number))?,
        };
        if !seen.insert(row) {
            return Err(RowError::Repeated(number));
        }
        rows.push(row);
    }
    if rows.is_empty() { Err(RowError::Empty) } else { Ok(rows) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_not_a_row_refuses_the_table() {
        let good = "p, auditor, ledger, read, all";
        assert_eq!(read(good).unwrap().len(), 1);
        for (line, error) in [
            ("p, auditor, ledger, read", RowError::Form(2)),
            ("p, auditor, ledger, read, all, allow", RowError::Form(2)),
            ("g, alice, auditor", RowError::Form(2)),
            ("p, , , , ", RowError::Role(2)),
            ("p, root, ledger, read, all", RowError::Role(2)),
            ("p, auditor, everything, read, all", RowError::Resource(2)),
            ("p, auditor, ledger, *, all", RowError::Action(2)),
            ("p, auditor, ledger, read, world", RowError::Scope(2)),
            (good, RowError::Repeated(2)),
        ] {
            assert_eq!(read(&format!("{good}\n{line}\n")), Err(error), "{line}");
        }
        assert_eq!(read("# nothing\n\n"), Err(RowError::Empty));
    }
}
