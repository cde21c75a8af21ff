//! `cordon doctor`: looks at everything that must be right before real data comes in, and says what to do.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use cordon_context::{Clock as _, SystemClock, Timestamp};
use cordon_store::{Backend, Database, Opening, Safeguard};
use cordon_vault::KeyService as _;

use crate::assembly::{self, SERVICES};
use crate::exit::Ending;
use crate::private;
use crate::settings::Settings;

/// Free space below which nothing is safe: a full disk stops every write.
const LEAST_FREE_BYTES: u64 = 1 << 30;
/// How far database and machine may differ before deadlines and signatures suffer.
const MOST_SKEW: Duration = Duration::from_secs(5);
const PAGE: u32 = 1_000;

struct Finding {
    state: State,
    what: String,
    advice: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Good,
    Warning,
    Bad,
}

impl Finding {
    fn good(what: impl Into<String>) -> Self {
        Self { state: State::Good, what: what.into(), advice: String::new() }
    }

    fn warning(what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { state: State::Warning, what: what.into(), advice: advice.into() }
    }

    fn bad(what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { state: State::Bad, what: what.into(), advice: advice.into() }
    }
}

/// Prints every finding and ends with a fault if one of them must be mended.
#[expect(clippy::print_stdout, reason = "the answer of the command")]
pub(crate) async fn run(settings: &Settings) -> anyhow::Result<Ending> {
    let mut findings: Vec<Finding> = settings
        .warnings()
        .into_iter()
        .map(|warning| Finding::warning(format!("{} / {}", warning.zh, warning.en), ""))
        .collect();
    if findings.is_empty() {
        findings.push(Finding::good("配置 / settings"));
    }
    findings.push(keys(settings));
    findings.push(policy(settings).await);
    for service in SERVICES {
        findings.extend(database(settings, service).await);
    }
    findings.extend(folders(settings));
    findings.push(disk("数据目录 / data folder", &settings.database.directory));
    findings.push(disk("密钥目录 / key folder", &settings.keys.directory));
    findings.push(clock());
    for finding in &findings {
        let mark = match finding.state {
            State::Good => "正常 / ok     ",
            State::Warning => "注意 / warning",
            State::Bad => "错误 / fault  ",
        };
        println!("{mark}  {}", finding.what);
        if !finding.advice.is_empty() {
            println!("                → {}", finding.advice);
        }
    }
    let faulty = findings.iter().any(|finding| finding.state == State::Bad);
    Ok(if faulty { Ending::Faulty } else { Ending::Done })
}

fn keys(settings: &Settings) -> Finding {
    let place = settings.keys.directory.display();
    if !settings.keys.directory.exists() {
        return Finding::warning(
            format!("密钥目录不存在 / there is no key folder {place}"),
            "首次启动会创建；请把它备份到别处 / the first start makes it; back it up to another place",
        );
    }
    match assembly::keys(settings, Opening::Existing).and_then(|keys| Ok(keys.list()?.len())) {
        Ok(count) => Finding::good(format!("密钥 / keys: {count} ({place})")),
        Err(error) => Finding::bad(
            format!("密钥不可用 / the keys cannot be used: {error:#}"),
            "从备份恢复密钥目录；没有它，已加密的数据无法读取 / restore the key folder from its backup; without it sealed data stays unreadable",
        ),
    }
}

async fn policy(settings: &Settings) -> Finding {
    match assembly::authorizer(settings).await {
        Ok(authorizer) => Finding::good(format!(
            "权限策略 / policy: {} 行 / rows, sha256 {}…",
            authorizer.row_count(),
            authorizer.digest()
        )),
        Err(error) => Finding::bad(
            format!("权限策略不可用 / the policy cannot be used: {error:#}"),
            "恢复随程序发布的 policy.csv / restore the policy.csv that came with the program",
        ),
    }
}

