//! Issuing: every target is routed, every task is written and told of, in one transaction.

use std::collections::{HashMap, HashSet};

use cordon_context::{Code, Id, OrderId, Refusal, TaskId, Timestamp};
use cordon_disposal_contract::routing::Route;
use cordon_disposal_contract::{
    DeskReason, Escalation, Light, Measure, OrderStage, Pace, PhoneFunction, TaskAction, TaskState, events,
};
use cordon_identifier::Identifier;
use cordon_policies::{Grant, act, on};
use cordon_store::{Failure, Tx};
use serde_json::{Value, json};

use crate::domain::content_hash::digest;
use crate::domain::order_machine::{OrderEvent, transition};
use crate::jobs::Pass;
use crate::routing::Question;
use crate::service::Disposal;
use crate::store::items::{self, StoredItem};
use crate::store::orders::{self, StoredOrder};
use crate::store::tasks::{self, Hold, StoredTask};
use crate::store::timeline::{self, Happening};
use crate::store::{releases, task_holds};
use crate::use_cases::dispose::{emit, happened};
use crate::use_cases::moving::event_of;
use crate::use_cases::payload;

/// One task to be: an item, a measure, and where it goes.
pub(crate) struct Planned {
    place: usize,
    measure: Measure,
    route: Route,
    awaits_release: bool,
}

impl Planned {
    /// The only task of an order.
    pub(crate) fn to(measure: Measure, route: Route) -> Self {
        Self { place: 0, measure, route, awaits_release: false }
    }

    fn after_release(self) -> Self {
        Self { awaits_release: true, ..self }
    }
}

impl Disposal {
    /// Issues an approved order; doing it twice has one effect.
    pub(crate) async fn issue_order(&self, order: OrderId) -> Result<(), Failure> {
        let ctx = self.system("issue");
        let grant = self.grant::<act::Create, on::Task>(&ctx)?;
        let reader = self.parts.database.reader();
        let stored = orders::load(reader, grant.scope(), order).await?;
        if stored.stage != OrderStage::Approved {
            return Ok(());
        }
        // Routes come from other services and tables; the transaction below must not wait for them.
        let items = items::of_order(reader, order).await?;
        let identifiers = items.iter().map(|item| item.open(&self.parts.vault)).collect::<Result<Vec<_>, _>>()?;
        let mut questions = Vec::new();
        let mut wanted = Vec::new();
        for (place, (item, identifier)) in items.iter().zip(&identifiers).enumerate() {
            for measure in item.measures() {
                let subject = identifier.clone();
                questions.push(Question { subject, region_hint: Some(stored.region), measure: Some(*measure) });
                wanted.push((place, *measure));
            }
        }
        let routes = self.parts.router.route_many(&questions).await?;
        let planned: Vec<Planned> = wanted
            .into_iter()
            .zip(routes)
            .map(|((place, measure), route)| Planned { place, measure, route, awaits_release: false })
            .collect();
        let service = self.clone();
        let content = stored.content_hash;
        self.parts
            .database
            .write(&ctx, move |mut tx| async move {
                let mut order = orders::load(tx.connection(), grant.scope(), order).await?;
                if order.stage != OrderStage::Approved || order.content_hash != content {
                    // Somebody else issued it, withdrew it or changed it meanwhile.
                    return Err(Refusal::conflict().into());
                }
                service.shield(&tx, &grant, &mut order).await?;
                let facts = service.order_facts(tx.context(), &order);
                let step = transition(order.stage, OrderEvent::Issue, &facts).map_err(Refusal::from)?;
                let indexes: Vec<Vec<u8>> = items.iter().map(|item| item.subject_index.clone()).collect();
                let holds = task_holds::active_holds(tx.connection(), &indexes).await?;
                let stops = planned.iter().filter_map(|plan| Some((indexes.get(plan.place)?.as_slice(), plan.measure)));
                service.stops_on_their_way(&mut tx, &grant, &stops.collect(), &holds).await?;
                let mut held: HashMap<(Vec<u8>, Measure), Vec<StoredTask>> = HashMap::new();
                for hold in holds {
                    held.entry((hold.subject_index.clone(), hold.measure)).or_default().push(hold);
                }
                let under_way = releases::under_way(tx.connection(), &indexes).await?;
                let now = tx.now();
                order.stage = step.to;
                order.issued_at = Some(now);
                order.next_alarm = service.paperwork_alarm(&order);
                let mut joined_to = HashSet::new();
                let mut new_tasks = Vec::with_capacity(planned.len());
                for plan in planned {
                    let (Some(item), Some(identifier)) = (items.get(plan.place), identifiers.get(plan.place)) else {
                        continue;
                    };
                    let target = (item.subject_index.clone(), plan.measure);
                    let held = held.get(&target).into_iter().flatten();
                    let held = held.into_iter().find(|hold| joins(hold, plan.measure, item.functions()));
                    // Both at the same executor without an order between them could leave the target free.
                    let plan = if under_way.contains(&target) { plan.after_release() } else { plan };
                    if let Some(held) = held
                        && joined_to.insert(held.id)
                    {
                        task_holds::hold_fast(&tx, &grant, held).await?;
                    }
                    new_tasks.push(service.new_task(&order, item, identifier, &plan, held, now)?);
                }
                orders::update(&tx, &grant, &mut order).await?;
                tasks::insert(&tx, &grant, &new_tasks).await?;
                let digests: Vec<&str> = new_tasks.iter().filter_map(|task| task.payload_digest.as_deref()).collect();
                let at_desk = new_tasks.iter().filter(|task| task.state == TaskState::Desk).count();
                let joined = new_tasks.iter().filter(|task| task.joined).count();
                let detail = json!({
                    "tasks": new_tasks.len(), "desk": at_desk, "joined": joined, "payloads": digest(digests.concat().as_bytes()),
                });
                let root = digest(digests.concat().as_bytes());
                happened(&mut tx, &order, OrderEvent::Issue.name(), Some(step.from), detail, root).await?;
                timeline::add(&tx, new_tasks.iter().map(issued).collect()).await?;
                emit(&mut tx, events::ORDER_ISSUED, &order);
                for task in &new_tasks {
                    let topic = match task.state {
                        TaskState::Issued => events::TASK_ASSIGNED,
                        TaskState::Desk => events::TASK_AT_DESK,
                        _ => events::TASK_PROGRESSED,
                    };
                    tx.emit(event_of(topic, task, None, None));
                }
                tx.commit(()).await
            })
            .await
    }

