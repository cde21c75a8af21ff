//! How a scope becomes a condition.

use cordon_context::{Reach, Scope};

use super::delivery_query::{Query, number};

/// Which columns of a table say to whom a row belongs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Belongs {
    /// The organisations to which it belongs.
    pub(crate) owner: &'static [&'static str],
    /// The organisations to which it is addressed.
    pub(crate) addressed: Addressed,
}

/// How a row says to whom it is addressed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Addressed {
    /// By columns.
    Columns(&'static [&'static str]),
    /// By the executors of the tasks of the order whose identifier stands in this column.
    Tasks(&'static str),
}

/// Adds the condition that a row lies within reach; regions stand in `region`, cases in `case_id`.
///
/// A single way of reaching stands alone, so that the database can use an index for it.
pub(crate) fn within(query: Query, scope: &Scope, belongs: Belongs) -> Query {
    let mut query = query.text("(");
    let mut first = true;
    let mut or = |query: Query| {
        let query = if first { query } else { query.text(" OR ") };
        first = false;
        query
    };
    for reach in scope.reaches() {
        query = match reach {
            Reach::All => or(query).text("1 = 1"),
            Reach::Region(region) => {
                let (low, high) = region.range();
                or(query).text("region BETWEEN ").value(number(low)).text(" AND ").value(number(high))
            }
            Reach::Organisation(organisation) => {
                for column in belongs.owner {
                    query = or(query).text(column).text(" = ").value(organisation.uuid());
                }
                query
            }
            Reach::Addressed(organisations) => {
                let ids = || organisations.iter().map(|organisation| organisation.uuid());
                match belongs.addressed {
                    Addressed::Columns(columns) => {
                        for column in columns {
                            query = or(query).text(column).text(" IN ").list(ids());
                        }
                        query
                    }
                    Addressed::Tasks(order) => or(query)
                        .text("EXISTS (SELECT 1 FROM task addressed WHERE addressed.order_id = ")
                        .text(order)
                        .text(" AND addressed.executor IN ")
                        .list(ids())
                        .text(")"),
                }
            }
            Reach::OwnCase(organisation) => or(query)
                .text("case_id IN (SELECT p.case_id FROM case_party p WHERE p.organisation = ")
                .value(organisation.uuid())
                .text(")"),
        };
    }
    if first {
        // Nothing reaches anything.
        query = query.text("1 = 0");
    }
    query.text(")")
}

/// Orders belong to their requester and are addressed by their tasks.
pub(crate) const ORDER: Belongs = Belongs { owner: &["requester"], addressed: Addressed::Tasks("disposal_order.id") };
/// Tasks belong to the requester and are addressed to the executor.
pub(crate) const TASK: Belongs = Belongs { owner: &["requester"], addressed: Addressed::Columns(&["executor"]) };
/// Notices belong to the requester and are addressed to the giver.
pub(crate) const NOTICE: Belongs =
    Belongs { owner: &["requester", "giver"], addressed: Addressed::Columns(&["giver"]) };
/// Releases belong to the requester of their task and to whoever decided, and are addressed to the executor.
pub(crate) const RELEASE: Belongs =
    Belongs { owner: &["requester", "organisation"], addressed: Addressed::Columns(&["executor"]) };
/// Appeals belong to who registered them and to who hears them, and are addressed to both and to the executor.
pub(crate) const APPEAL: Belongs = Belongs {
    owner: &["received_by", "competent"],
    addressed: Addressed::Columns(&["executor", "received_by", "competent"]),
};
