//! What a program owes a signature for and did not sign: nothing happens, and the attempt stays on the timeline.

use cordon_context::{CallContext, Code, Proof};
use cordon_disposal_contract::{
    AcknowledgeTask, DisownTask, DisposalClient as _, NotMine, NoticeChannel, RecordNotice, TaskState,
};

use crate::world::{MOBILE, duty, refused, rule_of, worlds};

const FAULTS: [(Proof, &str); 4] = [
    (Proof::Missing, "signature.missing"),
    (Proof::Malformed, "signature.malformed"),
    (Proof::Stale, "signature.stale"),
    (Proof::Forged, "signature.forged"),
];

fn with(proof: Proof) -> CallContext {
    CallContext { proof, ..duty("mobile-gd") }
}

#[tokio::test]
async fn an_answer_that_is_not_signed_changes_nothing_and_is_on_the_timeline() {
    for world in worlds().await {
        let order = world.issued(&[MOBILE]).await;
        let task = world.tasks(&order).await.remove(0);
        for (proof, rule) in FAULTS {
            let acknowledge = AcknowledgeTask { answer: world.answer(&task) };
            assert_eq!(rule_of(world.link.acknowledge_task(with(proof), acknowledge).await), rule);
            world.assert_refused(task.id, "task.acknowledge", rule).await;
            let disown = DisownTask { answer: world.answer(&task), not_mine: NotMine::Unknown, note: None };
            assert_eq!(rule_of(world.link.disown_task(with(proof), disown).await), rule);
            world.assert_refused(task.id, "task.disown", rule).await;
        }
        assert_eq!(world.task(task.id).await.state, TaskState::Issued);
        assert!(world.link.receipts_by_tasks(duty("mobile-gd"), vec![task.id]).await.unwrap().is_empty());
        // The negative control: the same answer, signed.
        let acknowledge = AcknowledgeTask { answer: world.answer(&task) };
        let taken = world.link.acknowledge_task(with(Proof::Signed), acknowledge.clone()).await.unwrap();
        assert_eq!(taken.state, TaskState::Received);
        // An answer that was taken is not given again to somebody who cannot sign it.
        assert_eq!(rule_of(world.link.acknowledge_task(with(Proof::Forged), acknowledge).await), "signature.forged");
    }
}

#[tokio::test]
async fn nothing_but_reading_is_open_to_a_program_that_does_not_sign() {
    for world in worlds().await {
        let order = world.issued(&[MOBILE]).await;
        let task = world.tasks(&order).await.remove(0);
        let task = world.executed(&task, "mobile-gd").await;
        let notice = world.link.notices_by_tasks(with(Proof::Forged), vec![task.id]).await.unwrap().remove(0);
        let sent = RecordNotice {
            notice: notice.id,
            channel: NoticeChannel::Sms,
            sent_at: world.now(),
            reference: "SMS-7".to_owned(),
        };
        for (proof, rule) in FAULTS {
            assert_eq!(rule_of(world.link.record_notice(with(proof), sent.clone()).await), rule);
        }
        assert!(world.link.record_notice(with(Proof::Signed), sent).await.is_ok());
        // What a stranger does not sign tells them no more than what they sign.
        let stranger = CallContext { proof: Proof::Forged, ..duty("unicom-gd") };
        let answer = world.link.acknowledge_task(stranger, AcknowledgeTask { answer: world.answer(&task) }).await;
        assert_eq!(refused(answer).code, Code::NotFound);
        assert!(world.timeline(task.id).await.iter().all(|(event, by)| event != "task.acknowledge" || by.is_none()));
    }
}