    pub(crate) fn new_task(
        &self,
        order: &StoredOrder,
        item: &StoredItem,
        identifier: &Identifier,
        plan: &Planned,
        held: Option<&StoredTask>,
        now: Timestamp,
    ) -> Result<StoredTask, Failure> {
        let rule = self.measures.rule(item.item.subject.kind, plan.measure);
        let days = match (order.duration_days, rule.and_then(|rule| rule.max_days)) {
            (Some(wanted), Some(most)) => Some(wanted.min(most)),
            // What cannot be undone does not end, whatever was wished.
            (Some(_), None) if rule.is_some_and(|rule| !rule.reversible) => None,
            (wanted, most) => wanted.or(most),
        };
        let routed = || plan.route.executor().filter(|_| !plan.awaits_release);
        let executor = held.map_or_else(routed, |held| held.executor);
        let state = match (held, executor) {
            (Some(_), _) => TaskState::InForce,
            (None, Some(_)) => TaskState::Issued,
            (None, None) => TaskState::Desk,
        };
        let id: TaskId = Id::derived(item.item.id.uuid(), plan.measure.name());
        let functions = if plan.measure == Measure::RestrictFunctions { item.functions().to_vec() } else { Vec::new() };
        let mut task = StoredTask {
            id,
            order: order.id,
            order_number: order.number.clone(),
            item: item.item.id,
            subject: item.item.subject.clone(),
            subject_index: item.subject_index.clone(),
            requester: order.requester,
            region: order.region,
            case: order.case,
            action: TaskAction::Impose,
            reverses: None,
            measure: plan.measure,
            functions,
            urgency: order.urgency,
            pace: rule.map_or(Pace::Number, |rule| rule.pace),
            by_mistake: false,
            issued_at: now,
            joined: held.is_some(),
            executor,
            generation: 1,
            generation_at: now,
            acknowledge_due: now,
            execute_due: now,
            days,
            hops: 0,
            state,
            desk_reason: (state == TaskState::Desk).then_some(if plan.awaits_release {
                DeskReason::AwaitsRelease
            } else {
                DeskReason::Unroutable
            }),
            partial: false,
            entered_at: now,
            due: None,
            next_alarm: None,
            alarmed: Light::Green,
            overdue: false,
            escalation: Escalation::None,
            executed_at: held.and_then(|held| held.executed_at),
            effective_from: held.map(|_| now),
            effective_to: None,
            hold: if held.is_some() { Hold::Active } else { Hold::None },
            reminded: false,
            appealed: false,
            review_flag: None,
            refusal: None,
            failures: 0,
            retry_at: None,
            payload_digest: None,
            renewal: None,
            own_measure: order.is_own_measure(),
            limited_at: None,
            version: 1,
        };
        if held.is_some() {
            task.effective_to = self.end_of(&task, order, now);
        }
        self.set_deadlines(&mut task);
        self.wind_clock(&mut task, now, false);
        if state == TaskState::Issued {
            task.payload_digest = payload::body(&task, order, identifier)?.map(|body| digest(body.as_bytes()));
        }
        Ok(task)
    }

