//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::exit::EXIT_CODES;

/// Cordon 合围: shared intelligence and one chain of command against telecom and internet fraud.
#[derive(Debug, Parser)]
#[command(name = "cordon", version, after_help = EXIT_CODES, max_term_width = 110)]
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
    #[command(
        after_help = "示例 / Examples:\n  cordon serve\n  cordon serve --target all\n  CORDON_SERVER__LISTEN=127.0.0.1:9000 cordon serve"
    )]
    Serve(Serve),
    /// 升级数据库结构 / Brings the tables of every service up to date.
    #[command(after_help = "示例 / Example:\n  cordon migrate")]
    Migrate,
    /// 写入演示数据 / Fills an empty installation.
    Seed {
        #[command(subcommand)]
        command: SeedCommand,
    },
    /// 通过服务导入文件 / Sends a file to a running server, shows what would happen, and keeps it if told so.
    #[command(
        after_help = "示例 / Examples:\n  cordon import reports reports.csv --as hotline.clerk --dry-run\n  cordon import reports reports.csv --as hotline.clerk --accept good-rows --errors bad.csv\n  cordon import portability ported.csv --as admin.system"
    )]
    Import(Import),
    /// 通过服务导出 CSV / Fetches a list from a running server as CSV, as far as the account may see it.
    #[command(
        after_help = "示例 / Example:\n  cordon export orders orders.csv --as chen.handler --server http://localhost:8080"
    )]
    Export(Export),
    /// 审计账本 / The tamper-evident ledger.
    Audit {
        #[command(subcommand)]
        command: AuditCommand,
    },
    /// 权限策略 / The policy table.
    Policy {
        #[command(subcommand)]
        command: PolicyCommand,
    },
    /// 配置样例与模式 / The commented example of the settings file, or its JSON schema.
    Config {
        /// 打印什么 / What is printed.
        #[arg(value_enum)]
        what: ConfigPage,
    },
    /// 体检 / Checks settings, databases, clock, disk and keys, and says what to do.
    #[command(after_help = "示例 / Example:\n  cordon doctor")]
    Doctor,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ConfigPage {
    /// 带注释的样例 / Every setting with its default.
    Example,
    /// JSON Schema.
    Schema,
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
    #[command(after_help = "示例 / Example:\n  cordon seed demo")]
    Demo(SeedDemo),
}

#[derive(Debug, Args)]
pub(crate) struct SeedDemo {
    /// 不导入演示举报 / Leaves the demo reports out.
    #[arg(long)]
    pub(crate) without_reports: bool,
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
    /// 文件（CSV 或 XLSX）/ The file, CSV or XLSX.
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
    #[command(after_help = "示例 / Example:\n  cordon audit verify --heads heads.json")]
    Verify(Verify),
    /// 签名并导出摘要 / Signs a head over every chain and writes all heads to a file, to be kept elsewhere.
    #[command(after_help = "示例 / Example:\n  cordon audit export-heads heads.json")]
    ExportHeads(ExportHeads),
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// 导出的摘要文件 / The file of exported heads; it brings the trusted public keys.
    #[arg(long, value_name = "FILE")]
    pub(crate) heads: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct ExportHeads {
    /// 输出文件 / Where the heads go.
    pub(crate) file: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// 解释谁能做什么 / Explains whether somebody may do something, and by which rows.
    #[command(
        after_help = "示例 / Examples:\n  cordon policy explain police_handler 'approve order'\n  cordon policy explain police_approver,appeal_officer 'decide appeal'"
    )]
    Explain(Explain),
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// 一个或多个角色，逗号分隔 / One or several roles, separated by commas.
    pub(crate) who: String,
    /// “动作 资源” / `ACTION RESOURCE`.
    pub(crate) what: String,
}
