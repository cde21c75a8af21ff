//! Rows of appeals. Name, contact, statement and papers are sealed; the code is kept as a digest.

use cordon_context::{
    AppealId, CaseId, Cursor, Id, OrganisationId, Page, PageRequest, Refusal, Scope, TaskId, Timestamp,
};
use cordon_disposal_contract::{
    Appeal, AppealChannel, AppealFilter, AppealOutcome, AppealState, Competence, Escalation, Measure,
};
use cordon_policies::{ActionName, Grant, on};
use cordon_store::sql::{COUNT, Direction, Reading, Sql, region_value};
use cordon_store::{Failure, Tx};
use cordon_vault::{Place, Vault};
use data_encoding::HEXLOWER;
use sea_orm::{ConnectionTrait, QueryResult};
use serde::{Deserialize, Serialize};

use super::fields::{self, Column, id, id_if, time, time_if};
use super::items;
use super::reach::APPEAL;

const COLUMNS: &str = "id, number, code_digest, task_id, order_id, case_id, requester, executor, subject_id, kind, identifier_kind, \
    masked, measure, state, channel, received_by, competent, competence, region, by_proxy, appellant, appellant_masked, contact, \
    statement, papers, submitted_at, accept_due, verify_due, extended, supplement, officer, outcome, decision_reason, decided_by, \
    decided_at, replied_at, reply, review_of, overdue, escalation, own_measure, limited_resume_due, \
    next_alarm, version";

/// An appeal as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct StoredAppeal {
    pub(crate) appeal: Appeal,
    pub(crate) code_digest: Vec<u8>,
    pub(crate) case: Option<CaseId>,
    pub(crate) requester: OrganisationId,
    pub(crate) executor: Option<OrganisationId>,
    pub(crate) sealed: SealedWords,
    pub(crate) reply: Option<String>,
    pub(crate) escalation: Escalation,
    pub(crate) own_measure: bool,
    pub(crate) next_alarm: Option<Timestamp>,
}

/// What the appellant said and handed in, sealed for the appeal's row.
#[derive(Clone, Debug)]
pub(crate) struct SealedWords {
    pub(crate) appellant: Vec<u8>,
    pub(crate) contact: Vec<u8>,
    pub(crate) statement: Vec<u8>,
    pub(crate) papers: Vec<u8>,
}

/// What the appellant said and handed in.
#[derive(Clone, Copy)]
pub(crate) struct Words<'a> {
    pub(crate) appellant: &'a str,
    pub(crate) contact: &'a str,
    pub(crate) statement: &'a str,
    pub(crate) papers: &'a str,
}

/// What was handed in, as it is sealed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Papers {
    /// The document that lets somebody act for the holder.
    pub(crate) proxy: Option<String>,
    /// What came with the appeal.
    pub(crate) documents: Vec<String>,
    /// What was missing and came later.
    #[serde(default)]
    pub(crate) later: Vec<String>,
}

impl Papers {
    /// Reads them from their text.
    pub(crate) fn read(text: &str) -> Result<Self, Failure> {
        serde_json::from_str(text)
            .map_err(|source| Failure::internal("the papers of an appeal could not be read", source))
    }

    /// Writes them as text.
    pub(crate) fn write(&self) -> Result<String, Failure> {
        serde_json::to_string(self)
            .map_err(|source| Failure::internal("the papers of an appeal could not be written", source))
    }

    /// All of them, in the order in which they came.
    pub(crate) fn all(self) -> Vec<String> {
        self.proxy.into_iter().chain(self.documents).chain(self.later).collect()
    }
}

impl SealedWords {
    /// Seals for the row of this appeal.
    pub(crate) fn seal(vault: &Vault, appeal: AppealId, words: Words<'_>) -> Result<Self, Failure> {
        let row = appeal.uuid();
        let seal = |column: &str, text: &str| {
            vault
                .seal(Place::new("appeal", column, row.as_bytes()), text.as_bytes())
                .map(cordon_vault::Sealed::into_vec)
                .map_err(|source| Failure::internal("an appeal could not be sealed", source))
        };
        Ok(Self {
            appellant: seal("appellant", words.appellant)?,
            contact: seal("contact", words.contact)?,
            statement: seal("statement", words.statement)?,
            papers: seal("papers", words.papers)?,
        })
    }

