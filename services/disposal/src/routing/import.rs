//! Rows of files, read strictly.

use std::collections::HashMap;

use chrono::NaiveDate;
use cordon_context::{Bilingual, Region, Timestamp};
use cordon_directory_contract::Responsibility;
use cordon_disposal_contract::routing::{BadRoutingRow, RoutingTable};
use cordon_identifier::{Identifier, Kind};
use ipnet::IpNet;

use super::holder::Holder;

/// What a row enters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) table: RoutingTable,
    pub(crate) key: Key,
    pub(crate) aspect: &'static str,
    pub(crate) holder: Holder,
    pub(crate) region: Option<Region>,
    pub(crate) valid_from: Option<Timestamp>,
}

/// Under which key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    /// As it stands.
    Clear(String),
    /// By its blind index.
    Number(Identifier),
}

/// The columns of a file by their meaning.
pub(crate) struct Columns(HashMap<&'static str, usize>);

/// A column, under its machine name and its Chinese name.
const COLUMNS: &[(&str, &[&str])] = &[
    ("number", &["number", "phone", "号码", "手机号码"]),
    ("prefix", &["prefix", "segment", "号段"]),
    ("network", &["network", "carrier", "网络", "运营商", "携入网络"]),
    ("mvno", &["mvno", "虚商", "转售企业"]),
    ("region", &["region", "归属地", "地区", "地区代码"]),
    ("valid_from", &["valid_from", "生效时间", "携转时间"]),
    ("domain", &["domain", "域名"]),
    ("registrar", &["registrar", "注册商"]),
    ("access_provider", &["access_provider", "接入商", "接入服务商"]),
    ("range", &["range", "cidr", "地址段"]),
    ("platform", &["platform", "平台"]),
    ("holder", &["holder", "责任单位"]),
];

impl Columns {
    /// Finds the columns that a table needs, or says which is missing.
    pub(crate) fn find(table: RoutingTable, header: &[String]) -> Result<Self, Box<BadRoutingRow>> {
        let mut columns = HashMap::new();
        for (index, title) in header.iter().enumerate() {
            let title = title.trim().trim_start_matches('\u{feff}').to_lowercase();
            for (name, titles) in COLUMNS {
                if titles.contains(&title.as_str()) {
                    columns.entry(*name).or_insert(index);
                }
            }
        }
        let needed: &[&[&str]] = match table {
            RoutingTable::Portability => &[&["number"], &["network"]],
            RoutingTable::Segment => &[&["prefix"], &["network", "mvno", "holder"]],
            RoutingTable::Domain => &[&["domain"], &["registrar", "access_provider"]],
            RoutingTable::Address => &[&["range"], &["access_provider", "holder"]],
            RoutingTable::Platform => &[&["platform"], &["holder"]],
        };
        for any in needed {
            if !any.iter().any(|name| columns.contains_key(name)) {
                return Err(Box::new(bad(
                    1,
                    any.first().copied().unwrap_or_default(),
                    "missing_column",
                    "缺少该列",
                    "the column is missing",
                )));
            }
        }
        Ok(Self(columns))
    }

    fn cell<'a>(&self, cells: &'a [String], name: &str) -> &'a str {
        self.0.get(name).and_then(|index| cells.get(*index)).map_or("", |cell| cell.trim())
    }
}

fn bad(row: u64, column: &str, code: &str, zh: &'static str, en: &'static str) -> BadRoutingRow {
    BadRoutingRow { row, column: column.to_owned(), code: code.to_owned(), text: Bilingual::new(zh, en) }
}

