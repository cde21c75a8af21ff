//! Registering an appeal. Whoever receives it registers it and forwards it to the organ that decided (首问负责).

use std::collections::HashSet;

use cordon_context::{AppealId, Bilingual, CallContext, Refusal, Scope, SubjectId, Timestamp};
use cordon_disposal_contract::{
    Appeal, AppealState, AppealedMeasure, Competence, Escalation, FileAppeal, FiledAppeal, events,
    events::AppealHappened,
};
use cordon_events::NewEvent;
use cordon_identifier::{Identifier, Kind};
use cordon_policies::{ActionName, Grant, act, on};
use cordon_store::{AuditRecord, Failure, Tx};
use data_encoding::BASE32_NOPAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::domain::content_hash::digest_of;
use crate::domain::numbers::Series;
use crate::domain::rules::RuleViolation;
use crate::service::Disposal;
use crate::store::appeals::{Papers, SealedWords, StoredAppeal, Words};
use crate::store::orders::StoredOrder;
use crate::store::tasks::StoredTask;
use crate::store::timeline::{self, Happening};
use crate::store::{appeals, calendar, numbers, orders, tasks};
use crate::use_cases::attempts::Target;
use crate::use_cases::dispose::check_text;
use crate::use_cases::moving::refuse;

/// The field under which the codes of appellants are made.
const CODE_FIELD: &str = "appeal_code";

/// How many subjects one record of the ledger names at most.
const PROBES_PER_RECORD: usize = 500;

/// Who hears an appeal, and why.
#[derive(Clone, Copy)]
pub(crate) struct Hearing {
    pub(crate) organ: cordon_context::OrganisationId,
    pub(crate) region: cordon_context::Region,
    pub(crate) competence: Competence,
}

impl Disposal {
    /// Registers an appeal.
    pub(crate) async fn file_appeal(&self, ctx: &CallContext, input: FileAppeal) -> Result<FiledAppeal, Failure> {
        let grant = self.grant::<act::Create, on::Appeal>(ctx)?;
        check_text("appellant", &input.appellant)?;
        check_text("contact", &input.contact)?;
        check_text("statement", &input.statement)?;
        let (reach, named, target) = match &input.against {
            AppealedMeasure::Task { task } => {
                (self.grant::<act::Read, on::Task>(ctx)?.scope().clone(), Vec::new(), Some(Target::Task(*task)))
            }
            AppealedMeasure::Value { text, kind } => {
                let named = self.named(text, *kind)?;
                // The holder names their own number at whatever counter of the state; that counter need not know the order. An
                // enterprise is asked about the numbers that it serves, and could ask for those of every other.
                let reach = if ctx.actor.organisation_kind.is_enterprise() {
                    self.grant::<act::Read, on::Task>(ctx)?.scope().clone()
                } else {
                    Scope::system("find the measure that an appellant names")
                };
                self.note_probe(ctx, "appeal.probe", named.clone(), HashSet::new()).await?;
                (reach, named, None)
            }
        };
        let digest = digest_of(&input);
        let service = self.clone();
        let asked = input.clone();
        let kept = digest.clone();
        let outcome = self
            .parts
            .database
            .write_once(ctx, "disposal.file_appeal", &asked, move |mut tx| async move {
                let scope = Scope::system("register an appeal");
                let mut task = service.appealed(&tx, &reach, &input.against, &named).await?;
                let order = orders::load(tx.connection(), &scope, task.order).await?;
                let competence =
                    if order.requester_kind.is_enterprise() { Competence::Enterprise } else { Competence::Instructing };
                let hearing = Hearing { organ: order.requester, region: order.region, competence };
                let mut stored = service.new_appeal(&tx, &task, &order, hearing, &input).await?;
                let papers = Papers {
                    proxy: input.proxy_document.clone(),
                    documents: input.documents.clone(),
                    later: Vec::new(),
                }
                .write()?;
                let words = Words {
                    appellant: &input.appellant,
                    contact: &input.contact,
                    statement: &input.statement,
                    papers: &papers,
                };
                stored.sealed = SealedWords::seal(&service.parts.vault, stored.appeal.id, words)?;
                let stored = service.register(&mut tx, &grant, stored, &mut task, kept).await?;
                tx.commit(stored.appeal).await
            })
            .await;
        let appeal: Appeal = match target {
            Some(target) => self.noting(ctx, target, "appeal.file", digest, outcome).await?,
            None => outcome?,
        };
        let code = self.code_of(appeal.id)?;
        Ok(FiledAppeal { appeal, code })
    }

