//! Imports begin, are decided, and go on after an interruption.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use cordon_case_intake_contract::{Accept, CommitImport, Import, ImportStatus, StartImport, topic};
use cordon_context::{Bilingual, CallContext, ImportId, Refusal};
use cordon_events::NewEvent;
use cordon_policies::{act, on};
use cordon_store::{AuditRecord, Failure};
use data_encoding::HEXLOWER;
use serde_json::json;

use crate::domain::text::{LONGEST_LINE, checked};
use crate::import::inspect;
use crate::import::refusal::{Fault, FileRefusal};
use crate::intake::{Intake, aside};
use crate::pipeline::{self, Holder, ImportMode, ImportSource, Listener};
use crate::store;
use crate::store::imports::{ImportChange, NewImport, StoredImport};
use crate::uploads;

/// Imports a file to the end that the mode names, while the caller waits.
pub(crate) async fn import_now(
    intake: &Intake,
    ctx: &CallContext,
    source: ImportSource,
    mode: ImportMode,
    listener: Listener,
) -> Result<Import, Failure> {
    let (stored, held) = begin(intake, ctx, source).await?;
    let id = stored.import.id;
    let status = stored.import.status;
    let accept = match mode {
        ImportMode::DryRun if matches!(status, ImportStatus::Checking) => {
            let holder = hold(intake, ctx, &stored, held).await?;
            pipeline::check(intake, ctx, &stored, &holder, &listener).await?;
            return pipeline::present(intake, id).await;
        }
        ImportMode::DryRun => return Ok(stored.import),
        ImportMode::Commit(accept) => accept,
    };
    match status {
        ImportStatus::Committed | ImportStatus::Refused | ImportStatus::Failed => return Ok(stored.import),
        ImportStatus::Checking | ImportStatus::Checked | ImportStatus::Committing => {}
    }
    let holder = hold(intake, ctx, &stored, held).await?;
    if status == ImportStatus::Checking && accept == Accept::AllOrNothing {
        pipeline::check(intake, ctx, &stored, &holder, &listener).await?;
    }
    let present = reload(intake, id).await?;
    if matches!(present.import.status, ImportStatus::Refused | ImportStatus::Failed) {
        return Ok(present.import);
    }
    decide(intake, ctx, &present, accept, Some(holder.fence)).await?;
    let decided = reload(intake, id).await?;
    pipeline::commit(intake, ctx, &decided, &holder, &listener).await?;
    pipeline::present(intake, id).await
}

/// Begins an import of an upload; the dry run goes on in the background.
pub(crate) async fn start_import(intake: &Intake, ctx: CallContext, input: StartImport) -> Result<Import, Failure> {
    let StartImport { upload, file_name } = input;
    let path = upload_path(&intake.settings.imports.upload_folder, &upload)?;
    let (stored, held) = begin(intake, &ctx, ImportSource { path, file_name }).await?;
    if let Some(holder) = held {
        spawn(intake, &ctx, stored.clone(), holder);
    }
    Ok(stored.import)
}

/// Decides what a checked import keeps; writing goes on in the background.
pub(crate) async fn commit_import(intake: &Intake, ctx: CallContext, input: CommitImport) -> Result<Import, Failure> {
    let grant = intake.authorize::<act::Modify, on::Import>(&ctx)?;
    intake.authorize::<act::Create, on::Report>(&ctx)?;
    let CommitImport { import: id, accept } = input;
    let found = store::imports::by_ids(intake.database.reader(), grant.scope(), &[id]).await?.pop();
    let found = found.ok_or_else(Refusal::not_found)?;
    if let Some(fence) = decide(intake, &ctx, &found, accept, None).await? {
        let decided = reload(intake, id).await?;
        let holder = Holder { import: id, organisation: decided.import.organisation, fence, acting: None };
        spawn(intake, &ctx, decided, holder);
    }
    pipeline::present(intake, id).await
}

/// Goes on with an import whose worker is gone.
pub(crate) async fn resume(intake: &Intake, ctx: &CallContext, stored: StoredImport) -> Result<bool, Failure> {
    let Some(fence) = claim(intake, ctx, stored.import.id).await? else { return Ok(false) };
    let acting = stored.acting.clone();
    let holder = Holder { import: stored.import.id, organisation: stored.import.organisation, fence, acting };
    let silent: Listener = Arc::new(|_progress| {});
    run(intake, ctx, &stored, &holder, &silent).await?;
    Ok(true)
}

