use std::path::Path;

use crate::{Config, LogFormat};

/// A combination of settings that works and should not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// A stable name for runbooks and tests.
    pub code: &'static str,
    /// Chinese words for the operator.
    pub zh: String,
    /// English words for the operator.
    pub en: String,
}

impl Warning {
    fn new(code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { code, zh: zh.into(), en: en.into() }
    }
}

impl<S> Config<S> {
    /// Every unsafe combination in these settings; the binary logs them at the start and `cordon doctor` shows them.
    pub fn warnings(&self) -> Vec<Warning> {
        let mut found = Vec::new();
        self.limits(&mut found);
        self.exposure(&mut found);
        self.secrets(&mut found);
        if self.mode.is_production() {
            self.production(&mut found);
        }
        found
    }

    fn limits(&self, found: &mut Vec<Warning>) {
        if self.server.head_timeout_ms == 0 || self.server.head_timeout_ms > 60_000 {
            found.push(Warning::new(
                "head_timeout_long",
                "server.head_timeout_ms 应为 1 至 60000：慢速客户端可长时间占用连接",
                "server.head_timeout_ms should be 1 to 60000: a slow client can hold a connection",
            ));
        }
        if self.database.max_connections < 2 {
            found.push(Warning::new(
                "one_connection",
                "database.max_connections 小于 2：后台任务与请求会互相等待",
                "database.max_connections is below 2: background jobs and requests wait for each other",
            ));
        }
        if self.ledger.head_interval_minutes == 0 || self.ledger.head_interval_minutes > 60 {
            found.push(Warning::new(
                "ledger_heads_rare",
                "ledger.head_interval_minutes 应为 1 至 60：两次签名之间的篡改无法被发现",
                "ledger.head_interval_minutes should be 1 to 60: tampering between two signed heads cannot be found",
            ));
        }
    }

    fn exposure(&self, found: &mut Vec<Warning>) {
        let server = &self.server;
        let public = !server.listen.ip().is_loopback();
        if public && !self.mode.is_production() {
            found.push(Warning::new(
                "development_exposed",
                format!("开发模式监听 {}：GraphiQL 与内省对网络可见", server.listen),
                format!(
                    "development mode listens on {}: GraphiQL and introspection are visible to the network",
                    server.listen
                ),
            ));
        }
    }

    fn secrets(&self, found: &mut Vec<Warning>) {
        if self.database.url_file.as_deref().is_some_and(readable_by_all) {
            found.push(Warning::new(
                "secret_file_open",
                "database.url_file 可被本机所有用户读取，请执行 chmod 600",
                "database.url_file can be read by every user of this machine; run chmod 600 on it",
            ));
        }
        if self.mode.is_production() && self.sources.file_holds("database.url") {
            found.push(Warning::new(
                "secret_in_file",
                "database.url 写在配置文件中，请改用 database.url_file",
                "database.url is written in the configuration file; use database.url_file",
            ));
        }
    }

    fn production(&self, found: &mut Vec<Warning>) {
        if !self.server.public_url.starts_with("https://") {
            found.push(Warning::new(
                "public_url_plain",
                "生产模式下 server.public_url 不是 https：会话与个人信息将以明文传输",
                "server.public_url is not https in production: sessions and personal data travel unprotected",
            ));
        }
        if self.keys.directory.starts_with(&self.database.directory) && self.database.uses_sqlite() {
            found.push(Warning::new(
                "keys_beside_rows",
                "keys.directory 位于 database.directory 之内：同一备份会同时带走密钥与数据",
                "keys.directory lies inside database.directory: one backup carries both keys and data",
            ));
        }
        if self.ledger.head_directory.is_none() {
            found.push(Warning::new(
                "ledger_heads_local",
                "未设置 ledger.head_directory：签名头只保存在可被改写的数据库中",
                "ledger.head_directory is not set: signed heads are kept only in the database that they are to prove",
            ));
        }
        if self.telemetry.format == LogFormat::Text {
            found.push(Warning::new(
                "log_text",
                "生产模式使用文本日志：日志平台无法按字段检索",
                "logs are text in production: a log platform cannot search them by field",
            ));
        }
        if ["debug", "trace"].iter().any(|level| self.telemetry.filter.contains(level)) {
            found.push(Warning::new(
                "log_verbose",
                "生产模式开启了 debug 或 trace 日志",
                "debug or trace lines are written in production",
            ));
        }
        if let Some(file) = self.sources.file()
            && self.sources.file_holds("database.url")
            && readable_by_all(file)
        {
            found.push(Warning::new(
                "config_file_open",
                "含有口令的配置文件可被本机所有用户读取",
                "the configuration file holds a password and can be read by every user of this machine",
            ));
        }
    }
}

#[cfg(unix)]
fn readable_by_all(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;

    std::fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o004 != 0)
}

#[cfg(not(unix))]
fn readable_by_all(_path: &Path) -> bool {
    false
}
