//! Rows of imports and of the rows that they do not take.

use cordon_case_intake_contract::{
    Accept, BadRow, BadRowCode, FileFormat, Import, ImportCounts, ImportStatus, TextEncoding,
};
use cordon_context::{ActorKind, Bilingual, Cursor, ImportId, OrganisationId, Page, PageRequest, Scope, Timestamp};
use cordon_policies::{Grant, act, on};
use cordon_store::sql::{COUNT, Direction, Reading, Sql, json_text};
use cordon_store::{Failure, bulk};
use data_encoding::HEXLOWER;
use sea_orm::{ConnectionTrait, QueryResult};
use uuid::Uuid;

use super::reach::IMPORTS;

const COLUMNS: &str = "i.id, i.organisation, i.content_hash, i.file_name, i.path, i.bytes, i.format, i.encoding, i.status, \
     i.accept, i.checked, i.committed, i.broken_by_code, i.refusal, i.rows_done, i.acting, i.created_at, \
     i.updated_at, i.version";

const BAD_ROW: &str = "row_number, ordinal, column_name, code";

/// An import with what only the worker needs.
#[derive(Clone, Debug)]
pub(crate) struct StoredImport {
    pub import: Import,
    /// Where the file lies.
    pub path: String,
    /// The number of the last row that is written.
    pub rows_done: u64,
    /// Who began or decided it last, on whose right it goes on when its caller does not wait.
    pub acting: Option<ActorKind>,
}

fn read(row: &QueryResult) -> Result<StoredImport, Failure> {
    let reading = Reading::of(row, "import");
    let unsigned = |value: i64| u64::try_from(value).unwrap_or(0);
    let hash: Vec<u8> = reading.get("content_hash")?;
    Ok(StoredImport {
        import: Import {
            id: reading.id("id")?,
            organisation: reading.id("organisation")?,
            file_name: reading.get("file_name")?,
            bytes: unsigned(reading.get("bytes")?),
            content_hash: HEXLOWER.encode(&hash),
            format: reading.word_if("format", FileFormat::from_name)?,
            encoding: reading.word_if("encoding", TextEncoding::from_name)?,
            status: reading.word("status", ImportStatus::from_name)?,
            accept: reading.word_if("accept", Accept::from_name)?,
            checked: reading.json("checked")?,
            committed: reading.json("committed")?,
            broken_by_code: reading.json("broken_by_code")?,
            refusal: reading.json_if("refusal")?,
            created_at: reading.time("created_at")?,
            updated_at: reading.time("updated_at")?,
            version: reading.get("version")?,
        },
        path: reading.get("path")?,
        rows_done: unsigned(reading.get("rows_done")?),
        acting: reading.json_if("acting")?,
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
    pub acting: ActorKind,
    pub now: Timestamp,
}

/// Stores a new import, unless the organisation has one of the same content; tells whether it was new.
pub(crate) async fn insert<C: ConnectionTrait>(
    connection: &C,
    _proof: &Grant<act::Create, on::Import>,
    import: NewImport,
) -> Result<bool, Failure> {
    let NewImport { id, organisation, content_hash, file_name, path, bytes, party, acting, now } = import;
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
        json_text(&acting)?.into(),
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
        "acting",
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
    let sql = Sql::select(COLUMNS, "import i").with("i.organisation = ", organisation.uuid());
    sql.with(" AND i.content_hash = ", content_hash.to_vec()).one(connection, read).await
}

/// Loads imports within a scope.
pub(crate) async fn by_ids<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    ids: &[ImportId],
) -> Result<Vec<StoredImport>, Failure> {
    Sql::select(COLUMNS, "import i").by_ids("i.id", ids, scope, &IMPORTS).all(connection, read).await
}

/// Lists imports within a scope, newest first.
pub(crate) async fn list<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    page: &PageRequest,
) -> Result<Page<Import>, Failure> {
    let found = |columns| Sql::select(columns, "import i").within(scope, &IMPORTS);
    let total = found(COUNT).total(connection, page).await?;
    let found = found(COLUMNS).page("i.created_at", "i.id", Direction::Descending, page);
    let imports = found.all(connection, |row| Ok(read(row)?.import)).await?;
    Ok(Page::cut(imports, page, total, |import| Cursor { key: import.created_at.millis(), id: import.id.uuid() }))
}

