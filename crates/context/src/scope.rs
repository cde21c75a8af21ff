//! How far an actor may reach: the part of every query that authorization writes.

use serde::{Deserialize, Serialize};

use crate::{OrganisationId, Region};

/// One way in which a row can lie within reach.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// Every row.
    All,
    /// Rows whose region lies in this one.
    Region(Region),
    /// Rows whose region lies in this one, and that an enterprise did not bring about on its own finding.
    Instructed(Region),
    /// Rows that belong to this organisation.
    Organisation(OrganisationId),
    /// Rows that are addressed to one of these organisations.
    Addressed(Vec<OrganisationId>),
    /// Rows of cases in which this organisation takes part.
    OwnCase(OrganisationId),
}

/// The union of the ways in which an actor may reach rows; empty reaches nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    reaches: Vec<Reach>,
}

impl Scope {
    /// Joins several reaches; only authorization does this.
    pub fn of(mut reaches: Vec<Reach>) -> Self {
        reaches.sort();
        reaches.dedup();
        if reaches.contains(&Reach::All) {
            reaches = vec![Reach::All];
        }
        Self { reaches }
    }

    /// Reaches every row, for a job of the platform; `reason` stands in the trace of whoever asks.
    pub fn system(reason: &'static str) -> Self {
        tracing::debug!(reason, "a query reaches every row");
        Self { reaches: vec![Reach::All] }
    }

    /// Reaches nothing.
    pub const fn nothing() -> Self {
        Self { reaches: Vec::new() }
    }

    /// The ways, for the query that applies them.
    pub fn reaches(&self) -> &[Reach] {
        &self.reaches
    }

    /// The same without the rows that are only addressed to the actor, who was shown them masked: a search by what is masked there
    /// would tell it.
    #[must_use]
    pub fn without_addressed(&self) -> Self {
        let own = self.reaches.iter().filter(|reach| !matches!(reach, Reach::Addressed(_)));
        Self { reaches: own.cloned().collect() }
    }

    /// Whether no row can lie within reach.
    pub fn is_nothing(&self) -> bool {
        self.reaches.is_empty()
    }

    /// Whether every row lies within reach.
    pub fn is_all(&self) -> bool {
        self.reaches.contains(&Reach::All)
    }
}
