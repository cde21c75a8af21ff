//! Every kind of file that is not what it should be, in one table.

use std::io::Write as _;

use cordon_case_intake::{CaseIntakeSettings, ImportMode, ImportSettings};
use cordon_case_intake_contract::{
    Accept, BadRowCode, CaseIntakeClient, FileFormat, Import, ImportStatus, ReportFilter, TextEncoding,
};
use cordon_context::PageRequest;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook, Worksheet};

use crate::world::{HEADER, World, clerk, file_of, row, worlds_with};

fn tight() -> CaseIntakeSettings {
    let imports = ImportSettings {
        max_rows: 60,
        max_cell_bytes: 70_000,
        max_inflated_bytes: 4 << 20,
        max_file_bytes: 2 << 20,
        chunk_rows: 7,
        ..ImportSettings::default()
    };
    CaseIntakeSettings { imports, ..CaseIntakeSettings::default() }
}

async fn checked(world: &World, name: &str, content: impl AsRef<[u8]>) -> Import {
    let path = world.write(name, content);
    world.import(&clerk(), &path, ImportMode::DryRun).await.unwrap()
}

async fn codes(world: &World, import: &Import) -> Vec<(u64, String, BadRowCode)> {
    let page = PageRequest { first: Some(200), ..PageRequest::default() };
    let rows = world.link.bad_rows(clerk(), import.id, page).await.unwrap();
    rows.edges.into_iter().map(|(_, row)| (row.row, row.column, row.code)).collect()
}