/// Imports that somebody began to check or to write and whose holder is gone.
pub(crate) async fn abandoned<C: ConnectionTrait>(
    connection: &C,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<StoredImport>, Failure> {
    Sql::select(COLUMNS, "import i")
        .with("i.status IN ('checking', 'committing') AND i.lease_until < ", now.millis())
        .with(" ORDER BY i.created_at LIMIT ", i64::from(limit))
        .all(connection, read)
        .await
}

/// Takes hold of an import whose lease is over; the answer is the holder's fence, or nothing if somebody else holds it.
pub(crate) async fn claim<C: ConnectionTrait>(
    connection: &C,
    id: ImportId,
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<i64>, Failure> {
    let sql = Sql::new("UPDATE import SET fence = fence + 1, lease_until = ").bind(until.millis());
    let sql = sql.with(" WHERE id = ", id.uuid()).with(" AND lease_until < ", now.millis());
    sql.text(" RETURNING fence").value(connection).await
}

/// Counts one more time that the machine could not read the file.
pub(crate) async fn count_attempt<C: ConnectionTrait>(
    connection: &C,
    id: ImportId,
    fence: i64,
) -> Result<u32, Failure> {
    let sql = Sql::new("UPDATE import SET attempts = attempts + 1 WHERE id = ").bind(id.uuid());
    let attempts: Option<i64> = sql.with(" AND fence = ", fence).text(" RETURNING attempts").value(connection).await?;
    Ok(attempts.map_or(u32::MAX, |attempts| u32::try_from(attempts).unwrap_or(u32::MAX)))
}

/// Lets a new copy of the file take over an import that failed: it is checked anew and goes on with what is written already.
pub(crate) async fn take_over<C: ConnectionTrait>(
    connection: &C,
    _proof: &Grant<act::Create, on::Import>,
    place: (OrganisationId, &[u8; 32]),
    acting: &ActorKind,
    path: &str,
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<(ImportId, i64)>, Failure> {
    let (organisation, content_hash) = place;
    Sql::new("UPDATE import SET version = version + 1, fence = fence + 1, attempts = 0, accept = NULL, refusal = NULL")
        .with(", status = ", ImportStatus::Checking.name())
        .with(", path = ", path)
        .with(", acting = ", json_text(acting)?)
        .with(", updated_at = ", now.millis())
        .with(", lease_until = ", until.millis())
        .with(" WHERE organisation = ", organisation.uuid())
        .with(" AND content_hash = ", content_hash.to_vec())
        .with(" AND status = ", ImportStatus::Failed.name())
        .text(" RETURNING id, fence")
        .one(connection, |row| {
            let row = Reading::of(row, "import");
            Ok((row.id("id")?, row.get("fence")?))
        })
        .await
}

/// Imports that were checked before a moment and that nobody decided about.
pub(crate) async fn undecided<C: ConnectionTrait>(
    connection: &C,
    before: Timestamp,
    limit: u32,
) -> Result<Vec<StoredImport>, Failure> {
    Sql::select(COLUMNS, "import i")
        .with("i.status = 'checked' AND i.updated_at < ", before.millis())
        .with(" ORDER BY i.updated_at LIMIT ", i64::from(limit))
        .all(connection, read)
        .await
}

/// Takes hold of a checked import whose lease is over, to end it.
pub(crate) async fn claim_undecided<C: ConnectionTrait>(
    connection: &C,
    id: ImportId,
    now: Timestamp,
) -> Result<Option<i64>, Failure> {
    let sql = Sql::new("UPDATE import SET fence = fence + 1 WHERE status = 'checked' AND id = ").bind(id.uuid());
    sql.with(" AND lease_until < ", now.millis()).text(" RETURNING fence").value(connection).await
}

/// Where the files lie that are needed still.
pub(crate) async fn paths_in_use<C: ConnectionTrait>(connection: &C) -> Result<Vec<String>, Failure> {
    Sql::select("i.path", "import i")
        .text("i.status IN ('checking', 'checked', 'committing')")
        .all(connection, |row| Ok(row.try_get("", "path")?))
        .await
}

/// What a worker writes back.
#[derive(Clone, Debug, Default)]
pub(crate) struct ImportChange {
    pub status: Option<ImportStatus>,
    pub accept: Option<Accept>,
    pub acting: Option<ActorKind>,
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
    let ImportChange {
        status,
        accept,
        acting,
        file,
        checked,
        committed,
        broken_by_code,
        refusal,
        rows_done,
        lease_until,
    } = change;
    let mut sql = Sql::new("UPDATE import SET version = version + 1, updated_at = ")
        .bind(now.millis())
        .with_some(", status = ", status.map(ImportStatus::name))
        .with_some(", accept = ", accept.map(Accept::name))
        .with_some(", acting = ", acting.as_ref().map(json_text).transpose()?)
        .with_some(", rows_done = ", rows_done.map(|rows| i64::try_from(rows).unwrap_or(i64::MAX)))
        .with_some(", lease_until = ", lease_until.map(Timestamp::millis))
        .with_some(", checked = ", checked.as_ref().map(json_text).transpose()?)
        .with_some(", committed = ", committed.as_ref().map(json_text).transpose()?)
        .with_some(", broken_by_code = ", broken_by_code.as_ref().map(json_text).transpose()?)
        .with_some(", refusal = ", refusal.as_ref().map(json_text).transpose()?);
    if let Some((format, encoding)) = file {
        sql = sql.with(", format = ", format.name()).with(", encoding = ", encoding.map(TextEncoding::name));
    }
    sql.with(" WHERE id = ", id.uuid()).with(" AND fence = ", fence).run_one(connection).await
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
    let found = |columns| Sql::select(columns, "import_bad_row").with("import_id = ", import.uuid());
    let total = found(COUNT).total(connection, page).await?;
    let mut sql = found(BAD_ROW);
    if let Some(after) = &page.after {
        let ordinal = i32::try_from(after.id.as_u128()).unwrap_or(i32::MAX);
        sql = sql.with(" AND (row_number > ", after.key).with(" OR (row_number = ", after.key);
        sql = sql.with(" AND ordinal > ", ordinal).text("))");
    }
    let sql = sql.text(" ORDER BY row_number, ordinal").limit(page);
    let rows = sql.all(connection, |row| read_bad_row(row, import)).await?;
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
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    Sql::select(BAD_ROW, "import_bad_row")
        .with("import_id = ", import.uuid())
        .with(" AND row_number > ", after)
        .text(" AND row_number <= (SELECT COALESCE(MAX(n.row_number), 0) FROM (SELECT row_number FROM import_bad_row")
        .with(" WHERE import_id = ", import.uuid())
        .with(" AND row_number > ", after)
        .with(" ORDER BY row_number LIMIT ", i64::from(limit))
        .text(") n) ORDER BY row_number, ordinal")
        .all(connection, |row| Ok(read_bad_row(row, import)?.1))
        .await
}

/// Says where the file of an unfinished import lies now.
pub(crate) async fn move_file<C: ConnectionTrait>(
    connection: &C,
    organisation: OrganisationId,
    content_hash: &[u8; 32],
    path: &str,
) -> Result<(), Failure> {
    Sql::new("UPDATE import SET path = ")
        .bind(path)
        .with(" WHERE organisation = ", organisation.uuid())
        .with(" AND content_hash = ", content_hash.to_vec())
        .text(" AND status IN ('checking', 'checked', 'committing')")
        .run(connection)
        .await?;
    Ok(())
}
