//! Feeds that hold what a test writes into them, with who may see it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use cordon_context::{Actor, Role};
use serde_json::Value;

struct Entry {
    /// Whoever has this duty sees it; nobody if there is none.
    seen_by: Option<Role>,
    change: Value,
}

/// What is done once, between the making of an answer and its way back.
type Meanwhile = Box<dyn FnOnce(&Script) + Send>;

/// The feed of one service. Positions are counted from one.
#[derive(Default)]
pub(crate) struct Script {
    entries: Mutex<Vec<Entry>>,
    asked: Mutex<Vec<i64>>,
    meanwhile: Mutex<Option<Meanwhile>>,
}

/// A part of a feed.
pub(crate) struct Part {
    pub(crate) changes: Vec<Value>,
    pub(crate) next: i64,
    pub(crate) more: bool,
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Script {
    /// Writes what whoever has this duty sees.
    pub(crate) fn write(&self, seen_by: Role, change: Value) {
        held(&self.entries).push(Entry { seen_by: Some(seen_by), change });
    }

    /// Writes what nobody who asks may see.
    pub(crate) fn write_foreign(&self, change: Value) {
        held(&self.entries).push(Entry { seen_by: None, change });
    }

    /// Whether a test has written anything.
    pub(crate) fn is_empty(&self) -> bool {
        held(&self.entries).is_empty()
    }

    /// The position of the last entry, whoever sees it.
    pub(crate) fn last(&self) -> i64 {
        i64::try_from(held(&self.entries).len()).unwrap()
    }

    /// The positions after which was asked, the same one named once.
    pub(crate) fn asked(&self) -> Vec<i64> {
        held(&self.asked).clone()
    }

    /// Does something once, after the next answer with anything in it was made and before it arrives.
    pub(crate) fn meanwhile(&self, act: impl FnOnce(&Self) + Send + 'static) {
        *held(&self.meanwhile) = Some(Box::new(act));
    }

    /// At most so many entries that the actor may see.
    pub(crate) fn after(&self, after: i64, limit: u32, actor: &Actor) -> Part {
        let mut asked = held(&self.asked);
        if asked.last() != Some(&after) {
            asked.push(after);
        }
        drop(asked);
        let (from, limit) = (usize::try_from(after).unwrap(), usize::try_from(limit).unwrap());
        let entries = held(&self.entries);
        let mut part = Part { changes: Vec::new(), next: after, more: false };
        for (index, entry) in entries.iter().enumerate().skip(from) {
            if part.changes.len() == limit {
                part.more = true;
                break;
            }
            part.next = i64::try_from(index + 1).unwrap();
            if entry.seen_by.is_some_and(|role| actor.roles.contains(&role)) {
                let mut change = entry.change.clone();
                change["position"] = part.next.into();
                part.changes.push(change);
            }
        }
        drop(entries);
        let act = if part.changes.is_empty() { None } else { held(&self.meanwhile).take() };
        if let Some(act) = act {
            act(self);
        }
        part
    }
}
