//! What the case intake tells: who takes part in a case, and that a case was withdrawn, so that its measures are looked at again.

use async_trait::async_trait;
use cordon_case_intake_contract::topic;
use cordon_context::CaseId;
use cordon_events::{Consumer, ConsumerError, Event};
use cordon_store::Failure;

use crate::service::Disposal;
use crate::store::calendar;

/// Hears of cases.
pub(crate) struct CaseEvents {
    service: Disposal,
}

impl CaseEvents {
    /// Sets it up.
    pub(crate) const fn new(service: Disposal) -> Self {
        Self { service }
    }

    async fn take(&self, event: &Event) -> Result<(), Failure> {
        let case = event
            .content
            .payload
            .get("case")
            .and_then(serde_json::Value::as_str)
            .or(Some(event.content.subject.as_str()))
            .and_then(|text| text.parse::<CaseId>().ok());
        let Some(case) = case else {
            tracing::warn!(event.id = %event.id, event.topic = event.content.topic, "an event of a case names no case");
            return Ok(());
        };
        let ctx = self.service.system("case");
        let (service, event) = (self.service.clone(), event.clone());
        self.service
            .parts
            .database
            .write(&ctx, move |mut tx| async move {
                if !tx.first_time(NAME, event.id).await? {
                    return tx.commit(()).await;
                }
                calendar::set_parties(&tx, case, &event.content.audience).await?;
                if event.content.topic == topic::CASE_WITHDRAWN {
                    service.flag_case(&mut tx, case, "case_withdrawn").await?;
                }
                tx.commit(()).await
            })
            .await
    }
}

const NAME: &str = "disposal.case_events";

#[async_trait]
impl Consumer for CaseEvents {
    fn name(&self) -> &'static str {
        NAME
    }

    fn wants(&self, topic: &str) -> bool {
        [topic::CASE_OPENED, topic::CASE_CHANGED, topic::CASE_WITHDRAWN, topic::CASE_CLOSED].contains(&topic)
    }

    async fn consume(&self, event: &Event) -> Result<(), ConsumerError> {
        self.take(event).await.map_err(|failure| ConsumerError { consumer: NAME, source: Box::new(failure) })
    }
}
