//! Which action each root field needs; a field that is not in the table is refused, and a test fails on it.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use async_graphql::extensions::{
    Extension, ExtensionContext, ExtensionFactory, NextExecute, NextResolve, NextValidation, ResolveInfo,
};
use async_graphql::{PathSegment, Response, ServerError, ServerResult, ValidationResult, Value};
use cordon_context::{Action, CallContext, Code, Refusal, Resource};

use crate::answer::{error_of, response_of};
use crate::session::Session;
use crate::{case_intake, directory, disposal, subscription};

/// What a root field asks of its caller, before the service asks again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing; the service itself decides by what is shown, such as a password.
    Anyone,
    /// A valid sign-in; the field concerns the caller's own affairs, or each object decides for itself.
    SignedIn,
    /// One of these actions in any scope; the service decides how far it reaches.
    Any(&'static [(Action, Resource)]),
}

/// One root field and what it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RootField {
    /// `Query`, `Mutation` or `Subscription`.
    pub root: &'static str,
    /// The field, as the schema names it.
    pub name: &'static str,
    /// What it needs.
    pub need: Need,
}

/// The table of all root fields.
pub fn root_fields() -> impl Iterator<Item = &'static RootField> {
    directory::ACCESS
        .iter()
        .chain(case_intake::ACCESS)
        .chain(disposal::ACCESS)
        .chain(subscription::ACCESS)
        .chain(crate::ledger::ACCESS)
        .chain(crate::node::ACCESS)
}

static TABLE: LazyLock<HashMap<(&'static str, &'static str), Need>> =
    LazyLock::new(|| root_fields().map(|field| ((field.root, field.name), field.need)).collect());

/// Decides whether the caller may use a root field.
pub(crate) fn enter(session: &Session, root: &str, field: &str) -> Result<(), Refusal> {
    match need(root, field)? {
        Need::Anyone => Ok(()),
        Need::SignedIn => session.actor().map(|_actor| ()),
        Need::Any(pairs) => {
            let context: CallContext = session.call()?;
            let gate = session.engine.gate();
            if pairs.iter().any(|(action, resource)| gate.permits(&context.actor, *action, *resource)) {
                return Ok(());
            }
            Err(pairs.first().map_or_else(
                || Refusal::new(Code::Denied),
                |(action, resource)| session.deny(&context, *action, *resource),
            ))
        }
    }
}

fn need(root: &str, field: &str) -> Result<Need, Refusal> {
    TABLE.get(&(root, field)).copied().ok_or_else(|| {
        tracing::error!(graphql.root = root, graphql.field = field, "a root field names no action");
        Refusal::new(Code::Denied)
    })
}

/// Makes the extension that asks at each root field.
pub(crate) struct AccessCheck;

impl ExtensionFactory for AccessCheck {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

/// In the data of a request that is only looked at.
pub(crate) struct ValidateOnly;

#[async_trait::async_trait]
impl Extension for AccessCheck {
    async fn validation(
        &self,
        ctx: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        let result = next.run(ctx).await?;
        if let Some(session) = ctx.data_opt::<Arc<Session>>() {
            session.pay_for(result.complexity).map_err(|refusal| response_of(&refusal).errors)?;
        }
        Ok(result)
    }

    async fn execute(
        &self,
        ctx: &ExtensionContext<'_>,
        operation_name: Option<&str>,
        next: NextExecute<'_>,
    ) -> Response {
        if ctx.data_opt::<ValidateOnly>().is_some() {
            return Response::new(Value::Null);
        }
        next.run(ctx, operation_name).await
    }

    async fn resolve(
        &self,
        ctx: &ExtensionContext<'_>,
        info: ResolveInfo<'_>,
        next: NextResolve<'_>,
    ) -> ServerResult<Option<Value>> {
        let root = info.path_node.parent.is_none() && !info.name.starts_with("__");
        if root && let Err(refusal) = check(ctx, &info) {
            let mut error = error_of(&refusal).into_server_error(info.field.name.pos);
            error.path = vec![PathSegment::Field(info.path_node.field_name().to_owned())];
            return Err(error);
        }
        next.run(ctx, info).await
    }
}

fn check(ctx: &ExtensionContext<'_>, info: &ResolveInfo<'_>) -> Result<(), Refusal> {
    let Some(session) = ctx.data_opt::<Arc<Session>>() else {
        return Err(Refusal::new(Code::Internal));
    };
    // A mutation that the policy refuses says so in its payload, so that here only the sign-in counts.
    if info.parent_type == "Mutation" {
        return match need(info.parent_type, info.name)? {
            Need::Anyone => Ok(()),
            Need::SignedIn | Need::Any(_) => session.actor().map(|_actor| ()),
        };
    }
    enter(session, info.parent_type, info.name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Need, root_fields};

    type Pairs = BTreeSet<(String, String)>;

    /// What is asked below the root fields: of fields of an object, of the caller's own affairs, or on the machine itself.
    const BELOW: &[(&str, &str)] = &[
        ("modify", "delegation"),
        ("read", "notice"),
        ("read", "release"),
        ("read", "role_assignment"),
        ("reveal", "case"),
        ("verify", "ledger"),
    ];

    /// What the reviewed table gives to anybody but the platform itself; another test holds it against what services ask.
    fn given() -> Pairs {
        let rows = include_str!("../../policies/policy.csv").lines().filter_map(|line| line.trim().strip_prefix("p,"));
        rows.map(|row| row.split(',').map(str::trim).collect::<Vec<_>>())
            .filter(|words| words[0] != "system")
            .map(|words| (words[2].to_owned(), words[1].to_owned()))
            .collect()
    }

    fn named() -> Pairs {
        let needs = root_fields().filter_map(|field| match field.need {
            Need::Any(pairs) => Some(pairs),
            Need::Anyone | Need::SignedIn => None,
        });
        needs.flatten().map(|(action, resource)| (action.name().to_owned(), resource.name().to_owned())).collect()
    }

    #[test]
    fn the_doors_name_what_somebody_may_do_and_nothing_else() {
        let (given, named) = (given(), named());
        let below: Pairs =
            BELOW.iter().map(|(action, resource)| ((*action).to_owned(), (*resource).to_owned())).collect();
        let closed: Vec<_> = named.difference(&given).collect();
        assert!(closed.is_empty(), "root fields open for what nobody may do: {closed:?}");
        let idle: Vec<_> = given.difference(&named).filter(|pair| !below.contains(*pair)).collect();
        assert!(idle.is_empty(), "given to somebody, and no root field asks for it: {idle:?}");
        let both: Vec<_> = below.iter().filter(|pair| named.contains(*pair) || !given.contains(*pair)).collect();
        assert!(both.is_empty(), "no longer only below a root field: {both:?}");
    }
}
