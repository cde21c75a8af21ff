//! The part of every query that authorization writes.

use cordon_context::{OrganisationId, Reach, Scope};

use super::Sql;

/// Where the ways of reaching a row of a table are found; a way that a table does not have reaches nothing.
#[derive(Clone, Copy, Debug)]
pub struct Reachable {
    /// The column with the row's region.
    pub region: Option<&'static str>,
    /// The columns with the organisations to which the row belongs.
    pub owners: &'static [&'static str],
    /// Adds the condition that the row is addressed to one of these organisations.
    pub addressed: Option<fn(Sql, &[OrganisationId]) -> Sql>,
    /// Adds the condition that the row belongs to a case in which this organisation takes part.
    pub own_case: Option<fn(Sql, OrganisationId) -> Sql>,
}

/// The column that says whether an enterprise brought a row about on its own finding, in every table that can hold such rows.
const OWN_MEASURE: &str = "own_measure";

impl Sql {
    /// Adds the condition that a row lies within reach: what lies outside is as if it did not exist.
    ///
    /// A single way of reaching stands alone, so that the database can use an index for it.
    pub fn within(self, scope: &Scope, reachable: &Reachable) -> Self {
        let mut before = "(";
        let mut or = |sql: Self| sql.text(std::mem::replace(&mut before, " OR "));
        let mut sql = self;
        // Whoever reaches everything needs no other way.
        let reaches = if scope.is_all() { &[Reach::All] } else { scope.reaches() };
        for reach in reaches {
            sql = match reach {
                Reach::All => or(sql).text("1 = 1"),
                Reach::Region(region) => match reachable.region {
                    Some(column) => or(sql).in_region(column, *region),
                    None => sql,
                },
                Reach::Instructed(region) => match reachable.region {
                    Some(column) => {
                        or(sql).text("(").in_region(column, *region).text(" AND ").text(OWN_MEASURE).text(" = FALSE)")
                    }
                    None => sql,
                },
                Reach::Organisation(organisation) => reachable
                    .owners
                    .iter()
                    .fold(sql, |sql, column| or(sql).text(column).with(" = ", organisation.uuid())),
                Reach::Addressed(organisations) => match reachable.addressed {
                    Some(condition) => condition(or(sql), organisations),
                    None => sql,
                },
                Reach::OwnCase(organisation) => match reachable.own_case {
                    Some(condition) => condition(or(sql), *organisation),
                    None => sql,
                },
            };
        }
        sql.text(if before == "(" { "(1 = 0)" } else { ")" })
    }
}

#[cfg(test)]
mod tests {
    use cordon_context::{OrganisationId, Reach, Region, Scope};
    use uuid::Uuid;

    use super::{Reachable, Sql};

    const TABLE: Reachable = Reachable {
        region: Some("region"),
        owners: &["writer", "reader"],
        addressed: Some(|sql, organisations| sql.text("reader IN ").ids(organisations)),
        own_case: None,
    };

    fn check(reaches: Vec<Reach>, reachable: &Reachable, text: &str, values: usize) {
        let sql = Sql::new("").within(&Scope::of(reaches), reachable);
        assert_eq!((sql.text.as_str(), sql.values.len()), (text, values));
    }

    #[test]
    fn a_single_way_of_reaching_stands_alone() {
        let region = Region::from_number(330_000).unwrap();
        check(vec![Reach::Region(region)], &TABLE, "(region BETWEEN $1 AND $2)", 2);
        check(vec![Reach::Addressed(vec![id()])], &TABLE, "(reader IN ($1))", 1);
    }

    #[test]
    fn what_enterprises_did_on_their_own_finding_lies_outside_of_what_was_instructed() {
        let region = Region::from_number(330_000).unwrap();
        let text = "((region BETWEEN $1 AND $2 AND own_measure = FALSE))";
        check(vec![Reach::Instructed(region)], &TABLE, text, 2);
        let nowhere = Reachable { region: None, ..TABLE };
        check(vec![Reach::Instructed(region)], &nowhere, "(1 = 0)", 0);
    }

    #[test]
    fn ways_of_reaching_are_joined() {
        let reaches = vec![Reach::Organisation(id()), Reach::Addressed(Vec::new())];
        check(reaches, &TABLE, "(writer = $1 OR reader = $2 OR reader IN (NULL))", 2);
    }

    #[test]
    fn whoever_reaches_everything_needs_no_other_way() {
        check(vec![Reach::Organisation(id()), Reach::All], &TABLE, "(1 = 1)", 0);
    }

    #[test]
    fn a_scope_without_a_way_to_the_table_reaches_nothing() {
        check(Vec::new(), &TABLE, "(1 = 0)", 0);
        check(vec![Reach::OwnCase(id())], &TABLE, "(1 = 0)", 0);
        let nowhere = Reachable { region: None, owners: &[], addressed: None, own_case: None };
        let reaches = vec![Reach::Organisation(id()), Reach::Addressed(vec![id()]), Reach::OwnCase(id())];
        check(reaches, &nowhere, "(1 = 0)", 0);
    }

    fn id() -> OrganisationId {
        OrganisationId::from_uuid(Uuid::nil())
    }
}
