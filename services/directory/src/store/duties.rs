//! Roles that people hold, and roles that they lend.

use cordon_context::{
    AssignmentId, DelegationId, OrganisationId, Page, PageRequest, PersonId, Refusal, Role, Scope, Timestamp,
};
use cordon_directory_contract::{Delegation, DelegationFilter, RoleAssignment};
use cordon_policies::{Grant, act, on};
use cordon_store::{CorruptRow, Failure, Tx};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use uuid::Uuid;

use super::sql::{Sql, place};
use super::words::role;
use crate::domain::duties::Span;

const ASSIGNMENTS: &str =
    "SELECT a.id, a.person, p.organisation, a.role, a.valid_from, a.valid_to, a.given_by, a.withdrawn_at
    FROM role_assignment a JOIN person p ON p.id = a.person JOIN organisation o ON o.id = p.organisation WHERE 1 = 1";
const DELEGATIONS: &str = "SELECT d.id, d.organisation, d.from_person, d.to_person, d.role, d.valid_from, d.valid_to, d.revoked_at, d.created_at
    FROM delegation d JOIN organisation o ON o.id = d.organisation WHERE 1 = 1";

#[derive(FromQueryResult)]
struct AssignmentRow {
    id: Uuid,
    person: Uuid,
    organisation: Uuid,
    role: String,
    valid_from: i64,
    valid_to: Option<i64>,
    given_by: Option<Uuid>,
    withdrawn_at: Option<i64>,
}

impl TryFrom<AssignmentRow> for RoleAssignment {
    type Error = CorruptRow;

    fn try_from(row: AssignmentRow) -> Result<Self, CorruptRow> {
        let AssignmentRow { id, person, organisation, role: name, valid_from, valid_to, given_by, withdrawn_at } = row;
        Ok(Self {
            id: AssignmentId::from_uuid(id),
            person: PersonId::from_uuid(person),
            organisation: OrganisationId::from_uuid(organisation),
            role: role(&name, "role_assignment", id)?,
            valid_from: Timestamp::from_millis(valid_from),
            valid_to: valid_to.map(Timestamp::from_millis),
            given_by: given_by.map(PersonId::from_uuid),
            withdrawn_at: withdrawn_at.map(Timestamp::from_millis),
        })
    }
}

#[derive(FromQueryResult)]
struct DelegationRow {
    id: Uuid,
    organisation: Uuid,
    from_person: Uuid,
    to_person: Uuid,
    role: String,
    valid_from: i64,
    valid_to: i64,
    revoked_at: Option<i64>,
    created_at: i64,
}

impl TryFrom<DelegationRow> for (i64, Delegation) {
    type Error = CorruptRow;

    fn try_from(row: DelegationRow) -> Result<Self, CorruptRow> {
        let DelegationRow {
            id,
            organisation,
            from_person,
            to_person,
            role: name,
            valid_from,
            valid_to,
            revoked_at,
            created_at,
        } = row;
        let delegation = Delegation {
            id: DelegationId::from_uuid(id),
            organisation: OrganisationId::from_uuid(organisation),
            from: PersonId::from_uuid(from_person),
            to: PersonId::from_uuid(to_person),
            role: role(&name, "delegation", id)?,
            valid_from: Timestamp::from_millis(valid_from),
            valid_to: Timestamp::from_millis(valid_to),
            revoked_at: revoked_at.map(Timestamp::from_millis),
        };
        Ok((created_at, delegation))
    }
}

#[derive(FromQueryResult)]
struct RoleRow {
    role: String,
}

/// The roles of people within reach, whether they count now or not.
pub(crate) async fn assignments_of(
    connection: &impl ConnectionTrait,
    people: &[PersonId],
    scope: &Scope,
) -> Result<Vec<RoleAssignment>, Failure> {
    let rows: Vec<AssignmentRow> = Sql::new(ASSIGNMENTS)
        .text(" AND a.person IN ")
        .bind_all(people.iter().map(|person| person.uuid()))
        .within(scope)
        .text(" ORDER BY a.created_at, a.id")
        .all(connection)
        .await?;
    rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
}

/// One assignment within reach, or the answer that it is not there.
pub(crate) async fn assignment(
    connection: &impl ConnectionTrait,
    id: AssignmentId,
    scope: &Scope,
) -> Result<RoleAssignment, Failure> {
    let row: Option<AssignmentRow> =
        Sql::new(ASSIGNMENTS).text(" AND a.id = ").bind(id.uuid()).within(scope).one(connection).await?;
    Ok(row.ok_or_else(Refusal::not_found)?.try_into()?)
}

/// The roles that count for a person now: given ones, and lent ones whose lender still holds them and may act.
pub(crate) async fn effective_roles(
    connection: &impl ConnectionTrait,
    person: PersonId,
    now: Timestamp,
) -> Result<Vec<Role>, Failure> {
    let (person, now) = (person.uuid(), now.millis());
    let given: Vec<RoleRow> = Sql::new("SELECT a.role FROM role_assignment a WHERE a.person = ")
        .bind(person)
        .text(" AND a.withdrawn_at IS NULL AND a.valid_from <= ")
        .bind(now)
        .text(" AND (a.valid_to IS NULL OR a.valid_to > ")
        .bind(now)
        .text(")")
        .all(connection)
        .await?;
    let lent: Vec<RoleRow> = Sql::new(
        "SELECT d.role FROM delegation d
         JOIN person l ON l.id = d.from_person AND l.organisation = d.organisation AND l.active
         JOIN person b ON b.id = d.to_person AND b.organisation = d.organisation
         JOIN role_assignment a ON a.person = d.from_person AND a.role = d.role
         WHERE a.withdrawn_at IS NULL AND d.revoked_at IS NULL AND d.to_person = ",
    )
    .bind(person)
    .text(" AND d.valid_from <= ")
    .bind(now)
    .text(" AND d.valid_to > ")
    .bind(now)
    .text(" AND a.valid_from <= ")
    .bind(now)
    .text(" AND (a.valid_to IS NULL OR a.valid_to > ")
    .bind(now)
    .text(")")
    .all(connection)
    .await?;
    let mut roles = given
        .iter()
        .chain(&lent)
        .map(|row| role(&row.role, "role_assignment", person))
        .collect::<Result<Vec<_>, _>>()?;
    roles.sort_unstable();
    roles.dedup();
    Ok(roles)
}

