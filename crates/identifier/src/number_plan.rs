//! The number plan as a table: which segment belongs to which network and service.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{LazyLock, OnceLock};

use serde::{Deserialize, Serialize};

use crate::{Identifier, Kind, Violation, normal_form};

/// A network that numbers were given to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Network {
    /// China Telecom.
    Telecom,
    /// China Mobile.
    Mobile,
    /// China Unicom.
    Unicom,
    /// China Broadnet.
    Broadnet,
}

impl Network {
    /// Gives the stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Telecom => "telecom",
            Self::Mobile => "mobile",
            Self::Unicom => "unicom",
            Self::Broadnet => "broadnet",
        }
    }
}

/// What a segment is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "service")]
pub enum Service {
    /// People's numbers of a carrier.
    Ordinary,
    /// Resold by a virtual operator that runs on the parent's network.
    Mvno {
        /// The network that carries it, and that knows which reseller holds the number.
        parent: Option<Network>,
    },
    /// Cards of things.
    Iot,
    /// Satellite telephones.
    Satellite,
    /// Access to a service: short numbers, 400 and 800.
    Access,
    /// A port that sends text messages.
    Port,
    /// A line in a house or an office.
    Fixed,
}

/// What the plan says about a number; portability may have moved it, so the network is the original one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NumberClass {
    /// The network that the segment was given to; unknown where the segment alone does not tell.
    pub network: Option<Network>,
    /// What the segment is used for.
    #[serde(flatten)]
    pub service: Service,
    /// Whether the holder may have taken the number to another network.
    pub portable: bool,
}

