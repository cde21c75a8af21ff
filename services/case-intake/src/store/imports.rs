//! Rows of imports and of the rows that they do not take.

use cordon_case_intake_contract::{
    Accept, BadRow, BadRowCode, FileFormat, Import, ImportCounts, ImportStatus, TextEncoding,
};
use cordon_context::{Bilingual, Cursor, ImportId, OrganisationId, Page, PageRequest, Scope, Timestamp};
use cordon_policies::{Grant, act, on};
use cordon_store::{Failure, bulk};
use data_encoding::HEXLOWER;
use sea_orm::{ConnectionTrait, QueryResult};
use uuid::Uuid;

use super::reach::{IMPORTS, push_scope};
use super::sql::{Reading, Sql, json_text, uuids};

const COLUMNS: &str = "i.id, i.organisation, i.content_hash, i.file_name, i.path, i.bytes, i.format, i.encoding, i.status, \
     i.accept, i.checked, i.committed, i.broken_by_code, i.refusal, i.rows_done, i.created_at, \
     i.updated_at, i.version";

/// An import with what only the worker needs.
#[derive(Clone, Debug)]
pub(crate) struct StoredImport {
    pub import: Import,
    /// Where the file lies.
    pub path: String,
    /// The number of the last row that is written.
    pub rows_done: u64,
}

fn read(row: &QueryResult) -> Result<StoredImport, Failure> {
    let reading = Reading::of("import", row)?;
    let unsigned = |value: i64| u64::try_from(value).unwrap_or(0);
    let hash: Vec<u8> = reading.get("content_hash")?;
    let refusal: Option<String> = reading.get("refusal")?;
    let refusal: Option<(String, Bilingual)> =
        refusal.map(|text| serde_json::from_str(&text).map_err(|_source| reading.corrupt("refusal"))).transpose()?;
    let accept = reading.named_option("accept", Accept::from_name)?;
    Ok(StoredImport {
        import: Import {
            id: ImportId::from_uuid(reading.id),
            organisation: OrganisationId::from_uuid(reading.get("organisation")?),
            file_name: reading.get("file_name")?,
            bytes: unsigned(reading.get("bytes")?),
            content_hash: HEXLOWER.encode(&hash),
            format: reading.named_option("format", FileFormat::from_name)?,
            encoding: reading.named_option("encoding", TextEncoding::from_name)?,
            status: reading.named("status", ImportStatus::from_name)?,
            accept,
            checked: reading.json("checked")?,
            committed: reading.json("committed")?,
            broken_by_code: reading.json("broken_by_code")?,
            refusal,
            created_at: Timestamp::from_millis(reading.get("created_at")?),
            updated_at: Timestamp::from_millis(reading.get("updated_at")?),
            version: reading.get("version")?,
        },
        path: reading.get("path")?,
        rows_done: unsigned(reading.get("rows_done")?),
    })
}

/// An import that is about to begin.
pub(crate) struct NewImport {
    pub id: ImportId,
    pub organisation: OrganisationId,
    pub content_hash: [u8; 32],
    pub file_name: String,
    pub path: String,
    pub bytes: u64,
    pub party: String,
    pub now: Timestamp,
}

/// Stores a new import, unless the organisation has one of the same content; tells whether it was new.
pub(crate) async fn insert<C: ConnectionTrait>(
    connection: &C,
    _proof: &Grant<act::Create, on::Import>,
    import: NewImport,
) -> Result<bool, Failure> {
    let NewImport { id, organisation, content_hash, file_name, path, bytes, party, now } = import;
    let empty = json_text(&ImportCounts::default())?;
    let row = vec![
        id.uuid().into(),
        organisation.uuid().into(),
        content_hash.to_vec().into(),
        file_name.into(),
        path.into(),
        i64::try_from(bytes).unwrap_or(i64::MAX).into(),
        ImportStatus::Checking.name().into(),
        empty.clone().into(),
        empty.into(),
        "[]".into(),
        party.into(),
        now.millis().into(),
        now.millis().into(),
    ];
    let columns = &[
        "id",
        "organisation",
        "content_hash",
        "file_name",
        "path",
        "bytes",
        "status",
        "checked",
        "committed",
        "broken_by_code",
        "party",
        "created_at",
        "updated_at",
    ];
    Ok(bulk::insert_new_rows(connection, "import", columns, [row]).await? == 1)
}

/// The import that an organisation has of a content.
pub(crate) async fn by_content<C: ConnectionTrait>(
    connection: &C,
    organisation: OrganisationId,
    content_hash: &[u8; 32],
) -> Result<Option<StoredImport>, Failure> {
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS).push(" FROM import i").with(" WHERE i.organisation = ", organisation.uuid());
    sql.with(" AND i.content_hash = ", content_hash.to_vec());
    sql.one(connection).await?.as_ref().map(read).transpose()
}

