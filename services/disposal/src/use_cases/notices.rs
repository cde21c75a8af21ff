//! 告知: what the holder must be told, that it was told, and when that may wait.

use cordon_context::{Bilingual, CallContext, Id, NoticeId, Refusal, Scope, TaskId};
use cordon_disposal_contract::{
    ApproveDeferral, Escalation, Notice, NoticeKind, NoticeState, RecordNotice, RequestDeferral, ReverifyLevel, events,
};
use cordon_events::NewEvent;
use cordon_policies::{ActionName, Grant, ResourceName, act, on};
use cordon_store::{AuditRecord, Failure, Tx};
use serde_json::{Value, json};

use crate::domain::content_hash::digest_of;
use crate::domain::deadlines::minutes_long;
use crate::domain::notice_text;
use crate::domain::rules::RuleViolation;
use crate::service::{Disposal, Standing as _};
use crate::store::notices::{self, StoredNotice};
use crate::store::orders::{self, StoredOrder};
use crate::store::tasks::StoredTask;
use crate::store::timeline::{self, Happening};
use crate::use_cases::attempts::Target;
use crate::use_cases::dispose::check_text;
use crate::use_cases::lateness::Upwards;
use crate::use_cases::moving::{days_long, refuse};

impl Disposal {
    /// A measure was carried out: its holder must be told.
    pub(crate) async fn make_notice_due(
        &self,
        tx: &mut Tx,
        task: &StoredTask,
        order: &StoredOrder,
    ) -> Result<(), Failure> {
        let why = Bilingual::new(order.reason.clone(), order.reason.clone());
        self.make_notice(tx, task, order, NoticeKind::Measure, &why).await
    }

    /// Writes a notice that must be given, unless there is one already.
    pub(crate) async fn make_notice(
        &self,
        tx: &mut Tx,
        task: &StoredTask,
        order: &StoredOrder,
        kind: NoticeKind,
        why: &Bilingual,
    ) -> Result<(), Failure> {
        let ctx = self.system("notice");
        let grant = self.grant::<act::Create, on::Notice>(&ctx)?;
        let Some(giver) = task.executor else { return Ok(()) };
        let id: NoticeId = Id::derived(task.id.uuid(), kind.name());
        if !notices::by_ids(tx.connection(), grant.scope(), &[id]).await?.is_empty() {
            return Ok(());
        }
        let now = tx.now();
        let level =
            self.measures.rule(task.subject.kind, task.measure).map_or(ReverifyLevel::Hall, |rule| rule.reverify);
        let words =
            notice_text::write(kind, &task.subject.masked, task.measure, why, &order.number, level, task.own_measure);
        let secret = order.secrecy_reason.clone().filter(|_| kind == NoticeKind::Measure);
        let due = now.plus(minutes_long(self.parts.settings.deadlines.notice));
        let notice = Notice {
            id,
            task: task.id,
            order: task.order,
            kind,
            state: if secret.is_some() { NoticeState::DeferralRequested } else { NoticeState::Due },
            giver,
            due,
            reason: words.reason,
            remedy: words.remedy,
            documents: words.documents,
            text: words.text,
            sent_at: None,
            channel: None,
            reference: None,
            deferral_by: secret.as_ref().and(order.drafter),
            review_at: secret.as_ref().map(|_| now.plus(days_long(self.parts.settings.deadlines.deferral_days))),
            deferral_reason: secret,
            deferral_approver: None,
            overdue: false,
            version: 1,
        };
        let stored = StoredNotice {
            notice,
            requester: task.requester,
            region: task.region,
            case: task.case,
            own_measure: task.own_measure,
            next_alarm: Some(due),
            version: 1,
        };
        notices::insert(tx, &grant, &stored).await?;
        noted(tx, &stored, "notice.due", None, json!({ "kind": kind, "due": due }), String::new()).await
    }

    /// Gives the notices of tasks.
    pub(crate) async fn notices_by_tasks(&self, ctx: &CallContext, of: &[TaskId]) -> Result<Vec<Notice>, Failure> {
        let grant = self.grant::<act::Read, on::Notice>(ctx)?;
        let found = notices::by_tasks(self.parts.database.reader(), grant.scope(), of).await?;
        Ok(found.into_iter().map(|stored| shown(ctx, stored.notice)).collect())
    }

    /// Gives notices by their identifiers.
    pub(crate) async fn notices_by_ids(&self, ctx: &CallContext, ids: &[NoticeId]) -> Result<Vec<Notice>, Failure> {
        let grant = self.grant::<act::Read, on::Notice>(ctx)?;
        let found = notices::by_ids(self.parts.database.reader(), grant.scope(), ids).await?;
        Ok(found.into_iter().map(|stored| shown(ctx, stored.notice)).collect())
    }

