//! Many rows at once: what is stored is what was given, whatever way the statements take.

use std::sync::Arc;

use cordon_context::SystemClock;
use cordon_store::bulk::{self, Batch, Existing};
use cordon_store::sql::Sql;
use cordon_store::{Database, DatabaseSettings, Failure};
use proptest::prelude::*;
use sea_orm::{ConnectionTrait as _, Value};
use uuid::Uuid;

const COLUMNS: &[&str] = &["id", "key", "number", "small", "words", "body", "note", "shared"];

/// A row of every kind of cell; `None` where a cell may be missing.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    id: Uuid,
    key: Option<Vec<u8>>,
    number: i64,
    small: Option<i32>,
    words: String,
    body: Vec<u8>,
    note: Option<String>,
}

impl Row {
    fn values(&self) -> Vec<Value> {
        vec![
            self.id.into(),
            self.key.clone().into(),
            self.number.into(),
            self.small.into(),
            self.words.clone().into(),
            self.body.clone().into(),
            self.note.clone().into(),
            "the same".into(),
        ]
    }
}

fn words() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), "[a-z'\" ?$1]{0,12}", "\\PC{0,20}", Just("零\0一".to_owned())]
}

fn a_row() -> impl Strategy<Value = Row> {
    let number = prop_oneof![any::<i64>(), Just(i64::MIN), Just(i64::MAX), -9_i64..9];
    let key = proptest::option::of(proptest::collection::vec(any::<u8>(), 16));
    let body = proptest::collection::vec(any::<u8>(), 0..40);
    let rest = (words(), body, proptest::option::of(words()));
    (any::<u128>(), key, number, proptest::option::of(any::<i32>()), rest).prop_map(
        |(id, key, number, small, (words, body, note))| Row {
            id: Uuid::from_u128(id),
            key,
            number,
            small,
            words,
            body,
            note,
        },
    )
}

/// Enough rows that they are packed, or so few that each cell is bound.
fn rows() -> impl Strategy<Value = Vec<Row>> {
    prop_oneof![proptest::collection::vec(a_row(), 1..20), proptest::collection::vec(a_row(), 64..200)].prop_map(
        |mut rows| {
            rows.sort_by_key(|row| row.id);
            rows.dedup_by_key(|row| row.id);
            rows
        },
    )
}

async fn open(folder: &std::path::Path) -> Result<Database, Box<dyn std::error::Error>> {
    let settings = DatabaseSettings { url: format!("sqlite:{}", folder.join("bulk.db").display()), max_connections: 1 };
    let database = Database::open(&settings, "bulk", Arc::new(SystemClock)).await?;
    database
        .migrator()
        .execute_unprepared(
            "CREATE TABLE thing (id BLOB PRIMARY KEY, key BLOB, number BIGINT NOT NULL, small INTEGER, words TEXT NOT NULL, \
             body BLOB NOT NULL, note TEXT, shared TEXT NOT NULL)",
        )
        .await?;
    database.migrator().execute_unprepared("CREATE TABLE pair (a BLOB, b BLOB)").await?;
    Ok(database)
}

async fn stored(database: &Database) -> Result<Vec<Row>, Failure> {
    Sql::select("id, key, number, small, words, body, note", "thing")
        .text(
            "shared = 'the same' AND typeof(number) = 'integer' AND typeof(words) = 'text' AND typeof(body) = 'blob' ",
        )
        .text("ORDER BY id")
        .all(database.reader(), |row| {
            Ok(Row {
                id: row.try_get_by_index(0)?,
                key: row.try_get_by_index(1)?,
                number: row.try_get_by_index(2)?,
                small: row.try_get_by_index(3)?,
                words: row.try_get_by_index(4)?,
                body: row.try_get_by_index(5)?,
                note: row.try_get_by_index(6)?,
            })
        })
        .await
}

async fn insert(database: &Database, rows: &[Row]) -> Result<u64, Failure> {
    let values = rows.iter().map(Row::values);
    Ok(bulk::insert_new_rows(database.migrator(), "thing", COLUMNS, values).await?)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_stored_is_what_was_given(rows in rows(), more in rows()) {
        let folder = tempfile::tempdir().unwrap();
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            let database = open(folder.path()).await.unwrap();
            assert_eq!(insert(&database, &rows).await.unwrap(), rows.len() as u64);
            assert_eq!(stored(&database).await.unwrap(), rows);
            // The same again, and others with them: what is there stays as it is.
            let mut both: Vec<Row> = rows.iter().map(|row| Row { number: 1, ..row.clone() }).collect();
            let fresh: Vec<Row> = more.into_iter().filter(|row| rows.iter().all(|old| old.id != row.id)).collect();
            both.extend(fresh.iter().cloned());
            assert_eq!(insert(&database, &both).await.unwrap(), fresh.len() as u64);
            let mut all = rows.clone();
            all.extend(fresh);
            all.sort_by_key(|row| row.id);
            assert_eq!(stored(&database).await.unwrap(), all);
        });
    }
}

#[tokio::test]
async fn rows_beyond_one_statement_are_all_stored() {
    let folder = tempfile::tempdir().unwrap();
    let database = open(folder.path()).await.unwrap();
    let row = |number: u32| Row {
        id: Uuid::from_u128(u128::from(number)),
        key: Some(number.to_be_bytes().to_vec()),
        number: i64::from(number),
        small: None,
        // The last statement holds a single row, and nothing in it has a length.
        words: if number == 9_000 { String::new() } else { "语".repeat(1_500) },
        body: Vec::new(),
        note: None,
    };
    let rows: Vec<Row> = (0..=9_000).map(row).collect();
    assert_eq!(insert(&database, &rows).await.unwrap(), 9_001);
    assert_eq!(stored(&database).await.unwrap(), rows);
}

#[tokio::test]
async fn a_cell_that_the_table_refuses_keeps_every_row_out() {
    let folder = tempfile::tempdir().unwrap();
    let database = open(folder.path()).await.unwrap();
    let row = |number: i64| {
        vec![Uuid::from_u128(1).into(), number.into(), "w".into(), Value::Bytes(Some(vec![1])), "s".into()]
    };
    let columns = &["id", "number", "words", "body", "shared"];
    let twice = Batch::new(database.backend().db_backend(), "thing", columns, (0..100).map(row), Existing::Refuse);
    assert!(twice.insert(database.migrator()).await.is_err());
    assert_eq!(Sql::select("COUNT(*)", "thing").text("1 = 1").count(database.reader()).await.unwrap(), 0);
}

#[tokio::test]
async fn pairs_are_stored_whatever_their_number() {
    let folder = tempfile::tempdir().unwrap();
    let database = open(folder.path()).await.unwrap();
    let pair = |number: u128| (Uuid::from_u128(number), Uuid::from_u128(number << 64));
    for count in [0, 1, 255, 256, 257, 65_536, 65_537] {
        database.migrator().execute_unprepared("DELETE FROM pair").await.unwrap();
        let pairs: Vec<(Uuid, Uuid)> = (0..count).map(pair).collect();
        let inserted = bulk::insert_pairs(database.migrator(), "pair", ["a", "b"], &pairs).await.unwrap();
        assert_eq!(u128::from(inserted), count);
        let all: Vec<(cordon_context::ReportId, cordon_context::CaseId)> =
            Sql::select("a, b", "pair").text("1 = 1 ORDER BY a").all_pairs(database.reader()).await.unwrap();
        let all: Vec<(Uuid, Uuid)> = all.into_iter().map(|(a, b)| (a.uuid(), b.uuid())).collect();
        assert_eq!(all, pairs);
    }
}