/// Loads imports within a scope.
pub(crate) async fn by_ids<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    ids: &[ImportId],
) -> Result<Vec<StoredImport>, Failure> {
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS).push(" FROM import i WHERE i.id").bind_list(uuids(ids));
    push_scope(&mut sql, scope, &IMPORTS);
    sql.all(connection).await?.iter().map(read).collect()
}

/// Lists imports within a scope, newest first.
pub(crate) async fn list<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    page: &PageRequest,
) -> Result<Page<Import>, Failure> {
    let mut from = Sql::new(" FROM import i WHERE 1 = 1");
    push_scope(&mut from, scope, &IMPORTS);
    let total = if page.count {
        let mut sql = Sql::new("SELECT COUNT(*) AS count");
        sql.append(from.clone());
        Some(sql.count(connection).await?)
    } else {
        None
    };
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS).append(from);
    sql.push_page("i.created_at", "i.id", page);
    let rows = sql.all(connection).await?;
    let imports = rows.iter().map(|row| Ok(read(row)?.import)).collect::<Result<Vec<_>, Failure>>()?;
    Ok(Page::cut(imports, page, total, |import| Cursor { key: import.created_at.millis(), id: import.id.uuid() }))
}

/// Imports that somebody began to check or to write and whose holder is gone.
pub(crate) async fn abandoned<C: ConnectionTrait>(
    connection: &C,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<StoredImport>, Failure> {
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS).push(" FROM import i WHERE i.status IN ('checking', 'committing')");
    sql.with(" AND i.lease_until < ", now.millis()).push(" ORDER BY i.created_at").with(" LIMIT ", i64::from(limit));
    sql.all(connection).await?.iter().map(read).collect()
}

