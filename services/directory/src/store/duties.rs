//! Roles that people hold, and roles that they lend.

use cordon_context::{
    AssignmentId, Cursor, DelegationId, Page, PageRequest, PersonId, Refusal, Role, Scope, Timestamp,
};
use cordon_directory_contract::{Delegation, DelegationFilter, RoleAssignment};
use cordon_policies::{Grant, act, on};
use cordon_store::sql::{COUNT, Direction, Reading, Sql};
use cordon_store::{Failure, Tx};
use sea_orm::{ConnectionTrait, QueryResult, Value};

use super::organisations::ORGANISATION;
use crate::domain::duties::Span;

const ASSIGNMENT: &str = "a.id, a.person, p.organisation, a.role, a.valid_from, a.valid_to, a.given_by, a.withdrawn_at";
const ASSIGNMENTS: &str =
    "role_assignment a JOIN person p ON p.id = a.person JOIN organisation o ON o.id = p.organisation";
const DELEGATION: &str =
    "d.id, d.organisation, d.from_person, d.to_person, d.role, d.valid_from, d.valid_to, d.revoked_at, d.created_at";
const DELEGATIONS: &str = "delegation d JOIN organisation o ON o.id = d.organisation";

fn read_assignment(row: &QueryResult) -> Result<RoleAssignment, Failure> {
    let row = Reading::of(row, "role_assignment");
    Ok(RoleAssignment {
        id: row.id("id")?,
        person: row.id("person")?,
        organisation: row.id("organisation")?,
        role: row.word("role", Role::from_name)?,
        valid_from: row.time("valid_from")?,
        valid_to: row.time_if("valid_to")?,
        given_by: row.id_if("given_by")?,
        withdrawn_at: row.time_if("withdrawn_at")?,
    })
}

fn read_delegation(row: &QueryResult) -> Result<(i64, Delegation), Failure> {
    let row = Reading::of(row, "delegation");
    let delegation = Delegation {
        id: row.id("id")?,
        organisation: row.id("organisation")?,
        from: row.id("from_person")?,
        to: row.id("to_person")?,
        role: row.word("role", Role::from_name)?,
        valid_from: row.time("valid_from")?,
        valid_to: row.time("valid_to")?,
        revoked_at: row.time_if("revoked_at")?,
    };
    Ok((row.get("created_at")?, delegation))
}

/// The roles of people within reach, whether they count now or not.
pub(crate) async fn assignments_of(
    connection: &impl ConnectionTrait,
    people: &[PersonId],
    scope: &Scope,
) -> Result<Vec<RoleAssignment>, Failure> {
    Sql::select(ASSIGNMENT, ASSIGNMENTS)
        .by_ids("a.person", people, scope, &ORGANISATION)
        .text(" ORDER BY a.created_at, a.id")
        .all(connection, read_assignment)
        .await
}

/// One assignment within reach, or the answer that it is not there.
pub(crate) async fn assignment(
    connection: &impl ConnectionTrait,
    id: AssignmentId,
    scope: &Scope,
) -> Result<RoleAssignment, Failure> {
    let found = Sql::select(ASSIGNMENT, ASSIGNMENTS).by_ids("a.id", &[id], scope, &ORGANISATION);
    found.one(connection, read_assignment).await?.ok_or_else(|| Refusal::not_found().into())
}

/// The roles that count for a person now: given ones, and lent ones whose lender still holds them and may act.
pub(crate) async fn effective_roles(
    connection: &impl ConnectionTrait,
    person: PersonId,
    now: Timestamp,
) -> Result<Vec<Role>, Failure> {
    let (person, now) = (person.uuid(), now.millis());
    let role = |row: &QueryResult| Reading::keyed(row, "role_assignment", "person").word("role", Role::from_name);
    let given = Sql::select("a.role, a.person", "role_assignment a")
        .with("a.person = ", person)
        .with(" AND a.withdrawn_at IS NULL AND a.valid_from <= ", now)
        .with(" AND (a.valid_to IS NULL OR a.valid_to > ", now)
        .text(")");
    let lent = Sql::new(
        "SELECT d.role, d.to_person AS person FROM delegation d
         JOIN person l ON l.id = d.from_person AND l.organisation = d.organisation AND l.active
         JOIN person b ON b.id = d.to_person AND b.organisation = d.organisation
         JOIN role_assignment a ON a.person = d.from_person AND a.role = d.role
         WHERE a.withdrawn_at IS NULL AND d.revoked_at IS NULL AND d.to_person = ",
    )
    .bind(person)
    .with(" AND d.valid_from <= ", now)
    .with(" AND d.valid_to > ", now)
    .with(" AND a.valid_from <= ", now)
    .with(" AND (a.valid_to IS NULL OR a.valid_to > ", now)
    .text(")");
    let mut roles = given.all(connection, role).await?;
    roles.extend(lent.all(connection, role).await?);
    roles.sort_unstable();
    roles.dedup();
    Ok(roles)
}

