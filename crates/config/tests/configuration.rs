#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use cordon_config::{Config, ConfigError, Mode, Sources};
use schemars::JsonSchema;
use serde::Deserialize;

/// Stands for the settings of the services.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Services {
    /// Orders and tasks.
    disposal: Disposal,
}

#[derive(Clone, Debug, PartialEq, Deserialize, serde::Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Disposal {
    /// Hours until an urgent task is overdue.
    urgent_hours: u32,
    /// Names of reviewers.
    reviewers: Vec<String>,
    /// Retries of a delivery.
    retry: Retry,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize, serde::Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Retry {
    /// Attempts in all.
    attempts: u32,
}

impl Default for Disposal {
    fn default() -> Self {
        Self { urgent_hours: 2, reviewers: Vec::new(), retry: Retry { attempts: 9 } }
    }
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, content: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }
}

fn load(file: Option<&Path>, variables: &[(&str, &str)]) -> Result<Config<Services>, ConfigError> {
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Config::load(Sources { file: file.map(Path::to_path_buf), variables })
}

fn codes(config: &Config<Services>) -> Vec<&'static str> {
    config.warnings().iter().map(|warning| warning.code).collect()
}

#[test]
fn nothing_given_means_defaults_without_warnings() {
    let config = load(None, &[]).unwrap();
    assert_eq!(config.mode, Mode::Development);
    assert_eq!(config.services, Services::default());
    assert_eq!(config.database.url_of("disposal").reveal(), "sqlite:data/disposal.db?mode=rwc");
    assert_eq!(codes(&config), Vec::<&str>::new());
}

#[test]
fn variables_win_over_the_file_and_the_file_over_defaults() {
    let folder = Folder::new();
    let file = folder.write(
        "cordon.toml",
        "mode = \"production\"\n[server]\nlisten = \"0.0.0.0:9000\"\nkeep_alive_s = 7\n[disposal]\nurgent_hours = 3\n",
    );
    let config = load(
        Some(&file),
        &[
            ("CORDON_SERVER__LISTEN", "127.0.0.1:9100"),
            ("CORDON_DISPOSAL__RETRY__ATTEMPTS", "4"),
            ("CORDON_DISPOSAL__REVIEWERS", "[\"a\", \"b\"]"),
            ("CORDON_TEST_POSTGRES", "not a setting"),
            ("HOME", "/root"),
        ],
    )
    .unwrap();
    assert_eq!(config.mode, Mode::Production);
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:9100");
    assert_eq!(config.server.keep_alive_s, 7);
    assert_eq!(config.services.disposal.urgent_hours, 3);
    assert_eq!(config.services.disposal.retry.attempts, 4);
    assert_eq!(config.services.disposal.reviewers, ["a", "b"]);
}

#[test]
fn an_unknown_key_is_named_with_its_source() {
    let folder = Folder::new();
    for (content, key) in [
        ("[server]\nlissten = \"127.0.0.1:1\"\n", "lissten"),
        ("[disposal]\nurgent_hour = 1\n", "urgent_hour"),
        ("[disposal.retry]\nattempt = 1\n", "attempt"),
        ("[disposel]\nurgent_hours = 1\n", "disposel"),
        ("moode = \"production\"\n", "moode"),
    ] {
        let file = folder.write("cordon.toml", content);
        let message = load(Some(&file), &[]).expect_err(content).to_string();
        assert!(message.contains(key), "{message}");
        assert!(message.contains("cordon.toml"), "{message}");
    }
    let message = load(None, &[("CORDON_SERVER__LISSTEN", "x")]).expect_err("variable").to_string();
    assert!(message.contains("lissten"), "{message}");
}

#[test]
fn a_value_of_the_wrong_kind_is_named() {
    let folder = Folder::new();
    let file = folder.write("cordon.toml", "[server]\nlisten = \"everywhere\"\n");
    let message = load(Some(&file), &[]).expect_err("not an address").to_string();
    assert!(message.contains("server.listen"), "{message}");
    let message = load(None, &[("CORDON_DISPOSAL__URGENT_HOURS", "soon")]).expect_err("not a number").to_string();
    assert!(message.contains("CORDON_DISPOSAL__URGENT_HOURS"), "{message}");
}

#[test]
fn a_file_that_was_asked_for_must_exist() {
    let error = load(Some(Path::new("/nonexistent/cordon.toml")), &[]).expect_err("missing");
    assert!(matches!(error, ConfigError::Missing(_)), "{error}");
}

#[test]
fn a_secret_comes_from_text_or_file_and_never_from_both() {
    let folder = Folder::new();
    let secret = folder.write("url", "postgres://cordon:31415926@db/cordon\n");
    let path = secret.to_str().unwrap();
    let config = load(None, &[("CORDON_DATABASE__URL_FILE", path)]).unwrap();
    assert_eq!(config.database.url_of("directory").reveal(), "postgres://cordon:31415926@db/cordon");
    assert!(!format!("{config:?}").contains("31415926"), "a secret must not appear in debug output");

    let both = [("CORDON_DATABASE__URL_FILE", path), ("CORDON_DATABASE__URL", "postgres://other")];
    assert!(load(None, &both).expect_err("both").to_string().contains("given twice"));

    let empty = folder.write("empty", "\n");
    let message = load(None, &[("CORDON_DATABASE__URL_FILE", empty.to_str().unwrap())]).expect_err("empty").to_string();
    assert!(message.contains("database.url_file"), "{message}");
}

