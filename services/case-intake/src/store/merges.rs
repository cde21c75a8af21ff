//! Rows of mergers.

use std::collections::BTreeMap;

use cordon_case_intake_contract::CaseMerge;
use cordon_context::{CaseId, MergeId, Timestamp};
use cordon_policies::{Grant, act, on};
use cordon_store::{Failure, bulk};
use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

use super::sql::{Sql, uuids};

/// Which mergers are wanted.
pub(crate) enum Which<'a> {
    Ids(&'a [MergeId]),
    Cases(&'a [CaseId]),
}

/// Loads mergers with all their cases; the caller leaves out what lies outside its reach.
pub(crate) async fn load<C: ConnectionTrait>(connection: &C, which: Which<'_>) -> Result<Vec<CaseMerge>, Failure> {
    let mut sql = Sql::new(
        "SELECT m.id, m.reason, m.merged_at, m.undone_at, l.lead, l.member FROM case_merge m \
         JOIN case_merge_link l ON l.merge_id = m.id WHERE m.id",
    );
    match which {
        Which::Ids(ids) => {
            sql.bind_list(uuids(ids));
        }
        Which::Cases(cases) => {
            sql.push(" IN (SELECT k.merge_id FROM case_merge_link k WHERE k.lead").bind_list(uuids(cases));
            sql.push(" OR k.member").bind_list(uuids(cases)).push(")");
        }
    }
    let mut merges: BTreeMap<Uuid, CaseMerge> = BTreeMap::new();
    for row in &sql.all(connection).await? {
        let id: Uuid = row.try_get("", "id")?;
        let reason: String = row.try_get("", "reason")?;
        let merged_at: i64 = row.try_get("", "merged_at")?;
        let undone_at: Option<i64> = row.try_get("", "undone_at")?;
        let merge = merges.entry(id).or_insert_with(|| CaseMerge {
            id: MergeId::from_uuid(id),
            leads: Vec::new(),
            members: Vec::new(),
            reason,
            merged_at: Timestamp::from_millis(merged_at),
            undone_at: undone_at.map(Timestamp::from_millis),
        });
        merge.leads.push(CaseId::from_uuid(row.try_get("", "lead")?));
        merge.members.push(CaseId::from_uuid(row.try_get("", "member")?));
    }
    Ok(merges
        .into_values()
        .map(|mut merge| {
            for cases in [&mut merge.leads, &mut merge.members] {
                cases.sort_unstable();
                cases.dedup();
            }
            merge
        })
        .collect())
}

/// Every link that holds now: lead and member.
pub(crate) async fn links<C: ConnectionTrait>(connection: &C) -> Result<Vec<(CaseId, CaseId)>, Failure> {
    let sql = Sql::new(
        "SELECT l.lead, l.member FROM case_merge_link l JOIN case_merge m ON m.id = l.merge_id WHERE m.undone_at IS NULL",
    );
    let rows = sql.all(connection).await?;
    rows.iter()
        .map(|row| Ok((CaseId::from_uuid(row.try_get("", "lead")?), CaseId::from_uuid(row.try_get("", "member")?))))
        .collect()
}

/// Stores a merger.
pub(crate) async fn insert<C: ConnectionTrait>(
    connection: &C,
    _proof: &Grant<act::Modify, on::Case>,
    merge: &CaseMerge,
) -> Result<(), Failure> {
    let CaseMerge { id, leads, members, reason, merged_at, undone_at } = merge;
    let row = vec![
        id.uuid().into(),
        reason.as_str().into(),
        merged_at.millis().into(),
        undone_at.map(Timestamp::millis).into(),
    ];
    bulk::insert_rows(connection, "case_merge", &["id", "reason", "merged_at", "undone_at"], [row]).await?;
    let links = leads.iter().flat_map(|lead| members.iter().map(move |member| (lead, member)));
    let links: Vec<Vec<Value>> =
        links.map(|(lead, member)| vec![id.uuid().into(), lead.uuid().into(), member.uuid().into()]).collect();
    bulk::insert_rows(connection, "case_merge_link", &["merge_id", "lead", "member"], links).await?;
    Ok(())
}

/// Undoes a merger, once.
pub(crate) async fn undo<C: ConnectionTrait>(
    connection: &C,
    _proof: &Grant<act::Modify, on::Case>,
    id: MergeId,
    now: Timestamp,
) -> Result<(), Failure> {
    let mut sql = Sql::new("UPDATE case_merge SET undone_at = ");
    sql.bind(now.millis()).with(" WHERE undone_at IS NULL AND id = ", id.uuid());
    sql.run_one(connection).await
}
