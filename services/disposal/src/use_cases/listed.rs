//! What the protected list says of subjects, for the screens of a case. Protection holds for everybody, so whoever may see an
//! identifier learns of it; the words of an entry are for who may read the list.

use std::collections::HashSet;

use cordon_context::{Action, Bilingual, CallContext, ProtectedId, Refusal, Resource, SubjectId};
use cordon_disposal_contract::Listed;
use cordon_policies::{act, on};
use cordon_store::Failure;

use crate::service::Disposal;
use crate::store::protected;

/// The most subjects of one question.
const MOST_SUBJECTS: usize = 10_000;

impl Disposal {
    /// Tells which subjects the list names.
    pub(crate) async fn listed_subjects(
        &self,
        ctx: &CallContext,
        subjects: &[SubjectId],
    ) -> Result<Vec<Listed>, Failure> {
        let gate = &self.parts.gate;
        // An enterprise writes reports of its own: it could ask the list about any number there is.
        if ctx.actor.organisation_kind.is_enterprise() {
            return Err(gate.deny(ctx, Action::Read, Resource::Protected).into());
        }
        // Subjects come from cases or from reports, and there are readers of either alone.
        if !gate.permits(&ctx.actor, Action::Read, Resource::Report) {
            self.grant::<act::Read, on::Case>(ctx)?;
        }
        if subjects.len() > MOST_SUBJECTS {
            let text = Bilingual::new("一次最多查询一万个对象", "at most 10,000 subjects are asked for at once");
            return Err(Refusal::invalid("subjects", "list.length", text).into());
        }
        let reader = self.parts.database.reader();
        let entries = protected::naming(reader, subjects).await?;
        let readable = if !entries.is_empty() && gate.permits(&ctx.actor, Action::Read, Resource::Protected) {
            let grant = self.grant::<act::Read, on::Protected>(ctx)?;
            let ids: Vec<ProtectedId> = entries.iter().map(|entry| entry.protected.id).collect();
            protected::readable(reader, grant.scope(), &ids).await?
        } else {
            HashSet::new()
        };
        let tell = |entry: protected::StoredProtected| {
            let entry = entry.protected;
            Listed {
                subject: entry.subject.id,
                kind: entry.subject.identifier_kind,
                masked: entry.subject.masked,
                reason_kind: entry.kind,
                reason: readable.contains(&entry.id).then_some(entry.reason),
            }
        };
        Ok(entries.into_iter().map(tell).collect())
    }
}