/// Takes hold of an import whose lease is over; the answer is the holder's fence, or nothing if somebody else holds it.
pub(crate) async fn claim<C: ConnectionTrait>(
    connection: &C,
    id: ImportId,
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<i64>, Failure> {
    let mut sql = Sql::new("UPDATE import SET fence = fence + 1, lease_until = ");
    sql.bind(until.millis()).with(" WHERE id = ", id.uuid()).with(" AND lease_until < ", now.millis());
    sql.push(" RETURNING fence");
    let row = sql.one(connection).await?;
    Ok(row.map(|row| row.try_get("", "fence")).transpose()?)
}

/// What a worker writes back.
#[derive(Clone, Debug, Default)]
pub(crate) struct ImportChange {
    pub status: Option<ImportStatus>,
    pub accept: Option<Accept>,
    pub file: Option<(FileFormat, Option<TextEncoding>)>,
    pub checked: Option<ImportCounts>,
    pub committed: Option<ImportCounts>,
    pub broken_by_code: Option<Vec<(BadRowCode, u64)>>,
    pub refusal: Option<(String, Bilingual)>,
    pub rows_done: Option<u64>,
    pub lease_until: Option<Timestamp>,
}

/// Writes a change by the holder of a fence; whoever lost the import to another process is refused.
pub(crate) async fn apply<C: ConnectionTrait>(
    connection: &C,
    id: ImportId,
    fence: i64,
    now: Timestamp,
    change: ImportChange,
) -> Result<(), Failure> {
    let ImportChange { status, accept, file, checked, committed, broken_by_code, refusal, rows_done, lease_until } =
        change;
    let mut sql = Sql::new("UPDATE import SET version = version + 1, updated_at = ");
    sql.bind(now.millis());
    if let Some(status) = status {
        sql.with(", status = ", status.name());
    }
    if let Some(accept) = accept {
        sql.with(", accept = ", accept.name());
    }
    if let Some((format, encoding)) = file {
        sql.with(", format = ", format.name())
            .with(", encoding = ", encoding.map(|encoding| encoding.name().to_owned()));
    }
    if let Some(checked) = checked {
        sql.with(", checked = ", json_text(&checked)?);
    }
    if let Some(committed) = committed {
        sql.with(", committed = ", json_text(&committed)?);
    }
    if let Some(broken) = broken_by_code {
        sql.with(", broken_by_code = ", json_text(&broken)?);
    }
    if let Some(refusal) = refusal {
        sql.with(", refusal = ", json_text(&refusal)?);
    }
    if let Some(rows_done) = rows_done {
        sql.with(", rows_done = ", i64::try_from(rows_done).unwrap_or(i64::MAX));
    }
    if let Some(until) = lease_until {
        sql.with(", lease_until = ", until.millis());
    }
    sql.with(" WHERE id = ", id.uuid()).with(" AND fence = ", fence);
    sql.run_one(connection).await
}

/// Writes broken rows down; one that is there already stays.
pub(crate) async fn insert_bad_rows<C: ConnectionTrait>(
    connection: &C,
    import: ImportId,
    rows: &[BadRow],
) -> Result<(), Failure> {
    let mut ordinal = 0_i32;
    let mut last = 0;
    let values = rows.iter().map(|row| {
        ordinal = if row.row == last { ordinal + 1 } else { 0 };
        last = row.row;
        vec![
            import.uuid().into(),
            i64::try_from(row.row).unwrap_or(i64::MAX).into(),
            ordinal.into(),
            row.column.as_str().into(),
            row.code.name().into(),
        ]
    });
    let columns = &["import_id", "row_number", "ordinal", "column_name", "code"];
    let values: Vec<_> = values.collect();
    bulk::insert_new_rows(connection, "import_bad_row", columns, values).await?;
    Ok(())
}

/// Lists the broken rows of an import into which the caller has been let, in the order of the file.
pub(crate) async fn bad_rows<C: ConnectionTrait>(
    connection: &C,
    import: ImportId,
    page: &PageRequest,
) -> Result<Page<BadRow>, Failure> {
    let total = if page.count {
        let mut sql = Sql::new("SELECT COUNT(*) AS count FROM import_bad_row WHERE import_id = ");
        sql.bind(import.uuid());
        Some(sql.count(connection).await?)
    } else {
        None
    };
    let mut sql = Sql::new("SELECT row_number, ordinal, column_name, code FROM import_bad_row WHERE import_id = ");
    sql.bind(import.uuid());
    if let Some(after) = &page.after {
        let ordinal = i32::try_from(after.id.as_u128()).unwrap_or(i32::MAX);
        sql.with(" AND (row_number > ", after.key).with(" OR (row_number = ", after.key);
        sql.with(" AND ordinal > ", ordinal).push("))");
    }
    sql.push(" ORDER BY row_number, ordinal").with(" LIMIT ", i64::from(page.limit()) + 1);
    let rows =
        sql.all(connection).await?.iter().map(|row| read_bad_row(row, import)).collect::<Result<Vec<_>, Failure>>()?;
    let page = Page::cut(rows, page, total, |(place, _)| place.clone());
    Ok(page.map(|(_, row)| row))
}

fn read_bad_row(row: &QueryResult, import: ImportId) -> Result<(Cursor, BadRow), Failure> {
    let number: i64 = row.try_get("", "row_number")?;
    let ordinal: i32 = row.try_get("", "ordinal")?;
    let code: String = row.try_get("", "code")?;
    let corrupt = || cordon_store::CorruptRow::new("import_bad_row", "code", import.to_string());
    let place = Cursor { key: number, id: Uuid::from_u128(u128::try_from(ordinal).unwrap_or(0)) };
    let bad = BadRow {
        row: u64::try_from(number).unwrap_or(0),
        column: row.try_get("", "column_name")?,
        code: BadRowCode::from_name(&code).ok_or_else(corrupt)?,
    };
    Ok((place, bad))
}

/// A run of broken rows for the error file, from after a row, with all cells of its last row.
pub(crate) async fn bad_rows_after<C: ConnectionTrait>(
    connection: &C,
    import: ImportId,
    after: u64,
    limit: u32,
) -> Result<Vec<BadRow>, Failure> {
    let mut sql = Sql::new("SELECT row_number, ordinal, column_name, code FROM import_bad_row WHERE import_id = ");
    sql.bind(import.uuid()).with(" AND row_number > ", i64::try_from(after).unwrap_or(i64::MAX));
    sql.push(" AND row_number <= (SELECT COALESCE(MAX(n.row_number), 0) FROM (SELECT row_number FROM import_bad_row WHERE import_id = ");
    sql.bind(import.uuid()).with(" AND row_number > ", i64::try_from(after).unwrap_or(i64::MAX));
    sql.push(" ORDER BY row_number").with(" LIMIT ", i64::from(limit)).push(") n) ORDER BY row_number, ordinal");
    let rows = sql.all(connection).await?;
    rows.iter().map(|row| Ok(read_bad_row(row, import)?.1)).collect()
}

/// Says where the file of an unfinished import lies now.
pub(crate) async fn move_file<C: ConnectionTrait>(
    connection: &C,
    organisation: OrganisationId,
    content_hash: &[u8; 32],
    path: &str,
) -> Result<(), Failure> {
    let mut sql = Sql::new("UPDATE import SET path = ");
    sql.bind(path)
        .with(" WHERE organisation = ", organisation.uuid())
        .with(" AND content_hash = ", content_hash.to_vec());
    sql.push(" AND status IN ('checking', 'checked', 'committing')");
    sql.run(connection).await?;
    Ok(())
}
