//! The policy in use, and how another one takes its place.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use cordon_context::{Action, Actor, ActorKind, Resource, Role, Scope};

use crate::engine::Engine;
use crate::row::{self, Row, RowError, ScopeWord};
use crate::self_test;
use crate::table::Table;

const EMBEDDED: &str = include_str!("../policy.csv");

/// A policy was not taken into use; the one before it, if any, stays.
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

/// Answers who may do what, from the policy that passed its self-test last.
pub struct Authorizer {
    table: ArcSwap<Table>,
    directory: Option<PathBuf>,
}

impl Authorizer {
    /// Loads the policy that is part of the program.
    pub fn embedded() -> Result<Self, PolicyError> {
        Self::load(None)
    }

    /// Loads `policy.csv` from a directory, or the one that is part of the program.
    pub fn load(directory: Option<&Path>) -> Result<Self, PolicyError> {
        let table = evaluate(&text_of(directory)?)?;
        Ok(Self { table: ArcSwap::from_pointee(table), directory: directory.map(Path::to_path_buf) })
    }

    /// Reads the policy again; if anything is wrong with it, the present one stays in use.
    pub fn reload(&self) -> Result<(), PolicyError> {
        let outcome = text_of(self.directory.as_deref()).and_then(|text| evaluate(&text));
        match outcome {
            Ok(table) => {
                tracing::info!(policy.rows = table.rows(), "a new policy is in use");
                self.table.store(Arc::new(table));
                Ok(())
            }
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the new policy was refused; the present one stays"
                );
                Err(error)
            }
        }
    }

    /// How many rows the policy has.
    pub fn row_count(&self) -> usize {
        self.table.load().rows()
    }

    /// How far the actor may reach with it; empty means not at all.
    pub fn scope(&self, actor: &Actor, action: Action, resource: Resource) -> Scope {
        let table = self.table.load();
        let roles = actor.roles.iter().copied().filter(|role| fits(*role, actor));
        Scope::of(roles.flat_map(|role| table.scopes(role, resource, action).map(|word| word.reach(actor))).collect())
    }

    /// The words by which one role may do it.
    pub(crate) fn words(&self, role: Role, action: Action, resource: Resource) -> Vec<ScopeWord> {
        self.table.load().scopes(role, resource, action).collect()
    }
}

/// Whether an actor of this kind can hold the role at all: a role that was given to the wrong party gives nothing.
pub(crate) fn fits(role: Role, actor: &Actor) -> bool {
    let system = matches!(actor.kind, ActorKind::System { .. });
    match role {
        Role::System => system,
        Role::EnterpriseDuty
        | Role::EnterpriseLegal
        | Role::EnterpriseManager
        | Role::EnterpriseSystem
        | Role::GroupReviewer => !system && actor.organisation_kind.is_enterprise(),
        Role::Analyst
        | Role::AppealOfficer
        | Role::Auditor
        | Role::CommandDesk
        | Role::HotlineClerk
        | Role::MinistryCommander
        | Role::MinistryViewer
        | Role::PoliceApprover
        | Role::PoliceDutyLead
        | Role::PoliceHandler
        | Role::RegulatorApprover
        | Role::RegulatorOfficer
        | Role::SecurityAdmin
        | Role::SystemAdmin => !system && !actor.organisation_kind.is_enterprise(),
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
