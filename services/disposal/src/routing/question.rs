//! What has to be looked up to route one target.

use std::net::IpAddr;

use cordon_context::Region;
use cordon_disposal_contract::Measure;
use cordon_disposal_contract::routing::RouteObstacle;
use cordon_identifier::{Identifier, Kind, NumberClass, NumberPlan};

/// One target to route.
#[derive(Clone, Debug)]
pub struct Question {
    /// The target.
    pub subject: Identifier,
    /// Where it is probably at home, for numbers whose home no table knows.
    pub region_hint: Option<Region>,
    /// What shall be done to it.
    pub measure: Option<Measure>,
}

impl Question {
    /// A question without any hint.
    pub const fn about(subject: Identifier) -> Self {
        Self { subject, region_hint: None, measure: None }
    }
}

/// What decides about a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Its number: the segments of which it may be part, longest first, and what the plan says.
    Number { prefixes: Vec<String>, class: Option<NumberClass> },
    /// Its registrable domain; the preferred holder first.
    Domain { name: String, top: String, prefer_access: bool },
    /// The store at a host, or else at its registrable domain.
    Store { host: String, name: String },
    /// Its address.
    Address(IpAddr),
    /// Its platform.
    Platform(String),
    /// Nothing on this platform.
    None(RouteObstacle),
}

/// Finds the way; pure, by the number plan in force.
pub(crate) fn way(question: &Question) -> Way {
    let subject = &question.subject;
    match subject.kind() {
        Kind::Phone | Kind::FixedLine | Kind::Number400 | Kind::ServiceNumber | Kind::SmsPort | Kind::IotNumber => {
            Way::Number { prefixes: prefixes(subject.value()), class: NumberPlan::active().classify(subject) }
        }
        // The issuer of a card stands at its beginning; which one that is, the segment table says.
        Kind::Iccid => Way::Number { prefixes: prefixes(subject.value()), class: None },
        Kind::Domain => domain(question, question.measure.is_some_and(wants_access)),
        Kind::Url => {
            let host = host_of(subject.value());
            match host.parse() {
                Ok(address) => Way::Address(address),
                // A page is taken down where it is hosted; only blocking its name is the registrar's.
                Err(_) => domain(question, question.measure != Some(Measure::BlockDns)),
            }
        }
        Kind::Ip => subject.value().parse().map_or(Way::None(RouteObstacle::Unreadable), Way::Address),
        Kind::Wechat | Kind::Qq | Kind::Alipay | Kind::Account => subject
            .platform()
            .map_or(Way::None(RouteObstacle::PlatformUnknown), |platform| Way::Platform(platform.to_owned())),
        Kind::Email => subject
            .registrable()
            .map_or(Way::None(RouteObstacle::PlatformUnknown), |host| Way::Platform(host.to_owned())),
        Kind::BankCard => Way::None(RouteObstacle::MoneySide),
        Kind::Imei | Kind::IdNumber | Kind::CreditCode => Way::None(RouteObstacle::NotExecutable),
    }
}

const fn wants_access(measure: Measure) -> bool {
    matches!(measure, Measure::BlockIpUrl | Measure::Takedown | Measure::DeleteLink)
}

fn domain(question: &Question, prefer_access: bool) -> Way {
    let Some(name) = question.subject.registrable() else { return Way::None(RouteObstacle::Unreadable) };
    if question.measure == Some(Measure::DelistApp) {
        let host = if question.subject.kind() == Kind::Url {
            host_of(question.subject.value())
        } else {
            question.subject.value()
        };
        return Way::Store { host: host.to_owned(), name: name.to_owned() };
    }
    let top = name.rsplit('.').next().unwrap_or(name).to_owned();
    Way::Domain { name: name.to_owned(), top, prefer_access }
}

/// The host of an address in normal form, without port and brackets.
fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next().unwrap_or(rest);
    match authority.strip_prefix('[') {
        Some(inner) => inner.split(']').next().unwrap_or(inner),
        None => authority.split(':').next().unwrap_or(authority),
    }
}

/// The beginnings of a number that can be a segment, longest first; a segment holds more than one number.
fn prefixes(number: &str) -> Vec<String> {
    let longest = number.len().min(12);
    (2..=longest).rev().filter_map(|length| number.get(..length)).map(str::to_owned).collect()
}
