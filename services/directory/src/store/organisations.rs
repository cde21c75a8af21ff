//! Organisations and what they answer for.

use std::collections::HashMap;

use cordon_context::Refusal;
use cordon_context::{Cursor, Id, OrganisationId, OrganisationKind, Page, PageRequest, Scope};
use cordon_directory_contract::{Organisation, OrganisationFilter, Responsibility};
use cordon_policies::{Grant, act, on};
use cordon_store::sql::{COUNT, Direction, Reachable, Reading, Sql, json_text, region_value, word_text};
use cordon_store::{CorruptRow, Failure, Tx};
use sea_orm::{ConnectionTrait, QueryResult};

use crate::domain::routing::{self, Entry};

const COLUMNS: &str = "o.id, o.code, o.name, o.name_en, o.kind, o.level, o.region, o.parent, o.contact, o.active, o.created_at, o.version";
const ENTRY: &str = "r.kind, r.code, r.region, r.organisation";

/// Where the ways of reaching what belongs to an organisation are found: nothing in the directory belongs to a case.
pub(super) const ORGANISATION: Reachable = Reachable {
    region: Some("o.region"),
    owners: &["o.id"],
    addressed: Some(|sql, organisations| sql.text("o.id IN ").ids(organisations)),
    own_case: None,
};

/// Reads an organisation without what it answers for.
fn read(row: &QueryResult) -> Result<Organisation, Failure> {
    let row = Reading::of(row, "organisation");
    Ok(Organisation {
        id: row.id("id")?,
        code: row.get("code")?,
        name: row.get("name")?,
        name_en: row.get("name_en")?,
        kind: row.named("kind")?,
        level: row.named("level")?,
        region: row.region("region")?,
        parent: row.id_if("parent")?,
        responsibilities: Vec::new(),
        contact: row.json("contact")?,
        active: row.get("active")?,
        created_at: row.time("created_at")?,
        version: row.get("version")?,
    })
}

fn read_entry(row: &QueryResult) -> Result<Entry, Failure> {
    let row = Reading::keyed(row, "responsibility", "organisation");
    Ok(Entry {
        kind: row.get("kind")?,
        code: row.get("code")?,
        region: row.region("region")?,
        organisation: row.id("organisation")?,
    })
}

fn responsibility(entry: &Entry, organisation: &Organisation) -> Result<Responsibility, CorruptRow> {
    let text = if entry.kind == "network" && entry.region != organisation.region {
        format!("{}:{}@{}", entry.kind, entry.code, entry.region)
    } else {
        format!("{}:{}", entry.kind, entry.code)
    };
    text.parse().map_err(|_source| CorruptRow::new("responsibility", "code", organisation.id.uuid().to_string()))
}

/// Reads what belongs to organisations and puts it together.
async fn complete(
    connection: &impl ConnectionTrait,
    mut organisations: Vec<Organisation>,
) -> Result<Vec<Organisation>, Failure> {
    for chunk in organisations.chunks_mut(500) {
        let found = Sql::select(ENTRY, "responsibility r")
            .text("r.organisation IN ")
            .list(chunk.iter().map(|organisation| organisation.id.uuid()))
            .text(" ORDER BY r.kind, r.code, r.region")
            .all(connection, read_entry)
            .await?;
        let mut entries: HashMap<OrganisationId, Vec<Entry>> = HashMap::new();
        for entry in found {
            entries.entry(entry.organisation).or_default().push(entry);
        }
        for organisation in chunk {
            let own = entries.remove(&organisation.id).unwrap_or_default();
            organisation.responsibilities =
                own.iter().map(|entry| responsibility(entry, organisation)).collect::<Result<_, _>>()?;
        }
    }
    Ok(organisations)
}

/// Organisations by their identifiers, within reach.
pub(crate) async fn by_ids(
    connection: &impl ConnectionTrait,
    ids: &[OrganisationId],
    scope: &Scope,
) -> Result<Vec<Organisation>, Failure> {
    let found = Sql::select(COLUMNS, "organisation o").by_ids("o.id", ids, scope, &ORGANISATION);
    complete(connection, found.text(" ORDER BY o.region, o.id").all(connection, read).await?).await
}

