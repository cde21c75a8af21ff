//! Notices, releases, appeals, the protected list and the calendar.

use sea_orm_migration::prelude::*;

use crate::dialect::run_all;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

const UP: &[&str] = &[
    "CREATE TABLE notice (
        id {uuid} PRIMARY KEY, task_id {uuid} NOT NULL, order_id {uuid} NOT NULL, requester {uuid} NOT NULL, region INTEGER NOT NULL,
        case_id {uuid}, kind TEXT NOT NULL, state TEXT NOT NULL, giver {uuid} NOT NULL, due BIGINT NOT NULL, reason TEXT NOT NULL,
        remedy TEXT NOT NULL, documents TEXT NOT NULL, text TEXT NOT NULL, sent_at BIGINT, channel TEXT, reference TEXT,
        deferral_reason TEXT, deferral_by {uuid}, deferral_approver {uuid}, review_at BIGINT, overdue BOOLEAN NOT NULL,
        next_alarm BIGINT, version BIGINT NOT NULL)",
    "CREATE INDEX notice_task ON notice (task_id)",
    "CREATE INDEX notice_alarm ON notice (next_alarm) WHERE next_alarm IS NOT NULL",
    "CREATE TABLE task_release (
        id {uuid} PRIMARY KEY, task_id {uuid} NOT NULL, order_id {uuid} NOT NULL, requester {uuid} NOT NULL, region INTEGER NOT NULL,
        case_id {uuid}, executor {uuid}, subject_index {bytes} NOT NULL, measure TEXT NOT NULL, reason TEXT NOT NULL, note TEXT,
        organisation {uuid} NOT NULL, person {uuid}, at BIGINT NOT NULL, by_mistake BOOLEAN NOT NULL, state TEXT NOT NULL,
        release_task {uuid}, done_at BIGINT, version BIGINT NOT NULL)",
    "CREATE INDEX task_release_task ON task_release (task_id)",
    "CREATE INDEX task_release_waiting ON task_release (subject_index, measure) WHERE state <> 'done'",
    "CREATE TABLE appeal (
        id {uuid} PRIMARY KEY, number TEXT NOT NULL, code_digest {bytes} NOT NULL, task_id {uuid} NOT NULL, order_id {uuid} NOT NULL,
        case_id {uuid}, requester {uuid} NOT NULL, executor {uuid}, subject_id {uuid} NOT NULL, kind TEXT NOT NULL,
        identifier_kind TEXT NOT NULL, masked TEXT NOT NULL, measure TEXT NOT NULL, state TEXT NOT NULL, channel TEXT NOT NULL,
        received_by {uuid} NOT NULL, competent {uuid} NOT NULL, competence TEXT NOT NULL, region INTEGER NOT NULL, by_proxy BOOLEAN NOT NULL,
        appellant {bytes} NOT NULL, appellant_masked TEXT NOT NULL, contact {bytes} NOT NULL, statement {bytes} NOT NULL,
        papers {bytes} NOT NULL, submitted_at BIGINT NOT NULL, accept_due BIGINT NOT NULL, verify_due BIGINT, extended BOOLEAN NOT NULL,
        supplement TEXT, officer {uuid}, outcome TEXT, decision_reason TEXT, decided_by {uuid}, decided_at BIGINT, replied_at BIGINT,
        reply TEXT, review_of {uuid}, overdue BOOLEAN NOT NULL, escalation TEXT NOT NULL, next_alarm BIGINT, version BIGINT NOT NULL)",
    "CREATE UNIQUE INDEX appeal_number ON appeal (number)",
    "CREATE UNIQUE INDEX appeal_review ON appeal (review_of) WHERE review_of IS NOT NULL",
    "CREATE INDEX appeal_task ON appeal (task_id)",
    "CREATE INDEX appeal_region ON appeal (region, submitted_at)",
    "CREATE INDEX appeal_submitted ON appeal (submitted_at)",
    "CREATE INDEX appeal_alarm ON appeal (next_alarm) WHERE next_alarm IS NOT NULL",
    "CREATE TABLE protected_entry (
        id {uuid} PRIMARY KEY, subject_id {uuid} NOT NULL, subject_index {bytes} NOT NULL, kind TEXT NOT NULL,
        identifier_kind TEXT NOT NULL, value {bytes} NOT NULL, masked TEXT NOT NULL, protected_kind TEXT NOT NULL, reason TEXT NOT NULL,
        state TEXT NOT NULL, proposed_by {uuid} NOT NULL, confirmed_by {uuid}, organisation {uuid} NOT NULL, region INTEGER NOT NULL,
        changed_at BIGINT NOT NULL, version BIGINT NOT NULL)",
    "CREATE UNIQUE INDEX protected_entry_subject ON protected_entry (subject_index) WHERE state <> 'removed'",
    "CREATE TABLE calendar_year (
        year INTEGER PRIMARY KEY, state TEXT NOT NULL, days TEXT NOT NULL, alarmed_at BIGINT, version BIGINT NOT NULL)",
];

const DOWN: &[&str] = &[
    "DROP TABLE calendar_year",
    "DROP TABLE protected_entry",
    "DROP TABLE appeal",
    "DROP TABLE task_release",
    "DROP TABLE notice",
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