    /// Says that the holder was told.
    pub(crate) async fn record_notice(&self, ctx: &CallContext, input: RecordNotice) -> Result<Notice, Failure> {
        let grant = self.grant::<act::Modify, on::Notice>(ctx)?;
        check_text("reference", &input.reference)?;
        let change = {
            let input = input.clone();
            move |notice: &mut StoredNotice, _order: &StoredOrder, ctx: &CallContext, now: cordon_context::Timestamp| {
                if !ctx.actor.executes_for(notice.notice.giver) {
                    return Err(refuse(RuleViolation::NOTICE_GIVER));
                }
                if notice.notice.state == NoticeState::Sent {
                    return Err(refuse(RuleViolation::NOTICE_STATE));
                }
                if notice.notice.state == NoticeState::Deferred {
                    // Secrecy of an investigation was agreed to: telling now could warn the suspect.
                    return Err(refuse(RuleViolation::NOTICE_STATE));
                }
                if input.sent_at > now.plus(std::time::Duration::from_mins(5)) {
                    let text = Bilingual::new("告知时间晚于当前时间", "the time lies in the future");
                    return Err(Refusal::invalid("sent_at", "notice.sent_at", text).into());
                }
                notice.notice.state = NoticeState::Sent;
                notice.notice.sent_at = Some(input.sent_at);
                notice.notice.channel = Some(input.channel);
                notice.notice.reference = Some(input.reference.trim().to_owned());
                notice.notice.overdue = notice.notice.overdue || now > notice.notice.due;
                notice.next_alarm = None;
                Ok(())
            }
        };
        let digest = digest_of(&input);
        self.change_notice(ctx, grant, input.notice, "notice.send", digest, change).await
    }

    /// Asks to put a notice off.
    pub(crate) async fn request_deferral(&self, ctx: &CallContext, input: RequestDeferral) -> Result<Notice, Failure> {
        let grant = self.grant::<act::Modify, on::Notice>(ctx)?;
        let person = ctx.actor.named_person()?;
        check_text("reason", &input.reason)?;
        let longest = days_long(self.parts.settings.deadlines.deferral_days);
        let digest = digest_of(&input);
        let notice = input.notice;
        let change = move |notice: &mut StoredNotice,
                           _order: &StoredOrder,
                           ctx: &CallContext,
                           now: cordon_context::Timestamp| {
            if !ctx.actor.acts_for(notice.requester) {
                return Err(refuse(RuleViolation::NOTICE_REQUESTER));
            }
            if notice.notice.kind != NoticeKind::Measure
                || !matches!(notice.notice.state, NoticeState::Due | NoticeState::Deferred)
            {
                return Err(refuse(RuleViolation::NOTICE_STATE));
            }
            if input.review_at <= now || input.review_at > now.plus(longest) {
                return Err(refuse(RuleViolation::NOTICE_REVIEW));
            }
            notice.notice.state = NoticeState::DeferralRequested;
            notice.notice.deferral_reason = Some(input.reason.trim().to_owned());
            notice.notice.deferral_by = Some(person);
            notice.notice.deferral_approver = None;
            notice.notice.review_at = Some(input.review_at);
            notice.next_alarm = Some(notice.notice.due).filter(|due| *due > now);
            Ok(())
        };
        self.change_notice(ctx, grant, notice, "notice.request_deferral", digest, change).await
    }

    /// Agrees to put a notice off.
    pub(crate) async fn approve_deferral(&self, ctx: &CallContext, input: ApproveDeferral) -> Result<Notice, Failure> {
        let grant = self.grant::<act::Approve, on::Notice>(ctx)?;
        let person = ctx.actor.named_person()?;
        let digest = digest_of(&input);
        let change = move |notice: &mut StoredNotice,
                           order: &StoredOrder,
                           ctx: &CallContext,
                           _now: cordon_context::Timestamp| {
            if notice.notice.state != NoticeState::DeferralRequested {
                return Err(refuse(RuleViolation::NOTICE_STATE));
            }
            if notice.version != input.version {
                return Err(Refusal::conflict().into());
            }
            if !order.is_led_by(&ctx.actor) {
                return Err(refuse(RuleViolation::ORDER_REVIEWER));
            }
            if notice.notice.deferral_by == Some(person) {
                return Err(refuse(RuleViolation::NOTICE_FOUR_EYES));
            }
            notice.notice.state = NoticeState::Deferred;
            notice.notice.deferral_approver = Some(person);
            notice.next_alarm = notice.notice.review_at;
            Ok(())
        };
        self.change_notice(ctx, grant, input.notice, "notice.approve_deferral", digest, change).await
    }