async fn database(settings: &Settings, service: &'static str) -> Vec<Finding> {
    let database = match assembly::database(settings, service, Arc::new(SystemClock), Opening::Existing).await {
        Ok(database) => database,
        Err(error) => {
            return vec![Finding::bad(
                format!("{service}: {error:#}"),
                "首次运行请用 cordon migrate；否则检查地址、账号与服务器，synchronous_commit、fsync、full_page_writes 必须为 on / run cordon migrate first of all; otherwise check address, account and server: synchronous_commit, fsync and full_page_writes must be on",
            )];
        }
    };
    let mut findings = safeguards(&database).await;
    findings.extend(database.files().iter().filter_map(|file| mode(file, "600")));
    match assembly::pending_migrations(&database).await {
        Ok(0) => {}
        Ok(count) => findings.push(Finding::warning(
            format!("{service}: {count} 个结构升级未执行 / {count} schema changes are pending"),
            "cordon migrate",
        )),
        Err(error) => findings.push(Finding::bad(format!("{service}: {error:#}"), "cordon migrate")),
    }
    findings.extend(database_clock(&database).await);
    findings.push(newest_entry(&database).await);
    findings
}

/// Asks the database itself; what the settings file says may not be what holds.
async fn safeguards(database: &Database) -> Vec<Finding> {
    let service = database.service();
    let kind = match database.backend() {
        Backend::Sqlite => "SQLite",
        Backend::Postgres => "PostgreSQL",
    };
    let asked = match database.safeguards().await {
        Ok(asked) => asked,
        Err(failure) => return vec![Finding::bad(format!("{service}: {failure}"), "检查数据库 / check the database")],
    };
    let answers: Vec<_> = asked.iter().map(|safeguard| format!("{} = {}", safeguard.name, safeguard.found)).collect();
    let broken = asked.iter().filter(|safeguard| !safeguard.holds);
    let mut findings: Vec<_> = broken.map(|safeguard| unmet(service, kind, safeguard)).collect();
    if findings.is_empty() {
        findings.push(Finding::good(format!("{service}: {kind}, {}", answers.join(", "))));
    }
    findings
}

fn unmet(service: &str, kind: &str, safeguard: &Safeguard) -> Finding {
    let Safeguard { name, found, demanded, holds: _ } = safeguard;
    let advice = match *name {
        "journal_mode" => {
            "有其他工具改动了数据库文件；停止该工具后运行 cordon migrate / another tool has changed the file; end it and run cordon migrate"
        }
        "synchronous_commit" | "fsync" | "full_page_writes" => {
            "在 postgresql.conf 中开启并重新加载；否则断电会丢失已受理的指令 / switch it on in postgresql.conf and reload; otherwise a power cut loses accepted orders"
        }
        _ => {
            "连接池丢弃了本程序的连接参数，或有人改动了它；请直连数据库或放行这些参数 / a pooler drops what this program asks of its connections; connect directly or let the options through"
        }
    };
    Finding::bad(
        format!("{service}: {kind} {name} = {found}，要求 {demanded} / {name} is {found}, demanded is {demanded}"),
        advice,
    )
}

/// Folders with rows, accounts and uploads; the key folder refuses to open where others may read it.
fn folders(settings: &Settings) -> Vec<Finding> {
    let data = &settings.database.directory;
    let uploads = &settings.services.case_intake.imports.upload_folder;
    let found = [mode(data, "700"), mode(uploads, "700"), mode(&data.join("demo-accounts.json"), "600")];
    found.into_iter().flatten().collect()
}

fn mode(path: &Path, demanded: &str) -> Option<Finding> {
    let place = path.display();
    match private::too_open(path) {
        Ok(None) => None,
        Ok(Some(mode)) => Some(Finding::bad(
            format!("{place}: 本机其他用户可访问 ({mode:o}) / others on this machine have access ({mode:o})"),
            format!("chmod {demanded} {place}"),
        )),
        Err(error) => Some(Finding::bad(format!("{place}: {error}"), "检查权限 / check the permissions")),
    }
}