    /// Writes a new appeal and flags its measure.
    pub(crate) async fn register(
        &self,
        tx: &mut Tx,
        grant: &Grant<act::Create, on::Appeal>,
        stored: StoredAppeal,
        task: &mut StoredTask,
        digest: String,
    ) -> Result<StoredAppeal, Failure> {
        appeals::insert(tx, grant, &stored).await?;
        if !task.state.is_terminal() {
            task.appealed = true;
            tasks::update(tx, grant, task).await?;
        }
        let detail = json!({ "channel": stored.appeal.channel, "competent": stored.appeal.competent });
        tell(tx, &stored, "appeal.file", None, detail, digest).await?;
        Ok(stored)
    }

    /// A new appeal, without what the appellant said.
    pub(crate) async fn new_appeal(
        &self,
        tx: &Tx,
        task: &StoredTask,
        order: &StoredOrder,
        hearing: Hearing,
        input: &FileAppeal,
    ) -> Result<StoredAppeal, Failure> {
        let now = tx.now();
        let id = AppealId::new(now);
        let days = self.parts.settings.deadlines.appeal_accept_workdays;
        let accept_due = calendar::all(tx.connection()).await?.due(now, days);
        let code = self.code_of(id)?;
        let appeal = Appeal {
            id,
            number: numbers::next(tx, Series::Appeal, hearing.region, now.china_date()).await?,
            task: task.id,
            order: order.id,
            subject: task.subject.clone(),
            measure: task.measure,
            state: AppealState::Submitted,
            channel: input.channel,
            received_by: tx.context().actor.organisation,
            competent: hearing.organ,
            competence: hearing.competence,
            region: hearing.region,
            by_proxy: input.proxy_document.is_some(),
            appellant_masked: masked_name(&input.appellant),
            submitted_at: now,
            accept_due,
            verify_due: None,
            limited_resume_due: self.limited_resume_due(task, order, hearing.competence, now),
            extended: false,
            supplement: None,
            officer: None,
            outcome: None,
            decision_reason: None,
            decided_by: None,
            decided_at: None,
            replied_at: None,
            review_of: None,
            overdue: false,
            version: 1,
        };
        let empty =
            SealedWords { appellant: Vec::new(), contact: Vec::new(), statement: Vec::new(), papers: Vec::new() };
        Ok(StoredAppeal {
            appeal,
            code_digest: code_digest(&code),
            case: task.case,
            requester: task.requester,
            executor: task.executor,
            sealed: empty,
            reply: None,
            escalation: Escalation::None,
            own_measure: task.own_measure,
            next_alarm: Some(accept_due),
        })
    }

    /// Finds the measure in force that an appeal is against and that no other open appeal is against.
    async fn appealed(
        &self,
        tx: &Tx,
        reach: &Scope,
        against: &AppealedMeasure,
        named: &[SubjectId],
    ) -> Result<StoredTask, Failure> {
        let connection = tx.connection();
        let (found, open) = match against {
            AppealedMeasure::Task { task } => {
                let task = tasks::load(connection, reach, *task).await?;
                let live = tasks::appealable(connection, reach, task.subject.id).await?;
                let found: Vec<_> = live.into_iter().filter(|found| found.id == task.id).collect();
                let open =
                    if found.is_empty() { RuleViolation::APPEAL_NOT_APPEALABLE } else { RuleViolation::APPEAL_OPEN };
                (found, open)
            }
            AppealedMeasure::Value { .. } => {
                let mut found = Vec::new();
                for subject in named {
                    found.extend(tasks::appealable(connection, reach, *subject).await?);
                }
                // Whether a number is under no measure or under one that is being heard is told to nobody who only names it.
                (found, RuleViolation::APPEAL_NOTHING_TO_HEAR)
            }
        };
        for task in found {
            if !appeals::is_open(connection, task.id).await? {
                return Ok(task);
            }
        }
        Err(refuse(open))
    }

    /// The subjects that a text may name.
    fn named(&self, text: &str, kind: Option<Kind>) -> Result<Vec<SubjectId>, Failure> {
        let candidates = match kind {
            Some(kind) => vec![Identifier::parse(kind, text).map_err(|invalid| {
                let text = Bilingual::new(invalid.rule.zh(), invalid.rule.en());
                Refusal::invalid("against.text", format!("identifier.{}", invalid.rule.code()), text)
            })?],
            None => Identifier::guess(text),
        };
        candidates.iter().map(|identifier| Ok(self.subject(identifier)?.0)).collect()
    }

