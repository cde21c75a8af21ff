//! Rows of mergers.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use cordon_case_intake_contract::CaseMerge;
use cordon_context::{CaseId, MergeId, Timestamp};
use cordon_policies::{Grant, act, on};
use cordon_store::sql::{Reading, Sql};
use cordon_store::{Failure, bulk};
use sea_orm::{ConnectionTrait, Value};

const LINKS: &str = "case_merge_link l JOIN case_merge m ON m.id = l.merge_id";

/// Which mergers are wanted.
pub(crate) enum Which<'a> {
    Ids(&'a [MergeId]),
    Cases(&'a [CaseId]),
}

/// Loads mergers with all their cases; the caller leaves out what lies outside its reach.
pub(crate) async fn load<C: ConnectionTrait>(connection: &C, which: Which<'_>) -> Result<Vec<CaseMerge>, Failure> {
    let sql = Sql::select("m.id, m.reason, m.merged_at, m.undone_at, l.lead, l.member", LINKS).text("m.id IN ");
    let sql = match which {
        Which::Ids(ids) => sql.ids(ids),
        Which::Cases(cases) => sql
            .text("(SELECT k.merge_id FROM case_merge_link k WHERE k.lead IN ")
            .ids(cases)
            .text(" OR k.member IN ")
            .ids(cases)
            .text(")"),
    };
    let rows = sql.all(connection, |row| {
        let row = Reading::of(row, "case_merge");
        let merge = CaseMerge {
            id: row.id("id")?,
            leads: vec![row.id("lead")?],
            members: vec![row.id("member")?],
            reason: row.get("reason")?,
            merged_at: row.time("merged_at")?,
            undone_at: row.time_if("undone_at")?,
        };
        Ok(merge)
    });
    let mut merges: BTreeMap<MergeId, CaseMerge> = BTreeMap::new();
    for row in rows.await? {
        match merges.entry(row.id) {
            Entry::Vacant(place) => {
                place.insert(row);
            }
            Entry::Occupied(mut place) => {
                place.get_mut().leads.extend(row.leads);
                place.get_mut().members.extend(row.members);
            }
        }
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
    Sql::select("l.lead, l.member", LINKS).text("m.undone_at IS NULL").all_pairs(connection).await
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
    let sql = Sql::new("UPDATE case_merge SET undone_at = ").bind(now.millis());
    sql.with(" WHERE undone_at IS NULL AND id = ", id.uuid()).run_one(connection).await
}
