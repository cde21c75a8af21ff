//! `cordon export`: a list as CSV, exactly as far as the account may see it.

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use crate::cli::{Export, ExportKind};
use crate::exit::Ending;
use crate::private;
use crate::progress;
use crate::remote::{Remote, documents};
use crate::settings::Settings;

/// A list that can be fetched: its document, its root field, and its columns with the place of each value.
struct List {
    document: &'static str,
    field: &'static str,
    columns: &'static [(&'static str, &'static str)],
}

fn list(kind: ExportKind) -> List {
    match kind {
        ExportKind::Orders => List {
            document: documents::EXPORT_ORDERS,
            field: "orders",
            columns: &[
                ("指令编号 number", "/number"),
                ("状态 state", "/state"),
                ("紧急程度 urgency", "/urgency"),
                ("对象数 items", "/itemCount"),
                ("文书编号 legal_basis", "/legalBasis/number"),
                ("下发时间 issued_at", "/issuedAt"),
                ("创建时间 created_at", "/createdAt"),
            ],
        },
        ExportKind::Tasks => List {
            document: documents::EXPORT_TASKS,
            field: "tasks",
            columns: &[
                ("指令编号 order", "/orderNumber"),
                ("对象 subject", "/subject/masked"),
                ("措施 measure", "/measure"),
                ("方向 action", "/action"),
                ("状态 state", "/state"),
                ("期限 due", "/due"),
                ("超期 overdue", "/overdue"),
                ("执行时间 executed_at", "/executedAt"),
            ],
        },
        ExportKind::Reports => List {
            document: documents::EXPORT_REPORTS,
            field: "reports",
            columns: &[
                ("举报编号 report", "/externalId"),
                ("渠道 channel", "/channel"),
                ("地区 region", "/region"),
                ("类型 fraud_type", "/fraudType"),
                ("金额（分）loss_cents", "/lossCents"),
                ("接报时间 received_at", "/receivedAt"),
                ("状态 status", "/status"),
            ],
        },
        ExportKind::Appeals => List {
            document: documents::EXPORT_APPEALS,
            field: "appeals",
            columns: &[
                ("申诉编号 number", "/number"),
                ("状态 state", "/state"),
                ("提交时间 submitted_at", "/submittedAt"),
                ("核查期限 verify_due", "/verifyDue"),
            ],
        },
    }
}

/// Runs the command.
#[expect(clippy::print_stdout, reason = "the answer of the command")]
pub(crate) async fn run(_settings: &Settings, options: &Export) -> anyhow::Result<Ending> {
    let list = list(options.what);
    let remote = Remote::sign_in(&options.reach).await?;
    let mut file = private::create(&options.file)
        .with_context(|| format!("无法写入 / cannot write {}", options.file.display()))?;
    // Spreadsheet programs take a file for UTF-8 only if it says so.
    std::io::Write::write_all(&mut file, "\u{feff}".as_bytes())?;
    let mut writer = csv::Writer::from_writer(file);
    writer.write_record(list.columns.iter().map(|(title, _place)| *title))?;
    let bar = progress::spinner("导出 / fetching");
    let mut after = Value::Null;
    let mut rows = 0_u64;
    loop {
        let answer = remote.ask(list.document, json!({ "after": after })).await?;
        let Some(page) = answer.get(list.field) else { bail!("应答为空 / the answer is empty") };
        for edge in page.get("edges").and_then(Value::as_array).into_iter().flatten() {
            let node = edge.get("node").cloned().unwrap_or_default();
            writer.write_record(list.columns.iter().map(|(_title, place)| cell(node.pointer(place))))?;
            rows += 1;
            bar.set_message(rows.to_string());
            bar.tick();
        }
        if page.pointer("/pageInfo/hasNextPage").and_then(Value::as_bool) != Some(true) {
            break;
        }
        after = page.pointer("/pageInfo/endCursor").cloned().unwrap_or_default();
    }
    writer.flush()?;
    bar.finish_and_clear();
    remote.sign_out().await;
    println!("已导出 {rows} 行到 {path} / {rows} rows are in {path}", path = options.file.display());
    Ok(Ending::Done)
}

/// A value as text that no spreadsheet program takes for a formula.
fn cell(value: Option<&Value>) -> String {
    let text = match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\0']) { format!("'{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_that_begin_a_formula_are_disarmed() {
        for (value, expected) in [("=1+1", "'=1+1"), ("+86", "'+86"), ("@x", "'@x"), ("正常", "正常")] {
            assert_eq!(cell(Some(&json!(value))), expected);
        }
        assert_eq!(cell(Some(&Value::Null)), "");
        assert_eq!(cell(Some(&json!(7))), "7");
    }
}