/// Everything that a person holds or will hold, for the check of what goes together.
pub(crate) async fn spans_of(tx: &Tx, person: PersonId) -> Result<Vec<Span>, Failure> {
    let given = assignments_of(tx.connection(), &[person], &Scope::system("duty check")).await?;
    let lent = Sql::select(DELEGATION, DELEGATIONS)
        .with("d.revoked_at IS NULL AND d.to_person = ", person.uuid())
        .all(tx.connection(), read_delegation)
        .await?;
    let mut spans: Vec<Span> = given
        .into_iter()
        .filter(|assignment| assignment.withdrawn_at.is_none())
        .map(|assignment| Span {
            role: assignment.role,
            from: assignment.valid_from,
            to: assignment.valid_to,
            lent: false,
        })
        .collect();
    spans.extend(lent.into_iter().map(|(_, delegation)| Span {
        role: delegation.role,
        from: delegation.valid_from,
        to: Some(delegation.valid_to),
        lent: true,
    }));
    Ok(spans)
}

/// Enters a role of a person.
pub(crate) async fn insert_assignment(
    tx: &Tx,
    _grant: &Grant<act::Create, on::RoleAssignment>,
    assignment: &RoleAssignment,
) -> Result<(), Failure> {
    Sql::new("INSERT INTO role_assignment (id, person, role, valid_from, valid_to, given_by, created_at) VALUES ")
        .list([
            Value::from(assignment.id.uuid()),
            assignment.person.uuid().into(),
            assignment.role.name().into(),
            assignment.valid_from.millis().into(),
            assignment.valid_to.map(Timestamp::millis).into(),
            assignment.given_by.map(cordon_context::Id::uuid).into(),
            tx.now().millis().into(),
        ])
        .run(tx.connection())
        .await?;
    Ok(())
}

/// Takes a role away.
pub(crate) async fn withdraw(
    tx: &Tx,
    _grant: &Grant<act::Modify, on::RoleAssignment>,
    id: AssignmentId,
) -> Result<(), Failure> {
    let by = tx.context().actor.person().map(cordon_context::Id::uuid);
    Sql::new("UPDATE role_assignment SET withdrawn_at = ")
        .bind(tx.now().millis())
        .with(", withdrawn_by = ", by)
        .with(" WHERE withdrawn_at IS NULL AND id = ", id.uuid())
        .run_one(tx.connection())
        .await
}

/// One delegation within reach, or the answer that it is not there.
pub(crate) async fn delegation(
    connection: &impl ConnectionTrait,
    id: DelegationId,
    scope: &Scope,
) -> Result<Delegation, Failure> {
    let found = Sql::select(DELEGATION, DELEGATIONS).by_ids("d.id", &[id], scope, &ORGANISATION);
    let (_, delegation) = found.one(connection, read_delegation).await?.ok_or_else(Refusal::not_found)?;
    Ok(delegation)
}

fn select(columns: &'static str, filter: &DelegationFilter, scope: &Scope, now: Timestamp) -> Sql {
    let mut sql = Sql::select(columns, DELEGATIONS).within(scope, &ORGANISATION);
    if let Some(person) = filter.person {
        sql = sql.with(" AND (d.from_person = ", person.uuid()).with(" OR d.to_person = ", person.uuid()).text(")");
    }
    if filter.effective {
        let now = now.millis();
        sql = sql.with(" AND d.revoked_at IS NULL AND d.valid_from <= ", now).with(" AND d.valid_to > ", now);
    }
    sql
}

/// A page of delegations within reach, newest first.
pub(crate) async fn delegations(
    connection: &impl ConnectionTrait,
    filter: &DelegationFilter,
    request: &PageRequest,
    scope: &Scope,
    now: Timestamp,
) -> Result<Page<Delegation>, Failure> {
    let found = select(DELEGATION, filter, scope, now).page("d.created_at", "d.id", Direction::Descending, request);
    let found = found.all(connection, read_delegation).await?;
    let total = select(COUNT, filter, scope, now).total(connection, request).await?;
    Ok(Page::cut(found, request, total, |(created_at, delegation)| Cursor {
        key: *created_at,
        id: delegation.id.uuid(),
    })
    .map(|(_, delegation)| delegation))
}

/// Enters a delegation.
pub(crate) async fn insert_delegation(
    tx: &Tx,
    _grant: &Grant<act::Create, on::Delegation>,
    delegation: &Delegation,
) -> Result<(), Failure> {
    Sql::new("INSERT INTO delegation (id, organisation, from_person, to_person, role, valid_from, valid_to, created_at) VALUES ")
        .list([
            Value::from(delegation.id.uuid()),
            delegation.organisation.uuid().into(),
            delegation.from.uuid().into(),
            delegation.to.uuid().into(),
            delegation.role.name().into(),
            delegation.valid_from.millis().into(),
            delegation.valid_to.millis().into(),
            tx.now().millis().into(),
        ])
        .run(tx.connection())
        .await?;
    Ok(())
}

/// Ends a delegation.
pub(crate) async fn revoke(
    tx: &Tx,
    _grant: &Grant<act::Modify, on::Delegation>,
    id: DelegationId,
) -> Result<(), Failure> {
    let by = tx.context().actor.person().map(cordon_context::Id::uuid);
    Sql::new("UPDATE delegation SET revoked_at = ")
        .bind(tx.now().millis())
        .with(", revoked_by = ", by)
        .with(" WHERE revoked_at IS NULL AND id = ", id.uuid())
        .run_one(tx.connection())
        .await
}
