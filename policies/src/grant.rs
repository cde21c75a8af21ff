//! Proof values: that an action on a kind of resource was allowed, and how far it reaches.

use std::fmt;
use std::marker::PhantomData;

use cordon_context::{Action, Resource, Scope};

mod sealed {
    pub trait Sealed {}
}

/// A type that stands for one action; see [`act`].
pub trait ActionName: sealed::Sealed + Send + Sync + 'static {
    /// The action.
    const ACTION: Action;
}

/// A type that stands for one kind of resource; see [`on`].
pub trait ResourceName: sealed::Sealed + Send + Sync + 'static {
    /// The kind of resource.
    const RESOURCE: Resource;
}

macro_rules! names {
    ($(#[$doc:meta])* $module:ident, $trait:ident, $constant:ident, $of:ident: $($name:ident)*) => {
        $(#[$doc])*
        pub mod $module {
            $(
                #[doc = concat!("Stands for [`", stringify!($of), "::", stringify!($name), "`](cordon_context::", stringify!($of), "::", stringify!($name), ").")]
                #[derive(Debug)]
                pub enum $name {}
                impl super::sealed::Sealed for $name {}
                impl super::$trait for $name {
                    const $constant: cordon_context::$of = cordon_context::$of::$name;
                }
            )*

            /// Every value that has a type here.
            #[cfg(test)]
            pub(crate) const NAMED: &[cordon_context::$of] = &[$(cordon_context::$of::$name),*];
        }
    };
}

names! {
    /// One type for each action.
    act, ActionName, ACTION, Action: Read Create Modify Approve Execute Verify Decide Reveal
}

names! {
    /// One type for each kind of resource.
    on, ResourceName, RESOURCE, Resource:
    Appeal ApiClient Bulletin Calendar Case Clue ClueQuery Delegation Endpoint EmergencyOrder ExceptionDesk Import Ledger Notice
    Order Organisation Person PersistedDocument Protected ProtectedItem ProtectiveMeasure Report Release RoleAssignment
    Routing Session Task
}

/// Proof that the actor may do `A` on objects of kind `R` that lie within [`Grant::scope`]; only the gate makes one.
///
/// It does not implement `Clone`: a grant belongs to the call for which it was given.
pub struct Grant<A, R> {
    scope: Scope,
    of: PhantomData<fn() -> (A, R)>,
}

impl<A: ActionName, R: ResourceName> Grant<A, R> {
    pub(crate) const fn new(scope: Scope) -> Self {
        Self { scope, of: PhantomData }
    }

    /// How far it reaches; goes into every query.
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }
}

impl<A: ActionName, R: ResourceName> fmt::Debug for Grant<A, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Grant({} {}, {:?})", A::ACTION, R::RESOURCE, self.scope)
    }
}

#[cfg(test)]
mod tests {
    use cordon_context::{Action, Resource};

    use super::{act, on};

    #[test]
    fn every_action_and_resource_has_its_type() {
        assert_eq!(act::NAMED, Action::ALL);
        assert_eq!(on::NAMED, Resource::ALL);
    }
}
