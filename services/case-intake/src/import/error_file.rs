//! The error file: which row, which column, which code, in words, safe to open in a spreadsheet.

use cordon_case_intake_contract::BadRow;

/// The bytes by which spreadsheets recognize UTF-8, and the header.
pub(crate) const START: &str = "\u{feff}row,column,code,reason_zh,reason_en\r\n";

/// Writes rows as CSV.
pub(crate) fn lines(rows: &[BadRow]) -> String {
    let mut content = String::new();
    for row in rows {
        let text = row.code.text();
        let cells = [&row.row.to_string(), row.column.as_str(), row.code.name(), text.zh.as_ref(), text.en.as_ref()];
        content.push_str(&cells.map(escaped).join(","));
        content.push_str("\r\n");
    }
    content
}

/// Quotes a cell where needed; one that a spreadsheet would calculate gets an apostrophe before it.
pub(crate) fn escaped(cell: &str) -> String {
    let calculates = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let cell = if calculates { format!("'{cell}") } else { cell.to_owned() };
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}

#[cfg(test)]
mod tests {
    use cordon_case_intake_contract::BadRowCode;

    use super::*;

    #[test]
    fn cells_that_a_spreadsheet_would_calculate_are_escaped() {
        for cell in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx"] {
            assert!(escaped(cell).trim_start_matches('"').starts_with('\''), "{cell}");
        }
        assert_eq!(escaped("a,\"b\""), "\"a,\"\"b\"\"\"");
        assert_eq!(escaped("text"), "text");
    }

    #[test]
    fn a_line_names_row_column_and_code() {
        let row = BadRow { row: 7, column: "loss_cents".to_owned(), code: BadRowCode::BadAmount };
        let line = lines(&[row]);
        assert!(line.starts_with("7,loss_cents,BAD_AMOUNT,"), "{line}");
        assert!(line.ends_with("\r\n"));
    }
}
