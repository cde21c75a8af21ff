//! The drill country, where it is present.

use std::path::Path;

use cordon_case_intake::ImportMode;
use cordon_case_intake_contract::{Accept, CaseIntakeClient, ReportFilter};
use cordon_context::{OrganisationKind, OrganisationLevel, PageRequest, Role};
use cordon_testkit::call;

use sea_orm::ConnectionTrait as _;

use crate::world::worlds;

#[tokio::test(flavor = "multi_thread")]
async fn drill_reports_are_imported_whole_and_found_again() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/drill/reports.csv");
    if !file.exists() {
        println!("skipped: no drill data at {}", file.display());
        return;
    }
    for world in worlds().await {
        let kind = OrganisationKind::Police;
        let ministry = cordon_testkit::actor(
            "m",
            "ministry police",
            kind,
            OrganisationLevel::Ministry,
            "000000",
            &[Role::PoliceHandler],
        );
        let import = world.import(&call(&ministry), &file, ImportMode::Commit(Accept::AllOrNothing)).await.unwrap();
        assert_eq!((import.committed.new, import.committed.broken), (20_000, 0));
        assert!(import.committed.findings > 30_000, "{:?}", import.committed);
        let filter = ReportFilter { identifier: Some("19040690018".to_owned()), ..ReportFilter::default() };
        let found = world.link.search_reports(call(&ministry), filter, PageRequest::default()).await.unwrap();
        assert!(found.edges.iter().any(|(_, report)| report.external_id == "R0000001"));
        // No text lies in the clear anywhere in the rows.
        let reader = world.store.database.reader();
        let sql = "SELECT content FROM report LIMIT 100";
        for row in
            reader.query_all_raw(sea_orm::Statement::from_string(reader.get_database_backend(), sql)).await.unwrap()
        {
            let content: Vec<u8> = row.try_get("", "content").unwrap();
            assert!(!String::from_utf8_lossy(&content).contains("贷款"));
        }
    }
}
