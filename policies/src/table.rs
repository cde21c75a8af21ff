//! The evaluated policy: for each role, resource and action the set of scopes.

use cordon_context::{Action, Resource, Role};

use crate::engine::Engine;
use crate::row::{Row, ScopeWord};

/// What casbin answered, kept so that a decision is a look-up.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Table {
    cells: Vec<u8>,
    rows: usize,
}

impl Table {
    /// Asks the engine about every row; only what it allows is kept.
    ///
    /// The model compares words for equality, so nothing but a row can be allowed; a test asks it about everything else too.
    pub(crate) fn evaluate(engine: &Engine, rows: &[Row]) -> Self {
        let mut table = Self { cells: vec![0; Role::ALL.len() * Resource::ALL.len() * Action::ALL.len()], rows: 0 };
        for row in rows {
            if engine.allows(row.words())
                && let Some(cell) = place(row.role, row.resource, row.action).and_then(|at| table.cells.get_mut(at))
            {
                *cell |= row.scope.bit();
                table.rows += 1;
            }
        }
        table
    }

    /// How many rows the engine allowed.
    pub(crate) const fn rows(&self) -> usize {
        self.rows
    }

    /// The scopes in which a role may do it.
    pub(crate) fn scopes(&self, role: Role, resource: Resource, action: Action) -> impl Iterator<Item = ScopeWord> {
        let bits = place(role, resource, action).and_then(|at| self.cells.get(at)).copied().unwrap_or(0);
        ScopeWord::ALL.iter().copied().filter(move |word| bits & word.bit() != 0)
    }

    /// Whether a role may do it in any scope.
    pub(crate) fn allows(&self, role: Role, resource: Resource, action: Action) -> bool {
        self.scopes(role, resource, action).next().is_some()
    }
}

/// The position in the vocabulary, which is that of the declaration.
fn place(role: Role, resource: Resource, action: Action) -> Option<usize> {
    let role = Role::ALL.binary_search(&role).ok()?;
    let resource = Resource::ALL.binary_search(&resource).ok()?;
    let action = Action::ALL.binary_search(&action).ok()?;
    Some((role * Resource::ALL.len() + resource) * Action::ALL.len() + action)
}
