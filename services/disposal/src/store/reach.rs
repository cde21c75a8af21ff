//! Where the ways of reaching the rows of this service are found.

use cordon_context::OrganisationId;
use cordon_store::sql::{Reachable, Sql};

/// Orders belong to their requester and are addressed by their tasks.
pub(crate) const ORDER: Reachable = Reachable {
    owners: &["requester"],
    addressed: Some(|sql, organisations| {
        sql.text("EXISTS (SELECT 1 FROM task addressed WHERE addressed.order_id = disposal_order.id AND addressed.executor IN ")
            .ids(organisations)
            .text(")")
    }),
    ..OF_CASE
};
/// Tasks belong to the requester and are addressed to the executor.
pub(crate) const TASK: Reachable = Reachable {
    owners: &["requester"],
    addressed: Some(|sql, organisations| sql.text("executor IN ").ids(organisations)),
    ..OF_CASE
};
/// Notices belong to the requester and are addressed to the giver.
pub(crate) const NOTICE: Reachable = Reachable {
    owners: &["requester", "giver"],
    addressed: Some(|sql, organisations| sql.text("giver IN ").ids(organisations)),
    ..OF_CASE
};
/// Releases belong to the requester of their task and to whoever decided, and are addressed to the executor.
pub(crate) const RELEASE: Reachable = Reachable { owners: &["requester", "organisation"], ..TASK };
/// Appeals belong to who registered them and to who hears them, and are addressed to both and to the executor.
pub(crate) const APPEAL: Reachable = Reachable {
    owners: &["received_by", "competent"],
    addressed: Some(|sql, organisations| {
        let sql = sql.text("executor IN ").ids(organisations);
        sql.text(" OR received_by IN ").ids(organisations).text(" OR competent IN ").ids(organisations)
    }),
    ..OF_CASE
};
/// Entries of the protected list belong to who proposed them, and are addressed to nobody.
pub(crate) const PROTECTED: Reachable = Reachable { addressed: None, ..ENDPOINT };
/// Endpoints and their messages belong to an organisation and to no case.
pub(crate) const ENDPOINT: Reachable = Reachable {
    region: Some("region"),
    owners: &["organisation"],
    addressed: Some(|sql, organisations| sql.text("organisation IN ").ids(organisations)),
    own_case: None,
};
/// What most tables share: they say in which region and to which case a row belongs.
const OF_CASE: Reachable = Reachable { region: Some("region"), owners: &[], addressed: None, own_case: Some(own_case) };

fn own_case(sql: Sql, organisation: OrganisationId) -> Sql {
    sql.with("case_id IN (SELECT p.case_id FROM case_party p WHERE p.organisation = ", organisation.uuid()).text(")")
}
