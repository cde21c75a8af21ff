//! `cordon audit`: export heads, and verify the ledger against heads that were exported before.

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use cordon_context::SystemClock;
use cordon_ledger::verify::Verifier;
use cordon_ledger::{HeadFile, TrustedHeads, Verdict};
use cordon_store::{Database, Opening};
use cordon_vault::LocalKeyService;
use indicatif::ProgressBar;

use crate::assembly;
use crate::cli::{ExportHeads, Verify};
use crate::exit::Ending;
use crate::head_folder::public_keys;
use crate::heads::LedgerSigner;
use crate::progress;
use crate::settings::Settings;

const PAGE: u32 = 2_000;
/// So many entries that cannot be decoded are named; after that the rest of the chain counts as unreadable.
const MOST_UNDECODABLE: u32 = 1_000;

/// Reads every chain and compares it with published heads; trusts nothing in the database.
#[expect(clippy::print_stdout, reason = "the answer of the command")]
pub(crate) async fn verify(settings: &Settings, options: &Verify) -> anyhow::Result<Ending> {
    let heads = read_heads(&options.heads)?;
    let databases = assembly::databases(settings, Arc::new(SystemClock), Opening::Existing).await?;
    let verdict = compare(&databases, &heads).await?;
    print!("{}", in_words(&verdict));
    Ok(if is_proven(&verdict) { Ending::Done } else { Ending::Faulty })
}

/// Everything published that the files and folders hold; the program writes one file per head into its folder.
fn read_heads(places: &[PathBuf]) -> anyhow::Result<HeadFile> {
    let mut merged = HeadFile::default();
    for place in places {
        for file in head_files(place).with_context(|| format!("无法读取 / cannot read {}", place.display()))? {
            merged.merge(read_head_file(&file)?);
        }
    }
    Ok(merged)
}