/// A table cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The file cannot be read.
    #[error("无法读取表 {path}（cannot read the table {path}）: {source}")]
    Read {
        /// The file that was named.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The text is no such table.
    #[error("表的格式不对（the table is malformed）: {0}")]
    Form(#[from] toml::de::Error),
    /// An entry is wrong.
    #[error("表中有误：{0}（the table is wrong at {0}）")]
    Entry(String),
    /// A plan is already in force in this process.
    #[error("本进程已装入号码规划（a number plan is already in force in this process）")]
    AlreadyInstalled,
}

/// Reads a whole file, with the path in the error.
pub(crate) fn read_table(path: &Path) -> Result<String, TableError> {
    std::fs::read_to_string(path).map_err(|source| TableError::Read { path: path.display().to_string(), source })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlanFile {
    edition: String,
    #[serde(rename = "segment")]
    segments: Vec<SegmentRow>,
    fixed_line: FixedLineRow,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SegmentRow {
    kind: Kind,
    prefixes: Vec<String>,
    digits: String,
    network: Option<Network>,
    service: ServiceRow,
    portable: bool,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ServiceRow {
    Ordinary,
    Mvno,
    Iot,
    Satellite,
    Service,
    Port,
    Reserved,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FixedLineRow {
    subscriber_first: String,
    area_codes: Vec<String>,
}

/// One segment; `class` is none where the segment is reserved.
#[derive(Clone, Debug)]
struct Segment {
    shortest: usize,
    longest: usize,
    class: Option<NumberClass>,
}

impl Segment {
    fn fits(&self, number: &str) -> bool {
        (self.shortest..=self.longest).contains(&number.len())
    }
}

/// Prefix tree over digits; a node holds the segment that ends there.
#[derive(Clone, Debug, Default)]
struct Tree {
    nodes: Vec<Node>,
}

#[derive(Clone, Debug, Default)]
struct Node {
    next: [Option<usize>; 10],
    segment: Option<Segment>,
}

impl Tree {
    fn insert(&mut self, prefix: &str, segment: Segment) -> Result<(), TableError> {
        if self.nodes.is_empty() {
            self.nodes.push(Node::default());
        }
        let wrong = || TableError::Entry(prefix.to_owned());
        let mut at = 0;
        for byte in prefix.bytes() {
            let digit = usize::from(byte.wrapping_sub(b'0'));
            let free = self.nodes.len();
            let slot = self.nodes.get_mut(at).and_then(|node| node.next.get_mut(digit)).ok_or_else(wrong)?;
            let next = *slot.get_or_insert(free);
            if next == free {
                self.nodes.push(Node::default());
            }
            at = next;
        }
        let node = self.nodes.get_mut(at).ok_or_else(wrong)?;
        if at == 0 || node.segment.replace(segment).is_some() {
            return Err(wrong());
        }
        Ok(())
    }

    /// Finds the segment with the longest prefix of the number, among those that have numbers of its length if there are any:
    /// `12345` is no number of the segment `123` that has three digits, but one of `12` that has five.
    fn find(&self, number: &str) -> Option<&Segment> {
        let (mut longest, mut fitting) = (None, None);
        let mut node = self.nodes.first()?;
        for byte in number.bytes() {
            let digit = usize::from(byte.wrapping_sub(b'0'));
            let Some(next) = node.next.get(digit).copied().flatten().and_then(|next| self.nodes.get(next)) else {
                break;
            };
            node = next;
            longest = node.segment.as_ref().or(longest);
            fitting = node.segment.as_ref().filter(|segment| segment.fits(number)).or(fitting);
        }
        fitting.or(longest)
    }
}

/// The plan in force, or another edition of it.
#[derive(Clone, Debug)]
pub struct NumberPlan {
    edition: String,
    trees: BTreeMap<Kind, Tree>,
    area_codes: std::collections::BTreeSet<String>,
    subscriber_first: String,
}

static BUILT_IN: LazyLock<NumberPlan> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the table is part of the program and a test reads it")]
    NumberPlan::from_toml(include_str!("../data/number_plan.toml")).expect("the embedded number plan is well-formed")
});

static INSTALLED: OnceLock<NumberPlan> = OnceLock::new();

impl NumberPlan {
    /// Gives the plan that this process reads identifiers by: the installed one, else the one built in.
    pub fn active() -> &'static Self {
        INSTALLED.get().unwrap_or_else(|| &BUILT_IN)
    }

    /// Puts another edition in force for the whole process, once, before identifiers are read.
    pub fn install(plan: Self) -> Result<(), TableError> {
        INSTALLED.set(plan).map_err(|_| TableError::AlreadyInstalled)
    }

    /// Reads an edition from a file.
    pub fn load(path: &Path) -> Result<Self, TableError> {
        Self::from_toml(&read_table(path)?)
    }

    /// Reads an edition from its text.
    pub fn from_toml(text: &str) -> Result<Self, TableError> {
        let file: PlanFile = toml::from_str(text)?;
        let mut trees: BTreeMap<Kind, Tree> = BTreeMap::new();
        for row in file.segments {
            let (shortest, longest) = range(&row.digits)?;
            let service = match row.service {
                ServiceRow::Ordinary => Some(Service::Ordinary),
                ServiceRow::Mvno => Some(Service::Mvno { parent: row.network }),
                ServiceRow::Iot => Some(Service::Iot),
                ServiceRow::Satellite => Some(Service::Satellite),
                ServiceRow::Service => Some(Service::Access),
                ServiceRow::Port => Some(Service::Port),
                ServiceRow::Reserved => None,
            };
            let class = service.map(|service| NumberClass { network: row.network, service, portable: row.portable });
            for prefix in row.prefixes {
                trees.entry(row.kind).or_default().insert(&prefix, Segment { shortest, longest, class })?;
            }
        }
        let mut area_codes = std::collections::BTreeSet::new();
        for entry in &file.fixed_line.area_codes {
            let (first, last) = entry.split_once('-').unwrap_or((entry, entry));
            let wrong = || TableError::Entry(entry.clone());
            let from: u32 = first.parse().map_err(|_| wrong())?;
            let to: u32 = last.parse().map_err(|_| wrong())?;
            area_codes.extend((from..=to).map(|code| format!("{code:0width$}", width = first.len())));
        }
        Ok(Self { edition: file.edition, trees, area_codes, subscriber_first: file.fixed_line.subscriber_first })
    }

    /// Names the edition, for audit.
    pub fn edition(&self) -> &str {
        &self.edition
    }

    /// Says what the plan knows about a number; none for identifiers that are no numbers.
    pub fn classify(&self, identifier: &Identifier) -> Option<NumberClass> {
        match identifier.kind() {
            Kind::FixedLine => Some(NumberClass { network: None, service: Service::Fixed, portable: false }),
            kind => self.segment(kind, identifier.value())?.class,
        }
    }

    fn segment(&self, kind: Kind, number: &str) -> Option<&Segment> {
        self.trees.get(&kind)?.find(number)
    }

    /// Checks that a number of a kind lies in a segment in use and has a length of it.
    pub(crate) fn admits(&self, kind: Kind, number: &str) -> Result<(), Violation> {
        let Some(segment) = self.segment(kind, number) else {
            // The more useful of two truths: eight digits are no mobile number, whatever they begin with.
            let lengths = match kind {
                Kind::Phone => 11..=11,
                Kind::IotNumber => 13..=13,
                Kind::Number400 => 10..=10,
                _ => 0..=usize::MAX,
            };
            return Err(if lengths.contains(&number.len()) { Violation::UnknownPrefix } else { Violation::Length });
        };
        if !segment.fits(number) {
            return Err(Violation::Length);
        }
        if segment.class.is_some() { Ok(()) } else { Err(Violation::UnknownPrefix) }
    }

    /// Checks a fixed line: a known area code, then a subscriber number of the right length.
    pub(crate) fn admits_fixed_line(&self, number: &str) -> Result<(), Violation> {
        if !number.starts_with('0') {
            return Err(Violation::UnknownPrefix);
        }
        let width = normal_form::area_code_length(number);
        let (Some(area), Some(subscriber)) = (number.get(..width), number.get(width..)) else {
            return Err(Violation::Length);
        };
        if !self.area_codes.contains(area) || !subscriber.starts_with(|c| self.subscriber_first.contains(c)) {
            return Err(Violation::UnknownPrefix);
        }
        let right = if width == 3 { 8..=8 } else { 7..=8 };
        if right.contains(&subscriber.len()) { Ok(()) } else { Err(Violation::Length) }
    }
}

fn range(digits: &str) -> Result<(usize, usize), TableError> {
    let wrong = || TableError::Entry(format!("digits = {digits:?}"));
    let (from, to) = digits.split_once('-').unwrap_or((digits, digits));
    let from = from.parse().map_err(|_| wrong())?;
    let to = to.parse().map_err(|_| wrong())?;
    if from <= to { Ok((from, to)) } else { Err(wrong()) }
}
