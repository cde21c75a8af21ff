//! Which measures are in force or on their way against subjects, for the screens of a case.

use cordon_context::{CallContext, SubjectId};
use cordon_disposal_contract::InForce;
use cordon_policies::{act, on};
use cordon_store::Failure;

use crate::service::Disposal;
use crate::store::tasks;

impl Disposal {
    /// Tells which measures stand against subjects, as far as the caller may know.
    pub(crate) async fn measures_in_force(
        &self,
        ctx: &CallContext,
        subjects: &[SubjectId],
    ) -> Result<Vec<InForce>, Failure> {
        let grant = self.grant::<act::Read, on::Task>(ctx)?;
        let found = tasks::against(self.parts.database.reader(), grant.scope(), subjects).await?;
        Ok(found
            .into_iter()
            .map(|task| InForce {
                subject: task.subject.id,
                measure: task.measure,
                task: task.id,
                order: task.order,
                order_number: task.order_number,
                case: task.case,
                holder: task.requester,
                executor: task.executor,
                effective_from: task.effective_from,
                effective_to: task.effective_to,
                appealed: task.appealed,
            })
            .collect())
    }
}