/// Reads one row of a file; a domain may give two entries.
pub(crate) fn read(
    table: RoutingTable,
    columns: &Columns,
    row: u64,
    cells: &[String],
) -> Result<Vec<Row>, Box<BadRoutingRow>> {
    let refuse = |column: &str, code: &str, zh, en| Err(Box::new(bad(row, column, code, zh, en)));
    let region = match columns.cell(cells, "region") {
        "" => None,
        code => match code.parse() {
            Ok(region) => Some(region),
            Err(_) => return refuse("region", "bad_region", "地区代码须为六位数字", "a region code has six digits"),
        },
    };
    let valid_from = match columns.cell(cells, "valid_from") {
        "" => None,
        text => match moment(text) {
            Some(moment) => Some(moment),
            None => {
                return refuse(
                    "valid_from",
                    "bad_date",
                    "日期格式应为 2026-01-31 或 RFC 3339",
                    "a date is 2026-01-31 or RFC 3339",
                );
            }
        },
    };
    let entry = |table, key, aspect, holder| Row { table, key, aspect, holder, region, valid_from };
    match table {
        RoutingTable::Portability => {
            let Ok(holder) = Holder::network(columns.cell(cells, "network")) else {
                return refuse("network", "bad_network", "网络代码不正确", "not a network, mvno:CODE or organisation");
            };
            let text = columns.cell(cells, "number");
            // A beginning of numbers is a segment, not one person's number.
            if let Some(prefix) = segment(text).filter(|prefix| prefix.len() < 11) {
                return Ok(vec![entry(RoutingTable::Segment, Key::Clear(prefix), "", holder)]);
            }
            match Identifier::parse(Kind::Phone, text) {
                Ok(number) => Ok(vec![entry(table, Key::Number(number), "", holder)]),
                Err(_) => refuse("number", "bad_number", "号码不在号码规划内", "the number is not in the number plan"),
            }
        }
        RoutingTable::Segment => {
            let Some(prefix) = segment(columns.cell(cells, "prefix")) else {
                return refuse("prefix", "bad_prefix", "号段须为 2 至 12 位数字", "a segment has 2 to 12 digits");
            };
            let holder =
                match (columns.cell(cells, "holder"), columns.cell(cells, "mvno"), columns.cell(cells, "network")) {
                    ("", "", network) => Holder::network(network),
                    ("", mvno, _) => Ok(Holder::Responsible(Responsibility::mvno(mvno))),
                    (holder, ..) => Holder::network(holder),
                };
            match holder {
                Ok(holder) => Ok(vec![entry(table, Key::Clear(prefix), "", holder)]),
                Err(_) => {
                    refuse("network", "bad_network", "网络代码不正确", "not a network, mvno:CODE or organisation")
                }
            }
        }
        RoutingTable::Domain => {
            let Ok(domain) = Identifier::parse(Kind::Domain, columns.cell(cells, "domain")) else {
                return refuse("domain", "bad_domain", "不是有效的域名", "not a domain name");
            };
            let Some(name) = domain.registrable().map(str::to_owned) else {
                return refuse("domain", "bad_domain", "不是有效的域名", "not a domain name");
            };
            let (registrar, access) = (columns.cell(cells, "registrar"), columns.cell(cells, "access_provider"));
            let mut rows = Vec::new();
            if !registrar.is_empty() {
                let Some(holder) = named(registrar, "registrar", Responsibility::registrar) else {
                    return refuse("registrar", "bad_holder", "注册商名称不正确", "not a registrar");
                };
                rows.push(entry(table, Key::Clear(name.clone()), "registrar", holder));
            }
            if !access.is_empty() {
                let Some(holder) = named(access, "access", Responsibility::access) else {
                    return refuse("access_provider", "bad_holder", "接入商名称不正确", "not an access provider");
                };
                rows.push(entry(table, Key::Clear(name), "access", holder));
            }
            if rows.is_empty() {
                return refuse(
                    "registrar",
                    "empty_holder",
                    "注册商和接入商均为空",
                    "neither registrar nor access provider is given",
                );
            }
            Ok(rows)
        }
        RoutingTable::Address => {
            let text = columns.cell(cells, "range");
            let range = text.parse::<IpNet>().or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from));
            let Ok(range) = range else {
                return refuse("range", "bad_range", "不是有效的地址段", "not an address range");
            };
            let name = match columns.cell(cells, "access_provider") {
                "" => columns.cell(cells, "holder"),
                name => name,
            };
            match named(name, "access", Responsibility::access) {
                Some(holder) => Ok(vec![entry(table, Key::Clear(range.trunc().to_string()), "", holder)]),
                None => refuse("access_provider", "bad_holder", "接入商名称不正确", "not an access provider"),
            }
        }
        RoutingTable::Platform => {
            let platform = columns.cell(cells, "platform").to_lowercase();
            if platform.is_empty() || platform.chars().any(|c| c.is_control() || c.is_whitespace()) {
                return refuse("platform", "bad_platform", "平台代码不正确", "not a platform");
            }
            match named(columns.cell(cells, "holder"), "platform", Responsibility::platform) {
                Some(holder) => Ok(vec![entry(table, Key::Clear(platform), "", holder)]),
                None => refuse("holder", "bad_holder", "责任单位不正确", "not a holder"),
            }
        }
    }
}

