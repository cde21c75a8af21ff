//! Who took a password or a one-time code away from whom, and who asked for it.

use sea_orm_migration::prelude::*;

use crate::dialect::run_all;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261122_000002_credential_reset"
    }
}

const UP: &[&str] = &["CREATE TABLE credential_reset (
        person {uuid} NOT NULL REFERENCES person (id), credential TEXT NOT NULL, asked_by {uuid}, asked_at BIGINT,
        done_by {uuid}, done_at BIGINT, PRIMARY KEY (person, credential))"];

const DOWN: &[&str] = &["DROP TABLE credential_reset"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run_all(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run_all(manager, DOWN).await
    }
}
