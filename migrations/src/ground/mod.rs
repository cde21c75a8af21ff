//! Tables that every service has: what it has to tell, what it has heard, what it has answered, and its audit ledger.

mod m20261122_000001_trail;
mod m20261122_000002_sealed_answers;
mod m20261122_000003_retention;

use sea_orm_migration::MigrationTrait;

/// The migrations that come first in every service.
pub(crate) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(m20261122_000001_trail::Migration),
        Box::new(m20261122_000002_sealed_answers::Migration),
        Box::new(m20261122_000003_retention::Migration),
    ]
}
