//! `cordon seed demo`: a country to try things in.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use cordon_case_intake::{ImportMode, ImportSource, Progress};
use cordon_case_intake_contract::Accept;
use cordon_context::{Actor, CallContext, Clock as _, SystemClock};
use cordon_directory::DemoDirectory;
use cordon_directory_contract::{DirectoryClient as _, Secret, SignIn, SignInOutcome};
use cordon_disposal_contract::{ImportRouting, RoutingClient as _, RoutingTable};
use cordon_rpc::refusal_of;
use data_encoding::BASE32_NOPAD;
use indicatif::ProgressBar;
use serde::{Deserialize, Serialize};

use crate::assembly::Platform;
use crate::cli::SeedDemo;
use crate::exit::Ending;
use crate::private;
use crate::progress;
use crate::serve::base_of;
use crate::settings::Settings;

const REPORTS: &str = include_str!("../../demo/reports.csv");
const SEGMENTS: &str = include_str!("../../demo/segments.csv");
const DOMAINS: &str = include_str!("../../demo/domains.csv");
const ADDRESSES: &str = include_str!("../../demo/addresses.csv");
const PORTABILITY: &str = include_str!("../../demo/portability.csv");

/// Who works in the demonstration; kept beside the rows, readable by their owner only.
#[derive(Debug, Serialize, Deserialize)]
struct Accounts {
    /// The password of everybody.
    password: String,
    people: Vec<Person>,
    clients: Vec<Client>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Person {
    login: String,
    name: String,
    post: String,
    organisation: String,
    roles: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Client {
    organisation: String,
    id: String,
    secret: String,
}

/// Fills an installation with regions, invented enterprises, people and reports; repeating it changes nothing.
#[expect(clippy::print_stdout, reason = "the answer of the command")]
pub(crate) async fn demo(settings: &Settings, options: &SeedDemo) -> anyhow::Result<Ending> {
    if settings.mode.is_production() {
        bail!(
            "生产模式不写入演示数据，请用 cordon init / the demonstration is not for production mode; use cordon init"
        );
    }
    let clock = Arc::new(SystemClock);
    let platform = Platform::assemble(settings, clock.clone()).await?;
    let taken = !platform.directory().is_empty().await.map_err(|refusal| anyhow::anyhow!("{}", refusal.text))?;
    if options.if_empty && taken {
        println!("已有机构，不写入演示数据 / there are organisations; nothing is seeded");
        return Ok(Ending::Done);
    }
    let before = read_accounts(settings)?;
    let password = match &before {
        Some(accounts) => accounts.password.clone(),
        None => BASE32_NOPAD.encode(&rand::random::<[u8; 15]>()).to_ascii_lowercase(),
    };
    if before.is_none() {
        // Should this run be cut off after the accounts are made, the next one must still know their password.
        write_accounts(settings, &Accounts { password: password.clone(), people: Vec::new(), clients: Vec::new() })?;
    }
    // The organisations with their people, four tables, and the reports.
    let bar = progress::bar("机构与人员 / organisations and people", if options.without_reports { 5 } else { 6 });
    let demo = platform
        .directory()
        .seed_demo(&Secret::new(password.as_str()))
        .await
        .map_err(|refusal| anyhow::anyhow!("{}: {}", refusal, refusal.text))?;
    write_accounts(settings, &accounts(&demo, &password, before))?;
    bar.inc(1);

    let admin = act_as(&platform, "admin.system", &password).await?;
    for (table, origin, text) in [
        (RoutingTable::Segment, "segments.csv", SEGMENTS),
        (RoutingTable::Portability, "portability.csv", PORTABILITY),
        (RoutingTable::Domain, "domains.csv", DOMAINS),
        (RoutingTable::Address, "addresses.csv", ADDRESSES),
    ] {
        bar.set_message(origin);
        routing(&platform, &admin, table, origin, text).await?;
        bar.inc(1);
    }
    if !options.without_reports {
        let clerk = act_as(&platform, "hotline.clerk", &password).await?;
        reports(settings, &platform, &clerk, &bar).await?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    platform.drain().await;
    println!(
        "演示数据已写入 / the demo country is there: {} 个机构 / organisations, {} 人 / people",
        demo.organisations.len(),
        demo.people.len()
    );
    print!("{}", who_can_sign_in(settings, &base_of(settings.server.listen)));
    Ok(Ending::Done)
}

async fn act_as(platform: &Platform, login: &str, password: &str) -> anyhow::Result<Actor> {
    let ctx = CallContext::system("gateway", SystemClock.now());
    let input = SignIn { login: login.to_owned(), password: Secret::new(password), code: None, origin: None };
    match platform.services().directory.sign_in(ctx, input).await {
        Ok(SignInOutcome::SignedIn(signed_in)) => Ok(signed_in.actor),
        Ok(SignInOutcome::CodeRequired) => bail!("{login} 已启用动态口令 / {login} has a one-time code now"),
        Err(error) => bail!("{login}: {}", refusal_of(&error).text),
    }
}

fn call(actor: &Actor) -> CallContext {
    CallContext {
        actor: actor.clone(),
        ..CallContext::system("seed", SystemClock.now().plus(std::time::Duration::from_mins(5)))
    }
}

async fn routing(
    platform: &Platform,
    admin: &Actor,
    table: RoutingTable,
    origin: &str,
    text: &str,
) -> anyhow::Result<()> {
    let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
    let header = lines.next().unwrap_or_default();
    let input =
        ImportRouting { table, origin: origin.to_owned(), header, rows: lines.collect(), first_row: 2, dry_run: false };
    let imported = platform
        .services()
        .disposal
        .import(call(admin), input)
        .await
        .map_err(|error| anyhow::anyhow!("{origin}: {}", refusal_of(&error).text))?;
    if let Some(bad) = imported.bad.first() {
        bail!("{origin} {}: {}", bad.row, bad.text);
    }
    Ok(())
}

async fn reports(settings: &Settings, platform: &Platform, clerk: &Actor, bar: &ProgressBar) -> anyhow::Result<()> {
    let folder = &settings.services.case_intake.imports.upload_folder;
    private::folder(folder).with_context(|| format!("{}", folder.display()))?;
    let path = folder.join("demo-reports.csv");
    private::write(&path, REPORTS)?;
    let source = ImportSource { path, file_name: "reports.csv".to_owned() };
    let (shown, mode) = (bar.clone(), ImportMode::Commit(Accept::AllOrNothing));
    let rows = move |progress: Progress| shown.set_message(format!("reports.csv {}", progress.counts.rows));
    let imported = platform.case_intake().import_reports(&call(clerk), source, mode, rows).await;
    let import = imported.map_err(|refusal| anyhow::anyhow!("reports.csv: {}", refusal.text))?;
    match import.refusal {
        Some((rule, text)) => bail!("reports.csv [{rule}]: {text}"),
        None => Ok(()),
    }
}

fn accounts(demo: &DemoDirectory, password: &str, before: Option<Accounts>) -> Accounts {
    let known = before.map(|before| before.clients).unwrap_or_default();
    let secret_of = |id: &str| known.iter().find(|client| client.id == id).map(|client| client.secret.clone());
    Accounts {
        password: password.to_owned(),
        people: demo
            .people
            .iter()
            .map(|person| Person {
                login: person.login.to_owned(),
                name: person.name.to_owned(),
                post: person.post.to_owned(),
                organisation: person.organisation_code.to_owned(),
                roles: person.roles.iter().map(ToString::to_string).collect(),
            })
            .collect(),
        clients: demo
            .clients
            .iter()
            .filter_map(|client| {
                let id = client.id.to_string();
                let secret =
                    client.secret.as_ref().map(|secret| secret.expose().to_owned()).or_else(|| secret_of(&id))?;
                Some(Client { organisation: client.organisation_code.clone(), id, secret })
            })
            .collect(),
    }
}

fn place(settings: &Settings) -> PathBuf {
    settings.database.directory.join("demo-accounts.json")
}

fn read_accounts(settings: &Settings) -> anyhow::Result<Option<Accounts>> {
    let place = place(settings);
    if !place.exists() {
        return Ok(None);
    }
    let text = fs::read_to_string(&place).with_context(|| format!("{}", place.display()))?;
    Ok(Some(serde_json::from_str(&text).with_context(|| format!("{}", place.display()))?))
}

fn write_accounts(settings: &Settings, accounts: &Accounts) -> anyhow::Result<()> {
    let place = place(settings);
    private::folder(&settings.database.directory)?;
    let file = private::create(&place).with_context(|| format!("{}", place.display()))?;
    serde_json::to_writer_pretty(file, accounts)?;
    Ok(())
}

/// What the person who starts a demonstration wants to know: logins, the password, a first request to paste.
pub(crate) fn who_can_sign_in(settings: &Settings, base: &str) -> String {
    // Without a demonstration there is nobody to name.
    let Ok(Some(accounts)) = read_accounts(settings) else { return String::new() };
    let mut text = format!(
        "\n演示账号（口令均为 {password}）/ demo accounts (password of all: {password})\n",
        password = accounts.password
    );
    for login in [
        "hotline.clerk",
        "chen.handler",
        "li.approver",
        "mobile.duty",
        "desk.command",
        "jin.appeals",
        "wei.appeals",
        "audit.reader",
    ] {
        if let Some(person) = accounts.people.iter().find(|person| person.login == login) {
            text += &format!(
                "  {:<16} {} {} @ {}\n",
                person.login,
                person.post,
                person.roles.join(","),
                person.organisation
            );
        }
    }
    text += &format!("  … {} ({})\n", accounts.people.len(), place(settings).display());
    text += "\n第一个请求 / a first request to paste:\n";
    text += &format!(
        "  curl -s {base}/graphql -H 'content-type: application/json' \\\n    -d '{{\"query\":\"mutation {{ signIn(input: {{login: \\\"chen.handler\\\", password: \\\"{}\\\"}}) {{ status token }} }}\"}}'\n\n",
        accounts.password
    );
    text
}