    /// Adds what came later to the papers.
    pub(crate) fn add_paper(&mut self, vault: &Vault, appeal: AppealId, paper: &str) -> Result<(), Failure> {
        let mut papers = Papers::read(&self.open(vault, appeal, "papers")?)?;
        papers.later.push(paper.to_owned());
        self.papers = vault
            .seal(Place::new("appeal", "papers", appeal.uuid().as_bytes()), papers.write()?.as_bytes())
            .map_err(|source| Failure::internal("an appeal could not be sealed", source))?
            .into_vec();
        Ok(())
    }

    /// Seals the answer to the appellant for its column, which holds text.
    pub(crate) fn seal_reply(vault: &Vault, appeal: AppealId, reply: &str) -> Result<String, Failure> {
        vault
            .seal(Place::new("appeal", "reply", appeal.uuid().as_bytes()), reply.as_bytes())
            .map(|sealed| HEXLOWER.encode(&sealed.into_vec()))
            .map_err(|source| Failure::internal("an answer could not be sealed", source))
    }

    /// Opens the answer to the appellant.
    pub(crate) fn open_reply(vault: &Vault, appeal: AppealId, stored: &str) -> Result<String, Failure> {
        let sealed = HEXLOWER
            .decode(stored.as_bytes())
            .map_err(|source| Failure::internal("an answer could not be read", source))?;
        vault
            .open_text(Place::new("appeal", "reply", appeal.uuid().as_bytes()), &sealed)
            .map_err(|source| Failure::internal("an answer could not be opened", source))
    }

    /// Opens one of the columns.
    pub(crate) fn open(&self, vault: &Vault, appeal: AppealId, column: &'static str) -> Result<String, Failure> {
        let stored = match column {
            "appellant" => &self.appellant,
            "contact" => &self.contact,
            "papers" => &self.papers,
            _ => &self.statement,
        };
        vault
            .open_text(Place::new("appeal", column, appeal.uuid().as_bytes()), stored)
            .map_err(|source| Failure::internal("an appeal could not be opened", source))
    }
}

impl StoredAppeal {
    fn columns(&self) -> Vec<Column> {
        let Self { appeal, code_digest, case, requester, executor, sealed, reply, escalation, own_measure, next_alarm } =
            self;
        let Appeal {
            id: appeal,
            number: text,
            task,
            order,
            subject,
            measure,
            state,
            channel,
            received_by,
            competent,
            competence,
            region,
            by_proxy,
            appellant_masked,
            submitted_at,
            accept_due,
            verify_due,
            extended,
            supplement,
            officer,
            outcome,
            decision_reason,
            decided_by,
            decided_at,
            replied_at,
            review_of,
            overdue,
            limited_resume_due,
            version,
        } = appeal;
        vec![
            ("id", id(*appeal)),
            ("number", text.clone().into()),
            ("code_digest", code_digest.clone().into()),
            ("task_id", id(*task)),
            ("order_id", id(*order)),
            ("case_id", id_if(*case)),
            ("requester", id(*requester)),
            ("executor", id_if(*executor)),
            ("subject_id", id(subject.id)),
            ("kind", subject.kind.name().into()),
            ("identifier_kind", subject.identifier_kind.code().into()),
            ("masked", subject.masked.clone().into()),
            ("measure", measure.name().into()),
            ("state", state.name().into()),
            ("channel", channel.name().into()),
            ("received_by", id(*received_by)),
            ("competent", id(*competent)),
            ("competence", competence.name().into()),
            ("region", region_value(*region).into()),
            ("by_proxy", (*by_proxy).into()),
            ("appellant", sealed.appellant.clone().into()),
            ("appellant_masked", appellant_masked.clone().into()),
            ("contact", sealed.contact.clone().into()),
            ("statement", sealed.statement.clone().into()),
            ("papers", sealed.papers.clone().into()),
            ("submitted_at", time(*submitted_at)),
            ("accept_due", time(*accept_due)),
            ("verify_due", time_if(*verify_due)),
            ("extended", (*extended).into()),
            ("supplement", supplement.clone().into()),
            ("officer", id_if(*officer)),
            ("outcome", outcome.map(AppealOutcome::name).into()),
            ("decision_reason", decision_reason.clone().into()),
            ("decided_by", id_if(*decided_by)),
            ("decided_at", time_if(*decided_at)),
            ("replied_at", time_if(*replied_at)),
            ("reply", reply.clone().into()),
            ("review_of", id_if(*review_of)),
            ("overdue", (*overdue).into()),
            ("escalation", escalation.name().into()),
            ("own_measure", (*own_measure).into()),
            ("limited_resume_due", time_if(*limited_resume_due)),
            ("next_alarm", time_if(*next_alarm)),
            ("version", (*version).into()),
        ]
    }

