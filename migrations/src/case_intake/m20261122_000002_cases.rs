//! Cases, their reports, participants and mergers, histories, running numbers and the working-day table.

use sea_orm_migration::prelude::*;

use crate::dialect::run_all;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

const UP: &[&str] = &[
    "CREATE TABLE case_file (
        id {uuid} PRIMARY KEY, number TEXT NOT NULL, title TEXT NOT NULL, status TEXT NOT NULL,
        status_before_merge TEXT, fraud_type TEXT NOT NULL, region INTEGER NOT NULL, organisation {uuid} NOT NULL,
        filing_number TEXT, opened_at BIGINT NOT NULL, ended_at BIGINT, version BIGINT NOT NULL DEFAULT 1)",
    "CREATE UNIQUE INDEX case_file_number ON case_file (number)",
    "CREATE INDEX case_file_opened ON case_file (opened_at, id)",
    "CREATE TABLE case_report (
        case_id {uuid} NOT NULL, report_id {uuid} NOT NULL, added_at BIGINT NOT NULL, PRIMARY KEY (case_id, report_id))",
    "CREATE INDEX case_report_report ON case_report (report_id)",
    "CREATE TABLE case_participant (
        case_id {uuid} NOT NULL, organisation {uuid} NOT NULL, PRIMARY KEY (case_id, organisation))",
    "CREATE INDEX case_participant_organisation ON case_participant (organisation)",
    "CREATE TABLE case_merge (
        id {uuid} PRIMARY KEY, reason TEXT NOT NULL, merged_at BIGINT NOT NULL, undone_at BIGINT)",
    "CREATE TABLE case_merge_link (
        merge_id {uuid} NOT NULL, lead {uuid} NOT NULL, member {uuid} NOT NULL, PRIMARY KEY (merge_id, lead, member))",
    "CREATE INDEX case_merge_link_lead ON case_merge_link (lead)",
    "CREATE INDEX case_merge_link_member ON case_merge_link (member)",
    "CREATE TABLE history_entry (
        object_id {uuid} NOT NULL, sequence BIGINT NOT NULL, at BIGINT NOT NULL, step TEXT NOT NULL, from_status TEXT,
        to_status TEXT NOT NULL, party TEXT NOT NULL, organisation {uuid} NOT NULL, note TEXT,
        PRIMARY KEY (object_id, sequence))",
    "CREATE TABLE running_number (name TEXT PRIMARY KEY, value BIGINT NOT NULL)",
    "CREATE TABLE calendar_day (day TEXT PRIMARY KEY, working BOOLEAN NOT NULL, name TEXT NOT NULL)",
];

const DOWN: &[&str] = &[
    "DROP TABLE calendar_day",
    "DROP TABLE running_number",
    "DROP TABLE history_entry",
    "DROP TABLE case_merge_link",
    "DROP TABLE case_merge",
    "DROP TABLE case_participant",
    "DROP TABLE case_report",
    "DROP TABLE case_file",
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