/// Everything that a person holds or will hold, for the check of what goes together.
pub(crate) async fn spans_of(tx: &Tx, person: PersonId) -> Result<Vec<Span>, Failure> {
    let given = assignments_of(tx.connection(), &[person], &Scope::system("duty check")).await?;
    let lent: Vec<DelegationRow> = Sql::new(DELEGATIONS)
        .text(" AND d.revoked_at IS NULL AND d.to_person = ")
        .bind(person.uuid())
        .all(tx.connection())
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
    for row in lent {
        let (_, delegation) = row.try_into()?;
        spans.push(Span {
            role: delegation.role,
            from: delegation.valid_from,
            to: Some(delegation.valid_to),
            lent: true,
        });
    }
    Ok(spans)
}

/// Enters a role of a person.
pub(crate) async fn insert_assignment(
    tx: &Tx,
    _grant: &Grant<act::Create, on::RoleAssignment>,
    assignment: &RoleAssignment,
) -> Result<(), Failure> {
    Sql::new("INSERT INTO role_assignment (id, person, role, valid_from, valid_to, given_by, created_at) VALUES ")
        .bind_all([
            Value::from(assignment.id.uuid()),
            assignment.person.uuid().into(),
            assignment.role.name().into(),
            assignment.valid_from.millis().into(),
            assignment.valid_to.map(Timestamp::millis).into(),
            assignment.given_by.map(cordon_context::Id::uuid).into(),
            tx.now().millis().into(),
        ])
        .execute(tx.connection())
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
    let changed = Sql::new("UPDATE role_assignment SET withdrawn_at = ")
        .bind(tx.now().millis())
        .text(", withdrawn_by = ")
        .bind(by)
        .text(" WHERE withdrawn_at IS NULL AND id = ")
        .bind(id.uuid())
        .execute(tx.connection())
        .await?;
    if changed == 1 { Ok(()) } else { Err(Refusal::conflict().into()) }
}

/// One delegation within reach, or the answer that it is not there.
pub(crate) async fn delegation(
    connection: &impl ConnectionTrait,
    id: DelegationId,
    scope: &Scope,
) -> Result<Delegation, Failure> {
    let row: Option<DelegationRow> =
        Sql::new(DELEGATIONS).text(" AND d.id = ").bind(id.uuid()).within(scope).one(connection).await?;
    let (_, delegation) = row.ok_or_else(Refusal::not_found)?.try_into()?;
    Ok(delegation)
}

fn narrowed(mut sql: Sql, filter: &DelegationFilter, now: Timestamp) -> Sql {
    if let Some(person) = filter.person {
        sql = sql
            .text(" AND (d.from_person = ")
            .bind(person.uuid())
            .text(" OR d.to_person = ")
            .bind(person.uuid())
            .text(")");
    }
    if filter.effective {
        let now = now.millis();
        sql = sql.text(" AND d.revoked_at IS NULL AND d.valid_from <= ").bind(now).text(" AND d.valid_to > ").bind(now);
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
    let rows: Vec<DelegationRow> = narrowed(Sql::new(DELEGATIONS), filter, now)
        .within(scope)
        .descending_after(request, "d.created_at", "d.id")
        .text(" ORDER BY d.created_at DESC, d.id DESC")
        .limit(request)
        .all(connection)
        .await?;
    let total = if request.count {
        let sql = Sql::new(
            "SELECT COUNT(*) AS count FROM delegation d JOIN organisation o ON o.id = d.organisation WHERE 1 = 1",
        );
        Some(narrowed(sql, filter, now).within(scope).count(connection).await?)
    } else {
        None
    };
    let found = rows.into_iter().map(|row| Ok(row.try_into()?)).collect::<Result<Vec<(i64, Delegation)>, Failure>>()?;
    Ok(Page::cut(found, request, total, |(created_at, delegation)| place(*created_at, delegation.id.uuid()))
        .map(|(_, delegation)| delegation))
}

/// Enters a delegation.
pub(crate) async fn insert_delegation(
    tx: &Tx,
    _grant: &Grant<act::Create, on::Delegation>,
    delegation: &Delegation,
) -> Result<(), Failure> {
    Sql::new("INSERT INTO delegation (id, organisation, from_person, to_person, role, valid_from, valid_to, created_at) VALUES ")
        .bind_all([
            Value::from(delegation.id.uuid()),
            delegation.organisation.uuid().into(),
            delegation.from.uuid().into(),
            delegation.to.uuid().into(),
            delegation.role.name().into(),
            delegation.valid_from.millis().into(),
            delegation.valid_to.millis().into(),
            tx.now().millis().into(),
        ])
        .execute(tx.connection())
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
    let changed = Sql::new("UPDATE delegation SET revoked_at = ")
        .bind(tx.now().millis())
        .text(", revoked_by = ")
        .bind(by)
        .text(" WHERE revoked_at IS NULL AND id = ")
        .bind(id.uuid())
        .execute(tx.connection())
        .await?;
    if changed == 1 { Ok(()) } else { Err(Refusal::conflict().into()) }
}
