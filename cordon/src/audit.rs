//! `cordon audit`: export heads, and verify the ledger against heads that were exported before.

use std::fs;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use cordon_context::{CallContext, Clock as _, SystemClock};
use cordon_ledger::verify::Verifier;
use cordon_ledger::{HeadFile, HeadKey, TrustedHeads, Verdict};
use cordon_store::Database;

use crate::assembly;
use crate::cli::{ExportHeads, Verify};
use crate::exit::Ending;
use crate::settings::Settings;

const PAGE: u32 = 2_000;

/// Reads every chain and compares it with published heads; trusts nothing in the database.
#[expect(clippy::print_stdout, reason = "the answer of the command")]
pub(crate) async fn verify(settings: &Settings, options: &Verify) -> anyhow::Result<Ending> {
    let bytes =
        fs::read(&options.heads).with_context(|| format!("无法读取 / cannot read {}", options.heads.display()))?;
    let file = HeadFile::parse(&bytes).with_context(|| format!("{}", options.heads.display()))?;
    let heads = TrustedHeads::check(&file.heads, &file.trusted_keys()?);
    let mut verifier = Verifier::new(&heads);
    for database in assembly::databases(settings, Arc::new(SystemClock)).await? {
        feed(&mut verifier, &database).await?;
    }
    let verdict = verifier.finish();
    print!("{}", in_words(&verdict));
    Ok(if verdict.is_intact() { Ending::Done } else { Ending::Faulty })
}

async fn feed(verifier: &mut Verifier<'_>, database: &Database) -> anyhow::Result<()> {
    let mut from = i64::MIN;
    loop {
        let entries = database
            .ledger_entries(from, PAGE)
            .await
            .map_err(anyhow::Error::new)
            .with_context(|| format!("账本无法读取 / the ledger of {} cannot be read", database.service()))?;
        let Some(last) = entries.last().map(|entry| entry.seq) else { return Ok(()) };
        for entry in &entries {
            verifier.feed(entry);
        }
        match last.checked_add(1) {
            Some(next) => from = next,
            None => return Ok(()),
        }
    }
}

fn in_words(verdict: &Verdict) -> String {
    let mut text = String::new();
    for report in &verdict.chains {
        text += &format!(
            "{}: 条目 / entries {}, 已被签名摘要覆盖 / covered by a signed head {}, 尚未覆盖 / not yet covered {}\n",
            report.chain,
            report.entries,
            report.covered,
            report.not_yet_covered()
        );
    }
    for fault in &verdict.faults {
        text += &format!("发现问题 / fault: {} / {fault}\n", fault.chinese());
    }
    text += if verdict.is_intact() {
        "结论 / verdict: 完整 / intact\n"
    } else {
        "结论 / verdict: 账本与已公布的摘要不符 / the ledger does not match the published heads\n"
    };
    text
}

/// Signs a head over every chain that has grown, and writes all heads with the public keys to a file.
#[expect(clippy::print_stdout, reason = "the answer of the command")]
pub(crate) async fn export_heads(settings: &Settings, options: &ExportHeads) -> anyhow::Result<Ending> {
    let keys = assembly::keys(settings)?;
    let clock = Arc::new(SystemClock);
    let mut heads = Vec::new();
    for database in assembly::databases(settings, clock.clone()).await? {
        let context = CallContext::system("ledger_head", clock.now());
        database.sign_ledger_head(&context, &assembly::LedgerSigner(Arc::clone(&keys))).await?;
        heads.extend(database.ledger_heads().await?);
    }
    if heads.is_empty() {
        bail!("账本为空，没有可签名的内容 / the ledger is empty; there is nothing to sign");
    }
    let public: Vec<HeadKey> = assembly::ledger_public_keys(keys.as_ref())?;
    let count = heads.len();
    let mut file = HeadFile::default();
    file.keys = public;
    file.heads = heads;
    let text = file.to_json()?;
    fs::write(&options.file, text).with_context(|| format!("无法写入 / cannot write {}", options.file.display()))?;
    println!(
        "已导出 {count} 个签名摘要到 {path}，请保存在本机之外 / {count} signed heads are in {path}; keep them elsewhere",
        path = options.file.display()
    );
    Ok(Ending::Done)
}
