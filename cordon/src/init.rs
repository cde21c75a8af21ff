//! `cordon init`: the first people of an installation, without whom nobody could let anybody in.

use std::sync::Arc;

use anyhow::anyhow;
use cordon_context::SystemClock;
use cordon_directory::Installation;

use crate::assembly::Platform;
use crate::cli::Init;
use crate::exit::Ending;
use crate::settings::Settings;

/// Enters the operator with its three administrators; refused where anybody has been entered before.
#[expect(clippy::print_stdout, reason = "first passwords are shown here and nowhere else")]
pub(crate) async fn run(settings: &Settings, options: Init) -> anyhow::Result<Ending> {
    let platform = Platform::assemble(settings, Arc::new(SystemClock)).await?;
    let Init { operator, system_admin, security_admin, auditor } = options;
    let installation = Installation { operator, system_admin, security_admin, auditor };
    let first = platform.directory().bootstrap(installation).await.map_err(|refusal| {
        let rule = refusal.rule.clone().unwrap_or_else(|| refusal.code.as_str().to_owned());
        anyhow!("[{rule}] {}", refusal.text)
    })?;
    platform.drain().await;
    println!("首次口令，仅显示这一次 / first passwords, shown this once:");
    for (role, login, password) in &first.people {
        println!("  {role:<16} {login:<24} {}", password.expose());
    }
    println!(
        "登录后须修改口令并登记动态口令，此后角色生效；见 docs/guides/production.md\n\
         roles count once everybody has changed their password and enrolled a one-time code; see docs/guides/production.md"
    );
    Ok(Ending::Done)
}
