//! Measures that must be looked at again, such as those of a case that was withdrawn.

use cordon_context::{CallContext, CaseId};
use cordon_disposal_contract::{ClearReviewFlag, Task, events};
use cordon_policies::{act, on};
use cordon_store::{Failure, Tx};
use serde_json::json;

use crate::domain::content_hash::digest_of;
use crate::domain::rules::RuleViolation;
use crate::service::Disposal;
use crate::store::{orders, tasks};
use crate::use_cases::attempts::Target;
use crate::use_cases::dispose::check_text;
use crate::use_cases::issue::give_back;
use crate::use_cases::moving::{emit, refuse, task_with_order};

impl Disposal {
    /// Flags every measure of a case, and gives back what was not issued yet.
    pub(crate) async fn flag_case(&self, tx: &mut Tx, case: CaseId, why: &str) -> Result<usize, Failure> {
        let ctx = self.system("case withdrawn");
        let grant = self.grant::<act::Modify, on::Task>(&ctx)?;
        let mut flagged = 0;
        for mut task in tasks::of_case(tx.connection(), case).await? {
            task.review_flag = Some(why.to_owned());
            let detail = json!({ "case": case, "why": why });
            self.note_task(tx, &grant, &mut task, "task.flag_for_review", detail, String::new()).await?;
            emit(tx, events::REVIEW_FLAGGED, &task, Some(task.state), None);
            flagged += 1;
        }
        // What is not out yet must not go out without a second look.
        let grant = self.grant::<act::Modify, on::Order>(&ctx)?;
        for mut order in orders::waiting_of_case(tx.connection(), case).await? {
            let mut words = "所属案件已撤销，请重新核对 / its case was withdrawn".to_owned();
            if let Some(before) = &order.returned_reason {
                // What the reviewer asked for still has to be done.
                words = format!("{words}\n{before}");
            }
            give_back(tx, &grant, &mut order, words, json!({ "case": case, "why": why })).await?;
        }
        Ok(flagged)
    }

    /// Says that a flagged measure was looked at and goes on.
    pub(crate) async fn clear_review_flag(&self, ctx: &CallContext, input: ClearReviewFlag) -> Result<Task, Failure> {
        let grant = self.grant::<act::Modify, on::Order>(ctx)?;
        check_text("reason", &input.reason)?;
        let (target, digest) = (Target::Task(input.task), digest_of(&input));
        let service = self.clone();
        let asked = input.clone();
        let kept = digest.clone();
        let outcome = self
            .parts
            .database
            .write_once(ctx, "disposal.clear_review_flag", &asked, move |mut tx| async move {
                let (mut task, order) = task_with_order(&tx, grant.scope(), input.task).await?;
                if !order.is_led_by(&tx.context().actor) {
                    return Err(refuse(RuleViolation::TASK_REQUESTER));
                }
                let Some(why) = task.review_flag.take() else { return Err(refuse(RuleViolation::TASK_STATE)) };
                let detail = json!({ "was": why, "reason": input.reason.trim() });
                service.note_task(&mut tx, &grant, &mut task, "task.clear_review_flag", detail, kept).await?;
                let now = tx.now();
                tx.commit(task.into_task(now)).await
            })
            .await;
        self.noting(ctx, target, "task.clear_review_flag", digest, outcome).await
    }
}