    fn read(row: &QueryResult) -> Result<Self, Failure> {
        let row = Reading::of(row, "appeal");
        Ok(Self {
            appeal: Appeal {
                id: row.id("id")?,
                number: row.get("number")?,
                task: row.id("task_id")?,
                order: row.id("order_id")?,
                subject: items::subject(&row)?,
                measure: row.word("measure", Measure::from_name)?,
                state: row.word("state", AppealState::from_name)?,
                channel: row.word("channel", AppealChannel::from_name)?,
                received_by: row.id("received_by")?,
                competent: row.id("competent")?,
                competence: row.word("competence", Competence::from_name)?,
                region: row.region("region")?,
                by_proxy: row.get("by_proxy")?,
                appellant_masked: row.get("appellant_masked")?,
                submitted_at: row.time("submitted_at")?,
                accept_due: row.time("accept_due")?,
                verify_due: row.time_if("verify_due")?,
                extended: row.get("extended")?,
                supplement: row.get("supplement")?,
                officer: row.id_if("officer")?,
                outcome: row.word_if("outcome", AppealOutcome::from_name)?,
                decision_reason: row.get("decision_reason")?,
                decided_by: row.id_if("decided_by")?,
                decided_at: row.time_if("decided_at")?,
                replied_at: row.time_if("replied_at")?,
                review_of: row.id_if("review_of")?,
                overdue: row.get("overdue")?,
                limited_resume_due: row.time_if("limited_resume_due")?,
                version: row.get("version")?,
            },
            code_digest: row.get("code_digest")?,
            case: row.id_if("case_id")?,
            requester: row.id("requester")?,
            executor: row.id_if("executor")?,
            sealed: SealedWords {
                appellant: row.get("appellant")?,
                contact: row.get("contact")?,
                statement: row.get("statement")?,
                papers: row.get("papers")?,
            },
            reply: row.get("reply")?,
            escalation: row.word("escalation", Escalation::from_name)?,
            own_measure: row.get("own_measure")?,
            next_alarm: row.time_if("next_alarm")?,
        })
    }
}

/// Writes a new appeal.
pub(crate) async fn insert(
    tx: &Tx,
    _grant: &Grant<cordon_policies::act::Create, on::Appeal>,
    appeal: &StoredAppeal,
) -> Result<(), Failure> {
    fields::insert(tx.connection(), "appeal", appeal.columns()).await
}

/// Writes a changed appeal, if nobody else was faster.
pub(crate) async fn update<A: ActionName>(
    tx: &Tx,
    _grant: &Grant<A, on::Appeal>,
    appeal: &mut StoredAppeal,
) -> Result<(), Failure> {
    let (row, version) = (appeal.appeal.id.uuid(), appeal.appeal.version);
    fields::update(tx.connection(), "appeal", row, version, appeal.columns()).await?;
    appeal.appeal.version += 1;
    Ok(())
}

/// Sets when an appeal is looked at for its limited resumption and nothing else, if nobody else was faster. Its version stays:
/// who is about to decide it is not disturbed, and at worst brings the earlier moment back, so that it is looked at once more.
pub(crate) async fn wind_limited_resume(
    tx: &Tx,
    _grant: &Grant<cordon_policies::act::Modify, on::Appeal>,
    appeal: &StoredAppeal,
    at: Option<Timestamp>,
) -> Result<(), Failure> {
    Sql::new("UPDATE appeal SET ")
        .with("limited_resume_due = ", at.map(Timestamp::millis))
        .with(" WHERE id = ", appeal.appeal.id.uuid())
        .with(" AND version = ", appeal.appeal.version)
        .run_one(tx.connection())
        .await
}

