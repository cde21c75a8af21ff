//! What a report or clue holds in the clear once its sealed value is opened.

use std::borrow::Cow;

use cordon_case_intake_contract::{CaseIdentifier, Confidence, Finding, Span};
use cordon_context::{CaseId, FindingId, ReportId, SubjectId, Timestamp};
use cordon_identifier::{Disguise, Identifier, Kind, NumberPlan, ProtectedList, Service};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::mask::masked_page;

/// The most findings that one text may have: the ordinal must fit into twelve bits.
pub(crate) const MOST_FINDINGS: usize = 4_095;

/// The sealed content of a report or clue. Field names are short because every row carries them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Content {
    /// The victim's phone number.
    #[serde(rename = "v", default, skip_serializing_if = "Option::is_none")]
    pub victim_phone: Option<String>,
    /// The text as it came.
    #[serde(rename = "t")]
    pub text: String,
    /// What was found in it, in the order of the text.
    #[serde(rename = "f", default, skip_serializing_if = "Vec::is_empty")]
    pub found: Vec<Found>,
}

/// One identifier in a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Found {
    /// What it names, for every service alike. It follows from kind and value, so that no row has to carry it.
    #[serde(skip)]
    pub subject: Uuid,
    /// The names above it as subjects, the nearest first; they follow from its value as well.
    #[serde(skip)]
    pub above: Vec<SubjectId>,
    /// What it is.
    #[serde(rename = "k")]
    pub kind: Kind,
    /// Its normal form. Not an `Identifier`: a later edition of the number plan must not make an old report unreadable.
    #[serde(rename = "n")]
    pub value: String,
    /// The whole page address, if it is the host of one.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// First character and the one after the last.
    #[serde(rename = "o")]
    pub span: (u32, u32),
    /// How sure, in percent.
    #[serde(rename = "c")]
    pub confidence: u8,
    /// The rule.
    #[serde(rename = "r")]
    pub rule: Cow<'static, str>,
    /// What was undone.
    #[serde(rename = "d", default, skip_serializing_if = "Vec::is_empty")]
    pub disguises: Vec<Disguise>,
    /// Whether it is the victim's own number.
    #[serde(rename = "w", default, skip_serializing_if = "is_false")]
    pub victims_own: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

/// The identifier of the finding at a place: the report's with the ordinal in its last twelve bits.
pub(crate) fn finding_id(report: Uuid, ordinal: usize) -> FindingId {
    let low = u128::try_from(ordinal + 1).unwrap_or(0) & 0xfff;
    FindingId::from_uuid(Uuid::from_u128(report.as_u128() | low))
}

/// The report and the place that a finding's identifier names.
pub(crate) fn place_of(finding: FindingId) -> Option<(ReportId, usize)> {
    let bits = finding.uuid().as_u128();
    let ordinal = usize::try_from(bits & 0xfff).ok()?.checked_sub(1)?;
    Some((ReportId::from_uuid(Uuid::from_u128(bits & !0xfff)), ordinal))
}

/// A new report identifier, with the last twelve bits left to its findings.
pub(crate) fn new_report_id(now: Timestamp) -> ReportId {
    ReportId::from_uuid(Uuid::from_u128(ReportId::new(now).uuid().as_u128() & !0xfff))
}

/// When an identifier was made.
pub(crate) fn made_at(id: Uuid) -> Timestamp {
    Timestamp::from_millis(i64::try_from(id.as_u128() >> 80).unwrap_or(0))
}

impl Found {
    /// The identifier, unless today's number plan does not admit it any more.
    pub(crate) fn identifier(&self) -> Option<Identifier> {
        Identifier::parse(self.kind, &self.value).ok()
    }

    /// The normal form, masked if the kind is personal.
    pub(crate) fn masked(&self) -> String {
        match self.identifier() {
            Some(page) if page.kind() == Kind::Url => masked_page(page.value()),
            Some(identifier) => identifier.masked(),
            None if self.kind.is_personal() || self.kind == Kind::Url => "*".repeat(self.value.chars().count()),
            None => self.value.clone(),
        }
    }

    /// The finding as others see it; what is protected follows from the list of today, not from that of the day of storing.
    pub(crate) fn to_finding(&self, report: ReportId, ordinal: usize, protected: &ProtectedList) -> Finding {
        Finding {
            id: finding_id(report.uuid(), ordinal),
            report,
            subject: SubjectId::from_uuid(self.subject),
            kind: self.kind,
            masked: self.masked(),
            span: Span { start: self.span.0, end: self.span.1 },
            confidence: Confidence::percent(self.confidence),
            rule: self.rule.clone().into_owned(),
            disguises: self.disguises.iter().map(|disguise| name_of(*disguise)).collect(),
            page: self.page.as_deref().map(masked_page),
            names_above: self.above.clone(),
            protected: self.identifier().and_then(|identifier| protected.check(&identifier).cloned()),
            victims_own: self.victims_own,
        }
    }
}

fn name_of(disguise: Disguise) -> String {
    match serde_json::to_value(disguise) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}

/// One report of a case, opened.
pub(crate) struct Opened {
    /// Which report.
    pub report: ReportId,
    /// When it was received.
    pub received_at: Timestamp,
    /// What it holds.
    pub content: Content,
}

