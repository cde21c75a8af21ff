//! What states and steps are called when a person is told that one does not follow the other.

use cordon_case_intake_contract::{BulletinStatus, CaseStatus, ClueQueryStatus, ClueStatus, ReportStatus};

use super::{bulletin, case, clue, clue_query, report};

/// Something that has a name in both languages.
pub(crate) trait Spoken {
    /// Its name, Chinese and English.
    fn words(self) -> (&'static str, &'static str);
}

macro_rules! spoken {
    ($($of:ty { $($value:ident => $zh:literal, $en:literal;)+ })+) => {$(
        impl Spoken for $of {
            fn words(self) -> (&'static str, &'static str) {
                match self {
                    $(Self::$value => ($zh, $en),)+
                }
            }
        }
    )+};
}

spoken! {
    ReportStatus {
        Received => "已登记", "received";
        Deduplicated => "已查重", "compared with others";
        Verified => "已核实", "verified";
        Dispatched => "已派发", "dispatched";
        Handled => "已处理", "handled";
        TracedBack => "已溯源", "traced back";
        Replied => "已答复", "replied";
        Closed => "已办结", "closed";
    }
    report::Step {
        Deduplicate => "查重", "compare with others";
        Verify => "核实", "verify";
        Dispatch => "派发", "dispatch";
        Handle => "处理", "handle";
        TraceBack => "溯源", "trace back";
        Reply => "答复", "reply";
        Close => "办结", "close";
    }
    CaseStatus {
        Intake => "受理", "taken in";
        Filed => "立案", "filed";
        NotFiled => "不立案", "not filed";
        Merged => "已并案", "merged";
        Closed => "侦结", "closed";
        Withdrawn => "撤案", "withdrawn";
    }
    case::Step {
        File => "立案", "file";
        DoNotFile => "不立案", "decline to file";
        Withdraw => "撤案", "withdraw";
        Close => "侦结", "close";
        Merge => "并案", "merge";
    }
    ClueQueryStatus {
        Draft => "起草中", "draft";
        Approved => "已审批", "approved";
        Issued => "已下发", "issued";
        PartlyAnswered => "部分答复", "partly answered";
        Answered => "已答复", "answered";
        Used => "已使用并评价", "used";
        Closed => "已办结", "closed";
        Withdrawn => "已撤回", "withdrawn";
    }
    clue_query::Step {
        Approve => "审批", "approve";
        Issue => "下发", "issue";
        AnswerSome => "部分答复", "answer in part";
        AnswerAll => "答复", "answer";
        Use => "使用并评价", "use and rate";
        Close => "办结", "close";
        Withdraw => "撤回", "withdraw";
    }
    ClueStatus {
        Submitted => "已移送", "submitted";
        Received => "已接收", "received";
        MoreNeeded => "需补充", "more needed";
        Adopted => "采纳", "adopted";
        NotAdopted => "不采纳", "not adopted";
        Acted => "已处置", "acted on";
        FeedbackSent => "已向企业反馈", "feedback sent";
    }
    clue::Step {
        Receive => "接收", "receive";
        Adopt => "采纳", "adopt";
        DoNotAdopt => "不采纳", "not adopt";
        AskForMore => "要求补充", "ask for more";
        Supplement => "补充", "supplement";
        Act => "登记处置", "act";
        SendFeedback => "反馈", "send feedback";
    }
    BulletinStatus {
        Draft => "起草中", "draft";
        Approved => "已审批", "approved";
        Sent => "已发送", "sent";
        Found => "倒查齐备", "traced back";
        Closed => "已办结", "closed";
        Withdrawn => "已撤回", "withdrawn";
    }
    bulletin::Step {
        Approve => "审批", "approve";
        Send => "发送", "send";
        FileLast => "填报倒查", "file the last trace-back";
        Close => "办结", "close";
        Withdraw => "撤回", "withdraw";
    }
}
