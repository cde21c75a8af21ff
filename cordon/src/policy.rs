//! `cordon policy`.

use std::sync::Arc;

use anyhow::{Context as _, anyhow, bail};
use cordon_context::{Action, Resource, Role, SystemClock};
use cordon_directory::Known;
use cordon_directory_contract::PendingStep;
use cordon_policies::{Authorizer, Explanation, Gate, LoggedDenials};
use cordon_store::Opening;
use cordon_vault::Vault;

use crate::assembly;
use crate::cli::Explain;
use crate::exit::Ending;
use crate::settings::Settings;

/// Prints why a role or a person may or may not do something.
#[expect(clippy::print_stdout, reason = "the answer of the command")]
pub(crate) async fn explain(settings: &Settings, options: &Explain) -> anyhow::Result<Ending> {
    let Some((action, resource)) = options.what.trim().split_once(' ') else {
        bail!("应为“动作 资源” / expected `ACTION RESOURCE`, such as 'approve order'");
    };
    let action = Action::from_name(action)
        .with_context(|| format!("没有动作 / there is no action {action:?}; {}", names(Action::ALL)))?;
    let resource = resource.trim();
    let resource = Resource::from_name(resource)
        .with_context(|| format!("没有资源 / there is no resource {resource:?}; {}", names(Resource::ALL)))?;
    let authorizer = assembly::authorizer(settings).await?;
    let who = options.who.trim();
    let roles: Option<Vec<Role>> = who.split(',').map(|name| Role::from_name(name.trim())).collect();
    if let Some(roles) = roles {
        let explanation = cordon_policies::explain(&authorizer, &roles, action, resource);
        print!("{}", in_words(&explanation, explanation.is_allowed()));
        return Ok(ending(explanation.is_allowed()));
    }
    let known = person(settings, &authorizer, who).await?.with_context(|| {
        format!("没有角色或在用账号 / there is no role and no active account {who:?}; {}", names(Role::ALL))
    })?;
    // The same question that every use case asks, of the actor that a sign-in would make.
    let allowed = !authorizer.scope(&known.actor, action, resource).is_nothing();
    let explanation = cordon_policies::explain(&authorizer, &known.roles, action, resource);
    print!("{}{}", introduced(who, &known), in_words(&explanation, allowed));
    Ok(ending(allowed))
}

const fn ending(allowed: bool) -> Ending {
    if allowed { Ending::Done } else { Ending::No }
}

/// Looks a login up in the directory's rows, without changing anything.
async fn person(settings: &Settings, authorizer: &Arc<Authorizer>, login: &str) -> anyhow::Result<Option<Known>> {
    let clock = Arc::new(SystemClock);
    let database = assembly::database(settings, "directory", clock.clone(), Opening::Existing).await?;
    let keys = assembly::keys(settings, Opening::Existing)?;
    let directory = cordon_directory::build(cordon_directory::Parts {
        database,
        gate: Arc::new(Gate::new(Arc::clone(authorizer), Arc::new(LoggedDenials))),
        vault: Arc::new(Vault::new(keys, "directory")),
        clock,
        settings: assembly::sign_in(settings),
    })?;
    directory.who_is(login).await.map_err(|refusal| anyhow!("{}", refusal.text))
}

fn introduced(login: &str, known: &Known) -> String {
    let Known { actor, organisation, roles, pending } = known;
    let listed: Vec<_> = roles.iter().map(ToString::to_string).collect();
    let mut text = format!(
        "{login}: {party}, {code} {name} ({kind}, {level}, {region})\n  角色 / roles: {roles}\n",
        party = actor.party(),
        code = organisation.code,
        name = organisation.name,
        kind = word(&organisation.kind),
        level = word(&organisation.level),
        region = organisation.region,
        roles = if listed.is_empty() { "-".to_owned() } else { listed.join(", ") },
    );
    for step in pending {
        text += match step {
            PendingStep::ChangePassword => "  须先修改口令，角色方生效 / roles count once the password is changed\n",
            PendingStep::EnrolCode => "  须先登记动态口令，角色方生效 / roles count once a one-time code is enrolled\n",
        };
    }
    for role in roles.iter().filter(|role| !cordon_policies::fits(**role, organisation.kind)) {
        text += &format!("  {role}: 该类机构不适用 / does not count in an organisation of this kind\n");
    }
    text
}

/// A kind or level as rows and answers spell it.
fn word(value: &impl serde::Serialize) -> String {
    let value = serde_json::to_value(value).ok();
    value.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
}

fn names<T: std::fmt::Display>(all: &[T]) -> String {
    let names: Vec<_> = all.iter().map(ToString::to_string).collect();
    format!("可用 / known: {}", names.join(", "))
}

fn in_words(explanation: &Explanation, allowed: bool) -> String {
    let verdict = if allowed { "允许 / allowed" } else { "不允许 / not allowed" };
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
