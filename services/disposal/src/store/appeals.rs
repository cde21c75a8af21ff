//! Rows of appeals. Name, contact, statement and papers are sealed; the code is kept as a digest.

use cordon_context::{AppealId, CaseId, Cursor, OrganisationId, Page, PageRequest, Refusal, Scope, TaskId, Timestamp};
use cordon_disposal_contract::{
    Appeal, AppealChannel, AppealFilter, AppealOutcome, AppealState, Competence, Escalation, Measure,
};
use cordon_policies::{ActionName, Grant, on};
use cordon_store::paging::Direction;
use cordon_store::{Failure, Tx};
use cordon_vault::{Place, Vault};
use sea_orm::{ConnectionTrait, QueryResult};
use serde::{Deserialize, Serialize};

use super::delivery_query::{Query, number};
use super::fields::{self, Column, Fields, id, id_if, time, time_if};
use super::items;
use super::orders::{after, fields_total, limit};
use super::reach::{APPEAL, within};

const COLUMNS: &str = "id, number, code_digest, task_id, order_id, case_id, requester, executor, subject_id, kind, identifier_kind, \
    masked, measure, state, channel, received_by, competent, competence, region, by_proxy, appellant, appellant_masked, contact, \
    statement, papers, submitted_at, accept_due, verify_due, extended, supplement, officer, outcome, decision_reason, decided_by, \
    decided_at, replied_at, reply, review_of, overdue, escalation, next_alarm, version";

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
        let Self { appeal, code_digest, case, requester, executor, sealed, reply, escalation, next_alarm } = self;
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
            ("region", number(region.number()).into()),
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
            ("next_alarm", time_if(*next_alarm)),
            ("version", (*version).into()),
        ]
    }

    fn read(row: &QueryResult) -> Result<Self, Failure> {
        let fields = Fields::new(row, "appeal", "id")?;
        Ok(Self {
            appeal: Appeal {
                id: fields.id("id")?,
                number: fields.get("number")?,
                task: fields.id("task_id")?,
                order: fields.id("order_id")?,
                subject: items::subject(&fields)?,
                measure: fields.word("measure", Measure::from_name)?,
                state: fields.word("state", AppealState::from_name)?,
                channel: fields.word("channel", AppealChannel::from_name)?,
                received_by: fields.id("received_by")?,
                competent: fields.id("competent")?,
                competence: fields.word("competence", Competence::from_name)?,
                region: fields.region("region")?,
                by_proxy: fields.get("by_proxy")?,
                appellant_masked: fields.get("appellant_masked")?,
                submitted_at: fields.time("submitted_at")?,
                accept_due: fields.time("accept_due")?,
                verify_due: fields.time_if("verify_due")?,
                extended: fields.get("extended")?,
                supplement: fields.get("supplement")?,
                officer: fields.id_if("officer")?,
                outcome: fields.word_if("outcome", AppealOutcome::from_name)?,
                decision_reason: fields.get("decision_reason")?,
                decided_by: fields.id_if("decided_by")?,
                decided_at: fields.time_if("decided_at")?,
                replied_at: fields.time_if("replied_at")?,
                review_of: fields.id_if("review_of")?,
                overdue: fields.get("overdue")?,
                version: fields.get("version")?,
            },
            code_digest: fields.get("code_digest")?,
            case: fields.id_if("case_id")?,
            requester: fields.id("requester")?,
            executor: fields.id_if("executor")?,
            sealed: SealedWords {
                appellant: fields.get("appellant")?,
                contact: fields.get("contact")?,
                statement: fields.get("statement")?,
                papers: fields.get("papers")?,
            },
            reply: fields.get("reply")?,
            escalation: fields.word("escalation", Escalation::from_name)?,
            next_alarm: fields.time_if("next_alarm")?,
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
    let query = Query::new("SELECT ")
        .text(COLUMNS)
        .text(" FROM appeal WHERE id IN ")
        .list(appeals.iter().map(|appeal| appeal.uuid()))
        .text(" AND ");
    read_all(connection, within(query, scope, APPEAL)).await
}

/// Loads the appeals against tasks, within reach, the oldest first.
pub(crate) async fn by_tasks<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    tasks: &[TaskId],
) -> Result<Vec<StoredAppeal>, Failure> {
    let query = Query::new("SELECT ")
        .text(COLUMNS)
        .text(" FROM appeal WHERE task_id IN ")
        .list(tasks.iter().map(|task| task.uuid()))
        .text(" AND ");
    read_all(connection, within(query, scope, APPEAL).text(" ORDER BY submitted_at, id")).await
}

/// Finds an appeal by its number, for the citizen who also knows its code.
pub(crate) async fn by_number<C: ConnectionTrait>(connection: &C, text: &str) -> Result<Option<StoredAppeal>, Failure> {
    let query = Query::new("SELECT ").text(COLUMNS).text(" FROM appeal WHERE number = ").value(text);
    Ok(read_all(connection, query).await?.pop())
}

/// Lists appeals within reach, the newest first.
pub(crate) async fn list<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    filter: &AppealFilter,
    page: &PageRequest,
) -> Result<Page<StoredAppeal>, Failure> {
    let filtered = |query: Query| {
        let mut query = within(query, scope, APPEAL);
        if !filter.states.is_empty() {
            query = query.text(" AND state IN ").list(filter.states.iter().map(|state| state.name()));
        }
        if let Some(officer) = filter.officer {
            query = query.text(" AND officer = ").value(officer.uuid());
        }
        if let Some(text) = &filter.number {
            query = query.text(" AND number = ").value(text.clone());
        }
        if filter.overdue {
            query = query.text(" AND overdue = TRUE");
        }
        query
    };
    let total = if page.count {
        Some(fields_total(filtered(Query::new("SELECT COUNT(*) AS total FROM appeal WHERE ")).one(connection).await?)?)
    } else {
        None
    };
    let query = filtered(Query::new("SELECT ").text(COLUMNS).text(" FROM appeal WHERE "));
    let query = after(query, "submitted_at", "id", Direction::Descending, page)
        .text(" ORDER BY submitted_at DESC, id DESC LIMIT ")
        .value(limit(page));
    let rows = read_all(connection, query).await?;
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
    let rows = Query::new("SELECT id FROM appeal WHERE next_alarm <= ")
        .value(now.millis())
        .text(" ORDER BY next_alarm LIMIT ")
        .value(i64::from(at_most))
        .all(connection)
        .await?;
    rows.iter().map(|row| Ok(AppealId::from_uuid(row.try_get("", "id")?))).collect()
}

/// The appeals against a task that wait until what was decided is carried out.
pub(crate) async fn decided_against<C: ConnectionTrait>(
    connection: &C,
    task: TaskId,
) -> Result<Vec<StoredAppeal>, Failure> {
    let query = Query::new("SELECT ")
        .text(COLUMNS)
        .text(" FROM appeal WHERE state = 'decided' AND task_id = ")
        .value(task.uuid());
    read_all(connection, query).await
}

/// Whether an appeal against a task is open.
pub(crate) async fn is_open<C: ConnectionTrait>(connection: &C, task: TaskId) -> Result<bool, Failure> {
    let row = Query::new(
        "SELECT COUNT(*) AS total FROM appeal WHERE state NOT IN ('not_accepted', 'replied', 'closed') AND task_id = ",
    )
    .value(task.uuid())
    .one(connection)
    .await?;
    Ok(fields_total(row)? > 0)
}

async fn read_all<C: ConnectionTrait>(connection: &C, query: Query) -> Result<Vec<StoredAppeal>, Failure> {
    let rows = query.all(connection).await?;
    rows.iter().map(StoredAppeal::read).collect()
}
