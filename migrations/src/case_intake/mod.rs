//! Tables of the service `case-intake`.

mod m20261122_000001_reports;
mod m20261122_000002_cases;
mod m20261122_000003_clues;
mod m20261122_000004_import_attempts;
mod m20261122_000005_import_acting;

use sea_orm_migration::{MigrationTrait, MigratorTrait};

/// Makes and changes the tables of the service.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut migrations = crate::ground::migrations();
        migrations.push(Box::new(m20261122_000001_reports::Migration));
        migrations.push(Box::new(m20261122_000002_cases::Migration));
        migrations.push(Box::new(m20261122_000003_clues::Migration));
        migrations.push(Box::new(m20261122_000004_import_attempts::Migration));
        migrations.push(Box::new(m20261122_000005_import_acting::Migration));
        migrations
    }
}