async fn run(
    intake: &Intake,
    ctx: &CallContext,
    stored: &StoredImport,
    holder: &Holder,
    listener: &Listener,
) -> Result<(), Failure> {
    match stored.import.status {
        ImportStatus::Checking => pipeline::check(intake, ctx, stored, holder, listener).await,
        ImportStatus::Committing => {
            // What is written must be what was decided on.
            let (path, limits) = (PathBuf::from(&stored.path), intake.settings.imports.clone());
            let fault = match aside(move || Ok(inspect::digest(&path, &limits))).await? {
                Ok((_, hash)) if HEXLOWER.encode(&hash) == stored.import.content_hash => None,
                Err(refusal) if refusal.fault != Fault::Content => Some(refusal),
                Ok(_) | Err(_) => Some(FileRefusal::changed()),
            };
            if let Some(refusal) = fault {
                return pipeline::end_early(intake, ctx, stored, holder, refusal).await;
            }
            pipeline::commit(intake, ctx, stored, holder, listener).await
        }
        ImportStatus::Checked | ImportStatus::Committed | ImportStatus::Refused | ImportStatus::Failed => Ok(()),
    }
}

fn spawn(intake: &Intake, ctx: &CallContext, stored: StoredImport, holder: Holder) {
    // From here on nobody waits: every chunk asks whether the caller still may.
    let holder = Holder { acting: Some(ctx.actor.kind.clone()), ..holder };
    let (worker, ctx) = (intake.clone(), ctx.clone());
    intake.background.spawn(async move {
        let silent: Listener = Arc::new(|_progress| {});
        if let Err(failure) = run(&worker, &ctx, &stored, &holder, &silent).await {
            // The lease runs out and the job for interrupted imports takes it up again.
            tracing::warn!(import.id = %stored.import.id, refusal = %Refusal::from(failure), "an import was interrupted");
        }
    });
}

/// Registers a file. A new one is held by the caller from the start; one that is known is answered as it stands.
async fn begin(
    intake: &Intake,
    ctx: &CallContext,
    source: ImportSource,
) -> Result<(StoredImport, Option<Holder>), Failure> {
    let grant = intake.authorize::<act::Create, on::Import>(ctx)?;
    intake.authorize::<act::Create, on::Report>(ctx)?;
    let ImportSource { path, file_name } = source;
    let file_name = checked("file_name", &file_name, LONGEST_LINE)?;
    let (limits, digested) = (intake.settings.imports.clone(), path.clone());
    let (bytes, content_hash) = aside(move || Ok(inspect::digest(&digested, &limits).map_err(Refusal::from)?)).await?;
    let lease_until = intake.clock.now().plus(Duration::from_secs(intake.settings.imports.lease_seconds));
    let organisation = ctx.actor.organisation;
    let path = path.to_string_lossy().into_owned();
    let brought = path.clone();
    let new = intake
        .database
        .write(ctx, move |mut tx| async move {
            let id = ImportId::new(tx.now());
            let party = tx.context().actor.party();
            let new = NewImport {
                id,
                organisation,
                content_hash,
                file_name,
                path: path.clone(),
                bytes,
                party,
                acting: tx.context().actor.kind.clone(),
                now: tx.now(),
            };
            if store::imports::insert(tx.connection(), &grant, new).await? {
                let fence = store::imports::claim(tx.connection(), id, tx.now(), lease_until).await?;
                let record = json!({ "bytes": bytes, "content": HEXLOWER.encode(&content_hash) });
                tx.record(AuditRecord::new("import.begin", id.to_string(), record));
                tx.emit(NewEvent {
                    topic: topic::IMPORT_MOVED.to_owned(),
                    subject: id.to_string(),
                    audience: vec![organisation],
                    payload: json!({ "import": id, "status": ImportStatus::Checking }),
                });
                return tx.commit(fence.map(|fence| Holder { import: id, organisation, fence, acting: None })).await;
            }
            // The same content may have been brought again because the first copy is gone.
            let place = (organisation, &content_hash);
            let acting = tx.context().actor.kind.clone();
            let failed =
                store::imports::take_over(tx.connection(), &grant, place, &acting, &path, tx.now(), lease_until)
                    .await?;
            if let Some((id, fence)) = failed {
                tx.record(AuditRecord::new("import.take_over", id.to_string(), json!({ "bytes": bytes })));
                tx.emit(NewEvent {
                    topic: topic::IMPORT_MOVED.to_owned(),
                    subject: id.to_string(),
                    audience: vec![organisation],
                    payload: json!({ "import": id, "status": ImportStatus::Checking }),
                });
                return tx.commit(Some(Holder { import: id, organisation, fence, acting: None })).await;
            }
            store::imports::move_file(tx.connection(), organisation, &content_hash, &path).await?;
            tx.commit(None).await
        })
        .await?;
    let stored = store::imports::by_content(intake.database.reader(), organisation, &content_hash).await?;
    let stored = stored.ok_or_else(Refusal::not_found)?;
    if matches!(stored.import.status, ImportStatus::Committed | ImportStatus::Refused) {
        // Nothing will read this copy.
        uploads::remove(intake, &brought).await;
    }
    Ok((stored, new))
}

async fn reload(intake: &Intake, id: ImportId) -> Result<StoredImport, Failure> {
    let scope = cordon_context::Scope::system("the import being worked on");
    let found = store::imports::by_ids(intake.database.reader(), &scope, &[id]).await?.pop();
    Ok(found.ok_or_else(Refusal::not_found)?)
}

