//! "Not mine": the task is passed on by itself to whoever was named, a few times at most, and then to the desk.

use cordon_context::{CallContext, OrganisationId, OrganisationKind, Scope, TaskId};
use cordon_disposal_contract::routing::Route;
use cordon_disposal_contract::{DeskReason, DisownTask, NotMine, ReceiptKind, TargetKind, Task};
use cordon_policies::{Grant, act, on};
use cordon_store::Failure;
use serde_json::json;

use crate::domain::task_machine::TaskEvent;
use crate::routing::Question;
use crate::service::Disposal;
use crate::store::{items, receipts, tasks};
use crate::use_cases::answers::{Answer, Answered, receipt_of};
use crate::use_cases::attempts::Target;
use crate::use_cases::moving::Move;

impl Disposal {
    /// Says that the target is not the executor's.
    pub(crate) async fn disown_task(&self, ctx: &CallContext, input: DisownTask) -> Result<Task, Failure> {
        let grant = self.grant_answer(ctx)?;
        let (target, event) = (Target::Task(input.answer.task), TaskEvent::PassOn.name());
        let answer = Answer {
            note: input.note.clone(),
            ..Answer::new(input.answer, TaskEvent::PassOn, ReceiptKind::NotMine, &input)
        };
        let digest = answer.digest.clone();
        // Whom the executor named must be an enterprise that can act; that is asked before the transaction.
        let named = match &input.not_mine {
            NotMine::PortedTo { organisation } | NotMine::Mvno { organisation } => Some(*organisation),
            NotMine::Unknown => None,
        };
        let known = match named {
            Some(organisation) => {
                let reader = self.parts.database.reader();
                match tasks::by_ids(reader, grant.scope(), &[input.answer.task]).await?.pop() {
                    Some(task) => self.known_holder(organisation, task.subject.kind).await?,
                    None => None,
                }
            }
            // Nobody was named: the tables may know better by now than when the task was issued.
            None => self.routed_again(&grant, input.answer.task).await?,
        };
        let ported = matches!(input.not_mine, NotMine::PortedTo { .. });
        let service = self.clone();
        let outcome = self
            .parts
            .database
            .write(ctx, move |mut tx| async move {
                let task = match service.answered(&tx, &grant, &answer).await? {
                    Answered::Before(task) => *task,
                    Answered::Now(mut task, _order, facts) => {
                        let from = task.executor;
                        let most = i32::try_from(service.parts.settings.most_hops).unwrap_or(i32::MAX);
                        let (next, reason) = if task.hops >= most {
                            (None, DeskReason::TooManyHops)
                        } else {
                            (known.filter(|next| Some(*next) != from), DeskReason::OwnerUnknown)
                        };
                        let event = if next.is_some() { TaskEvent::PassOn } else { TaskEvent::PassToDesk };
                        let step = Move {
                            event,
                            facts,
                            detail: json!({ "receipt": answer.to.receipt, "from": from, "named": named, "to": next }),
                            digest: answer.digest.clone(),
                        };
                        if facts.executor
                            && facts.current_generation
                            && let Some(by) = from
                        {
                            let scope = Scope::system("learn where a number is");
                            let item = items::load(tx.connection(), &scope, task.item).await?;
                            let identifier = item.open(&service.parts.vault)?;
                            // Whoever sent it here was wrong.
                            service.parts.router.unlearn_ported(&mut tx, &identifier, by).await?;
                            if let Some(to) = next.filter(|_| ported) {
                                service.parts.router.learn_ported(&mut tx, &identifier, to, by).await?;
                            }
                        }
                        let receipt = receipt_of(answer, &tx, from);
                        service
                            .move_task(&mut tx, &grant, &mut task, step, move |task| {
                                task.hops += 1;
                                match next {
                                    Some(next) => task.executor = Some(next),
                                    None => task.desk_reason = Some(reason),
                                }
                            })
                            .await?;
                        receipts::insert(&tx, &grant, &receipt).await?;
                        *task
                    }
                };
                let now = tx.now();
                let task = task.shown_to(&tx.context().actor, now);
                tx.commit(task).await
            })
            .await;
        self.noting(ctx, target, event, digest, outcome).await
    }

    /// An enterprise that may act and can hold such a target; no other learns of it only because it was named.
    async fn known_holder(
        &self,
        organisation: OrganisationId,
        target: TargetKind,
    ) -> Result<Option<OrganisationId>, Failure> {
        let ctx = self.system("routing");
        let found = self.parts.neighbours.organs(&ctx, vec![organisation]).await?;
        Ok(found.into_iter().find(|organ| organ.active && holds(organ.kind, target)).map(|organ| organ.id))
    }

    /// An enterprise that exists and may act; anything else is not passed on to.
    pub(crate) async fn known_executor(&self, organisation: OrganisationId) -> Result<Option<OrganisationId>, Failure> {
        let ctx = self.system("routing");
        let found = self.parts.neighbours.organs(&ctx, vec![organisation]).await?;
        Ok(found.into_iter().find(|organ| organ.active && organ.kind.is_enterprise()).map(|organ| organ.id))
    }

    async fn routed_again(
        &self,
        grant: &Grant<act::Execute, on::Task>,
        task: TaskId,
    ) -> Result<Option<OrganisationId>, Failure> {
        let reader = self.parts.database.reader();
        let Some(task) = tasks::by_ids(reader, grant.scope(), &[task]).await?.pop() else { return Ok(None) };
        let item = items::load(reader, &Scope::system("route a task again"), task.item).await?;
        let subject = item.open(&self.parts.vault)?;
        let question = Question { subject, region_hint: Some(task.region), measure: Some(task.measure) };
        let routes = self.parts.router.route_many(std::slice::from_ref(&question)).await?;
        Ok(routes.first().and_then(Route::executor))
    }
}

/// Whether enterprises of a kind answer for targets of a kind.
const fn holds(enterprise: OrganisationKind, target: TargetKind) -> bool {
    match target {
        TargetKind::Phone | TargetKind::IotCard | TargetKind::SmsPort | TargetKind::Line => matches!(
            enterprise,
            OrganisationKind::CarrierGroup | OrganisationKind::CarrierBranch | OrganisationKind::Mvno
        ),
        TargetKind::Account => matches!(enterprise, OrganisationKind::InternetFirm),
        TargetKind::App => matches!(enterprise, OrganisationKind::AppStore | OrganisationKind::InternetFirm),
        // Names and addresses are registered, hosted and connected by many kinds of enterprises.
        TargetKind::Domain | TargetKind::Url | TargetKind::Ip => enterprise.is_enterprise(),
    }
}
