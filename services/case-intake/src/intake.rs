//! What every use case has at hand.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;
use std::sync::Arc;

use cordon_calendar::WorkingDays;
use cordon_case_intake_contract::{Report, topic};
use cordon_context::{
    Actor, CallContext, CaseId, Clock, OrganisationId, PersonId, Refusal, ReportId, Scope, SubjectId, Timestamp,
};
use cordon_events::NewEvent;
use cordon_identifier::{Identifier, Kind, ProtectedList, extract_with};
use cordon_policies::{ActionName, Gate, Grant, ResourceName, act, on};
use cordon_rpc::Link;
use cordon_store::{Connection, Database, Failure};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::Parts;
use crate::domain::content::{Content, Found, MOST_FINDINGS};
use crate::domain::mask::masked_text;
use crate::domain::row::NewReport;
use crate::sealing::{REPORT_CONTENT, SealedColumn, Sealer};
use crate::settings::CaseIntakeSettings;
use crate::store;
use crate::store::reports::{ReportToStore, StoredReport};

/// The parts of the service, shared by all use cases.
#[derive(Clone)]
pub(crate) struct Intake(Arc<Inner>);

pub(crate) struct Inner {
    pub database: Database,
    pub gate: Arc<Gate>,
    pub sealer: Sealer,
    pub clock: Arc<dyn Clock>,
    pub directory: Link,
    pub protected: Arc<ProtectedList>,
    pub settings: CaseIntakeSettings,
    /// Imports that run on their own.
    pub background: TaskTracker,
}

impl Deref for Intake {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// A subject with its value in the clear, inside the service.
#[derive(Clone, Debug)]
pub(crate) struct KnownSubject {
    pub subject: SubjectId,
    pub kind: Kind,
    pub value: String,
    pub masked: String,
    pub cases: Vec<CaseId>,
    pub victims_own: bool,
}

impl Intake {
    pub(crate) fn new(parts: Parts) -> Self {
        let Parts { database, gate, vault, clock, directory, protected, settings } = parts;
        let (sealer, background) = (Sealer::new(vault), TaskTracker::new());
        Self(Arc::new(Inner { database, gate, sealer, clock, directory, protected, settings, background }))
    }

    pub(crate) fn authorize<A: ActionName, R: ResourceName>(&self, ctx: &CallContext) -> Result<Grant<A, R>, Refusal> {
        self.gate.authorize(ctx)
    }

    /// The week as the settings and then the working-day table say.
    pub(crate) async fn working_days(&self) -> Result<WorkingDays, Failure> {
        let calendar = &self.settings.calendar;
        let fixed = calendar.rest.iter().map(|day| (*day, false)).chain(calendar.work.iter().map(|day| (*day, true)));
        let table = store::calendar::days(self.database.reader(), None).await?;
        Ok(WorkingDays::with_exceptions(fixed.chain(table.into_iter().map(|day| (day.date, day.working)))))
    }

    /// Finds the identifiers of a text. `victim` is the victim's own number in normal form.
    pub(crate) fn read_text(&self, text: String, victim: Option<String>) -> Result<Content, Failure> {
        let mut found = Vec::new();
        for extraction in extract_with(&text, &self.protected).into_iter().take(MOST_FINDINGS) {
            let kind = extraction.identifier.kind();
            let value = extraction.identifier.into_value();
            let offset = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
            found.push(Found {
                subject: self.sealer.subject(kind, &value)?,
                above: Vec::new(),
                victims_own: kind == Kind::Phone && victim.as_deref() == Some(value.as_str()),
                kind,
                value,
                page: extraction.url.map(Identifier::into_value),
                span: (offset(extraction.start), offset(extraction.end)),
                confidence: extraction.confidence,
                rule: extraction.rule.into(),
                disguises: extraction.disguises,
            });
        }
        Ok(Content { victim_phone: victim, text, found })
    }

    /// Makes a report ready to be stored: finds, fingerprints, seals.
    pub(crate) fn prepare(
        &self,
        id: ReportId,
        organisation: OrganisationId,
        report: NewReport,
    ) -> Result<ReportToStore, Failure> {
        let NewReport { channel, external_id, received_at, region, fraud_type, loss_cents, victim_phone, text } =
            report;
        let source_key = source_key(channel.name(), &external_id);
        let victim_subject = victim_phone.as_deref().map(|phone| self.phone_subject(phone)).transpose()?;
        let content = self.read_text(text, victim_phone)?;
        let skeleton = crate::domain::fingerprint::skeleton(organisation, &content.text, &content.found);
        let mut subjects: Vec<Uuid> = content.found.iter().map(|found| found.subject).collect();
        subjects.sort_unstable();
        subjects.dedup();
        Ok(ReportToStore {
            id,
            source_key,
            organisation,
            channel,
            external_id,
            received_at,
            region,
            fraud_type,
            loss_cents,
            victim_subject,
            content: self.sealer.seal(REPORT_CONTENT, id.uuid(), &content)?,
            fingerprint: self.sealer.fingerprint(&skeleton)?,
            import: None,
            status: cordon_case_intake_contract::ReportStatus::Deduplicated,
            due_at: None,
            subjects,
        })
    }