fn head_files(place: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if !place.is_dir() {
        return Ok(vec![place.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(place)? {
        let path = entry?.path();
        if path.extension() == Some(OsStr::new("json")) {
            files.push(path);
        }
    }
    if files.is_empty() {
        bail!("目录中没有摘要文件 / there are no head files in the folder");
    }
    files.sort();
    Ok(files)
}

fn read_head_file(path: &Path) -> anyhow::Result<HeadFile> {
    let bytes = fs::read(path).with_context(|| format!("无法读取 / cannot read {}", path.display()))?;
    HeadFile::parse(&bytes).with_context(|| format!("{}", path.display()))
}

async fn compare(databases: &[Database], file: &HeadFile) -> anyhow::Result<Verdict> {
    // How many entries there are is asked only for the bar; what cannot be counted is found out while it is read.
    let mut entries = 0_u64;
    for database in databases {
        entries += database.ledger_size().await.unwrap_or(0);
    }
    let bar = progress::bar("核对 / comparing", entries);
    let verdict = compare_behind(databases, file, &bar).await;
    bar.finish_and_clear();
    verdict
}

async fn compare_behind(databases: &[Database], file: &HeadFile, bar: &ProgressBar) -> anyhow::Result<Verdict> {
    let heads = TrustedHeads::check(&file.heads, &file.trusted_keys()?);
    let mut verifier = Verifier::new(&heads);
    for database in databases {
        feed(&mut verifier, database, bar).await?;
    }
    Ok(verifier.finish())
}

async fn feed(verifier: &mut Verifier<'_>, database: &Database, bar: &ProgressBar) -> anyhow::Result<()> {
    let mut from = i64::MIN;
    let mut limit = PAGE;
    let mut undecodable = 0;
    loop {
        match database.ledger_entries(from, limit).await {
            Ok(entries) => {
                for entry in &entries {
                    verifier.feed(entry);
                }
                bar.inc(u64::try_from(entries.len())?);
                let Some(last) = entries.last().map(|entry| entry.seq) else { return Ok(()) };
                let Some(next) = last.checked_add(1) else { return Ok(()) };
                from = next;
                limit = limit.saturating_mul(2).min(PAGE);
            }
            // One entry of the page is the reason; the others can still be read.
            Err(_failure) if limit > 1 => limit /= 2,
            Err(failure) => {
                // A database that answers nothing at all says nothing about the ledger.
                database
                    .last_position()
                    .await
                    .map_err(anyhow::Error::new)
                    .with_context(|| format!("账本无法读取 / the ledger of {} cannot be read", database.service()))?;
                let seq = from.max(1);
                verifier.undecodable(database.service(), seq, format!("{:#}", anyhow::Error::new(failure)));
                undecodable += 1;
                bar.inc(1);
                if undecodable == MOST_UNDECODABLE {
                    verifier.unreadable(format!("{}, {seq}…", database.service()));
                    return Ok(());
                }
                from = seq.saturating_add(1);
            }
        }
    }
}

/// Whether nothing is wrong and no entries stand without a head: what nobody published could have been rewritten whole.
fn is_proven(verdict: &Verdict) -> bool {
    verdict.is_intact() && verdict.chains.iter().all(|report| report.has_head() || report.entries == 0)
}

fn in_words(verdict: &Verdict) -> String {
    let mut text = String::new();
    for report in &verdict.chains {
        text += &format!(
            "{}: 条目 / entries {}, 已被签名摘要覆盖 / covered by a signed head {}, 最后一个摘要之后 / after the last head {}\n",
            report.chain,
            report.entries,
            report.covered,
            report.not_yet_covered()
        );
        if !report.has_head() && report.entries > 0 {
            text += &format!(
                "发现问题 / fault: 账本“{chain}”没有可信摘要,无从证明 / chain {chain}: no trusted head speaks of it; nothing is proven\n",
                chain = report.chain
            );
        }
    }
    for fault in &verdict.faults {
        text += &format!("发现问题 / fault: {} / {fault}\n", fault.chinese());
    }
    text += if is_proven(verdict) {
        "结论 / verdict: 完整 / intact\n"
    } else {
        "结论 / verdict: 账本与已公布的摘要不符 / the ledger does not match the published heads\n"
    };
    text
}

/// Signs a head over every chain that has grown, and adds all heads with the public keys to the file.
///
/// What the file holds already is the only thing that was out of reach of whoever writes the database: the chains must continue
/// it before anything new is signed, and the new heads must fit the entries before they take their place beside the old ones.
#[expect(clippy::print_stdout, reason = "the answer of the command")]
pub(crate) async fn export_heads(settings: &Settings, options: &ExportHeads) -> anyhow::Result<Ending> {
    let clock = Arc::new(SystemClock);
    let databases = assembly::databases(settings, clock.clone(), Opening::Existing).await?;
    let keys = assembly::keys(settings, Opening::Existing)?;
    let mut file = if options.file.exists() { read_head_file(&options.file)? } else { HeadFile::default() };
    let before = compare(&databases, &file).await?;
    if !before.is_intact() {
        return Ok(refuse(&before, &options.file));
    }
    let mut signed = HeadFile::default();
    signed.keys = public_keys(keys.as_ref())?;
    for database in &databases {
        let context = assembly::own_call("ledger_head", clock.as_ref());
        database.sign_ledger_head(&context, &LedgerSigner(Arc::<LocalKeyService>::clone(&keys))).await?;
        signed.heads.extend(database.ledger_heads().await?);
    }
    if signed.heads.is_empty() {
        bail!("账本为空，没有可签名的内容 / the ledger is empty; there is nothing to sign");
    }
    file.merge(signed);
    let after = compare(&databases, &file).await?;
    if !after.is_intact() {
        return Ok(refuse(&after, &options.file));
    }
    replace(&options.file, &file.to_json()?)
        .with_context(|| format!("无法写入 / cannot write {}", options.file.display()))?;
    println!(
        "已导出 {count} 个签名摘要到 {path}，请保存在本机之外 / {count} signed heads are in {path}; keep them elsewhere",
        count = file.heads.len(),
        path = options.file.display()
    );
    Ok(Ending::Done)
}

#[expect(clippy::print_stdout, reason = "the answer of the command")]
fn refuse(verdict: &Verdict, file: &Path) -> Ending {
    print!("{}", in_words(verdict));
    println!("未导出，{path} 保持不变 / nothing was exported; {path} stays as it is", path = file.display());
    Ending::Faulty
}

/// The old file stays whole until the new one is on the disk.
pub(crate) fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".tmp");
    let beside = path.with_file_name(name);
    let mut file = fs::File::create(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    // The new name is on the disk only with its folder.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::File::open(folder)?.sync_all()
}