/// A name as a file gives it: an organisation's identifier, a holder in full, or the bare name of one kind of holder.
fn named(text: &str, kind: &str, bare: fn(&str) -> Responsibility) -> Option<Holder> {
    if text.is_empty() || text.chars().any(char::is_control) {
        return None;
    }
    if let Ok(holder) = text.parse::<Holder>() {
        return match &holder {
            Holder::Organisation(_) => Some(holder),
            Holder::Responsible(responsibility) if responsibility.kind() == kind => Some(holder),
            Holder::Responsible(_) => None,
        };
    }
    // The text form goes through the same checks as any other.
    bare(text).to_string().parse().ok()
}

/// The digits of a segment: a beginning that several numbers share.
pub(crate) fn segment(text: &str) -> Option<String> {
    let digits = text.trim().trim_end_matches('*');
    let fits = (2..=12).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| digits.to_owned())
}

fn moment(text: &str) -> Option<Timestamp> {
    Timestamp::parse_rfc3339(text).or_else(|| {
        let date = NaiveDate::parse_from_str(text, "%Y-%m-%d")
            .or_else(|_| NaiveDate::parse_from_str(text, "%Y/%m/%d"))
            .ok()?;
        Some(Timestamp::china_midnight(date))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(table: RoutingTable, header: &str, line: &str) -> Result<Vec<String>, String> {
        let split = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
        let columns = Columns::find(table, &split(header)).map_err(|bad| format!("{}:{}", bad.column, bad.code))?;
        let rows = read(table, &columns, 2, &split(line)).map_err(|bad| format!("{}:{}", bad.column, bad.code))?;
        let text = |row: Row| {
            let key = match &row.key {
                Key::Clear(key) => key.clone(),
                Key::Number(number) => number.masked(),
            };
            format!("{} {key} {} {}", row.table, row.aspect, row.holder)
        };
        Ok(rows.into_iter().map(text).collect())
    }

    #[test]
    fn rows_are_read_or_named_by_column_and_code() {
        use RoutingTable::{Address, Domain, Platform, Portability, Segment};
        for (table, header, line, expected) in [
            (
                Portability,
                "number,network,valid_from",
                "13800138000,unicom,2026-01-31",
                Ok(vec!["portability 138****8000  network:unicom"]),
            ),
            (Portability, "号码,网络", "+86 138 0013 8000,联通", Ok(vec!["portability 138****8000  network:unicom"])),
            (Portability, "number,network", "1380013,telecom", Ok(vec!["segment 1380013  network:telecom"])),
            (Portability, "number,network", "13800138000,orange", Err("network:bad_network")),
            (Portability, "number,network", "not a number,unicom", Err("number:bad_number")),
            (Portability, "number,network,valid_from", "13800138000,unicom,31.1.26", Err("valid_from:bad_date")),
            (Portability, "number", "13800138000", Err("network:missing_column")),
            (
                Segment,
                "prefix,mvno,region",
                "1700123,example-mvno,440300",
                Ok(vec!["segment 1700123  mvno:example-mvno"]),
            ),
            (Segment, "prefix,network,region", "0755,telecom,4403", Err("region:bad_region")),
            (Segment, "prefix,network", "x,telecom", Err("prefix:bad_prefix")),
            (
                Domain,
                "domain,registrar,access_provider",
                "WWW.Example.com.cn,示例域名,示例云",
                Ok(vec![
                    "domain example.com.cn registrar registrar:示例域名",
                    "domain example.com.cn access access:示例云",
                ]),
            ),
            (Domain, "domain,registrar,access_provider", "com.cn,示例域名,", Err("domain:bad_domain")),
            (Domain, "domain,registrar,access_provider", "example.com.cn,,", Err("registrar:empty_holder")),
            (Domain, "domain,registrar", "example.com.cn,access:x", Err("registrar:bad_holder")),
            (
                Address,
                "range,access_provider",
                "203.0.113.9/24,示例云",
                Ok(vec!["address 203.0.113.0/24  access:示例云"]),
            ),
            (Address, "range,access_provider", "203.0.113.9,示例云", Ok(vec!["address 203.0.113.9/32  access:示例云"])),
            (Address, "range,access_provider", "203.0.113.0/33,示例云", Err("range:bad_range")),
            (Platform, "platform,holder", "WeChat,platform:wechat", Ok(vec!["platform wechat  platform:wechat"])),
            (Platform, "platform,holder", "wechat,", Err("holder:bad_holder")),
        ] {
            let found = check(table, header, line);
            let expected =
                expected.map(|rows| rows.into_iter().map(str::to_owned).collect::<Vec<_>>()).map_err(str::to_owned);
            assert_eq!(found, expected, "{line}");
        }
    }
}
