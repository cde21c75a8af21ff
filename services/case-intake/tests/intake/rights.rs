//! An import that nobody waits for goes on as long as whoever ordered it may, and no longer.

use std::time::Duration;

use cordon_case_intake::{CaseIntakeSettings, ImportSettings};
use cordon_case_intake_contract::{Accept, CaseIntakeClient, CommitImport, Import, ImportStatus, StartImport};
use cordon_context::ImportId;

use crate::world::{Then, World, clerk, file_of, worlds_with};

const ROWS: usize = 45;

fn settings() -> CaseIntakeSettings {
    let imports = ImportSettings { chunk_rows: 10, ..ImportSettings::default() };
    CaseIntakeSettings { imports, ..CaseIntakeSettings::default() }
}

async fn present(world: &World, import: ImportId) -> Import {
    world.service.settle().await;
    world.link.imports_by_ids(clerk(), vec![import]).await.unwrap().remove(0)
}

async fn start(world: &World, upload: &str) -> Import {
    world.upload(upload, file_of(ROWS));
    let start = StartImport { upload: upload.to_owned(), file_name: "reports.csv".to_owned() };
    let begun = world.link.start_import(clerk(), start).await.unwrap();
    present(world, begun.id).await
}

async fn commit(world: &World, import: ImportId) -> Import {
    world.link.commit_import(clerk(), CommitImport { import, accept: Accept::AllOrNothing }).await.unwrap();
    present(world, import).await
}

/// What an import says of itself after its right has ended.
async fn stopped(world: &World, import: &Import, fewest: u64) {
    assert_eq!(import.status, ImportStatus::Failed, "{} {import:?}", world.backend);
    assert_eq!(import.refusal.as_ref().map(|(rule, _)| rule.as_str()), Some("import.right_ended"));
    let written = u64::try_from(world.count("report").await).unwrap();
    assert!((fewest..45).contains(&written), "{} {written}", world.backend);
    assert_eq!((import.committed.rows, import.committed.new), (written, written), "it says what is written");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_stops_at_the_next_chunk_after_its_right_has_ended() {
    for then in [Then::Ended, Then::WithoutDuties] {
        for world in worlds_with(settings()).await {
            let checked = start(&world, "first").await;
            assert_eq!((checked.status, checked.checked.new), (ImportStatus::Checked, 45), "{}", world.backend);
            // Two chunks are let through.
            world.standing.set(2, then);
            let import = commit(&world, checked.id).await;
            stopped(&world, &import, 1).await;
            // No job goes on with it.
            let written = world.count("report").await;
            world.clock.advance(Duration::from_hours(1));
            world.service.run_due(world.now()).await.unwrap();
            assert_eq!(present(&world, checked.id).await, import);
            assert_eq!(world.count("report").await, written);

            // The negative control: somebody who may brings the file again, and each row is there once.
            world.standing.set(i64::MAX, then);
            let again = start(&world, "second").await;
            assert_eq!((again.id, again.status), (checked.id, ImportStatus::Checked));
            let whole = commit(&world, again.id).await;
            assert_eq!((whole.status, world.count("report").await), (ImportStatus::Committed, 45), "{}", world.backend);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_ends_with_its_right_too() {
    for world in worlds_with(settings()).await {
        world.standing.set(1, Then::Ended);
        let import = start(&world, "first").await;
        stopped(&world, &import, 0).await;
        assert_eq!(world.count("report").await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_import_is_resumed_on_the_right_of_whoever_ordered_it() {
    for ended in [true, false] {
        for world in worlds_with(settings()).await {
            let checked = start(&world, "first").await;
            // The directory goes away in the middle: nobody knows, so nothing goes on, and nothing is given up.
            world.standing.set(2, Then::Away);
            let import = commit(&world, checked.id).await;
            assert_eq!(import.status, ImportStatus::Committing, "{}", world.backend);
            let written = world.count("report").await;
            assert!((1..45).contains(&written));
            world.standing.set(if ended { 0 } else { i64::MAX }, Then::Ended);
            world.clock.advance(Duration::from_hours(1));
            world.service.run_due(world.now()).await.unwrap();
            let import = present(&world, checked.id).await;
            if ended {
                stopped(&world, &import, 1).await;
                assert_eq!(world.count("report").await, written, "{}", world.backend);
            } else {
                // The negative control.
                assert_eq!((import.status, world.count("report").await), (ImportStatus::Committed, 45));
            }
        }
    }
}