#[test]
fn a_secret_of_digits_stays_text() {
    let config = load(None, &[("CORDON_DATABASE__URL", "01234567890123456789012345678901")]).unwrap();
    assert_eq!(config.database.url.unwrap().reveal(), "01234567890123456789012345678901");
}

#[test]
fn one_service_may_have_a_database_of_its_own() {
    let variables = [("CORDON_DATABASE__URL", "postgres://all"), ("CORDON_DATABASE__URLS__DISPOSAL", "postgres://one")];
    let config = load(None, &variables).unwrap();
    assert_eq!(config.database.url_of("disposal").reveal(), "postgres://one");
    assert_eq!(config.database.url_of("directory").reveal(), "postgres://all");
}

#[test]
fn unsafe_combinations_are_warned_about() {
    let folder = Folder::new();
    let inline = folder.write(
        "inline.toml",
        "mode = \"production\"\n[database]\nurl = \"postgres://x:y@z/c\"\n[server]\npublic_url = \"https://cordon.example\"\n",
    );
    let cases: [(&[(&str, &str)], &str); 8] = [
        (&[("CORDON_MODE", "production")], "public_url_plain"),
        (&[("CORDON_MODE", "production")], "keys_beside_rows"),
        (&[("CORDON_MODE", "production")], "ledger_heads_local"),
        (&[("CORDON_MODE", "production"), ("CORDON_TELEMETRY__FORMAT", "text")], "log_text"),
        (&[("CORDON_MODE", "production"), ("CORDON_TELEMETRY__FILTER", "info,x=trace")], "log_verbose"),
        (&[("CORDON_SERVER__LISTEN", "0.0.0.0:8080")], "development_exposed"),
        (&[("CORDON_SERVER__HEAD_TIMEOUT_MS", "0")], "head_timeout_long"),
        (&[("CORDON_LEDGER__HEAD_INTERVAL_MINUTES", "0")], "ledger_heads_rare"),
    ];
    for (variables, code) in cases {
        let config = load(None, variables).unwrap();
        assert!(codes(&config).contains(&code), "{code} is missing from {:?}", codes(&config));
    }
    let config = load(Some(&inline), &[]).unwrap();
    assert!(codes(&config).contains(&"secret_in_file"), "{:?}", codes(&config));
    assert!(config.warnings().iter().all(|warning| !warning.zh.is_empty() && !warning.en.is_empty()));
}

#[cfg(unix)]
#[test]
fn a_secret_file_that_everybody_can_read_is_warned_about() {
    use std::os::unix::fs::PermissionsExt;

    let folder = Folder::new();
    let secret = folder.write("url", "postgres://cordon@db/cordon");
    for (mode, warned) in [(0o644, true), (0o600, false)] {
        std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(mode)).unwrap();
        let config = load(None, &[("CORDON_DATABASE__URL_FILE", secret.to_str().unwrap())]).unwrap();
        assert_eq!(codes(&config).contains(&"secret_file_open"), warned, "mode {mode:o}");
    }
}

#[test]
fn a_careful_production_has_no_warning() {
    let folder = Folder::new();
    let heads = folder.0.path().to_str().unwrap().to_owned();
    let config = load(
        None,
        &[
            ("CORDON_MODE", "production"),
            ("CORDON_SERVER__PUBLIC_URL", "https://cordon.example"),
            ("CORDON_SERVER__LISTEN", "0.0.0.0:8080"),
            ("CORDON_KEYS__DIRECTORY", "/var/lib/cordon-keys"),
            ("CORDON_LEDGER__HEAD_DIRECTORY", &heads),
        ],
    )
    .unwrap();
    assert_eq!(codes(&config), Vec::<&str>::new());
}

#[test]
fn the_example_with_its_defaults_switched_on_reads_as_the_defaults() {
    let example = cordon_config::example::<Services>();
    let switched_on: String = example
        .lines()
        .map(|line| match line.strip_prefix('#') {
            // A comment has a space after the sign; a key without a default has nothing to switch on.
            Some(key) if !key.starts_with(' ') && !key.ends_with('=') => format!("{key}\n"),
            Some(_) | None => format!("{line}\n"),
        })
        .collect();
    let folder = Folder::new();
    let file = folder.write("cordon.toml", &switched_on);
    let config = load(Some(&file), &[]).expect("the example loads");
    let defaults = load(None, &[]).unwrap();
    assert_eq!(config.server, defaults.server);
    assert_eq!(config.keys, defaults.keys);
    assert_eq!(config.telemetry, defaults.telemetry);
    assert_eq!(config.ledger, defaults.ledger);
    assert_eq!(config.services, defaults.services, "{example}");
    for needle in
        ["[server]", "#listen = \"127.0.0.1:8080\"", "[disposal.retry]", "# Hours until an urgent task is overdue."]
    {
        assert!(example.contains(needle), "{needle} is missing from\n{example}");
    }
}

#[test]
fn the_schema_knows_every_section_and_refuses_others() {
    let schema = cordon_config::schema::<Services>();
    let properties = schema.get("properties").unwrap().as_object().unwrap();
    let mut names: Vec<&str> = properties.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["database", "disposal", "keys", "ledger", "mode", "server", "telemetry"]);
    assert_eq!(schema.get("additionalProperties").unwrap(), false);
}
