//! Orders, items, tasks and everything that belongs to a task.

use sea_orm_migration::prelude::*;

use crate::dialect::run_all;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

const UP: &[&str] = &[
    "CREATE TABLE number_sequence (
        series TEXT NOT NULL, region INTEGER NOT NULL, day TEXT NOT NULL, last BIGINT NOT NULL, PRIMARY KEY (series, region, day))",
    "CREATE TABLE disposal_order (
        id {uuid} PRIMARY KEY, number TEXT NOT NULL, stage TEXT NOT NULL, requester {uuid} NOT NULL, requester_kind TEXT NOT NULL,
        requester_level TEXT NOT NULL, region INTEGER NOT NULL, case_id {uuid}, legal_basis TEXT, urgency TEXT NOT NULL,
        origin TEXT NOT NULL, reason TEXT NOT NULL, duration_days INTEGER, drafter {uuid} NOT NULL, authors TEXT NOT NULL,
        created_at BIGINT NOT NULL, submitted_at BIGINT, review_due BIGINT, issued_at BIGINT, returned_reason TEXT, emergency TEXT,
        approval_level TEXT NOT NULL, needs_protected BOOLEAN NOT NULL, secrecy_reason TEXT, content_hash TEXT NOT NULL,
        item_count INTEGER NOT NULL, next_alarm BIGINT, version BIGINT NOT NULL)",
    "CREATE UNIQUE INDEX disposal_order_number ON disposal_order (number)",
    "CREATE INDEX disposal_order_requester ON disposal_order (requester, created_at)",
    "CREATE INDEX disposal_order_region ON disposal_order (region, created_at)",
    "CREATE INDEX disposal_order_created ON disposal_order (created_at)",
    "CREATE INDEX disposal_order_case ON disposal_order (case_id) WHERE case_id IS NOT NULL",
    "CREATE INDEX disposal_order_alarm ON disposal_order (next_alarm) WHERE next_alarm IS NOT NULL",
    "CREATE INDEX disposal_order_approved ON disposal_order (created_at) WHERE stage = 'approved'",
    "CREATE TABLE order_approval (
        id {uuid} PRIMARY KEY, order_id {uuid} NOT NULL REFERENCES disposal_order (id), kind TEXT NOT NULL, person {uuid} NOT NULL,
        organisation {uuid} NOT NULL, level TEXT NOT NULL, at BIGINT NOT NULL, content_hash TEXT NOT NULL, approver BOOLEAN NOT NULL,
        void BOOLEAN NOT NULL)",
    "CREATE INDEX order_approval_order ON order_approval (order_id)",
    "CREATE TABLE order_item (
        id {uuid} PRIMARY KEY, order_id {uuid} NOT NULL REFERENCES disposal_order (id), position INTEGER NOT NULL,
        subject_id {uuid} NOT NULL, subject_index {bytes} NOT NULL, kind TEXT NOT NULL, identifier_kind TEXT NOT NULL,
        value {bytes} NOT NULL, masked TEXT NOT NULL, measures TEXT NOT NULL, functions TEXT NOT NULL, protected TEXT)",
    "CREATE UNIQUE INDEX order_item_place ON order_item (order_id, position)",
    "CREATE INDEX order_item_subject ON order_item (subject_index)",
    "CREATE TABLE task (
        id {uuid} PRIMARY KEY, order_id {uuid} NOT NULL REFERENCES disposal_order (id), order_number TEXT NOT NULL,
        item_id {uuid} NOT NULL, subject_id {uuid} NOT NULL, subject_index {bytes} NOT NULL, kind TEXT NOT NULL,
        identifier_kind TEXT NOT NULL, masked TEXT NOT NULL, requester {uuid} NOT NULL, region INTEGER NOT NULL, case_id {uuid},
        action TEXT NOT NULL, reverses {uuid}, measure TEXT NOT NULL, functions TEXT NOT NULL, urgency TEXT NOT NULL, pace TEXT NOT NULL,
        by_mistake BOOLEAN NOT NULL, issued_at BIGINT NOT NULL, joined BOOLEAN NOT NULL,
        executor {uuid}, generation INTEGER NOT NULL, generation_at BIGINT NOT NULL, acknowledge_due BIGINT NOT NULL,
        execute_due BIGINT NOT NULL, days INTEGER, hops INTEGER NOT NULL, state TEXT NOT NULL,
        open BOOLEAN NOT NULL, desk_reason TEXT, partial BOOLEAN NOT NULL, entered_at BIGINT NOT NULL, due BIGINT, next_alarm BIGINT,
        alarmed TEXT NOT NULL, overdue BOOLEAN NOT NULL, escalation TEXT NOT NULL, executed_at BIGINT, effective_from BIGINT,
        effective_to BIGINT, hold TEXT NOT NULL, reminded BOOLEAN NOT NULL, appealed BOOLEAN NOT NULL, review_flag TEXT, refusal TEXT,
        failures INTEGER NOT NULL, retry_at BIGINT, payload_digest TEXT, renewal TEXT, version BIGINT NOT NULL)",
    // The inbox: what an executor has to do, the most pressing first; past tasks are not in it.
    "CREATE INDEX task_inbox ON task (executor, due, id) WHERE open",
    "CREATE INDEX task_order ON task (order_id, action, state)",
    "CREATE INDEX task_item ON task (item_id)",
    "CREATE INDEX task_requester ON task (requester, issued_at)",
    "CREATE INDEX task_region ON task (region, issued_at)",
    "CREATE INDEX task_executor ON task (executor, issued_at)",
    "CREATE INDEX task_issued ON task (issued_at)",
    "CREATE INDEX task_case ON task (case_id) WHERE case_id IS NOT NULL",
    "CREATE INDEX task_alarm ON task (next_alarm) WHERE next_alarm IS NOT NULL",
    "CREATE INDEX task_end ON task (effective_to) WHERE state = 'in_force' AND effective_to IS NOT NULL",
    "CREATE INDEX task_desk ON task (entered_at) WHERE state = 'desk'",
    "CREATE INDEX task_subject ON task (subject_id)",
    "CREATE INDEX task_hold ON task (subject_index, measure) WHERE hold = 'active'",
    "CREATE INDEX task_lifted ON task (subject_index, measure) WHERE state = 'release_ordered'",
    "CREATE INDEX task_reverses ON task (reverses) WHERE reverses IS NOT NULL",
    "CREATE TABLE task_hop (
        task_id {uuid} NOT NULL, generation INTEGER NOT NULL, executor {uuid} NOT NULL, at BIGINT NOT NULL,
        PRIMARY KEY (task_id, generation))",
    "CREATE INDEX task_hop_executor ON task_hop (executor, task_id)",
    "CREATE TABLE receipt (
        task_id {uuid} NOT NULL, generation INTEGER NOT NULL, id {uuid} NOT NULL, kind TEXT NOT NULL, organisation {uuid} NOT NULL,
        at BIGINT NOT NULL, evidence TEXT, refusal TEXT, note TEXT, digest TEXT NOT NULL, PRIMARY KEY (task_id, generation, id))",
    "CREATE INDEX receipt_id ON receipt (id)",
    "CREATE TABLE verification (
        id {uuid} PRIMARY KEY, task_id {uuid} NOT NULL, generation INTEGER NOT NULL, passed BOOLEAN NOT NULL, method TEXT NOT NULL,
        person {uuid}, organisation {uuid} NOT NULL, at BIGINT NOT NULL, note TEXT)",
    "CREATE INDEX verification_task ON verification (task_id)",
    "CREATE TABLE case_party (
        case_id {uuid} NOT NULL, organisation {uuid} NOT NULL, PRIMARY KEY (case_id, organisation))",
    "CREATE INDEX case_party_organisation ON case_party (organisation)",
    "CREATE TABLE timeline (
        seq {serial}, order_id {uuid} NOT NULL, task_id {uuid}, appeal_id {uuid}, at BIGINT NOT NULL, party TEXT NOT NULL,
        organisation {uuid} NOT NULL, roles TEXT NOT NULL, event TEXT NOT NULL, from_state TEXT, to_state TEXT, refused_by TEXT,
        detail TEXT NOT NULL, payload_digest TEXT NOT NULL)",
    "CREATE INDEX timeline_order ON timeline (order_id, seq)",
    "CREATE INDEX timeline_task ON timeline (task_id, seq) WHERE task_id IS NOT NULL",
    "CREATE INDEX timeline_appeal ON timeline (appeal_id, seq) WHERE appeal_id IS NOT NULL",
];

const DOWN: &[&str] = &[
    "DROP TABLE timeline",
    "DROP TABLE case_party",
    "DROP TABLE verification",
    "DROP TABLE receipt",
    "DROP TABLE task_hop",
    "DROP TABLE task",
    "DROP TABLE order_item",
    "DROP TABLE order_approval",
    "DROP TABLE disposal_order",
    "DROP TABLE number_sequence",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let serial = match manager.get_database_backend() {
            sea_orm_migration::sea_orm::DbBackend::Postgres => "BIGSERIAL PRIMARY KEY",
            _ => "INTEGER PRIMARY KEY AUTOINCREMENT",
        };
        let statements: Vec<String> = UP.iter().map(|statement| statement.replace("{serial}", serial)).collect();
        let statements: Vec<&str> = statements.iter().map(String::as_str).collect();
        run_all(manager, &statements).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run_all(manager, DOWN).await
    }
}
