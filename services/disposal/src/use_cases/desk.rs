//! The exception desk: what could not be routed or delivered waits there for a person.

use cordon_context::{Bilingual, CallContext, Code, Page, PageRequest, Refusal, TaskId};
use cordon_disposal_contract::{DeskReason, RouteTask, Task};
use cordon_policies::{act, on};
use cordon_store::Failure;
use serde_json::json;

use crate::domain::content_hash::digest_of;
use crate::domain::task_machine::{TaskEvent, TaskFacts};
use crate::service::Disposal;
use crate::store::task_lists;
use crate::use_cases::attempts::Target;
use crate::use_cases::dispose::check_text;
use crate::use_cases::moving::{Move, task_with_order};

const ROUTE: &str = "disposal.route_task";

impl Disposal {
    /// Lists what waits at the desk.
    pub(crate) async fn exception_desk(&self, ctx: &CallContext, page: PageRequest) -> Result<Page<Task>, Failure> {
        let grant = self.grant::<act::Read, on::ExceptionDesk>(ctx)?;
        let now = self.now();
        let rows = task_lists::desk(self.parts.database.reader(), grant.scope(), &page).await?;
        Ok(rows.map(|task| task.into_task(now)))
    }

    /// Routes by hand.
    pub(crate) async fn route_task(&self, ctx: &CallContext, input: RouteTask) -> Result<Task, Failure> {
        let grant = self.grant::<act::Decide, on::ExceptionDesk>(ctx)?;
        check_text("reason", &input.reason)?;
        if let Some(before) = self.parts.database.answered(ctx, ROUTE, &input).await? {
            return Ok(before);
        }
        let Some(executor) = self.known_executor(input.executor).await? else {
            let text = Bilingual::new("不是可执行处置的企业", "it is no enterprise that can execute");
            return Err(Refusal::invalid("executor", "task.no_executor", text).into());
        };
        let (target, digest) = (Target::Task(input.task), digest_of(&input));
        let service = self.clone();
        let asked = input.clone();
        let kept = digest.clone();
        let outcome = self
            .parts
            .database
            .write_once(ctx, ROUTE, &asked, move |mut tx| async move {
                let (mut task, order) = task_with_order(&tx, grant.scope(), input.task).await?;
                // Whoever may decide at the desk sits there; the table of roles says who that is.
                let facts = TaskFacts { desk: true, ..service.facts(tx.context(), &task, &order) };
                let detail = json!({ "to": executor, "reason": input.reason.trim() });
                let step = Move { event: TaskEvent::Route, facts, detail, digest: kept };
                service
                    .move_task(&mut tx, &grant, &mut task, step, move |task| {
                        task.executor = Some(executor);
                        // A person took it up: the count of automatic steps begins anew.
                        task.hops = 0;
                    })
                    .await?;
                let now = tx.now();
                tx.commit(task.into_task(now)).await
            })
            .await;
        self.noting(ctx, target, TaskEvent::Route.name(), digest, outcome).await
    }

    /// Sends a task to the desk that could not be delivered; what was acknowledged or issued again meanwhile stays.
    ///
    /// # Errors
    ///
    /// The database's own; that the task moved on is no error.
    pub async fn undeliverable(&self, task: TaskId, generation: i32) -> Result<(), Failure> {
        let ctx = self.system("delivery");
        let grant = self.grant::<act::Modify, on::Task>(&ctx)?;
        let service = self.clone();
        let outcome = self
            .parts
            .database
            .write(&ctx, move |mut tx| async move {
                let (mut task, order) = task_with_order(&tx, grant.scope(), task).await?;
                let facts = TaskFacts {
                    current_generation: task.generation == generation,
                    ..service.facts(tx.context(), &task, &order)
                };
                let detail = json!({ "generation": generation });
                let step = Move { event: TaskEvent::Undeliverable, facts, detail, digest: String::new() };
                service
                    .move_task(&mut tx, &grant, &mut task, step, |task| {
                        task.desk_reason = Some(DeskReason::Undeliverable);
                    })
                    .await?;
                tx.commit(()).await
            })
            .await;
        match outcome {
            // It moved on: received, issued again, withdrawn. A conflict says only that somebody was faster, and is tried again.
            Err(Failure::Refused(refusal)) if refusal.code != Code::Conflict => Ok(()),
            other => other,
        }
    }
}
