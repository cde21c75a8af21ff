//! Which column of a file is which.

use crate::domain::row::Column;
use crate::import::refusal::FileRefusal;

/// For every cell of a row, the column of the template that it fills.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    places: Vec<Column>,
}

/// The names under which a column is found, beside its name in the template.
const fn alias(column: Column) -> &'static str {
    match column {
        Column::ReportId => "举报编号",
        Column::ReceivedAt => "接收时间",
        Column::Channel => "举报渠道",
        Column::Region => "行政区划",
        Column::FraudType => "诈骗类型",
        Column::LossCents => "涉案金额（分）",
        Column::VictimPhone => "受害人号码",
        Column::Text => "举报内容",
    }
}

fn find(name: &str) -> Option<Column> {
    let name = name.trim().trim_start_matches('\u{feff}');
    Column::ALL.into_iter().find(|column| name.eq_ignore_ascii_case(column.name()) || name == alias(*column))
}

impl Header {
    /// Reads the first row; unknown, repeated and missing columns are named, all at once.
    pub(crate) fn read<'a>(cells: impl Iterator<Item = &'a str>) -> Result<Self, FileRefusal> {
        let mut places = Vec::new();
        let (mut unknown, mut repeated) = (Vec::new(), Vec::new());
        for cell in cells {
            match find(cell) {
                None => unknown.push(shown(cell)),
                Some(column) if places.contains(&column) => repeated.push(column.name().to_owned()),
                Some(column) => places.push(column),
            }
        }
        let missing: Vec<String> = Column::ALL
            .into_iter()
            .filter(|column| !column.may_be_absent() && !places.contains(column))
            .map(|column| column.name().to_owned())
            .collect();
        let mut zh = Vec::new();
        let mut en = Vec::new();
        let mut rule = None;
        for (names, code, chinese, english) in [
            (&missing, "import.missing_columns", "缺少列", "missing columns"),
            (&repeated, "import.duplicate_columns", "重复列", "repeated columns"),
            (&unknown, "import.unknown_columns", "未知列", "unknown columns"),
        ] {
            if !names.is_empty() {
                rule = rule.or(Some(code));
                zh.push(format!("{chinese}：{}", names.join("、")));
                en.push(format!("{english}: {}", names.join(", ")));
            }
        }
        match rule {
            None => Ok(Self { places }),
            Some(rule) => Err(FileRefusal::new(rule, zh.join("；"), en.join("; "))),
        }
    }

    /// How many cells a row has.
    pub(crate) const fn width(&self) -> usize {
        self.places.len()
    }

    /// The column that a cell fills.
    pub(crate) fn column(&self, place: usize) -> Option<Column> {
        self.places.get(place).copied()
    }
}

/// A name from a file, short enough to be shown and without anything that a terminal would obey.
fn shown(cell: &str) -> String {
    let short: String = cell.trim().chars().filter(|character| !character.is_control()).take(30).collect();
    if short.is_empty() { "（空）".to_owned() } else { short }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(names: &str) -> (&'static str, String) {
        let refusal = Header::read(names.split(',')).unwrap_err();
        (refusal.rule, refusal.text.en.into_owned())
    }

    #[test]
    fn columns_are_found_in_any_order_and_in_both_languages() {
        let header =
            Header::read("\u{feff}text,举报编号,Received_At, channel ,region,fraud_type,loss_cents".split(','))
                .unwrap();
        assert_eq!(header.column(0), Some(Column::Text));
        assert_eq!(header.column(1), Some(Column::ReportId));
        assert_eq!(header.width(), 7);
    }

    #[test]
    fn missing_repeated_and_unknown_columns_are_named() {
        let all = "report_id,received_at,channel,region,fraud_type,loss_cents,victim_phone,text";
        assert_eq!(rule(&all.replace(",text", "")), ("import.missing_columns", "missing columns: text".to_owned()));
        assert_eq!(
            rule(&format!("{all},channel")),
            ("import.duplicate_columns", "repeated columns: channel".to_owned())
        );
        assert_eq!(rule(&format!("{all},备注")), ("import.unknown_columns", "unknown columns: 备注".to_owned()));
        assert_eq!(rule("x,channel,channel").0, "import.missing_columns");
    }
}
