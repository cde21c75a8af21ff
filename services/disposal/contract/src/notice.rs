//! 告知: what the holder is told, and when that is put off.

use cordon_context::{Bilingual, NoticeId, OrderId, OrganisationId, PersonId, TaskId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::vocabulary::vocabulary;

vocabulary! {
    /// What the holder is told.
    NoticeKind {
        /// That a measure was taken.
        Measure = "measure",
        /// That it ended.
        Resume = "resume",
        /// That a part of the service is back while the appeal is heard.
        LimitedResume = "limited_resume",
    }
}

vocabulary! {
    /// Where a notice stands.
    NoticeState {
        /// It must be given.
        Due = "due",
        /// 已告知.
        Sent = "sent",
        /// Somebody asked to put it off; it stays due until that is approved.
        DeferralRequested = "deferral_requested",
        /// It is put off until the review date.
        Deferred = "deferred",
    }
}

vocabulary! {
    /// How the holder was told.
    NoticeChannel {
        /// By text message.
        Sms = "sms",
        /// By telephone.
        Call = "call",
        /// By letter.
        Letter = "letter",
        /// In the application or by message in the account.
        InApp = "in_app",
        /// At a counter.
        Counter = "counter",
        /// By public announcement, where the holder cannot be found.
        Announcement = "announcement",
    }
}

/// One notice to one holder about one task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Its identifier.
    pub id: NoticeId,
    /// The task it is about.
    pub task: TaskId,
    /// That task's order.
    pub order: OrderId,
    /// What the holder is told.
    pub kind: NoticeKind,
    /// Where it stands.
    pub state: NoticeState,
    /// The unit that took the measure and must tell the holder.
    pub giver: OrganisationId,
    /// Until when.
    pub due: Timestamp,
    /// Why the measure was taken.
    pub reason: Bilingual,
    /// Where and how the holder can appeal.
    pub remedy: Bilingual,
    /// What the holder must hand in.
    pub documents: Bilingual,
    /// The whole text to send.
    pub text: Bilingual,
    /// When it was given.
    pub sent_at: Option<Timestamp>,
    /// How it was given.
    pub channel: Option<NoticeChannel>,
    /// The giver's reference to what it sent.
    pub reference: Option<String>,
    /// Why it is put off.
    pub deferral_reason: Option<String>,
    /// Who asked for that.
    pub deferral_by: Option<PersonId>,
    /// Who agreed.
    pub deferral_approver: Option<PersonId>,
    /// When it must be looked at again.
    pub review_at: Option<Timestamp>,
    /// Whether its deadline was missed.
    pub overdue: bool,
    /// Grows with every change.
    pub version: i64,
}

/// Says that the holder was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordNotice {
    /// Which notice.
    pub notice: NoticeId,
    /// How.
    pub channel: NoticeChannel,
    /// When.
    pub sent_at: Timestamp,
    /// The giver's reference to what it sent.
    pub reference: String,
}

/// Asks to put a notice off, to protect an investigation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestDeferral {
    /// Which notice.
    pub notice: NoticeId,
    /// Why.
    pub reason: String,
    /// When it must be looked at again.
    pub review_at: Timestamp,
}

/// Agrees to put a notice off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApproveDeferral {
    /// Which notice.
    pub notice: NoticeId,
    /// The version of the notice that was read; what was asked for anew meanwhile is not agreed to.
    pub version: i64,
}