    /// Issues every approved order that waits; tells how many were issued.
    pub(crate) async fn issue_approved(&self) -> Result<usize, Failure> {
        let pass = Pass::new(self, "issue");
        let waiting = orders::approved(self.parts.database.reader(), pass.at_most()).await?;
        pass.each(waiting, |order| self.issue_or_give_back(order)).await
    }

    async fn issue_or_give_back(&self, order: OrderId) -> Result<bool, Failure> {
        match self.issue_order(order).await {
            // Such as a legal basis that expired between approval and issue: it goes back to a person, with the reason.
            Err(Failure::Refused(refusal)) if refusal.code == Code::RuleViolated => {
                self.give_back_unissued(order, refusal).await?;
                Ok(false)
            }
            other => other.map(|()| true),
        }
    }

    async fn give_back_unissued(&self, order: OrderId, refusal: Refusal) -> Result<(), Failure> {
        let ctx = self.system("issue");
        let grant = self.grant::<act::Modify, on::Order>(&ctx)?;
        self.parts
            .database
            .write(&ctx, move |mut tx| async move {
                let mut order = orders::load(tx.connection(), grant.scope(), order).await?;
                if order.stage != OrderStage::Approved {
                    return Err(Refusal::conflict().into());
                }
                let why = refusal.text.zh.to_string();
                give_back(&mut tx, &grant, &mut order, why, json!({ "rule": refusal.rule })).await?;
                tx.commit(()).await
            })
            .await
    }
}

/// Gives an order back to its drafter before it was issued; what was agreed to counts no more.
pub(crate) async fn give_back(
    tx: &mut Tx,
    grant: &Grant<act::Modify, on::Order>,
    order: &mut StoredOrder,
    why: String,
    detail: Value,
) -> Result<(), Failure> {
    let from = order.stage;
    order.stage = OrderStage::Returned;
    order.returned_reason = Some(why);
    order.review_due = None;
    order.next_alarm = None;
    orders::void_approvals(tx, grant, order).await?;
    orders::update(tx, grant, order).await?;
    happened(tx, order, OrderEvent::Return.name(), Some(from), detail, String::new()).await?;
    emit(tx, events::ORDER_RETURNED, order);
    Ok(())
}

/// Whether an order for this finds it done already and joins what stands.
///
/// Only what was confirmed as a whole and covers every function that is wanted can be joined. On anything less, and on what an
/// enterprise did by itself, which nobody outside has checked, a new order is carried out by itself.
pub(crate) fn joins(held: &StoredTask, measure: Measure, functions: &[PhoneFunction]) -> bool {
    let whole = held.state == TaskState::InForce && !held.own_measure && !held.partial && held.limited_at.is_none();
    let covers = || functions.iter().all(|function| held.functions.contains(function));
    whole && held.measure == measure && (measure != Measure::RestrictFunctions || covers())
}

fn issued(task: &StoredTask) -> Happening {
    Happening {
        order: task.order,
        task: Some(task.id),
        appeal: None,
        event: if task.joined { "task.join" } else { "task.issue" },
        from: None,
        to: Some(task.state.name()),
        refused_by: None,
        detail: json!({ "executor": task.executor, "generation": task.generation, "desk": task.desk_reason }),
        payload_digest: task.payload_digest.clone().unwrap_or_default(),
    }
}
