//! What can be done to which kind of target, and how far it may go.

use cordon_context::OrganisationLevel;
use cordon_identifier::Kind;
use serde::{Deserialize, Serialize};

use crate::vocabulary::vocabulary;

vocabulary! {
    /// The families of targets, by which measures differ.
    TargetKind {
        /// A telephone number: mobile, fixed, 400, 95, 96 or 106 without its own port.
        Phone = "phone",
        /// A card of a thing.
        IotCard = "iot_card",
        /// An account at an internet firm.
        Account = "account",
        /// A domain name.
        Domain = "domain",
        /// A web address.
        Url = "url",
        /// An internet protocol address.
        Ip = "ip",
        /// A mobile application.
        App = "app",
        /// A port from which text messages are sent.
        SmsPort = "sms_port",
        /// A voice line or trunk.
        Line = "line",
    }
}

vocabulary! {
    /// What is done to a target.
    Measure {
        /// Outgoing calls and messages of a number are stopped.
        SuspendOneway = "suspend_oneway",
        /// A number is stopped in both directions; emergency calls stay possible.
        SuspendBoth = "suspend_both",
        /// Named functions of a number are taken away.
        RestrictFunctions = "restrict_functions",
        /// A number or account is closed for good.
        Close = "close",
        /// A thing's card is paused.
        Pause = "pause",
        /// A thing's card is bound to its device again.
        Rebind = "rebind",
        /// A function of a thing's card is switched off.
        FunctionOff = "function_off",
        /// An account's holder must put things right within a time.
        CorrectInTime = "correct_in_time",
        /// Functions of an account are taken away.
        Restrict = "restrict",
        /// An account is suspended.
        Suspend = "suspend",
        /// An account is closed and its holder may not register again.
        BanReregister = "ban_reregister",
        /// A domain is no longer resolved.
        BlockDns = "block_dns",
        /// An address is no longer reachable.
        BlockIpUrl = "block_ip_url",
        /// Content is taken down where it is hosted.
        Takedown = "takedown",
        /// An application is taken out of a store.
        DelistApp = "delist_app",
        /// A link is deleted where it was posted.
        DeleteLink = "delete_link",
        /// A port for text messages is stopped.
        StopPort = "stop_port",
        /// A trunk is stopped.
        StopTrunk = "stop_trunk",
        /// A target is labelled where it is shown.
        Mark = "mark",
    }
}

vocabulary! {
    /// A function of a telephone number that can be taken away alone.
    PhoneFunction {
        /// Outgoing calls.
        CallOut = "call_out",
        /// Outgoing text messages.
        SmsOut = "sms_out",
        /// International calls.
        International = "international",
        /// Call forwarding.
        Forward = "forward",
    }
}

vocabulary! {
    /// What a holder must go through before a measure may end by re-verification.
    ReverifyLevel {
        /// Online.
        Online = "online",
        /// In a hall with the identity card.
        Hall = "hall",
        /// In a hall with further proof.
        HallProof = "hall_proof",
        /// With the consent of the police.
        PoliceConsent = "police_consent",
    }
}

vocabulary! {
    /// How fast an order is wanted.
    Urgency {
        /// 特急.
        Flash = "flash",
        /// 紧急.
        Urgent = "urgent",
        /// 一般.
        Routine = "routine",
    }
}

vocabulary! {
    /// Which table of deadlines a measure follows.
    Pace {
        /// Numbers, cards, ports and lines.
        Number = "number",
        /// Domains, addresses, links and applications.
        Web = "web",
        /// Accounts.
        Account = "account",
    }
}

/// One row of the measure table: what a measure means for one kind of target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasureRule {
    /// The kind of target.
    pub kind: TargetKind,
    /// The measure.
    pub measure: Measure,
    /// Whether it can be undone.
    pub reversible: bool,
    /// The longest time in days for which it may be ordered; none means without end.
    #[serde(default)]
    pub max_days: Option<u32>,
    /// What the holder must go through before it may end by re-verification.
    pub reverify: ReverifyLevel,
    /// The lowest level at which it may be approved.
    pub approval_level: OrganisationLevel,
    /// Which deadlines it follows.
    pub pace: Pace,
}

impl TargetKind {
    /// The family to which an identifier's kind belongs; none for what no measure can reach.
    pub const fn of(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Phone | Kind::FixedLine | Kind::ServiceNumber | Kind::Number400 => Some(Self::Phone),
            Kind::SmsPort => Some(Self::SmsPort),
            Kind::IotNumber => Some(Self::IotCard),
            Kind::Domain => Some(Self::Domain),
            Kind::Url => Some(Self::Url),
            Kind::Ip => Some(Self::Ip),
            Kind::Wechat | Kind::Qq | Kind::Alipay | Kind::Account | Kind::Email => Some(Self::Account),
            Kind::BankCard | Kind::Imei | Kind::Iccid | Kind::IdNumber | Kind::CreditCode => None,
        }
    }
}