    /// Writes to the ledger who asked whether these subjects are under a measure, before anything is answered.
    pub(crate) async fn note_probe(
        &self,
        ctx: &CallContext,
        event: &'static str,
        subjects: Vec<SubjectId>,
        found: HashSet<SubjectId>,
    ) -> Result<(), Failure> {
        if subjects.is_empty() {
            return Ok(());
        }
        self.parts
            .database
            .write(ctx, move |mut tx| async move {
                for part in subjects.chunks(PROBES_PER_RECORD) {
                    let object = part.first().map(ToString::to_string).unwrap_or_default();
                    let within: Vec<&SubjectId> = part.iter().filter(|subject| found.contains(subject)).collect();
                    tx.record(AuditRecord::new(event, object, json!({ "subjects": part, "found": within })));
                }
                tx.commit(()).await
            })
            .await
    }

    /// The code with which an appellant sees the progress; it follows from the appeal and a key, and is stored nowhere.
    pub(crate) fn code_of(&self, appeal: AppealId) -> Result<String, Failure> {
        let index = self
            .parts
            .vault
            .blind_index(CODE_FIELD, appeal.uuid().as_bytes())
            .map_err(|source| Failure::internal("a code could not be made", source))?;
        Ok(BASE32_NOPAD.encode(index.as_bytes()).chars().take(10).collect())
    }

    /// Writes a changed appeal and tells of it.
    pub(crate) async fn write_appeal<A: ActionName>(
        &self,
        tx: &mut Tx,
        grant: &Grant<A, on::Appeal>,
        stored: &mut StoredAppeal,
        event: &'static str,
        from: Option<AppealState>,
        detail: Value,
        digest: String,
    ) -> Result<(), Failure> {
        appeals::update(tx, grant, stored).await?;
        tell(tx, stored, event, from, detail, digest).await
    }
}

/// Writes down what happened to an appeal and tells those whom it concerns.
async fn tell(
    tx: &mut Tx,
    stored: &StoredAppeal,
    event: &'static str,
    from: Option<AppealState>,
    detail: Value,
    digest: String,
) -> Result<(), Failure> {
    let appeal = &stored.appeal;
    let happening = Happening {
        order: appeal.order,
        task: Some(appeal.task),
        appeal: Some(appeal.id),
        event,
        from: from.map(AppealState::name),
        to: Some(appeal.state.name()),
        refused_by: None,
        detail: detail.clone(),
        payload_digest: digest.clone(),
    };
    timeline::add(tx, vec![happening]).await?;
    let payload = json!({ "from": from, "to": appeal.state, "detail": digest_of(&detail), "payload": digest });
    tx.record(AuditRecord::new(event, appeal.id.to_string(), payload).of_organisation(appeal.competent));
    let happened = AppealHappened {
        appeal: appeal.id,
        number: appeal.number.clone(),
        task: appeal.task,
        order: appeal.order,
        competent: appeal.competent,
        region: appeal.region,
        received_by: appeal.received_by,
        state: appeal.state,
        own_measure: stored.own_measure,
    };
    let mut audience = vec![appeal.competent, appeal.received_by];
    audience.sort_unstable();
    audience.dedup();
    tx.emit(NewEvent {
        topic: events::APPEAL_CHANGED.to_owned(),
        subject: appeal.id.to_string(),
        audience,
        payload: json!(happened),
    });
    Ok(())
}

/// The digest under which a code is kept.
pub(crate) fn code_digest(code: &str) -> Vec<u8> {
    Sha256::digest(code.trim().to_ascii_uppercase().as_bytes()).to_vec()
}

/// When the clock of an appeal has to be looked at.
pub(crate) fn next_alarm(appeal: &Appeal, now: Timestamp) -> Option<Timestamp> {
    match appeal.state {
        AppealState::Submitted => Some(appeal.accept_due).filter(|due| *due > now || !appeal.overdue),
        AppealState::Accepted | AppealState::Assigned | AppealState::Verifying => appeal.verify_due,
        AppealState::SupplementNeeded
        | AppealState::NotAccepted
        | AppealState::Decided
        | AppealState::Executed
        | AppealState::Replied
        | AppealState::Closed => None,
    }
}

fn masked_name(name: &str) -> String {
    let mut letters = name.trim().chars();
    let first: String = letters.next().into_iter().collect();
    format!("{first}{}", "*".repeat(letters.count().min(3)))
}
