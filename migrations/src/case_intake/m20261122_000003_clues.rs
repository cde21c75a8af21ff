//! Clue queries, clues, major-case bulletins and their trace-backs.

use sea_orm_migration::prelude::*;

use crate::dialect::run_all;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

const UP: &[&str] = &[
    "CREATE TABLE clue_query (
        id {uuid} PRIMARY KEY, number TEXT NOT NULL, case_id {uuid} NOT NULL, organisation {uuid} NOT NULL,
        region INTEGER NOT NULL, addressee {uuid} NOT NULL, urgency TEXT NOT NULL, status TEXT NOT NULL,
        drafted_by TEXT NOT NULL, approved_by TEXT, document_number TEXT, due_at BIGINT, answered_at BIGINT,
        missed_at BIGINT, quality INTEGER, created_at BIGINT NOT NULL, issued_at BIGINT, expires_at BIGINT,
        version BIGINT NOT NULL DEFAULT 1)",
    "CREATE UNIQUE INDEX clue_query_number ON clue_query (number)",
    "CREATE INDEX clue_query_created ON clue_query (created_at, id)",
    "CREATE INDEX clue_query_case ON clue_query (case_id)",
    "CREATE INDEX clue_query_addressee ON clue_query (addressee)",
    "CREATE TABLE clue_query_item (
        id {uuid} PRIMARY KEY, query_id {uuid} NOT NULL, ordinal INTEGER NOT NULL, query_type TEXT NOT NULL,
        subject {uuid} NOT NULL, kind TEXT NOT NULL, value {bytes} NOT NULL, outcome TEXT, answer {bytes},
        answered_at BIGINT, expired BOOLEAN NOT NULL DEFAULT FALSE)",
    "CREATE UNIQUE INDEX clue_query_item_place ON clue_query_item (query_id, ordinal)",
    "CREATE TABLE clue (
        id {uuid} PRIMARY KEY, number TEXT NOT NULL, kind TEXT NOT NULL, organisation {uuid} NOT NULL,
        addressee {uuid} NOT NULL, region INTEGER NOT NULL, status TEXT NOT NULL, content {bytes} NOT NULL,
        subjects TEXT NOT NULL, case_id {uuid}, feedback TEXT, feedback_due_at BIGINT NOT NULL, feedback_sent_at BIGINT,
        missed_at BIGINT, submitted_at BIGINT NOT NULL, version BIGINT NOT NULL DEFAULT 1)",
    "CREATE UNIQUE INDEX clue_number ON clue (number)",
    "CREATE INDEX clue_submitted ON clue (submitted_at, id)",
    "CREATE INDEX clue_addressee ON clue (addressee)",
    "CREATE INDEX clue_organisation ON clue (organisation)",
    "CREATE TABLE bulletin (
        id {uuid} PRIMARY KEY, number TEXT NOT NULL, case_id {uuid} NOT NULL, organisation {uuid} NOT NULL,
        region INTEGER NOT NULL, authority {uuid} NOT NULL, triggers TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL,
        status TEXT NOT NULL, drafted_by TEXT NOT NULL, approved_by TEXT, due_at BIGINT, finding TEXT,
        created_at BIGINT NOT NULL, sent_at BIGINT, version BIGINT NOT NULL DEFAULT 1)",
    "CREATE UNIQUE INDEX bulletin_number ON bulletin (number)",
    "CREATE INDEX bulletin_created ON bulletin (created_at, id)",
    "CREATE INDEX bulletin_case ON bulletin (case_id)",
    "CREATE TABLE trace_back (
        id {uuid} PRIMARY KEY, bulletin_id {uuid} NOT NULL, ordinal INTEGER NOT NULL, enterprise {uuid} NOT NULL,
        subject {uuid} NOT NULL, kind TEXT NOT NULL, value {bytes} NOT NULL, status TEXT NOT NULL, due_at BIGINT,
        liability TEXT, form {bytes}, filed_at BIGINT, missed_at BIGINT, version BIGINT NOT NULL DEFAULT 1)",
    "CREATE UNIQUE INDEX trace_back_place ON trace_back (bulletin_id, ordinal)",
    "CREATE INDEX trace_back_enterprise ON trace_back (enterprise)",
];

const DOWN: &[&str] = &[
    "DROP TABLE trace_back",
    "DROP TABLE bulletin",
    "DROP TABLE clue",
    "DROP TABLE clue_query_item",
    "DROP TABLE clue_query",
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
