//! From events to messages.

use cordon_context::{EventId, MessageId, OrganisationId, Timestamp};
use cordon_disposal_contract::delivery::{MessageBody, MessageData, MessageKind};
use cordon_disposal_contract::events::{self, OrderHappened, TaskHappened};
use cordon_disposal_contract::{TaskAction, TaskState, Urgency};
use cordon_events::Event;
use cordon_store::Failure;

/// What an enterprise is to be told, before it is known whether it has an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Draft {
    pub(crate) message: MessageId,
    pub(crate) kind: MessageKind,
    pub(crate) recipients: Vec<OrganisationId>,
    pub(crate) subject: String,
    pub(crate) generation: Option<i32>,
    pub(crate) urgency: Urgency,
    pub(crate) data: MessageData,
    pub(crate) at: Timestamp,
}

impl Draft {
    /// The body for one recipient.
    pub(crate) fn body_for(&self, recipient: OrganisationId) -> Result<String, Failure> {
        let data = MessageData { organisation: recipient.to_string(), ..self.data.clone() };
        let body = MessageBody { kind: self.kind, timestamp: self.at.to_rfc3339(), data };
        serde_json::to_string(&body).map_err(|source| Failure::internal("a message could not be written down", source))
    }
}

/// Whether any message may come of events with this topic.
pub(crate) fn is_told(topic: &str) -> bool {
    matches!(topic, events::TASK_ASSIGNED | events::TASK_PROGRESSED | events::ORDER_ISSUED | events::ORDER_WITHDRAWN)
}

/// The message that an event turns into, if it concerns an executor who does not know already.
pub(crate) fn compose(event: &Event) -> Result<Option<Draft>, serde_json::Error> {
    let payload = || event.content.payload.clone();
    match event.content.topic.as_str() {
        events::TASK_ASSIGNED => Ok(assigned(&serde_json::from_value(payload())?, event.at)),
        events::TASK_PROGRESSED => Ok(progressed(&serde_json::from_value(payload())?, event.id, event.at)),
        events::ORDER_ISSUED => {
            Ok(order(&serde_json::from_value(payload())?, "issued", &event.content.audience, event.id, event.at))
        }
        events::ORDER_WITHDRAWN => {
            Ok(order(&serde_json::from_value(payload())?, "withdrawn", &event.content.audience, event.id, event.at))
        }
        _ => Ok(None),
    }
}

fn assigned(task: &TaskHappened, at: Timestamp) -> Option<Draft> {
    let kind = match task.action {
        TaskAction::Impose => MessageKind::TaskAssigned,
        TaskAction::Release | TaskAction::LimitedResume => MessageKind::ReleaseAssigned,
    };
    // One message for each generation and each time that it is to be tried again, whatever happens to the event on its way here.
    let occasion = match task.attempt {
        0 => format!("{}/{}", kind.name(), task.generation),
        attempt => format!("{}/{}/{attempt}", kind.name(), task.generation),
    };
    let message = MessageId::derived(task.task.uuid(), &occasion);
    about_task(task, kind, message, at)
}

fn progressed(task: &TaskHappened, event: EventId, at: Timestamp) -> Option<Draft> {
    if task.from.is_none() || task.from == Some(task.to) {
        // A task that joined a measure never went to the executor; and a state that stays is no news.
        return None;
    }
    let kind = match task.to {
        TaskState::Withdrawn => MessageKind::TaskWithdrawn,
        TaskState::InForce | TaskState::VerifyFailed | TaskState::Released | TaskState::Done => {
            MessageKind::TaskProgressed
        }
        // The executor made these itself, or is told of them as a new generation.
        TaskState::Desk
        | TaskState::Issued
        | TaskState::Received
        | TaskState::Executing
        | TaskState::Executed
        | TaskState::Rejected
        | TaskState::Failed
        | TaskState::ReleaseOrdered => return None,
    };
    about_task(task, kind, MessageId::derived(event.uuid(), kind.name()), at)
}

fn about_task(task: &TaskHappened, kind: MessageKind, message: MessageId, at: Timestamp) -> Option<Draft> {
    Some(Draft {
        message,
        kind,
        recipients: vec![task.executor?],
        subject: task.task.to_string(),
        generation: Some(task.generation),
        urgency: task.urgency,
        data: MessageData {
            organisation: String::new(),
            task: Some(task.task.to_string()),
            generation: Some(task.generation),
            action: Some(task.action.name().to_owned()),
            state: Some(task.to.name().to_owned()),
            order: Some(task.order.to_string()),
            order_number: Some(task.order_number.clone()),
            urgency: Some(task.urgency.name().to_owned()),
            due: task.due.map(Timestamp::to_rfc3339),
        },
        at,
    })
}

fn order(
    order: &OrderHappened,
    state: &str,
    audience: &[OrganisationId],
    event: EventId,
    at: Timestamp,
) -> Option<Draft> {
    let recipients: Vec<_> = audience.iter().copied().filter(|organisation| *organisation != order.requester).collect();
    if recipients.is_empty() {
        return None;
    }
    let kind = MessageKind::OrderProgressed;
    Some(Draft {
        message: MessageId::derived(event.uuid(), kind.name()),
        kind,
        recipients,
        subject: order.order.to_string(),
        generation: None,
        urgency: order.urgency,
        data: MessageData {
            state: Some(state.to_owned()),
            order: Some(order.order.to_string()),
            order_number: Some(order.number.clone()),
            urgency: Some(order.urgency.name().to_owned()),
            ..MessageData::default()
        },
        at,
    })
}
