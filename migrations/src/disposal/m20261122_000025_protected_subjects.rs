//! Entries of the protected list are found by what they protect, so that a case shows them.

use sea_orm_migration::prelude::*;

use crate::dialect::run_all;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

const UP: &[&str] =
    &["CREATE INDEX protected_entry_subject_id ON protected_entry (subject_id) WHERE state <> 'removed'"];

const DOWN: &[&str] = &["DROP INDEX protected_entry_subject_id"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run_all(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run_all(manager, DOWN).await
    }
}
