//! Reports, the identifiers found in them, and imports.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::dialect::run_all;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

const UP: &[&str] = &[
    // `content` is one sealed value: the victim's phone, the text and what was found in it, with offsets and reasons.
    "CREATE TABLE report (
        id {uuid} PRIMARY KEY, source_key {bytes} NOT NULL, organisation {uuid} NOT NULL, channel TEXT NOT NULL,
        external_id TEXT NOT NULL, received_at BIGINT NOT NULL, region INTEGER NOT NULL, fraud_type TEXT NOT NULL,
        taxonomy_version TEXT NOT NULL DEFAULT 'mps-2023', loss_cents BIGINT NOT NULL, victim_subject {uuid},
        content {bytes} NOT NULL, duplicate_of {uuid}, import_id {uuid},
        status TEXT NOT NULL, handler {uuid}, due_at BIGINT, missed_at BIGINT, version BIGINT NOT NULL DEFAULT 1)",
    // The organisation belongs to the key: that another one holds the same report must not show.
    "CREATE UNIQUE INDEX report_source ON report (source_key, organisation)",
    "CREATE INDEX report_received ON report (received_at)",
    "CREATE INDEX report_due ON report (due_at) WHERE due_at IS NOT NULL AND missed_at IS NULL",
    // Only for finding reports: by the subjects in their text, by the victim's number, by the fingerprint of their words. These keys
    // lie all over an index; as tables of their own, written in their order, they cost a file of reports a third of what indexes do.
    "CREATE TABLE finding (subject {uuid} NOT NULL, report_id {uuid} NOT NULL, PRIMARY KEY (subject, report_id)){keyed}",
    "CREATE TABLE victim (subject {uuid} NOT NULL, report_id {uuid} NOT NULL, PRIMARY KEY (subject, report_id)){keyed}",
    "CREATE TABLE skeleton (
        fingerprint {uuid} NOT NULL, report_id {uuid} NOT NULL, PRIMARY KEY (fingerprint, report_id)){keyed}",
    "CREATE TABLE import (
        id {uuid} PRIMARY KEY, organisation {uuid} NOT NULL, content_hash {bytes} NOT NULL, file_name TEXT NOT NULL,
        path TEXT NOT NULL, bytes BIGINT NOT NULL, format TEXT, encoding TEXT, status TEXT NOT NULL, accept TEXT,
        checked TEXT NOT NULL, committed TEXT NOT NULL, broken_by_code TEXT NOT NULL, refusal TEXT,
        rows_done BIGINT NOT NULL DEFAULT 0, party TEXT NOT NULL, lease_until BIGINT NOT NULL DEFAULT 0,
        fence BIGINT NOT NULL DEFAULT 0, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
        version BIGINT NOT NULL DEFAULT 1)",
    "CREATE UNIQUE INDEX import_content ON import (organisation, content_hash)",
    "CREATE INDEX import_created ON import (created_at, id)",
    "CREATE TABLE import_bad_row (
        import_id {uuid} NOT NULL, row_number BIGINT NOT NULL, ordinal INTEGER NOT NULL, column_name TEXT NOT NULL,
        code TEXT NOT NULL, PRIMARY KEY (import_id, row_number, ordinal))",
];

const DOWN: &[&str] = &[
    "DROP TABLE import_bad_row",
    "DROP TABLE import",
    "DROP TABLE skeleton",
    "DROP TABLE victim",
    "DROP TABLE finding",
    "DROP TABLE report",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite keeps a second copy of a table by row number unless told not to; these tables are nothing but their keys.
        let keyed = if manager.get_database_backend() == DbBackend::Sqlite { " WITHOUT ROWID" } else { "" };
        for statement in UP {
            run_all(manager, &[&statement.replace("{keyed}", keyed)]).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run_all(manager, DOWN).await
    }
}
