//! Files that were sent up. They name people, so that none stays longer than its import needs it.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use cordon_case_intake_contract::{ImportStatus, topic};
use cordon_context::{CallContext, Timestamp};
use cordon_events::NewEvent;
use cordon_store::{AuditRecord, Failure};
use serde_json::json;

use crate::import::refusal::FileRefusal;
use crate::intake::{Intake, aside};
use crate::store;
use crate::store::imports::{ImportChange, StoredImport};

/// Whether a file lies in the upload folder; any other belongs to whoever imports it.
fn is_upload(intake: &Intake, path: &Path) -> bool {
    path.parent() == Some(intake.settings.imports.upload_folder.as_path())
}

/// Deletes an upload whose import has ended. What cannot be deleted now is found again by [`sweep`].
pub(crate) async fn remove(intake: &Intake, path: &str) {
    let path = PathBuf::from(path);
    if !is_upload(intake, &path) {
        return;
    }
    let removed = aside(move || Ok(std::fs::remove_file(path))).await;
    if let Ok(Err(error)) = removed
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(error = &error as &dyn std::error::Error, "an upload could not be deleted");
    }
}

/// Ends imports that nobody decided about in time, deletes uploads that no import needs, and tells how many things it moved.
pub(crate) async fn sweep(intake: &Intake, ctx: &CallContext, now: Timestamp) -> Result<u64, Failure> {
    let keep = Duration::from_hours(u64::from(intake.settings.imports.upload_hours));
    let before = now.minus(keep);
    let reader = intake.database.reader();
    let mut moved = 0;
    for stored in store::imports::undecided(reader, before, intake.settings.jobs.batch).await? {
        if is_upload(intake, Path::new(&stored.path)) {
            moved += u64::from(give_up(intake, ctx, stored).await?);
        }
    }
    let folder = intake.settings.imports.upload_folder.clone();
    let old = aside(move || Ok(old_files(&folder, before))).await?;
    if old.is_empty() {
        return Ok(moved);
    }
    let in_use: BTreeSet<PathBuf> =
        store::imports::paths_in_use(reader).await?.into_iter().map(PathBuf::from).collect();
    for path in old.into_iter().filter(|path| !in_use.contains(path)) {
        remove(intake, &path.to_string_lossy()).await;
        moved += 1;
    }
    Ok(moved)
}

/// Ends an import that nobody decided about, unless somebody did meanwhile.
async fn give_up(intake: &Intake, ctx: &CallContext, stored: StoredImport) -> Result<bool, Failure> {
    let StoredImport { import, path, .. } = stored;
    let (id, organisation) = (import.id, import.organisation);
    let given_up = intake
        .database
        .write(ctx, move |mut tx| async move {
            // Whoever decides takes the lease, and whoever holds the lease is at work.
            let Some(fence) = store::imports::claim_undecided(tx.connection(), id, tx.now()).await? else {
                return tx.commit(false).await;
            };
            let FileRefusal { rule, text, .. } = FileRefusal::undecided();
            let status = ImportStatus::Failed;
            let refusal = Some((rule.to_owned(), text));
            let change = ImportChange { status: Some(status), refusal, ..ImportChange::default() };
            store::imports::apply(tx.connection(), id, fence, tx.now(), change).await?;
            let record = AuditRecord::new("import.fail", id.to_string(), json!({ "refusal": rule }));
            tx.record(record.of_organisation(organisation));
            tx.emit(NewEvent {
                topic: topic::IMPORT_MOVED.to_owned(),
                subject: id.to_string(),
                audience: vec![organisation],
                payload: json!({ "import": id, "status": status }),
            });
            tx.commit(true).await
        })
        .await?;
    if given_up {
        remove(intake, &path).await;
    }
    Ok(given_up)
}

/// Plain files of a folder that were last written before a moment; a folder that is not there holds none.
fn old_files(folder: &Path, before: Timestamp) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let files = entries.filter_map(Result::ok).filter(|entry| {
        let Ok(found) = entry.metadata() else { return false };
        let written = found.modified().ok().and_then(|moment| moment.duration_since(UNIX_EPOCH).ok());
        let written = written.and_then(|age| i64::try_from(age.as_millis()).ok());
        found.is_file() && written.is_some_and(|millis| millis < before.millis())
    });
    files.map(|entry| entry.path()).collect()
}
