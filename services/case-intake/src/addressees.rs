//! Whether those who are named in a call exist, may act and are of the kind that is needed.

use std::collections::BTreeSet;

use cordon_context::{Bilingual, CallContext, OrganisationId, OrganisationKind, Refusal};
use cordon_directory_contract::DirectoryClient as _;
use cordon_rpc::refusal_of;

use crate::intake::Intake;

/// An organisation that a call names, and what it has to be there.
pub(crate) struct Named {
    /// The input field that names it.
    pub field: &'static str,
    /// The rule that is broken if it is something else.
    pub rule: &'static str,
    /// Who.
    pub organisation: OrganisationId,
    /// Whether a kind will do.
    pub fits: fn(OrganisationKind) -> bool,
}

/// Asks the directory about everybody whom a call names.
///
/// The answer is for the transaction to use: a repetition of a call that was answered stays answered, whoever has closed since.
pub(crate) async fn check(intake: &Intake, ctx: &CallContext, named: Vec<Named>) -> Result<(), Refusal> {
    let asked: BTreeSet<OrganisationId> = named.iter().map(|named| named.organisation).collect();
    if asked.is_empty() {
        return Ok(());
    }
    // The key belongs to the caller's own request, not to this question.
    let ctx = CallContext { idempotency_key: None, ..ctx.clone() };
    let known = intake.directory.organisations_by_ids(ctx, asked.into_iter().collect()).await;
    let known = known.map_err(|error| refusal_of(&error))?;
    for Named { field, rule, organisation, fits } in named {
        if !known.iter().any(|known| known.id == organisation && known.active && fits(known.kind)) {
            return Err(Refusal::invalid(
                field,
                rule,
                Bilingual::new(
                    "该单位不存在、已停用或类型不符",
                    "there is no such organisation, or it is not active, or not of the kind that is needed here",
                ),
            ));
        }
    }
    Ok(())
}

/// Who takes part in a case: no enterprise, because a case is open to those who take part.
pub(crate) fn participant(organisation: OrganisationId) -> Named {
    let fits = |kind: OrganisationKind| !kind.is_enterprise();
    Named { field: "participants", rule: "case.participant", organisation, fits }
}
