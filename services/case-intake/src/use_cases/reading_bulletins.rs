//! Bulletins and trace-backs are read.

use cordon_case_intake_contract::{Bulletin, BulletinFilter, TraceBack};
use cordon_context::{Actor, BulletinId, CallContext, Page, PageRequest, TraceBackId};
use cordon_policies::{act, on};
use cordon_store::Failure;

use crate::domain::text::check_count;
use crate::intake::{Intake, acts_for, person_of};
use crate::sealing::TRACE_VALUE;
use crate::store;
use crate::store::bulletins::{StoredBulletin, StoredTraceBack, Which, is_late};
use crate::use_cases::reading_queries::masked;
use crate::use_cases::reading_reports::LARGEST_BATCH;

/// Loads bulletins.
pub(crate) async fn bulletins_by_ids(
    intake: &Intake,
    ctx: CallContext,
    ids: Vec<BulletinId>,
) -> Result<Vec<Bulletin>, Failure> {
    let grant = intake.authorize::<act::Read, on::Bulletin>(&ctx)?;
    check_count("ids", ids.len(), 0, LARGEST_BATCH)?;
    let now = intake.clock.now();
    let bulletins = store::bulletins::by_ids(intake.database.reader(), grant.scope(), &ids, now).await?;
    Ok(bulletins.into_iter().map(|bulletin| present(&ctx.actor, bulletin)).collect())
}

/// Finds bulletins.
pub(crate) async fn search_bulletins(
    intake: &Intake,
    ctx: CallContext,
    filter: BulletinFilter,
    page: PageRequest,
) -> Result<Page<Bulletin>, Failure> {
    let grant = intake.authorize::<act::Read, on::Bulletin>(&ctx)?;
    let now = intake.clock.now();
    let found = store::bulletins::search(intake.database.reader(), grant.scope(), &filter, &page, now).await?;
    Ok(found.map(|bulletin| present(&ctx.actor, bulletin)))
}

/// The bulletin as this reader sees it: an enterprise does not learn which others were written to.
fn present(reader: &Actor, bulletin: StoredBulletin) -> Bulletin {
    let mut bulletin = bulletin.into_bulletin(person_of);
    if reader.organisation_kind.is_enterprise() {
        bulletin.enterprises.retain(|enterprise| acts_for(reader, *enterprise));
    }
    bulletin
}

/// Loads trace-backs.
pub(crate) async fn trace_backs_by_ids(
    intake: &Intake,
    ctx: CallContext,
    ids: Vec<TraceBackId>,
) -> Result<Vec<TraceBack>, Failure> {
    check_count("ids", ids.len(), 0, LARGEST_BATCH)?;
    load(intake, &ctx, Which::Ids(&ids)).await
}

/// Loads the trace-backs of bulletins.
pub(crate) async fn trace_backs_by_bulletins(
    intake: &Intake,
    ctx: CallContext,
    bulletins: Vec<BulletinId>,
) -> Result<Vec<TraceBack>, Failure> {
    check_count("bulletins", bulletins.len(), 0, LARGEST_BATCH)?;
    load(intake, &ctx, Which::Bulletins(&bulletins)).await
}

async fn load(intake: &Intake, ctx: &CallContext, which: Which<'_>) -> Result<Vec<TraceBack>, Failure> {
    let grant = intake.authorize::<act::Read, on::Bulletin>(ctx)?;
    let tasks = store::bulletins::trace_backs(intake.database.reader(), grant.scope(), which).await?;
    tasks.into_iter().map(|task| present_trace(intake, &ctx.actor, task)).collect()
}

/// The trace-back as this reader sees it: only the enterprise that has to trace a subject back has it in the clear.
pub(crate) fn present_trace(intake: &Intake, reader: &Actor, task: StoredTraceBack) -> Result<TraceBack, Failure> {
    let StoredTraceBack {
        id,
        bulletin,
        organisation: _,
        case: _,
        enterprise,
        subject,
        kind,
        value,
        status,
        due_at,
        liability,
        form: _,
        filed_at,
        version,
    } = task;
    let value: String = intake.sealer.open(TRACE_VALUE, id.uuid(), &value)?;
    let clear = due_at.is_some() && acts_for(reader, enterprise);
    let now = intake.clock.now();
    Ok(TraceBack {
        id,
        bulletin,
        enterprise,
        subject,
        kind,
        value: if clear { value } else { masked(kind, &value) },
        status,
        due_at,
        overdue: is_late(due_at, filed_at, now),
        liability,
        filed_at,
        version,
    })
}
