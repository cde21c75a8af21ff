//! Tables of the service `directory`.

mod m20261122_000001_directory;
mod m20261122_000002_credential_reset;
mod m20261123_000003_message_keys;

use sea_orm_migration::{MigrationTrait, MigratorTrait};

/// Makes and changes the tables of the service.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut migrations = crate::ground::migrations();
        migrations.push(Box::new(m20261122_000001_directory::Migration));
        migrations.push(Box::new(m20261122_000002_credential_reset::Migration));
        migrations.push(Box::new(m20261123_000003_message_keys::Migration));
        migrations
    }
}
