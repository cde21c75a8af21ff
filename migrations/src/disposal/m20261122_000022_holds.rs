//! Measures hold, and end, from their execution on and not only from its check.

use sea_orm_migration::prelude::*;

use crate::dialect::run_all;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

const UP: &[&str] = &[
    "UPDATE task SET hold = 'active' WHERE action = 'impose' AND state IN ('executing', 'executed', 'verify_failed')",
    "DROP INDEX task_end",
    "CREATE INDEX task_end ON task (effective_to)
        WHERE state IN ('executed', 'verify_failed', 'in_force') AND effective_to IS NOT NULL",
    "CREATE INDEX task_release_holders ON task_release (at) WHERE state = 'waiting_holders'",
];

const DOWN: &[&str] = &[
    "DROP INDEX task_release_holders",
    "DROP INDEX task_end",
    "CREATE INDEX task_end ON task (effective_to) WHERE state = 'in_force' AND effective_to IS NOT NULL",
    "UPDATE task SET hold = 'none' WHERE action = 'impose' AND state IN ('executing', 'executed', 'verify_failed')",
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