/// A good file of three rows in which one is replaced.
fn with(line: &str) -> String {
    format!("{HEADER}\n{}\n{line}\n{}\n", row(1), row(2))
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_rows_are_named_by_number_column_and_code_and_the_others_stay_good() {
    for world in worlds_with(tight()).await {
        let good = "X,2026-08-15T08:02:45+08:00,12321,440300,fake_loan,1,13900139000,文字";
        let long = format!("X,2026-08-15T08:02:45+08:00,12321,440300,fake_loan,1,,{}", "x".repeat(70_001));
        let cases: Vec<(&str, String, &str, BadRowCode)> = vec![
            ("time", good.replace("2026-08-15T08:02:45+08:00", "15.8.2026"), "received_at", BadRowCode::BadTime),
            ("future", good.replace("2026", "2099"), "received_at", BadRowCode::TimeOutOfRange),
            ("channel", good.replace("12321", "fax"), "channel", BadRowCode::UnknownChannel),
            ("region", good.replace("440300", "深圳"), "region", BadRowCode::BadRegion),
            ("type", good.replace("fake_loan", "loan"), "fraud_type", BadRowCode::UnknownFraudType),
            ("amount", good.replace(",1,", ",-5,"), "loss_cents", BadRowCode::BadAmount),
            ("phone", good.replace("13900139000", "139"), "victim_phone", BadRowCode::BadPhone),
            ("scientific", good.replacen('X', "1.23457E+17", 1), "report_id", BadRowCode::ScientificNotation),
            (
                "scientific phone",
                good.replace("13900139000", "1.39E+10"),
                "victim_phone",
                BadRowCode::ScientificNotation,
            ),
            ("nul", good.replace("文字", "文\0字"), "text", BadRowCode::ControlCharacter),
            ("empty", good.replace("文字", ""), "text", BadRowCode::Empty),
            ("few cells", "X,2026-08-15T08:02:45+08:00".to_owned(), "", BadRowCode::CellCount),
            ("many cells", format!("{good},more"), "", BadRowCode::CellCount),
            ("long", long, "text", BadRowCode::TooLong),
        ];
        for (name, line, column, code) in cases {
            let import = checked(&world, &format!("{}.csv", name.replace(' ', "-")), with(&line)).await;
            assert_eq!(import.status, ImportStatus::Checked, "{name}");
            assert_eq!(codes(&world, &import).await, [(3, column.to_owned(), code)], "{name}");
            assert_eq!((import.checked.new, import.checked.broken), (2, 1), "{name}");
        }
        assert_eq!(world.count("report").await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_bytes_are_one_broken_cell_and_gb18030_is_recognized() {
    for world in worlds_with(tight()).await {
        let mut mixed =
            format!("{HEADER}\n{}\nX,2026-08-15T08:02:45+08:00,12321,440300,fake_loan,1,,坏", row(1)).into_bytes();
        mixed.extend_from_slice(b"\xff\xfe\n");
        mixed.extend_from_slice(row(2).as_bytes());
        let import = checked(&world, "mixed.csv", mixed).await;
        assert_eq!(import.encoding, Some(TextEncoding::Utf8));
        assert_eq!(codes(&world, &import).await, [(3, "text".to_owned(), BadRowCode::BadEncoding)]);

        let content = file_of(6);
        let (encoded, _, _) = encoding_rs::GB18030.encode(&content);
        let path = world.write("gb.csv", &encoded);
        let import = world.import(&clerk(), &path, ImportMode::Commit(Accept::AllOrNothing)).await.unwrap();
        assert_eq!((import.encoding, import.committed.new), (Some(TextEncoding::Gb18030), 6));
        let found = world.link.search_reports(clerk(), ReportFilter::default(), PageRequest::default()).await.unwrap();
        assert!(found.edges.iter().all(|(_, report)| report.text_masked.starts_with("致电")));

        let bom = format!("\u{feff}{}", file_of(7).replace('\n', "\r\n"));
        assert_eq!(checked(&world, "bom.csv", bom).await.checked.new, 1, "six are stored already");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_are_none_of_ours_are_refused_as_a_whole_by_name() {
    for world in worlds_with(tight()).await {
        let utf16: Vec<u8> = "\u{feff}report_id".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let missing =
            format!("{}\n{}\n", HEADER.replace(",text", ""), "X,2026-08-15T08:02:45+08:00,12321,440300,fake_loan,1,");
        let cases: Vec<(&str, Vec<u8>, &str)> = vec![
            ("empty", Vec::new(), "import.empty"),
            ("missing columns", missing.into_bytes(), "import.missing_columns"),
            (
                "duplicate headers",
                file_of(2).replace("victim_phone", "channel").into_bytes(),
                "import.duplicate_columns",
            ),
            ("unknown columns", file_of(2).replace("victim_phone", "备注").into_bytes(), "import.unknown_columns"),
            ("utf-16", utf16, "import.encoding"),
            ("program", b"\x7fELF\x02\x01\x01".to_vec(), "import.wrong_format"),
            ("pdf", b"%PDF-1.7".to_vec(), "import.wrong_format"),
            ("old workbook", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec(), "import.old_or_locked_workbook"),
            ("nul in header", format!("re\0port_id,{HEADER}").into_bytes(), "import.wrong_format"),
            ("too many rows", file_of(61).into_bytes(), "import.too_large"),
            ("too many columns", vec![b','; 100], "import.too_large"),
            ("not a workbook", zip_of(&[("readme.txt", b"hello")]), "import.wrong_format"),
            ("cut off workbook", cut(workbook(|_| {})), "import.malformed"),
            ("macros", zip_of(&[("xl/workbook.xml", b"<x/>"), ("xl/vbaProject.bin", b"x")]), "import.foreign_parts"),
            ("way out", zip_of(&[("xl/workbook.xml", b"<x/>"), ("../../etc/passwd", b"x")]), "import.foreign_parts"),
            ("nested", zip_of(&[("xl/workbook.xml", b"<x/>"), ("xl/more.zip", b"x")]), "import.foreign_parts"),
            ("bomb", zip_of(&[("xl/workbook.xml", &vec![b' '; 5 << 20])]), "import.zip_bomb"),
            ("many parts", many_parts(), "import.zip_bomb"),
            ("huge cell", zip_of(&[("xl/workbook.xml", &noise(100_000))]), "import.too_large"),
        ];
        for (name, content, rule) in cases {
            let import = checked(&world, &format!("{}.bin", name.replace(' ', "-")), content).await;
            assert_eq!(import.status, ImportStatus::Refused, "{name}");
            let (refused_by, text) = import.refusal.expect(name);
            assert_eq!(refused_by, rule, "{name}");
            assert!(!text.zh.is_empty() && !text.en.is_empty());
        }
        let too_large = world.write("large.csv", vec![b'x'; 3 << 20]);
        let refused = world.import(&clerk(), &too_large, ImportMode::DryRun).await.unwrap_err();
        assert_eq!(refused.rule.as_deref(), Some("import.too_large"));
        assert_eq!(world.count("report").await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn archive_that_lies_about_its_sizes_is_counted_while_it_inflates() {
    for world in worlds_with(tight()).await {
        // Five MiB of blanks whose size is written down as ten bytes, in both places where a ZIP archive says it.
        let mut bytes = zip_of(&[("xl/workbook.xml", &vec![b' '; 5 << 20])]);
        let declared = (5_u32 << 20).to_le_bytes();
        let mut replaced = 0;
        for at in 0..bytes.len() - 4 {
            if bytes[at..at + 4] == declared {
                bytes[at..at + 4].copy_from_slice(&10_u32.to_le_bytes());
                replaced += 1;
            }
        }
        assert!(replaced > 0, "the archive says its sizes somewhere");
        let import = checked(&world, "liar.xlsx", bytes).await;
        let (rule, _) = import.refusal.unwrap();
        assert!(["import.zip_bomb", "import.malformed", "import.too_large"].contains(&rule.as_str()), "{rule}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn quote_that_never_ends_costs_one_row_and_not_the_rest() {
    for world in worlds_with(tight()).await {
        let open = "X,2026-08-15T08:02:45+08:00,12321,440300,fake_loan,1,,\"未闭合";
        let import = checked(&world, "quote.csv", with(open)).await;
        assert_eq!(codes(&world, &import).await, [(3, String::new(), BadRowCode::Truncated)]);
        assert_eq!(import.checked.new, 2);
        let cut = format!("{HEADER}\n{}\n{open}", row(3));
        let import = checked(&world, "cut.csv", cut).await;
        assert_eq!(codes(&world, &import).await, [(3, String::new(), BadRowCode::Truncated)]);
        // One record that would be larger than anything allowed, in the middle of the file.
        let endless = format!("{HEADER}\n{}\nX,\"{}\n{}\n", row(4), "y".repeat(900_000), row(5));
        let import = checked(&world, "endless.csv", endless).await;
        assert_eq!(codes(&world, &import).await, [(3, String::new(), BadRowCode::Truncated)]);
        assert_eq!(import.checked.new, 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn workbook_is_read_like_a_csv_file_and_its_bad_cells_are_named() {
    for world in worlds_with(tight()).await {
        let content = workbook(|sheet| {
            // Row 2 is good, with numbers and a time as a spreadsheet keeps them.
            put(sheet, 1, "W1");
            sheet.write_number(1, 5, 120_000.0).unwrap();
            sheet.write_number(1, 6, 13_900_139_000.0).unwrap();
            let moment = ExcelDateTime::parse_from_str("2026-08-15T08:02:45").unwrap();
            sheet
                .write_datetime_with_format(1, 1, &moment, &Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"))
                .unwrap();
            put(sheet, 2, "W2");
            sheet.write_formula(2, 7, Formula::new("=HYPERLINK(\"http://evil\")").set_result("点击")).unwrap();
            put(sheet, 3, "W3");
            sheet.write_number(3, 0, 123_456_789_012_345_680.0).unwrap();
            put(sheet, 4, "W4");
            sheet.write_string(4, 8, "多余").unwrap();
            // Row 6 is empty and counts for nothing; row 7 lacks its text.
            put_some(sheet, 6, "W6", 7);
        });
        let path = world.write("a.xlsx", content);
        let import = world.import(&clerk(), &path, ImportMode::DryRun).await.unwrap();
        assert_eq!(import.format, Some(FileFormat::Xlsx), "{:?}", import.refusal);
        assert_eq!(
            codes(&world, &import).await,
            [
                (3, "text".to_owned(), BadRowCode::FormulaCell),
                (4, "report_id".to_owned(), BadRowCode::ScientificNotation),
                (5, String::new(), BadRowCode::CellCount),
                (7, "text".to_owned(), BadRowCode::Empty),
            ]
        );
        let done = world.import(&clerk(), &path, ImportMode::Commit(Accept::GoodRows)).await.unwrap();
        assert_eq!((done.committed.new, done.committed.broken), (1, 4));
        let found = world.link.search_reports(clerk(), ReportFilter::default(), PageRequest::default()).await.unwrap();
        let report = &found.edges[0].1;
        assert_eq!((report.loss_cents, report.victim_phone_masked.as_deref()), (120_000, Some("139****9000")));
        assert_eq!(report.received_at.to_rfc3339(), "2026-08-15T08:02:45.000+08:00");
    }
}

/// A workbook with the header and what `fill` writes below it.
fn workbook(fill: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (column, name) in (0_u16..).zip(HEADER.split(',')) {
        sheet.write_string(0, column, name).unwrap();
    }
    fill(sheet);
    workbook.save_to_buffer().unwrap()
}

/// A good row with this number.
fn put(sheet: &mut Worksheet, row: u32, number: &str) {
    put_some(sheet, row, number, 8);
}

/// The first cells of a good row.
fn put_some(sheet: &mut Worksheet, row: u32, number: &str, count: usize) {
    let cells =
        [number, "2026-08-15T08:02:45+08:00", "12321", "440300", "fake_loan", "1", "13900139000", "致电13800138000"];
    for (column, cell) in (0_u16..).zip(cells).take(count) {
        sheet.write_string(row, column, cell).unwrap();
    }
}

fn cut(mut content: Vec<u8>) -> Vec<u8> {
    content.truncate(content.len() / 2);
    content
}

fn zip_of(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in parts {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn many_parts() -> Vec<u8> {
    let names: Vec<String> = (0..300).map(|number| format!("xl/part{number}.xml")).collect();
    let mut parts: Vec<(&str, &[u8])> = vec![("xl/workbook.xml", b"<x/>")];
    parts.extend(names.iter().map(|name| (name.as_str(), b"x".as_slice())));
    zip_of(&parts)
}

/// Bytes that do not compress and hold no tag.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 7_u64;
    let next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        b'a' + u8::try_from(state >> 60).unwrap()
    };
    std::iter::repeat_with(next).take(length).collect()
}
