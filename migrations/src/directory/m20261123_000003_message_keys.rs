//! The keys with which programs sign their requests.

use sea_orm_migration::prelude::*;

use crate::dialect::run_all;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261123_000003_message_keys"
    }
}

const UP: &[&str] = &["ALTER TABLE api_client ADD COLUMN message_keys TEXT NOT NULL DEFAULT '[]'"];

const DOWN: &[&str] = &["ALTER TABLE api_client DROP COLUMN message_keys"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run_all(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run_all(manager, DOWN).await
    }
}
