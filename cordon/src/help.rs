//! What `--help` says below the options, of every command from one place: examples, what else to know, the exit codes.

use clap::{Command, CommandFactory as _, FromArgMatches as _};

use crate::cli::Cli;
use crate::exit::EXIT_CODES;

/// A command by its words, with its examples and what else there is to know.
struct Help {
    command: &'static str,
    examples: &'static [&'static str],
    notes: &'static str,
}

const fn help(command: &'static str, examples: &'static [&'static str]) -> Help {
    Help { command, examples, notes: "" }
}

const HELPS: &[Help] = &[
    help("serve", &["cordon serve", "cordon serve --target all", "CORDON_SERVER__LISTEN=127.0.0.1:9000 cordon serve"]),
    help("migrate", &["cordon migrate", "cordon --config /etc/cordon/cordon.toml migrate"]),
    Help {
        command: "init",
        examples: &[
            "cordon init --operator 示例反诈平台运营中心 --system-admin zhao.system=赵示例 --security-admin qian.security=钱示例 --auditor sun.audit=孙示例",
        ],
        notes: "首次口令只显示一次；登录后须修改口令并登记动态口令，见 docs/guides/production.md\nThe first passwords are shown once; everybody changes theirs and enrols a one-time code, see docs/guides/production.md",
    },
    help("seed demo", &["cordon seed demo", "cordon seed demo --if-empty --without-reports"]),
    help(
        "import",
        &[
            "cordon import reports reports.csv --as hotline.clerk --dry-run",
            "cordon import reports reports.csv --as hotline.clerk --accept good-rows --errors bad.csv",
            "cordon import portability ported.csv --as admin.system",
        ],
    ),
    help("export", &["cordon export orders orders.csv --as chen.handler --server http://localhost:8080"]),
    help(
        "audit verify",
        &["cordon audit verify --heads heads.json", "cordon audit verify --heads /mnt/heads --heads heads.json"],
    ),
    help("audit export-heads", &["cordon audit export-heads heads.json"]),
    help("keys list", &["cordon keys list"]),
    Help {
        command: "keys rotate",
        examples: &[
            "cordon keys rotate data/directory",
            "cordon keys rotate signing/ledger",
            "cordon keys rotate master",
        ],
        notes: "运行中的服务一分钟内改用新密钥\nA running server takes the new key up within a minute",
    },
    help(
        "policy explain",
        &[
            "cordon policy explain police_handler 'approve order'",
            "cordon policy explain police_approver,appeal_officer 'decide appeal'",
            "cordon policy explain chen.handler 'approve order'",
        ],
    ),
    help(
        "config",
        &["cordon config example > cordon.toml", "cordon config schema", "cordon config documents > documents.json"],
    ),
    help("doctor", &["cordon doctor", "cordon --config /etc/cordon/cordon.toml doctor"]),
];

/// Reads the command line, or says what is wrong with it and ends.
pub(crate) fn parse() -> Cli {
    let matches = command().get_matches();
    Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
}

/// Every command, with what its help ends with.
fn command() -> Command {
    ended(Cli::command(), "")
}

fn ended(command: Command, words: &str) -> Command {
    let names: Vec<String> = command.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    let mut command = command.after_help(ending(words));
    for name in names {
        let words = if words.is_empty() { name.clone() } else { format!("{words} {name}") };
        command = command.mut_subcommand(name, |command| ended(command, &words));
    }
    command
}

/// A group of commands has no examples of its own.
fn ending(words: &str) -> String {
    let Some(help) = HELPS.iter().find(|help| help.command == words) else { return EXIT_CODES.to_owned() };
    let mut text = String::from("示例 / Examples:\n");
    for example in help.examples {
        text += &format!("  {example}\n");
    }
    if !help.notes.is_empty() {
        text += &format!("\n{}\n", help.notes);
    }
    format!("{text}\n{EXIT_CODES}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every command that does something, by its words, as `--help` shows it.
    fn leaves(command: &Command, words: &str, found: &mut Vec<(String, String)>) {
        if command.get_subcommands().next().is_none() {
            found.push((words.to_owned(), command.clone().render_long_help().to_string()));
        }
        for inner in command.get_subcommands() {
            leaves(inner, &format!("{words} {}", inner.get_name()), found);
        }
    }

    fn all() -> Vec<(String, String)> {
        let mut found = Vec::new();
        leaves(&command(), "cordon", &mut found);
        found
    }

    /// The words of an example as a shell hands them over: without settings before it and files after it.
    fn words_of(example: &str) -> Vec<String> {
        let example = example.split(" > ").next().unwrap();
        let example = example.split_at(example.find("cordon").unwrap()).1;
        let mut words = Vec::new();
        for (place, part) in example.split('\'').enumerate() {
            // Every second part stood in quotes.
            if place % 2 == 1 {
                words.push(part.to_owned());
            } else {
                words.extend(part.split_whitespace().map(str::to_owned));
            }
        }
        words
    }

    #[test]
    fn every_command_shows_examples_and_the_exit_codes() {
        let leaves = all();
        assert_eq!(leaves.len(), HELPS.len(), "{:?}", leaves.iter().map(|(words, _)| words).collect::<Vec<_>>());
        for (words, shown) in &leaves {
            let own = HELPS.iter().find(|help| format!("cordon {}", help.command) == *words);
            let own = own.unwrap_or_else(|| panic!("{words} has no examples"));
            assert!(!own.examples.is_empty(), "{words}");
            for part in own.examples.iter().chain([&own.notes]).flat_map(|text| text.lines()) {
                // Long lines are wrapped where they are shown.
                let joined = shown.split_whitespace().collect::<String>();
                assert!(joined.contains(&part.split_whitespace().collect::<String>()), "{words}: {part}\n{shown}");
            }
            for code in 0..=5 {
                assert!(
                    shown.lines().any(|line| line.trim_start().starts_with(&format!("{code}  "))),
                    "{words}: {shown}"
                );
            }
        }
        // Whoever asks for a group of commands, or for all, is told the exit codes too.
        for words in [vec!["cordon"], vec!["cordon", "audit"]] {
            let asked = words.iter().copied().chain(["--help"]);
            let shown = command().try_get_matches_from(asked).unwrap_err().to_string();
            assert!(shown.contains("退出码 / Exit codes:"), "{words:?}: {shown}");
        }
    }

    #[test]
    fn every_example_can_be_typed() {
        for help in HELPS {
            for example in help.examples {
                let words = words_of(example);
                let typed = command().try_get_matches_from(&words);
                let matches = typed.unwrap_or_else(|error| panic!("{example}: {error}"));
                Cli::from_arg_matches(&matches).unwrap();
                let mut names = Vec::new();
                let mut inner = matches.subcommand();
                while let Some((name, deeper)) = inner {
                    names.push(name.to_owned());
                    inner = deeper.subcommand();
                }
                assert_eq!(names.join(" "), help.command, "{example}");
            }
        }
        // The negative control.
        assert!(command().try_get_matches_from(words_of("cordon import reports --dry-run")).is_err());
    }
}