/// Joins the findings of a case's reports into one line for each subject, those in most reports first.
pub(crate) fn identifiers_of(case: CaseId, reports: &[Opened], protected: &ProtectedList) -> Vec<CaseIdentifier> {
    use std::collections::BTreeMap;

    struct Line<'a> {
        found: &'a Found,
        reports: Vec<ReportId>,
        finding: FindingId,
        first: Timestamp,
        last: Timestamp,
        confidence: u8,
        victims_own: bool,
    }

    // A number is a victim's own in the whole case: the one who reports it as fraud may be called from a relative's.
    let victims: Vec<&str> = reports.iter().filter_map(|opened| opened.content.victim_phone.as_deref()).collect();
    let mut lines: BTreeMap<Uuid, Line<'_>> = BTreeMap::new();
    for opened in reports {
        for (ordinal, found) in opened.content.found.iter().enumerate() {
            let finding = finding_id(opened.report.uuid(), ordinal);
            let line = lines.entry(found.subject).or_insert_with(|| Line {
                found,
                reports: Vec::new(),
                finding,
                first: opened.received_at,
                last: opened.received_at,
                confidence: 0,
                victims_own: false,
            });
            if line.reports.last() != Some(&opened.report) {
                line.reports.push(opened.report);
            }
            line.first = line.first.min(opened.received_at);
            line.last = line.last.max(opened.received_at);
            if found.confidence > line.confidence {
                line.confidence = found.confidence;
                line.finding = finding;
            }
            line.victims_own |=
                found.victims_own || (found.kind == Kind::Phone && victims.contains(&found.value.as_str()));
        }
    }
    let plan = NumberPlan::active();
    let mut identifiers: Vec<CaseIdentifier> = lines
        .into_iter()
        .map(|(subject, line)| {
            let identifier = line.found.identifier();
            let class = identifier.as_ref().and_then(|identifier| plan.classify(identifier));
            let protected = identifier.as_ref().and_then(|identifier| protected.check(identifier).cloned());
            CaseIdentifier {
                case,
                subject: SubjectId::from_uuid(subject),
                kind: line.found.kind,
                masked: line.found.masked(),
                number_class: class.map(|class| class_name(&class.service).to_owned()),
                segment_network: class.and_then(|class| class.network).map(|network| network.code().to_owned()),
                reports: u64::try_from(line.reports.len()).unwrap_or(u64::MAX),
                finding: line.finding,
                first_seen: line.first,
                last_seen: line.last,
                confidence: Confidence::percent(line.confidence),
                names_above: line.found.above.clone(),
                selectable: protected.is_none() && !line.victims_own,
                protected,
                victims_own: line.victims_own,
            }
        })
        .collect();
    identifiers.sort_by_key(|identifier| (std::cmp::Reverse(identifier.reports), identifier.kind, identifier.subject));
    identifiers
}

const fn class_name(service: &Service) -> &'static str {
    match service {
        Service::Ordinary => "ordinary",
        Service::Mvno { .. } => "mvno",
        Service::Iot => "iot",
        Service::Satellite => "satellite",
        Service::Access => "access",
        Service::Port => "port",
        Service::Fixed => "fixed",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(value: &str, kind: Kind, confidence: u8) -> Found {
        let identifier = Identifier::parse(kind, value).unwrap();
        let mut bits = 7_u128;
        for byte in identifier.value().bytes() {
            bits = bits.wrapping_mul(131).wrapping_add(u128::from(byte));
        }
        Found {
            subject: Uuid::from_u128(bits),
            above: Vec::new(),
            kind,
            value: identifier.into_value(),
            page: None,
            span: (0, 1),
            confidence,
            rule: "test".into(),
            disguises: Vec::new(),
            victims_own: false,
        }
    }

    fn opened(millis: i64, victim: Option<&str>, found: Vec<Found>) -> Opened {
        let received_at = Timestamp::from_millis(millis);
        Opened {
            report: new_report_id(received_at),
            received_at,
            content: Content { victim_phone: victim.map(str::to_owned), text: String::new(), found },
        }
    }

    proptest! {
        #[test]
        fn finding_identifiers_lead_back_to_their_report(millis in 0_i64..4_000_000_000_000, ordinal in 0_usize..MOST_FINDINGS) {
            let report = new_report_id(Timestamp::from_millis(millis));
            let finding = finding_id(report.uuid(), ordinal);
            prop_assert_eq!(place_of(finding), Some((report, ordinal)));
            prop_assert!(finding.uuid() > report.uuid());
            prop_assert_eq!(made_at(report.uuid()), Timestamp::from_millis(millis));
        }
    }

    #[test]
    fn a_reports_own_identifier_is_no_finding() {
        let report = new_report_id(Timestamp::from_millis(5));
        assert_eq!(place_of(FindingId::from_uuid(report.uuid())), None);
    }

    #[test]
    fn identifiers_are_joined_over_reports_and_victims_numbers_are_never_selectable() {
        let case = CaseId::new(Timestamp::from_millis(1));
        let reports = [
            opened(2_000, None, vec![found("13800138000", Kind::Phone, 80), found("example.top", Kind::Domain, 90)]),
            opened(1_000, None, vec![found("13800138000", Kind::Phone, 99), found("13800138000", Kind::Phone, 70)]),
            opened(3_000, Some("13900139000"), vec![]),
            opened(4_000, None, vec![found("13900139000", Kind::Phone, 99)]),
        ];
        let identifiers = identifiers_of(case, &reports, &ProtectedList::empty());
        let [first, rest @ ..] = identifiers.as_slice() else { panic!("nothing found") };
        assert_eq!((first.reports, first.kind, first.confidence.value()), (2, Kind::Phone, 99));
        assert_eq!((first.first_seen.millis(), first.last_seen.millis()), (1_000, 2_000));
        assert!(first.selectable);
        let victim = rest.iter().find(|identifier| identifier.kind == Kind::Phone).unwrap();
        assert!(victim.victims_own && !victim.selectable);
    }
}
