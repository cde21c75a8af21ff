//! Official and other numbers and names that must never become a target by accident.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::path::Path;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::number_plan::read_table;
use crate::{Identifier, Kind, TableError, host};

/// Why something is protected, as a group that a screen can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProtectedCategory {
    /// Lines on which lives depend.
    Emergency,
    /// Lines against fraud.
    AntiFraud,
    /// Authorities and public bodies.
    Government,
    /// Carriers' own lines.
    Carrier,
    /// Banks, payment and insurance.
    Finance,
    /// Transport, post and utilities.
    Utility,
    /// Sites and services that much of the country uses.
    Platform,
    /// What the internet itself runs on.
    Infrastructure,
}

/// How far an entry reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// This value alone.
    #[default]
    Exact,
    /// Every value that begins with it; for numbers.
    Prefix,
    /// The name and every name below it; for domains, with the pages and mail addresses on them.
    Below,
}

/// One protected value with its reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProtectedEntry {
    /// The kind that the value is of; a domain entry also covers pages and addresses on it.
    pub kind: Kind,
    /// The value, or what it begins or ends with.
    pub value: String,
    /// How far the entry reaches.
    #[serde(default)]
    pub scope: Scope,
    /// The group of the reason.
    pub category: ProtectedCategory,
    /// The reason in Chinese.
    pub zh: String,
    /// The reason in English.
    pub en: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    group: Vec<Group>,
}

/// Values that share a reason; a value may carry its own name after a space.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    kind: Kind,
    #[serde(default)]
    scope: Scope,
    category: ProtectedCategory,
    zh: String,
    en: String,
    values: Vec<String>,
}

/// The list in force; services add to it and take from it.
#[derive(Clone, Debug)]
pub struct ProtectedList {
    /// By kind, then value, then scope.
    entries: BTreeMap<Kind, HashMap<String, BTreeMap<Scope, ProtectedEntry>>>,
    local: ProtectedEntry,
}

static BUILT_IN: LazyLock<ProtectedList> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the table is part of the program and a test reads it")]
    ProtectedList::from_toml(include_str!("../data/protected.toml"))
        .expect("the embedded protected list is well-formed")
});

impl Default for ProtectedList {
    fn default() -> Self {
        Self::empty()
    }
}

impl ProtectedList {
    /// Gives the list that is part of the program.
    pub fn built_in() -> &'static Self {
        &BUILT_IN
    }

    /// Makes a list with nothing but the addresses that belong to no single party.
    pub fn empty() -> Self {
        Self {
            entries: BTreeMap::new(),
            local: ProtectedEntry {
                kind: Kind::Ip,
                value: "local".to_owned(),
                scope: Scope::Prefix,
                category: ProtectedCategory::Infrastructure,
                zh: "本地或专用网络地址，不属于任何单一对象".to_owned(),
                en: "local or private address that belongs to no single party".to_owned(),
            },
        }
    }

    /// Makes a list of given entries, such as those that a service stores.
    pub fn from_entries(entries: impl IntoIterator<Item = ProtectedEntry>) -> Self {
        let mut list = Self::empty();
        for entry in entries {
            list.insert(entry);
        }
        list
    }

    /// Reads a list from a file.
    pub fn load(path: &Path) -> Result<Self, TableError> {
        Self::from_toml(&read_table(path)?)
    }

    /// Reads a list from its text.
    pub fn from_toml(text: &str) -> Result<Self, TableError> {
        let file: File = toml::from_str(text)?;
        let mut list = Self::empty();
        for group in file.group {
            for value in group.values {
                let (value, name) = value.split_once(' ').unwrap_or((&value, ""));
                let entry = ProtectedEntry {
                    kind: group.kind,
                    value: value.to_owned(),
                    scope: group.scope,
                    category: group.category,
                    zh: if name.is_empty() { group.zh.clone() } else { format!("{}：{name}", group.zh) },
                    en: group.en.clone(),
                };
                let valid = match entry.scope {
                    Scope::Exact => Identifier::parse(entry.kind, value).is_ok_and(|read| read.value() == value),
                    Scope::Prefix => {
                        entry.kind.is_numbering_resource() && value.bytes().all(|byte| byte.is_ascii_digit())
                    }
                    Scope::Below => entry.kind == Kind::Domain,
                };
                if !valid || list.insert(entry).is_some() {
                    return Err(TableError::Entry(value.to_owned()));
                }
            }
        }
        Ok(list)
    }

    /// Adds an entry and gives back the one it replaces.
    pub fn insert(&mut self, entry: ProtectedEntry) -> Option<ProtectedEntry> {
        self.entries.entry(entry.kind).or_default().entry(entry.value.clone()).or_default().insert(entry.scope, entry)
    }

    /// Takes the entries of one value away.
    pub fn remove(&mut self, kind: Kind, value: &str) -> bool {
        self.entries.get_mut(&kind).is_some_and(|values| values.remove(value).is_some())
    }

    /// Lists every entry, by kind and value.
    pub fn entries(&self) -> Vec<&ProtectedEntry> {
        let mut entries: Vec<_> = self.entries.values().flat_map(HashMap::values).flat_map(BTreeMap::values).collect();
        entries
            .sort_by(|left, right| (left.kind, &left.value, left.scope).cmp(&(right.kind, &right.value, right.scope)));
        entries
    }

    /// Finds the entry that protects an identifier, the most exact one first.
    pub fn check(&self, identifier: &Identifier) -> Option<&ProtectedEntry> {
        let value = identifier.value();
        if let Some(entry) = self.find(identifier.kind(), value, Scope::Exact) {
            return Some(entry);
        }
        match identifier.kind() {
            Kind::Domain => self.above(value),
            // A mailbox at a public provider is one person's; the provider's name protects only its own pages.
            Kind::Email => value
                .rsplit_once('@')
                .and_then(|(_, host)| self.above(host))
                .filter(|entry| entry.category != ProtectedCategory::Platform),
            Kind::Url => {
                let host = host::of_url(value);
                self.above(host).or_else(|| self.address(host))
            }
            Kind::Ip => self.address(value),
            kind if kind.is_numbering_resource() => {
                (1..=value.len()).rev().find_map(|end| self.find(kind, value.get(..end)?, Scope::Prefix))
            }
            _ => None,
        }
    }

    fn find(&self, kind: Kind, value: &str, scope: Scope) -> Option<&ProtectedEntry> {
        self.entries.get(&kind)?.get(value)?.get(&scope)
    }

    /// Looks the name up, then each name above it.
    fn above(&self, name: &str) -> Option<&ProtectedEntry> {
        let mut rest = name;
        loop {
            if let Some(entry) = self.find(Kind::Domain, rest, Scope::Below) {
                return Some(entry);
            }
            rest = rest.split_once('.')?.1;
        }
    }

    fn address(&self, text: &str) -> Option<&ProtectedEntry> {
        let address: IpAddr = text.parse().ok()?;
        host::is_local(address).then_some(&self.local)
    }
}
