//! The tables by which routes are found, as one: who holds which number, segment, domain, range or platform.

use sea_orm_migration::prelude::*;

use crate::dialect::run_all;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

const UP: &[&str] = &[
    // `entry` is the row's key in clear, or the blind index of a whole number in hexadecimal.
    "CREATE TABLE routing_entry (
        id {uuid} PRIMARY KEY, routing_table TEXT NOT NULL, entry TEXT NOT NULL, aspect TEXT NOT NULL, holder TEXT NOT NULL,
        region INTEGER, source TEXT NOT NULL, origin TEXT NOT NULL, valid_from BIGINT NOT NULL, recorded_at BIGINT NOT NULL)",
    "CREATE UNIQUE INDEX routing_entry_once ON routing_entry (routing_table, entry, aspect, source)",
    "CREATE INDEX routing_entry_recorded ON routing_entry (routing_table, recorded_at)",
    // One row for each table: grows with every change, so that what is kept in memory is read again.
    "CREATE TABLE routing_edition (routing_table TEXT PRIMARY KEY, edition BIGINT NOT NULL)",
];

const DOWN: &[&str] = &["DROP TABLE routing_edition", "DROP TABLE routing_entry"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run_all(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run_all(manager, DOWN).await
    }
}
