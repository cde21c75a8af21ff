//! Endpoints of enterprises, their signing keys, messages on their way and the log of attempts.

use sea_orm_migration::prelude::*;

use crate::dialect::run_all;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

const UP: &[&str] = &[
    "CREATE TABLE webhook_endpoint (
        id {uuid} PRIMARY KEY, organisation {uuid} NOT NULL, region INTEGER NOT NULL, label TEXT NOT NULL, url TEXT NOT NULL,
        kinds TEXT NOT NULL, state TEXT NOT NULL, disabled_reason TEXT, failures INTEGER NOT NULL, opened INTEGER NOT NULL,
        open_until BIGINT NOT NULL, probe_until BIGINT NOT NULL, last_success_at BIGINT, created_at BIGINT NOT NULL,
        version BIGINT NOT NULL)",
    "CREATE INDEX webhook_endpoint_organisation ON webhook_endpoint (organisation)",
    "CREATE TABLE webhook_key (
        id {uuid} PRIMARY KEY, endpoint {uuid} NOT NULL, kind TEXT NOT NULL, secret {bytes} NOT NULL, public TEXT,
        created_at BIGINT NOT NULL, retires_at BIGINT)",
    "CREATE INDEX webhook_key_endpoint ON webhook_key (endpoint)",
    "CREATE TABLE webhook_dispatch (
        id {uuid} PRIMARY KEY, message {uuid} NOT NULL, endpoint {uuid} NOT NULL, organisation {uuid} NOT NULL,
        region INTEGER NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL, generation INTEGER, urgency TEXT NOT NULL,
        priority INTEGER NOT NULL, body TEXT NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL, due BIGINT NOT NULL,
        lease_until BIGINT NOT NULL, fence BIGINT NOT NULL, begun_at BIGINT NOT NULL, created_at BIGINT NOT NULL,
        delivered_at BIGINT)",
    "CREATE UNIQUE INDEX webhook_dispatch_once ON webhook_dispatch (endpoint, message)",
    "CREATE INDEX webhook_dispatch_open ON webhook_dispatch (endpoint, due) WHERE state = 'pending'",
    "CREATE INDEX webhook_dispatch_subject ON webhook_dispatch (subject)",
    "CREATE INDEX webhook_dispatch_created ON webhook_dispatch (created_at)",
    "CREATE TABLE webhook_attempt (
        id {uuid} PRIMARY KEY, dispatch {uuid} NOT NULL, at BIGINT NOT NULL, outcome TEXT NOT NULL, status INTEGER,
        failure TEXT, latency_ms INTEGER NOT NULL, excerpt TEXT)",
    "CREATE INDEX webhook_attempt_dispatch ON webhook_attempt (dispatch, at)",
];

const DOWN: &[&str] = &[
    "DROP TABLE webhook_attempt",
    "DROP TABLE webhook_dispatch",
    "DROP TABLE webhook_key",
    "DROP TABLE webhook_endpoint",
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
