//! Missed deadlines of which those who stand above are still to be told.

use sea_orm_migration::prelude::*;

use crate::dialect::run_all;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

const UP: &[&str] = &[
    "CREATE TABLE late_report (
        id {uuid} PRIMARY KEY, late {uuid} NOT NULL, escalation TEXT NOT NULL, event TEXT NOT NULL, at BIGINT NOT NULL)",
    "CREATE INDEX late_report_at ON late_report (at, id)",
];

const DOWN: &[&str] = &["DROP TABLE late_report"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run_all(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run_all(manager, DOWN).await
    }
}
