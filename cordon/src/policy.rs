//! `cordon policy`.

use anyhow::{Context as _, bail};
use cordon_context::{Action, Resource, Role};
use cordon_policies::Explanation;

use crate::assembly;
use crate::cli::Explain;
use crate::exit::Ending;
use crate::settings::Settings;

/// Prints why a role may or may not do something.
#[expect(clippy::print_stdout, reason = "the answer of the command")]
pub(crate) async fn explain(settings: &Settings, options: &Explain) -> anyhow::Result<Ending> {
    let roles = options
        .who
        .split(',')
        .map(str::trim)
        .map(|name| {
            Role::from_name(name).with_context(|| format!("没有角色 / there is no role {name:?}; {}", names(Role::ALL)))
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    let Some((action, resource)) = options.what.trim().split_once(' ') else {
        bail!("应为“动作 资源” / expected `ACTION RESOURCE`, such as 'approve order'");
    };
    let action = Action::from_name(action)
        .with_context(|| format!("没有动作 / there is no action {action:?}; {}", names(Action::ALL)))?;
    let resource = resource.trim();
    let resource = Resource::from_name(resource)
        .with_context(|| format!("没有资源 / there is no resource {resource:?}; {}", names(Resource::ALL)))?;
    let authorizer = assembly::authorizer(settings).await?;
    let explanation = cordon_policies::explain(&authorizer, &roles, action, resource);
    print!("{}", in_words(&explanation));
    Ok(if explanation.is_allowed() { Ending::Done } else { Ending::No })
}

fn names<T: std::fmt::Display>(all: &[T]) -> String {
    let names: Vec<_> = all.iter().map(ToString::to_string).collect();
    format!("可用 / known: {}", names.join(", "))
}

fn in_words(explanation: &Explanation) -> String {
    let verdict = if explanation.is_allowed() { "允许 / allowed" } else { "不允许 / not allowed" };
    let mut text = format!("{} {}: {verdict}\n", explanation.action, explanation.resource);
    for (role, scopes) in &explanation.given_by {
        let scopes: Vec<_> = scopes.iter().map(|scope| scope.name()).collect();
        text += &format!("  + {role}: {}\n", scopes.join(", "));
    }
    for role in &explanation.not_given_by {
        text += &format!("  - {role}\n");
    }
    if !explanation.is_allowed() && !explanation.would_be_given_by.is_empty() {
        text += &format!(
            "  {}\n",
            names(&explanation.would_be_given_by).replace("可用 / known", "有权的角色 / roles that may")
        );
    }
    text
}
