//! The part of every query that authorization writes.

use cordon_context::{OrganisationId, Reach, Scope};

use super::sql::{Sql, uuids};

/// Where the ways of reaching a row are found; a way that a table does not have reaches nothing.
pub(super) struct Reachable {
    /// The column with the row's region.
    pub region: Option<&'static str>,
    /// The column with the organisation to which the row belongs.
    pub organisation: Option<&'static str>,
    /// Adds the condition that the row is addressed to one of these organisations.
    pub addressed: Option<fn(&mut Sql, &[OrganisationId])>,
    /// Adds the condition that the row belongs to a case in which this organisation takes part.
    pub own_case: Option<fn(&mut Sql, OrganisationId)>,
}

/// Adds ` AND (…)`: what lies outside the scope is as if it did not exist.
pub(super) fn push_scope(sql: &mut Sql, scope: &Scope, reachable: &Reachable) {
    if scope.is_all() {
        return;
    }
    sql.push(" AND (1 = 0");
    for reach in scope.reaches() {
        match reach {
            Reach::All => {
                sql.push(" OR 1 = 1");
            }
            Reach::Region(region) => {
                if let Some(column) = reachable.region {
                    let (low, high) = region.range();
                    let bound = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
                    sql.push(" OR ").push(column).with(" BETWEEN ", bound(low)).with(" AND ", bound(high));
                }
            }
            Reach::Organisation(organisation) => {
                if let Some(column) = reachable.organisation {
                    sql.push(" OR ").push(column).with(" = ", organisation.uuid());
                }
            }
            Reach::Addressed(organisations) => {
                if let Some(push) = reachable.addressed {
                    sql.push(" OR ");
                    push(sql, organisations);
                }
            }
            Reach::OwnCase(organisation) => {
                if let Some(push) = reachable.own_case {
                    sql.push(" OR ");
                    push(sql, *organisation);
                }
            }
        }
    }
    sql.push(")");
}

pub(super) const REPORTS: Reachable = Reachable {
    region: Some("r.region"),
    organisation: Some("r.organisation"),
    addressed: Some(|sql, organisations| {
        sql.push("r.handler").bind_list(uuids(organisations));
    }),
    own_case: Some(|sql, organisation| {
        sql.push(
            "EXISTS (SELECT 1 FROM case_report cr JOIN case_participant cp ON cp.case_id = cr.case_id \
             WHERE cr.report_id = r.id AND cp.organisation = ",
        )
        .bind(organisation.uuid())
        .push(")");
    }),
};

pub(super) const CASES: Reachable = Reachable {
    region: Some("c.region"),
    organisation: Some("c.organisation"),
    addressed: None,
    own_case: Some(|sql, organisation| {
        sql.push("EXISTS (SELECT 1 FROM case_participant cp WHERE cp.case_id = c.id AND cp.organisation = ")
            .bind(organisation.uuid())
            .push(")");
    }),
};

pub(super) const IMPORTS: Reachable =
    Reachable { region: None, organisation: Some("i.organisation"), addressed: None, own_case: None };

pub(super) const CLUE_QUERIES: Reachable = Reachable {
    region: Some("q.region"),
    organisation: Some("q.organisation"),
    // What was not issued yet does not exist for the enterprise.
    addressed: Some(|sql, organisations| {
        sql.push("(q.issued_at IS NOT NULL AND q.addressee").bind_list(uuids(organisations)).push(")");
    }),
    own_case: Some(|sql, organisation| {
        sql.push("EXISTS (SELECT 1 FROM case_participant cp WHERE cp.case_id = q.case_id AND cp.organisation = ")
            .bind(organisation.uuid())
            .push(")");
    }),
};

pub(super) const CLUES: Reachable = Reachable {
    region: Some("u.region"),
    organisation: Some("u.organisation"),
    addressed: Some(|sql, organisations| {
        sql.push("u.addressee").bind_list(uuids(organisations));
    }),
    own_case: None,
};

pub(super) const BULLETINS: Reachable = Reachable {
    region: Some("b.region"),
    organisation: Some("b.organisation"),
    // What was not sent yet does not exist for the authority and the enterprises.
    addressed: Some(|sql, organisations| {
        sql.push("(b.sent_at IS NOT NULL AND (b.authority").bind_list(uuids(organisations));
        sql.push(" OR EXISTS (SELECT 1 FROM trace_back tb WHERE tb.bulletin_id = b.id AND tb.enterprise")
            .bind_list(uuids(organisations))
            .push(")))");
    }),
    own_case: Some(|sql, organisation| {
        sql.push("EXISTS (SELECT 1 FROM case_participant cp WHERE cp.case_id = b.case_id AND cp.organisation = ")
            .bind(organisation.uuid())
            .push(")");
    }),
};

/// A trace-back lies within reach if its bulletin does; an enterprise reaches only its own.
pub(super) const TRACE_BACKS: Reachable = Reachable {
    region: Some("b.region"),
    organisation: Some("b.organisation"),
    addressed: Some(|sql, organisations| {
        sql.push("(b.sent_at IS NOT NULL AND (b.authority").bind_list(uuids(organisations));
        sql.push(" OR t.enterprise").bind_list(uuids(organisations)).push("))");
    }),
    own_case: BULLETINS.own_case,
};

/// The condition that a column lies in a region.
pub(super) fn push_region(sql: &mut Sql, column: &str, region: cordon_context::Region) {
    let (low, high) = region.range();
    let bound = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    sql.push(" AND ").push(column).with(" BETWEEN ", bound(low)).with(" AND ", bound(high));
}
