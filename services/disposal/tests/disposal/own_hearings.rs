//! Who hears and who checks what an enterprise did by itself: somebody above, or beside, and never who did it.

use cordon_context::{CallContext, Code, Role};
use cordon_disposal_contract::*;
use cordon_testkit::organisation;

use crate::protective::{appeal, confirm, end, enterprise, manager, record, standing};
use crate::world::*;

fn legal() -> CallContext {
    enterprise("legal", "mobile-gd", Role::EnterpriseLegal)
}

/// A hearing from its acceptance to its decision, by one person.
pub(crate) async fn decided(world: &World, by: CallContext, filed: &Appeal, outcome: AppealOutcome) -> Appeal {
    let step = AppealStep { appeal: filed.id };
    world.link.accept_appeal(by.clone(), step.clone()).await.unwrap();
    let given = AssignAppeal { appeal: filed.id, officer: person_of(&by) };
    world.link.assign_appeal(by.clone(), given).await.unwrap();
    world.link.begin_appeal_verification(by.clone(), step).await.unwrap();
    let (reason, effective_to) = ("已核对话单".to_owned(), None);
    let decision = DecideAppeal { appeal: filed.id, outcome, reason, effective_to };
    world.link.decide_appeal(by, decision).await.unwrap()
}

#[tokio::test]
async fn headquarters_that_uphold_a_review_end_the_measure_of_their_branch() {
    for outcome in [AppealOutcome::Release, AppealOutcome::Maintain] {
        for world in worlds().await {
            let ProtectiveMeasure { order: _, task } = standing(&world).await;
            let filed = world.link.file_appeal(hotline(), appeal()).await.unwrap().appeal;
            decided(&world, legal(), &filed, AppealOutcome::Maintain).await;
            let reply = AppealText { appeal: filed.id, text: "维持".to_owned() };
            world.link.reply_appeal(legal(), reply).await.unwrap();
            let asks = AppealText { appeal: filed.id, text: "请复核".to_owned() };
            let review = world.link.request_appeal_review(hotline(), asks).await.unwrap().appeal;
            assert_eq!((review.competent, review.competence), (organisation("mobile"), Competence::Superior));
            // The branch decides nothing about its own decision, and headquarters end it by deciding and not otherwise.
            let step = AppealStep { appeal: review.id };
            let own = world.link.accept_appeal(legal(), step).await;
            assert_eq!(rule_of(own), "appeal.competent_only");
            assert_eq!(refused(world.link.order_release(headquarters(), end(&task)).await).code, Code::Denied);
            let review = decided(&world, headquarters(), &review, outcome).await;
            assert_eq!(review.decided_by, Some(person_of(&headquarters())));
            let upheld = outcome == AppealOutcome::Release;
            let state = if upheld { TaskState::ReleaseOrdered } else { TaskState::InForce };
            assert_eq!(world.task(task.id).await.state, state);
            let releases = world.link.releases_by_tasks(desk(), vec![task.id]).await.unwrap();
            assert_eq!(releases.len(), usize::from(upheld));
            if let Some(release) = releases.first() {
                assert_eq!(release.reason, ReleaseReason::AppealUpheld);
                assert_eq!(
                    (release.organisation, release.person),
                    (organisation("mobile"), Some(person_of(&headquarters())))
                );
                assert_eq!(world.carry_out_release(&task, "mobile-gd").await.state, TaskState::Released);
            }
        }
    }
}

#[tokio::test]
async fn who_carried_the_measure_out_does_not_hear_the_appeal() {
    for executed_by_legal in [false, true] {
        for world in worlds().await {
            let task = world.link.record_protective(duty("mobile-gd"), record(&world, MOBILE)).await.unwrap().task;
            let disputed = world.link.verify_task(manager(), world.check(&task, false)).await.unwrap();
            assert_eq!(disputed.state, TaskState::VerifyFailed);
            // The same person in another duty, or somebody else.
            let again = if executed_by_legal {
                enterprise("legal", "mobile-gd", Role::EnterpriseDuty)
            } else {
                duty("mobile-gd")
            };
            world.link.execute_task(again, world.execution(&disputed)).await.unwrap();
            let filed = world.link.file_appeal(hotline(), appeal()).await.unwrap().appeal;
            world.link.accept_appeal(other_legal(), AppealStep { appeal: filed.id }).await.unwrap();
            let given = AssignAppeal { appeal: filed.id, officer: person_of(&legal()) };
            let given = world.link.assign_appeal(other_legal(), given).await;
            if executed_by_legal {
                assert_eq!(rule_of(given), "appeal.decider_not_original");
            } else {
                assert_eq!(given.unwrap().officer, Some(person_of(&legal())));
            }
        }
    }
}

fn other_legal() -> CallContext {
    enterprise("legal-2", "mobile-gd", Role::EnterpriseLegal)
}

#[tokio::test]
async fn who_carried_it_out_again_confirms_the_record_and_somebody_else_checks_the_evidence() {
    for world in worlds().await {
        let recorded = world.link.record_protective(duty("mobile-gd"), record(&world, MOBILE)).await.unwrap();
        let disputed = world.link.verify_task(manager(), world.check(&recorded.task, false)).await.unwrap();
        let hands_on = enterprise("manager", "mobile-gd", Role::EnterpriseDuty);
        let done = world.link.execute_task(hands_on, world.execution(&disputed)).await.unwrap();
        let confirmed = world.link.confirm_protective(manager(), confirm(&recorded.order)).await.unwrap();
        assert_eq!(confirmed.task.state, TaskState::Executed, "their own evidence is not checked by that");
        let own_word = world.link.verify_task(manager(), world.check(&done, true)).await;
        assert_eq!(rule_of(own_word), "task.verifier_independent");
        let second = enterprise("manager-2", "mobile-gd", Role::EnterpriseManager);
        let checked = world.link.verify_task(second, world.check(&done, true)).await.unwrap();
        assert_eq!(checked.state, TaskState::InForce);
    }
    for world in worlds().await {
        // The control: somebody else carried it out again, and whoever confirms has checked it with that.
        let recorded = world.link.record_protective(duty("mobile-gd"), record(&world, MOBILE)).await.unwrap();
        let disputed = world.link.verify_task(manager(), world.check(&recorded.task, false)).await.unwrap();
        world.link.execute_task(duty("mobile-gd"), world.execution(&disputed)).await.unwrap();
        let confirmed = world.link.confirm_protective(manager(), confirm(&recorded.order)).await.unwrap();
        assert_eq!(confirmed.task.state, TaskState::InForce);
    }
}
