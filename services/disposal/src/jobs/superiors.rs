//! To whom a missed deadline is reported: up from the enterprise to its authority and to the ministry, or in the organ's own line.

use std::collections::HashMap;

use cordon_context::{Code, OrganisationId, Refusal};
use cordon_disposal_contract::Escalation;
use cordon_store::Failure;
use tokio::sync::Mutex;

use crate::neighbours::Superiors;
use crate::service::{Disposal, cause};
use crate::use_cases::lateness::Upwards;

/// Who stands above whom, asked at most once for each organisation in one pass of a job.
pub(super) struct Above<'a> {
    service: &'a Disposal,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    found: HashMap<OrganisationId, Superiors>,
    /// Whether the directory failed to answer in this pass; it is not asked again for every row.
    down: bool,
}

impl<'a> Above<'a> {
    pub(super) fn new(service: &'a Disposal) -> Self {
        Self { service, known: Mutex::default() }
    }

    /// How those above one that is late hear of it, as far up as its lateness was escalated. Nothing but the report to them
    /// waits for a directory that does not answer.
    pub(super) async fn of(&self, late: OrganisationId, escalation: Escalation) -> Upwards {
        match self.known(late, escalation).await {
            Ok(above) => Upwards::Known(above),
            Err(_told) => Upwards::Later { late, escalation },
        }
    }

    /// The organisations above one that is late.
    ///
    /// # Errors
    ///
    /// Unavailable while the directory does not answer.
    pub(super) async fn known(
        &self,
        late: OrganisationId,
        escalation: Escalation,
    ) -> Result<Vec<OrganisationId>, Failure> {
        if escalation == Escalation::None {
            return Ok(Vec::new());
        }
        let found = self.superiors(late).await?;
        let mut above: Vec<OrganisationId> = found.parent.into_iter().collect();
        if escalation >= Escalation::Authority {
            above.extend(found.authority);
        }
        if escalation >= Escalation::Ministry {
            above.extend(found.ministry);
        }
        Ok(above)
    }

    async fn superiors(&self, late: OrganisationId) -> Result<Superiors, Failure> {
        let mut known = self.known.lock().await;
        if let Some(found) = known.found.get(&late) {
            return Ok(*found);
        }
        let unavailable = || Failure::from(Refusal::new(Code::Unavailable));
        if known.down {
            return Err(unavailable());
        }
        match self.service.parts.neighbours.superiors(&self.service.system("deadline"), late).await {
            Ok(found) => {
                known.found.insert(late, found);
                Ok(found)
            }
            Err(refusal) => {
                let error = Failure::from(refusal);
                tracing::warn!(organisation.id = %late, error = cause(&error), "who stands above a late organisation is not known now");
                known.down = true;
                Err(unavailable())
            }
        }
    }
}