    async fn change_notice<A: ActionName, R: ResourceName>(
        &self,
        ctx: &CallContext,
        grant: Grant<A, R>,
        notice: NoticeId,
        event: &'static str,
        digest: String,
        change: impl FnOnce(&mut StoredNotice, &StoredOrder, &CallContext, cordon_context::Timestamp) -> Result<(), Failure>
        + Send
        + 'static,
    ) -> Result<Notice, Failure> {
        // What cannot be found has no task on whose timeline the attempt could stay.
        let task = notices::load(self.parts.database.reader(), grant.scope(), notice).await?.notice.task;
        let kept = digest.clone();
        let outcome = self
            .parts
            .database
            .write_once(ctx, event, &(notice, digest.clone()), move |mut tx| async move {
                let mut stored = notices::load(tx.connection(), grant.scope(), notice).await?;
                let from = stored.notice.state;
                let scope = Scope::system("the order of a notice within reach");
                let order = orders::load(tx.connection(), &scope, stored.notice.order).await?;
                let awaited = matches!(from, NoticeState::Due | NoticeState::DeferralRequested);
                let missed = awaited && stored.next_alarm.is_some_and(|at| at <= tx.now());
                change(&mut stored, &order, tx.context(), tx.now())?;
                stored.notice.overdue = stored.notice.overdue || missed;
                notices::update(&tx, &grant, &mut stored).await?;
                if missed {
                    // No later look of the clock would find it.
                    let upwards = Upwards::Later { late: stored.notice.giver, escalation: Escalation::Authority };
                    tell_overdue(&mut tx, &grant, &stored, from, upwards).await?;
                }
                let detail =
                    json!({ "notice": notice, "channel": stored.notice.channel, "review_at": stored.notice.review_at });
                noted(&mut tx, &stored, event, Some(from), detail, kept).await?;
                let notice = shown(tx.context(), stored.notice);
                tx.commit(notice).await
            })
            .await;
        self.noting(ctx, Target::Task(task), event, digest, outcome).await
    }
}

/// A notice as its reader may see it: why and by whom it was put off is the organ's own matter.
fn shown(ctx: &CallContext, notice: Notice) -> Notice {
    if ctx.actor.organisation_kind.is_enterprise() {
        Notice { deferral_reason: None, deferral_by: None, deferral_approver: None, ..notice }
    } else {
        notice
    }
}

/// Tells that a notice was not given in time.
pub(crate) async fn tell_overdue<A: ActionName, R: ResourceName>(
    tx: &mut Tx,
    grant: &Grant<A, R>,
    stored: &StoredNotice,
    from: NoticeState,
    upwards: Upwards,
) -> Result<(), Failure> {
    let detail = json!({ "due": stored.notice.due });
    noted(tx, stored, "notice.overdue", Some(from), detail, String::new()).await?;
    let event = NewEvent {
        topic: events::NOTICE_OVERDUE.to_owned(),
        subject: stored.notice.id.to_string(),
        audience: vec![stored.requester, stored.notice.giver],
        payload: json!({
            "notice": stored.notice.id, "task": stored.notice.task, "executor": stored.notice.giver,
            "requester": stored.requester, "region": stored.region, "due": stored.notice.due,
            "own_measure": stored.own_measure,
        }),
    };
    upwards.tell(tx, grant, event).await
}

/// Writes down that something happened to a notice.
pub(crate) async fn noted(
    tx: &mut Tx,
    stored: &StoredNotice,
    event: &'static str,
    from: Option<NoticeState>,
    detail: Value,
    digest: String,
) -> Result<(), Failure> {
    let notice = &stored.notice;
    let happening = Happening {
        order: notice.order,
        task: Some(notice.task),
        appeal: None,
        event,
        from: from.map(NoticeState::name),
        to: Some(notice.state.name()),
        refused_by: None,
        detail: detail.clone(),
        payload_digest: digest,
    };
    timeline::add(tx, vec![happening]).await?;
    let payload = json!({ "from": from, "to": notice.state, "detail": digest_of(&detail) });
    tx.record(AuditRecord::new(event, notice.id.to_string(), payload).of_organisation(stored.requester));
    tx.emit(NewEvent {
        topic: events::NOTICE_CHANGED.to_owned(),
        subject: notice.id.to_string(),
        audience: vec![stored.requester, notice.giver],
        payload: json!({
            "notice": notice.id, "task": notice.task, "order": notice.order, "kind": notice.kind, "state": notice.state,
            "requester": stored.requester, "executor": notice.giver, "region": stored.region, "case": stored.case,
            "due": notice.due, "own_measure": stored.own_measure,
        }),
    });
    Ok(())
}
