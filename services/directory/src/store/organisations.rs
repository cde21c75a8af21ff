//! Organisations and what they answer for.

use std::collections::HashMap;

use cordon_context::Refusal;
use cordon_context::{OrganisationId, OrganisationKind, Page, PageRequest, Scope, Timestamp};
use cordon_directory_contract::{Organisation, OrganisationFilter, Responsibility};
use cordon_policies::{Grant, act, on};
use cordon_store::{CorruptRow, Failure, Tx};
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use super::sql::{Sql, place};
use super::words::{from_json, from_word, json_of, region, region_number, word_of};
use crate::domain::routing::{self, Entry};

const TABLE: &str = "organisation";
const COLUMNS: &str = "SELECT o.id, o.code, o.name, o.name_en, o.kind, o.level, o.region, o.parent, o.contact, o.active, o.created_at, o.version FROM organisation o WHERE 1 = 1";

#[derive(FromQueryResult)]
struct OrganisationRow {
    id: Uuid,
    code: String,
    name: String,
    name_en: String,
    kind: String,
    level: String,
    region: i32,
    parent: Option<Uuid>,
    contact: String,
    active: bool,
    created_at: i64,
    version: i64,
}

#[derive(FromQueryResult)]
struct ResponsibilityRow {
    kind: String,
    code: String,
    region: i32,
    organisation: Uuid,
}

impl OrganisationRow {
    fn into_domain(self, responsibilities: Vec<Responsibility>) -> Result<Organisation, CorruptRow> {
        let Self { id, code, name, name_en, kind, level, region: number, parent, contact, active, created_at, version } =
            self;
        Ok(Organisation {
            id: OrganisationId::from_uuid(id),
            code,
            name,
            name_en,
            kind: from_word(&kind, TABLE, "kind", id)?,
            level: from_word(&level, TABLE, "level", id)?,
            region: region(number, TABLE, id)?,
            parent: parent.map(OrganisationId::from_uuid),
            responsibilities,
            contact: from_json(&contact, TABLE, "contact", id)?,
            active,
            created_at: Timestamp::from_millis(created_at),
            version,
        })
    }
}

impl ResponsibilityRow {
    fn entry(self) -> Result<Entry, CorruptRow> {
        let region = region(self.region, "responsibility", self.organisation)?;
        Ok(Entry {
            kind: self.kind,
            code: self.code,
            region,
            organisation: OrganisationId::from_uuid(self.organisation),
        })
    }
}

fn responsibility(entry: &Entry, organisation: &OrganisationRow) -> Result<Responsibility, CorruptRow> {
    let own = u32::try_from(organisation.region).is_ok_and(|own| own == entry.region.number());
    let text = if entry.kind == "network" && !own {
        format!("{}:{}@{}", entry.kind, entry.code, entry.region)
    } else {
        format!("{}:{}", entry.kind, entry.code)
    };
    text.parse().map_err(|_source| CorruptRow::new("responsibility", "code", organisation.id.to_string()))
}

/// Reads what belongs to the rows and puts it together.
async fn complete(connection: &impl ConnectionTrait, rows: Vec<OrganisationRow>) -> Result<Vec<Organisation>, Failure> {
    let mut entries: HashMap<OrganisationId, Vec<Entry>> = HashMap::new();
    for chunk in rows.chunks(500) {
        let found: Vec<ResponsibilityRow> =
            Sql::new("SELECT kind, code, region, organisation FROM responsibility WHERE organisation IN ")
                .bind_all(chunk.iter().map(|row| row.id))
                .text(" ORDER BY kind, code, region")
                .all(connection)
                .await?;
        for row in found {
            let entry = row.entry()?;
            entries.entry(entry.organisation).or_default().push(entry);
        }
    }
    rows.into_iter()
        .map(|row| {
            let own = entries.remove(&OrganisationId::from_uuid(row.id)).unwrap_or_default();
            let responsibilities = own.iter().map(|entry| responsibility(entry, &row)).collect::<Result<_, _>>()?;
            Ok(row.into_domain(responsibilities)?)
        })
        .collect()
}

/// Organisations by their identifiers, within reach.
pub(crate) async fn by_ids(
    connection: &impl ConnectionTrait,
    ids: &[OrganisationId],
    scope: &Scope,
) -> Result<Vec<Organisation>, Failure> {
    let rows = Sql::new(COLUMNS)
        .text(" AND o.id IN ")
        .bind_all(ids.iter().map(|id| id.uuid()))
        .within(scope)
        .text(" ORDER BY o.region, o.id")
        .all(connection)
        .await?;
    complete(connection, rows).await
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
    let rows = Sql::new(COLUMNS).within(scope).text(" ORDER BY o.region, o.id").all(connection).await?;
    complete(connection, rows).await
}

