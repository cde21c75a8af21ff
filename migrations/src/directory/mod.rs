//! Tables of the service `directory`.

use sea_orm_migration::{MigrationTrait, MigratorTrait};

/// Makes and changes the tables of the service.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        crate::ground::migrations()
    }
}