    /// The subject of a victim's number, which is a mobile number or a fixed line.
    fn phone_subject(&self, phone: &str) -> Result<Uuid, Failure> {
        let kind = if Identifier::parse(Kind::Phone, phone).is_ok() { Kind::Phone } else { Kind::FixedLine };
        self.sealer.subject(kind, phone)
    }

    pub(crate) fn open_report(&self, report: &StoredReport) -> Result<Content, Failure> {
        self.open_content(REPORT_CONTENT, report.id.uuid(), &report.content)
    }

    /// Opens a content and says again what each of its identifiers names.
    pub(crate) fn open_content(&self, place: SealedColumn, row: Uuid, stored: &[u8]) -> Result<Content, Failure> {
        let mut content: Content = self.sealer.open(place, row, stored)?;
        for found in &mut content.found {
            found.subject = self.sealer.subject(found.kind, &found.value)?;
            // Only names have names above them.
            if matches!(found.kind, Kind::Domain | Kind::Url) {
                let above = found.identifier().map_or_else(Vec::new, |name| name.names_above());
                let subjects = above.iter().map(|name| self.sealer.subject(name.kind(), name.value()));
                found.above = subjects.map(|subject| subject.map(SubjectId::from_uuid)).collect::<Result<_, _>>()?;
            }
        }
        Ok(content)
    }

    /// Reports as others see them; an earlier report beyond the reader's reach does not show.
    pub(crate) async fn present<C: Connection>(
        &self,
        connection: &C,
        scope: &Scope,
        reports: Vec<StoredReport>,
    ) -> Result<Vec<Report>, Failure> {
        let now = self.clock.now();
        let mut earlier: Vec<ReportId> = reports.iter().filter_map(|report| report.duplicate_of).collect();
        earlier.sort_unstable();
        earlier.dedup();
        let visible: BTreeSet<ReportId> = if earlier.is_empty() {
            BTreeSet::new()
        } else {
            store::reports::visible(connection, scope, &earlier).await?.into_iter().collect()
        };
        let worker = self.clone();
        aside(move || reports.into_iter().map(|report| worker.present_one(report, &visible, now)).collect()).await
    }

    fn present_one(
        &self,
        report: StoredReport,
        visible: &BTreeSet<ReportId>,
        now: Timestamp,
    ) -> Result<Report, Failure> {
        // What the identifiers name is not asked for here, and each would cost a fingerprint.
        let content: Content = self.sealer.open(REPORT_CONTENT, report.id.uuid(), &report.content)?;
        let StoredReport {
            id,
            organisation,
            channel,
            external_id,
            received_at,
            region,
            fraud_type,
            taxonomy_version,
            loss_cents,
            content: _,
            duplicate_of,
            import,
            status,
            handler,
            due_at,
            version,
        } = report;
        Ok(Report {
            id,
            channel,
            external_id,
            received_at,
            region,
            fraud_type,
            taxonomy_version,
            loss_cents,
            victim_phone_masked: content.victim_phone.as_deref().map(masked_phone),
            text_masked: masked_text(&content.text, &content.found),
            organisation,
            import,
            duplicate_of: duplicate_of.filter(|earlier| visible.contains(earlier)),
            status,
            handler,
            due_at,
            overdue: due_at.is_some_and(|due| due < now),
            created_at: crate::domain::content::made_at(id.uuid()),
            version,
        })
    }

