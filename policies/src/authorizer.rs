//! The policy in use.

use std::fs;
use std::path::Path;

use cordon_context::{Action, Actor, Resource, Role, Scope};
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use crate::engine::Engine;
use crate::holder::counts;
use crate::row::{self, Row, RowError, ScopeWord};
use crate::self_test;
use crate::table::Table;

const EMBEDDED: &str = include_str!("../policy.csv");
/// Long enough that nobody finds a second table with the same name; it stands in every ledger entry.
const DIGEST_LENGTH: usize = 32;

/// A policy was not taken into use.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// The file could not be read.
    #[error("the policy file could not be read")]
    Unreadable(#[from] std::io::Error),
    /// A line is not a row.
    #[error("the policy table is malformed")]
    Malformed(#[from] RowError),
    /// The directory holds a model; matchers are code and part of the program.
    #[error("a policy directory may hold policy.csv, never model.conf")]
    ModelNotReplaceable,
    /// The engine could not be set up.
    #[error("the policy engine could not be set up")]
    Engine(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The policy breaks what must hold of any policy.
    #[error("the policy failed its self-test: {0}")]
    SelfTest(String),
}

/// Answers who may do what, from a policy that passed its self-test; another one takes effect with the next start.
pub struct Authorizer {
    table: Table,
    digest: String,
}

impl Authorizer {
    /// Loads the policy that is part of the program.
    pub fn embedded() -> Result<Self, PolicyError> {
        Self::load(None)
    }

    /// Loads `policy.csv` from a directory, or the one that is part of the program.
    pub fn load(directory: Option<&Path>) -> Result<Self, PolicyError> {
        let text = text_of(directory)?;
        let digest = HEXLOWER.encode(&Sha256::digest(text.as_bytes()));
        Ok(Self { table: evaluate(&text)?, digest: digest.get(..DIGEST_LENGTH).unwrap_or(&digest).to_owned() })
    }

    /// How many rows the policy has.
    pub fn row_count(&self) -> usize {
        self.table.rows()
    }

    /// Names the policy that was loaded: the beginning of the SHA-256 of its file.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// How far the actor may reach with it; empty means not at all.
    pub fn scope(&self, actor: &Actor, action: Action, resource: Resource) -> Scope {
        let table = &self.table;
        let roles = actor.roles.iter().copied().filter(|role| counts(*role, actor));
        Scope::of(roles.flat_map(|role| table.scopes(role, resource, action).map(|word| word.reach(actor))).collect())
    }

    /// Whether two roles are the two sides of one decision: who drafts and who approves, who decided and who hears the appeal.
    pub fn are_two_sides(&self, one: Role, other: Role) -> bool {
        self_test::are_two_sides(&self.table, one, other) || self_test::are_two_sides(&self.table, other, one)
    }

    /// The words by which one role may do it.
    pub(crate) fn words(&self, role: Role, action: Action, resource: Resource) -> Vec<ScopeWord> {
        self.table.scopes(role, resource, action).collect()
    }
}

fn text_of(directory: Option<&Path>) -> Result<String, PolicyError> {
    let Some(directory) = directory else {
        return Ok(EMBEDDED.to_owned());
    };
    if directory.join("model.conf").exists() {
        return Err(PolicyError::ModelNotReplaceable);
    }
    Ok(fs::read_to_string(directory.join("policy.csv"))?)
}

/// Reads, evaluates and tests a policy.
pub(crate) fn evaluate(text: &str) -> Result<Table, PolicyError> {
    let rows: Vec<Row> = row::read(text)?;
    let engine = Engine::new(&rows).map_err(|error| PolicyError::Engine(Box::new(error)))?;
    let table = Table::evaluate(&engine, &rows);
    self_test::check(&engine, &table, rows.len()).map_err(|error| PolicyError::SelfTest(error.to_string()))?;
    Ok(table)
}

#[cfg(test)]
mod tests;
