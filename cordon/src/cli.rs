//! The command line; what its help says below the options stands in [`crate::help`].

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use cordon_directory::Administrator;

/// Cordon 合围: shared intelligence and one chain of command against telecom and internet fraud.
#[derive(Debug, Parser)]
#[command(name = "cordon", version, max_term_width = 110)]
pub(crate) struct Cli {
    /// 配置文件，默认当前目录下的 cordon.toml / The settings file; `cordon.toml` in the current folder if it exists.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// 启动服务 / Serves the platform until it is asked to stop.
    Serve(Serve),
    /// 升级数据库结构 / Brings the tables of every service up to date.
    Migrate,
    /// 建立首批管理员 / Names the operator of an empty installation and its three administrators; prints their first passwords once.
    Init(Init),
    /// 写入演示数据 / Fills an empty installation.
    Seed {
        #[command(subcommand)]
        command: SeedCommand,
    },
    /// 通过服务导入文件 / Sends a file to a running server, shows what would happen, and keeps it if told so.
    Import(Import),
    /// 通过服务导出 CSV / Fetches a list from a running server as CSV, as far as the account may see it.
    Export(Export),
    /// 审计账本 / The tamper-evident ledger.
    Audit {
        #[command(subcommand)]
        command: AuditCommand,
    },
    /// 密钥 / The keys of the key folder.
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// 权限策略 / The policy table.
    Policy {
        #[command(subcommand)]
        command: PolicyCommand,
    },
    /// 配置样例、配置模式、内置操作 / The commented example of the settings file, its JSON schema, or the built-in documents.
    Config {
        /// 打印什么 / What is printed.
        #[arg(value_enum)]
        what: ConfigPage,
    },
    /// 体检 / Checks settings, databases, clock, disk and keys, and says what to do.
    Doctor,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ConfigPage {
    /// 带注释的样例 / Every setting with its default.
    Example,
    /// JSON Schema.
    Schema,
    /// 生产模式下内置的操作 / The documents that production executes from the start, by their digests.
    Documents,
}

#[derive(Debug, Args)]
pub(crate) struct Init {
    /// 平台运营单位的名称 / The Chinese name of the organisation that runs the platform.
    #[arg(long, value_name = "NAME")]
    pub(crate) operator: String,
    /// 系统管理员：登录名=姓名 / Who makes organisations and people.
    #[arg(long, value_name = "LOGIN=NAME", value_parser = administrator)]
    pub(crate) system_admin: Administrator,
    /// 安全管理员：登录名=姓名 / Who gives roles.
    #[arg(long, value_name = "LOGIN=NAME", value_parser = administrator)]
    pub(crate) security_admin: Administrator,
    /// 审计员：登录名=姓名 / Who reads the ledger.
    #[arg(long, value_name = "LOGIN=NAME", value_parser = administrator)]
    pub(crate) auditor: Administrator,
}

fn administrator(text: &str) -> Result<Administrator, String> {
    let (login, name) = text.split_once('=').ok_or("应为 登录名=姓名 / expected LOGIN=NAME")?;
    Ok(Administrator { login: login.trim().to_owned(), name: name.trim().to_owned() })
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// 运行哪些服务 / Which services run in this process.
    #[arg(long, value_enum, default_value = "all")]
    pub(crate) target: Target,
}

/// Which services run in this process; every service in one process is the one way so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Target {
    /// Every service, on embedded parts.
    All,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SeedCommand {
    /// 演示国：真实行政区划、虚构企业 / A demo country: real regions, invented enterprises. Only in development mode; safe to repeat.
    Demo(SeedDemo),
}

#[derive(Debug, Args)]
pub(crate) struct SeedDemo {
    /// 不导入演示举报 / Leaves the demo reports out.
    #[arg(long)]
    pub(crate) without_reports: bool,
    /// 目录中已有机构则不写入 / Does nothing where there are organisations already.
    #[arg(long)]
    pub(crate) if_empty: bool,
}

/// How a command reaches a server and who signs in there.
#[derive(Debug, Args)]
pub(crate) struct Reach {
    /// 服务地址 / The server's address.
    #[arg(long, default_value = "http://localhost:8080", value_name = "URL")]
    pub(crate) server: String,
    /// 登录名；口令取自环境变量 CORDON_PASSWORD 或终端输入 / The login; the password comes from the variable CORDON_PASSWORD or is asked for.
    #[arg(long = "as", value_name = "LOGIN")]
    pub(crate) login: String,
    /// 动态口令 / The one-time code, if the account has one.
    #[arg(long, value_name = "CODE")]
    pub(crate) code: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Import {
    /// 内容 / What the file holds.
    #[arg(value_enum)]
    pub(crate) what: ImportKind,
    /// 文件：举报为 CSV 或 XLSX，其余为 UTF-8 的 CSV / The file: reports as CSV or XLSX, the tables as CSV in UTF-8.
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) reach: Reach,
    /// 只试算，不写入 / Says what would happen and writes nothing.
    #[arg(long, conflicts_with = "accept")]
    pub(crate) dry_run: bool,
    /// 写入哪些行 / Which rows are kept; without it the command asks on a terminal and otherwise writes nothing if rows are broken.
    #[arg(long, value_enum)]
    pub(crate) accept: Option<AcceptRows>,
    /// 坏行清单写到此文件 / Where the list of broken rows goes.
    #[arg(long, value_name = "FILE")]
    pub(crate) errors: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ImportKind {
    /// 举报 / Fraud reports.
    Reports,
    /// 携号转网表 / The portability table.
    Portability,
    /// 号段表 / Number segments: whose they are and where they are at home.
    Segments,
    /// 域名归属表 / Who answers for which domain.
    Domains,
    /// 地址段归属表 / Who answers for which addresses.
    Addresses,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AcceptRows {
    /// 全部；有坏行则不写 / All of them, or none if one is broken.
    AllOrNothing,
    /// 只写好行 / The good ones.
    GoodRows,
}

#[derive(Debug, Args)]
pub(crate) struct Export {
    /// 内容 / What is fetched.
    #[arg(value_enum)]
    pub(crate) what: ExportKind,
    /// 输出文件 / Where it goes.
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) reach: Reach,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportKind {
    /// 指令 / Orders.
    Orders,
    /// 任务 / Tasks.
    Tasks,
    /// 举报（不含正文）/ Reports, without their texts.
    Reports,
    /// 申诉 / Appeals.
    Appeals,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// 用已导出的签名摘要校验账本 / Checks the ledger against heads that were exported before.
    Verify(Verify),
    /// 签名并导出摘要 / Signs a head over every chain and writes all heads to a file, to be kept elsewhere.
    ExportHeads(ExportHeads),
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// 导出的摘要文件或其目录，可多次给出 / Files of exported heads or folders of them; they bring the trusted public keys.
    #[arg(long, value_name = "PATH", required = true, num_args = 1..)]
    pub(crate) heads: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ExportHeads {
    /// 摘要文件；已有的摘要先核对，后合并 / Where the heads go; heads that are there already are compared first and kept.
    pub(crate) file: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// 列出密钥（不含密钥内容）/ Lists the keys, without any secret.
    List,
    /// 更换密钥：新数据用新密钥，旧数据与旧签名仍可读可验 / Makes a new key; what the old one sealed stays readable, and what it signed stays signed.
    Rotate(Rotate),
}

#[derive(Debug, Args)]
pub(crate) struct Rotate {
    /// 密钥名，见 cordon keys list；或 master / The key as `cordon keys list` names it, or `master`.
    #[arg(value_name = "KEY")]
    pub(crate) key: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// 解释谁能做什么 / Explains whether somebody may do something, and by which rows.
    Explain(Explain),
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// 登录名，或一个或多个角色（逗号分隔）/ A login, or one or several roles separated by commas.
    pub(crate) who: String,
    /// “动作 资源” / `ACTION RESOURCE`.
    pub(crate) what: String,
}
