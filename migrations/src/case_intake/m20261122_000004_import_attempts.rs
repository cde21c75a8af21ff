//! How often the machine could not read the file of an import.

use sea_orm_migration::prelude::*;

use crate::dialect::run_all;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run_all(manager, &["ALTER TABLE import ADD COLUMN attempts BIGINT NOT NULL DEFAULT 0"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run_all(manager, &["ALTER TABLE import DROP COLUMN attempts"]).await
    }
}
