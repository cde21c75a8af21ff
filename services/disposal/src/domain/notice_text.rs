//! The words of a notice: why, where to turn, what to hand in. Appeal, reconsideration and lawsuit are kept apart.

use cordon_context::Bilingual;
use cordon_disposal_contract::{Measure, NoticeKind, ReleaseReason, ReverifyLevel};

/// The words of one notice.
pub(crate) struct Words {
    /// Why the measure was taken.
    pub(crate) reason: Bilingual,
    /// Where to turn.
    pub(crate) remedy: Bilingual,
    /// What to hand in.
    pub(crate) documents: Bilingual,
    /// All of it.
    pub(crate) text: Bilingual,
}

/// Writes a notice. `masked` is the target's masked form and `why` the words for the holder.
pub(crate) fn write(
    kind: NoticeKind,
    masked: &str,
    measure: Measure,
    why: &Bilingual,
    order_number: &str,
    level: ReverifyLevel,
    own: bool,
) -> Words {
    let (zh_measure, en_measure) = measure_words(measure);
    let (zh_documents, en_documents) = documents(level);
    match kind {
        NoticeKind::Measure if own => {
            let reason = Bilingual::new(
                format!(
                    "依据《中华人民共和国反电信网络诈骗法》，本企业经监测核查（记录 {order_number}），对 {masked} 采取“{zh_measure}”措施。原因：{}",
                    why.zh
                ),
                format!(
                    "Under the Anti-Telecom and Online Fraud Law and on our own finding (record {order_number}), we took this measure against {masked}: {en_measure}. Reason: {}",
                    why.en
                ),
            );
            let remedy = Bilingual::new(
                "该措施由本企业作出。如有异议，可向本企业提出申诉：营业厅、客服热线或小程序均可受理，也可拨打 96110 转交；\
                 经核查申诉成立的，将立即解除。申诉不影响依法提起诉讼的权利；本措施不是行政决定，不适用行政复议。",
                "We took this measure ourselves. If you disagree, you may appeal to us: at any hall, on our service line or in our \
                 application; 96110 passes an appeal on to us. If it is upheld, the measure ends at once. An appeal does not affect \
                 your right to a lawsuit; this is no decision of an authority, so that administrative reconsideration does not apply.",
            );
            let documents = Bilingual::new(zh_documents, en_documents);
            let text = whole(&reason, &remedy, &documents);
            Words { reason, remedy, documents, text }
        }
        NoticeKind::Measure => {
            let reason = Bilingual::new(
                format!(
                    "依据《中华人民共和国反电信网络诈骗法》，根据指令 {order_number}，对 {masked} 采取“{zh_measure}”措施。原因：{}",
                    why.zh
                ),
                format!(
                    "Under the Anti-Telecom and Online Fraud Law and order {order_number}, {masked} was subjected to: {en_measure}. Reason: {}",
                    why.en
                ),
            );
            let remedy = Bilingual::new(
                "如有异议，可自收到本告知起向作出决定的机关提出申诉：本企业营业厅、客服热线或小程序均可受理并转交，也可拨打 96110。\
                 申诉不影响依法申请行政复议或者提起行政诉讼的权利；对行政处罚不服的，应通过复议或诉讼解决，不适用申诉。",
                "If you disagree, you may appeal to the organ that decided: any of our halls, our service line or application takes the \
                 appeal and passes it on; you may also call 96110. An appeal does not affect your right to administrative \
                 reconsideration or to a lawsuit; a penalty is contested by those, not by an appeal.",
            );
            let documents = Bilingual::new(zh_documents, en_documents);
            let text = whole(&reason, &remedy, &documents);
            Words { reason, remedy, documents, text }
        }
        NoticeKind::LimitedResume => {
            let reason = Bilingual::new(
                format!(
                    "{masked} 已限制性恢复：可以接听来电，可以拨打紧急号码；“{zh_measure}”措施（记录 {order_number}）的其余部分仍然有效。原因：{}",
                    why.zh
                ),
                format!(
                    "{masked} can be called again and can make emergency calls; the rest of the measure ({en_measure}, record {order_number}) stands. Reason: {}",
                    why.en
                ),
            );
            let remedy = Bilingual::new(
                "您的申诉仍在办理，办结后将另行告知。如未恢复，请联系本企业客服，或拨打 96110。",
                "Your appeal is still being heard, and you will be told of its outcome. If service has not come back in part, please \
                 contact our service line or call 96110.",
            );
            let documents = Bilingual::new("无需提交材料。", "Nothing needs to be handed in.");
            let text = Bilingual::new(format!("{}\n{}", reason.zh, remedy.zh), format!("{}\n{}", reason.en, remedy.en));
            Words { reason, remedy, documents, text }
        }
        NoticeKind::Resume => {
            let reason = Bilingual::new(
                format!("对 {masked} 采取的“{zh_measure}”措施（指令 {order_number}）已解除。原因：{}", why.zh),
                format!(
                    "The measure ({en_measure}, order {order_number}) against {masked} has ended. Reason: {}",
                    why.en
                ),
            );
            let remedy = Bilingual::new(
                "如未恢复正常使用，请联系本企业客服，或拨打 96110。",
                "If service has not come back, please contact our service line or call 96110.",
            );
            let documents = Bilingual::new("无需提交材料。", "Nothing needs to be handed in.");
            let text = Bilingual::new(format!("{}\n{}", reason.zh, remedy.zh), format!("{}\n{}", reason.en, remedy.en));
            Words { reason, remedy, documents, text }
        }
    }
}