/// One organisation within reach, or the answer that it is not there.
pub(crate) async fn one(
    connection: &impl ConnectionTrait,
    id: OrganisationId,
    scope: &Scope,
) -> Result<Organisation, Failure> {
    by_ids(connection, &[id], scope).await?.pop().ok_or_else(|| Refusal::not_found().into())
}

/// Every organisation within reach.
pub(crate) async fn all(connection: &impl ConnectionTrait, scope: &Scope) -> Result<Vec<Organisation>, Failure> {
    let found = Sql::select(COLUMNS, "organisation o").within(scope, &ORGANISATION);
    complete(connection, found.text(" ORDER BY o.region, o.id").all(connection, read).await?).await
}

fn select(columns: &'static str, filter: &OrganisationFilter, scope: &Scope) -> Result<Sql, Failure> {
    let mut sql = Sql::select(columns, "organisation o")
        .within(scope, &ORGANISATION)
        .with_any(" AND o.kind IN ", filter.kinds.iter().map(word_text).collect::<Result<Vec<_>, _>>()?)
        .with_some(" AND o.parent = ", filter.parent.map(Id::uuid))
        .with_some(" AND o.active = ", filter.active);
    if let Some(region) = filter.region {
        sql = sql.text(" AND ").in_region("o.region", region);
    }
    if let Some(text) = filter.text.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        let escaped = text.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        let pattern = format!("%{escaped}%");
        sql = sql
            .with(" AND (o.code LIKE ", pattern.clone())
            .with(" ESCAPE '\\' OR LOWER(o.name) LIKE ", pattern.clone())
            .with(" ESCAPE '\\' OR LOWER(o.name_en) LIKE ", pattern)
            .text(" ESCAPE '\\')");
    }
    Ok(sql)
}

/// A page of organisations within reach, by region.
pub(crate) async fn page(
    connection: &impl ConnectionTrait,
    filter: &OrganisationFilter,
    request: &PageRequest,
    scope: &Scope,
) -> Result<Page<Organisation>, Failure> {
    let found = select(COLUMNS, filter, scope)?.page("o.region", "o.id", Direction::Ascending, request);
    let organisations = complete(connection, found.all(connection, read).await?).await?;
    let total = select(COUNT, filter, scope)?.total(connection, request).await?;
    Ok(Page::cut(organisations, request, total, |organisation| Cursor {
        key: i64::from(organisation.region.number()),
        id: organisation.id.uuid(),
    }))
}

/// The register's entries that may answer the questions, of active organisations.
pub(crate) async fn entries_for(
    connection: &impl ConnectionTrait,
    questions: &[Responsibility],
) -> Result<Vec<Entry>, Failure> {
    let mut pairs: Vec<(&str, &str)> = questions.iter().map(|question| (question.kind(), question.code())).collect();
    pairs.sort_unstable();
    pairs.dedup();
    let mut entries = Vec::new();
    for chunk in pairs.chunks(500) {
        let mut sql = Sql::select(ENTRY, "responsibility r JOIN organisation o ON o.id = r.organisation")
            .text("o.active AND (1 = 0");
        for (kind, code) in chunk {
            sql = sql.with(" OR (r.kind = ", *kind).with(" AND r.code = ", *code).text(")");
        }
        entries.extend(sql.text(")").all(connection, read_entry).await?);
    }
    Ok(entries)
}