/// A clock behind what the ledger has seen was put back: deadlines move and new entries carry a past time.
async fn newest_entry(database: &Database) -> Finding {
    let service = database.service();
    let newest = match newest_entry_at(database).await {
        Ok(newest) => newest,
        Err(error) => {
            return Finding::bad(
                format!("{service}: 账本无法读取 / the ledger cannot be read: {error:#}"),
                "cordon audit verify",
            );
        }
    };
    let now = SystemClock.now();
    match newest {
        Some(newest) if newest > now.plus(MOST_SKEW) => Finding::bad(
            format!(
                "{service}: 本机时钟 {} 早于账本最新记录 {} / this clock is behind the newest ledger entry",
                now.to_rfc3339(),
                newest.to_rfc3339()
            ),
            "启用 NTP；时限与签名依赖正确的时间 / run NTP; deadlines and signatures need the right time",
        ),
        Some(newest) => Finding::good(format!("{service}: 账本最新记录 / newest ledger entry {}", newest.to_rfc3339())),
        None => Finding::good(format!("{service}: 账本为空 / the ledger is empty")),
    }
}

async fn newest_entry_at(database: &Database) -> anyhow::Result<Option<Timestamp>> {
    // What a head covers lies behind the newest entry or is it.
    let covered = database.newest_head().await?.and_then(|head| i64::try_from(head.tree_size).ok());
    let mut from = covered.unwrap_or(1);
    let mut newest = None;
    loop {
        let entries = database.ledger_entries(from, PAGE).await?;
        let Some(last) = entries.last() else { return Ok(newest) };
        newest = Some(Timestamp::from_millis(last.at));
        from = last.seq.saturating_add(1);
    }
}

async fn database_clock(database: &Database) -> Option<Finding> {
    let theirs = match database.server_time().await {
        Ok(theirs) => theirs?,
        Err(failure) => {
            return Some(Finding::bad(format!("{}: {failure}", database.service()), "检查数据库 / check the database"));
        }
    };
    let ours = SystemClock.now();
    let skew = ours.since(theirs).max(theirs.since(ours));
    (skew > MOST_SKEW).then(|| {
        Finding::bad(
            format!(
                "{}: 数据库与本机时钟相差 {} 秒 / the clocks differ by {} s",
                database.service(),
                skew.as_secs(),
                skew.as_secs()
            ),
            "在两台机器上启用 NTP / run NTP on both machines",
        )
    })
}

fn disk(name: &str, folder: &Path) -> Finding {
    let Some(existing) = folder.ancestors().find(|ancestor| ancestor.exists() || ancestor.as_os_str().is_empty())
    else {
        return Finding::bad(format!("{name}: {}", folder.display()), "创建该目录 / create the folder");
    };
    let existing = if existing.as_os_str().is_empty() { PathBuf::from(".") } else { existing.to_path_buf() };
    match fs4::available_space(&existing) {
        Ok(free) if free < LEAST_FREE_BYTES => Finding::bad(
            format!("{name}: 剩余 {} MiB / {} MiB free", free >> 20, free >> 20),
            "释放空间；磁盘写满时任何指令都无法受理 / free some space; on a full disk no order can be accepted",
        ),
        Ok(free) => Finding::good(format!("{name}: 剩余 {} GiB / {} GiB free", free >> 30, free >> 30)),
        Err(error) => Finding::bad(format!("{name}: {error}"), "检查挂载与权限 / check the mount and its permissions"),
    }
}

fn clock() -> Finding {
    // No signed message and no working day lies before this program was written.
    let written = Timestamp::parse_rfc3339("2026-11-01T00:00:00+08:00").unwrap_or(Timestamp::from_millis(0));
    let now = SystemClock.now();
    if now < written {
        Finding::bad(
            format!("本机时钟为 {} / this machine's clock says so", now.to_rfc3339()),
            "启用 NTP；时限与签名依赖正确的时间 / run NTP; deadlines and signatures need the right time",
        )
    } else {
        Finding::good(format!("时钟 / clock: {}", now.to_rfc3339()))
    }
}
