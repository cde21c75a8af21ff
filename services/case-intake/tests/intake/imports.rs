use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use cordon_case_intake::{CaseIntakeSettings, ImportMode, ImportSettings, ImportSource};
use cordon_case_intake_contract::{
    Accept, BadRowCode, CaseIntakeClient, CommitImport, FraudType, ImportStatus, ReportFilter, StartImport, topic,
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
        world.upload("upload-1", &broken);
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
        // The same file once more, under another name: the same import, one effect, and no copy that nobody needs.
        let copy = world.upload("upload-2", &broken);
        let again = StartImport { upload: "upload-2".to_owned(), file_name: "其他.csv".to_owned() };
        assert_eq!(world.link.start_import(clerk(), again).await.unwrap().id, begun.id);
        assert!(!copy.exists());
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

async fn start(world: &World, upload: &str) -> cordon_case_intake_contract::Import {
    let start = StartImport { upload: upload.to_owned(), file_name: "a.csv".to_owned() };
    world.link.start_import(clerk(), start).await.unwrap()
}

async fn commit(world: &World, import: cordon_context::ImportId) {
    world.link.commit_import(clerk(), CommitImport { import, accept: Accept::GoodRows }).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn changed_or_missing_file_ends_the_import_until_the_same_content_comes_again() {
    for world in worlds_with(small_chunks()).await {
        let path = world.upload("upload-1", file_of(20));
        let begun = start(&world, "upload-1").await;
        wait_until(&world, begun.id, ImportStatus::Checked).await;
        world.upload("upload-1", file_of(40));
        commit(&world, begun.id).await;
        let failed = wait_until(&world, begun.id, ImportStatus::Failed).await;
        assert_eq!(failed.refusal.unwrap().0, "import.file_changed");
        assert_eq!(world.count("report").await, 0);
        assert_eq!(world.service.run_due(world.now()).await.unwrap(), 0, "it is not tried again and again");

        // The same content takes it over; this time the file is gone when somebody decides.
        world.upload("upload-2", file_of(20));
        assert_eq!(start(&world, "upload-2").await.id, begun.id);
        let again = wait_until(&world, begun.id, ImportStatus::Checked).await;
        assert_eq!((again.refusal, again.accept, again.checked.new), (None, None, 20));
        std::fs::remove_file(path.with_file_name("upload-2")).unwrap();
        commit(&world, begun.id).await;
        let failed = wait_until(&world, begun.id, ImportStatus::Failed).await;
        assert_eq!(failed.refusal.unwrap().0, "import.unreadable");

        let third = world.upload("upload-3", file_of(20));
        assert_eq!(start(&world, "upload-3").await.id, begun.id);
        wait_until(&world, begun.id, ImportStatus::Checked).await;
        commit(&world, begun.id).await;
        let done = wait_until(&world, begun.id, ImportStatus::Committed).await;
        assert_eq!((done.committed.new, world.count("report").await), (20, 20));
        assert!(!third.exists());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn machine_that_cannot_read_refuses_no_file_for_ever() {
    let mut settings = small_chunks();
    settings.imports.read_attempts = 3;
    for world in worlds_with(settings).await {
        let path = world.upload("upload-1", file_of(20));
        let begun = start(&world, "upload-1").await;
        wait_until(&world, begun.id, ImportStatus::Checked).await;
        // Reading a folder fails in the machine, as a disk does, and says nothing about the content.
        let hidden = path.with_file_name("hidden");
        let spoil = || {
            std::fs::rename(&path, &hidden).unwrap();
            std::fs::create_dir(&path).unwrap();
        };
        let heal = || {
            std::fs::remove_dir(&path).unwrap();
            std::fs::rename(&hidden, &path).unwrap();
        };
        let look_again = async || {
            world.clock.advance(std::time::Duration::from_secs(61));
            world.service.run_due(world.now()).await.unwrap()
        };
        spoil();
        commit(&world, begun.id).await;
        wait_until(&world, begun.id, ImportStatus::Committing).await;
        look_again().await;
        wait_until(&world, begun.id, ImportStatus::Committing).await;
        look_again().await;
        let failed = wait_until(&world, begun.id, ImportStatus::Failed).await;
        assert_eq!(failed.refusal.unwrap().0, "import.unreadable");
        heal();
        assert_eq!(start(&world, "upload-1").await.id, begun.id);
        wait_until(&world, begun.id, ImportStatus::Checked).await;
        spoil();
        commit(&world, begun.id).await;
        wait_until(&world, begun.id, ImportStatus::Committing).await;
        heal();
        assert_eq!(look_again().await, 1, "it goes on by itself");
        wait_until(&world, begun.id, ImportStatus::Committed).await;
        assert_eq!(world.count("report").await, 20);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_stay_no_longer_than_their_import_needs_them() {
    for world in worlds_with(small_chunks()).await {
        let good = world.upload("good", file_of(12));
        let begun = start(&world, "good").await;
        wait_until(&world, begun.id, ImportStatus::Checked).await;
        assert!(good.exists(), "it is needed until somebody decides");
        commit(&world, begun.id).await;
        wait_until(&world, begun.id, ImportStatus::Committed).await;
        assert!(!good.exists());

        let bad = world.upload("bad", b"%PDF-1.7");
        let refused = start(&world, "bad").await;
        wait_until(&world, refused.id, ImportStatus::Refused).await;
        assert!(!bad.exists());

        // A file that lies elsewhere belongs to whoever imports it.
        let own = world.write("own.csv", file_of(13));
        world.import(&clerk(), &own, ImportMode::Commit(Accept::GoodRows)).await.unwrap();
        assert!(own.exists());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_that_nobody_decides_about_are_swept_after_a_day() {
    for world in worlds_with(small_chunks()).await {
        let undecided = world.upload("undecided", file_of(12));
        let begun = start(&world, "undecided").await;
        wait_until(&world, begun.id, ImportStatus::Checked).await;
        let stray = world.upload("stray", "nobody imports this");
        let fresh = world.upload("fresh", "this came just now");
        let written = |path: &std::path::Path, moment: cordon_context::Timestamp| {
            let age = std::time::Duration::from_millis(moment.millis().try_into().unwrap());
            std::fs::File::options().write(true).open(path).unwrap().set_modified(std::time::UNIX_EPOCH + age).unwrap();
        };
        for path in [&undecided, &stray, &fresh] {
            written(path, world.now());
        }
        world.clock.advance(std::time::Duration::from_hours(23));
        world.service.run_due(world.now()).await.unwrap();
        assert!(undecided.exists() && stray.exists(), "the negative control: a day is not over");
        world.clock.advance(std::time::Duration::from_hours(2));
        written(&fresh, world.now());
        world.service.run_due(world.now()).await.unwrap();
        assert!(!undecided.exists() && !stray.exists() && fresh.exists());
        let given_up = wait_until(&world, begun.id, ImportStatus::Failed).await;
        assert_eq!(given_up.refusal.unwrap().0, "import.undecided");
        let decide = CommitImport { import: begun.id, accept: Accept::GoodRows };
        assert_eq!(rule(world.link.commit_import(clerk(), decide).await), "import.undecided");
        assert_eq!(world.count("report").await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn long_rows_are_written_in_small_chunks() {
    let imports = ImportSettings { max_chunk_bytes: 100_000, ..ImportSettings::default() };
    for world in worlds_with(CaseIntakeSettings { imports, ..CaseIntakeSettings::default() }).await {
        let chunks = async || {
            let topics = world.topics().await;
            topics.iter().filter(|topic| *topic == topic::REPORTS_STORED).count()
        };
        let path = world.write("short.csv", file_of(40));
        world.import(&clerk(), &path, ImportMode::Commit(Accept::GoodRows)).await.unwrap();
        assert_eq!(chunks().await, 1, "the negative control: as many short rows are one chunk");
        let long = "长".repeat(10_000);
        let rows: Vec<String> = (100..140).map(|number| format!("{}{long}", row(number))).collect();
        let path = world.write("long.csv", format!("{}\n{}\n", crate::world::HEADER, rows.join("\n")));
        let done = world.import(&clerk(), &path, ImportMode::Commit(Accept::GoodRows)).await.unwrap();
        assert_eq!(done.committed.new, 40);
        assert_eq!(chunks().await, 11, "four rows of thirty thousand bytes each");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn twin_of_another_organisation_shows_nowhere() {
    for world in worlds_with(small_chunks()).await {
        let line =
            |number: &str| format!("{number},2026-08-15T08:02:45+08:00,web,440300,other,0,,低息贷款 致电13800138000");
        let import = async |ctx: &cordon_context::CallContext, name: &str| {
            let path = world.write(name, format!("{}\n{}\n", crate::world::HEADER, line(name)));
            world.import(ctx, &path, ImportMode::Commit(Accept::GoodRows)).await.unwrap().committed.near_duplicates
        };
        assert_eq!(import(&clerk(), "first").await, 0);
        assert_eq!(import(&carrier("carrier A"), "theirs").await, 0);
        assert_eq!(import(&clerk(), "second").await, 1, "the negative control: its own twin is counted");
        let page = PageRequest { first: Some(50), ..PageRequest::default() };
        let all = cordon_context::CallContext { actor: crate::world::ministry(), ..clerk() };
        let reports = world.link.search_reports(all, ReportFilter::default(), page).await.unwrap();
        let twins: Vec<_> = reports.edges.iter().filter(|(_, report)| report.duplicate_of.is_some()).collect();
        assert_eq!((reports.edges.len(), twins.len()), (3, 1));
        assert_eq!(twins[0].1.external_id, "second");
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

#[test]
fn the_demo_set_holds_every_fraud_type() {
    let demo = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../demo/reports.csv");
    let mut reader = csv::Reader::from_path(demo).unwrap();
    let column = reader.headers().unwrap().iter().position(|name| name == "fraud_type").unwrap();
    let rows = reader.records().map(|row| row.unwrap().get(column).unwrap().to_owned());
    let held: std::collections::BTreeSet<String> = rows.collect();
    let known = FraudType::ALL.iter().map(|kind| kind.name().to_owned());
    assert_eq!(held, known.collect(), "each type, and none that nobody knows");
}
