//! casbin in a strict wrapper: it answers whether a role may do something, and anything unexpected is a no.
//!
//! What the engine is known to do wrong decides the shape. It keeps running with an empty policy when loading fails, and an
//! empty policy with an empty request is allowed; so an enforcer is built anew, never reloaded, its row count is checked, and
//! empty words never reach it. Its cost grows with the rows, so each role has an enforcer of its own with that role's rows.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use casbin::{CoreApi as _, DefaultModel, Enforcer, MgmtApi as _, StringAdapter};
use cordon_context::Role;
use futures::executor::block_on;

use crate::row::Row;

/// The one model there is; its text is part of the program, because a matcher is code.
pub(crate) const MODEL: &str = include_str!("../model.conf");

/// The engine could not be set up.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EngineError {
    /// casbin refused the model or the rows.
    #[error("the policy engine refused the model or the rows")]
    Refused(#[source] casbin::Error),
    /// casbin holds another number of rows than it was given.
    #[error("the policy engine holds {held} rows of {role} instead of {given}")]
    RowCount {
        /// Whose rows.
        role: Role,
        /// How many it was given.
        given: usize,
        /// How many it has.
        held: usize,
    },
    /// casbin panicked.
    #[error("the policy engine panicked")]
    Panicked,
}

/// One enforcer for each role that has rows.
pub(crate) struct Engine {
    by_role: BTreeMap<Role, Enforcer>,
}

impl Engine {
    pub(crate) fn new(rows: &[Row]) -> Result<Self, EngineError> {
        let mut split = BTreeMap::<Role, Vec<&Row>>::new();
        for row in rows {
            split.entry(row.role).or_default().push(row);
        }
        let mut by_role = BTreeMap::new();
        for (role, rows) in split {
            let enforcer = catch_unwind(AssertUnwindSafe(|| enforcer(&rows)))
                .map_err(|_panic| EngineError::Panicked)?
                .map_err(EngineError::Refused)?;
            let held = enforcer.get_policy().len();
            if held != rows.len() {
                return Err(EngineError::RowCount { role, given: rows.len(), held });
            }
            by_role.insert(role, enforcer);
        }
        Ok(Self { by_role })
    }

    /// Whether casbin allows it; an empty word, an unknown role, an error and a panic are a no.
    pub(crate) fn allows(&self, words: [&str; 4]) -> bool {
        #[cfg(test)]
        evaluations::count();
        let [role, resource, action, scope] = words;
        if words.iter().any(|word| word.is_empty()) {
            return false;
        }
        let Some(enforcer) = Role::from_name(role).and_then(|role| self.by_role.get(&role)) else {
            return false;
        };
        matches!(catch_unwind(AssertUnwindSafe(|| enforcer.enforce((role, resource, action, scope)))), Ok(Ok(true)))
    }
}

fn enforcer(rows: &[&Row]) -> Result<Enforcer, casbin::Error> {
    let text: Vec<String> = rows.iter().map(|row| format!("p, {}", row.words().join(", "))).collect();
    // Nothing in here waits for anything: the model and the rows are in memory.
    block_on(async {
        let model = DefaultModel::from_str(MODEL).await?;
        Enforcer::new(model, StringAdapter::new(text.join("\n"))).await
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::read;

    #[test]
    fn empty_words_are_refused_although_casbin_alone_would_allow_them() {
        let bare = enforcer(&[]).unwrap();
        // The negative control: this is why the wrapper exists.
        assert!(bare.enforce(("", "", "", "")).unwrap());
        let engine = Engine::new(&read("p, auditor, ledger, read, all").unwrap()).unwrap();
        assert!(engine.allows(["auditor", "ledger", "read", "all"]));
        assert!(!engine.allows(["", "", "", ""]));
        assert!(!engine.allows(["auditor", "", "read", "all"]));
        assert!(!engine.allows(["nobody", "ledger", "read", "all"]));
        assert!(!Engine::new(&[]).unwrap().allows(["", "", "", ""]));
    }

    #[test]
    fn the_model_allows_by_rows_only() {
        assert!(MODEL.contains("e = some(where (p.eft == allow))"));
        assert!(!MODEL.contains("deny") && !MODEL.contains("eval"));
    }
}

/// How often this thread asked an engine.
#[cfg(test)]
pub(crate) mod evaluations {
    use std::cell::Cell;

    thread_local! {
        static ASKED: Cell<u64> = const { Cell::new(0) };
    }

    pub(super) fn count() {
        ASKED.set(ASKED.get() + 1);
    }

    pub(crate) fn asked() -> u64 {
        ASKED.get()
    }
}
