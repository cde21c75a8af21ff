//! What an enterprise does on its own finding: marked in every table that tells of it, with the clock of an appeal against it.

use sea_orm_migration::prelude::*;

use crate::dialect::run_all;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

const UP: &[&str] = &[
    "ALTER TABLE disposal_order ADD COLUMN own_measure BOOLEAN NOT NULL DEFAULT FALSE",
    "ALTER TABLE task ADD COLUMN own_measure BOOLEAN NOT NULL DEFAULT FALSE",
    "ALTER TABLE task ADD COLUMN limited_at BIGINT",
    "ALTER TABLE notice ADD COLUMN own_measure BOOLEAN NOT NULL DEFAULT FALSE",
    "ALTER TABLE task_release ADD COLUMN own_measure BOOLEAN NOT NULL DEFAULT FALSE",
    "ALTER TABLE appeal ADD COLUMN own_measure BOOLEAN NOT NULL DEFAULT FALSE",
    "ALTER TABLE appeal ADD COLUMN limited_resume_due BIGINT",
    "CREATE INDEX appeal_limited_resume ON appeal (limited_resume_due) WHERE limited_resume_due IS NOT NULL",
];

const DOWN: &[&str] = &[
    "DROP INDEX appeal_limited_resume",
    "ALTER TABLE appeal DROP COLUMN limited_resume_due",
    "ALTER TABLE appeal DROP COLUMN own_measure",
    "ALTER TABLE task_release DROP COLUMN own_measure",
    "ALTER TABLE notice DROP COLUMN own_measure",
    "ALTER TABLE task DROP COLUMN limited_at",
    "ALTER TABLE task DROP COLUMN own_measure",
    "ALTER TABLE disposal_order DROP COLUMN own_measure",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run_all(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run_all(manager, DOWN).await
    }
}
