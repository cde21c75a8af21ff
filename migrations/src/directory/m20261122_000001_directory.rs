//! Organisations, what they answer for, people, their duties, and every kind of credential.

use sea_orm_migration::prelude::*;

use crate::dialect::run_all;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261122_000001_directory"
    }
}

const UP: &[&str] = &[
    "CREATE TABLE organisation (
        id {uuid} PRIMARY KEY, code TEXT NOT NULL, name TEXT NOT NULL, name_en TEXT NOT NULL, kind TEXT NOT NULL,
        level TEXT NOT NULL, region INTEGER NOT NULL, parent {uuid} REFERENCES organisation (id), contact TEXT NOT NULL,
        active BOOLEAN NOT NULL, created_at BIGINT NOT NULL, version BIGINT NOT NULL)",
    "CREATE UNIQUE INDEX organisation_code ON organisation (code)",
    "CREATE INDEX organisation_place ON organisation (region, id)",
    "CREATE INDEX organisation_parent ON organisation (parent)",
    // Nobody can answer for what somebody else answers for already; the region tells the branches of a network apart.
    "CREATE TABLE responsibility (
        kind TEXT NOT NULL, code TEXT NOT NULL, region INTEGER NOT NULL,
        organisation {uuid} NOT NULL REFERENCES organisation (id), PRIMARY KEY (kind, code, region))",
    "CREATE INDEX responsibility_organisation ON responsibility (organisation)",
    "CREATE TABLE person (
        id {uuid} PRIMARY KEY, organisation {uuid} NOT NULL REFERENCES organisation (id), login_index {bytes} NOT NULL,
        login {bytes} NOT NULL, name {bytes} NOT NULL, post TEXT NOT NULL, active BOOLEAN NOT NULL,
        password_hash TEXT NOT NULL, must_change BOOLEAN NOT NULL, code_secret {bytes}, code_pending {bytes},
        code_step BIGINT, created_at BIGINT NOT NULL, changed_at BIGINT NOT NULL, version BIGINT NOT NULL)",
    "CREATE UNIQUE INDEX person_login ON person (login_index)",
    "CREATE INDEX person_organisation ON person (organisation, created_at, id)",
    "CREATE INDEX person_created ON person (created_at, id)",
    "CREATE TABLE role_assignment (
        id {uuid} PRIMARY KEY, person {uuid} NOT NULL REFERENCES person (id), role TEXT NOT NULL,
        valid_from BIGINT NOT NULL, valid_to BIGINT, given_by {uuid}, created_at BIGINT NOT NULL,
        withdrawn_at BIGINT, withdrawn_by {uuid})",
    "CREATE INDEX role_assignment_person ON role_assignment (person)",
    "CREATE INDEX role_assignment_open ON role_assignment (role) WHERE withdrawn_at IS NULL",
    "CREATE TABLE delegation (
        id {uuid} PRIMARY KEY, organisation {uuid} NOT NULL REFERENCES organisation (id),
        from_person {uuid} NOT NULL REFERENCES person (id), to_person {uuid} NOT NULL REFERENCES person (id),
        role TEXT NOT NULL, valid_from BIGINT NOT NULL, valid_to BIGINT NOT NULL, created_at BIGINT NOT NULL,
        revoked_at BIGINT, revoked_by {uuid})",
    "CREATE INDEX delegation_to ON delegation (to_person)",
    "CREATE INDEX delegation_from ON delegation (from_person)",
    "CREATE INDEX delegation_created ON delegation (created_at, id)",
    "CREATE TABLE session (
        id {uuid} PRIMARY KEY, person {uuid} NOT NULL REFERENCES person (id), token_digest {bytes} NOT NULL,
        origin {bytes}, created_at BIGINT NOT NULL, last_seen_at BIGINT NOT NULL, expires_at BIGINT NOT NULL,
        ended_at BIGINT)",
    "CREATE UNIQUE INDEX session_token ON session (token_digest)",
    "CREATE INDEX session_person ON session (person)",
    "CREATE INDEX session_expiry ON session (expires_at)",
    // Keyed by the fingerprint of what was typed, so that logins that do not exist are slowed down like those that do.
    "CREATE TABLE sign_in_guard (
        login_index {bytes} PRIMARY KEY, failures INTEGER NOT NULL, last_at BIGINT NOT NULL, locked_until BIGINT)",
    "CREATE INDEX sign_in_guard_age ON sign_in_guard (last_at)",
    "CREATE TABLE api_client (
        id {uuid} PRIMARY KEY, organisation {uuid} NOT NULL REFERENCES organisation (id), label TEXT NOT NULL,
        roles TEXT NOT NULL, allowed_addresses TEXT NOT NULL, secret_digest {bytes} NOT NULL, valid_days INTEGER NOT NULL, expires_at BIGINT NOT NULL,
        previous_digest {bytes}, previous_until BIGINT, created_at BIGINT NOT NULL, last_seen_at BIGINT,
        revoked_at BIGINT, version BIGINT NOT NULL)",
    "CREATE INDEX api_client_organisation ON api_client (organisation)",
    "CREATE INDEX api_client_created ON api_client (created_at, id)",
    "CREATE TABLE document (
        id {uuid} PRIMARY KEY, organisation {uuid} NOT NULL REFERENCES organisation (id), hash TEXT NOT NULL,
        text TEXT NOT NULL, created_at BIGINT NOT NULL)",
    "CREATE UNIQUE INDEX document_hash ON document (organisation, hash)",
    "CREATE INDEX document_created ON document (created_at, id)",
];

const DOWN: &[&str] = &[
    "DROP TABLE document",
    "DROP TABLE api_client",
    "DROP TABLE sign_in_guard",
    "DROP TABLE session",
    "DROP TABLE delegation",
    "DROP TABLE role_assignment",
    "DROP TABLE person",
    "DROP TABLE responsibility",
    "DROP TABLE organisation",
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