/// Loads one appeal within reach.
pub(crate) async fn load<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    appeal: AppealId,
) -> Result<StoredAppeal, Failure> {
    by_ids(connection, scope, &[appeal]).await?.pop().ok_or_else(|| Refusal::not_found().into())
}

/// Loads appeals by their identifiers, within reach.
pub(crate) async fn by_ids<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    appeals: &[AppealId],
) -> Result<Vec<StoredAppeal>, Failure> {
    Sql::select(COLUMNS, "appeal").by_ids("id", appeals, scope, &APPEAL).all(connection, StoredAppeal::read).await
}

/// Loads the appeals against tasks, within reach, the oldest first.
pub(crate) async fn by_tasks<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    tasks: &[TaskId],
) -> Result<Vec<StoredAppeal>, Failure> {
    Sql::select(COLUMNS, "appeal")
        .by_ids("task_id", tasks, scope, &APPEAL)
        .text(" ORDER BY submitted_at, id")
        .all(connection, StoredAppeal::read)
        .await
}

/// Finds an appeal by its number, for the citizen who also knows its code.
pub(crate) async fn by_number<C: ConnectionTrait>(connection: &C, text: &str) -> Result<Option<StoredAppeal>, Failure> {
    Sql::select(COLUMNS, "appeal").with("number = ", text).one(connection, StoredAppeal::read).await
}

/// Lists appeals within reach, the newest first.
pub(crate) async fn list<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    filter: &AppealFilter,
    page: &PageRequest,
) -> Result<Page<StoredAppeal>, Failure> {
    let found = |columns| {
        Sql::select(columns, "appeal")
            .within(scope, &APPEAL)
            .with_any(" AND state IN ", filter.states.iter().map(|state| state.name()))
            .with_some(" AND officer = ", filter.officer.map(Id::uuid))
            .with_some(" AND number = ", filter.number.as_deref())
            .text(if filter.overdue { " AND overdue = TRUE" } else { "" })
    };
    let total = found(COUNT).total(connection, page).await?;
    let rows = found(COLUMNS)
        .page("submitted_at", "id", Direction::Descending, page)
        .all(connection, StoredAppeal::read)
        .await?;
    Ok(Page::cut(rows, page, total, |stored| Cursor {
        key: stored.appeal.submitted_at.millis(),
        id: stored.appeal.id.uuid(),
    }))
}

/// The appeals whose clock has to be looked at.
pub(crate) async fn alarms<C: ConnectionTrait>(
    connection: &C,
    now: Timestamp,
    at_most: u32,
) -> Result<Vec<AppealId>, Failure> {
    Sql::select("id", "appeal")
        .with("next_alarm <= ", now.millis())
        .with(" ORDER BY next_alarm LIMIT ", i64::from(at_most))
        .all_ids(connection)
        .await
}

/// The appeals that were not decided in time, so that their target comes back in part.
pub(crate) async fn limited_resumes<C: ConnectionTrait>(
    connection: &C,
    now: Timestamp,
    at_most: u32,
) -> Result<Vec<AppealId>, Failure> {
    Sql::select("id", "appeal")
        .with("limited_resume_due IS NOT NULL AND limited_resume_due <= ", now.millis())
        .with(" ORDER BY limited_resume_due LIMIT ", i64::from(at_most))
        .all_ids(connection)
        .await
}

/// The appeals against a task that wait until what was decided is carried out.
pub(crate) async fn decided_against<C: ConnectionTrait>(
    connection: &C,
    task: TaskId,
) -> Result<Vec<StoredAppeal>, Failure> {
    Sql::select(COLUMNS, "appeal")
        .with("state = 'decided' AND task_id = ", task.uuid())
        .all(connection, StoredAppeal::read)
        .await
}

/// Whether an appeal against a task is open.
pub(crate) async fn is_open<C: ConnectionTrait>(connection: &C, task: TaskId) -> Result<bool, Failure> {
    let open = Sql::select(COUNT, "appeal")
        .with("state NOT IN ('not_accepted', 'replied', 'closed') AND task_id = ", task.uuid());
    Ok(open.count(connection).await? > 0)
}
