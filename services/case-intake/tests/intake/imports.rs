use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use cordon_case_intake::{CaseIntakeSettings, ImportMode, ImportSettings, ImportSource};
use cordon_case_intake_contract::{
    Accept, BadRowCode, CaseIntakeClient, CommitImport, ImportStatus, ReportFilter, StartImport, topic,
};
use cordon_context::{Code, PageRequest};

use crate::world::{World, carrier, clerk, file_of, refusal, row, rule, stranger, worlds, worlds_with};

fn small_chunks() -> CaseIntakeSettings {
    let imports = ImportSettings { chunk_rows: 10, ..ImportSettings::default() };
    CaseIntakeSettings { imports, ..CaseIntakeSettings::default() }
}

async fn wait_until(
    world: &World,
    import: cordon_context::ImportId,
    status: ImportStatus,
) -> cordon_case_intake_contract::Import {
    world.service.settle().await;
    let found = world.link.imports_by_ids(clerk(), vec![import]).await.unwrap().remove(0);
    assert_eq!(found.status, status, "{}", world.backend);
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn dry_run_counts_and_writes_no_report_then_the_user_decides() {
    for world in worlds_with(small_chunks()).await {
        let broken = file_of(25).replace("12321,440300,fake_loan,7,", "12321,440300,fake_loan,seven,");
        world.write("upload-1", &broken);
        let start = StartImport { upload: "upload-1".to_owned(), file_name: "举报.csv".to_owned() };
        let begun = world.link.start_import(clerk(), start.clone()).await.unwrap();
        let checked = wait_until(&world, begun.id, ImportStatus::Checked).await;
        assert_eq!((checked.checked.rows, checked.checked.new, checked.checked.broken), (25, 24, 1));
        assert_eq!(checked.broken_by_code, [(BadRowCode::BadAmount, 1)]);
        assert_eq!(world.count("report").await, 0);
        assert_eq!(world.count("finding").await, 0);

        let bad = world
            .link
            .bad_rows(clerk(), begun.id, PageRequest { count: true, ..PageRequest::default() })
            .await
            .unwrap();
        assert_eq!(bad.total, Some(1));
        assert_eq!((bad.edges[0].1.row, bad.edges[0].1.column.as_str()), (9, "loss_cents"));
        let file = world.link.error_file(clerk(), begun.id, None).await.unwrap();
        assert!(file.content.starts_with('\u{feff}') && file.content.contains("9,loss_cents,BAD_AMOUNT"));
        assert_eq!((file.file_name.as_str(), file.next_after), ("举报-errors.csv", None));

        let decide = |accept| CommitImport { import: begun.id, accept };
        assert_eq!(
            rule(world.link.commit_import(clerk(), decide(Accept::AllOrNothing)).await),
            "import.has_broken_rows"
        );
        assert_eq!(world.count("report").await, 0);
        world.link.commit_import(clerk(), decide(Accept::GoodRows)).await.unwrap();
        let committed = wait_until(&world, begun.id, ImportStatus::Committed).await;
        assert_eq!((committed.committed.new, committed.committed.broken), (24, 1));
        assert_eq!(committed.committed.findings, 24, "one number stands in each text");
        assert_eq!(world.count("report").await, 24);
        assert_eq!(rule(world.link.commit_import(clerk(), decide(Accept::AllOrNothing)).await), "import.decided");
        // The same file once more, under another name: the same import, one effect.
        world.write("upload-2", &broken);
        let again = StartImport { upload: "upload-2".to_owned(), file_name: "其他.csv".to_owned() };
        assert_eq!(world.link.start_import(clerk(), again).await.unwrap().id, begun.id);
        assert_eq!(world.link.commit_import(clerk(), decide(Accept::GoodRows)).await.unwrap(), committed);
        assert_eq!(world.count("report").await, 24);
        let by_import = ReportFilter { import: Some(begun.id), ..ReportFilter::default() };
        let page = PageRequest { count: true, first: Some(1), ..PageRequest::default() };
        assert_eq!(world.link.search_reports(clerk(), by_import, page).await.unwrap().total, Some(24));
        assert_eq!(world.link.imports_by_ids(stranger(), vec![begun.id]).await.unwrap(), []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn import_in_one_go_stores_reports_with_findings_and_tells_of_each_chunk() {
    for world in worlds_with(small_chunks()).await {
        let path = world.write("reports.csv", file_of(35));
        let heard = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&heard);
        let source = ImportSource { path, file_name: "reports.csv".to_owned() };
        let mode = ImportMode::Commit(Accept::GoodRows);
        let ctx = clerk();
        let import = world.service.import_reports(&ctx, source.clone(), mode, move |progress| {
            counter.store(progress.counts.rows, Ordering::SeqCst);
        });
        let import = import.await.unwrap();
        assert_eq!((import.status, import.committed.new), (ImportStatus::Committed, 35));
        assert_eq!(heard.load(Ordering::SeqCst), 35);
        let topics = world.topics().await;
        assert_eq!(
            topics.iter().filter(|topic| *topic == topic::REPORTS_STORED).count(),
            6,
            "one event for each chunk: of 1, 2, 4, 8 and twice 10 rows"
        );
        let found = world.link.search_reports(
            clerk(),
            ReportFilter { identifier: Some("138-0013-8000".to_owned()), ..ReportFilter::default() },
            PageRequest { first: Some(1), count: true, ..PageRequest::default() },
        );
        assert_eq!(found.await.unwrap().total, Some(35));
        let before = world.count("ledger_entry").await;
        let again = world.service.import_reports(&clerk(), source, mode, |_| {}).await.unwrap();
        assert_eq!(again, import);
        assert_eq!(world.count("ledger_entry").await, before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn import_that_was_cut_between_chunks_goes_on_where_it_stopped() {
    for world in worlds_with(small_chunks()).await {
        use sea_orm::ConnectionTrait as _;
        let path = world.write("reports.csv", file_of(35));
        let whole = world.import(&clerk(), &path, ImportMode::Commit(Accept::GoodRows)).await.unwrap();
        assert_eq!(world.count("report").await, 35);
        // What a process leaves behind that died after the second chunk: twenty rows, and its hold on the import.
        let writer = world.store.database.migrator();
        let back = [
            "DELETE FROM finding WHERE report_id IN (SELECT id FROM report ORDER BY id DESC LIMIT 15)".to_owned(),
            "DELETE FROM report WHERE id IN (SELECT id FROM report ORDER BY id DESC LIMIT 15)".to_owned(),
            format!(
                "UPDATE import SET status = 'committing', rows_done = 21, lease_until = {}, committed = '{}'",
                world.now().millis() + 60_000,
                r#"{"rows":20,"new":20,"existing":0,"broken":0,"near_duplicates":0,"findings":20}"#,
            ),
        ];
        for statement in back {
            writer.execute_unprepared(&statement).await.unwrap();
        }
        assert_eq!(world.service.run_due(world.now()).await.unwrap(), 0, "the hold is not over yet");
        world.clock.advance(std::time::Duration::from_secs(61));
        assert_eq!(world.service.run_due(world.now()).await.unwrap(), 1);
        assert_eq!(world.count("report").await, 35);
        let import = world.link.imports_by_ids(clerk(), vec![whole.id]).await.unwrap().remove(0);
        assert_eq!((import.status, import.committed.new, import.committed.existing), (ImportStatus::Committed, 35, 0));
        assert_eq!(import.committed.findings, whole.committed.findings);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn chunk_that_is_written_twice_has_one_effect() {
    for world in worlds_with(small_chunks()).await {
        use sea_orm::ConnectionTrait as _;
        let path = world.write("reports.csv", file_of(20));
        world.import(&clerk(), &path, ImportMode::Commit(Accept::GoodRows)).await.unwrap();
        let findings = world.count("finding").await;
        let writer = world.store.database.migrator();
        writer
            .execute_unprepared("UPDATE import SET status = 'committing', rows_done = 11, lease_until = 0")
            .await
            .unwrap();
        assert_eq!(world.service.run_due(world.now()).await.unwrap(), 1);
        assert_eq!((world.count("report").await, world.count("finding").await), (20, findings));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changed_file_is_not_written_under_the_old_decision() {
    for world in worlds_with(small_chunks()).await {
        use sea_orm::ConnectionTrait as _;
        world.write("upload-1", file_of(20));
        let start = StartImport { upload: "upload-1".to_owned(), file_name: "a.csv".to_owned() };
        let begun = world.link.start_import(clerk(), start).await.unwrap();
        wait_until(&world, begun.id, ImportStatus::Checked).await;
        world.write("upload-1", file_of(40));
        world.link.commit_import(clerk(), CommitImport { import: begun.id, accept: Accept::GoodRows }).await.unwrap();
        wait_until(&world, begun.id, ImportStatus::Committing).await;
        assert_eq!(world.count("report").await, 0);
        // Once the right file is back, the import goes on.
        world.write("upload-1", file_of(20));
        world.store.database.migrator().execute_unprepared("UPDATE import SET lease_until = 0").await.unwrap();
        assert_eq!(world.service.run_due(world.now()).await.unwrap(), 1);
        assert_eq!(world.count("report").await, 20);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn repeated_rows_and_stored_ones_are_counted_and_change_nothing() {
    for world in worlds_with(small_chunks()).await {
        let first = world.write("a.csv", file_of(5));
        world.import(&clerk(), &first, ImportMode::Commit(Accept::GoodRows)).await.unwrap();
        let more = format!("{}{}\n{}\n", file_of(8), row(7), row(6));
        let second = world.write("b.csv", more);
        let checked = world.import(&clerk(), &second, ImportMode::DryRun).await.unwrap().checked;
        assert_eq!((checked.rows, checked.new, checked.existing, checked.broken), (10, 3, 7, 0));
        let done = world.import(&clerk(), &second, ImportMode::Commit(Accept::AllOrNothing)).await.unwrap().committed;
        assert_eq!((done.rows, done.new, done.existing), (10, 3, 7));
        assert_eq!(world.count("report").await, 8);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn near_identical_rows_are_stored_and_flagged() {
    for world in worlds_with(small_chunks()).await {
        let line =
            |number: usize, text: &str| format!("D{number},2026-08-15T08:02:45+08:00,web,440300,other,0,,{text}");
        let rows: Vec<String> = (0..12).map(|number| line(number, "低息贷款 致电13800138000")).collect();
        let mut content = format!("{}\n{}\n", crate::world::HEADER, rows.join("\n"));
        content.push_str(&line(20, "低息贷款！致电 138-0013-8000"));
        let path = world.write("d.csv", content);
        let done = world.import(&clerk(), &path, ImportMode::Commit(Accept::GoodRows)).await.unwrap().committed;
        assert_eq!((done.new, done.near_duplicates), (13, 12));
        let page = PageRequest { first: Some(50), ..PageRequest::default() };
        let reports = world.link.search_reports(clerk(), ReportFilter::default(), page).await.unwrap();
        let flagged: Vec<_> = reports.edges.iter().filter_map(|(_, report)| report.duplicate_of).collect();
        assert_eq!(flagged.len(), 12);
        assert!(flagged.windows(2).all(|pair| pair[0] == pair[1]), "all point to the first");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_may_import_imports_and_only_from_the_upload_folder() {
    for world in worlds().await {
        let path = world.write("a.csv", file_of(2));
        let viewer = crate::world::police("viewer", cordon_context::Role::PoliceApprover);
        let refused = world.import(&cordon_testkit::call(&viewer), &path, ImportMode::DryRun).await.unwrap_err();
        assert_eq!(refused.code, Code::Denied);
        for foreign in ["../a.csv", "/etc/passwd", "missing.csv", "keys"] {
            let start = StartImport { upload: foreign.to_owned(), file_name: "a.csv".to_owned() };
            assert_eq!(refusal(world.link.start_import(clerk(), start).await).code, Code::NotFound, "{foreign}");
        }
        // An enterprise imports its own reports, and they are its own.
        let done = world.import(&carrier("carrier A"), &path, ImportMode::Commit(Accept::GoodRows)).await.unwrap();
        assert_eq!(done.committed.new, 2);
        let theirs = world
            .link
            .search_reports(carrier("carrier B"), ReportFilter::default(), PageRequest::default())
            .await
            .unwrap();
        assert_eq!(theirs.edges, []);
    }
}
