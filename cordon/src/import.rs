//! `cordon import`: sends a file to a server, shows what would happen, and keeps it if told so.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow, bail};
use indicatif::ProgressBar;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::cli::{AcceptRows, Import, ImportKind};
use crate::exit::Ending;
use crate::private;
use crate::progress;
use crate::remote::{self, Remote, documents};
use crate::settings::Settings;

/// Rows of a routing table in one request.
const PART: usize = 500;
/// A server that says nothing new about an import for so long will not come to its end.
const STANDSTILL: Duration = Duration::from_mins(10);

/// Runs the command.
pub(crate) async fn run(_settings: &Settings, options: &Import) -> anyhow::Result<Ending> {
    let remote = Remote::sign_in(&options.reach).await?;
    let ending = match options.what {
        ImportKind::Reports => reports(&remote, options).await,
        ImportKind::Portability => routing(&remote, options, "PORTABILITY").await,
        ImportKind::Segments => routing(&remote, options, "SEGMENT").await,
        ImportKind::Domains => routing(&remote, options, "DOMAIN").await,
        ImportKind::Addresses => routing(&remote, options, "ADDRESS").await,
    };
    remote.sign_out().await;
    ending
}

#[derive(Deserialize)]
struct Stored {
    upload: String,
}

#[expect(clippy::print_stdout, reason = "the answer of the command")]
async fn reports(remote: &Remote, options: &Import) -> anyhow::Result<Ending> {
    let bar = progress::spinner("上传 / sending");
    let stored: Stored = remote.upload("/uploads/reports", &options.file).await?;
    bar.set_message("试算 / dry run");
    let name = options.file.file_name().and_then(|name| name.to_str()).unwrap_or("reports");
    let started =
        remote.ask(documents::START_IMPORT, json!({ "input": { "upload": stored.upload, "fileName": name } })).await?;
    let mut import = payload(&started, "startImport", "import")?;
    let id = import.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    import = settle(remote, &id, import, &bar).await?;
    bar.finish_and_clear();
    refuse_refused(&import)?;
    print!("{}", counts("试算 / dry run", &import, "checked"));
    let broken = import.pointer("/checked/broken").and_then(Value::as_u64).unwrap_or(0);
    if broken > 0 {
        print!("{}", by_code(&import));
        if let Some(file) = &options.errors {
            error_file(remote, &id, file).await?;
            println!("坏行清单 / broken rows: {}", file.display());
        }
    }
    if import.get("status").and_then(Value::as_str) == Some("COMMITTED") {
        print!("{}", counts("此前已写入 / written before", &import, "committed"));
        return Ok(Ending::Done);
    }
    let Some(accept) = decide(options, broken)? else {
        println!("未写入 / nothing was written");
        return Ok(if options.dry_run && broken == 0 { Ending::Done } else { Ending::Undecided });
    };
    let bar = progress::spinner("写入 / writing");
    let committed =
        remote.ask(documents::COMMIT_IMPORT, json!({ "input": { "import": id, "accept": accept } })).await?;
    let import = payload(&committed, "commitImport", "import")?;
    let import = settle(remote, &id, import, &bar).await?;
    bar.finish_and_clear();
    refuse_refused(&import)?;
    match import.get("status").and_then(Value::as_str) {
        Some("COMMITTED") => {
            print!("{}", counts("已写入 / written", &import, "committed"));
            Ok(Ending::Done)
        }
        other => bail!("导入未完成，状态 / the import did not come to its end; its state is {}", other.unwrap_or("-")),
    }
}

/// A file that the server refused, before or while its rows were written, is an error.
fn refuse_refused(import: &Value) -> anyhow::Result<()> {
    let text = |field: &str| import.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    match import.get("refusalRule").and_then(Value::as_str) {
        Some(rule) => bail!("[{rule}] {} / {}", text("refusalZh"), text("refusalEn")),
        None => Ok(()),
    }
}

