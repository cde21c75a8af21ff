//! Files that are made from the code and committed, so that a change of what others rely on is seen in review.

use std::path::Path;

use anyhow::Result;

/// Writes every generated file, or with `check` only compares.
pub(crate) fn run(root: &Path, check: bool) -> Result<()> {
    imp::run(root, check)
}

#[cfg(not(feature = "generate"))]
mod imp {
    use std::path::Path;
    use std::process::Command;

    use anyhow::Result;

    use crate::process;

    /// Starts this program again, built with what it takes.
    pub(super) fn run(root: &Path, check: bool) -> Result<()> {
        let mut command = Command::new(process::cargo());
        command.args(["run", "--quiet", "--package", "xtask", "--features", "generate", "--", "gen"]);
        if check {
            command.arg("--check");
        }
        process::run(command.current_dir(root))
    }
}

#[cfg(feature = "generate")]
mod imp {
    use std::fmt::Write as _;
    use std::fs;
    use std::path::Path;
    use std::process::Command;

    use anyhow::{Context as _, Result, bail};
    use cordon_context::Code;

    use crate::process;

    type Make = fn(&Path) -> Result<String>;

    const FILES: &[(&str, Make)] = &[
        ("graphql/schema.graphql", |_root| Ok(cordon_graphql::schema_sdl())),
        ("policies/matrix.txt", |_root| Ok(cordon_policies::matrix()?)),
        ("docs/error-codes.md", |_root| Ok(error_codes())),
        ("cordon.example.toml", |root| configuration(root, "example")),
        ("docs/config.schema.json", |root| configuration(root, "schema")),
    ];

    pub(super) fn run(root: &Path, check: bool) -> Result<()> {
        let mut stale = Vec::new();
        for (path, make) in FILES {
            let mut text = make(root).with_context(|| format!("cannot make {path}"))?;
            text.truncate(text.trim_end().len());
            text.push('\n');
            let place = root.join(path);
            if fs::read_to_string(&place).is_ok_and(|committed| committed == text) {
                continue;
            }
            if check {
                stale.push(*path);
            } else {
                fs::write(&place, text).with_context(|| format!("cannot write {path}"))?;
                crate::say(&format!("wrote {path}"));
            }
        }
        if !stale.is_empty() {
            bail!("not current: {}; run cargo xtask gen and commit the result", stale.join(", "));
        }
        Ok(())
    }

    /// The settings belong to the binary, which puts the sections of the services together; so it is asked.
    fn configuration(root: &Path, what: &str) -> Result<String> {
        let mut command = Command::new(process::cargo());
        command.args(["run", "--quiet", "--package", "cordon", "--", "config", what]).current_dir(root);
        process::output(&mut command)
    }

    fn error_codes() -> String {
        let mut page = "\
# Error codes

Generated from `crates/context/src/refusal.rs` by `cargo xtask gen`.
A code stands in `extensions.code` of a GraphQL error, in the `code` of a payload that was refused, and in the body of every other error answer.
Codes are added, never renamed.

| code | HTTP | 中文 | English |
| --- | --- | --- | --- |
"
        .to_owned();
        for code in Code::ALL {
            let (zh, en) = code.default_text();
            let _infallible = writeln!(page, "| `{}` | {} | {zh} | {en} |", code.as_str(), code.status());
        }
        page
    }
}