/// All that the holder of a target under a measure is told.
fn whole(reason: &Bilingual, remedy: &Bilingual, documents: &Bilingual) -> Bilingual {
    Bilingual::new(
        format!(
            "{}\n{}\n所需材料：{}\n采取措施期间，110、119、120 等紧急号码仍可拨打。",
            reason.zh, remedy.zh, documents.zh
        ),
        format!(
            "{}\n{}\nPlease bring: {}\nEmergency numbers such as 110, 119 and 120 stay reachable.",
            reason.en, remedy.en, documents.en
        ),
    )
}

/// Why a measure ended, in words for the holder; what is the organ's own business is not told.
pub(crate) fn release_words(reason: ReleaseReason) -> Bilingual {
    let (zh, en) = match reason {
        ReleaseReason::AppealUpheld => ("申诉成立", "the appeal was upheld"),
        ReleaseReason::EnteredByMistake => ("误采取措施", "it was taken by mistake"),
        ReleaseReason::CaseWithdrawn => ("案件已撤销", "the case was withdrawn"),
        ReleaseReason::Expired => ("期限届满", "its time was over"),
        ReleaseReason::Ruling => ("行政复议或者判决", "a reconsideration or a ruling"),
        ReleaseReason::Reverified => ("重新核验通过", "the identity was verified again"),
        ReleaseReason::NotConfirmed => ("未经人工确认", "no person confirmed it in time"),
        ReleaseReason::OrderWithdrawn => ("指令已撤回", "the order was withdrawn"),
        ReleaseReason::CoHolderConsent => {
            ("作出决定的机关已同意解除", "the organs that decided have agreed to its end")
        }
    };
    Bilingual::new(zh, en)
}

/// A measure in words for the holder.
pub(crate) const fn measure_words(measure: Measure) -> (&'static str, &'static str) {
    match measure {
        Measure::SuspendOneway => ("单向停机", "outgoing service suspended"),
        Measure::SuspendBoth => ("双向停机", "service suspended in both directions"),
        Measure::RestrictFunctions => ("限制部分功能", "some functions restricted"),
        Measure::Close => ("关停", "closed"),
        Measure::Pause => ("暂停物联网卡服务", "card paused"),
        Measure::Rebind => ("重新机卡绑定", "card bound to its device again"),
        Measure::FunctionOff => ("关闭物联网卡部分功能", "a function of the card switched off"),
        Measure::CorrectInTime => ("限期改正", "to be put right within a time"),
        Measure::Restrict => ("限制账号功能", "account functions restricted"),
        Measure::Suspend => ("暂停使用账号", "account suspended"),
        Measure::BanReregister => ("关闭账号并禁止重新注册", "account closed and registration barred"),
        Measure::BlockDns => ("停止域名解析", "domain no longer resolved"),
        Measure::BlockIpUrl => ("封堵网址", "address blocked"),
        Measure::Takedown => ("下线内容", "content taken down"),
        Measure::DelistApp => ("应用下架", "application delisted"),
        Measure::DeleteLink => ("删除链接", "link deleted"),
        Measure::StopPort => ("停用短信端口", "SMS port stopped"),
        Measure::StopTrunk => ("停用语音线路", "voice line stopped"),
        Measure::Mark => ("号码标记", "labelled"),
    }
}

const fn documents(level: ReverifyLevel) -> (&'static str, &'static str) {
    match level {
        ReverifyLevel::Online => (
            "本人有效身份证件；可在线完成实人核验。",
            "your valid identity document; the check of the person can be done online",
        ),
        ReverifyLevel::Hall => (
            "本人持有效身份证件到营业厅办理；代办的须另带授权委托书和代办人证件。",
            "your valid identity document, in person at a hall; a proxy also brings a power of attorney and their own document",
        ),
        ReverifyLevel::HallProof => (
            "本人有效身份证件及实际用途证明（如居住、社保、用工或业务合同材料），到营业厅办理。",
            "your valid identity document and proof of the real use (such as residence, social insurance or a contract), at a hall",
        ),
        ReverifyLevel::PoliceConsent => (
            "本人有效身份证件、书面说明及相关证明材料，经作出决定的公安机关同意后办理。",
            "your valid identity document, a written statement and supporting proof; the police organ that decided must consent",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_says_reason_remedy_and_documents_in_both_languages_and_keeps_appeal_and_lawsuit_apart() {
        for measure in Measure::ALL {
            for level in ReverifyLevel::ALL {
                let why = Bilingual::new("涉嫌诈骗", "suspected fraud");
                let words = write(NoticeKind::Measure, "138****0001", *measure, &why, "CZ-1", *level, false);
                for text in [&words.text.zh, &words.text.en] {
                    assert!(text.contains("138****0001") && text.contains("CZ-1") && text.contains("96110"), "{text}");
                }
                assert!(
                    words.text.zh.contains("申诉") && words.text.zh.contains("复议") && words.text.zh.contains("诉讼")
                );
                assert!(words.text.zh.contains(words.documents.zh.as_ref()));
            }
        }
    }

    #[test]
    fn who_acted_by_itself_says_so_and_that_it_hears_the_appeal() {
        let why = Bilingual::new("频繁换机", "changes devices often");
        let write = |own| {
            write(NoticeKind::Measure, "138****0001", Measure::SuspendBoth, &why, "CZ-1", ReverifyLevel::Hall, own)
        };
        let (own, instructed) = (write(true).text, write(false).text);
        assert!(own.zh.contains("向本企业提出申诉") && !own.zh.contains("根据指令"), "{}", own.zh);
        assert!(own.en.contains("appeal to us") && own.en.contains("changes devices often"), "{}", own.en);
        assert!(instructed.zh.contains("向作出决定的机关提出申诉") && instructed.zh.contains("根据指令"));
    }
}
