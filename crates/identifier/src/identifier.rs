use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{InvalidIdentifier, Kind, check_digit, extract, host, normal_form};

/// One identifier in its normal form; it can only be made by reading, so an `Identifier` is always valid.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Unread")]
pub struct Identifier {
    kind: Kind,
    value: String,
}

/// What arrives from outside before it is read.
#[derive(Deserialize)]
struct Unread {
    kind: Kind,
    value: String,
}

impl TryFrom<Unread> for Identifier {
    type Error = InvalidIdentifier;

    fn try_from(unread: Unread) -> Result<Self, InvalidIdentifier> {
        Self::parse(unread.kind, &unread.value)
    }
}

/// A doubt about a valid identifier; a person may go on, but sees it first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Warning {
    /// The check digit does not fit, which is lawful for early credit codes and met in device and card serials.
    CheckDigit,
    /// The region at the beginning is in no current table; old numbers keep abolished regions.
    UnknownRegion,
}

impl Warning {
    /// Says it in Chinese.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::CheckDigit => "校验位不符，请核对；早期试点编码可能属实",
            Self::UnknownRegion => "地区代码不在现行表内，请核对",
        }
    }

    /// Says it in English.
    pub const fn en(self) -> &'static str {
        match self {
            Self::CheckDigit => {
                "The check digit does not fit; compare it with the source. Early codes may still be lawful."
            }
            Self::UnknownRegion => "The region code is in no current table; compare it with the source.",
        }
    }
}

/// The kinds that a line without a label may be, likeliest first.
const BARE: [Kind; 14] = [
    Kind::Phone,
    Kind::IdNumber,
    Kind::CreditCode,
    Kind::BankCard,
    Kind::Number400,
    Kind::FixedLine,
    Kind::ServiceNumber,
    Kind::SmsPort,
    Kind::IotNumber,
    Kind::Iccid,
    Kind::Imei,
    Kind::Domain,
    Kind::Qq,
    Kind::Wechat,
];

impl Identifier {
    /// Reads a text as one identifier of a kind, undoing the usual disguises, and keeps its normal form.
    pub fn parse(kind: Kind, text: &str) -> Result<Self, InvalidIdentifier> {
        normal_form::read(kind, text).map(|value| Self { kind, value })
    }

    /// Reads a pasted line, with or without a label, and gives what it may be, likeliest first.
    pub fn guess(line: &str) -> Vec<Self> {
        let found: Vec<Self> = extract::extract(line).into_iter().map(|extraction| extraction.identifier).collect();
        if !found.is_empty() {
            return found;
        }
        // A bare line has no label to decide by, so each kind that reads it is offered and a person chooses.
        BARE.into_iter().filter_map(|kind| Self::parse(kind, line).ok()).collect()
    }

    /// Tells what it is.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Gives the normal form.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Gives the normal form by value, for storing.
    pub fn into_value(self) -> String {
        self.value
    }

    /// Gives the name that a registrar sold: `shop.example.cn` of `www.shop.example.cn`; none for other kinds.
    pub fn registrable(&self) -> Option<&str> {
        match self.kind {
            Kind::Domain => host::registrable(&self.value),
            Kind::Url => host::registrable(host::of_url(&self.value)),
            Kind::Email => self.value.rsplit_once('@').and_then(|(_, host)| host::registrable(host)),
            _ => None,
        }
    }

    /// Gives the host of a page and every name above a name, the nearest first; none for other kinds.
    ///
    /// Whoever protects or releases a name means what stands below it as well.
    pub fn names_above(&self) -> Vec<Self> {
        let (name, on_host) = match self.kind {
            Kind::Domain => (self.value.as_str(), false),
            Kind::Url => (host::of_url(&self.value), true),
            _ => return Vec::new(),
        };
        let mut names = Vec::new();
        if on_host {
            names.extend(Self::parse(Kind::Domain, name).or_else(|_name| Self::parse(Kind::Ip, name)));
        }
        let mut rest = name;
        while let Some((_, above)) = rest.split_once('.') {
            names.extend(Self::parse(Kind::Domain, above));
            rest = above;
        }
        names
    }

    /// Gives the platform of an account, as a code.
    pub fn platform(&self) -> Option<&str> {
        match self.kind {
            Kind::Wechat => Some("wechat"),
            Kind::Qq => Some("qq"),
            Kind::Alipay => Some("alipay"),
            Kind::Account => self.value.split_once(':').map(|(platform, _)| platform),
            _ => None,
        }
    }

    /// Names the doubts that a person should see before the identifier is used.
    pub fn warnings(&self) -> Vec<Warning> {
        let mut warnings = Vec::new();
        let fits = match self.kind {
            Kind::Imei | Kind::Iccid => check_digit::luhn(&self.value),
            Kind::CreditCode => check_digit::credit_code(&self.value),
            _ => true,
        };
        if !fits {
            warnings.push(Warning::CheckDigit);
        }
        if self.kind == Kind::IdNumber && !normal_form::knows_region(&self.value) {
            warnings.push(Warning::UnknownRegion);
        }
        warnings
    }

    /// Gives the form for people who need not know the whole value.
    pub fn masked(&self) -> String {
        let value = self.value.as_str();
        match self.kind {
            Kind::Phone | Kind::IotNumber | Kind::IdNumber => hide(value, 3, 4),
            Kind::FixedLine => hide(value, normal_form::area_code_length(value), 2),
            Kind::BankCard | Kind::Imei | Kind::Iccid => hide(value, 0, 4),
            Kind::CreditCode => hide(value, 4, 4),
            Kind::Wechat | Kind::Qq => hide(value, 2, 2),
            Kind::Email => mask_address(value),
            // An Alipay account is one or the other.
            Kind::Alipay => {
                if value.contains('@') {
                    mask_address(value)
                } else {
                    hide(value, 3, 4)
                }
            }
            Kind::Account => match value.split_once(':') {
                Some((platform, name)) => format!("{platform}:{}", hide(name, 1, 1)),
                None => hide(value, 1, 1),
            },
            Kind::ServiceNumber | Kind::Number400 | Kind::SmsPort | Kind::Domain | Kind::Url | Kind::Ip => {
                value.to_owned()
            }
        }
    }
}

/// Hides the middle; a text too short to keep both ends is hidden whole.
fn hide(value: &str, head: usize, tail: usize) -> String {
    let length = value.chars().count();
    if length <= head + tail {
        return "*".repeat(length);
    }
    value.chars().enumerate().map(|(at, c)| if at < head || at >= length - tail { c } else { '*' }).collect()
}

fn mask_address(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((name, host)) => format!("{}@{host}", hide(name, 1, 0)),
        None => hide(address, 1, 0),
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.value)
    }
}

/// Debug output reaches logs, so it shows the masked form.
impl fmt::Debug for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identifier({} {})", self.kind, self.masked())
    }
}
