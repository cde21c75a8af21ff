//! What statements and the reading of rows promise, on SQLite and on PostgreSQL.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use cordon_context::{Code, PageRequest, Region};
use cordon_migrations::directory::Migrator;
use cordon_store::sql::{COUNT, Reading, Sql, region_value};
use cordon_store::{CorruptRow, Failure};
use cordon_testkit::{TestDatabase, clock, test_databases};
use sea_orm::{ConnectionTrait as _, Value};
use uuid::Uuid;

const FIRST: Uuid = Uuid::from_u128(1);
const SECOND: Uuid = Uuid::from_u128(2);

/// Databases with a row whose region can be read, and one whose region cannot.
async fn databases() -> Vec<TestDatabase> {
    let databases = test_databases::<Migrator>("directory", Arc::new(clock())).await;
    for test in &databases {
        let connection = test.database.migrator();
        let table = "CREATE TABLE thing (id UUID PRIMARY KEY, region INTEGER NOT NULL)";
        connection.execute_unprepared(table).await.unwrap();
        let insert = Sql::new("INSERT INTO thing (id, region) VALUES ").list([Value::from(FIRST), region().into()]);
        let insert = insert.text(", ").list([Value::from(SECOND), (-1_i32).into()]);
        assert_eq!(insert.run(connection).await.unwrap(), 2);
    }
    databases
}

fn region() -> i32 {
    region_value(Region::from_number(440_300).unwrap())
}

#[tokio::test]
async fn an_unreadable_value_names_its_place() {
    for test in databases().await {
        let read = |id: Uuid| {
            let query = Sql::select("id, region", "thing").with("id = ", id);
            query.one(test.database.reader(), |row| Reading::of(row, "thing").region("region"))
        };
        assert_eq!(read(FIRST).await.unwrap().map(region_value), Some(region()));
        let failure = read(SECOND).await.unwrap_err();
        let place = CorruptRow::new("thing", "region", SECOND.to_string());
        assert!(matches!(failure, Failure::Corrupt(corrupt) if corrupt == place));
        assert!(read(Uuid::nil()).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn a_change_that_meets_another_number_of_rows_than_one_is_a_conflict() {
    for test in databases().await {
        let change = |id| Sql::new("UPDATE thing SET region = 0 WHERE id >= ").bind(id);
        change(SECOND).run_one(test.database.migrator()).await.unwrap();
        for id in [FIRST, Uuid::max()] {
            let failure = change(id).run_one(test.database.migrator()).await.unwrap_err();
            assert!(matches!(failure, Failure::Refused(refusal) if refusal.code == Code::Conflict));
        }
    }
}

#[tokio::test]
async fn rows_are_counted_only_on_request() {
    for test in databases().await {
        let count = || Sql::select(COUNT, "thing").text("1 = 1");
        let mut request = PageRequest::default();
        assert_eq!(count().total(test.database.reader(), &request).await.unwrap(), None);
        request.count = true;
        assert_eq!(count().total(test.database.reader(), &request).await.unwrap(), Some(2));
    }
}
