//! To whom a missed deadline is reported: up from the enterprise to its authority and to the ministry, or in the organ's own line.

use cordon_context::OrganisationId;
use cordon_disposal_contract::Escalation;

use crate::service::Disposal;

/// The organisations above one that is late, as far up as its lateness was escalated.
///
/// A directory that does not answer holds no clock up: the report goes out to those who are known, and the row says how far it is.
pub(super) async fn above(service: &Disposal, late: OrganisationId, escalation: Escalation) -> Vec<OrganisationId> {
    if escalation == Escalation::None {
        return Vec::new();
    }
    let found = match service.parts.neighbours.superiors(&service.system("deadline"), late).await {
        Ok(found) => found,
        Err(refusal) => {
            tracing::warn!(organisation.id = %late, refusal = %refusal, "who stands above a late organisation is not known now");
            return Vec::new();
        }
    };
    let mut above: Vec<OrganisationId> = found.parent.into_iter().collect();
    if escalation >= Escalation::Authority {
        above.extend(found.authority);
    }
    if escalation >= Escalation::Ministry {
        above.extend(found.ministry);
    }
    above
}
