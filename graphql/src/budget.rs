//! What an operation costs its caller, by whichever way it came in.

/// A cost of so many fields is worth one unit of a caller's budget, beside the unit of the request.
const FIELDS_PER_UNIT: usize = 200;

/// What a root field costs that compares or computes a secret: a caller may try few of them, and each keeps a core busy.
const SECRET: usize = 10;

/// Root fields that decide by a secret which a stranger could guess, or hash one.
const SECRETS: &[&str] =
    &["appealProgress", "changePassword", "confirmCode", "createPerson", "enrolCode", "resetPassword", "signIn"];

/// The units of a selection that costs so many fields.
pub(crate) fn of_cost(cost: usize) -> u32 {
    u32::try_from(cost / FIELDS_PER_UNIT).unwrap_or(u32::MAX)
}

/// The units of the secrets behind these root fields; each alias is an attempt of its own.
pub(crate) fn of_secrets(root_fields: &[String]) -> u32 {
    let attempts = root_fields.iter().filter(|field| SECRETS.contains(&field.as_str())).count();
    u32::try_from(attempts.saturating_mul(SECRET)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::root_fields;

    #[test]
    fn each_attempt_at_a_secret_costs_and_every_name_is_one_of_the_schema() {
        let fields = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(of_secrets(&fields(&["viewer", "orders"])), 0);
        assert_eq!(of_secrets(&fields(&["appealProgress", "appealProgress", "viewer"])), 20);
        for name in SECRETS {
            assert!(root_fields().any(|field| field.name == *name), "{name}");
        }
    }
}
