//! What the agent is told by flags or by the environment.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Parser;

/// Receives disposal tasks of the Cordon platform, executes them in this enterprise's own ledger and confirms them.
///
/// 接收合围平台下发的处置任务，在本企业自有台账中执行并回执。
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Example / 示例:\n  enterprise-agent --platform http://localhost:8080 --client-id cli_... --client-secret-file secret.txt \\\n    \
                  --webhook-key whpk_... --ledger agent.db --resources numbers.csv --listen 127.0.0.1:9000\n\n\
                  The resource file has the columns kind,value,state,ported_to; see docs/enterprise-contract.md."
)]
pub(crate) struct Settings {
    /// The platform's address / 平台地址.
    #[arg(long, env = "AGENT_PLATFORM", default_value = "http://localhost:8080")]
    pub(crate) platform: String,

    /// The identifier of this program's credential / API 客户端编号.
    #[arg(long, env = "AGENT_CLIENT_ID", required_unless_present = "make_message_key", default_value = "")]
    pub(crate) client_id: String,

    /// The credential's secret; better given as a file / API 客户端密钥，建议使用文件.
    #[arg(long, env = "AGENT_CLIENT_SECRET", hide_env_values = true, required_unless_present_any = ["client_secret_file", "make_message_key"])]
    pub(crate) client_secret: Option<String>,

    /// A file that holds the secret / 存放密钥的文件.
    #[arg(long, env = "AGENT_CLIENT_SECRET_FILE")]
    pub(crate) client_secret_file: Option<PathBuf>,

    /// A file that holds the key with which requests are signed; its public half is entered at the platform / 请求签名私钥文件，公钥须在平台登记.
    #[arg(long, env = "AGENT_MESSAGE_KEY_FILE")]
    pub(crate) message_key_file: Option<PathBuf>,

    /// Make such a file, print the public half and end / 生成签名私钥文件，打印公钥后退出.
    #[arg(long, value_name = "FILE")]
    pub(crate) make_message_key: Option<PathBuf>,

    /// A key that checks webhooks (`whsec_…` or `whpk_…`); two of them while one replaces the other / 验签密钥，轮换期间可给两个.
    #[arg(long = "webhook-key", env = "AGENT_WEBHOOK_KEYS", value_delimiter = ',', hide_env_values = true)]
    pub(crate) webhook_keys: Vec<String>,

    /// The address to listen on; port 0 takes a free one, which is printed / 监听地址，端口 0 表示自动选择.
    #[arg(long, env = "AGENT_LISTEN", default_value = "127.0.0.1:9000")]
    pub(crate) listen: SocketAddr,

    /// The file of this enterprise's own ledger / 本企业台账文件.
    #[arg(long, env = "AGENT_LEDGER", default_value = "enterprise-agent.db")]
    pub(crate) ledger: PathBuf,

    /// Numbers, accounts and names that this enterprise serves, as CSV / 本企业所辖资源表 (CSV).
    #[arg(long, env = "AGENT_RESOURCES")]
    pub(crate) resources: Option<PathBuf>,

    /// Serve every target that is not in the resource file, for demonstrations / 演示用：未列入资源表的对象一律视为本企业所辖.
    #[arg(long, env = "AGENT_SERVE_ALL")]
    pub(crate) serve_all: bool,

    /// Seconds between two looks into the inbox, beside the one at start / 主动拉取间隔（秒）.
    #[arg(long, env = "AGENT_PULL_SECONDS", default_value_t = 30)]
    pub(crate) pull_seconds: u64,

    /// Send whole documents instead of registered ones; for a platform in development mode / 直接发送文档文本，仅用于开发模式.
    #[arg(long, env = "AGENT_SEND_DOCUMENTS")]
    pub(crate) send_documents: bool,

    /// Write log lines as JSON / 以 JSON 输出日志.
    #[arg(long, env = "AGENT_LOG_JSON")]
    pub(crate) log_json: bool,
}

impl Settings {
    /// The bearer token: identifier and secret.
    pub(crate) fn token(&self) -> anyhow::Result<String> {
        use anyhow::Context as _;
        let secret = match (&self.client_secret, &self.client_secret_file) {
            (_, Some(file)) => std::fs::read_to_string(file)
                .with_context(|| format!("cannot read {} / 无法读取密钥文件", file.display()))?,
            (Some(secret), None) => secret.clone(),
            (None, None) => anyhow::bail!("no client secret is given / 未提供客户端密钥"),
        };
        let secret = secret.trim();
        anyhow::ensure!(!secret.is_empty(), "the client secret is empty / 客户端密钥为空");
        Ok(format!("{}.{secret}", self.client_id.trim()))
    }
}