async fn claim(intake: &Intake, ctx: &CallContext, id: ImportId) -> Result<Option<i64>, Failure> {
    let until = intake.clock.now().plus(Duration::from_secs(intake.settings.imports.lease_seconds));
    intake
        .database
        .write(ctx, move |tx| async move {
            let fence = store::imports::claim(tx.connection(), id, tx.now(), until).await?;
            tx.commit(fence).await
        })
        .await
}

/// Takes hold of an import, or says that somebody else works on it.
async fn hold(
    intake: &Intake,
    ctx: &CallContext,
    stored: &StoredImport,
    held: Option<Holder>,
) -> Result<Holder, Failure> {
    if let Some(holder) = held {
        return Ok(holder);
    }
    let fence = claim(intake, ctx, stored.import.id).await?;
    let fence = fence.ok_or_else(|| {
        Refusal::rule(
            "import.in_progress",
            Bilingual::new(
                "该文件正在导入，请稍后查看结果",
                "this file is being imported already; look again in a moment",
            ),
        )
    })?;
    let organisation = stored.import.organisation;
    // The caller waits, and whoever made the call answers for it.
    Ok(Holder { import: stored.import.id, organisation, fence, acting: None })
}

/// Writes the decision down. Gives the fence under which to write rows, or nothing if that is done or being done already.
async fn decide(
    intake: &Intake,
    ctx: &CallContext,
    stored: &StoredImport,
    accept: Accept,
    held: Option<i64>,
) -> Result<Option<i64>, Failure> {
    let import = &stored.import;
    match import.status {
        ImportStatus::Checking if held.is_none() => {
            return Err(Refusal::rule(
                "import.not_checked",
                Bilingual::new("校验尚未完成", "the dry run is not done yet"),
            )
            .into());
        }
        ImportStatus::Refused | ImportStatus::Failed => {
            let (rule, text) = import.refusal.clone().unwrap_or_else(|| {
                ("import.unreadable".to_owned(), Bilingual::new("文件无法读取", "the file cannot be read"))
            });
            return Err(Refusal::rule(rule, text).into());
        }
        ImportStatus::Committing | ImportStatus::Committed
            if import.accept.is_some_and(|decided| decided != accept) =>
        {
            return Err(Refusal::rule(
                "import.decided",
                Bilingual::new("该导入已按另一方式确认", "the import was decided in another way already"),
            )
            .into());
        }
        ImportStatus::Committing if held.is_some() => return Ok(held),
        ImportStatus::Committing | ImportStatus::Committed => return Ok(None),
        ImportStatus::Checking | ImportStatus::Checked => {}
    }
    if accept == Accept::AllOrNothing && import.checked.broken > 0 {
        return Err(Refusal::rule(
            "import.has_broken_rows",
            Bilingual::new(
                format!("有 {} 行不合格，未写入任何数据；可选择仅导入合格行", import.checked.broken),
                format!(
                    "{} rows are broken, so nothing is written; the good rows can be kept alone",
                    import.checked.broken
                ),
            ),
        )
        .into());
    }
    let id = import.id;
    let until = intake.clock.now().plus(Duration::from_secs(intake.settings.imports.lease_seconds));
    intake
        .database
        .write(ctx, move |mut tx| async move {
            let fence = match held {
                Some(fence) => fence,
                None => match store::imports::claim(tx.connection(), id, tx.now(), until).await? {
                    Some(fence) => fence,
                    None => return tx.commit(None).await,
                },
            };
            let change = ImportChange {
                status: Some(ImportStatus::Committing),
                accept: Some(accept),
                acting: Some(tx.context().actor.kind.clone()),
                lease_until: Some(until),
                ..ImportChange::default()
            };
            store::imports::apply(tx.connection(), id, fence, tx.now(), change).await?;
            tx.record(AuditRecord::new("import.decide", id.to_string(), json!({ "accept": accept })));
            tx.commit(Some(fence)).await
        })
        .await
}

/// The place of an upload; a name that could lead out of the folder is not found.
fn upload_path(folder: &Path, upload: &str) -> Result<PathBuf, Refusal> {
    let plain = !upload.is_empty()
        && upload.len() <= 128
        && !upload.starts_with('.')
        && upload.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    let path = folder.join(upload);
    // A link in the folder would lead out of it as well.
    let is_file = plain && std::fs::symlink_metadata(&path).is_ok_and(|found| found.is_file());
    if is_file { Ok(path) } else { Err(Refusal::not_found()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uploads_are_plain_files_of_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.csv"), "x").unwrap();
        std::os::unix::fs::symlink("/etc/passwd", folder.path().join("link.csv")).unwrap();
        assert!(upload_path(folder.path(), "a.csv").is_ok());
        for foreign in
            ["", ".", "..", "../a.csv", "b.csv", "link.csv", "/etc/passwd", "a/../a.csv", ".hidden", "a\0.csv"]
        {
            assert_eq!(upload_path(folder.path(), foreign), Err(Refusal::not_found()), "{foreign}");
        }
    }
}