/// Which rows are kept; `None` keeps nothing.
fn decide(options: &Import, broken: u64) -> anyhow::Result<Option<&'static str>> {
    if options.dry_run {
        return Ok(None);
    }
    match options.accept {
        Some(AcceptRows::GoodRows) => return Ok(Some("GOOD_ROWS")),
        Some(AcceptRows::AllOrNothing) => return Ok((broken == 0).then_some("ALL_OR_NOTHING")),
        None => {}
    }
    let question = if broken == 0 {
        "写入？/ write them? [y/N] ".to_owned()
    } else {
        format!("有 {broken} 行损坏，只写好行？/ {broken} rows are broken; write the good ones? [y/N] ")
    };
    let yes = remote::ask(&question)?.is_some_and(|answer| answer.eq_ignore_ascii_case("y"));
    Ok(yes.then_some(if broken == 0 { "ALL_OR_NOTHING" } else { "GOOD_ROWS" }))
}

/// Waits while the server reads or writes.
async fn settle(remote: &Remote, id: &str, mut import: Value, bar: &ProgressBar) -> anyhow::Result<Value> {
    let mut moved = Instant::now();
    while matches!(import.get("status").and_then(Value::as_str), Some("CHECKING" | "COMMITTING")) {
        if moved.elapsed() > STANDSTILL {
            bail!("导入长时间没有进展，请查看服务日志 / the import does not move on; look at the server's log");
        }
        for step in ["committed", "checked"] {
            if let Some(rows) =
                import.pointer(&format!("/{step}/rows")).and_then(Value::as_u64).filter(|rows| *rows > 0)
            {
                bar.set_message(format!("{rows} 行 / rows"));
                break;
            }
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
        let answer = remote.ask(documents::IMPORT, json!({ "id": id })).await?;
        let now = answer
            .get("import")
            .cloned()
            .filter(|import| !import.is_null())
            .context("导入记录不存在 / the import is gone")?;
        if now != import {
            moved = Instant::now();
            import = now;
        }
    }
    Ok(import)
}

async fn error_file(remote: &Remote, id: &str, file: &Path) -> anyhow::Result<()> {
    let mut content = String::new();
    let mut after = Value::Null;
    loop {
        let answer = remote.ask(documents::IMPORT_ERROR_FILE, json!({ "import": id, "after": after })).await?;
        let part = answer.get("importErrorFile").cloned().unwrap_or_default();
        content += part.get("content").and_then(Value::as_str).unwrap_or_default();
        after = part.get("nextAfter").cloned().unwrap_or_default();
        if after.is_null() {
            break;
        }
    }
    private::write(file, content).with_context(|| format!("无法写入 / cannot write {}", file.display()))
}

/// Routing tables go in parts, first as a dry run over the whole file.
#[expect(clippy::print_stdout, reason = "the answer of the command")]
async fn routing(remote: &Remote, options: &Import, table: &str) -> anyhow::Result<Ending> {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_path(&options.file)
        .with_context(|| format!("无法读取 / cannot read {}", options.file.display()))?;
    let header: Vec<String> = reader.headers()?.iter().map(str::to_owned).collect();
    let rows = reader
        .records()
        .map(|record| Ok(record?.iter().map(str::to_owned).collect()))
        .collect::<anyhow::Result<Vec<Vec<String>>>>()?;
    let (good, bad) = send_parts(remote, options, table, &header, &rows, true).await?;
    println!("试算 / dry run: {} 行 / rows, 可写入 / good {good}, 损坏 / broken {}", rows.len(), bad.len());
    for row in &bad {
        println!("  {row}");
    }
    if let Some(file) = options.errors.as_ref().filter(|_file| !bad.is_empty()) {
        private::write(file, bad.join("\n")).with_context(|| format!("无法写入 / cannot write {}", file.display()))?;
    }
    if decide(options, u64::try_from(bad.len()).unwrap_or(u64::MAX))?.is_none() {
        println!("未写入 / nothing was written");
        return Ok(if options.dry_run && bad.is_empty() { Ending::Done } else { Ending::Undecided });
    }
    let (good, _bad) = send_parts(remote, options, table, &header, &rows, false).await?;
    println!("已写入 / written: {good}");
    Ok(Ending::Done)
}

async fn send_parts(
    remote: &Remote,
    options: &Import,
    table: &str,
    header: &[String],
    rows: &[Vec<String>],
    dry_run: bool,
) -> anyhow::Result<(u64, Vec<String>)> {
    let origin = options.file.file_name().and_then(|name| name.to_str()).unwrap_or("file");
    let bar = progress::bar(table.to_owned(), u64::try_from(rows.len()).unwrap_or(u64::MAX));
    let (mut good, mut bad) = (0, Vec::new());
    for (number, part) in rows.chunks(PART).enumerate() {
        let first_row = number * PART + 2;
        let input = json!({ "table": table, "origin": origin, "header": header, "rows": part, "firstRow": first_row, "dryRun": dry_run });
        let answer = remote.ask(documents::IMPORT_ROUTING, json!({ "input": input })).await?;
        let result = payload(&answer, "importRouting", "imported")?;
        good += result.get("good").and_then(Value::as_u64).unwrap_or(0);
        for row in result.get("bad").and_then(Value::as_array).into_iter().flatten() {
            let text = |name: &str| {
                row.get(name)
                    .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
                    .unwrap_or_default()
            };
            bad.push(format!(
                "{}\t{}\t{}\t{}",
                text("row"),
                text("column"),
                text("code"),
                row.pointer("/text/zh").and_then(Value::as_str).unwrap_or_default()
            ));
        }
        bar.inc(u64::try_from(part.len()).unwrap_or(0));
    }
    bar.finish_and_clear();
    Ok((good, bad))
}

/// The changed object of a payload, or its refusal as an error.
fn payload(answer: &Value, field: &str, object: &str) -> anyhow::Result<Value> {
    let payload = answer.get(field).cloned().unwrap_or_default();
    if let Some(words) = remote::refusal_in_words(&payload) {
        bail!("{words}");
    }
    payload
        .get(object)
        .cloned()
        .filter(|object| !object.is_null())
        .ok_or_else(|| anyhow!("应答为空 / the answer is empty"))
}

fn counts(title: &str, import: &Value, which: &str) -> String {
    let count = |name: &str| import.pointer(&format!("/{which}/{name}")).and_then(Value::as_u64).unwrap_or(0);
    let mut text = format!(
        "{title}: {} 行 / rows, 新增 / new {}, 已有 / existing {}, 损坏 / broken {}",
        count("rows"),
        count("new"),
        count("existing"),
        count("broken")
    );
    // A dry run compares with nothing and keeps no identifiers.
    if which == "committed" {
        text += &format!(
            ", 近似重复 / near duplicates {}, 标识 / identifiers {}",
            count("nearDuplicates"),
            count("findings")
        );
    }
    text + "\n"
}

fn by_code(import: &Value) -> String {
    let mut text = String::new();
    for entry in import.get("brokenByCode").and_then(Value::as_array).into_iter().flatten() {
        let code = entry.get("code").and_then(Value::as_str).unwrap_or_default();
        let count = entry.get("count").and_then(Value::as_u64).unwrap_or(0);
        text += &format!("  {code}: {count}\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_that_ended_refused_is_an_error() {
        let refused = json!({ "status": "REFUSED", "refusalRule": "import.changed", "refusalZh": "文件已改变", "refusalEn": "changed" });
        let said = refuse_refused(&refused).unwrap_err().to_string();
        assert_eq!(said, "[import.changed] 文件已改变 / changed");
        assert!(refuse_refused(&json!({ "status": "COMMITTED", "refusalRule": null })).is_ok());
    }

    #[test]
    fn a_dry_run_counts_only_what_it_looked_at() {
        let import = json!({ "checked": { "rows": 3, "new": 2 }, "committed": { "rows": 3, "findings": 5 } });
        assert!(!counts("dry run", &import, "checked").contains("identifiers"));
        assert!(counts("written", &import, "committed").contains("identifiers 5"));
    }
}