    /// The subjects that the reports of cases name, in the clear. The caller has been let into the cases.
    pub(crate) async fn known_subjects<C: Connection>(
        &self,
        connection: &C,
        cases: &[CaseId],
        subjects: &[SubjectId],
    ) -> Result<Vec<KnownSubject>, Failure> {
        let places = store::reports::of_subjects(connection, cases, subjects).await?;
        let mut first: BTreeMap<SubjectId, (ReportId, Vec<CaseId>)> = BTreeMap::new();
        for (case, report, subject) in places {
            let entry = first.entry(subject).or_insert_with(|| (report, Vec::new()));
            if !entry.1.contains(&case) {
                entry.1.push(case);
            }
        }
        let mut wanted: Vec<ReportId> = first.values().map(|(report, _)| *report).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let mut contents: BTreeMap<ReportId, Content> = BTreeMap::new();
        for report in store::reports::by_ids(connection, &Scope::system("values of a case in reach"), &wanted).await? {
            contents.insert(report.id, self.open_report(&report)?);
        }
        let victims = store::reports::victims_of_cases(connection, cases, subjects).await?;
        let mut known = Vec::new();
        for (subject, (report, cases)) in first {
            let found = contents
                .get(&report)
                .and_then(|content| content.found.iter().find(|found| found.subject == subject.uuid()));
            if let Some(found) = found {
                known.push(KnownSubject {
                    subject,
                    kind: found.kind,
                    value: found.value.clone(),
                    masked: found.masked(),
                    cases,
                    victims_own: found.victims_own || victims.contains(&subject),
                });
            }
        }
        Ok(known)
    }

    /// The subjects that a search text may mean; empty when it reads as no identifier at all.
    pub(crate) fn subjects_of_text(&self, text: &str) -> Result<Vec<SubjectId>, Failure> {
        let mut subjects = Vec::new();
        for identifier in Identifier::guess(text.trim()) {
            subjects.extend(self.sealer.subjects(identifier.kind(), identifier.value())?);
        }
        subjects.sort_unstable();
        subjects.dedup();
        Ok(subjects)
    }

    /// The subjects that a victim's number may be.
    pub(crate) fn subjects_of_phone(&self, text: &str) -> Result<Vec<SubjectId>, Failure> {
        let mut subjects = Vec::new();
        for kind in [Kind::Phone, Kind::FixedLine] {
            if let Ok(phone) = Identifier::parse(kind, text.trim()) {
                subjects.extend(self.sealer.subjects(kind, phone.value())?);
            }
        }
        Ok(subjects)
    }

    /// The cases within the reader's reach, for a change feed and for answers that name cases.
    pub(crate) fn case_scope(&self, ctx: &CallContext) -> Result<Grant<act::Read, on::Case>, Refusal> {
        self.authorize(ctx)
    }
}

/// Does what takes a moment where it holds up no other call.
pub(crate) async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work).await.map_err(|_panic| Failure::Panicked)?
}

/// The key by which a channel's report is the same report.
pub(crate) fn source_key(channel: &str, external_id: &str) -> [u8; 16] {
    let mut hash = Sha256::new();
    hash.update(channel.as_bytes());
    hash.update([0]);
    hash.update(external_id.as_bytes());
    let digest: [u8; 32] = hash.finalize().into();
    let mut key = [0; 16];
    key.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    key
}

/// A phone number as everybody may see it.
pub(crate) fn masked_phone(phone: &str) -> String {
    let identifier = Identifier::parse(Kind::Phone, phone).or_else(|_| Identifier::parse(Kind::FixedLine, phone));
    identifier.map_or_else(|_| "*".repeat(phone.chars().count()), |identifier| identifier.masked())
}

/// The person whom a party text names, if a person acted.
pub(crate) fn person_of(party: &str) -> Option<PersonId> {
    party.parse().ok()
}

/// Whether an actor acts for an organisation: it is its own, or a branch of it.
pub(crate) fn acts_for(actor: &Actor, organisation: OrganisationId) -> bool {
    actor.organisation == organisation || actor.branches.contains(&organisation)
}

/// Refuses when an object was changed since the caller saw it.
pub(crate) fn check_version(seen: i64, present: i64) -> Result<(), Refusal> {
    if seen == present { Ok(()) } else { Err(Refusal::conflict()) }
}

/// Tells that something of a case moved; those who take part hear of it.
pub(crate) fn case_event(case: &cordon_case_intake_contract::Case, what: &str) -> NewEvent {
    NewEvent {
        topic: what.to_owned(),
        subject: case.id.to_string(),
        audience: case.participants.clone(),
        payload: json!({
            "case": case.id, "number": case.number, "status": case.status, "version": case.version,
        }),
    }
}

/// Tells that a deadline passed.
pub(crate) fn deadline_event(
    what: &str,
    id: String,
    organisation: OrganisationId,
    case: Option<CaseId>,
    due_at: Option<Timestamp>,
) -> NewEvent {
    NewEvent {
        topic: topic::DEADLINE_MISSED.to_owned(),
        subject: id.clone(),
        audience: vec![organisation],
        payload: json!({ "what": what, "id": id, "organisation": organisation, "case": case, "due_at": due_at }),
    }
}