fn narrowed(mut sql: Sql, filter: &OrganisationFilter) -> Result<Sql, Failure> {
    if !filter.kinds.is_empty() {
        let kinds = filter.kinds.iter().map(word_of).collect::<Result<Vec<_>, _>>()?;
        sql = sql.text(" AND o.kind IN ").bind_all(kinds);
    }
    if let Some(region) = filter.region {
        let (low, high) = region.range();
        sql = sql.text(" AND o.region BETWEEN ").bind(i64::from(low)).text(" AND ").bind(i64::from(high));
    }
    if let Some(parent) = filter.parent {
        sql = sql.text(" AND o.parent = ").bind(parent.uuid());
    }
    if let Some(active) = filter.active {
        sql = sql.text(" AND o.active = ").bind(active);
    }
    if let Some(text) = filter.text.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        let escaped = text.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        let pattern = format!("%{escaped}%");
        sql = sql
            .text(" AND (o.code LIKE ")
            .bind(pattern.clone())
            .text(" ESCAPE '\\' OR LOWER(o.name) LIKE ")
            .bind(pattern.clone())
            .text(" ESCAPE '\\' OR LOWER(o.name_en) LIKE ")
            .bind(pattern)
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
    let rows = narrowed(Sql::new(COLUMNS), filter)?
        .within(scope)
        .ascending_after(request, "o.region", "o.id")
        .text(" ORDER BY o.region, o.id")
        .limit(request)
        .all(connection)
        .await?;
    let total = if request.count {
        let sql = Sql::new("SELECT COUNT(*) AS count FROM organisation o WHERE 1 = 1");
        Some(narrowed(sql, filter)?.within(scope).count(connection).await?)
    } else {
        None
    };
    let organisations = complete(connection, rows).await?;
    Ok(Page::cut(organisations, request, total, |organisation| {
        place(i64::from(organisation.region.number()), organisation.id.uuid())
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
        let mut sql = Sql::new(
            "SELECT r.kind, r.code, r.region, r.organisation FROM responsibility r
             JOIN organisation o ON o.id = r.organisation WHERE o.active AND (1 = 0",
        );
        for (kind, code) in chunk {
            sql = sql.text(" OR (r.kind = ").bind(*kind).text(" AND r.code = ").bind(*code).text(")");
        }
        let rows: Vec<ResponsibilityRow> = sql.text(")").all(connection).await?;
        entries.extend(rows.into_iter().map(ResponsibilityRow::entry).collect::<Result<Vec<_>, _>>()?);
    }
    Ok(entries)
}

/// The branches of an enterprise at every level below it; an MVNO below a carrier is another enterprise and not among them.
pub(crate) async fn branches_of(
    connection: &impl ConnectionTrait,
    organisation: OrganisationId,
) -> Result<Vec<OrganisationId>, Failure> {
    #[derive(FromQueryResult)]
    struct Below {
        id: Uuid,
    }
    let branch = word_of(&OrganisationKind::CarrierBranch)?;
    let mut found: Vec<OrganisationId> = Vec::new();
    let mut level = vec![organisation.uuid()];
    while !level.is_empty() {
        let rows: Vec<Below> = Sql::new("SELECT o.id FROM organisation o WHERE o.parent IN ")
            .bind_all(level)
            .text(" AND o.kind = ")
            .bind(branch.clone())
            .text(" ORDER BY o.region, o.id")
            .all(connection)
            .await?;
        level =
            rows.into_iter().map(|row| row.id).filter(|id| !found.contains(&OrganisationId::from_uuid(*id))).collect();
        found.extend(level.iter().copied().map(OrganisationId::from_uuid));
    }
    Ok(found)
}

/// Whether somebody has a code already.
pub(crate) async fn code_is_taken(connection: &impl ConnectionTrait, code: &str) -> Result<bool, Failure> {
    Ok(Sql::new("SELECT COUNT(*) AS count FROM organisation WHERE code = ").bind(code).count(connection).await? > 0)
}

/// Enters an organisation.
pub(crate) async fn insert(
    tx: &Tx,
    _grant: &Grant<act::Create, on::Organisation>,
    organisation: &Organisation,
) -> Result<(), Failure> {
    Sql::new("INSERT INTO organisation (id, code, name, name_en, kind, level, region, parent, contact, active, created_at, version) VALUES ")
        .bind_all([
            sea_orm::Value::from(organisation.id.uuid()),
            organisation.code.as_str().into(),
            organisation.name.as_str().into(),
            organisation.name_en.as_str().into(),
            word_of(&organisation.kind)?.into(),
            word_of(&organisation.level)?.into(),
            region_number(organisation.region).into(),
            organisation.parent.map(cordon_context::Id::uuid).into(),
            json_of(&organisation.contact)?.into(),
            organisation.active.into(),
            organisation.created_at.millis().into(),
            organisation.version.into(),
        ])
        .execute(tx.connection())
        .await?;
    insert_responsibilities(tx, organisation).await
}

/// Changes an organisation that is still as the caller saw it.
pub(crate) async fn update(
    tx: &Tx,
    _grant: &Grant<act::Modify, on::Organisation>,
    organisation: &Organisation,
) -> Result<(), Failure> {
    let changed = Sql::new("UPDATE organisation SET name = ")
        .bind(organisation.name.as_str())
        .text(", name_en = ")
        .bind(organisation.name_en.as_str())
        .text(", contact = ")
        .bind(json_of(&organisation.contact)?)
        .text(", active = ")
        .bind(organisation.active)
        .text(", version = ")
        .bind(organisation.version)
        .text(" WHERE id = ")
        .bind(organisation.id.uuid())
        .text(" AND version = ")
        .bind(organisation.version - 1)
        .execute(tx.connection())
        .await?;
    if changed != 1 {
        return Err(Refusal::conflict().into());
    }
    Sql::new("DELETE FROM responsibility WHERE organisation = ")
        .bind(organisation.id.uuid())
        .execute(tx.connection())
        .await?;
    insert_responsibilities(tx, organisation).await
}

/// The first of the responsibilities that another organisation holds already.
pub(crate) async fn taken(tx: &Tx, organisation: &Organisation) -> Result<Option<Responsibility>, Failure> {
    for responsibility in &organisation.responsibilities {
        let region = routing::place(responsibility, organisation.region);
        let count = Sql::new("SELECT COUNT(*) AS count FROM responsibility WHERE kind = ")
            .bind(responsibility.kind())
            .text(" AND code = ")
            .bind(responsibility.code())
            .text(" AND region = ")
            .bind(region_number(region))
            .text(" AND organisation <> ")
            .bind(organisation.id.uuid())
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
            region_number(routing::place(responsibility, organisation.region)).into(),
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
