//! Where the ways of reaching the rows of case intake are found.

use cordon_context::OrganisationId;
use cordon_store::sql::{Reachable, Sql};

pub(super) const REPORTS: Reachable = Reachable {
    region: Some("r.region"),
    owners: &["r.organisation"],
    // Whoever handles it now; it has no handler before it is dispatched.
    addressed: Some(|sql, organisations| sql.text("r.handler IN ").ids(organisations)),
    own_case: Some(|sql, organisation| {
        sql.text(
            "EXISTS (SELECT 1 FROM case_report cr JOIN case_participant cp ON cp.case_id = cr.case_id \
             WHERE cr.report_id = r.id AND cp.organisation = ",
        )
        .bind(organisation.uuid())
        .text(")")
    }),
};

pub(super) const CASES: Reachable = Reachable {
    region: Some("c.region"),
    owners: &["c.organisation"],
    addressed: None,
    own_case: Some(|sql, organisation| taking_part(sql, "c.id", organisation)),
};

pub(super) const IMPORTS: Reachable =
    Reachable { region: None, owners: &["i.organisation"], addressed: None, own_case: None };

pub(super) const CLUE_QUERIES: Reachable = Reachable {
    region: Some("q.region"),
    owners: &["q.organisation"],
    // What was not issued yet does not exist for the enterprise.
    addressed: Some(|sql, organisations| {
        sql.text("(q.issued_at IS NOT NULL AND q.addressee IN ").ids(organisations).text(")")
    }),
    own_case: Some(|sql, organisation| taking_part(sql, "q.case_id", organisation)),
};

pub(super) const CLUES: Reachable = Reachable {
    region: Some("u.region"),
    owners: &["u.organisation"],
    addressed: Some(|sql, organisations| sql.text("u.addressee IN ").ids(organisations)),
    own_case: None,
};

pub(super) const BULLETINS: Reachable = Reachable {
    region: Some("b.region"),
    owners: &["b.organisation"],
    // What was not sent yet does not exist for the authority and the enterprises.
    addressed: Some(|sql, organisations| {
        sql.text("(b.sent_at IS NOT NULL AND (b.authority IN ")
            .ids(organisations)
            .text(" OR EXISTS (SELECT 1 FROM trace_back tb WHERE tb.bulletin_id = b.id AND tb.enterprise IN ")
            .ids(organisations)
            .text(")))")
    }),
    own_case: Some(|sql, organisation| taking_part(sql, "b.case_id", organisation)),
};

/// A trace-back lies within reach if its bulletin does; an enterprise reaches only its own.
pub(super) const TRACE_BACKS: Reachable = Reachable {
    addressed: Some(|sql, organisations| {
        let sql = sql.text("(b.sent_at IS NOT NULL AND (b.authority IN ").ids(organisations);
        sql.text(" OR t.enterprise IN ").ids(organisations).text("))")
    }),
    ..BULLETINS
};

fn taking_part(sql: Sql, case: &'static str, organisation: OrganisationId) -> Sql {
    sql.text("EXISTS (SELECT 1 FROM case_participant cp WHERE cp.case_id = ")
        .text(case)
        .with(" AND cp.organisation = ", organisation.uuid())
        .text(")")
}
