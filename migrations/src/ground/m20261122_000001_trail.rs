//! Outbox, inbox, idempotency records and the ledger.

use sea_orm_migration::prelude::*;

use crate::dialect::run_all;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

const UP: &[&str] = &[
    "CREATE TABLE outbox (
        position BIGINT PRIMARY KEY, id {uuid} NOT NULL, topic TEXT NOT NULL, subject TEXT NOT NULL,
        audience TEXT NOT NULL, payload TEXT NOT NULL, at BIGINT NOT NULL, due BIGINT NOT NULL,
        lease_until BIGINT NOT NULL, fence BIGINT NOT NULL, attempts INTEGER NOT NULL, delivered_at BIGINT)",
    "CREATE UNIQUE INDEX outbox_id ON outbox (id)",
    "CREATE INDEX outbox_open ON outbox (due) WHERE delivered_at IS NULL",
    "CREATE TABLE inbox (
        consumer TEXT NOT NULL, event {uuid} NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (consumer, event))",
    "CREATE TABLE idempotency (
        organisation {uuid} NOT NULL, operation TEXT NOT NULL, key TEXT NOT NULL, input_digest {bytes} NOT NULL,
        answer TEXT, at BIGINT NOT NULL, PRIMARY KEY (organisation, operation, key))",
    "CREATE TABLE ledger_entry (
        seq BIGINT PRIMARY KEY, chain TEXT NOT NULL, at BIGINT NOT NULL, actor TEXT NOT NULL, actor_kind TEXT NOT NULL,
        organization TEXT NOT NULL, on_behalf_of TEXT, action TEXT NOT NULL, object_kind TEXT NOT NULL,
        object_id TEXT NOT NULL, object_organization TEXT, outcome TEXT NOT NULL, policy_version TEXT NOT NULL,
        payload_digest {bytes} NOT NULL, payload TEXT, trace TEXT, prev_hash {bytes} NOT NULL, entry_hash {bytes} NOT NULL)",
    "CREATE INDEX ledger_entry_object ON ledger_entry (object_id)",
    // One row: the end of the chain, and the position of the newest event. A write locks it last of all.
    "CREATE TABLE ledger_chain (
        chain TEXT PRIMARY KEY, state TEXT NOT NULL, position BIGINT NOT NULL)",
    "CREATE TABLE ledger_head (
        tree_size BIGINT PRIMARY KEY, at BIGINT NOT NULL, head TEXT NOT NULL)",
];

const DOWN: &[&str] = &[
    "DROP TABLE ledger_head",
    "DROP TABLE ledger_chain",
    "DROP TABLE ledger_entry",
    "DROP TABLE idempotency",
    "DROP TABLE inbox",
    "DROP TABLE outbox",
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
