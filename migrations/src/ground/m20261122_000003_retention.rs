//! What was heard is found by its time, so that it can be forgotten.

use sea_orm_migration::prelude::*;

use crate::dialect::run_all;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

const UP: &[&str] = &["CREATE INDEX inbox_at ON inbox (at)"];

const DOWN: &[&str] = &["DROP INDEX inbox_at"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run_all(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run_all(manager, DOWN).await
    }
}
