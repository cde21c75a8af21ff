//! Imports and their broken rows are read.

use cordon_case_intake_contract::{BadRow, ErrorFile, Import};
use cordon_context::{CallContext, ImportId, Page, PageRequest, Refusal};
use cordon_policies::{act, on};
use cordon_store::Failure;

use crate::domain::text::check_count;
use crate::import::error_file;
use crate::intake::Intake;
use crate::store;
use crate::use_cases::reading_reports::LARGEST_BATCH;

/// Loads imports.
pub(crate) async fn imports_by_ids(
    intake: &Intake,
    ctx: CallContext,
    ids: Vec<ImportId>,
) -> Result<Vec<Import>, Failure> {
    let grant = intake.authorize::<act::Read, on::Import>(&ctx)?;
    check_count("ids", ids.len(), 0, LARGEST_BATCH)?;
    let imports = store::imports::by_ids(intake.database.reader(), grant.scope(), &ids).await?;
    Ok(imports.into_iter().map(|stored| stored.import).collect())
}

/// Lists imports.
pub(crate) async fn imports(intake: &Intake, ctx: CallContext, page: PageRequest) -> Result<Page<Import>, Failure> {
    let grant = intake.authorize::<act::Read, on::Import>(&ctx)?;
    store::imports::list(intake.database.reader(), grant.scope(), &page).await
}

async fn readable(intake: &Intake, ctx: &CallContext, import: ImportId) -> Result<Import, Failure> {
    let grant = intake.authorize::<act::Read, on::Import>(ctx)?;
    let found = store::imports::by_ids(intake.database.reader(), grant.scope(), &[import]).await?.pop();
    Ok(found.ok_or_else(Refusal::not_found)?.import)
}

/// Lists broken rows.
pub(crate) async fn bad_rows(
    intake: &Intake,
    ctx: CallContext,
    import: ImportId,
    page: PageRequest,
) -> Result<Page<BadRow>, Failure> {
    readable(intake, &ctx, import).await?;
    store::imports::bad_rows(intake.database.reader(), import, &page).await
}

/// Writes a part of the error file.
pub(crate) async fn error_file(
    intake: &Intake,
    ctx: CallContext,
    import: ImportId,
    after: Option<u64>,
) -> Result<ErrorFile, Failure> {
    let found = readable(intake, &ctx, import).await?;
    let limit = intake.settings.imports.error_file_rows.max(1);
    let rows = store::imports::bad_rows_after(intake.database.reader(), import, after.unwrap_or(0), limit).await?;
    let mut distinct = rows.iter().map(|row| row.row).collect::<Vec<_>>();
    distinct.dedup();
    let full = distinct.len() >= usize::try_from(limit).unwrap_or(usize::MAX);
    let mut content = if after.is_none() { error_file::START.to_owned() } else { String::new() };
    content.push_str(&error_file::lines(&rows));
    let stem = found.file_name.rsplit_once('.').map_or(found.file_name.as_str(), |(stem, _)| stem);
    Ok(ErrorFile {
        file_name: format!("{stem}-errors.csv"),
        content,
        next_after: if full { distinct.last().copied() } else { None },
    })
}