/// The branches of an enterprise at every level below it; an MVNO below a carrier is another enterprise and not among them.
pub(crate) async fn branches_of(
    connection: &impl ConnectionTrait,
    organisation: OrganisationId,
) -> Result<Vec<OrganisationId>, Failure> {
    let branch = word_text(&OrganisationKind::CarrierBranch)?;
    let mut found: Vec<OrganisationId> = Vec::new();
    let mut level = vec![organisation];
    while !level.is_empty() {
        level = Sql::select("o.id", "organisation o")
            .text("o.parent IN ")
            .ids(&level)
            .with(" AND o.kind = ", branch.clone())
            .text(" ORDER BY o.region, o.id")
            .all_ids(connection)
            .await?;
        level.retain(|id| !found.contains(id));
        found.extend(&level);
    }
    Ok(found)
}

/// Whether somebody has a code already.
pub(crate) async fn code_is_taken(connection: &impl ConnectionTrait, code: &str) -> Result<bool, Failure> {
    Ok(Sql::select(COUNT, "organisation").with("code = ", code).count(connection).await? > 0)
}

/// Enters an organisation.
pub(crate) async fn insert(
    tx: &Tx,
    _grant: &Grant<act::Create, on::Organisation>,
    organisation: &Organisation,
) -> Result<(), Failure> {
    Sql::new("INSERT INTO organisation (id, code, name, name_en, kind, level, region, parent, contact, active, created_at, version) VALUES ")
        .list([
            sea_orm::Value::from(organisation.id.uuid()),
            organisation.code.as_str().into(),
            organisation.name.as_str().into(),
            organisation.name_en.as_str().into(),
            word_text(&organisation.kind)?.into(),
            word_text(&organisation.level)?.into(),
            region_value(organisation.region).into(),
            organisation.parent.map(cordon_context::Id::uuid).into(),
            json_text(&organisation.contact)?.into(),
            organisation.active.into(),
            organisation.created_at.millis().into(),
            organisation.version.into(),
        ])
        .run(tx.connection())
        .await?;
    insert_responsibilities(tx, organisation).await
}

/// Changes an organisation that is still as the caller saw it.
pub(crate) async fn update(
    tx: &Tx,
    _grant: &Grant<act::Modify, on::Organisation>,
    organisation: &Organisation,
) -> Result<(), Failure> {
    Sql::new("UPDATE organisation SET name = ")
        .bind(organisation.name.as_str())
        .with(", name_en = ", organisation.name_en.as_str())
        .with(", contact = ", json_text(&organisation.contact)?)
        .with(", active = ", organisation.active)
        .with(", version = ", organisation.version)
        .with(" WHERE id = ", organisation.id.uuid())
        .with(" AND version = ", organisation.version - 1)
        .run_one(tx.connection())
        .await?;
    Sql::new("DELETE FROM responsibility WHERE organisation = ")
        .bind(organisation.id.uuid())
        .run(tx.connection())
        .await?;
    insert_responsibilities(tx, organisation).await
}

/// The first of the responsibilities that another organisation holds already.
pub(crate) async fn taken(tx: &Tx, organisation: &Organisation) -> Result<Option<Responsibility>, Failure> {
    for responsibility in &organisation.responsibilities {
        let region = routing::place(responsibility, organisation.region);
        let count = Sql::select(COUNT, "responsibility")
            .with("kind = ", responsibility.kind())
            .with(" AND code = ", responsibility.code())
            .with(" AND region = ", region_value(region))
            .with(" AND organisation <> ", organisation.id.uuid())
            .count(tx.connection())
            .await?;
        if count > 0 {
            return Ok(Some(responsibility.clone()));
        }
    }
    Ok(None)
}

async fn insert_responsibilities(tx: &Tx, organisation: &Organisation) -> Result<(), Failure> {
    let mut rows = Vec::with_capacity(organisation.responsibilities.len());
    for responsibility in &organisation.responsibilities {
        rows.push(vec![
            responsibility.kind().into(),
            responsibility.code().into(),
            region_value(routing::place(responsibility, organisation.region)).into(),
            organisation.id.uuid().into(),
        ]);
    }
    cordon_store::bulk::insert_rows(
        tx.connection(),
        "responsibility",
        &["kind", "code", "region", "organisation"],
        rows,
    )
    .await?;
    Ok(())
}
