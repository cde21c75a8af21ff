//! Tables of the service `disposal`.

mod m20261122_000010_orders;
mod m20261122_000011_rights;
mod m20261122_000020_delivery;
mod m20261122_000021_routing;
mod m20261122_000022_holds;
mod m20261122_000023_own_measures;
mod m20261122_000025_protected_subjects;
mod m20261123_000026_late_reports;

use sea_orm_migration::{MigrationTrait, MigratorTrait};

/// Makes and changes the tables of the service.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut migrations = crate::ground::migrations();
        migrations.push(Box::new(m20261122_000010_orders::Migration));
        migrations.push(Box::new(m20261122_000011_rights::Migration));
        migrations.push(Box::new(m20261122_000020_delivery::Migration));
        migrations.push(Box::new(m20261122_000021_routing::Migration));
        migrations.push(Box::new(m20261122_000022_holds::Migration));
        migrations.push(Box::new(m20261122_000023_own_measures::Migration));
        migrations.push(Box::new(m20261122_000025_protected_subjects::Migration));
        migrations.push(Box::new(m20261123_000026_late_reports::Migration));
        migrations
    }
}
