//! Answers kept under idempotency keys become unreadable at rest.

use sea_orm_migration::prelude::*;

use crate::dialect::run_all;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

const UP: &[&str] = &[
    // What was answered in the clear must not stay; a key of before that comes again is refused, never carried out twice.
    "ALTER TABLE idempotency DROP COLUMN answer",
    "ALTER TABLE idempotency ADD COLUMN sealed_answer {bytes}",
    "CREATE INDEX idempotency_at ON idempotency (at)",
];

const DOWN: &[&str] = &[
    "DROP INDEX idempotency_at",
    "ALTER TABLE idempotency DROP COLUMN sealed_answer",
    "ALTER TABLE idempotency ADD COLUMN answer TEXT",
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
